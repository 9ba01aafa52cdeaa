"""How unequal are the territories, and do books and shares drift? Facts of the company (docs/domain.md, 2 and 3).

A CV is the population standard deviation by the mean over the territories that count. It need not be a ratio of whole
numbers as its square is. Cut off after six decimals it still is exact for `<` and `>=` against every limit of at most
six decimals. A number that no condition could compare exactly is unknown.
"""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from math import isqrt

from engine.database import Database
from engine.engines.dialect import sum_of
from engine.intake.snapshot import Manifest
from engine.metrics.account import t12_window
from engine.metrics.amounts import compared
from engine.metrics.known import revenue_reaches
from engine.metrics.periods import MONTHS_A_YEAR, Window, months_later
from rules.expression.term import RATIO_REACH

CV_PARTS = 10**6


def cv(values: Sequence[Fraction | int | None]) -> Fraction | None:
    """The coefficient of variation, cut off to a millionth; unknown where a value is, and for a mean that is not above
    zero.

    >>> cv([1, 1, 4])
    Fraction(707106, 1000000)
    """
    known = [Fraction(v) for v in values if v is not None]
    total = sum(known, Fraction(0))
    if not known or len(known) < len(values) or total <= 0:
        return None
    squared = (len(known) * sum(v * v for v in known) - total * total) / (total * total)
    # The root of a floor is the floor of the root, among whole numbers.
    return Fraction(isqrt(squared.numerator * CV_PARTS**2 // squared.denominator), CV_PARTS)


def dispersion_facts(db: Database, manifest: Manifest, as_of: date, base: int | None) -> dict[str, Fraction | None]:
    """CVs and drift by fact name; `None` is unknown.

    `base` is the smallest T12 (minor units) on which a largest-account share is stated. Needs `metric_accounts`,
    `metric_territories`, `metric_attained` and `metric_owners`.
    """
    window = t12_window(db, as_of)
    attained = [None if n is None else Fraction(n, d) for n, d in _attained(db)]
    known = [a for a in attained if a is not None]
    found: dict[str, Fraction | None] = {
        "company.revenue_cv": None if window is None else cv(_revenue(db)),
        "company.potential_cv": cv(_potential(db)),
        "company.accounts_cv": cv(_counts(db)),
        "company.attainment_cv": cv(attained),
        "company.territory_attainment_spread": _spread(known) if len(known) == len(attained) else None,
        **_highest_utilisation(db),
        "company.largest_account_share_change": _share_change(db, manifest, window, base),
    }
    return {name: value if value is not None and _comparable(value) else None for name, value in found.items()}


def _spread(attained: Sequence[Fraction]) -> Fraction | None:
    """Largest less smallest; unknown for fewer than two territories."""
    return max(attained) - min(attained) if len(attained) > 1 else None


def _comparable(value: Fraction) -> bool:
    return max(abs(value.numerator), value.denominator) <= RATIO_REACH


def _attained(db: Database) -> list[tuple[int | None, int | None]]:
    return db.rows("SELECT n, d FROM metric_territories LEFT JOIN metric_attained USING (territory) WHERE why_not = ''")


def _revenue(db: Database) -> list[int]:
    rows = db.rows(
        """
        SELECT coalesce(sum(b.t12), 0) FROM metric_territories AS t
        LEFT JOIN metric_booked AS b ON b.territory = t.territory
        WHERE t.why_not = '' GROUP BY t.territory
        """
    )
    return [int(amount) for (amount,) in rows]


def _potential(db: Database) -> list[int | None]:
    rows = db.rows(f"""
        SELECT CASE WHEN count(v.potential) = count(*) THEN {sum_of(db.spelling, "v.potential")} END
        FROM metric_territories AS t JOIN metric_accounts AS v USING (territory)
        WHERE t.why_not = '' GROUP BY t.territory
    """)
    return [None if amount is None else int(amount) for (amount,) in rows]


def _counts(db: Database) -> list[int]:
    return [int(count) for (count,) in db.rows("SELECT accounts FROM metric_territories WHERE why_not = ''")]


def _highest_utilisation(db: Database) -> dict[str, Fraction | None]:
    """Of the fullest book that is known, and the same where every book is.

    A book is known where the potential of each of its accounts and the rep's full book are.
    """
    rows = db.rows("""
        SELECT c.target_units, CASE WHEN count(v.units) = count(*) THEN sum(v.units) END FROM metric_owners AS o
        LEFT JOIN known_capacity AS c ON c.rep = o.before LEFT JOIN metric_accounts AS v ON v.account = o.account
        WHERE o.before IS NOT NULL GROUP BY o.before, c.target_units
    """)
    known = [Fraction(int(units), target) for target, units in rows if target and units is not None]
    highest = max(known, default=None)
    return {
        "company.highest_utilisation_at_least": highest,
        "company.highest_utilisation": highest if len(known) == len(rows) else None,
    }


def _share_change(db: Database, manifest: Manifest, window: Window | None, base: int | None) -> Fraction | None:
    """Largest rise over a year of a largest-account share that has its minimum base in both."""
    if window is None or base is None:
        return None
    earlier = Window(months_later(window.start, -MONTHS_A_YEAR), window.start)
    if not revenue_reaches(db, Window(earlier.start, months_later(earlier.start, 1))):
        return None
    now, then = (_shares(db, manifest, w, base) for w in (window, earlier))
    return max((now[t] - then[t] for t in now if t in then), default=None)


def _shares(db: Database, manifest: Manifest, window: Window, base: int) -> dict[str, Fraction]:
    sql = db.spelling
    rows = db.rows(
        f"""
        SELECT territory, max(amount) FILTER (WHERE account IS NOT NULL), sum(amount) AS total FROM (
            SELECT territory, account, {sum_of(sql, "amount")} AS amount FROM known_revenue
            WHERE booked_on >= $1 AND booked_on < $2 GROUP BY territory, account
        ) AS sold WHERE territory IN (SELECT territory FROM metric_territories WHERE why_not = '')
        GROUP BY territory HAVING sum(amount) > 0 AND {compared(sql, "sum(amount)", ">=", base, manifest)}
        """,
        [window.start, window.end],
    )
    return {territory: Fraction(int(largest or 0), int(total)) for territory, largest, total in rows}
