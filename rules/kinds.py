"""Kinds of exact value that a condition may touch, and how each is shown to a person.

No floating point exists here. Money is an integer of the currency's minor unit, a ratio is an exact fraction
(`percent` and `points` are only ways to write one), a date is a date, and a missing value is `None`: unknown.
"""

from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction

Value = bool | int | str | date | Fraction
"""One known fact: BOOL, COUNT/MONEY/DAYS (integers), TEXT, DATE, RATIO. Unknown is `None` and not a Value."""


class Kind(Enum):
    """What a fact, a parameter or an expression is."""

    # Every member is one object; the hash of its name would be worked out in Python.
    __hash__ = object.__hash__

    BOOL = "bool"
    TEXT = "text"
    COUNT = "count"
    """Whole number of things."""
    MONEY = "money"
    """Integer of the minor unit (cents)."""
    DATE = "date"
    DAYS = "days"
    """Whole number of days; `date + days` is a date, `date - date` is days."""
    RATIO = "ratio"
    """Exact fraction; in SQL two integers, compared by cross-multiplication."""
    LIST = "list"
    """Of values of one kind, none of them a list or unknown."""
    DURATION = "duration"
    """Whole microseconds, for the time of day; days are counted in `days`."""
    TIMESTAMP = "timestamp"
    """Whole microseconds since 1970-01-01T00:00:00Z."""
    BYTES = "bytes"
    """Of constants only, never of a fact or parameter: a text in which each sign, U+0000 to U+00FF, is one byte."""


class Unit(Enum):
    """How a parameter is written in a policy file, and how a ratio is shown."""

    __hash__ = object.__hash__

    NONE = ""
    DAYS = "days"
    COUNT = "count"
    MONEY = "money"
    PERCENT = "percent"
    """30 means 30/100."""
    POINTS = "points"
    """30 means a difference of 30/100 between two ratios."""
    RATIO = "ratio"
    """1.2 means 12/10."""
    DATE = "date"
    TEXT = "text"
    BOOL = "bool"


KIND_OF_UNIT = {
    Unit.DAYS: Kind.DAYS,
    Unit.COUNT: Kind.COUNT,
    Unit.MONEY: Kind.MONEY,
    Unit.PERCENT: Kind.RATIO,
    Unit.POINTS: Kind.RATIO,
    Unit.RATIO: Kind.RATIO,
    Unit.DATE: Kind.DATE,
    Unit.TEXT: Kind.TEXT,
    Unit.BOOL: Kind.BOOL,
}


def shown(  # noqa: C901, PLR0912 -- one case for each kind
    value: Value | tuple[Value, ...] | None,
    kind: Kind,
    unit: Unit = Unit.NONE,
    *,
    minor_digits: int = 2,
    of: Kind | None = None,
) -> str:
    """A value as a person reads it: `1,250.50`, `42.15 points`, `180 days`, `unknown`; a list of kind `of` with commas.

    Rounds for display only, half-even, two decimals for percent and points, three for plain ratios.
    """
    if value is None:
        return "unknown"
    if isinstance(value, tuple):
        items = [shown(item, of or Kind.TEXT, unit, minor_digits=minor_digits) for item in value]
        return ", ".join(items) or "none"
    match kind:
        case Kind.BOOL:
            return "yes" if value else "no"
        case Kind.TEXT:
            return str(value)
        case Kind.DATE:
            return value.isoformat() if isinstance(value, date) else str(value)
        case Kind.COUNT:
            return f"{value:,}"
        case Kind.DAYS:
            return f"{value:,} day" + ("" if value == 1 else "s")
        case Kind.MONEY:
            return f"{Decimal(int(value)).scaleb(-minor_digits):,.{minor_digits}f}"  # type: ignore[arg-type]
        case Kind.RATIO:
            return _shown_ratio(Fraction(value), unit)  # type: ignore[arg-type]
        case Kind.DURATION:
            return duration_text(int(value))  # type: ignore[arg-type]
        case Kind.TIMESTAMP:
            return timestamp_text(int(value))  # type: ignore[arg-type]
        case Kind.BYTES:
            return str(value).encode("latin-1").hex()
        case Kind.LIST:
            return str(value)


def _shown_ratio(value: Fraction, unit: Unit) -> str:
    if unit is Unit.POINTS:
        return f"{decimal_of(value * 100, 2)} points"
    if unit is Unit.RATIO:
        return str(decimal_of(value, 3))
    return f"{decimal_of(value * 100, 2)} %"


def decimal_of(value: Fraction, places: int) -> Decimal:
    """The fraction rounded half-even to `places` decimals: for display, never for a comparison."""
    sign, digits, _ = Decimal(round(value * 10**places)).as_tuple()
    # Put together from its digits: arithmetic would round to the 28 digits of the context.
    return Decimal((sign, digits, -places))


def duration_text(microseconds: int) -> str:
    """`5400s`, `0.25s`, as CEL writes a duration."""
    seconds, rest = divmod(abs(microseconds), 10**6)
    return f"{'-' * (microseconds < 0)}{seconds}{_decimals(rest)}s"


def timestamp_text(microseconds: int) -> str:
    """`2026-02-01T09:30:00Z`, as CEL writes a timestamp; decimals only where they are not 0."""
    seconds, rest = divmod(microseconds, 10**6)
    days, second = divmod(seconds, 86_400)
    day = date.fromordinal(date(1970, 1, 1).toordinal() + days)
    return f"{day.isoformat()}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}{_decimals(rest)}Z"


def _decimals(microseconds: int) -> str:
    return f".{microseconds:06}".rstrip("0") if microseconds else ""
