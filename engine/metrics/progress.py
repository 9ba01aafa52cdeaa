"""How far did the company and each territory get by a day? What reviews compare with what stood at commit.

All are actual by quota, each over days of its own: attainment over the last four full quarters, the latest full quarter
alone, progress from the first day of the running quarter on, and the same from a given day. A quarter that lies only in
part in those days counts its quota by days (house: evenly spread). Quota and actual are those of reps who carry a quota
and manage nobody; whose quota belongs to which territory is as in `engine.metrics.share`.

Pipeline is the amount of the open opportunities; one without an amount adds nothing to it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from engine.database import Database
from engine.engines.dialect import sum_of
from engine.intake.snapshot import Manifest
from engine.metrics.amounts import rounded
from engine.metrics.attainment import QUARTERS
from engine.metrics.fact_needs import lacking
from engine.metrics.known import revenue_reaches
from engine.metrics.periods import Window, full_quarters, windows_sql
from engine.metrics.share import shares_of, worked
from rules.expression.term import RATIO_REACH
from rules.vocabulary.fact import ATTAINMENT, PIPELINE

_ROLES = ("reps.manager", "reps.quota_carrying")
_SELLERS = "sellers AS (SELECT rep FROM known_reps WHERE quota_carrying AND NOT manager)"


@dataclass(frozen=True, slots=True)
class Reached:
    """How far the company or one territory got; `None` is unknown. Ratios are actual by quota."""

    attainment: Fraction | None = None
    """Over the last four full quarters."""
    quarter_attainment: Fraction | None = None
    """In the latest full quarter."""
    quota_progress: Fraction | None = None
    """From the first day of the running quarter on."""
    since: Fraction | None = None
    """From the given day on."""
    pipeline: int | None = None
    """Minor units."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What was reached by a day: by the company, and by every territory with accounts and reps."""

    company: Reached
    territories: Mapping[str, Reached]


@dataclass(frozen=True, slots=True)
class _Ratios:
    company: Fraction | None
    territories: Mapping[str, Fraction | None]


def progress(db: Database, manifest: Manifest, as_of: date, since: date | None = None) -> Progress:
    """What was reached by the end of `as_of`. Reads the views and tables that an audit of the same day leaves in `db`.

    `since` is the first day of what `Reached.since` tells; without it, or where it lies later, that is unknown.
    """
    end = as_of + timedelta(days=1)
    t4q = full_quarters(db, as_of, QUARTERS)
    year = _attained(db, manifest, Window(t4q[0].start, t4q[-1].end) if len(t4q) == QUARTERS else None)
    quarter = _attained(db, manifest, t4q[-1] if t4q else None)
    running = db.value('SELECT max(start) FROM known_periods WHERE start <= $1 AND "end" > $1', [as_of])
    begun = _attained(db, manifest, Window(running, end) if running else None)
    effective = _attained(db, manifest, Window(since, end) if since and since < end else None)
    open_, lying = _pipeline(db, manifest)
    names = [name for (name,) in db.rows("SELECT territory FROM metric_territories WHERE why_not = '' ORDER BY 1")]
    return Progress(
        Reached(year.company, quarter.company, begun.company, effective.company, open_),
        {
            name: Reached(
                year.territories.get(name),
                quarter.territories.get(name),
                begun.territories.get(name),
                effective.territories.get(name),
                None if lying is None else lying.get(name, 0),
            )
            for name in names
        },
    )


def _attained(db: Database, manifest: Manifest, days: Window | None) -> _Ratios:
    """Actual by quota within these days; all unknown where quarters do not cover them, or inputs are not there."""
    quarters = _quarters_over(db, days) if days else ()
    present = manifest.present()
    if days is None or not quarters or lacking((*ATTAINMENT, *_ROLES), present):
        return _Ratios(None, {})
    parts = [Window(max(q.start, days.start), min(q.end, days.end)) for q in quarters]
    weights = [
        Fraction((part.end - part.start).days, (q.end - q.start).days) for q, part in zip(quarters, parts, strict=True)
    ]
    company = _of_company(db, quarters, parts, weights)
    if lacking(("assignments", "revenue.territory"), present):
        return _Ratios(company, {})
    return _Ratios(company, _of_territories(db, manifest, quarters, days, weights))


def _quarters_over(db: Database, days: Window) -> tuple[Window, ...]:
    """The quarters that cover these days without a gap or an overlap; none where there are none, or no revenue yet."""
    rows = db.rows(
        'SELECT start, "end" FROM known_periods WHERE start < $1 AND "end" > $2 ORDER BY start', [days.end, days.start]
    )
    found = tuple(Window(start, end) for start, end in rows)
    joined = all(one.end == other.start for one, other in pairwise(found))
    covered = bool(found) and found[0].start <= days.start and found[-1].end >= days.end
    return found if covered and joined and revenue_reaches(db, found[0]) else ()


def _of_company(
    db: Database, quarters: Sequence[Window], parts: Sequence[Window], weights: Sequence[Fraction]
) -> Fraction | None:
    """Over every seller with a quota in the quarter: what others sold is no part of anybody's quota."""
    sql = db.spelling
    rows = db.rows(f"""
        WITH quarters AS {windows_sql(tuple(quarters))}, parts AS {windows_sql(tuple(parts))}, {_SELLERS},
        actuals AS (
            SELECT rep, i, {sum_of(sql, "amount")} AS actual FROM known_revenue JOIN parts
                ON booked_on >= parts.start AND booked_on < parts."end" GROUP BY rep, i
        )
        SELECT w.i, {sum_of(sql, "q.amount")}, sum(coalesce(a.actual, 0))
        FROM known_quotas AS q JOIN quarters AS w ON q.start = w.start AND q."end" = w."end"
        LEFT JOIN actuals AS a ON a.rep = q.rep AND a.i = w.i
        WHERE q.amount IS NOT NULL AND q.rep IN (SELECT rep FROM sellers) GROUP BY w.i
        """)
    if len(rows) < len(quarters):
        return None
    return _ratio(sum(actual for *_, actual in rows), sum((weights[i] * quota for i, quota, _ in rows), Fraction(0)))


def _of_territories(
    db: Database, manifest: Manifest, quarters: Sequence[Window], days: Window, weights: Sequence[Fraction]
) -> dict[str, Fraction | None]:
    actuals = dict(
        db.rows(
            f"""
            WITH {_SELLERS} SELECT territory, {sum_of(db.spelling, "amount")} FROM known_revenue
            WHERE rep IN (SELECT rep FROM sellers) AND booked_on >= $1 AND booked_on < $2 GROUP BY territory
            """,
            [days.start, days.end],
        )
    )
    quotas: dict[str, dict[int, list[Fraction | None]]] = defaultdict(lambda: defaultdict(list))
    for (i, _), work in worked(db, manifest, windows_sql(tuple(quarters))).items():
        shares = shares_of([(w.territory, w.ppm, w.tam) for w in work])
        for w in work:
            share = shares[w.territory]
            quotas[w.territory][i].append(None if share is None or w.quota is None else share * w.quota * weights[i])
    found: dict[str, Fraction | None] = {}
    for territory, by_quarter in quotas.items():
        shared = [part for of in by_quarter.values() for part in of]
        known = [part for part in shared if part is not None]
        whole = len(by_quarter) == len(quarters) and len(known) == len(shared)
        found[territory] = _ratio(actuals.get(territory, 0), sum(known, Fraction(0))) if whole else None
    return found


def _ratio(actual: int, quota: Fraction) -> Fraction | None:
    """Actual by quota; unknown for a quota of nothing, and where no condition could compare it."""
    if quota <= 0:
        return None
    found = actual / quota
    return found if max(abs(found.numerator), found.denominator) <= RATIO_REACH else None


def _pipeline(db: Database, manifest: Manifest) -> tuple[int | None, Mapping[str, int] | None]:
    """Of the company, and by territory in which the deal's account lies."""
    present = manifest.present()
    if lacking(PIPELINE, present):
        return None, None
    amount = rounded(db.spelling, f"coalesce({sum_of(db.spelling, 'amount')}, 0)", manifest)
    whole = db.value(f"SELECT {amount} FROM known_opportunities WHERE status = 'open'")
    if lacking(("opportunities.account", "accounts.territory"), present):
        return whole, None
    rows = db.rows(f"""
        SELECT a.territory, {amount} FROM known_opportunities JOIN known_accounts AS a USING (account)
        WHERE status = 'open' AND a.territory IS NOT NULL GROUP BY a.territory
        """)
    return whole, dict(rows)
