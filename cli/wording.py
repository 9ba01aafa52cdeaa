"""Outcomes and clauses as JSON and as rows and trees for a terminal; the same words for every verb."""

from typing import Any

from rich.text import Text
from rich.tree import Tree

from cli.answer import coloured
from engine.condition_case import Clause
from engine.explain import Explained
from engine.logic import Truth
from engine.outcome import Fired, Outcome
from governance.document import fired_facts
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
        "owed": [{"rule": r, "obligation": o, "how": how} for r, o, how in c.owed],
        "missing_approvals": [{"rule": r, "role": role} for r, role in c.missing],
        "conflicts": [{"question": q, "rules": [a, b]} for q, a, b in c.conflicts],
    }


def fired_document(fired: Fired) -> dict[str, Any]:
    """One rule that fired, with effect and sources."""
    return {
        **fired_facts(fired),
        "effect": fired.rule.effect.value,
        "source": fired.rule.source,
        "assumption": fired.rule.assumption,
    }


def fired_row(fired: Fired) -> tuple[str | Text, ...]:
    """rule, is, effect, standing, numbers."""
    state = "true" if fired.truth is Truth.TRUE else "unknown"
    words = ", ".join(fired.missing) if fired.missing else fired.message
    effect = coloured(fired.rule.effect.value)
    return (fired.rule.id, Text(state, style="magenta" if state == "unknown" else ""), effect, fired.standing, words)


def explained_document(found: Explained) -> dict[str, Any]:
    """One rule on one subject with all its clauses."""
    return {
        "rule": found.rule.id,
        "title": found.rule.title,
        "truth": {True: "true", False: "false", None: "unknown"}[found.truth],
        "clauses": _clause_document(found.clause) if found.clause else None,
    }


def _clause_document(clause: Clause) -> dict[str, Any]:
    return {
        "text": clause.text,
        "value": _value(clause),
        "missing": list(clause.missing),
        "clauses": [_clause_document(c) for c in clause.children],
    }


def _value(clause: Clause) -> str:
    if clause.kind is Kind.BOOL:
        return (
            {True: "true", False: "false"}.get(clause.value, "unknown") if isinstance(clause.value, bool) else "unknown"
        )
    return shown(clause.value, clause.kind, clause.unit)


def clause_tree(tree: Tree, clause: Clause) -> None:
    """Hang a clause and its parts on a tree, each with its value."""
    value = _value(clause)
    style = {"true": "green", "false": "dim", "unknown": "magenta"}.get(value, "cyan")
    branch = tree.add(Text(clause.text).append("  ").append(value, style=style))
    for child in clause.children:
        clause_tree(branch, child)
