"""A decision is committed only if the policies' governance rules let it: what fails refuses, what is found is kept."""

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pytest

from engine.intake.snapshot import DataSet, Grade
from governance.decision import Approval, Decision, Waiver, waiver_problems
from governance.decision_check import (
    certain_failures,
    checked_commit,
    checked_frame,
    governance_document,
    governance_problems,
)
from governance.decision_facts import choice_facts, frame_facts, input_facts
from governance.document import Evaluated
from rules.model.policy import PolicySet
from rules.reading.load import load_policies
from rules.vocabulary import FIELDS, Subject
from tests.governance.sample_decision import frame, framed_decision, sample

DAY = date(2026, 7, 3)
RULES = """\
policy: governance
title: t
owner: o
rules:
  - {id: G1, title: stale, kind: governance, subject: decision, effective: {from: 2026-01-01}, effect: fail,
     waivable: by vp-sales, when: decision.stale_inputs > 0, message: "{decision.stale_inputs} stale inputs", source: F}
  - {id: G2, title: unowned, kind: governance, subject: decision, effective: {from: 2026-01-01}, effect: fail,
     when: decision.unowned_inputs > 0, message: "{decision.unowned_inputs} inputs without owner", source: F}
  - {id: G3, title: guess, kind: governance, subject: decision, effective: {from: 2026-01-01}, effect: fail,
     when: decision.guessed_inputs > 0, message: "{decision.guessed_inputs} guesses", source: F}
  - {id: G4, title: alone, kind: governance, subject: decision, effective: {from: 2026-01-01}, effect: finding,
     when: decision.approvals < 3, message: "{decision.approvals} people approved", source: F}
"""


@cache
def governed() -> PolicySet:
    return load_policies([("governance.yaml", RULES)])


def found(**changes: Any) -> Evaluated:
    """The sample decision's findings under the rules above, its first data set changed."""
    made = sample().found
    first, *others = made.manifest.data_sets
    owned: list[DataSet] = [replace(d, owner="ops", cadence="once", grade=Grade.MEASURED) for d in (first, *others)]
    owned[0] = replace(owned[0], **changes)
    return replace(made, policies=governed(), manifest=replace(made.manifest, data_sets=tuple(owned)))


def refused(evaluated: Evaluated, decision: Decision | None = None) -> list[str]:
    known = decision or framed_decision()
    outcome = checked_commit(frame(), evaluated, known, DAY, "moderate", "why", "")
    return [problem.message for problem in governance_problems(known, outcome)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, []),
        ({"cadence": "month", "as_of": date(2026, 5, 1)}, ["G1 fails: 1 stale inputs"]),
        ({"cadence": "month", "as_of": date(2026, 5, 30)}, []),
        ({"owner": ""}, ["G2 fails: 1 inputs without owner"]),
        ({"grade": Grade.GUESS}, ["G3 fails: 1 guesses"]),
        ({"owner": "", "grade": Grade.GUESS}, ["G2 fails: 1 inputs without owner", "G3 fails: 1 guesses"]),
    ],
)
def test_a_stale_an_unowned_and_a_guessed_input_refuse_a_commit(changes: dict[str, Any], message: list[str]) -> None:
    """Fresh on the day of the verdict, 30 June, is enough: 31 days after 30 May."""
    assert refused(found(**changes)) == message


def waiver(rule: str, *accounts: str, until: date = DAY) -> Waiver:
    return Waiver("W-1", rule, accounts, "Ida Lind", "vp-sales", "for now", until, "2026-07-02")


def test_a_waiver_of_the_check_in_force_lets_the_commit_pass_and_stays_in_the_document() -> None:
    stale = found(cadence="month", as_of=date(2026, 5, 1))
    assert refused(stale, framed_decision(waivers=(waiver("G1"),))) == []
    assert refused(stale, framed_decision(waivers=(waiver("G1", until=date(2026, 7, 2)),)))
    assert refused(stale, framed_decision(waivers=(waiver("G1", "A-1"),))), "a waiver for an account is not one for it"
    known = framed_decision(waivers=(waiver("G1"),))
    document = governance_document(checked_commit(frame(), stale, known, DAY, "moderate", "why", ""))["governance"]
    assert document["outcome"] == "finding"
    assert {f["rule"]: f["standing"] for f in document["fired"]} == {"G1": "waived by W-1", "G4": "counts"}


def test_a_check_that_no_waiver_allows_cannot_be_waived() -> None:
    assert refused(found(owner=""), framed_decision(waivers=(waiver("G2"),))) == ["G2 fails: 1 inputs without owner"]


def test_findings_refuse_nothing_and_are_kept() -> None:
    outcome = checked_commit(frame(), found(), framed_decision(), DAY, "moderate", "why", "")
    assert governance_problems(framed_decision(), outcome) == []
    assert governance_document(outcome)["governance"]["fired"][0]["message"] == "0 people approved"


def test_one_person_in_two_roles_and_the_requester_are_not_more_people() -> None:
    approvals = tuple(
        Approval(by, role, accounts, "2026-07-02")
        for by, role, accounts in (
            ("Ida Lind", "vp-sales", ()),
            ("ida  lind", "giving-manager", ()),
            ("P-07", "receiving-manager", ()),
            ("Bo Dahl", "receiving-manager", ("A-1",)),
        )
    )
    facts = choice_facts(frame(), found(), framed_decision(approvals=approvals), "moderate", "why", "")
    assert facts["decision.approvals"] == 1


def test_without_governance_rules_nothing_is_refused_and_nothing_is_written() -> None:
    assert governance_problems(framed_decision(), None) == []
    assert governance_document(None) == {}
    assert certain_failures(None) == ()


def test_at_the_frame_only_what_is_certain_is_told_as_failing() -> None:
    late = RULES + (
        "  - {id: G5, title: late, kind: governance, subject: decision, effective: {from: 2026-01-01}, effect: fail,\n"
        '     when: "!decision.has_rationale", message: no rationale, source: F}\n'
    )
    evaluated = replace(found(owner=""), policies=load_policies([("governance.yaml", late)]))
    outcome = checked_frame(frame(), evaluated)
    assert [f.rule.id for f in certain_failures(outcome)] == ["G2"]
    committed = checked_commit(frame(), evaluated, framed_decision(), DAY, "moderate", "  ", "")
    assert [f.rule.id for f in certain_failures(committed)] == ["G2", "G5"]


def test_every_fact_that_is_said_to_come_from_the_decision_does() -> None:
    made = {
        **frame_facts(frame()),
        **input_facts(found()),
        **choice_facts(frame(), found(), framed_decision(), "moderate", "why", ""),
    }
    assert set(made) == {f.name for f in FIELDS[Subject.DECISION] if f.produced_by == "governance.decision_facts"}
    assert made["decision.accounts_moved"] == len(found().options["moderate"].moves)
    assert made["decision.deviates"] is False


def test_the_status_quo_moves_nothing() -> None:
    facts = choice_facts(frame(), found(), framed_decision(), "status-quo", "why", "")
    assert (facts["decision.accounts_moved"], facts["decision.denied_moves"], facts["decision.deviates"]) == (
        0,
        0,
        True,
    )


def test_a_check_of_the_decision_is_waived_for_no_account_and_a_rule_on_moves_for_some() -> None:
    check = governed().rule("G1")
    move = sample().found.policies.rule("R02")
    for rule, accounts, wanted in (
        (check, (), []),
        (check, ("A-1",), ["rule `G1`"]),
        (move, ("A-1",), []),
        (move, (), ["rule `R02`"]),
    ):
        assert rule is not None
        problems = waiver_problems(
            framed_decision(), rule, rule.id, "Ida Lind", rule.waivable_by, "why", DAY, DAY, accounts
        )
        assert [p.message for p in problems] == wanted
