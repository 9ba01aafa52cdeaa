"""How unequal territories are is cut off where no limit of six decimals can tell, and unknown where one of them is."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.database import Database
from engine.facts import company_facts
from engine.metrics.dispersion import CV_PARTS, cv
from tests.engine.metrics_tables import NUMBERS, Tables, day, facts_of, load, rows

AS_OF = day("2026-06-30")
VALUES = st.lists(st.integers(0, 10**12) | st.fractions(0, 10), min_size=1, max_size=8)


@pytest.fixture
def db() -> Iterator[Database]:
    with Database() as opened:
        yield opened


def company(db: Database, tables: Tables) -> dict[str, Any]:
    return facts_of(db, company_facts(db, load(db, tables, as_of=AS_OF), NUMBERS, AS_OF))["company"]


@given(VALUES, st.integers(0, 2 * CV_PARTS))
def test_below_a_limit_of_six_decimals_is_below_it_exactly(values: list[Fraction | int], parts: int) -> None:
    """CV < c is n·Σx² − (Σx)² < c²·(Σx)²."""
    found, limit = cv(values), Fraction(parts, CV_PARTS)
    n, total = len(values), sum(map(Fraction, values))
    if total == 0:
        assert found is None
    else:
        assert found is not None
        exactly = n * sum(Fraction(v) ** 2 for v in values) - total**2 < limit**2 * total**2
        assert (found < limit) == exactly


def test_one_fifth_is_one_fifth() -> None:
    assert cv([80, 120]) == Fraction(1, 5)
    assert cv([8, 12, 8, 12]) == Fraction(1, 5)


def test_what_is_unknown_of_one_territory_is_unknown_of_their_spread() -> None:
    assert cv([1, None]) is None
    assert cv([]) is None
    assert cv([-1, 1]) is None


PLACES: Tables = {
    "accounts": rows("account territory", "a1 east", "a2 east", "a3 west"),
    "potential": rows("account amount", "a1 60", "a2 60", "a3 80"),
    "ownership": rows("account rep start", "a1 ann 2020-01-01", "a2 ann 2020-01-01", "a3 bob 2020-01-01"),
    "capacity": rows("rep target_units", "ann 4", "bob 4", "cid 4"),
    "revenue": rows(
        "booking account rep territory booked_on amount",
        "b1 a1 ann east 2024-07-01 500000",
        "b2 a2 ann east 2024-08-01 500000",
        "b3 a3 bob west 2024-09-01 1000000",
        "b4 a1 ann east 2025-07-01 900000",
        "b5 a2 ann east 2025-08-01 300000",
        "b6 a3 bob west 2025-09-01 800000",
    ),
}


def test_dispersion_is_that_of_the_territories(db: Database) -> None:
    found = company(db, PLACES)
    assert found["company.potential_cv"] == Fraction(1, 5)
    assert found["company.revenue_cv"] == Fraction(1, 5)
    assert found["company.accounts_cv"] == Fraction(333333, 1000000)
    assert found["company.highest_utilisation"] == Fraction(2, 4)
    assert found["company.largest_account_share_change"] == Fraction(1, 4)


def test_a_book_of_a_rep_without_a_capacity_leaves_the_fullest_book_unknown(db: Database) -> None:
    found = company(db, {**PLACES, "capacity": rows("rep target_units", "bob 4")})
    assert found["company.highest_utilisation"] is None
    assert found["company.highest_utilisation_at_least"] == Fraction(1, 4)


def test_a_book_without_potential_leaves_the_fullest_book_unknown(db: Database) -> None:
    found = company(db, {**PLACES, "potential": rows("account amount", "a1 60", "a3 80")})
    assert found["company.highest_utilisation"] is None
    assert found["company.highest_utilisation_at_least"] == Fraction(1, 4)
    assert found["company.potential_cv"] is None


def test_a_share_without_a_year_before_has_not_changed_that_anybody_knew(db: Database) -> None:
    found = company(db, {**PLACES, "revenue": PLACES["revenue"][3:]})
    assert found["company.revenue_cv"] == Fraction(1, 5)
    assert found["company.largest_account_share_change"] is None


def test_a_share_below_the_minimum_base_says_nothing(db: Database) -> None:
    small = [{**sale, "amount": sale["amount"] // 100} for sale in PLACES["revenue"]]
    assert company(db, {**PLACES, "revenue": small})["company.largest_account_share_change"] is None


def test_retention_and_tenure_are_counted_over_a_year_to_the_day(db: Database) -> None:
    people = rows(
        "rep name manager quota_carrying hired_on left_on",
        "ann Ann no yes 2023-06-30 -",
        "bob Bob no yes 2025-06-30 -",
        "cid Cid no yes 2025-07-01 -",
        "dan Dan no yes 2020-01-01 2026-06-30",
        "eve Eve no no 2020-01-01 -",
    )
    found = company(db, {"reps": people})
    assert found["company.rep_retention"] == Fraction(2, 3)
    assert found["company.reps_below_one_year"] == Fraction(1, 3)
    assert found["company.reps_from_three_years"] == Fraction(1, 3)
    assert company(db, {"reps": [*people, {"rep": "fay"}]})["company.rep_retention"] is None


def test_events_are_counted_by_kind_and_those_nobody_answered_too(db: Database) -> None:
    happened = rows(
        "event kind happened_on closed_on",
        "e1 icp-shift 2026-06-01 -",
        "e2 segment-entry 2026-06-01 -",
        "e3 segment-entry 2026-06-01 2026-06-02",
        "e4 departure 2026-01-01 -",
        "e5 request 2025-12-31 -",
        "e6 request 2025-12-31 2026-02-01",
    )
    found = company(db, {"events": happened})
    names = ("icp_shifts", "segment_entries", "departures", "headcount_changes", "requests", "mergers")
    assert [found[f"company.open_{name}"] for name in names] == [1, 1, 1, 0, 0, 0]
    assert found["company.unanswered_events"] == 1


def test_the_six_data_sets_that_are_not_there_are_counted(db: Database) -> None:
    assert company(db, {})["company.inputs_missing"] == 6
    assert company(db, PLACES)["company.inputs_missing"] == 3


DEALS = rows(
    "opportunity account rep status created_on closed_on",
    "o1 a1 ann won 2025-07-01 2026-06-30",
    "o2 a2 ann open 2026-06-30 -",
    "o3 a1 ann won 2025-06-30 2025-07-01",
    "o4 a3 bob lost 2026-01-01 2026-02-01",
    "o5 a3 bob open 2025-06-30 -",
)


def test_a_win_rate_is_won_by_created_in_the_twelve_months(db: Database) -> None:
    found = company(db, {**PLACES, "opportunities": DEALS})
    assert found["company.win_rate"] == Fraction(2, 3)
    assert found["company.win_rate_gap"] == Fraction(1, 1)


def test_a_deal_created_nobody_knows_when_leaves_the_win_rate_unknown(db: Database) -> None:
    found = company(db, {**PLACES, "opportunities": [*DEALS, {"opportunity": "o6", "account": "a3", "status": "open"}]})
    assert found["company.win_rate"] is None
    assert found["company.win_rate_gap"] is None
