"""The facts that a condition may name: per subject, with kind, unit, and the inputs that they need.

`needs` names data sets (`revenue`) or single columns (`accounts.parent`) of the snapshot. Where one of them is absent
the fact is unknown, also under `has()`, and the verdict names what was missing. A required fact without a value is
unknown; an optional one without a value means that there is none, and may be read only under `has()`. `uses` names
the policy parameters that the fact's own definition reads (`policies/definitions.yaml`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from rules.kinds import Kind, Unit


class Subject(Enum):
    """The thing a rule is evaluated on."""

    COMPANY = "company"
    TERRITORY = "territory"
    REP = "rep"
    MOVE = "move"
    OPPORTUNITY = "opportunity"
    DECISION = "decision"
    """A decision at its commit, for governance checks."""
    REVIEW = "review"
    """One review day of a committed decision, for one territory or for the whole scenario."""
    RULE = "rule"
    """A rule of the policies over the last twelve months, for what becomes of its waivers."""


@dataclass(frozen=True, slots=True)
class Field:
    """One fact: its dotted name as conditions write it, and what it means."""

    name: str
    kind: Kind
    meaning: str
    needs: tuple[str, ...] = ()
    optional: bool = False
    unit: Unit = Unit.NONE
    uses: tuple[str, ...] = ()
    of: Kind | None = None
    """Kind of the elements, for a list."""
    produced_by: str = ""
    """Module that computes the fact, such as `engine.metrics_move`; empty: nothing does yet, and it is unknown."""


# fmt: off
# One fact a line or two: a table is read as a table.
ATTAINMENT = ("quotas", "revenue.rep", "reps", "periods")
BALANCE = ("assignments", "accounts.territory", "revenue")
UNITS = ("tier_a_over", "tier_b_from", "units_a", "units_b", "units_c")

_COMPANY = (
    Field("company.attainment_spread", Kind.RATIO,
          "largest minus smallest T4Q attainment over active, quota-carrying reps", ATTAINMENT, unit=Unit.POINTS),
    Field("company.attainment_spread_quarter", Kind.RATIO, "the same over the latest full quarter alone",
          ATTAINMENT, unit=Unit.POINTS),
    Field("company.attainment_spread_earlier", Kind.RATIO, "the T4Q spread as it stood one quarter earlier",
          ATTAINMENT, unit=Unit.POINTS),
    Field("company.attainment_spread_without_latest", Kind.RATIO, "the spread over T4Q less its latest quarter",
          ATTAINMENT, unit=Unit.POINTS),
    Field("company.attainment_spread_without_lowest", Kind.RATIO, "the T4Q spread without the unique lowest rep",
          ATTAINMENT, unit=Unit.POINTS),
    Field("company.lowest_attainment", Kind.RATIO, "T4Q attainment of the lowest rep", ATTAINMENT, unit=Unit.PERCENT),
    Field("company.lowest_is_unique", Kind.BOOL, "one rep alone has the lowest T4Q attainment", ATTAINMENT),
    Field("company.lowest_territories_out_of_band", Kind.COUNT,
          "balance metrics out of band in the lowest rep's territories, attainment left out",
          (*ATTAINMENT, *BALANCE, "potential")),
    Field("company.reps_in_spread", Kind.COUNT, "reps with four full quarters", ATTAINMENT),
    Field("company.headcount_turnover", Kind.RATIO,
          "the larger of joined and left in the turnover days, by headcount at their start",
          ("reps.hired_on", "reps.left_on"), unit=Unit.PERCENT, uses=("turnover_days",)),
    Field("company.candidate_territories", Kind.COUNT, "territories with two or more balance metrics out of band",
          (*BALANCE, "potential", "capacity", "quotas")),
    Field("company.candidate_share", Kind.RATIO, "candidate territories by all territories with accounts and reps",
          (*BALANCE, "potential", "capacity", "quotas"), unit=Unit.PERCENT),
    Field("company.candidates_at_least",
          Kind.COUNT, "candidates that are certain, whatever undecided territories turn out to be"),
    Field("company.candidate_share_at_least", Kind.RATIO, "certain candidates by all territories", unit=Unit.PERCENT),
    Field("company.reviewed_territories", Kind.COUNT, "territories whose own outcome is `review`"),
    Field("company.reviewed_territories_at_least", Kind.COUNT, "those that are certain"),
    Field("company.open_requests", Kind.COUNT, "open requests for a rebalance", ("events",), uses=("event_days",)),
    Field("company.open_mergers", Kind.COUNT, "open mergers, acquisitions and major partnerships",
          ("events",), uses=("event_days",)),
)

_TERRITORY = (
    Field("territory.attainment", Kind.RATIO, "actual in it by quota times share of its reps, T4Q",
          (*ATTAINMENT, "assignments"), unit=Unit.PERCENT),
    Field("territory.workload_index", Kind.RATIO, "account units by mean units", ("accounts.territory",
          "potential"), unit=Unit.PERCENT, uses=UNITS),
    Field("territory.utilisation", Kind.RATIO, "account units by target units times share of its reps",
          ("accounts.territory", "potential", "capacity", "assignments"), unit=Unit.RATIO, uses=UNITS),
    Field("territory.largest_account_share", Kind.RATIO,
          "largest account by territory T12; unknown below the minimum base",
          ("revenue.account", "revenue.territory"), unit=Unit.PERCENT, uses=("concentration_base",)),
    Field("territory.potential_index", Kind.RATIO, "TAM by mean TAM", ("accounts.territory",
          "potential"), unit=Unit.PERCENT),
    Field("territory.driving_hours", Kind.COUNT, "driving hours a month", ("driving",)),
    Field("territory.t12", Kind.MONEY, "closed revenue of the last 12 full months", ("revenue.territory",)),
    Field("territory.revenue_accounts", Kind.COUNT, "accounts with revenue in T12", ("revenue.account",
          "revenue.territory")),
    Field("territory.named", Kind.BOOL, "a named-account territory", ("territories.named",)),
)

_REP = (
    Field("rep.t12_reduction", Kind.RATIO, "share by which the book's T12 falls through the moves",
          ("revenue.account",), unit=Unit.PERCENT),
    Field("rep.tam_reduction", Kind.RATIO, "share by which the book's TAM falls through the moves",
          ("potential",), unit=Unit.PERCENT),
    Field("rep.base_months", Kind.COUNT, "full months in the earnings base that are not leave months",
          ("compensation",), uses=("base_months", "base_lookback_months", "leave_days_in_month")),
    Field("rep.base_commission", Kind.MONEY, "commission in the base", ("compensation",),
          uses=("least_base_months",)),
    Field("rep.base_earnings", Kind.MONEY, "earnings in the base, one-offs and earlier top-ups left out",
          ("compensation",), uses=("least_base_months",)),
    Field("rep.asked_for_it", Kind.BOOL, "the rep asked for the reduction", ("moves.requester",)),
    Field("rep.left_on", Kind.DATE, "day the rep left", ("reps.left_on",), optional=True),
)

_MOVE = (
    Field("move.requested_on", Kind.DATE, "day the move was asked for", ("moves.requested_on",), optional=True),
    Field("move.approved_on", Kind.DATE, "day it was approved", ("moves.approved_on",), optional=True),
    Field("move.announced_on", Kind.DATE, "day it was announced", ("moves.announced_on",), optional=True),
    Field("move.effective", Kind.DATE, "day the owner changes in the CRM", ("moves.effective",)),
    Field("move.reason", Kind.TEXT, "rebalance, leaver, merger, bad-data, geography, request",
          ("moves.reason",), optional=True),
    Field("move.requester", Kind.TEXT, "person who asks", ("moves.requester",), optional=True),
    Field("move.approver", Kind.TEXT, "person who approves", ("moves.approver",), optional=True),
    Field("move.evidence", Kind.TEXT, "link to the evidence", ("moves.evidence",), optional=True),
    Field("move.from_rep", Kind.TEXT, "giving rep", ("moves.from_rep",)),
    Field("move.to_rep", Kind.TEXT, "receiving rep", ("moves.to_rep",)),
    Field("move.day_of_period", Kind.DAYS, "days since the start of the period in which it takes effect",
          ("periods",)),
    Field("account.name", Kind.TEXT, "account name", ("accounts.name",), optional=True),
    Field("account.tier", Kind.TEXT, "A, B or C by undiscounted potential", ("potential",), uses=("tier_a_over",
          "tier_b_from")),
    Field("account.size_segment", Kind.TEXT, "enterprise, mid-market or SMB", ("accounts.size_segment",)),
    Field("account.named", Kind.BOOL, "a named account", ("accounts.named",)),
    Field("account.t12", Kind.MONEY, "closed revenue of the last 12 full months", ("revenue.account",)),
    Field("account.last_moved_on", Kind.DATE, "day its owner last changed before this move",
          ("ownership",), optional=True),
    Field("account.contract_end", Kind.DATE, "end of the running contract",
          ("accounts.contract_end",), optional=True),
    Field("account.late_deals", Kind.COUNT, "open opportunities in a late stage that close soon after the move",
          ("opportunities.stage_rank", "opportunities.account"), uses=("late_stage", "closing_days")),
    Field("account.family_split", Kind.BOOL, "its parent or a child has another owner after all moves",
          ("accounts.parent", "ownership")),
    Field("account.strategic_anchor", Kind.BOOL, "a strategic relationship is anchored to the giving rep",
          ("accounts.strategic_anchor",)),
    Field("from_rep.accounts_given", Kind.COUNT, "accounts the giving rep loses in the quarter, all moves counted",
          ("periods",)),
    Field("from_rep.t12_given", Kind.MONEY, "their T12", ("revenue.account", "periods")),
    Field("from_rep.owns_account", Kind.BOOL, "the giving rep owns the account on the as-of date", ("ownership",)),
    Field("from_rep.utilisation_after", Kind.RATIO, "after all moves", ("potential", "capacity",
          "ownership"), unit=Unit.RATIO, uses=UNITS),
    Field("to_rep.active", Kind.BOOL, "employed on the effective date", ("reps",)),
    Field("to_rep.quota_carrying", Kind.BOOL, "carries a quota by role", ("reps.quota_carrying",)),
    Field("to_rep.has_quota",
          Kind.BOOL, "has a quota row for the period of the effective date, or for the latest known one", ("quotas",)),
    Field("to_rep.size_segment", Kind.TEXT, "size segment served", ("reps.size_segment",), optional=True),
    Field("to_rep.tenure", Kind.DAYS, "days since hired, on the effective date", ("reps.hired_on",)),
    Field("to_rep.utilisation_after", Kind.RATIO, "after all moves", ("potential", "capacity",
          "ownership"), unit=Unit.RATIO, uses=UNITS),
    Field("to_rep.accounts_after", Kind.COUNT, "accounts owned after all moves", ("ownership",)),
    Field("company.open_mergers", Kind.COUNT, "open mergers, acquisitions and major partnerships",
          ("events",), uses=("event_days",)),
)

_OPPORTUNITY = (
    Field("opportunity.created_on", Kind.DATE, "day it was created", ("opportunities.created_on",)),
    Field("opportunity.closed_on", Kind.DATE, "day it was won or lost", ("opportunities.closed_on",), optional=True),
    Field("opportunity.won", Kind.BOOL, "closed and won", ("opportunities.status",)),
    Field("opportunity.amount", Kind.MONEY, "expected or closed value", ("opportunities.amount",), optional=True),
    Field("opportunity.stage_rank", Kind.COUNT, "rank of its stage, 1 first",
          ("opportunities.stage_rank",), optional=True),
    Field("opportunity.last_changed_on", Kind.DATE, "day its stage or close date last changed",
          ("opportunities.last_changed_on",), optional=True),
    Field("opportunity.checked_on", Kind.DATE, "the verdict date"),
    Field("move.announced_on", Kind.DATE, "day the move of its account was announced", ("moves.announced_on",)),
    Field("move.effective", Kind.DATE, "day its account moves", ("moves.effective",)),
    Field("holder.left_on", Kind.DATE, "day the original rep left", ("reps.left_on",), optional=True),
    Field("holder.rep", Kind.TEXT, "the original rep", ("opportunities.rep",)),
)
# fmt: on

FIELDS: Mapping[Subject, tuple[Field, ...]] = {
    Subject.COMPANY: _COMPANY,
    Subject.TERRITORY: _TERRITORY,
    Subject.REP: _REP,
    Subject.MOVE: _MOVE,
    Subject.OPPORTUNITY: _OPPORTUNITY,
    Subject.DECISION: (),
    Subject.REVIEW: (),
    Subject.RULE: (),
}


def fields_of(subject: Subject) -> Mapping[str, Field]:
    """The facts of one subject by name."""
    return {field.name: field for field in FIELDS[subject]}


def baseline_fields(fields: Iterable[Field]) -> tuple[Field, ...]:
    """The same facts as they stood at commit, under `baseline.`: `baseline.attainment_spread` for a review rule."""
    return tuple(
        Field(f"baseline.{f.name.partition('.')[2]}", f.kind, f"{f.meaning}, at commit", (), f.optional, f.unit)
        for f in fields
    )
