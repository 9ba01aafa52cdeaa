"""A record is a view of the ledger: from the committed document and its position to what the pages show.

Nothing is computed here but counts and words; every number comes from the document, so that two people who render the
same entry see the same record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from governance.record_content import (
    Approval,
    Assumption,
    Chart,
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
from governance.review_facts import review_days

Document = Mapping[str, Any]
UNKNOWN = ": unknown, "
LEAST_SHARED = 10
"""Moves from which on their shared reasons are said once."""
SHORT = 12
"""Hexadecimal digits of a hash that a page shows; the whole one is in the attached document."""


def content_of(
    document: Document,
    *,
    framed_on: date,
    committed_at: datetime,
    position: LedgerPosition,
    signer: Signer,
    chart: Chart | None,
) -> RecordContent:
    """What the record of a committed decision shows."""
    chosen = next(o for o in document["options"] if o["id"] == document["chosen"])
    recommended = next(o for o in document["options"] if o["id"] == document["recommendation"])
    owner = document["owner"]
    moves = tuple(_move(m) for m in document["moves"] if m["verdict"] != "allow")
    shared = _shared_reasons(moves)
    return RecordContent(
        id=document["id"],
        title=document["title"],
        question=document["question"],
        status="committed",
        committed_at=committed_at,
        framed=framed_on.isoformat(),
        committed=committed_at.date().isoformat(),
        as_of=document["snapshot"]["as_of"],
        effective=document["effective"],
        owner=f"{owner['name']}, {owner['role']}",
        decision=f"{chosen['name']}, effective {document['effective']}.",
        horizon=document["horizon"],
        objective=document["objective"],
        scope=document["scope"],
        success_metrics=tuple(document["success_metrics"]),
        key_figures=_key_figures(document),
        rationale=document["decided"]["rationale"],
        recommendation=recommended["name"],
        deviation=document["decided"]["deviation"],
        constraints=tuple(document["constraints"]),
        options=tuple(_option(o, document) for o in document["options"]),
        trade_off=document["trade_off"],
        risks=tuple(Risk(r["risk"], r["mitigation"]) for r in document["risks"]),
        criteria=tuple(document["criteria"]),
        next_steps=tuple(NextStep(s["what"], s["who"], s["when"]) for s in document["next_steps"]),
        triggers=_triggers(document),
        non_triggers=_non_triggers(document),
        request_kind=_request_kind(document),
        counts=_counts(document),
        shared_reasons=shared,
        moves=tuple(replace(m, reasons=tuple(r for r in m.reasons if r not in shared)) for m in moves),
        held_credit=_credit(document),
        protections=tuple(_protection(p, document) for p in document["protections"]),
        review_triggers=_conditions(document, "review_triggers"),
        stop_conditions=_conditions(document, "stop_conditions"),
        reversal_signals=_conditions(document, "reversal_signals"),
        escalation_triggers=_conditions(document, "escalation_triggers"),
        reviews=_reviews(document),
        assumptions=tuple(Assumption(a["text"], a["owner"], a["update"]) for a in document["assumptions"]),
        manifest=tuple(
            ManifestRow(d["table"], d["rows"], d["as_of"], d["owner"], d["grade"], d["sha256"][:SHORT])
            for d in document["snapshot"]["data_sets"]
        ),
        findings=tuple(Finding(f["message"], f["count"]) for f in document["snapshot"]["findings"]),
        crediting_convention=document["snapshot"]["crediting"],
        policies=tuple(
            PolicyRow(p["name"], document["snapshot"]["as_of"], p["sha256"][:SHORT]) for p in document["policies"]
        ),
        approvals=(*(_approval(a) for a in document["approvals"]), *(_waiver(w) for w in document["waivers"])),
        objections=tuple(Objection(o["reviewer"], o["objection"], o["change"]) for o in document["objections"]),
        ledger=position,
        signer=signer,
        chart=chart,
    )


def _approval(said: Mapping[str, str]) -> Approval:
    some = f", for {said['accounts']}" if said["accounts"] else ""
    return Approval(said["by"], said["role"] + some, said["on"])


def _waiver(said: Mapping[str, str]) -> Approval:
    """A waiver stands among the approvals: a move that it lets pass is counted as allowed, and listed nowhere else."""
    what = f"waives {said['rule']} for {said['accounts'] or 'the decision'} until {said['until']}: {said['reason']}"
    return Approval(said["by"], f"{said['role']}, {said['id']} {what}", said["on"])


def _key_figures(document: Document) -> tuple[KeyFigure, ...]:
    fired = {f["rule"]: f for f in document["audit"]["fired"]}
    spread = _ratio_points(document["baseline"].get("attainment_spread"))
    quarter = _ratio_points(document["baseline"].get("attainment_spread_quarter"))
    counts = _counts(document)
    limit = next((p["value"] for f in fired.values() for n, p in f["parameters"].items() if n == "spread_limit"), "")
    return (
        KeyFigure("T4Q attainment spread", spread, f"trigger above {limit}" if limit else ""),
        KeyFigure("Latest quarter's spread", quarter, ""),
        KeyFigure("Audit outcome", document["audit"]["outcome"], f"{len(document['audit']['vetoes'])} vetoes"),
        KeyFigure(
            "Proposed moves",
            f"{counts.total}" if counts else "0",
            f"{counts.allow} allowed as they stand" if counts else "",
        ),
    )


def _ratio_points(raw: Any) -> str:
    if not isinstance(raw, Mapping):
        return "unknown"
    return f"{(Decimal(int(raw['n'])) * 100 / Decimal(int(raw['d']))).quantize(Decimal('0.01'))} points"


def _option(option: Mapping[str, Any], document: Document) -> OptionRow:
    verdicts = " · ".join(f"{n} {word}" for word, n in reversed(list(option["verdicts"].items())) if n)
    return OptionRow(
        name=option["name"],
        summary=option["summary"],
        verdicts=verdicts,
        chosen=option["id"] == document["chosen"],
        recommended=option["id"] == document["recommendation"],
    )


def _triggers(document: Document) -> tuple[TriggerEvidence, ...]:
    fired = {f["rule"]: f for f in document["audit"]["fired"]}
    return tuple(
        TriggerEvidence(
            c["rule"],
            c["title"],
            c["state"],
            c["outcome"],
            _said(fired.get(c["rule"])),
            fired[c["rule"]]["standing"].removeprefix("defeated by ") if _is_defeated(fired.get(c["rule"])) else "",
        )
        for c in document["audit"]["considered"]
        if c["kind"] == "trigger"
    )


def _is_defeated(fired: Mapping[str, Any] | None) -> bool:
    return fired is not None and str(fired["standing"]).startswith("defeated by ")


def _said(fired: Mapping[str, Any] | None) -> str:
    if fired is None:
        return ""
    return "; ".join(fired["missing"]) if fired["missing"] else str(fired["message"])


def _non_triggers(document: Document) -> tuple[NonTrigger, ...]:
    vetoed: dict[str, list[str]] = {}
    for veto in document["audit"]["vetoes"]:
        vetoed.setdefault(veto["by"], []).append(veto["of"])
    fired = {f["rule"]: f for f in document["audit"]["fired"]}

    def finding(considered: Mapping[str, Any]) -> str:
        rule = considered["rule"]
        if rule in vetoed:
            return f"defeated {', '.join(vetoed[rule])}: {_said(fired.get(rule))}"
        words = {"true": "holds, but nothing it names fired", "unknown": f"unknown: {_said(fired.get(rule))}"}
        return words.get(considered["state"], "does not hold")

    return tuple(
        NonTrigger(c["rule"], c["title"], finding(c))
        for c in document["audit"]["considered"]
        if c["kind"] == "non_trigger"
    )


def _request_kind(document: Document) -> str:
    outcome = document["audit"]["outcome"]
    if outcome in ("review", "rebalance"):
        return f"The data asked for it: the audit answers {outcome}."
    if outcome == "unknown":
        return f"Nobody can say from this data whether a rebalance is due; it was asked for by {document['requester']}."
    return f"The data did not ask for it: the audit answers {outcome}. It was asked for by {document['requester']}."


def _counts(document: Document) -> VerdictCounts | None:
    moves = document["moves"]
    if not moves:
        return None
    number = {word: sum(m["verdict"] == word for m in moves) for word in ("allow", "approval", "hold", "deny")}
    return VerdictCounts(**number)


def _move(move: Mapping[str, Any]) -> MoveRow:
    counting = [
        f for f in move["fired"] if f["standing"] == "counts" and f["rule"] not in {o["rule"] for o in move["owed"]}
    ]
    waived = [f"{f['rule']} {f['standing']}" for f in move["fired"] if f["standing"].startswith("waived")]
    reasons = tuple(_reason(f) for f in counting)
    notes = [*waived]
    if move["missing_roles"]:
        notes.append(f"needs {', '.join(move['missing_roles'])}")
    until = max((f["until"] for f in counting), default="")
    verdict = Verdict(move["verdict"]) if move["verdict"] != "allow" else Verdict.UNKNOWN
    name = f"{move['name']} ({move['account']})" if move["name"] else move["account"]
    return MoveRow(
        name, move["from_rep"], move["to_rep"], verdict, reasons, "; ".join(notes), f"until {until}" if until else ""
    )


def _shared_reasons(moves: Sequence[MoveRow]) -> tuple[str, ...]:
    """Unknown rules that every listed move has alike: said once, they leave room for what tells the moves apart."""
    if len(moves) < LEAST_SHARED:
        return ()
    common = set(moves[0].reasons).intersection(*(m.reasons for m in moves))
    return tuple(r for r in moves[0].reasons if r in common and UNKNOWN in r)


def _reason(fired: Mapping[str, Any]) -> str:
    if fired["truth"] == "unknown":
        return f"{fired['rule']} {fired['title']}{UNKNOWN}{', '.join(fired['missing'])}"
    return f"{fired['rule']} {fired['title']}"


def _credit(document: Document) -> CreditTotals | None:
    credit = document["credit"]
    if credit is None:
        return None
    held = credit.get("held", {"deals": 0, "total": "0"})
    others = tuple(
        KeyFigure(f"{row['deals']} {word}", _money(row["total"], document))
        for word, row in credit.items()
        if word != "held"
    )
    return CreditTotals(held["deals"], _money(held["total"], document), others)


def _protection(row: Mapping[str, Any], document: Document) -> ProtectionTotals:
    total = _money(row["total"], document) if row["total"] else "withheld" if row["withheld"] else "unknown"
    title = row["title"] + (f" ({row['unknown']} undecided)" if row["unknown"] else "")
    return ProtectionTotals(row["rule"], title, row["people"], total)


def _money(minor: str, document: Document) -> str:
    digits = document["snapshot"]["minor_digits"]
    return f"{Decimal(int(minor)).scaleb(-digits):,.{digits}f} {document['snapshot']['currency']}"


def _conditions(document: Document, listed: str) -> tuple[Condition, ...]:
    return tuple(Condition(c["id"], c["text"], c["at_commit"]) for c in document["conditions"] if c["list"] == listed)


def _reviews(document: Document) -> tuple[ReviewDay, ...]:
    owner = document["owner"]["name"]
    scheduled = [ReviewDay(day.isoformat(), f"operating review, day {n}", owner) for n, day in review_days(document)]
    return (*scheduled, *(ReviewDay(r["when"], r["what"], r["who"]) for r in document["reviews"]))


def attainment_rows(document: Document) -> Sequence[Mapping[str, Any]]:
    """Reps with a T4Q attainment, highest first, for the chart."""
    rows = [r for r in document["attainment"] if r["t4q"] and r["counted"]]
    return sorted(rows, key=lambda r: (-Decimal(r["t4q"]), r["rep"]))
