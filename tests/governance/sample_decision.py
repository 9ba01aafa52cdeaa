"""The sample company's decision, evaluated once: what frame, document, review and record are tested with."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from engine.database import Database
from engine.intake.intake import import_snapshot
from engine.intake.mapping import load_mapping
from engine.intake.snapshot import Manifest
from engine.intake.snapshot_store import open_snapshot, write_snapshot
from governance.decision import Decision
from governance.document import Evaluated, decision_document
from governance.evaluated import evaluate_options
from governance.frame import Frame, read_frame
from rules.model.policy import PolicySet
from rules.reading.load import load_policies

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "examples" / "ostrevale"
JUNE, SEPTEMBER = date(2026, 6, 30), date(2026, 9, 30)
ON = datetime(2026, 7, 3, 9, tzinfo=UTC)


@cache
def policies() -> PolicySet:
    """The shipped policies."""
    return load_policies([(p.name, p.read_text("utf-8")) for p in sorted((ROOT / "policies").glob("*.yaml"))])


def decision_text() -> str:
    """The sample company's decision file."""
    return (SAMPLE / "decision.yaml").read_text("utf-8")


def frame(text: str = "") -> Frame:
    """A decision file, read; the sample company's unless another is given."""
    return read_frame(text or decision_text(), "decision.yaml", policies())


@cache
def _snapshots() -> Path:
    return Path(tempfile.mkdtemp(prefix="merestone-tests-"))


@cache
def _imported(day: date) -> str:
    mapping = load_mapping((SAMPLE / "mapping.yaml").read_text("utf-8"), "mapping.yaml")
    with Database() as db:
        made = import_snapshot(db, mapping, SAMPLE / f"exports-{day.isoformat()}", day)
        return write_snapshot(db, made, _snapshots()).id


@contextmanager
def snapshot(day: date) -> Iterator[tuple[Database, Manifest]]:
    """The sample company's snapshot of a day in a database."""
    with Database() as db:
        yield db, open_snapshot(db, _snapshots(), _imported(day))


@dataclass(frozen=True)
class Sample:
    """What was found, and the document made of it."""

    frame: Frame
    found: Evaluated
    document: dict[str, Any]


@cache
def sample() -> Sample:
    """The sample company's decision on its own snapshot; its numbers outlive the database."""
    framed = frame()
    with snapshot(JUNE) as (db, manifest):
        found = evaluate_options(db, manifest, policies(), JUNE, {"moderate": SAMPLE / "moves.csv"})
        return Sample(framed, found, document_of(framed, found))


def document_of(framed: Frame, found: Evaluated) -> dict[str, Any]:
    """The document of the sample decision as committed."""
    decided = {"by": "Ida Lind", "rationale": "the spread lasts", "deviation": "", "on": "2026-07-03"}
    approval = {"by": "Ida Lind", "role": "vp-sales", "on": "2026-07-03", "accounts": ""}
    return decision_document(
        "DR-2026-001", framed, found, chosen="moderate", decided=decided, approvals=[approval], waivers=[]
    )


def framed_decision(**changes: Any) -> Decision:
    """A decision that was framed and about which nothing more was said, unless `changes` say so."""
    data = {
        "options": ["status-quo", "moderate"],
        "recommendation": "moderate",
        "policy_set": policies().sha256,
        "moves": {},
    }
    fields: dict[str, Any] = {
        "id": "DR-2026-001",
        "title": "Rebalance the North",
        "requester": "P-07",
        "snapshot": "ab12",
        "framed": data,
    }
    return Decision(**{**fields, **changes})


def committed_decision(document: dict[str, Any] | None = None) -> Decision:
    """The sample decision, committed."""
    return framed_decision(committed_index=5, document=document or sample().document)
