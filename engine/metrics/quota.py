"""How much does each rep's quota change through the moves? Donor by donor, as `quota_moves` says, over a table.

The quota of the quarter in which a move takes effect, or of the latest known quarter where that has none yet, is split
over the donor's whole book before the moves: by TAM, by T12 where a TAM is not known or all are 0, cents by largest
remainder in order of account. What belongs to an account that moves goes with it.
"""

from engine.database import Database
from engine.engines.dialect import make_table, sum_of
from engine.intake.snapshot import Manifest
from engine.metrics.amounts import rounded
from engine.spelling import Spelling


def create_quota_changes(db: Database, manifest: Manifest) -> None:
    """Create `metric_quotas`(rep, quarter, change, quota), minor units, for the reps and quarters of `metric_moves`.

    `change` is what the rep receives less what it gives: NULL where that is unknown. A rep without a quota for the
    quarter has no row. Needs `metric_accounts`, `metric_moves` and `metric_owners`.
    """
    sql = db.spelling
    book = f"{sum_of(sql, 'w.weight')} OVER book"
    part = f"l.quota * {sql.wide('w.weight')}"
    query = f"""
        WITH sides AS (
            SELECT from_rep AS rep, quarter FROM metric_moves UNION SELECT to_rep, quarter FROM metric_moves
        ),
        latest AS (SELECT max(start) AS start FROM known_quotas),
        asked AS (
            SELECT s.rep, s.quarter, {rounded(sql, "q.amount", manifest)} AS quota,
                row_number() OVER (PARTITION BY s.rep, s.quarter ORDER BY q.start DESC, q.amount) AS place
            FROM sides AS s JOIN known_quotas AS q ON q.rep = s.rep CROSS JOIN latest
            WHERE q.amount IS NOT NULL
                AND ((q.start <= s.quarter AND q."end" > s.quarter) OR q.start = latest.start)
        ),
        lines AS (SELECT rep, quarter, quota FROM asked WHERE place = 1),
        weighed AS (
            SELECT o.before AS rep, o.account,
                CASE WHEN {_serves(sql, "v.potential")} THEN v.potential
                    WHEN {_serves(sql, "v.t12")} THEN v.t12 END AS weight
            FROM metric_owners AS o LEFT JOIN metric_accounts AS v USING (account)
            WHERE o.before IN (SELECT from_rep FROM metric_moves) WINDOW book AS (PARTITION BY o.before)
        ),
        split AS (
            SELECT l.rep, l.quarter, w.account, l.quota,
                {sql.divided(part, book)} AS whole, {sql.rest(part, book)} AS rest
            FROM lines AS l JOIN weighed AS w USING (rep) WINDOW book AS (PARTITION BY l.rep, l.quarter)
        ),
        shares AS (
            SELECT rep, quarter, account, whole + CASE WHEN row_number() OVER ranked <= quota - sum(whole) OVER book
                THEN 1 ELSE 0 END AS cents
            FROM split WINDOW book AS (PARTITION BY rep, quarter),
                ranked AS (PARTITION BY rep, quarter ORDER BY rest DESC, account)
        ),
        moved AS (
            SELECT m.from_rep, m.to_rep, m.quarter, s.cents FROM metric_moves AS m
            LEFT JOIN shares AS s ON s.rep = m.from_rep AND s.quarter = m.quarter AND s.account = m.account
        ),
        flows AS (
            SELECT from_rep AS rep, quarter, -cents AS cents FROM moved
            UNION ALL SELECT to_rep, quarter, cents FROM moved
        )
        SELECT l.rep, l.quarter, CASE WHEN count(f.cents) = count(*) THEN sum(f.cents) END AS change, l.quota
        FROM lines AS l JOIN flows AS f USING (rep, quarter) GROUP BY l.rep, l.quarter, l.quota
    """
    make_table(db, "metric_quotas", query)


def _serves(sql: Spelling, column: str) -> str:
    """Whether a column says how a whole book divides."""
    known = f"count({column}) OVER book = count(*) OVER book"
    return f"{known} AND min({column}) OVER book >= 0 AND {sum_of(sql, column)} OVER book > 0"
