"""What a rep loses by the moves is valued on one snapshot; what was earned before comes from full, worked months."""

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.database import Database
from engine.facts import protection_facts
from engine.metrics.periods import months_later
from rules.problem import BadInput
from tests.engine import metrics_reference as reference
from tests.engine.metrics_cases import books, known_on
from tests.engine.metrics_tables import NUMBERS, Tables, day, facts_of, load, rows, shuffled

AS_OF = day("2026-06-30")
TABLES: Tables = {
    "moves": rows(
        "account from_rep to_rep effective requester",
        "a1 ann bob 2026-09-07 Ann",
        "a2 ann bob 2026-08-03 -",
        "a3 bob cid 2026-08-03 ann",
    ),
    "ownership": rows(
        "account rep start end",
        "a1 ann 2020-01-01 -",
        "a2 ann 2020-01-01 -",
        "a3 bob 2020-01-01 -",
        "a4 ann 2020-01-01 -",
    ),
    "revenue": rows(
        "account rep territory booked_on amount",
        "a1 ann east 2025-07-01 500",
        "a2 bob east 2026-01-01 100",
        "a4 - east 2026-01-01 400",
    ),
    "potential": rows("account amount", "a1 1000", "a2 0", "a3 7", "a4 2000"),
    "reps": rows("rep name left_on hired_on", "ann Ann 2026-12-31 2020-01-01", "bob Bob - 2020-01-01"),
}


@pytest.fixture(scope="module")
def db() -> Iterator[Database]:
    with Database() as opened:
        yield opened


def reps(
    db: Database, tables: Tables, as_of: date = AS_OF, numbers: Mapping[str, int] = NUMBERS
) -> dict[str, dict[str, Any]]:
    return facts_of(db, protection_facts(db, load(db, tables, as_of=as_of), numbers, as_of))


def months(rep: str, first: str, count: int, leave: int = 0, earned: int = 100) -> list[dict[str, Any]]:
    """`count` months of pay from `first` on: commission 10, earnings 100, of which 1 one-off."""
    return [
        {
            "rep": rep,
            "month": months_later(day(first), n),
            "commission": 10,
            "earnings": earned,
            "one_offs": 1,
            "leave_days": leave,
        }
        for n in range(count)
    ]


def base(db: Database, pay: list[dict[str, Any]], as_of: date = AS_OF) -> tuple[object, object, object]:
    ann = reps(db, {**TABLES, "compensation": pay}, as_of)["ann"]
    return ann["rep.base_months"], ann["rep.base_commission"], ann["rep.base_earnings"]


def test_everybody_who_gives_or_receives_has_a_row_from_the_earliest_move_on(db: Database) -> None:
    found = reps(db, TABLES)
    assert {rep: facts["effective"] for rep, facts in found.items()} == {
        "ann": day("2026-08-03"),
        "bob": day("2026-08-03"),
        "cid": day("2026-08-03"),
    }


def test_a_reduction_is_before_less_after_by_before(db: Database) -> None:
    """Ann's book of a1, a2, a4 shrinks to a4: T12 from 10.00 to 4.00, TAM from 30.00 to 20.00."""
    ann = reps(db, TABLES)["ann"]
    assert ann["rep.t12_reduction"] == Fraction(6, 10)
    assert ann["rep.tam_reduction"] == Fraction(1, 3)


def test_a_gain_is_a_negative_reduction_and_a_base_of_zero_leaves_it_unknown(db: Database) -> None:
    """Bob's a3 has no revenue and a potential of 0.07; he gains a1 and a2 with 10.00. Cid owned nothing."""
    found = reps(db, TABLES)
    assert found["bob"]["rep.t12_reduction"] is None
    assert found["bob"]["rep.tam_reduction"] == Fraction(7 - 1000, 7)
    assert found["cid"]["rep.t12_reduction"] is None
    assert found["cid"]["rep.tam_reduction"] is None


def test_a_book_with_an_unknown_part_has_an_unknown_reduction(db: Database) -> None:
    short = {**TABLES, "potential": TABLES["potential"][:3]}
    assert reps(db, short)["ann"]["rep.tam_reduction"] is None
    late = {**TABLES, "revenue": TABLES["revenue"][1:]}
    assert reps(db, late)["ann"]["rep.t12_reduction"] is None


def test_who_asked_for_a_move_from_oneself_asked_for_it(db: Database) -> None:
    """Ann is named as requester of a1, by name; that she also asked for Bob's a3 is not Bob's asking."""
    found = reps(db, TABLES)
    assert {rep: facts["rep.asked_for_it"] for rep, facts in found.items()} == {"ann": True, "bob": False, "cid": False}
    by_id = {**TABLES, "moves": rows("account from_rep to_rep effective requester", "a3 bob cid 2026-08-03 bob")}
    assert reps(db, by_id)["bob"]["rep.asked_for_it"] is True
    assert found["ann"]["rep.left_on"] == day("2026-12-31")


def test_the_base_is_the_twelve_latest_full_months_before_the_effective_day(db: Database) -> None:
    """Effective on 2026-08-03, known to the end of June: July 2025 to June 2026; older months count only for gaps."""
    pay = [*months("ann", "2025-07-01", 12), *months("ann", "2025-01-01", 6, earned=999_999)]
    assert base(db, pay) == (12, 120, 12 * 99)


def test_how_many_months_a_base_needs_at_least_is_the_policy_s_to_say(db: Database) -> None:
    tables = {**TABLES, "compensation": months("ann", "2026-03-01", 4)}
    for least, commission in ((4, 40), (5, None)):
        ann = reps(db, tables, numbers={**NUMBERS, "least_base_months": least})["ann"]
        assert (ann["rep.base_months"], ann["rep.base_commission"]) == (4, commission)
    unsaid = {name: n for name, n in NUMBERS.items() if name != "least_base_months"}
    with pytest.raises(BadInput, match="`least_base_months` has no value on 2026-06-30"):
        reps(db, tables, numbers=unsaid)


def test_months_before_the_lookback_never_count(db: Database) -> None:
    """18 months before August 2026 is February 2025."""
    assert base(db, months("ann", "2024-11-01", 6)) == (3, 30, 297)
    assert base(db, months("ann", "2024-10-01", 6)) == (2, None, None)


def test_a_month_with_ten_days_of_leave_is_a_leave_month_and_with_nine_it_is_not(db: Database) -> None:
    pay = months("ann", "2025-12-01", 3)
    assert base(db, [*pay, *months("ann", "2026-03-01", 1, leave=9)]) == (4, 40, 396)
    assert base(db, [*pay, *months("ann", "2026-03-01", 1, leave=10)]) == (3, 30, 297)


def test_a_month_that_was_not_over_on_the_as_of_day_never_counts(db: Database) -> None:
    pay = months("ann", "2026-03-01", 4)
    assert base(db, pay, day("2026-06-30")) == (4, 40, 396)
    assert base(db, pay, day("2026-06-29")) == (3, 30, 297)


def test_the_month_of_the_effective_day_never_counts(db: Database) -> None:
    pay = months("ann", "2026-05-01", 4)
    early = {**TABLES, "moves": rows("account from_rep to_rep effective requester", "a1 ann bob 2026-08-31 -")}
    ann = reps(db, {**early, "compensation": pay}, day("2026-09-30"))["ann"]
    assert ann["rep.base_months"] == 3


def test_without_any_pay_the_base_is_empty_and_without_the_data_set_it_is_unknown(db: Database) -> None:
    assert base(db, months("bob", "2026-01-01", 6)) == (0, None, None)
    manifest = load(db, TABLES, as_of=AS_OF)
    facts = protection_facts(db, manifest, {}, AS_OF)
    assert facts.missing["rep.base_months"] == ("compensation",)
    assert facts_of(db, facts)["ann"]["rep.base_months"] is None


@given(books(), st.sampled_from([date(2025, 6, 30), date(2025, 7, 15)]), st.lists(st.integers(0, 50), min_size=7))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_reductions_agree_with_the_loops_in_any_order(
    db: Database, tables: Tables, as_of: date, order: list[int]
) -> None:
    known = known_on(tables, as_of)
    found = facts_of(db, protection_facts(db, load(db, shuffled(known, order), as_of=as_of), NUMBERS, as_of))
    assert set(found) == {m[side] for m in known["moves"] for side in ("from_rep", "to_rep")}
    for rep, facts in found.items():
        assert facts["rep.t12_reduction"] == reference.t12_reduction(known, rep, as_of)


PAY = st.fixed_dictionaries(
    {
        "month": st.dates(date(2024, 1, 1), date(2026, 12, 1)).map(lambda d: d.replace(day=1)),
        "leave_days": st.sampled_from([0, 0, 0, 9, 10, 22]),
        "commission": st.integers(0, 10**6),
        "earnings": st.integers(0, 10**7),
        "one_offs": st.integers(0, 1000),
    }
)


@given(
    st.lists(PAY, max_size=36, unique_by=lambda row: row["month"]),
    st.dates(date(2026, 2, 1), date(2026, 12, 31)),
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_base_agrees_with_the_loops(db: Database, pay: list[dict[str, Any]], effective: date, as_of: date) -> None:
    move = {"account": "a1", "from_rep": "ann", "to_rep": "bob", "effective": effective}
    tables = {**TABLES, "moves": [move], "compensation": [{"rep": "ann", **row} for row in pay]}
    ann = reps(db, tables, as_of)["ann"]
    chosen = reference.base(known_on(tables, as_of), "ann", effective, as_of)
    enough = len(chosen) >= 3
    assert ann["rep.base_months"] == len(chosen)
    assert ann["rep.base_commission"] == (sum(r["commission"] for r in chosen) if enough else None)
    assert ann["rep.base_earnings"] == (sum(r["earnings"] - r["one_offs"] for r in chosen) if enough else None)


def test_a_book_is_shown_before_and_after_the_moves_with_the_mean_of_all(db: Database) -> None:
    people = rows(
        "rep name quota_carrying hired_on left_on region size_segment",
        "ann Ann yes 2020-08-03 - North SMB",
        "bob Bob yes 2020-01-01 - - -",
        "cid Cid yes 2020-01-01 - - -",
        "dan Dan yes 2020-01-01 - - -",
        "eve Eve no 2020-01-01 - - -",
    )
    found = reps(db, {**TABLES, "reps": people})
    assert [found[r]["rep.tam_before"] for r in ("ann", "bob", "cid")] == [3000, 7, 0]
    assert [found[r]["rep.tam_after"] for r in ("ann", "bob", "cid")] == [2000, 1000, 7]
    assert [found[r]["rep.t12_before"] for r in ("ann", "bob", "cid")] == [1000, 0, 0]
    assert [found[r]["rep.t12_after"] for r in ("ann", "bob", "cid")] == [400, 600, 0]
    assert {f["rep.mean_tam"] for f in found.values()} == {752}  # 3007 by four is 751.75
    ann = found["ann"]
    assert (ann["rep.name"], ann["rep.region"], ann["rep.size_segment"]) == ("Ann", "North", "SMB")
    assert (ann["rep.effective"], ann["rep.tenure"]) == (day("2026-08-03"), 2191)
