"""A share that nobody gave is the whole of an only territory, and split by TAM among several: exactly, or unknown."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.database import Database
from engine.facts import Facts, territory_facts
from engine.metrics.share import shares_of
from tests.engine import metrics_reference as reference
from tests.engine.metrics_cases import REPS, companies, known_on
from tests.engine.metrics_tables import NUMBERS, Tables, day, facts_of, load, rows, shuffled

END = day("2025-06-30")
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
)
TABLES: Tables = {
    "territories": rows("territory name named", "east East no", "west West no"),
    "accounts": rows("account territory", "a1 east", "a2 east", "a3 west"),
    "potential": rows("account amount", "a1 100", "a2 200", "a3 100"),
    "reps": PEOPLE,
    "periods": QUARTERS,
    "quotas": [{"rep": r["rep"], **q, "amount": 1000} for r in PEOPLE for q in QUARTERS],
    "revenue": rows(
        "account territory rep booked_on amount",
        "a1 east ann 2024-07-01 600",
        "a1 east - 2025-01-01 9999",
        "a3 west bob 2025-06-30 500",
    ),
    "assignments": rows("rep territory start end", "ann east 2024-01-01 -", "ann west 2024-01-01 -"),
}
NAME = "territory.attainment"
BY_TAM = "share by TAM (assignments.share is absent)"


@pytest.fixture(scope="module")
def db() -> Iterator[Database]:
    with Database() as opened:
        yield opened


def asked(db: Database, tables: Tables, as_of: date = END) -> tuple[Facts, dict[str, Any]]:
    facts = territory_facts(db, load(db, tables, as_of=as_of), NUMBERS, as_of)
    return facts, {territory: found[NAME] for territory, found in facts_of(db, facts).items()}


def working(*assignments: str) -> Tables:
    return {**TABLES, "assignments": rows("rep territory share start end", *assignments)}


def without(name: str, tables: Tables = TABLES) -> Tables:
    return {n: t for n, t in tables.items() if n != name}


def test_without_shares_a_rep_s_quota_is_split_by_the_potential_of_the_accounts(db: Database) -> None:
    """Ann's 40.00 over four quarters: 3/4 to East, where 3.00 of 4.00 lie, and 1/4 to West."""
    facts, found = asked(db, TABLES)
    assert found == {"east": Fraction(600, 3000), "west": Fraction(500, 1000)}
    assert facts.proxies[NAME] == BY_TAM
    assert NAME not in facts.missing


def test_a_rep_with_one_territory_has_all_of_it_and_needs_no_potential(db: Database) -> None:
    alone = rows("rep territory start end", "ann east 2024-01-01 -", "bob west 2024-01-01 -")
    facts, found = asked(db, without("potential", {**TABLES, "assignments": alone}))
    assert found == {"east": Fraction(600, 4000), "west": Fraction(500, 4000)}
    assert facts.proxies[NAME] == BY_TAM
    assert NAME not in facts.missing


def test_where_potential_is_absent_only_split_shares_are_unknown_and_what_is_missing_is_named(db: Database) -> None:
    """Ann works East and North, Bob West alone."""
    split = rows("rep territory start end", "ann east 2024-01-01 -", "ann north 2024-01-01 -", "bob west 2024-01-01 -")
    facts, found = asked(db, without("potential", {**TABLES, "assignments": split}))
    assert found == {"east": None, "west": Fraction(500, 4000)}
    assert facts.missing[NAME] == ("assignments.share", "potential")
    assert NAME not in facts.absent


def test_one_unknown_tam_among_several_leaves_them_unknown(db: Database) -> None:
    facts, found = asked(db, {**TABLES, "potential": TABLES["potential"][:2]})
    assert found == {"east": None, "west": None}
    assert facts.missing[NAME] == ("assignments.share",)


def test_tams_that_add_up_to_nothing_split_nothing(db: Database) -> None:
    assert asked(db, {**TABLES, "potential": rows("account amount", "a1 0", "a2 0", "a3 0")})[1]["east"] is None


def test_a_territory_without_accounts_is_worth_nothing_and_takes_no_share(db: Database) -> None:
    more = rows("rep territory start end", "ann east 2024-01-01 -", "ann north 2024-01-01 -")
    assert asked(db, {**TABLES, "assignments": more})[1]["east"] == Fraction(600, 4000)


def test_given_shares_stand_and_an_empty_one_is_what_they_leave(db: Database) -> None:
    """Ann gives West 30 %; East, unsaid, has the other 70 %. Nothing is left of 100 %."""
    facts, found = asked(db, working("ann west 300000 2024-01-01 -", "ann east - 2024-01-01 -"))
    assert found == {"east": Fraction(600, 2800), "west": Fraction(500, 1200)}
    assert facts.proxies[NAME] == BY_TAM
    _, found = asked(db, working("ann west 1000000 2024-01-01 -", "ann east - 2024-01-01 -"))
    assert found == {"east": None, "west": Fraction(500, 4000)}


def test_where_every_share_is_given_there_is_no_proxy(db: Database) -> None:
    facts, found = asked(db, working("ann west 300000 2024-01-01 -", "ann east 700000 2024-01-01 -"))
    assert found["east"] == Fraction(600, 2800)
    assert facts.proxies == {}


def test_the_split_is_that_of_each_quarter(db: Database) -> None:
    """Ann has East alone for three quarters, and East and West for the last."""
    grown = rows("rep territory start end", "ann east 2024-01-01 -", "ann west 2025-06-30 -", "bob west 2024-01-01 -")
    _, found = asked(db, {**TABLES, "assignments": grown})
    assert found["east"] == Fraction(600, 3 * 1000 + 750)
    assert found["west"] == Fraction(500, 4 * 1000 + 250)


def test_a_split_beyond_what_a_condition_can_compare_is_unknown_and_not_refused(db: Database) -> None:
    """Eleven reps share East, each with a territory beside it; the TAMs of each pair add up to another prime."""
    primes = (1009, 1013, 1019, 1021, 1031, 1033, 1039, 1049, 1051, 1061, 1063)
    names = [f"r{n}" for n in range(len(primes))]
    people = [{**PEOPLE[0], "rep": name} for name in names]
    tables = {
        **TABLES,
        "reps": people,
        "accounts": [*rows("account territory", "a1 east"), *({"account": n, "territory": f"of {n}"} for n in names)],
        "potential": [
            {"account": "a1", "amount": 7},
            *({"account": n, "amount": p - 7} for n, p in zip(names, primes, strict=True)),
        ],
        "quotas": [{"rep": n, **q, "amount": 10**9 + 7} for n in names for q in QUARTERS],
        "revenue": rows("account territory rep booked_on amount", "a1 east r0 2024-07-01 1"),
        "assignments": [
            {"rep": n, "territory": t, "start": day("2024-01-01")} for n in names for t in ("east", f"of {n}")
        ],
    }
    facts, found = asked(db, tables)
    assert found["east"] is None
    assert facts.proxies[NAME] == BY_TAM


@given(
    st.lists(
        st.tuples(st.sampled_from("abcde"), st.none() | st.integers(0, 400_000), st.none() | st.integers(0, 50)),
        min_size=1,
        unique_by=lambda row: row[0],
    )
)
def test_shares_that_are_filled_in_make_the_whole_with_the_given_ones(
    work: list[tuple[str, int | None, int | None]],
) -> None:
    shares = shares_of(work)
    unfilled = {territory for territory, ppm, _ in work if ppm is None}
    if unfilled and all(shares[t] is not None for t in unfilled):
        assert sum(share for share in shares.values() if share is not None) == 1
    assert all(share is None or share >= 0 for share in shares.values())


SELLERS = [{**PEOPLE[0], "rep": rep, "name": rep} for rep in REPS]
ASSIGNED = st.lists(
    st.fixed_dictionaries(
        {
            "rep": st.sampled_from(REPS),
            "territory": st.sampled_from(["east", "west", "north"]),
            "share": st.sampled_from([None, None, None, 250_000, 1_000_000]),
            "start": st.sampled_from([date(2023, 1, 1), date(2023, 1, 1), date(2024, 10, 1), date(2024, 12, 31)]),
            "end": st.sampled_from([None, None, None, date(2025, 3, 31), date(2025, 4, 1)]),
        }
    ),
    min_size=4,
    unique_by=lambda row: (row["rep"], row["territory"]),
)
WORTH = st.lists(
    st.fixed_dictionaries({"account": st.sampled_from(["a1", "a2", "a3", "a4"]), "amount": st.integers(0, 99)}),
    unique_by=lambda row: row["account"],
    min_size=4,
)


@given(
    companies(),
    ASSIGNED,
    WORTH,
    st.sampled_from([day("2025-03-31"), END, day("2025-09-30")]),
    st.lists(st.integers(0, 50), min_size=7, max_size=7),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_attainment_agrees_with_the_loops_in_any_order(
    db: Database,
    tables: Tables,
    assigned: list[dict[str, Any]],
    worth: list[dict[str, Any]],
    as_of: date,
    order: list[int],
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
    known = known_on(every, as_of)
    known = {**known, "assignments": [a for a in assigned if a["start"] <= as_of]}
    _, found = asked(db, shuffled(known, order), as_of)
    for territory, attained in found.items():
        assert attained == reference.territory_attainment(known, territory, as_of)
