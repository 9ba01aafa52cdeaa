"""What does a decision table say? Rows and cells as written, to one expression by the table's hit policy (DMN 1.5, 8).

A row fits where each of its cells does. Where no row fits, `otherwise` answers, and without it the answer is unknown.
What is unknown about a row counts as far as it could change the answer:

    unique      one row answers; where two fit, or one that might fit is unknown, the answer is unknown
    first       the first row that fits answers; an unknown one before it leaves the answer unknown
    any         rows that fit and answer differently leave it unknown
    priority    the answer that stands first in `priority` among those of rows that fit; likewise min and max
    collect sum, collect count    over the rows that fit; one unknown row leaves it unknown
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rules.expression.check import Checked, Scope
from rules.expression.lowering import (
    all_of,
    any_of,
    compared,
    either,
    first_true,
    literal,
    literal_or_unknown,
    total,
    unknown,
)
from rules.expression.term import RANGE, Op, Term
from rules.kinds import KIND_OF_UNIT, Unit, Value
from rules.model.definition import DecisionTable, HitPolicy, TableRow
from rules.problem import BadInput
from rules.reading.declaration_shapes import RowShape, TableShape
from rules.reading.reader import Reader
from rules.reading.table_cells import Cell
from rules.reading.yaml_source import Path

MAX_ROWS = 200
_SUMMED = (Unit.COUNT, Unit.MONEY, Unit.DAYS)
_UNORDERED = (Unit.TEXT, Unit.BOOL)


def read_table(reader: Reader, scope: Scope, shape: TableShape, path: Path) -> tuple[DecisionTable, Term] | None:
    """The table and the expression that it stands for; None where something is wrong, which the reader then holds."""
    before = len(reader.problems)
    if len(shape.rows) > MAX_ROWS:
        found, hint = str(len(shape.rows)), "split it, or let one table answer for another"
        reader.refuse((*path, "rows"), "the table is too long", found=found, expected=f"at most {MAX_ROWS}", hint=hint)
        return None
    _refuse_unfit(reader, shape, path)
    inputs = tuple(_input(reader, scope, text, (*path, "inputs", i)) for i, text in enumerate(shape.inputs))
    rows = tuple(_row(reader, scope, shape, inputs, row, (*path, "rows", i)) for i, row in enumerate(shape.rows))
    priority = tuple(reader.value(v, shape.unit, (*path, "priority", i)) for i, v in enumerate(shape.priority))
    otherwise = None
    if shape.otherwise is not None:
        otherwise = reader.value(shape.otherwise, shape.unit, (*path, "otherwise"))
    if len(reader.problems) > before:
        return None
    table = DecisionTable(
        inputs=tuple(i for i in inputs if i is not None),
        hit=shape.hit,
        rows=tuple(row for row in rows if row is not None),
        priority=tuple(v for v in priority if v is not None),
        otherwise=otherwise,
    )
    _refuse_unranked(reader, table, shape.unit, path)
    if len(reader.problems) > before:
        return None
    return table, _lowered(table, shape.unit, reader.minor_digits)


def unit_of_table(shape: TableShape) -> Unit:
    """The unit of what the table answers: rows that are counted answer a count, whatever they say."""
    return Unit.COUNT if shape.hit is HitPolicy.COUNT else shape.unit


def _refuse_unfit(reader: Reader, shape: TableShape, path: Path) -> None:
    hit, unit = shape.hit, shape.unit
    if (hit is HitPolicy.PRIORITY) != bool(shape.priority):
        if shape.priority:
            reader.refuse((*path, "priority"), "`priority` has no meaning here", hint=f"the table is `{hit.value}`")
        else:
            reader.refuse(path, f"table `{shape.name}` needs `priority:`", expected="its answers, the strongest first")
    if hit is HitPolicy.SUM and unit not in _SUMMED:
        names = ", ".join(f"`{u.value}`" for u in _SUMMED)
        reader.refuse((*path, "unit"), "these answers have no sum", found=unit.value, expected=names)
    if hit in (HitPolicy.MIN, HitPolicy.MAX) and unit in _UNORDERED:
        reader.refuse((*path, "unit"), "these answers have no order", found=unit.value)
    if hit is HitPolicy.COUNT and shape.otherwise is not None:
        reader.refuse((*path, "otherwise"), "`otherwise` has no meaning here", hint="the count of no rows is 0")


def _input(reader: Reader, scope: Scope, text: str, path: Path) -> Checked | None:
    """An input that is a single fact may be none: its cells ask first (rules.reading.table_cells)."""
    name = text.strip()
    return reader.compiled(text, path, replace(scope, known=scope.known | {name}) if name in scope.fields else scope)


def _row(
    reader: Reader, scope: Scope, shape: TableShape, inputs: Sequence[Checked | None], row: RowShape, path: Path
) -> TableRow | None:
    then = reader.value(row.then, shape.unit, (*path, "then"))
    if len(row.cells) != len(inputs):
        wanted = f"{len(inputs)}, one for each input"
        reader.refuse((*path, "if"), "not a cell for each input", found=str(len(row.cells)), expected=wanted)
        return None
    when: list[Checked | None] = []
    for i, (text, asked) in enumerate(zip(row.cells, inputs, strict=True)):
        if asked is None:
            continue
        try:
            when.append(Cell(text, asked, scope, reader.document.locator((*path, "if", i))).condition())
        except BadInput as refused:
            reader.problems.extend(refused.problems)
    if then is None or len(when) < len(inputs):
        return None
    return TableRow(tuple(when), tuple(row.cells), then, reader.document.place(path))


def _refuse_unranked(reader: Reader, table: DecisionTable, unit: Unit, path: Path) -> None:
    if table.hit is HitPolicy.PRIORITY:
        for i, value in enumerate(table.priority):
            if value in table.priority[:i]:
                reader.refuse((*path, "priority", i), "this answer stands twice in `priority`")
        for i, row in enumerate(table.rows):
            if row.then not in table.priority:
                reader.refuse((*path, "rows", i, "then"), "this answer is missing in `priority`")
    if table.hit is HitPolicy.SUM:
        numbers = [int(row.then) for row in table.rows]  # type: ignore[arg-type]  # of a unit that is summed
        least, most = RANGE[KIND_OF_UNIT[unit]]
        if sum(n for n in numbers if n < 0) < least or sum(n for n in numbers if n > 0) > most:
            reader.refuse((*path, "rows"), "the sum of all rows is out of range", expected=f"{least} to {most}")


def _lowered(table: DecisionTable, unit: Unit, minor_digits: int) -> Term:
    """One expression; `unit` is that of what the rows say."""
    conditions = [all_of(c.node for c in row.when if c is not None) for row in table.rows]
    cases = [(c, literal(row.then, unit, minor_digits)) for c, row in zip(conditions, table.rows, strict=True)]
    otherwise = literal_or_unknown(table.otherwise, unit, minor_digits)

    def ranked(values: Iterable[Value]) -> list[tuple[Term, Term]]:
        """For each answer, whether a row fits that gives it."""
        return [
            (any_of(c for c, said in cases if said.value == value), literal(value, unit, minor_digits))
            for value in values
        ]

    values = list(dict.fromkeys(row.then for row in table.rows))
    match table.hit:
        case HitPolicy.FIRST:
            return first_true(cases, otherwise)
        case HitPolicy.PRIORITY:
            return first_true(ranked(v for v in table.priority if v in values), otherwise)
        case HitPolicy.MIN | HitPolicy.MAX:
            return first_true(ranked(sorted(values, reverse=table.hit is HitPolicy.MAX)), otherwise)
        case HitPolicy.UNIQUE | HitPolicy.ANY:
            return _at_most_one(cases if table.hit is HitPolicy.UNIQUE else ranked(values), unit, otherwise)
        case HitPolicy.COUNT:
            return _counted(conditions)
        case HitPolicy.SUM:
            none = literal(0, unit, minor_digits)
            return either(any_of(conditions), total([either(c, said, none) for c, said in cases]), otherwise)


def _at_most_one(cases: Sequence[tuple[Term, Term]], unit: Unit, otherwise: Term) -> Term:
    """The value of the only case that is true. Counting them makes it unknown where any of them is."""
    if len(cases) == 1:
        return first_true(cases, otherwise)
    several = compared(Op.GREATER, _counted([c for c, _ in cases]), literal(1, Unit.COUNT, 0))
    return either(several, unknown(unit), first_true(cases, otherwise))


def _counted(conditions: Sequence[Term]) -> Term:
    one, none = literal(1, Unit.COUNT, 0), literal(0, Unit.COUNT, 0)
    return total([either(c, one, none) for c in conditions])
