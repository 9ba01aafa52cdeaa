"""Which key signs the ledger? An Ed25519 key in a PEM file (PKCS#8), readable by its owner alone.

The key has the name of the log it signs; the file does not hold the name. With a passphrase the file is encrypted.
"""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from governance.refusal import Refused
from governance.signed_note import VerifierKey, require_name


class KeyRefused(Refused):
    """A key file was not written or not accepted."""


@dataclass(frozen=True, slots=True)
class LogKey:
    """The private key of the log `name`. Signs notes; shows nothing of itself but name and public key."""

    name: str
    public: bytes
    _private: Ed25519PrivateKey = field(repr=False, compare=False)

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the Ed25519 signature (RFC 8032)."""
        return self._private.sign(message)

    @property
    def vkey(self) -> str:
        """The public half as text, to be given to everybody who verifies."""
        return str(VerifierKey(self.name, self.public))


def new_log_key(name: str) -> LogKey:
    """A fresh key for the log `name`. Raises NoteRefused if a log cannot be called that."""
    return _log_key(name, Ed25519PrivateKey.generate())


def save_log_key(key: LogKey, path: Path, passphrase: str | None = None) -> None:
    """Write the key to a new file, mode 0600, durable on return. Raises KeyRefused if the file exists already.

    A key is never overwritten: whatever it signed could no longer be continued.
    """
    if passphrase == "":
        raise KeyRefused("the passphrase is empty", "leave it away to store the key unencrypted")
    encryption: KeySerializationEncryption = (
        BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    )
    pem = key._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)  # noqa: SLF001 -- this module's own
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise KeyRefused(f"cannot write `{path}`: {_reason(error)}") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise KeyRefused(f"cannot write `{path}`: {_reason(error)}") from None


def load_log_key(path: Path, name: str, passphrase: str | None = None) -> LogKey:
    """The key of the log `name`. Raises KeyRefused if the file is absent, open to others, locked or no Ed25519 key."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        pem = path.read_bytes()
    except OSError as error:
        raise KeyRefused(f"cannot read `{path}`: {_reason(error)}") from None
    if os.name == "posix" and mode & 0o077:
        raise KeyRefused(f"`{path}` can be read by others (mode {mode:04o})", f"chmod 600 {path}")
    try:
        private = load_pem_private_key(pem, None if passphrase is None else passphrase.encode())
    except TypeError:
        asked = "needs a passphrase" if passphrase is None else "is not encrypted, but a passphrase was given"
        raise KeyRefused(f"`{path}` {asked}") from None
    except ValueError:
        why = "is not a PEM private key" if passphrase is None else "does not open with this passphrase"
        raise KeyRefused(f"`{path}` {why}") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyRefused(f"`{path}` is not an Ed25519 key")
    return _log_key(name, private)


def _log_key(name: str, private: Ed25519PrivateKey) -> LogKey:
    require_name(name)
    return LogKey(name, private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw), private)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
