"""A rule in report mode says what it would do, and what would beat it; it counts for nothing."""

from dataclasses import replace

import pytest

from engine.evaluate import Standing
from engine.explain import outcome_of
from engine.inference.logic import Truth
from engine.outcome import Fired
from engine.rule_standing import reported
from rules.kinds import Value
from rules.model.policy import PolicySet
from rules.model.rule_kind import Effect
from tests.engine.asking import asked, policy

ENGAGEMENT = "kind: engagement, subject: move"
TRIAL = f"id: R, {ENGAGEMENT}, mode: report, waivable: by vp, when: account.named"


def fired(policies: PolicySet, case: dict[str, Value | None], standing: Standing | None = None) -> dict[str, Fired]:
    with asked(policies, {"A-1": case}, standing=standing or Standing({}, {})) as evaluation:
        outcome = outcome_of(evaluation, "A-1")
    assert outcome is not None
    return {f.rule.id: f for f in outcome.fired}


@pytest.mark.parametrize(
    ("effect", "named", "would"),
    [
        ("deny", True, "would deny"),
        ("deny", None, "would hold"),
        ("deny, on_unknown: deny", None, "would deny"),
        ("deny, on_unknown: none", None, "may fire, nobody can say"),
        ("hold", True, "would hold"),
        ("require_approval, roles: [vp]", True, "would require approval"),
    ],
)
def test_a_rule_in_report_mode_says_what_it_would_do(effect: str, named: bool | None, would: str) -> None:
    found = fired(policy(f"{TRIAL}, effect: {effect}"), {"account.named": named})["R"]
    assert (found.would, found.standing) == (would, "report only")


WOULD = {
    Effect.REQUIRE_APPROVAL: "would require approval",
    Effect.EXEMPT: "would be exempt",
    Effect.INELIGIBLE: "would be ineligible",
    Effect.FINDING: "would be a finding",
    Effect.HIT: "would be a hit",
}
"""What is no verb, or two words; every other effect is its own verb."""


@pytest.mark.parametrize("effect", Effect)
def test_what_a_rule_would_do_is_said_in_english_for_every_effect(effect: Effect) -> None:
    (rule,) = policy(f"{TRIAL}, effect: deny").rules()
    trial = Fired(replace(rule, effect=effect), Truth.TRUE, "", (), (), (), "report only")
    assert trial.would == WOULD.get(effect, f"would {effect.value}")


def test_an_enforced_rule_would_do_nothing_else_than_it_does() -> None:
    rule = f"id: R, {ENGAGEMENT}, effect: deny, when: account.named"
    assert fired(policy(rule), {"account.named": True})["R"].would == ""


def test_what_would_beat_a_rule_in_report_mode_is_said_and_then_it_is_not_reported() -> None:
    policies = policy(
        f"{TRIAL}, effect: deny",
        f"id: L, {ENGAGEMENT}, effect: allow, defeats: [R], when: account.strategic_anchor",
    )
    case: dict[str, Value | None] = {"account.named": True, "account.strategic_anchor": True}
    said = Standing({"A-1": frozenset({("W-1", "R")})}, {})
    assert fired(policies, case)["R"].standing == "report only, defeated by L"
    assert fired(policies, case, said)["R"].standing == "report only, waived by W-1"
    for changed, standing, wanted in (
        ({}, None, ()),
        ({"account.strategic_anchor": False}, None, ("R",)),
        ({"account.strategic_anchor": None}, None, ("R",)),
        ({"account.strategic_anchor": False}, said, ()),
        ({"account.named": False, "account.strategic_anchor": False}, None, ()),
    ):
        with asked(policies, {"A-1": {**case, **changed}}, standing=standing or Standing({}, {})) as evaluation:
            assert reported(evaluation, *evaluation.letters()[0]) == wanted


COUNTING = "kind: trigger, subject: company, effect: review, count: {group: g, at_least: 2}"
INDICATOR = "kind: indicator, subject: company, group: g"


def test_a_count_in_report_mode_counts_what_only_reports_and_an_enforced_one_does_not() -> None:
    policies = policy(
        f"id: E, {COUNTING}",
        f"id: T, mode: report, {COUNTING}",
        f"id: I, {INDICATOR}, when: company.open_mergers > 0",
        f"id: J, {INDICATOR}, mode: report, when: company.open_requests > 0",
    )
    case: dict[str, Value | None] = {"company.open_mergers": 1, "company.open_requests": 1}
    found = fired(policies, case)
    assert {rule: f.standing for rule, f in found.items()} == {
        "T": "report only",
        "I": "counted in g",
        "J": "report only",
    }
    assert found["T"].would == "would review"
