"""Facts and rules to conclusions: conditions once as a set, inference once per component and distinct pattern.

    facts -> truth table -> distinct patterns -> inference -> joined back

Every subject's whole conclusion, for what is told one by one; engine.bulk judges any number without holding them.
Outcomes in words are made on demand from the same checked conditions (engine.explain).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from engine.conditions.truth import truth_table
from engine.database import Database, quoted
from engine.facts import Facts
from engine.inference.components import ComponentInference
from engine.inference.ladders import LADDER_OF, logic_of
from engine.inference.logic import Conclusion, Pattern, Truth
from rules.expression.check import Checked, compile_text
from rules.kinds import KIND_OF_UNIT, Unit, Value, shown
from rules.model.calendar import Calendar
from rules.model.deadline import Deadline
from rules.model.parameter import ParameterValue
from rules.model.policy import PolicySet, Rule
from rules.model.rule_kind import Mode
from rules.problem import BadInput, Place, Problem
from rules.reading.reader import scope_of
from rules.vocabulary import Field, Subject

TRUTH_OF = {"t": Truth.TRUE, "u": Truth.UNKNOWN}
"""Letters of a truth table; false is left out of a pattern."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What people have said about subjects, by subject id: waivers as (waiver id, rule id), and roles that approved."""

    waived: Mapping[str, frozenset[tuple[str, str]]]
    approved: Mapping[str, frozenset[str]]

    @property
    def subjects(self) -> frozenset[str]:
        """Subjects about whom something was said."""
        return frozenset((*self.waived, *self.approved))


NOTHING_SAID = Standing({}, {})


@dataclass(frozen=True)
class Question:
    """Rules of one kind of subject with the parameters in force on the day of the verdict."""

    rules: tuple[Rule, ...]
    fields: Mapping[str, Field]
    parameters: Mapping[str, ParameterValue]
    units: Mapping[str, Unit]
    day: date
    minor_digits: int = 2
    deadlines: Mapping[str, Deadline] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=Calendar)
    named: Mapping[str, Checked] = field(default_factory=dict)
    """What a message may name beside facts and parameters: definitions, and parameters with overrides as they apply."""

    @cached_property
    def values(self) -> Mapping[str, Value | tuple[Value, ...]]:
        return {name: p.value for name, p in self.parameters.items()}

    @cached_property
    def shown(self) -> Mapping[str, str]:
        """Every parameter as a person reads it."""
        return {name: self._shown(self.units[name], p.value) for name, p in self.parameters.items()}

    def _shown(self, unit: Unit, value: Value | tuple[Value, ...]) -> str:
        values = value if isinstance(value, tuple) else (value,)
        return ", ".join(shown(v, KIND_OF_UNIT[unit], unit, minor_digits=self.minor_digits) for v in values)

    @cached_property
    def conditional(self) -> tuple[Rule, ...]:
        """Rules with a condition of their own, in the order of the letters of a pattern."""
        return tuple(rule for rule in self.rules if rule.when is not None)


def question_of(
    policies: PolicySet, rules: Sequence[Rule], fields: Mapping[str, Field], day: date, *, minor_digits: int = 2
) -> Question:
    """These rules with the parameters in force on `day`, overrides among them under their own names.

    Raises BadInput where the amounts of the facts have another number of decimals than those of the policies.
    """
    if minor_digits != policies.minor_digits:
        found, expected = f"{policies.minor_digits} decimals in the policies", f"{minor_digits}, as in the snapshot"
        raise BadInput([Problem(Place("policies"), "amounts are in another minor unit", found, expected)])
    return Question(
        rules=tuple(rules),
        fields=fields,
        parameters=policies.values_at(day),
        units=policies.units(),
        day=day,
        minor_digits=minor_digits,
        deadlines=policies.deadlines(),
        calendar=policies.calendar,
        named=_named(policies, rules[0].subject) if rules else {},
    )


def _named(policies: PolicySet, subject: Subject) -> Mapping[str, Checked]:
    """Definitions on a subject, and the parameters that have another value in places, as one expression each."""
    overridden = {name: p for name, p in policies.parameters().items() if p.overrides}
    scope = scope_of(subject, overridden)
    return {
        **{d.name: d.checked for d in policies.definitions(subject)},
        **{name: compile_text(name, p.place, scope) for name, p in overridden.items()},
    }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every subject's letters in table `relation` (subject_id, pattern), and the conclusion of every pattern."""

    db: Database
    question: Question
    facts: Facts
    relation: str
    standing: Standing
    conclusions: Mapping[Pattern, Conclusion]

    @property
    def ladder(self) -> str:
        return LADDER_OF[self.question.rules[0].kind].name

    def pattern(self, subject_id: str, letters: str) -> Pattern:
        """The pattern of a subject: its letters, with the waivers and approvals given for it."""
        return _pattern(self.question, self.standing, subject_id, letters)

    def conclusion(self, subject_id: str, letters: str) -> Conclusion:
        return self.conclusions[self.pattern(subject_id, letters)]

    def letters(self) -> list[tuple[str, str]]:
        """(subject id, letters), in order of subject id."""
        rows = self.db.rows(f"SELECT subject_id, pattern FROM {quoted(self.relation)} ORDER BY subject_id")
        return [(str(subject_id), str(letters)) for subject_id, letters in rows]

    def by_subject(self) -> Mapping[str, Conclusion]:
        """Every subject's conclusion, without words."""
        said = self.standing.subjects
        alike: dict[str, Conclusion] = {}
        found = {}
        for subject_id, letters in self.letters():
            if subject_id in said:
                found[subject_id] = self.conclusion(subject_id, letters)
            else:
                if letters not in alike:
                    alike[letters] = self.conclusion("", letters)
                found[subject_id] = alike[letters]
        return found


def evaluate(db: Database, question: Question, facts: Facts, *, standing: Standing = NOTHING_SAID) -> Evaluation:
    """Evaluate a question on every subject of `facts`. Raises BadInput where no rule is in force, or where the rules
    contradict their own order.
    """
    refuse_without_rules(question, facts)
    relation = f"{facts.relation}_truth"
    conditions = [(rule.id, rule.when) for rule in question.conditional if rule.when is not None]
    truth_table(db, facts.relation, conditions, question.values, facts.absent, relation)
    distinct = {
        _pattern(question, standing, "", letters)
        for (letters,) in db.rows(f"SELECT DISTINCT pattern FROM {quoted(relation)}")
    }
    if said := standing.subjects:
        rows = db.rows(f"SELECT subject_id, pattern FROM {quoted(relation)}")
        distinct |= {
            _pattern(question, standing, subject_id, letters) for subject_id, letters in rows if subject_id in said
        }
    with ComponentInference(logic_of(question.rules)) as inference:
        conclusions = {pattern: inference.conclude(pattern) for pattern in distinct}
    return Evaluation(db, question, facts, relation, standing, conclusions)


def refuse_without_rules(question: Question, facts: Facts) -> None:
    """Raise BadInput where a question has no rules: no answer would follow from any fact."""
    if not question.rules:
        message = f"no rule on a {facts.subject.value} is in force on {question.day.isoformat()}"
        raise BadInput([Problem(Place("policies"), message)])


def _pattern(question: Question, standing: Standing, subject_id: str, letters: str) -> Pattern:
    return said_of(question, standing, subject_id, pattern_of(question, letters))


def pattern_of(question: Question, letters: str) -> Pattern:
    """The pattern that letters stand for: the rules that are enforced and true or unknown."""
    return Pattern(
        frozenset(
            (rule.id, TRUTH_OF[letter])
            for rule, letter in zip(question.conditional, letters, strict=True)
            if letter in TRUTH_OF and rule.mode is Mode.ENFORCE
        )
    )


def said_of(question: Question, standing: Standing, subject_id: str, pattern: Pattern) -> Pattern:
    """A pattern with the waivers and approvals given for a subject."""
    # INVARIANT: what was said of one subject changes that subject alone, and a waiver only a rule that allows it.
    given = standing.waived.get(subject_id)
    waivable = {r.id for r in question.rules if r.waivable_by and r.mode is Mode.ENFORCE} if given else ()
    waived = frozenset((waiver, rule) for waiver, rule in given or () if rule in waivable)
    return replace(pattern, waived=waived, approved=standing.approved.get(subject_id, frozenset()))
