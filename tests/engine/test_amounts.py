"""Money is rounded half-even once, and compared without rounding."""

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.database import Database
from engine.engines.embedded import Embedded
from engine.intake.snapshot import Manifest
from engine.metrics.amounts import compared, rounded

AMOUNTS = st.one_of(st.integers(-(10**15), 10**15), st.integers(-300, 300))
DIGITS = st.integers(0, 4)


@pytest.fixture(scope="module")
def db() -> Iterator[Database]:
    with Embedded() as opened:
        yield opened


def scaled(scale: int, minor: int) -> Manifest:
    return Manifest("", date(2026, 1, 1), "", "", "EUR", scale, minor, "", {}, {}, (), (), ())


@pytest.mark.parametrize(
    ("amount", "cents"), [(50, 0), (150, 2), (250, 2), (149, 1), (151, 2), (-50, 0), (-150, -2), (-250, -2), (-51, -1)]
)
def test_a_tie_goes_to_the_even_cent(db: Database, amount: int, cents: int) -> None:
    """At scale 4 one cent is 100: 0.0150 is 0.02 and 0.0250 too."""
    assert db.value(f"SELECT {rounded(db.spelling, str(amount), scaled(4, 2))}") == cents


@given(AMOUNTS, DIGITS, DIGITS)
@settings(deadline=None)
def test_rounding_agrees_with_decimal(db: Database, amount: int, scale: int, minor: int) -> None:
    exact = Decimal(amount).scaleb(minor - scale)
    expected = int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))
    assert db.value(f"SELECT {rounded(db.spelling, f'({amount})', scaled(scale, minor))}") == expected


@given(AMOUNTS, st.integers(1, 10**6), DIGITS, DIGITS)
@settings(deadline=None)
def test_a_quotient_is_rounded_once(db: Database, amount: int, parts: int, scale: int, minor: int) -> None:
    exact = Fraction(amount, parts) * Fraction(10) ** (minor - scale)
    assert db.value(f"SELECT {rounded(db.spelling, f'({amount})', scaled(scale, minor), by=str(parts))}") == round(
        exact
    )


@given(AMOUNTS, AMOUNTS, DIGITS, DIGITS)
@settings(deadline=None)
def test_comparing_agrees_with_fractions(db: Database, amount: int, limit: int, scale: int, minor: int) -> None:
    for operator, holds in ((">", Fraction.__gt__), (">=", Fraction.__ge__)):
        found = db.value(f"SELECT {compared(db.spelling, f'({amount})', operator, limit, scaled(scale, minor))}")
        assert found is holds(Fraction(amount, 10**scale), Fraction(limit, 10**minor))


def test_a_hair_over_the_limit_is_over_it(db: Database) -> None:
    """100,000.0001 is more than 100,000.00 although both show as 100,000.00."""
    assert db.value(f"SELECT {compared(db.spelling, '1000000001', '>', 100_000_00, scaled(4, 2))}") is True
    assert db.value(f"SELECT {compared(db.spelling, '1000000000', '>', 100_000_00, scaled(4, 2))}") is False
