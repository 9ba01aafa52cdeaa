"""What must be looked at again? A committed decision's own rules, on a later snapshot, against its frozen baseline.

The conditions are the ones in the committed document, read back and compiled anew: nobody can soften a stop condition
after the fact without changing the document, and with it the ledger.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from engine.audit import audit
from engine.database import Database
from engine.evaluate import evaluate, question_of
from engine.explain import outcome_of
from engine.fact_frames import frame_of
from engine.facts import COMPANY_ID, Facts
from engine.outcome import Outcome
from engine.snapshot import Manifest
from governance.decision import Decision
from governance.document import fired_facts
from governance.exact_json import decoded
from governance.weak_inputs import weak_inputs
from rules.kinds import Value, shown
from rules.policy import PolicySet, Rule
from rules.problem import BadInput, Place, Problem
from rules.review_rules import review_fields, review_rules
from rules.rule_kind import Effect
from rules.shapes import ReviewRuleShape
from rules.vocabulary import Subject

REVIEW_DAYS = (30, 60, 90)
"""Operating reviews after the effective date (docs/domain.md, 8): the framework's own days, scheduled with every
decision.
"""


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the decision's own conditions on this snapshot: whether it fired, with both sides' numbers."""

    id: str
    text: str
    effect: Effect
    state: str
    """`fired`, `quiet` or `unknown`."""
    numbers: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """The answer on one snapshot: `continue`, `review`, `escalate`, `stop`, or `unknown`."""

    decision: str
    snapshot: str
    as_of: date
    outcome: str
    conditions: tuple[Condition, ...]
    weak_inputs: tuple[str, ...]
    """Data sets that are stale for the verdict date or only guessed; a review on them may not answer `continue`."""


def review(db: Database, manifest: Manifest, policies: PolicySet, decision: Decision, as_of: date) -> Review:
    """Evaluate a committed decision on the snapshot in `db`. Raises BadInput for a snapshot that is not later."""
    document = decision.document
    if document is None:
        raise BadInput(
            [Problem(Place(decision.id), "is not committed", hint="a review looks back at a committed decision")]
        )
    if as_of <= date.fromisoformat(document["snapshot"]["as_of"]):
        found = as_of.isoformat()
        raise BadInput(
            [
                Problem(
                    Place(decision.id),
                    "a review needs a later snapshot",
                    found,
                    f"after {document['snapshot']['as_of']}",
                )
            ]
        )
    rules = rules_of(document, policies)
    fields = review_fields()
    audited = audit(db, manifest, policies, as_of)
    company = audited.company_evaluation
    case: dict[str, Value | None] = dict(audited.case)
    case |= {f"baseline.{name}": decoded(raw) for name, raw in document["baseline"].items()}
    relation = f"facts_review_{decision.id}"
    db.run(f'DROP TABLE IF EXISTS "{relation}"')
    frame_of(db, relation, fields, [(COMPANY_ID, case)])
    facts = Facts(Subject.COMPANY, relation, company.facts.absent, company.facts.missing)
    question = question_of(policies, rules, fields, as_of, minor_digits=manifest.minor_digits)
    evaluation = evaluate(db, question, facts)
    outcome = outcome_of(evaluation, COMPANY_ID)
    assert outcome is not None, "the review frame has one row"  # noqa: S101
    weak = weak_inputs(manifest, as_of)
    word = outcome.word if not (weak and outcome.word == "continue") else "unknown"
    conditions = tuple(_condition(rule, outcome, case, manifest) for rule in rules)
    return Review(decision.id, manifest.id, as_of, word, conditions, weak)


def rules_of(document: Mapping[str, Any], policies: PolicySet) -> tuple[Rule, ...]:
    """The decision's own rules, compiled from the text in its committed document."""
    place = Place(f"{document['id']} conditions")
    written = [
        (ReviewRuleShape(id=c["id"], text=c["text"], when=c["when"], effect=c["effect"]), lambda _: place)
        for c in document["conditions"]
    ]
    return review_rules(written, policies.parameters(), minor_digits=document["snapshot"]["minor_digits"])


def _condition(rule: Rule, outcome: Outcome, case: Mapping[str, Value | None], manifest: Manifest) -> Condition:
    fired = next((f for f in outcome.fired if f.rule.id == rule.id), None)
    fields = review_fields()
    numbers = tuple(
        (name, shown(case[name], fields[name].kind, fields[name].unit, minor_digits=manifest.minor_digits))
        for name in (rule.when.fields if rule.when else ())
    )
    if fired is None:
        return Condition(rule.id, rule.title, rule.effect, "quiet", numbers, ())
    state = "unknown" if fired_facts(fired)["truth"] == "unknown" else "fired"
    return Condition(rule.id, rule.title, rule.effect, state, numbers, fired.missing)


def review_entry(found: Review) -> dict[str, Any]:
    """A review as the ledger keeps it, with the numbers."""
    return {
        "snapshot": found.snapshot,
        "as_of": found.as_of.isoformat(),
        "outcome": found.outcome,
        "conditions": [
            {
                "id": c.id,
                "text": c.text,
                "effect": c.effect.value,
                "state": c.state,
                "numbers": dict(c.numbers),
                "missing": list(c.missing),
            }
            for c in found.conditions
        ],
        "weak_inputs": list(found.weak_inputs),
    }


def review_days(effective: date) -> tuple[tuple[int, date], ...]:
    """The operating reviews: (day number, date)."""
    return tuple((n, effective + timedelta(n)) for n in REVIEW_DAYS)
