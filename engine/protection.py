"""Who is protected, until when, by how much? Eligibility from the rules, money from the formulas in the policy, line by
line.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from engine.condition_case import value_of
from engine.database import Database
from engine.evaluate import Evaluation, evaluate, question_of
from engine.explain import Case, case_of, outcome_of, outcomes_and_cases
from engine.facts import protection_facts
from engine.outcome import Fired, Outcome
from engine.snapshot import Manifest
from rules.kinds import Kind, Value
from rules.load import single_in_force
from rules.policy import PolicySet, Rule
from rules.rule_kind import RuleKind
from rules.vocabulary import Subject, fields_of

_LAST_MONTH = date.max.replace(day=1)


@dataclass(frozen=True, slots=True)
class Worked:
    """One line of a benefit's arithmetic: `name = formula = value`."""

    name: str
    text: str
    formula: str
    value: Value | None
    kind: Kind


@dataclass(frozen=True, slots=True)
class Protection:
    """One rep under one protection rule."""

    rep: str
    fired: Fired
    worked: tuple[Worked, ...]
    first_day: date | None
    """First month starting on or after the effective date."""


def check_protection(db: Database, manifest: Manifest, policies: PolicySet, as_of: date) -> Evaluation:
    """Evaluate the protection rules on the reps whose book the moves in table `moves` change."""
    parameters = single_in_force(policies, as_of)
    rules = policies.rules(RuleKind.PROTECTION, as_of)
    question = question_of(policies, rules, fields_of(Subject.REP), as_of, minor_digits=manifest.minor_digits)
    return evaluate(db, question, protection_facts(db, manifest, parameters, as_of))


def protections(evaluation: Evaluation, rep: str) -> tuple[Outcome, tuple[Protection, ...]] | None:
    """One rep's outcome and the arithmetic of every rule that protects; None for a rep whom no move concerns."""
    outcome = outcome_of(evaluation, rep)
    if outcome is None:
        return None
    return outcome, _protections(evaluation, outcome, case_of(evaluation, rep))


def every_protection(evaluation: Evaluation) -> Iterator[tuple[Outcome, Case, tuple[Protection, ...]]]:
    """Every rep whom a move concerns, in order of id: outcome, facts as exact values, and what protects."""
    for outcome, case in outcomes_and_cases(evaluation):
        yield outcome, case, _protections(evaluation, outcome, case)


def _protections(evaluation: Evaluation, outcome: Outcome, case: Case) -> tuple[Protection, ...]:
    rep = outcome.id
    effective = evaluation.db.value("SELECT min(effective) FROM moves WHERE from_rep = $1 OR to_rep = $1", [rep])
    return tuple(
        Protection(rep, fired, worked_lines(fired.rule, case, evaluation.question.values), month_from(effective))
        for fired in outcome.fired
        if fired.standing == "counts"
    )


def worked_lines(
    rule: Rule, case: Mapping[str, Value | None], parameters: Mapping[str, Value | tuple[Value, ...]]
) -> tuple[Worked, ...]:
    """Every line of the rule's formula in order, each seeing the lines before it; an unknown line makes later ones
    unknown.
    """
    known: dict[str, Value | None] = dict(case)
    worked = []
    for line in rule.lines:
        value = value_of(line.formula, known, parameters)
        known[line.name] = value
        worked.append(Worked(line.name, line.text, line.formula.text, value, line.formula.kind))
    return tuple(worked)


def month_from(day: date | None) -> date | None:
    """The first day of the first month that starts on or after a day; None where the calendar ends before it."""
    if day is None or day.day == 1:
        return day
    if day.replace(day=1) == _LAST_MONTH:
        return None
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def month_after(first: date, months: int) -> date:
    """The first day `months` months after the first day of a month."""
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)
