"""The calendar as written, to a value: its country is known, its weekend leaves days to work, its windows open."""

from rules.calendar import Calendar
from rules.declaration_shapes import CalendarShape
from rules.reader import Reader


def read_calendar(reader: Reader, shape: CalendarShape) -> Calendar:
    """The calendar, which stands under `calendar:`; the reader gathers what is wrong with it."""
    raise NotImplementedError
