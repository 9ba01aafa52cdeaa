"""A decision record to test with: content of a made-up company, as rendered, signed and checked files."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from governance.chart import RepAttainment, attainment_chart
from governance.record import render_record
from governance.record_content import (
    Approval,
    Assumption,
    Condition,
    CreditTotals,
    Finding,
    KeyFigure,
    LedgerPosition,
    ManifestRow,
    MoveRow,
    NextStep,
    NonTrigger,
    Objection,
    OptionRow,
    PolicyRow,
    ProtectionTotals,
    RecordContent,
    ReviewDay,
    Risk,
    Signer,
    TriggerEvidence,
    Verdict,
    VerdictCounts,
)
from governance.record_key import RecordKey, create_record_key
from governance.signing import sign_record

collect_ignore = [] if "VERAPDF" in os.environ else ["test_record_verapdf.py"]

AT = datetime(2026, 11, 20, 16, 5, 9, tzinfo=UTC)
PROOF = "c2sp.org/tlog-proof@v1\nindex 1204\n"
DECISION = b'{"decision":"DR-2026-0042","status":"committed"}'

ACCOUNTS = (
    "Ferreira & Filhos",
    "株式会社山田製作所",
    "Société Générale d’Équipement",
    "Zażółć Logistyka",
    "Åkesson Marin",
    "O’Neill Freight",
    "北陸機械工業",
    "Müller Antriebstechnik",
    "Peña Hermanos",
    "Đurić Grupa",
    "Kowalski Stal",
    "髙島屋物流",
    "Acme Robotics",
    "Nordwind Energie",
    "Île-de-France Santé",
    "Brightwater Labs",
    "Tanaka 精密",
    "Çelik Makina",
    "Harbour & Sons",
    "Øresund Shipping",
)
REPS = (
    "Ana Ferreira",
    "Søren Dahl",
    "上田 真由美",
    "Zoë O’Brien",
    "Jürgen Weiß",
    "髙橋 健",
    "Łukasz Nowak",
    "María Peña",
    "佐藤 翔",
    "Kwame Mensah",
)

MANY = (
    (Verdict.DENY, ("R02 cooldown of 180 days",), "", 3),
    (Verdict.HOLD, ("R11 outside the move window",), "", 4),
    (Verdict.APPROVAL, ("R07 utilisation above 1.2",), "approved by both managers", 2),
    (Verdict.HOLD, ("R05 renewal within 60 days",), "", 3),
    (Verdict.APPROVAL, ("R03 anchored relationship", "R08 more than 10 accounts"), "waived by VP Sales, W-7", 2),
    (Verdict.UNKNOWN, ("R14 relationships unknown",), "", 2),
    (Verdict.DENY, ("R09 parent and children apart",), "", 2),
    (Verdict.DENY, ("R01 size segment",), "", 1),
)


def some_moves(count: int) -> tuple[MoveRow, ...]:
    """That many moves that were not allowed, spread over eight reasons and, past them, single ones."""
    moves = []
    cycle = [(v, r, n) for v, r, n, weight in MANY for _ in range(weight)]
    for i in range(count):
        verdict, reasons, note = cycle[i * 7 % len(cycle)]
        if i % 17 == 16:
            reasons = (f"R{i % 5 + 15} case of its own, {i} days",)
        account = ACCOUNTS[i % len(ACCOUNTS)] + (f" {i // len(ACCOUNTS) + 1}" if i >= len(ACCOUNTS) else "")
        detail = f"until 2027-01-{i % 28 + 1:02}" if reasons[0].startswith("R05") else ""
        moves.append(
            MoveRow(account, REPS[i % 10], REPS[(i * 3 + 1) % 10], verdict, reasons, note, detail),
        )
    return tuple(moves)


@pytest.fixture(scope="session")
def templates(project: Path) -> Path:
    """The folder of templates, styles and fonts."""
    return project / "templates"


@pytest.fixture(scope="session")
def small_content() -> RecordContent:
    """The least that a record may say."""
    return RecordContent(
        id="DR-2026-0007",
        title="Keep the north as it is",
        question="Does one weak quarter call for a rebalance?",
        status="committed",
        committed_at=AT,
        framed="2026-11-02",
        committed="2026-11-20",
        as_of="2026-10-31",
        effective="2026-11-20",
        owner="Ana Ferreira",
        decision="The northern territories stay as they are until the review of 2027-02-18.",
    )


def full(moves: int, templates: Path) -> RecordContent:
    """A record with every section, and that many moves that were not simply allowed."""
    rows = some_moves(moves)
    by = {verdict: sum(row.verdict is verdict for row in rows) for verdict in Verdict}
    counts = VerdictCounts(212, by[Verdict.APPROVAL], by[Verdict.HOLD], by[Verdict.DENY], by[Verdict.UNKNOWN])
    reps = [
        RepAttainment(name, Fraction(620 + i * 83, 1000), Fraction(700 + (i * 370) % 610, 1000))
        for i, name in enumerate(REPS)
    ]
    chart = attainment_chart(reps, low=Fraction(7, 10), high=Fraction(13, 10), fonts=templates / "fonts")
    return RecordContent(
        id="DR-2026-0042",
        title="Rebalance the Kantō and northern territories",
        question="Should accounts move between ten territories before the new year, and which ones?",
        status="committed",
        committed_at=AT,
        framed="2026-11-02",
        committed="2026-11-20",
        as_of="2026-10-31",
        effective="2027-01-04",
        owner="María Peña, sales operations",
        decision="We move 212 accounts between ten territories on 4 January 2027, keep the ones listed below where "
        "they are, and stop if attainment of any giving territory falls below 60 % of plan.",
        horizon="four quarters",
        objective="Bring every rep’s trailing attainment between 70 and 130 % without a new hire.",
        scope="Field sales, Kantō and northern Europe; named accounts excluded.",
        success_metrics=(
            "Attainment spread below 25 points by the end of the second quarter of 2027",
            "A coverage at 100 %, B at 80 % within 90 days of handoff",
        ),
        key_figures=(
            KeyFigure("Attainment spread", "74.7 points", "trigger above 30"),
            KeyFigure("Accounts moving", "212", "of 1,840 in scope"),
            KeyFigure("Fairness", "86.4 %", "passes above 80 %"),
            KeyFigure("Protection cost", "€ 184,210", "nine people, two quarters"),
        ),
        rationale="The spread has stayed above thirty points for three quarters and no single rep explains it. Moving "
        "the long tail of 上田 真由美’s book to two territories with free capacity repairs four of the six balance "
        "metrics and leaves every anchored relationship where it is.",
        recommendation="Moderate rebalance, the option with the best trade-off for any weight of speed below 30/41.",
        deviation="The move date is one month later than recommended, so that year-end renewals close with the present "
        "owners.",
        constraints=(
            "No customer loses its owner and its manager in the same quarter",
            "Enterprise handoffs take six weeks",
        ),
        options=(
            OptionRow("Status quo", "Nothing moves.", "70.2", "74.7", "79.9", "no moves"),
            OptionRow("A Maintain", "Only leavers’ books move.", "58.0", "61.3", "66.8", "31 allow · 4 hold"),
            OptionRow(
                "B Moderate",
                "Long tails move to territories with free capacity; strategic relationships stay.",
                "21.4",
                "24.9",
                "31.0",
                f"212 allow · {counts.approval} approval · {counts.hold} hold · {counts.deny} deny",
                chosen=True,
                recommended=True,
            ),
            OptionRow(
                "C Redesign",
                "New boundaries by potential.",
                "14.0",
                "19.5",
                "33.2",
                "604 allow · 88 approval · 140 hold · 61 deny",
            ),
        ),
        range_heading="Attainment spread after four quarters, points",
        trade_off="B gives up 5.4 points of spread against C and touches a third of the accounts; C wins once speed "
        "weighs less than 11/41.",
        risks=(
            Risk(
                "Poor data quality: potential of 112 accounts is a proxy",
                "Labelled wherever it appears; audited by 2026-12-15",
            ),
            Risk("Slow execution over the year end", "Announced by 2026-11-24; weekly list of open obligations"),
            Risk(
                "Customers feel handed around",
                "Old owner introduces the new one on the line; A accounts get two joint calls",
            ),
        ),
        criteria=("Fairness before speed, 2 to 1", "No option that breaks a hard rule", "Protection below € 250,000"),
        next_steps=(
            NextStep("Announce to all ten reps", "María Peña", "2026-11-24"),
            NextStep("Joint calls for A accounts", "giving reps", "2026-12-18"),
            NextStep("Change owners in the CRM", "sales operations", "2027-01-04"),
        ),
        triggers=(
            TriggerEvidence(
                "T1", "Attainment spread above 30 points", "true", "rebalance", "136.7 − 62.0 = 74.7 points"
            ),
            TriggerEvidence("T1q", "Latest quarter’s spread above 30 points", "true", "review", "60.0 points", "N1"),
            TriggerEvidence("T3", "Joined or left above 10 % in 90 days", "false", "none", "1 of 18 = 5.6 %"),
            TriggerEvidence("T8", "Three drift indicators at once", "unknown", "unknown", "2 true, 2 unknown of 6"),
        ),
        non_triggers=(
            NonTrigger("N1", "One bad quarter", "holds: earlier T4Q 28.1 points; defeats T1q, not T1"),
            NonTrigger("N2", "One underperforming rep", "does not hold: 58.4 points without the lowest"),
            NonTrigger("N3", "Pressure from one stakeholder", "does not hold: T1 stands on its own"),
        ),
        request_kind="Asked for by the data: the audit of 2026-10-31 fired T1 before anybody requested a change.",
        counts=counts,
        moves=rows,
        held_credit=CreditTotals(
            14,
            "€ 1,204,300.00",
            (
                KeyFigure("11 until 2027-04-04", "€ 902,300.00", "90 days"),
                KeyFigure("3 extended", "€ 302,000.00", "with evidence"),
            ),
        ),
        protections=(
            ProtectionTotals("CP1", "First quarter commission", 9, "€ 61,010.00", "2027-03-31"),
            ProtectionTotals("CP2", "Guarantee, six months", 4, "€ 123,200.00", "2027-06-30"),
            ProtectionTotals("CP3", "Individual review", 2, "–", "2026-12-08"),
        ),
        review_triggers=(
            Condition("RT1", "Market growth of Kantō differs from 4.0 % by two points", "4.0 %"),
            Condition("RT2", "Attainment spread above 30 points in any quarter", "74.7 points"),
        ),
        stop_conditions=(Condition("SC1", "Attainment of a giving territory below 60 % of plan", "94.1 %"),),
        reversal_signals=(Condition("RS1", "TAM CV stays at 20 % or more after handoff: redesign", "23.8 %"),),
        escalation_triggers=(Condition("ET1", "A review is more than ten business days late", "0"),),
        reviews=(
            ReviewDay("2027-02-03", "Day 30: handoffs and pipeline", "María Peña"),
            ReviewDay("2027-03-05", "Day 60: quota progress", "María Peña"),
            ReviewDay("2027-04-04", "Day 90: continue, adapt or stop", "VP Sales"),
        ),
        assumptions=(
            Assumption(
                "Moved accounts keep 95 % of their revenue (85 to 100 %)", "sales operations", "monthly, from T12"
            ),
            Assumption("Market growth: Kantō 4.0 %, north 2.5 %", "finance", "quarterly, from the plan"),
            Assumption("Two quarters of cooldown; the handbook is silent since the merger", "VP Sales", "yearly"),
        ),
        manifest=(
            ManifestRow("Territory definitions", 10, "2026-10-31", "sales operations", "measured", "9f2c4e07ab31"),
            ManifestRow("Assignments", 1840, "2026-10-31", "sales operations", "measured", "1d0b77c95e20"),
            ManifestRow(
                "T12 revenue by account and month", 22_080, "2026-10-31", "finance", "measured", "c46a90d2f718"
            ),
            ManifestRow("Account potential", 1840, "2026-09-30", "marketing", "proxy", "5be1130f66a9"),
            ManifestRow("Capacity", 18, "2026-10-31", "sales operations", "proxy", "a07f34c2d8b5"),
            ManifestRow("Attainment by quarter", 72, "2026-10-31", "compensation", "measured", "e8835c1f904d"),
        ),
        findings=(Finding("accounts without an owner", 12), Finding("accounts that two territories claim", 3)),
        crediting_convention="Revenue is credited to the account’s owner; house sales are nobody’s.",
        policies=(
            PolicyRow("rebalance-triggers", "2026-02-01", "30fa9b1c77de"),
            PolicyRow("account-moves", "2026-02-01", "b1d2c3e4f506"),
            PolicyRow("grandfathering", "2025-07-01", "77aa0c19e3f2"),
            PolicyRow("compensation-protection", "2026-02-01", "0c9d8e7f6a5b"),
        ),
        approvals=(
            Approval("Zoë O’Brien", "VP Sales", "2026-11-19"),
            Approval("Jürgen Weiß", "manager, north", "2026-11-18"),
            Approval("佐藤 翔", "manager, Kantō", "2026-11-19"),
        ),
        objections=(
            Objection("Jürgen Weiß", "Year-end renewals would change hands", "Effective date moved to January"),
        ),
        ledger=LedgerPosition(
            "decisions.example.com/ledger",
            1204,
            1205,
            "decisions.example.com/ledger\n1205\nq3Zt8mH0dYyQ2t0nXK0l1n3pRkS1u7bCwD0oQm6V9aE=\n\n"
            "— decisions.example.com/ledger "
            "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=",
        ),
        signer=Signer(
            "Example Instruments, sales operations", "5d41402abc4b2a76b9719d911017c592ae4f1c2b7d3e9a0855b6c7d8e9f00112"
        ),
        chart=chart,
    )


@pytest.fixture(scope="session")
def content_of(templates: Path) -> Callable[[int], RecordContent]:
    """Makes a full record with so many moves that were not simply allowed."""
    return lambda moves: full(moves, templates)


@pytest.fixture(scope="session")
def unsigned(content_of: Callable[[int], RecordContent], templates: Path) -> bytes:
    """A rendered record with 30 moves."""
    return render_record(content_of(30), decision_json=DECISION, proof=PROOF, templates=templates)


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> RecordKey:
    """A record key without a passphrase."""
    return create_record_key(tmp_path_factory.mktemp("keys"), "Example Instruments", AT, None)


@pytest.fixture(scope="session")
def signed(unsigned: bytes, key: RecordKey) -> bytes:
    """The same record, signed."""
    return sign_record(unsigned, key, at=AT, reason="Decision DR-2026-0042")
