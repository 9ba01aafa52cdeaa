"""`demo`: the whole path on the shipped sample company, in one minute, with nothing prepared."""

import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from cli.answer import NO, YES, answer, as_json, coloured, console, table, wants_json, working
from cli.books import append, create_workspace, wanted_decision
from cli.decision_steps import commit_decision, frame_decision
from cli.intake import import_exports
from cli.policy_publish import publish_policies
from cli.record import issue_record, show_verdict, verify_file
from cli.workspace import EXAMPLES, Workspace
from governance.decision import APPROVED
from governance.ledger_check import examine_ledger
from rules.problem import BadInput, Place, Problem

COMPANY = "ostrevale"
AS_OF = date(2026, 6, 30)
AUTHOR, READER = "Brida Vollenhaar", "Oskar Tellmarch"
"""Who wrote the policies and who approved them; at the sample company, its two sales directors."""
APPROVERS = (("vp-sales", "Ilse Hagen"), ("giving-manager", "Marta Okoye"), ("receiving-manager", "Jonas Weck"))


@click.command()
@as_json
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
    out = console(err=wants_json())
    root = folder or Path(tempfile.mkdtemp(prefix="merestone-demo-"))
    if root.exists() and any(root.iterdir()):
        raise BadInput([Problem(Place(str(root)), "the folder is not empty", hint="choose another folder with --dir")])
    workspace = create_workspace(root, "Ostrevale Weighing")
    out.print(_step(1, f"a workspace in {root}"), soft_wrap=True)
    with working("checking the policies"):
        published, _ = publish_policies(workspace, AUTHOR, READER, "the first version")
    words = f"its policies published, written by {AUTHOR} and approved by {READER}: ledger entry {published}"
    out.print(_step(2, words))
    sample = EXAMPLES / COMPANY
    with working("reading the exports"):
        manifest = import_exports(
            workspace, str(sample / "mapping.yaml"), sample / f"exports-{AS_OF.isoformat()}", AS_OF
        )
    rows = f"{sum(d.rows for d in manifest.data_sets):,} rows"
    faults = f"{len(manifest.findings)} findings, {len(manifest.problems)} rows refused and listed"
    out.print(_step(3, f"its exports as of {AS_OF.isoformat()}: {rows}, {faults}"))
    with working("evaluating the options"):
        decision_id, framed, found = frame_decision(
            workspace, workspace.policies(), sample / "decision.yaml", "Sales operations", manifest.id, None
        )
    out.print(_step(4, "must it rebalance? the audit answers ").append_text(coloured(found.audit.company.word)))
    for fired in (f for f in found.audit.company.fired if not f.is_idle):
        out.print(f"    {fired.rule.id} {fired.standing}: {fired.message}", style="dim")
    _verdicts(out, found.options[framed.written.recommendation].moves)
    path, is_good = _commit(out, workspace, decision_id, framed.written.recommendation)
    document = {
        "root": str(root),
        "audit": found.audit.company.word,
        "decision": decision_id,
        "record": str(path),
        "verified": is_good,
    }
    answer("demo", document, lambda _: None, YES if is_good else NO)


def _step(number: int, words: str) -> Text:
    return Text.assemble((f"{number} ", "bold"), words)


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
    out.print(table("5 may these accounts move?", ("account", "move", "verdict", "decided by"), rows))


def _commit(out: Console, workspace: Workspace, decision_id: str, option: str) -> tuple[Path, bool]:
    """Approve, commit, render and verify; the record's path, and whether it and the ledger can be believed."""
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
    with working("committing"):
        index, _ = commit_decision(
            workspace, known, option, APPROVERS[0][1], "the spread lasts, and the moves that are allowed narrow it", ""
        )
    out.print(_step(6, f"{decision_id} approved by three people and committed as ledger entry {index}"))
    with working("rendering the record"):
        path, _ = issue_record(workspace, wanted_decision(workspace, decision_id))
    out.print(_step(7, f"signed record: {path}"), soft_wrap=True)
    verdict = verify_file(workspace, path)
    report = examine_ledger(workspace.ledger_path, workspace.vkey)
    out.print(_step(8, "can it be believed?"))
    show_verdict(out, path, verdict)
    out.print(f"ledger, {report.size} entries: ", coloured("refused" if report.findings else "verified"), sep="")
    return path, not (verdict.findings or report.findings)
