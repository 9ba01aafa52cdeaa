"""How many deals are won? Won in the last 12 full months by created in them, per territory (docs/domain.md, 2).

A deal belongs to the territory that its account lies in. Where one deal's status, or the day of its creation or of its
win, is not known, nothing can be said of its territory, and nothing of the company.
"""

from datetime import date
from fractions import Fraction

from engine.database import Database
from engine.engines.dialect import make_table
from engine.metrics.periods import MONTHS_A_YEAR, full_months


def create_wins(db: Database, as_of: date) -> None:
    """Create `metric_wins`(territory, won, created, all_won, all_created): counts, NULL where unknown.

    `all_…` are the company's, in every row. Needs `metric_territories`; a territory without deals has 0 of both.
    """
    window = full_months(as_of, MONTHS_A_YEAR)
    won_on, made_on = (
        f"coalesce(d.{day} >= DATE '{window.start}' AND d.{day} < DATE '{window.end}', false)"
        for day in ("closed_on", "created_on")
    )
    known = "d.status IS NOT NULL AND d.created_on IS NOT NULL AND (d.status <> 'won' OR d.closed_on IS NOT NULL)"
    query = f"""
        WITH deals AS (
            SELECT a.territory, d.status = 'won' AND {won_on} AS won, {made_on} AS created, {known} AS known
            FROM known_opportunities AS d LEFT JOIN known_accounts AS a USING (account)
        ),
        counted AS (
            SELECT territory, count(*) FILTER (WHERE won) AS won, count(*) FILTER (WHERE created) AS created,
                bool_and(known) AS known
            FROM deals GROUP BY territory
        ),
        company AS (
            SELECT CASE WHEN bool_and(known) THEN sum(won) END AS won,
                CASE WHEN bool_and(known) THEN sum(created) END AS created
            FROM counted
        )
        SELECT t.territory, CASE WHEN coalesce(c.known, true) THEN coalesce(c.won, 0) END AS won,
            CASE WHEN coalesce(c.known, true) THEN coalesce(c.created, 0) END AS created,
            company.won AS all_won, company.created AS all_created
        FROM metric_territories AS t LEFT JOIN counted AS c USING (territory) CROSS JOIN company
        WHERE t.why_not = ''
    """
    make_table(db, "metric_wins", query)


def win_facts(db: Database) -> dict[str, Fraction | None]:
    """The company's win rate, and the largest less the smallest of those territories where deals were created.

    Needs `metric_wins`; `None` is unknown, and so is a gap of fewer than two territories.
    """
    rows = db.rows("SELECT won, created, all_won, all_created FROM metric_wins")
    rates = [Fraction(won, created) for won, created, _, _ in rows if created]
    sure = all(created is not None for _, created, _, _ in rows)
    company = [Fraction(int(won), int(created)) for _, _, won, created in rows[:1] if created]
    return {
        "company.win_rate": company[0] if company else None,
        "company.win_rate_gap": max(rates) - min(rates) if sure and len(rates) > 1 else None,
    }
