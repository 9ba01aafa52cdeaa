"""Is this file the record that was signed, whole and unchanged? A list of findings, empty if it is.

Judges the file alone: one signature that certifies it and forbids change, that reaches its last byte, made by a
certificate below the pinned root, and exactly the two attachments. What a file cannot show about itself is left to the
caller: that its hash is in the ledger, that `decision.json` hashes to the decision's leaf, and that the claimed time
fits.

A signed PDF keeps bytes that no signature covers, those that hold the signature. Its padding and the certificates
beside it are compared here byte for byte; a second valid encoding of the same signature is not, so the file's hash
decides.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from governance.record import DECISION_FILE, PROOF_FILE
from governance.signing import FIELD, Seal, attachments_of, seal_of, signatures_in


@dataclass(frozen=True, slots=True)
class RecordReport:
    """What a record file says and whether it may be believed: it may if there are no findings.

    `signer` and `signed_at` are what the signature claims, whatever the findings. The attachments are handed out only
    if there are none.
    """

    findings: tuple[str, ...]
    signer: str
    signed_at: datetime | None
    decision_json: bytes | None
    proof: str | None
    sha256: str
    """Hexadecimal hash of the whole file, to compare with the ledger's."""


def check_record(pdf: bytes, *, root_pem: bytes) -> RecordReport:
    """Findings about the bytes of a record file against the root certificate (PEM) that its reader trusts.

    Never raises for what the file holds. Raises ValueError if `root_pem` is no certificate.
    """
    x509.load_pem_x509_certificate(root_pem)
    sha256 = hashlib.sha256(pdf).hexdigest()
    try:
        return _checked(pdf, root_pem, sha256)
    except Exception as error:  # noqa: BLE001 -- a stranger's bytes may break a parser anywhere; that is a finding
        reason = " ".join(str(error).split()) or type(error).__name__
        return RecordReport((f"the file cannot be read as a signed record: {reason}",), "", None, None, None, sha256)


def _checked(pdf: bytes, root_pem: bytes, sha256: str) -> RecordReport:
    count = signatures_in(pdf)
    if count != 1:
        found = "no signature" if count == 0 else f"{count} signatures"
        return RecordReport(
            (f"a record carries one signature; this file carries {found}",), "", None, None, None, sha256
        )
    seal = seal_of(pdf, root_pem)
    findings = (*_findings_about(seal), *_bytes_left_open(pdf, seal))
    if findings:
        return RecordReport(findings, seal.signer, seal.signed_at, None, None, sha256)
    attached = attachments_of(pdf)
    names = sorted(name for name, _ in attached)
    if names != [DECISION_FILE, PROOF_FILE]:
        listed = ", ".join(f"`{name}`" for name in names) or "nothing"
        findings = (f"a record has `{DECISION_FILE}` and `{PROOF_FILE}` attached; this file has {listed}",)
        return RecordReport(findings, seal.signer, seal.signed_at, None, None, sha256)
    files = dict(attached)
    # A proof that is not text proves nothing; whoever verifies it says so.
    proof = files[PROOF_FILE].decode(errors="replace")
    return RecordReport((), seal.signer, seal.signed_at, files[DECISION_FILE], proof, sha256)


def _findings_about(seal: Seal) -> tuple[str, ...]:
    checks = (
        (seal.intact, "the signed bytes were changed after signing"),
        (seal.valid, "the signature value does not fit its certificate"),
        (seal.trusted, "the signer's certificate does not lead to the trusted root"),
        (seal.covers_file, "the signature does not cover the whole file: something was added after signing"),
        (seal.docmdp_ok, "the file was changed in a way that its certification forbids"),
        (seal.certifies, "the signature does not certify the document"),
        (seal.permission == 1, "the certification allows later changes; a record allows none"),
        (seal.subfilter == "ETSI.CAdES.detached", f"the signature is of type `{seal.subfilter}`, not PAdES"),
        (seal.field == FIELD, f"the signature is in the field `{seal.field}`, not `{FIELD}`"),
        (seal.signed_at is not None, "the signature claims no time"),
    )
    return tuple(finding for holds, finding in checks if not holds)


def _bytes_left_open(pdf: bytes, seal: Seal) -> tuple[str, ...]:
    """What the signature's hash does not reach: the gap that holds it must contain it, zeros, and nothing else."""
    findings = []
    start, before, after, rest = seal.byte_range
    if start != 0 or after + rest != len(pdf):
        findings.append("the signed range does not run from the first byte to the last")
    gap = pdf[before:after]
    expected = b"<" + seal.cms.hex().upper().encode() + b">"
    if gap[: len(expected) - 1] != expected[:-1] or gap[len(expected) - 1 :].strip(b"0") != b">":
        findings.append("the space around the signature holds something else")
    if seal.certificates != 1:
        findings.append(
            f"{seal.certificates} certificates lie beside the signature; a record carries its signer's alone"
        )
    if seal.has_unsigned_attributes:
        findings.append("the signature carries attributes that nobody signed")
    return tuple(findings)
