"""Policy files to a PolicySet: everything looked up, compiled and checked, every problem of every file told at once.

Parameters are read first, over all files, so that a rule may use a parameter of another policy. A policy set with any
problem does not load: a half-loaded policy would answer differently from the one its owner wrote.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rules.expression.check import Scope
from rules.kinds import Value
from rules.model.calendar import Calendar
from rules.model.definition import Definition, Formula, Origin
from rules.model.parameter import Parameter
from rules.model.policy import Policy, PolicySet, Rule
from rules.model.rule_kind import Effect
from rules.problem import BadInput, Place, Problem
from rules.reading.binding import Bound, read_binding, with_bindings
from rules.reading.calendar import read_calendar
from rules.reading.deadline import read_deadlines
from rules.reading.definition import declared_in, read_definitions
from rules.reading.formula import read_formulas
from rules.reading.metric import read_metrics
from rules.reading.names import name_problems, names_in
from rules.reading.parameter import read_parameter
from rules.reading.reader import Reader, scope_of
from rules.reading.relations import Placing, relation_problems
from rules.reading.rule import TRUTHS, read_rule
from rules.reading.schedule import read_schedules
from rules.reading.shapes import PolicyShape
from rules.reading.yaml_source import read_yaml, shaped
from rules.vocabulary import Subject


@dataclass(frozen=True, slots=True)
class _File:
    """One policy file: what it says, and what collects its problems."""

    reader: Reader
    shape: PolicyShape
    sha256: str


def load_policies(files: Iterable[tuple[str, str]], *, minor_digits: int = 2) -> PolicySet:
    """The policy set in (file name, text) pairs; `minor_digits` of the currency that amounts are written in.

    Raises BadInput with every problem of every file, in order of place. Of a file whose keys do not fit only that is
    told: what its rules mean is looked at once they do.
    """
    given = sorted(files)
    parameters: dict[str, Parameter] = {}
    read, problems = _read(given, parameters, minor_digits)
    problems.extend(_twice((f.reader.document.place(("policy",)), f.shape.policy, "policy") for f in read))
    problems.extend(name_problems(name for f in read for name in names_in(f.reader.document, f.shape)))
    for file in read:
        for name in file.shape.parameters:
            if name not in parameters:
                parameters[name] = read_parameter(file.reader, name, file.shape)
    policies, calendar = _policies(read, parameters, minor_digits)
    problems.extend(problem for f in read for problem in f.reader.problems)
    written = [(_placing(f.reader, i), rule) for f in read for i, rule in enumerate(f.shape.rules)]
    problems.extend(_twice((place_of(("id",)), rule.id, "rule") for place_of, rule in written))
    if len(read) == len(given):
        deadlines = {name: d.subject for f in read for name, d in f.shape.deadlines.items()}
        problems.extend(relation_problems(written, deadlines))
    if problems:
        raise BadInput(sorted(problems, key=lambda p: (p.where.file, p.where.line or 0, p.where.column or 0)))
    listing = "\n".join(f"{p.name} {p.sha256}" for p in sorted(policies, key=lambda p: p.name))
    return PolicySet(policies, hashlib.sha256(listing.encode()).hexdigest(), calendar, minor_digits)


def _placing(reader: Reader, number: int) -> Placing:
    return lambda path: reader.document.place(("rules", number, *path))


def _read(
    given: Sequence[tuple[str, str]], parameters: Mapping[str, Parameter], minor_digits: int
) -> tuple[list[_File], list[Problem]]:
    """The files whose keys fit, and what is wrong with the others."""
    read: list[_File] = []
    problems: list[Problem] = []
    for name, text in given:
        try:
            document = read_yaml(text, name)
            shape = shaped(document, PolicyShape)
        except BadInput as refused:
            problems.extend(refused.problems)
        else:
            digest = hashlib.sha256(text.encode()).hexdigest()
            read.append(_File(Reader(document, parameters, minor_digits), shape, digest))
    return read, problems


def _policies(
    read: Sequence[_File], parameters: Mapping[str, Parameter], minor_digits: int
) -> tuple[tuple[Policy, ...], Calendar]:
    """Each file as a policy, and the calendar of all; the readers gather what is wrong.

    One stage follows the other over all files, as each needs those before: metrics, definitions, rules, bindings.
    """
    metrics = [read_metrics(f.reader, f.shape) for f in read]
    fields = [(m.subject, m.as_field()) for found in metrics for m in found]
    scopes: Mapping[Subject, Scope] = {
        subject: scope_of(
            subject, parameters, extra=[f for of, f in fields if of is subject], minor_digits=minor_digits
        )
        for subject in Subject
    }
    for file in read:
        file.reader.scopes = scopes
    declared = [d for f in read for d in declared_in(f.reader, f.shape)]
    definitions, scopes = read_definitions(declared, scopes)
    for file in read:
        file.reader.scopes = scopes
    rules = {
        id(f): tuple(
            r
            for i, rule in enumerate(f.shape.rules)
            if (r := read_rule(f.reader, f.shape.policy, f.shape.owner, rule, ("rules", i))) is not None
        )
        for f in read
    }
    by_id = {rule.id: rule for f in read for rule in f.shape.rules}
    bound = [
        Bound(f.reader, binding)
        for f in read
        for i, shape in enumerate(f.shape.bindings)
        if (binding := read_binding(f.reader, shape, by_id, ("bindings", i))) is not None
    ]
    policies = tuple(
        Policy(
            name=f.shape.policy,
            title=f.shape.title,
            owner=f.shape.owner,
            parameters=tuple(parameters[n] for n in f.shape.parameters),
            rules=with_bindings(rules[id(f)], bound),
            place=f.reader.document.place(()),
            sha256=f.sha256,
            definitions=tuple(
                definitions[d.shape.name] for d in declared if d.reader is f.reader and d.shape.name in definitions
            ),
            formulas=read_formulas(f.reader, f.reader.scope, f.shape),
            metrics=found,
            deadlines=read_deadlines(f.reader, f.shape),
            schedules=read_schedules(f.reader, f.shape),
            bindings=tuple(b.binding for b in bound if b.reader is f.reader),
        )
        for f, found in zip(read, metrics, strict=True)
    )
    return policies, _calendar(read)


def _calendar(read: Sequence[_File]) -> Calendar:
    """The one calendar of all files; a company that writes none has that of the world."""
    first: Place | None = None
    calendar = Calendar()
    for file in read:
        if file.shape.calendar is None:
            continue
        place = file.reader.document.place(("calendar",))
        if first is not None:
            file.reader.refuse(("calendar",), "a company has one calendar", hint=f"first at {first}")
        else:
            first, calendar = place, read_calendar(file.reader, file.shape.calendar)
    return calendar


def in_force(policies: PolicySet, day: date) -> dict[str, Value | tuple[Value, ...]]:
    """The value of every parameter that has one on that day, and of every override by its name, `cooldown[EMEA]`."""
    return {name: v.value for name, v in policies.values_at(day).items()}


def single_in_force(policies: PolicySet, day: date) -> dict[str, Value]:
    """As `in_force`, without lists: what the definitions of metrics read."""
    return {name: value for name, value in in_force(policies, day).items() if not isinstance(value, tuple)}


def example_problems(policies: PolicySet) -> tuple[Problem, ...]:
    """Rules that lack an example that fires, or one that does not: such a rule says nothing about itself.

    A derived value, a table and a formula need one at least; a condition and a band are tried by the rules that ask.
    """
    worked: list[Definition | Formula] = []
    for policy in policies.policies:
        worked.extend(d for d in policy.definitions if d.origin in (Origin.DERIVE, Origin.TABLE))
        worked.extend(policy.formulas)
    problems = [
        Problem(each.place, f"`{each.name}` has no example for it", expected="one at least")
        for each in worked
        if not each.examples
    ]
    for rule in policies.rules():
        answers = {_truth_word(rule, e.expect) for e in rule.examples}
        for word, want in (("fires", "one that fires"), ("silent", "one that does not fire")):
            if word not in answers:
                problems.append(Problem(rule.place, f"rule `{rule.id}` has no example for it", expected=want))
    return tuple(problems)


def _truth_word(rule: Rule, expect: str) -> str:
    """What an expected answer says about the rule's condition. A denial that ends as a hold was unknown."""
    if expect in TRUTHS:
        return expect
    if expect in ("allow", "held"):
        return "silent"
    return "unknown" if rule.effect is Effect.DENY and expect == "hold" else "fires"


def _twice(named: Iterable[tuple[Place, str, str]]) -> list[Problem]:
    first: dict[str, Place] = {}
    problems = []
    for place, name, what in named:
        if name in first:
            problems.append(Problem(place, f"{what} `{name}` stands twice", hint=f"first at {first[name]}"))
        first.setdefault(name, place)
    return problems
