"""What was decided, in which order, and signed? The append-only ledger in one file.

Every append writes its entries and a signed checkpoint over all entries in one transaction. When `append` returns, the
entries are on disk, densely numbered and signed, and the last-signed guard outside the database says so too.

What the ledger promises, and what it does not, needs a second pair of eyes: `ledger_check` finds every changed byte of
the past, given the log key and a checkpoint kept elsewhere at or after it. Without such a checkpoint nobody can tell a
shortened or rewritten ledger from a true one if the key holder signed it.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from governance.last_signed import GuardRefused, LastSigned, put_in_place
from governance.ledger_entry import BodyRefused, Entry, Recorded, bodies_of, read_body
from governance.ledger_refusals import EventConflict, LedgerBroken, LedgerForked, LedgerRefused, LedgerRolledBack
from governance.log_key import LogKey
from governance.log_proof import LogProof
from governance.merkle import Edge, consistency_proof, inclusion_proof, leaf_hash, read_edge, root_of
from governance.refusal import Refused
from governance.signed_note import (
    Checkpoint,
    NoteRefused,
    VerifierKey,
    open_checkpoint,
    read_checkpoint,
    sign_checkpoint,
)
from governance.store_reading import Reader, StoredCheckpoint, StoredEntry, Transaction

if TYPE_CHECKING:
    from governance.store import Store

__all__ = [
    "Entry",
    "EventConflict",
    "Ledger",
    "LedgerBroken",
    "LedgerForked",
    "LedgerRefused",
    "LedgerRolledBack",
    "Recorded",
]

_PAGE = 1_000


class Ledger:
    """An open ledger: a context manager, to be closed. Made by `create` or `open`; usable from several threads."""

    def __init__(self, store: "Reader | Store", key: LogKey | None, guard: LastSigned | None) -> None:
        self._store = store
        self._key = key
        self._guard = guard

    @classmethod
    def create(cls, path: Path, origin: str, key: LogKey, guard_path: Path) -> Self:
        """A new ledger called `origin`, the name of its key, with a signed checkpoint over no entries.

        Raises LedgerRefused if the ledger or its guard exists: a log that signed before is never begun anew.
        """
        guard = LastSigned(guard_path)
        if origin != key.name:
            raise LedgerRefused(f"the key is of `{key.name}`, the ledger of `{origin}`")
        with guard.held():
            for there in (path, guard_path):
                if there.exists():
                    raise LedgerRefused(f"`{there}` exists already", "open the ledger, or choose another place")
            first = sign_checkpoint(0, Edge().root(), key)
            # Under its name only when complete, and the guard before: a crash between leaves a guard that says 0.
            fresh = path.with_name(path.name + ".new")
            fresh.unlink(missing_ok=True)
            store = _writing_store().create(fresh)
            try:
                with store.writing() as transaction:
                    transaction.add_checkpoint(StoredCheckpoint(0, b"", first.note))
            finally:
                store.close()
            guard.swap(None, first.note)
            put_in_place(fresh, path)
        return cls.open(path, key, guard_path)

    @classmethod
    def open(cls, path: Path, key: LogKey | None = None, guard_path: Path | None = None) -> Self:
        """The ledger at `path`: to append with its key and guard, to read without a key.

        Raises StoreRefused if it is no ledger, LedgerBroken or NoteRefused if its head does not hold together, and with
        a key GuardRefused, LedgerRolledBack or LedgerForked if it is not the one that this key signed last. Reading
        proves nothing: see `ledger_check`.
        """
        if key and guard_path is None:
            raise LedgerRefused("a ledger is signed only under its guard", "say where the last signed checkpoint is")
        guard = LastSigned(guard_path) if key and guard_path else None
        store = _writing_store().open(path, writable=True) if key else Reader.open(path)
        ledger = cls(store, key, guard)
        try:
            # The guard first: what is read later can only be newer.
            signed = guard.read() if guard else None
            with store.reading() as transaction:
                head, _ = ledger._head(transaction)
                if signed is not None:
                    ledger._require_extends(transaction, head, signed)
        except Refused:
            store.close()
            raise
        return ledger

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    @property
    def origin(self) -> str:
        """The name of the log."""
        return self._latest().origin

    @property
    def size(self) -> int:
        """The number of entries."""
        return self._latest().size

    def append(self, entries: Sequence[Entry]) -> Checkpoint:
        """Record entries, all or none, and return the signed checkpoint that covers them.

        An event that is recorded already with the same content is left as it is, so that a call may be repeated after a
        crash. Raises BadInput for entries that cannot be written down, EventConflict, LedgerRolledBack, LedgerForked,
        LedgerBroken, StoreRefused (nothing was recorded), and GuardRefused: then the entries may be recorded, and the
        call is to be repeated when the guard is mended.
        """
        bodies = bodies_of(entries)
        key, guard = self._key, self._guard
        if key is None or guard is None:
            raise LedgerRefused("the ledger is open for reading only", "open it with its key")
        with guard.held():
            signed = guard.read()
            with self._writer().writing() as transaction:
                head, edge = self._head(transaction)
                self._require_extends(transaction, head, signed)
                fresh = _unrecorded(transaction, entries, bodies, head.size)
                if fresh:
                    for row in fresh:
                        edge = edge.grown(row.leaf)
                    head = sign_checkpoint(edge.size, edge.root(), key)
                    transaction.add_entries(fresh)
                    transaction.add_checkpoint(StoredCheckpoint(head.size, edge.to_bytes(), head.note))
            # Only now, when the entries are on disk: a guard ahead of the database would look like a restored backup.
            if signed != head.note:
                guard.swap(signed, head.note)
        return head

    def entry(self, index: int) -> Recorded:
        """Entry number `index`. Raises LedgerRefused beyond the last one, LedgerBroken if its bytes were altered."""
        with self._store.reading() as transaction:
            found = transaction.entries(index, index + 1)
        if not found:
            raise LedgerRefused(f"no entry {index}", f"the ledger has {self.size} entries, counted from 0")
        return _recorded(found[0])

    def index_of(self, event_id: str) -> int | None:
        """Where an event is recorded, if it is."""
        with self._store.reading() as transaction:
            found = transaction.entry_of(event_id)
        return found.index if found else None

    def entries(self, kind: str | None = None, subject: str | None = None) -> Iterator[Recorded]:
        """All entries, or those of a kind or about a subject, in order. Raises LedgerBroken at an altered one."""
        size = self.size
        for start in range(0, size, _PAGE):
            with self._store.reading() as transaction:
                page = transaction.entries(start, min(start + _PAGE, size))
            for row in page:
                found = _recorded(row)
                if (kind is None or found.body["kind"] == kind) and (
                    subject is None or found.body["subject"] == subject
                ):
                    yield found

    def latest_checkpoint(self) -> str:
        """The signed note over all entries: hand it to as many people as possible."""
        return self._latest().note

    def proof(self, index: int) -> str:
        """The text of a tlog-proof file for entry `index`, under the latest checkpoint. Raises LedgerRefused."""
        head, leaves = self._tree()
        if not 0 <= index < head.size:
            raise LedgerRefused(f"no entry {index}", f"the ledger has {head.size} entries, counted from 0")
        return str(LogProof(index, inclusion_proof(leaves, index), head.note))

    def consistency(self, old_size: int) -> tuple[bytes, ...]:
        """The proof that the latest checkpoint extends the one of `old_size` (RFC 6962). Raises LedgerRefused."""
        head, leaves = self._tree()
        if not 0 <= old_size <= head.size:
            raise LedgerRefused(f"no checkpoint of {old_size} entries", f"the ledger has {head.size}")
        return consistency_proof(leaves, old_size)

    def _writer(self) -> "Store":
        store = self._store
        assert isinstance(store, _writing_store()), "with its key a ledger is opened to write"  # noqa: S101
        return store

    def _latest(self) -> Checkpoint:
        with self._store.reading() as transaction:
            return self._head(transaction)[0]

    def _tree(self) -> tuple[Checkpoint, list[bytes]]:
        """The latest checkpoint and the leaves that it signs: no proof is handed out that would not verify."""
        with self._store.reading() as transaction:
            head, _ = self._head(transaction)
            leaves = transaction.leaves(head.size)
        if root_of(leaves) != head.root:
            raise LedgerBroken(f"its entries are not those that checkpoint {head.size} signs")
        return head, leaves

    def _head(self, transaction: Transaction) -> tuple[Checkpoint, Edge]:
        """The latest checkpoint and the edge under it, which agree with each other and, with a key, are ours."""
        stored = transaction.latest_checkpoint()
        if stored is None:
            raise LedgerBroken("it has no checkpoint")
        if self._key:
            head = open_checkpoint(stored.note, VerifierKey(self._key.name, self._key.public))
        else:
            head = read_checkpoint(stored.note)
        edge = read_edge(stored.size, stored.edge)
        if stored.size != head.size or edge is None or edge.root() != head.root:
            raise LedgerBroken(f"checkpoint {stored.size} is not what was signed")
        if transaction.size() != head.size:
            raise LedgerBroken(f"{transaction.size()} entries, but the last checkpoint covers {head.size}")
        return head, edge

    def _require_extends(self, transaction: Transaction, head: Checkpoint, signed_note: str) -> None:
        """Refuse a ledger that does not begin with what was signed last."""
        if self._key is None:
            return
        try:
            signed = open_checkpoint(signed_note, VerifierKey(self._key.name, self._key.public))
        except NoteRefused as error:
            raise GuardRefused(f"the last signed checkpoint is none of this key: {error.message}") from None
        if signed.size > head.size:
            raise LedgerRolledBack(head.size, signed.size)
        root = head.root if signed.size == head.size else root_of(transaction.leaves(signed.size))
        if root != signed.root:
            raise LedgerForked(signed.size)


def _writing_store() -> type["Store"]:
    from governance.store import Store  # noqa: PLC0415 -- its libraries take longer to load than most verbs to answer

    return Store


def _unrecorded(
    transaction: Transaction, entries: Sequence[Entry], bodies: Sequence[bytes], size: int
) -> list[StoredEntry]:
    """Rows for those entries that are not recorded yet, numbered from `size`."""
    fresh: dict[str, StoredEntry] = {}
    for entry, body in zip(entries, bodies, strict=True):
        known = transaction.entry_of(entry.event_id)
        same = known or fresh.get(entry.event_id)
        if same is None:
            fresh[entry.event_id] = StoredEntry(size + len(fresh), entry.event_id, leaf_hash(body), body)
        elif same.body != body:
            raise EventConflict(entry.event_id, known.index if known else None)
    return list(fresh.values())


def _recorded(row: StoredEntry) -> Recorded:
    if leaf_hash(row.body) != row.leaf:
        raise LedgerBroken(f"entry {row.index} was altered")
    try:
        body = read_body(row.body)
    except BodyRefused as error:
        raise LedgerBroken(f"entry {row.index}: {error.message}") from None
    return Recorded(row.index, body, row.leaf, row.body)
