"""Which days belong to a metric: half-open windows of months and quarters, counted back from a day (docs/domain.md, 0).

A month or a period is full at a day when its last day is not later than that day.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from engine.database import Database

MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The days from `start` up to, and without, `end`."""

    start: date
    end: date


def months_later(day: date, months: int) -> date:
    """The same day of another month; a day that the month does not have becomes its last day.

    >>> months_later(date(2024, 1, 31), 1)
    datetime.date(2024, 2, 29)
    """
    year, month = divmod(day.year * MONTHS_A_YEAR + day.month - 1 + months, MONTHS_A_YEAR)
    first = date(year, month + 1, 1)
    following = date(year + (month + 1) // MONTHS_A_YEAR, (month + 1) % MONTHS_A_YEAR + 1, 1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))


def full_months(as_of: date, count: int) -> Window:
    """The last `count` calendar months whose last day is on or before `as_of`."""
    end = (as_of + timedelta(days=1)).replace(day=1)
    return Window(months_later(end, -count), end)


def full_quarters(db: Database, as_of: date, count: int) -> tuple[Window, ...]:
    """The last `count` periods of the calendar that are full at `as_of`, earliest first; fewer where it has no more.

    Reads the view `known_periods`.
    """
    rows = db.rows(
        'SELECT start, "end" FROM known_periods WHERE "end" <= ? ORDER BY "end" DESC, start DESC LIMIT ?',
        [as_of + timedelta(days=1), count],
    )
    return tuple(Window(start, end) for start, end in reversed(rows))


def month_number(day: str) -> str:
    """The month of a date in SQL, counted from the beginning of our calendar, so that months can be subtracted."""
    return f"(CAST(extract(YEAR FROM {day}) AS BIGINT) * {MONTHS_A_YEAR} + CAST(extract(MONTH FROM {day}) AS BIGINT))"


def inside(window: Window | None, day: str = "booked_on") -> str:
    """Whether a day lies in a window, in SQL; in none, where there is none."""
    return "false" if window is None else f"({day} >= DATE '{window.start}' AND {day} < DATE '{window.end}')"


def around(windows: tuple[Window, ...]) -> Window | None:
    """The days from the first of the windows to the last."""
    return Window(min(windows).start, max(w.end for w in windows)) if windows else None


def windows_sql(windows: tuple[Window, ...]) -> str:
    """The windows as a relation `(i, start, "end")`, numbered from 0."""
    if not windows:
        return (
            '(SELECT CAST(NULL AS INTEGER) AS i, CAST(NULL AS DATE) AS start, CAST(NULL AS DATE) AS "end" WHERE false)'
        )
    rows = ", ".join(f"({i}, DATE '{w.start.isoformat()}', DATE '{w.end.isoformat()}')" for i, w in enumerate(windows))
    return f'(SELECT * FROM (VALUES {rows}) AS listed(i, start, "end"))'
