"""The one door to DuckDB: an in-memory database that answers plain SQL, and knows how to read and write Parquet.

Nobody but this module imports duckdb. Results are Python values: integers of any width, `date`, `str`, `bool`, `None`.
"""

from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from engine.spelling import Spelling, quoted, text

UNREADABLE = (duckdb.Error,)
"""What a query over somebody's file raises where the file is not what its name says."""


class Embedded:
    """A private in-memory database of DuckDB (engine.database); a context manager that closes it."""

    spelling = Spelling()
    version: str = duckdb.__version__

    def __init__(self, *, memory_mib: int | None = None, spill: Path | None = None, threads: int | None = None) -> None:
        """With `memory_mib`, what does not fit goes to files in the folder `spill`; None leaves it to DuckDB."""
        self._connection = duckdb.connect(
            ":memory:", config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
        )
        self._numbers = count(1)
        # One order of rows and one zone, so that a replay gives the same bytes on every machine.
        self._connection.execute("SET preserve_insertion_order = true; SET default_null_order = 'nulls_last'")
        for setting, value in (("memory_limit", memory_mib and f"{memory_mib}MiB"), ("temp_directory", spill)):
            if value is not None:
                self._connection.execute(f"SET {setting} = {text(str(value))}")
        if threads is not None:
            self._connection.execute(f"SET threads = {threads}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def run(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Carry out one statement."""
        self._connection.execute(sql, list(parameters) or None)

    def run_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Carry out one statement for every row of parameters."""
        if rows:
            self._connection.executemany(sql, [list(row) for row in rows])

    def store(self, name: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[object]]) -> None:
        """Make a table of these columns (name and type), replacing one, and put the rows in."""
        # As one list of texts for each column: a statement for every row takes a hundred times as long.
        cells = ", ".join(
            f"CAST(unnest(CAST(${i} AS VARCHAR[])) AS {type_}) AS {quoted(column)}"
            for i, (column, type_) in enumerate(columns, 1)
        )
        texts = [[None if cell is None else str(cell) for cell in column] for column in zip(*rows, strict=True)]
        self.run(f"CREATE OR REPLACE TABLE {quoted(name)} AS SELECT {cells}", texts or [[] for _ in columns])

    def fresh(self, prefix: str) -> str:
        """A name that begins so, and that this session has not given before."""
        return f"{prefix}_{next(self._numbers)}"

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self._connection.execute(sql, list(parameters) or None).fetchall()

    def records(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """All rows of a query, each by column name."""
        cursor = self._connection.execute(sql, list(parameters) or None)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def value(self, sql: str, parameters: Sequence[object] = ()) -> Any:
        """The first cell of the first row; `None` if there is none."""
        row = self._connection.execute(sql, list(parameters) or None).fetchone()
        return row[0] if row else None

    def has(self, table: str) -> bool:
        """Whether a table or view of that name exists."""
        return bool(self.columns(table))

    def columns(self, table: str) -> tuple[str, ...]:
        """Its columns, in order."""
        # Asking the table itself: the catalogue's own views are slower than the metrics of a small snapshot.
        try:
            described = self._connection.execute(f"SELECT * FROM {quoted(table)} LIMIT 0").description
        except duckdb.CatalogException:
            return ()
        return tuple(name for name, *_ in described or ())

    def tables(self) -> Mapping[str, tuple[str, ...]]:
        """All tables and views of the session by name, with their columns, in order."""
        found: dict[str, tuple[str, ...]] = {}
        for table, column in self.rows(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal ORDER BY table_oid, column_index"
        ):
            found[table] = (*found.get(table, ()), column)
        return found

    def read_parquet(self, name: str, path: Path) -> None:
        """Load a Parquet file as a table. Raises ValueError if it is not a readable one."""
        self._from_parquet("TABLE", name, path)

    def see_parquet(self, name: str, path: Path) -> None:
        """The same as a view, which reads the file whenever it is asked."""
        self._from_parquet("VIEW", name, path)

    def _from_parquet(self, what: str, name: str, path: Path) -> None:
        try:
            self.run(f"CREATE {what} {quoted(name)} AS SELECT * FROM read_parquet({text(str(path))})")
        except (duckdb.InvalidInputException, duckdb.IOException) as error:
            raise ValueError(f"not a readable Parquet file: {path.name}") from error

    def read_snapshot(self, snapshot: str, files: Mapping[str, Path]) -> None:  # noqa: ARG002 -- nothing is kept
        """Load the Parquet files of a snapshot as tables of these names."""
        for name, path in files.items():
            self.read_parquet(name, path)

    def write_csv(self, query: str, path: Path) -> None:
        """Write a query's rows as one UTF-8 CSV file with a header; a missing value is an empty cell."""
        # With several threads DuckDB 2.0 writes the rows of a large CSV file in another order every time.
        threads = self.value("SELECT current_setting('threads')")
        self.run("SET threads = 1")
        try:
            self.run(f"COPY ({query}) TO {text(str(path))} (FORMAT csv, HEADER)")
        finally:
            self.run(f"SET threads = {threads}")

    def write_parquet(self, query: str, path: Path) -> None:
        """Write a query's rows as one Parquet file."""
        self.run(f"COPY ({query}) TO {text(str(path))} (FORMAT parquet, COMPRESSION zstd)")


def cells_of(path: Path, columns: int) -> str:
    """A table expression over a file in the normal form of `engine.intake.reading`: `row`, then texts `c0`, `c1`, …

    Empty cells are NULL. A line may be as long as the longest row that reading lets through.
    """
    types = ", ".join(["'row': 'BIGINT'", *(f"'c{i}': 'VARCHAR'" for i in range(columns))])
    return (
        f"read_csv({text(str(path))}, columns = {{{types}}}, delim = chr(31), quote = '', escape = '', comment = '', "
        "header = false, auto_detect = false, nullstr = '', new_line = '\\n', max_line_size = 16000000)"
    )
