"""What signs may an expression hold? Its tokens, as CEL reads them, and what to write instead of signs that are none.

A raw text ends at the first quote: its backslashes are signs as any other.
Blanks and comments (`// …` to the end of the line) stand between tokens.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from rules.expression.refusal import Reason, refusal
from rules.expression.tree import Source
from rules.problem import BadInput

_TOKEN = re.compile(
    r"""[ \t\n\f\r]+
    | //[^\n]*(?P<comment>\n|\Z)
    | (?P<number>0[xX]\w*|[0-9][0-9A-Za-z_]*(?:\.[0-9]\w*)?(?:(?<=[eE])[-+][0-9]+)?|\.[0-9]\w*)
    | (?P<text>[bB]?[rR](?:\"{3}.*?\"{3}|'{3}.*?'{3}|"(?!"")[^"\n\r]*"|'(?!'')[^'\n\r]*')|[bB]?(?:
        \"{3}(?:[^"\\]|\\.|\"{1,2}(?!\"))*\"{3}
      | '{3}(?:[^'\\]|\\.|'{1,2}(?!'))*'{3}
      | "(?!"")(?:[^"\\\n\r]|\\.)*"
      | '(?!'')(?:[^'\\\n\r]|\\.)*'
      ))
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<operator>==|!=|<=|>=|&&|\|\||[-<>+*/%!?:.(),\[\]])
    """,
    re.VERBOSE | re.DOTALL,
)
_REFUSED = {
    "=": ("`=` does not compare", "write `==`", Reason.SYNTAX),
    "&": ("`&` is no operator", "write `&&`", Reason.SYNTAX),
    "|": ("`|` is no operator", "write `||`", Reason.SYNTAX),
    "{": ("maps are not part of the language", "", Reason.MAP),
    "`": ("quoted names are not part of the language", "", Reason.SELECTION),
    '"': ("this text is not closed", 'end it with `"` on the same line', Reason.SYNTAX),
    "'": ("this text is not closed", "end it with `'` on the same line", Reason.SYNTAX),
}


class Token(NamedTuple):
    """One sign, word, number or text; there are so many that they are plain tuples."""

    sort: str
    """`number`, `name`, `text`, `operator` or `end`."""
    text: str
    offset: int

    @property
    def end(self) -> int:
        return self.offset + len(self.text)


def tokens(source: Source) -> Iterator[Token]:
    """The tokens in order, then one of sort `end`. Raises BadInput at the first sign that is none."""
    text, offset = source.text, 0
    while offset < len(text):
        found = _TOKEN.match(text, offset)
        if found is None:
            raise _unreadable(source, offset)
        sort = found.lastgroup
        if sort == "comment" and not found["comment"]:
            raise refusal(
                source,
                offset,
                "a comment must end with its line, and nothing follows this one",
                reason=Reason.COMMENT,
                hint="text folded with `>` joins its lines: write it with `|`, or the comment with `#` in the file",
                end=found.end(),
            )
        if sort and sort != "comment":
            yield Token(sort, found[0], offset)
        offset = found.end()
    yield Token("end", "", offset)


def _unreadable(source: Source, offset: int) -> BadInput:
    sign = source.text[offset]
    if sign in _REFUSED:
        message, hint, reason = _REFUSED[sign]
    else:
        written = f"`{sign}`" if sign.isprintable() else f"U+{ord(sign):04X}"
        message, hint, reason = f"unexpected character {written}", "", Reason.SYNTAX
    return refusal(source, offset, message, hint=hint, reason=reason)
