"""What was known on a day: every canonical table under one shape, whatever the snapshot filled.

For each table a view `known_<table>` has all its canonical columns. A column or table that the mapping does not fill is
all NULL or empty here; that the facts resting on it are *unknown* is said by `engine.facts`, never by these rows. Rows
dated after the day are left out.
"""

from datetime import date

from engine.canonical import MOVES, TABLES, Table, Type
from engine.database import Database, quoted
from engine.intake.snapshot import Manifest
from engine.metrics.approved_moves import APPROVED
from engine.metrics.periods import Window
from engine.spelling import Spelling
from rules.kinds import Kind

_KINDS = {Type.TEXT: Kind.TEXT, Type.DATE: Kind.DATE, Type.BOOL: Kind.BOOL}
"""Kind of a column's values; what is not here is a whole number."""


def create_known(db: Database, manifest: Manifest, as_of: date) -> None:
    """Create the views `known_<table>` for all canonical tables and the moves, proposed and approved, as of `as_of`."""
    filled = manifest.present() | _columns_here(db, MOVES) | _columns_here(db, APPROVED)
    # One question for all tables: table by table, the catalogue takes longer than the metrics of a small snapshot.
    here = {(table, column) for table, columns in db.tables().items() for column in columns}
    for table in (*TABLES.values(), MOVES, APPROVED):
        names = (c.name for c in table.columns)
        _create_view(
            db, table, frozenset(n for n in names if (table.name, n) in here and f"{table.name}.{n}" in filled), as_of
        )


def proposed_columns(db: Database) -> frozenset[str]:
    """What the table of proposed moves fills: `moves` and `moves.column`, nothing where there is no such table."""
    return _columns_here(db, MOVES)


def revenue_reaches(db: Database, window: Window) -> bool:
    """Whether the revenue history begins early enough to fill a window, whose first part (month, quarter) is given.

    It does when the earliest booking lies in that first part or before it: a history that begins later leaves the
    window's revenue unknown, and not low.
    """
    return bool(db.value("SELECT min(booked_on) < ? FROM known_revenue", [window.end]))


def _columns_here(db: Database, table: Table) -> frozenset[str]:
    columns = db.columns(table.name)
    return frozenset((table.name, *(f"{table.name}.{c}" for c in columns)) if columns else ())


def _create_view(db: Database, table: Table, here: frozenset[str], as_of: date) -> None:
    columns = ", ".join(
        f"{_cell(db.spelling, quoted(c.name) if c.name in here else 'NULL', c.type)} AS {quoted(c.name)}"
        for c in table.columns
    )
    if not here:
        source = " WHERE false"
    elif table.dated in here:
        day = quoted(table.dated)
        # A row without its day cannot be later; whatever asks for the day finds it unknown.
        source = f" FROM {quoted(table.name)} WHERE {day} IS NULL OR {day} <= DATE '{as_of.isoformat()}'"
    else:
        source = f" FROM {quoted(table.name)}"
    db.run(f"CREATE OR REPLACE VIEW {quoted('known_' + table.name)} AS SELECT {columns}{source}")


def _cell(spelling: Spelling, sql: str, type_: Type) -> str:
    """As a column of that type; texts are ordered by code point, whatever the order of the database."""
    if type_ is Type.TEXT:
        return spelling.cast(sql, Kind.TEXT)
    return f"CAST({sql} AS {spelling.type_of(_KINDS.get(type_, Kind.COUNT))})"
