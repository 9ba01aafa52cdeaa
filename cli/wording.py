"""Outcomes and clauses as JSON and as rows and trees for a terminal; the same words for every verb."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from rich.text import Text
from rich.tree import Tree

from cli.answer import coloured
from engine.conditions.condition_case import Clause
from engine.evaluate import Question
from engine.explain import Explained
from engine.inference.logic import Truth
from engine.outcome import Consent, Fired, Outcome, Owed
from engine.rule_standing import REPORT_ONLY
from governance.move_words import fired_facts
from rules.kinds import Kind, shown


def outcome_document(outcome: Outcome) -> dict[str, Any]:
    """One subject's outcome."""
    c = outcome.conclusion
    return {
        "subject": outcome.subject.value,
        "id": outcome.id,
        "outcome": outcome.word,
        "fired": [fired_document(f) for f in outcome.fired],
        "defeated": [{"rule": d.of, "by": d.by, "how": d.how} for d in c.defeated],
        "contested": [{"rule": d.of, "by": d.by} for d in c.contested],
        "may_rise": [{"to": level, "rule": rule} for _, level, rule in c.may_rise],
        "owed": [_owed_document(owed) for owed in outcome.owed],
        "approvals": [_consent_document(consent) for consent in outcome.consents],
        "missing_approvals": [{"rule": r, "role": role} for r, role in c.missing],
        "conflicts": [{"question": q, "rules": [a, b]} for q, a, b in c.conflicts],
        "reported": [f.rule.id for f in outcome.fired if f.standing == REPORT_ONLY],
    }


def _owed_document(owed: Owed) -> dict[str, Any]:
    return {
        "rule": owed.rule,
        "obligation": owed.obligation,
        "how": owed.how,
        "owner": owed.owner,
        "due": owed.due.isoformat() if owed.due else "",
        "waiting_for": owed.waiting,
        "to": owed.to,
    }


def _consent_document(consent: Consent) -> dict[str, Any]:
    return {
        "rule": consent.rule,
        "needed": consent.needed,
        "roles": [{"role": r.role, "person": r.person, "unknown": r.unknown} for r in consent.roles],
        "given": list(consent.given),
        "missing": list(consent.missing),
    }


def demands(outcome: Outcome, *, people: bool = True) -> list[str]:
    """What the outcome asks of people, and what contradicts itself in it, a line each; `people` beside their roles."""
    wanting = [consent for consent in outcome.consents if consent.missing]
    given = {consent.rule: f" (given: {', '.join(consent.given)})" if consent.given else "" for consent in wanting}
    return [
        *(
            f"conflict: {one} and {other} contradict each other on {question}; no rule settles which of them prevails"
            for question, one, other in outcome.conclusion.conflicts
        ),
        *dict.fromkeys(f"approval needed: {c.words if people else c.role_words}{given[c.rule]}" for c in wanting),
    ]


def fired_document(fired: Fired) -> dict[str, Any]:
    """One rule that fired, with effect and sources."""
    return {
        **fired_facts(fired),
        "effect": fired.rule.effect.value,
        "mode": fired.rule.mode.value,
        "would": fired.would,
        "severity": fired.rule.severity.value,
        "owner": fired.rule.owner,
        "source": fired.rule.source,
        "assumption": fired.rule.assumption,
    }


def fired_row(fired: Fired) -> tuple[str | Text, ...]:
    """rule, is, effect, standing, numbers."""
    state = "true" if fired.truth is Truth.TRUE else "unknown"
    words = ", ".join(fired.missing) if fired.missing else fired.message
    effect = Text(fired.would, style="dim") if fired.would else coloured(fired.rule.effect.value)
    return (fired.rule.id, Text(state, style="magenta" if state == "unknown" else ""), effect, fired.standing, words)


def explained_document(found: Explained, question: Question) -> dict[str, Any]:
    """One rule on one subject with all its clauses, and its parameters with the day they came into force."""
    counted = found.counted
    return {
        "rule": found.rule.id,
        "title": found.rule.title,
        "truth": {True: "true", False: "false", None: "unknown"}[found.truth],
        "parameters": {
            p.name: {"value": p.shown, "since": question.parameters[p.name].start.isoformat(), "source": p.source}
            for p in found.parameters
        },
        "counted": None
        if counted is None
        else {"at_least": counted.at_least, "true": list(counted.true), "unknown": list(counted.unknown)},
        "clauses": _clause_document(found.clause, question.minor_digits) if found.clause else None,
    }


def _clause_document(clause: Clause, minor_digits: int) -> dict[str, Any]:
    return {
        "text": clause.text,
        "value": _value(clause, minor_digits),
        "matters": clause.matters,
        "missing": list(clause.missing),
        "clauses": [_clause_document(c, minor_digits) for c in clause.children],
    }


def _value(clause: Clause, minor_digits: int) -> str:
    if clause.kind is Kind.BOOL:
        return (
            {True: "true", False: "false"}.get(clause.value, "unknown") if isinstance(clause.value, bool) else "unknown"
        )
    return shown(clause.value, clause.kind, clause.unit, minor_digits=minor_digits, of=clause.of)


NO_REMARKS: Mapping[str, str] = MappingProxyType({})


def clause_tree(tree: Tree, clause: Clause, minor_digits: int, remarks: Mapping[str, str] = NO_REMARKS) -> None:
    """Hang a clause and its parts on a tree, each with its value, and with a remark on names that have one."""
    value = _value(clause, minor_digits)
    style = {"true": "green", "false": "dim", "unknown": "magenta"}.get(value, "cyan")
    text = Text(clause.text).append("  ").append(value, style=style)
    if remark := remarks.get(clause.text):
        text.append(f", {remark}", style="dim")
    branch = tree.add(text)
    for child in clause.children:
        clause_tree(branch, child, minor_digits, remarks)
