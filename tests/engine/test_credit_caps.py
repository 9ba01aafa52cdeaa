"""A cap holds whatever the undecided deals turn out to be: every answer agrees with trying all of them."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.credit_caps import Cap, Claim, beyond, cap_of
from rules.kinds import Value
from rules.problem import BadInput

DAY = date(2026, 6, 30)
CLAIMS = st.lists(
    st.tuples(st.sampled_from(["E-1", "E-2", None]), st.booleans(), st.none() | st.integers(0, 2)), max_size=5
).map(lambda rows: [Claim(f"OP-{i}", holder, held, key) for i, (holder, held, key) in enumerate(rows)])


def worlds(claims: list[Claim]) -> Iterator[list[Claim]]:
    """Everything that the unknown holders, answers and keys may be."""
    choices = [
        [
            Claim(c.deal, holder, held, key)
            for holder in ([c.holder] if c.holder else ["E-1", "E-2", "E-3"])
            for held in ([True] if c.is_held else [True, False])
            for key in ([c.key] if c.key is not None else [-1, 3])
        ]
        for c in claims
    ]
    for world in product(*choices):
        yield list(world)


def beyond_in(world: list[Claim], deal: Claim, most: int) -> bool:
    """In a world without unknowns: the deal's place among the held deals of its holder."""
    mine = sorted((c.key or 0, c.deal) for c in world if c.holder == deal.holder and (c.is_held or c.deal == deal.deal))
    return mine.index((deal.key or 0, deal.deal)) >= most


@settings(max_examples=60, deadline=None)
@given(CLAIMS, st.integers(0, 3))
def test_a_deal_is_within_or_beyond_the_cap_only_if_it_is_so_in_every_world(claims: list[Claim], most: int) -> None:
    found = beyond(claims, Cap(most, "largest"))
    assert found.keys() == {c.deal for c in claims}
    possible: dict[str, set[bool]] = {c.deal: set() for c in claims}
    for world in worlds(claims):
        for claim in world:
            possible[claim.deal].add(beyond_in(world, claim, most))
    for claim in claims:
        answers = possible[claim.deal]
        assert found[claim.deal] is (answers.pop() if len(answers) == 1 and claim.holder else None)


def test_the_first_deals_in_order_are_within_and_of_equal_keys_those_with_the_smaller_id() -> None:
    claims = [Claim(deal, "E-1", True, key) for deal, key in (("c", 1), ("a", 2), ("b", 1), ("d", 3))]
    assert beyond(claims, Cap(2, "largest")) == {"a": True, "b": False, "c": False, "d": True}
    assert beyond(claims, Cap(0, "largest")) == dict.fromkeys("abcd", True)


def test_every_rep_has_a_cap_of_its_own() -> None:
    claims = [Claim("a", "E-1", True, 1), Claim("b", "E-2", True, 1), Claim("c", "E-2", True, 2)]
    assert beyond(claims, Cap(1, "largest")) == {"a": False, "b": False, "c": True}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"hold_cap_per_rep": -1, "hold_cap_order": "largest"}, "`hold_cap_per_rep` is no number of deals"),
        ({"hold_cap_per_rep": "two", "hold_cap_order": "largest"}, "found `two`; expected a whole number, 0 or more"),
        ({"hold_cap_per_rep": 2}, "`hold_cap_order` is no order of deals on 2026-06-30; expected `largest` or"),
        ({"hold_cap_per_rep": 2, "hold_cap_order": "oldest"}, "found `oldest`; expected `largest` or `earliest`"),
    ],
)
def test_a_cap_that_cannot_be_applied_is_refused(values: Mapping[str, Value], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        cap_of(values, DAY)


def test_without_the_parameter_there_is_no_cap() -> None:
    assert cap_of({"hold_cap_order": "largest"}, DAY) is None
    for most, words in ((0, "0 held deals"), (1, "1 held deal"), (2, "2 held deals")):
        cap = cap_of({"hold_cap_per_rep": most, "hold_cap_order": "earliest"}, DAY)
        assert cap == Cap(most, "earliest")
        assert cap.words == f"{words} per rep, earliest first"
