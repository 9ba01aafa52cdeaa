"""A snapshot: what was known at the end of one day, as immutable canonical tables with their hashes.

On disk a folder named by its id: one Parquet file per table and `manifest.json`. The id is the start of the SHA-256
of the manifest's content, which holds the SHA-256 of every table file: change one cell and it is another snapshot.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from rules.problem import Problem


class Grade(Enum):
    """Evidence grade of a data set, best first (Sales Territory Rebalance Framework)."""

    MEASURED = "measured"
    PROXY = "proxy"
    ESTIMATE = "estimate"
    GUESS = "guess"


@dataclass(frozen=True, slots=True)
class DataSet:
    """A manifest entry. `columns` are those that the mapping fills; `late` counts rows left out as later than as-of."""

    table: str
    rows: int
    columns: tuple[str, ...]
    sha256: str
    owner: str
    as_of: date
    cadence: str
    """How often it is refreshed: day, week, month, quarter, year, once."""
    grade: Grade
    source: str
    late: int = 0
    refused: int = 0
    """Rows left out because of a problem; each is listed in the problems."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A data-quality finding: counted, listed, never silently resolved."""

    id: str
    """`owner-is-not-seller`, `territory-disagrees`, …"""
    message: str
    count: int
    of: int | None
    examples: tuple[str, ...]
    """Every case up to the first 1,000, each in words with both sides."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything about a snapshot but its rows."""

    id: str
    as_of: date
    mapping: str
    mapping_sha256: str
    currency: str
    money_scale: int
    """Digits after the point that one unit of a money column stands for, 0 to 4."""
    minor_digits: int
    """Digits of the currency's minor unit."""
    crediting: str
    """`credited seller` or `account owner`: whose a sale is."""
    windows: Mapping[str, tuple[date, date]]
    """Named half-open rows [start, end) for reconciliation."""
    files: Mapping[str, str]
    """Source file name to SHA-256."""
    data_sets: tuple[DataSet, ...]
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]

    def present(self) -> frozenset[str]:
        """Names of tables and `table.column`s that are filled."""
        return frozenset(name for d in self.data_sets for name in (d.table, *(f"{d.table}.{c}" for c in d.columns)))

    def absent(self, needs: tuple[str, ...]) -> tuple[str, ...]:
        """Those of `needs` that this snapshot does not have."""
        here = self.present()
        return tuple(n for n in needs if n not in here)
