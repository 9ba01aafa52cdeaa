"""What is a fact? A dotted name with kind, unit and meaning, on one of the things that rules are evaluated on."""

from dataclasses import dataclass, replace
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
    """Module that computes the fact, such as `engine.metrics.move`; empty: nothing does yet, and it is unknown."""


ATTAINMENT = ("quotas", "revenue.rep", "reps", "periods")
BALANCE = ("assignments", "accounts.territory", "revenue")
SALES = ("revenue.account", "revenue.territory")
PIPELINE = ("opportunities.status", "opportunities.amount")
"""What many facts rest on: attainment, balance of territories, revenue of accounts in territories, open deals."""
TIERS = ("tier_a_over", "tier_b_from")
UNITS = (*TIERS, "units_a", "units_b", "units_c")
"""Parameters that the definitions of many facts read: tier limits, and account units per tier."""


def by(module: str, *fields: Field) -> tuple[Field, ...]:
    """The fields, produced by that module."""
    return tuple(replace(field, produced_by=module) for field in fields)
