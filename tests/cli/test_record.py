"""A record is rendered, signed and logged, and every way to falsify one ends in a finding."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from tests.cli.conftest import DECISION, Desk

Made = Callable[[str], Desk]


def verdict(desk: Desk, pdf: bytes, tmp_path: Path) -> list[str]:
    """Findings about a file; the verb answers 1 with findings and 0 without."""
    path = tmp_path / "record.pdf"
    path.write_bytes(pdf)
    result = desk.run("--json", "record", "verify", str(path))
    document = json.loads(result.stdout)
    assert result.exit_code == (1 if document["findings"] else 0)
    assert document["verified"] is not bool(document["findings"])
    assert "Traceback" not in result.output
    found: list[str] = document["findings"]
    return found


@pytest.fixture
def pdf(shared: Made) -> bytes:
    return (shared("issued").root / "records" / f"{DECISION}.pdf").read_bytes()


def test_a_record_is_verified_and_its_hash_is_the_ledgers(shared: Made, pdf: bytes, tmp_path: Path) -> None:
    desk = shared("issued")
    assert verdict(desk, pdf, tmp_path) == []
    (issued,) = desk.ask("decision", "show", DECISION)["records"]
    assert issued["pdf_sha256"] == hashlib.sha256(pdf).hexdigest()


@pytest.mark.parametrize("percent", [0, 1, 20, 50, 80, 99])
def test_a_changed_byte_is_refused(percent: int, shared: Made, pdf: bytes, tmp_path: Path) -> None:
    at = len(pdf) * percent // 100
    assert verdict(shared("issued"), pdf[:at] + bytes([pdf[at] ^ 4]) + pdf[at + 1 :], tmp_path)


@pytest.mark.parametrize("case", ["truncated", "empty", "longer", "text", "png"])
def test_what_is_no_whole_record_is_refused(case: str, shared: Made, pdf: bytes, tmp_path: Path) -> None:
    files = {
        "truncated": pdf[: len(pdf) // 2],
        "empty": b"",
        "longer": pdf + b"%%EOF\n",
        "text": b"Dear auditor,\nplease trust us.\n",
        "png": b"\x89PNG\r\n\x1a\n" + b"\x00" * 100,
    }
    assert verdict(shared("issued"), files[case], tmp_path)


def test_a_record_that_somebody_saved_anew_is_refused(shared: Made, tmp_path: Path) -> None:
    source = shared("issued").root / "records" / f"{DECISION}.pdf"
    with pikepdf.open(source) as opened:
        opened.save(tmp_path / "saved.pdf")
    assert verdict(shared("issued"), (tmp_path / "saved.pdf").read_bytes(), tmp_path)


def test_a_record_of_another_workspace_is_refused(pdf: bytes, tmp_path: Path) -> None:
    other = Desk(tmp_path / "other")
    other.did("init", str(other.root), "--name", "Other")
    assert len(verdict(other, pdf, tmp_path)) >= 2


def test_a_record_that_is_not_in_this_ledger_is_refused(shared: Made, pdf: bytes, tmp_path: Path) -> None:
    """Signed by the same keys, in a ledger that went on otherwise."""
    (finding,) = verdict(shared("committed"), pdf, tmp_path)
    assert finding == f"the ledger knows no record with SHA-256 {hashlib.sha256(pdf).hexdigest()}"


def test_an_altered_ledger_entry_is_a_finding_and_no_failure(desk_at: Made, pdf: bytes, tmp_path: Path) -> None:
    desk = desk_at("issued")
    raw = (desk.root / "ledger.sqlite").read_bytes()
    assert raw.count(b"the spread lasts") >= 1
    (desk.root / "ledger.sqlite").write_bytes(raw.replace(b"the spread lasts", b"the spread fades"))
    assert verdict(desk, pdf, tmp_path)


def test_a_record_that_is_not_there_is_bad_input(shared: Made) -> None:
    assert shared("issued").refused("record", "verify", "gone.pdf") == ["gone.pdf: there is no such file"]


def test_what_is_not_committed_has_no_record(shared: Made) -> None:
    assert shared("approved").refused("record", "render", DECISION) == [f"{DECISION}: is not committed"]


def test_a_record_may_be_rendered_again_and_the_new_one_is_verified(desk_at: Made, tmp_path: Path) -> None:
    desk = desk_at("issued")
    again = desk.ask("record", "render", DECISION, now="2026-07-04T09:00:00Z")
    assert verdict(desk, Path(again["file"]).read_bytes(), tmp_path) == []
    assert not list((desk.root / "records").glob("*.part"))


def test_nobodys_pay_is_attached_or_printed(shared: Made, project: Path) -> None:
    """Payroll says `1.495,17`; no number of the attachments or of the decision in the ledger has those digits."""
    rows = (project / "examples" / "ostrevale" / "exports-2026-06-30" / "payroll_bezuege.csv").read_bytes()
    pay = {n.replace(".", "").replace(",", "") for n in re.findall(r"\d[\d.]*,\d\d", rows.decode("latin-1"))}
    pay = {n for n in pay if len(n) > 4} | {"3887280", "683640", "227880", "647880"}
    assert len(pay) > 300
    with pikepdf.open(shared("issued").root / "records" / f"{DECISION}.pdf") as opened:
        attached = b"".join(a.get_file().read_bytes() for a in opened.attachments.values())
    amounts = re.sub(r'"d":"\d+"', "", attached.decode())  # a denominator is nobody's pay
    shown = {re.sub(r"\D", "", n) for n in re.findall(r"\d[\d.,]*", amounts)}
    assert b"decision.committed" in attached
    assert shown & pay == set()


def test_a_record_key_that_is_gone_is_bad_input(desk_at: Made) -> None:
    desk = desk_at("committed")
    shutil.move(desk.root / "keys" / "record-key.p12", desk.root / "elsewhere")
    (problem,) = desk.refused("record", "render", DECISION)
    assert problem.endswith("there is no record key")
    assert not list((desk.root / "records").iterdir())


def alone(desk: Desk, folder: Path, **changed: bytes) -> tuple[int, list[str]]:
    """Exit code and findings of an auditor who has the record's three files and what was pinned, and no workspace."""
    for path in (desk.root / "records").iterdir():
        shutil.copy(path, folder)
    shutil.copy(desk.root / "keys" / "record-root.pem", folder)
    for ending, content in changed.items():
        (folder / f"{DECISION}.pdf{'.' if ending else ''}{ending.replace('_', '-')}").write_bytes(content)
    vkey = (desk.root / "keys" / "log.vkey").read_text(encoding="utf-8").strip()
    words = ("record", "verify", str(folder / f"{DECISION}.pdf"), "--root", str(folder / "record-root.pem"))
    result = Desk(folder).run("--json", *words, "--vkey", vkey)
    return result.exit_code, json.loads(result.stdout)["findings"]


def test_an_auditor_verifies_without_a_workspace(shared: Made, tmp_path: Path) -> None:
    assert alone(shared("issued"), tmp_path) == (0, [])


def test_the_entry_beside_a_record_must_be_about_this_file(shared: Made, pdf: bytes, tmp_path: Path) -> None:
    """A byte that no signature covers is still in the hash."""
    code, findings = alone(shared("issued"), tmp_path, **{"": pdf + b"\n"})
    assert code == 1
    digest = hashlib.sha256(pdf + b"\n").hexdigest()
    assert f"the entry beside the record is not about a file with SHA-256 {digest}" in findings


def test_an_entry_made_up_beside_a_record_proves_nothing(shared: Made, tmp_path: Path) -> None:
    leaf = (shared("issued").root / "records" / f"{DECISION}.pdf.leaf").read_bytes()
    code, findings = alone(shared("issued"), tmp_path, leaf=leaf.replace(b"record.issued", b"record.Issued"))
    assert code == 1
    assert findings != []
