"""`ledger`: the log of everything that was decided, and whether it is whole."""

from pathlib import Path

import click
from rich.console import Console

from cli.answer import NO, YES, answer, as_json, coloured, table
from cli.books import reading
from cli.options import FILE, here
from cli.workspace import read_text, writable
from governance.ledger_check import examine_ledger
from rules.problem import BadInput, Place, Problem

ALONE = (
    "No checkpoint kept elsewhere was given (--checkpoint). A ledger checked alone cannot show that its end "
    "was cut off, or that somebody who holds its key wrote it anew."
)


@click.group()
def ledger() -> None:
    """The ledger: look, prove, verify."""


@ledger.command("log")
@click.option("--kind", default="", help="Only entries of this kind.")
@click.option("--subject", default="", help="Only entries about this subject.")
@as_json
def log(kind: str, subject: str) -> None:
    """Every entry: what, about what, by whom, when.

    Example: merestone ledger log --subject DR-2026-001
    """
    with reading(here()) as opened:
        rows = [
            (
                str(r.index),
                f"{r.entry.at:%Y-%m-%dT%H:%M:%SZ}",
                r.entry.kind,
                r.entry.subject,
                r.entry.actor,
                r.leaf.hex()[:12],
            )
            for r in opened.entries(kind or None, subject or None)
        ]
    names = ("entry", "at", "kind", "about", "by", "leaf")
    document = {"entries": [dict(zip(names, row, strict=True)) for row in rows]}
    answer("ledger-log", document, lambda out: out.print(table("Ledger", names, rows, right=(0,), whole=(0, 1, 2, 5))))


@ledger.command("show")
@click.argument("index", type=click.IntRange(min=0))
@as_json
def show(index: int) -> None:
    """One entry, exactly as it is hashed.

    Example: merestone ledger show 4
    """
    with reading(here()) as opened:
        if index >= opened.size:
            raise BadInput(
                [Problem(Place(f"entry {index}"), "there is no such entry", expected=f"below {opened.size}")]
            )
        recorded = opened.entry(index)
    document = {"index": index, "leaf": recorded.leaf.hex(), "body": recorded.body}
    answer("ledger-entry", document, lambda out: out.print(recorded.raw.decode(), soft_wrap=True))


@ledger.command("prove")
@click.argument("index", type=click.IntRange(min=0))
@click.option("--out", "out_path", type=FILE, default=None, help="Write proof here, and the entry beside it as .leaf.")
@as_json
def prove(index: int, out_path: Path | None) -> None:
    """A proof that an entry is in the log (c2sp.org/tlog-proof), checkable without us.

    Example: merestone ledger prove 4 --out entry-4.tlog-proof
    """
    with reading(here()) as opened:
        if index >= opened.size:
            raise BadInput(
                [Problem(Place(f"entry {index}"), "there is no such entry", expected=f"below {opened.size}")]
            )
        proof, raw = opened.proof(index), opened.entry(index).raw
    if out_path:
        writable(out_path).write_text(proof, encoding="utf-8")
        out_path.with_suffix(".leaf").write_bytes(raw)
    answer("ledger-proof", {"index": index, "proof": proof}, lambda out: out.print(proof, soft_wrap=True))


@ledger.command("checkpoint")
@click.option("--out", "out_path", type=FILE, default=None, help="Write it here, to be kept on another machine.")
@as_json
def checkpoint(out_path: Path | None) -> None:
    """The latest signed checkpoint: keep it elsewhere, and history can neither shrink nor fork unseen.

    Example: merestone ledger checkpoint --out merestone.checkpoint
    """
    with reading(here()) as opened:
        note = opened.latest_checkpoint()
    if out_path:
        writable(out_path).write_text(note, encoding="utf-8")
    answer("ledger-checkpoint", {"checkpoint": note}, lambda out: out.print(note, soft_wrap=True))


@ledger.command("verify")
@click.option("--checkpoint", "kept", type=FILE, multiple=True, help="A checkpoint kept elsewhere; may be repeated.")
@click.option("--vkey", default="", help="The log's key as you were given it; default: the workspace's own.")
@as_json
def verify(kept: tuple[Path, ...], vkey: str) -> None:
    """Verify every entry, every checkpoint and every signature, and what you kept elsewhere.

    Exit code 1: something is wrong.

    Example: merestone ledger verify --checkpoint merestone.checkpoint
    """
    workspace = here()
    report = examine_ledger(workspace.ledger_path, vkey or workspace.vkey, [read_text(p) for p in kept])
    document = {
        "verified": not report.findings,
        "entries": report.size,
        "anchored": report.anchored,
        "window": report.window,
        "backward": list(report.backward),
        "findings": [{"flaw": f.flaw.value, "entry": f.index, "message": f.message} for f in report.findings],
    }

    def words(out: Console) -> None:
        for f in report.findings:
            out.print(f"  no  {f.message}", style="red")
        out.print(f"{report.size} entries: ", coloured("refused" if report.findings else "verified"), sep="")
        if report.anchored is None:
            out.print(ALONE, style="yellow")
        else:
            out.print(f"entries newer than the checkpoint kept elsewhere: {report.window}")
        if report.backward:
            out.print(
                f"entries that claim a time before their predecessor's: {', '.join(map(str, report.backward))}",
                style="yellow",
            )

    answer("ledger-verify", document, words, NO if report.findings else YES)
