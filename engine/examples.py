"""Do the policies' own examples hold? Each is a case in its owner's words, evaluated as the rule would be in earnest.

An example of a rule or of a definition is answered twice, as a set in SQL and as a case in Python, and both must agree
before its expectation is looked at; a formula is worked case by case alone, in earnest too. A rule stands alone: other
rules do not help it and do not hide it. Inputs that an example does not give are unknown if they are required, and none
if they are optional.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from engine.conditions.condition_case import value_of
from engine.conditions.formulas import evaluate_formula
from engine.conditions.truth import truth_table
from engine.database import Database, quoted
from engine.engines.embedded import Embedded
from engine.fact_frames import Fact, frame_of
from engine.inference.inference import Inference
from engine.inference.ladders import LADDER_OF, enforced, logic_of
from engine.inference.logic import Conclusion, Pattern, Truth
from rules.expression.check import Checked
from rules.expression.lowering import compared, literal
from rules.expression.term import Op
from rules.kinds import Kind, Unit, Value, shown
from rules.model.definition import Definition, Formula, FormulaExample
from rules.model.policy import Example, PolicySet, Rule
from rules.reading.load import in_force
from rules.reading.written import unit_of
from rules.vocabulary import Subject

WORDS: Mapping[bool | None, str] = {True: "fires", False: "silent", None: "unknown"}
_TRUTH: Mapping[str, bool | None] = {"t": True, "f": False, "u": None}
_InForce = Callable[[date], Mapping[str, Value | tuple[Value, ...]]]
"""A day to the parameters in force on it."""
_Truths = Mapping[int, list[bool | None]]
"""What SQL says of the conditions of an example, by the `id` of what was asked."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One example with what it expects and its answer, in words; `agrees` is whether SQL and Python gave the same."""

    of: Rule | Definition | Formula
    example: Example | FormulaExample
    expected: str
    answer: str
    agrees: bool
    case: Mapping[str, Fact]
    """Every fact of the subject, `None` where it is unknown."""
    parameters: Mapping[str, Value | tuple[Value, ...]]

    @property
    def name(self) -> str:
        """Id of the rule, or name of the definition or formula."""
        return self.of.id if isinstance(self.of, Rule) else self.of.name

    @property
    def holds(self) -> bool:
        return self.agrees and self.answer == self.expected


@dataclass(frozen=True, slots=True)
class _Asked:
    """One example of a rule or a definition, and the conditions that SQL and Python are asked on its case."""

    of: Rule | Definition
    example: Example | FormulaExample
    case: Mapping[str, Fact]
    parameters: Mapping[str, Value | tuple[Value, ...]]
    conditions: Sequence[Checked]
    """Of a rule: those of the indicators that it counts, then its own. Of a definition: that it equals its answer."""

    @property
    def read(self) -> Mapping[str, Value | tuple[Value, ...]]:
        """The parameters that the conditions read."""
        names = {t.name for c in self.conditions for t in c.node.walk() if t.op is Op.PARAMETER}
        return {name: self.parameters[name] for name in names if name in self.parameters}


def try_examples(policies: PolicySet, *, only: Collection[str] | None = None) -> tuple[Tried, ...]:
    """Every example of every rule, in order of file and place, then of every definition and formula.

    `only` are the ids of rules, and names of definitions and formulas, that are meant; without it, all.
    """
    rules = [rule for rule in policies.rules() if only is None or rule.id in only]
    definitions = [d for d in policies.definitions() if only is None or d.name in only]
    formulas = [f for policy in policies.policies for f in policy.formulas if only is None or f.name in only]
    in_force_on: _InForce = cache(lambda day: in_force(policies, day))
    of_rules = [[_rule_asked(policies, in_force_on, rule, example) for example in rule.examples] for rule in rules]
    of_definitions = [
        _definition_asked(policies, in_force_on, d, example) for d in definitions for example in d.examples
    ]
    with Embedded() as db:
        truths = _truths(db, policies, [*(asked for each in of_rules for asked in each), *of_definitions])
    return (
        *(
            tried
            for rule, asked in zip(rules, of_rules, strict=True)
            for tried in _rule_tried(policies, rule, asked, truths)
        ),
        *(_definition_tried(policies, asked, truths) for asked in of_definitions),
        *(
            _formula_tried(policies, in_force_on, formula, example)
            for formula in formulas
            for example in formula.examples
        ),
    )


def _given(
    policies: PolicySet,
    in_force_on: _InForce,
    example: Example | FormulaExample,
    read: Iterable[Checked],
    start: date,
    end: date | None,
) -> Mapping[str, Value | tuple[Value, ...]]:
    """The parameters of an example: on its day, else on the last in [start, end) on which one that is read changed."""
    declared = {p.name: p.values for p in policies.parameters().values()}
    declared.update({o.name: o.values for p in policies.parameters().values() for o in p.overrides})
    days = [v.start for checked in read for name in checked.parameters for v in declared[name]]
    latest = max((start, *(day for day in days if start <= day and (end is None or day < end))))
    return {**in_force_on(example.at or latest), **example.parameters}


def _rule_asked(policies: PolicySet, in_force_on: _InForce, rule: Rule, example: Example) -> _Asked:
    read = [c for c in (rule.when, rule.until) if c is not None]
    return _Asked(
        rule,
        example,
        {name: example.given.get(name) for name in policies.fields(rule.subject)},
        _given(policies, in_force_on, example, read, rule.start, rule.end),
        [r.when for r in (*_indicators(policies, rule), rule) if r.when is not None],
    )


def _indicators(policies: PolicySet, rule: Rule) -> list[Rule]:
    """What the rule counts; nothing for a rule with a condition."""
    group = rule.count.group if rule.count else None
    return [r for r in policies.rules() if group and r.group == group and r.subject is rule.subject]


def _rule_tried(policies: PolicySet, rule: Rule, asked: Sequence[_Asked], truths: _Truths) -> Iterator[Tried]:
    rules = [*_indicators(policies, rule), rule]
    conditional = [r for r in rules if r.when is not None]
    with ExitStack() as stack:
        # An example says what the rule means, whether or not it counts yet.
        inference = cache(lambda: stack.enter_context(Inference(logic_of(enforced(rules)))))
        for each in asked:
            by_case = [value_of(c, each.case, each.parameters) for c in each.conditions]
            by_set = truths[id(each)]
            expected = str(each.example.expect)
            found = Pattern(
                frozenset(
                    (r.id, Truth.TRUE if truth else Truth.UNKNOWN)
                    for r, truth in zip(conditional, by_set, strict=True)
                    if truth is not False
                )
            )
            if rule.when is not None and expected in WORDS.values():
                answer = WORDS[by_set[-1]]
            else:
                answer = _answer(rule, inference().conclude(found), expected)
            yield Tried(rule, each.example, expected, answer, by_case == by_set, each.case, each.parameters)


def _answer(rule: Rule, conclusion: Conclusion, expected: str) -> str:
    if expected in WORDS.values():
        state = dict(conclusion.effective).get(rule.id)
        return WORDS[False if state is None else (True if state is Truth.TRUE else None)]
    return conclusion.level[LADDER_OF[rule.kind].name] or "unknown"


def _definition_asked(
    policies: PolicySet, in_force_on: _InForce, definition: Definition, example: FormulaExample
) -> _Asked:
    checked = definition.checked
    parameters = _given(policies, in_force_on, example, [checked], date.min, None)
    case = {name: example.given.get(name) for name in policies.fields(definition.subject)}
    answer = value_of(checked, case, parameters)
    # SQL is asked whether it comes to the same: a ratio has no single column to be read from.
    node = checked.node if answer is None else literal(answer, _unit(definition), policies.minor_digits)
    same = replace(checked, node=compared(Op.EQUAL, checked.node, node), kind=Kind.BOOL, unit=Unit.BOOL)
    return _Asked(definition, example, case, parameters, [same])


def _definition_tried(policies: PolicySet, asked: _Asked, truths: _Truths) -> Tried:
    definition, example = asked.of, asked.example
    assert isinstance(definition, Definition), "of a definition"  # noqa: S101
    assert isinstance(example, FormulaExample), "a definition's example"  # noqa: S101
    checked, unit = definition.checked, _unit(definition)
    answer = value_of(checked, asked.case, asked.parameters)
    expected = example.expect[definition.name]
    words = [shown(value, checked.kind, unit, minor_digits=policies.minor_digits) for value in (expected, answer)]
    agrees = truths[id(asked)] == [None if answer is None else True]
    return Tried(definition, example, words[0], words[1], agrees, asked.case, asked.parameters)


def _unit(definition: Definition) -> Unit:
    return unit_of(definition.checked.kind, definition.checked.unit)


def _formula_tried(policies: PolicySet, in_force_on: _InForce, formula: Formula, example: FormulaExample) -> Tried:
    """The lines that the example expects something of."""
    parameters = _given(policies, in_force_on, example, [line.formula for line in formula.lines], date.min, None)
    case = {name: example.given.get(name) for name in policies.fields(formula.subject)}
    worked = {w.name: w for w in evaluate_formula(formula, case, parameters)}

    def words(values: Mapping[str, Value | None]) -> str:
        told = {
            n: shown(v, worked[n].kind, worked[n].unit, minor_digits=policies.minor_digits) for n, v in values.items()
        }
        return ", ".join(told.values() if len(told) == 1 else (f"{n} {v}" for n, v in told.items()))

    answers = {name: worked[name].value for name in example.expect}
    return Tried(formula, example, words(example.expect), words(answers), True, case, parameters)  # noqa: FBT003 -- agrees


def _truths(db: Database, policies: PolicySet, asked: Sequence[_Asked]) -> _Truths:
    """What SQL says of the conditions of every example, by its `id`: one query for all that can be asked together.

    Together are examples on one subject of which none reads a parameter with another value than the others.
    """
    groups: list[tuple[Subject, dict[str, Value | tuple[Value, ...]], list[_Asked]]] = []
    for each in asked:
        read = each.read
        for subject, parameters, members in groups:
            if subject is each.of.subject and all(parameters.get(n, v) == v for n, v in read.items()):
                parameters.update(read)
                members.append(each)
                break
        else:
            groups.append((each.of.subject, dict(read), [each]))
    found: dict[int, list[bool | None]] = {}
    for number, (subject, parameters, members) in enumerate(groups):
        # One column a condition, however many examples ask it.
        columns = {id(c): (n, c) for n, c in enumerate({id(c): c for m in members for c in m.conditions}.values())}
        relation = f"examples_{number}"
        frame_of(db, relation, policies.fields(subject), [(str(n), m.case) for n, m in enumerate(members)])
        conditions = [(str(n), condition) for n, condition in columns.values()]
        truth_table(db, relation, conditions, parameters, frozenset(), f"{relation}_truth")
        patterns = dict(db.rows(f"SELECT subject_id, pattern FROM {quoted(relation + '_truth')}"))
        for n, member in enumerate(members):
            letters = patterns[str(n)]
            found[id(member)] = [_TRUTH[letters[columns[id(c)][0]]] for c in member.conditions]
    return found
