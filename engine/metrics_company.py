"""How fast do people come and go, and which events are open? Company facts besides attainment (docs/domain.md, 3).

"Within N days" includes day N. An event is open from its day until it is closed or its days have passed.
"""

from datetime import date, timedelta
from fractions import Fraction

from engine.database import Database

REQUEST = "request"
MERGER = "merger"


def headcount_turnover(db: Database, as_of: date, days: int) -> Fraction | None:
    """The larger of joined and left within `days`, over the headcount at their start; unknown for an empty start.

    Counts people who carry a quota by role. Somebody whose first day without employment is the first of these days left
    within them, and was there at their start.
    """
    first = as_of - timedelta(days=days)
    [(joined, left, start)] = db.rows(
        """
        SELECT count(*) FILTER (WHERE hired_on BETWEEN $1 AND $2), count(*) FILTER (WHERE left_on BETWEEN $1 AND $2),
            count(*) FILTER (WHERE hired_on < $1 AND (left_on IS NULL OR left_on >= $1))
        FROM known_reps WHERE quota_carrying
        """,
        [first, as_of],
    )
    return Fraction(max(joined, left), start) if start else None


def open_events(db: Database, as_of: date, kind: str, days: int) -> int:
    """Events of a kind that happened within `days` and are not closed on `as_of`."""
    return int(
        db.value(
            """
            SELECT count(*) FROM known_events
            WHERE kind = $1 AND happened_on BETWEEN $2 AND $3 AND (closed_on IS NULL OR closed_on > $3)
            """,
            [kind, as_of - timedelta(days=days), as_of],
        )
    )
