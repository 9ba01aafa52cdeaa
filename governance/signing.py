"""The one door to signatures in a PDF: the signature itself, and what a signed file says.

A record carries one invisible PAdES B-B certification signature (ETSI EN 319 142-1) in the field `Record`: P-256,
SHA-256, DocMDP permission 1, so that nothing may be changed or added afterwards. The signature is appended as one
incremental update, and the rendered bytes stay a prefix of the signed file.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from cryptography import x509
from pyhanko.keys.internal import (
    translate_pyca_cryptography_cert_to_asn1,
    translate_pyca_cryptography_key_to_asn1,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import read_certification_data
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from governance.record_key import RecordKey, create_record_key, load_record_key

__all__ = [
    "RecordKey",
    "Seal",
    "attachments_of",
    "create_record_key",
    "load_record_key",
    "seal_of",
    "sign_record",
    "signatures_in",
]

# What pyHanko would log about a doubtful file is in the findings; without a handler Python prints it to the terminal.
logging.getLogger("pyhanko").addHandler(logging.NullHandler())

FIELD = "Record"


@dataclass(frozen=True, slots=True)
class Seal:
    """What a file's only signature says about itself and the file; judged by `governance.record_check`."""

    byte_range: tuple[int, ...]
    cms: bytes
    """The DER message, without the padding that follows it in the file."""
    certificates: int
    """How many the message carries."""
    has_unsigned_attributes: bool
    subfilter: str
    field: str
    certifies: bool
    """The document's permissions name this signature as its certification."""
    permission: int | None
    covers_file: bool
    intact: bool
    valid: bool
    trusted: bool
    docmdp_ok: bool
    signer: str
    signed_at: datetime | None
    """The time the signer claims, with its zone."""


def sign_record(pdf: bytes, key: RecordKey, *, at: datetime, reason: str) -> bytes:
    """The PDF with the key's certification signature appended; `at` is the time it claims.

    Reads no clock. The signature value itself differs from call to call, as ECDSA does.
    """
    if at.tzinfo is None:
        raise ValueError("a signature's time needs a zone")
    leaf = translate_pyca_cryptography_cert_to_asn1(key.certificate)
    # No other certificate goes into the message: whoever checks brings the root, and what the signature does not need
    # could be changed without breaking it.
    alone = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # its constructor carries no types
    secret = translate_pyca_cryptography_key_to_asn1(key.private)
    signer = SimpleSigner(signing_cert=leaf, signing_key=secret, cert_registry=alone, embed_roots=False)
    claim = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        reason=reason,
    )
    signed = BytesIO()
    _DatedSigner(claim, signer, at).sign_pdf(_QuietWriter(BytesIO(pdf)), output=signed)
    return signed.getvalue()


def signatures_in(pdf: bytes) -> int:
    """How many signatures and document timestamps the file carries. May raise anything on a broken file."""
    return len(PdfFileReader(BytesIO(pdf)).embedded_signatures)


def seal_of(pdf: bytes, root_pem: bytes) -> Seal:
    """What the file's first signature says, its certificate judged against the pinned root at the time it claims.

    Nothing is fetched, no revocation is asked for, and the machine's own trust store is not read. May raise anything
    on a broken file.
    """
    reader = PdfFileReader(BytesIO(pdf))
    signature = reader.embedded_signatures[0]
    signed_at = signature.self_reported_timestamp
    root = translate_pyca_cryptography_cert_to_asn1(x509.load_pem_x509_certificate(root_pem))
    context = ValidationContext(
        trust_roots=[root], moment=signed_at, allow_fetching=False, revocation_mode="soft-fail", other_certs=[]
    )
    status = validate_pdf_signature(signature, context)
    certification = read_certification_data(reader)
    return Seal(
        byte_range=tuple(int(n) for n in signature.byte_range),
        cms=_without_padding(bytes(signature.pkcs7_content)),
        certificates=len(signature.signed_data["certificates"]),
        has_unsigned_attributes=bool(len(signature.signer_info["unsigned_attrs"])),
        subfilter=str(signature.sig_object["/SubFilter"]).removeprefix("/"),
        field=str(signature.field_name),
        certifies=certification is not None and certification.author_sig == signature.sig_object,
        permission=signature.docmdp_level.value if signature.docmdp_level is not None else None,
        covers_file=status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        intact=bool(status.intact),
        valid=bool(status.valid),
        trusted=bool(status.trusted),
        docmdp_ok=bool(status.docmdp_ok),
        signer=str(signature.signer_cert.subject.native.get("common_name", "")),
        signed_at=signed_at,
    )


def attachments_of(pdf: bytes) -> tuple[tuple[str, bytes], ...]:
    """Name and bytes of every embedded file, in file order. May raise anything on a broken file.

    Call it only on a file whose signature holds: a stranger's file may unpack to any size.
    """
    root = PdfFileReader(BytesIO(pdf)).root
    if "/Names" not in root or "/EmbeddedFiles" not in root["/Names"]:
        return ()
    listed = root["/Names"]["/EmbeddedFiles"]
    if "/Kids" in listed:
        raise ValueError("the embedded files are a nested name tree")
    specs = [listed["/Names"][i] for i in range(1, len(listed["/Names"]), 2)]
    return tuple((str(spec["/UF"]), bytes(spec["/EF"]["/F"].data)) for spec in specs)


class _QuietWriter(IncrementalPdfFileWriter):
    """Leaves the record's own XMP and Info as rendered; pyHanko would rewrite both with the machine's clock."""

    def _update_meta(self) -> None:
        pass


class _DatedSigner(PdfSigner):
    """Signs with a time it is given; pyHanko would read the machine's clock."""

    def __init__(self, claim: PdfSignatureMetadata, signer: SimpleSigner, at: datetime) -> None:
        super().__init__(claim, signer=signer, new_field_spec=SigFieldSpec(FIELD))
        self._at = at

    def init_signing_session(
        self,
        pdf_out: BasePdfFileWriter,
        existing_fields_only: bool = False,  # noqa: FBT001, FBT002 -- as pyHanko declares it
    ) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only=existing_fields_only)
        session.system_time = self._at
        return session


def _without_padding(der: bytes) -> bytes:
    """The first DER value, header included (X.690, 8.1.3)."""
    first = der[1]
    if first < 0x80:  # noqa: PLR2004 -- the short form
        return der[: 2 + first]
    header = 2 + (first & 0x7F)
    return der[: header + int.from_bytes(der[2:header], "big")]
