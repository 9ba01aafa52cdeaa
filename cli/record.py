"""`record`: the signed PDF of a committed decision, and whether one may be believed."""

import hashlib
from fractions import Fraction
from pathlib import Path

import click
from rich.console import Console

from cli.answer import NO, YES, answer, as_json, coloured, working
from cli.books import append, reading, record_key, wanted_decision
from cli.options import FILE, here
from cli.workspace import TEMPLATES, Workspace, now, read_bytes, read_text
from governance.chart import RepAttainment, attainment_chart
from governance.decision import ISSUED, Decision
from governance.exact_json import decoded
from governance.record import render_record
from governance.record_content import LedgerPosition, Signer
from governance.record_verify import Issue, RecordVerdict, verify_record
from governance.record_view import attainment_rows, content_of
from governance.signing import sign_record
from rules.problem import BadInput, Place, Problem


@click.group()
def record() -> None:
    """Decision records: render, verify."""


@record.command()
@click.argument("wanted", metavar="DECISION")
@as_json
def render(wanted: str) -> None:
    """Render and sign the record of a committed decision.

    Example: merestone record render DR-2026-001
    """
    workspace = here()
    known = wanted_decision(workspace, wanted)
    with working("rendering"):
        path, index = issue_record(workspace, known)
    document = {
        "id": wanted,
        "file": str(path),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "entry": index,
    }
    answer(
        "record",
        document,
        lambda out: out.print(f"Signed record: {path}\nLedger entry {index} keeps its hash", soft_wrap=True),
    )


def issue_record(workspace: Workspace, known: Decision) -> tuple[Path, int]:
    """Render, sign, store and log the record; its path and the ledger index of its hash."""
    if known.document is None or known.committed_index is None:
        raise BadInput([Problem(Place(known.id), "is not committed", hint=f"merestone decision commit {known.id}")])
    key = record_key(workspace)
    with reading(workspace) as ledger:
        entry = ledger.entry(known.committed_index)
        framed = next(iter(ledger.entries("decision.framed", known.id))).entry
        checkpoint, proof = ledger.latest_checkpoint(), ledger.proof(known.committed_index)
        position = LedgerPosition(workspace.origin, known.committed_index, ledger.size, checkpoint)
    reps = [RepAttainment(r["name"], _ratio(r["t4q"]), _ratio(r["quarter"])) for r in attainment_rows(known.document)]
    low, high = (decoded(end) for end in known.document["attainment_band"])
    chart = None  # without a band nothing is drawn: where healthy ends is the policies' to say
    if isinstance(low, Fraction) and isinstance(high, Fraction):
        chart = attainment_chart(reps, low=low, high=high, fonts=TEMPLATES / "fonts")
    content = content_of(
        known.document,
        framed_on=framed.at.date(),
        committed_at=entry.entry.at,
        position=position,
        signer=Signer(key.owner, key.root_sha256),
        chart=chart,
    )
    pdf = render_record(content, decision_json=entry.raw, proof=proof, templates=TEMPLATES)
    signed = sign_record(pdf, key, at=now(), reason=f"decision record {known.id}")
    digest = hashlib.sha256(signed).hexdigest()
    workspace.records.mkdir(exist_ok=True)
    path = workspace.records / f"{known.id}.pdf"
    partial = path.with_suffix(".part")
    partial.write_bytes(signed)
    data: dict[str, object] = {"file": path.name, "pdf_sha256": digest, "committed": known.committed_index}
    index = append(workspace, ISSUED, known.id, key.owner, f"{known.id}/record/{digest}", data)
    partial.replace(path)
    with reading(workspace) as ledger:
        issued = ledger.entry(index)
        path.with_suffix(".pdf.tlog-proof").write_text(ledger.proof(index), encoding="utf-8")
        path.with_suffix(".pdf.leaf").write_bytes(issued.raw)
    return path, index


def _ratio(percent: str) -> Fraction | None:
    return Fraction(percent) / 100 if percent else None


@record.command()
@click.argument("file", type=FILE)
@click.option("--root", type=FILE, default=None, help="Root certificate (PEM) to trust, as you were given it.")
@click.option("--vkey", default="", help="The log's key, as you were given it.")
@as_json
def verify(file: Path, root: Path | None, vkey: str) -> None:
    """Verify a record: signature, attachments, proofs, and that the ledger knows this very file.

    With --root and --vkey no workspace is needed: the .leaf and .tlog-proof beside the record stand for the ledger.

    Exit code 1: something is wrong with it.

    Example: merestone record verify records/DR-2026-001.pdf
    """
    verdict = verify_alone(file, root, vkey) if root and vkey else verify_file(here(), file)
    document = {
        "file": str(file),
        "sha256": verdict.sha256,
        "verified": not verdict.findings,
        "findings": list(verdict.findings),
        "checked": list(verdict.checked),
    }
    answer("record-verify", document, lambda out: show_verdict(out, file, verdict), NO if verdict.findings else YES)


def verify_file(workspace: Workspace, file: Path) -> RecordVerdict:
    """Verify one record against this workspace's keys and ledger."""
    with reading(workspace) as ledger:
        return verify_record(read_bytes(file), root_pem=workspace.root_pem, vkey=workspace.vkey, ledger=ledger)


def verify_alone(file: Path, root: Path, vkey: str) -> RecordVerdict:
    """Verify one record as somebody who has no ledger, only the record's own files and what was pinned before."""
    leaf, proof = (file.with_name(file.name + end) for end in (".leaf", ".tlog-proof"))
    issue = Issue(read_bytes(leaf), read_text(proof))
    return verify_record(read_bytes(file), root_pem=read_bytes(root), vkey=vkey, ledger=issue)


def show_verdict(out: Console, file: Path, verdict: RecordVerdict) -> None:
    """What was checked, and the answer in one word."""
    for line in verdict.checked:
        out.print(f"  ok  {line}", style="green")
    for line in verdict.findings:
        out.print(f"  no  {line}", style="red")
    out.print(f"{file}: ", coloured("refused" if verdict.findings else "verified"), sep="", soft_wrap=True)
