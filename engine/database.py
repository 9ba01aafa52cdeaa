"""What must an SQL engine do for us? A small port: plain SQL in, Python values out; and how names are written.

The embedded engine is `engine.engines.embedded`. Results are Python values: integers of any width, `date`, `str`,
`bool`, `None`, and a list of such.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from engine.spelling import Spelling, quoted, text

__all__ = ["Database", "quoted", "text"]


class Database(Protocol):
    """One session of an engine with tables of our own, which nobody else sees."""

    @property
    def spelling(self) -> Spelling:
        """How the engine writes SQL."""

    @property
    def version(self) -> str:
        """Of the engine, as it tells it."""

    def close(self) -> None:
        """End the session; its tables are gone."""

    def run(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Carry out one statement."""

    def run_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Carry out one statement for every row of parameters."""

    def store(self, name: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[object]]) -> None:
        """Make a table of these columns (name and type in the engine's SQL), replacing one, and put the rows in."""

    def fresh(self, prefix: str) -> str:
        """A name that begins so, and that this session has not given before."""

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""

    def records(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """All rows of a query, each by column name."""

    def value(self, sql: str, parameters: Sequence[object] = ()) -> Any:
        """The first cell of the first row; `None` if there is none."""

    def has(self, table: str) -> bool:
        """Whether a table or view of that name exists."""

    def columns(self, table: str) -> tuple[str, ...]:
        """Its columns, in order."""

    def tables(self) -> Mapping[str, tuple[str, ...]]:
        """All tables of the session by name, with their columns, in order; views may be among them."""

    def read_parquet(self, name: str, path: Path) -> None:
        """Load a Parquet file as a table. Raises ValueError if it is not a readable one."""

    def read_snapshot(self, snapshot: str, files: Mapping[str, Path]) -> None:
        """Load the Parquet files of a snapshot as relations of these names; an engine may keep them for later sessions.

        Raises ValueError as `read_parquet` does.
        """

    def write_csv(self, query: str, path: Path) -> None:
        """Write a query's rows as one UTF-8 CSV file with a header; a missing value is an empty cell."""

    def write_parquet(self, query: str, path: Path) -> None:
        """Write a query's rows as one Parquet file."""
