"""What a conclusion asks of people: approvals by whoever has the role, obligations by their last day."""

from datetime import date

import pytest

from engine.approvers import Approver
from engine.evaluate import Standing
from engine.explain import outcome_of
from engine.outcome import Consent, Outcome
from rules.kinds import Value
from rules.model.policy import PolicySet
from rules.reading.load import load_policies
from tests.engine.asking import asked, policy

POLICIES = load_policies(
    [
        (
            "moves.yaml",
            """\
policy: moves
title: t
owner: sales-operations
calendar: {holidays: US, source: s}
deadlines:
  introduction: {title: introduction call, subject: move, from: move.announced_on, within: 5 business days, source: s}
  handover: {title: handover, subject: move, from: move.effective, within: 30 days, source: s}
rules:
  - {id: O, title: t, kind: engagement, subject: move, effective: {from: 2026-01-01}, effect: require,
     obligation: introduction call, deadline: introduction, when: account.named, message: m, source: s,
     severity: high, owner: vp-sales}
  - {id: A, title: t, kind: engagement, subject: move, effective: {from: 2026-01-01}, effect: advise,
     obligation: send the map, when: account.named, message: m, source: s}
  - {id: M, title: t, kind: engagement, subject: move, effective: {from: 2026-01-01}, effect: mandate,
     obligation: move the account, to: move.to_rep, deadline: handover, when: account.strategic_anchor, message: m,
     source: s}
""",
        )
    ]
)
CASE: dict[str, Value | None] = {
    "account.named": True,
    "account.strategic_anchor": True,
    "move.announced_on": date(2026, 6, 30),
    "move.effective": date(2026, 8, 3),
    "move.to_rep": "E-12",
}


def outcome(policies: PolicySet, case: dict[str, Value | None], standing: Standing | None = None) -> Outcome:
    with asked(policies, {"A-1": case}, standing=standing or Standing({}, {})) as evaluation:
        found = outcome_of(evaluation, "A-1")
    assert found is not None
    return found


def test_what_is_owed_has_its_last_day_on_the_companys_calendar_and_who_answers_for_it() -> None:
    """3 July 2026 is a holiday in the United States: the fifth business day after 30 June is the 8th."""
    found = {o.rule: o for o in outcome(POLICIES, CASE).owed}
    assert {rule: o.words for rule, o in found.items()} == {
        "A": "send the map",
        "M": "move the account, to E-12, by 2026-09-02",
        "O": "introduction call, by 2026-07-08",
    }
    assert {rule: o.how for rule, o in found.items()} == {"A": "advise", "M": "mandate", "O": "require"}
    assert {rule: o.owner for rule, o in found.items()} == dict.fromkeys("AM", "sales-operations") | {"O": "vp-sales"}


def test_a_deadline_whose_anchor_has_no_date_waits_for_it_and_a_receiver_without_a_name_is_unknown() -> None:
    found = {o.rule: o for o in outcome(POLICIES, {**CASE, "move.announced_on": None, "move.to_rep": None}).owed}
    assert found["O"].due is None
    assert found["O"].words == "introduction call, due once move.announced_on is known"
    assert found["M"].words == "move the account, to unknown, by 2026-09-02"


def approvals(rule: str, *given: str) -> Consent:
    case: dict[str, Value | None] = {"account.named": True, "move.from_rep": "a", "move.to_rep": "b"}
    policies = policy(f"id: R, kind: engagement, subject: move, effect: require_approval, when: account.named, {rule}")
    (consent,) = outcome(policies, case, Standing({}, {"A-1": frozenset(given)})).consents
    return consent


@pytest.mark.parametrize(
    ("rule", "given", "words", "missing"),
    [
        ("roles: [ops, vp]", "", "ops, vp", "ops vp"),
        ("roles: [ops, vp]", "vp", "ops, vp", "ops"),
        ("roles: [ops, vp], approvals: any", "", "1 of ops, vp", "ops vp"),
        ("roles: [ops, vp], approvals: any", "vp", "1 of ops, vp", ""),
        ("roles: [ops, vp, cfo], approvals: 2", "cfo", "2 of ops, vp, cfo", "ops vp"),
        ("roles: [ops, vp, cfo], approvals: 2", "cfo vp", "2 of ops, vp, cfo", ""),
    ],
)  # fmt: skip
def test_approvals_say_how_many_of_which_roles_and_who_could_still_give_them(
    rule: str, given: str, words: str, missing: str
) -> None:
    consent = approvals(rule, *given.split())
    assert consent.words == consent.role_words == words
    assert " ".join(consent.missing) == missing
    assert set(consent.given) == set(given.split())


def test_a_role_of_the_move_says_who_or_that_nobody_knows() -> None:
    consent = approvals("roles: [giving-manager, vp], approvals: any")
    assert consent.words == "1 of giving-manager (unknown: nobody says whom a reports to), vp"
    assert consent.role_words == "1 of giving-manager, vp"
    assert consent.roles[1] == Approver("vp")


def test_somebody_with_two_of_the_roles_is_named_once_with_both() -> None:
    ana = "Ana Ruiz, P-03"
    roles = (Approver("giving-manager", ana), Approver("receiving-manager", ana), Approver("vp"), Approver("cfo"))
    both = "giving-manager and receiving-manager (Ana Ruiz, P-03), vp, cfo"
    assert Consent("R", 4, roles, (), ()).words == both
    assert Consent("R", 2, roles, (), ()).words == f"2 of 4 roles: {both}"
    apart = (Approver("giving-manager", unknown="nobody says"), Approver("receiving-manager", unknown="nobody says"))
    assert (
        Consent("R", 2, apart, (), ()).words
        == "giving-manager (unknown: nobody says), receiving-manager (unknown: nobody says)"
    )


def test_a_defeated_approval_is_asked_of_nobody() -> None:
    policies = policy(
        "id: R, kind: engagement, subject: move, effect: require_approval, roles: [vp], when: account.named",
        "id: L, kind: engagement, subject: move, effect: allow, defeats: [R], when: account.strategic_anchor",
    )
    assert outcome(policies, {"account.named": True, "account.strategic_anchor": True}).consents == ()
    assert len(outcome(policies, {"account.named": True, "account.strategic_anchor": False}).consents) == 1
