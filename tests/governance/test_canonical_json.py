"""One value, one spelling; and nothing that two readers could read differently."""

import json
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.canonical_json import LARGEST, canonical, read_canonical
from rules.problem import BadInput

values = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


class Colour(StrEnum):
    RED = "red"


def test_keys_are_sorted_by_utf16_as_the_rfc_has_it() -> None:
    """RFC 8785 section 3.2.3: the astral 😂 (d83d…) comes before דּ (fb33), though its code point is larger."""
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f602": 5, "\u0080": 6, "\u00f6": 7}
    expected = '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\U0001f602":5,"\ufb33":3}'
    assert canonical(value) == expected.encode()


def test_text_is_escaped_only_where_it_must_be() -> None:
    assert canonical("€$\x0f\nA'B\"\\/") == b'"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\/"'


@given(values)
def test_what_is_written_is_json_and_reads_back_as_it_was(value: Any) -> None:
    data = canonical(value)
    assert json.loads(data) == value
    assert read_canonical(data) == value


@given(st.dictionaries(st.text(), st.integers(0, 9), max_size=6))
def test_the_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


def test_all_places_that_json_cannot_hold_exactly_are_named_at_once() -> None:
    value = {
        "ratio": 0.25,
        "money": Decimal("1.10"),
        "large": [1, 2**53],
        "small": -(2**53),
        "bytes": {"raw": b"x"},
        "set": {1},
        "colour": Colour.RED,
        3: "three",
        "half": "\ud800",
    }
    with pytest.raises(BadInput) as refused:
        canonical(value)
    places = [p.where.file for p in refused.value.problems]
    assert places == [
        "$.ratio",
        "$.money",
        "$.large[1]",
        "$.small",
        "$.bytes.raw",
        "$.set",
        "$.colour",
        "$",
        "$.half",
    ]
    assert str(refused.value.problems[0]) == (
        "$.ratio: a number with a point is not exact; found `0.25`\n  hint: write it as text: `0.25`"
    )


@pytest.mark.parametrize("value", [0.0, -0.0, 1.0, float("nan"), float("inf"), [1e300]])
def test_no_float_is_written_not_even_a_whole_one(value: object) -> None:
    with pytest.raises(BadInput, match="not exact"):
        canonical(value)


def test_the_largest_exact_integer_is_written_and_the_next_is_not() -> None:
    assert canonical(2**53 - 1) == b"9007199254740991"
    with pytest.raises(BadInput, match="too large"):
        canonical(2**53)
    with pytest.raises(BadInput, match="too large"):
        canonical(10**6000)


def test_a_bottomless_value_is_a_problem_and_no_crash() -> None:
    bottomless: list[Any] = []
    bottomless.append(bottomless)
    with pytest.raises(BadInput, match="nested too deeply"):
        canonical(bottomless)


def test_a_key_that_is_half_a_character_is_refused() -> None:
    with pytest.raises(BadInput, match="half a character"):
        canonical({"\udfff": 1})


@pytest.mark.parametrize(
    "data",
    [
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1,"a":1}',
        b"[1.0]",
        b"[01]",
        b'"\\u0041"',
        b"[1]\n",
        b"NaN",
        b"[9007199254740992]",
        b"[" * 100_000,
        b"1" * 5000,
        b"\xff",
        b"",
        b"\xef\xbb\xbf1",
    ],
)
def test_bytes_in_any_other_spelling_are_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        read_canonical(data)
