"""What must be looked at again? A committed decision on a later snapshot: its own conditions, and the policies' rules.

Its own conditions are the ones in the committed document, read back and compiled anew with the policies that it was
committed under: nobody can soften a stop condition after the fact without changing the document or a published version,
and with it the ledger. The review rules of the policies in force are asked beside them, on the company, on the
scenario and on every territory. The worst of all answers is the answer.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from engine.audit import audit
from engine.database import Database
from engine.evaluate import evaluate, question_of
from engine.explain import Case, outcomes_and_cases
from engine.fact_frames import frame_of
from engine.facts import COMPANY_ID, Facts
from engine.inference.ladders import LADDER_OF, LEVEL_OF, REVIEW
from engine.inference.logic import Truth
from engine.intake.snapshot import Manifest
from engine.metrics.progress import progress
from engine.outcome import Outcome
from governance.decision import Decision
from governance.exact_json import decoded
from governance.review_facts import OF_A_SCOPE, SCENARIO, cases_of, facts_in, scenario_facts
from governance.weak_inputs import weak_inputs
from rules.kinds import shown
from rules.model.policy import PolicySet, Rule
from rules.model.rule_kind import Effect
from rules.problem import BadInput, Place, Problem
from rules.reading.review_rules import review_fields, review_rules
from rules.reading.shapes import ReviewRuleShape
from rules.vocabulary import Field, Subject

OWN = "decision"
"""Stands where a policy is named otherwise: the rule is the decision's own."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on this snapshot: whether it fired, with both sides' numbers."""

    id: str
    text: str
    effect: Effect
    state: str
    """`fired`, `quiet` or `unknown`."""
    numbers: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    by: str = OWN
    """The policy that it is a rule of, or `decision`."""
    standing: str = "counts"
    """As in `engine.outcome`: `counts`, `defeated by …`, `report only`."""
    territories: tuple[str, ...] = ()
    """Those that it is said of alike; none for the company and the whole scenario."""


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


def review(
    db: Database,
    manifest: Manifest,
    policies: PolicySet,
    decision: Decision,
    as_of: date,
    *,
    at_commit: PolicySet | None = None,
) -> Review:
    """Evaluate a committed decision on the snapshot in `db`, its own rules under the policies `at_commit`.

    Without those they are asked under `policies`. Raises BadInput for a snapshot that is not later, and for a condition
    that names what these policies do not have.
    """
    document = decision.document
    if document is None:
        raise BadInput(
            [Problem(Place(decision.id), "is not committed", hint="a review looks back at a committed decision")]
        )
    if as_of <= date.fromisoformat(document["snapshot"]["as_of"]):
        found, expected = as_of.isoformat(), f"after {document['snapshot']['as_of']}"
        raise BadInput([Problem(Place(decision.id), "a review needs a later snapshot", found, expected)])
    asked = _Asked(db, manifest, as_of, decision.id)
    audited = audit(db, manifest, policies, as_of)
    company = audited.company_evaluation.facts
    answers = [
        *_own(asked, document, at_commit or policies, company, audited.case),
        *_of_policies(asked, policies, company),
        *_of_review(asked, policies, decision),
    ]
    weak = weak_inputs(manifest, as_of)
    word = worst([outcome for outcome, *_ in answers])
    word = "unknown" if weak and word == "continue" else word
    return Review(decision.id, manifest.id, as_of, word, _conditions(answers, manifest), weak)


def rules_of(document: Mapping[str, Any], policies: PolicySet) -> tuple[Rule, ...]:
    """The decision's own rules, compiled from the text in its committed document."""
    place = Place(f"{document['id']} conditions")
    written = [
        (ReviewRuleShape(id=c["id"], text=c["text"], when=c["when"], effect=c["effect"]), lambda _: place)
        for c in document["conditions"]
    ]
    return review_rules(
        written,
        policies.parameters(),
        definitions=policies.definitions(Subject.COMPANY),
        company=policies.fields(Subject.COMPANY),
        minor_digits=document["snapshot"]["minor_digits"],
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """The snapshot and the day that everything is asked of."""

    db: Database
    manifest: Manifest
    day: date
    decision: str

    def relation(self, name: str, fields: Mapping[str, Field], cases: Sequence[tuple[str, Case]]) -> str:
        """A fact frame of these cases, in place of one of an earlier review."""
        relation = f"facts_{name}_{self.decision}"
        self.db.run(f'DROP TABLE IF EXISTS "{relation}"')
        frame_of(self.db, relation, fields, cases)
        return relation

    def answers(
        self, policies: PolicySet, rules: Sequence[Rule], fields: Mapping[str, Field], facts: Facts
    ) -> "Iterator[_Answer]":
        """What the rules answer on every subject of the facts; nothing where there are no rules."""
        if rules:
            question = question_of(policies, rules, fields, self.day, minor_digits=self.manifest.minor_digits)
            for outcome, case in outcomes_and_cases(evaluate(self.db, question, facts)):
                yield outcome, case, rules, fields, facts


_Answer = tuple[Outcome, Case, Sequence[Rule], Mapping[str, Field], Facts]
"""What came out for one subject, and all that it came from."""


def _own(
    asked: _Asked, document: Mapping[str, Any], policies: PolicySet, company: Facts, case: Case
) -> Iterator[_Answer]:
    """The decision's own conditions, on the company as it is and as it was at commit."""
    fields = review_fields(policies.fields(Subject.COMPANY))
    now = {**case, **{f"baseline.{name}": decoded(raw) for name, raw in document["baseline"].items()}}
    relation = asked.relation("own", fields, [(COMPANY_ID, now)])
    left_out = {name: (f"value for {name}",) for name in fields if name not in now}
    facts = replace(
        company, relation=relation, absent=company.absent | set(left_out), missing={**left_out, **company.missing}
    )
    return asked.answers(policies, rules_of(document, policies), fields, facts)


def _of_policies(asked: _Asked, policies: PolicySet, company: Facts) -> Iterator[_Answer]:
    """The policies' review rules on the company."""
    rules = _review_rules(policies, asked.day, Subject.COMPANY)
    return asked.answers(policies, rules, policies.fields(Subject.COMPANY), company)


def _of_review(asked: _Asked, policies: PolicySet, decision: Decision) -> Iterator[_Answer]:
    """The policies' rules on a review: on the scenario all of them, on a territory those that ask about one."""
    assert decision.document is not None, "a review looks back at a committed decision"  # noqa: S101
    rules = _review_rules(policies, asked.day, Subject.REVIEW)
    fields = policies.fields(Subject.REVIEW)
    effective = date.fromisoformat(decision.document["effective"])
    own = scenario_facts(decision, asked.day, asked.manifest)
    scenario, *territories = cases_of(decision.document, own, progress(asked.db, asked.manifest, asked.day, effective))
    facts = facts_in(asked.relation("scenario", fields, [scenario]), asked.manifest, fields)
    yield from asked.answers(policies, rules, fields, facts)
    of_a_scope = tuple(r for r in rules if r.when is None or OF_A_SCOPE & set(r.when.fields))
    if territories:
        facts = replace(facts, relation=asked.relation("territories", fields, territories))
        yield from asked.answers(policies, of_a_scope, fields, facts)


def _review_rules(policies: PolicySet, day: date, subject: Subject) -> tuple[Rule, ...]:
    return tuple(r for r in policies.rules(day=day) if r.subject is subject and LADDER_OF[r.kind] is REVIEW)


def worst(outcomes: Sequence[Outcome]) -> str:
    """The worst of several answers; `unknown` where what nobody knows could make it worse still."""
    certain, possible = [0], [0]
    for outcome in outcomes:
        if outcome.level is not None:
            certain.append(REVIEW.levels.index(outcome.level))
            continue
        unsure = {defeat.of for defeat in outcome.conclusion.contested}
        possible.extend(REVIEW.levels.index(to) for _, to, _ in outcome.conclusion.may_rise)
        for fired in outcome.fired:
            effect = fired.rule.effect if fired.truth is Truth.TRUE else fired.rule.on_unknown
            if effect is not None and fired.standing == "counts":
                level = REVIEW.levels.index(LEVEL_OF[effect])
                (possible if fired.rule.id in unsure else certain).append(level)
    return REVIEW.levels[max(certain)] if max(possible) <= max(certain) else "unknown"


def _conditions(answers: Sequence[_Answer], manifest: Manifest) -> tuple[Condition, ...]:
    """Every condition; of territories those that are not quiet, once for all territories of which it is said alike."""
    found: dict[tuple[Condition, bool], list[str]] = {}
    for outcome, case, rules, fields, facts in answers:
        territory = outcome.id if outcome.subject is Subject.REVIEW else SCENARIO
        for rule in rules:
            condition = _condition(rule, outcome, case, fields, facts, manifest)
            if territory == SCENARIO or condition.state != "quiet":
                found.setdefault((condition, territory == SCENARIO), []).append(territory)
    return tuple(
        condition if whole else replace(condition, territories=tuple(names))
        for (condition, whole), names in found.items()
    )


def _condition(
    rule: Rule, outcome: Outcome, case: Case, fields: Mapping[str, Field], facts: Facts, manifest: Manifest
) -> Condition:
    fired = next((f for f in outcome.fired if f.rule.id == rule.id), None)
    numbers = tuple(
        (name, _number(name, case, fields[name], facts, manifest)) for name in (rule.when.fields if rule.when else ())
    )
    if fired is None:
        return Condition(rule.id, rule.title, rule.effect, "quiet", numbers, (), rule.policy)
    state = "unknown" if fired.truth is Truth.UNKNOWN else "fired"
    # What the decision says is its own words, which stand in its document.
    text = rule.title if rule.policy == OWN else fired.message
    return Condition(rule.id, text, rule.effect, state, numbers, fired.missing, rule.policy, fired.standing)


def _number(name: str, case: Case, field: Field, facts: Facts, manifest: Manifest) -> str:
    """A fact as it is shown, and what it rests on where that is less than measured."""
    value = case[name]
    if value is None and field.optional and name not in facts.absent:
        return "none"
    words = shown(value, field.kind, field.unit, minor_digits=manifest.minor_digits, of=field.of)
    proxy = facts.proxies.get(name) if value is not None else None
    return f"{words} (proxy: {proxy})" if proxy else words


def review_entry(found: Review) -> dict[str, Any]:
    """A review as the ledger keeps it, with the numbers."""
    return {
        "snapshot": found.snapshot,
        "as_of": found.as_of.isoformat(),
        "outcome": found.outcome,
        "conditions": [
            {
                "id": c.id,
                "by": c.by,
                "territories": list(c.territories),
                "text": c.text,
                "effect": c.effect.value,
                "state": c.state,
                "standing": c.standing,
                "numbers": dict(c.numbers),
                "missing": list(c.missing),
            }
            for c in found.conditions
        ],
        "weak_inputs": list(found.weak_inputs),
    }
