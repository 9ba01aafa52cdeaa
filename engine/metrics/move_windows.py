"""On which days may accounts move, and if not yet, when? One row for every effective day of the proposed moves.

day        | in_window | next_window
2026-08-03 | true      | 2026-08-03
2026-10-05 | false     | 2026-11-01
"""

from engine.database import Database
from rules.kinds import Kind
from rules.model.calendar import Calendar, in_window, next_window


def create_windows(db: Database, calendar: Calendar) -> None:
    """Create the table `move_windows` (day, in_window, next_window) for the effective days in `known_moves`.

    Facts of moves join it on `effective = day`: `in_window` is `move.in_window`, and `next_window` is
    `move.next_window`, the first day after it on which a window is open: NULL where there is nothing to wait for, since
    one is open already or none is declared and accounts may move on every day. Raises BadInput where a fiscal quarter
    begins before the calendar does.
    """
    days = db.rows("SELECT DISTINCT effective FROM known_moves WHERE effective IS NOT NULL ORDER BY effective")
    opened = {day: in_window(calendar, day) for (day,) in days}
    rows = [(day, is_open, None if is_open else next_window(calendar, day)) for day, is_open in opened.items()]
    day, truth = db.spelling.type_of(Kind.DATE), db.spelling.type_of(Kind.BOOL)
    db.store("move_windows", [("day", day), ("in_window", truth), ("next_window", day)], rows)
