"""Money between the source's scale and the minor unit, as integer SQL (docs/domain.md, 0).

Amounts are summed at the source's scale; a comparison is made there, exactly; only a named metric is rounded, once.
"""

from engine.intake.snapshot import Manifest
from engine.spelling import Spelling


def rounded(spelling: Spelling, expression: str, manifest: Manifest, *, by: str = "") -> str:
    """An amount at the source's scale as a wide integer of the minor unit, half-even; NULL for NULL.

    `by` divides it first, an integer expression above zero: a mean is rounded once and not twice.
    """
    digits = manifest.minor_digits - manifest.money_scale
    exact = f"({spelling.wide(expression)} * {10 ** max(0, digits)})"
    if digits >= 0 and not by:
        return exact
    parts = [spelling.wide(by)] if by else []
    unit = f"({' * '.join([*parts, str(10 ** max(0, -digits))])})"
    # `%` follows the sign of the amount; shifted twice it is the distance to the multiple below, also under zero.
    rest = f"((({exact} % {unit}) + {unit}) % {unit})"
    below = spelling.divided(f"({exact} - {rest})", unit)
    up = f"2 * {rest} > {unit} OR (2 * {rest} = {unit} AND {below} % 2 <> 0)"
    return f"({below} + CASE WHEN {up} THEN 1 ELSE 0 END)"


def compared(spelling: Spelling, expression: str, operator: str, minor_amount: int, manifest: Manifest) -> str:
    """An amount at the source's scale against one in minor units, without rounding either."""
    digits = manifest.minor_digits - manifest.money_scale
    left, right = 10 ** max(0, digits), minor_amount * 10 ** max(0, -digits)
    return f"({spelling.wide(expression)} * {left} {operator} {spelling.wide(right)})"
