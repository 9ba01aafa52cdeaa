"""Who loses by the moves, and what did they earn before? One row per rep whose book changes (docs/domain.md, 6).

A reduction is valued on one snapshot: the book before and after all moves at the same T12 and the same potential, so
that only membership differs; a base of zero leaves it unknown. A rep's effective day is the earliest of the moves.

The earnings base is the latest full months before the effective day that are not leave months, looking back over a
fixed number of months. A month counts only once it was full on the as-of day and has a row. Of fewer months than
`least_base_months` commission and earnings are unknown, and the number of months tells why.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from engine.engines.dialect import sum_of
from engine.metrics.periods import month_number
from engine.spelling import Spelling
from rules.kinds import Kind

BASE_PARAMETERS = ("base_months", "base_lookback_months", "leave_days_in_month")
LEAST = "least_base_months"


def protection_rows(spelling: Spelling, numbers: Mapping[str, int], as_of: date) -> str:
    """A query with one row per giving or receiving rep, amounts at the source's scale, and the day in `effective`.

    Needs `metric_accounts`, `metric_owners` and `metric_quartiles`.
    """
    return f"""
        WITH parts AS (
            SELECT from_rep AS rep, effective, announced_on FROM known_moves
            UNION ALL SELECT to_rep, effective, announced_on FROM known_moves
        ),
        touched AS (
            SELECT rep, min(effective) AS effective, min(announced_on) AS announced_on
            FROM parts WHERE rep IS NOT NULL GROUP BY rep
        ),
        books AS (
            SELECT rep, {_sum(spelling, "t12", "before")} AS t12_before,
                {_sum(spelling, "t12", "after")} AS t12_after,
                {_sum(spelling, "potential", "before")} AS tam_before,
                {_sum(spelling, "potential", "after")} AS tam_after
            FROM (
                SELECT before AS rep, account, 'before' AS side FROM metric_owners WHERE before IS NOT NULL
                UNION ALL SELECT after, account, 'after' FROM metric_owners WHERE after IS NOT NULL
            ) AS held LEFT JOIN metric_accounts USING (account) GROUP BY rep
        ),
        base AS ({_base(spelling, numbers, as_of)}),
        asked AS (
            SELECT m.from_rep AS rep, bool_or(coalesce(m.requester IN (m.from_rep, r.name), false)) AS asked
            FROM known_moves AS m LEFT JOIN known_reps AS r ON r.rep = m.from_rep GROUP BY m.from_rep
        ),
        mean AS (
            SELECT CASE WHEN count(*) FILTER (WHERE b.rep IS NOT NULL AND b.tam_after IS NULL) = 0
                THEN coalesce(sum(b.tam_after), 0) END AS tam, count(*) AS reps
            FROM known_reps AS r LEFT JOIN books AS b USING (rep)
            WHERE r.quota_carrying AND r.hired_on <= DATE '{as_of}'
                AND (r.left_on IS NULL OR r.left_on > DATE '{as_of}')
        )
        SELECT t.rep AS subject_id, t.effective,
            b.t12_before - b.t12_after AS "rep.t12_reduction#n", b.t12_before AS "rep.t12_reduction#d",
            b.tam_before - b.tam_after AS "rep.tam_reduction#n", b.tam_before AS "rep.tam_reduction#d",
            CASE WHEN t.effective IS NOT NULL THEN coalesce(e.months, 0) END AS "rep.base_months",
            e.commission AS "rep.base_commission", e.earnings AS "rep.base_earnings",
            coalesce(a.asked, false) AS "rep.asked_for_it", r.left_on AS "rep.left_on",
            r.name AS "rep.name", r.region AS "rep.region", r.size_segment AS "rep.size_segment",
            r.quota_carrying AS "rep.quota_carrying",
            {spelling.days_between("t.effective", "r.hired_on")} AS "rep.tenure",
            t.effective AS "rep.effective", t.announced_on AS "rep.announced_on",
            CASE WHEN b.rep IS NULL THEN 0 ELSE b.t12_before END AS "rep.t12_before",
            CASE WHEN b.rep IS NULL THEN 0 ELSE b.t12_after END AS "rep.t12_after",
            CASE WHEN b.rep IS NULL THEN 0 ELSE b.tam_before END AS "rep.tam_before",
            CASE WHEN b.rep IS NULL THEN 0 ELSE b.tam_after END AS "rep.tam_after",
            q.n AS "rep.attainment#n", q.d AS "rep.attainment#d",
            mean.tam AS "rep.mean_tam#n", mean.reps AS "rep.mean_tam#d"
        FROM touched AS t LEFT JOIN books AS b USING (rep) LEFT JOIN base AS e USING (rep)
        LEFT JOIN asked AS a USING (rep) LEFT JOIN known_reps AS r USING (rep)
        LEFT JOIN metric_quartiles AS q USING (rep) CROSS JOIN mean
    """


def _sum(spelling: Spelling, column: str, side: str) -> str:
    """A book's total, 0 for an empty book and NULL where one account's value is unknown."""
    rows = f"FILTER (WHERE side = '{side}')"
    return f"CASE WHEN count({column}) {rows} = count(*) {rows} THEN coalesce({sum_of(spelling, column)} {rows}, 0) END"


def _base(spelling: Spelling, numbers: Mapping[str, int], as_of: date) -> str:
    if any(name not in numbers for name in BASE_PARAMETERS):
        return (
            f"SELECT {spelling.cast('NULL', Kind.TEXT)} AS rep, 0 AS months, 0 AS commission, 0 AS earnings WHERE false"
        )
    enough = f"count(*) >= {numbers[LEAST]}" if LEAST in numbers else "false"
    known = as_of + timedelta(days=1)
    return f"""
        SELECT rep, count(*) AS months,
            CASE WHEN {enough} AND count(commission) = count(*) THEN {sum_of(spelling, "commission")} END AS commission,
            CASE WHEN {enough} AND count(earnings) = count(*) AND count(one_offs) = count(*)
                THEN {sum_of(spelling, "earnings")} - {sum_of(spelling, "one_offs")} END AS earnings
        FROM (
            SELECT c.*, row_number() OVER (PARTITION BY c.rep ORDER BY c.month DESC) AS place
            FROM known_compensation AS c JOIN touched AS t USING (rep)
            WHERE {month_number("c.month")} >= {month_number("t.effective")} - {numbers["base_lookback_months"]}
                AND {month_number("c.month")} < {month_number("t.effective")}
                AND c.month < DATE '{known.replace(day=1)}'
                AND c.leave_days < {numbers["leave_days_in_month"]}
        ) AS worked
        WHERE place <= {numbers["base_months"]} GROUP BY rep
    """
