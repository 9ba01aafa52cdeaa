"""`init`: a workspace in a folder."""

from pathlib import Path

import click
from rich.text import Text

from cli.answer import answer, as_json
from cli.books import create_workspace
from cli.options import minor_digits
from cli.workspace import MINOR_DIGITS


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--name", default="", help="The company's name; default: the folder's.")
@minor_digits(default=MINOR_DIGITS, words=f"Decimals of its currency; default: {MINOR_DIGITS}.")
@as_json
def init(folder: Path, name: str, minor_digits: int) -> None:
    """Make a workspace: policies, keys, an empty ledger.

    Example: merestone init acme --name "Acme Scales"
    """
    workspace = create_workspace(folder, name or folder.resolve().name, minor_digits)
    document = {
        "root": str(workspace.root),
        "name": workspace.name,
        "origin": workspace.origin,
        "minor_digits": workspace.minor_digits,
        "vkey": workspace.vkey,
    }
    answer(
        "init",
        document,
        lambda out: out.print(
            Text.assemble(
                ("A workspace for "),
                (workspace.name, "bold"),
                f" in {workspace.root}\n",
                f"Give auditors the log's key, so that they can verify without you:\n  {workspace.vkey}\n",
                "Next: merestone import MAPPING SOURCE --as-of DATE\n"
                "Its policies are a draft; `merestone policy publish` puts them in force",
            ),
            soft_wrap=True,
        ),
    )
