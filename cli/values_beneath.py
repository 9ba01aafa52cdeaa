"""What did every part of an expression come to? Its text as written, with the values beneath, each where it belongs.

has(account.last_moved_on) && move.effective < account.last_moved_on + cooldown
|                             |              | |                     | |
true                          2026-08-27     | 2026-03-01            | 180 days
                                             true                    2026-08-28
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from cli.unprintable import printable
from rules.expression.check import Checked
from rules.expression.meaning import Judge, Judged, outward
from rules.expression.term import MACROS, Op
from rules.kinds import Kind, shown

STYLES = {"true": "green", "false": "red", "unknown": "magenta"}
LONGEST = 40
"""Cells of one value."""
_QUOTED = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'')
_WORDS = {Op.HAS: "has", Op.NEGATE: "-", Op.INDEX: "[", Op.IF: "?"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A value, and the offset in the text of what it is the value of."""

    at: int
    words: str


def values_beneath(checked: Checked, judge: Judge, width: int, minor_digits: int) -> tuple[Text, ...]:
    """The lines of the drawing, as wide as `width` where the text can be broken; none where the text is another's."""
    marks = tuple(dict.fromkeys(_marks(judge.judged(checked.node), checked.text, minor_digits)))
    if not marks:
        return ()
    pieces = _pieces(checked.text, width)
    return tuple(line for start, stop in pieces for line in _drawn(checked.text, marks, start, stop))


def words_of(judged: Judged, minor_digits: int) -> str:
    """A value in the words of the language: a condition is `true`, `false` or `unknown`."""
    term = judged.term
    value = outward(judged.value, term.kind, term.of)
    if term.kind is Kind.BOOL and value is not None:
        return "true" if value else "false"
    words = printable(" ".join(shown(value, term.kind, term.unit, minor_digits=minor_digits, of=term.of).split()))
    return words if cell_len(words) <= LONGEST else f"{words[: LONGEST // 2]}…"


def _marks(judged: Judged, text: str, minor_digits: int) -> Iterator[Mark]:
    """Values with the offsets where they belong; a term that was written elsewhere has none."""
    term = judged.term
    written = text[term.offset : term.end] if term.end else ""
    if term.op is Op.LITERAL:
        return
    if term.name and term.op not in MACROS and "".join(written.split()) == term.name:
        # A name stands for its value, whatever it was put together from: a definition, or a parameter with overrides.
        yield Mark(term.offset, words_of(judged, minor_digits))
        return
    sign = _WORDS.get(term.op, term.op.value)
    if term.op not in (Op.AND, Op.OR, Op.LIST) and text.startswith(sign, term.offset) and written:
        yield Mark(term.offset, words_of(judged, minor_digits))
    if term.op is not Op.HAS:
        for part in judged.parts[:1] if term.op in MACROS else judged.parts:
            yield from _marks(part, text, minor_digits)


def _pieces(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Where each line of the drawing begins and ends: as written, broken in front of `&&` and `||`, or at blanks."""
    start = 0
    for line in text.split("\n"):
        stop = start + len(line)
        here = start
        while cell_len(text[here:stop]) > width:
            cut = _cut(text, here, stop, width)
            yield here, cut
            here = cut
        if text[here:stop].strip():
            yield here, stop
        start = stop + 1


def _cut(text: str, start: int, stop: int, width: int) -> int:
    quoted = [m.span() for m in _QUOTED.finditer(text, start, stop)]
    fitting = [i for i in range(start + 1, stop) if cell_len(text[start:i]) <= width]
    outside = [i for i in fitting if not any(a < i < b for a, b in quoted)]
    joints = [i for i in outside if text.startswith(("&& ", "|| "), i) and text[start:i].strip()]
    blanks = [i for i in outside if text[i - 1] == " " and text[start:i].strip()]
    return next((found[-1] for found in (joints, blanks, fitting) if found), stop)


def _drawn(text: str, marks: Sequence[Mark], start: int, stop: int) -> Iterator[Text]:
    """One line of the text, and below it the values that belong to it, the last one first."""
    yield Text(printable(text[start:stop].replace("\t", " ")).rstrip())
    here = {cell_len(text[start : m.at]): m.words for m in marks if start <= m.at < stop}
    waiting = sorted(here)
    if waiting:
        yield _row(dict.fromkeys(waiting, "|"), dim=True)
    while waiting:
        row: dict[int, str] = {}
        room = None
        left = []
        for column in reversed(waiting):
            if room is None or column + cell_len(here[column]) < room:
                row[column] = here[column]
            else:
                row[column] = "|"
                left.append(column)
            room = column
        waiting = sorted(left)
        yield _row(row)


def _row(words: dict[int, str], *, dim: bool = False) -> Text:
    row = Text()
    for column in sorted(words):
        word = words[column]
        row.append(" " * (column - row.cell_len))
        row.append(word, style="dim" if dim or word == "|" else STYLES.get(word, "cyan"))
    return row
