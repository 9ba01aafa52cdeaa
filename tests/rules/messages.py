"""Every message that reading a policy can give, found in the code: the text of each `Problem`, what varies left out.

Messages are written where they are given, as a plain text or an f-string; a variable is followed to what it was
assigned in the same function, a table to its entries. What one message says with other words in it is one template.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RULES = Path(__file__).parents[2] / "rules"
APART = {
    "proof/claim.py": "claims about policies are told by tests of the analysis",
    "proof/solver_terms.py": "broken promises of the code, not of a policy",
    "model/deadline.py": "told when a deadline is computed",
    "model/calendar.py": "told when days are computed",
    "model/metric.py": "a broken promise of the code",
    "reading/layout.py": "told when a file is laid out anew",
    "reading/review_rules.py": "told of a decision's own rules",
}
_PLACE_OF_MESSAGE = {
    "Problem": 1, "refuse": 1, "refusal": 2, "refused_at": 2, "wrong": 1, "_wrong": 1, "_refuse": 1, "_refused": 2,
    "Refused": 0, "require_alike": 2, "ValueError": 0, "TooFine": 0, "NamedZone": 0, "Unportable": 0,
}  # fmt: skip
_PREFIX = {"Unportable": "in the pattern, "}
_OF_LATER = ("has no example for it",)
"""Told of a policy that loads."""


@dataclass(frozen=True, slots=True)
class Template:
    """A message with `{}` for what varies."""

    text: str

    def fits(self, message: str) -> bool:
        pattern = ".*".join(re.escape(part) for part in self.text.split("{}"))
        return re.fullmatch(pattern, message, re.DOTALL) is not None

    @property
    def weight(self) -> int:
        """The more it says by itself, the better it describes a message that it fits."""
        return len(self.text.replace("{}", ""))


def templates() -> tuple[Template, ...]:
    """Every template, the ones that say most first."""
    apart = {RULES / name for name in APART}
    found = {text for path in sorted(RULES.rglob("*.py")) if path not in apart for text in _texts(path)}
    kept = (text for text in found if text and not text.endswith(_OF_LATER))
    return tuple(sorted((Template(text) for text in kept), key=lambda t: (-t.weight, t.text)))


def _texts(path: Path) -> Iterator[str]:
    module = ast.parse(path.read_text("utf-8"))
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
    for function in functions:
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            place = _PLACE_OF_MESSAGE.get(name, len(call.args))
            if place < len(call.args):
                for text in _written(call.args[place], function, module):
                    yield ("`{}`: " if path.stem == "shapes" else _PREFIX.get(name, "")) + text


def _written(node: ast.expr, function: ast.FunctionDef, module: ast.Module) -> Iterator[str]:
    """The texts that an expression may be, as far as the function and the module's tables say."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield re.sub(
                r"(\{\})+", "{}", "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in parts)
            )
        case ast.IfExp(body=one, orelse=other):
            yield from _written(one, function, module)
            yield from _written(other, function, module)
        case ast.BinOp(left=ast.JoinedStr() as left, right=right):
            for text in _written(right, function, module):
                yield next(_written(left, function, module)) + text
        case ast.Name(id=name):
            for value in _assigned(name, function, module):
                yield from _written(value, function, module)
        case _:
            pass


def _assigned(name: str, function: ast.FunctionDef, module: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign):
            continue
        match node.targets[0], node.value:
            case ast.Name(id=found), value if found == name:
                yield value
            case ast.Tuple(elts=targets), ast.Tuple(elts=values):
                yield from (v for t, v in zip(targets, values, strict=True) if isinstance(t, ast.Name) and t.id == name)
            case ast.Tuple(elts=targets), ast.Subscript(value=ast.Name(id=table)):
                at = next((i for i, t in enumerate(targets) if isinstance(t, ast.Name) and t.id == name), None)
                yield from (row.elts[at] for row in _rows(table, module) if at is not None)
            case _:
                pass


def _rows(table: str, module: ast.Module) -> Iterator[ast.Tuple]:
    for node in module.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(values=values)) if name == table:
                yield from (value for value in values if isinstance(value, ast.Tuple))
            case _:
                pass
