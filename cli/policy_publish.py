"""`policy publish`: put the policies that lie here in force."""

from typing import Any

import click
from rich.console import Console
from rich.text import Text

from cli.answer import answer, as_json, working
from cli.books import append
from cli.options import here
from cli.policy_versions import versions
from cli.workspace import Workspace, now, policy_texts
from governance.ledger import EventConflict
from governance.publication import (
    PUBLISHED,
    SUBJECT,
    PolicyFile,
    analysis_words,
    draft_problems,
    event_of,
    publication_data,
    publication_problems,
)
from governance.refusal import Refused
from rules.problem import BadInput
from rules.reading.load import load_policies

LISTED = 20


class Overtaken(Refused):
    """Somebody else published between our look and our entry."""

    def __init__(self) -> None:
        super().__init__(
            "somebody else has published in the meantime; nothing was written",
            "look at `merestone policy diff published draft`, and publish again",
        )


@click.command()
@click.option("--author", required=True, help="Who wrote the changes.")
@click.option("--approver", required=True, help="Who read and approved them: another person.")
@click.option("--reason", required=True, help="Why; it goes on record.")
@click.option("--correction", is_flag=True, help="The changes correct days before today; verdicts given stay.")
@as_json
def publish(author: str, approver: str, reason: str, *, correction: bool) -> None:
    """Put the policies that lie here in force: check them, and write them to the ledger, whole.

    Example: merestone policy publish --author "Brida Vollenhaar" --approver "Oskar Tellmarch" --reason "first version"
    """
    with working("checking the policies"):
        index, data = publish_policies(here(), author, approver, reason, correction=correction)
    document = {
        "entry": index,
        **{k: v for k, v in data.items() if k != "files"},
        "files": [{"name": f["name"], "sha256": f["sha256"]} for f in data["files"]],
    }
    answer("policy-publication", document, lambda out: _show(out, index, data))


def publish_policies(
    workspace: Workspace, author: str, approver: str, reason: str, *, correction: bool = False
) -> tuple[int, dict[str, Any]]:
    """Publish; the ledger index and what the entry says. Raises BadInput with every reason to refuse.

    The files are read once: what is checked is what is published, whatever happens to them meanwhile.
    """
    files = [PolicyFile(name, text) for name, text in policy_texts(workspace.policy_folder)]
    draft = load_policies(((f.name, f.text) for f in files), minor_digits=workspace.minor_digits)
    known = versions(workspace)
    previous = known[-1] if known else None
    said: dict[str, Any] = {"author": author, "approver": approver, "reason": reason}
    at = now()
    problems = publication_problems(draft, previous, **said, at=at, correction=correction)
    problems += draft_problems(draft)
    if problems:
        raise BadInput(problems)
    # The solver takes longer to load than most verbs to run.
    from engine.analysis.analysis import analysis_summary  # noqa: PLC0415

    analysis = analysis_summary(draft, at.date())
    data = publication_data(draft, files, previous, **said, at=at, correction=correction, analysis=analysis)
    try:
        return append(workspace, PUBLISHED, SUBJECT, data["author"], event_of(known), data, at), data
    except EventConflict:
        raise Overtaken from None


def _show(out: Console, index: int, data: dict[str, Any]) -> None:
    what = "corrected" if data["correction"] else "published"
    out.print(Text.assemble((data["policy_set"][:12], "bold"), f" {what}: in force from {data['effective']}"))
    out.print(f"written by {data['author']}, approved by {data['approver']}; ledger entry {index}")
    out.print(f"analysis: {analysis_words(data['analysis'])}")
    for change in data["changes"][:LISTED]:
        out.print(f"  {change}")
    if len(data["changes"]) > LISTED:
        out.print(f"  and {len(data['changes']) - LISTED} more changes (merestone ledger show {index})")
