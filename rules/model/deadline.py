"""By when is something due? An anchor date, a number of days, and who may extend it."""

from dataclasses import dataclass
from datetime import date, timedelta

from rules.model.calendar import Calendar, business_days_after
from rules.problem import BadInput, Place, Problem
from rules.vocabulary import Subject


@dataclass(frozen=True, slots=True)
class Deadline:
    """Due `days` after the date fact `anchor`, day included; business days where `business` says so."""

    name: str
    title: str
    subject: Subject
    anchor: str
    days: int
    business: bool
    extension_days: int
    """Further days of the same sort, once, with the approval of `extended_by`; 0 for none."""
    extended_by: str
    source: str
    assumption: str
    place: Place


def due(deadline: Deadline, anchor: date, calendar: Calendar, *, extended: bool = False) -> date:
    """The last day on which what is due is still in time, the anchor being day 0: within 5 days includes day 5.

    Raises BadInput where the company's holidays are not known or the calendar ends before.
    """
    days = deadline.days + (deadline.extension_days if extended else 0)
    if deadline.business:
        return business_days_after(calendar, anchor, days)
    try:
        return anchor + timedelta(days=days)
    except OverflowError:
        late = f"deadline `{deadline.name}` would end after the calendar"
        raise BadInput([Problem(deadline.place, late, found=anchor.isoformat())]) from None
