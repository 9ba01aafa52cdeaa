"""Where does the ledger lie? The one door to SQLModel and SQLAlchemy: two append-only tables in one SQLite file.

`event_id`, `leaf` and `edge` repeat or summarise what the bodies say, so that an append need not read them all;
verification computes them anew. Triggers refuse UPDATE, DELETE, gaps and checkpoints that go backwards. They stop
accidents; whoever can write the file can drop them, and only the signed checkpoints tell on him.

One writer at a time (BEGIN IMMEDIATE), any number of readers (`governance.store_reading`). A commit is on disk when it
returns (WAL, synchronous=FULL).
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from sqlalchemy import CheckConstraint, Connection, Engine, LargeBinary, QueuePool, Text, event
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Field, SQLModel, create_engine, insert

from governance.ledger_schema import APPLICATION_ID, FORMAT, TRIGGERS
from governance.store_reading import (
    Reader,
    StoredCheckpoint,
    StoredEntry,
    StoreRefused,
    Transaction,
    connect,
    unusable,
)

__all__ = ["Store", "StoreRefused", "StoredCheckpoint", "StoredEntry", "WritingTransaction"]


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


class WritingTransaction(Transaction):
    """What can be asked of the store and added to it, within `Store.writing`."""

    def __init__(self, connection: Connection) -> None:
        file = connection.connection.driver_connection
        assert isinstance(file, sqlite3.Connection), "the store lies in SQLite"  # noqa: S101
        super().__init__(file)
        self._connection = connection

    def add_entries(self, entries: Sequence[StoredEntry]) -> None:
        """Append entries; their indices follow the last one."""
        rows = [{"idx": e.index, "event_id": e.event_id, "leaf": e.leaf, "body": e.body} for e in entries]
        if rows:
            self._connection.execute(insert(EntryRow), rows)

    def add_checkpoint(self, checkpoint: StoredCheckpoint) -> None:
        """Append the checkpoint over all entries."""
        row = {"size": checkpoint.size, "edge": checkpoint.edge, "note": checkpoint.note}
        self._connection.execute(insert(CheckpointRow), [row])


class Store(Reader):
    """An open ledger file, to read and to write; to be closed. Usable from several threads."""

    def __init__(self, path: Path, mode: str) -> None:
        super().__init__(path, mode)
        self._engine = _engine(path, mode)

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new, empty file at `path`, which must not exist. Raises StoreRefused."""
        if path.exists():
            raise StoreRefused(f"`{path}` exists already")
        store = cls(path, "rwc")
        with store._told(), store._engine.connect() as connection, connection.begin():
            _make_schema(connection)
        return store

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[WritingTransaction]:
        """The one transaction that may write; durable when left without error, else without effect. StoreRefused."""
        with self._told(), self._engine.connect() as connection, connection.begin():
            yield WritingTransaction(connection)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in our words what the database refuses."""
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise unusable(self._path, getattr(error, "orig", None) or error) from error


def _engine(path: Path, mode: str) -> Engine:
    engine = create_engine("sqlite://", creator=lambda: connect(path, mode), poolclass=QueuePool)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # The lock at once: two writers that both had read first would wait for each other.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _make_schema(connection: Connection) -> None:
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {FORMAT}")
    for row in (EntryRow, CheckpointRow):
        SQLModel.metadata.tables[str(row.__tablename__)].create(connection)
    for trigger in TRIGGERS:
        connection.exec_driver_sql(trigger)
