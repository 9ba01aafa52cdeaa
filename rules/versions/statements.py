"""What does a policy set say, thing by thing? Every rule, parameter and definition as labelled words.

    rule R02:  effect = deny;  from = 2000-01-01;  when = move.effective < account.last_moved_on + cooldown; …

Words here are exact, so that two versions say the same only if they mean the same: a share is never rounded, and a
condition is written in its canonical form, so that blanks and line breaks make no difference. Labels of what a thing
says over time name the day: `value from 2026-01-01`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from rules.expression.check import Checked
from rules.expression.printer import printed
from rules.expression.syntax import parse
from rules.expression.tree import Source
from rules.kinds import Unit
from rules.model.calendar import Calendar
from rules.model.definition import Definition, Formula, FormulaExample
from rules.model.metric import Metric
from rules.model.parameter import Extent, Parameter, ParameterValue
from rules.model.policy import Binding, Example, Policy, PolicySet, Rule
from rules.model.schedule import Schedule
from rules.problem import BadInput, Place

EVERYWHERE = "everywhere"


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing of a policy set. `says` maps labels to words, in the order in which people read them."""

    what: str
    """`rule`, `parameter`, `condition`, …"""
    name: str
    says: Mapping[str, str]
    place: Place


def statements(policies: PolicySet) -> dict[tuple[str, str], Statement]:
    """Everything that the policies say, by what it is and its name, in order of file."""
    calendar = Statement("calendar", "calendar", _kept(_calendar(policies.calendar)), Place("policies"))
    every = [
        calendar,
        *(statement for policy in policies.policies for statement in _stated(policy, policies.minor_digits)),
    ]
    return {(s.what, s.name): s for s in every}


def _stated(policy: Policy, minor_digits: int) -> Iterator[Statement]:
    def one(what: str, name: str, says: Mapping[str, str], place: Place) -> Statement:
        return Statement(what, name, _kept({"policy": policy.name, **says}), place)

    about = {"title": policy.title, "owner": policy.owner}
    yield Statement("policy", policy.name, _kept(about), policy.place)
    for p in policy.parameters:
        yield one("parameter", p.name, _parameter(p, minor_digits), p.place)
    for d in policy.definitions:
        yield one(d.origin.value, d.name, _definition(d), d.place)
    for f in policy.formulas:
        yield one("formula", f.name, _formula(f), f.place)
    for m in policy.metrics:
        yield one("metric", m.name, _metric(m), m.place)
    for due in policy.deadlines:
        days = f"{due.days} {'business ' if due.business else ''}days after {due.anchor}"
        extension = f"{due.extension_days} days, by {due.extended_by}" if due.extension_days else ""
        says = {"title": due.title, "subject": due.subject.value, "due": days, "extension": extension}
        yield one("deadline", due.name, {**says, **_grounds(due.source, due.assumption)}, due.place)
    for s in policy.schedules:
        yield one("schedule", s.name, _schedule(s), s.place)
    for rule in policy.rules:
        yield one("rule", rule.id, _rule(rule), rule.place)
    for i, b in enumerate(policy.bindings, 1):
        yield one("binding", f"{policy.name} {i}", _binding(b), b.place)


def _rule(rule: Rule) -> dict[str, str]:
    return {
        "title": rule.title,
        "kind": rule.kind.value,
        "subject": rule.subject.value,
        "effect": rule.effect.value,
        "when": expression(rule.when),
        "count": f"at least {rule.count.at_least} of {rule.count.group}" if rule.count else "",
        "group": rule.group,
        "from": rule.start.isoformat(),
        "to": rule.end.isoformat() if rule.end else "",
        "message": rule.message,
        "defeats": ", ".join(rule.defeats),
        "roles": ", ".join(rule.roles),
        "approvals": ("all" if rule.approvals_needed == 0 else str(rule.approvals_needed)) if rule.roles else "",
        "obligation": rule.obligation,
        "deadline": rule.deadline,
        "receives": rule.to,
        "waivable by": rule.waivable_by,
        "if unknown": rule.on_unknown.value if rule.on_unknown else "nothing",
        "until": expression(rule.until),
        **{f"line {x.name}": f"{expression(x.formula)}, {x.rounding.value}: {x.text}" for x in rule.lines},
        "lasts": rule.lasts,
        "order of lines": ", ".join(x.name for x in rule.lines),
        "mode": rule.mode.value,
        "applies": "; or ".join(extent_words(e) for e in rule.scopes) or EVERYWHERE,
        "severity": rule.severity.value,
        "owner": rule.owner,
        "tags": ", ".join(rule.tags),
        **_grounds(rule.source, rule.assumption),
        **_examples(rule.examples),
    }


def _parameter(parameter: Parameter, minor_digits: int) -> dict[str, str]:
    own = _values("", parameter.values, parameter.unit, minor_digits)
    says = {"title": parameter.title, "unit": parameter.unit.value, **own}
    for override in parameter.overrides:
        says[f"{override.name} applies"] = extent_words(override.scope)
        says |= _values(f"{override.name} ", override.values, parameter.unit, minor_digits)
    return {**says, "order of overrides": ", ".join(o.name for o in parameter.overrides)}


def _values(before: str, values: Iterable[ParameterValue], unit: Unit, minor_digits: int) -> dict[str, str]:
    says = {}
    for value in values:
        day = value.start.isoformat()
        says[f"{before}value from {day}"] = exact(value.value, unit, minor_digits)
        says[f"{before}source of {day}"] = value.source
        says[f"{before}assumption of {day}"] = value.assumption
    return says


def _definition(definition: Definition) -> dict[str, str]:
    says = {"title": definition.title, "subject": definition.subject.value}
    table = definition.table
    if table is None:
        says["means"] = expression(definition.checked)
    else:
        says |= {"hit policy": table.hit.value, "inputs": ", ".join(expression(i) for i in table.inputs)}
        says |= {f"row {i}": f"{' | '.join(r.cells)} → {exact(r.then)}" for i, r in enumerate(table.rows, 1)}
        says |= {"otherwise": exact(table.otherwise), "priority": exact(table.priority)}
    return {**says, **_grounds(definition.source, definition.assumption), **_examples(definition.examples)}


def _formula(formula: Formula) -> dict[str, str]:
    return {
        "title": formula.title,
        "subject": formula.subject.value,
        **{f"line {x.name}": f"{expression(x.formula)}, {x.rounding.value}: {x.text}" for x in formula.lines},
        "order of lines": ", ".join(x.name for x in formula.lines),
        **_grounds(formula.source, formula.assumption),
        **_examples(formula.examples),
    }


def _metric(metric: Metric) -> dict[str, str]:
    column = f"{metric.table}.{metric.column}" if metric.column else metric.table
    return {
        "title": metric.title,
        "subject": metric.subject.value,
        "is": f"{metric.aggregate.value} of {column}",
        "where": expression(metric.where),
        "read": metric.state.value,
        "unit": metric.unit.value or metric.kind.value,
        **_grounds(metric.source, metric.assumption),
    }


def _schedule(schedule: Schedule) -> dict[str, str]:
    shares = {
        f"{credit} credit": ", ".join(
            f"{s.original} % {'after that' if s.through is None else f'through month {s.through}'}" for s in slices
        )
        for credit, slices in schedule.shares
    }
    grounds = _grounds(schedule.source, schedule.assumption)
    return {"title": schedule.title, "counted from": schedule.anchor, **shares, **grounds}


def _binding(binding: Binding) -> dict[str, str]:
    mode = binding.mode.value if binding.mode else ""
    return {"rules": ", ".join(binding.rules), "applies": extent_words(binding.scope), "mode": mode}


def _calendar(calendar: Calendar) -> dict[str, str]:
    return {
        "fiscal year starts in month": str(calendar.fiscal_start_month),
        "holidays": calendar.holidays,
        "weekend": ", ".join(map(str, calendar.weekend)),
        "closed": ", ".join(calendar.closed),
        **{
            f"window {i}": f"days {w.first} to {w.last} of quarters {', '.join(map(str, w.quarters))}"
            for i, w in enumerate(calendar.windows, 1)
        },
    }


def _grounds(source: str, assumption: str) -> dict[str, str]:
    return {"source": source, "assumption": assumption}


def _examples(examples: Iterable[Example | FormulaExample]) -> dict[str, str]:
    """Examples in their order of writing; two of one name are told apart by their number."""
    says: dict[str, str] = {}
    for example in examples:
        given = {**example.given, **example.parameters}
        facts = ", ".join(f"{name} = {exact(value)}" for name, value in given.items()) or "nothing"
        at = f" on {example.at.isoformat()}" if example.at else ""
        wanted = example.expect
        if not isinstance(wanted, str):
            wanted = ", ".join(f"{name} = {exact(value)}" for name, value in wanted.items())
        label = f"example “{example.name}”"
        while label in says:
            label += " again"
        says[label] = f"given {facts}{at}: {wanted}"
    return says


def extent_words(extent: Extent) -> str:
    """`in North or Central, for SMB`; `everywhere` for an empty extent."""
    regions = f"in {' or '.join(extent.regions)}" if extent.regions else ""
    segments = f"for {' or '.join(extent.segments)}" if extent.segments else ""
    return ", ".join(w for w in (regions, segments) if w) or EVERYWHERE


def expression(checked: Checked | None) -> str:
    """The canonical text of an expression; empty where there is none."""
    if checked is None:
        return ""
    try:
        return printed(parse(Source(checked.text, Place("expression"))))
    except BadInput:
        # Cases and bands carry a text of their own, which is no expression of the language.
        return " ".join(checked.text.split())


def exact(value: object, unit: Unit = Unit.NONE, minor_digits: int = 2) -> str:
    """A value without rounding, in the unit that it is written in; `unknown` for `None`."""
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(exact(v, unit, minor_digits) for v in value)
        case date():
            return value.isoformat()
        case Fraction():
            hundred = unit in (Unit.PERCENT, Unit.POINTS)
            word = {Unit.PERCENT: " %", Unit.POINTS: " points"}.get(unit, "")
            return _decimal(value * 100 if hundred else value) + word
        case int() if unit is Unit.MONEY:
            return _decimal(Fraction(value, 10**minor_digits))
        case _:
            return f"{value} {unit.value}" if unit is Unit.DAYS else str(value)


def _decimal(value: Fraction) -> str:
    """As a decimal where it has one of at most twelve digits, else as a fraction."""
    for places in range(13):
        shifted = value * 10**places
        if shifted.denominator == 1:
            digits = f"{abs(shifted.numerator):0{places + 1}d}"
            cut = len(digits) - places
            return f"{'-' if value < 0 else ''}{digits[:cut]}{'.' if places else ''}{digits[cut:]}"
    return str(value)


def _kept(says: Mapping[str, str]) -> dict[str, str]:
    return {label: words for label, words in says.items() if words}
