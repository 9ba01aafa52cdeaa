"""What does a decision record show? Frozen values, already worded and formatted by the caller (docs/domain.md, 9).

A record states; it computes nothing. Amounts, dates and ratios arrive as the text a person reads, counts as integers.
An empty text or tuple means that there is nothing to say. No field holds one rep's pay: only counts and totals.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Verdict(Enum):
    """Verdicts of a proposed move that a record lists one by one, gravest first; allowed moves are only counted."""

    DENY = "deny"
    HOLD = "hold"
    UNKNOWN = "unknown"
    APPROVAL = "approval"

    @property
    def words(self) -> str:
        """As a heading says it: `denied`, `on hold`, `unknown`, `approval required`."""
        return {
            Verdict.DENY: "denied",
            Verdict.HOLD: "on hold",
            Verdict.UNKNOWN: "unknown",
            Verdict.APPROVAL: "approval required",
        }[self]


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One of the four figures at the top: `Attainment spread`, `42.1 points`, `trigger above 30`."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One option compared; `low`, `base`, `high` are its scenario range in the words of the range's heading."""

    name: str
    summary: str
    low: str = ""
    base: str = ""
    high: str = ""
    verdicts: str = ""
    """`212 allow · 14 approval · 6 hold · 4 deny`."""
    chosen: bool = False
    recommended: bool = False


@dataclass(frozen=True, slots=True)
class Risk:
    risk: str
    mitigation: str


@dataclass(frozen=True, slots=True)
class NextStep:
    what: str
    who: str
    when: str


@dataclass(frozen=True, slots=True)
class TriggerEvidence:
    """A rebalance trigger that was evaluated, with the numbers both sides of its threshold."""

    rule: str
    title: str
    state: str
    """`true`, `false` or `unknown`."""
    outcome: str
    numbers: str
    defeated_by: str = ""


@dataclass(frozen=True, slots=True)
class NonTrigger:
    """A non-trigger that was considered, and what it did: `defeated T1q`, `does not hold`."""

    rule: str
    title: str
    finding: str


@dataclass(frozen=True, slots=True)
class VerdictCounts:
    """How many proposed moves met which verdict."""

    allow: int = 0
    approval: int = 0
    hold: int = 0
    deny: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        """All proposed moves."""
        return self.allow + self.approval + self.hold + self.deny + self.unknown


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One proposed move that was not simply allowed.

    Moves with the same verdict, reasons and note are printed as one group, so `reasons` should name rules
    (`R02 cooldown of 180 days`) and what is particular to one account belongs in `detail`.
    """

    account: str
    donor: str
    receiver: str
    verdict: Verdict
    reasons: tuple[str, ...]
    note: str = ""
    """`waived by VP Sales, W-7`, `approved`; empty if nobody acted on it."""
    detail: str = ""
    """`until 2027-01-15`."""


@dataclass(frozen=True, slots=True)
class CreditTotals:
    """Held credit: how many opportunities stay with their original rep, and their total; `cases` breaks it down."""

    count: int
    total: str
    cases: tuple[KeyFigure, ...] = ()


@dataclass(frozen=True, slots=True)
class ProtectionTotals:
    """One protection (`CP1`): how many people, and the total of its cost. Never one person's pay."""

    rule: str
    title: str
    people: int
    total: str
    until: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """A review trigger, stop condition, reversal signal or escalation trigger, with its value at commit."""

    id: str
    text: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class ReviewDay:
    when: str
    what: str
    who: str


@dataclass(frozen=True, slots=True)
class Assumption:
    text: str
    owner: str
    update: str
    """Update rule and refresh cadence."""


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One data set of the snapshot."""

    name: str
    rows: int
    as_of: str
    owner: str
    grade: str
    sha256: str
    """Short form, twelve hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A data-quality finding."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class PolicyRow:
    name: str
    version: str
    sha256: str
    """Short form, twelve hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved, in which role, when."""

    name: str
    role: str
    when: str


@dataclass(frozen=True, slots=True)
class Objection:
    """What a reviewer objected, and what was changed."""

    reviewer: str
    objection: str
    change: str


@dataclass(frozen=True, slots=True)
class LedgerPosition:
    """Where the ledger holds the decision: leaf index, tree size and signed checkpoint of the log `origin`."""

    origin: str
    index: int
    tree_size: int
    checkpoint: str


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose certificate signs the record: its owner and the SHA-256 of the root certificate to pin."""

    name: str
    root_sha256: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing: SVG text, a caption to print and what somebody who cannot see it should hear."""

    svg: str
    caption: str
    alt: str


@dataclass(frozen=True, slots=True)
class RecordContent:
    """All that one record shows."""

    id: str
    title: str
    question: str
    status: str
    committed_at: datetime
    """With its zone; the document's own created and modified time."""
    framed: str
    committed: str
    as_of: str
    effective: str
    owner: str
    decision: str
    """The decision as one sentence."""
    horizon: str = ""
    objective: str = ""
    scope: str = ""
    success_metrics: tuple[str, ...] = ()
    key_figures: tuple[KeyFigure, ...] = ()
    rationale: str = ""
    recommendation: str = ""
    deviation: str = ""
    constraints: tuple[str, ...] = ()
    options: tuple[OptionRow, ...] = ()
    range_heading: str = "Scenario range"
    """What low, base and high measure: `attainment spread, points`."""
    trade_off: str = ""
    risks: tuple[Risk, ...] = ()
    criteria: tuple[str, ...] = ()
    next_steps: tuple[NextStep, ...] = ()
    triggers: tuple[TriggerEvidence, ...] = ()
    non_triggers: tuple[NonTrigger, ...] = ()
    request_kind: str = ""
    """Which kind of request it was, said honestly: data or politics."""
    shared_reasons: tuple[str, ...] = ()
    """Reasons of every move listed, printed once above them."""
    counts: VerdictCounts | None = None
    moves: tuple[MoveRow, ...] = ()
    held_credit: CreditTotals | None = None
    protections: tuple[ProtectionTotals, ...] = ()
    review_triggers: tuple[Condition, ...] = ()
    stop_conditions: tuple[Condition, ...] = ()
    reversal_signals: tuple[Condition, ...] = ()
    escalation_triggers: tuple[Condition, ...] = ()
    reviews: tuple[ReviewDay, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    manifest: tuple[ManifestRow, ...] = ()
    findings: tuple[Finding, ...] = ()
    crediting_convention: str = ""
    policies: tuple[PolicyRow, ...] = ()
    approvals: tuple[Approval, ...] = ()
    objections: tuple[Objection, ...] = ()
    ledger: LedgerPosition | None = None
    signer: Signer | None = None
    chart: Chart | None = None
