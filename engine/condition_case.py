"""What does an expression say about one case, and which parts of it decide? Exact values, and clauses to explain them.

A missing value is unknown. `&&` and `||` are Kleene's: false decides the one, true the other, whatever is unknown
beside it; everything else is unknown where a part is. `engine.condition_sql` must agree on every case.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from rules.check import Checked
from rules.kinds import Kind, Unit, Value
from rules.term import NAMED, RANGE, Op, Term

Case = Mapping[str, Value | None]
Parameters = Mapping[str, Value | tuple[Value, ...]]


def _divided(money: int, count: int) -> int | None:
    return round(Fraction(money, count)) if count else None


def _prorated(money: int, part: int, whole: int) -> int | None:
    return _divided(money * part, whole)


_COMPUTE: Mapping[Op, Callable[..., Any]] = {
    Op.NOT: operator.not_,
    Op.EQUAL: operator.eq,
    Op.UNEQUAL: operator.ne,
    Op.LESS: operator.lt,
    Op.AT_MOST: operator.le,
    Op.GREATER: operator.gt,
    Op.AT_LEAST: operator.ge,
    Op.NEGATE: operator.neg,
    Op.PLUS: operator.add,
    Op.MINUS: operator.sub,
    Op.TIMES: operator.mul,
    Op.MAX: max,
    Op.MIN: min,
    Op.DIVIDE: _divided,
    Op.PRORATE: _prorated,
    Op.PART: lambda money, ratio: round(money * Fraction(ratio)),
}
"""From known values to a value; `None` where a divisor is 0."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One part of an expression with the value it has for a case."""

    text: str
    value: Value | None
    """`None` is unknown; for a condition, true or false."""
    kind: Kind
    unit: Unit
    children: "tuple[Clause, ...]"
    missing: tuple[str, ...]
    """Names of the facts (or parameters) that made it unknown, in order of mention; empty where it is known."""
    matters: bool
    """Whether the whole expression has its value because of this part: the false parts of a false `&&`, and so on."""


def value_of(
    checked: Checked, case: Case, parameters: Parameters, absent: frozenset[str] = frozenset()
) -> Value | None:
    """The expression's value for a case; `None` is unknown. A date beyond year 9999 is unknown.

    `case` maps facts, and earlier formula lines by their bare name; what it does not hold is missing. Facts in `absent`
    belong to a data set that is not there: unknown, also under `has`. Only `divide`, `prorate` and `part` round,
    half-even, to the minor unit.
    """
    return _outward(_Judge(case, parameters, absent).judged(checked.node))


def clauses_of(checked: Checked, case: Case, parameters: Parameters, absent: frozenset[str] = frozenset()) -> Clause:
    """The expression as a tree of clauses, each with its value for the case; arguments as in `value_of`."""
    return _clause(_Judge(case, parameters, absent).judged(checked.node), matters=True)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A term and its value for the case at hand: an `int` for dates, days since 0001-01-01, that day being 1."""

    term: Term
    value: Any
    parts: "tuple[_Judged, ...]" = ()
    missing: tuple[str, ...] = ()


def _outward(judged: _Judged) -> Value | None:
    value: Value | None = judged.value
    if judged.term.kind is Kind.DATE and isinstance(value, int):
        least, most = RANGE[Kind.DATE]
        return date.fromordinal(value) if least <= value <= most else None
    return value


def _clause(judged: _Judged, *, matters: bool) -> Clause:
    deciding = _deciding(judged)
    children = tuple(_clause(part, matters=matters and part in deciding) for part in judged.parts)
    term = judged.term
    return Clause(term.text, _outward(judged), term.kind, term.unit, children, judged.missing, matters)


def _deciding(judged: _Judged) -> tuple[_Judged, ...]:
    """The parts without which the value would or could be another."""
    op, value, parts = judged.term.op, judged.value, judged.parts
    if value is None:
        return tuple(part for part in parts if part.value is None) or parts
    if op in (Op.AND, Op.OR, Op.MAX, Op.MIN):
        return tuple(part for part in parts if part.value == value)
    return parts


@dataclass(frozen=True, slots=True)
class _Judge:
    case: Case
    parameters: Parameters
    absent: frozenset[str]

    def judged(self, term: Term) -> _Judged:
        match term.op:
            case Op.FACT | Op.LINE:
                return self.leaf(term, None if term.name in self.absent else self.case.get(term.name))
            case Op.PARAMETER:
                given = self.parameters.get(term.name)
                return self.leaf(term, None if isinstance(given, tuple) else given)
            case Op.LITERAL:
                return self.leaf(term, term.value)
            case Op.HAS:
                if term.name in self.absent:
                    return _Judged(term, None, missing=(term.name,))
                return _Judged(term, self.case.get(term.name) is not None)
            case Op.IN:
                return self.member(term)
            case _:
                return _combined(term, tuple(self.judged(part) for part in term.parts))

    def leaf(self, term: Term, value: Value | None) -> _Judged:
        if value is None:
            return _Judged(term, None, missing=(term.name,))
        return _Judged(term, value.toordinal() if isinstance(value, date) else value)

    def member(self, term: Term) -> _Judged:
        item = self.judged(term.parts[0])
        listed = term.parts[1]
        if listed.op is Op.LITERAL:
            options = tuple(option.value for option in term.parts[1:])
        else:
            given = self.parameters.get(listed.name)
            if given is None:
                return _Judged(term, None, (item,), (*item.missing, listed.name))
            options = given if isinstance(given, tuple) else (given,)
        if item.value is None:
            return _Judged(term, None, (item,), item.missing)
        return _Judged(term, _outward(item) in options, (item,))


def _combined(term: Term, parts: tuple[_Judged, ...]) -> _Judged:
    values = tuple(part.value for part in parts)
    decided = {Op.AND: False, Op.OR: True}.get(term.op)
    if decided is not None and decided in values:
        return _Judged(term, decided, parts)
    if None in values:
        return _Judged(term, None, parts, tuple(dict.fromkeys(name for part in parts for name in part.missing)))
    value = _COMPUTE[term.op](*values) if decided is None else not decided
    # Known parts without a value: the divisor is 0, and what it was made of is all there is to report.
    missing = tuple(t.name for t in term.parts[-1].walk() if t.op in NAMED) if value is None else ()
    return _Judged(term, value, parts, missing)
