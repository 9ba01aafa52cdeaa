"""What signs a record? A P-256 key, its certificate, and the root certificate that verifiers pin.

A record key is a leaf certificate below a root of its own. The root's private key signs that one leaf and is then
thrown away: whoever steals the folder can sign as the leaf, but can never make another certificate that the pinned root
vouches for. A new key is a new root, made known to verifiers by the ledger.

    keys/record-key.p12     PKCS#12 (RFC 7292): key, certificate and root, encrypted if there is a passphrase
    keys/record-root.pem    the root certificate alone, to hand out
"""

import os
import stat
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from rules.problem import BadInput, Place, Problem

KEY_FILE = "record-key.p12"
ROOT_FILE = "record-root.pem"
VALID_FOR = timedelta(days=3653)
LONGEST_NAME = 64
"""X.520 allows a common name of 64 characters."""
KDF_ROUNDS = 600_000
"""PBKDF2-SHA-256 rounds between a passphrase and the key, as OWASP advised in 2023."""


@dataclass(frozen=True, slots=True)
class RecordKey:
    """What signs a record: a P-256 key, its certificate, and the root certificate that verifiers pin."""

    certificate: x509.Certificate
    root: x509.Certificate
    private: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def owner(self) -> str:
        """The certificate's common name: whose signature it is."""
        return str(self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)

    @property
    def root_pem(self) -> bytes:
        """The root certificate as PEM: what a verifier, or `pdfsig -nssdir`, is told to trust."""
        return self.root.public_bytes(serialization.Encoding.PEM)

    @property
    def root_sha256(self) -> str:
        """Hexadecimal SHA-256 of the root certificate's DER form."""
        return self.root.fingerprint(hashes.SHA256()).hex()


def create_record_key(folder: Path, owner: str, at: datetime, passphrase: str | None) -> RecordKey:
    """Make a record key for `owner`, valid for ten years from `at`, and store it below `folder`.

    Both files are readable by their owner only.

    Raises BadInput, and writes nothing, for an owner that is empty or longer than 64 characters, for an empty
    passphrase, or if `folder` holds a key already.
    """
    if at.tzinfo is None:
        raise ValueError("the time a key begins needs a zone")
    problems = []
    if not owner.strip() or len(owner) > LONGEST_NAME:
        expected = f"1 to {LONGEST_NAME} characters"
        problems.append(Problem(Place(str(folder)), "the owner of a record key needs a name", owner, expected))
    if passphrase == "":
        hint = "leave the passphrase out to store the key unencrypted"
        problems.append(Problem(Place(str(folder)), "the passphrase is empty", hint=hint))
    taken = [folder / name for name in (KEY_FILE, ROOT_FILE) if (folder / name).exists()]
    hint = "a key is never overwritten; move it away to make a new one"
    problems.extend(Problem(Place(str(path)), "a record key is here already", hint=hint) for path in taken)
    if problems:
        raise BadInput(problems)

    key = _certified(owner, at)
    bundle = pkcs12.serialize_key_and_certificates(
        b"record", key.private, key.certificate, [key.root], _encryption(passphrase)
    )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_new(folder / ROOT_FILE, key.root_pem)
    try:
        _write_new(folder / KEY_FILE, bundle)
    except OSError:
        (folder / ROOT_FILE).unlink()
        raise
    return key


def load_record_key(folder: Path, passphrase: str | None) -> RecordKey:
    """The key that `create_record_key` stored below `folder`.

    Raises BadInput if there is none, if the passphrase does not fit, or if the file holds something else.
    """
    path = folder / KEY_FILE
    place = Place(str(path))
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if os.name == "posix" and mode & 0o077:
            raise BadInput(
                [Problem(place, "the record key can be read by others", f"{mode:04o}", "0600", f"chmod 600 {path}")]
            )
        bundle = path.read_bytes()
    except FileNotFoundError:
        raise BadInput([Problem(place, "there is no record key", hint="`merestone init` makes one")]) from None
    try:
        private, leaf, others = pkcs12.load_key_and_certificates(bundle, passphrase.encode() if passphrase else None)
    except ValueError:
        tried = "with this passphrase" if passphrase else "without a passphrase"
        hint = "the passphrase is another one, or the file is damaged"
        raise BadInput([Problem(place, f"the record key does not open {tried}", hint=hint)]) from None
    if not isinstance(private, ec.EllipticCurvePrivateKey) or leaf is None or len(others) != 1:
        raise BadInput(
            [Problem(place, "the file holds no record key", expected="a P-256 key and its two certificates")]
        )
    return RecordKey(leaf, others[0], private)


def _encryption(passphrase: str | None) -> serialization.KeySerializationEncryption:
    if passphrase is None:
        return serialization.NoEncryption()
    builder = serialization.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(KDF_ROUNDS)
    builder = builder.key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC).hmac_hash(hashes.SHA256())
    return builder.build(passphrase.encode())


def _certified(owner: str, at: datetime) -> RecordKey:
    """A fresh key, certified by a fresh root whose own key is gone when this returns."""
    root_key = ec.generate_private_key(ec.SECP256R1())
    key = ec.generate_private_key(ec.SECP256R1())
    start = at.replace(microsecond=0)
    root_name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, owner),
            x509.NameAttribute(NameOID.COMMON_NAME, "Decision record root"),
        ]
    )
    leaf_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, owner)])
    root_id = x509.SubjectKeyIdentifier.from_public_key(root_key.public_key())

    def unsigned(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(root_name).public_key(public)
        builder = builder.serial_number(x509.random_serial_number())
        return builder.not_valid_before(start).not_valid_after(start + VALID_FOR)

    root = (
        unsigned(root_name, root_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(root_id, critical=False)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        unsigned(leaf_name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(root_id), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    return RecordKey(leaf, root, key)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=not signs_certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read and that was not there before; on an error it is not there after."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink()
        raise
