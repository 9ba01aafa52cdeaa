"""May this record be believed? Its signature, what is attached, the log's proofs, and the hash that the ledger keeps.

Each check says what it looked at; one failed check refuses the record. The hash of the whole file is compared because a
signature leaves bytes that can change unseen.
"""

from dataclasses import dataclass

from governance.decision import COMMITTED, ISSUED
from governance.ledger import Ledger
from governance.ledger_entry import read_body
from governance.log_proof import read_proof, verify_proof
from governance.record_check import RecordReport, check_record
from governance.refusal import Refused


@dataclass(frozen=True, slots=True)
class RecordVerdict:
    """What was checked and found good, and what was found wrong; without findings the record is verified."""

    sha256: str
    checked: tuple[str, ...]
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Issue:
    """The ledger entry that keeps a record's hash, and its proof: the two files that travel beside a record."""

    leaf: bytes
    proof: str


def verify_record(pdf: bytes, *, root_pem: bytes, vkey: str, ledger: Ledger | Issue | None) -> RecordVerdict:
    """Verify a record against the pinned root certificate, the log's key, and what keeps the hash of the whole file.

    That is the ledger, or without it the entry and proof that travel with the record. With neither it is refused.
    """
    report = check_record(pdf, root_pem=root_pem)
    findings = list(report.findings)
    checked = []
    if not findings:
        signed_at = report.signed_at.isoformat() if report.signed_at else "an unknown time"
        checked.append(f"one signature over the whole file, by {report.signer}, claimed at {signed_at}")
    if report.decision_json is None or report.proof is None:
        findings.append("the decision or its proof is not attached")
    else:
        try:
            checkpoint = verify_proof(report.proof, report.decision_json, vkey)
            checked.append(f"the attached decision is in the log {checkpoint.origin}, among {checkpoint.size} entries")
        except Refused as refused:
            findings.append(f"the attached proof fails: {refused.message}")
    if ledger is None:
        findings.append("no ledger at hand: the hash of the whole file was compared with nothing")
        return RecordVerdict(report.sha256, tuple(checked), tuple(findings))
    try:
        if isinstance(ledger, Issue):
            known, wrong = _in_issue(ledger, report, vkey)
        else:
            known, wrong = _in_ledger(ledger, report.sha256, report.decision_json)
    except Refused as refused:
        known, wrong = (), (refused.message,)
    return RecordVerdict(report.sha256, (*checked, *known), (*findings, *wrong))


def _in_issue(issue: Issue, report: RecordReport, vkey: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the entry beside the record confirms, and what it denies. Raises Refused where it proves nothing."""
    checkpoint = verify_proof(issue.proof, issue.leaf, vkey)
    body = read_body(issue.leaf)
    if body["kind"] != ISSUED or body["data"].get("pdf_sha256") != report.sha256:
        return (), (f"the entry beside the record is not about a file with SHA-256 {report.sha256}",)
    known = f"the hash of the whole file is in the log {checkpoint.origin}, as the entry beside it shows"
    attached = read_proof(report.proof).index if report.proof else None
    if body["data"].get("committed") != attached:
        return (known,), ("the entry beside the record is about another decision",)
    return (known,), ()


def _in_ledger(ledger: Ledger, sha256: str, decision_json: bytes | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the ledger confirms of a file with this hash, and what it denies. Raises LedgerBroken."""
    found = next((r for r in ledger.entries(ISSUED) if r.entry.data["pdf_sha256"] == sha256), None)
    if found is None:
        return (), (f"the ledger knows no record with SHA-256 {sha256}",)
    known = (f"the hash of the whole file is ledger entry {found.index}",)
    index = found.entry.data["committed"]
    committed = ledger.entry(index)
    if committed.entry.kind != COMMITTED or committed.raw != decision_json:
        return known, (f"the attached decision is not ledger entry {index}",)
    return known, ()
