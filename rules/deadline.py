"""By when is something due? An anchor date, a number of days, and who may extend it."""

from dataclasses import dataclass

from rules.problem import Place
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
