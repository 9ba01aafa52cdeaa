"""What does a condition say in SQL? A checked expression as one boolean expression of DuckDB.

Facts are columns named by the fact, `"account.tier"`; a ratio is two, `"x#n"` and `"x#d"`, the second null or 0 where
it is unknown. NULL is unknown and the connectives are Kleene's, as in `engine.condition_case`, which must agree on
every row. Every literal is cast, and every product has room: no row within the declared ranges can abort a query.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from engine.database import quoted, text
from rules.check import Checked
from rules.kinds import Kind, Value
from rules.term import COMPARISONS, FORMULAS, RANGE, RATIO_REACH, Op, Term

_TYPES = {
    Kind.BOOL: "BOOLEAN",
    Kind.TEXT: "VARCHAR",
    Kind.DATE: "DATE",
    Kind.COUNT: "BIGINT",
    Kind.MONEY: "BIGINT",
    Kind.DAYS: "BIGINT",
}
_SIGNS = {Op.EQUAL: "=", Op.UNEQUAL: "<>"}
_WIDE = 2**127 - 1
"""Greatest HUGEINT."""
_LIMB = 10**15
"""A ratio's numerator or denominator is two of these, so that sums of limb products stay within HUGEINT."""


class _Ratio(NamedTuple):
    """Two HUGEINT expressions and the greatest magnitude either can have."""

    over: str
    under: str
    most: int


def condition_sql(
    checked: Checked, parameters: Mapping[str, Value | tuple[Value, ...]], absent: frozenset[str] = frozenset()
) -> str:
    """A boolean SQL expression over columns of facts: true, false, or NULL for unknown.

    A parameter that is not given is unknown, and so is a fact in `absent`, whose column is not read, also under `has`.
    Raises ValueError for a formula line or a ratio, which have no single SQL value, and for a parameter out of range.
    """
    return _Writer(parameters, absent).value(checked.node)


@dataclass(frozen=True, slots=True)
class _Writer:
    """DuckDB's spelling; another dialect overrides the few methods that write types, literals and dates."""

    parameters: Mapping[str, Value | tuple[Value, ...]]
    absent: frozenset[str]

    def value(self, term: Term) -> str:
        """A term of any kind but RATIO."""
        if term.op in FORMULAS or term.kind is Kind.RATIO:
            raise ValueError(f"`{term.text}` has no value in SQL")
        match term.op:
            case Op.FACT:
                known = term.name not in self.absent
                return self.cast(quoted(term.name), term.kind) if known else self.cast("NULL", term.kind)
            case Op.PARAMETER:
                given = self.parameters.get(term.name)
                return self.cast("NULL", term.kind) if given is None else self.literal(_single(term, given), term.kind)
            case Op.LITERAL:
                return self.literal(term.value, term.kind)
            case Op.HAS:
                return self.has(term)
            case Op.NOT:
                return f"(NOT {self.value(term.parts[0])})"
            case Op.AND | Op.OR:
                return f"({f' {term.op.name} '.join(self.value(part) for part in term.parts)})"
            case Op.IN:
                return self.member(term)
            case Op.NEGATE:
                return f"(-{self.value(term.parts[0])})"
            case _:
                left, right = term.parts
                return self.compared(term.op, left, right) if term.op in COMPARISONS else self.computed(term)

    def cast(self, sql: str, kind: Kind) -> str:
        return f"CAST({sql} AS {_TYPES[kind]})"

    def wide(self, sql: str | int) -> str:
        return f"CAST({sql} AS HUGEINT)"

    def literal(self, value: Value | None, kind: Kind) -> str:
        if kind is Kind.BOOL:
            return "TRUE" if value else "FALSE"
        if kind is Kind.TEXT:
            return self.cast(text(str(value)), kind)
        if isinstance(value, date):
            return self.cast(text(value.isoformat()), kind)
        return self.cast(str(value), kind)

    def has(self, term: Term) -> str:
        """Never NULL, but for a fact whose data set is absent."""
        fact = term.parts[0]
        if fact.name in self.absent:
            return self.cast("NULL", Kind.BOOL)
        if fact.kind is not Kind.RATIO:
            return f"({quoted(fact.name)} IS NOT NULL)"
        ratio = self.ratio(fact)
        return f"({ratio.over} IS NOT NULL AND {ratio.under} IS NOT NULL)"

    def computed(self, term: Term) -> str:
        """A sum, difference or product of integers, days and dates; its range is proven by the checker."""
        left, right = (
            self.offset(part) if term.kind is Kind.DATE and part.kind is Kind.DAYS else self.value(part)
            for part in term.parts
        )
        return f"({left} {term.op.value} {right})"

    def offset(self, days: Term) -> str:
        """Days as the type that DuckDB adds to a date."""
        return f"CAST({self.value(days)} AS INTEGER)"

    def member(self, term: Term) -> str:
        item, *options = term.parts
        if options[0].op is Op.LITERAL:
            values = [option.value for option in options if option.value is not None]
        else:
            given = self.parameters.get(options[0].name)
            if given is None:
                return self.cast("NULL", Kind.BOOL)
            values = [_single(options[0], value) for value in (given if isinstance(given, tuple) else (given,))]
        if item.kind is Kind.RATIO:
            ratio = self.ratio(item)
            equal = [self.ratios_compared(Op.EQUAL, ratio, self.fraction(value, item)) for value in values]
            return f"({' OR '.join(equal)})" if equal else self.no_member(ratio.over + " + " + ratio.under)
        if not values:
            return self.no_member(self.value(item))
        return f"({self.value(item)} IN ({', '.join(self.literal(value, item.kind) for value in values)}))"

    def no_member(self, item: str) -> str:
        """Nothing is in an empty list; of an unknown value even that is unknown."""
        return f"(CASE WHEN ({item}) IS NOT NULL THEN FALSE END)"

    def compared(self, op: Op, left: Term, right: Term) -> str:
        if left.kind is Kind.RATIO:
            return self.ratios_compared(op, self.ratio(left), self.ratio(right))
        return f"({self.value(left)} {_SIGNS.get(op, op.value)} {self.value(right)})"

    def ratio(self, term: Term) -> _Ratio:
        match term.op:
            case Op.FACT if term.name in self.absent:
                return _Ratio(self.wide("NULL"), self.wide("NULL"), 1)
            case Op.FACT:
                over, under = quoted(f"{term.name}#n"), quoted(f"{term.name}#d")
                return _Ratio(self.wide(over), f"NULLIF({self.wide(under)}, 0)", RATIO_REACH)
            case Op.LITERAL:
                return self.fraction(term.value, term)
            case Op.PARAMETER:
                given = self.parameters.get(term.name)
                return self.fraction(None if given is None else _single(term, given), term)
            case _:
                raise ValueError(f"`{term.text}` has no value in SQL")

    def fraction(self, value: Value | None, term: Term) -> _Ratio:
        if value is None or isinstance(value, str | date):
            return _Ratio(self.wide("NULL"), self.wide("NULL"), 1)
        over, under = Fraction(value).as_integer_ratio()
        if max(abs(over), under) > RATIO_REACH:
            raise ValueError(f"`{term.text}` is out of range")
        return _Ratio(self.wide(over), self.wide(under), max(abs(over), under))

    def ratios_compared(self, op: Op, left: _Ratio, right: _Ratio) -> str:
        """By cross-multiplication; denominators are positive, so that no sign turns."""
        sign = _SIGNS.get(op, op.value)
        if left.most * right.most <= _WIDE:
            return f"({left.over} * {right.under} {sign} {right.over} * {left.under})"
        return f"({self.sign_of_difference((left.over, right.under), (right.over, left.under))} {sign} 0)"

    def high(self, sql: str) -> str:
        return f"({sql} // {self.wide(_LIMB)})"

    def low(self, sql: str) -> str:
        return f"({sql} % {self.wide(_LIMB)})"

    def sign_of_difference(self, left: tuple[str, str], right: tuple[str, str]) -> str:
        """An integer with the sign of `a * b - c * d`, where the products need more than the 128 bits there are.

        Each factor is `high * L + low`. The difference is `x*L² + y*L + z`; carrying `z` into `y` and `y` into `x` by
        truncating division leaves `|y|, |z| < L`, so that the first of `x, y, z` which is not 0 has the whole's sign.
        """
        (a, b), (c, d) = left, right
        x = f"({self.high(a)} * {self.high(b)} - {self.high(c)} * {self.high(d)})"
        y = (
            f"({self.high(a)} * {self.low(b)} + {self.low(a)} * {self.high(b)}"
            f" - {self.high(c)} * {self.low(d)} - {self.low(c)} * {self.high(d)})"
        )
        z = f"({self.low(a)} * {self.low(b)} - {self.low(c)} * {self.low(d)})"
        carried = f"({y} + {self.high(z)})"
        return f"(4 * sign({x} + {self.high(carried)}) + 2 * sign({self.low(carried)}) + sign({self.low(z)}))"


def _single(term: Term, given: Value | tuple[Value, ...]) -> Value:
    """A parameter's value. Raises ValueError where it is a list, or could make arithmetic overflow."""
    if isinstance(given, tuple):
        raise ValueError(f"`{term.name}` is a list")  # noqa: TRY004 -- a value out of place, as other refusals here
    if term.kind in RANGE:
        least, most = RANGE[term.kind]
        number = given.toordinal() if isinstance(given, date) else given
        if not isinstance(number, int) or not least <= number <= most:
            raise ValueError(f"`{term.name}` is out of range")
    return given
