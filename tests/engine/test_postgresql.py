"""PostgreSQL answers to the port as the embedded engine does: a session apart, exact values, the same files."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.conditions.sql_postgresql import LONGEST_NAME, PostgreSqlSpelling
from engine.database import Database
from engine.engines.battery import judged
from engine.engines.embedded import Embedded
from engine.engines.marks import numbered
from engine.engines.opening import opened
from rules.kinds import Kind
from rules.problem import BadInput
from tests.engine.engines import ENGINES, engine_of


@pytest.fixture
def db(postgresql_url: str) -> Iterator[Database]:
    with closing(opened(postgresql_url)) as database:
        yield database


@pytest.fixture(params=ENGINES)
def each(request: pytest.FixtureRequest) -> Iterator[Database]:
    yield from engine_of(request)


def schemas(url: str) -> list[str]:
    with closing(opened(url)) as other:
        return [name for (name,) in other.rows("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'merestone%'")]


def test_tables_are_seen_by_no_other_session_and_gone_with_ours(db: Database, postgresql_url: str) -> None:
    before = schemas(postgresql_url)
    with closing(opened(postgresql_url)) as other:
        db.run("CREATE TABLE t AS SELECT 1 AS a")
        other.run("CREATE TABLE t AS SELECT 2 AS a")
        assert (db.value("SELECT a FROM t"), other.value("SELECT a FROM t")) == (1, 2)
        assert db.has("t")
        assert not db.has("u")
    assert len(schemas(postgresql_url)) == len(before)


def test_a_session_that_the_server_ended_is_closed_without_another_error(postgresql_url: str) -> None:
    with closing(opened(postgresql_url)) as other, closing(opened(postgresql_url)) as db:
        schema = db.value("SELECT current_schema()")
        other.rows("SELECT pg_terminate_backend(CAST(? AS INTEGER))", [db.value("SELECT pg_backend_pid()")])
        with pytest.raises(Exception, match=r"terminat|closed"):
            db.value("SELECT 1")
        db.close()
        assert schema in schemas(postgresql_url)
        other.run(f'DROP SCHEMA "{schema}" CASCADE')


def test_a_schema_may_have_a_name_and_no_two_sessions_the_same(postgresql_url: str) -> None:
    from engine.engines.postgresql import PostgreSql  # noqa: PLC0415 -- only where it is installed

    with PostgreSql(postgresql_url, 'merestone "of us"'):
        assert 'merestone "of us"' in schemas(postgresql_url)
        with pytest.raises(ValueError, match="already exists"):
            PostgreSql(postgresql_url, 'merestone "of us"')
    assert 'merestone "of us"' not in schemas(postgresql_url)


def test_values_come_back_as_python_knows_them(each: Database) -> None:
    sql = (
        "SELECT CAST(10000000000 AS BIGINT) AS a, CAST(1000000000000000000000000000000 AS DECIMAL(38,0)) AS b, "
        "DATE '0001-01-01' AS c, 'é' AS d, TRUE AS e, NULL AS f, CAST(1.50 AS DECIMAL(9,2)) AS g"
    )
    expected = {"a": 10**10, "b": 10**30, "c": date.min, "d": "é", "e": True, "f": None, "g": Decimal("1.50")}
    [found] = each.records(sql)
    assert found == expected
    assert type(found["b"]) is int or each.spelling.ENGINE == "duckdb"
    assert each.rows(sql) == [tuple(expected.values())]
    assert each.value(sql) == 10**10
    assert each.value("SELECT 1 AS a WHERE FALSE") is None


def test_a_sum_of_whole_numbers_is_one(each: Database) -> None:
    total = each.value("SELECT sum(a) FROM (VALUES (CAST(9223372036854775807 AS BIGINT)), (1)) AS t(a)")
    assert (total, type(total)) == (2**63, int)


@pytest.mark.parametrize("sql", ["SELECT ? AS a, '?' AS b, ? AS c", "SELECT $1 AS a, '?' AS b, $2 AS c"])
def test_parameters_are_marked_in_either_way(each: Database, sql: str) -> None:
    if each.spelling.ENGINE == "postgresql":
        sql = sql.replace(" AS a", "::BIGINT AS a").replace(" AS c", "::TEXT AS c")
    assert each.rows(sql, [7, "it's"]) == [(7, "?", "it's")]


def test_marks_are_numbered_outside_of_texts_names_and_comments() -> None:
    assert numbered("a = ? -- really?\n AND \"b?\" = 'it''s ?' OR c = ?") == (
        "a = $1 -- really?\n AND \"b?\" = 'it''s ?' OR c = $2"
    )


def test_lists_go_in_and_come_back(each: Database) -> None:
    spelling = each.spelling
    columns = [
        (f"c{i}", spelling.type_of(Kind.LIST, kind)) for i, kind in enumerate((Kind.TEXT, Kind.DATE, Kind.MONEY))
    ]
    rows: list[list[Any]] = [[["a,b", 'say "so"', ""], [date.max], [10**15, -1]], [[], [], []], [None, None, None]]
    each.run(f"CREATE TABLE t ({', '.join(f'{name} {type_}' for name, type_ in columns)})")
    each.run_many("INSERT INTO t VALUES (?, ?, ?)", rows)
    assert [list(row) for row in each.rows("SELECT * FROM t")] == rows


def test_a_table_is_stored_and_replaced(each: Database) -> None:
    columns = [("a", "BIGINT"), ("b", each.spelling.type_of(Kind.TEXT)), ("c", "DATE")]
    each.store("t", columns, [[1, "x\n\\N\t,", date.min], [None, "", None]])
    each.store("t", columns, [[2, "x\n\\N\t,", date.max], [None, "", None]])
    assert each.rows("SELECT * FROM t ORDER BY a") == [(2, "x\n\\N\t,", date.max), (None, "", None)]
    assert each.columns("t") == ("a", "b", "c")
    each.store("t", columns, [])
    assert each.rows("SELECT * FROM t") == []


def test_nothing_is_cast_unasked(db: Database) -> None:
    with pytest.raises(Exception, match="operator does not exist"):
        db.rows("SELECT CAST('1' AS TEXT) = CAST(1 AS BIGINT)")


def test_a_name_that_would_be_cut_off_is_refused(db: Database) -> None:
    long = "x" * (LONGEST_NAME + 1)
    with pytest.raises(ValueError, match="truncated"):
        db.run(f'CREATE TABLE "{long}" (a BIGINT)')
    with pytest.raises(ValueError, match="too long a name"):
        db.spelling.name(long)
    assert db.spelling.name("é" * 31) == '"' + "é" * 31 + '"'


def test_a_text_that_it_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match=r"U\+0000"):
        PostgreSqlSpelling().literal("a\0b", Kind.TEXT)


def test_the_session_is_in_utc_and_agrees_wherever_the_server_stands(postgresql_url: str) -> None:
    there = f"{postgresql_url}&options=-c%20TimeZone%3DAmerica/New_York%20-c%20DateStyle%3DGerman"
    with closing(opened(there)) as db:
        assert db.value("SELECT current_setting('TimeZone')") == "UTC"
        assert judged(db).passed


NASTY = ["a", "", None, 'say "so"', "a,b", "two\nlines", "a\r\nb", "\\N", "\\.", "NULL", "é😀", " a ", "{}", "'", "\t"]


def nasty_table(db: Database) -> None:
    columns = [("k", "BIGINT"), ("t", db.spelling.type_of(Kind.TEXT)), ("b", "BOOLEAN"), ("d", "DATE")]
    flags = (True, False, None)
    days = (date.min, date.max, None, date(2024, 2, 29))
    rows = [[n, text, flags[n % 3], days[n % 4]] for n, text in enumerate(NASTY)]
    db.store("nasty", columns, rows)


QUERY = "SELECT k, t, b, d, k * 2 AS e FROM nasty ORDER BY k"


def test_a_csv_file_has_the_bytes_that_the_embedded_engine_writes(db: Database, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    with Embedded() as embedded:
        nasty_table(embedded)
        embedded.write_csv(QUERY, ours)
    nasty_table(db)
    db.write_csv(QUERY, theirs)
    assert ours.read_bytes() == theirs.read_bytes()


def test_a_parquet_file_has_the_types_and_rows_that_the_embedded_engine_writes(db: Database, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    nasty_table(db)
    db.write_parquet(QUERY, theirs)
    with Embedded() as embedded:
        nasty_table(embedded)
        embedded.write_parquet(QUERY, ours)
        for what in ("SELECT * FROM", "DESCRIBE SELECT * FROM"):
            found = [embedded.rows(f"{what} read_parquet('{path}')") for path in (ours, theirs)]
            assert found[0] == found[1]


def test_a_file_of_parquet_is_read_as_it_was_written(each: Database, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    with Embedded() as embedded:
        nasty_table(embedded)
        embedded.write_parquet(
            "SELECT *, CASE WHEN k % 4 < 3 THEN list_filter([t, 'x'], lambda i: k % 4 > 0) END AS l, "
            "CAST(k AS DECIMAL(38,0)) * 10000000000000000000000000000 AS w FROM nasty",
            path,
        )
        expected = embedded.rows(f"SELECT * FROM read_parquet('{path}') ORDER BY k")
    each.read_parquet("x y", path)
    assert each.rows('SELECT * FROM "x y" ORDER BY k') == expected
    assert each.columns("x y") == ("k", "t", "b", "d", "l", "w")


def test_a_list_of_texts_is_written_to_parquet(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    db.write_parquet("SELECT ARRAY['a,b', 'say \"so\"', ''] AS l UNION ALL SELECT '{}' UNION ALL SELECT NULL", path)
    with Embedded() as embedded:
        assert embedded.rows(f"SELECT * FROM read_parquet('{path}')") == [(["a,b", 'say "so"', ""],), ([],), (None,)]


def test_wide_numbers_are_whole_in_a_file_or_refused(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    db.write_parquet("SELECT sum(a) AS a FROM (VALUES (9223372036854775807), (1)) AS t(a)", path)
    with Embedded() as embedded:
        assert embedded.value(f"SELECT a FROM read_parquet('{path}')") == 2**63
    broken = tmp_path / "y.parquet"
    with pytest.raises(ValueError, match="decimals"):
        db.write_parquet("SELECT 1.5::NUMERIC AS a", broken)
    assert not broken.exists()


@pytest.mark.parametrize("content", [b"", b"PAR1 and no more"])
def test_what_is_no_parquet_is_refused(each: Database, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"not a readable Parquet file: x\.parquet"):
        each.read_parquet("x", path)


def test_a_column_that_has_no_place_is_refused_by_name(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    with Embedded() as embedded:
        embedded.write_parquet("SELECT INTERVAL 1 DAY AS wait", path)
    with pytest.raises(ValueError, match="column `wait` is INTERVAL"):
        db.read_parquet("x", path)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://ann:secret@127.0.0.1:1/sales", "no PostgreSQL answers at 127.0.0.1, database `sales`"),
        ("postgresql://ann:secret@[::1/sales", "this is no URL of a PostgreSQL"),
        ("snowflake://acme", "conditions are written for snowflake and untested"),
        ("bigquery", "conditions are written for bigquery and untested"),
        ("oracle://acme:secret@x", "no engine has such a URL"),
    ],
)
def test_a_url_that_leads_nowhere_is_bad_input_and_its_password_is_not_told(url: str, said: str) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(BadInput, match=said) as refused:
        opened(url)
    assert "secret" not in str(refused.value)
