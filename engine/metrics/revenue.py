"""What was sold in a window, by whom and where? Sums at the source's money scale, to hold against other statements."""

from datetime import date

from engine.database import Database, quoted


def revenue_by_rep_in(db: Database, window: tuple[date, date]) -> dict[str, int]:
    """Revenue credited to each rep in [start, end), in order of rep; house sales are nobody's and left out."""
    return _revenue_by(db, "rep", window)


def revenue_by_territory_in(db: Database, window: tuple[date, date]) -> dict[str, int]:
    """All revenue made in each territory in [start, end), house sales included, in order of territory."""
    return _revenue_by(db, "territory", window)


def _revenue_by(db: Database, column: str, window: tuple[date, date]) -> dict[str, int]:
    if column not in db.columns("revenue"):
        return {}
    return dict(
        db.rows(
            f"""
            SELECT {quoted(column)}, sum(amount) FROM revenue
            WHERE booked_on >= $1 AND booked_on < $2 AND {quoted(column)} IS NOT NULL GROUP BY 1 ORDER BY 1
            """,
            list(window),
        )
    )
