"""Does a decision pass the governance checks? The policies' rules on a decision, evaluated on its facts.

Who knows the facts hands them over (governance.decision_facts); what is not handed over nobody knows, and a check that
needs it fails closed: by default an unknown `fail` fails.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from engine.database import Database
from engine.evaluate import Standing, evaluate, question_of
from engine.explain import outcome_of
from engine.fact_frames import frame_of
from engine.facts import Facts
from engine.metrics.fact_needs import missing_of
from engine.outcome import Fired, Outcome
from rules.kinds import Value
from rules.model.policy import PolicySet
from rules.model.rule_kind import RuleKind
from rules.vocabulary import Subject

_DECISION = "decision"


def check_decision(
    policies: PolicySet,
    case: Mapping[str, Value | None],
    day: date,
    *,
    waived: Iterable[tuple[str, str]] = (),
    minor_digits: int = 2,
) -> Outcome | None:
    """What the governance rules in force on a day say of a decision; None where no rule is in force.

    `case` maps the decision's facts to values, None being none where the fact is optional and unknown where it is not;
    a fact that it leaves out is unknown. `waived` holds (waiver id, rule id) of waivers in force.
    """
    rules = tuple(r for r in policies.rules(RuleKind.GOVERNANCE, day) if r.subject is Subject.DECISION)
    if not rules:
        return None
    fields = policies.fields(Subject.DECISION)
    left_out = {name: (f"value for {name}",) for name in fields if name not in case}
    unproduced = missing_of((fields[name] for name in left_out), frozenset())
    missing = {**left_out, **unproduced}
    with Database() as db:
        frame_of(db, "decisions", fields, [(_DECISION, case)])
        facts = Facts(Subject.DECISION, "decisions", frozenset(missing), missing)
        question = question_of(policies, rules, fields, day, minor_digits=minor_digits)
        standing = Standing({_DECISION: frozenset(waived)}, {})
        outcome = outcome_of(evaluate(db, question, facts, standing=standing), _DECISION)
    assert outcome is not None, "the frame has one row"  # noqa: S101
    return outcome


def failed(outcome: Outcome) -> tuple[Fired, ...]:
    """The checks that fail the decision, unknown ones among them that count as failed; none where it does not fail."""
    reasons = {rule for _, rule in outcome.conclusion.reasons} if outcome.level == "fail" else set()
    return tuple(fired for fired in outcome.fired if fired.rule.id in reasons)
