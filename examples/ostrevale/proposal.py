"""The proposal that is to be decided: 26 account moves, and what became of them.

`HANDED_OFF` and `UNDECIDED` are what the CRM shows at the end of September: the moves that were allowed or approved,
and two that nobody decided.
"""

from dataclasses import dataclass
from datetime import date

from accounts import BY_LABEL, Account, Ownership, ownership

REQUESTED, APPROVED, ANNOUNCED, EFFECTIVE = date(2026, 6, 22), date(2026, 7, 3), date(2026, 7, 6), date(2026, 8, 3)
OPERATIONS, NORTH, CENTRAL = "P-07", "E-01", "E-02"
"""Sales operations, and the two sales directors."""
AUDIT = "https://crm.ostrevale.example/audits/2026-q2#"


@dataclass(frozen=True, slots=True)
class Move:
    account: str
    """Label."""
    giver: str
    receiver: str
    requester: str = OPERATIONS
    approver: str = NORTH
    effective: date = EFFECTIVE
    reason: str = "rebalance"
    evidence: str = ""
    """Empty: the audit of the account's territory. A dash: none."""

    def evidence_link(self) -> str:
        """The link as the file shows it."""
        return "" if self.evidence == "-" else self.evidence or AUDIT + self.account.split()[0]


MOVES = (
    # North: E-11 holds 52 units on a book for 36. More than 50,000 leaves her book, so sales operations must approve.
    Move("NOR-1 A1", "E-11", "E-13"),  # the strategic relationship is anchored to E-11
    Move("NOR-1 A2", "E-11", "E-13"),  # its subsidiary NOR-1 B4 stays behind
    Move("NOR-1 B1", "E-11", "E-13"),
    Move("NOR-1 B2", "E-11", "E-13"),
    Move("NOR-1 B3", "E-11", "E-13"),
    Move("NOR-1 C1", "E-11", "E-13"),
    Move("NOR-2 C1", "E-12", "E-13"),
    Move("NOR-2 C2", "E-12", "E-13"),
    Move("NOR-2 C3", "E-12", "E-13", effective=date(2026, 9, 21), reason="bad-data"),  # bad data need no window
    Move("NOR-2 C4", "E-12", "E-13"),  # the contract ends on 2026-09-12
    # Central: E-21 asks to give accounts away.
    Move("CEN-1 B1", "E-21", "E-22", "E-21", CENTRAL),
    Move("CEN-1 C1", "E-21", "E-22", "E-21", CENTRAL),
    Move("CEN-1 C2", "E-21", "E-22", "E-21", CENTRAL),
    Move("CEN-1 C3", "E-21", "E-22", "E-21", CENTRAL),  # came to E-21 exactly 180 days before
    Move("CEN-1 C4", "E-21", "E-22", "E-21", CENTRAL, effective=date(2026, 9, 14)),  # after the move window
    Move("CEN-1 C5", "E-21", "E-22", "E-21", CENTRAL, evidence="-"),
    Move("CEN-1 B2", "E-21", "E-25", "E-21", CENTRAL),  # hired in June, no quota yet
    Move("CEN-1 C6", "E-21", "E-34", "E-21", CENTRAL),  # left a year ago
    # Far East: E-32 kept the whole of FAR-2 when E-34 left.
    Move("FAR-2 B2", "E-32", "E-31"),
    Move("FAR-2 C2", "E-32", "E-31"),  # its subsidiary goes along
    Move("FAR-2 C1", "E-32", "E-31"),
    Move("FAR-2 C3", "E-32", "E-31"),
    Move("FAR-2 B3", "E-32", "E-31"),
    Move("FAR-2 B4", "E-32", "E-31"),  # came to E-32 only 154 days before
    Move("FAR-2 B5", "E-32", "E-33"),  # nobody has said how large the full book of E-33 is
    Move("FAR-2 C4", "E-32", "E-31", NORTH, NORTH),  # asked for and approved by the same person
)

HANDED_OFF = dict.fromkeys(
    (
        *("NOR-1 A1", "NOR-1 B1", "NOR-1 B2", "NOR-1 B3", "NOR-1 C1", "NOR-2 C1", "NOR-2 C2"),
        *("CEN-1 B1", "CEN-1 C1", "CEN-1 C2", "CEN-1 C3"),
        *("FAR-2 B2", "FAR-2 C2", "FAR-2 C1", "FAR-2 C3", "FAR-2 B3"),
    ),
    EFFECTIVE,
) | {"NOR-2 C3": date(2026, 9, 21)}
"""Day of the handoff by label; account and owner changed, and the account went to the territory of its new owner."""
UNDECIDED = {"FAR-2 B4": ("E-31", date(2026, 8, 17)), "FAR-3 B5": ("E-32", date(2026, 9, 8))}
"""New owner and day by label. One move was denied, one never proposed; the territory field was forgotten."""
_TERRITORY_OF = {"E-13": "NOR-3", "E-22": "CEN-2", "E-31": "FAR-1"}


def territory_on(account: Account, day: date) -> str:
    """In which territory the account lay on that day."""
    if account.label in HANDED_OFF and day >= HANDED_OFF[account.label]:
        return _TERRITORY_OF[next(m.receiver for m in MOVES if m.account == account.label)]
    return account.territory


def ownership_after() -> list[Ownership]:
    """Who owned which account, with the handoffs of the third quarter of 2026."""
    handoffs = {m.account: (m.receiver, HANDED_OFF[m.account]) for m in MOVES if m.account in HANDED_OFF} | UNDECIDED
    by_id = {BY_LABEL[label].id: handoff for label, handoff in handoffs.items()}
    found = []
    for row in ownership():
        if row.end is None and row.account in by_id:
            rep, day = by_id[row.account]
            found += [Ownership(row.account, row.rep, row.start, day), Ownership(row.account, rep, day)]
        else:
            found.append(row)
    return found
