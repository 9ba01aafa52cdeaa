"""`engine`: does an engine say what we say? The battery on the engine at hand, and which have passed it."""

from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from cli.answer import NO, YES, answer, as_json
from cli.workspace import Workspace, enclosing_workspace, read_text
from engine.engines.battery import Disagreement, Verdict, judged
from engine.engines.opening import EMBEDDED, opened
from engine.engines.verification import Passed, passed, read, written

ENGINES = "engines.json"
"""Of a workspace: the engines that have passed."""
SHOWN = 10
"""Disagreements that people are shown; a document has them all."""

engine_url = click.option(
    "--engine",
    "url",
    default="",
    envvar="MERESTONE_ENGINE",
    metavar="URL",
    help="postgresql://…, spark://…; default: the workspace's, which is the embedded one unless it names another.",
)


@click.group()
def engine() -> None:
    """Engines that conditions run on."""


@engine.command()
@engine_url
@as_json
def verify(url: str) -> None:
    """Run the battery: does this engine agree with us, case by case? A pass is kept in the workspace.

    Exit code 1: it disagrees. Bulk runs on it are refused.

    Example: merestone engine verify
    """
    workspace = enclosing_workspace(click.get_current_context().find_root().params["folder"])
    passes = passes_in(workspace) if workspace else ()
    with closing(opened(url or (workspace.engine if workspace else EMBEDDED))) as db:
        verdict = judged(db)
    kept = _keep(workspace, passes, verdict) if workspace and verdict.passed else None
    document = {
        "engine": verdict.engine,
        "version": verdict.version,
        "battery": verdict.battery,
        "merestone": own_version(),
        "conditions": verdict.conditions,
        "rows": verdict.rows,
        "passed": verdict.passed,
        "kept": str(kept) if kept else None,
        "disagreements": [_row(one) for one in verdict.disagreements],
    }
    answer("engine-verify", document, lambda out: _say(out, verdict, kept), YES if verdict.passed else NO)


def own_version() -> str:
    """Of Merestone, as it is installed."""
    return version("merestone")


def passes_in(workspace: Workspace) -> tuple[Passed, ...]:
    """The engines that have passed. Raises BadInput where the file that says so is broken."""
    path = workspace.root / ENGINES
    return read(read_text(path), str(path)) if path.exists() else ()


def _keep(workspace: Workspace, passes: tuple[Passed, ...], verdict: Verdict) -> Path:
    """Whole or not at all; what an earlier version or another engine passed stays."""
    path = workspace.root / ENGINES
    text = written([*passes, passed(verdict, own_version())])
    part = path.with_suffix(".part")
    part.write_text(text, "utf-8")
    part.replace(path)
    return path


def _row(one: Disagreement) -> dict[str, Any]:
    return {
        "condition": one.condition,
        "row": one.row,
        "facts": dict(one.facts),
        "ours": one.ours,
        "theirs": one.theirs,
        "rows": one.rows,
    }


def _say(out: Console, verdict: Verdict, kept: Path | None) -> None:
    name = f"{verdict.engine} {verdict.version}"
    asked = f"{verdict.conditions} conditions on {verdict.rows} rows"
    if verdict.passed:
        out.print(Text.assemble((f"{name} agrees", "green"), f" on {asked}"))
        out.print(Text(f"kept in {kept}" if kept else "not kept: this is not a workspace"))
        return
    found = verdict.disagreements
    out.print(Text.assemble((f"{name} disagrees", "red"), f" on {len(found)} of {asked}: bulk runs on it are refused"))
    for line in _told(found[:SHOWN]):
        out.print(Text(line), soft_wrap=True)
    if len(found) > SHOWN:
        out.print(Text(f"… and {len(found) - SHOWN} more; --json has them all"))


def _told(found: tuple[Disagreement, ...]) -> Iterator[str]:
    for one in found:
        yield f"  {one.condition}"
        yield f"    is {one.ours}, and there {one.theirs}: on {one.rows} rows, the first of them {one.row}"
        yield f"    {', '.join(f'{name} = {value}' for name, value in one.facts)}"
