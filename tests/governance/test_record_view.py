"""What a record shows is the document's, and nothing is left out or made up on the way."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from governance.record import record_html
from governance.record_content import Chart, LedgerPosition, RecordContent, Signer, Verdict
from governance.record_view import attainment_rows, content_of
from tests.governance.sample_decision import JUNE, sample, snapshot

AT = datetime(2026, 7, 3, 9, 0, tzinfo=UTC)
POSITION = LedgerPosition("merestone/ostrevale", 5, 6, "merestone/ostrevale\n6\nq3Zt\n\n— merestone/ostrevale AA==\n")


def view(document: dict[str, Any] | None = None, chart: Chart | None = None) -> RecordContent:
    return content_of(
        document or sample().document,
        framed_on=date(2026, 7, 1),
        committed_at=AT,
        position=POSITION,
        signer=Signer("Ostrevale Weighing", "5d41"),
        chart=chart,
    )


@pytest.fixture(scope="module")
def content() -> RecordContent:
    return view()


def test_the_head_says_what_was_decided_by_whom_and_on_what(content: RecordContent) -> None:
    assert (content.id, content.title) == ("DR-2026-001", "Rebalance the North and the Far East")
    assert content.owner == "E-01, director North and Far East"
    assert content.decision == "Move 26 accounts inside today's territories, effective 2026-08-03."
    assert (content.framed, content.committed, content.as_of) == ("2026-07-01", "2026-07-03", "2026-06-30")
    assert content.rationale == "the spread lasts"


def test_the_spread_is_shown_as_points_with_its_limit(content: RecordContent) -> None:
    spread = content.key_figures[0]
    assert (spread.value, spread.note) == ("71.75 points", "trigger above 30.00 points")


def test_a_figure_that_nobody_knows_is_called_unknown() -> None:
    document = {**sample().document, "baseline": {}}
    assert [f.value for f in view(document).key_figures[:2]] == ["unknown", "unknown"]


def test_every_move_that_is_not_simply_allowed_is_shown_with_its_reason(content: RecordContent) -> None:
    moves = {m["account"]: m for m in sample().document["moves"]}
    not_allowed = {a for a, m in moves.items() if m["verdict"] != "allow"}
    assert len(content.moves) == len(not_allowed)
    (held,) = [m for m in content.moves if "A-1274" in m.account]
    assert held.verdict is Verdict.HOLD
    assert held.reasons == ("R05 renewal comes first",)
    assert held.detail == "until 2026-10-12"


def test_counts_are_those_of_the_document(content: RecordContent) -> None:
    counts = content.counts
    assert counts is not None
    assert counts.total == 26
    assert (counts.deny, counts.hold) == (5, 3)


def test_a_waived_rule_is_said_with_the_waiver() -> None:
    moves = [dict(m) for m in sample().document["moves"] if m["account"] == "A-1274"]
    moves[0]["fired"] = [{**f, "standing": "waived by W-1"} if f["rule"] == "R05" else f for f in moves[0]["fired"]]
    (row,) = view({**sample().document, "moves": moves}).moves
    assert "R05 waived by W-1" in row.note
    assert [reason for reason in row.reasons if reason.startswith("R05")] == []


def test_a_waiver_is_on_record_also_when_its_move_is_allowed() -> None:
    waiver = {"id": "W-1", "rule": "R02", "accounts": "A-2079", "by": "Ida Lind", "role": "vp-sales"}
    waiver |= {"reason": "the customer asked", "until": "2026-12-31", "on": "2026-07-03"}
    *_, said = view({**sample().document, "waivers": [waiver]}).approvals
    assert (said.name, said.when) == ("Ida Lind", "2026-07-03")
    assert said.role == "vp-sales, W-1 waives R02 for A-2079 until 2026-12-31: the customer asked"


def test_an_approval_of_some_moves_says_which() -> None:
    approval = {"by": "Jo", "role": "sales-ops", "on": "2026-07-03", "accounts": "A-1071 A-1078"}
    (said,) = view({**sample().document, "approvals": [approval]}).approvals
    assert said.role == "sales-ops, for A-1071 A-1078"


def test_totals_of_few_people_are_withheld_and_said_to_be(content: RecordContent) -> None:
    assert [(p.rule, p.people, p.total) for p in content.protections if p.people] == [
        ("CP1", 2, "withheld"),
        ("CP2", 1, "withheld"),
    ]


def test_a_total_of_many_is_money_in_its_currency() -> None:
    row = {**sample().document["protections"][0], "people": 7, "unknown": 0, "total": "1234567", "withheld": False}
    (shown,) = view({**sample().document, "protections": [row]}).protections
    assert shown.total == "12,345.67 EUR"


def test_a_total_that_nobody_knows_is_unknown() -> None:
    row = {**sample().document["protections"][0], "people": 7, "total": "", "withheld": False}
    (shown,) = view({**sample().document, "protections": [row]}).protections
    assert shown.total == "unknown"


def test_every_condition_of_the_decision_is_shown_with_its_value_at_commit(content: RecordContent) -> None:
    shown = (
        *content.review_triggers,
        *content.stop_conditions,
        *content.reversal_signals,
        *content.escalation_triggers,
    )
    assert {c.id for c in shown} == {"V1", "S1", "S2", "X1", "E1"}
    assert content.stop_conditions[1].value == "attainment spread 71.75 points"


def test_operating_reviews_are_scheduled(content: RecordContent) -> None:
    assert [r.when for r in content.reviews] == ["2026-09-02", "2026-10-02", "2026-11-01"]


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("rebalance", "The data asked for it: the audit answers rebalance."),
        ("none", "The data did not ask for it: the audit answers none. It was asked for by P-07."),
        ("unknown", "Nobody can say from this data whether a rebalance is due; it was asked for by P-07."),
    ],
)
def test_the_record_says_honestly_whether_data_or_somebody_asked(outcome: str, words: str) -> None:
    audit = {**sample().document["audit"], "outcome": outcome}
    assert view({**sample().document, "audit": audit}).request_kind == words


def test_a_veto_is_said_with_what_it_defeated(content: RecordContent) -> None:
    findings = {n.rule: n.finding for n in content.non_triggers}
    assert findings["N3"].startswith("defeated TR: ")
    assert findings["N1"] == "does not hold"


def test_reps_stand_in_the_chart_by_attainment_and_only_those_who_count() -> None:
    rows = attainment_rows(sample().document)
    shares = [float(r["t4q"]) for r in rows]
    assert shares == sorted(shares, reverse=True)
    assert all(r["counted"] for r in rows)


def test_nobodys_pay_is_on_its_pages(content: RecordContent, templates: Path) -> None:
    """Neither a payroll row nor a guarantee of the sample company, in whatever way its digits are grouped."""
    html = record_html(content, decision_json=b"{}", templates=templates)
    text = re.sub(r"<svg.*?</svg>|<style.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)
    shown = {re.sub(r"[.,\s\u00a0\u202f]", "", n) for n in re.findall(r"\d[\d.,\u00a0\u202f]*", text)}
    with snapshot(JUNE) as (db, _):
        rows = db.rows("SELECT commission, earnings FROM compensation")
    pay = {str(v) for row in rows for v in row if v is not None and int(v) >= 10_000}
    assert len(pay) > 300
    assert shown & (pay | {"3887280", "683640", "227880", "647880"}) == set()
    assert "withheld" in text


def test_the_same_document_gives_the_same_record(content: RecordContent) -> None:
    assert view() == content


def lacking(account: str, *rules: str) -> dict[str, Any]:
    """A move on hold because nobody can say what these rules would say."""
    unknown = {"title": "a rule", "truth": "unknown", "message": "", "standing": "counts", "until": ""}
    fired = [{**unknown, "rule": r, "missing": [f"no {r}"]} for r in rules]
    said = {"account": account, "name": "", "from_rep": "E-1", "to_rep": "E-2", "effective": "2026-08-03"}
    return {**said, "verdict": "hold", "unknown": True, "decisive": [], "fired": fired, "owed": [], "missing_roles": []}


@pytest.mark.parametrize(("moves", "shared"), [(9, ()), (10, ("R03 a rule: unknown, no R03",))])
def test_what_is_unknown_for_every_one_of_many_moves_is_said_once(moves: int, shared: tuple[str, ...]) -> None:
    listed = [lacking(f"A-{i}", "R03", *(["R05"] if i % 2 else [])) for i in range(moves)]
    content = view({**sample().document, "moves": listed})
    assert content.shared_reasons == shared
    odd = ("R05 a rule: unknown, no R05",)
    rest = () if shared else ("R03 a rule: unknown, no R03",)
    assert [m.reasons for m in content.moves] == [rest + (odd if i % 2 else ()) for i in range(moves)]
