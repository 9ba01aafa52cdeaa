"""The calendar as written, to a value: its country is known, its week leaves days to work on, its windows open.

calendar:
  fiscal_year_starts: 2
  holidays: DE-BY
  weekend: [saturday, sunday]
  closed: [2026-12-28, 2026-12-29]
  windows: [{quarters: [1, 3], from: 1, to: 45}]
  source: "Employee handbook, office days"
"""

from rules.model.calendar import Calendar, Window, longest_quarter, unknown_holidays
from rules.problem import nearest
from rules.reading.declaration_shapes import CalendarShape, WindowShape
from rules.reading.reader import Reader
from rules.reading.yaml_source import Path

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_AT: Path = ("calendar",)


def read_calendar(reader: Reader, shape: CalendarShape) -> Calendar:
    """The calendar, which stands under `calendar:`; the reader gathers what is wrong with it."""
    reader.refuse_groundless("the calendar", shape.source, shape.assumption, _AT)
    if shape.holidays and (unknown := unknown_holidays(shape.holidays)):
        message, hint = unknown
        reader.refuse((*_AT, "holidays"), message, found=shape.holidays, hint=hint)
    return Calendar(
        fiscal_start_month=shape.fiscal_year_starts,
        holidays=shape.holidays,
        weekend=_weekend(reader, shape),
        closed=tuple(sorted({day.isoformat() for day in shape.closed})),
        windows=tuple(_window(reader, shape, w, (*_AT, "windows", i)) for i, w in enumerate(shape.windows)),
    )


def _weekend(reader: Reader, shape: CalendarShape) -> tuple[int, ...]:
    days: set[int] = set()
    for i, name in enumerate(shape.weekend):
        here: Path = (*_AT, "weekend", i)
        if name not in _WEEK:
            hint = nearest(name.lower(), _WEEK)
            reader.refuse(here, "not a day of the week", found=name, expected="such as `saturday`", hint=hint)
        elif _WEEK.index(name) in days:
            reader.refuse(here, f"`{name}` stands twice")
        else:
            days.add(_WEEK.index(name))
    if len(days) == len(_WEEK):
        reader.refuse((*_AT, "weekend"), "the weekend leaves no business day")
    return tuple(sorted(days))


def _window(reader: Reader, calendar: CalendarShape, shape: WindowShape, path: Path) -> Window:
    for i, quarter in enumerate(shape.quarters):
        if not 1 <= quarter <= 4:  # noqa: PLR2004 -- a year has four
            reader.refuse((*path, "quarters", i), "not a quarter", found=str(quarter), expected="1, 2, 3 or 4")
        elif quarter in shape.quarters[:i]:
            reader.refuse((*path, "quarters", i), f"quarter {quarter} stands twice")
        elif shape.first > (longest := longest_quarter(calendar.fiscal_year_starts, quarter)):
            reader.refuse(
                (*path, "from"),
                f"the window never opens in quarter {quarter}",
                found=str(shape.first),
                expected=f"at most {longest}, the days that it can have",
            )
    if shape.last < shape.first:
        reader.refuse(
            (*path, "to"), "a window ends after it begins", found=str(shape.last), expected=f"at least {shape.first}"
        )
    return Window(tuple(sorted(shape.quarters)), shape.first, shape.last)
