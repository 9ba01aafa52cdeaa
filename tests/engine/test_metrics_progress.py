"""What was reached by a day is exact over the days it is about, and unknown where no quota covers them."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.database import Database
from engine.facts import company_facts, territory_facts
from engine.metrics.progress import Progress, Reached, progress
from tests.engine.metrics_cases import REPS, companies, known_on
from tests.engine.metrics_tables import NUMBERS, Tables, day, facts_of, load, rows
from tests.engine.test_metrics_share import ASSIGNED, SELLERS, WORTH

PERIODS = rows(
    "start end",
    "2024-07-01 2024-10-01",
    "2024-10-01 2025-01-01",
    "2025-01-01 2025-04-01",
    "2025-04-01 2025-07-01",
    "2025-07-01 2025-10-01",
)
PEOPLE = rows(
    "rep name manager quota_carrying hired_on left_on",
    "ann Ann no yes 2020-01-01 -",
    "bob Bob no yes 2020-01-01 -",
    "max Max yes yes 2020-01-01 -",
)
TABLES: Tables = {
    "territories": rows("territory name named", "east East no", "west West no"),
    "accounts": rows("account territory", "a1 east", "a2 west"),
    "potential": rows("account amount", "a1 100", "a2 100"),
    "reps": PEOPLE,
    "periods": PERIODS,
    "quotas": [{"rep": r["rep"], **q, "amount": 920} for r in PEOPLE for q in PERIODS],
    "revenue": rows(
        "account territory rep booked_on amount",
        "a1 east ann 2024-07-01 1840",
        "a1 east max 2025-05-01 9999",
        "a1 east - 2025-05-01 9999",
        "a2 west bob 2025-06-30 460",
        "a1 east ann 2025-07-01 230",
        "a2 west bob 2025-07-31 92",
    ),
    "assignments": rows(
        "rep territory share start end", "ann east 1000000 2024-01-01 -", "bob west 1000000 2024-01-01 -"
    ),
    "opportunities": rows(
        "opportunity account rep status created_on amount",
        "o1 a1 ann open 2025-01-01 700",
        "o2 a1 ann open 2025-01-01 -",
        "o3 a1 ann won 2025-01-01 9999",
        "o4 a2 bob open 2025-08-05 9999",
        "o5 - bob open 2025-01-01 50",
    ),
}


@pytest.fixture(scope="module")
def db() -> Iterator[Database]:
    with Database() as opened:
        yield opened


def reached(db: Database, as_of: str, since: str = "", **changes: Any) -> Progress:
    """What was reached by a day in a small company, with other tables where given, none for an empty list."""
    tables = {name: found for name, found in {**TABLES, **changes}.items() if found is not None}
    manifest = load(db, tables, as_of=day(as_of))
    company_facts(db, manifest, NUMBERS, day(as_of))
    return progress(db, manifest, day(as_of), date.fromisoformat(since) if since else None)


def test_the_company_and_every_territory_are_measured_over_the_days_they_are_about(db: Database) -> None:
    found = reached(db, "2025-07-31", "2025-06-16")
    # T4Q: 4 x 920; the running quarter: 31 of 92 days; since June 16: 15 of 91 days before them.
    to_date = 920 * Fraction(31, 92)
    since = to_date + 920 * Fraction(15, 91)
    assert found.territories == {
        "east": Reached(Fraction(1840, 3680), Fraction(0), 230 / to_date, 230 / since, 700),
        "west": Reached(Fraction(460, 3680), Fraction(460, 920), 92 / to_date, 552 / since, 0),
    }
    assert found.company == Reached(
        Fraction(2300, 7360), Fraction(460, 1840), 322 / (2 * to_date), 782 / (2 * since), 750
    )


def test_on_the_last_day_of_a_quarter_its_progress_is_its_attainment(db: Database) -> None:
    found = reached(db, "2025-06-30", "2025-04-01")
    for one in (found.company, *found.territories.values()):
        assert one.quarter_attainment == one.quota_progress == one.since


def test_days_that_no_quarter_covers_are_unknown(db: Database) -> None:
    gap = [p for p in PERIODS if p["start"] != day("2025-04-01")]
    found = reached(db, "2025-07-31", "2025-06-16", periods=gap)
    assert found.company.since is None
    assert found.company.quota_progress is not None
    assert reached(db, "2025-12-31").company.quota_progress is None


@pytest.mark.parametrize("since", ["", "2025-08-01"])
def test_before_its_first_day_nothing_is_known_since(since: str, db: Database) -> None:
    found = reached(db, "2025-07-31", since)
    assert {one.since for one in (found.company, *found.territories.values())} == {None}


def test_a_quarter_without_any_quota_is_unknown(db: Database) -> None:
    found = reached(db, "2025-07-31", quotas=[q for q in TABLES["quotas"] if q["start"] != day("2025-07-01")])
    assert found.company.quota_progress is None
    assert found.company.quarter_attainment is not None


@pytest.mark.parametrize("table", ["quotas", "periods", "revenue"])
def test_without_its_tables_attainment_is_unknown_and_not_low(table: str, db: Database) -> None:
    found = reached(db, "2025-07-31", "2025-06-16", **{table: None})
    assert found.company == Reached(pipeline=750)
    assert {one.attainment for one in found.territories.values()} == {None}


def test_without_opportunities_there_is_no_pipeline_to_tell_of(db: Database) -> None:
    found = reached(db, "2025-07-31", opportunities=None)
    assert [one.pipeline for one in (found.company, *found.territories.values())] == [None, None, None]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(companies(), ASSIGNED, WORTH, st.sampled_from([day("2025-03-31"), day("2025-06-30"), day("2025-09-30")]))
def test_attainment_over_four_quarters_is_the_fact_of_the_territory(
    db: Database, tables: Tables, assigned: list[dict[str, Any]], worth: list[dict[str, Any]], as_of: date
) -> None:
    every = {
        **tables,
        "reps": SELLERS,
        "quotas": [{"rep": rep, **p, "amount": 100 + n} for n, rep in enumerate(REPS) for p in tables["periods"]],
        "revenue": [*tables["revenue"], *rows("booked_on amount account rep territory", "2024-01-01 1 a1 ann east")],
        "territories": TABLES["territories"],
        "accounts": rows("account territory", "a1 east", "a2 east", "a3 west", "a4 north"),
        "assignments": assigned,
        "potential": worth,
    }
    manifest = load(db, known_on(every, as_of), as_of=as_of)
    facts = facts_of(db, territory_facts(db, manifest, NUMBERS, as_of))
    found = progress(db, manifest, as_of)
    assert {name: one.attainment for name, one in found.territories.items()} == {
        name: case["territory.attainment"] for name, case in facts.items()
    }
