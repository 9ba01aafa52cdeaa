"""Which staged rows cannot be used? Later than as-of: counted. Unreadable, incomplete, doubtful or dangling: refused.

Checks run in this order, and a row that one of them refuses is seen by no other: later than as-of; a cell that cannot
be read, an empty required cell, a lookup without exactly one partner; another row of the same key; a rep, territory or
account that does not exist. So a row from the future is never a problem of the past, and order in a file decides
nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.canonical import Column, Table, Type
from engine.database import Database, quoted, text
from engine.intake.bad_rows import LISTED, BadRows
from engine.intake.cell_types import expected
from engine.intake.mapping_shapes import Cell, From
from engine.intake.staging import STAGE, filled
from rules.problem import Place, Problem

WORDS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("opportunities", "status"): ("open", "won", "lost"),
    ("accounts", "size_segment"): ("enterprise", "mid-market", "SMB"),
    ("reps", "size_segment"): ("enterprise", "mid-market", "SMB"),
    ("events", "kind"): ("departure", "headcount", "icp-shift", "merger", "segment-entry", "request"),
    ("claims", "claim"): ("rep_territory", "rep_quota", "account_owner", "rep_revenue", "territory_revenue"),
}
"""Columns of which only these words have a meaning (engine.canonical)."""

_REFERENCES = {
    "rep": "reps",
    "from_rep": "reps",
    "to_rep": "reps",
    "account": "accounts",
    "territory": "territories",
}


@dataclass(frozen=True, slots=True)
class Staged:
    """What is staged: the table, its blocks, and the file that each block reads."""

    table: Table
    blocks: Sequence[From]
    files: Sequence[str]
    money_scale: int

    def place(self, block: int, row: int, column: str = "") -> Place:
        """A row in its file, and the columns of the file from which a canonical column is read."""
        cell = self.blocks[block].columns.get(column) if column else None
        return Place(self.files[block], row=row, field=", ".join(cell.names()) or column if cell else column)

    def cell(self, block: int, column: str) -> Cell:
        """How a block fills a column."""
        return self.blocks[block].columns[column]


def cut_late(db: Database, staged: Staged, as_of: date) -> int:
    """Remove the rows dated after as-of; how many they were."""
    dated = staged.table.dated
    if dated not in filled(staged.table, staged.blocks):
        return 0
    return _remove(db, f"v_{dated} > DATE '{as_of.isoformat()}'")


def refuse(db: Database, staged: Staged, bad: BadRows) -> int:
    """Remove every staged row that cannot be used, and list why; how many they were."""
    wrong = ["lost IS NOT NULL", "many IS NOT NULL"]
    _list_lookups(db, staged, bad)
    for column in _columns(staged):
        wrong += _list_cells(db, staged, column, bad)
    refused = _remove(db, " OR ".join(wrong))
    refused += _refuse_twins(db, staged, bad)
    return refused + _refuse_dangling(db, staged, bad)


def _columns(staged: Staged) -> list[Column]:
    return [staged.table.column(name) for name in filled(staged.table, staged.blocks)]


def _list_lookups(db: Database, staged: Staged, bad: BadRows) -> None:
    for flag, what in (("lost", "no row of `{}` matches"), ("many", "several rows of `{}` match")):

        def problem(row: Mapping[str, Any], flag: str = flag, what: str = what) -> Problem:
            found = row["keys"] or ""
            return Problem(staged.place(row["block"], row["row"]), what.format(row[flag]), found=found)

        _list(db, staged, f"{flag} IS NOT NULL", bad, problem=problem)


def _list_cells(db: Database, staged: Staged, column: Column, bad: BadRows) -> list[str]:
    """List unreadable and missing cells of a column; the conditions of their rows."""
    name = column.name
    unreadable = f"b_{name}"
    words = WORDS.get((staged.table.name, name), ())
    foreign = f"v_{name} NOT IN ({', '.join(text(w) for w in words)})" if words else "false"

    def misread(row: Mapping[str, Any]) -> Problem:
        cell = staged.cell(row["block"], name)
        what = (
            f"`{name}` cannot be read" if column.type is not Type.TEXT else f"`{name}` has a value that is not listed"
        )
        wants = expected(column.type, cell, staged.money_scale)
        return Problem(staged.place(row["block"], row["row"], name), what, row[f"t_{name}"] or "", wants)

    def unknown(row: Mapping[str, Any]) -> Problem:
        where = staged.place(row["block"], row["row"], name)
        wants = ", ".join(f"`{w}`" for w in words)
        return Problem(
            where, f"`{name}` is not a known word", row[f"v_{name}"], f"one of {wants}", "map it with `values`"
        )

    def missing(row: Mapping[str, Any]) -> Problem:
        where = staged.place(row["block"], row["row"], name)
        return Problem(where, f"`{name}` is empty", expected=column.meaning)

    conditions = [unreadable, foreign]
    _list(db, staged, unreadable, bad, problem=misread)
    _list(db, staged, foreign, bad, problem=unknown)
    if column.required:
        empty = f"(v_{name} IS NULL AND NOT b_{name} AND lost IS NULL)"
        _list(db, staged, empty, bad, problem=missing)
        conditions.append(empty)
    return conditions


def _refuse_twins(db: Database, staged: Staged, bad: BadRows) -> int:
    """Rows of one key: equal ones are one row, different ones are all refused, as nothing says which is right."""
    keys = ", ".join(f"v_{k}" for k in staged.table.key)
    values = ", ".join(f"v_{c.name}" for c in _columns(staged))
    doubled = f"({keys}) IN (SELECT ({keys}) FROM {STAGE} GROUP BY ALL HAVING count(*) > 1)"
    db.run(
        f"CREATE OR REPLACE TABLE twins AS SELECT block, row, {keys},"
        f" row_number() OVER (PARTITION BY {keys} ORDER BY block, row) = 1 AS first,"
        f" count(DISTINCT row({values})) OVER (PARTITION BY {keys}) AS kinds FROM {STAGE} WHERE {doubled}"
    )

    def twin(row: Mapping[str, Any]) -> Problem:
        key = ", ".join(str(row[f"v_{k}"]) for k in staged.table.key)
        names = ", ".join(staged.table.key)
        return Problem(
            staged.place(row["block"], row["row"]),
            "row stands twice" if row["kinds"] == 1 else "rows of one key differ",
            found=key,
            expected=f"one row for each {names}",
        )

    _list(db, staged, "kinds > 1 OR NOT first", bad, problem=twin, table="twins")
    return _remove(db, "(block, row) IN (SELECT (block, row) FROM twins WHERE kinds > 1 OR NOT first)")


def _refuse_dangling(db: Database, staged: Staged, bad: BadRows) -> int:
    dangling = []
    for column in _columns(staged):
        target = _REFERENCES.get(column.name, "")
        if not target or target == staged.table.name or not db.has(target):
            continue
        name = f"v_{column.name}"
        key = target.removesuffix("s") if target != "territories" else "territory"
        condition = f"({name} IS NOT NULL AND {name} NOT IN (SELECT {key} FROM {quoted(target)}))"

        def dangles(row: Mapping[str, Any], column: Column = column, target: str = target) -> Problem:
            where = staged.place(row["block"], row["row"], column.name)
            return Problem(where, f"not among the {target}", row[f"v_{column.name}"])

        _list(db, staged, condition, bad, problem=dangles)
        dangling.append(condition)
    return _remove(db, " OR ".join(dangling)) if dangling else 0


def _list(
    db: Database,
    staged: Staged,
    condition: str,
    bad: BadRows,
    *,
    problem: Callable[[Mapping[str, Any]], Problem],
    table: str = STAGE,
) -> None:
    total = db.value(f"SELECT count(*) FROM {table} WHERE {condition}")
    if total:
        rows = db.records(f"SELECT * FROM {table} WHERE {condition} ORDER BY block, row LIMIT {LISTED}")
        first = [problem(row) for row in rows]
        kind = f"{first[0].where.file}: {staged.table.name}: {condition}"
        bad.add_all(kind, first, total)


def _remove(db: Database, condition: str) -> int:
    before = db.value(f"SELECT count(*) FROM {STAGE}")
    db.run(f"DELETE FROM {STAGE} WHERE {condition}")
    return int(before - db.value(f"SELECT count(*) FROM {STAGE}"))
