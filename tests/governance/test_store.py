"""The tables only grow, whoever holds the connection, and a file that is not as it was made is not opened."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from governance.ledger_schema import expected_shape, shape_of
from governance.store import Store
from governance.store_reading import StoredCheckpoint, StoredEntry, StoreRefused

LEAF = bytes(32)


def row(index: int, event_id: str = "") -> StoredEntry:
    return StoredEntry(index, event_id or f"e{index}", LEAF, b"{}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of three entries under a checkpoint, closed."""
    path = tmp_path / "ledger.db"
    with closing(Store.create(path)) as store, store.writing() as transaction:
        transaction.add_entries([row(0), row(1), row(2)])
        transaction.add_checkpoint(StoredCheckpoint(3, LEAF + LEAF, "note"))
    return path


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with closing(Store.open(path, writable=True)) as store:
        yield store


def test_what_was_written_is_read_back_after_reopening(store: Store) -> None:
    with store.reading() as transaction:
        assert transaction.size() == 3
        assert transaction.entries(1, 9) == (row(1), row(2))
        assert transaction.entry_of("e2") == row(2)
        assert transaction.entry_of("e3") is None
        assert transaction.leaves(2) == [LEAF, LEAF]
        assert transaction.latest_checkpoint() == StoredCheckpoint(3, LEAF + LEAF, "note")
        assert transaction.integrity() == ()


def test_what_sqlmodel_makes_is_what_readers_expect(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        assert shape_of(lambda sql, *values: other.execute(sql, values)) == expected_shape()


def test_a_commit_is_on_disk_when_it_returns(store: Store) -> None:
    """WAL with synchronous=FULL (2): the log is synced at every commit."""
    with store.writing() as transaction:
        pragmas = [
            transaction._connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "recursive_triggers", "trusted_schema")
        ]
    assert pragmas == ["wal", 2, 1, 0]


def test_an_error_leaves_nothing_behind(store: Store) -> None:
    def write_and_fail() -> None:
        with store.writing() as transaction:
            transaction.add_entries([row(3)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    with store.reading() as transaction:
        assert transaction.size() == 3


@pytest.mark.parametrize("sent", [[row(2, "x")], [row(4)], [row(5), row(4)], [row(-1)], [row(3), row(3, "x")]])
def test_an_index_that_does_not_follow_is_refused(store: Store, sent: list[StoredEntry]) -> None:
    with pytest.raises(StoreRefused, match="follows the last one"), store.writing() as transaction:
        transaction.add_entries(sent)


def test_an_event_is_recorded_once(store: Store) -> None:
    with pytest.raises(StoreRefused, match="recorded once"), store.writing() as transaction:
        transaction.add_entries([row(3, "e1")])


@pytest.mark.parametrize("size", [0, 2, 3])
def test_a_checkpoint_backwards_is_refused(store: Store, size: int) -> None:
    with pytest.raises(StoreRefused, match="more than the last one"), store.writing() as transaction:
        transaction.add_checkpoint(StoredCheckpoint(size, b"", "note"))


def test_a_checkpoint_ahead_of_the_entries_is_refused(store: Store) -> None:
    with store.writing() as transaction:
        transaction.add_entries([row(3), row(4)])
    with pytest.raises(StoreRefused, match="covers all entries"), store.writing() as transaction:
        transaction.add_checkpoint(StoredCheckpoint(4, b"", "note"))


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_entry SET body = x'00' WHERE idx = 1",
        "UPDATE ledger_entry SET idx = 7 WHERE idx = 1",
        "DELETE FROM ledger_entry WHERE idx = 2",
        "DELETE FROM ledger_entry",
        "UPDATE ledger_checkpoint SET note = 'x'",
        "DELETE FROM ledger_checkpoint",
        "INSERT OR REPLACE INTO ledger_entry VALUES (1, 'new', zeroblob(32), x'00')",
        "INSERT OR REPLACE INTO ledger_entry VALUES (3, 'e1', zeroblob(32), x'00')",
        "INSERT OR REPLACE INTO ledger_checkpoint VALUES (3, x'', 'x')",
        "REPLACE INTO ledger_entry SELECT idx, event_id, leaf, x'00' FROM ledger_entry",
        "INSERT INTO ledger_entry VALUES (1, 'e1', zeroblob(32), x'00') ON CONFLICT DO UPDATE SET body = x'00'",
    ],
)
def test_no_statement_changes_the_past_while_the_triggers_stand(path: Path, sql: str, recursive: str) -> None:
    """Also on a connection that is not ours, where REPLACE would pass by the DELETE triggers."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        before = list(other.iterdump())
        other.execute(f"PRAGMA recursive_triggers = {recursive}")
        with pytest.raises(sqlite3.IntegrityError):
            other.execute(sql)
        assert list(other.iterdump()) == before


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DROP TRIGGER ledger_entry_stays", "trigger `ledger_entry_stays` is missing or changed"),
        (
            """DROP TRIGGER ledger_entry_stays; CREATE TRIGGER ledger_entry_stays BEFORE UPDATE ON ledger_entry
            WHEN 0 BEGIN SELECT RAISE(ABORT, 'a ledger entry is never changed'); END""",
            "trigger `ledger_entry_stays` is missing or changed",
        ),
        (
            "CREATE TRIGGER t AFTER INSERT ON ledger_entry BEGIN SELECT 1; END",
            "trigger `t` does not belong here",
        ),
        ("CREATE VIEW v AS SELECT 1", "view `v` does not belong here"),
        ("CREATE TABLE t (x)", "table `t` does not belong here"),
        ("CREATE INDEX i ON ledger_entry (leaf)", "index `i` does not belong here"),
        ("ALTER TABLE ledger_entry ADD COLUMN x", "table `ledger_entry` is missing or changed"),
        ("DROP TABLE ledger_checkpoint", "table `ledger_checkpoint` is missing or changed"),
        ("PRAGMA user_version = 2", "user_version is missing or changed"),
        ("PRAGMA application_id = 0", "application_id is missing or changed"),
    ],
)
def test_a_file_that_is_not_as_it_was_made_is_not_opened(path: Path, sql: str, said: str) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.executescript(sql)
    for writable in (True, False):
        with pytest.raises(StoreRefused) as refused:
            Store.open(path, writable=writable)
        assert said in str(refused.value)


def test_what_is_no_database_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with pytest.raises(StoreRefused, match="no ledger at"):
        Store.open(path, writable=True)
    path.write_bytes(b"not a database, but long enough to be taken for one: " * 99)
    with pytest.raises(StoreRefused, match="not a database"):
        Store.open(path, writable=False)
    path.write_bytes(b"")
    with pytest.raises(StoreRefused, match="is no ledger"):
        Store.open(path, writable=False)


def test_a_store_is_not_made_over_a_file(path: Path) -> None:
    with pytest.raises(StoreRefused, match="exists already"):
        Store.create(path)


def test_reading_does_not_write(path: Path) -> None:
    with (
        closing(Store.open(path, writable=False)) as reader,
        pytest.raises(StoreRefused, match="readonly"),
        reader.writing() as transaction,
    ):
        transaction.add_entries([row(3)])


def test_on_a_medium_that_cannot_be_written_nothing_is_put_beside_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a read-only disk handed to an auditor; whoever runs the tests may be allowed to write everywhere."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    with closing(Store.open(path, writable=False)) as reader, reader.reading() as transaction:
        assert transaction.size() == 3
        assert list(path.parent.iterdir()) == [path]


def test_readers_see_one_moment_and_do_not_wait_for_the_writer(path: Path, store: Store) -> None:
    with closing(Store.open(path, writable=False)) as reader, reader.reading() as before:
        assert before.size() == 3
        with store.writing() as transaction:
            transaction.add_entries([row(3)])
            with reader.reading() as meanwhile, closing(Store.open(path, writable=True)) as other:
                assert meanwhile.size() == 3
                with other.reading() as too:
                    assert too.size() == 3
        assert before.size() == 3
        with reader.reading() as after:
            assert after.size() == 4


def test_a_path_may_hold_any_letter(tmp_path: Path) -> None:
    path = tmp_path / "a?mode=memory&b#c%20 ü.db"
    Store.create(path).close()
    assert list(tmp_path.iterdir()) == [path]
    Store.open(path, writable=False).close()
