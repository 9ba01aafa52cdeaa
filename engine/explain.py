"""Why: a conclusion in words, with every rule that fired, the facts it saw, and where its parameters come from.

Made for one subject at a time from the stored facts and the same checked conditions; `explained` also shows every
clause.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from engine.approvers import NOBODY, Org, org_of
from engine.conditions.condition_case import Clause, clauses_of, judged_case, value_of
from engine.database import Database, quoted
from engine.demands import consents_of, owed_of
from engine.evaluate import Evaluation, Question
from engine.facts import Facts
from engine.inference.logic import Conclusion, Truth
from engine.outcome import Fired, Input, Outcome
from engine.rule_standing import Waived, counted_by, standing_of, truths_of
from rules.kinds import Kind, Value, shown
from rules.model.policy import Rule
from rules.vocabulary import Field

Case = Mapping[str, Value | None]
Lacking = Mapping[str, tuple[str, ...]]
"""Names that make a condition unknown, by rule id."""
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Counted:
    """The indicators that a rule counts, by rule id; `at_least` of them make it true."""

    at_least: int
    true: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """One rule on one subject, clause by clause, whether it fired or not."""

    rule: Rule
    truth: bool | None
    clause: Clause | None
    """None for a rule that counts indicators."""
    counted: Counted | None
    """None for any other rule."""
    parameters: tuple[Input, ...]


def outcomes(evaluation: Evaluation) -> Iterator[Outcome]:
    """Every subject's outcome, in order of subject id."""
    return (outcome for outcome, _ in outcomes_and_cases(evaluation))


def outcomes_and_cases(evaluation: Evaluation) -> Iterator[tuple[Outcome, dict[str, Value | None]]]:
    """Every subject's outcome with its facts as exact values, in order of subject id: one query, however many."""
    org = org_asked(evaluation.db, evaluation.question)
    records = evaluation.db.records(
        f"""SELECT f.*, t.pattern AS "#letters"
        FROM {quoted(evaluation.facts.relation)} f JOIN {quoted(evaluation.relation)} t USING (subject_id)
        ORDER BY subject_id"""
    )
    for record in records:
        case = _case(evaluation, record)
        yield outcome_from(evaluation, str(record["subject_id"]), record["#letters"], case, org), case


def outcome_of(evaluation: Evaluation, subject_id: str) -> Outcome | None:
    """One subject's outcome; None if there is no such subject."""
    letters = _letters_of(evaluation, subject_id)
    if letters is None:
        return None
    return outcome_from(
        evaluation, subject_id, letters, case_of(evaluation, subject_id), org_asked(evaluation.db, evaluation.question)
    )


def explained(evaluation: Evaluation, subject_id: str) -> tuple[Explained, ...]:
    """Every rule of the question on one subject; empty if there is no such subject."""
    letters = _letters_of(evaluation, subject_id)
    if letters is None:
        return ()
    question, facts = evaluation.question, evaluation.facts
    case = case_of(evaluation, subject_id)
    found = truths_of(question, letters)
    result = []
    for rule in question.rules:
        state = found.get(rule.id)
        clause = clauses_of(rule.when, case, question.values, facts.absent) if rule.when is not None else None
        result.append(
            Explained(
                rule=rule,
                truth=False if state is None else (state is Truth.TRUE or None),
                clause=clause,
                counted=_counted(question, rule, found),
                parameters=tuple(parameter_input(question, name) for name in _parameters_of(question, rule)),
            )
        )
    return tuple(result)


def _counted(question: Question, rule: Rule, found: Mapping[str, Truth]) -> Counted | None:
    if rule.count is None:
        return None
    hits = {truth: [r.id for r in counted_by(question, rule) if found.get(r.id) is truth] for truth in Truth}
    return Counted(rule.count.at_least, tuple(hits[Truth.TRUE]), tuple(hits[Truth.UNKNOWN]))


def case_of(evaluation: Evaluation, subject_id: str) -> dict[str, Value | None]:
    """One subject's facts as exact values."""
    relation = quoted(evaluation.facts.relation)
    record = evaluation.db.records(f"SELECT * FROM {relation} WHERE subject_id = ?", [subject_id])[0]
    return _case(evaluation, record)


def _case(evaluation: Evaluation, record: Mapping[str, Any]) -> dict[str, Value | None]:
    return {name: _cell(record, field) for name, field in evaluation.question.fields.items()}


def _letters_of(evaluation: Evaluation, subject_id: str) -> str | None:
    relation = quoted(evaluation.relation)
    found: str | None = evaluation.db.value(f"SELECT pattern FROM {relation} WHERE subject_id = ?", [subject_id])
    return found


def _cell(record: Mapping[str, Any], field: Field) -> Value | None:
    if field.kind is Kind.RATIO:
        over, under = record[f"{field.name}#n"], record[f"{field.name}#d"]
        return Fraction(over, under) if over is not None and under else None
    value = record[field.name]
    # An engine answers lists; a case holds what does not change.
    exact: Any = tuple(value) if isinstance(value, list) else value
    found: Value | None = exact
    return found


def org_asked(db: Database, question: Question) -> Org:
    """Whom reps report to, where some rule asks for approval."""
    return org_of(db) if any(rule.roles for rule in question.rules) else NOBODY


def outcome_from(
    evaluation: Evaluation, subject_id: str, letters: str, case: Case, org: Org, lacking: Lacking | None = None
) -> Outcome:
    """The outcome of a subject whose facts and letters are at hand; `org` is `org_asked`.

    `lacking` has what makes each unknown condition unknown, by rule id, where that was worked out with the letters.
    """
    question = evaluation.question
    conclusion = evaluation.conclusion(subject_id, letters)
    truths = truths_of(question, letters)
    waived = evaluation.standing.waived.get(subject_id, frozenset())
    fired = tuple(
        _fired(question, evaluation.facts, rule, truths[rule.id], case, conclusion, waived, lacking or {})
        for rule in question.rules
        if rule.id in truths
    )
    approved = evaluation.standing.approved.get(subject_id, ())
    return Outcome(
        subject=evaluation.facts.subject,
        id=subject_id,
        level=conclusion.level[evaluation.ladder],
        fired=fired,
        conclusion=conclusion,
        consents=consents_of(question, conclusion, approved, case, org),
        owed=owed_of(question, conclusion, case),
    )


def _fired(
    question: Question,
    facts: Facts,
    rule: Rule,
    truth: Truth,
    case: Case,
    conclusion: Conclusion,
    waived: Waived,
    lacking: Lacking,
) -> Fired:
    names = dict.fromkeys(name for read in (rule.when, rule.until) if read for name in read.fields)
    missing = _missing(question, facts, rule, case, lacking) if truth is Truth.UNKNOWN else ()
    until = value_of(rule.until, case, question.values, facts.absent) if rule.until else None
    return Fired(
        rule=rule,
        truth=truth,
        message=filled(question, facts, rule.message, case),
        facts=tuple(_fact_input(question, facts, name, case) for name in names),
        parameters=tuple(parameter_input(question, name) for name in _parameters_of(question, rule)),
        missing=missing,
        standing=standing_of(question, rule, conclusion, waived),
        until=until if isinstance(until, date) else None,
    )


def _missing(question: Question, facts: Facts, rule: Rule, case: Case, lacking: Lacking) -> tuple[str, ...]:
    """What would have to be known; for a rule that counts, what its unknown indicators lack."""
    counted = [r for r in question.rules if rule.count and r.group == rule.count.group]
    unknown: dict[str, None] = {}
    for each in (rule, *counted):
        if each.id in lacking:
            unknown.update(dict.fromkeys(lacking[each.id]))
        elif each.when is not None:
            unknown.update(dict.fromkeys(judged_case(each.when, case, question.values, facts.absent)[1]))
    return tuple(dict.fromkeys(m for name in unknown for m in missing_inputs(facts, name)))


def missing_inputs(facts: Facts, name: str) -> tuple[str, ...]:
    """Why a fact is unknown: the absent inputs it needs, or the fact itself where its value is missing."""
    absent = facts.missing.get(name)
    return tuple(f"no {need}" for need in absent) if absent else (f"no value for {name}",)


def _parameters_of(question: Question, rule: Rule) -> tuple[str, ...]:
    """Parameters that the rule names, and those that the definitions of the facts it names read."""
    read = [c for c in (rule.when, rule.until, *(line.formula for line in rule.lines)) if c is not None]
    named = [n for c in read for n in (*c.parameters, *(u for f in c.fields for u in question.fields[f].uses))]
    return tuple(n for n in dict.fromkeys(named) if n in question.parameters)


def _fact_input(question: Question, facts: Facts, name: str, case: Case) -> Input:
    field = question.fields[name]
    if case[name] is None and field.optional and name not in facts.absent:
        return Input(name, "none", field.meaning)
    # A number that rests on less than measured evidence says so wherever it appears.
    proxy = facts.proxies.get(name) if case[name] is not None else None
    meaning = f"{field.meaning}; proxy: {proxy}" if proxy else field.meaning
    return Input(name, shown(case[name], field.kind, field.unit, minor_digits=question.minor_digits), meaning)


def parameter_input(question: Question, name: str) -> Input:
    """A parameter with its value in force, and the source or assumption that it rests on."""
    value = question.parameters[name]
    source = value.source or f"assumption: {value.assumption}"
    return Input(name, question.shown[name], f"in force since {value.start.isoformat()}", source)


def filled(question: Question, facts: Facts, message: str, case: Case) -> str:
    """A message with its `{fact}`s, `{definition}`s and `{parameter}`s filled in."""

    def put(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in question.fields:
            return _fact_input(question, facts, name, case).shown
        if name in question.named:
            # A parameter with overrides has the value that this very condition was judged by.
            named = question.named[name]
            value = value_of(named, case, question.values, facts.absent)
            return shown(value, named.kind, named.unit, minor_digits=question.minor_digits, of=named.node.of)
        return question.shown[name] if name in question.parameters else "unknown"

    return PLACEHOLDER.sub(put, message)
