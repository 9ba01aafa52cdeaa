"""Governance rules on a decision: what fails, what is only found, what a waiver lets pass, and what nobody knows."""

import pytest

from engine.governance_checks import check_decision, failed
from engine.outcome import Outcome
from rules.kinds import Value
from rules.model.policy import PolicySet
from tests.engine.asking import DAY, policy

GOVERNANCE = "kind: governance, subject: decision"
POLICIES = policy(
    f"id: G1, {GOVERNANCE}, effect: fail, waivable: by vp, when: decision.stale_inputs > 0",
    f"id: G2, {GOVERNANCE}, effect: fail, when: decision.guessed_inputs > 0",
    f"id: G3, {GOVERNANCE}, effect: finding, when: decision.open_questions > 2",
)
FINE: dict[str, Value | None] = {
    "decision.stale_inputs": 0,
    "decision.guessed_inputs": 0,
    "decision.open_questions": 0,
}


def checked(policies: PolicySet, case: dict[str, Value | None], waived: tuple[tuple[str, str], ...] = ()) -> Outcome:
    outcome = check_decision(policies, case, DAY, waived=waived)
    assert outcome is not None
    return outcome


def test_without_governance_rules_there_is_nothing_to_check() -> None:
    other = policy("id: R, kind: engagement, subject: move, effect: deny, when: account.named")
    assert check_decision(other, FINE, DAY) is None


@pytest.mark.parametrize(
    ("changed", "level", "failing"),
    [
        ({}, "pass", []),
        ({"decision.open_questions": 3}, "finding", []),
        ({"decision.stale_inputs": 1}, "fail", ["G1"]),
        (
            {"decision.stale_inputs": 1, "decision.guessed_inputs": 1, "decision.open_questions": 3},
            "fail",
            ["G1", "G2"],
        ),
    ],
)
def test_the_gravest_check_is_the_outcome_and_only_failures_fail(
    changed: dict[str, Value | None], level: str, failing: list[str]
) -> None:
    outcome = checked(POLICIES, {**FINE, **changed})
    assert outcome.level == level
    assert [f.rule.id for f in failed(outcome)] == failing


def test_what_nobody_says_fails_closed_and_is_named() -> None:
    case = {name: value for name, value in FINE.items() if name != "decision.guessed_inputs"}
    (fired,) = failed(checked(POLICIES, case))
    assert (fired.rule.id, fired.missing) == ("G2", ("no value for decision.guessed_inputs",))


def test_a_waiver_lets_a_failure_pass_only_where_the_rule_allows_it() -> None:
    both = {**FINE, "decision.stale_inputs": 1, "decision.guessed_inputs": 1}
    outcome = checked(POLICIES, both, (("W-1", "G1"), ("W-2", "G2")))
    assert [f.rule.id for f in failed(outcome)] == ["G2"]
    assert {f.rule.id: f.standing for f in outcome.fired} == {"G1": "waived by W-1", "G2": "counts"}
    stale = {**FINE, "decision.stale_inputs": 1}
    assert checked(POLICIES, stale, (("W-1", "G1"),)).level == "pass"


def test_a_check_may_except_another() -> None:
    policies = policy(
        f"id: G1, {GOVERNANCE}, effect: fail, when: decision.stale_inputs > 0",
        f"id: G4, {GOVERNANCE}, effect: finding, defeats: [G1], when: decision.stale_inputs == 1",
    )
    assert checked(policies, {"decision.stale_inputs": 1}).level == "finding"
    assert checked(policies, {"decision.stale_inputs": 2}).level == "fail"
