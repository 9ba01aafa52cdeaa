"""How a value is written in YAML, by unit: `180` days, `30` percent, `50000.00` money, `2026-03-01`.

Percent and points are divided by 100 exactly, money becomes the minor unit exactly; what does not fit is refused.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rules.kinds import Kind, Unit, Value
from rules.problem import Place, Problem

EXPECTED = {
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
MOST_MONEY = 10**15
MOST_COUNT = 10**9


def unit_of(kind: Kind, unit: Unit) -> Unit:
    """The unit in which a fact of that kind is written in an example."""
    if kind is Kind.RATIO:
        return unit if unit in (Unit.PERCENT, Unit.POINTS) else Unit.RATIO
    return {
        Kind.BOOL: Unit.BOOL,
        Kind.TEXT: Unit.TEXT,
        Kind.COUNT: Unit.COUNT,
        Kind.MONEY: Unit.MONEY,
        Kind.DATE: Unit.DATE,
        Kind.DAYS: Unit.DAYS,
    }[kind]


def read_value(raw: Any, unit: Unit, place: Place, *, minor_digits: int = 2) -> Value | Problem:
    """The exact value of what stands in YAML, or the problem with it."""
    refused = Problem(place, f"not {EXPECTED[unit]}", found=str(raw), expected=EXPECTED[unit])
    match unit:
        case Unit.BOOL:
            return raw if isinstance(raw, bool) else refused
        case Unit.TEXT:
            return raw if isinstance(raw, str) and raw else refused
        case Unit.DATE:
            return raw if isinstance(raw, date) else refused
        case Unit.DAYS | Unit.COUNT:
            whole = isinstance(raw, int) and not isinstance(raw, bool)
            return raw if whole and abs(raw) <= MOST_COUNT else refused
        case Unit.MONEY | Unit.PERCENT | Unit.POINTS | Unit.RATIO:
            number = _number(raw)
            if number is None:
                return refused
            if unit is Unit.MONEY:
                cents = number * 10**minor_digits
                return int(cents) if cents.denominator == 1 and abs(cents) <= MOST_MONEY else refused
            return number if unit is Unit.RATIO else number / 100
        case Unit.NONE:
            return refused


def _number(raw: Any) -> Fraction | None:
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int | Decimal):
        return Fraction(raw)
    if isinstance(raw, str) and raw.lstrip("+-").replace(".", "", 1).isdecimal() and raw.isascii():
        return Fraction(raw)
    return None
