"""`policy`: are the policies well formed, do their examples hold, and what do they rest on?"""

from collections.abc import Sequence
from datetime import date

import click
from rich.console import Console
from rich.text import Text

from cli.answer import answer, as_json, coloured, table
from cli.options import DAY, here
from cli.policy_analysis import analyze
from cli.policy_check import check
from cli.policy_diff import diff
from cli.policy_examples import test
from cli.policy_publish import publish
from cli.policy_versions import policies_at
from cli.workspace import now
from rules.kinds import KIND_OF_UNIT, shown
from rules.parameter import Parameter
from rules.policy import Rule
from rules.problem import BadInput, Place, Problem


@click.group()
def policy() -> None:
    """Policies: check them, try their examples, look at them."""


policy.add_command(check)
policy.add_command(test)
policy.add_command(analyze)
policy.add_command(diff)
policy.add_command(publish)


@policy.command()
@click.argument("rule_id")
@click.option("--at", type=DAY, default=None, help="As in force on this day; default: the files here, today.")
@click.option("--known", type=DAY, default=None, help="By the versions published up to this day; default: all.")
@as_json
def show(rule_id: str, at: date | None, known: date | None) -> None:
    """Show a rule with its condition, parameters and sources.

    Example: merestone policy show R02 --at 2026-03-01
    """
    policies, standing = policies_at(here(), at, known)
    rule = policies.rule(rule_id)
    if rule is None:
        ids = ", ".join(r.id for r in policies.rules())
        raise BadInput([Problem(Place(rule_id), "there is no such rule", expected=ids)])
    day = at or known or now().date()
    used = [p for n, p in policies.parameters().items() if rule.when and n in rule.when.parameters]
    document = {
        "rule": rule.id,
        "policy": rule.policy,
        "policies": standing,
        "title": rule.title,
        "kind": rule.kind.value,
        "subject": rule.subject.value,
        "effect": rule.effect.value,
        "when": rule.when.text if rule.when else "",
        "in_force": rule.in_force(day),
        "defeats": list(rule.defeats),
        "roles": list(rule.roles),
        "waivable_by": rule.waivable_by,
        "source": rule.source,
        "assumption": rule.assumption,
        "parameters": {p.name: _value(p, day) for p in used},
        "place": str(rule.place),
    }
    answer("policy-rule", document, lambda out: _show_rule(out, rule, used, day, standing["standing"]))


def _value(parameter: Parameter, day: date) -> dict[str, str]:
    value = parameter.at(day)
    if value is None:
        return {"value": "unknown", "since": "", "source": ""}
    kind = KIND_OF_UNIT[parameter.unit]
    values = value.value if isinstance(value.value, tuple) else (value.value,)
    words = ", ".join(shown(v, kind, parameter.unit) for v in values)
    return {
        "value": words,
        "since": value.start.isoformat(),
        "source": value.source or f"assumption: {value.assumption}",
    }


def _show_rule(out: Console, rule: Rule, used: Sequence[Parameter], day: date, standing: str) -> None:
    out.print(Text.assemble((rule.id, "bold"), f" {rule.title} ({rule.policy}, {rule.place})"))
    out.print("  policies ", standing)
    out.print(
        "  when     ",
        rule.when.text.strip()
        if rule.when
        else f"at least {rule.count.at_least} of {rule.count.group}"
        if rule.count
        else "",
    )
    out.print("  effect   ", coloured(rule.effect.value), f" on a {rule.subject.value}", sep="")
    for label, words in (
        ("defeats", ", ".join(rule.defeats)),
        ("roles", ", ".join(rule.roles)),
        ("waivable", rule.waivable_by),
        ("source", rule.source),
        ("assumes", rule.assumption),
    ):
        if words:
            out.print(f"  {label:<9}{words}")
    for p in used:
        v = _value(p, day)
        out.print(f"  {p.name} = {v['value']}, since {v['since']} ({v['source']})")
    for e in rule.examples:
        out.print(f"    {e.expect}: {e.name}", style="dim")


@policy.command()
@as_json
def assumptions() -> None:
    """List everything that rests on a house assumption.

    Example: merestone policy assumptions
    """
    policies = here().policies()
    day = now().date()
    rows = [
        (p.name, _value(p, day)["value"], v.assumption)
        for p in policies.parameters().values()
        if (v := p.at(day)) and v.assumption
    ]
    rows += [(r.id, r.effect.value, r.assumption) for r in policies.rules() if r.assumption]
    document = {"assumptions": [{"name": n, "value": v, "assumption": a} for n, v, a in rows]}
    answer(
        "assumptions",
        document,
        lambda out: out.print(table("House assumptions", ("rule or parameter", "value", "because"), rows)),
    )
