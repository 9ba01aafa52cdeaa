"""At which values of one fact may a condition change its mind, everything else staying as it is?

A number or a date matters only where it is compared. Where both sides are linear in the fact, a comparison changes at
one point, and between two such points nothing changes: so the points and the values just beside them stand for all
values, and the nearest value that makes a difference is among them. Texts that are only compared for equality are told
apart by the policies alone; any text that no policy names stands for all the others.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Any

from rules.expression.meaning import Given, Judge, inward, outward
from rules.expression.term import COMPARISONS, MACROS, RANGE, RATIO_REACH, Op, Term
from rules.kinds import Kind, Unit
from rules.vocabulary import Field

MOST_VALUES = 400
"""Values of one fact that are looked at, the nearest ones; a longer list is cut and said to be."""

_WHOLE = (Kind.COUNT, Kind.MONEY, Kind.DAYS, Kind.DATE, Kind.DURATION, Kind.TIMESTAMP)
_STEP: Mapping[Unit, Fraction] = {Unit.RATIO: Fraction(1, 1_000)}
_FINE = Fraction(1, 10_000)
"""The last digit of a ratio that a person is shown: 0.001, and 0.01 of a percent or a point."""
_TEXTUAL = (Op.CONTAINS, Op.STARTS_WITH, Op.ENDS_WITH, Op.MATCHES)

_Line = tuple[Fraction, Fraction]
"""Slope and height at 0."""


@dataclass(frozen=True, slots=True)
class Values:
    """Values of one fact worth supposing, the nearest to its present value first; the present one is not among them."""

    values: tuple[Given | None, ...]
    """`None`: there is none."""
    whole: bool
    """Whether they stand for every value that the fact could have."""
    unnamed: str = ""
    """The one among them that stands for any text that the conditions do not name; empty for a fact that is no text."""


class _NotLinearError(Exception):
    """A fact is read in a way that has no single point of change."""


def worth_supposing(conditions: Sequence[Term], field: Field, judge: Judge, day: date) -> Values:
    """The values of a fact at which these conditions may change, all other facts being those of `judge`.

    A fact without a value is looked at from `day`, from 0, or from any text. A number keeps within the range of its
    kind, and a count at 0 or above.
    """
    absent = field.name in judge.absent
    present = None if absent else judge.case.get(field.name)
    reading = [term for condition in conditions for term in condition.walk() if _reads(term, field.name)]
    found: tuple[Given, ...] = (True, False)
    whole, unnamed = True, ""
    match field.kind:
        case Kind.BOOL:
            pass
        case Kind.TEXT:
            named, whole = _texts(reading, field.name, judge)
            unnamed = another_text({*named, present})
            found = (*sorted(named), unnamed)
        case Kind.LIST:
            found, whole = _lists(reading, field.name, judge, present)
        case kind if kind in _WHOLE or kind is Kind.RATIO:
            found, whole = _numbers(reading, field, judge, present, day)
        case _:
            found, whole = (), False
    values: tuple[Given | None, ...] = tuple(dict.fromkeys(value for value in found if value != present))
    if field.optional and (absent or present is not None):
        values = (*values, None)
    return Values(values[:MOST_VALUES], whole and len(values) <= MOST_VALUES, unnamed)


def step_of(field: Field) -> Fraction:
    """The smallest step in which a fact is moved: 1, or the last digit shown of a ratio."""
    return _STEP.get(field.unit, _FINE) if field.kind is Kind.RATIO else Fraction(1)


def _reads(term: Term, fact: str) -> bool:
    return any(part.op in (Op.FACT, Op.HAS) and part.name == fact for part in term.walk())


def _numbers(
    reading: Sequence[Term], field: Field, judge: Judge, present: Given | None, day: date
) -> tuple[tuple[Given, ...], bool]:
    points: set[Fraction] = set()
    whole = True
    for term in reading:
        try:
            points.update(_points(term, field.name, judge))
        except _NotLinearError:
            whole = False
    start = _start(field.kind, day) if present is None else Fraction(inward(present))
    if present is None:
        points.add(start)
    near = _beside_ratios(points, step_of(field)) if field.kind is Kind.RATIO else _beside_wholes(points)
    within = sorted((p for p in near if _allowed(p, field.kind, start)), key=lambda p: (abs(p - start), -p))
    return tuple(_value(p, field.kind) for p in within), whole


def _start(kind: Kind, day: date) -> Fraction:
    return Fraction(day.toordinal() if kind is Kind.DATE else 0)


def _value(point: Fraction, kind: Kind) -> Given:
    if kind is Kind.RATIO:
        return point
    value: Given = outward(int(point), kind)
    return value


def _allowed(point: Fraction, kind: Kind, start: Fraction) -> bool:
    if kind is Kind.RATIO:
        return abs(point.numerator) <= RATIO_REACH and point.denominator <= RATIO_REACH
    least, most = RANGE[kind]
    return min(start, Fraction(0 if kind is Kind.COUNT else least)) <= point <= most


def _beside_wholes(points: Iterable[Fraction]) -> Iterator[Fraction]:
    """Each point with its neighbours, so that between two points the first and the last value are there."""
    for point in points:
        beside = (point - 1, point, point + 1) if point.denominator == 1 else (floor(point), ceil(point))
        yield from map(Fraction, beside)


def _beside_ratios(points: Iterable[Fraction], step: Fraction) -> Iterator[Fraction]:
    ordered = sorted(points)
    if not ordered:
        return
    gaps = [above - below for below, above in pairwise(ordered)]
    for point, before, after in zip(ordered, [None, *gaps], [*gaps, None], strict=True):
        yield point
        # Never onto or past the next point: what lies between the two would be left out.
        yield point - (step if before is None or step < before else before / 2)
        yield point + (step if after is None or step < after else after / 2)


def _points(term: Term, fact: str, judge: Judge) -> Iterator[Fraction]:
    """Where the two sides of a comparison meet; nothing for a term that only passes on what its parts say."""
    if term.op not in (*COMPARISONS, Op.IN) or term.parts[0].kind not in (*_WHOLE, Kind.RATIO):
        _require_passing(term, fact)
        return
    one, *others = term.parts
    for other in others:
        if other.kind is not Kind.LIST:
            right = [_lines(other, fact, judge)]
        elif other.op is Op.LIST:
            right = [_lines(item, fact, judge) for item in other.parts]
        else:
            right = [_constants(other, fact, judge)]
        for lines in right:
            yield from _crossings(_lines(one, fact, judge), lines)


def _require_passing(term: Term, fact: str) -> None:
    """Refuse a term that reads the fact and changes with it in a way of its own."""
    if term.op in (*MACROS, Op.INDEX, Op.REMAINDER, Op.SIZE) and any(
        part.op is Op.FACT and part.name == fact for part in term.walk()
    ):
        raise _NotLinearError


def _crossings(one: Iterable[_Line], other: Sequence[_Line]) -> Iterator[Fraction]:
    for a, b in one:
        for c, d in other:
            if a != c:
                yield (d - b) / (a - c)


def _lines(term: Term, fact: str, judge: Judge) -> Sequence[_Line]:
    """The lines that a number may follow as the fact moves; none where it is unknown whatever the fact."""
    if not _reads(term, fact):
        value = _judged(term, judge)
        return () if value is None else ((Fraction(0), Fraction(value)),)
    match term.op:
        case Op.FACT:
            return ((Fraction(1), Fraction(0)),)
        case Op.DEFINITION:
            return _lines(term.parts[0], fact, judge)
        case Op.IF:
            return [line for branch in term.parts[1:] for line in _lines(branch, fact, judge)]
        case Op.NEGATE:
            return [(-a, -b) for a, b in _lines(term.parts[0], fact, judge)]
        case Op.PLUS | Op.MINUS:
            sign = 1 if term.op is Op.PLUS else -1
            pairs = _pairs(term, fact, judge)
            return [(a + sign * c, b + sign * d) for (a, b), (c, d) in pairs]
        case Op.TIMES:
            if all(_reads(part, fact) for part in term.parts):
                raise _NotLinearError
            return [(a * d + c * b, b * d) for (a, b), (c, d) in _pairs(term, fact, judge)]
        case Op.QUOTIENT if not _reads(term.parts[1], fact):
            # Cut off towards 0, so it meets a whole number up to one divisor away from where the line does.
            pairs = _pairs(term, fact, judge)
            return [(a / d, b / d + cut) for (a, b), (_, d) in pairs if d for cut in (-1, 0, 1)]
        case _:
            raise _NotLinearError


def _pairs(term: Term, fact: str, judge: Judge) -> list[tuple[_Line, _Line]]:
    one, other = (_lines(part, fact, judge) for part in term.parts)
    return [(left, right) for left in one for right in other]


def _constants(term: Term, fact: str, judge: Judge) -> Sequence[_Line]:
    if _reads(term, fact):
        raise _NotLinearError
    return [(Fraction(0), Fraction(item)) for item in _judged(term, judge) or ()]


def _judged(term: Term, judge: Judge) -> Any:
    if _free(term):
        raise _NotLinearError
    return judge.judged(term).value


def _free(term: Term) -> frozenset[str]:
    """Variables of a macro around the term."""
    if term.op is Op.VARIABLE:
        return frozenset({term.name})
    below = frozenset[str]().union(*map(_free, term.parts))
    return below - {term.name} if term.op in MACROS else below


def _texts(reading: Sequence[Term], fact: str, judge: Judge) -> tuple[set[str], bool]:
    """Texts that the fact is compared with."""
    named: set[str] = set()
    whole = True
    for term in reading:
        if term.op in (Op.EQUAL, Op.UNEQUAL, Op.IN, *_TEXTUAL):
            try:
                named.update(_named(term, fact, judge))
            except _NotLinearError:
                whole = False
        ordered = term.op in COMPARISONS and term.op not in (Op.EQUAL, Op.UNEQUAL) and term.parts[0].kind is Kind.TEXT
        joined = term.op in (Op.PLUS, Op.LIST) and term.kind in (Kind.TEXT, Kind.LIST)
        whole = whole and not ordered and not joined and term.op not in (*_TEXTUAL, *MACROS, Op.SIZE)
    return named, whole


def _named(term: Term, fact: str, judge: Judge) -> Iterator[str]:
    for part in term.parts:
        if _reads(part, fact):
            yield from _named(part, fact, judge)
        elif term.op is not Op.MATCHES:
            value = _judged(part, judge)
            yield from (text for text in (value if isinstance(value, tuple) else (value,)) if isinstance(text, str))


def another_text(taken: Collection[object]) -> str:
    """A text that is none of these."""
    return next(text for n in range(len(taken) + 1) if (text := f"other{n or ''}") not in taken)


def _lists(reading: Sequence[Term], fact: str, judge: Judge, present: Given | None) -> tuple[tuple[Given, ...], bool]:
    """The list with one item more, and with one less, of those that are asked for."""
    items = present if isinstance(present, tuple) else ()
    asked: dict[str, None] = {}
    for term in reading:
        if term.op is Op.IN and not _reads(term.parts[0], fact):
            try:
                value = _judged(term.parts[0], judge)
            except _NotLinearError:
                continue
            if isinstance(value, str):
                asked[value] = None
    changed = [
        tuple(item for item in items if item != each) if each in items else (*items, each) for each in sorted(asked)
    ]
    return (*changed, ()), False
