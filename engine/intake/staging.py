"""Which rows does a data set consist of? Its `from` blocks as one staged table: texts, typed values, and what is wrong.

Columns of a staged table: `block` and `row` say where a row comes from; `v_x` is the value of canonical column x, `t_x`
the text found for it, `b_x` whether that text could not be read; `lost` and `many` name a source of which no row, or
more than one, matches, and `keys` the texts it was looked up by.
"""

from collections.abc import Sequence

from engine.canonical import Table
from engine.database import Database, quoted, text
from engine.intake.cell_types import meant_text, source_text, value
from engine.intake.mapping_shapes import Cell, Condition, From, Join, Scalar, word
from engine.intake.sources import column_name, raw

STAGE = "staged"
_NOWHERE = Cell(constant=None)


def filled(table: Table, blocks: Sequence[From]) -> tuple[str, ...]:
    """Canonical columns that at least one block fills, in the table's order."""
    return tuple(c.name for c in table.columns if any(c.name in block.columns for block in blocks))


def stage(db: Database, table: Table, blocks: Sequence[From], money_scale: int) -> None:
    """Create the staged table of a data set from its blocks; rows that no block's `where` keeps are not in it."""
    names = filled(table, blocks)
    selects = [_block(table, i, block, names, money_scale) for i, block in enumerate(blocks)]
    db.run(f"CREATE OR REPLACE TABLE {STAGE} AS {' UNION ALL '.join(selects)}")


def left_out(db: Database, source: str, blocks: Sequence[From]) -> int:
    """How many rows of a source none of the blocks that read it keeps."""
    kept = " UNION ALL ".join(f"SELECT s0.row {_rows(b)}" for b in blocks if b.source == source)
    return int(db.value(f"SELECT count(*) FROM {raw(source)} WHERE row NOT IN ({kept})"))


def _block(table: Table, number: int, block: From, names: Sequence[str], money_scale: int) -> str:
    cells = {name: block.columns.get(name, _NOWHERE) for name in names}
    texts = {n: source_text(c, tuple(_column(block, o) for o in c.names())) for n, c in cells.items()}
    once = (
        f" QUALIFY row_number() OVER (PARTITION BY {', '.join(texts.values())} ORDER BY s0.row) = 1"
        if block.distinct
        else ""
    )
    found = ", ".join(f"{sql} AS {quoted('t_' + n)}" for n, sql in texts.items())
    meant = ", ".join(f"{meant_text(c, quoted('t_' + n))} AS {quoted('m_' + n)}" for n, c in cells.items())
    typed = ", ".join(
        f"CAST({value(table.column(n).type, c, quoted('m_' + n), money_scale)} AS {table.column(n).type.sql})"
        f" AS {quoted('v_' + n)}"
        for n, c in cells.items()
    )
    bad = ", ".join(f"m_{n} IS NOT NULL AND v_{n} IS NULL AS b_{n}" for n in names)
    shown = ", ".join(f"t_{n}, v_{n}" for n in names)
    lookup = f"{_lost(block.joins)} AS lost, {_many(block.joins)} AS many, {_keys(block)} AS keys"
    return (
        f"SELECT {number} AS block, row, lost, many, keys, {shown}, {bad} FROM (SELECT *, {typed}"
        f" FROM (SELECT *, {meant} FROM (SELECT s0.row, {lookup}, {found} {_rows(block)}{once})))"
    )


def _rows(block: From) -> str:
    """FROM and WHERE of a block. A joined source is brought to one row a key, with the number of rows it stands for."""
    joins = "".join(_join(block, i, join) for i, join in enumerate(block.joins, 1))
    kept = " AND ".join(_kept(_column(block, name), rule) for name, rule in block.where.items())
    return f"FROM {raw(block.source)} s0{joins}" + (f" WHERE {kept}" if kept else "")


def _join(block: From, number: int, join: Join) -> str:
    keys = ", ".join(quoted(column_name(c)) for c in join.on.values())
    equal = " AND ".join(
        f"{_column(block, left)} = s{number}.{quoted(column_name(right))}" for left, right in join.on.items()
    )
    return (
        f" LEFT JOIN (SELECT *, count(*) OVER (PARTITION BY {keys}) AS matches FROM {raw(join.source)}"
        f" QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY row) = 1) s{number} ON {equal}"
    )


def _lost(joins: Sequence[Join]) -> str:
    cases = " ".join(f"WHEN s{i}.matches IS NULL THEN {text(j.source)}" for i, j in enumerate(joins, 1) if j.required)
    return f"CASE {cases} END" if cases else "CAST(NULL AS VARCHAR)"


def _many(joins: Sequence[Join]) -> str:
    cases = " ".join(f"WHEN s{i}.matches > 1 THEN {text(j.source)}" for i, j in enumerate(joins, 1))
    return f"CASE {cases} END" if cases else "CAST(NULL AS VARCHAR)"


def _keys(block: From) -> str:
    """What the lost or ambiguous source was looked up by."""
    cases = " ".join(
        f"WHEN {wrong} THEN concat_ws(', ', {', '.join(_column(block, left) for left in join.on)})"
        for i, join in enumerate(block.joins, 1)
        for wrong in ([f"s{i}.matches IS NULL"] if join.required else []) + [f"s{i}.matches > 1"]
    )
    return f"CASE {cases} END" if cases else "CAST(NULL AS VARCHAR)"


def _kept(column: str, rule: Scalar | list[Scalar] | Condition) -> str:
    if isinstance(rule, Condition) and rule.is_:
        return f"{column} IS {'NOT NULL' if rule.is_ == 'present' else 'NULL'}"
    wanted = rule.not_ if isinstance(rule, Condition) else rule
    listed = ", ".join(text(word(w)) for w in (wanted if isinstance(wanted, list) else [wanted]))
    return f"coalesce({column}, '') {'NOT IN' if isinstance(rule, Condition) else 'IN'} ({listed})"


def _column(block: From, name: str) -> str:
    source, column = block.origin(name)
    return f"s{block.sources().index(source)}.{quoted(column_name(column))}"
