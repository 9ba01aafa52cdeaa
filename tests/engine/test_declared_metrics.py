"""A metric that a policy declares is exactly what its rows add up to, and unknown where one of them is."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.database import Database
from engine.facts import Facts, company_facts, move_facts, protection_facts, territory_facts
from rules.kinds import Value
from rules.model.metric import Metric
from rules.vocabulary import Subject
from tests.engine.metrics_tables import NUMBERS, Row, day, declared, facts_of, load, rows

AS_OF = day("2026-06-30")
REPS, ACCOUNTS, PLACES = ("ann", "bob", "cid"), ("a1", "a2", "a3", "a4"), ("east", "west")


@pytest.fixture
def db() -> Iterator[Database]:
    with Database() as opened:
        yield opened


MAKERS = {
    Subject.COMPANY: company_facts,
    Subject.TERRITORY: territory_facts,
    Subject.REP: protection_facts,
    Subject.MOVE: move_facts,
}


def found(
    db: Database, tables: Mapping[str, Sequence[Row]], metric: Metric, *, scale: int = 2
) -> tuple[Facts, dict[str, Any]]:
    """The facts, and the metric of every subject."""
    parameters: Mapping[str, Value] = dict(NUMBERS)
    facts = MAKERS[metric.subject](db, load(db, tables, as_of=AS_OF, scale=scale), parameters, AS_OF, [metric])
    return facts, {subject: case[metric.name] for subject, case in facts_of(db, facts).items()}


DEALS = rows(
    "opportunity account rep status amount created_on",
    "o1 a1 ann open 100 2026-01-05",
    "o2 a1 ann open 250 2026-02-05",
    "o3 a2 bob won 999 2026-03-05",
    "o4 a2 bob open 50 2026-04-05",
)
COMPANY_OF_TWO = {
    "accounts": rows("account territory", "a1 east", "a2 west"),
    "assignments": rows("rep territory start share", "ann east 2020-01-01 1000000", "bob west 2020-01-01 1000000"),
    "opportunities": DEALS,
}


def test_open_pipeline_of_a_territory_is_the_sum_of_the_deals_of_its_accounts(db: Database) -> None:
    [metric] = declared('name: territory.open_pipeline, subject: territory, sum: opportunities.amount, '
                       "where: 'opportunities.status == \"open\" && has(opportunities.amount)'")  # fmt: skip
    assert found(db, COMPANY_OF_TWO, metric)[1] == {"east": 350, "west": 50}


def test_a_deal_without_an_amount_makes_its_territory_unknown_unless_it_is_left_out(db: Database) -> None:
    deals = [*DEALS, *rows("opportunity account rep status amount created_on", "o5 a1 ann open - 2026-04-05")]
    tables = {**COMPANY_OF_TWO, "opportunities": deals}
    every, given_ones = declared(
        "name: territory.pipeline_all, subject: territory, sum: opportunities.amount",
        "name: territory.pipeline, subject: territory, sum: opportunities.amount, where: has(opportunities.amount)",
    )
    assert found(db, tables, every)[1] == {"east": None, "west": 1049}
    assert found(db, tables, given_ones)[1] == {"east": 350, "west": 1049}


def test_a_row_whose_condition_is_unknown_makes_its_subject_unknown(db: Database) -> None:
    deals = [*DEALS, *rows("opportunity account rep status amount created_on", "o5 a1 ann - 10 2026-04-05")]
    [metric] = declared("name: territory.won_deals, subject: territory, count: opportunities, "
                       "where: 'opportunities.status == \"won\"'")  # fmt: skip
    assert found(db, {**COMPANY_OF_TWO, "opportunities": deals}, metric)[1] == {"east": None, "west": 1}


def test_a_subject_without_rows_has_a_sum_and_a_count_of_nothing_and_no_least_value(db: Database) -> None:
    tables = {**COMPANY_OF_TWO, "opportunities": DEALS[:2]}
    total, number, least, middle = declared(
        "name: territory.pipeline, subject: territory, sum: opportunities.amount",
        "name: territory.deals, subject: territory, count: opportunities",
        "name: territory.least, subject: territory, min: opportunities.amount",
        "name: territory.middle, subject: territory, median: opportunities.amount",
    )
    assert [found(db, tables, m)[1]["west"] for m in (total, number, least, middle)] == [0, 0, None, None]


def test_a_metric_whose_column_is_absent_is_unknown_and_says_which(db: Database) -> None:
    [metric] = declared("name: territory.relations, subject: territory, sum: accounts.relationships")
    facts, values = found(db, COMPANY_OF_TWO, metric)
    assert values == {"east": None, "west": None}
    assert metric.name in facts.absent
    assert facts.missing[metric.name] == ("accounts.relationships",)


def test_the_twelve_months_declared_are_the_twelve_months_of_the_vocabulary(db: Database) -> None:
    [metric] = declared(
        "name: territory.sold, subject: territory, sum: revenue.amount, "
        'where: "revenue.booked_on >= as_of.t12_start && revenue.booked_on < as_of.t12_end"'
    )
    sales = rows(
        "booking booked_on amount account rep territory",
        "b1 2025-06-30 7 a1 ann east",
        "b2 2025-07-01 10 a1 ann east",
        "b3 2026-06-30 100 a1 - east",
        "b4 2026-06-01 3 a2 bob west",
    )
    facts, _ = found(db, {**COMPANY_OF_TWO, "revenue": sales}, metric)
    case = facts_of(db, facts)
    assert {t: c["territory.sold"] for t, c in case.items()} == {"east": 110, "west": 3}
    assert all(c["territory.sold"] == c["territory.t12"] for c in case.values())
    facts, _ = found(db, {**COMPANY_OF_TWO, "revenue": sales[2:]}, metric)
    assert all(c["territory.sold"] is None is c["territory.t12"] for c in facts_of(db, facts).values())


def test_a_rep_s_book_is_read_before_and_after_the_moves(db: Database) -> None:
    before, after = declared(
        "name: rep.book, subject: rep, sum: potential.amount",
        "name: rep.book_after, subject: rep, sum: potential.amount, state: after",
    )
    tables = {
        "ownership": rows("account rep start", "a1 ann 2020-01-01", "a2 bob 2020-01-01", "a3 bob 2020-01-01"),
        "potential": rows("account amount", "a1 100", "a2 20", "a3 3"),
        "moves": rows("account from_rep to_rep effective", "a2 bob ann 2026-08-03"),
    }
    assert found(db, tables, before)[1] == {"ann": 100, "bob": 23}
    assert found(db, tables, after)[1] == {"ann": 120, "bob": 3}


def test_the_largest_ranks_first_and_equal_sums_share_a_rank(db: Database) -> None:
    [metric] = declared("name: territory.size_rank, subject: territory, rank: potential.amount")
    tables = {
        "accounts": rows("account territory", "a1 east", "a2 west", "a3 north", "a4 south"),
        "potential": rows("account amount", "a1 5", "a2 7", "a3 5", "a4 1"),
    }
    assert found(db, tables, metric)[1] == {"west": 1, "east": 2, "north": 2, "south": 4}


@pytest.mark.parametrize(("amounts", "scale", "cents"), [
    ((1, 2), 2, 2), ((3, 4), 2, 4), ((2, 3), 2, 2), ((100, 101), 4, 1), ((149, 150), 4, 1), ((150, 150), 4, 2),
    ((-1, -2), 2, -2), ((5,), 0, 500), ((1, 2), 0, 150), ((150, 151, 999), 4, 2),
])  # fmt: skip
def test_a_median_of_money_is_rounded_once_and_half_to_even(
    db: Database, amounts: tuple[int, ...], scale: int, cents: int
) -> None:
    [metric] = declared("name: company.middle, subject: company, median: revenue.amount")
    sales: list[dict[str, Any]] = [{"booking": f"b{i}", "amount": amount} for i, amount in enumerate(amounts)]
    assert found(db, {"revenue": sales}, metric, scale=scale)[1] == {"company": cents}


AGGREGATES = ("sum", "min", "max", "median", "rank")
CASES = (
    ("territory", "assignments.share", ""),
    ("territory", "potential.amount", ""),
    ("territory", "revenue.amount", "revenue.booked_on >= as_of.month_start"),
    (
        "rep",
        "opportunities.stage_rank",
        'opportunities.status == "open" || (has(opportunities.amount) && opportunities.amount > money("0.20"))',
    ),
    ("rep", "potential.amount", ""),
    ("account", "opportunities.amount", "has(opportunities.amount)"),
    ("company", "assignments.share", "assignments.share < percent(40)"),
)
SMALL = st.none() | st.integers(-50, 50)


@st.composite
def random_tables(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    def some(most: int, **columns: st.SearchStrategy[Any]) -> list[dict[str, Any]]:
        return draw(st.lists(st.fixed_dictionaries(columns), max_size=most))

    account, rep, place = st.sampled_from(ACCOUNTS), st.sampled_from(REPS), st.sampled_from(PLACES)
    near = st.dates(day("2026-05-20"), AS_OF)
    deals = some(7, account=account, rep=rep, status=st.sampled_from(["open", "won", None]), stage_rank=SMALL,
                 amount=SMALL, created_on=near)  # fmt: skip
    booked = some(6, booked_on=near, amount=SMALL, account=account, rep=rep, territory=place)
    shares = some(6, rep=rep, territory=place, share=st.none() | st.integers(0, 10**6), start=near)
    return {
        "accounts": [{"account": a, "territory": draw(st.none() | place)} for a in ACCOUNTS],
        "potential": [{"account": a, "amount": draw(SMALL)} for a in ACCOUNTS if draw(st.booleans())],
        "ownership": [{"account": a, "rep": draw(rep), "start": day("2020-01-01")} for a in ACCOUNTS],
        "opportunities": [{"opportunity": f"o{i}", **deal} for i, deal in enumerate(deals)],
        "revenue": [{"booking": f"b{i}", **sale} for i, sale in enumerate(booked)],
        "assignments": shares,
        "moves": [
            {"account": a, "from_rep": "ann", "to_rep": draw(rep), "effective": AS_OF + timedelta(days=9)}
            for a in ACCOUNTS
            if draw(st.booleans())
        ],
    }


def picked(where: str, row: Row) -> bool | None:
    """What the conditions of CASES mean, row by row."""
    if "month_start" in where:
        return bool(row["booked_on"] >= date(2026, 6, 1))
    if "status" in where:
        status, amount = row["status"], row["amount"]
        parts = [None if status is None else status == "open", amount is not None and amount > 20]
        return True if True in parts else None if None in parts else False
    if where.startswith("has"):
        return row["amount"] is not None
    if where:
        return None if row["share"] is None else Fraction(row["share"], 10**6) < Fraction(40, 100)
    return True


def owners_of(subject: str, table: str, tables: Mapping[str, list[dict[str, Any]]], row: Row) -> str | None:
    """The subject that a row belongs to, in plain words."""
    territory = {a["account"]: a["territory"] for a in tables["accounts"]}
    owner = {o["account"]: o["rep"] for o in tables["ownership"]}
    if subject == "company":
        return "company"
    if subject == "account":
        return str(row["account"])
    if subject == "territory":
        whose: str | None = territory[row["account"]] if table == "potential" else row["territory"]
        return whose
    return str(owner[row["account"]] if table == "potential" else row["rep"])


def slowly(
    aggregate: str, column: str, subject: str, where: str, tables: Mapping[str, list[dict[str, Any]]], wanted: set[str]
) -> dict[str, Any]:
    """The same metric in plain Python, exactly."""
    table, _, name = column.partition(".")
    scale = 10**6 if name == "share" else 1
    values: dict[str, list[Fraction | None]] = {s: [] for s in wanted}
    for row in tables[table]:
        whose = owners_of(subject, table, tables, row)
        verdict = picked(where, row)
        if whose in values and verdict is not False:
            cell = row[name]
            values[whose].append(None if verdict is None or cell is None else Fraction(cell, scale))
    known: dict[str, list[Fraction]] = {s: [v for v in vs if v is not None] for s, vs in values.items()}
    doubtful = {s for s, vs in values.items() if None in vs}
    if aggregate == "rank":
        total = {s: sum(vs, Fraction(0)) for s, vs in known.items()}
        return {s: None if doubtful else 1 + sum(t > total[s] for t in total.values()) for s in total}
    return {s: None if s in doubtful else _one(aggregate, sorted(vs), name) for s, vs in known.items()}


def _one(aggregate: str, ranked: list[Fraction], name: str) -> Fraction | None:
    if aggregate == "sum":
        return sum(ranked, Fraction(0))
    if not ranked:
        return None
    if aggregate in ("min", "max"):
        return ranked[0] if aggregate == "min" else ranked[-1]
    middle = (ranked[(len(ranked) - 1) // 2] + ranked[len(ranked) // 2]) / 2
    return Fraction(round(middle)) if name == "amount" else middle


@settings(max_examples=30, deadline=None)
@given(random_tables(), st.sampled_from(AGGREGATES), st.sampled_from(CASES))
def test_a_declared_metric_is_what_a_slow_count_says(
    tables: dict[str, list[dict[str, Any]]], aggregate: str, case: tuple[str, str, str]
) -> None:
    prefix, column, where = case
    subject = "move" if prefix == "account" else prefix
    condition = f", where: '{where}'" if where else ""
    [metric] = declared(f"name: {prefix}.tried, subject: {subject}, {aggregate}: {column}{condition}")
    with Database() as db:
        values = found(db, tables, metric)[1]
    assert values == slowly(aggregate, column, prefix, where, tables, set(values))
