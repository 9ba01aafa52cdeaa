"""A file of proposed moves is read whole, or refused with everything that is wrong with it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from engine.database import Database
from engine.intake.moves_file import read_moves
from rules.problem import BadInput

GOOD = """\
account,from_rep,to_rep,effective,reason,evidence
c2,r1,r2,2026-04-01,,
c1,r1,r2,2026-04-01,leaver,"note 1, page 2"
"""


@pytest.fixture
def db() -> Iterator[Database]:
    with Database() as database:
        database.run("CREATE TABLE reps AS SELECT unnest(['r1', 'r2']) AS rep")
        database.run("CREATE TABLE accounts AS SELECT unnest(['c1', 'c2']) AS account")
        yield database


def problems(db: Database, path: Path, content: str) -> list[str]:
    path.write_text(content)
    with pytest.raises(BadInput) as error:
        read_moves(db, path)
    assert not db.has("moves")
    return [str(p) for p in error.value.problems]


def test_a_csv_file_becomes_the_table_of_moves_with_the_columns_it_has(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "moves.csv"
    path.write_text("\ufeff" + GOOD)
    read_moves(db, path)
    assert db.columns("moves") == ("account", "from_rep", "to_rep", "effective", "reason", "evidence")
    assert db.rows("SELECT * FROM moves") == [
        ("c1", "r1", "r2", date(2026, 4, 1), "leaver", "note 1, page 2"),
        ("c2", "r1", "r2", date(2026, 4, 1), None, None),
    ]
    assert {name for (name,) in db.rows("SHOW TABLES")} == {"accounts", "moves", "reps"}


def test_a_parquet_file_gives_the_same_table(db: Database, tmp_path: Path) -> None:
    (tmp_path / "moves.csv").write_text(GOOD)
    read_moves(db, tmp_path / "moves.csv")
    rows = db.rows("SELECT * FROM moves")
    db.write_parquet("SELECT * FROM moves", tmp_path / "moves.parquet")
    read_moves(db, tmp_path / "moves.parquet")
    assert db.rows("SELECT * FROM moves") == rows


def test_all_problems_of_rows_come_at_once(db: Database, tmp_path: Path) -> None:
    content = GOOD + "c3,r1,r2,2026-04-01,,\nc1,r9,r2,1 May,,\nc1,r1,,2026-05-01,,\nx,y\n"
    assert problems(db, tmp_path / "moves.csv", content) == [
        "moves.csv row 4 column `account`: not among the accounts; found `c3`",
        "moves.csv row 5 column `effective`: `effective` cannot be read; found `1 May`; expected a day as YYYY-MM-DD",
        "moves.csv row 6 column `to_rep`: `to_rep` is empty; expected receiving rep",
        "moves.csv row 7: too few cells; found `2`; expected 6",
    ]


def test_an_account_moves_once_in_a_file(db: Database, tmp_path: Path) -> None:
    found = problems(db, tmp_path / "moves.csv", GOOD + "c1,r1,r2,2026-05-01,,\n")
    assert found == [
        "moves.csv row 3: rows of one key differ; found `c1`; expected one row for each account",
        "moves.csv row 4: rows of one key differ; found `c1`; expected one row for each account",
    ]


def test_unknown_and_missing_columns_are_named(db: Database, tmp_path: Path) -> None:
    assert problems(db, tmp_path / "moves.csv", "account,from_rep,to_rep,efective\nc1,r1,r2,2026-04-01\n") == [
        "moves.csv: unknown column `efective`\n  hint: did you mean `effective`?",
        "moves.csv: column `effective` is missing; expected day the owner changes in the CRM",
    ]


def test_a_file_that_is_not_there_or_not_parquet_is_refused(db: Database, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"moves\.csv: file cannot be read: no such file"):
        read_moves(db, tmp_path / "moves.csv")
    with pytest.raises(BadInput, match=r"moves\.parquet: file cannot be read: no such file"):
        read_moves(db, tmp_path / "moves.parquet")
    assert problems(db, tmp_path / "bad.parquet", GOOD) == ["bad.parquet: file cannot be read: not a Parquet file"]
    assert problems(db, tmp_path / "half.parquet", "PAR1" + GOOD) == [
        "half.parquet: file cannot be read: not a Parquet file"
    ]


def test_without_a_snapshot_reps_and_accounts_are_not_checked(tmp_path: Path) -> None:
    (tmp_path / "moves.csv").write_text(GOOD)
    with Database() as db:
        read_moves(db, tmp_path / "moves.csv")
        assert db.value("SELECT count(*) FROM moves") == 2
