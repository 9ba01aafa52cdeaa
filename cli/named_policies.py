"""Which rule, definition or parameter is meant? The names there are, for who mistypes one and for the shell."""

from collections.abc import Collection, Iterable

import click

from cli.workspace import open_workspace
from rules.model.policy import PolicySet
from rules.problem import BadInput, Place, Problem, nearest

LISTED = 20


def names_of(policies: PolicySet) -> tuple[str, ...]:
    """Everything in the policies that has a name: rules, then the rest in order of file."""
    rest = (
        x.name
        for p in policies.policies
        for xs in (p.parameters, p.definitions, p.formulas, p.metrics, p.deadlines, p.schedules)
        for x in xs
    )
    return (*(r.id for r in policies.rules()), *rest)


def require_known(names: Iterable[str], known: Collection[str], what: str) -> None:
    """Raises BadInput for every name that is none, with the one that was perhaps meant."""
    listed = ", ".join(list(known)[:LISTED]) + (" …" if len(known) > LISTED else "")
    problems = [
        Problem(
            Place(name), f"there is no such {what}", expected="" if (hint := _hint(name, known)) else listed, hint=hint
        )
        for name in names
        if name not in known
    ]
    if problems:
        raise BadInput(problems)


def _hint(name: str, known: Collection[str]) -> str:
    same = next((k for k in known if k.casefold() == name.casefold()), "")
    return f"did you mean `{same}`?" if same else nearest(name, tuple(known))


def completed(context: click.Context, _: click.Parameter, begun: str) -> list[str]:
    """What the shell may complete to; nothing where there is no workspace, or its policies are broken."""
    try:
        policies = open_workspace(context.find_root().params["folder"]).policies()
    except (BadInput, OSError, KeyError):
        return []
    return [name for name in names_of(policies) if name.startswith(begun)]
