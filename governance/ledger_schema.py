"""What keeps the ledger's tables append-only, and is it all still there? Triggers as text, and the shape of a file.

A file is compared by shape, not by the text of its tables: triggers word by word, tables by their columns. So a ledger
made by an older version of the software that wrote the CREATE TABLE with other blanks is still the same ledger.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from functools import cache
from typing import Any

APPLICATION_ID = 0x4D65_7265
"""`Mere` in the file's header, so that `file` and we can tell a ledger from any other SQLite file."""
FORMAT = 1
TABLES = (
    """CREATE TABLE ledger_entry (idx INTEGER NOT NULL, event_id TEXT NOT NULL, leaf BLOB NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (idx), CHECK (length(leaf) = 32), UNIQUE (event_id))""",
    """CREATE TABLE ledger_checkpoint (size INTEGER NOT NULL, edge BLOB NOT NULL, note TEXT NOT NULL,
    PRIMARY KEY (size))""",
)
"""The tables that `governance.store` makes; a test compares the two."""
TRIGGERS = (
    """CREATE TRIGGER ledger_entry_stays BEFORE UPDATE ON ledger_entry
    BEGIN SELECT RAISE(ABORT, 'a ledger entry is never changed'); END""",
    """CREATE TRIGGER ledger_entry_is_kept BEFORE DELETE ON ledger_entry
    BEGIN SELECT RAISE(ABORT, 'a ledger entry is never deleted'); END""",
    """CREATE TRIGGER ledger_entry_is_next BEFORE INSERT ON ledger_entry
    WHEN NEW.idx IS NOT (SELECT COALESCE(MAX(idx) + 1, 0) FROM ledger_entry)
    BEGIN SELECT RAISE(ABORT, 'a ledger entry follows the last one'); END""",
    # INSERT OR REPLACE deletes the older row without firing its DELETE trigger, unless recursive_triggers is on.
    """CREATE TRIGGER ledger_entry_is_new BEFORE INSERT ON ledger_entry
    WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE event_id = NEW.event_id)
    BEGIN SELECT RAISE(ABORT, 'an event is recorded once'); END""",
    """CREATE TRIGGER ledger_checkpoint_stays BEFORE UPDATE ON ledger_checkpoint
    BEGIN SELECT RAISE(ABORT, 'a checkpoint is never changed'); END""",
    """CREATE TRIGGER ledger_checkpoint_is_kept BEFORE DELETE ON ledger_checkpoint
    BEGIN SELECT RAISE(ABORT, 'a checkpoint is never deleted'); END""",
    """CREATE TRIGGER ledger_checkpoint_goes_forward BEFORE INSERT ON ledger_checkpoint
    WHEN NEW.size <= (SELECT COALESCE(MAX(size), -1) FROM ledger_checkpoint)
      OR NEW.size IS NOT (SELECT COALESCE(MAX(idx) + 1, 0) FROM ledger_entry)
    BEGIN SELECT RAISE(ABORT, 'a checkpoint covers all entries and more than the last one'); END""",
)

Shape = Mapping[str, tuple[Any, ...]]
"""Every object of a database by kind and name, with what matters about it."""


def shape_of(rows: Callable[..., Iterable[tuple[Any, ...]]]) -> Shape:
    """The shape of the database in which `rows(sql, *values)` runs a query."""
    shape: dict[str, tuple[Any, ...]] = {
        pragma: tuple(rows(f"PRAGMA {pragma}")) for pragma in ("application_id", "user_version")
    }
    for kind, name, table, sql in tuple(rows("SELECT type, name, tbl_name, sql FROM sqlite_schema")):
        if kind == "trigger":
            what: tuple[Any, ...] = (" ".join(str(sql).split()),)
        elif kind == "table":
            # Also tells a virtual table, whose rows could be anything: it has no primary key, or hidden columns.
            what = tuple(rows("SELECT * FROM pragma_table_xinfo(?)", name))
        else:
            what = (sql is None, *rows("SELECT seqno, cid, name FROM pragma_index_info(?)", name))
        shape[f"{kind} `{name}`"] = (table, *what)
    return shape


@cache
def expected_shape() -> Shape:
    """The shape of a ledger as this version makes it."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        made.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        made.execute(f"PRAGMA user_version = {FORMAT}")
        for sql in (*TABLES, *TRIGGERS):
            made.execute(sql)
        return shape_of(lambda sql, *values: made.execute(sql, values))


def differences(here: Shape, wanted: Shape) -> tuple[str, ...]:
    """How one shape differs from the wanted one, in words, sorted."""
    missing = [f"{name} is missing or changed" for name, what in wanted.items() if here.get(name) != what]
    return tuple(sorted(missing + [f"{name} does not belong here" for name in here if name not in wanted]))
