"""Small snapshots for tests: rows in the test's own words become canonical tables and a manifest of what is there."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from engine.canonical import MOVES, TABLES
from engine.database import Database
from engine.facts import Facts
from engine.intake.snapshot import DataSet, Grade, Manifest
from engine.metrics.approved_moves import APPROVED
from rules.kinds import Kind
from rules.model.metric import Metric
from rules.reading.metric import read_metrics
from rules.reading.reader import Reader
from rules.reading.shapes import PolicyShape
from rules.reading.yaml_source import read_yaml, shaped

BESIDE = {"moves": MOVES, "approved_moves": APPROVED}
"""Tables that come with a question and are no part of a snapshot."""
_KINDS = {"VARCHAR": Kind.TEXT, "DATE": Kind.DATE, "BOOLEAN": Kind.BOOL}
Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]

NUMBERS: Mapping[str, int] = {
    "tier_a_over": 100_000_00,
    "tier_b_from": 25_000_00,
    "units_a": 3,
    "units_b": 2,
    "units_c": 1,
    "concentration_base": 10_000_00,
    "turnover_days": 90,
    "event_days": 180,
    "late_stage": 4,
    "closing_days": 90,
    "base_months": 12,
    "base_lookback_months": 18,
    "leave_days_in_month": 10,
    "least_base_months": 3,
}
"""The sources' defaults; money in minor units."""


def day(text: str) -> date:
    return date.fromisoformat(text)


def rows(header: str, *lines: str) -> list[dict[str, Any]]:
    """Rows from text: `rows("rep start amount", "ann 2025-01-01 100", "bob 2025-01-01 -")`; `-` is an empty cell."""
    return [
        {name: None if cell == "-" else _cell(cell) for name, cell in zip(header.split(), line.split(), strict=True)}
        for line in lines
    ]


def _cell(cell: str) -> Any:
    if cell in {"yes", "no"}:
        return cell == "yes"
    if cell.lstrip("-").isdigit():
        return int(cell)
    try:
        return date.fromisoformat(cell)
    except ValueError:
        return cell


def load(db: Database, tables: Tables, *, as_of: date, scale: int = 2, minor: int = 2) -> Manifest:
    """Put the tables into the database; a table has just the columns that its rows have, an empty one has them all."""
    sets = []
    for name in BESIDE:
        db.run(f"DROP VIEW IF EXISTS known_{name}")
        db.run(f"DROP TABLE IF EXISTS {name}")
    for name, content in tables.items():
        table = BESIDE.get(name) or TABLES[name]
        chosen = [c for c in table.columns if not content or any(c.name in row for row in content)]
        columns = [(c.name, db.spelling.type_of(_KINDS.get(c.type.sql, Kind.COUNT))) for c in chosen]
        db.store(name, columns, [[_text(row.get(c.name), c.type.sql) for c in chosen] for row in content])
        if name not in BESIDE:
            names = tuple(c.name for c in chosen)
            sets.append(DataSet(name, len(content), names, "", "ops", as_of, "day", Grade.MEASURED, "test"))
    return Manifest("", as_of, "test", "", "EUR", scale, minor, "credited seller", {}, {}, tuple(sets), (), ())


def _text(value: Any, sql: str) -> Any:
    return str(value) if sql == "VARCHAR" and value is not None else value


def facts_of(db: Database, facts: Facts) -> dict[str, dict[str, Any]]:
    """Every subject's facts by name, ratios as fractions."""
    found = {}
    for record in db.records(f"SELECT * FROM {facts.relation}"):
        subject = record.pop("subject_id")
        ratios = {c.removesuffix("#n"): _ratio(record, c) for c in record if c.endswith("#n")}
        found[subject] = {**{c: v for c, v in record.items() if "#" not in c}, **ratios}
    return found


def _ratio(record: Mapping[str, Any], top: str) -> Fraction | None:
    n, d = record[top], record[top.removesuffix("#n") + "#d"]
    return None if n is None or not d else Fraction(n, d)


def shuffled(tables: Tables, order: Iterable[int]) -> Tables:
    """The same rows in another order: every table rotated and turned by numbers of `order`."""
    turned = {}
    for (name, content), n in zip(tables.items(), _forever(order), strict=False):
        cut = n % max(1, len(content))
        again = [*content[cut:], *content[:cut]]
        turned[name] = again[::-1] if n % 2 else again
    return turned


def _forever(order: Iterable[int]) -> Iterable[int]:
    numbers = list(order) or [0]
    while True:
        yield from numbers


def declared(*written: str) -> tuple[Metric, ...]:
    """Metrics from flow mappings without their title and source."""
    listed = "".join(f"  - {{{each}, title: for a test, assumption: for a test}}\n" for each in written)
    document = read_yaml(f"policy: p\ntitle: P\nowner: o\nmetrics:\n{listed}", "p.yaml")
    reader = Reader(document, {}, 2)
    found = read_metrics(reader, shaped(document, PolicyShape))
    assert reader.problems == []
    return found
