"""How are exact ratios compared in integers of a width? By cross-multiplication, in halves where that is too wide."""

from fractions import Fraction
from typing import NamedTuple

from engine.spelling import Spelling
from rules.expression.term import RATIO_REACH, Op
from rules.kinds import Value

SIGNS = {Op.EQUAL: "=", Op.UNEQUAL: "<>"}
_LIMB = 10**15
"""A ratio's numerator or denominator is two of these, so that sums of limb products have at most 31 digits."""


class Ratio(NamedTuple):
    """Two wide integers in SQL and the greatest magnitude either can have. Either is NULL where it is unknown."""

    over: str
    under: str
    most: int


def constant_ratio(spelling: Spelling, value: Value | None, text: str) -> Ratio:
    """A known ratio, or NULL for none. Raises ValueError, naming `text`, for one beyond the range of ratios."""
    if not isinstance(value, int | Fraction):
        return Ratio(spelling.wide("NULL"), spelling.wide("NULL"), 1)
    over, under = Fraction(value).as_integer_ratio()
    if max(abs(over), under) > RATIO_REACH:
        raise ValueError(f"`{text}` is out of range")
    return Ratio(spelling.wide(over), spelling.wide(under), max(abs(over), under))


def chosen_ratio(spelling: Spelling, condition: str, then: Ratio, otherwise: Ratio) -> Ratio:
    """One of two ratios; unknown where the condition is."""
    return Ratio(
        spelling.chosen(condition, then.over, otherwise.over),
        spelling.chosen(condition, then.under, otherwise.under),
        max(then.most, otherwise.most),
    )


def ratios_compared(spelling: Spelling, op: Op, left: Ratio, right: Ratio) -> str:
    """True, false, or NULL where either is unknown. Denominators are positive, so that no sign turns."""
    sign = SIGNS.get(op, op.value)
    if left.most * right.most <= spelling.WIDEST:
        return f"({left.over} * {right.under} {sign} {right.over} * {left.under})"
    return f"({_sign_of_difference(spelling, (left.over, right.under), (right.over, left.under))} {sign} 0)"


def _sign_of_difference(spelling: Spelling, left: tuple[str, str], right: tuple[str, str]) -> str:
    """An integer with the sign of `a * b - c * d`, where the products are wider than the engine's integers.

    Each factor is `high * L + low`. The difference is `x*L² + y*L + z`; carrying `z` into `y` and `y` into `x` by
    truncating division leaves `|y|, |z| < L`, so that the first of `x, y, z` which is not 0 has the whole's sign.
    """
    limb = spelling.wide(_LIMB)

    def high(sql: str) -> str:
        return spelling.divided(sql, limb)

    def low(sql: str) -> str:
        return spelling.rest(sql, limb)

    (a, b), (c, d) = left, right
    x = f"({high(a)} * {high(b)} - {high(c)} * {high(d)})"
    y = f"({high(a)} * {low(b)} + {low(a)} * {high(b)} - {high(c)} * {low(d)} - {low(c)} * {high(d)})"
    z = f"({low(a)} * {low(b)} - {low(c)} * {low(d)})"
    carried = f"({y} + {high(z)})"
    return f"(4 * sign({x} + {high(carried)}) + 2 * sign({low(carried)}) + sign({low(z)}))"
