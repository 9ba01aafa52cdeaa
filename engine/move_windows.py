"""On which days may accounts move, and if not yet, when? One row for every effective day of the proposed moves.

day        | in_window | next_window
2026-08-03 | true      | 2026-08-03
2026-10-05 | false     | 2026-11-01
"""

from engine.database import Database
from rules.calendar import Calendar, in_window, next_window


def create_windows(db: Database, calendar: Calendar) -> None:
    """Create the table `move_windows` (day, in_window, next_window) for the effective days in `known_moves`.

    Facts of moves join it on `effective = day`: `in_window` is `move.in_window`, and `next_window` is
    `move.next_window`, the first day from then on that a window is open. Without declared windows accounts may move on
    every day, and the second is NULL: there is nothing to wait for. Raises BadInput where a fiscal quarter begins
    before the calendar does.
    """
    days = db.rows("SELECT DISTINCT effective FROM known_moves WHERE effective IS NOT NULL ORDER BY effective")
    db.run("CREATE OR REPLACE TEMP TABLE move_windows (day DATE, in_window BOOLEAN, next_window DATE)")
    rows = [(day, in_window(calendar, day), next_window(calendar, day)) for (day,) in days]
    db.run_many("INSERT INTO move_windows VALUES (?, ?, ?)", rows)
