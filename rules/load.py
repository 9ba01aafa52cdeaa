"""Policy files to a PolicySet: everything looked up, compiled and checked, every problem of every file told at once.

Parameters are read first, over all files, so that a rule may use a parameter of another policy. A policy set with any
problem does not load: a half-loaded policy would answer differently from the one its owner wrote.
"""

import difflib
import hashlib
from collections.abc import Iterable, Sequence
from datetime import date

from rules.kinds import Value
from rules.parameter import Parameter
from rules.parameter_source import read_parameter
from rules.policy import Policy, PolicySet, Rule
from rules.problem import BadInput, Place, Problem
from rules.reader import Reader
from rules.rule_kind import Effect
from rules.rule_source import TRUTHS, read_rule
from rules.shapes import PolicyShape, RuleShape
from rules.yaml_source import Document, read_yaml, shaped


def load_policies(files: Iterable[tuple[str, str]], *, minor_digits: int = 2) -> PolicySet:
    """The policy set in (file name, text) pairs; `minor_digits` of the currency that amounts are written in.

    Raises BadInput with every problem of every file, in order of place. Of a file whose keys do not fit only that is
    told: what its rules mean is looked at once they do.
    """
    problems: list[Problem] = []
    read: list[tuple[Document, PolicyShape, str]] = []
    given = sorted(files)
    for name, text in given:
        try:
            document = read_yaml(text, name)
            shape = shaped(document, PolicyShape)
        except BadInput as refused:
            problems.extend(refused.problems)
        else:
            read.append((document, shape, hashlib.sha256(text.encode()).hexdigest()))
    problems.extend(_twice((d.place(("policy",)), s.policy, "policy") for d, s, _ in read))

    parameters: dict[str, Parameter] = {}
    for document, shape, _ in read:
        reader = Reader(document, {}, minor_digits)
        for name in shape.parameters:
            if name in parameters:
                reader.refuse(
                    ("parameters", name), f"parameter `{name}` stands twice", hint=f"first at {parameters[name].place}"
                )
            else:
                parameters[name] = read_parameter(reader, name, shape)
        problems.extend(reader.problems)

    policies = []
    for document, shape, digest in read:
        reader = Reader(document, parameters, minor_digits)
        rules = tuple(
            r
            for i, rule in enumerate(shape.rules)
            if (r := read_rule(reader, shape.policy, rule, ("rules", i))) is not None
        )
        problems.extend(reader.problems)
        own = tuple(parameters[n] for n in shape.parameters)
        policies.append(Policy(shape.policy, shape.title, shape.owner, own, rules, document.place(()), digest))
    written = [(d.place(("rules", i, "id")), rule) for d, s, _ in read for i, rule in enumerate(s.rules)]
    problems.extend(_twice((place, rule.id, "rule") for place, rule in written))
    if len(read) == len(given):
        problems.extend(_relations(written))
    if problems:
        raise BadInput(sorted(problems, key=lambda p: (p.where.file, p.where.line or 0, p.where.column or 0)))
    listing = "\n".join(f"{p.name} {p.sha256}" for p in sorted(policies, key=lambda p: p.name))
    return PolicySet(tuple(policies), hashlib.sha256(listing.encode()).hexdigest())


def in_force(policies: PolicySet, day: date) -> dict[str, Value | tuple[Value, ...]]:
    """The value of every parameter that has one on that day."""
    return {name: v.value for name, p in policies.parameters().items() if (v := p.at(day)) is not None}


def single_in_force(policies: PolicySet, day: date) -> dict[str, Value]:
    """As `in_force`, without lists: what the definitions of metrics read."""
    return {name: value for name, value in in_force(policies, day).items() if not isinstance(value, tuple)}


def example_problems(policies: PolicySet) -> tuple[Problem, ...]:
    """Rules that lack an example that fires, or one that does not: such a rule says nothing about itself."""
    problems = []
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


def _relations(rules: Sequence[tuple[Place, RuleShape]]) -> list[Problem]:
    """Names that rules use of each other: what they defeat, and the groups that they count."""
    by_id = {rule.id: rule for _, rule in rules}
    groups = {(rule.group, rule.subject) for _, rule in rules if rule.group}
    problems = []
    for place, rule in rules:
        subject = rule.subject.value
        for name in rule.defeats:
            other = by_id.get(name)
            if other is None or other.subject is not rule.subject:
                close = difflib.get_close_matches(name, by_id, 1) if other is None else []
                hint = f"did you mean `{close[0]}`?" if close else "a rule defeats rules on its own subject"
                message = f"rule `{rule.id}` defeats `{name}`, which is not a rule on a {subject}"
                problems.append(Problem(place, message, hint=hint))
        if rule.count and (rule.count.group, rule.subject) not in groups:
            message = f"rule `{rule.id}` counts group `{rule.count.group}`, which has no indicators on a {subject}"
            problems.append(Problem(place, message))
    return problems
