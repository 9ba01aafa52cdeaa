"""What came out for one subject, with every rule that fired, its inputs and values, and what stands in its way."""

from dataclasses import dataclass
from datetime import date

from engine.logic import Conclusion, Truth
from rules.policy import Rule
from rules.vocabulary import Subject


@dataclass(frozen=True, slots=True)
class Input:
    """A fact or parameter as the rule saw it, ready to read."""

    name: str
    shown: str
    meaning: str
    source: str = ""
    """For a parameter: where its value comes from; `assumption: …` for a house decision."""


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that is true or unknown for a subject."""

    rule: Rule
    truth: Truth
    message: str
    facts: tuple[Input, ...]
    parameters: tuple[Input, ...]
    missing: tuple[str, ...]
    """Inputs that made it unknown: an absent data set, or a cell that is empty."""
    standing: str
    """`counts`, `defeated by N1`, `waived by W-3`, or `counted in balance` for an indicator."""
    until: date | None = None
    """For a hold with a date."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer for one subject. `level` is None where the answer is undecided."""

    subject: Subject
    id: str
    level: str | None
    fired: tuple[Fired, ...]
    conclusion: Conclusion

    @property
    def word(self) -> str:
        return self.level or "unknown"

    @property
    def is_unknown(self) -> bool:
        """Whether an unknown condition had a say: undecided, or a rule that counts is unknown."""
        return self.level is None or any(f.truth is Truth.UNKNOWN and f.standing == "counts" for f in self.fired)
