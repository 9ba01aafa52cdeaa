"""What signs may an expression hold? Its tokens, and what to write instead of signs that the language does not have."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rules.problem import BadInput, Problem
from rules.tree import Source

_TOKEN = re.compile(
    r"""[ \t\n\f\r]+
    | (?P<number>[0-9][0-9A-Za-z_]*(?:\.[0-9]\w*)?)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<text>"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
    | (?P<operator>==|!=|<=|>=|&&|\|\||[-<>+*!(),\[\]])
    """,
    re.VERBOSE,
)
_REFUSED = {
    "?": ("a choice with `?` is not part of the language", "write one rule for each case"),
    ":": ("a choice with `:` is not part of the language", "write one rule for each case"),
    "/": ("division is not part of the language", "multiply the other side, or compare a ratio fact"),
    "%": ("division is not part of the language", 'for a share write `percent("30")`'),
    "=": ("`=` does not compare", "write `==`"),
    "&": ("`&` is no operator", "write `&&`"),
    "|": ("`|` is no operator", "write `||`"),
    "{": ("maps are not part of the language", ""),
    ".": ("a dot must stand inside a name, without blanks", "`account.tier`"),
    '"': ("this text is not closed", 'end it with `"` on the same line'),
    "'": ("this text is not closed", "end it with `'` on the same line"),
}


@dataclass(frozen=True, slots=True)
class Token:
    sort: str
    """`number`, `name`, `text`, `operator` or `end`."""
    text: str
    offset: int


def refusal(source: Source, offset: int, message: str, *, hint: str = "", expected: str = "") -> BadInput:
    """One problem at a place of the text, to be raised."""
    return BadInput([Problem(source.at(offset), message, expected=expected, hint=hint)])


def tokens(source: Source) -> Iterator[Token]:
    """The tokens in order, then one of sort `end`. Raises BadInput at the first sign that is none."""
    text, offset = source.text, 0
    while offset < len(text):
        found = _TOKEN.match(text, offset)
        if found is None or text.startswith("//", offset):
            raise _unreadable(source, offset)
        if found.lastgroup:
            yield Token(found.lastgroup, found[0], offset)
        offset = found.end()
    yield Token("end", "", offset)


def _unreadable(source: Source, offset: int) -> BadInput:
    sign = source.text[offset]
    if source.text.startswith("//", offset):
        message, hint = "comments are not part of an expression", "write `#` on a line of its own in the file"
    elif sign in _REFUSED:
        message, hint = _REFUSED[sign]
    else:
        written = f"`{sign}`" if sign.isprintable() else f"U+{ord(sign):04X}"
        message, hint = f"unexpected character {written}", ""
    return refusal(source, offset, message, hint=hint)
