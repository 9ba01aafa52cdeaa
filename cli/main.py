"""The command `merestone`: its verbs, and what every failure becomes for a person and for a script."""

import gc
import importlib
import os
import sys
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from cli.answer import (
    BAD_INPUT,
    FAILURE,
    as_json,
    console,
    perhaps_unread,
    problem_rows,
    say_json,
    show_problems,
    wants_json,
)
from cli.excerpt import lines_on_disk
from governance.refusal import Refused
from rules.problem import BadInput

VERBS: dict[str, tuple[str, str]] = {
    "init": ("cli.setup:init", "Make a workspace: policies, keys, an empty ledger."),
    "demo": ("cli.demo:demo", "The whole path on the shipped sample company."),
    "import": ("cli.intake:import_", "Exports to a snapshot, with everything found wrong in them."),
    "snapshot": ("cli.intake:snapshot", "What was known, and when."),
    "policy": ("cli.policy:policy", "Policies: check them, try their examples, look at them."),
    "audit": ("cli.audit:audit", "Must we rebalance?"),
    "moves": ("cli.moves:moves", "May these accounts move?"),
    "engine": ("cli.engine:engine", "Does an engine agree with us, case by case?"),
    "explain": ("cli.explain:explain", "Why: every clause with its values."),
    "credit": ("cli.credit:credit", "Who keeps the credit?"),
    "protect": ("cli.pay:protect", "Who is protected, until when, by how much?"),
    "decision": ("cli.decide:decision", "Frame, compare, approve, waive, commit."),
    "review": ("cli.review:review", "What must be looked at, what is breached, what must stop."),
    "record": ("cli.record:record", "Signed records: render them, verify them."),
    "ledger": ("cli.ledger:ledger", "The log of everything decided: look, prove, verify."),
}
"""Verb to where it lives and what `--help` says of it: a verb's libraries are imported only when it is called."""
DEBUG = "MERESTONE_DEBUG"
"""Set, a failure shows where it came from."""

COLLECTED_AFTER = 100_000
"""New objects after which Python looks for garbage; its own default is 700."""


class Verbs(click.Group):
    """The verbs, each imported when it is called; what one raises becomes words, a document and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BadInput as refused:
            if wants_json():
                say_json("problems", {"problems": problem_rows(refused.problems)})
            show_problems(refused.problems, lines=lines_on_disk(_folders(ctx)))
            ctx.exit(BAD_INPUT)
        except Refused as refused:
            _fail(ctx, refused.message, refused.hint)
        except (click.exceptions.Exit, click.exceptions.Abort, click.ClickException, BrokenPipeError):
            raise
        except OSError as error:
            if os.environ.get(DEBUG):
                raise
            _fail(ctx, f"`{error.filename}`: {(error.strerror or '').lower()}" if error.filename else str(error))
        except Exception as error:
            if os.environ.get(DEBUG):
                raise
            _fail(ctx, f"failed: {type(error).__name__}: {error}", f"{DEBUG}=1 shows where")

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- as above
        if cmd_name not in VERBS:
            return None
        module, _, name = VERBS[cmd_name][0].partition(":")
        verb: click.Command = getattr(importlib.import_module(module), name)
        return verb

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- as above
        with formatter.section("Verbs"):
            formatter.write_dl([(name, words) for name, (_, words) in VERBS.items()])


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "-C",
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    envvar="MERESTONE_DIR",
    default=Path(),
    help="The workspace.",
)
@as_json
@click.version_option(package_name="merestone")
def cli(folder: Path) -> None:
    """Decision governance for sales territories: verdicts with reasons, records that anyone can verify."""


def _folders(ctx: click.Context) -> tuple[Path, ...]:
    """Where the files that problems name are looked for: here, and in the workspace."""
    from cli.workspace import CONFIG  # noqa: PLC0415 -- most verbs have imported it; help never needs it

    start = Path(ctx.params.get("folder") or Path())
    around = (start.resolve(), *start.resolve().parents)
    return (Path(), next((folder for folder in around if (folder / CONFIG).is_file()), start))


def _fail(ctx: click.Context, message: str, hint: str = "") -> None:
    if wants_json():
        say_json("failure", {"message": message, "hint": hint})
    out = console(err=True)
    out.print(Text(message, style="red"))
    if hint:
        out.print(Text(f"  hint: {hint}", style="dim"), soft_wrap=True)
    ctx.exit(FAILURE)


def main() -> None:
    """Run the command; exit 0 yes, 1 no, 2 bad input, 3 failure."""
    # Loading libraries and policies makes hundreds of thousands of objects that stay: looking for garbage among them
    # again and again is a tenth of a short command.
    gc.set_threshold(COLLECTED_AFTER)
    code = 0
    try:
        with perhaps_unread():
            code = cli.main(standalone_mode=False) or 0
    except SystemExit:
        # Only when nobody reads its help to the end does click leave by itself, and with 1, which is an answer here.
        pass
    except click.exceptions.Abort:
        console(err=True).print("stopped")
        sys.exit(FAILURE)
    except click.ClickException as error:
        error.show()
        sys.exit(BAD_INPUT)
    sys.exit(code)
