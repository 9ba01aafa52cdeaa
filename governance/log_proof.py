"""Is this record in the log? A text file that answers it offline: c2sp.org/tlog-proof@v1.

    c2sp.org/tlog-proof@v1
    index 41                              number of the record in the log, from 0
    gSKyXoYZUgZ6jduWYrkDOARinOMGJv...     inclusion proof (RFC 6962), base64, one hash a line, leaf first
                                          empty line, then the signed checkpoint as it stands
    merestone.example/ledger
    60
    sFodV/vSp5O8n9a8QpW6PRY97tfOSW...

    — merestone.example/ledger hI2DJw...

What is proved: the holder of the log key signed a list in which exactly these bytes stand at that index. An `extra`
line is read and carried, but nothing vouches for it.
"""

from dataclasses import dataclass

from governance.merkle import HASH_BYTES, includes, leaf_hash
from governance.refusal import Refused
from governance.signed_note import (
    MAX_LETTERS,
    Checkpoint,
    NoteRefused,
    open_checkpoint,
    read_base64,
    read_number,
    read_vkey,
    write_base64,
)

HEADER = "c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"
_LONGEST_PATH = 63


class ProofRefused(Refused):
    """A proof does not show what it should show."""


@dataclass(frozen=True, slots=True)
class LogProof:
    """What a proof file says. `checkpoint` is the signed note; `extra` is `None` without such a line."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def __str__(self) -> str:
        extra = [f"extra {write_base64(self.extra)}"] if self.extra is not None else []
        lines = [HEADER, *extra, f"index {self.index}", *(write_base64(node) for node in self.hashes), "", ""]
        return "\n".join(lines) + self.checkpoint


def read_proof(text: str) -> LogProof:
    """The proof in `text`, *nothing verified*. Raises ProofRefused if it is not in the format."""
    if len(text) > MAX_LETTERS:
        raise ProofRefused(f"proof is longer than {MAX_LETTERS} letters")
    head, gap, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not gap or lines.pop(0) != HEADER:
        raise ProofRefused("not a log proof", f"expected the first line `{HEADER}`")
    try:
        extra = read_base64(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else None
        if not lines or not lines[0].startswith("index "):
            raise ProofRefused("proof has no index line")
        index = read_number(lines.pop(0).removeprefix("index "))
        hashes = tuple(read_base64(line) for line in lines)
    except NoteRefused as error:
        raise ProofRefused(error.message, error.hint) from None
    if len(hashes) > _LONGEST_PATH or any(len(node) != HASH_BYTES for node in hashes):
        raise ProofRefused("not an inclusion proof", f"expected hashes of {HASH_BYTES} bytes, at most {_LONGEST_PATH}")
    return LogProof(index, hashes, checkpoint, extra)


def verify_proof(proof_text: str, leaf_data: bytes, vkey: str) -> Checkpoint:
    """The checkpoint under which `leaf_data` stands in the log. Raises ProofRefused if that is not shown.

    `leaf_data` is the body of the entry, byte for byte; `vkey` the verifier key of the log, trusted beforehand.
    """
    proof = read_proof(proof_text)
    try:
        checkpoint = open_checkpoint(proof.checkpoint, read_vkey(vkey))
    except NoteRefused as error:
        raise ProofRefused(error.message, error.hint) from None
    if not includes(checkpoint.root, checkpoint.size, proof.index, leaf_hash(leaf_data), proof.hashes):
        raise ProofRefused(
            f"the record is not entry {proof.index} of the {checkpoint.size} that `{checkpoint.origin}` signed",
            "the record, the index or the proof was altered, or they do not belong together",
        )
    return checkpoint
