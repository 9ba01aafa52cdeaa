"""The document of a decision says everything a record shows, exactly, and nobody's pay."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from engine.explain import case_of, outcomes
from engine.intake.moves_file import read_moves
from engine.protection import check_protection, protections
from governance.canonical_json import canonical
from governance.document import FEWEST, SCHEMA, ProtectedReps, decision_document
from governance.frame import FrameShape
from rules.model.rule_kind import Mode
from tests.governance.sample_decision import JUNE, SAMPLE, document_of, frame, policies, sample, snapshot

HIDDEN = ("rep.base_commission", "rep.base_earnings")


@pytest.fixture(scope="module")
def pay() -> frozenset[str]:
    """Every amount of pay in the sample company as digits of the minor unit: payroll rows, bases, and what each
    protection rule works out for each rep.
    """
    amounts: set[int] = set()
    with snapshot(JUNE) as (db, manifest):
        read_moves(db, SAMPLE / "moves.csv")
        for row in db.records("SELECT commission, earnings FROM compensation"):
            amounts |= {int(v) for v in row.values() if v is not None}
        evaluation = check_protection(db, manifest, policies(), JUNE)
        for outcome in outcomes(evaluation):
            case = case_of(evaluation, outcome.id)
            amounts |= {v for name in HIDDEN if isinstance(v := case[name], int)}
            _, rows = protections(evaluation, outcome.id) or (outcome, ())
            amounts |= {w.value for p in rows for w in p.worked if isinstance(w.value, int)}
    # Below a hundred units an amount is a count, a day or a percentage of something else.
    found = frozenset(str(a) for a in amounts if a >= 10_000)
    assert len(found) > 300
    return found


def numbers(text: str) -> set[str]:
    """Every number in a text as bare digits, however its thousands and decimals are set."""
    return {re.sub(r"[.,\u00a0\u202f' ]", "", n) for n in re.findall(r"\d[\d.,'\u00a0\u202f]*", text)}


def test_nobodys_pay_is_in_it(pay: frozenset[str]) -> None:
    assert numbers(json.dumps(sample().document)) & pay == set()


def test_pay_would_be_found_if_it_were_there(pay: frozenset[str]) -> None:
    """The search above finds the guarantee of E-11 as written in a table, in JSON and in a sentence."""
    assert "3887280" in pay
    for said in ("38,872.80 EUR", '{"total": "3887280"}', "a guarantee of 38.872,80"):
        assert numbers(said) & pay == {"3887280"}


def protection(people: int, total: int | None) -> dict[str, Any]:
    found = sample().found
    row = ProtectedReps("CP1", "commission protection", people, 0, total)
    moved = replace(found.options["moderate"], protections=(row,))
    (made,) = document_of(sample().frame, replace(found, options={"moderate": moved}))["protections"]
    return dict(made)


@pytest.mark.parametrize("people", range(1, FEWEST))
def test_a_total_of_so_few_is_withheld_and_the_count_is_not(people: int) -> None:
    made = protection(people, 3_887_280)
    assert (made["people"], made["total"], made["withheld"]) == (people, "", True)


@pytest.mark.parametrize("people", [0, FEWEST, 40])
def test_a_total_of_none_or_of_many_is_said(people: int) -> None:
    made = protection(people, 1_000)
    assert (made["total"], made["withheld"]) == ("1000", False)


def test_a_total_with_an_unknown_part_is_unknown() -> None:
    made = protection(FEWEST, None)
    assert (made["total"], made["withheld"]) == ("", False)


def test_it_can_be_written_canonically() -> None:
    """Canonical JSON takes no number with a point: nothing inexact is in it."""
    assert canonical(sample().document)
    with pytest.raises(Exception, match="number"):
        canonical({**sample().document, "share": 0.5})


def test_the_same_inputs_give_the_same_bytes() -> None:
    again = document_of(frame(), sample().found)
    assert canonical(again) == canonical(sample().document)


def test_everything_its_owner_wrote_is_in_it() -> None:
    document = sample().document
    written = sample().frame.written
    renamed = {"decision": "title"}
    elsewhere = {"review_triggers", "stop_conditions", "escalation_triggers", "reversal_signals", "options"}
    for name in FrameShape.model_fields:
        if name not in elsewhere:
            assert renamed.get(name, name) in document
    assert document["schema"] == SCHEMA
    assert document["title"] == written.decision
    assert document["owner"] == {"name": "E-01", "role": "director North and Far East"}
    assert [o["id"] for o in document["options"]] == ["status-quo", "moderate"]
    assert document["risks"][0] == written.risks[0].model_dump()


def test_every_move_is_in_it_with_its_verdict_and_reasons() -> None:
    moves = {m["account"]: m for m in sample().document["moves"]}
    assert len(moves) == 26
    assert moves["A-2079"]["verdict"] == "deny"
    assert moves["A-2079"]["decisive"] == ["R02"]
    (cooldown,) = [f for f in moves["A-2079"]["fired"] if f["rule"] == "R02"]
    assert cooldown["parameters"]["cooldown"]["value"] == "180 days"
    verdicts = sample().document["options"][1]["verdicts"]
    for word, count in verdicts.items():
        assert sum(m["verdict"] == word for m in moves.values()) == count


def test_an_option_that_moves_nothing_has_no_moves_no_credit_and_no_protection() -> None:
    made = decision_document(
        "DR-2026-001", sample().frame, sample().found, chosen="status-quo", decided={}, approvals=[], waivers=[]
    )
    assert (made["moves"], made["credit"], made["protections"]) == ([], None, [])


def test_the_baseline_holds_the_spread_as_a_ratio() -> None:
    assert sample().document["baseline"]["attainment_spread"] == {"n": "757", "d": "1055"}


def test_a_condition_stands_as_written_with_its_value_at_commit() -> None:
    conditions = {c["id"]: c for c in sample().document["conditions"]}
    assert conditions["S2"] == {
        "id": "S2",
        "list": "stop_conditions",
        "effect": "stop",
        "text": "the T4Q attainment spread is above its value at commit",
        "when": "company.attainment_spread > baseline.attainment_spread",
        "at_commit": "attainment spread 71.75 points",
    }


def test_the_snapshot_it_rests_on_is_named_by_hashes() -> None:
    said = sample().document["snapshot"]
    assert said["as_of"] == "2026-06-30"
    assert all(re.fullmatch("[0-9a-f]{64}", d["sha256"]) for d in said["data_sets"])


def test_a_trigger_in_report_mode_is_told_as_such() -> None:
    found = sample().found
    evaluation = found.audit.company_evaluation
    rules = tuple(replace(r, mode=Mode.REPORT) if r.id == "T1" else r for r in evaluation.question.rules)
    reporting = replace(evaluation, question=replace(evaluation.question, rules=rules))
    changed = replace(found, audit=replace(found.audit, company_evaluation=reporting))
    titles = {c["rule"]: c["title"] for c in document_of(frame(), changed)["audit"]["considered"]}
    assert [rule for rule, title in titles.items() if title.endswith(" (report only)")] == [
        r.id for r in rules if r.mode is Mode.REPORT
    ]
    assert titles["T1"].endswith(" (report only)")
