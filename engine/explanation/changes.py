"""What could be otherwise? A fact, a waiver or approvals; and what the nearest such changes would bring about."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from rules.expression.meaning import Given
from rules.vocabulary import Field


class Hand(Enum):
    """In whose hand a change lies, the easiest first."""

    PEOPLE = "people"
    """Somebody may waive or approve."""
    PROPOSAL = "proposal"
    """The proposed moves say it themselves."""
    RECORD = "record"
    """It is what the records show, and changes when they do."""
    PAST = "past"
    """A day before the verdict, now or after the change: nobody can bring it about."""

    @property
    def order(self) -> int:
        return list(Hand).index(self)


@dataclass(frozen=True, slots=True)
class FactChange:
    """One fact with another value, every other fact staying as it is."""

    fact: str
    before: Given | None
    after: Given | None
    unknown: bool
    """Whether it is unknown now; where it is not, no value means that there is none."""
    unnamed: bool
    """Whether `after` stands for any text that the policies do not name."""
    hand: Hand


@dataclass(frozen=True, slots=True)
class WaiverChange:
    """A rule that counts is waived."""

    rule: str
    by: str
    """Who may waive it, as the policy says."""
    hand: Hand = Hand.PEOPLE


@dataclass(frozen=True, slots=True)
class ApprovalChange:
    """Every approval that is still needed is given: the fewest roles that are enough."""

    roles: tuple[str, ...]
    hand: Hand = Hand.PEOPLE


Change = FactChange | WaiverChange | ApprovalChange


@dataclass(frozen=True, slots=True)
class Way:
    """Changes that together lead to a level; without one of them the rest do not."""

    changes: tuple[Change, ...]

    @property
    def rank(self) -> tuple[int, int, tuple[str, ...]]:
        """Order of ways: fewer changes first, then those that somebody can make, then by name."""
        return (
            len(self.changes),
            max(change.hand.order for change in self.changes),
            tuple(_name(change) for change in self.changes),
        )


@dataclass(frozen=True, slots=True)
class Reachable:
    """A level that the subject does not have, and the ways to it, the best first; none where none was found."""

    level: str
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Nearest:
    """What would have to change. Levels are in the order of their ladder, the present one left out."""

    level: str | None
    others: tuple[Reachable, ...]
    tried: int
    """States that were supposed, of single changes and of pairs."""
    facts: int
    """Facts that the rules that count read."""
    partly: tuple[str, ...]
    """Facts not all of whose values could be looked at."""
    cut: bool
    """Whether pairs were left untried."""


def hand_of(field: Field, before: Given | None, after: Given | None, day: date) -> Hand:
    """In whose hand a change of a fact lies."""
    if any(isinstance(value, date) and value < day for value in (before, after)):
        return Hand.PAST
    own = bool(field.needs) and all(need.startswith("moves.") for need in field.needs)
    return Hand.PROPOSAL if own else Hand.RECORD


def _name(change: Change) -> str:
    match change:
        case FactChange():
            return change.fact
        case WaiverChange():
            return change.rule
        case ApprovalChange():
            return ""
