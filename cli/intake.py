"""`import`: exports to a snapshot. `snapshot`: what there is."""

from datetime import date
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from cli.answer import NO, YES, answer, as_json, problem_rows, show_problems, table, working
from cli.books import append
from cli.options import DAY, here
from cli.workspace import CONFIG, Workspace, read_text
from engine.database import Database
from engine.intake.intake import import_snapshot
from engine.intake.mapping import load_mapping
from engine.intake.snapshot import Manifest
from engine.intake.snapshot_store import write_snapshot
from governance.document import snapshot_facts
from rules.problem import BadInput, Problem

SHOWN = 10
"""Problems and finding examples that a terminal shows; `--json` has them all."""


@click.command("import")
@click.argument("mapping")
@click.argument("source", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--as-of", type=DAY, required=True, help="What was known at the end of this day.")
@as_json
def import_(mapping: str, source: Path, as_of: date) -> None:
    """Read exports in folder SOURCE by MAPPING (a file, or a name in policies/mappings) into a snapshot.

    Exit code 1: the snapshot is there, and rows were refused.

    Example: merestone import mapping.yaml exports/ --as-of 2026-06-30
    """
    workspace = here()
    with working("reading the exports"):
        manifest = import_exports(workspace, mapping, source, as_of)
    answer("import", _document(manifest), lambda out: _show(out, manifest), NO if manifest.problems else YES)


def import_exports(workspace: Workspace, mapping: str, source: Path, as_of: date) -> Manifest:
    """Import, write the snapshot, and record in the ledger that it was made of these files."""
    path = Path(mapping)
    if not path.suffix:
        path = workspace.root / "policies" / "mappings" / f"{mapping}.yaml"
    loaded = load_mapping(read_text(path), path.name)
    declared = loaded.shape.money.minor_digits
    if declared != workspace.minor_digits:
        message = "the currency has other decimals than the workspace"
        expected = f"`minor_digits: {workspace.minor_digits}`, as in {CONFIG}"
        hint = f"set `minor_digits` in one of the two; amounts of the policies are read with those of {CONFIG}"
        place = loaded.document.place(("money",))
        raise BadInput([Problem(place, message, f"minor_digits: {declared}", expected, hint)])
    with Database() as db:
        manifest = write_snapshot(db, import_snapshot(db, loaded, source, as_of), workspace.snapshots)
    data = {**snapshot_facts(manifest), "files": dict(manifest.files)}
    append(workspace, "snapshot.imported", f"snapshot {manifest.id}", workspace.name, f"snapshot/{manifest.id}", data)
    return manifest


def _document(manifest: Manifest) -> dict[str, object]:
    return {
        "snapshot": snapshot_facts(manifest),
        "files": dict(manifest.files),
        "findings": [
            {"id": f.id, "message": f.message, "count": f.count, "of": f.of, "examples": list(f.examples)}
            for f in manifest.findings
        ],
        "problems": problem_rows(manifest.problems),
    }


def _show(out: Console, manifest: Manifest) -> None:
    rows = [
        (
            d.table,
            f"{d.rows:,}",
            f"{d.refused:,}" if d.refused else "",
            f"{d.late:,}" if d.late else "",
            d.as_of.isoformat(),
            d.grade.value,
            d.owner,
        )
        for d in manifest.data_sets
    ]
    said = f"{manifest.currency}, credit by {manifest.crediting}"
    title = f"Snapshot {manifest.id}, as of {manifest.as_of.isoformat()}, {said}"
    out.print(table(title, ("data set", "rows", "refused", "later", "as of", "grade", "owner"), rows, right=(1, 2, 3)))
    if manifest.findings:
        out.print("\nFindings", style="bold")
        for finding in manifest.findings:
            of = f" of {finding.of:,}" if finding.of is not None else ""
            out.print(f"  {finding.id}: {finding.message} ({finding.count:,}{of})")
            for example in finding.examples[:3]:
                out.print(f"      {example}", style="dim")
            if len(finding.examples) > 3:  # noqa: PLR2004
                out.print(f"      and {finding.count - 3:,} more (--json lists them)", style="dim")
    if manifest.problems:
        out.print(Text.assemble(("\nProblems", "bold"), f": {len(manifest.problems):,}; the rows were left out"))
        show_problems(manifest.problems[:SHOWN], to=out)
        if len(manifest.problems) > SHOWN:
            out.print(f"and {len(manifest.problems) - SHOWN:,} more (--json lists them)", style="dim")


@click.group()
def snapshot() -> None:
    """What was known, and when."""


@snapshot.command("list")
@as_json
def list_() -> None:
    """List snapshots.

    Example: merestone snapshot list
    """
    manifests = sorted(here().manifests(), key=lambda m: (m.as_of, m.id))
    rows = [
        (m.id, m.as_of.isoformat(), m.mapping, str(len(m.data_sets)), str(len(m.findings)), str(len(m.problems)))
        for m in manifests
    ]
    columns = ("snapshot", "as of", "mapping", "data sets", "findings", "problems")
    document = {"snapshots": [{"id": m.id, "as_of": m.as_of.isoformat(), "mapping": m.mapping} for m in manifests]}
    answer("snapshots", document, lambda out: out.print(table("Snapshots", columns, rows, right=(3, 4, 5))))


@snapshot.command("show")
@click.argument("snapshot_id")
@as_json
def show(snapshot_id: str) -> None:
    """Show one snapshot, its findings and problems; its hashes are checked on the way.

    Example: merestone snapshot show SNAPSHOT
    """
    with Database() as db:
        manifest = here().snapshot(db, snapshot_id)
    answer("snapshot", _document(manifest), lambda out: _show(out, manifest))
