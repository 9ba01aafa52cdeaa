"""Which question does a rule belong to, and what does it do when it is effective?"""

from collections.abc import Mapping
from enum import Enum


class RuleKind(Enum):
    """Which question a rule belongs to."""

    TRIGGER = "trigger"
    NON_TRIGGER = "non_trigger"
    INDICATOR = "indicator"
    """Counts towards triggers of its group and concludes nothing alone."""
    ENGAGEMENT = "engagement"
    GRANDFATHERING = "grandfathering"
    PROTECTION = "protection"
    GOVERNANCE = "governance"
    """Checks on a decision before it is committed, and findings on how the policies themselves are used."""
    REVIEW_TRIGGER = "review_trigger"
    """Brings a decision back to its owner."""
    ESCALATION_TRIGGER = "escalation_trigger"
    """Brings it to the owner's superior."""
    STOP_CONDITION = "stop_condition"
    """Halts execution until a new decision."""
    REVERSAL_SIGNAL = "reversal_signal"
    """Makes a rejected option the better one."""


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
    ALLOW = "allow"
    """Beats the rules that it names: a window, a hold."""
    MANDATE = "mandate"
    """The move must be made: by when, and to whom."""
    EXEMPT = "exempt"
    INELIGIBLE = "ineligible"
    PROTECT = "protect"
    ESCALATE = "escalate"
    STOP = "stop"
    REVERSE = "reverse"
    FINDING = "finding"
    """Written down and listed; it refuses nothing."""
    FAIL = "fail"
    """The governance check of the decision fails."""


EFFECTS: Mapping[RuleKind, tuple[Effect, ...]] = {
    RuleKind.TRIGGER: (Effect.WATCH, Effect.REVIEW, Effect.REBALANCE),
    RuleKind.NON_TRIGGER: (Effect.DEFEAT,),
    RuleKind.INDICATOR: (Effect.HIT,),
    RuleKind.ENGAGEMENT: (
        Effect.DENY,
        Effect.HOLD,
        Effect.REQUIRE_APPROVAL,
        Effect.REQUIRE,
        Effect.ADVISE,
        Effect.ALLOW,
        Effect.MANDATE,
    ),
    RuleKind.GRANDFATHERING: (Effect.EXEMPT, Effect.INELIGIBLE),
    RuleKind.PROTECTION: (Effect.PROTECT,),
    RuleKind.GOVERNANCE: (Effect.FINDING, Effect.FAIL),
    RuleKind.REVIEW_TRIGGER: (Effect.REVIEW,),
    RuleKind.ESCALATION_TRIGGER: (Effect.ESCALATE,),
    RuleKind.STOP_CONDITION: (Effect.STOP,),
    RuleKind.REVERSAL_SIGNAL: (Effect.REVERSE,),
}

QUESTION: Mapping[RuleKind, str] = {
    RuleKind.TRIGGER: "rebalance",
    RuleKind.NON_TRIGGER: "rebalance",
    RuleKind.INDICATOR: "rebalance",
    RuleKind.ENGAGEMENT: "verdict",
    RuleKind.GRANDFATHERING: "credit",
    RuleKind.PROTECTION: "protection",
    RuleKind.GOVERNANCE: "governance",
    RuleKind.REVIEW_TRIGGER: "review",
    RuleKind.ESCALATION_TRIGGER: "review",
    RuleKind.STOP_CONDITION: "review",
    RuleKind.REVERSAL_SIGNAL: "review",
}
"""Kind to the question that it helps to answer. Rules on one subject and one question may defeat each other."""


class Severity(Enum):
    """How much a person should care, for sorting and colour; it changes no verdict."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Mode(Enum):
    """Whether a rule counts."""

    ENFORCE = "enforce"
    REPORT = "report"
    """It is evaluated and shown as what it would do; it reaches no level, defeats nothing and owes nothing."""
