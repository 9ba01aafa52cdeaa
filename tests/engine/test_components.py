"""What follows part by part is what follows from the whole, and a part is as small as its defeats and counts allow."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.inference.components import ComponentInference, Mark, components, marks_of
from engine.inference.inference import Inference
from engine.inference.logic import Ladder, Logic, Pattern, Truth
from rules.problem import BadInput
from tests.engine.inference_oracle import expected, seeded, some_logic, some_pattern

TRUE, UNKNOWN = Truth.TRUE, Truth.UNKNOWN
VERDICT = Ladder("verdict", ("allow", "approval", "hold", "deny"), strict=False)
MOVES = Logic(
    effects={"D": "deny", "H": "hold", "A": "approve", "X": "except", "M": "mandate"},
    ladders=(VERDICT,),
    means=frozenset(
        {
            ("deny", TRUE, "verdict", "deny"),
            ("deny", UNKNOWN, "verdict", "hold"),
            ("hold", TRUE, "verdict", "hold"),
        }
    ),
    defeats=frozenset({("X", "D"), ("X", "H")}),
    needs_role=frozenset({("A", "vp", "verdict", "approval")}),
    says=frozenset({("M", "moves", "must"), ("D", "moves", "must not"), ("H", "moves", "must not")}),
    disputed=frozenset({("moves", "verdict", "hold")}),
)


def agree(seeds: range, patterns: int) -> None:
    """The whole conclusion, by components, by the whole logic and by the plain reading."""
    for seed in seeds:
        random = seeded(seed)
        logic = some_logic(random)
        with ComponentInference(logic) as by_components, Inference(logic) as whole:
            for _ in range(patterns):
                pattern = some_pattern(random, logic)
                found = by_components.conclude(pattern)
                assert found == expected(logic, pattern), (seed, pattern)
                assert found == whole.conclude(pattern), (seed, pattern)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32))
def test_what_follows_by_components_is_what_follows_from_the_whole(seed: int) -> None:
    agree(range(seed, seed + 1), 8)


@pytest.mark.exhaustive
def test_what_follows_by_components_is_what_follows_from_the_whole_for_a_thousand_policies() -> None:
    agree(range(1_000), 12)


def test_a_component_is_a_rule_with_all_that_defeats_it() -> None:
    assert [sorted(each) for each in components(MOVES)] == [["A"], ["D", "X"], ["H", "X"], ["M"]]


def test_a_component_of_a_count_has_its_indicators_and_what_defeats_the_count() -> None:
    logic = Logic(
        effects=dict.fromkeys(("I1", "I2", "I3", "N", "T", "J"), "e"),
        ladders=(VERDICT,),
        means=frozenset(),
        defeats=frozenset({("N", "T")}),
        counts=frozenset({("T", "drift", 2)}),
        indicators=frozenset({("I1", "drift"), ("I2", "drift"), ("I3", "drift"), ("J", "other")}),
    )
    assert [sorted(each) for each in components(logic)] == [["I1", "I2", "I3", "N", "T"], ["J"]]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_components_hold_every_rule_and_are_closed_and_none_lies_within_another(seed: int) -> None:
    logic = some_logic(seeded(seed))
    found = components(logic)
    assert frozenset().union(*found) == logic.effects.keys()
    assert all(by in rules for rules in found for by, of in logic.defeats if of in rules)
    assert all(
        {rule, indicator} <= rules
        for rules in found
        for rule, group, _ in logic.counts
        for indicator, of in logic.indicators
        if {rule, indicator} & rules and of == group
    )
    assert not any(one < other for one in found for other in found)
    assert len(found) == len(set(found))


def test_a_mandate_contradicts_denials_without_being_of_their_component() -> None:
    with ComponentInference(MOVES) as inference:
        conclusion = inference.conclude(Pattern(frozenset({("M", TRUE), ("H", TRUE), ("D", UNKNOWN)})))
        assert conclusion.level == {"verdict": "hold"}
        assert conclusion.conflicts == (("moves", "H", "M"),)
        assert conclusion.may_rise == (("verdict", "deny", "D"),)
        part = inference.of_component({"D", "X"}, Pattern(frozenset({("M", TRUE), ("D", UNKNOWN)})))
        assert marks_of(part) == {
            Mark("reached", "verdict", "hold"), Mark("may be", "verdict", "deny"), Mark("open")
        }  # fmt: skip


def test_a_faulty_logic_or_pattern_is_refused_as_by_the_whole() -> None:
    with pytest.raises(BadInput, match="defeats"):
        ComponentInference(Logic({"a": "e", "b": "e"}, (VERDICT,), frozenset(), frozenset({("a", "b"), ("b", "a")})))
    with ComponentInference(MOVES) as inference:
        with pytest.raises(ValueError, match="unknown rule `Z`"):
            inference.conclude(Pattern(frozenset({("Z", TRUE)})))
        with pytest.raises(ValueError, match="unknown rule `Y`"):
            inference.conclude(Pattern(frozenset(), frozenset({("W", "Y")})))
