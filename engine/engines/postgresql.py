"""The one door to PostgreSQL: a session of a company's own server, with tables in a schema that nobody else has.

Nobody but this module imports psycopg. Results are Python values: integers of any width, `date`, `str`, `bool`, `None`;
a number with decimals is a Decimal. Files pass through the embedded engine, so that they hold what it would write.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.composite import CompositeInfo, register_composite

from engine.conditions.sql_postgresql import PostgreSqlSpelling
from engine.engines.kept_tables import read_kept
from engine.engines.marks import numbered
from engine.engines.transfer import WHOLE, csv_as_csv, csv_as_parquet, parquet_as_csv
from engine.spelling import quoted

OLDEST = 130_000
"""PostgreSQL 13, as the server counts its versions."""
_CUT_OFF = "42622"
"""The notice that a name was too long."""
_SETTINGS = (
    "SET TIME ZONE 'UTC'",
    "SET DateStyle = 'ISO, YMD'",
    "SET standard_conforming_strings = on",
    # Compiling a long expression costs more than it saves.
    "SET jit = off",
)


class PostgreSql:
    """A session of PostgreSQL (engine.database); a context manager that closes it."""

    spelling = PostgreSqlSpelling()

    def __init__(self, url: str, schema: str | None = None) -> None:
        """Connect, and make a schema of that name, or of one that no other session has; closing drops it.

        Raises ValueError, without the password, where nobody answers, the schema cannot be made, the server is older
        than version 13, or its texts are not UTF-8.
        """
        self._numbers = count(1)
        self._cut: list[str] = []
        try:
            self._connection = psycopg.connect(url, autocommit=True, client_encoding="UTF8")
        except psycopg.Error as error:
            raise ValueError(_unanswered(url, error)) from None
        try:
            self._schema = self._prepared(schema)
        except psycopg.Error as error:
            self._connection.close()
            raise ValueError(f"PostgreSQL at {_shown(url)} refuses: {_first_line(error)}") from None
        except ValueError:
            self._connection.close()
            raise

    def _prepared(self, schema: str | None) -> str:
        info = self._connection.info
        if info.server_version < OLDEST:
            raise ValueError(f"PostgreSQL {self.version} is too old: at least {OLDEST // 10_000}")
        if (encoding := info.parameter_status("server_encoding")) != "UTF8":
            raise ValueError(f"the database's texts are {encoding}, not UTF-8")
        for setting in _SETTINGS:
            self._connection.execute(setting)
        self._connection.adapters.register_loader("numeric", _Number)
        self._connection.add_notice_handler(self._noticed)
        if schema is None:
            schema = f"merestone_{self.value('SELECT gen_random_uuid()').hex}"
        name = quoted(schema)
        self._connection.execute(f"CREATE SCHEMA {name}")
        self._connection.execute(f"SET search_path = {name}")
        self._connection.execute("CREATE TYPE ratio AS (n NUMERIC, d NUMERIC)")
        found = CompositeInfo.fetch(self._connection, "ratio")
        if found is not None:
            register_composite(found, self._connection, factory=_pair)
        return schema

    def _noticed(self, notice: psycopg.errors.Diagnostic) -> None:
        """Two names that were cut off alike would be one."""
        if notice.sqlstate == _CUT_OFF:
            self._cut.append(str(notice.message_primary))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def version(self) -> str:
        """Of the server, as `18.4`."""
        return str(self._connection.info.parameter_status("server_version")).split()[0]

    def close(self) -> None:
        # A server that is gone keeps the schema until somebody drops it; the error that ended it is told, not this one.
        with suppress(psycopg.Error):
            self._connection.execute(f"DROP SCHEMA IF EXISTS {quoted(self._schema)} CASCADE")
        self._connection.close()

    def run(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Carry out one statement."""
        with self._asked(sql, parameters):
            pass

    def run_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Carry out one statement for every row of parameters."""
        with psycopg.RawCursor(self._connection) as cursor:
            cursor.executemany(_query(numbered(sql)), [_cells(row) for row in rows])

    def store(self, name: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[object]]) -> None:
        """Make a table of these columns (name and type), replacing one, and put the rows in."""
        table = self.spelling.name(name)
        # With the views of it: each is made anew for whoever asks.
        self.run(f"DROP TABLE IF EXISTS {table} CASCADE")
        self.run(f"CREATE TABLE {table} ({', '.join(f'{self.spelling.name(c)} {type_}' for c, type_ in columns)})")
        with self._connection.cursor() as cursor, cursor.copy(_query(f"COPY {table} FROM STDIN")) as copy:
            for row in rows:
                copy.write_row(_cells(row))

    def fresh(self, prefix: str) -> str:
        """A name that begins so, and that this session has not given before."""
        return f"{prefix}_{next(self._numbers)}"

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._asked(sql, parameters) as cursor:
            return cursor.fetchall()

    def records(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """All rows of a query, each by column name."""
        with self._asked(sql, parameters) as cursor:
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def value(self, sql: str, parameters: Sequence[object] = ()) -> Any:
        """The first cell of the first row; `None` if there is none."""
        with self._asked(sql, parameters) as cursor:
            row = cursor.fetchone()
            return row[0] if row else None

    def _asked(self, sql: str, parameters: Sequence[object]) -> "psycopg.RawCursor[tuple[Any, ...]]":
        cursor = psycopg.RawCursor(self._connection)
        self._cut.clear()
        cursor.execute(_query(numbered(sql) if parameters else sql), _cells(parameters) or None)
        if self._cut:
            raise ValueError(self._cut[0])
        return cursor

    def has(self, table: str) -> bool:
        """Whether a table or view of that name exists."""
        return bool(self.columns(table))

    def columns(self, table: str) -> tuple[str, ...]:
        """Its columns, in order."""
        found = self.rows(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = ? ORDER BY ordinal_position",
            [table],
        )
        return tuple(str(name) for (name,) in found)

    def tables(self) -> Mapping[str, tuple[str, ...]]:
        """All tables of the session by name, with their columns, in order."""
        found = self.rows(
            "SELECT table_name, array_agg(CAST(column_name AS TEXT) ORDER BY ordinal_position)"
            " FROM information_schema.columns WHERE table_schema = current_schema() GROUP BY table_name"
        )
        return {str(name): tuple(columns) for name, columns in found}

    def read_parquet(self, name: str, path: Path) -> None:
        """Load a Parquet file as a table. Raises ValueError if it is not a readable one, or has a type of its own."""
        with parquet_as_csv(path, _TYPES) as (columns, chunks):
            table = self.spelling.name(name)
            declared = ", ".join(f"{self.spelling.name(column)} {type_}" for column, type_ in columns)
            self.run(f"CREATE TABLE {table} ({declared})")
            with (
                self._connection.cursor() as cursor,
                cursor.copy(_query(f"COPY {table} FROM STDIN (FORMAT csv)")) as copy,
            ):
                for chunk in chunks:
                    copy.write(chunk)

    def read_snapshot(self, snapshot: str, files: Mapping[str, Path]) -> None:
        """The Parquet files of a snapshot by these names, as the first session loaded them that asked for it."""
        read_kept(self, snapshot, files)

    def write_csv(self, query: str, path: Path) -> None:
        """Write a query's rows as one UTF-8 CSV file with a header; a missing value is an empty cell."""
        with self._as_csv(query) as (columns, chunks):
            csv_as_csv(columns, chunks, path)

    def write_parquet(self, query: str, path: Path) -> None:
        """Write a query's rows as one Parquet file; a whole number of any width is DECIMAL(38,0) there."""
        with self._as_csv(query) as (columns, chunks):
            csv_as_parquet(columns, chunks, path)

    @contextmanager
    def _as_csv(self, query: str) -> Iterator[tuple[list[tuple[str, str]], Iterator[bytes]]]:
        with self._asked(f'SELECT * FROM ({query}) AS "#query" LIMIT 0', ()) as found:
            columns = [(column.name, _type_in_file(column)) for column in found.description or ()]
        cells = ", ".join(
            f"array_to_json({quoted(name)})" if type_.endswith("[]") else quoted(name) for name, type_ in columns
        )
        rows = f'COPY (SELECT {cells} FROM ({query}) AS "#query") TO STDOUT (FORMAT csv, FORCE_QUOTE *)'
        with self._connection.cursor() as cursor, cursor.copy(_query(rows)) as copy:
            yield columns, (bytes(chunk) for chunk in copy)


_TYPES = {
    "BOOLEAN": "BOOLEAN",
    "VARCHAR": "TEXT",
    "DATE": "DATE",
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"), "BIGINT"),
    **dict.fromkeys(("UBIGINT", "HUGEINT", "UHUGEINT"), "NUMERIC"),
    **dict.fromkeys(("FLOAT", "DOUBLE"), "DOUBLE PRECISION"),
    "TIMESTAMP": "TIMESTAMP",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ",
}
"""The embedded engine's types, and ours."""
_FILED = {
    "bool": "BOOLEAN",
    **dict.fromkeys(("int2", "int4", "int8"), "BIGINT"),
    **dict.fromkeys(("text", "varchar", "bpchar", "name"), "VARCHAR"),
    "date": "DATE",
    "numeric": WHOLE,
    **dict.fromkeys(("float4", "float8"), "DOUBLE"),
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMPTZ",
}
"""Our types, and those of a file."""


def _type_in_file(column: psycopg.Column) -> str:
    found = psycopg.adapters.types.get(column.type_code)
    if found is None or found.name not in _FILED:
        raise ValueError(f"column `{column.name}` is of a type that no file holds")
    if found.name == "numeric" and column.scale:
        return f"DECIMAL({column.precision},{column.scale})"
    return _FILED[found.name] + ("[]" if column.type_code == found.array_oid else "")


def _query(sql: str) -> bytes:
    return sql.encode()


def _cells(row: Sequence[object]) -> list[object]:
    """A row as it is sent: a list of ratios, which comes as pairs by name, is an array of the type `ratio`."""
    return [_ratios(cell) if isinstance(cell, list) and cell and isinstance(cell[0], dict) else cell for cell in row]


def _ratios(cells: Sequence[Mapping[str, object]]) -> str:
    return "{" + ",".join(f'"({cell["n"]},{cell["d"]})"' for cell in cells) + "}"


def _pair(over: int, under: int) -> dict[str, int]:
    return {"n": over, "d": under}


class _Number(Loader):
    """Whole numbers are integers, of any width."""

    def load(self, data: Buffer) -> int | Decimal:
        written = bytes(data).decode()
        return int(written) if written.lstrip("-").isdigit() else Decimal(written)


def _unanswered(url: str, error: Exception) -> str:
    """What an error says of a URL that can be read; else it might quote the password."""
    try:
        return f"no PostgreSQL answers at {_shown(url)}: {_first_line(error)}"
    except psycopg.ProgrammingError:
        return "this is no URL of a PostgreSQL"


def _shown(url: str) -> str:
    """Where a server is, without who asks and with what password."""
    parts = conninfo_to_dict(url)
    return f"{parts.get('host', 'this machine')}, database `{parts.get('dbname', '')}`"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
