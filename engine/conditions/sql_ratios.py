"""How are exact ratios compared in integers of 128 bits? By cross-multiplication, in halves where that is too wide."""

from fractions import Fraction
from typing import NamedTuple

from engine.conditions.sql_spelling import DuckDb
from rules.expression.term import RATIO_REACH, Op
from rules.kinds import Value

SIGNS = {Op.EQUAL: "=", Op.UNEQUAL: "<>"}
_WIDE = 2**127 - 1
"""Greatest integer of 128 bits."""
_LIMB = 10**15
"""A ratio's numerator or denominator is two of these, so that sums of limb products stay within 128 bits."""


class Ratio(NamedTuple):
    """Two wide integers in SQL and the greatest magnitude either can have. Either is NULL where it is unknown."""

    over: str
    under: str
    most: int


def constant_ratio(spelling: DuckDb, value: Value | None, text: str) -> Ratio:
    """A known ratio, or NULL for none. Raises ValueError, naming `text`, for one beyond the range of ratios."""
    if not isinstance(value, int | Fraction):
        return Ratio(spelling.wide("NULL"), spelling.wide("NULL"), 1)
    over, under = Fraction(value).as_integer_ratio()
    if max(abs(over), under) > RATIO_REACH:
        raise ValueError(f"`{text}` is out of range")
    return Ratio(spelling.wide(over), spelling.wide(under), max(abs(over), under))


def chosen_ratio(spelling: DuckDb, condition: str, then: Ratio, otherwise: Ratio) -> Ratio:
    """One of two ratios; unknown where the condition is."""
    return Ratio(
        spelling.chosen(condition, then.over, otherwise.over),
        spelling.chosen(condition, then.under, otherwise.under),
        max(then.most, otherwise.most),
    )


def ratios_compared(spelling: DuckDb, op: Op, left: Ratio, right: Ratio) -> str:
    """True, false, or NULL where either is unknown. Denominators are positive, so that no sign turns."""
    sign = SIGNS.get(op, op.value)
    if left.most * right.most <= _WIDE:
        return f"({left.over} * {right.under} {sign} {right.over} * {left.under})"
    return f"({_sign_of_difference(spelling, (left.over, right.under), (right.over, left.under))} {sign} 0)"


def _sign_of_difference(spelling: DuckDb, left: tuple[str, str], right: tuple[str, str]) -> str:
    """An integer with the sign of `a * b - c * d`, where the products need more than the 128 bits there are.

    Each factor is `high * L + low`. The difference is `x*L² + y*L + z`; carrying `z` into `y` and `y` into `x` by
    truncating division leaves `|y|, |z| < L`, so that the first of `x, y, z` which is not 0 has the whole's sign.
    """
    limb = spelling.wide(_LIMB)

    def high(sql: str) -> str:
        return f"({sql} // {limb})"

    def low(sql: str) -> str:
        return f"({sql} % {limb})"

    (a, b), (c, d) = left, right
    x = f"({high(a)} * {high(b)} - {high(c)} * {high(d)})"
    y = f"({high(a)} * {low(b)} + {low(a)} * {high(b)} - {high(c)} * {low(d)} - {low(c)} * {high(d)})"
    z = f"({low(a)} * {low(b)} - {low(c)} * {low(d)})"
    carried = f"({y} + {high(z)})"
    return f"(4 * sign({x} + {high(carried)}) + 2 * sign({low(carried)}) + sign({low(z)}))"
