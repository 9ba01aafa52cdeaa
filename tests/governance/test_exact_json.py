"""Exact values come back from JSON as they went in."""

import json
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.canonical_json import canonical
from governance.exact_json import decoded, encoded
from rules.kinds import Value

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.fractions(),
    st.dates(),
    st.text(alphabet=st.characters(exclude_categories=["Cs"])),
)


@given(values)
def test_a_value_comes_back_as_it_was(value: Value | None) -> None:
    came = decoded(json.loads(json.dumps(encoded(value))))
    assert came == value
    assert type(came) is type(value)


@given(values)
def test_a_value_has_one_form_without_a_point(value: Value | None) -> None:
    """Whole numbers beyond 2^53 too: JSON numbers would lose their last digits."""
    assert canonical({"value": encoded(value)}) == canonical({"value": encoded(decoded(encoded(value)))})


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (Fraction(421, 1000), {"n": "421", "d": "1000"}),
        (Fraction(3), {"n": "3", "d": "1"}),
        (125_000, {"int": "125000"}),
        (2**64 + 1, {"int": "18446744073709551617"}),
        (True, True),
        (None, None),
        (date(2026, 6, 30), {"date": "2026-06-30"}),
        ("A", "A"),
    ],
)
def test_the_forms_are(value: Value | None, form: object) -> None:
    assert encoded(value) == form
