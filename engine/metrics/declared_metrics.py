"""What are the metrics that the policies declare? Exact aggregates over canonical rows, one value per subject.

A row belongs to its subject on one of the ways of `metric.Way`; a row that belongs to nobody counts for nobody. A
row whose condition is unknown, or whose value is missing, makes its subject's value unknown: whoever means only rows
that have an amount says `has(opportunities.amount)`.

Everything here reads the views of `engine.metrics.known`; a book after the moves needs `metric_owners` too.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from engine.conditions.condition_sql import condition_sql
from engine.database import Database, quoted, text
from engine.intake.snapshot import Manifest
from engine.metrics.account import t12_window
from engine.metrics.amounts import rounded
from engine.metrics.periods import MONTHS_A_YEAR, full_months
from engine.metrics.share import WHOLE_PPM
from engine.spelling import Spelling
from rules.kinds import Kind, Value
from rules.model.metric import AS_OF, KEYS, Aggregate, Metric, State, Way
from rules.vocabulary.canonical_columns import TABLES, Type

_T12 = ("as_of.t12_start", "as_of.t12_end")
_IN_ORDER = """,
        told AS (SELECT *, coalesce(picked AND value IS NOT NULL, false) AS counts FROM judged),
        ordered AS (
            SELECT *, row_number() OVER (PARTITION BY subject, counts ORDER BY value) AS place,
                count(*) OVER (PARTITION BY subject, counts) AS many
            FROM told
        )"""
"""The values that count of each subject, with their place and number: whole numbers without any list."""


def with_declared(
    db: Database,
    manifest: Manifest,
    rows: str,
    metrics: Sequence[Metric],
    parameters: Mapping[str, Value],
    as_of: date,
) -> str:
    """The query `rows`, one row per `subject_id`, with the columns of these metrics beside its own.

    Money is at the source's scale, a ratio and a median of money are two columns `name#n` and `name#d`.
    """
    sql = db.spelling
    columns, joins = ["r.*"], []
    for i, metric in enumerate(metrics):
        rows_of = _by_subject(sql, manifest, metric, parameters, as_of)
        joins.append(f"LEFT JOIN ({rows_of}) AS d{i} ON d{i}.subject = r.subject_id")
        columns += _columns(sql, metric, f"d{i}", unreached=_unreached(db, metric, as_of))
    return f"SELECT {', '.join(columns)} FROM ({rows}) AS r {' '.join(joins)}" if metrics else rows


def _unreached(db: Database, metric: Metric, as_of: date) -> bool:
    """Whether it asks for twelve months of revenue that the revenue history does not fill."""
    asked = metric.table == "revenue" and metric.where is not None and set(_T12) & set(metric.where.fields)
    return bool(asked) and t12_window(db, as_of) is None


def _columns(sql: Spelling, metric: Metric, joined: str, *, unreached: bool) -> list[str]:
    """The value of every subject, those without rows among them."""
    certain = f"NOT coalesce({joined}.doubtful, false)"
    if unreached:
        value = sql.wide("NULL")
    elif metric.aggregate is Aggregate.RANK:
        place = f"rank() OVER (ORDER BY coalesce({joined}.value, 0) DESC)"
        value = f"CASE WHEN bool_and({certain}) OVER () THEN {place} END"
    elif metric.aggregate in (Aggregate.SUM, Aggregate.COUNT):
        value = f"CASE WHEN {certain} THEN coalesce({joined}.value, 0) END"
    else:
        value = f"CASE WHEN {certain} THEN {joined}.value END"
    parts = _parts(metric)
    if parts == 1 and metric.kind is not Kind.RATIO:
        return [f"{value} AS {quoted(metric.name)}"]
    return [f"{value} AS {quoted(metric.name + '#n')}", f"{sql.wide(parts)} AS {quoted(metric.name + '#d')}"]


def _parts(metric: Metric) -> int:
    """What the aggregate's whole number is to be divided by."""
    column = TABLES[metric.table].column(metric.column) if metric.column else None
    whole = WHOLE_PPM if column is not None and column.type is Type.SHARE and metric.kind is Kind.RATIO else 1
    return whole * (2 if metric.aggregate is Aggregate.MEDIAN else 1)


def _by_subject(sql: Spelling, manifest: Manifest, metric: Metric, parameters: Mapping[str, Value], as_of: date) -> str:
    """A query (subject, value, doubtful) over the rows that belong to anybody."""
    value = f"known.{quoted(metric.column)}" if metric.column else "1"
    named = "".join(f", {cell}" for cell in _named(sql, manifest, metric, as_of))
    picked = "true" if metric.where is None else condition_sql(metric.where, parameters, spelling=sql)
    source, ordered = ("ordered", _IN_ORDER) if metric.aggregate is Aggregate.MEDIAN else ("judged", "")
    return f"""
        WITH owned AS (SELECT {_subject(metric)} AS subject, {value} AS value{named} FROM {_source(metric)}),
        judged AS (SELECT subject, value, {picked} AS picked FROM owned WHERE subject IS NOT NULL){ordered}
        SELECT subject, {_aggregated(sql, metric)} AS value,
            bool_or(picked IS NULL OR (picked AND value IS NULL)) AS doubtful
        FROM {source} GROUP BY subject
    """


def _aggregated(sql: Spelling, metric: Metric) -> str:
    """Of the rows that are picked; a median is twice itself, so that it stays whole."""
    match metric.aggregate:
        case Aggregate.COUNT:
            return "count(*) FILTER (WHERE picked)"
        case Aggregate.SUM | Aggregate.RANK:
            return f"sum({sql.wide('value')}) FILTER (WHERE picked)"
        case Aggregate.MIN | Aggregate.MAX:
            return f"{metric.aggregate.value}(value) FILTER (WHERE picked)"
        case Aggregate.MEDIAN:
            # The one in the middle twice, or the two there once each.
            places = (sql.divided("(many + 1)", "2"), f"{sql.divided('many', '2')} + 1")
            return " + ".join(f"sum({sql.wide('value')}) FILTER (WHERE counts AND place = {p})" for p in places)


def _subject(metric: Metric) -> str:
    match metric.way:
        case Way.EVERY:
            return text("company")
        case Way.OWN:
            return f"known.{KEYS[metric.subject]}"
        case Way.TERRITORY:
            return "lies.territory"
        case Way.OWNER:
            return "held.after" if metric.state is State.AFTER else "held.before"


def _source(metric: Metric) -> str:
    table = f"known_{metric.table} AS known"
    match metric.way:
        case Way.EVERY | Way.OWN:
            return table
        case Way.TERRITORY:
            return f"{table} JOIN known_accounts AS lies USING (account)"
        case Way.OWNER:
            return f"{table} JOIN metric_owners AS held USING (account)"


def _named(sql: Spelling, manifest: Manifest, metric: Metric, as_of: date) -> list[str]:
    """What the condition names, as columns of the kinds that it expects."""
    cells = []
    for name in metric.where.fields if metric.where else ():
        if name in AS_OF:
            cells.append(f"DATE '{_day(name, as_of).isoformat()}' AS {quoted(name)}")
            continue
        column = TABLES[metric.table].column(name.partition(".")[2])
        cell = f"known.{quoted(column.name)}"
        if column.type is Type.SHARE:
            cells += [f"{cell} AS {quoted(name + '#n')}", f"{WHOLE_PPM} AS {quoted(name + '#d')}"]
        elif column.type is Type.MONEY:
            cells.append(f"{rounded(sql, cell, manifest)} AS {quoted(name)}")
        else:
            cells.append(f"{cell} AS {quoted(name)}")
    return cells


def _day(name: str, as_of: date) -> date:
    window = full_months(as_of, MONTHS_A_YEAR)
    return {
        "as_of.day": as_of,
        "as_of.t12_start": window.start,
        "as_of.t12_end": window.end,
        "as_of.month_start": as_of.replace(day=1),
    }[name]
