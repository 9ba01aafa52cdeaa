"""What rests on what? Which rules, definitions and the rest name a thing of the policies, or rest on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rules.expression.check import Checked
from rules.expression.term import Op
from rules.model.definition import Line
from rules.model.policy import Policy, PolicySet, Rule
from rules.model.rule_kind import Mode
from rules.reading.rule import PLACEHOLDER
from rules.vocabulary import FIELDS, Field


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """Something that names a thing: what it is, its name, and where it names it."""

    what: str
    """`rule`, `condition`, `formula`, …"""
    name: str
    how: str
    """`when`, `message`, `lines`, …"""


def uses_in(policies: PolicySet) -> Mapping[str, tuple[Use, ...]]:
    """Name of a parameter, definition, metric, deadline or rule to everything that names it, in order of file.

    What conditions name through a definition counts for the definition alone. A table or derived value carries its
    parts put together, so that those count for it whatever they are.
    """
    found: dict[str, dict[Use, None]] = {}
    own = _owned(policies)
    facts = ((Use("fact", fact.name, "defined with"), fact.uses) for fact in _facts())
    for use, names in (*(pair for policy in policies.policies for pair in _named(policy)), *facts):
        for name in names:
            if name in own and name != use.name:
                found.setdefault(name, {})[use] = None
    return {name: tuple(uses) for name, uses in found.items()}


def rules_on(policies: PolicySet, uses: Mapping[str, tuple[Use, ...]], name: str) -> tuple[str, ...]:
    """Ids of the rules whose conclusion may be another if `name` were: itself, and those that rest on it in any way.

    A rule in report mode concludes nothing, and a message changes no verdict.
    """
    reached: dict[str, None] = {name: None}
    waiting = [name]
    while waiting:
        for use in uses.get(waiting.pop(), ()):
            if use.how != "message" and use.name not in reached:
                reached[use.name] = None
                waiting.append(use.name)
    return tuple(r.id for r in policies.rules() if r.id in reached and r.mode is Mode.ENFORCE)


def _owned(policies: PolicySet) -> frozenset[str]:
    """Every name that the policies give."""
    names = {fact.name for fact in _facts()}
    for p in policies.policies:
        names.update(x.name for x in p.parameters)
        names.update(x.name for x in p.definitions)
        names.update(x.name for x in p.formulas)
        names.update(x.name for x in p.metrics)
        names.update(x.name for x in p.deadlines)
        names.update(x.name for x in p.schedules)
        names.update(name for rule in p.rules for name in (rule.id, rule.group) if name)
    return frozenset(names)


def _facts() -> Iterator[Field]:
    """Facts of the vocabulary that are defined with parameters."""
    return (fact for fields in FIELDS.values() for fact in fields if fact.uses)


def _named(policy: Policy) -> Iterator[tuple[Use, tuple[str, ...]]]:
    """Every part of a policy that names something, with the names."""
    for rule in policy.rules:
        for how, names in _named_by(rule):
            yield Use("rule", rule.id, how), names
    for d in policy.definitions:
        yield Use(d.origin.value, d.name, "means"), _names(d.checked)
    for f in policy.formulas:
        yield Use("formula", f.name, "lines"), _of_lines(f.lines)
    for m in policy.metrics:
        yield Use("metric", m.name, "where"), _names(m.where)
    for deadline in policy.deadlines:
        yield Use("deadline", deadline.name, "from"), (deadline.anchor,)
    for schedule in policy.schedules:
        yield Use("schedule", schedule.name, "from"), (schedule.anchor,)
    for i, binding in enumerate(policy.bindings, 1):
        yield Use("binding", f"{policy.name} {i}", "rules"), binding.rules


def _named_by(rule: Rule) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "when", _names(rule.when)
    yield "until", _names(rule.until)
    yield "lines", _of_lines(rule.lines)
    yield "lasts", (rule.lasts,)
    yield "deadline", (rule.deadline,)
    yield "to", (rule.to,)
    yield "count", (rule.count.group,) if rule.count else ()
    yield "defeats", rule.defeats
    yield "message", tuple(PLACEHOLDER.findall(rule.message))


def _of_lines(lines: tuple[Line, ...]) -> tuple[str, ...]:
    return tuple(name for line in lines for name in _names(line.formula))


def _names(checked: Checked | None) -> tuple[str, ...]:
    """What an expression names itself: an override by its parameter, and nothing of what a definition stands for."""
    found: dict[str, None] = {}
    waiting = [checked.node] if checked else []
    while waiting:
        term = waiting.pop()
        if term.op in (Op.FACT, Op.PARAMETER, Op.DEFINITION, Op.HAS):
            found[term.name.partition("[")[0]] = None
        if term.op is not Op.DEFINITION:
            waiting.extend(reversed(term.parts))
    return tuple(found)
