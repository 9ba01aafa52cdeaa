"""Which moves are proposed? A CSV or Parquet file of them becomes the table `moves` (engine.canonical.MOVES).

A CSV file is UTF-8 with commas, quotes where needed, and a header row of canonical names; days are ISO 8601. Unlike an
export a file of moves is refused as a whole: a verdict on most of the moves would be a verdict on another proposal.
"""

import tempfile
from pathlib import Path

from engine.canonical import MOVES
from engine.database import Database, quoted
from engine.engines.dialect import make_table
from engine.engines.embedded import Embedded, cells_of
from engine.intake.bad_rows import BadRows
from engine.intake.mapping_shapes import Cell, From, Source
from engine.intake.reading import read_export
from engine.intake.refusing import Staged, refuse
from engine.intake.sources import column_name, raw
from engine.intake.staging import STAGE, stage
from rules.problem import BadInput, Place, Problem, nearest

_SOURCE = "moves_file"
_NAMED = {"reps": "rep", "accounts": "account"}
"""Tables of a snapshot that moves name, and by which column."""


def read_moves(db: Database, path: Path) -> None:
    """Create the table `moves` from a file, with the columns that it has, by account.

    Reps and accounts must be among those of the snapshot in `db`, where it has such tables. Raises BadInput with every
    problem of the file, and leaves the database as it was.
    """
    if isinstance(db, Embedded):
        _read(db, path)
        return
    # What people write is read by one engine, so that each says the same of it; the table is handed on.
    with Embedded() as here, tempfile.TemporaryDirectory(prefix="merestone-") as scratch:
        for table, key in _NAMED.items():
            if db.has(table):
                names = Path(scratch) / f"{table}.parquet"
                db.write_parquet(f"SELECT {key} FROM {table}", names)
                here.read_parquet(table, names)
        _read(here, path)
        found = Path(scratch) / "moves.parquet"
        here.write_parquet(f"SELECT * FROM {MOVES.name}", found)
        handed = db.fresh(MOVES.name)
        db.read_parquet(handed, found)
        db.run(f"DROP VIEW IF EXISTS known_{MOVES.name}")
        make_table(db, MOVES.name, f"SELECT * FROM {handed} ORDER BY account")
        db.run(f"DROP TABLE {handed}")


def _read(db: Database, path: Path) -> None:
    bad = BadRows()
    columns = _load_parquet(db, path) if path.suffix.lower() == ".parquet" else _load_csv(db, path, bad)
    try:
        _columns_fit(path, columns)
        block = From(source=_SOURCE, columns={c: Cell(column=c) for c in columns})
        staged = Staged(MOVES, [block], [path.name], 0)
        stage(db, MOVES, [block], 0)
        refuse(db, staged, bad)
        if problems := bad.problems():
            raise BadInput(problems)
        ordered = ", ".join(f"v_{c.name} AS {quoted(c.name)}" for c in MOVES.columns if c.name in columns)
        db.run(f"CREATE OR REPLACE TABLE {MOVES.name} AS SELECT {ordered} FROM {STAGE} ORDER BY v_account")
    finally:
        for table in (raw(_SOURCE), STAGE, "twins"):
            db.run(f"DROP TABLE IF EXISTS {table}")


def _load_csv(db: Database, path: Path, bad: BadRows) -> tuple[str, ...]:
    with tempfile.TemporaryDirectory(prefix="merestone-") as scratch:
        normal = Path(scratch) / "cells"
        columns = read_export(path, Source(path=path.name), normal, bad).columns
        cells = [f"nullif(trim(c{i}), '') AS {quoted(column_name(c))}" for i, c in enumerate(columns)]
        db.run(f"CREATE TABLE {raw(_SOURCE)} AS SELECT row, {', '.join(cells)} FROM {cells_of(normal, len(columns))}")
    return columns


def _load_parquet(db: Database, path: Path) -> tuple[str, ...]:
    """Every value as text, to be read like a CSV file's; a row's number is its ordinal."""
    if not path.is_file():
        raise _unreadable(path, "no such file")
    try:
        db.read_parquet("moves_parquet", path)
    except ValueError:
        raise _unreadable(path, "not a Parquet file") from None
    columns = db.columns("moves_parquet")
    cells = [f"CAST({quoted(c)} AS VARCHAR) AS {quoted(column_name(c))}" for c in columns]
    rows = "row_number() OVER () AS row"
    db.run(f"CREATE TABLE {raw(_SOURCE)} AS SELECT {rows}, {', '.join(cells)} FROM moves_parquet")
    db.run("DROP TABLE moves_parquet")
    return columns


def _unreadable(path: Path, reason: str) -> BadInput:
    return BadInput([Problem(Place(path.name), f"file cannot be read: {reason}")])


def _columns_fit(path: Path, columns: tuple[str, ...]) -> None:
    known = [c.name for c in MOVES.columns]
    problems = []
    for name in columns:
        if name not in known:
            hint = nearest(name, known) or "columns are " + ", ".join(known)
            problems.append(Problem(Place(path.name), f"unknown column `{name}`", hint=hint))
    problems += [
        Problem(Place(path.name), f"column `{c.name}` is missing", expected=c.meaning)
        for c in MOVES.columns
        if c.required and c.name not in columns
    ]
    if problems:
        raise BadInput(problems)
