"""`policy assumptions`: what rests on a house decision, file by file, and how much rests on it in turn?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

import click
from rich.console import Console
from rich.text import Text

from cli.answer import answer, as_json, table
from cli.options import here
from cli.policy_drawing import shown_value
from cli.workspace import now
from rules.model.deadline import Deadline
from rules.model.definition import Definition, Formula
from rules.model.metric import Metric
from rules.model.policy import Policy, PolicySet
from rules.model.schedule import Schedule
from rules.problem import Place
from rules.versions.statements import extent_words
from rules.versions.uses import Use, rules_on, uses_in


@dataclass(frozen=True, slots=True)
class Assumed:
    """One thing that rests on an assumption. `value` is what it comes to, empty where it has no single value."""

    what: str
    name: str
    value: str
    because: str
    place: Place
    rules: tuple[str, ...] = ()
    """Ids of the rules whose verdict may depend on it."""


@click.command()
@as_json
def assumptions() -> None:
    """List everything that rests on a house assumption, file by file, and how many rules depend on it.

    Example: merestone policy assumptions
    """
    policies = here().policies()
    day = now().date()
    uses = uses_in(policies)
    found = [(policy, tuple(_assumed(policies, policy, day, uses))) for policy in policies.policies]
    document = {
        "assumptions": [
            {
                "what": a.what,
                "name": a.name,
                "value": a.value,
                "assumption": a.because,
                "file": a.place.file,
                "place": str(a.place),
                "rules": list(a.rules),
            }
            for _, assumed in found
            for a in assumed
        ]
    }

    def words(out: Console) -> None:
        for policy, assumed in found:
            if assumed:
                _show(out, policy, assumed)
        total = sum(len(assumed) for _, assumed in found)
        out.print(f"{total} thing{'' if total == 1 else 's'} rest on a house assumption")

    answer("assumptions", document, words)


def _assumed(policies: PolicySet, policy: Policy, day: date, uses: Mapping[str, tuple[Use, ...]]) -> Iterator[Assumed]:
    """What one file assumes: its parameters with their value on the day, then all else."""
    declared: tuple[tuple[str, Definition | Formula | Metric | Deadline | Schedule], ...] = (
        *((d.origin.value, d) for d in policy.definitions),
        *(("formula", f) for f in policy.formulas),
        *(("metric", m) for m in policy.metrics),
        *(("deadline", d) for d in policy.deadlines),
        *(("schedule", s) for s in policy.schedules),
    )
    for found in (
        *_of_parameters(policy, day, policies.minor_digits),
        *(Assumed(what, thing.name, "", thing.assumption, thing.place) for what, thing in declared),
        *(Assumed("rule", r.id, r.effect.value, r.assumption, r.place) for r in policy.rules),
    ):
        if found.because:
            yield replace(found, rules=rules_on(policies, uses, found.name))


def _of_parameters(policy: Policy, day: date, minor_digits: int) -> Iterator[Assumed]:
    for p in policy.parameters:
        for where, value in (("", p.at(day)), *((f" {extent_words(o.scope)}", o.at(day)) for o in p.overrides)):
            if value is not None:
                words = shown_value(value, p.unit, minor_digits) + where
                yield Assumed("parameter", p.name, words, value.assumption, value.place)


def _show(out: Console, policy: Policy, assumed: tuple[Assumed, ...]) -> None:
    rows = [
        (
            Text(a.what, style="dim"),
            a.name,
            a.value,
            str(len(a.rules)) if a.rules else Text("–", style="dim"),
            a.because,
        )
        for a in assumed
    ]
    title = f"{policy.place.file}: {policy.title}"
    out.print(table(title, ("", "name", "value", "rules", "because"), rows, right=(3,), whole=(1,)))
    out.print()
