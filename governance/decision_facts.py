"""What is true of a decision before it is committed? The facts that governance checks name (rules.vocabulary.decision).

They come from the decision file, from what was found on its snapshot, and from what people said in the ledger. What
this module cannot say it leaves out, and a check on it is unknown.
"""

from collections.abc import Mapping
from typing import Any

from engine.intake.snapshot import Grade
from governance.decision import Decision, is_same_person
from governance.document import Evaluated
from governance.frame import Frame
from governance.weak_inputs import is_stale
from rules.kinds import Value

STATUS_QUO = "status-quo"
"""Path of an option that moves nothing."""


def frame_facts(frame: Frame) -> dict[str, Value | None]:
    """What the decision file says."""
    w = frame.written
    return {
        "decision.has_owner": w.owner is not None,
        "decision.has_horizon": bool(w.horizon.strip()),
        "decision.evidence_links": sum(bool(e.strip()) for e in w.evidence),
        "decision.options_besides_status_quo": sum(bool(o.moves) for o in w.options),
        "decision.unwilling_to_act": w.unwilling_to_act,
        "decision.assumptions": len(w.assumptions),
        # The shape of a decision file has an owner and an update rule for each.
        "decision.assumptions_unowned": sum(not (a.owner.strip() and a.update.strip()) for a in w.assumptions),
        "decision.open_questions": sum(bool(q.strip()) for q in w.open_questions),
        "decision.objections_unanswered": sum(not o.change.strip() for o in w.objections),
        "decision.risks_unmitigated": sum(not r.mitigation.strip() for r in w.risks),
        "decision.reviews_scheduled": len(w.reviews),
        "decision.review_triggers": len(w.review_triggers),
        "decision.stop_conditions": len(w.stop_conditions),
        "decision.reversal_signals": len(w.reversal_signals),
        "decision.has_escalation_path": bool(w.escalation_triggers),
        "decision.has_communication_plan": bool(w.communication.strip()),
        "decision.has_next_steps": bool(w.next_steps),
    }


def input_facts(found: Evaluated) -> dict[str, Value | None]:
    """What the snapshot says of its own data sets; each counts as used."""
    sets = found.manifest.data_sets
    return {
        "decision.stale_inputs": sum(is_stale(d, found.audit.as_of) for d in sets),
        "decision.unowned_inputs": sum(not d.owner for d in sets),
        "decision.guessed_inputs": sum(d.grade is Grade.GUESS for d in sets),
        "decision.missing_inputs": len(found.audit.missing_sets),
        "decision.same_snapshot": True,
    }


def choice_facts(
    frame: Frame, found: Evaluated, decision: Decision, chosen: str, rationale: str, deviation: str
) -> dict[str, Value | None]:
    """What the chosen option does, and what people have said about it."""
    moved = found.options.get(chosen)
    moves: tuple[Mapping[str, Any], ...] = moved.moves if moved else ()
    return {
        "decision.has_rationale": bool(rationale.strip()),
        "decision.deviates": chosen != frame.written.recommendation,
        "decision.has_deviation_reason": bool(deviation.strip()),
        "decision.accounts_moved": len(moves),
        "decision.reps_disrupted": len({rep for move in moves for rep in (move["from_rep"], move["to_rep"])}),
        "decision.denied_moves": sum(move["verdict"] == "deny" for move in moves),
        "decision.held_moves": sum(move["verdict"] == "hold" for move in moves),
        "decision.approvals": _distinct_approvers(decision),
    }


def _distinct_approvers(decision: Decision) -> int:
    """People who approved the whole decision, the requester left out."""
    people: list[str] = []
    for approval in decision.approvals:
        if not approval.accounts and not any(is_same_person(approval.by, p) for p in (*people, decision.requester)):
            people.append(approval.by)
    return len(people)
