"""Do the policies' own examples hold? Each is a case in its owner's words, evaluated as the rule would be in earnest.

An example of a rule or of a definition is answered twice, as a set in SQL and as a case in Python, and both must agree
before its expectation is looked at; a formula is worked case by case alone, in earnest too. A rule stands alone: other
rules do not help it and do not hide it. Inputs that an example does not give are unknown if they are required, and none
if they are optional.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count

from engine.conditions.condition_case import value_of
from engine.conditions.formulas import evaluate_formula
from engine.conditions.truth import truth_table
from engine.database import Database, quoted
from engine.fact_frames import Fact, frame_of
from engine.inference.inference import Inference
from engine.inference.ladders import LADDER_OF, enforced, logic_of
from engine.inference.logic import Pattern, Truth
from rules.expression.check import Checked
from rules.expression.lowering import compared, literal
from rules.expression.term import Op
from rules.kinds import Kind, Unit, Value, shown
from rules.model.definition import Definition, Formula, FormulaExample
from rules.model.policy import Example, PolicySet, Rule
from rules.reading.load import in_force
from rules.reading.written import unit_of

WORDS: Mapping[bool | None, str] = {True: "fires", False: "silent", None: "unknown"}


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
class _Bench:
    """Where examples are tried. Every frame of facts has a name of its own."""

    db: Database
    policies: PolicySet
    names: Iterator[str]


def try_examples(policies: PolicySet, *, only: Collection[str] | None = None) -> tuple[Tried, ...]:
    """Every example of every rule, in order of file and place, then of every definition and formula.

    `only` are the ids of rules, and names of definitions and formulas, that are meant; without it, all.
    """
    rules = [rule for rule in policies.rules() if only is None or rule.id in only]
    definitions = [d for d in policies.definitions() if only is None or d.name in only]
    formulas = [f for policy in policies.policies for f in policy.formulas if only is None or f.name in only]
    with Database() as db:
        bench = _Bench(db, policies, (f"example_{i}" for i in count()))
        return (
            *(_rule_tried(bench, rule, example) for rule in rules for example in rule.examples),
            *(_definition_tried(bench, d, example) for d in definitions for example in d.examples),
            *(_formula_tried(bench, formula, example) for formula in formulas for example in formula.examples),
        )


def _given(
    policies: PolicySet, example: Example | FormulaExample, read: Iterable[Checked], start: date, end: date | None
) -> Mapping[str, Value | tuple[Value, ...]]:
    """The parameters of an example: on its day, else on the last in [start, end) on which one that is read changed."""
    declared = {p.name: p.values for p in policies.parameters().values()}
    declared.update({o.name: o.values for p in policies.parameters().values() for o in p.overrides})
    days = [v.start for checked in read for name in checked.parameters for v in declared[name]]
    latest = max((start, *(day for day in days if start <= day and (end is None or day < end))))
    return {**in_force(policies, example.at or latest), **example.parameters}


def _rule_tried(bench: _Bench, rule: Rule, example: Example) -> Tried:
    policies = bench.policies
    read = [c for c in (rule.when, rule.until) if c is not None]
    parameters = _given(policies, example, read, rule.start, rule.end)
    indicators = [
        r for r in policies.rules() if rule.count and r.group == rule.count.group and r.subject is rule.subject
    ]
    conditional = [r for r in (*indicators, rule) if r.when is not None]
    case = {name: example.given.get(name) for name in policies.fields(rule.subject)}
    by_case = [value_of(r.when, case, parameters) for r in conditional if r.when is not None]
    conditions = [(r.id, r.when) for r in conditional if r.when is not None]
    by_set = _truths(bench, rule, case, conditions, parameters)
    answer = _answer(rule, [*indicators, rule], conditional, by_set, example.expect)
    return Tried(rule, example, example.expect, answer, by_case == by_set, case, parameters)


def _definition_tried(bench: _Bench, definition: Definition, example: FormulaExample) -> Tried:
    checked = definition.checked
    parameters = _given(bench.policies, example, [checked], date.min, None)
    case = {name: example.given.get(name) for name in bench.policies.fields(definition.subject)}
    answer = value_of(checked, case, parameters)
    # SQL is asked whether it comes to the same: a ratio has no single column to be read from.
    unit = unit_of(checked.kind, checked.unit)
    node = checked.node if answer is None else literal(answer, unit, bench.policies.minor_digits)
    same = replace(checked, node=compared(Op.EQUAL, checked.node, node), kind=Kind.BOOL, unit=Unit.BOOL)
    (truth,) = _truths(bench, definition, case, [(definition.name, same)], parameters)
    expected = example.expect[definition.name]
    words = [shown(value, checked.kind, unit, minor_digits=bench.policies.minor_digits) for value in (expected, answer)]
    agrees = truth is (None if answer is None else True)
    return Tried(definition, example, words[0], words[1], agrees, case, parameters)


def _formula_tried(bench: _Bench, formula: Formula, example: FormulaExample) -> Tried:
    """The lines that the example expects something of."""
    parameters = _given(bench.policies, example, [line.formula for line in formula.lines], date.min, None)
    case = {name: example.given.get(name) for name in bench.policies.fields(formula.subject)}
    worked = {w.name: w for w in evaluate_formula(formula, case, parameters)}

    def words(values: Mapping[str, Value | None]) -> str:
        told = {
            n: shown(v, worked[n].kind, worked[n].unit, minor_digits=bench.policies.minor_digits)
            for n, v in values.items()
        }
        return ", ".join(told.values() if len(told) == 1 else (f"{n} {v}" for n, v in told.items()))

    answers = {name: worked[name].value for name in example.expect}
    return Tried(formula, example, words(example.expect), words(answers), True, case, parameters)  # noqa: FBT003 -- agrees


def _truths(
    bench: _Bench,
    of: Rule | Definition,
    case: Mapping[str, Fact],
    conditions: Sequence[tuple[str, Checked]],
    parameters: Mapping[str, Value | tuple[Value, ...]],
) -> list[bool | None]:
    """What SQL says of conditions on one case."""
    relation = next(bench.names)
    frame_of(bench.db, relation, bench.policies.fields(of.subject), [("example", case)])
    truth_table(bench.db, relation, conditions, parameters, frozenset(), f"{relation}_truth")
    letters = bench.db.value(f"SELECT pattern FROM {quoted(relation + '_truth')}")
    return [{"t": True, "f": False, "u": None}[letter] for letter in letters]


def _answer(
    rule: Rule, rules: Sequence[Rule], conditional: Sequence[Rule], truths: Sequence[bool | None], expect: str
) -> str:
    found = frozenset(
        (r.id, Truth.TRUE if truth else Truth.UNKNOWN)
        for r, truth in zip(conditional, truths, strict=True)
        if truth is not False
    )
    if rule.when is not None and expect in WORDS.values():
        return WORDS[truths[-1]]
    # An example says what the rule means, whether or not it counts yet.
    with Inference(logic_of(enforced(rules))) as inference:
        conclusion = inference.conclude(Pattern(found))
    if expect in WORDS.values():
        state = dict(conclusion.effective).get(rule.id)
        return WORDS[False if state is None else (True if state is Truth.TRUE else None)]
    return conclusion.level[LADDER_OF[rule.kind].name] or "unknown"
