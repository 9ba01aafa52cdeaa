"""`policy diff`: what changed between two versions of the policies, by rule, in words."""

from collections.abc import Sequence

import click
from rich.console import Console
from rich.text import Text

from cli.answer import NO, YES, answer, as_json
from cli.policy_versions import require_same_unit, wanted_policies
from rules.versions.differences import Change, Difference, differences

COLOURS = {Change.ADDED: "green", Change.REMOVED: "red", Change.CHANGED: "yellow"}


@click.command()
@click.argument("old")
@click.argument("new")
@as_json
def diff(old: str, new: str) -> None:
    """What changed from OLD to NEW, by rule, parameter and definition.

    OLD and NEW are folders of policies, `draft` (the files here), `published` (the latest version), a date (in force
    then), or the beginning of a version's hash.

    Exit code 1: they differ.

    Example: merestone policy diff published draft
    """
    before, after = wanted_policies(old), wanted_policies(new)
    require_same_unit(before, after)
    found = differences(before, after)
    same_bytes = before.sha256 == after.sha256
    document = {
        "old": before.sha256,
        "new": after.sha256,
        "differences": [
            {
                "change": d.change.value,
                "what": d.what,
                "name": d.name,
                "place": str(d.place),
                "details": [{"label": x.label, "before": x.before, "after": x.after} for x in d.details],
            }
            for d in found
        ],
    }
    answer("policy-diff", document, lambda out: _show(out, found, same_bytes=same_bytes), YES if same_bytes else NO)


def _show(out: Console, found: Sequence[Difference], *, same_bytes: bool) -> None:
    for d in found:
        head = Text.assemble((d.change.value, COLOURS[d.change]), f" {d.what} ", (d.name, "bold"), f" ({d.place})")
        out.print(head)
        for detail in d.details:
            gone = d.change is Change.REMOVED
            out.print(f"    {detail.label}: {detail.before}" if gone else f"    {detail}")
    if same_bytes:
        out.print("they are the same")
    elif not found:
        out.print("they say the same; comments, layout or order differ")
    else:
        counts = [(sum(d.change is change for d in found), change.value) for change in Change]
        out.print(", ".join(f"{n} {word}" for n, word in counts))
