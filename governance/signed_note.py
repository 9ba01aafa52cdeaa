"""Who signed this text? C2SP signed notes with Ed25519, and the tree heads written as such notes, checkpoints.

    merestone.example/ledger          origin: the name of the log and of its key
    3                                 size: number of leaves
    u7dUDDJ4sNBoX0GKzvU3pTvV4CUc...   root: RFC 6962 tree hash, base64
                                      empty line; the text above, with its last newline, is what is signed
    — merestone.example/ledger Yh1..  em dash, key name, base64 of key id (4 bytes) and signature

Formats: c2sp.org/signed-note, c2sp.org/tlog-checkpoint. A signature by a known key must be good, one by an unknown
key is ignored, and without a good one the note says nothing. Base64 has one spelling: padded, without stray bits.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from governance.merkle import HASH_BYTES
from governance.refusal import Refused

ED25519 = b"\x01"
MAX_LETTERS = 1_000_000
MAX_SIGNATURES = 64
_ID_BYTES = 4
_PUBLIC_BYTES = 32
_DASH = "\u2014 "


class NoteRefused(Refused):
    """A note, a checkpoint or a verifier key was not accepted."""


class Signer(Protocol):
    """Whoever can sign a note: the name stands in the signature line, the public key is 32 bytes (RFC 8032)."""

    @property
    def name(self) -> str: ...
    @property
    def public(self) -> bytes: ...
    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the Ed25519 signature."""
        ...


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key to trust, under its name. As text `name+1d2e3f40+AbCd...`, the form that Go's note package reads."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The first four bytes of SHA-256(name ‖ newline ‖ type ‖ public key)."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{write_base64(ED25519 + self.public)}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed tree head. `note` is the whole text as signed, to be kept and handed on as it stands."""

    origin: str
    size: int
    root: bytes
    note: str


def read_vkey(text: str) -> VerifierKey:
    """The key in `text`. Raises NoteRefused if it is misspelt, of another type, or if its id is not its own."""
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    require_name(name)
    body = read_base64(encoded)
    if body[:1] != ED25519 or len(body) != len(ED25519) + _PUBLIC_BYTES:
        raise NoteRefused("not an Ed25519 verifier key", "expected `name+id+base64`")
    key = VerifierKey(name, body[1:])
    if key.id.hex() != key_id:
        raise NoteRefused(f"verifier key says its id is `{key_id}`, but it is `{key.id.hex()}`")
    return key


def require_name(name: str) -> None:
    """Raise NoteRefused unless `name` may name a key: not empty, no blank, no plus, no control character."""
    if not name or not name.isprintable() or any(letter == "+" or letter.isspace() for letter in name):
        raise NoteRefused(f"`{name}` cannot name a key", "use a name such as `example.com/ledger`")


def sign_note(text: str, signer: Signer) -> str:
    """The note: `text`, which ends in a newline, an empty line, and one signature line."""
    _require_text(text)
    key = VerifierKey(signer.name, signer.public)
    return f"{text}\n{_DASH}{key.name} {write_base64(key.id + signer.sign(text.encode()))}\n"


def open_note(note: str, keys: Sequence[VerifierKey]) -> tuple[str, tuple[VerifierKey, ...]]:
    """The signed text and those of `keys` that signed it, at least one. Raises NoteRefused for anything else."""
    if len(note) > MAX_LETTERS:
        raise NoteRefused(f"note is longer than {MAX_LETTERS} letters")
    head, gap, tail = note.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise NoteRefused("not a signed note", "expected text, an empty line, and signature lines")
    text = head + "\n"
    _require_text(text)
    lines = tail.removesuffix("\n").split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteRefused(f"note has {len(lines)} signatures; at most {MAX_SIGNATURES} are read")
    signed: list[VerifierKey] = []
    for line in lines:
        name, key_id, signature = _signature(line)
        for key in keys:
            if (key.name, key.id) != (name, key_id):
                continue
            if key in signed:
                raise NoteRefused(f"two signatures by `{name}`")
            if not _is_signed(text, signature, key):
                raise NoteRefused(f"the signature by `{name}` does not fit the text")
            signed.append(key)
    if not signed:
        raise NoteRefused("no signature by a trusted key")
    return text, tuple(signed)


def sign_checkpoint(size: int, root: bytes, signer: Signer) -> Checkpoint:
    """The head of the log named like its key. Never call it for a head that does not extend the last one signed."""
    note = sign_note(f"{signer.name}\n{size}\n{write_base64(root)}\n", signer)
    return Checkpoint(signer.name, size, root, note)


def open_checkpoint(note: str, key: VerifierKey) -> Checkpoint:
    """The checkpoint in `note`. Raises NoteRefused unless `key` signed it for the log that bears the key's name."""
    open_note(note, [key])
    checkpoint = read_checkpoint(note)
    if checkpoint.origin != key.name:
        raise NoteRefused(f"checkpoint is of `{checkpoint.origin}`, not of `{key.name}`")
    return checkpoint


def read_checkpoint(note: str) -> Checkpoint:
    """What `note` says, *signature unchecked*. Lines after the third are allowed by the format and ignored."""
    text, gap, _ = note.rpartition("\n\n")
    lines = text.split("\n")
    if not gap or len(lines) < 3 or not all(lines):  # noqa: PLR2004 -- origin, size, root
        raise NoteRefused("not a checkpoint", "expected the lines origin, size and root")
    root = read_base64(lines[2])
    if len(root) != HASH_BYTES:
        raise NoteRefused(f"root has {len(root)} bytes, expected {HASH_BYTES}")
    return Checkpoint(lines[0], read_number(lines[1]), root, note)


def read_number(text: str) -> int:
    """A count in ASCII digits without leading zeros, below 2^63. Raises NoteRefused."""
    if not (text.isascii() and text.isdigit()) or (text[0] == "0" and text != "0") or len(text) > 19 or int(text) >> 63:  # noqa: PLR2004 -- digits of 2^63
        raise NoteRefused(f"`{text}` is not a count", "expected digits without leading zeros")
    return int(text)


def read_base64(text: str) -> bytes:
    """The bytes in `text`. Raises NoteRefused unless it is the one standard spelling (RFC 4648 section 4)."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        data = b""
    if not text or write_base64(data) != text:
        raise NoteRefused(f"`{text[:80]}` is not base64 in its one spelling")
    return data


def write_base64(data: bytes) -> str:
    """Standard base64, padded, on one line."""
    return b64encode(data).decode()


def _require_text(text: str) -> None:
    if not text.endswith("\n") or any(letter < " " and letter != "\n" for letter in text):
        raise NoteRefused("a note is lines of plain text, the last one ended too")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise NoteRefused("a note is valid unicode")


def _signature(line: str) -> tuple[str, bytes, bytes]:
    """Key name, key id and signature of a signature line."""
    name, blank, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not blank:
        raise NoteRefused(f"`{line[:80]}` is not a signature line")
    require_name(name)
    data = read_base64(encoded)
    if len(data) <= _ID_BYTES:
        raise NoteRefused(f"the signature by `{name}` is too short")
    return name, data[:_ID_BYTES], data[_ID_BYTES:]


def _is_signed(text: str, signature: bytes, key: VerifierKey) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
