"""Two files have the same shape if what matters is the same, however their tables are spelt."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from typing import Any

import pytest

from governance.ledger_schema import Shape, differences, shape_of

TABLE = "CREATE TABLE t (a INTEGER NOT NULL, b BLOB, PRIMARY KEY (a), UNIQUE (b));"
TRIGGER = "CREATE TRIGGER g BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'kept'); END;"


def shape(script: str) -> Shape:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(script)

        def rows(sql: str, *values: object) -> Iterable[tuple[Any, ...]]:
            return connection.execute(sql, values)

        return shape_of(rows)


@pytest.mark.parametrize(
    "same",
    [
        TABLE + TRIGGER,
        TABLE.replace(" ", "\n\t ") + TRIGGER,
        TABLE + TRIGGER.replace(" ", "\n  "),
        TABLE.replace("b BLOB, PRIMARY KEY (a), UNIQUE (b)", "b BLOB UNIQUE, PRIMARY KEY (a)") + TRIGGER,
    ],
)
def test_another_spelling_is_the_same_shape(same: str) -> None:
    assert differences(shape(same), shape(TABLE + TRIGGER)) == ()


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (TABLE, "trigger `g` is missing or changed"),
        (TABLE + TRIGGER.replace("BEGIN", "WHEN 0 BEGIN", 1), "trigger `g` is missing or changed"),
        (TABLE.replace("BLOB", "TEXT") + TRIGGER, "table `t` is missing or changed"),
        (TABLE.replace(" NOT NULL", "") + TRIGGER, "table `t` is missing or changed"),
        (TABLE.replace("b BLOB", "b BLOB, c AS (a)") + TRIGGER, "table `t` is missing or changed"),
        (TABLE + TRIGGER + "CREATE TABLE u (x);", "table `u` does not belong here"),
        (TABLE + TRIGGER + "PRAGMA user_version = 3;", "user_version is missing or changed"),
        (
            TABLE.replace("UNIQUE (b)", "UNIQUE (b, a)") + TRIGGER,
            "index `sqlite_autoindex_t_1` is missing or changed",
        ),
    ],
)
def test_what_matters_is_told(other: str, told: str) -> None:
    assert differences(shape(other), shape(TABLE + TRIGGER)) == (told,)


def test_a_virtual_table_is_no_table() -> None:
    try:
        virtual = shape("CREATE VIRTUAL TABLE t USING rtree(a, b, c)")
    except sqlite3.OperationalError:
        pytest.skip("this SQLite has no virtual table to try with")
    plain = shape("CREATE TABLE t (a INT, b REAL, c REAL, PRIMARY KEY (a))")
    assert "table `t` is missing or changed" in differences(virtual, plain)
