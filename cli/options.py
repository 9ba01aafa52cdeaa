"""Options that several verbs share, and what they resolve to."""

import functools
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import click

from cli.answer import as_json
from cli.engine import own_version, passes_in
from cli.workspace import MOST_MINOR_DIGITS, Workspace, open_workspace
from engine.database import Database
from engine.engines.opening import opened
from engine.engines.verification import require_verified
from engine.intake.snapshot import Manifest
from rules.problem import BadInput, Place, Problem

Verb = TypeVar("Verb", bound=Callable[..., Any])


class DayType(click.ParamType[date]):
    """A date, YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"`{value}` is not a date; expected YYYY-MM-DD", param, ctx)


DAY = DayType()
FILE = click.Path(path_type=Path, dir_okay=False)
PATHS = click.Path(path_type=Path)


as_of = click.option("--as-of", type=DAY, default=None, help="The verdict date; default: the snapshot's.")
snapshot_id = click.option(
    "--snapshot", "snapshot_id", default="", help="Snapshot id or its beginning; default: the latest."
)
moves_file = click.option(
    "--moves", "moves_path", type=FILE, default=None, help="File of proposed moves; default: the latest decision's."
)
decision_id = click.option(
    "--decision", "decision_id", default="", help="Take the moves and snapshot of this decision."
)

policy_paths = click.option(
    "--policies",
    "policy_files",
    type=PATHS,
    multiple=True,
    metavar="DIR|FILE...",
    help="These files, and those of these folders; default: the workspace's.",
)


def minor_digits(*, default: int | None, words: str) -> Callable[[Verb], Verb]:
    """Give a verb `--minor-digits`, described in those words."""
    digits = click.IntRange(0, MOST_MINOR_DIGITS)
    return click.option("--minor-digits", type=digits, default=default, metavar="DIGITS", help=words)


def here() -> Workspace:
    """The workspace that `-C`, $MERESTONE_DIR or the current folder names."""
    return open_workspace(click.get_current_context().find_root().params["folder"])


def judged(verb: Verb) -> Verb:
    """Give a verb `--snapshot`, `--as-of` and `--json`."""
    return functools.reduce(lambda f, option: option(f), (as_json, as_of, snapshot_id), verb)


@contextmanager
def loaded(workspace: Workspace, snapshot_id: str, as_of: date | None) -> Iterator[tuple[Database, Manifest, date]]:
    """The wanted snapshot in a database, and the verdict date. An as-of date alone chooses the snapshot of that day.

    The database is a session of the engine that the workspace names, which must have passed the battery.
    """
    with TemporaryDirectory(prefix="merestone-") as spill, closing(opened(workspace.engine, Path(spill))) as db:
        require_verified(db, passes_in(workspace), own_version())
        manifest = workspace.snapshot(db, snapshot_id, None if snapshot_id else as_of)
        day = as_of or manifest.as_of
        if day < manifest.as_of:
            hint = "choose the snapshot of that day; a verdict cannot be older than its facts"
            raise BadInput(
                [
                    Problem(
                        Place("--as-of"),
                        "lies before the snapshot",
                        day.isoformat(),
                        f"from {manifest.as_of.isoformat()} on",
                        hint,
                    )
                ]
            )
        yield db, manifest, day
