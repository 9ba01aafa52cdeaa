"""How is a pattern of the portable subset written for an engine whose regular expressions are not RE2's?

The subset is that of `rules.expression.pattern`. Every sign of the text is written by its code point, so that none has
a meaning of its own; what engines differ in is asked for: the ends of the text, a sign but a line break, large counts.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

_PART = re.compile(
    r"\\(?P<escaped>.)|\[(?P<negated>\^?)(?P<members>(?:\\.|[^\]\\])+)\]|(?P<group>\((?:\?:)?)"
    r"|\{(?P<least>[0-9]+)(?P<comma>,?)(?P<most>[0-9]*)\}|(?P<sign>.)",
    re.DOTALL,
)
_MEMBER = re.compile(r"(\\.|[^\\])(?:-(\\.|[^\\]))?", re.DOTALL)
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an engine writes what engines write differently."""

    sign: Callable[[str], str]
    """One sign of the text, inside a class and outside."""
    start: str = "^"
    end: str = "$"
    """The very end, not before a last line break."""
    most: int = 1000
    """Greatest count of a repetition."""


def rewritten(pattern: str, dialect: Dialect) -> str:
    """The same pattern in a dialect. `pattern` was accepted by `rules.expression.pattern`."""
    done: list[str] = []
    opened: list[int] = []
    atom = 0
    for part in _PART.finditer(pattern):
        before = len(done)
        if part["least"]:
            done[atom:] = [_counted("".join(done[atom:]), part, dialect.most)]
        elif part["group"]:
            opened.append(before)
            done.append("(?:")
        elif part["sign"] == ")":
            atom = opened.pop()
            done.append(")")
        elif (sign := part["sign"]) and sign in "*+?|^$":
            done.append({"^": dialect.start, "$": dialect.end}.get(sign, sign))
        else:
            atom = before
            done.append(_one(part, dialect))
    return "".join(done)


def _one(part: re.Match[str], dialect: Dialect) -> str:
    """What takes one sign of the text."""
    if part["members"]:
        members = (
            "-".join(dialect.sign(_read(end)) for end in member.groups() if end)
            for member in _MEMBER.finditer(part["members"])
        )
        return f"[{part['negated']}{''.join(members)}]"
    if part["sign"] == ".":
        return f"[^{dialect.sign(chr(10))}]"
    return dialect.sign(_read(part[0]))


def _read(written: str) -> str:
    return _CONTROLS.get(written[1:], written[1:]) if written.startswith("\\") else written


def _counted(atom: str, part: re.Match[str], most: int) -> str:
    """So many times, in several repetitions where one cannot count so far."""
    least = int(part["least"])
    last = int(part["most"]) if part["most"] else None if part["comma"] else least
    fixed = "".join(f"{atom}{{{count}}}" for count in _shares(least, most))
    if last is None:
        return f"(?:{fixed}{atom}*)"
    return f"(?:{fixed}{''.join(f'{atom}{{0,{count}}}' for count in _shares(last - least, most))})"


def _shares(count: int, most: int) -> list[int]:
    return [most] * (count // most) + [count % most] * (count % most > 0)
