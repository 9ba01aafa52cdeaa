"""Is a regular expression understood alike by every engine, and is it found in a text?

The subset means the same to Python, RE2 (which CEL and the database use) and Java, and cannot take exponential time:

    alternatives a|b   groups (…) (?:…)   classes [a-z0-9_] [^…]   any but a line break .   ends ^ $
    repetition * + ? {2} {2,} {2,5}, not of what repeats itself    escapes \\. \\* \\n \\t and the like
"""

import re
from functools import lru_cache

MAX_REPEAT = 1000
"""RE2 allows no more."""
_SIGNS = frozenset("\\.+*?()|[]{}^$-/")
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r"}
_COUNTS = re.compile(r"\{([0-9]{1,4})(?:(,)([0-9]{1,4})?)?\}")


class Unportable(ValueError):  # noqa: N818 -- named for the situation, as BadInput is
    """A pattern outside the subset; the sentence a person reads, and what to write."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.hint = hint
        super().__init__(message)


def found_in(pattern: str, text: str) -> bool:
    """Whether a part of the text matches the pattern. Raises Unportable."""
    return _compiled(pattern).search(text) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(portable(pattern), re.ASCII)


def portable(pattern: str) -> str:
    """The same pattern for Python, whose `$` would also match before a last line break. Raises Unportable."""
    reader = _Reader(pattern)
    written = reader.alternatives()
    if reader.at < len(pattern):
        raise Unportable("`)` closes no group", r"write `\)` for the sign itself")
    return written


class _Reader:
    """Reads a pattern from left to right, writing it anew."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.repeats = False
        """Whether what was read last repeats something within."""

    def alternatives(self) -> str:
        branches, repeats = [], False
        while True:
            branches.append(self._branch())
            repeats |= self.repeats
            if not self._took("|"):
                self.repeats = repeats
                return "|".join(branches)

    def _branch(self) -> str:
        written, repeats = [], False
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            atom, may_repeat = self._atom()
            written.append(atom + self._repetition(may_repeat=may_repeat))
            repeats |= self.repeats
        self.repeats = repeats
        return "".join(written)

    def _atom(self) -> tuple[str, bool]:
        """One sign, class or group, and whether it may be repeated."""
        sign, self.repeats = self.pattern[self.at], False
        self.at += 1
        match sign:
            case "(":
                return self._group(), True
            case "[":
                return self._class(), True
            case "\\":
                return re.escape(self._escape()), True
            case "^":
                return "^", False
            case "$":
                return r"\Z", False
            case ".":
                return ".", True
            case "*" | "+" | "?":
                raise Unportable(f"`{sign}` has nothing to repeat", f"write `\\{sign}` for the sign itself")
            case "{" | "}" | "]":
                raise Unportable(f"`{sign}` stands alone", f"write `\\{sign}` for the sign itself")
            case _:
                return re.escape(sign), True

    def _group(self) -> str:
        if self._took("?") and not self._took(":"):
            raise Unportable("only plain groups are portable", "write `(…)`: no look-around, names or flags")
        inside = self.alternatives()
        if not self._took(")"):
            raise Unportable("a group is not closed", r"write `\(` for the sign itself")
        return f"(?:{inside})"

    def _repetition(self, *, may_repeat: bool) -> str:
        start, within = self.at, self.repeats
        counts = _COUNTS.match(self.pattern, self.at)
        if counts:
            self.at = counts.end()
            least, most = int(counts[1]), int(counts[3] or counts[1])
            if max(least, most) > MAX_REPEAT or most < least:
                raise Unportable(f"`{counts[0]}` is no count", f"at most {MAX_REPEAT} times, the smaller number first")
        elif not (self._took("*") or self._took("+") or self._took("?")):
            return ""
        written = self.pattern[start : self.at]
        if not may_repeat:
            raise Unportable(f"`{written}` repeats `^` or `$`", "leave it out")
        if self.pattern[self.at : self.at + 1] in ("*", "+", "?") or _COUNTS.match(self.pattern, self.at):
            raise Unportable("one repetition follows another", "no lazy or possessive repetition; use a group")
        if within and written != "?":
            raise Unportable("what repeats is repeated again", "repeat only the inner or the outer part")
        self.repeats = within or written != "?"
        return written

    def _class(self) -> str:
        negated = "^" if self._took("^") else ""
        members: list[str] = []
        while not self._took("]"):
            first = self._member()
            last = first
            if self.pattern[self.at : self.at + 1] == "-" and self.pattern[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                last = self._member()
            if last < first:
                raise Unportable(f"`{first}-{last}` is no range", "the smaller sign stands first")
            members.append(re.escape(first) if first == last else f"{re.escape(first)}-{re.escape(last)}")
        if not members:
            raise Unportable("a class is empty", r"write `[abc]`, and `\]` for the sign itself")
        return f"[{negated}{''.join(members)}]"

    def _member(self) -> str:
        sign = self.pattern[self.at : self.at + 1]
        self.at += 1
        if not sign:
            raise Unportable("a class is not closed", r"write `\[` for the sign itself")
        if sign in "[&^~":
            raise Unportable(f"`{sign}` in a class means other things elsewhere", f"write it outside, or `\\{sign}`")
        return self._escape() if sign == "\\" else sign

    def _escape(self) -> str:
        sign = self.pattern[self.at : self.at + 1]
        self.at += 1
        if sign in _CONTROLS:
            return _CONTROLS[sign]
        if sign and sign in _SIGNS:
            return sign
        hint = "write classes out: `[0-9]`, `[A-Za-z0-9_]`, `[ \\t]`" if sign in tuple("dDwWsSbB") else ""
        raise Unportable(f"`\\{sign}` is not portable", hint)

    def _took(self, sign: str) -> bool:
        took = self.pattern.startswith(sign, self.at)
        self.at += took
        return took
