"""A value is read exactly as it is written, in its unit, or refused."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.kinds import Kind, Unit
from rules.problem import Place, Problem, as_written
from rules.reading.written import EXPECTED, read_value, unit_of

HERE = Place("p.yaml", 3, 7)


@given(st.integers(-(10**12), 10**12), st.sampled_from((0, 2, 3)))
def test_money_becomes_the_minor_unit_exactly_however_it_is_written(minor: int, digits: int) -> None:
    amount = Decimal(minor).scaleb(-digits)
    for raw in (amount, f"{amount:f}"):
        assert read_value(raw, Unit.MONEY, HERE, minor_digits=digits) == minor


@given(st.decimals(min_value=-(10**6), max_value=10**6, places=4))
def test_percent_and_points_are_hundredths_exactly(number: Decimal) -> None:
    for unit in (Unit.PERCENT, Unit.POINTS):
        assert read_value(number, unit, HERE) == Fraction(str(number)) / 100
    assert read_value(number, Unit.RATIO, HERE) == Fraction(str(number))


@pytest.mark.parametrize(
    ("raw", "unit", "value"),
    [
        (180, Unit.DAYS, 180),
        (10**6, Unit.DAYS, 10**6),
        (10**9, Unit.COUNT, 10**9),
        (-3, Unit.COUNT, -3),
        (50000, Unit.MONEY, 5_000_000),
        (Decimal("1250.50"), Unit.MONEY, 125_050),
        (Decimal("1250.500"), Unit.MONEY, 125_050),
        ("-7.25", Unit.MONEY, -725),
        (10**13, Unit.MONEY, 10**15),
        (Decimal("1.2"), Unit.RATIO, Fraction(6, 5)),
        (date(2026, 1, 31), Unit.DATE, date(2026, 1, 31)),
        ("A", Unit.TEXT, "A"),
        (False, Unit.BOOL, False),
    ],
)
def test_what_fits_its_unit_is_read(raw: object, unit: Unit, value: object) -> None:
    read = read_value(raw, unit, HERE)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("raw", "unit"),
    [
        (Decimal("1.5"), Unit.DAYS),
        (10**6 + 1, Unit.DAYS),
        (True, Unit.DAYS),
        ("180", Unit.DAYS),
        (10**9 + 1, Unit.COUNT),
        (True, Unit.COUNT),
        (Decimal("0.001"), Unit.MONEY),
        (10**13 + 1, Unit.MONEY),
        (True, Unit.MONEY),
        ("1,000", Unit.MONEY),
        ("+-5", Unit.MONEY),
        ("--5", Unit.PERCENT),
        ("１２", Unit.PERCENT),
        ("1e5", Unit.RATIO),
        (".5", Unit.RATIO),
        ("", Unit.RATIO),
        (None, Unit.RATIO),
        (10**15, Unit.RATIO),
        (Decimal("0.0000000001"), Unit.RATIO),
        ("2026-01-31", Unit.DATE),
        ("", Unit.TEXT),
        (5, Unit.TEXT),
        ("yes", Unit.BOOL),
        (1, Unit.BOOL),
    ],
)
def test_what_does_not_fit_its_unit_is_refused_with_its_place_and_what_was_found(raw: object, unit: Unit) -> None:
    refused = read_value(raw, unit, HERE)
    assert isinstance(refused, Problem)
    assert (refused.where, refused.found) == (HERE, as_written(raw))
    assert refused.message == f"not {EXPECTED[unit]}"


def test_a_currency_without_cents_takes_no_cents() -> None:
    assert read_value(Decimal("1250.5"), Unit.MONEY, HERE, minor_digits=0) == Problem(
        HERE, "not an amount such as 50000 or 1250.50", "1250.5"
    )
    assert read_value(1250, Unit.MONEY, HERE, minor_digits=0) == 1250


def test_a_share_in_an_example_is_written_in_the_unit_that_it_is_shown_in() -> None:
    assert unit_of(Kind.RATIO, Unit.PERCENT) is Unit.PERCENT
    assert unit_of(Kind.RATIO, Unit.POINTS) is Unit.POINTS
    assert unit_of(Kind.RATIO, Unit.NONE) is Unit.RATIO
    assert unit_of(Kind.MONEY, Unit.NONE) is Unit.MONEY
