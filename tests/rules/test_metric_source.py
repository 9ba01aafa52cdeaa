"""A metric that no row could answer is refused where it is written, with what would do."""

import pytest

from rules.kinds import Kind, Unit
from rules.model.metric import Aggregate, Metric, State, Way, way_to
from rules.reading.metric import columns_of, read_metrics
from rules.reading.reader import Reader
from rules.reading.shapes import PolicyShape
from rules.reading.yaml_source import read_yaml, shaped
from rules.vocabulary import Subject
from rules.vocabulary.canonical_columns import TABLES

GOOD = "name: territory.pipeline, title: T, subject: territory, sum: opportunities.amount, source: S"


def read(*written: str) -> tuple[tuple[Metric, ...], list[str]]:
    listed = "".join(f"  - {{{each}}}\n" for each in written)
    document = read_yaml(f"policy: p\ntitle: P\nowner: o\nmetrics:\n{listed}", "p.yaml")
    reader = Reader(document, {}, 2)
    return read_metrics(reader, shaped(document, PolicyShape)), [str(p) for p in reader.problems]


def refused(written: str) -> str:
    found, problems = read(written)
    assert found == ()
    assert len(problems) == 1
    return problems[0].partition(": ")[2].replace("\n  ", " / ")


def test_a_metric_says_what_it_reads_and_is_a_fact_of_its_subject() -> None:
    [metric], problems = read(GOOD)
    assert problems == []
    assert (metric.aggregate, metric.table, metric.column) == (Aggregate.SUM, "opportunities", "amount")
    assert (metric.kind, metric.unit, metric.state, metric.way) == (Kind.MONEY, Unit.MONEY, State.AS_OF, Way.TERRITORY)
    field = metric.as_field()
    assert (field.name, field.kind, field.produced_by) == (
        "territory.pipeline",
        Kind.MONEY,
        "engine.metrics.declared_metrics",
    )
    assert field.needs == ("opportunities.amount", "opportunities.account", "accounts.territory")


def test_what_its_condition_reads_is_needed_too_and_a_day_is_no_input() -> None:
    [metric], problems = read(f"{GOOD}, where: 'opportunities.status == \"open\" && opportunities.rep != \"x\" "
                              "&& as_of.day > date(\"2020-01-01\")'")  # fmt: skip
    assert problems == []
    assert metric.as_field().needs[-2:] == ("opportunities.status", "opportunities.rep")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("opportunities.amount", "opportunity.amount"), "unknown table `opportunity`; expected `territories`, "),
        (("opportunities.amount", "opportunities.amonut"),
         "unknown column `opportunities.amonut` / hint: did you mean `amount`?"),
        (("opportunities.amount", "opportunities"),
         "a sum reads a column; found `opportunities`; expected `opportunities.` and one of its columns"),
        (("opportunities.amount", "opportunities.status"),
         "no sum of `opportunities.status`, which is a text; expected `opportunities.stage_rank` or "),
        (("sum: opportunities.amount", "sum: territories.changed_on"),
         "no sum of `territories.changed_on`, which is a date / hint: `territories` has no column that has a sum"),
        (("sum: opportunities.amount", "count: opportunities.amount"),
         "a count reads no column; found `opportunities.amount` / hint: `count: opportunities` counts rows; say which"),
        (("sum: opportunities.amount", "where: 'true'"),
         "a metric has exactly one aggregate; expected one of `sum`, `min`, `max`, `count`, `median`, `rank`"),
        (("sum: opportunities.amount", "sum: opportunities.amount, max: opportunities.amount"),
         "a metric has exactly one aggregate; found `sum, max`"),
        (("opportunities.amount", "quotas.amount"), "a row of `quotas` belongs to no one territory; expected "),
        (("subject: territory", "subject: territory, state: after"),
         "rows of `opportunities` stay with their territory / hint: moves change who owns an account"),
        (("subject: territory", "subject: decision"),
         "no table has rows of this subject; found `decision`; expected `territory`, `rep`, `move`, `company`"),
        (("name: territory.", "name: rep."), "a metric of a territory begins with `territory.`; found `rep.pipeline`"),
        (("source: S", "unit: money"),
         "metric `territory.pipeline` does not say where it comes from; expected `source:` or `assumption:`"),
        (("source: S", "source: S, unit: count"),
         "`territory.pipeline` is a money; found `count`; expected `money` / hint: leave `unit` out: the column says"),
        (("source: S", "source: S, where: opportunities.stage_rank"),
         "`opportunities.stage_rank` may be none"),
        (("source: S", "source: S, where: opportunities.opportunity"), "a condition is true or false; found `text`"),
        (("source: S", "source: S, where: 'accounts.named'"), "unknown fact `accounts.named`"),
    ],
)  # fmt: skip
def test_what_no_row_can_answer_is_refused_with_what_would_do(change: tuple[str, str], message: str) -> None:
    assert message in refused(GOOD.replace(*change))


def test_every_problem_of_every_metric_is_told_at_once() -> None:
    found, problems = read(GOOD, GOOD.replace("sum: o", "sum: x"), GOOD.replace("amount", "stage"))
    assert len(found) == 1
    assert [p.partition(":")[2].split(":")[0] for p in problems] == ["6", "7"]


@pytest.mark.parametrize(
    ("written", "kind", "unit"),
    [
        ("count: opportunities", Kind.COUNT, Unit.COUNT),
        ("rank: opportunities.amount", Kind.COUNT, Unit.COUNT),
        ("median: opportunities.stage_rank", Kind.RATIO, Unit.RATIO),
        ("median: opportunities.amount", Kind.MONEY, Unit.MONEY),
        ("max: assignments.start", Kind.DATE, Unit.DATE),
        ("sum: assignments.share, unit: percent", Kind.RATIO, Unit.PERCENT),
    ],
)
def test_the_kind_follows_from_the_column_and_the_aggregate(written: str, kind: Kind, unit: Unit) -> None:
    [metric], problems = read(GOOD.replace("sum: opportunities.amount", written))
    assert problems == []
    assert (metric.kind, metric.unit) == (kind, unit)


def test_a_row_goes_by_what_it_names_itself_and_after_the_moves_by_its_account() -> None:
    assert way_to(Subject.REP, "revenue", State.AS_OF) is Way.OWN
    assert way_to(Subject.REP, "revenue", State.AFTER) is Way.OWNER
    assert way_to(Subject.REP, "potential", State.AS_OF) is Way.OWNER
    assert way_to(Subject.REP, "quotas", State.AFTER) is None
    assert way_to(Subject.TERRITORY, "potential", State.AS_OF) is Way.TERRITORY
    assert way_to(Subject.TERRITORY, "compensation", State.AS_OF) is None
    assert way_to(Subject.MOVE, "ownership", State.AS_OF) is Way.OWN
    assert way_to(Subject.COMPANY, "periods", State.AS_OF) is Way.EVERY
    assert way_to(Subject.DECISION, "periods", State.AS_OF) is None


def test_every_column_of_every_table_can_be_named_in_a_condition() -> None:
    for table in TABLES.values():
        fields = columns_of(table)
        assert {f"{table.name}.{c.name}" for c in table.columns} <= set(fields)
