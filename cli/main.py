"""The command `merestone`: its verbs, and what every failure becomes for a person and for a script."""

import os
import sys
from pathlib import Path

import click

from cli.answer import BAD_INPUT, FAILURE, console, show_problems
from cli.audit import audit
from cli.data import import_, snapshot
from cli.decide import decision
from cli.demo import demo
from cli.explain import explain
from cli.ledger import ledger
from cli.moves import moves
from cli.options import as_json
from cli.pay import credit, protect
from cli.policy import policy
from cli.record import record
from cli.review import review
from cli.setup import init
from governance.refusal import Refused
from rules.problem import BadInput


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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


for verb in (
    init,
    demo,
    import_,
    snapshot,
    policy,
    audit,
    moves,
    explain,
    protect,
    credit,
    decision,
    review,
    record,
    ledger,
):
    cli.add_command(verb)


def main() -> None:
    """Run the command; exit 0 yes, 1 no, 2 bad input, 3 failure."""
    try:
        code = cli.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except BadInput as refused:
        show_problems(refused.problems)
        sys.exit(BAD_INPUT)
    except Refused as refused:
        out = console(err=True)
        out.print(f"[red]{refused.message}[/red]", soft_wrap=True)
        if refused.hint:
            out.print(f"  [dim]hint: {refused.hint}[/dim]", soft_wrap=True)
        sys.exit(FAILURE)
    except click.exceptions.Abort:
        console(err=True).print("stopped")
        sys.exit(FAILURE)
    except click.ClickException as error:
        error.show()
        sys.exit(BAD_INPUT)
    except BrokenPipeError:
        # The reader has gone; what it wanted it has.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if os.environ.get("MERESTONE_DEBUG"):
            raise
        console(err=True).print(f"failed: {type(error).__name__}: {error}", style="red", markup=False, soft_wrap=True)
        sys.exit(FAILURE)
