"""How is a deal's credit shared between the original holder and the new owner, month after month?

    through | rep | manager        closed in month 4: the holder keeps 50 % of the rep's credit,
       3    | 100 |   50           the new owner gets the other half, and all of the manager's
       6    |  50 |    0

Within each credit type the shares sum to 100 %, and the cents to the amount: by largest remainder, and of two equal
remainders the original holder's is served first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engine.metrics.apportionment import apportioned
from rules.kinds import Value
from rules.model.calendar import month_since, months_after
from rules.model.policy import PolicySet
from rules.model.schedule import Schedule, Slice
from rules.problem import BadInput, Place, Problem
from rules.reading.load import in_force

SCHEDULE = "credit_schedule"
"""The text parameter that names the schedule, where the policies declare more than one."""


@dataclass(frozen=True, slots=True)
class Split:
    """Credit of one type for a deal that closed: percent and minor units, None where the deal has no amount."""

    credit_type: str
    month: int
    """Since the anchor, counted from 1."""
    original: int
    original_amount: int | None
    new_amount: int | None


@dataclass(frozen=True, slots=True)
class Months:
    """Consecutive months since the anchor with the same shares."""

    first: int
    through: int | None
    """None: all months from `first` on."""
    start: date
    end: date | None
    """The last day; None where there is none before the calendar ends."""
    original: tuple[tuple[str, int], ...]
    """(credit type, percent that the original holder keeps)."""


def credit_schedule(policies: PolicySet, day: date) -> Schedule | None:
    """The schedule by which credit is shared on a day: the one that parameter `credit_schedule` names, or the only one.

    None where the policies declare none. Raises BadInput where they declare several and none is named, or an unknown
    one.
    """
    declared = {s.name: s for policy in policies.policies for s in policy.schedules}
    name = in_force(policies, day).get(SCHEDULE)
    if name is None and len(declared) < 2:  # noqa: PLR2004 -- more than one is a choice that nobody made
        return next(iter(declared.values()), None)
    names = ", ".join(f"`{n}`" for n in declared) or "a schedule in the policies"
    if name is None:
        message = f"several credit schedules, and parameter `{SCHEDULE}` names none on {day.isoformat()}"
        raise BadInput([Problem(Place("policies"), message, expected=f"one of {names}")])
    if not isinstance(name, str) or name not in declared:
        message = f"parameter `{SCHEDULE}` names no credit schedule"
        raise BadInput([Problem(Place("policies"), message, found=str(name), expected=names)])
    return declared[name]


def split(schedule: Schedule, credit_type: str, amount: int | None, closed_on: date, anchor_on: date) -> Split:
    """The credit of one type for a deal that closed on a day on or after the anchor's.

    Raises KeyError for a type that the schedule does not have, and ValueError for a day before the anchor, which no
    schedule shares.
    """
    month = month_since(anchor_on, closed_on)
    if not month:
        raise ValueError("closed before the schedule begins")
    original = kept_in(dict(schedule.shares)[credit_type], month)
    if amount is None:
        return Split(credit_type, month, original, None, None)
    return Split(credit_type, month, original, *apportioned(amount, (original, 100 - original)))


def kept_in(slices: Sequence[Slice], month: int) -> int:
    """The percentage that the original holder keeps in a month; nothing after the last slice."""
    return next((s.original for s in slices if s.through is None or month <= s.through), 0)


def by_month(schedule: Schedule, anchor_on: Value | None) -> tuple[Months, ...]:
    """The shares of every credit type from the anchor on; nothing where the anchor is unknown."""
    if not isinstance(anchor_on, date):
        return ()
    ends = sorted({s.through for _, slices in schedule.shares for s in slices if s.through is not None})
    rows = []
    for first, through in zip([1, *(end + 1 for end in ends)], [*ends, None], strict=True):
        start = _months_later(anchor_on, first - 1)
        if start is not None:
            after = None if through is None else _months_later(anchor_on, through)
            kept = tuple((credit_type, kept_in(slices, first)) for credit_type, slices in schedule.shares)
            rows.append(Months(first, through, start, after and after - timedelta(days=1), kept))
    return tuple(rows)


def kept_until(schedule: Schedule, anchor_on: Value | None) -> date | None:
    """The last day on which the original holder keeps a share of any type; None where there is no last one."""
    rows = [row for row in by_month(schedule, anchor_on) if any(percent for _, percent in row.original)]
    return rows[-1].end if rows else None


def _months_later(day: date, months: int) -> date | None:
    try:
        return months_after(day, months)
    except BadInput:
        return None
