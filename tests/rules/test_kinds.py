"""Values are shown to people rounded; only there."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.expression.conversions import duration_of, timestamp_of
from rules.expression.term import DURATION_REACH, TIMESTAMP_REACH
from rules.kinds import KIND_OF_UNIT, Kind, Unit, Value, decimal_of, duration_text, shown, timestamp_text


@pytest.mark.parametrize(
    ("value", "kind", "unit", "words"),
    [
        (None, Kind.MONEY, Unit.NONE, "unknown"),
        (None, Kind.BOOL, Unit.NONE, "unknown"),
        (True, Kind.BOOL, Unit.NONE, "yes"),
        (False, Kind.BOOL, Unit.NONE, "no"),
        ("A", Kind.TEXT, Unit.NONE, "A"),
        (1234567, Kind.COUNT, Unit.COUNT, "1,234,567"),
        (0, Kind.DAYS, Unit.DAYS, "0 days"),
        (1, Kind.DAYS, Unit.DAYS, "1 day"),
        (-2, Kind.DAYS, Unit.DAYS, "-2 days"),
        (125050, Kind.MONEY, Unit.MONEY, "1,250.50"),
        (-5, Kind.MONEY, Unit.MONEY, "-0.05"),
        (date(2026, 1, 31), Kind.DATE, Unit.DATE, "2026-01-31"),
        (Fraction(3, 10), Kind.RATIO, Unit.PERCENT, "30.00 %"),
        (Fraction(4215, 10000), Kind.RATIO, Unit.POINTS, "42.15 points"),
        (Fraction(6, 5), Kind.RATIO, Unit.RATIO, "1.200"),
        (Fraction(1, 3), Kind.RATIO, Unit.NONE, "33.33 %"),
        (Fraction(2, 3), Kind.RATIO, Unit.RATIO, "0.667"),
        (5_400_000_000, Kind.DURATION, Unit.NONE, "5400s"),
        (-250_000, Kind.DURATION, Unit.NONE, "-0.25s"),
        (0, Kind.TIMESTAMP, Unit.NONE, "1970-01-01T00:00:00Z"),
        (-1, Kind.TIMESTAMP, Unit.NONE, "1969-12-31T23:59:59.999999Z"),
        ("\x00a\xff", Kind.BYTES, Unit.NONE, "0061ff"),
    ],
)
def test_a_value_is_shown_as_people_read_it(value: Value | None, kind: Kind, unit: Unit, words: str) -> None:
    assert shown(value, kind, unit) == words


def test_a_list_is_shown_item_by_item() -> None:
    assert shown((125050, -5), Kind.LIST, Unit.MONEY, of=Kind.MONEY) == "1,250.50, -0.05"
    assert shown(("A", "B"), Kind.LIST, of=Kind.TEXT) == "A, B"
    assert shown((), Kind.LIST, of=Kind.TEXT) == "none"


@given(st.integers(*TIMESTAMP_REACH))
def test_a_shown_moment_is_read_as_the_same(moment: int) -> None:
    assert timestamp_of(timestamp_text(moment)) == moment


@given(st.integers(*DURATION_REACH))
def test_a_shown_duration_is_read_as_the_same(length: int) -> None:
    assert duration_of(duration_text(length)) == length


def test_money_has_as_many_digits_as_its_currency() -> None:
    assert [shown(125050, Kind.MONEY, minor_digits=d) for d in (0, 2, 3)] == ["125,050", "1,250.50", "125.050"]


def test_display_rounds_half_to_even() -> None:
    assert [str(decimal_of(Fraction(n, 1000), 2)) for n in (5, 15, 25, -5, -15)] == [
        "0.00", "0.02", "0.02", "0.00", "-0.02",
    ]  # fmt: skip


@given(st.fractions(max_denominator=10**6), st.integers(0, 6))
def test_what_is_shown_is_within_half_of_its_last_digit(value: Fraction, places: int) -> None:
    assert abs(Fraction(decimal_of(value, places)) - value) <= Fraction(1, 2 * 10**places)


@given(st.integers(-(10**12), 10**12))
def test_shown_money_is_all_of_it(minor: int) -> None:
    assert Decimal(shown(minor, Kind.MONEY).replace(",", "")) * 100 == minor


def test_every_unit_that_a_parameter_may_have_has_a_kind() -> None:
    assert set(KIND_OF_UNIT) == set(Unit) - {Unit.NONE}
