"""The one door to Spark: a session of a company's own cluster, with tables in a database that nobody else has.

Nobody but this module imports pyspark, an extra. Results are Python values: integers of any width, `date`, `str`,
`bool`, `None`, lists and dictionaries of such. Files are read and written by the cluster: it must see their folder.
"""

import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path
from secrets import token_hex
from tempfile import mkdtemp
from types import TracebackType
from typing import Any, Self

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession, functions
from pyspark.sql.types import (
    ArrayType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    Row,
    StringType,
    StructType,
)

from engine.conditions.sql_spark import SparkSpelling
from engine.engines.embedded import Embedded
from engine.engines.marks import named
from engine.spelling import text

OLDEST = 4
_SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.session.timeZone": "UTC",
    # A text that looks like the name of a setting stays as it is.
    "spark.sql.variable.substitute": "false",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.legacy.createHiveTableByDefault": "false",
    "spark.sql.sources.default": "parquet",
    # Dates of one calendar, also before 1582.
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
}
"""Of our session alone."""
_QUIET = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR"}
_HERE = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
"""Of a cluster on this machine, which no other machine has to reach."""
_INSERT = re.compile(r"INSERT INTO (\S+) VALUES \(\?(?:, \?)*\)")
_ROWS = "merestone_rows"
"""A view of what is inserted, in our session alone."""


class Spark:
    """A session of Spark (engine.database); a context manager that closes it."""

    spelling = SparkSpelling()

    def __init__(self, session: SparkSession, *, owned: bool = False, scratch: Path | None = None) -> None:
        """Work on the cluster of a session that is there; its own settings, views and tables stay as they are.

        An `owned` one is stopped in the end, and the folder `scratch` removed.
        Raises ValueError where Spark is older than version 4 or no database can be made.
        """
        self._whole, self._owned, self._scratch = session, owned, scratch
        self.version: str = session.version
        """Of Spark, as `4.3.0`."""
        if int(self.version.partition(".")[0]) < OLDEST:
            raise ValueError(f"Spark {self.version} is too old: at least {OLDEST}")
        self._session = session.newSession()
        for setting, value in _SETTINGS.items():
            if self._session.conf.get(setting, None) != value:
                self._session.conf.set(setting, value)
        self._numbers = count(1)
        self._database = f"merestone_{token_hex(16)}"
        try:
            self._session.sql(f"CREATE DATABASE {self._database}")
            self._session.sql(f"USE {self._database}")
        except (PySparkException, Py4JError) as error:
            raise ValueError(f"Spark refuses a database for our tables: {_first_line(error)}") from None

    @classmethod
    def at(cls, url: str) -> Self:
        """A session of its own at `local[2]`, `local-cluster[2,1,1024]`, `spark://…`, `yarn`, or by Connect `sc://…`.

        Where this Python has a session already, that one serves, and goes on.
        Raises ValueError where none answers, Java is missing, or Connect's own requirements are.
        """
        scratch = Path(mkdtemp(prefix="merestone-spark-"))
        theirs = SparkSession.getActiveSession() is not None
        try:
            if url.startswith("sc:"):
                session = SparkSession.builder.remote(url).getOrCreate()
            else:
                # Another machine's executors have no such folder: there, tables lie where the cluster keeps them.
                here = _HERE | {"spark.sql.warehouse.dir": f"file:{scratch}"} if url.startswith("local") else {}
                session = SparkSession.builder.master(url).config(map=_QUIET | here).getOrCreate()
        except (PySparkException, Py4JError, ImportError) as error:
            shutil.rmtree(scratch, ignore_errors=True)
            raise ValueError(f"no Spark answers at {url}: {_first_line(error)}") from None
        try:
            return cls(session, owned=not theirs, scratch=scratch)
        except ValueError:
            if not theirs:
                session.stop()
            shutil.rmtree(scratch, ignore_errors=True)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        # A cluster that is gone has taken our tables with it.
        with suppress(PySparkException, Py4JError):
            self._session.sql(f"DROP DATABASE IF EXISTS {self._database} CASCADE")
        if self._owned:
            self._whole.stop()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def run(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Carry out one statement."""
        self._asked(sql, parameters)

    def run_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Carry out one statement for every row of parameters; `INSERT INTO … VALUES (?, …)` for all rows at once."""
        if insert := _INSERT.fullmatch(sql):
            self._insert(insert[1], rows)
            return
        for row in rows:
            self.run(sql, row)

    def store(self, name: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[object]]) -> None:
        """Make a table of these columns (name and type), replacing one, and put the rows in."""
        table = self.spelling.name(name)
        self.run(f"DROP TABLE IF EXISTS {table}")
        self.run(f"CREATE TABLE {table} ({', '.join(f'{self.spelling.name(c)} {type_}' for c, type_ in columns)})")
        self._insert(table, rows)

    def _insert(self, table: str, rows: Sequence[Sequence[object]]) -> None:
        """All in one statement: each would be a job of the cluster's."""
        if rows:
            into = self._session.sql(f"SELECT * FROM {table}").schema
            cells = [tuple(_cell(value, f.dataType) for value, f in zip(row, into, strict=True)) for row in rows]
            self._session.createDataFrame(cells, into).createOrReplaceTempView(_ROWS)
            self.run(f"INSERT INTO {table} SELECT * FROM {_ROWS}")
            self.run(f"DROP VIEW {_ROWS}")

    def fresh(self, prefix: str) -> str:
        """A name that begins so, and that this session has not given before."""
        return f"{prefix}_{next(self._numbers)}"

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return [tuple(_value(cell) for cell in row) for row in self._asked(sql, parameters).collect()]

    def records(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """All rows of a query, each by column name."""
        asked = self._asked(sql, parameters)
        names = asked.columns
        return [dict(zip(names, map(_value, row), strict=True)) for row in asked.collect()]

    def value(self, sql: str, parameters: Sequence[object] = ()) -> Any:
        """The first cell of the first row; `None` if there is none."""
        row = self._asked(sql, parameters).first()
        return _value(row[0]) if row else None

    def _asked(self, sql: str, parameters: Sequence[object]) -> Any:
        if not parameters:
            return self._session.sql(sql)
        return self._session.sql(named(sql), args={f"p{i}": _argument(value) for i, value in enumerate(parameters, 1)})

    def has(self, table: str) -> bool:
        """Whether a table or view of that name exists."""
        found: bool = self._session.catalog.tableExists(self.spelling.name(table))
        return found

    def columns(self, table: str) -> tuple[str, ...]:
        """Its columns, in order."""
        return tuple(self._session.table(self.spelling.name(table)).columns) if self.has(table) else ()

    def tables(self) -> Mapping[str, tuple[str, ...]]:
        """All tables of the session by name, with their columns, in order."""
        names = [str(row[1]) for row in self._session.sql(f"SHOW TABLES IN {self._database}").collect() if row[0]]
        return {name: self.columns(name) for name in names}

    def read_parquet(self, name: str, path: Path) -> None:
        """A Parquet file, or a folder of such, as a table: read where it lies, whenever the table is.

        Raises ValueError if it is not a readable one, or holds floating-point numbers, which are not exact.
        """
        table = self.spelling.name(name)
        where = re.sub(r"([][*?{}\\])", r"\\\1", f"file:{path.absolute()}")  # a name that is no pattern of names
        try:
            self.run(f"CREATE TABLE {table} USING parquet OPTIONS (path {self.spelling.text(where)})")
        except (PySparkException, Py4JError) as error:
            raise ValueError(f"not a readable Parquet file: {path.name}") from error
        rounded = [f.name for f in self._session.table(table).schema if isinstance(f.dataType, DoubleType | FloatType)]
        if rounded:
            self.run(f"DROP TABLE {table}")
            raise ValueError(f"floating-point numbers in {path.name}, column `{rounded[0]}`")

    def read_snapshot(self, snapshot: str, files: Mapping[str, Path]) -> None:  # noqa: ARG002 -- nothing is kept
        """Load the Parquet files of a snapshot as tables of these names."""
        for name, path in files.items():
            self.read_parquet(name, path)

    def write_csv(self, query: str, path: Path) -> None:
        """Write a query's rows as one UTF-8 CSV file with a header; a missing value is an empty cell."""
        self._write(query, path, Embedded.write_csv)

    def write_parquet(self, query: str, path: Path) -> None:
        """Write a query's rows as one Parquet file."""
        self._write(query, path, Embedded.write_parquet)

    def _write(self, query: str, path: Path, written: Any) -> None:
        """Every executor writes its share beside the file; the embedded engine makes one of them, in order of rows.

        Raises ValueError where the executors do not write to this folder but to one of their own.
        """
        parts = path.with_name(f".{path.name}.parts")
        try:
            self._session.sql(query).write.mode("overwrite").parquet(f"file:{parts.absolute()}")
            files = ", ".join(text(str(part)) for part in sorted(parts.glob("*.parquet")))
            if not files:
                raise ValueError(f"Spark's executors do not see the folder of {path.name}: write where they do")
            with Embedded() as together:
                written(together, f"SELECT * FROM read_parquet([{files}])", path)
        finally:
            shutil.rmtree(parts, ignore_errors=True)


def _argument(value: object) -> object:
    """A parameter as Spark takes it: dates of the first centuries too, and integers of any width."""
    match value:
        case date():
            return functions.expr(f"DATE'{value.isoformat()}'")
        case int() if not isinstance(value, bool) and not -(2**63) <= value < 2**63:
            return functions.expr(f"{value}BD")
        case list() | tuple():
            return functions.array(*(functions.lit(_argument(item)) for item in value))
        case _:
            return value


def _cell(value: Any, type_: DataType) -> Any:
    """A value as a row of that type holds it."""
    match type_:
        case _ if value is None:
            return None
        case DecimalType():
            return Decimal(value)
        case DateType() if isinstance(value, str):
            return date.fromisoformat(value)
        case StringType():
            return str(value)
        case ArrayType():
            return [_cell(item, type_.elementType) for item in value]
        case StructType():
            return tuple(_cell(value[f.name], f.dataType) for f in type_)
        case _:
            return value


def _value(cell: Any) -> Any:
    """A cell of an answer as a plain value."""
    match cell:
        case Decimal() if cell.as_tuple().exponent == 0:
            return int(cell)
        case Row():
            return {name: _value(item) for name, item in cell.asDict().items()}
        case list():
            return [_value(item) for item in cell]
        case _:
            return cell


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
