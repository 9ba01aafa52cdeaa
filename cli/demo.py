"""`demo`: the whole path on the shipped sample company, in one minute, with nothing prepared."""

import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from cli.answer import NO, YES, coloured, console, table
from cli.books import append, create_workspace, wanted_decision
from cli.decision_steps import commit_decision, frame_decision
from cli.intake import import_exports
from cli.record import issue_record, show_verdict, verify_file
from cli.workspace import EXAMPLES, Workspace
from governance.decision import APPROVED
from governance.ledger_check import examine_ledger
from rules.problem import BadInput, Place, Problem

COMPANY = "ostrevale"
AS_OF = date(2026, 6, 30)
APPROVERS = (("vp-sales", "Ilse Hagen"), ("giving-manager", "Marta Okoye"), ("receiving-manager", "Jonas Weck"))


@click.command()
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    default=None,
    help="Where to make the workspace; default: a new temporary folder.",
)
def demo(folder: Path | None) -> None:
    """The whole path on the shipped sample company: exports in, verdicts, a decision, a signed record, verified.

    Example: merestone demo --dir /tmp/demo
    """
    out = console()
    root = folder or Path(tempfile.mkdtemp(prefix="merestone-demo-"))
    if root.exists() and any(root.iterdir()):
        raise BadInput([Problem(Place(str(root)), "the folder is not empty", hint="choose another folder with --dir")])
    workspace = create_workspace(root, "Ostrevale Weighing")
    out.print(f"[bold]1[/bold] a workspace in {root}", soft_wrap=True)
    manifest = import_exports(
        workspace, str(EXAMPLES / COMPANY / "mapping.yaml"), EXAMPLES / COMPANY / f"exports-{AS_OF.isoformat()}", AS_OF
    )
    rows = f"{sum(d.rows for d in manifest.data_sets):,} rows"
    faults = f"{len(manifest.findings)} findings, {len(manifest.problems)} rows refused and listed"
    out.print(f"[bold]2[/bold] its exports as of {AS_OF.isoformat()}: {rows}, {faults}")
    decision_id, framed, found = frame_decision(
        workspace, EXAMPLES / COMPANY / "decision.yaml", "Sales operations", manifest.id, None
    )
    out.print(
        Text("3 ", style="bold")
        .append("must it rebalance? the audit answers ")
        .append_text(coloured(found.audit.company.word))
    )
    for fired in found.audit.company.fired:
        out.print(f"    {fired.rule.id} {fired.standing}: {fired.message}", markup=False, style="dim", soft_wrap=True)
    _verdicts(out, found.options[framed.written.recommendation].moves)
    code = _commit(out, workspace, decision_id, framed.written.recommendation)
    click.get_current_context().exit(code)


def _verdicts(out: Console, moves: Sequence[Mapping[str, Any]]) -> None:
    rows = []
    for move in moves:
        reasons = [
            f"{f['rule']} {', '.join(f['missing']) or f['message']}"
            for f in move["fired"]
            if f["rule"] in move["decisive"]
        ]
        rows.append(
            (
                move["account"],
                f"{move['from_rep']} to {move['to_rep']}",
                coloured(move["verdict"]),
                reasons[0] if reasons else "",
            )
        )
    out.print(table("4 may these accounts move?", ("account", "move", "verdict", "decided by"), rows))


def _commit(out: Console, workspace: Workspace, decision_id: str, option: str) -> int:
    for role, name in APPROVERS:
        append(
            workspace,
            APPROVED,
            decision_id,
            name,
            f"{decision_id}/approved/{role}/{name}/",
            {"role": role, "accounts": []},
        )
    known = wanted_decision(workspace, decision_id)
    index, _ = commit_decision(
        workspace, known, option, APPROVERS[0][1], "the spread lasts, and the moves that are allowed narrow it", ""
    )
    out.print(f"[bold]5[/bold] {decision_id} approved by three people and committed as ledger entry {index}")
    path, _ = issue_record(workspace, wanted_decision(workspace, decision_id))
    out.print(f"[bold]6[/bold] signed record: {path}", soft_wrap=True)
    verdict = verify_file(workspace, path)
    report = examine_ledger(workspace.ledger_path, workspace.vkey)
    out.print("[bold]7[/bold] can it be believed?")
    show_verdict(out, path, verdict)
    out.print(f"ledger, {report.size} entries: ", coloured("refused" if report.findings else "verified"), sep="")
    return NO if verdict.findings or report.findings else YES
