"""What does a conclusion ask of people? Approvals, with whoever has the role, and obligations, with their due date."""

from collections.abc import Collection, Mapping
from datetime import date

from engine.approvers import Org, approver
from engine.evaluate import Question
from engine.inference.logic import Conclusion
from engine.outcome import Consent, Owed
from rules.kinds import Value
from rules.model.deadline import due
from rules.model.policy import Rule


def consents_of(
    question: Question, conclusion: Conclusion, approved: Collection[str], case: Mapping[str, Value | None], org: Org
) -> tuple[Consent, ...]:
    """The approvals that effective rules ask for, given ones among them, in order of rule id."""
    rules = {rule.id: rule for rule in question.rules}
    giving, receiving = (str(case.get(side) or "") for side in ("move.from_rep", "move.to_rep"))
    return tuple(
        Consent(
            rule=rule.id,
            needed=rule.approvals_needed or len(rule.roles),
            roles=tuple(approver(role, giving, receiving, org) for role in rule.roles),
            given=tuple(role for role in rule.roles if role in approved),
            missing=tuple(role for by, role in conclusion.missing if by == rule.id),
        )
        for rule in (rules[rule_id] for rule_id, _ in conclusion.effective)
        if rule.roles
    )


def owed_of(question: Question, conclusion: Conclusion, case: Mapping[str, Value | None]) -> tuple[Owed, ...]:
    """Obligations, advice and mandates, with deadlines counted on the company's calendar.

    Raises BadInput where the holidays that a deadline meets are not known.
    """
    rules = {rule.id: rule for rule in question.rules}
    return tuple(
        Owed(
            rule=rule_id,
            obligation=obligation,
            how=how,
            owner=rules[rule_id].owner,
            due=_due(question, rules[rule_id], case),
            waiting=_waiting(question, rules[rule_id], case),
            to=str(case.get(rules[rule_id].to) or "unknown") if rules[rule_id].to else "",
        )
        for rule_id, obligation, how in conclusion.owed
    )


def _due(question: Question, rule: Rule, case: Mapping[str, Value | None]) -> date | None:
    deadline = question.deadlines.get(rule.deadline)
    anchor = case.get(deadline.anchor) if deadline else None
    return due(deadline, anchor, question.calendar) if deadline and isinstance(anchor, date) else None


def _waiting(question: Question, rule: Rule, case: Mapping[str, Value | None]) -> str:
    deadline = question.deadlines.get(rule.deadline)
    return deadline.anchor if deadline and case.get(deadline.anchor) is None else ""
