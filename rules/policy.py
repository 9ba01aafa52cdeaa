"""What a company has decided, as values: policies with dated parameters, rules and their examples.

A `PolicySet` is every policy of a workspace with a content hash. Nothing here reads files (rules.load) or draws a
conclusion (engine). Rules and parameters carry the place they were written at and the source or the assumption they
rest on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from rules.check import Checked
from rules.kinds import Unit, Value
from rules.problem import Place
from rules.vocabulary import Subject


class RuleKind(Enum):
    """Which question a rule belongs to."""

    TRIGGER = "trigger"
    NON_TRIGGER = "non_trigger"
    INDICATOR = "indicator"
    """Counts towards triggers of its group and concludes nothing alone."""
    ENGAGEMENT = "engagement"
    GRANDFATHERING = "grandfathering"
    PROTECTION = "protection"
    REVIEW = "review"
    """Review triggers and stop conditions of one decision."""


class Effect(Enum):
    """What an effective rule does."""

    WATCH = "watch"
    REVIEW = "review"
    REBALANCE = "rebalance"
    DEFEAT = "defeat"
    HIT = "hit"
    DENY = "deny"
    HOLD = "hold"
    REQUIRE_APPROVAL = "require_approval"
    REQUIRE = "require"
    ADVISE = "advise"
    EXEMPT = "exempt"
    INELIGIBLE = "ineligible"
    PROTECT = "protect"
    ESCALATE = "escalate"
    STOP = "stop"
    REVERSE = "reverse"


EFFECTS: Mapping[RuleKind, tuple[Effect, ...]] = {
    RuleKind.TRIGGER: (Effect.WATCH, Effect.REVIEW, Effect.REBALANCE),
    RuleKind.NON_TRIGGER: (Effect.DEFEAT,),
    RuleKind.INDICATOR: (Effect.HIT,),
    RuleKind.ENGAGEMENT: (Effect.DENY, Effect.HOLD, Effect.REQUIRE_APPROVAL, Effect.REQUIRE, Effect.ADVISE),
    RuleKind.GRANDFATHERING: (Effect.EXEMPT, Effect.INELIGIBLE),
    RuleKind.PROTECTION: (Effect.PROTECT,),
    RuleKind.REVIEW: (Effect.REVIEW, Effect.ESCALATE, Effect.STOP, Effect.REVERSE),
}


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """A value from its date on, with where it comes from: `source`, or `assumption` for a house decision."""

    start: date
    value: Value | tuple[Value, ...]
    source: str
    assumption: str
    place: Place


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named, dated number of a policy. `values` are in order of date, latest last."""

    name: str
    unit: Unit
    values: tuple[ParameterValue, ...]
    place: Place

    def at(self, day: date) -> ParameterValue | None:
        """The value in force on a day; `None` before the first."""
        return next((v for v in reversed(self.values) if v.start <= day), None)


@dataclass(frozen=True, slots=True)
class Example:
    """A case in the policy's own words: given facts, the rule is expected to answer `expect`.

    `given` maps fact names to values, `None` meaning unknown; `at` is the verdict date, else the latest parameter date.
    `expect` is `fires`, `silent` or `unknown`; for engagement rules also the verdict (`deny`, `allow`, …).
    """

    name: str
    given: Mapping[str, Value | None]
    expect: str
    at: date | None
    parameters: Mapping[str, Value]
    place: Place


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a benefit's arithmetic: `name = formula`, shown with its text."""

    name: str
    formula: Checked
    text: str


@dataclass(frozen=True, slots=True)
class Count:
    """`at_least` of the indicators in `group`."""

    group: str
    at_least: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Exactly one of `when` and `count` is set."""

    id: str
    policy: str
    kind: RuleKind
    subject: Subject
    effect: Effect
    when: Checked | None
    count: Count | None
    group: str
    """Indicator group this rule counts in; empty for others."""
    title: str
    message: str
    """Shown when the rule is effective; `{fact}` and `{parameter}` are filled in."""
    defeats: tuple[str, ...]
    roles: tuple[str, ...]
    """Who must approve (`require_approval`)."""
    obligation: str
    waivable_by: str
    on_unknown: Effect | None
    """What an unknown condition does; `None`: it is reported as open and concludes nothing (docs/domain.md, 0)."""
    until: Checked | None
    """For holds: a date expression; `None`: open."""
    start: date
    end: date | None
    """In force on [start, end)."""
    source: str
    assumption: str
    lines: tuple[Line, ...]
    examples: tuple[Example, ...]
    place: Place

    def in_force(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Policy:
    name: str
    title: str
    owner: str
    parameters: tuple[Parameter, ...]
    rules: tuple[Rule, ...]
    place: Place
    sha256: str
    """Of the file's bytes."""


@dataclass(frozen=True, slots=True)
class PolicySet:
    """Every policy of a workspace. Rule ids and parameter names are unique across it."""

    policies: tuple[Policy, ...]
    sha256: str
    """Over the sorted list of policy names and file hashes."""

    def rules(self, kind: RuleKind | None = None, day: date | None = None) -> tuple[Rule, ...]:
        """Rules in order of file and place, of one kind and in force on a day where asked."""
        return tuple(
            rule
            for policy in self.policies
            for rule in policy.rules
            if (kind is None or rule.kind is kind) and (day is None or rule.in_force(day))
        )

    def rule(self, rule_id: str) -> Rule | None:
        return next((r for r in self.rules() if r.id == rule_id), None)

    def parameters(self) -> Mapping[str, Parameter]:
        return {p.name: p for policy in self.policies for p in policy.parameters}
