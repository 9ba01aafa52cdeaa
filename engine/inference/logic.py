"""What the rules engine is given and what it answers, as values: names in, names out.

`Logic` is a policy reduced to relations between names; `Pattern` says which of its conditions are true or unknown for a
subject, and which waivers and approvals exist; `Conclusion` is everything that follows. Inference sees nothing else:
no raw data, no dates, no arithmetic. Two subjects with the same pattern have the same conclusion.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Truth(Enum):
    """Of a condition on a subject; false conditions are left out of a pattern."""

    TRUE = "true"
    UNKNOWN = "unknown"


UNDECIDED = -1
"""Level of a strict ladder that an unknown rule leaves open."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """Ordered levels of one question, level 0 first: `("allow", "approval", "hold", "deny")`.

    A strict ladder answers UNDECIDED, never level 0, when nothing is reached but an unknown rule might reach a level.
    """

    name: str
    levels: tuple[str, ...]
    strict: bool


@dataclass(frozen=True, slots=True)
class Logic:
    """A policy as relations. Rule ids are any text; everything is sorted by the adapter, so order never matters."""

    effects: Mapping[str, str]
    """Rule id to effect name."""
    ladders: tuple[Ladder, ...]
    means: frozenset[tuple[str, Truth, str, str]]
    """(effect, truth, ladder, level): an effective rule of that effect reaches that level."""
    defeats: frozenset[tuple[str, str]] = frozenset()
    """(by, of): when `by` is effective and true it defeats `of`."""
    vetoes: frozenset[str] = frozenset()
    """Rules whose defeats are reported as a veto (non-triggers)."""
    needs_role: frozenset[tuple[str, str, str, str]] = frozenset()
    """(rule, role, ladder, level): until that role approved, an effective rule reaches that level. Applies to true and
    unknown.
    """
    quorums: frozenset[tuple[str, int]] = frozenset()
    """(rule, needed): that many of its roles are enough. A rule without one needs every role."""
    carries: frozenset[tuple[str, str, str]] = frozenset()
    """(rule, obligation, how): how is `require`, `advise` or `mandate`. Applies to true and, for `require`, unknown."""
    says: frozenset[tuple[str, str, str]] = frozenset()
    """(rule, question, value): two effective rules that are true, with different values for one question, are a
    conflict.
    """
    disputed: frozenset[tuple[str, str, str]] = frozenset()
    """(question, ladder, level): a conflict on that question reaches that level."""
    counts: frozenset[tuple[str, str, int]] = frozenset()
    """(rule, group, at least): the rule's condition is a count of indicators."""
    indicators: frozenset[tuple[str, str]] = frozenset()
    """(rule, group): the rule's condition counts in that group; it is asserted as a hit, not as a finding."""
    starts: frozenset[tuple[str, Truth, str]] = frozenset()
    """(rule, truth, act): an effective rule sets off an act."""
    leads: frozenset[tuple[str, str, str]] = frozenset()
    """(act, next act, unless answered): escalation."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One distinct state of the conditions. `found` holds true and unknown rules only."""

    found: frozenset[tuple[str, Truth]]
    waived: frozenset[tuple[str, str]] = frozenset()
    """(waiver id, rule id)."""
    approved: frozenset[str] = frozenset()
    answered: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Defeat:
    of: str
    by: str
    """Rule id, or waiver id where `how` is `waiver`."""
    how: str
    """`waiver` or `rule`."""


@dataclass(frozen=True, slots=True)
class Step:
    """One firing, for explanation: which generic rule matched which facts, in words of names."""

    rule: str
    facts: tuple[str, ...]
    concluded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Everything that follows from one pattern; every tuple is sorted."""

    level: Mapping[str, str | None]
    """Ladder name to level name; `None` is undecided."""
    effective: tuple[tuple[str, Truth], ...]
    """Rules that count: found and not defeated (indicators are not among them, counting rules are)."""
    defeated: tuple[Defeat, ...]
    contested: tuple[Defeat, ...]
    """An unknown rule that might defeat an effective one."""
    vetoes: tuple[tuple[str, str], ...]
    """(by, of)."""
    reasons: tuple[tuple[str, str], ...]
    """(ladder, rule) for the rules that reach the answered level."""
    missing: tuple[tuple[str, str], ...]
    """(rule, role) that could still approve a rule whose approvals are not enough."""
    owed: tuple[tuple[str, str, str], ...]
    """(rule, obligation, how)."""
    open: tuple[str, ...]
    """Effective rules whose condition is unknown."""
    may_rise: tuple[tuple[str, str, str], ...]
    """(ladder, level, rule): what an unknown rule could still raise the answer to."""
    conflicts: tuple[tuple[str, str, str], ...]
    """(question, rule, other rule)."""
    acts: tuple[str, ...]
    said: tuple[tuple[str, str, str], ...]
    """(question, value, rule): what effective rules that are true say."""
    steps: tuple[Step, ...] = field(default=(), compare=False)
    """Filled only when asked for."""
