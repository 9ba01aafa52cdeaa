"""Spark answers to the port of every engine: tables, rows and files are what the embedded engine makes of them."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from engine.engines.embedded import Embedded

if TYPE_CHECKING:
    from engine.engines.spark import Spark

pytestmark = pytest.mark.spark
COLUMNS = [("a.k", "BIGINT"), ("t, t", "STRING"), ("day", "DATE"), ("wide", "DECIMAL(38,0)"), ("list", "ARRAY<STRING>")]
EMBEDDED_TYPES = {"STRING": "VARCHAR", "ARRAY<STRING>": "VARCHAR[]"}
ROWS: list[tuple[Any, ...]] = [
    (1, 'a, "b"\n', date.min, 10**30, ["a", ""]),
    (2, "", date.max, -(10**30), []),
    (-(2**63), "it's \\ ${x} \u0000😀", date(1582, 10, 10), 0, None),
    (None, None, None, None, None),
]
ORDERED = "SELECT * FROM {} ORDER BY 1 NULLS LAST"
BY_KEY = [ROWS[2], ROWS[0], ROWS[1], ROWS[3]]


@pytest.fixture(scope="module")
def table(spark: "Spark") -> Iterator[str]:
    spark.store("stored", COLUMNS, ROWS)
    yield "stored"
    spark.run("DROP TABLE stored")


def test_rows_come_back_as_they_were_stored(spark: "Spark", table: str) -> None:
    assert spark.rows(ORDERED.format(table)) == BY_KEY
    assert spark.columns(table) == tuple(name for name, _ in COLUMNS)


def test_a_table_is_there_or_not(spark: "Spark", table: str) -> None:
    assert spark.has(table)
    assert not spark.has("nothing")
    assert spark.columns("nothing") == ()


def test_storing_again_replaces(spark: "Spark") -> None:
    for number in (1, 2):
        spark.store("again", [("n", "BIGINT")], [(number,)] * number)
    assert spark.rows("SELECT n FROM again") == [(2,), (2,)]
    spark.store("again", [("n", "BIGINT")], [])
    assert spark.rows("SELECT n FROM again") == []


def test_parameters_are_values_and_never_sql(spark: "Spark") -> None:
    given = [None, True, -(2**63), 10**30, date.min, "it's \\ ${x} ?", ["a", "?"]]
    assert spark.rows(f"SELECT {', '.join('?' * len(given))}", given) == [tuple(given)]
    assert spark.records('SELECT ? AS "a.b", ? AS c', [1, "x"]) == [{"a.b": 1, "c": "x"}]
    assert spark.value("SELECT 1 WHERE 1 = ?", [2]) is None


def test_many_rows_are_one_statement_and_other_statements_many(spark: "Spark") -> None:
    spark.run('CREATE TABLE many ("a.n" BIGINT, t STRING)')
    spark.run_many("INSERT INTO many VALUES (?, ?)", [(1, "x"), (None, None)])
    spark.run_many("INSERT INTO many SELECT ?, 'y'", [(2,)])
    assert spark.rows('SELECT * FROM many ORDER BY "a.n" NULLS LAST') == [(1, "x"), (2, "y"), (None, None)]


def test_no_name_is_given_twice(spark: "Spark") -> None:
    names = [spark.fresh("t") for _ in range(3)]
    assert len(set(names)) == 3
    assert all(name.startswith("t") for name in names)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose name is a pattern of names to many a program."""
    made = tmp_path / "a [b] {c,d} *"
    made.mkdir()
    return made


def test_a_csv_file_has_the_bytes_that_the_embedded_engine_writes(spark: "Spark", table: str, folder: Path) -> None:
    spark.write_csv(ORDERED.format(table), folder / "theirs.csv")
    with Embedded() as db:
        db.store("stored", [(name, EMBEDDED_TYPES.get(type_, type_)) for name, type_ in COLUMNS[:-1]], [])
        db.run("ALTER TABLE stored ADD COLUMN list VARCHAR[]")
        db.run_many("INSERT INTO stored VALUES (?, ?, ?, ?, ?)", ROWS)
        db.write_csv(ORDERED.format("stored"), folder / "ours.csv")
    assert (folder / "theirs.csv").read_bytes() == (folder / "ours.csv").read_bytes()
    assert sorted(file.name for file in folder.iterdir()) == ["ours.csv", "theirs.csv"]


def test_a_parquet_file_is_one_file_in_the_order_of_its_rows(spark: "Spark", table: str, folder: Path) -> None:
    spark.write_parquet(ORDERED.format(table), folder / "rows.parquet")
    assert [file.name for file in folder.iterdir()] == ["rows.parquet"]
    with Embedded() as db:
        db.read_parquet("back", folder / "rows.parquet")
        assert db.rows("SELECT * FROM back") == BY_KEY
    spark.read_parquet("back", folder / "rows.parquet")
    assert spark.rows("SELECT * FROM back") == BY_KEY
    spark.run("DROP TABLE back")
    assert (folder / "rows.parquet").exists(), "the file is not ours to remove"


def test_a_query_without_rows_is_a_file_with_columns(spark: "Spark", table: str, folder: Path) -> None:
    spark.write_csv(f"SELECT * FROM {table} WHERE day IS NULL AND wide = 1", folder / "none.csv")
    assert (folder / "none.csv").read_text("utf-8") == 'a.k,"t, t",day,wide,list\n'


def test_a_file_that_is_no_parquet_is_refused(spark: "Spark", folder: Path) -> None:
    (folder / "no.parquet").write_text("nothing of the sort, but long enough")
    for name in ("no.parquet", "missing.parquet"):
        with pytest.raises(ValueError, match=f"not a readable Parquet file: {name}"):
            spark.read_parquet("refused", folder / name)
        assert not spark.has("refused")


def test_floating_point_is_refused_by_column(spark: "Spark", folder: Path) -> None:
    with Embedded() as db:
        db.write_parquet('SELECT 1 AS a, CAST(1 AS HUGEINT) AS "b#n"', folder / "wide.parquet")
    with pytest.raises(ValueError, match=r"floating-point numbers in wide\.parquet, column `b#n`"):
        spark.read_parquet("refused", folder / "wide.parquet")
    assert not spark.has("refused")


def test_sessions_do_not_see_each_other_and_leave_nothing_behind(spark: "Spark", outer: Any) -> None:
    from engine.engines.spark import Spark  # noqa: PLC0415 -- it needs PySpark

    def state() -> tuple[str, set[str], dict[str, str]]:
        databases = {row[0] for row in outer.sql("SHOW DATABASES").collect()}
        return outer.catalog.currentDatabase(), databases, outer.conf.getAll

    before = state()
    with Spark(outer) as other:
        other.store("mine", [("n", "BIGINT")], [(1,)])
        assert not spark.has("mine")
        assert other.value("SELECT n FROM mine") == 1
        assert len(state()[1]) == len(before[1]) + 1
    assert state() == before
    assert spark.value("SELECT 1") == 1, "the cluster goes on: it was not ours to stop"


def test_a_table_of_the_company_s_is_read_where_it_is(outer: Any) -> None:
    from engine.engines.spark import Spark  # noqa: PLC0415 -- it needs PySpark

    outer.sql("CREATE TABLE default.company_moves AS SELECT 1 AS n")
    try:
        with Spark(outer) as ours:
            assert ours.rows("SELECT n FROM default.company_moves") == [(1,)]
    finally:
        outer.sql("DROP TABLE default.company_moves")


def test_a_session_that_is_there_serves_and_goes_on(spark: "Spark") -> None:
    from engine.engines.spark import Spark  # noqa: PLC0415 -- it needs PySpark

    with Spark.at("local[1]") as same:
        assert same.version == spark.version
    assert spark.value("SELECT 1") == 1


def test_where_none_answers_it_is_said_in_a_sentence() -> None:
    """Connect has requirements of its own, which the extra does not bring."""
    from engine.engines.spark import Spark  # noqa: PLC0415 -- it needs PySpark

    with pytest.raises(ValueError, match=r"no Spark answers at sc://127.0.0.1:1: \S"):
        Spark.at("sc://127.0.0.1:1")
