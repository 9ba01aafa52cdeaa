"""The suites of CEL's parser, checker and macros of two variables: expressions, and what CEL makes of each.

For each the tree that CEL's parser finds or its error, and the type that its checker finds or its error. The suites of
the parser and of the macros declare no variables. That of the checker does, but not in the data: they are read from the
trees, in which the checker writes the type of each.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rules.kinds import Kind
from rules.vocabulary import Field
from tests.conformance.cel_cases import Foreign, Type, named

STAGES = ("parsing", "checking", "comprehension")
_TYPE = r"(?!type\()(?!test-only)\w+(?:\.\w+(?!\w*~))*(?:\([^~^\n]*\))?"
_NAME = re.compile(rf"(?<![\w.])(?P<name>[A-Za-z_][\w.]*)~(?P<type>{_TYPE})\^(?P=name)(?P<parts>(?:\.\w+~{_TYPE})*)")
"""`x~google.expr.Message^x.count~int`: a variable, its type, and the parts that are selected, each with its type."""
_PART = re.compile(rf"(?P<part>\.\w+)~(?P<type>{_TYPE})")
_LOOPED = re.compile(r"// Variable\n\s*(\w+),")
_ERROR = re.compile(r"ERROR: [^:\n]*:([0-9]+):([0-9]+): ")
_UNSAID = {
    "has(m)": "m~list(int)^m",
    "m.map(__result__, __result__)": "m~list(int)^m",
    "m.filter(__result__, false)": "m~list(int)^m",
    "m.filter(a.b, false)": "m~list(int)^m",
    "x.all(y, y == true)": "x~bool^x",
    "x.repeated_int64.exists(y, y > 10) && y < 5": "x.repeated_int64~list(int)^x.repeated_int64",
}
"""Variables of expressions that CEL's checker refuses or never sees, so that it is not for want of them."""


@dataclass(frozen=True, slots=True)
class StageCase:
    """One case."""

    name: str
    """Suite, number and expression, on one line."""
    suite: str
    text: str
    tree: str | None
    """As CEL's parser finds it; None where it has an error."""
    type: Type | None
    """That CEL's checker finds; None where it has an error, or the parser had one."""
    fields: Mapping[str, Field]
    foreign: bool
    """A variable is of a kind that facts do not have."""
    error_at: tuple[int, int] | None
    """Line and column of CEL's first error, where it names them."""


def stage_cases(folder: Path) -> Iterator[StageCase]:
    """Every case of the three suites whose tables are in `folder`."""
    for suite in STAGES:
        for i, test in enumerate(json.loads((folder / f"{suite}.json").read_text("utf-8"))["tests"], start=1):
            yield _case(suite, i, test)


def conformance_trees(folder: Path) -> Iterator[tuple[str, str]]:
    """The expressions of the conformance suite that CEL's parser reads, with their trees; of all files."""
    waiting = [json.loads((folder / "conformance.json").read_text("utf-8"))]
    while waiting:
        part = waiting.pop()
        waiting.extend(part.get("suites", ()))
        yield from ((test["original"]["expr"], test["ast"]) for test in part.get("tests", ()) if "ast" in test)


def _case(suite: str, number: int, test: Mapping[str, Any]) -> StageCase:
    text = test["original"]["expr"]
    types = variables(test.get("checkedAst", _UNSAID.get(text, "")))
    known = {name: of for name, of in types.items() if not isinstance(of, Foreign) and Kind.BYTES not in of}
    error = _ERROR.match(test.get("error", ""))
    return StageCase(
        name=f"{suite} {number} {' '.join(text.split())[:90]}",
        suite=suite,
        text=text,
        tree=test.get("ast"),
        type=named(test["type"]) if "type" in test else None,
        fields={name: Field(name, of[0], "variable", of=of[1]) for name, of in known.items()},
        foreign=len(known) < len(types),
        error_at=(int(error[1]), int(error[2])) if error else None,
    )


def variables(checked: str) -> Mapping[str, Type]:
    """The variables of a checked tree and what is selected of them, `x.count`, with their types."""
    found: dict[str, Type] = {}
    for variable in _NAME.finditer(checked):
        name = variable["name"]
        found[name] = named(variable["type"])
        for selected in _PART.finditer(variable["parts"]):
            name += selected["part"]
            found[name] = named(selected["type"])
    looped = set(_LOOPED.findall(checked))
    return {name: of for name, of in found.items() if name not in looped}
