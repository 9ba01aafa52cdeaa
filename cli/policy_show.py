"""`policy show`: one thing of the policies with its values by date, what it rests on, and what rests on it."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from cli.answer import answer, as_json, coloured, rows_of_words
from cli.named_policies import completed, names_of, require_known
from cli.options import DAY, here
from cli.policy_drawing import (
    decision_table,
    formula_lines,
    schedule_table,
    value_document,
    value_rows,
    value_words,
    values_drawn,
)
from cli.policy_versions import policies_at
from cli.workspace import now
from rules.expression.check import Checked
from rules.kinds import shown
from rules.model.definition import Definition, Formula
from rules.model.metric import Metric
from rules.model.parameter import Parameter
from rules.model.policy import PolicySet, Rule
from rules.model.schedule import Schedule
from rules.reading.written import unit_of
from rules.versions.statements import EVERYWHERE, Statement, statements
from rules.versions.uses import Use, uses_in

Thing = Rule | Parameter | Definition | Formula | Metric | Schedule | None
"""What has more to show than its statement says; a deadline has not."""
_OWN_PLACE = frozenset(
    {"title", "policy", "source", "assumption", "kind", "subject", "effect", "order of lines", "order of overrides"}
)
"""Labels that are shown elsewhere, or only tell versions apart."""
_CALLED = {"derive": "derived value", "table": "decision table"}
_USUAL = {"mode": "enforce", "applies": EVERYWHERE}


@click.command()
@click.argument("name", metavar="ID", shell_complete=completed)
@click.option("--at", type=DAY, default=None, help="As in force on this day; default: the files here, today.")
@click.option("--known", type=DAY, default=None, help="By the versions published up to this day; default: all.")
@as_json
def show(name: str, at: date | None, known: date | None) -> None:
    """Show a rule, parameter, definition, table, formula, metric, deadline or schedule, and what uses it.

    Example: merestone policy show R02 --at 2026-03-01
    """
    policies, standing = policies_at(here(), at, known)
    require_known([name], names_of(policies), "rule, parameter or definition")
    day, digits = at or known or now().date(), policies.minor_digits
    statement = next(s for (_, named), s in statements(policies).items() if named == name and s.what != "policy")
    thing = _thing(policies, name)
    uses = uses_in(policies)
    read = _parameters_of(thing, policies)
    rests_on = [d.name for d in policies.definitions() if any(u.name == name for u in uses.get(d.name, ()))]
    rule = thing if isinstance(thing, Rule) else None
    defeated_by = [u.name for u in uses.get(name, ()) if u.how == "defeats"]
    used_by = [u for u in uses.get(name, ()) if u.how != "defeats"]
    document: dict[str, Any] = {
        **(_rule_document(rule, day) if rule else {"name": name, "policy": statement.says.get("policy", "")}),
        "what": statement.what,
        "policies": standing,
        "parameters": {p.name: value_document(p, day, digits) for p in read},
        **({"values": value_rows(thing, digits)} if isinstance(thing, Parameter) else {}),
        "says": dict(statement.says),
        "rests_on": rests_on,
        "defeated_by": defeated_by,
        "used_by": [{"what": u.what, "name": u.name, "how": u.how} for u in used_by],
        "place": str(statement.place),
    }

    def words(out: Console) -> None:
        _show_head(out, statement, thing, standing["standing"])
        _show_said(out, statement, thing, day, digits)
        rows_of_words(
            out,
            [
                ("rests on", ", ".join(rests_on)),
                ("defeated by", ", ".join(defeated_by)),
                ("used by", _use_words(used_by)),
            ],
        )
        rows_of_words(out, [("" if i else "reads", value_words(p, day, digits)) for i, p in enumerate(read)])
        _show_examples(out, thing, digits)

    answer("policy-rule" if rule else "policy-thing", document, words)


def _thing(policies: PolicySet, name: str) -> Thing:
    if (rule := policies.rule(name)) is not None:
        return rule
    parts = ((p.parameters, p.definitions, p.formulas, p.metrics, p.schedules) for p in policies.policies)
    things = (x for each in parts for xs in each for x in xs)
    return next((x for x in things if x.name == name), None)


def _parameters_of(thing: Thing, policies: PolicySet) -> list[Parameter]:
    """The parameters that it reads, also through definitions, in order of file."""
    read: Iterable[Checked | None]
    match thing:
        case Rule():
            read = (thing.when, thing.until, *(line.formula for line in thing.lines))
        case Definition():
            read = (thing.checked,)
        case Formula():
            read = (line.formula for line in thing.lines)
        case Metric():
            read = (thing.where,)
        case _:
            read = ()
    names = {name for checked in read if checked for name in checked.parameters}
    return [p for n, p in policies.parameters().items() if n in names]


def _rule_document(rule: Rule, day: date) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "policy": rule.policy,
        "title": rule.title,
        "kind": rule.kind.value,
        "subject": rule.subject.value,
        "effect": rule.effect.value,
        "mode": rule.mode.value,
        "when": rule.when.text if rule.when else "",
        "in_force": rule.in_force(day),
        "defeats": list(rule.defeats),
        "roles": list(rule.roles),
        "waivable_by": rule.waivable_by,
        "source": rule.source,
        "assumption": rule.assumption,
    }


def _show_head(out: Console, statement: Statement, thing: Thing, standing: str) -> None:
    kind = _CALLED.get(statement.what, statement.what)
    what = f"{thing.kind.value.replace('_', ' ')} rule" if isinstance(thing, Rule) else kind
    title = statement.says.get("title", "")
    out.print(Text.assemble((statement.name, "bold"), f" {title}" if title else ""))
    policy = statement.says.get("policy", "")
    rows_of_words(out, [("is", f"{what} of {policy}, {statement.place}"), ("policies", standing)])


def _show_said(out: Console, statement: Statement, thing: Thing, day: date, digits: int) -> None:
    says = {k: w for k, w in statement.says.items() if k not in _OWN_PLACE and not k.startswith("example ")}
    if isinstance(thing, Rule):
        effect = coloured(thing.effect.value).append(f" on a {thing.subject.value}", style="default")
        until = "" if thing.in_force(day) else f"; not in force on {day.isoformat()}"
        says["from"] = f"{says['from']}{until}"
        when = thing.when.text.strip() if thing.when else ""
        rows_of_words(out, [("when", when or says.pop("count", "")), ("effect", effect)])
        says = {k: w for k, w in says.items() if _USUAL.get(k) != w and k != "when" and not k.startswith("line ")}
        drawn: list[Any] = [formula_lines(thing.lines)] if thing.lines else []
    else:
        rows_of_words(out, [("on a", statement.says.get("subject", ""))])
        says, drawn = _other(says, thing, day, digits)
    grounds = [(label, statement.says.get(label, "")) for label in ("source", "assumption")]
    rows_of_words(out, [*says.items(), *grounds])
    for each in drawn:
        out.print(each)


def _other(says: dict[str, str], thing: Thing, day: date, digits: int) -> tuple[dict[str, str], list[Any]]:
    """What is said in rows, and what is drawn."""
    match thing:
        case Parameter():
            return {"unit": thing.unit.value}, [values_drawn(thing, day, digits)]
        case Formula():
            return {}, [formula_lines(thing.lines)]
        case Schedule():
            return {"counted from": thing.anchor}, [schedule_table(thing)]
        case Definition(table=table) if table is not None:
            rest = {k: w for k, w in says.items() if k in ("hit policy", "priority")}
            return rest, [decision_table(thing, table, digits)]
        case _:
            return says, []


def _use_words(used_by: Sequence[Use]) -> str:
    """`rule R02 (when, message)`, joined."""
    by_name: dict[tuple[str, str], list[str]] = {}
    for use in used_by:
        by_name.setdefault((use.what, use.name), []).append(use.how)
    return ", ".join(f"{what} {name} ({', '.join(hows)})" for (what, name), hows in by_name.items())


def _show_examples(out: Console, thing: Thing, digits: int) -> None:
    rows: list[tuple[str, str]] = []
    if isinstance(thing, Rule):
        rows = [(e.expect, e.name) for e in thing.examples]
    elif isinstance(thing, Definition):
        kind, unit = thing.checked.kind, unit_of(thing.checked.kind, thing.checked.unit)
        rows = [(shown(e.expect[thing.name], kind, unit, minor_digits=digits), e.name) for e in thing.examples]
    elif isinstance(thing, Formula):
        lines = {line.name: line.formula for line in thing.lines}
        rows = [
            (
                ", ".join(
                    f"{n} {shown(v, lines[n].kind, lines[n].unit, minor_digits=digits)}" for n, v in e.expect.items()
                ),
                e.name,
            )
            for e in thing.examples
        ]
    width = max((len(expected) for expected, _ in rows), default=0) + 1
    for expected, name in rows:
        out.print(Text(f"    {expected + ':':<{width}} {name}", style="dim"))
