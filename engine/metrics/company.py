"""How fast do people come and go, and which events are open? Company facts besides attainment (docs/domain.md, 3).

"Within N days" includes day N. An event is open from its day until it is closed or its days have passed.
"""

from datetime import date, timedelta
from fractions import Fraction

from engine.database import Database
from engine.metrics.periods import MONTHS_A_YEAR, months_later
from rules.kinds import Value

MERGER = "merger"
KINDS = {
    "company.open_requests": "request",
    "company.open_mergers": MERGER,
    "company.open_icp_shifts": "icp-shift",
    "company.open_segment_entries": "segment-entry",
    "company.open_departures": "departure",
    "company.open_headcount_changes": "headcount",
}
"""Fact to the kind of event that it counts."""


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


def people_facts(db: Database, as_of: date) -> dict[str, Value | None]:
    """Retention over a year and the mix of tenures, of people who carry a quota by role; `None` is unknown.

    Somebody whose hire date or role is not known leaves all of them unknown.
    """
    year, three = months_later(as_of, -MONTHS_A_YEAR), months_later(as_of, -3 * MONTHS_A_YEAR)
    [(known, there, stayed, here, new, old)] = db.rows(
        """
        SELECT bool_and(hired_on IS NOT NULL AND quota_carrying IS NOT NULL),
            count(*) FILTER (WHERE was), count(*) FILTER (WHERE was AND now), count(*) FILTER (WHERE now),
            count(*) FILTER (WHERE now AND hired_on > $2), count(*) FILTER (WHERE now AND hired_on <= $3)
        FROM (
            SELECT *, quota_carrying AND hired_on <= $1 AND (left_on IS NULL OR left_on > $1) AS now,
                quota_carrying AND hired_on <= $2 AND (left_on IS NULL OR left_on > $2) AS was
            FROM known_reps
        ) AS employed
        """,
        [as_of, year, three],
    )
    return {
        "company.rep_retention": Fraction(stayed, there) if known and there else None,
        "company.reps_below_one_year": Fraction(new, here) if known and here else None,
        "company.reps_from_three_years": Fraction(old, here) if known and here else None,
    }


def event_facts(db: Database, as_of: date, days: int) -> dict[str, Value | None]:
    """Open events by kind, and those that nobody closed in time."""
    unanswered = db.value(
        "SELECT count(*) FROM known_events WHERE happened_on < $1 AND closed_on IS NULL", [as_of - timedelta(days=days)]
    )
    counts = {name: open_events(db, as_of, kind, days) for name, kind in KINDS.items()}
    return {**counts, "company.unanswered_events": int(unanswered)}


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
