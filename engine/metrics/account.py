"""What is each account worth? T12, potential, tier and units.

T12 is closed revenue of the last 12 full months at the as-of day, whoever is credited. It is unknown for all accounts
where the revenue history begins after the first of those months. TAM is the account's potential as given, undiscounted.

Amounts stay at the source's money scale. Everything here reads the views of `engine.metrics.known`.
"""

from collections.abc import Mapping
from datetime import date

from engine.database import Database
from engine.engines.dialect import make_table, sum_of
from engine.intake.snapshot import Manifest
from engine.metrics.amounts import compared
from engine.metrics.known import revenue_reaches
from engine.metrics.periods import MONTHS_A_YEAR, Window, full_months, inside, months_later
from engine.spelling import Spelling
from rules.kinds import Kind

TIER_PARAMETERS = ("tier_a_over", "tier_b_from")
UNIT_PARAMETERS = ("units_a", "units_b", "units_c")


def t12_window(db: Database, as_of: date) -> Window | None:
    """The last 12 full months, or `None` where the revenue history does not fill them."""
    window = full_months(as_of, MONTHS_A_YEAR)
    first = Window(window.start, months_later(window.start, 1))
    return window if revenue_reaches(db, first) else None


def create_accounts(db: Database, manifest: Manifest, numbers: Mapping[str, int], as_of: date) -> None:
    """Create `metric_accounts`(account, territory, t12, potential, tier, units): every account that any data set names,
    and `metric_booked`(territory, account, t12): the T12 of every account in every territory in which it ever bought,
    NULL where there was none in these months.

    `numbers` holds tier limits (minor units) and units per tier; where they are not given, tier and units are NULL.
    A tier is `A` above `tier_a_over`, `B` from `tier_b_from` on, else `C` (Territory Management Plan); without
    potential there is none.
    """
    window = t12_window(db, as_of)
    t12 = "NULL" if window is None else "coalesce(r.t12, 0)"
    sql = db.spelling
    tier = _tier(sql, manifest, numbers)
    # Revenue is by far the longest table. Whatever asks for a T12 asks this one, which is read once.
    amount = f"CASE WHEN {inside(window)} THEN amount END"
    make_table(
        db,
        "metric_booked",
        f"SELECT territory, account, {sum_of(sql, amount)} AS t12 FROM known_revenue GROUP BY territory, account",
    )
    query = f"""
        WITH booked AS (SELECT account, sum(t12) AS t12 FROM metric_booked GROUP BY account)
        SELECT account, a.territory, {sql.wide(t12)} AS t12, p.amount AS potential,
            {tier} AS tier, {sql.wide(_units(tier, numbers))} AS units
        FROM known_accounts AS a FULL JOIN booked AS r USING (account) FULL JOIN known_potential AS p USING (account)
        FULL JOIN (SELECT DISTINCT account FROM known_ownership) AS o USING (account)
        WHERE account IS NOT NULL
    """
    make_table(db, "metric_accounts", query)


def _tier(sql: Spelling, manifest: Manifest, numbers: Mapping[str, int]) -> str:
    if any(name not in numbers for name in TIER_PARAMETERS):
        return sql.cast("NULL", Kind.TEXT)
    above_a = compared(sql, "p.amount", ">", numbers["tier_a_over"], manifest)
    from_b = compared(sql, "p.amount", ">=", numbers["tier_b_from"], manifest)
    return f"CASE WHEN p.amount IS NULL THEN NULL WHEN {above_a} THEN 'A' WHEN {from_b} THEN 'B' ELSE 'C' END"


def _units(tier: str, numbers: Mapping[str, int]) -> str:
    if any(name not in numbers for name in UNIT_PARAMETERS):
        return "NULL"
    a, b, c = (numbers[name] for name in UNIT_PARAMETERS)
    return f"CASE {tier} WHEN 'A' THEN {a} WHEN 'B' THEN {b} WHEN 'C' THEN {c} END"
