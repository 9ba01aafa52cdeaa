"""Attainment and its spread are exact, count the right reps, and never take unknown for low."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.database import Database
from engine.facts import company_facts, lowest_rep
from engine.metrics.attainment import attainment_by_rep, spread
from rules.problem import BadInput
from tests.engine import metrics_reference as reference
from tests.engine.metrics_cases import AS_OF, companies, known_on
from tests.engine.metrics_tables import NUMBERS, Tables, day, facts_of, load, rows, shuffled

PERIODS = rows(
    "start end",
    "2024-04-01 2024-07-01",
    "2024-07-01 2024-10-01",
    "2024-10-01 2025-01-01",
    "2025-01-01 2025-04-01",
    "2025-04-01 2025-07-01",
)
REPS = rows(
    "rep name manager quota_carrying hired_on left_on",
    "ann Ann no yes 2020-01-01 -",
    "bob Bob no yes 2020-01-01 -",
    "cid Cid no yes 2020-01-01 -",
    "max Max yes yes 2020-01-01 -",
)


@pytest.fixture(scope="module")
def db() -> Iterator[Database]:
    with Database() as opened:
        yield opened


def company(db: Database, tables: Tables, as_of: str) -> dict[str, object]:
    manifest = load(db, tables, as_of=day(as_of))
    return facts_of(db, company_facts(db, manifest, NUMBERS, day(as_of)))["company"]


def quotas(*reps: str) -> list[dict[str, Any]]:
    return [{"rep": rep, **period, "amount": 100} for rep in reps for period in PERIODS]


def sold(*lines: str) -> list[dict[str, Any]]:
    return rows("rep booked_on amount", "- 2024-04-01 1", *lines)


THREE: Tables = {
    "reps": REPS,
    "periods": PERIODS,
    "quotas": quotas("ann", "bob", "cid", "max"),
    "revenue": sold("ann 2025-05-05 400", "bob 2025-02-02 280", "cid 2024-08-08 120", "max 2024-08-08 4000"),
}


def test_the_spread_is_the_largest_minus_the_smallest_attainment(db: Database) -> None:
    """At the end of June 2025: Ann 100 %, Bob 70 %, Cid 30 %; neither the manager nor house sales count."""
    found = company(db, THREE, "2025-06-30")
    assert found["company.attainment_spread"] == Fraction(70, 100)
    assert found["company.lowest_attainment"] == Fraction(30, 100)
    assert found["company.lowest_is_unique"] is True
    assert found["company.attainment_spread_without_lowest"] == Fraction(30, 100)
    assert found["company.reps_in_spread"] == 3


def test_the_latest_quarter_stands_alone_and_can_be_left_out(db: Database) -> None:
    """From April to June only Ann sold, 400 on 100; before that she sold nothing."""
    found = company(db, THREE, "2025-06-30")
    assert found["company.attainment_spread_quarter"] == 4
    assert found["company.attainment_spread_without_latest"] == Fraction(280, 300)
    assert found["company.attainment_spread_earlier"] == Fraction(280, 400)


def test_a_period_that_ends_with_the_as_of_day_is_full_and_one_day_earlier_it_is_not(db: Database) -> None:
    assert company(db, THREE, "2025-06-30")["company.attainment_spread_quarter"] == 4
    assert company(db, THREE, "2025-06-29")["company.attainment_spread_quarter"] == Fraction(280, 100)


def test_fewer_than_two_reps_have_no_spread(db: Database) -> None:
    found = company(db, {**THREE, "quotas": quotas("ann")}, "2025-06-30")
    assert found["company.attainment_spread"] is None
    assert found["company.reps_in_spread"] == 1
    assert found["company.lowest_attainment"] == 1


def test_two_reps_at_the_bottom_are_not_one(db: Database) -> None:
    tie = {**THREE, "revenue": sold("ann 2025-05-05 400", "bob 2025-02-02 280", "cid 2024-08-08 280")}
    found = company(db, tie, "2025-06-30")
    assert found["company.lowest_is_unique"] is False
    assert found["company.attainment_spread_without_lowest"] is None
    assert lowest_rep(db, load(db, tie, as_of=day("2025-06-30")), day("2025-06-30")) is None


def test_everybody_left_out_is_listed_with_the_reason(db: Database) -> None:
    more = rows(
        "rep name manager quota_carrying hired_on left_on",
        "eve Eve no no 2020-01-01 -",
        "fay Fay no yes 2025-07-01 -",
        "gus Gus no yes 2020-01-01 2025-06-30",
        "hal Hal no yes 2020-01-01 2025-07-01",
        "ida Ida no yes 2020-01-01 -",
        "jon Jon no yes 2020-01-01 -",
    )
    zero = [{**q, "amount": 0} for q in quotas("jon")]
    short = [q for q in quotas("ida") if q["start"] != day("2024-10-01")]
    tables = {**THREE, "reps": [*REPS, *more], "quotas": [*quotas("ann", "max", "hal"), *short, *zero]}
    manifest = load(db, tables, as_of=day("2025-06-30"))
    found = {r.rep: (r.counted, r.why_not) for r in attainment_by_rep(db, manifest, day("2025-06-30"))}
    assert found == {
        "ann": (True, ""),
        "bob": (False, "no quota for each of the last four full quarters"),
        "cid": (False, "no quota for each of the last four full quarters"),
        "eve": (False, "carries no quota by role"),
        "fay": (False, "hired on 2025-07-01"),
        "gus": (False, "left on 2025-06-30"),
        "hal": (True, ""),
        "ida": (False, "no quota for each of the last four full quarters"),
        "jon": (False, "the quota is zero"),
        "max": (False, "manages others"),
    }


def test_quota_and_actual_come_at_the_source_s_scale(db: Database) -> None:
    manifest = load(db, THREE, as_of=day("2025-06-30"), scale=4)
    ann = attainment_by_rep(db, manifest, day("2025-06-30"))[0]
    assert (ann.rep, ann.name, ann.quota, ann.actual) == ("ann", "Ann", 400, 400)
    assert (ann.latest_quota, ann.latest_actual) == (100, 400)
    assert ann.latest_attainment == 4
    assert ann.attainment == 1


def test_a_calendar_of_three_quarters_leaves_t4q_unknown(db: Database) -> None:
    found = company(db, {**THREE, "periods": PERIODS[2:]}, "2025-06-30")
    assert found["company.attainment_spread"] is None
    assert found["company.reps_in_spread"] is None
    assert found["company.attainment_spread_quarter"] == 4


def test_revenue_that_begins_after_the_first_quarter_is_unknown_and_not_low(db: Database) -> None:
    late = [r for r in THREE["revenue"] if r["booked_on"] >= day("2024-10-01")]
    found = company(db, {**THREE, "revenue": late}, "2025-06-30")
    assert found["company.attainment_spread"] is None
    assert found["company.attainment_spread_quarter"] == 4


def test_the_first_quarter_is_known_when_revenue_begins_on_its_last_day_and_not_a_day_later(db: Database) -> None:
    for first, spread_known in (("2024-09-30", True), ("2024-10-01", False)):
        revenue = rows("rep booked_on amount", f"- {first} 1", "ann 2025-05-05 400")
        found = company(db, {**THREE, "revenue": revenue}, "2025-06-30")
        assert (found["company.attainment_spread"] is not None) is spread_known


def test_a_quarter_before_all_revenue_is_unknown_and_not_zero(db: Database) -> None:
    found = company(db, {**THREE, "revenue": rows("rep booked_on amount", "ann 2025-07-05 400")}, "2025-07-15")
    assert found["company.attainment_spread_quarter"] is None


def test_a_sale_on_the_first_day_of_a_quarter_is_of_that_quarter_alone(db: Database) -> None:
    """Ann's sale of 2025-04-01 counts from April to June, Bob's of 2025-07-01 not yet."""
    tables = {**THREE, "revenue": sold("ann 2025-04-01 50", "bob 2025-07-01 70", "cid 2025-06-30 20")}
    assert company(db, tables, "2025-07-15")["company.attainment_spread_quarter"] == Fraction(50, 100)
    assert company(db, tables, "2025-07-15")["company.attainment_spread_earlier"] == 0


def test_amounts_of_fifteen_digits_at_scale_four_stay_exact(db: Database) -> None:
    big = 10**15
    tables = {
        **THREE,
        "quotas": [{"rep": r, **p, "amount": big + n} for n, r in enumerate(["ann", "bob"]) for p in PERIODS],
        "revenue": sold(f"ann 2025-05-05 {big}", f"bob 2025-05-05 {big - 1}"),
    }
    expected = Fraction(big, 4 * big) - Fraction(big - 1, 4 * big + 4)
    assert company(db, tables, "2025-06-30")["company.attainment_spread"] == expected


def test_a_spread_beyond_what_sql_can_hold_is_refused_and_not_cut(db: Database) -> None:
    """Two quotas without a common divisor near 10^19 have a product beyond 10^37."""
    big = 9 * 10**18
    tables = {
        **THREE,
        "quotas": [{"rep": r, **p, "amount": big + n} for n, r in enumerate(["ann", "bob"]) for p in PERIODS],
        "revenue": sold("ann 2025-05-05 7", "bob 2025-05-05 5"),
    }
    with pytest.raises(BadInput) as refused:
        company(db, tables, "2025-06-30")
    said = [str(p).partition("; found")[0] for p in refused.value.problems]
    assert said == [
        f"snapshot: `company.{name}` of `company` cannot be compared exactly"
        for name in ("attainment_spread", "attainment_spread_quarter")
    ]


@given(st.lists(st.fractions(min_value=-1, max_value=3), min_size=2))
@settings(deadline=None)
def test_a_spread_is_never_negative_and_zero_only_for_equals(attainments: list[Fraction]) -> None:
    found = spread(attainments)
    assert found is not None
    assert found >= 0
    assert (found == 0) is (len(set(attainments)) == 1)


@given(companies(), AS_OF, st.lists(st.integers(0, 50), min_size=4, max_size=4))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_sets_agree_with_the_loops_in_any_order_of_rows(
    db: Database, tables: Tables, as_of: date, order: list[int]
) -> None:
    known = known_on(tables, as_of)
    expected = reference.spreads(known, as_of)
    manifest = load(db, shuffled(known, order), as_of=as_of)
    found = facts_of(db, company_facts(db, manifest, NUMBERS, as_of))["company"]
    assert {name: found[name] for name in expected} == expected
    by_rep = {r.rep: r.attainment for r in attainment_by_rep(db, manifest, as_of) if r.counted}
    assert by_rep == reference.t4q(known, as_of)


@given(companies(), AS_OF)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_happens_later_changes_nothing(db: Database, tables: Tables, as_of: date) -> None:
    """A snapshot that reaches further answers an earlier day just as the snapshot of that day would."""
    later = load(db, tables, as_of=date(2025, 12, 31))
    from_later = facts_of(db, company_facts(db, later, NUMBERS, as_of))
    then = load(db, known_on(tables, as_of), as_of=as_of)
    assert from_later == facts_of(db, company_facts(db, then, NUMBERS, as_of))
