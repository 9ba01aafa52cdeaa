"""Why does a ledger refuse? Every situation in which it will not do what it was asked, and what can be done."""

from governance.refusal import Refused


class LedgerRefused(Refused):
    """The ledger will not do this. Subclasses say which situation it is."""


class LedgerBroken(LedgerRefused):
    """The file contradicts itself; nothing is appended to it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the ledger contradicts itself: {what}", "see everything with `merestone ledger verify`")


class LedgerRolledBack(LedgerRefused):
    """The file is older than what was signed last: a restored backup, or entries were cut off."""

    def __init__(self, size: int, signed: int) -> None:
        super().__init__(
            f"the ledger holds {size} entries, but {signed} were signed already",
            "an old backup was restored, or entries were cut off; bring back the file that holds them all",
        )


class LedgerForked(LedgerRefused):
    """The file is not the one that was signed last."""

    def __init__(self, size: int) -> None:
        super().__init__(
            f"the first {size} entries are not those that were signed", "this is another ledger, or it was rewritten"
        )


class EventConflict(LedgerRefused):
    """An event id is recorded already, with other content."""

    def __init__(self, event_id: str, index: int | None) -> None:
        where = "twice in this batch" if index is None else f"recorded as entry {index}"
        super().__init__(f"event `{event_id}` is {where}, with other content", "a new event needs an id of its own")
