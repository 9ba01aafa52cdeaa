"""Is the ledger sound? Seen from outside: with the log's public key, the file, and checkpoints kept elsewhere.

Nothing in the file is believed: every hash is computed anew from the bodies, every checkpoint must be signed and fit. A
ledger without a checkpoint is unsound, and so is one that cannot be read. Not seen without a checkpoint kept elsewhere:
a tail cut off together with its checkpoints, and a history rewritten by whoever has the key. Entries after the last
outside checkpoint are the *anchoring window*: for them that holds still, however sound the file looks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from governance.ledger_entry import BodyRefused, read_body, read_stamp
from governance.merkle import Edge, leaf_hash
from governance.refusal import Refused
from governance.signed_note import Checkpoint, NoteRefused, VerifierKey, open_checkpoint, read_vkey
from governance.store_reading import Reader, Transaction

_MOST = 1_000
"""Findings beyond this many are counted, not listed."""


class Flaw(Enum):
    """What kind of thing is wrong."""

    UNREADABLE = "unreadable"
    """The file is no database, is damaged, or the key is no key."""
    SCHEMA = "schema"
    """Tables or triggers are not as they were made."""
    ENTRY = "entry"
    """An entry contradicts itself, or its number does not follow."""
    CHECKPOINT = "checkpoint"
    """A checkpoint is missing, unsigned, or not over the entries that are here."""
    UNSIGNED = "unsigned"
    """Entries after the last checkpoint."""
    OUTSIDE = "outside"
    """A checkpoint kept elsewhere does not fit: the ledger was cut, rewritten or exchanged."""


@dataclass(frozen=True, slots=True)
class LedgerFinding:
    """One thing wrong. `index` is the entry or the size of the checkpoint concerned, if it is about one."""

    flaw: Flaw
    message: str
    index: int | None = None


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """What an examination saw."""

    findings: tuple[LedgerFinding, ...]
    """Empty if the ledger is sound."""
    size: int
    """Entries present."""
    latest: Checkpoint | None
    """The last checkpoint in the file that is signed and fits."""
    anchored: int | None
    """Size of the largest checkpoint kept elsewhere that fits; `None` if there is none."""
    backward: tuple[int, ...]
    """Entries that claim a time before that of their predecessor: a clock was set back, or a time was made up."""

    @property
    def window(self) -> int:
        """Entries that no fitting outside checkpoint vouches for."""
        return self.size - (self.anchored or 0)


def check_ledger(path: Path, vkey: str, outside: Sequence[str] = ()) -> tuple[LedgerFinding, ...]:
    """Everything wrong with the ledger at `path`; empty if it is sound. Never raises, whatever the file holds.

    `vkey` is the log's verifier key, trusted beforehand; `outside` are checkpoints (signed notes) kept elsewhere.
    """
    return examine_ledger(path, vkey, outside).findings


def examine_ledger(path: Path, vkey: str, outside: Sequence[str] = ()) -> LedgerReport:
    """As `check_ledger`, with what was seen besides: size, head, anchoring window, times that run backward."""
    seen = _Seen()
    try:
        key = read_vkey(vkey)
        anchors = _opened(outside, key, seen)
        store = Reader.open_unchecked(path)
        try:
            with store.reading() as transaction:
                _examine(transaction, key, anchors, seen)
        finally:
            store.close()
    except (Refused, ValueError, OverflowError, OSError, MemoryError) as error:
        seen.add(Flaw.UNREADABLE, error.message if isinstance(error, Refused) else f"cannot be read: {error}")
    return seen.report()


@dataclass(slots=True)
class _Seen:
    """What has been seen so far."""

    edge: Edge = field(default_factory=Edge)
    latest: Checkpoint | None = None
    anchored: int | None = None
    claimed: datetime | None = None
    backward: list[int] = field(default_factory=list)
    findings: list[LedgerFinding] = field(default_factory=list)
    uncounted: int = 0
    event_ids: set[str] = field(default_factory=set)

    def add(self, flaw: Flaw, message: str, index: int | None = None) -> None:
        if len(self.findings) < _MOST:
            self.findings.append(LedgerFinding(flaw, message, index))
        else:
            self.uncounted += 1

    def report(self) -> LedgerReport:
        more = [LedgerFinding(Flaw.ENTRY, f"and {self.uncounted} more findings")] if self.uncounted else []
        return LedgerReport((*self.findings, *more), self.edge.size, self.latest, self.anchored, tuple(self.backward))


def _opened(outside: Sequence[str], key: VerifierKey, seen: _Seen) -> list[Checkpoint]:
    """Those checkpoints from elsewhere that the key signed."""
    opened: list[Checkpoint] = []
    for number, note in enumerate(outside, 1):
        try:
            opened.append(open_checkpoint(note, key))
        except NoteRefused as error:
            seen.add(Flaw.OUTSIDE, f"outside checkpoint {number}: {error.message}")
    return opened


def _examine(transaction: Transaction, key: VerifierKey, anchors: Sequence[Checkpoint], seen: _Seen) -> None:
    differences = transaction.schema_differences()
    for difference in differences:
        seen.add(Flaw.SCHEMA, difference)
    # Triggers do not act on readers; with other tables, what is read would not be what the ledger holds.
    if any(not difference.startswith("trigger ") for difference in differences):
        return
    for line in transaction.integrity():
        seen.add(Flaw.UNREADABLE, f"the database is damaged: {line}")
    stored = list(_checkpoints(transaction, key, seen))
    # The sizes at which the tree is looked at, so that one pass over the entries serves all checkpoints.
    looked_at = {checkpoint.size for checkpoint, _ in stored} | {anchor.size for anchor in anchors}
    edges = {0: seen.edge}
    for position, row in enumerate(transaction.raw_entries()):
        body = _entry(position, row, seen)
        seen.edge = seen.edge.grown(leaf_hash(body))
        if seen.edge.size in looked_at:
            edges[seen.edge.size] = seen.edge
    _fit_checkpoints(stored, edges, seen)
    _fit_anchors(anchors, edges, seen)


def _checkpoints(transaction: Transaction, key: VerifierKey, seen: _Seen) -> Iterator[tuple[Checkpoint, bytes]]:
    """Checkpoints in the file that the key signed, each with the edge stored beside it."""
    for size, edge, note in transaction.raw_checkpoints():
        if not (type(size) is int and isinstance(edge, bytes) and isinstance(note, str)):
            seen.add(Flaw.CHECKPOINT, "a checkpoint holds a value of the wrong kind")
            continue
        try:
            checkpoint = open_checkpoint(note, key)
        except NoteRefused as error:
            seen.add(Flaw.CHECKPOINT, f"checkpoint {size}: {error.message}", size)
            continue
        if checkpoint.size != size:
            seen.add(Flaw.CHECKPOINT, f"checkpoint {size} was signed for {checkpoint.size} entries", size)
            continue
        yield checkpoint, edge


def _entry(position: int, row: tuple[Any, ...], seen: _Seen) -> bytes:
    """Examine one row, the `position`-th from 0, and return its body, or what stands there instead, as bytes."""
    index, event_id, leaf, body = row
    if index != position:
        seen.add(Flaw.ENTRY, f"entry {index} stands where entry {position} belongs", position)
    if not isinstance(body, bytes):
        seen.add(Flaw.ENTRY, f"entry {position} has no body", position)
        return str(body).encode(errors="replace")
    if leaf != leaf_hash(body):
        seen.add(Flaw.ENTRY, f"entry {position}: body and leaf hash disagree", position)
    try:
        said = read_body(body)
        claimed = read_stamp(said["at"])
    except BodyRefused as error:
        seen.add(Flaw.ENTRY, f"entry {position}: {error.message}", position)
        return body
    if said["event_id"] != event_id:
        seen.add(Flaw.ENTRY, f"entry {position}: event id beside the body is not the one inside", position)
    if said["event_id"] in seen.event_ids:
        seen.add(Flaw.ENTRY, f"entry {position}: event `{said['event_id']}` is recorded before", position)
    seen.event_ids.add(said["event_id"])
    if seen.claimed is not None and claimed < seen.claimed:
        seen.backward.append(position)
    seen.claimed = claimed
    return body


def _fit_checkpoints(stored: Sequence[tuple[Checkpoint, bytes]], edges: dict[int, Edge], seen: _Seen) -> None:
    present = seen.edge.size
    for checkpoint, stored_edge in stored:
        size, edge = checkpoint.size, edges.get(checkpoint.size)
        if edge is None:
            seen.add(Flaw.CHECKPOINT, f"checkpoint was signed for {size} entries, only {present} are present", size)
        elif edge.root() != checkpoint.root:
            seen.add(Flaw.CHECKPOINT, f"the first {size} entries are not those that checkpoint {size} signs", size)
        elif edge.to_bytes() != stored_edge:
            seen.add(Flaw.CHECKPOINT, f"the tree edge beside checkpoint {size} is not its own", size)
        else:
            seen.latest = checkpoint
    if not stored:
        seen.add(Flaw.CHECKPOINT, "no checkpoint signed by the log key")
    last = stored[-1][0].size if stored else 0
    if present > last:
        seen.add(Flaw.UNSIGNED, f"entries {last} to {present - 1} stand after the last checkpoint", last)


def _fit_anchors(anchors: Sequence[Checkpoint], edges: dict[int, Edge], seen: _Seen) -> None:
    for anchor in anchors:
        edge = edges.get(anchor.size)
        if edge is None:
            message = f"a checkpoint kept elsewhere covers {anchor.size} entries, only {seen.edge.size} are present"
            seen.add(Flaw.OUTSIDE, f"{message}: the ledger was cut", anchor.size)
        elif edge.root() != anchor.root:
            message = f"the first {anchor.size} entries are not those of a checkpoint kept elsewhere"
            seen.add(Flaw.OUTSIDE, f"{message}: the ledger was rewritten or exchanged", anchor.size)
        else:
            seen.anchored = max(seen.anchored or 0, anchor.size)
