"""How is a data-quality finding put together? Counted whole, listed in words up to the first thousand."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.database import Database
from engine.intake.snapshot import Finding

LISTED = 1000


def finding(name: str, message: str, cases: Sequence[str], of: int | None = None) -> Finding:
    """A finding whose cases are all at hand."""
    return Finding(name, message, len(cases), of, tuple(cases[:LISTED]))


def counted(
    db: Database,
    query: str,
    *,
    name: str,
    message: str,
    say: Callable[[Mapping[str, Any]], str],
    of: int | None = None,
) -> tuple[Finding, ...]:
    """A finding of as many cases as the query has rows, in the query's order; none where it has no rows."""
    count = db.value(f"SELECT count(*) FROM ({query})")
    rows = db.records(f"SELECT * FROM ({query}) LIMIT {LISTED}") if count else []
    return (Finding(name, message, int(count), of, tuple(say(row) for row in rows)),) if count else ()


def amount(units: int, scale: int, minor_digits: int) -> str:
    """Units of money as a person reads them: with the currency's decimals, or with all where these would hide some."""
    digits = minor_digits if units % 10 ** (scale - minor_digits) == 0 else scale
    return f"{Decimal(units).scaleb(-scale):,.{digits}f}"
