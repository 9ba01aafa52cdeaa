"""How far did each rep get, and how far apart are they? Attainment and spread, exactly (docs/domain.md, 0, 2 and 3).

Attainment is revenue credited to the rep over quota, both summed over the same quarters. T4Q is the last four full
quarters; only reps with a quota row for each of the four have one. The spread is the largest minus the smallest
attainment over reps who are active, carry a quota by role and manage nobody. House sales are credited to nobody and
count for nobody.

Everything here reads the views of `engine.metrics.known`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from engine.database import Database
from engine.engines.dialect import make_table, sum_of
from engine.intake.snapshot import Manifest
from engine.metrics.known import create_known, revenue_reaches
from engine.metrics.periods import Window, around, full_quarters, inside, windows_sql
from rules.kinds import Kind, Value

QUARTERS = 4
"""T4Q is a name for four quarters: a definition, not a parameter."""
SOLD = "metric_sold"


@dataclass(frozen=True, slots=True)
class RepAttainment:
    """One rep's quota and actual, at the source's money scale; `None` is unknown.

    `counted` says whether T4Q stands in the company's spread; `why_not` is empty then, and otherwise a reason in words.
    """

    rep: str
    name: str
    quota: int | None
    actual: int | None
    latest_quota: int | None
    latest_actual: int | None
    counted: bool
    why_not: str

    @property
    def attainment(self) -> Fraction | None:
        """T4Q attainment; unknown for an unknown or zero quota."""
        return _ratio(self.actual, self.quota)

    @property
    def latest_attainment(self) -> Fraction | None:
        """Attainment of the latest full quarter alone."""
        return _ratio(self.latest_actual, self.latest_quota)


@dataclass(frozen=True, slots=True)
class _Row:
    """One rep's quarters: per window number quota and actual; `unfit` says why the rep is in no spread."""

    rep: str
    name: str
    unfit: str
    quarters: Mapping[int, tuple[int, int]]

    def over(self, windows: Iterable[int]) -> tuple[int, int] | None:
        """Quota and actual summed over these windows, or `None` where one has no quota row."""
        chosen = [self.quarters.get(i) for i in windows]
        known = [c for c in chosen if c is not None]
        if len(known) < len(chosen):
            return None
        return sum(quota for quota, _ in known), sum(actual for _, actual in known)

    def attainment(self, windows: Iterable[int]) -> Fraction | None:
        quota, actual = self.over(windows) or (None, None)
        return _ratio(actual, quota)


def attainment_by_rep(db: Database, manifest: Manifest, as_of: date) -> list[RepAttainment]:
    """Every rep that the snapshot knows, in order of id, with T4Q and the latest full quarter."""
    create_known(db, manifest, as_of)
    return attainments(db, as_of)


def create_sold(db: Database, as_of: date) -> None:
    """Create `metric_sold`(territory, rep, a0, a1, …): what each rep sold in each territory, by quarter of T4Q."""
    make_table(db, SOLD, _sold(db, full_quarters(db, as_of, QUARTERS)))


def attainment_facts(db: Database, as_of: date) -> dict[str, Value | None]:
    """The company's facts on attainment by fact name; `None` where unknown. Needs `metric_sold`.

    The latest quarter alone has its own reps: everybody fit to count with a quota row for it. `…_without_latest` keeps
    the reps of T4Q and leaves out only the quarter. `…_earlier` asks the whole question again on the last day of the
    quarter before, of the reps active then.
    """
    windows = full_quarters(db, as_of, QUARTERS)
    rows = [row for row in _rows(db, as_of, windows, SOLD) if not row.unfit]
    known = _reaches(db, windows)
    t4q = _t4q(rows) if known else {}
    ranked = sorted(t4q.values())
    unique = bool(ranked) and ranked.count(ranked[0]) == 1
    latest_known = bool(windows) and revenue_reaches(db, windows[-1])
    latest = [a for row in rows if (a := row.attainment([len(windows) - 1])) is not None] if latest_known else []
    without_latest = [a for row in rows if row.rep in t4q and (a := row.attainment(range(QUARTERS - 1))) is not None]
    return {
        "company.attainment_spread": spread(ranked),
        "company.attainment_spread_quarter": spread(latest),
        "company.attainment_spread_earlier": _earlier_spread(db, windows),
        "company.attainment_spread_without_latest": spread(without_latest),
        "company.attainment_spread_without_lowest": spread(ranked[1:]) if unique else None,
        "company.lowest_attainment": ranked[0] if ranked else None,
        "company.lowest_is_unique": unique if ranked else None,
        "company.reps_in_spread": len(ranked) if known else None,
    }


def lowest_of(reps: Sequence[RepAttainment]) -> str | None:
    """The one rep with the lowest T4Q attainment in the spread; `None` where there is none or more than one."""
    ranked = sorted((a, r.rep) for r in reps if r.counted and (a := r.attainment) is not None)
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    return ranked[0][1]


def spread(attainments: Sequence[Fraction]) -> Fraction | None:
    """Largest minus smallest, as an exact difference of ratios; unknown for fewer than two."""
    return max(attainments) - min(attainments) if len(attainments) > 1 else None


def attainments(db: Database, as_of: date, *, sold: bool = False) -> list[RepAttainment]:
    """As `attainment_by_rep`, on a day up to that of the views that are there.

    `sold` says that there is a `metric_sold` of that day, so that revenue need not be read again.
    """
    windows = full_quarters(db, as_of, QUARTERS)
    reaches = _reaches(db, windows)
    latest_known = bool(windows) and revenue_reaches(db, windows[-1])
    found = []
    for row in _rows(db, as_of, windows, SOLD if sold else ""):
        t4q = row.over(range(QUARTERS)) if reaches else None
        latest = row.over([len(windows) - 1]) if latest_known else None
        quota, actual = t4q or (None, None)
        latest_quota, latest_actual = latest or (None, None)
        why_not = row.unfit or _why_not(windows, quota, reaches=reaches)
        found.append(RepAttainment(row.rep, row.name, quota, actual, latest_quota, latest_actual, not why_not, why_not))
    return found


def _t4q(rows: Sequence[_Row]) -> dict[str, Fraction]:
    return {row.rep: a for row in rows if (a := row.attainment(range(QUARTERS))) is not None}


def _earlier_spread(db: Database, windows: tuple[Window, ...]) -> Fraction | None:
    if not windows:
        return None
    as_of = windows[-1].start - timedelta(days=1)
    earlier = full_quarters(db, as_of, QUARTERS)
    if not _reaches(db, earlier):
        return None
    return spread(list(_t4q([row for row in _rows(db, as_of, earlier) if not row.unfit]).values()))


def _reaches(db: Database, windows: tuple[Window, ...]) -> bool:
    return len(windows) == QUARTERS and revenue_reaches(db, windows[0])


def _why_not(windows: tuple[Window, ...], quota: int | None, *, reaches: bool) -> str:
    if len(windows) < QUARTERS:
        return "the calendar has fewer than four full quarters"
    if not reaches:
        return "revenue is not known over four full quarters"
    if quota is None:
        return "no quota for each of the last four full quarters"
    return "" if quota > 0 else "the quota is zero"


def _sold(db: Database, windows: tuple[Window, ...]) -> str:
    # A column for each window, and no row to join: each booking is looked at once, and none is multiplied.
    amounts = [sum_of(db.spelling, f"CASE WHEN {inside(window)} THEN amount END") for window in windows]
    columns = "".join(f", {amount} AS a{i}" for i, amount in enumerate(amounts))
    days = inside(around(windows))
    return f"SELECT territory, rep{columns} FROM known_revenue WHERE rep IS NOT NULL AND {days} GROUP BY territory, rep"


def _rows(db: Database, as_of: date, windows: tuple[Window, ...], sold: str = "") -> list[_Row]:
    quarters: dict[str, dict[int, tuple[int, int]]] = {}
    sums = "".join(f", sum(a{i}) AS a{i}" for i in range(len(windows)))
    actual = " ".join(f"WHEN {i} THEN a.a{i}" for i in range(len(windows)))
    for rep, i, quota, amount in db.rows(
        f"""
        WITH quarters AS {windows_sql(windows)},
        actuals AS (
            SELECT rep{sums} FROM {sold or f"({_sold(db, windows)}) AS sold"} GROUP BY rep
        )
        SELECT q.rep, w.i, q.amount, coalesce(CASE w.i {actual or "WHEN 0 THEN 0"} END, 0)
        FROM known_quotas AS q JOIN quarters AS w ON q.start = w.start AND q."end" = w."end"
        LEFT JOIN actuals AS a ON a.rep = q.rep
        WHERE q.amount IS NOT NULL
        """
    ):
        quarters.setdefault(rep, {})[i] = (quota, amount)
    hired, left = (db.spelling.cast(day, Kind.TEXT) for day in ("hired_on", "left_on"))
    return [
        _Row(rep, name or rep, unfit, quarters.get(rep, {}))
        for rep, name, unfit in db.rows(
            f"""
            SELECT rep, name, CASE
                WHEN manager IS NULL OR quota_carrying IS NULL OR hired_on IS NULL THEN 'role or hire date unknown'
                WHEN manager THEN 'manages others'
                WHEN NOT quota_carrying THEN 'carries no quota by role'
                WHEN hired_on > $1 THEN 'hired on ' || {hired}
                WHEN left_on <= $1 THEN 'left on ' || {left}
                ELSE '' END
            FROM known_reps ORDER BY rep
            """,
            [as_of],
        )
    ]


def _ratio(actual: int | None, quota: int | None) -> Fraction | None:
    return None if actual is None or quota is None or quota <= 0 else Fraction(actual, quota)
