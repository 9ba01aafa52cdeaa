"""Credit is shared as the schedule says, month by month; every split agrees with a plain reading in fractions."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.credit_split import Split, by_month, credit_schedule, kept_until, split
from rules.model.calendar import months_after
from rules.model.policy import PolicySet
from rules.model.schedule import Schedule, Slice
from rules.problem import BadInput, Place
from tests.engine.asking import DAY, policy

PLACE = Place("p.yaml", 1, 1)
ANCHOR = date(2026, 8, 31)


def schedule_of(name: str = "s", **shares: tuple[Slice, ...]) -> Schedule:
    return Schedule(name, "", "move.effective", tuple(shares.items()), "s", "", PLACE)


THREE_STEPS = schedule_of(
    rep=(Slice(3, 100), Slice(6, 75), Slice(12, 50)), manager=(Slice(6, 50),), overlay=(Slice(None, 10),)
)


@st.composite
def slices(draw: st.DrawFn) -> tuple[Slice, ...]:
    ends = sorted(draw(st.sets(st.integers(1, 40), max_size=4)))
    made = [Slice(end, draw(st.integers(0, 100))) for end in ends]
    open_ended = [Slice(None, draw(st.integers(0, 100)))] if not made or draw(st.booleans()) else []
    return (*made, *open_ended)


def read_plainly(parts: tuple[Slice, ...], amount: int, closed_on: date) -> tuple[int, int, int, int]:
    """Month, percent, and the cents of both: walk the months, then give the odd cent to the larger remainder."""
    month = 1
    while months_after(ANCHOR, month) <= closed_on:
        month += 1
    percent = 0
    for part in reversed(parts):
        if part.through is None or month <= part.through:
            percent = part.original
    exact = abs(amount) * Fraction(percent, 100)
    original = int(exact) + (exact - int(exact) >= Fraction(1, 2))
    sign = -1 if amount < 0 else 1
    return month, percent, sign * original, amount - sign * original


@given(slices(), st.integers(-(10**12), 10**12), st.integers(0, 1500))
def test_every_split_is_the_one_read_plainly_and_sums_to_the_amount(
    parts: tuple[Slice, ...], amount: int, days: int
) -> None:
    closed = ANCHOR + timedelta(days=days)
    found = split(schedule_of(rep=parts), "rep", amount, closed, ANCHOR)
    assert (found.month, found.original, found.original_amount, found.new_amount) == read_plainly(parts, amount, closed)
    assert found.original_amount is not None
    assert found.new_amount is not None
    assert found.original_amount + found.new_amount == amount


@given(slices(), slices(), st.integers(0, 1500))
def test_the_table_by_month_says_what_a_close_in_it_splits(
    rep: tuple[Slice, ...], manager: tuple[Slice, ...], days: int
) -> None:
    schedule, closed = schedule_of(rep=rep, manager=manager), ANCHOR + timedelta(days=days)
    (row,) = [r for r in by_month(schedule, ANCHOR) if r.start <= closed and (r.end is None or closed <= r.end)]
    for credit_type, percent in row.original:
        found = split(schedule, credit_type, None, closed, ANCHOR)
        assert found == Split(credit_type, found.month, percent, None, None)
        assert row.first <= found.month <= (row.through or found.month)
    last = kept_until(schedule, ANCHOR)
    assert last is None or closed <= last or all(percent == 0 for _, percent in row.original)


def test_half_a_cent_goes_to_the_original_holder() -> None:
    half = schedule_of(rep=(Slice(None, 50),))
    splits = [split(half, "rep", amount, ANCHOR, ANCHOR) for amount in (101, -101, 1)]
    assert [(s.original_amount, s.new_amount) for s in splits] == [(51, 50), (-51, -50), (1, 0)]


@pytest.mark.parametrize(
    ("closed", "month", "rep", "manager"),
    [
        (date(2026, 8, 31), 1, 100, 50),
        (date(2026, 9, 29), 1, 100, 50),
        (date(2026, 9, 30), 2, 100, 50),  # the month's end, where the day of the anchor is missing
        (date(2026, 11, 29), 3, 100, 50),
        (date(2026, 11, 30), 4, 75, 50),
        (date(2027, 2, 27), 6, 75, 50),
        (date(2027, 2, 28), 7, 50, 0),
        (date(2027, 8, 30), 12, 50, 0),
        (date(2027, 8, 31), 13, 0, 0),
    ],
)
def test_months_turn_on_the_day_of_the_anchor_clamped_to_the_month_s_end(
    closed: date, month: int, rep: int, manager: int
) -> None:
    found = {t: split(THREE_STEPS, t, 1000, closed, ANCHOR) for t in ("rep", "manager", "overlay")}
    assert {s.month for s in found.values()} == {month}
    assert (found["rep"].original, found["manager"].original, found["overlay"].original) == (rep, manager, 10)


def test_the_table_has_a_row_for_every_change_of_any_type() -> None:
    assert [(m.first, m.through, m.start, m.end) for m in by_month(THREE_STEPS, ANCHOR)] == [
        (1, 3, date(2026, 8, 31), date(2026, 11, 29)),
        (4, 6, date(2026, 11, 30), date(2027, 2, 27)),
        (7, 12, date(2027, 2, 28), date(2027, 8, 30)),
        (13, None, date(2027, 8, 31), None),
    ]
    assert by_month(THREE_STEPS, None) == ()


def test_a_holder_keeps_credit_until_the_last_share_ends() -> None:
    assert kept_until(schedule_of(rep=(Slice(3, 100), Slice(6, 0))), ANCHOR) == date(2026, 11, 29)
    assert kept_until(THREE_STEPS, ANCHOR) is None  # the overlay share never ends
    assert kept_until(schedule_of(rep=(Slice(3, 0),)), ANCHOR) is None


def test_rows_beyond_the_calendar_are_left_out() -> None:
    late = date(9999, 11, 15)
    assert [(m.start, m.end) for m in by_month(schedule_of(rep=(Slice(1, 100), Slice(9, 50))), late)] == [
        (late, date(9999, 12, 14)),
        (date(9999, 12, 15), None),
    ]


def test_a_close_before_the_anchor_is_shared_by_no_schedule() -> None:
    with pytest.raises(ValueError, match="before the schedule begins"):
        split(THREE_STEPS, "rep", 1, ANCHOR - timedelta(days=1), ANCHOR)


def declaring(*schedules: Schedule, named: str = "") -> PolicySet:
    parameters = f"{{credit_schedule: {{unit: text, values: {{2026-01-01: {{value: {named}, source: s}}}}}}}}"
    (made,) = policy(
        "id: E, kind: grandfathering, subject: opportunity, effect: exempt, when: opportunity.won",
        parameters=parameters if named else "{}",
    ).policies
    return PolicySet((replace(made, schedules=schedules),), "0" * 64)


def test_the_only_schedule_counts_and_of_several_the_one_that_is_named() -> None:
    first, second = schedule_of("first"), schedule_of("second")
    assert credit_schedule(declaring(), DAY) is None
    assert credit_schedule(declaring(first), DAY) == first
    assert credit_schedule(declaring(first, second, named="second"), DAY) == second
    with pytest.raises(BadInput, match="several credit schedules, and parameter `credit_schedule` names none"):
        credit_schedule(declaring(first, second), DAY)
    with pytest.raises(BadInput, match="names no credit schedule; found `third`; expected `first`, `second`"):
        credit_schedule(declaring(first, second, named="third"), DAY)
    with pytest.raises(BadInput, match="expected a schedule in the policies"):
        credit_schedule(declaring(named="third"), DAY)
