"""Which days are business days, when does a fiscal quarter begin, and when may accounts move?

Dates of a company, not of the world: holidays, weekends, the fiscal year and the windows for moves are written in the
policies under `calendar:`. Everything is computed on dates; nothing here knows the time of day.

Public holidays come from the `holidays` package, days off in lieu among them, as the country's law has them year by
year. A year for which the package knows nothing, or not everything, is refused: a holiday that nobody knows of would
pass for a business day. Holidays that follow the moon are the package's estimates until a country announces them.
"""

import calendar as gregorian
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from rules.problem import BadInput, Place, Problem

if TYPE_CHECKING:
    from holidays import HolidayBase

_DAY = timedelta(days=1)
_QUARTERS_TO_LOOK_AT = 40
"""Leap years lie at most eight years apart, and with them the longest quarter that a window can need."""


@dataclass(frozen=True, slots=True)
class Window:
    """Days of every fiscal quarter on which accounts may move, both included, 1 being its first day."""

    quarters: tuple[int, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """A company's calendar. `holidays` names a country and, after a hyphen, a subdivision: `US`, `DE-BY`."""

    fiscal_start_month: int = 1
    holidays: str = ""
    weekend: tuple[int, ...] = (5, 6)
    """Days of the week that are no business days, Monday being 0."""
    closed: tuple[str, ...] = ()
    """Further days, ISO dates."""
    windows: tuple[Window, ...] = ()


def is_business_day(calendar: Calendar, day: date) -> bool:
    """Whether a day is none of the weekend, no public holiday and not closed.

    Raises BadInput where the country's holidays of that year are not known.
    """
    if day.weekday() in calendar.weekend or day.isoformat() in calendar.closed:
        return False
    return not calendar.holidays or day not in _public_holidays(calendar.holidays, day.year)


def business_days_after(calendar: Calendar, day: date, count: int) -> date:
    """The business day that is `count` business days after a day, which is not counted itself; 0 is the day itself.

    Raises BadInput where holidays are not known or the calendar ends before, and ValueError for a negative count.
    """
    if count < 0:
        raise ValueError("business days are counted forwards")
    left = count
    while left:
        day = _shifted(day, 1)
        left -= is_business_day(calendar, day)
    return day


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later, or earlier for a number below zero, clamped to the month's end.

    Raises BadInput where the calendar ends before.
    """
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    if not date.min.year <= year <= date.max.year:
        raise _outside(f"{months} months after {day.isoformat()}")
    return date(year, month, min(day.day, gregorian.monthrange(year, month)[1]))


def month_since(anchor: date, day: date) -> int:
    """Which month since an anchor a day lies in, the anchor being the first day of month 1; 0 for a day before it.

    Month n begins n - 1 months after the anchor, clamped to the month's end.
    """
    if day < anchor:
        return 0
    whole = (day.year - anchor.year) * 12 + day.month - anchor.month
    return whole + (day >= months_after(anchor, whole))


def fiscal_quarter(calendar: Calendar, day: date) -> int:
    """The quarter of the fiscal year that a day lies in, 1 to 4."""
    return (day.month - calendar.fiscal_start_month) % 12 // 3 + 1


def fiscal_quarter_start(calendar: Calendar, day: date) -> date:
    """The first day of a day's fiscal quarter. Raises BadInput where that lies before the calendar begins."""
    return months_after(day.replace(day=1), -((day.month - calendar.fiscal_start_month) % 3))


def in_window(calendar: Calendar, day: date) -> bool:
    """Whether accounts may move on a day: always, where the policies declare no window."""
    if not calendar.windows:
        return True
    quarter = fiscal_quarter(calendar, day)
    number = (day - fiscal_quarter_start(calendar, day)).days + 1
    return any(quarter in w.quarters and w.first <= number <= w.last for w in calendar.windows)


def next_window(calendar: Calendar, day: date) -> date | None:
    """The first day on or after a day on which a window is open: the day itself, where one is.

    None where no windows are declared, since accounts may always move, and where none opens before the calendar ends.
    """
    if not calendar.windows:
        return None
    if in_window(calendar, day):
        return day
    start = fiscal_quarter_start(calendar, day)
    for _ in range(_QUARTERS_TO_LOOK_AT):
        opened = [first for w in calendar.windows if (first := _opening(calendar, w, start)) and first >= day]
        if opened:
            return min(opened)
        if (start.year, start.month) >= (date.max.year, date.max.month - 2):
            break
        start = months_after(start, 3)
    return None


def _opening(calendar: Calendar, window: Window, start: date) -> date | None:
    """The first day of a window in the quarter that begins on `start`; None where the quarter has no such day."""
    if fiscal_quarter(calendar, start) not in window.quarters or window.first > quarter_length(start):
        return None
    return start + (window.first - 1) * _DAY


def quarter_length(start: date) -> int:
    """How many days a quarter has that begins on the first day of a month."""
    months = [(start.year + (start.month + n - 1) // 12, (start.month + n - 1) % 12 + 1) for n in range(3)]
    # In year 9999 the last quarter may run beyond the calendar, where the Gregorian rules go on.
    return sum(gregorian.monthrange(year, month)[1] for year, month in months)


def longest_quarter(fiscal_start_month: int, quarter: int) -> int:
    """How many days a fiscal quarter, 1 to 4, can have: in a leap year."""
    month = (fiscal_start_month - 1 + 3 * (quarter - 1)) % 12 + 1
    return max(quarter_length(date(year, month, 1)) for year in (2027, 2028))


def unknown_holidays(code: str) -> tuple[str, str] | None:
    """Why nobody knows the public holidays of a country or its subdivision, with a hint; None where they are known."""
    country, _, subdivision = code.partition("-")
    from holidays.registry import COUNTRIES  # noqa: PLC0415 -- it takes a fifth of a second, which few commands need

    names = {codes[1]: name.replace("_", " ") for name, codes in COUNTRIES.items()}
    if country not in names:
        # Who writes UK means the United Kingdom, whose code is another.
        initials = [c for c, name in names.items() if "".join(w[0] for w in name.split()).upper() == country]
        near = [f"`{c}` ({names[c]})" for c in dict.fromkeys([*initials, *_alike(country, names)])][:3]
        return f"no public holidays are known for country `{country}`", _did_you_mean(near)
    known = _entity(country, "").subdivisions
    if subdivision and subdivision not in known:
        near = [f"`{country}-{s}`" for s in _alike(subdivision, known)]
        hint = _did_you_mean(near) if known else f"`{country}` has the same holidays everywhere"
        return f"`{country}` has no subdivision `{subdivision}`", hint
    return None


def _alike(code: str, codes: Iterable[str]) -> list[str]:
    """At most three codes that share a letter with this one in the same place, those that share most first."""
    shared = {other: sum(a == b for a, b in zip(code, other, strict=False)) for other in codes}
    return sorted((c for c in shared if shared[c]), key=lambda c: (-shared[c], c))[:3]


def _did_you_mean(near: list[str]) -> str:
    return f"did you mean {' or '.join(near)}?" if near else ""


@lru_cache(maxsize=256)
def _public_holidays(code: str, year: int) -> frozenset[date]:
    """The public holidays of one year, days off in lieu among them. Raises BadInput where they are not all known."""
    country, _, subdivision = code.partition("-")
    try:
        with warnings.catch_warnings():
            # The package warns where it knows only some of a year's holidays, such as those that follow the moon.
            warnings.simplefilter("error")
            entity = _entity(country, subdivision, year)
    except (NotImplementedError, UserWarning):
        entity = None
    if entity is None or not entity.start_year <= year <= entity.end_year:
        raise BadInput([Problem(Place("policies"), f"the public holidays of `{code}` in {year} are not known")])
    return frozenset(entity)


def _entity(country: str, subdivision: str, *years: int) -> "HolidayBase":
    from holidays import country_holidays  # noqa: PLC0415 -- as above

    return country_holidays(
        country, subdiv=subdivision or None, years=years, expand=False, observed=True, language="en_US"
    )


def _shifted(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise _outside(f"{days} days after {day.isoformat()}") from None


def _outside(what: str) -> BadInput:
    return BadInput([Problem(Place("policies"), f"the calendar has no day {what}")])
