"""Who is protected, until when, by how much? Eligibility from the rules, money from the formulas in the policy, line by
line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from engine.conditions.formulas import Worked, evaluate_lines
from engine.database import Database
from engine.evaluate import Evaluation, evaluate, question_of
from engine.explain import Case, case_of, outcome_of, outcomes_and_cases
from engine.facts import protection_facts
from engine.intake.snapshot import Manifest
from engine.outcome import Fired, Outcome
from rules.model.calendar import months_after
from rules.model.policy import PolicySet
from rules.model.rule_kind import RuleKind
from rules.reading.load import single_in_force
from rules.vocabulary import Subject

_LAST_MONTH = date.max.replace(day=1)


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
    question = question_of(policies, rules, policies.fields(Subject.REP), as_of, minor_digits=manifest.minor_digits)
    return evaluate(db, question, protection_facts(db, manifest, parameters, as_of, policies.metrics(Subject.REP)))


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
        Protection(
            rep,
            fired,
            evaluate_lines(fired.rule.lines, case, evaluation.question.values, evaluation.facts.absent),
            month_from(effective),
        )
        for fired in outcome.fired
        if fired.standing == "counts"
    )


def month_from(day: date | None) -> date | None:
    """The first day of the first month that starts on or after a day; None where the calendar ends before it."""
    if day is None or day.day == 1:
        return day
    return None if day.replace(day=1) == _LAST_MONTH else months_after(day.replace(day=1), 1)
