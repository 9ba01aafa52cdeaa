"""May this decision be committed, by the governance rules of the policies? What they fail refuses it, unless waived."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.governance_checks import check_decision, failed
from engine.inference.logic import Truth
from engine.outcome import Fired, Outcome
from governance.decision import Decision
from governance.decision_facts import choice_facts, frame_facts, input_facts
from governance.document import Evaluated
from governance.frame import Frame
from governance.move_words import fired_facts
from rules.kinds import Value
from rules.problem import Place, Problem


def checked_frame(frame: Frame, found: Evaluated) -> Outcome | None:
    """What governance says of a decision as framed; checks on what is only known at commit are unknown."""
    return _checked(found, {**frame_facts(frame), **input_facts(found)}, found.audit.as_of, frozenset())


def checked_commit(
    frame: Frame, found: Evaluated, decision: Decision, day: date, chosen: str, rationale: str, deviation: str
) -> Outcome | None:
    """What governance says of a decision about to be committed on a day, waivers in force on it considered."""
    case = {
        **frame_facts(frame),
        **input_facts(found),
        **choice_facts(frame, found, decision, chosen, rationale, deviation),
    }
    waived = frozenset((w.id, w.rule) for w in decision.waivers if not w.accounts and w.in_force(day))
    return _checked(found, case, found.audit.as_of, waived)


def _checked(
    found: Evaluated, case: Mapping[str, Value | None], day: date, waived: frozenset[tuple[str, str]]
) -> Outcome | None:
    return check_decision(found.policies, case, day, waived=waived, minor_digits=found.manifest.minor_digits)


def governance_problems(decision: Decision, outcome: Outcome | None) -> list[Problem]:
    """Every check that refuses the commit, in the policy's words."""
    problems = []
    for fired in failed(outcome) if outcome else ():
        unknown = f"unknown: {', '.join(fired.missing)}" if fired.missing else ""
        role = fired.rule.waivable_by
        waive = f"merestone decision waive {decision.id} --rule {fired.rule.id} --role {role} …" if role else ""
        hint = f"mend it, or: {waive}" if waive else "no one can waive it"
        problems.append(Problem(Place(decision.id), f"{fired.rule.id} fails: {fired.message}", unknown, hint=hint))
    return problems


def certain_failures(outcome: Outcome | None) -> tuple[Fired, ...]:
    """Checks that fail for what is known already: mending them comes before approvals."""
    return tuple(f for f in failed(outcome) if f.truth is Truth.TRUE) if outcome else ()


def governance_document(outcome: Outcome | None) -> dict[str, Any]:
    """What the checks said, as a committed document keeps it: findings, waived failures, and what nobody knows.

    Empty where the policies have no governance rule.
    """
    if outcome is None:
        return {}
    return {"governance": {"outcome": outcome.word, "fired": [fired_facts(f) for f in outcome.fired]}}
