"""What does an analysis of the policies find? Findings with a case that shows each, and what was left out."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from rules.kinds import Value
from rules.problem import Place


class Sort(Enum):
    """What a finding is about."""

    NEVER_TRUE = "never true"
    ALWAYS_TRUE = "always true"
    MASKED = "masked"
    """Wherever the rule counts, others have already reached its level or more: it changes no answer."""
    SAME_CONDITION = "same condition"
    GAP = "gap"
    """At just one value neither of two neighbours holds, or no row of a table does."""
    OVERLAP = "overlap"
    """Both hold where one is expected."""
    UNREACHED = "unreached"
    """A row of a table, a case or a band that never answers."""
    CHANGED = "changed"
    """Two versions answer the same case differently."""
    REFUTED = "refuted"
    """A claim that is false."""
    UNPROVEN = "unproven"
    """A claim that was not settled within the limits."""


@dataclass(frozen=True, slots=True)
class Case:
    """One subject: its facts, the data sets that are not there, and what people said of it."""

    facts: Mapping[str, Value | tuple[Value, ...] | None]
    absent: frozenset[str] = frozenset()
    waived: frozenset[str] = frozenset()
    """Rules."""
    approved: frozenset[str] = frozenset()
    """Roles."""


@dataclass(frozen=True, slots=True)
class Finding:
    sort: Sort
    subject: str
    names: tuple[str, ...]
    """Rules, definitions or claims, the one it is about first."""
    place: Place
    message: str
    """In words, lower case, without a full stop."""
    case: Case | None = None
    """A subject that shows it; `None` where nothing can."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A question that was not answered, and why."""

    question: str
    why: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A claim that holds for every subject."""

    claim: str
    text: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """Findings stand in the order of the questions: claims, versions, rules by ladder, definitions."""

    sha256: str
    """Of the policy set."""
    day: date
    findings: tuple[Finding, ...]
    left_out: tuple[LeftOut, ...]
    proven: tuple[Proof, ...]
    settled: int
    """Questions that were answered."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a publication says of an analysis."""

    sha256: str
    day: date
    counts: tuple[tuple[str, int], ...]
    """Sort of finding to how many, sorted; sorts without a finding are left out."""
    left_out: tuple[str, ...]


SAID = 20
"""Questions left out that are listed to people; where more are, the first say what kind they are of."""


def summary_of(analysis: Analysis) -> Summary:
    """The analysis in numbers."""
    counts = Counter(finding.sort.value for finding in analysis.findings)
    return Summary(analysis.sha256, analysis.day, tuple(sorted(counts.items())), tuple(left_out_words(analysis)))


def left_out_words(analysis: Analysis) -> list[str]:
    """What was left out, in words, the rest counted."""
    words = [f"{item.question}: {item.why}" for item in analysis.left_out]
    more = len(words) - SAID
    return [*words[:SAID], f"and {more:,} more question{'' if more == 1 else 's'}"] if more > 0 else words
