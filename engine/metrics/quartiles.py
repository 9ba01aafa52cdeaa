"""Who ranks at the top and at the bottom of a region? By T4Q attainment among the region's reps (docs/domain.md, 3).

A rank counts from one end, ties sharing the better one; a quartile is a rank up to a quarter of the reps, rounded up. A
region of fewer than four reps with four full quarters has none, and a rep without region or attainment is in none.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction

from engine.database import Database
from engine.metrics.attainment import attainments
from rules.kinds import Kind

DEPARTURE = "departure"
LEAST_REPS = 4


def create_quartiles(db: Database, as_of: date) -> None:
    """Create `metric_quartiles`(rep, n, d, top, bottom): T4Q attainment n/d, and both quartiles, NULL where unknown."""
    quartiles = _quartiles(db, as_of)
    rows = []
    for rep in attainments(db, as_of):
        attained, found = rep.attainment, quartiles.get(rep.rep, (None, None))
        rows.append([rep.rep, *(attained.as_integer_ratio() if attained is not None else (None, None)), *found])
    sql = db.spelling
    text, truth = sql.type_of(Kind.TEXT), sql.type_of(Kind.BOOL)
    db.store(
        "metric_quartiles", [("rep", text), ("n", sql.WIDE), ("d", sql.WIDE), ("top", truth), ("bottom", truth)], rows
    )


def top_departures(db: Database, as_of: date, days: int) -> int | None:
    """Open departures of reps who ranked in the top quartile on their last day.

    Unknown where one of those who left had no rank, or where the event does not say who it was.
    """
    left = db.rows(
        """
        SELECT e.rep, coalesce(r.left_on, e.happened_on) FROM known_events AS e LEFT JOIN known_reps AS r USING (rep)
        WHERE e.kind = $1 AND e.happened_on BETWEEN $2 AND $3 AND (e.closed_on IS NULL OR e.closed_on > $3)
        """,
        [DEPARTURE, as_of - timedelta(days=days), as_of],
    )
    ranked = [_quartiles(db, min(day - timedelta(days=1), as_of)).get(rep) for rep, day in left]
    known = [top for top, _ in (r for r in ranked if r is not None)]
    return sum(known) if len(known) == len(ranked) else None


def _quartiles(db: Database, as_of: date) -> Mapping[str, tuple[bool, bool]]:
    """Rep to whether it ranks in the top and in the bottom quartile of its region."""
    region_of = dict(db.rows("SELECT rep, region FROM known_reps WHERE region IS NOT NULL"))
    regions: dict[str, dict[str, Fraction]] = defaultdict(dict)
    for rep in attainments(db, as_of):
        attained = rep.attainment
        if rep.counted and attained is not None and rep.rep in region_of:
            regions[region_of[rep.rep]][rep.rep] = attained
    found = {}
    for attained_by in regions.values():
        values = attained_by.values()
        quarter = (len(values) + 3) // 4
        if len(values) >= LEAST_REPS:
            for name, own in attained_by.items():
                above, below = sum(v > own for v in values), sum(v < own for v in values)
                found[name] = (above + 1 <= quarter, below + 1 <= quarter)
    return found
