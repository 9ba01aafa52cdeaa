"""How did each territory do against the quota of the people who work it? Attainment by territory, over T4Q.

Actual is revenue in the territory credited to quota-carrying reps who manage nobody; quota is the quota of those who
work it times their share, quarter by quarter, of whoever is assigned on the quarter's last day. A quarter without such
a rep, a rep without a quota row or a share that nobody can know leaves it unknown.

A share that `assignments` does not give is what the rep's given shares leave of the whole in that quarter: all of it
for the only such territory; among several it is split by TAM, the potential of the accounts in each, as exact fractions
(docs/domain.md, 2, a house decision: a proxy). It is unknown where one of their TAMs is unknown, where they add up to
nothing, or where the given shares leave nothing. Splits of many reps can need numbers that no condition can compare;
such a territory's attainment is unknown too, and giving the shares settles it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from engine.database import Database
from engine.engines.dialect import sum_of
from engine.intake.snapshot import Manifest
from engine.metrics.attainment import QUARTERS, SOLD
from engine.metrics.known import revenue_reaches
from engine.metrics.periods import full_quarters, windows_sql
from rules.expression.term import RATIO_REACH
from rules.kinds import Kind

WHOLE_PPM = 1_000_000
_SELLERS = "sellers AS (SELECT rep FROM known_reps WHERE quota_carrying AND NOT manager)"


@dataclass(frozen=True, slots=True)
class Filled:
    """Which shares were filled in: `any` at all, some `by_tam`, and whether that `failed` for want of a TAM."""

    any: bool
    by_tam: bool
    failed: bool


@dataclass(frozen=True, slots=True)
class Work:
    """One rep in one territory in one quarter; `ppm` is the given share, `quota` the rep's whole quota."""

    territory: str
    ppm: int | None
    quota: int | None
    tam: int | None


def create_attained(db: Database, manifest: Manifest, as_of: date) -> Filled:
    """Create `metric_attained`(territory, n, d): attainment n/d, both NULL where it is unknown.

    Needs `metric_accounts` and `metric_sold`.
    """
    windows = full_quarters(db, as_of, QUARTERS)
    if len(windows) < QUARTERS or not revenue_reaches(db, windows[0]):
        windows = ()
    quarters = windows_sql(windows)
    amounts = [f"sum(a{i})" for i in range(len(windows))]
    actuals = dict(
        db.rows(f"""
        WITH {_SELLERS}
        SELECT territory, {" + ".join(f"coalesce({amount}, 0)" for amount in amounts) or "0"}
        FROM {SOLD} WHERE rep IN (SELECT rep FROM sellers) GROUP BY territory
        """)
    )
    quotas: dict[str, dict[int, list[Fraction | None]]] = defaultdict(lambda: defaultdict(list))
    filled: list[Filled] = []
    guessed: set[str] = set()
    for (quarter, _), work in worked(db, manifest, quarters).items():
        shares = shares_of([(w.territory, w.ppm, w.tam) for w in work])
        for w in work:
            share = shares[w.territory]
            quotas[w.territory][quarter].append(None if share is None or w.quota is None else share * w.quota)
        unfilled = [w for w in work if w.ppm is None]
        guessed.update(w.territory for w in unfilled)
        several = len(unfilled) > 1
        filled.append(Filled(bool(unfilled), several, several and any(w.tam is None for w in unfilled)))
    rows = [
        (territory, *_reduced(actuals.get(territory, 0), of, may_fail=territory in guessed))
        for territory, of in sorted(quotas.items())
    ]
    _store(db, rows)
    return Filled(any(f.any for f in filled), any(f.by_tam for f in filled), any(f.failed for f in filled))


def shares_of(work: Sequence[tuple[str, int | None, int | None]]) -> dict[str, Fraction | None]:
    """One rep's share of each territory in one quarter, from (territory, given share in ppm, TAM).

    >>> shares_of([("east", None, 300), ("west", None, 100)])
    {'east': Fraction(3, 4), 'west': Fraction(1, 4)}
    """
    rest = Fraction(WHOLE_PPM - sum(ppm for _, ppm, _ in work if ppm is not None), WHOLE_PPM)
    tams = [tam for _, ppm, tam in work if ppm is None]
    known = [tam for tam in tams if tam is not None and tam >= 0]
    total = sum(known)
    shares: dict[str, Fraction | None] = {}
    for territory, ppm, tam in work:
        if ppm is not None:
            shares[territory] = Fraction(ppm, WHOLE_PPM)
        elif rest <= 0:
            shares[territory] = None
        elif len(tams) == 1:
            shares[territory] = rest
        else:
            whole = len(known) == len(tams) and total > 0
            shares[territory] = rest * Fraction(tam, total) if whole and tam is not None else None
    return shares


def worked(db: Database, manifest: Manifest, quarters: str) -> Mapping[tuple[int, str], list[Work]]:
    """What every rep worked in every quarter, by (number of the quarter, rep). `quarters` is a relation of windows.

    Needs `metric_accounts`.
    """
    # A territory in which no account lies is worth nothing, if it is known what lies where and what it is worth.
    nothing = "0" if {"accounts.territory", "potential"} <= manifest.present() else "NULL"
    found: dict[tuple[int, str], list[Work]] = defaultdict(list)
    for quarter, rep, *work in db.rows(f"""
        WITH quarters AS {quarters}, {_SELLERS},
        worked AS (
            SELECT w.i, w.start, w."end", s.rep, s.territory,
                CASE WHEN count(s.share) = count(*) THEN sum(s.share) END AS ppm
            FROM quarters AS w JOIN known_assignments AS s
                ON s.start < w."end" AND (s."end" IS NULL OR s."end" >= w."end")
            WHERE s.rep IN (SELECT rep FROM sellers) AND s.territory IS NOT NULL
            GROUP BY w.i, w.start, w."end", s.rep, s.territory
        ),
        held AS (
            SELECT territory, CASE WHEN count(potential) = count(*) THEN {sum_of(db.spelling, "potential")} END AS tam
            FROM metric_accounts GROUP BY territory
        )
        SELECT k.i, k.rep, k.territory, k.ppm, q.amount, CASE WHEN h.territory IS NULL THEN {nothing} ELSE h.tam END
        FROM worked AS k LEFT JOIN known_quotas AS q ON q.rep = k.rep AND q.start = k.start AND q."end" = k."end"
        LEFT JOIN held AS h ON h.territory = k.territory
        ORDER BY k.i, k.rep, k.territory
        """):
        found[quarter, rep].append(Work(*work))
    return found


def _reduced(
    actual: int, quotas: Mapping[int, Sequence[Fraction | None]], *, may_fail: bool
) -> tuple[int, int] | tuple[None, None]:
    """Attainment in lowest terms; unknown where a quarter or a part of it is, or for a quota of nothing."""
    parts = [part for quarter in quotas.values() for part in quarter]
    known = [part for part in parts if part is not None]
    quota = sum(known, Fraction(0))
    if len(quotas) < QUARTERS or len(known) < len(parts) or quota <= 0:
        return None, None
    attained = actual / quota
    if may_fail and max(abs(attained.numerator), attained.denominator) > RATIO_REACH:
        return None, None
    return attained.numerator, attained.denominator


def _store(db: Database, rows: Sequence[tuple[str, int | None, int | None]]) -> None:
    wide = db.spelling.WIDE
    db.store("metric_attained", [("territory", db.spelling.type_of(Kind.TEXT)), ("n", wide), ("d", wide)], rows)
