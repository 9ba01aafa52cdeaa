"""Shares sum to their total, lie within a cent of the exact share, and agree with a slow apportionment in fractions."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.metrics.apportionment import apportioned

WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any)


def slowly(total: int, weights: list[int]) -> tuple[int, ...]:
    """Cent by cent: each goes to whoever is furthest below the exact share, and first in order of those."""
    exact = [Fraction(abs(total) * weight, sum(weights)) for weight in weights]
    shares = [floor(share) for share in exact]
    while sum(shares) < abs(total):
        lacking = [share - given for share, given in zip(exact, shares, strict=True)]
        shares[lacking.index(max(lacking))] += 1
    return tuple(-share if total < 0 else share for share in shares)


@given(st.integers(-(10**15), 10**15), WEIGHTS)
def test_shares_are_those_of_a_slow_apportionment(total: int, weights: list[int]) -> None:
    found = apportioned(total, weights)
    assert found == slowly(total, weights)
    assert sum(found) == total
    exact = [Fraction(total * weight, sum(weights)) for weight in weights]
    assert all(abs(share - part) < 1 for share, part in zip(found, exact, strict=True))


def test_of_equal_remainders_the_first_is_served_first_below_zero_too() -> None:
    assert apportioned(101, [50, 50]) == (51, 50)
    assert apportioned(-101, [50, 50]) == (-51, -50)
    assert apportioned(2, [1, 1, 1]) == (1, 1, 0)
    assert apportioned(5, [0, 1]) == (0, 5)


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1, 3]])
def test_nothing_can_be_shared_by_no_weight_or_by_one_below_zero(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="nothing to share by"):
        apportioned(1, weights)
