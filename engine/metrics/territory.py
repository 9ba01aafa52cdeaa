"""How does each territory stand? The balance metrics, territory by territory (docs/domain.md, 2).

A territory without accounts or without reps takes no part in means and is no candidate: it has no row here and is
listed with its reason by `territories_left_out`.

T12 of a territory is all revenue made in it, house sales included. Its attainment comes from `engine.metrics.share`.
"""

from datetime import date, timedelta

from engine.database import Database
from engine.engines.dialect import make_table, sum_of
from engine.intake.snapshot import Manifest
from engine.metrics.account import t12_window
from engine.metrics.amounts import compared
from engine.metrics.periods import MONTHS_A_YEAR, month_number
from engine.metrics.share import WHOLE_PPM
from engine.spelling import Spelling


def create_territories(db: Database, manifest: Manifest, as_of: date) -> None:
    """Create `metric_territories`(territory, named, accounts, reps, why_not), one row for each that the snapshot knows.

    `why_not` says why one is left out, empty for one that counts; what the snapshot cannot tell leaves nobody out.
    """
    present = manifest.present()
    if "territories.territory" in present:
        every = "SELECT territory FROM known_territories"
    else:
        every = (
            "SELECT territory FROM known_accounts UNION SELECT territory FROM known_assignments"
            " UNION SELECT territory FROM known_revenue"
        )
    no_accounts = "accounts = 0" if "accounts.territory" in present else "false"
    no_reps = "reps = 0" if "assignments.territory" in present else "false"
    query = f"""
        WITH held AS (SELECT territory, count(*) AS accounts FROM known_accounts GROUP BY territory),
        manned AS (
            SELECT territory, count(DISTINCT rep) AS reps FROM ({_assigned(as_of)}) AS s GROUP BY territory
        ),
        counted AS (
            SELECT e.territory, t.named, coalesce(h.accounts, 0) AS accounts, coalesce(m.reps, 0) AS reps
            FROM ({every}) AS e LEFT JOIN known_territories AS t USING (territory)
            LEFT JOIN held AS h USING (territory) LEFT JOIN manned AS m USING (territory)
            WHERE e.territory IS NOT NULL
        )
        SELECT *, CASE WHEN {no_accounts} AND {no_reps} THEN 'no accounts and no reps'
            WHEN {no_accounts} THEN 'no accounts' WHEN {no_reps} THEN 'no reps' ELSE '' END AS why_not
        FROM counted
    """
    make_table(db, "metric_territories", query)


def territories_left_out(db: Database) -> list[tuple[str, str]]:
    """Territories that take no part, in order, each with the reason in words. Needs `metric_territories`."""
    return db.rows("SELECT territory, why_not FROM metric_territories WHERE why_not <> '' ORDER BY territory")


def territory_rows(db: Database, manifest: Manifest, as_of: date, base: int | None) -> str:
    """A query with one row per territory that counts and a column per fact, amounts at the source's scale.

    `base` is the smallest T12 (minor units) on which a concentration is stated. Needs `metric_accounts`,
    `metric_territories`, `metric_attained` and `metric_wins`.
    """
    window = t12_window(db, as_of)
    sql = db.spelling
    t12 = sql.wide("NULL" if window is None else "coalesce(b.t12, 0)")
    enough = "false" if base is None else compared(sql, "t12", ">=", base, manifest)
    return f"""
        WITH booked AS (
            SELECT territory, sum(t12) AS t12, max(t12) FILTER (WHERE account IS NOT NULL) AS largest,
                count(*) FILTER (WHERE account IS NOT NULL AND t12 > 0) AS accounts
            FROM metric_booked GROUP BY territory
        ),
        held AS (
            SELECT territory, CASE WHEN count(units) = count(*) THEN sum(units) END AS units,
                CASE WHEN count(potential) = count(*) THEN {sum_of(sql, "potential")} END AS tam
            FROM metric_accounts GROUP BY territory
        ),
        target AS (
            SELECT s.territory, CASE WHEN count(c.target_units) = count(*) AND count(s.share) = count(*)
                THEN sum({sql.wide("c.target_units")} * s.share) END AS units
            FROM ({_assigned(as_of)}) AS s LEFT JOIN known_capacity AS c USING (rep) GROUP BY s.territory
        ),
        every AS (
            SELECT t.territory, t.named, t.accounts, t.reps, {t12} AS t12, coalesce(b.largest, 0) AS largest,
                CASE WHEN {t12} IS NOT NULL THEN coalesce(b.accounts, 0) END AS revenue_accounts,
                h.units, h.tam, g.units AS target, a.n AS attained_n, a.d AS attained_d,
                k.name, k.region, k.segmentation, k.changed_on, w.won, w.created, w.all_won, w.all_created
            FROM metric_territories AS t LEFT JOIN booked AS b USING (territory) LEFT JOIN held AS h USING (territory)
            LEFT JOIN target AS g USING (territory) LEFT JOIN metric_attained AS a USING (territory)
            LEFT JOIN known_territories AS k USING (territory) LEFT JOIN metric_wins AS w USING (territory)
            WHERE t.why_not = ''
        ),
        captured AS ({_captured(sql)})
        SELECT territory AS subject_id,
            attained_n AS "territory.attainment#n", attained_d AS "territory.attainment#d",
            units * count(*) OVER () AS "territory.workload_index#n",
            CASE WHEN count(units) OVER () = count(*) OVER () THEN sum(units) OVER () END
                AS "territory.workload_index#d",
            units * {WHOLE_PPM} AS "territory.utilisation#n", target AS "territory.utilisation#d",
            largest AS "territory.largest_account_share#n",
            CASE WHEN {enough} THEN t12 END AS "territory.largest_account_share#d",
            tam * count(*) OVER () AS "territory.potential_index#n",
            CASE WHEN count(tam) OVER () = count(*) OVER () THEN sum(tam) OVER () END AS "territory.potential_index#d",
            t12 AS "territory.t12", revenue_accounts AS "territory.revenue_accounts", named AS "territory.named",
            name AS "territory.name", region AS "territory.region", segmentation AS "territory.segmentation",
            {_full_months_since("changed_on", as_of)} AS "territory.age_months",
            accounts AS "territory.accounts", reps AS "territory.reps", tam AS "territory.tam",
            t12 AS "territory.capture_rate#n", tam AS "territory.capture_rate#d",
            higher + 1 <= quarter AS "territory.capture_top_quartile",
            lower + 1 <= quarter AS "territory.capture_bottom_quartile",
            won AS "territory.win_rate#n", created AS "territory.win_rate#d",
            abs(won * all_created - all_won * created) AS "territory.win_rate_distance#n",
            created * all_created AS "territory.win_rate_distance#d",
            t12 AS "territory.revenue_per_account#n", revenue_accounts AS "territory.revenue_per_account#d"
        FROM every LEFT JOIN captured USING (territory)
    """


def _captured(sql: Spelling) -> str:
    """How many territories capture more and fewer of their TAM than each, exactly, and how many make a quarter.

    Unknown for all where one capture rate is, or where there are fewer than four.
    """
    higher = f"{sql.wide('o.t12')} * e.tam > {sql.wide('e.t12')} * o.tam"
    lower = f"{sql.wide('o.t12')} * e.tam < {sql.wide('e.t12')} * o.tam"
    return f"""
        SELECT e.territory, count(*) FILTER (WHERE {higher}) AS higher, count(*) FILTER (WHERE {lower}) AS lower,
            {sql.divided("(count(*) + 3)", "4")} AS quarter
        FROM every AS e CROSS JOIN every AS o GROUP BY e.territory
        HAVING count(*) >= 4 AND bool_and(o.t12 IS NOT NULL AND coalesce(o.tam > 0, false))
    """


def _full_months_since(column: str, as_of: date) -> str:
    """Months of the same day counted from a date to the as-of day; the last days of a month count as its end."""
    months = f"{as_of.year * MONTHS_A_YEAR + as_of.month} - {month_number(column)}"
    last_of_its_month = (as_of + timedelta(days=1)).day == 1
    return (
        months
        if last_of_its_month
        else f"{months} - CASE WHEN extract(DAY FROM {column}) > {as_of.day} THEN 1 ELSE 0 END"
    )


def _assigned(as_of: date) -> str:
    return f"""SELECT rep, territory, share FROM known_assignments
        WHERE start <= DATE '{as_of}' AND ("end" IS NULL OR "end" > DATE '{as_of}')"""
