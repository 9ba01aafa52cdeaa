"""How are the rules themselves used? How often one fired in the last twelve months, and how often it was waived.

Counted over the decisions committed in those months, from their documents: every move of the chosen option, and the
governance checks. Only rules on moves and on decisions can be waived, and only of those a document says every case, so
that nothing is said here of any other. A rule that was in report mode is counted like one that counts.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from engine.database import Database
from engine.evaluate import evaluate, question_of
from engine.explain import outcomes
from engine.fact_frames import frame_of
from engine.facts import Facts
from engine.inference.logic import Truth
from engine.metrics.fact_needs import missing_of
from engine.metrics.periods import MONTHS_A_YEAR, months_later
from governance.decision import Decision
from rules.kinds import Value
from rules.model.policy import PolicySet
from rules.model.rule_kind import RuleKind
from rules.vocabulary import Subject

_WAIVED = "waived by "


@dataclass(frozen=True, slots=True)
class UsageFinding:
    """What a governance rule on rules says of one of them."""

    id: str
    """Of the governance rule."""
    rule: str
    """The rule that it is about."""
    effect: str
    state: str
    """`fired` or `unknown`."""
    message: str
    missing: tuple[str, ...]
    standing: str


def usage_findings(policies: PolicySet, known: Iterable[Decision], day: date) -> tuple[UsageFinding, ...]:
    """What the governance rules in force on a day find in the use of rules over the twelve months to that day."""
    asking = tuple(r for r in policies.rules(RuleKind.GOVERNANCE, day) if r.subject is Subject.RULE)
    cases = list(usage_of(policies, known, day).items())
    if not asking or not cases:
        return ()
    fields = policies.fields(Subject.RULE)
    missing = missing_of(fields.values(), frozenset())
    with Database() as db:
        frame_of(db, "rules", fields, cases)
        question = question_of(policies, asking, fields, day)
        found = tuple(outcomes(evaluate(db, question, Facts(Subject.RULE, "rules", frozenset(missing), missing))))
    return tuple(
        UsageFinding(
            fired.rule.id,
            outcome.id,
            fired.rule.effect.value,
            "fired" if fired.truth is Truth.TRUE else "unknown",
            fired.message,
            fired.missing,
            fired.standing,
        )
        for outcome in found
        for fired in outcome.fired
    )


def usage_of(policies: PolicySet, known: Iterable[Decision], day: date) -> dict[str, dict[str, Value | None]]:
    """The facts of every rule that is on moves or decisions, by its id, in order of the policies."""
    since = months_later(day, -MONTHS_A_YEAR)
    committed = [d for d in known if d.document and since < date.fromisoformat(d.document["decided"]["on"]) <= day]
    firings: Counter[str] = Counter()
    waived: Counter[str] = Counter()
    outlived: dict[str, set[tuple[str, str]]] = {}
    for decision in committed:
        assert decision.document is not None, "only committed decisions are counted"  # noqa: S101
        ends = {w.id: w.until for w in decision.waivers}
        for fired, effective in _fired(decision.document):
            if fired["truth"] != "true":
                continue
            firings[fired["rule"]] += 1
            if fired["standing"].startswith(_WAIVED):
                waived[fired["rule"]] += 1
                waiver = fired["standing"].removeprefix(_WAIVED)
                until = ends.get(waiver)
                if until is not None and until < min(effective, day):
                    outlived.setdefault(fired["rule"], set()).add((decision.id, waiver))
    return {
        rule.id: {
            "rule.id": rule.id,
            "rule.firings": firings[rule.id],
            "rule.waived": waived[rule.id],
            "rule.waived_share": Fraction(waived[rule.id], firings[rule.id]) if firings[rule.id] else None,
            "rule.expired_waivers": len(outlived.get(rule.id, ())),
        }
        for rule in policies.rules()
        if rule.subject in (Subject.MOVE, Subject.DECISION)
    }


def _fired(document: Mapping[str, Any]) -> Iterable[tuple[Mapping[str, Any], date]]:
    """Every rule that fired in a document, case by case, with the day on which what it allowed takes effect."""
    for move in document["moves"]:
        yield from ((fired, date.fromisoformat(move["effective"])) for fired in move["fired"])
    effective = date.fromisoformat(document["effective"])
    yield from ((fired, effective) for fired in document.get("governance", {}).get("fired", ()))


def finding_words(found: UsageFinding) -> dict[str, Any]:
    """A finding as an answer says it."""
    return {
        "id": found.id,
        "rule": found.rule,
        "effect": found.effect,
        "state": found.state,
        "message": found.message,
        "missing": list(found.missing),
        "standing": found.standing,
    }
