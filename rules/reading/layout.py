"""How is a policy file laid out? The same file, with its comments, in one canonical form; the one door to ruamel.yaml.

Conditions are printed canonically, lists and sets of keys that do not fit their line are opened up, indentation is
even. Nothing else changes: the file means what it meant, and every comment is still there, or it is refused.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString

from rules.expression.printer import printed
from rules.expression.syntax import parse
from rules.expression.tree import Chain, Node, Source
from rules.problem import BadInput, Place, Problem
from rules.reading.yaml_source import Document, comments_of, read_yaml

WIDTH = 120
"""Characters of a line, as in the rest of the house."""
_EXPRESSIONS = frozenset({"when", "until", "formula", "where"})
"""Keys whose text is an expression, wherever they stand."""
_NO_WRAP = 1_000_000


def laid_out(text: str, file: str) -> str:
    """The file in canonical layout. Raises BadInput where it is no YAML, or an expression has a syntax error, or the
    layout would change what the file says.
    """
    before = read_yaml(text, file)
    _check_expressions(before)
    layout = YAML()
    layout.preserve_quotes = True
    layout.width = _NO_WRAP
    layout.indent(mapping=2, sequence=4, offset=2)
    try:
        document = layout.load(text)
    except YAMLError as error:
        raise BadInput([Problem(Place(file), f"cannot be laid out: {type(error).__name__}")]) from None
    if document is None:
        return text
    _tidy(document, 0)
    out = io.StringIO()
    layout.dump(document, out)
    tidy = "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
    _require_same(before, text, read_yaml(tidy, file), tidy)
    return tidy


def _check_expressions(document: Document) -> None:
    problems: list[Problem] = []
    for path, written in _expressions(document.value, ()):
        try:
            parse(Source(written, document.place(path), document.locator(path)))
        except BadInput as refused:
            problems.extend(refused.problems)
    if problems:
        raise BadInput(problems)


def _expressions(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every expression of a document with its path. What examples give is data, whatever its keys are called."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in _EXPRESSIONS and isinstance(inner, str):
                yield (*path, key), inner
            elif key != "given":
                yield from _expressions(inner, (*path, str(key)))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for i, inner in enumerate(value):
            yield from _expressions(inner, (*path, i))


def _tidy(value: Any, indent: int) -> None:
    """Print expressions and open up what does not fit, in place; `indent` is the column that the value's lines have."""
    if isinstance(value, CommentedMap):
        for key in value:
            inner = value[key]
            if key in _EXPRESSIONS and isinstance(inner, str):
                value[key] = _printed(inner, indent + 2, room=WIDTH - indent - len(str(key)) - 2)
                continue
            if key == "given":
                continue
            _open_up(inner, indent + len(str(key)) + 2)
            _tidy(inner, indent + (4 if isinstance(inner, CommentedSeq) else 2))
    elif isinstance(value, CommentedSeq):
        for inner in value:
            _open_up(inner, indent)
            _tidy(inner, indent)


def _open_up(value: Any, column: int) -> None:
    """Block style for a set of keys or a list that would run past the end of the line."""
    if (
        isinstance(value, CommentedMap | CommentedSeq)
        and value.fa.flow_style()
        and column + _flow_length(value) > WIDTH
    ):
        value.fa.set_block_style()


def _flow_length(value: Any) -> int:
    """Characters of a value on one line."""
    out = io.StringIO()
    writer = YAML()
    writer.preserve_quotes = True
    writer.width = _NO_WRAP
    writer.dump([value], out)
    return len(out.getvalue().rstrip()) - 2


def _printed(written: str, indent: int, *, room: int) -> str:
    """An expression as the language prints it: on one line if there is room, else one part a line."""
    if "//" in written:
        return written  # the tree has no place for a comment
    tree = parse(Source(written, Place("")))
    text = _clear(tree)
    return text if len(text) + 2 <= room else LiteralScalarString("\n".join(_lines(tree, WIDTH - indent)))


def _clear(node: Node) -> str:
    """The canonical text, with parentheses around every `&&` within `||`, which few know to bind more tightly."""
    if not isinstance(node, Chain):
        return printed(node)
    return f" {node.operator} ".join(_inside(part) for part in node.parts)


def _inside(part: Node) -> str:
    return f"({_clear(part)})" if isinstance(part, Chain) else printed(part)


def _lines(node: Node, width: int) -> list[str]:
    """Lines of at most `width` characters, where the parts allow it: each part of a chain begins one."""
    if len(text := _clear(node)) <= width or not isinstance(node, Chain):
        return [text]
    found: list[str] = []
    for i, part in enumerate(node.parts):
        sign = f"{node.operator} " if i else ""
        if isinstance(part, Chain) and len(_inside(part)) + len(sign) > width:
            first, *rest = _lines(part, width - len(sign) - 2)
            found += [f"{sign}({first}", *(" " * (len(sign) + 1) + line for line in rest)]
            found[-1] += ")"
        else:
            found.append(sign + _inside(part))
    return found


def _require_same(before: Document, text: str, after: Document, tidy: str) -> None:
    """Raises BadInput unless both say the same and carry the same comments."""
    same = _comparable(before.value) == _comparable(after.value)
    if not same or sorted(comments_of(text)) != sorted(comments_of(tidy)):
        hint = "move the comments of this file to lines of their own"
        raise BadInput([Problem(Place(before.file), "cannot be laid out without changing what it says", hint=hint)])


def _comparable(value: Any) -> Any:
    if isinstance(value, Mapping):
        pairs = {}
        for key, inner in value.items():
            if key == "given":
                pairs[key] = inner
                continue
            is_expression = key in _EXPRESSIONS and isinstance(inner, str) and "//" not in inner
            pairs[str(key)] = printed(parse(Source(inner, Place("")))) if is_expression else _comparable(inner)
        return pairs
    if isinstance(value, list):
        return [_comparable(inner) for inner in value]
    return value
