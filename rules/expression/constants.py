"""What does a written constant stand for? `date("2026-01-01")`, `money("50000.00")`, `days(90)`, `percent(30)`.

Exact, or refused: no rounding, no guessing at formats.
"""

import re
from datetime import date
from fractions import Fraction

from rules.expression.term import RANGE
from rules.expression.tree import Call, Literal, Node, Unary
from rules.kinds import Kind, Unit, Value

FORMS = {
    "date": (Kind.DATE, Unit.DATE, 'date("2026-01-31")'),
    "money": (Kind.MONEY, Unit.MONEY, 'money("50000.00")'),
    "days": (Kind.DAYS, Unit.DAYS, "days(90)"),
    "percent": (Kind.RATIO, Unit.PERCENT, 'percent("30")'),
    "points": (Kind.RATIO, Unit.POINTS, 'points("30")'),
    "ratio": (Kind.RATIO, Unit.RATIO, 'ratio("1.2")'),
}
"""Function name to kind, unit and an example of how it is written."""

_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.([0-9]{1,9}))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def constant(call: Call, minor_digits: int) -> Value:
    """The value of a constant; money in minor units, of which `minor_digits` stand after the point.

    Raises ValueError with the sentence a person reads: wrong argument, not a date, too many decimals, out of range.
    """
    kind, unit, _ = FORMS[call.name]
    argument = call.arguments[0] if len(call.arguments) == 1 else None
    if kind is Kind.DAYS:
        number = _whole(argument)
        if number is None:
            raise ValueError(f"`{call.name}` takes one whole number")
        return _in_range(number, kind)
    text = _text(argument, whole=kind is not Kind.DATE)
    if text is None:
        raise ValueError(f"`{call.name}` takes one text" + ("" if kind is Kind.DATE else " or whole number"))
    if kind is Kind.DATE:
        return _date(text)
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise ValueError(f"`{text}` is not a decimal number")
    if kind is Kind.RATIO:
        return Fraction(text) / (1 if unit is Unit.RATIO else 100)
    if len(found[1] or "") > minor_digits:
        raise ValueError(f"`{text}` has more decimals than the currency, {minor_digits}")
    return _in_range(int(Fraction(text) * 10**minor_digits), kind)


def _text(argument: Node | None, *, whole: bool) -> str | None:
    """What stands between the quotes, or the digits of a whole number."""
    if isinstance(argument, Literal) and argument.kind is Kind.TEXT:
        return str(argument.value)
    number = _whole(argument) if whole else None
    return None if number is None else str(number)


def _whole(argument: Node | None) -> int | None:
    """The integer that an argument spells, with at most one sign."""
    match argument:
        case Literal(value=value, kind=Kind.COUNT):
            return int(value)
        case Unary(operator="-", operand=Literal(value=value, kind=Kind.COUNT)):
            return -int(value)
        case _:
            return None


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text if _DATE.fullmatch(text) else "")
    except ValueError:
        raise ValueError(f"`{text}` is not a date") from None


def _in_range(number: int, kind: Kind) -> int:
    least, most = RANGE[kind]
    if not least <= number <= most:
        raise ValueError(f"{kind.value} is out of range")
    return number
