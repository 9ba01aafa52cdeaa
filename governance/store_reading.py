"""What does the ledger's file hold? Reading it, with nothing but SQLite: every verb asks, and few of them write.

    ledger_entry       idx (0, 1, 2, …), event_id, leaf (32 bytes), body (RFC 8785 bytes: every fact is in here)
    ledger_checkpoint  size, edge (right edge of the tree), note (signed tree head)

`governance.store` writes, through SQLModel. Loading that library takes longer than judging a move.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from governance.ledger_schema import differences, expected_shape, shape_of
from governance.refusal import Refused

BUSY_SECONDS = 30


class StoreRefused(Refused):
    """The database could not be read or written, or is not a ledger."""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """A row of `ledger_entry`."""

    index: int
    event_id: str
    leaf: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A row of `ledger_checkpoint`."""

    size: int
    edge: bytes
    note: str


_ENTRY = (int, str, bytes, bytes)
_CHECKPOINT = (int, bytes, str)
_ENTRIES = "SELECT idx, event_id, leaf, body FROM ledger_entry"


class Transaction:
    """What can be asked of the store. All answers are of one moment."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file

    def size(self) -> int:
        """The number after the last index."""
        last: int | None
        [(last,)] = self._file.execute("SELECT max(idx) FROM ledger_entry")
        return 0 if last is None else last + 1

    def entries(self, start: int, stop: int) -> tuple[StoredEntry, ...]:
        """Entries with start ≤ index < stop, in order."""
        found = self._file.execute(f"{_ENTRIES} WHERE idx >= ? AND idx < ? ORDER BY idx", (start, stop))
        return tuple(StoredEntry(*_of_kinds(row, _ENTRY)) for row in found)

    def entry_of(self, event_id: str) -> StoredEntry | None:
        """The entry that records an event."""
        found = self._file.execute(f"{_ENTRIES} WHERE event_id = ?", (event_id,)).fetchall()
        return StoredEntry(*_of_kinds(found[0], _ENTRY)) if found else None

    def leaves(self, stop: int) -> list[bytes]:
        """Leaf hashes of the entries below `stop`, in order, as stored."""
        found = self._file.execute("SELECT leaf FROM ledger_entry WHERE idx < ? ORDER BY idx", (stop,))
        return [leaf for row in found for leaf in _of_kinds(row, (bytes,))]

    def latest_checkpoint(self) -> StoredCheckpoint | None:
        """The checkpoint of the largest size."""
        wanted = "SELECT size, edge, note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1"
        row = self._file.execute(wanted).fetchone()
        return StoredCheckpoint(*_of_kinds(row, _CHECKPOINT)) if row else None

    def integrity(self) -> tuple[str, ...]:
        """What SQLite itself finds wrong with the file."""
        found = [str(row[0]) for row in self._file.execute("PRAGMA integrity_check")]
        return tuple(line for line in found if line != "ok")

    def schema_differences(self) -> tuple[str, ...]:
        """How tables and triggers differ from what this version makes, in words, sorted."""
        return differences(shape_of(lambda sql, *values: self._file.execute(sql, values)), expected_shape())

    def raw_entries(self) -> Iterator[tuple[Any, ...]]:
        """Rows of `ledger_entry` in order of the index, whatever they hold: nothing is converted or trusted."""
        yield from self._file.execute(f"{_ENTRIES} ORDER BY idx")

    def raw_checkpoints(self) -> Iterator[tuple[Any, ...]]:
        """Rows of `ledger_checkpoint` in order of the size, whatever they hold."""
        yield from self._file.execute("SELECT size, edge, note FROM ledger_checkpoint ORDER BY size")


class Reader:
    """A ledger's file, to read; to be closed. Usable from several threads: each transaction has its own connection."""

    def __init__(self, path: Path, mode: str) -> None:
        self._path = path
        self._mode = mode

    @classmethod
    def open(cls, path: Path, *, writable: bool = False) -> Self:
        """The ledger at `path`. Raises StoreRefused if it is absent, or if a table or trigger is not as it was made."""
        store = cls.open_unchecked(path, writable=writable)
        try:
            with store.reading() as transaction:
                found = transaction.schema_differences()
        except StoreRefused:
            store.close()
            raise
        if found:
            store.close()
            raise StoreRefused(f"`{path}` is no ledger as it was made: {'; '.join(found)}")
        return store

    @classmethod
    def open_unchecked(cls, path: Path, *, writable: bool = False) -> Self:
        """As `open`, for those who examine a file that may be anything."""
        if not path.is_file():
            raise StoreRefused(f"no ledger at `{path}`", "make one with `merestone init`")
        return cls(path, "rw" if writable else "ro")

    def close(self) -> None:
        """Let go of the file."""

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A transaction that sees one moment and takes no lock. Raises StoreRefused."""
        try:
            with closing(connect(self._path, self._mode)) as file:
                file.execute("BEGIN")
                yield Transaction(file)
                file.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise unusable(self._path, error) from error


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """A connection that commits when it is told to; `mode` is `ro`, `rw` or `rwc` (created where it is not there)."""
    uri = f"file:{quote(str(path.resolve()))}?mode={mode}"
    if mode == "ro" and not os.access(path.parent, os.W_OK) and not path.with_name(path.name + "-wal").exists():
        # A reader of a WAL file must make a file beside it; on a read-only medium nobody writes and it need not.
        uri += "&immutable=1"
    file = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        file.execute("PRAGMA trusted_schema = OFF")
        if mode != "ro":
            file.execute("PRAGMA recursive_triggers = ON")
            file.execute("PRAGMA journal_mode = WAL")
            file.execute("PRAGMA synchronous = FULL")
            file.execute("PRAGMA fullfsync = ON")
    except sqlite3.Error:
        file.close()
        raise
    return file


def unusable(path: Path, error: BaseException) -> StoreRefused:
    """What the database refuses, in our words."""
    return StoreRefused(f"`{path}` cannot be used: {str(error).partition(chr(10))[0]}")


def _of_kinds(row: Sequence[Any], kinds: Iterable[type]) -> Sequence[Any]:
    """The row, every value of its kind: SQLite itself keeps whatever it is given. Raises StoreRefused."""
    if any(type(value) is not kind for value, kind in zip(row, kinds, strict=True)):
        raise StoreRefused(f"the ledger holds a value of the wrong kind in row {row[0]!r:.40}")
    return row
