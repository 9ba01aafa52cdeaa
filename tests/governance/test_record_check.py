"""Whatever is done to a signed record is found in the file itself, or changes the hash that the ledger holds."""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import algos, cms  # type: ignore[import-untyped]  # it ships no types
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.keys.internal import translate_pyca_cryptography_cert_to_asn1, translate_pyca_cryptography_key_to_asn1
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from governance.record_check import RecordReport, check_record
from governance.record_key import RecordKey, create_record_key
from governance.signing import seal_of, sign_record

AT = datetime(2026, 11, 20, 16, 5, 9, tzinfo=UTC)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256 (SP 800-186, 3.2.1.3)."""

Check = Callable[[bytes], RecordReport]


@pytest.fixture(scope="session")
def check(key: RecordKey) -> Check:
    return lambda pdf: check_record(pdf, root_pem=key.root_pem)


def gap(pdf: bytes) -> tuple[int, int]:
    """Where the signature's own bytes begin and end, angle brackets included."""
    found = re.search(rb"/ByteRange \[0 (\d+) (\d+) \d+\]", pdf)
    assert found is not None
    return int(found[1]), int(found[2])


def flipped(pdf: bytes, at: int) -> bytes:
    return pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]


def with_message(pdf: bytes, message: bytes) -> bytes:
    """The file with another CMS message in the same space."""
    start, end = gap(pdf)
    inside = message.hex().upper().encode().ljust(end - start - 2, b"0")
    return pdf[: start + 1] + inside + pdf[end - 1 :]


def revised(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """The file with one more revision appended."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
    return out.getvalue()


def test_an_untouched_record_has_no_findings_and_hands_out_what_it_carries(signed: bytes, check: Check) -> None:
    assert check(signed) == RecordReport(
        findings=(),
        signer="Example Instruments",
        signed_at=AT,
        decision_json=b'{"decision":"DR-2026-0042","status":"committed"}',
        proof="c2sp.org/tlog-proof@v1\nindex 1204\n",
        sha256=hashlib.sha256(signed).hexdigest(),
    )


def page_stream(pdf: bytes) -> bytes:
    """A byte in the middle of the first page's drawing."""
    with pikepdf.open(BytesIO(pdf)) as document:
        drawing = document.pages[0].Contents.read_raw_bytes()
    return flipped(pdf, pdf.index(drawing) + len(drawing) // 2)


def attached_json(pdf: bytes) -> bytes:
    with pikepdf.open(BytesIO(pdf)) as document:
        raw = document.attachments["decision.json"].get_file().obj.read_raw_bytes()
    return flipped(pdf, pdf.index(raw) + len(raw) // 2)


def overlay(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        drawing = generic.StreamObject(stream_data=b"0 0 200 200 re f")
        page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), writer.add_object(drawing)])
        writer.update_container(page)

    return revised(pdf, change)


def swapped_json(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        spec = writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1]
        spec["/EF"]["/F"] = writer.add_object(generic.StreamObject(stream_data=b'{"decision":"another"}'))
        writer.update_container(spec)

    return revised(pdf, change)


def annotation(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        note = generic.DictionaryObject()  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
        note[generic.pdf_name("/Type")] = generic.pdf_name("/Annot")
        note[generic.pdf_name("/Subtype")] = generic.pdf_name("/FreeText")
        note[generic.pdf_name("/Contents")] = generic.pdf_string("not approved")
        page["/Annots"] = generic.ArrayObject([writer.add_object(note)])
        writer.update_container(page)

    return revised(pdf, change)


def empty_revision(pdf: bytes) -> bytes:
    last = pdf[pdf.rindex(b"startxref") :]
    return pdf + last


def range_cut(pdf: bytes) -> bytes:
    return re.sub(rb"(/ByteRange \[0 \d+ \d+ )(\d+)\]", lambda m: m[1] + str(int(m[2]) - 1).encode() + b"]", pdf)


def contents_zeroed(pdf: bytes) -> bytes:
    start, end = gap(pdf)
    return pdf[: start + 1] + b"0" * (end - start - 2) + pdf[end - 1 :]


def padding(pdf: bytes) -> bytes:
    return flipped(pdf, gap(pdf)[1] - 3)


def lower_case(pdf: bytes) -> bytes:
    start, end = gap(pdf)
    return pdf[:start] + pdf[start:end].lower() + pdf[end:]


@pytest.mark.parametrize(
    ("tamper", "finding"),
    [
        (page_stream, "the signed bytes were changed after signing"),
        (attached_json, "the signed bytes were changed after signing"),
        (padding, "the space around the signature holds something else"),
        (lower_case, "the space around the signature holds something else"),
        (overlay, "the signature does not cover the whole file"),
        (swapped_json, "the signature does not cover the whole file"),
        (annotation, "the signature does not cover the whole file"),
        (lambda pdf: pdf + b"%%junk\n", "the signature does not cover the whole file"),
        (lambda pdf: pdf + b"\n", "the signature does not cover the whole file"),
        (empty_revision, "the signature does not cover the whole file"),
        (range_cut, "the signed range does not run from the first byte to the last"),
        (contents_zeroed, "the file cannot be read as a signed record"),
        (lambda pdf: pdf[: len(pdf) // 2], "the file cannot be read as a signed record"),
        (lambda pdf: pdf[:-1], ""),
        (lambda _: b"", "the file cannot be read as a signed record"),
        (lambda _: b"%PDF-1.7\n", "the file cannot be read as a signed record"),
        (lambda _: bytes(range(256)) * 40, "the file cannot be read as a signed record"),
    ],
)
def test_what_was_done_to_the_file_is_found(
    signed: bytes, check: Check, tamper: Callable[[bytes], bytes], finding: str
) -> None:
    pdf = tamper(signed)
    report = check(pdf)
    assert any(found.startswith(finding) for found in report.findings), report.findings
    assert (report.decision_json, report.proof) == (None, None)
    assert report.sha256 == hashlib.sha256(pdf).hexdigest() != hashlib.sha256(signed).hexdigest()


def message_of(pdf: bytes, key: RecordKey) -> cms.ContentInfo:
    return cms.ContentInfo.load(seal_of(pdf, key.root_pem).cms)


def test_a_changed_signature_value_is_found(signed: bytes, key: RecordKey, check: Check) -> None:
    message = message_of(signed, key)
    info = message["content"]["signer_infos"][0]
    info["signature"] = flipped(info["signature"].native, 20)
    assert (
        "the signature value does not fit its certificate"
        in check(with_message(signed, message.dump(force=True))).findings
    )


def test_a_certificate_slipped_in_beside_the_signature_is_found(signed: bytes, key: RecordKey, check: Check) -> None:
    message = message_of(signed, key)
    stranger = translate_pyca_cryptography_cert_to_asn1(key.root)
    message["content"]["certificates"].append(cms.CertificateChoices("certificate", stranger))
    report = check(with_message(signed, message.dump(force=True)))
    assert report.findings == ("2 certificates lie beside the signature; a record carries its signer's alone",)


def test_an_attribute_that_nobody_signed_is_found(signed: bytes, key: RecordKey, check: Check) -> None:
    message = message_of(signed, key)
    attribute = cms.CMSAttribute({"type": "content_type", "values": ["data"]})
    message["content"]["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes([attribute])
    report = check(with_message(signed, message.dump(force=True)))
    assert report.findings == ("the signature carries attributes that nobody signed",)


def test_the_mirrored_signature_is_valid_too_and_only_the_files_hash_tells(
    signed: bytes, key: RecordKey, check: Check
) -> None:
    """ECDSA accepts (r, n − s) wherever it accepts (r, s)."""
    message = message_of(signed, key)
    info = message["content"]["signer_infos"][0]
    value = algos.DSASignature.load(info["signature"].native)
    mirrored = algos.DSASignature({"r": value["r"].native, "s": ORDER - value["s"].native})
    info["signature"] = mirrored.dump()
    pdf = with_message(signed, message.dump(force=True))
    report = check(pdf)
    assert pdf != signed
    assert report.findings == ()
    assert report.sha256 != check(signed).sha256


def test_a_stripped_record_is_no_record(unsigned: bytes, check: Check) -> None:
    assert check(unsigned).findings == ("a record carries one signature; this file carries no signature",)


def test_an_impostor_of_the_same_name_is_not_trusted(unsigned: bytes, check: Check, tmp_path: Path) -> None:
    impostor = create_record_key(tmp_path, "Example Instruments", AT, None)
    report = check(sign_record(unsigned, impostor, at=AT, reason="Decision DR-2026-0042"))
    assert report.findings == ("the signer's certificate does not lead to the trusted root",)
    assert report.decision_json is None


def signed_otherwise(pdf: bytes, key: RecordKey, **settings: object) -> bytes:
    """Signed by the right key, in a way that a record is not."""
    signer = signers.SimpleSigner(
        signing_cert=translate_pyca_cryptography_cert_to_asn1(key.certificate),
        signing_key=translate_pyca_cryptography_key_to_asn1(key.private),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]  # its constructor carries no types
    )
    usual: dict[str, object] = {"field_name": "Record", "md_algorithm": "sha256"}
    usual["subfilter"] = fields.SigSeedSubFilter.PADES
    metadata = signers.PdfSignatureMetadata(**(usual | settings))  # type: ignore[arg-type]  # settings of many types
    out = BytesIO()
    signers.PdfSigner(metadata, signer).sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), output=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("settings_", "finding"),
    [
        ({}, "the signature does not certify the document"),
        (
            {"certify": True, "docmdp_permissions": fields.MDPPerm.FILL_FORMS},
            "the certification allows later changes; a record allows none",
        ),
        (
            {"certify": True, "docmdp_permissions": fields.MDPPerm.NO_CHANGES, "field_name": "Other"},
            "the signature is in the",
        ),
        (
            {"subfilter": fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED},
            "the signature is of type `adbe.pkcs7.detached`, not PAdES",
        ),
    ],
)
def test_a_signature_of_another_kind_is_found(
    unsigned: bytes, key: RecordKey, check: Check, settings_: dict[str, object], finding: str
) -> None:
    report = check(signed_otherwise(unsigned, key, **settings_))
    assert any(found.startswith(finding) for found in report.findings), report.findings


def test_two_signatures_are_one_too_many(unsigned: bytes, key: RecordKey, check: Check) -> None:
    twice = signed_otherwise(signed_otherwise(unsigned, key), key, field_name="Second")
    assert check(twice).findings == ("a record carries one signature; this file carries 2 signatures",)


def with_attachments(pdf: bytes, names: tuple[str, ...]) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        for name in list(document.attachments):
            del document.attachments[name]
        for name in names:
            document.attachments[name] = b"{}"
        document.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("names", "listed"),
    [
        ((), "nothing"),
        (("decision.json",), "`decision.json`"),
        (("decision.json", "decision.tlog-proof", "extra.js"), "`decision.json`, `decision.tlog-proof`, `extra.js`"),
    ],
)
def test_a_record_has_exactly_its_two_attachments(
    unsigned: bytes, key: RecordKey, check: Check, names: tuple[str, ...], listed: str
) -> None:
    pdf = sign_record(with_attachments(unsigned, names), key, at=AT, reason="x")
    (finding,) = check(pdf).findings
    assert finding == f"a record has `decision.json` and `decision.tlog-proof` attached; this file has {listed}"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_changed_byte_outside_the_signature_is_found(signed: bytes, check: Check, data: st.DataObject) -> None:
    start, end = gap(signed)
    outside = st.integers(0, start - 1) | st.integers(end, len(signed) - 1)
    at, to = data.draw(outside), data.draw(st.integers(1, 255))
    pdf = signed[:at] + bytes([signed[at] ^ to]) + signed[at + 1 :]
    assert check(pdf).findings


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_bytes_break_the_check(signed: bytes, check: Check, data: st.DataObject) -> None:
    start, end = sorted((data.draw(st.integers(0, len(signed))), data.draw(st.integers(0, len(signed)))))
    pdf = signed[:start] + data.draw(st.binary(max_size=40)) + signed[end:]
    report = check(pdf)
    assert report.findings or pdf == signed
    assert report.sha256 == hashlib.sha256(pdf).hexdigest()


def test_a_root_that_is_no_certificate_is_refused(signed: bytes) -> None:
    with pytest.raises(ValueError, match=r"(?i)pem"):
        check_record(signed, root_pem=b"not a certificate")
