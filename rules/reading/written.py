"""How a value is written in YAML, by unit: `180` days, `30` percent, `50000.00` money, `2026-03-01`.

Percent and points are divided by 100 exactly, money becomes the minor unit exactly; what does not fit is refused.
"""

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rules.expression.term import RANGE
from rules.kinds import KIND_OF_UNIT, Kind, Unit, Value
from rules.problem import Place, Problem, as_written

EXPECTED = {
    Unit.NONE: "a value that can be written here",
    Unit.DAYS: "a whole number of days",
    Unit.COUNT: "a whole number",
    Unit.MONEY: "an amount such as 50000 or 1250.50",
    Unit.PERCENT: "a number of percent",
    Unit.POINTS: "a number of points",
    Unit.RATIO: "a number such as 1.2",
    Unit.DATE: "a date, YYYY-MM-DD",
    Unit.TEXT: "a word",
    Unit.BOOL: "true or false",
}
_UNIT_OF_KIND = {kind: unit for unit, kind in KIND_OF_UNIT.items() if kind is not Kind.RATIO}
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,9})?")
"""As many digits as a constant in a condition may have, so that every product still fits (rules.expression.term)."""


def unit_of(kind: Kind, unit: Unit) -> Unit:
    """The unit in which a value of that kind is written in an example; NONE for what no example can hold."""
    if kind is Kind.RATIO:
        return unit if unit in (Unit.PERCENT, Unit.POINTS) else Unit.RATIO
    return _UNIT_OF_KIND.get(kind, Unit.NONE)


def read_value(raw: Any, unit: Unit, place: Place, *, minor_digits: int = 2) -> Value | Problem:
    """The exact value of what stands in YAML, or the problem with it."""
    value = _value(raw, unit, minor_digits)
    return Problem(place, f"not {EXPECTED[unit]}", found=as_written(raw)) if value is None else value


def _value(raw: Any, unit: Unit, minor_digits: int) -> Value | None:
    """None for what is not written as the unit asks."""
    match unit:
        case Unit.BOOL:
            return raw if isinstance(raw, bool) else None
        case Unit.TEXT:
            return raw if isinstance(raw, str) and raw else None
        case Unit.DATE:
            return raw if isinstance(raw, date) else None
        case Unit.DAYS | Unit.COUNT:
            whole = isinstance(raw, int) and not isinstance(raw, bool)
            return raw if whole and _reaches(KIND_OF_UNIT[unit], raw) else None
        case Unit.MONEY | Unit.PERCENT | Unit.POINTS | Unit.RATIO:
            number = _number(raw)
            if number is None:
                return None
            if unit is Unit.MONEY:
                minor = number * 10**minor_digits
                return int(minor) if minor.denominator == 1 and _reaches(Kind.MONEY, int(minor)) else None
            return number if unit is Unit.RATIO else number / 100
        case Unit.NONE:
            return None


def _reaches(kind: Kind, number: int) -> bool:
    least, most = RANGE[kind]
    return least <= number <= most


def _number(raw: Any) -> Fraction | None:
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal | str):
        return None
    text = format(raw, "f") if isinstance(raw, Decimal) else str(raw)
    return Fraction(text) if _NUMBER.fullmatch(text) else None
