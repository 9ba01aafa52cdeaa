"""Turnover and open events count days to the day."""

from collections.abc import Iterator
from fractions import Fraction

import pytest

from engine.database import Database
from engine.engines.embedded import Embedded
from engine.facts import company_facts
from tests.engine.metrics_tables import NUMBERS, Tables, day, facts_of, load, rows

AS_OF = "2026-06-30"
"""90 days back is 2026-04-01, 180 days back is 2026-01-01."""


@pytest.fixture
def db() -> Iterator[Database]:
    with Embedded() as opened:
        yield opened


def company(db: Database, tables: Tables) -> dict[str, object]:
    return facts_of(db, company_facts(db, load(db, tables, as_of=day(AS_OF)), NUMBERS, day(AS_OF)))["company"]


def turnover(db: Database, *people: str) -> object:
    steady = [f"s{n} no yes 2020-01-01 -" for n in range(8)]
    found = rows("rep manager quota_carrying hired_on left_on", *steady, *people)
    return company(db, {"reps": found})["company.headcount_turnover"]


def test_day_ninety_still_counts_and_day_ninety_one_does_not(db: Database) -> None:
    assert turnover(db, "in no yes 2026-04-01 -") == Fraction(1, 8)
    assert turnover(db, "in no yes 2026-03-31 -") == 0
    assert turnover(db, "out no yes 2020-01-01 2026-04-01") == Fraction(1, 9)
    assert turnover(db, "out no yes 2020-01-01 2026-03-31") == 0


def test_today_counts_and_tomorrow_does_not(db: Database) -> None:
    assert turnover(db, "in no yes 2026-06-30 -") == Fraction(1, 8)
    assert turnover(db, "in no yes 2026-07-01 -") == 0
    assert turnover(db, "out no yes 2020-01-01 2026-06-30") == Fraction(1, 9)
    assert turnover(db, "out no yes 2020-01-01 2026-07-01") == 0


def test_the_larger_of_joined_and_left_counts_and_only_of_quota_carriers(db: Database) -> None:
    two_in_one_out = ("in no yes 2026-05-01 -", "in2 no yes 2026-05-02 -", "out no yes 2020-01-01 2026-06-01")
    assert turnover(db, *two_in_one_out, "aide no no 2026-05-01 -") == Fraction(2, 9)


def test_nobody_at_the_start_leaves_turnover_unknown(db: Database) -> None:
    people = rows("rep manager quota_carrying hired_on left_on", "new no yes 2026-05-01 -")
    assert company(db, {"reps": people})["company.headcount_turnover"] is None


@pytest.mark.parametrize(
    ("event", "is_open"),
    [
        ("merger 2026-01-01 -", True),
        ("merger 2025-12-31 -", False),
        ("merger 2026-06-30 -", True),
        ("merger 2026-05-01 2026-06-30", False),
        ("merger 2026-05-01 2026-07-01", True),
        ("request 2026-05-01 -", False),
    ],
)
def test_an_event_is_open_until_it_is_closed_or_its_days_have_passed(
    db: Database, event: str, *, is_open: bool
) -> None:
    events = rows("event kind happened_on closed_on", f"e1 {event}")
    assert company(db, {"events": events})["company.open_mergers"] == int(is_open)


def test_requests_are_counted_apart(db: Database) -> None:
    events = rows(
        "event kind happened_on closed_on",
        "e1 request 2026-05-01 -",
        "e2 request 2026-06-01 -",
        "e3 merger 2026-06-01 -",
    )
    found = company(db, {"events": events})
    assert found["company.open_requests"] == 2
    assert found["company.open_mergers"] == 1
