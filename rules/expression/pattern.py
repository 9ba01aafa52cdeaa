"""Is a regular expression understood alike by every engine, and is it found in a text?

The subset means the same to RE2 (which CEL and the database use), Python and Java:

    alternatives a|b   groups (…) (?:…)   classes [a-z0-9_] [^…]   any but a line break .   ends ^ $
    repetition * + ? {2} {2,} {2,5}, counts not within counts   escapes \\. \\* \\n \\t and the like

Found by following all ways through the pattern at once, so that time grows with pattern times text and never faster.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

MAX_REPEAT = 1000
"""RE2 allows no more."""
MAX_STEPS = 5_000
"""Steps of a pattern, its counts written out."""
MAX_GROUPS = 100
_SIGNS = frozenset("\\.+*?()|[]{}^$-/")
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r"}
_COUNTS = re.compile(r"\{([0-9]{1,4})(?:(,)([0-9]{1,4})?)?\}")


class Unportable(ValueError):  # noqa: N818 -- named for the situation, as BadInput is
    """A pattern outside the subset; the sentence a person reads, and what to write."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.hint = hint
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class _Sign:
    """One sign of the text: any within the ranges, or any but those."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False

    def fits(self, sign: str) -> bool:
        return any(first <= sign <= last for first, last in self.ranges) is not self.negated


@dataclass(frozen=True, slots=True)
class _Fork:
    """Go on at each of these steps, counted from here; nothing of the text is taken."""

    ways: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _End:
    """Go on where the text begins (`^`), or ends."""

    start: bool


_Steps = tuple[_Sign | _Fork | _End, ...]


def found_in(pattern: str, text: str) -> bool:
    """Whether a part of the text matches the pattern. Raises Unportable."""
    steps = steps_of(pattern)
    reached: set[int] = set()
    for at in range(len(text) + 1):
        reached = _followed(steps, {*reached, 0}, first=at == 0, last=at == len(text))
        if len(steps) in reached:
            return True
        sign = text[at : at + 1]
        reached = {n + 1 for n in reached if isinstance(step := steps[n], _Sign) and sign and step.fits(sign)}
    return False


def _followed(steps: _Steps, reached: set[int], *, first: bool, last: bool) -> set[int]:
    """All steps that are reached from these without taking a sign."""
    rest = list(reached)
    while rest:
        now = rest.pop()
        step = steps[now] if now < len(steps) else None
        ways: Sequence[int] = ()
        if isinstance(step, _Fork):
            ways = step.ways
        elif isinstance(step, _End) and (first if step.start else last):
            ways = (1,)
        fresh = {now + way for way in ways} - reached
        reached |= fresh
        rest.extend(fresh)
    return reached


@lru_cache(maxsize=256)
def steps_of(pattern: str) -> _Steps:
    """The pattern, read. Raises Unportable."""
    reader = _Reader(pattern)
    steps = reader.alternatives()
    if reader.at < len(pattern):
        raise Unportable("`)` closes no group", r"write `\)` for the sign itself")
    return steps


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.counted = False
        """Whether what was read last has counts within."""
        self.groups = 0

    def alternatives(self) -> _Steps:
        steps, counted = self._branch(), self.counted
        while self._took("|"):
            other = self._branch()
            counted |= self.counted
            steps = (_Fork((1, len(steps) + 2)), *steps, _Fork((len(other) + 1,)), *other)
        self.counted = counted
        return steps

    def _branch(self) -> _Steps:
        steps: _Steps = ()
        counted = False
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            atom, may_repeat = self._atom()
            steps += self._repeated(atom, may_repeat=may_repeat)
            counted |= self.counted
            if len(steps) > MAX_STEPS:
                raise Unportable("the pattern is too large", f"at most {MAX_STEPS:,} steps with counts written out")
        self.counted = counted
        return steps

    def _atom(self) -> tuple[_Steps, bool]:
        """One sign, class or group, and whether it may be repeated."""
        sign, self.counted = self.pattern[self.at], False
        self.at += 1
        match sign:
            case "(":
                return self._group(), True
            case "[":
                return (self._class(),), True
            case "\\":
                return (_one(self._escape()),), True
            case "^" | "$":
                return (_End(sign == "^"),), False
            case ".":
                return (_Sign((("\n", "\n"),), negated=True),), True
            case "*" | "+" | "?":
                raise Unportable(f"`{sign}` has nothing to repeat", f"write `\\{sign}` for the sign itself")
            case "{" | "}" | "]":
                raise Unportable(f"`{sign}` stands alone", f"write `\\{sign}` for the sign itself")
            case _:
                return (_one(sign),), True

    def _group(self) -> _Steps:
        self.groups += 1
        if self.groups > MAX_GROUPS:
            raise Unportable("there are too many groups", f"at most {MAX_GROUPS}")
        if self._took("?") and not self._took(":"):
            raise Unportable("only plain groups are portable", "write `(…)`: no look-around, names or flags")
        inside = self.alternatives()
        if not self._took(")"):
            raise Unportable("a group is not closed", r"write `\(` for the sign itself")
        return inside

    def _repeated(self, atom: _Steps, *, may_repeat: bool) -> _Steps:
        start, counts = self.at, _COUNTS.match(self.pattern, self.at)
        if counts:
            self.at = counts.end()
        elif not (self._took("*") or self._took("+") or self._took("?")):
            return atom
        written = self.pattern[start : self.at]
        if not may_repeat:
            raise Unportable(f"`{written}` repeats `^` or `$`", "leave it out")
        if self.pattern[self.at : self.at + 1] in ("*", "+", "?") or _COUNTS.match(self.pattern, self.at):
            raise Unportable("one repetition follows another", "no lazy or possessive repetition; use a group")
        optional, again = _Fork((1, len(atom) + 1)), _Fork((-len(atom), 1))
        any_times = (_Fork((1, len(atom) + 2)), *atom, _Fork((-len(atom) - 1,)))
        match written:
            case "*":
                return any_times
            case "+":
                return (*atom, again)
            case "?":
                return (optional, *atom)
        return self._counted(atom, written, (optional, *atom), any_times)

    def _counted(self, atom: _Steps, written: str, optional: _Steps, any_times: _Steps) -> _Steps:
        first, comma, last = written[1:-1].partition(",")
        least, most = int(first), int(last or first)
        if max(least, most) > MAX_REPEAT or most < least:
            raise Unportable(f"`{written}` is no count", f"at most {MAX_REPEAT} times, the smaller number first")
        if self.counted:
            raise Unportable("counts stand within counts", "write only the inner or the outer one")
        if (len(atom) + 1) * (most + 1) > MAX_STEPS:
            raise Unportable("the pattern is too large", f"at most {MAX_STEPS:,} steps with counts written out")
        self.counted = True
        return atom * least + (any_times if comma and not last else optional * (most - least))

    def _class(self) -> _Sign:
        negated = self._took("^")
        ranges: list[tuple[str, str]] = []
        while not self._took("]"):
            first = self._member()
            last = first
            if self.pattern[self.at : self.at + 1] == "-" and self.pattern[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                last = self._member()
            if last < first:
                raise Unportable(f"`{first}-{last}` is no range", "the smaller sign stands first")
            ranges.append((first, last))
        if not ranges:
            raise Unportable("a class is empty", r"write `[abc]`, and `\]` for the sign itself")
        return _Sign(tuple(ranges), negated)

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


def _one(sign: str) -> _Sign:
    return _Sign(((sign, sign),))
