"""What does a literal spell? CEL's forms: plain and hexadecimal integers; quoted and raw text, and such bytes."""

import re
import sys

from rules.expression.refusal import Reason, refusal
from rules.expression.tokens import Token
from rules.expression.tree import Literal, Source
from rules.kinds import Kind
from rules.problem import BadInput

MOST_NEGATED = 2**63
"""The greatest whole number that is written: it exists behind a minus sign only."""

_LONGEST = 20
"""Signs of a number; a longer row of digits is refused unread, as reading takes time in the square of its length."""
_PLAIN = re.compile(r"0|[1-9][0-9]*|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[0-9]*\.[0-9]+(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]*")
_UNSIGNED = re.compile(r"(?:[0-9]+|0[xX][0-9a-fA-F]+)[uU]")
_ESCAPE = re.compile(
    r"""(?P<as_is>[^\\]+) | \\(?:
      (?P<plain>[abfnrtv\\?"'`])
    | [xX](?P<byte>[0-9a-fA-F]{2}) | u(?P<short>[0-9a-fA-F]{4}) | U(?P<long>[0-9a-fA-F]{8}) | (?P<octal>[0-3][0-7]{2})
    | (?P<none>.)
    )""",
    re.VERBOSE | re.DOTALL,
)
_PLAIN_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Controls of the direction of writing (Unicode UAX 9), which make a text look like another."""
_SURROGATE = re.compile("[\ud800-\udfff]")


def number(source: Source, token: Token) -> Literal:
    """A whole number of at most 2⁶³. Raises BadInput for floats, unsigned numbers, and what is none."""
    text = token.text
    if _FLOAT.fullmatch(text):
        raise _refused(
            source,
            token,
            f"`{text}` is a floating-point number",
            Reason.FLOAT,
            hint=f'write `ratio("{text}")`, `percent("…")` or `money("…")`',
        )
    if _UNSIGNED.fullmatch(text):
        raise _refused(source, token, f"`{text}` is an unsigned number", Reason.UNSIGNED, hint=f"write `{text[:-1]}`")
    if not _PLAIN.fullmatch(text):
        raise _refused(source, token, f"`{text}` is not a whole number", Reason.SYNTAX, hint="write it in plain digits")
    if len(text) > _LONGEST or int(text, 0) > MOST_NEGATED:
        raise _refused(source, token, "number is too large", Reason.UNDEFINED, expected="at most 9223372036854775807")
    return Literal(int(text, 0), Kind.COUNT, token.offset, token.end)


def text_literal(source: Source, token: Token) -> Literal:
    """The text between the quotes, escapes replaced, or its UTF-8 behind `b`, where a code is one byte.

    Raises BadInput for false escapes and hidden signs.
    """
    quote = re.search("['\"]", token.text)
    start = quote.start() if quote else 0
    prefix = token.text[:start].lower()
    kind = Kind.BYTES if "b" in prefix else Kind.TEXT
    width = 3 if token.text[start : start + 3] in ('"""', "'''") else 1
    body, first = token.text[start + width : -width], token.offset + start + width
    for pattern, reason in ((_SURROGATE, Reason.SYNTAX), (_TURNING, Reason.BIDI)):
        hidden = pattern.search(body)
        if hidden:
            code = ord(hidden[0])
            raise refusal(
                source,
                first + hidden.start(),
                f"unexpected character U+{code:04X} in a text",
                reason=reason,
                hint=f"write `\\u{code:04x}`" if reason is Reason.BIDI and kind is Kind.TEXT else "",
            )
    value = _kept(body, kind) if "r" in prefix else _unescaped(source, body, first, kind)
    return Literal(value, kind, token.offset, token.end)


def _kept(signs: str, kind: Kind) -> str:
    """Signs as they stand: bytes are their UTF-8, each byte a sign of its own."""
    return signs.encode().decode("latin-1") if kind is Kind.BYTES else signs


def _unescaped(source: Source, body: str, first: int, kind: Kind) -> str:
    def sign(found: re.Match[str]) -> str:
        if found["plain"]:
            return _PLAIN_ESCAPES.get(found["plain"], found["plain"])
        if found["as_is"]:
            return _kept(found[0], kind)
        wide = found["short"] or found["long"]
        digits = found["byte"] or wide
        code = int(digits, 16) if digits else int(found["octal"] or "0", 8)
        false = found["none"] or (wide and kind is Kind.BYTES)
        if false or code > sys.maxunicode or _SURROGATE.match(chr(code)):
            shown = found[0] if found[0].isprintable() else "\\"
            example = "\\u00e9" if kind is Kind.TEXT else "\\xe9"
            raise refusal(
                source,
                first + found.start(),
                f"`{shown}` is no escape",
                expected=f"one of `\\\\`, `\\\"`, `\\'`, `\\n`, `\\t`, `\\r`, or a code such as `{example}`",
                hint='in a pattern write `r"…"`, or two backslashes',
                end=first + found.end(),
            )
        return chr(code)

    return _ESCAPE.sub(sign, body)


def _refused(
    source: Source, token: Token, message: str, reason: Reason, *, hint: str = "", expected: str = ""
) -> BadInput:
    return refusal(source, token.offset, message, reason=reason, hint=hint, expected=expected, end=token.end)
