"""Where does the ledger lie? The one door to SQLModel and SQLAlchemy: two append-only tables in one SQLite file.

    ledger_entry       idx (0, 1, 2, …), event_id, leaf (32 bytes), body (RFC 8785 bytes: every fact is in here)
    ledger_checkpoint  size, edge (right edge of the tree), note (signed tree head)

`event_id`, `leaf` and `edge` repeat or summarise what the bodies say, so that an append need not read them all;
verification computes them anew. Triggers refuse UPDATE, DELETE, gaps and checkpoints that go backwards. They stop
accidents; whoever can write the file can drop them, and only the signed checkpoints tell on him.

One writer at a time (BEGIN IMMEDIATE), any number of readers. A commit is on disk when it returns (WAL,
synchronous=FULL).
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from sqlalchemy import CheckConstraint, Connection, Engine, LargeBinary, QueuePool, StaticPool, Text, event, func, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Field, SQLModel, col, create_engine, insert, select

from governance.ledger_schema import APPLICATION_ID, FORMAT, TRIGGERS, Shape, differences, shape_of
from governance.refusal import Refused

BUSY_SECONDS = 30


class EntryRow(SQLModel, table=True):
    """One entry as stored."""

    __tablename__ = "ledger_entry"
    __table_args__ = (CheckConstraint("length(leaf) = 32"),)
    idx: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    event_id: str = Field(sa_type=Text, unique=True)
    leaf: bytes = Field(sa_type=LargeBinary)
    body: bytes = Field(sa_type=LargeBinary)


class CheckpointRow(SQLModel, table=True):
    """One checkpoint as stored."""

    __tablename__ = "ledger_checkpoint"
    size: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    edge: bytes = Field(sa_type=LargeBinary)
    note: str = Field(sa_type=Text)


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


def _of_kinds(row: Sequence[Any], kinds: Sequence[type]) -> Sequence[Any]:
    """The row, every value of its kind: SQLite itself keeps whatever it is given. Raises StoreRefused."""
    if any(type(value) is not kind for value, kind in zip(row, kinds, strict=True)):
        raise StoreRefused(f"the ledger holds a value of the wrong kind in row {row[0]!r:.40}")
    return row


class Transaction:
    """What can be asked of the store, and, within `Store.writing`, added to it. All answers are of one moment."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def size(self) -> int:
        """The number after the last index."""
        last = self._connection.execute(select(func.max(EntryRow.idx))).scalar()
        return 0 if last is None else last + 1

    def entries(self, start: int, stop: int) -> tuple[StoredEntry, ...]:
        """Entries with start ≤ index < stop, in order."""
        wanted = select(EntryRow.idx, EntryRow.event_id, EntryRow.leaf, EntryRow.body)
        wanted = wanted.where(EntryRow.idx >= start, EntryRow.idx < stop).order_by(col(EntryRow.idx))
        return tuple(StoredEntry(*_of_kinds(row, _ENTRY)) for row in self._connection.execute(wanted))

    def entry_of(self, event_id: str) -> StoredEntry | None:
        """The entry that records an event."""
        wanted = select(EntryRow.idx, EntryRow.event_id, EntryRow.leaf, EntryRow.body)
        row = self._connection.execute(wanted.where(EntryRow.event_id == event_id)).one_or_none()
        return StoredEntry(*_of_kinds(row, _ENTRY)) if row else None

    def leaves(self, stop: int) -> list[bytes]:
        """Leaf hashes of the entries below `stop`, in order, as stored."""
        wanted = select(EntryRow.leaf).where(EntryRow.idx < stop).order_by(col(EntryRow.idx))
        return [leaf for row in self._connection.execute(wanted) for leaf in _of_kinds(row, (bytes,))]

    def latest_checkpoint(self) -> StoredCheckpoint | None:
        """The checkpoint of the largest size."""
        wanted = select(CheckpointRow.size, CheckpointRow.edge, CheckpointRow.note)
        row = self._connection.execute(wanted.order_by(col(CheckpointRow.size).desc()).limit(1)).one_or_none()
        return StoredCheckpoint(*_of_kinds(row, _CHECKPOINT)) if row else None

    def add_entries(self, entries: Sequence[StoredEntry]) -> None:
        """Append entries; their indices follow the last one."""
        rows = [{"idx": e.index, "event_id": e.event_id, "leaf": e.leaf, "body": e.body} for e in entries]
        if rows:
            self._connection.execute(insert(EntryRow), rows)

    def add_checkpoint(self, checkpoint: StoredCheckpoint) -> None:
        """Append the checkpoint over all entries."""
        row = {"size": checkpoint.size, "edge": checkpoint.edge, "note": checkpoint.note}
        self._connection.execute(insert(CheckpointRow), [row])

    def integrity(self) -> tuple[str, ...]:
        """What SQLite itself finds wrong with the file."""
        found = [str(row[0]) for row in self._connection.exec_driver_sql("PRAGMA integrity_check")]
        return tuple(line for line in found if line != "ok")

    def schema_differences(self) -> tuple[str, ...]:
        """How tables and triggers differ from what this version makes, in words, sorted."""
        return differences(_shape(self._connection), _expected_shape())

    def raw_entries(self) -> Iterator[tuple[Any, ...]]:
        """Rows of `ledger_entry` in order of the index, whatever they hold: nothing is converted or trusted."""
        yield from self._connection.execute(text("SELECT idx, event_id, leaf, body FROM ledger_entry ORDER BY idx"))

    def raw_checkpoints(self) -> Iterator[tuple[Any, ...]]:
        """Rows of `ledger_checkpoint` in order of the size, whatever they hold."""
        yield from self._connection.execute(text("SELECT size, edge, note FROM ledger_checkpoint ORDER BY size"))


class Store:
    """An open ledger file; to be closed. Usable from several threads."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self._path = path
        self._engine = engine

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new, empty file at `path`, which must not exist. Raises StoreRefused."""
        if path.exists():
            raise StoreRefused(f"`{path}` exists already")
        store = cls(path, _file_engine(path, "rwc"))
        with store._told(), store._engine.connect().execution_options(writes=True) as connection, connection.begin():
            _make_schema(connection)
        return store

    @classmethod
    def open(cls, path: Path, *, writable: bool) -> Self:
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
        return cls(path, _file_engine(path, "rw" if writable else "ro"))

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A transaction that sees one moment and takes no lock. Raises StoreRefused."""
        with self._told(), self._engine.connect() as connection, connection.begin():
            yield Transaction(connection)

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """The one transaction that may write; durable when left without error, else without effect. StoreRefused."""
        with self._told(), self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield Transaction(connection)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in our words what the database refuses."""
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error) as error:
            reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
            raise StoreRefused(f"`{self._path}` cannot be used: {reason}") from error


def _file_engine(path: Path, mode: str) -> Engine:
    uri = f"file:{quote(str(path.resolve()))}?mode={mode}"
    if mode == "ro" and not os.access(path.parent, os.W_OK) and not path.with_name(path.name + "-wal").exists():
        # A reader of a WAL file must make a file beside it; on a read-only medium nobody writes and it need not.
        uri += "&immutable=1"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            if mode != "ro":
                connection.execute("PRAGMA recursive_triggers = ON")
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA fullfsync = ON")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    return _engine(connect, QueuePool)


def _engine(connect: Callable[[], sqlite3.Connection], pool: type[QueuePool] | type[StaticPool]) -> Engine:
    engine = create_engine("sqlite://", creator=connect, poolclass=pool)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Only writers take the lock at once: a reader that did would wait for every writer.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _make_schema(connection: Connection) -> None:
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {FORMAT}")
    for row in (EntryRow, CheckpointRow):
        SQLModel.metadata.tables[str(row.__tablename__)].create(connection)
    for trigger in TRIGGERS:
        connection.exec_driver_sql(trigger)


def _expected_shape() -> Shape:
    engine = _engine(lambda: sqlite3.connect(":memory:", isolation_level=None), StaticPool)
    try:
        with engine.connect() as connection:
            _make_schema(connection)
            return _shape(connection)
    finally:
        engine.dispose()


def _shape(connection: Connection) -> Shape:
    return shape_of(lambda sql, *values: map(tuple, connection.exec_driver_sql(sql, values or None)))
