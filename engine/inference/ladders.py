"""Which question a kind of rule answers, and what its effects mean on that question's ladder.

The only place where the effects of a policy become relations for the rules engine. What an unknown condition does
(`on_unknown`) is part of an effect's name, so that two rules of one effect may differ in it. A rule in report mode has
no relations: what it would do is shown, and nothing follows from it.

A mandate contradicts a denial or a hold of the same move, and a mandate that reads its receiver from another fact.
Where both count and neither defeats the other, that is a conflict: it holds the move, and both are named.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from engine.inference.logic import Ladder, Logic, Truth
from engine.inference.logic_problems import logic_problems
from rules.model.policy import PolicySet, Rule
from rules.model.rule_kind import Effect, Mode, RuleKind
from rules.problem import Problem
from rules.vocabulary import Subject

REBALANCE = Ladder("rebalance", ("none", "watch", "review", "rebalance"), strict=True)
VERDICT = Ladder("verdict", ("allow", "approval", "hold", "deny"), strict=False)
CREDIT = Ladder("credit", ("held", "ineligible", "exempt"), strict=True)
PROTECTION = Ladder("protection", ("none", "protected"), strict=True)
REVIEW = Ladder("review", ("continue", "review", "escalate", "stop"), strict=True)
GOVERNANCE = Ladder("governance", ("pass", "finding", "fail"), strict=True)

LADDER_OF: Mapping[RuleKind, Ladder] = {
    RuleKind.TRIGGER: REBALANCE,
    RuleKind.NON_TRIGGER: REBALANCE,
    RuleKind.INDICATOR: REBALANCE,
    RuleKind.ENGAGEMENT: VERDICT,
    RuleKind.GRANDFATHERING: CREDIT,
    RuleKind.PROTECTION: PROTECTION,
    RuleKind.GOVERNANCE: GOVERNANCE,
    RuleKind.REVIEW_TRIGGER: REVIEW,
    RuleKind.ESCALATION_TRIGGER: REVIEW,
    RuleKind.STOP_CONDITION: REVIEW,
    RuleKind.REVERSAL_SIGNAL: REVIEW,
}

LEVEL_OF: Mapping[Effect, str] = {
    Effect.WATCH: "watch",
    Effect.REVIEW: "review",
    Effect.REBALANCE: "rebalance",
    Effect.DENY: "deny",
    Effect.HOLD: "hold",
    Effect.EXEMPT: "exempt",
    Effect.INELIGIBLE: "ineligible",
    Effect.PROTECT: "protected",
    Effect.ESCALATE: "escalate",
    Effect.STOP: "stop",
    Effect.REVERSE: "review",
    Effect.FINDING: "finding",
    Effect.FAIL: "fail",
}
"""Effects that reach a level by themselves; approvals reach theirs through the roles that are still missing."""

MOVE, RECEIVER = "whether the account moves", "who receives the account"
"""What rules may contradict each other about."""


def logic_of(rules: Sequence[Rule]) -> Logic:
    """The relations of rules on one subject. They all answer the same ladder; those in report mode leave no trace."""
    ladders = {LADDER_OF[rule.kind] for rule in rules}
    reported_groups = {rule.group for rule in rules if rule.group and rule.mode is Mode.REPORT}
    rules = [rule for rule in rules if rule.mode is Mode.ENFORCE]
    groups = {rule.group for rule in rules}
    names = {rule.id for rule in rules}
    means: set[tuple[str, Truth, str, str]] = set()
    for rule in rules:
        ladder = LADDER_OF[rule.kind].name
        if rule.effect in LEVEL_OF:
            means.add((_effect_name(rule), Truth.TRUE, ladder, LEVEL_OF[rule.effect]))
            if rule.on_unknown is not None and rule.on_unknown in LEVEL_OF:
                means.add((_effect_name(rule), Truth.UNKNOWN, ladder, LEVEL_OF[rule.on_unknown]))
    says = _said(rules)
    return Logic(
        effects={rule.id: _effect_name(rule) for rule in rules},
        ladders=tuple(sorted(ladders, key=lambda ladder: ladder.name)),
        means=frozenset(means),
        defeats=frozenset((rule.id, of) for rule in rules for of in rule.defeats if of in names),
        vetoes=frozenset(rule.id for rule in rules if rule.kind is RuleKind.NON_TRIGGER),
        needs_role=frozenset(
            (rule.id, role, VERDICT.name, "approval")
            for rule in rules
            if rule.effect is Effect.REQUIRE_APPROVAL
            for role in rule.roles
        ),
        quorums=frozenset((rule.id, rule.approvals_needed) for rule in rules if rule.approvals_needed),
        carries=frozenset((rule.id, rule.obligation, rule.effect.value) for rule in rules if rule.obligation),
        says=says,
        disputed=frozenset((question, VERDICT.name, "hold") for question in {question for _, question, _ in says}),
        counts=frozenset(
            (rule.id, rule.count.group, rule.count.at_least)
            for rule in rules
            # Where every indicator of a group only reports, there is nothing to count, and nothing wrong.
            if rule.count and (rule.count.group in groups or rule.count.group not in reported_groups)
        ),
        indicators=frozenset((rule.id, rule.group) for rule in rules if rule.group),
    )


def _said(rules: Sequence[Rule]) -> frozenset[tuple[str, str, str]]:
    """What rules say that another may contradict; nothing where there is no mandate to contradict them."""
    mandates = [rule for rule in rules if rule.effect is Effect.MANDATE]
    if not mandates:
        return frozenset()
    return frozenset(
        {
            *((rule.id, MOVE, "must") for rule in mandates),
            *((rule.id, MOVE, "must not") for rule in rules if rule.effect in (Effect.DENY, Effect.HOLD)),
            *((rule.id, RECEIVER, rule.to) for rule in mandates if rule.to),
        }
    )


def relation_problems(policies: PolicySet) -> list[Problem]:
    """What the rules engine would refuse of a policy set: circles of defeats, counts out of range, too many facts.

    A rule in report mode is looked at like any other: it is meant to be enforced one day.
    """
    together: dict[tuple[Subject, str], list[Rule]] = {}
    for rule in policies.rules():
        together.setdefault((rule.subject, LADDER_OF[rule.kind].name), []).append(rule)
    return [
        problem
        for rules in together.values()
        for problem in logic_problems(logic_of(enforced(rules)), {rule.id: rule.place for rule in rules})
    ]


def enforced(rules: Iterable[Rule]) -> list[Rule]:
    """The same rules, as if none were in report mode."""
    return [replace(rule, mode=Mode.ENFORCE) for rule in rules]


def _effect_name(rule: Rule) -> str:
    return f"{rule.effect.value}/{rule.on_unknown.value if rule.on_unknown else 'none'}"
