"""Metrics as written, to values: which rows, which column, which aggregate, and whose they are.

metrics:
  - name: territory.open_pipeline
    title: open pipeline that closes within the year
    subject: territory
    sum: opportunities.amount
    where: opportunities.status == "open" && has(opportunities.amount)
    source: "Planning Framework, pipeline coverage"
"""

from collections.abc import Mapping
from dataclasses import replace

from rules.expression.check import Checked, Scope
from rules.kinds import Kind, Unit
from rules.model.metric import AS_OF, KEYS, Aggregate, Metric, State, way_to
from rules.problem import nearest
from rules.reading.declaration_shapes import MetricShape
from rules.reading.reader import Reader
from rules.reading.shapes import PolicyShape
from rules.reading.yaml_source import Path
from rules.vocabulary.canonical_columns import TABLES, Column, Table, Type
from rules.vocabulary.fact import Field, Subject

KIND_OF_TYPE: Mapping[Type, Kind] = {
    Type.TEXT: Kind.TEXT,
    Type.COUNT: Kind.COUNT,
    Type.MONEY: Kind.MONEY,
    Type.SHARE: Kind.RATIO,
    Type.DATE: Kind.DATE,
    Type.BOOL: Kind.BOOL,
}
_UNITS: Mapping[Kind, tuple[Unit, ...]] = {
    Kind.COUNT: (Unit.COUNT,),
    Kind.MONEY: (Unit.MONEY,),
    Kind.DATE: (Unit.DATE,),
    Kind.RATIO: (Unit.RATIO, Unit.PERCENT),
}
"""Kind of a metric to the units that it may be shown in, the usual one first."""
_ADDED = (Type.COUNT, Type.MONEY, Type.SHARE)
_TYPES: Mapping[Aggregate, tuple[Type, ...]] = {
    Aggregate.SUM: _ADDED,
    Aggregate.RANK: _ADDED,
    Aggregate.MEDIAN: _ADDED,
    Aggregate.MIN: (*_ADDED, Type.DATE),
    Aggregate.MAX: (*_ADDED, Type.DATE),
}
_PREFIXES = {**KEYS, Subject.MOVE: "account", Subject.COMPANY: "company"}


def read_metrics(reader: Reader, shape: PolicyShape) -> tuple[Metric, ...]:
    """Every metric of a file that makes sense, in order; the reader gathers what is wrong with the others."""
    found = (_metric(reader, m, ("metrics", i)) for i, m in enumerate(shape.metrics))
    return tuple(metric for metric in found if metric is not None)


def columns_of(table: Table) -> dict[str, Field]:
    """The columns of a canonical table as a condition on its rows names them, with the days of AS_OF."""
    columns = {
        f"{table.name}.{c.name}": Field(
            f"{table.name}.{c.name}",
            KIND_OF_TYPE[c.type],
            c.meaning,
            optional=not c.required,
            unit=Unit.PERCENT if c.type is Type.SHARE else Unit.NONE,
        )
        for c in table.columns
    }
    return {**columns, **{name: Field(name, Kind.DATE, meaning) for name, meaning in AS_OF.items()}}


def _metric(reader: Reader, shape: MetricShape, path: Path) -> Metric | None:
    before = len(reader.problems)
    reader.refuse_groundless(f"metric `{shape.name}`", shape.source, shape.assumption, path)
    _check_name(reader, shape, path)
    given = [(a, read) for a in Aggregate if (read := getattr(shape, a.value)) is not None]
    if len(given) != 1:
        every = ", ".join(f"`{a.value}`" for a in Aggregate)
        found = ", ".join(a.value for a, _ in given)
        reader.refuse(path, "a metric has exactly one aggregate", found=found, expected=f"one of {every}")
        return None
    [(aggregate, read)] = given
    here: Path = (*path, aggregate.value)
    table_name, _, column_name = read.partition(".")
    table = _table(reader, table_name, here)
    if table is None:
        return None
    _check_rows(reader, shape, table, path, here)
    kind = _kind(reader, aggregate, table, column_name, here)
    unit = None if kind is None else _unit(reader, shape, kind, path)
    where = None if shape.where is None else _where(reader, shape.where, table, (*path, "where"))
    if kind is None or unit is None or len(reader.problems) > before:
        return None
    return Metric(
        name=shape.name,
        title=shape.title,
        subject=shape.subject,
        aggregate=aggregate,
        table=table.name,
        column=column_name,
        where=where,
        state=shape.state,
        kind=kind,
        unit=unit,
        source=shape.source,
        assumption=shape.assumption,
        place=reader.document.place((*path, "name")),
    )


def _check_name(reader: Reader, shape: MetricShape, path: Path) -> None:
    prefix = _PREFIXES.get(shape.subject)
    if prefix is None:
        subjects = ", ".join(f"`{s.value}`" for s in _PREFIXES)
        reader.refuse((*path, "subject"), "no table has rows of this subject", found=shape.subject.value,
                      expected=subjects)  # fmt: skip
    elif not shape.name.startswith(f"{prefix}."):
        message = f"a metric of a {shape.subject.value} begins with `{prefix}.`"
        reader.refuse((*path, "name"), message, found=shape.name)


def _table(reader: Reader, name: str, path: Path) -> Table | None:
    if name in TABLES:
        return TABLES[name]
    reader.refuse(
        path, f"unknown table `{name}`", expected=", ".join(f"`{t}`" for t in TABLES), hint=nearest(name, TABLES)
    )
    return None


def _check_rows(reader: Reader, shape: MetricShape, table: Table, path: Path, here: Path) -> None:
    if shape.subject not in _PREFIXES or way_to(shape.subject, table.name, shape.state) is not None:
        return
    if shape.state is State.AFTER and way_to(shape.subject, table.name, State.AS_OF) is not None:
        hint = "moves change who owns an account: only rows of accounts, read for a rep, are others after them"
        reader.refuse((*path, "state"), f"rows of `{table.name}` stay with their {shape.subject.value}", hint=hint)
        return
    tables = [t for t in TABLES if way_to(shape.subject, t, shape.state) is not None]
    reader.refuse(
        here,
        f"a row of `{table.name}` belongs to no one {shape.subject.value}",
        expected=", ".join(f"`{t}`" for t in tables),
    )


def _kind(reader: Reader, aggregate: Aggregate, table: Table, name: str, path: Path) -> Kind | None:
    """The kind of the metric; `None` after a refusal."""
    if aggregate is Aggregate.COUNT:
        if name:
            hint = f"`count: {table.name}` counts rows; say which with `where:`"
            reader.refuse(path, "a count reads no column", found=f"{table.name}.{name}", hint=hint)
        return Kind.COUNT
    column = _column(reader, aggregate, table, name, path)
    if column is None:
        return None
    allowed = _TYPES[aggregate]
    if column.type not in allowed:
        columns = [f"`{table.name}.{c.name}`" for c in table.columns if c.type in allowed]
        reader.refuse(
            path,
            f"no {aggregate.value} of `{table.name}.{name}`, which is a {column.type.value}",
            expected=" or ".join(columns),
            hint=f"`{table.name}` has no column that has a {aggregate.value}" if not columns else "",
        )
        return None
    if aggregate is Aggregate.RANK:
        return Kind.COUNT
    if aggregate is Aggregate.MEDIAN and column.type is Type.COUNT:
        return Kind.RATIO
    return KIND_OF_TYPE[column.type]


def _column(reader: Reader, aggregate: Aggregate, table: Table, name: str, path: Path) -> Column | None:
    found = next((c for c in table.columns if c.name == name), None)
    if found is None:
        names = [c.name for c in table.columns]
        if name:
            reader.refuse(path, f"unknown column `{table.name}.{name}`", hint=nearest(name, names))
        else:
            reader.refuse(path, f"a {aggregate.value} reads a column", found=table.name,
                          expected=f"`{table.name}.` and one of its columns")  # fmt: skip
    return found


def _unit(reader: Reader, shape: MetricShape, kind: Kind, path: Path) -> Unit | None:
    usual, *others = _UNITS[kind]
    if "unit" not in shape.model_fields_set:
        return usual
    if shape.unit in (usual, *others):
        return shape.unit
    units = " or ".join(f"`{u.value}`" for u in _UNITS[kind])
    hint = "" if others else "leave `unit` out: the column says it"
    reader.refuse(
        (*path, "unit"), f"`{shape.name}` is a {kind.value}", found=shape.unit.value, expected=units, hint=hint
    )
    return None


def _where(reader: Reader, text: str, table: Table, path: Path) -> Checked | None:
    checked = reader.compiled(text, path, _scope(reader, table))
    if checked is not None and checked.kind is not Kind.BOOL:
        reader.refuse(path, "a condition is true or false", found=checked.kind.value)
        return None
    return checked


def _scope(reader: Reader, table: Table) -> Scope:
    """Columns of the table, days, and parameters that have one value everywhere."""
    single = {
        name: p.unit
        for name, p in reader.scope_parameters.items()
        if not p.overrides and not any(isinstance(v.value, tuple) for v in p.values)
    }
    empty = Scope(fields={}, parameters={}, minor_digits=reader.minor_digits)
    return replace(empty, fields=columns_of(table), parameters=single)
