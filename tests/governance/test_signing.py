"""A signed record is what it was, plus one signature that forbids change and that foreign tools accept."""

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pikepdf
import pytest

from governance.record_key import RecordKey
from governance.signing import attachments_of, seal_of, sign_record, signatures_in
from tests.conftest import skip_or_fail

AT = datetime(2026, 11, 20, 16, 5, 9, tzinfo=UTC)


def gap(pdf: bytes) -> tuple[int, int]:
    """Where the signature's own bytes begin and end, angle brackets included."""
    found = re.search(rb"/ByteRange \[0 (\d+) (\d+) \d+\]", pdf)
    assert found is not None
    return int(found[1]), int(found[2])


def tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        skip_or_fail(f"`{name}` is not installed")
    return str(path)


def test_the_rendered_bytes_stay_a_prefix(unsigned: bytes, signed: bytes) -> None:
    assert signed.startswith(unsigned)
    assert len(signed) - len(unsigned) < 10_000


def test_it_certifies_the_document_and_forbids_change(signed: bytes, key: RecordKey) -> None:
    seal = seal_of(signed, key.root_pem)
    assert (seal.certifies, seal.permission, seal.subfilter, seal.field) == (True, 1, "ETSI.CAdES.detached", "Record")
    assert (seal.intact, seal.valid, seal.trusted, seal.covers_file, seal.docmdp_ok) == (True, True, True, True, True)
    assert seal.signer == "Example Instruments"
    assert seal.certificates == 1
    assert not seal.has_unsigned_attributes


def test_it_claims_the_time_it_is_told_whatever_the_machines_clock_says(unsigned: bytes, key: RecordKey) -> None:
    at = datetime(2031, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=9)))
    signed = sign_record(unsigned, key, at=at, reason="later")
    assert seal_of(signed, key.root_pem).signed_at == at
    added = signed[len(unsigned) :]
    assert set(re.findall(rb"D(?::|\\072)(\d{8})", added)) == {b"20310102"}


def test_what_the_record_says_about_itself_is_not_rewritten(unsigned: bytes, signed: bytes, tmp_path: Path) -> None:
    said = []
    for name, pdf in (("before", unsigned), ("after", signed)):
        (tmp_path / name).write_bytes(pdf)
        with pikepdf.open(tmp_path / name) as document:
            said.append((document.Root.Metadata.read_bytes(), {k: str(v) for k, v in document.docinfo.items()}))
    assert said[0] == said[1]


def test_the_signature_is_invisible(signed: bytes, tmp_path: Path) -> None:
    (tmp_path / "signed.pdf").write_bytes(signed)
    with pikepdf.open(tmp_path / "signed.pdf") as document:
        (field,) = document.Root.AcroForm.Fields
        assert (str(field.T), [int(n) for n in field.Rect]) == ("Record", [0, 0, 0, 0])


def test_the_attachments_survive(signed: bytes) -> None:
    assert [name for name, _ in attachments_of(signed)] == ["decision.json", "decision.tlog-proof"]


def test_an_unsigned_record_carries_no_signature(unsigned: bytes) -> None:
    assert signatures_in(unsigned) == 0


def test_a_second_signature_is_refused(signed: bytes, key: RecordKey) -> None:
    with pytest.raises(Exception, match=r"(?i)sign"):
        sign_record(signed, key, at=AT, reason="again")


def test_a_time_without_a_zone_is_refused(unsigned: bytes, key: RecordKey) -> None:
    with pytest.raises(ValueError, match="needs a zone"):
        sign_record(unsigned, key, at=AT.replace(tzinfo=None), reason="x")


def test_a_certificate_does_not_count_before_its_years(unsigned: bytes, key: RecordKey) -> None:
    early = sign_record(unsigned, key, at=AT - timedelta(days=2), reason="early")
    assert not seal_of(early, key.root_pem).trusted


@pytest.fixture
def pdfsig(signed: bytes, tmp_path: Path) -> Callable[..., str]:
    """What pdfsig says about the signed record."""

    def say(*options: str) -> str:
        (tmp_path / "signed.pdf").write_bytes(signed)
        command = [tool("pdfsig"), *options, str(tmp_path / "signed.pdf")]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    return say


def test_pdfsig_finds_it_valid_and_the_total_document_signed(pdfsig: Callable[..., str]) -> None:
    said = pdfsig("-nocert")
    assert said.count("Signature #") == 1
    assert "Signature is Valid." in said
    assert "Total document signed" in said


def test_pdfsig_trusts_it_once_the_root_is_in_its_store(
    pdfsig: Callable[..., str], key: RecordKey, tmp_path: Path
) -> None:
    certutil = tool("certutil")
    (tmp_path / "root.pem").write_bytes(key.root_pem)
    store = f"sql:{tmp_path}"
    subprocess.run([certutil, "-N", "-d", store, "--empty-password"], check=True, capture_output=True)
    add = [certutil, "-A", "-d", store, "-n", "root", "-t", "CT,C,C", "-i", str(tmp_path / "root.pem")]
    subprocess.run(add, check=True, capture_output=True)
    said = pdfsig("-nssdir", store)
    assert "Certificate is Trusted." in said
    assert "Total document signed" in said


def test_openssl_verifies_it_against_the_root(signed: bytes, key: RecordKey, tmp_path: Path) -> None:
    start, end = gap(signed)
    (tmp_path / "root.pem").write_bytes(key.root_pem)
    (tmp_path / "signed.bin").write_bytes(signed[:start] + signed[end:])
    (tmp_path / "cms.der").write_bytes(seal_of(signed, key.root_pem).cms)
    command = f"cms -verify -binary -inform DER -in {tmp_path}/cms.der -content {tmp_path}/signed.bin"
    command += f" -CAfile {tmp_path}/root.pem -purpose any -attime {int(AT.timestamp())} -out {tmp_path}/out"
    answer = subprocess.run([tool("openssl"), *command.split()], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
