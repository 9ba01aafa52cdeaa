"""How rules are used is counted from committed documents, and governance rules say what of it is a finding."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from governance.decision import Decision, Waiver
from governance.rule_usage import finding_words, usage_findings, usage_of
from rules.model.policy import PolicySet
from tests.governance.review_policies import bare, with_rules
from tests.governance.sample_decision import framed_decision

DAY = date(2026, 9, 30)
OVERUSED = """  - id: R22
    title: waived too often
    kind: governance
    subject: rule
    effective: {from: 2000-01-01}
    when: rule.firings >= 10 && rule.waived_share > percent("20")
    effect: finding
    message: "{rule.id} was waived in {rule.waived_share} of {rule.firings} cases"
    source: handbook
"""


def fired(rule: str, standing: str = "counts", truth: str = "true") -> dict[str, str]:
    return {"rule": rule, "truth": truth, "standing": standing}


def decided(
    *cases: dict[str, str], on: str = "2026-07-03", until: str = "2026-12-31", effective: str = "2026-08-03"
) -> Decision:
    """A decision with one move for each of these fired rules."""
    document: dict[str, Any] = {
        "decided": {"on": on},
        "effective": effective,
        "moves": [{"effective": effective, "fired": [case]} for case in cases],
    }
    waiver = Waiver("W-1", "R02", ("A-1",), "Ida", "vp-sales", "asked", date.fromisoformat(until), on)
    return framed_decision(document=document, waivers=(waiver,))


def used(*known: Decision, rule: str = "R02", day: date = DAY) -> dict[str, Any]:
    return {k.removeprefix("rule."): v for k, v in usage_of(bare(), known, day)[rule].items()}


def asked() -> PolicySet:
    return with_rules(OVERUSED)


def test_firings_and_waivers_are_counted_case_by_case() -> None:
    cases = (fired("R02"), fired("R02", "waived by W-1"), fired("R02", "defeated by X"), fired("R05"))
    assert used(decided(*cases), decided(*cases)) == {
        "id": "R02",
        "firings": 6,
        "waived": 2,
        "waived_share": Fraction(1, 3),
        "expired_waivers": 0,
    }


def test_what_is_unknown_did_not_fire() -> None:
    assert used(decided(fired("R02", truth="unknown")))["firings"] == 0


def test_the_share_of_a_rule_that_never_fired_is_unknown() -> None:
    assert used() == {"id": "R02", "firings": 0, "waived": 0, "waived_share": None, "expired_waivers": 0}


@pytest.mark.parametrize(
    ("on", "counted"), [("2025-09-30", 0), ("2025-10-01", 1), ("2026-09-30", 1), ("2026-10-01", 0)]
)
def test_only_decisions_committed_in_the_last_twelve_months_count(on: str, counted: int) -> None:
    assert used(decided(fired("R02"), on=on))["firings"] == counted


def test_what_was_only_framed_does_not_count() -> None:
    assert used(framed_decision())["firings"] == 0


@pytest.mark.parametrize(
    ("until", "effective", "expired"),
    [("2026-08-02", "2026-08-03", 1), ("2026-08-03", "2026-08-03", 0), ("2026-11-30", "2026-12-01", 0)],
)
def test_a_waiver_is_outlived_by_a_move_that_takes_effect_after_it_ran_out(
    until: str, effective: str, expired: int
) -> None:
    cases = (fired("R02", "waived by W-1"), fired("R02", "waived by W-1"))
    assert used(decided(*cases, until=until, effective=effective))["expired_waivers"] == expired


def test_governance_checks_of_a_decision_count_too() -> None:
    checks = [r.id for r in bare().rules() if r.subject.value == "decision"]
    decision = decided()
    assert decision.document is not None
    document = {**decision.document, "governance": {"fired": [fired(checks[0], "waived by W-1")]}}
    found = used(framed_decision(document=document), rule=checks[0])
    assert (found["firings"], found["waived"]) == (1, 1)


def test_only_rules_that_can_be_waived_are_asked_about() -> None:
    found = usage_of(bare(), (), DAY)
    assert set(found) == {r.id for r in bare().rules() if r.subject.value in ("move", "decision")}


@pytest.mark.parametrize(
    ("firings", "waived", "states"), [(10, 3, ["fired"]), (10, 2, []), (9, 9, []), (11, 3, ["fired"])]
)
def test_a_rule_waived_in_more_than_a_fifth_of_ten_cases_is_a_finding(
    firings: int, waived: int, states: list[str]
) -> None:
    cases = [fired("R02", "waived by W-1")] * waived + [fired("R02")] * (firings - waived)
    found = usage_findings(asked(), (decided(*cases),), DAY)
    assert [f.state for f in found] == states


def test_a_finding_names_the_rule_and_its_numbers() -> None:
    cases = [fired("R02", "waived by W-1")] * 5 + [fired("R02")] * 5
    (found,) = usage_findings(asked(), (decided(*cases),), DAY)
    assert finding_words(found) == {
        "id": "R22",
        "rule": "R02",
        "effect": "finding",
        "state": "fired",
        "message": "R02 was waived in 50.00 % of 10 cases",
        "missing": [],
        "standing": "counts",
    }


def test_without_such_a_rule_nothing_is_found() -> None:
    assert usage_findings(bare(), (decided(*[fired("R02", "waived by W-1")] * 20),), DAY) == ()
