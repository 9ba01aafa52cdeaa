"""Balance metrics of territories: exact, unknown where a part is unknown, and blind to the order of rows."""

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.database import Database
from engine.engines.embedded import Embedded
from engine.facts import left_out, territories_of, territory_facts
from tests.engine import metrics_reference as reference
from tests.engine.metrics_cases import ACCOUNTS, AS_OF, TERRITORIES, companies, known_on
from tests.engine.metrics_tables import NUMBERS, Tables, day, facts_of, load, rows, shuffled

TABLES: Tables = {
    "territories": rows("territory name named", "east East no", "west West yes"),
    "accounts": rows("account territory", "a1 east", "a2 east", "a3 west"),
    "assignments": rows(
        "rep territory share start end", "ann east 1000000 2024-01-01 -", "bob west 500000 2024-01-01 -"
    ),
    "potential": rows("account amount", "a1 10000001", "a2 10000000", "a3 2499999"),
    "capacity": rows("rep target_units", "ann 4", "bob 3"),
    "revenue": rows(
        "account territory rep booked_on amount",
        "a1 east ann 2024-07-01 600000",
        "a2 east ann 2025-06-30 300000",
        "- east - 2025-01-01 100000",
        "a3 west bob 2025-03-03 999999",
        "a3 west bob 2024-06-30 50000000",
        "a3 west bob 2025-07-01 50000000",
    ),
}


@pytest.fixture(scope="module")
def db() -> Iterator[Database]:
    with Embedded() as opened:
        yield opened


def territories(
    db: Database, tables: Tables, as_of: str = "2025-06-30", numbers: Mapping[str, int] = NUMBERS
) -> dict[str, dict[str, Any]]:
    manifest = load(db, tables, as_of=day(as_of))
    return facts_of(db, territory_facts(db, manifest, numbers, day(as_of)))


def test_units_follow_the_tier_and_a_tier_its_limits_to_the_cent(db: Database) -> None:
    """100,000.01 is A (3 units), 100,000.00 is B (2), 24,999.99 is C (1): 5 units against 1, mean 3."""
    found = territories(db, TABLES)
    assert found["east"]["territory.workload_index"] == Fraction(5, 3)
    assert found["west"]["territory.workload_index"] == Fraction(1, 3)
    exact = [*TABLES["potential"][:2], {"account": "a3", "amount": 25_000_00}]
    assert territories(db, {**TABLES, "potential": exact})["west"]["territory.workload_index"] == Fraction(2, 7) * 2


def test_utilisation_is_units_by_target_units_times_share(db: Database) -> None:
    """East: 5 units on a full book of 4. West: 1 unit on half a book of 3."""
    found = territories(db, TABLES)
    assert found["east"]["territory.utilisation"] == Fraction(5, 4)
    assert found["west"]["territory.utilisation"] == Fraction(2, 3)


def test_an_account_without_potential_leaves_units_unknown_and_every_mean(db: Database) -> None:
    found = territories(db, {**TABLES, "potential": TABLES["potential"][1:]})
    assert found["east"]["territory.utilisation"] is None
    assert found["west"]["territory.utilisation"] == Fraction(2, 3)
    assert found["west"]["territory.workload_index"] is None
    assert found["west"]["territory.potential_index"] is None


def test_a_rep_without_capacity_leaves_utilisation_unknown(db: Database) -> None:
    found = territories(db, {**TABLES, "capacity": TABLES["capacity"][:1]})
    assert found["east"]["territory.utilisation"] == Fraction(5, 4)
    assert found["west"]["territory.utilisation"] is None


def test_potential_index_is_tam_by_mean_tam(db: Database) -> None:
    total = 10000001 + 10000000 + 2499999
    found = territories(db, TABLES)
    assert found["west"]["territory.potential_index"] == Fraction(2499999 * 2, total)


def test_t12_holds_the_first_and_the_last_day_of_its_window_and_house_sales(db: Database) -> None:
    """12 full months at the end of June 2025: 2024-07-01 to 2025-06-30, both included."""
    found = territories(db, TABLES)
    assert found["east"]["territory.t12"] == 10_000_00
    assert found["east"]["territory.revenue_accounts"] == 2
    assert found["west"]["territory.t12"] == 9_999_99


def test_concentration_is_unknown_below_the_base_and_known_on_it(db: Database) -> None:
    """East has 10,000.00, exactly the base; West has 9,999.99."""
    found = territories(db, TABLES)
    assert found["east"]["territory.largest_account_share"] == Fraction(6, 10)
    assert found["west"]["territory.largest_account_share"] is None
    lower = {**NUMBERS, "concentration_base": 9_999_99}
    assert territories(db, TABLES, numbers=lower)["west"]["territory.largest_account_share"] == 1


def test_house_sales_are_no_account_however_large(db: Database) -> None:
    """East then has 9,000.00 of accounts and 91,000.00 of house sales."""
    house = rows("account territory rep booked_on amount", "- east - 2025-01-02 9000000")
    found = territories(db, {**TABLES, "revenue": [*TABLES["revenue"], *house]})
    assert found["east"]["territory.largest_account_share"] == Fraction(6_000, 100_000)
    assert found["east"]["territory.revenue_accounts"] == 2


def test_a_history_shorter_than_twelve_full_months_leaves_t12_unknown(db: Database) -> None:
    short = [r for r in TABLES["revenue"] if r["booked_on"] >= day("2024-08-01")]
    found = territories(db, {**TABLES, "revenue": short})
    assert found["east"]["territory.t12"] is None
    assert found["east"]["territory.revenue_accounts"] is None
    assert found["east"]["territory.largest_account_share"] is None
    in_august = [*short, *rows("account territory rep booked_on amount", "a1 east ann 2024-08-01 1")]
    assert territories(db, {**TABLES, "revenue": in_august})["east"]["territory.t12"] is None
    in_july = [*short, *rows("account territory rep booked_on amount", "a1 east ann 2024-07-31 1")]
    assert territories(db, {**TABLES, "revenue": in_july})["east"]["territory.t12"] == 4_000_01


def test_territories_without_accounts_or_reps_are_left_out_and_listed(db: Database) -> None:
    names = rows("territory name named", "north North no", "south South no", "void Void no")
    more = {
        **TABLES,
        "territories": [*TABLES["territories"], *names],
        "accounts": [*TABLES["accounts"], *rows("account territory", "a4 south")],
        "assignments": [
            *TABLES["assignments"],
            *rows(
                "rep territory share start end", "cid north 1000000 2024-01-01 -", "cid south 1 2024-01-01 2025-06-30"
            ),
        ],
    }
    assert set(territories(db, more)) == {"east", "west"}
    manifest = load(db, more, as_of=day("2025-06-30"))
    assert left_out(db, manifest, day("2025-06-30")) == [
        ("north", "no accounts"),
        ("south", "no reps"),
        ("void", "no accounts and no reps"),
    ]
    assert territories_of(db, manifest, day("2025-06-30"), "cid") == ("north",)
    assert territories_of(db, manifest, day("2025-06-29"), "cid") == ("north", "south")


def test_without_assignments_nobody_is_left_out_for_want_of_reps(db: Database) -> None:
    tables = {name: content for name, content in TABLES.items() if name != "assignments"}
    manifest = load(db, tables, as_of=day("2025-06-30"))
    facts = territory_facts(db, manifest, NUMBERS, day("2025-06-30"))
    assert set(facts_of(db, facts)) == {"east", "west"}
    assert facts.missing["territory.utilisation"] == ("assignments",)


QUARTERS = rows(
    "start end",
    "2024-07-01 2024-10-01",
    "2024-10-01 2025-01-01",
    "2025-01-01 2025-04-01",
    "2025-04-01 2025-07-01",
)
PEOPLE = rows(
    "rep name manager quota_carrying hired_on left_on",
    "ann Ann no yes 2020-01-01 -",
    "bob Bob no yes 2020-01-01 -",
    "max Max yes yes 2020-01-01 -",
)


def with_quotas(*assignments: str, drop: tuple[str, str] = ("", "2000-01-01")) -> Tables:
    quotas = [{"rep": r["rep"], **q, "amount": 400000} for r in PEOPLE for q in QUARTERS]
    return {
        **TABLES,
        "periods": QUARTERS,
        "reps": PEOPLE,
        "quotas": [q for q in quotas if (q["rep"], q["start"]) != (drop[0], day(drop[1]))],
        "assignments": rows("rep territory share start end", *assignments),
    }


def test_attainment_divides_by_the_quota_of_its_reps_times_their_share(db: Database) -> None:
    """East: 9,000.00 by Ann, house sales left out, on 16,000.00 of Ann and a quarter of Bob's 16,000.00."""
    tables = with_quotas(
        "ann east 1000000 2024-01-01 -", "bob east 250000 2024-01-01 -", "bob west 750000 2024-01-01 -"
    )
    found = territories(db, tables)
    assert found["east"]["territory.attainment"] == Fraction(9_000, 20_000)
    assert found["west"]["territory.attainment"] == Fraction(999_999, 1_200_000)


def test_each_quarter_s_quota_stays_where_the_rep_worked_on_its_last_day(db: Database) -> None:
    """Ann and Bob swap on 2025-06-30, the last day of the fourth quarter, and Bob's quota is three times Ann's."""
    swap = with_quotas(
        "ann east 1000000 2024-01-01 2025-06-30",
        "bob west 1000000 2024-01-01 2025-06-30",
        "ann west 1000000 2025-06-30 -",
        "bob east 1000000 2025-06-30 -",
    )
    swap = {**swap, "quotas": [{**q, "amount": 1200000} if q["rep"] == "bob" else q for q in swap["quotas"]]}
    found = territories(db, swap)
    assert found["east"]["territory.attainment"] == Fraction(900_000, 3 * 400_000 + 1_200_000)
    assert found["west"]["territory.attainment"] == Fraction(999_999, 3 * 1_200_000 + 400_000)


def test_a_rep_whose_first_day_away_begins_a_quarter_worked_the_one_before(db: Database) -> None:
    """Ann has East for three quarters and Bob, with three times the quota, from the first day of the fourth."""
    handed = with_quotas("ann east 1000000 2024-01-01 2025-04-01", "bob east 1000000 2025-04-01 -")
    handed = {**handed, "quotas": [{**q, "amount": 1200000} if q["rep"] == "bob" else q for q in handed["quotas"]]}
    assert territories(db, handed)["east"]["territory.attainment"] == Fraction(900_000, 3 * 400_000 + 1_200_000)


def test_a_quarter_without_a_rep_or_a_rep_without_quota_leaves_attainment_unknown(db: Database) -> None:
    gap = with_quotas("ann east 1000000 2024-12-31 -", "bob west 1000000 2024-01-01 -")
    assert territories(db, gap)["east"]["territory.attainment"] is None
    assert territories(db, gap)["west"]["territory.attainment"] is not None
    no_quota = with_quotas("ann east 1000000 2024-01-01 -", "bob west 1 2024-01-01 -", drop=("ann", "2024-10-01"))
    assert territories(db, no_quota)["east"]["territory.attainment"] is None


def test_a_manager_s_quota_and_revenue_count_in_no_territory(db: Database) -> None:
    both = with_quotas("ann east 1000000 2024-01-01 -", "max east 1000000 2024-01-01 -", "bob west 1 2024-01-01 -")
    sale = rows("account territory rep booked_on amount", "a1 east max 2025-01-01 77777777")
    both = {**both, "revenue": [*both["revenue"], *sale]}
    assert territories(db, both)["east"]["territory.attainment"] == Fraction(9, 16)


def test_money_at_scale_four_is_summed_exactly_and_rounded_once_to_even(db: Database) -> None:
    """Two bookings of 0.0025 are 0.0050, half a cent, and go to 0.00; three are 0.0075 and go to 0.01."""
    halves = rows("account territory rep booked_on amount", "a1 east - 2024-07-01 25", "a1 east - 2024-07-02 25")
    manifest = load(db, {**TABLES, "revenue": halves}, as_of=day("2025-06-30"), scale=4)
    assert facts_of(db, territory_facts(db, manifest, NUMBERS, day("2025-06-30")))["east"]["territory.t12"] == 0
    manifest = load(db, {**TABLES, "revenue": [*halves, halves[0]]}, as_of=day("2025-06-30"), scale=4)
    assert facts_of(db, territory_facts(db, manifest, NUMBERS, day("2025-06-30")))["east"]["territory.t12"] == 1


@given(companies(), AS_OF, st.lists(st.integers(0, 50), min_size=4, max_size=4))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_t12_and_the_largest_account_agree_with_the_loops_in_any_order(
    db: Database, tables: Tables, as_of: date, order: list[int]
) -> None:
    known = known_on({**tables, "territories": TABLES["territories"]}, as_of)
    manifest = load(db, shuffled(known, order), as_of=as_of, scale=2)
    numbers = {**NUMBERS, "concentration_base": 1}
    found = facts_of(db, territory_facts(db, manifest, numbers, as_of))
    for territory in TERRITORIES:
        total = reference.t12(known, as_of, "territory", territory)
        assert found[territory]["territory.t12"] == total
        inside = {**known, "revenue": [r for r in known["revenue"] if r["territory"] == territory]}
        by_account = [
            sum(r["amount"] for r in rows_ if reference.in_t12(r, as_of))
            for account in ACCOUNTS
            if (rows_ := [r for r in inside["revenue"] if r["account"] == account])
            and any(reference.in_t12(r, as_of) for r in rows_)
        ]
        share = found[territory]["territory.largest_account_share"]
        assert share == (Fraction(max(by_account, default=0), total) if total is not None and total > 0 else None)


def test_a_territory_has_a_place_an_age_and_counts(db: Database) -> None:
    tables = {
        "territories": rows(
            "territory name region segmentation changed_on",
            "east East North vertical 2025-06-30",
            "west West - - 2025-07-01",
        ),
        "accounts": rows("account territory", "a1 east", "a2 east", "a3 west"),
        "assignments": rows("rep territory start", "ann east 2020-01-01", "bob west 2020-01-01", "cid west 2020-01-01"),
    }
    found = facts_of(db, territory_facts(db, load(db, tables, as_of=day("2026-06-30")), NUMBERS, day("2026-06-30")))
    east, west = found["east"], found["west"]
    assert [east[f"territory.{n}"] for n in ("name", "region", "segmentation")] == ["East", "North", "vertical"]
    assert west["territory.region"] is None
    assert (east["territory.age_months"], west["territory.age_months"]) == (12, 11)
    assert (east["territory.accounts"], west["territory.reps"]) == (2, 2)


def test_quartiles_of_capture_hold_ties_and_need_four_territories(db: Database) -> None:
    places = ("n", "e", "s", "w", "m")
    sold, potential = (1, 2, 3, 4, 4), (4, 4, 4, 4, 4)
    tables: dict[str, list[dict[str, Any]]] = {
        "accounts": [{"account": p, "territory": p} for p in places],
        "potential": [{"account": p, "amount": amount} for p, amount in zip(places, potential, strict=True)],
        "revenue": [
            {"account": p, "territory": p, "booked_on": day("2025-07-01"), "amount": amount}
            for p, amount in zip(places, sold, strict=True)
        ],
    }
    as_of = day("2026-06-30")
    found = facts_of(db, territory_facts(db, load(db, tables, as_of=as_of), NUMBERS, as_of))
    assert [p for p in places if found[p]["territory.capture_top_quartile"]] == ["w", "m"]
    assert [p for p in places if found[p]["territory.capture_bottom_quartile"]] == ["n", "e"]
    assert found["n"]["territory.capture_rate"] == Fraction(1, 4)
    assert found["n"]["territory.revenue_per_account"] == 1
    three = {**tables, "accounts": tables["accounts"][:3], "revenue": tables["revenue"][:3]}
    found = facts_of(db, territory_facts(db, load(db, three, as_of=as_of), NUMBERS, as_of))
    assert {f["territory.capture_top_quartile"] for f in found.values()} == {None}


def test_a_territory_s_win_rate_lies_some_points_from_the_company_s(db: Database) -> None:
    tables = {
        "accounts": rows("account territory", "a1 east", "a2 west", "a3 north"),
        "opportunities": rows(
            "opportunity account rep status created_on closed_on",
            "o1 a1 ann won 2025-07-01 2026-06-30",
            "o2 a2 ann open 2026-06-30 -",
            "o3 a2 ann won 2026-01-30 2026-06-30",
            "o4 a2 ann lost 2026-01-30 2026-06-30",
        ),
    }
    as_of = day("2026-06-30")
    found = facts_of(db, territory_facts(db, load(db, tables, as_of=as_of), NUMBERS, as_of))
    rates = [found[t]["territory.win_rate"] for t in ("east", "west", "north")]
    assert rates == [1, Fraction(1, 3), None]
    distances = [found[t]["territory.win_rate_distance"] for t in ("east", "west", "north")]
    assert distances == [Fraction(1, 2), Fraction(1, 6), None]
