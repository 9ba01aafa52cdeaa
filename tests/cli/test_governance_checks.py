"""The policies' governance rules at the command line: told at the frame, refused at the commit, waived by a role."""

from collections.abc import Callable

import pytest

from tests.cli.conftest import APPROVALS, COMMIT, DECISION, PUBLISH, Desk

RULES = """\
policy: governance
title: What a decision may rest on
owner: vp-sales
rules:
  - id: G1
    title: hardly anything may be missing
    kind: governance
    subject: decision
    effective: {from: 2026-01-01}
    when: decision.missing_inputs < 99
    effect: fail
    waivable: by vp-sales
    message: "{decision.missing_inputs} of the six data sets are missing"
    source: Sales Territory Rebalance Framework
    examples:
      - {name: few, given: {decision.missing_inputs: 98}, expect: fires}
      - {name: many, given: {decision.missing_inputs: 99}, expect: silent}
  - id: G2
    title: fewer than four people approved
    kind: governance
    subject: decision
    effective: {from: 2026-01-01}
    when: decision.approvals < 4
    effect: finding
    message: "{decision.approvals} people approved"
    source: Sales Territory Rebalance Framework
    examples:
      - {name: three, given: {decision.approvals: 3}, expect: fires}
      - {name: four, given: {decision.approvals: 4}, expect: silent}
"""
WAIVE = (
    *("decision", "waive", DECISION, "--rule", "G1", "--by", "Ida Lind", "--role", "vp-sales"),
    *("--reason", "the audit comes in May", "--until", "2026-12-31"),
)


@pytest.fixture
def desk(desk_at: Callable[[str], Desk]) -> Desk:
    """A workspace with governance rules in force, and a decision framed and approved under them."""
    made = desk_at("imported")
    (made.root / "policies" / "governance.yaml").write_text(RULES, "utf-8")
    made.did(*PUBLISH, "--correction")
    framed = made.did("decision", "frame", str(made.root / "decision.yaml"), "--by", "Ana Ruiz")
    assert "G1 would refuse a commit: " in framed.stdout
    for role, name in APPROVALS:
        made.did("decision", "approve", DECISION, "--role", role, "--by", name)
    return made


def test_a_failed_check_refuses_the_commit_until_it_is_waived_and_findings_are_kept(desk: Desk) -> None:
    (refusal,) = desk.refused(*COMMIT)
    assert refusal.startswith(f"{DECISION}: G1 fails: ")
    assert refusal.endswith(" of the six data sets are missing")
    assert desk.ask("decision", "compare", DECISION)["governance"]["outcome"] == "fail"
    assert desk.refused(*WAIVE, "--account", "A-2079") == ["--account: rule `G1`"]
    desk.did(*WAIVE)
    desk.did(*COMMIT)
    governance = desk.ask("decision", "show", DECISION)["document"]["governance"]
    assert governance["outcome"] == "finding"
    assert {f["rule"]: (f["standing"], f["message"]) for f in governance["fired"]}["G2"] == (
        "counts",
        "3 people approved",
    )
    assert desk.run("record", "render", DECISION).exit_code == 0
