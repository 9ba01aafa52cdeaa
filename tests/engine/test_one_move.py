"""What is true of a move alone in its file is the same, worked out with a database or without."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.database import Database
from engine.engines.embedded import Embedded
from engine.facts import move_facts
from engine.metrics.move_state import quarter_of, read_state
from engine.metrics.one_move import OneMove, ProposedMove
from rules.model.calendar import Calendar, Window
from rules.vocabulary import Subject, fields_of
from tests.engine.metrics_cases import ACCOUNTS, REPS, TERRITORIES, books, known_on
from tests.engine.metrics_tables import NUMBERS, Row, Tables, day, facts_of, load, rows
from tests.engine.test_metrics_move import AS_OF, TABLES

CALENDAR = Calendar(windows=(Window((1, 3), 1, 45),))
LICENCES = st.sampled_from([None, "", "fire", "life; fire", " life ;"])
DAYS = st.dates(date(2025, 4, 1), date(2025, 12, 31))


@pytest.fixture(scope="module")
def db() -> Iterator[Database]:
    with Embedded() as opened:
        yield opened


@st.composite
def companies(draw: st.DrawFn) -> Tables:
    """One proposed move and some that were approved before, in a company with families, licences and late deals."""
    tables = {name: [dict(row) for row in content] for name, content in draw(books()).items()}
    for rep in tables["reps"]:
        rep.update(region=draw(st.sampled_from([None, "north"])), licences=draw(LICENCES), size_segment=None)
    for sale in tables["quotas"]:
        sale["amount"] = draw(st.sampled_from([sale["amount"], None]))
    approved = tables.pop("moves")[:4]
    effective = draw(DAYS)
    tables["moves"] = [
        {
            "account": draw(st.sampled_from(ACCOUNTS)),
            "from_rep": draw(st.sampled_from(REPS)),
            "to_rep": draw(st.sampled_from(REPS)),
            "effective": effective,
            "announced_on": draw(st.sampled_from([None, date(2025, 6, 1)])),
        }
    ]
    others: list[Row] = [
        {
            "account": account,
            "parent": draw(st.sampled_from([None, *ACCOUNTS])),
            "territory": draw(st.sampled_from([None, *TERRITORIES])),
            "required_licence": draw(st.sampled_from([None, "fire"])),
        }
        for account in ACCOUNTS[: draw(st.integers(0, 5))]
    ]
    deal = st.fixed_dictionaries(
        {
            "account": st.sampled_from(ACCOUNTS),
            "status": st.sampled_from(["open", "won"]),
            "stage_rank": st.integers(3, 5),
            "closes_on": DAYS,
        }
    )
    stay = st.fixed_dictionaries(
        {
            "rep": st.sampled_from(REPS),
            "territory": st.sampled_from(TERRITORIES),
            "start": st.dates(date(2024, 1, 1), date(2025, 8, 1)),
            "end": st.sampled_from([None, effective, date(2025, 9, 1)]),
        }
    )
    deals = [{"opportunity": f"o{i}", **d} for i, d in enumerate(draw(st.lists(deal, max_size=4)))]
    cuts = [{"territory": t, "segmentation": draw(st.sampled_from([None, "named", "pooled"]))} for t in TERRITORIES]
    capacity = [{"rep": rep, "target_units": draw(st.sampled_from([0, 3, None]))} for rep in REPS[:3]]
    return {
        **tables,
        "approved_moves": approved,
        "accounts": others,
        "opportunities": deals,
        "territories": cuts,
        "assignments": draw(st.lists(stay, max_size=4, unique_by=lambda s: (s["rep"], s["territory"], s["start"]))),
        "capacity": capacity,
        "potential": [row for row in tables["potential"] if draw(st.integers(0, 4))],
    }


def proposed(row: Row) -> ProposedMove:
    more = {name: cell for name, cell in row.items() if name not in ("account", "from_rep", "to_rep", "effective")}
    return ProposedMove(row["account"], row["from_rep"], row["to_rep"], row["effective"], more)


def both(db: Database, tables: Tables, as_of: date, *, scale: int = 2) -> tuple[dict[str, Any], dict[str, Any]]:
    """Every fact of the one move, by SQL and without; what nobody can know is left out."""
    manifest = load(db, tables, as_of=as_of, scale=scale)
    made = move_facts(db, manifest, NUMBERS, as_of, (), CALENDAR)
    [by_table] = facts_of(db, made).values()
    alone = OneMove(read_state(db, manifest, NUMBERS, as_of, CALENDAR)).facts(proposed(tables["moves"][0]))
    names = fields_of(Subject.MOVE).keys() - made.absent
    listed = {n: tuple(v) if isinstance(v, list) else v for n, v in by_table.items()}
    return {n: listed[n] for n in names}, {n: alone.get(n) for n in names}


@given(companies(), st.sampled_from([date(2025, 6, 30), date(2025, 7, 15)]), st.sampled_from([0, 2, 4]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_facts_of_one_move_are_those_of_its_table(db: Database, tables: Tables, as_of: date, scale: int) -> None:
    by_table, alone = both(db, known_on(tables, as_of), as_of, scale=scale)
    assert alone == by_table
    assert len(alone) > 40


@pytest.mark.exhaustive
@given(companies(), st.sampled_from([date(2025, 6, 30), date(2025, 7, 15)]), st.sampled_from([0, 2, 4]))
@settings(max_examples=1_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_facts_of_one_move_are_those_of_its_table_in_a_thousand_companies(
    db: Database, tables: Tables, as_of: date, scale: int
) -> None:
    by_table, alone = both(db, known_on(tables, as_of), as_of, scale=scale)
    assert alone == by_table


@pytest.mark.parametrize("move", TABLES["moves"], ids=lambda move: str(move["account"]))
def test_a_written_company_is_seen_alike(db: Database, move: Row) -> None:
    approved = [{k: v for k, v in m.items() if k != "requester"} for m in TABLES["moves"]]
    by_table, alone = both(db, {**TABLES, "moves": [move], "approved_moves": approved}, day(AS_OF))
    assert alone == by_table
    assert alone["from_rep.accounts_given"] == (1 if move["account"] == "a3" else 2)


def test_a_company_of_which_nothing_is_known_is_seen_alike(db: Database) -> None:
    tables = {"moves": rows("account from_rep to_rep effective", "a1 ann bob 2026-08-03")}
    by_table, alone = both(db, tables, day(AS_OF))
    assert alone == by_table


@example(date(2026, 12, 31))
@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_outside_of_every_period_a_quarter_is_the_civil_one(on: date) -> None:
    start = quarter_of([], on)
    assert (start.day, start.month % 3) == (1, 1)
    assert 0 <= (on - start).days < 92
