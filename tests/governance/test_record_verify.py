"""A record is believed only if its signature, its attachments, the log's proof and the ledger all agree."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from governance.decision import COMMITTED, FRAMED, ISSUED
from governance.ledger import Entry, Ledger
from governance.log_key import new_log_key
from governance.record import render_record
from governance.record_content import RecordContent
from governance.record_key import RecordKey, create_record_key
from governance.record_verify import RecordVerdict, verify_record
from governance.signing import sign_record

AT = datetime(2026, 11, 20, 16, 5, 9, tzinfo=UTC)
LOG = new_log_key("example.com/ledger")


@dataclass(frozen=True)
class Issued:
    """A signed record, and the ledger that knows it."""

    pdf: bytes
    path: Path
    root_pem: bytes

    def verdict(
        self, pdf: bytes | None = None, *, vkey: str = LOG.vkey, root_pem: bytes | None = None
    ) -> RecordVerdict:
        """The verdict on a file, this one unless another is given."""
        with Ledger.open(self.path) as ledger:
            return verify_record(
                self.pdf if pdf is None else pdf, root_pem=root_pem or self.root_pem, vkey=vkey, ledger=ledger
            )


Make = Callable[[str, int], Issued]


@pytest.fixture(scope="module")
def make(
    small_content: RecordContent, templates: Path, key: RecordKey, tmp_path_factory: pytest.TempPathFactory
) -> Make:
    """Commit, render, sign and log a record in a new ledger; the entry of its hash points to entry `committed`."""

    def made(name: str, committed: int) -> Issued:
        folder = tmp_path_factory.mktemp(name)
        path, guard = folder / "ledger.sqlite", folder / "ledger.guard"
        Ledger.create(path, LOG.name, LOG, guard).close()
        with Ledger.open(path, LOG, guard) as ledger:
            ledger.append([Entry(FRAMED, "DR-2026-0007", "Ana", AT, f"{name}/framed", {"title": "Keep the north"})])
            ledger.append([Entry(COMMITTED, "DR-2026-0007", "Ida", AT, f"{name}/committed", {"chosen": "none"})])
            ledger.append([Entry(COMMITTED, "DR-2026-0008", "Ida", AT, f"{name}/another", {"chosen": "all"})])
            decision, proof = ledger.entry(1).raw, ledger.proof(1)
            pdf = render_record(small_content, decision_json=decision, proof=proof, templates=templates)
            signed = sign_record(pdf, key, at=AT, reason="decision record DR-2026-0007")
            data = {"file": "r.pdf", "pdf_sha256": hashlib.sha256(signed).hexdigest(), "committed": committed}
            ledger.append([Entry(ISSUED, "DR-2026-0007", "Example Instruments", AT, f"{name}/issued", data)])
        return Issued(signed, path, key.root_pem)

    return made


@pytest.fixture(scope="module")
def issued(make: Make) -> Issued:
    return make("issued", 1)


def test_a_record_that_the_ledger_knows_is_verified(issued: Issued) -> None:
    verdict = issued.verdict()
    assert verdict.findings == ()
    assert len(verdict.checked) == 3
    assert verdict.sha256 == hashlib.sha256(issued.pdf).hexdigest()


@pytest.mark.parametrize("part", [1, 3, 10, 50, 90, 99])
def test_a_changed_byte_is_found(part: int, issued: Issued) -> None:
    at = len(issued.pdf) * part // 100
    changed = issued.pdf[:at] + bytes([issued.pdf[at] ^ 1]) + issued.pdf[at + 1 :]
    assert issued.verdict(changed).findings


@pytest.mark.parametrize(
    "pdf", [b"", b"%PDF-1.7\n", b"a letter, not a record", b"\x00" * 500, "half", "longer"], ids=range(6)
)
def test_what_is_no_record_is_refused_with_findings(pdf: bytes | str, issued: Issued) -> None:
    cut = {"half": issued.pdf[: len(issued.pdf) // 2], "longer": issued.pdf + b"\n"}
    assert issued.verdict(cut[pdf] if isinstance(pdf, str) else pdf).findings


def test_a_true_record_of_another_ledger_is_refused(issued: Issued, make: Make) -> None:
    other = make("other", 1)
    findings = issued.verdict(other.pdf).findings
    assert findings == (f"the ledger knows no record with SHA-256 {hashlib.sha256(other.pdf).hexdigest()}",)


def test_a_record_of_another_log_is_refused(issued: Issued) -> None:
    (finding,) = issued.verdict(vkey=new_log_key(LOG.name).vkey).findings
    assert finding.startswith("the attached proof fails: ")


def test_a_record_of_another_root_is_refused(issued: Issued, tmp_path: Path) -> None:
    other = create_record_key(tmp_path, "Example Instruments", AT, None)
    assert (
        "the signer's certificate does not lead to the trusted root" in issued.verdict(root_pem=other.root_pem).findings
    )


@pytest.mark.parametrize("committed", [0, 2])
def test_an_issue_that_points_to_another_entry_is_refused(committed: int, make: Make) -> None:
    """Neither to a frame nor to the commit of another decision."""
    findings = make(f"crossed-{committed}", committed).verdict().findings
    assert findings == (f"the attached decision is not ledger entry {committed}",)


def test_an_issue_that_points_beyond_the_ledger_is_refused(make: Make) -> None:
    assert make("beyond", 99).verdict().findings == ("no entry 99",)


def test_without_a_ledger_nothing_is_verified(issued: Issued) -> None:
    verdict = verify_record(issued.pdf, root_pem=issued.root_pem, vkey=LOG.vkey, ledger=None)
    assert verdict.findings == ("no ledger at hand: the hash of the whole file was compared with nothing",)
