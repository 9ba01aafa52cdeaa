"""What examples show: each clause true, false and deciding; nothing less is full coverage."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.coverage import Coverage, coverage_of, percent_of
from engine.examples import Tried
from rules.model.policy import Example, Rule
from rules.reading.load import load_policies

RULE = """\
policy: p
title: t
owner: o
conditions:
  - {{name: both, subject: move, when: account.named && account.strategic_anchor, source: s}}
rules:
  - id: R
    title: t
    kind: engagement
    subject: move
    effective: {{from: 2026-01-01}}
    when: |-
      {when}
    effect: deny
    message: m
    source: s
"""
FACTS = ("account.named", "account.strategic_anchor", "to_rep.quota_carrying")
Case = tuple[bool | None, ...]


def covered(when: str, cases: Sequence[Case]) -> tuple[Coverage, ...]:
    """Coverage by these cases of FACTS; what they expect does not matter."""
    policies = load_policies([("p.yaml", RULE.format(when=when))])
    (rule,) = policies.rules()
    tried = [_tried(rule, case) for case in cases]
    return coverage_of(policies, tried)


def _tried(rule: Rule, case: Case) -> Tried:
    example = Example("e", {}, "fires", None, {}, rule.place)
    return Tried(rule, example, "fires", "fires", True, dict(zip(FACTS, case, strict=True)), {})


def of_rule(when: str, cases: Sequence[Case]) -> dict[str, tuple[bool, bool, bool]]:
    return {c.text: (c.true, c.false, c.decided) for c in covered(when, cases)[0].clauses}


def test_a_clause_behind_one_that_is_false_is_seen_and_does_not_decide() -> None:
    found = of_rule("account.named && account.strategic_anchor", [(False, False, None), (True, False, None)])
    assert found == {"account.named": (True, True, False), "account.strategic_anchor": (False, True, True)}


def test_full_coverage_of_two_joined_clauses_takes_three_examples() -> None:
    when = "account.named && account.strategic_anchor"
    full = [(True, True, None), (False, True, None), (True, False, None)]
    assert covered(when, full)[0].percent == 100
    for i in range(3):
        assert covered(when, full[:i] + full[i + 1 :])[0].percent < 100


def test_an_unknown_clause_is_neither_seen_nor_decides() -> None:
    assert of_rule("account.named || account.strategic_anchor", [(None, False, None)]) == {
        "account.named": (False, False, False),
        "account.strategic_anchor": (False, True, True),
    }


def test_a_clause_that_stands_twice_is_one_and_its_other_value_counts_in_both_places() -> None:
    when = "(account.named && account.strategic_anchor) || (!account.named && to_rep.quota_carrying)"
    assert of_rule(when, [(True, True, True)])["account.named"] == (True, False, False)
    assert of_rule(when, [(True, True, False)])["account.named"] == (True, False, True)


def test_both_branches_of_a_choice_have_clauses() -> None:
    when = "account.named ? account.strategic_anchor : to_rep.quota_carrying"
    found = of_rule(when, [(True, True, False), (False, True, False)])
    assert found == {
        "account.named": (True, True, True),
        "account.strategic_anchor": (True, False, True),
        "to_rep.quota_carrying": (False, True, True),
    }


def test_a_named_condition_is_one_clause_and_its_own_clauses_are_counted_apart() -> None:
    rule, condition = covered("both || to_rep.quota_carrying", [(True, True, False), (False, True, True)])
    assert [c.text for c in rule.clauses] == ["both", "to_rep.quota_carrying"]
    assert (condition.name, condition.what, condition.examples) == ("both", "condition", 2)
    assert [(c.text, c.unseen) for c in condition.clauses] == [
        ("account.named", ()),
        ("account.strategic_anchor", ("never false",)),
    ]


def test_nothing_shown_is_nothing_and_nothing_to_show_is_everything() -> None:
    assert percent_of([]) == 100
    rule, condition = covered("account.named", [(None, None, None)])
    assert (rule.percent, condition.percent) == (0, 0)


@pytest.mark.parametrize("when", ["account.named", "!account.named"])
def test_percent_is_rounded_down(when: str) -> None:
    """Of two for the whole and three for the clause, a single example shows three."""
    assert covered(when, [(True, False, False)])[0].percent == 60


@given(st.permutations([(True, True, False), (False, True, False), (True, False, False)]), st.integers(0, 3))
def test_one_more_example_never_shows_less(cases: list[Case], known: int) -> None:
    when = "account.named && (account.strategic_anchor || to_rep.quota_carrying)"
    assert covered(when, cases[:known])[0].seen <= covered(when, cases)[0].seen
