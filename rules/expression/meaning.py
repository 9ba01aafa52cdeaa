"""What value does a term have for one case? Exact values; constants are computed by the same rules when checked.

A missing value is unknown. `&&` and `||` are Kleene's: false decides the one, true the other, whatever is unknown
beside it, and so do `all` and `exists` over the items of a list. Everything else is unknown where a part is, and where
CEL has an error: dividing by 0, leaving 64 bits or the calendar of times, beyond the end of a list.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any, ClassVar

from rules.expression.pattern import found_in
from rules.expression.term import DURATION_REACH, INT64, MACROS, NAMED, RANGE, TIMESTAMP_REACH, Op, Term
from rules.kinds import Kind, Value

Given = Value | tuple[Value, ...]
Round = Callable[[Fraction], int]
"""To a whole number of the minor unit."""

_LIMITS = {Kind.COUNT: INT64, Kind.TIMESTAMP: TIMESTAMP_REACH, Kind.DURATION: DURATION_REACH}
"""Beyond these CEL has an error. Formula lines of money are unbounded."""


def _quotient(dividend: int, divisor: int) -> int | None:
    if not divisor:
        return None
    size = abs(dividend) // abs(divisor)
    return size if (dividend < 0) is (divisor < 0) else -size


def _remainder(dividend: int, divisor: int) -> int | None:
    if not divisor:
        return None
    size = abs(dividend) % abs(divisor)
    return -size if dividend < 0 else size


def _item(items: tuple[Any, ...], position: int) -> Any:
    return items[position] if 0 <= position < len(items) else None


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
    Op.QUOTIENT: _quotient,
    Op.REMAINDER: _remainder,
    Op.LIST: lambda *items: items,
    Op.SIZE: len,
    Op.INDEX: _item,
    Op.CONTAINS: lambda text, part: part in text,
    Op.STARTS_WITH: str.startswith,
    Op.ENDS_WITH: str.endswith,
    Op.MATCHES: lambda text, pattern: found_in(pattern, text),
    Op.DEFINITION: lambda value: value,
    Op.MAX: lambda *values: max(values),
    Op.MIN: lambda *values: min(values),
    Op.SHARE: lambda part, whole: Fraction(part, whole) if whole else None,
}
"""From known values to a value; `None` where there is none."""
_ROUND: Mapping[Op, Callable[..., Fraction | None]] = {
    Op.DIVIDE: lambda money, count: Fraction(money, count) if count else None,
    Op.PRORATE: lambda money, part, whole: Fraction(money * part, whole) if whole else None,
    Op.PART: lambda money, ratio: money * Fraction(ratio),
}
"""From known values to what is then rounded."""
_DECIDED: Mapping[Op, bool] = {Op.AND: False, Op.OR: True, Op.ALL: False, Op.EXISTS: True}
"""The value that decides, whatever else is unknown."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A term and its value for the case at hand. A date is an `int`: days since 0001-01-01, that day being 1."""

    term: Term
    value: Any
    parts: "tuple[Judged, ...]" = ()
    """What it was made of; of a choice, the condition and the branch taken; of a macro, the list and the body for
    each item.
    """
    missing: tuple[str, ...] = ()
    """Names of the facts and parameters that made it unknown, in order of mention."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges terms on one case. `case` maps facts, and earlier formula lines by their bare name."""

    case: Mapping[str, Given | None]
    parameters: Mapping[str, Given]
    absent: frozenset[str] = frozenset()
    """Facts of a data set that is not there: unknown, also under `has`."""
    rounded: Round = round
    variables: Mapping[str, Any] = field(default_factory=dict)

    def judged(self, term: Term) -> Judged:
        """The value of a term, with those of its parts."""
        return self._HOW.get(term.op, Judge._of_parts)(self, term)

    def _of_parts(self, term: Term) -> Judged:
        return self._combined(term, tuple([self.judged(part) for part in term.parts]))

    def _fact(self, term: Term) -> Judged:
        return self._leaf(term, None if term.name in self.absent else self.case.get(term.name))

    def _literal(self, term: Term) -> Judged:
        return Judged(term, inward(term.value))

    def _variable(self, term: Term) -> Judged:
        return Judged(term, self.variables[term.name])

    def _has(self, term: Term) -> Judged:
        if term.name in self.absent:
            return Judged(term, None, missing=(term.name,))
        return Judged(term, self.case.get(term.name) is not None)

    def _leaf(self, term: Term, value: Given | None) -> Judged:
        return Judged(term, None, missing=(term.name,)) if value is None else Judged(term, inward(value))

    def _parameter(self, term: Term) -> Judged:
        given = self.parameters.get(term.name)
        if term.kind is Kind.LIST:
            return self._leaf(term, given if given is None or isinstance(given, tuple) else (given,))
        return self._leaf(term, None if isinstance(given, tuple) else given)

    def _choice(self, term: Term) -> Judged:
        condition = self.judged(term.parts[0])
        if condition.value is None:
            return Judged(term, None, (condition,), condition.missing)
        taken = self.judged(term.parts[1 if condition.value else 2])
        return Judged(term, taken.value, (condition, taken), taken.missing)

    def _member(self, term: Term) -> Judged:
        item, *options = (self.judged(part) for part in term.parts)
        one_list = options[0].term.kind is Kind.LIST
        looked_at = (item, *options) if one_list and options[0].term.op is not Op.LIST else (item,)
        among = options[0].value if one_list else tuple(option.value for option in options)
        if item.value is None or among is None:
            return Judged(term, None, looked_at, _missing((item, *options)))
        return Judged(term, item.value in among, looked_at)

    def _macro(self, term: Term) -> Judged:
        listed = self.judged(term.parts[0])
        if listed.value is None:
            return Judged(term, None, (listed,), listed.missing)
        bodies = tuple(
            replace(self, variables={**self.variables, term.name: item}).judged(term.parts[1]) for item in listed.value
        )
        results = [body.value for body in bodies]
        value = over_items(term.op, listed.value, results)
        missing = (_missing(bodies) or names_in(term.parts[1])) if value is None else ()
        return Judged(term, value, (listed, *bodies), missing)

    def _combined(self, term: Term, parts: tuple[Judged, ...]) -> Judged:
        values = tuple([part.value for part in parts])
        if term.op in _DECIDED:
            value: Any = over_items(Op.ALL if term.op is Op.AND else Op.EXISTS, (), values)
            return Judged(term, value, parts, _missing(parts) if value is None else ())
        if None in values:
            return Judged(term, None, parts, _missing(parts))
        if term.op in _ROUND:
            exact = _ROUND[term.op](*values)
            value = None if exact is None else self.rounded(exact)
        else:
            value = _COMPUTE[term.op](*values)
        least, most = _LIMITS.get(term.kind, (value, value))
        if value is not None and not least <= value <= most:
            value = None
        # Known parts without a value: the divisor is 0, and what it was made of is all there is to report.
        return Judged(term, value, parts, names_in(term.parts[-1]) if value is None else ())

    _HOW: ClassVar[Mapping[Op, Callable[["Judge", Term], Judged]]] = {
        Op.FACT: _fact,
        Op.LINE: _fact,
        Op.PARAMETER: _parameter,
        Op.LITERAL: _literal,
        Op.VARIABLE: _variable,
        Op.HAS: _has,
        Op.IF: _choice,
        Op.IN: _member,
        **dict.fromkeys(MACROS, _macro),
    }
    """How each is judged; what is not here is combined from its parts."""


def over_items(op: Op, items: tuple[Any, ...], results: "tuple[Any, ...] | list[Any]") -> Any:
    """What a macro answers, from the items of its list and what its body says of each; `None` is unknown."""
    if op in _DECIDED and _DECIDED[op] in results:
        return _DECIDED[op]
    if None in results:
        return None
    match op:
        case Op.ALL | Op.EXISTS:
            return not _DECIDED[op]
        case Op.EXISTS_ONE:
            return results.count(True) == 1
        case Op.FILTER:
            return tuple(item for item, kept in zip(items, results, strict=True) if kept)
        case _:
            return tuple(results)


def names_in(term: Term) -> tuple[str, ...]:
    """Facts, parameters and lines that a term names, in order of mention."""
    return tuple(dict.fromkeys(t.name for t in term.walk() if t.op in NAMED))


def inward(value: Given | None) -> Any:
    """A value as it is computed with: dates are days, in lists too."""
    if isinstance(value, tuple):
        return tuple(inward(item) for item in value)
    return value.toordinal() if isinstance(value, date) else value


def outward(value: Any, kind: Kind, of: Kind | None = None) -> Any:
    """A computed value as the policies know it. A date beyond year 9999 is unknown, and so is a list that holds one."""
    if kind is Kind.LIST and value is not None and of is Kind.DATE:
        items = tuple(outward(item, Kind.DATE) for item in value)
        return None if None in items else items
    if kind is Kind.DATE and isinstance(value, int):
        least, most = RANGE[Kind.DATE]
        return date.fromordinal(value) if least <= value <= most else None
    return value


def _missing(parts: tuple[Judged, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in parts for name in part.missing))
