"""What the domain says of rules that fired, read from the rules of the shipped pack themselves and not from relations.

The oracle of `inference_oracle` is given relations; whether those say what a policy says would be in both. So the
resolution of the domain (docs/domain.md, 0, 3 to 6) is written here a third time, from `kind`, `effect`, `defeats`,
`roles` and `count` of each rule, and asked about random truths.
"""

from collections.abc import Mapping, Sequence
from random import Random

import pytest

from engine.inference.inference import Inference
from engine.inference.ladders import logic_of
from engine.inference.logic import Pattern, Truth
from rules.model.policy import PolicySet, Rule
from rules.model.rule_kind import Effect, Mode, RuleKind
from rules.vocabulary import Subject
from tests.engine.asking import policy
from tests.engine.inference_oracle import seeded

TRUE, UNKNOWN = Truth.TRUE, Truth.UNKNOWN
VERDICTS = ("allow", "approval", "hold", "deny")
AUDITS = ("none", "watch", "review", "rebalance")
Truths = Mapping[str, Truth]


def standing(rules: Sequence[Rule], truths: Truths, waived: frozenset[str]) -> dict[str, Truth]:
    """Rules that fired and are in effect: not waived, and defeated by no rule that is itself in effect and true."""

    def stands(rule: Rule) -> bool:
        return (
            rule.id in truths
            and rule.id not in waived
            and not any(rule.id in by.defeats and truths.get(by.id) is TRUE and stands(by) for by in rules)
        )

    return {rule.id: truths[rule.id] for rule in rules if not rule.group and stands(rule)}


def with_counts(rules: Sequence[Rule], truths: Truths) -> dict[str, Truth]:
    """ "k of n" is true if trues ≥ k, false if trues + unknowns < k, else unknown."""
    found = dict(truths)
    for rule in rules:
        if rule.count:
            hits = [truths[i.id] for i in rules if i.group == rule.count.group and i.id in truths]
            if len(hits) >= rule.count.at_least:
                found[rule.id] = TRUE if hits.count(TRUE) >= rule.count.at_least else UNKNOWN
    return found


def lacks_approval(rule: Rule, approved: frozenset[str]) -> bool:
    given = sum(role in approved for role in rule.roles)
    return given < (rule.approvals_needed or len(rule.roles))


def verdict(rules: Sequence[Rule], truths: Truths, waived: frozenset[str], approved: frozenset[str]) -> str:
    """deny > hold > require_approval > allow; an unknown denial or hold holds, an unknown approval is asked for.

    A mandate against a denial or a hold, or against a mandate with another receiver, holds.
    """
    found = standing(rules, truths, waived)
    reached = {"allow"}
    for rule in rules:
        if rule.id in found and rule.effect in (Effect.DENY, Effect.HOLD):
            effect = rule.effect if found[rule.id] is TRUE else rule.on_unknown
            reached |= {effect.value} if effect else set()
        if rule.id in found and rule.effect is Effect.REQUIRE_APPROVAL and lacks_approval(rule, approved):
            reached.add("approval")
    true = [rule for rule in rules if found.get(rule.id) is TRUE]
    mandates = [rule for rule in true if rule.effect is Effect.MANDATE]
    if mandates and any(rule.effect in (Effect.DENY, Effect.HOLD) for rule in true):
        reached.add("hold")
    if len({rule.to for rule in mandates if rule.to}) > 1:
        reached.add("hold")
    return max(reached, key=VERDICTS.index)


def audited(rules: Sequence[Rule], truths: Truths) -> str | None:
    """The gravest trigger in effect; none only where no unknown one could be a trigger."""
    found = standing(rules, with_counts(rules, truths), frozenset())
    triggers = [rule for rule in rules if rule.kind is RuleKind.TRIGGER and rule.id in found]
    true = [rule.effect.value for rule in triggers if found[rule.id] is TRUE]
    if true:
        return max(true, key=AUDITS.index)
    return None if triggers else "none"


def credited(rules: Sequence[Rule], truths: Truths) -> str | None:
    """Exempt, then ineligible, else held; an unknown rule leaves open what would otherwise be held."""
    found = standing(rules, truths, frozenset())
    true = {rule.effect for rule in rules if found.get(rule.id) is TRUE}
    if Effect.EXEMPT in true:
        return "exempt"
    if Effect.INELIGIBLE in true:
        return "ineligible"
    return None if found else "held"


def some_truths(random: Random, rules: Sequence[Rule]) -> dict[str, Truth]:
    """Random truths of the rules with a condition, few or many of them."""
    chance, unknown = random.choice((0.05, 0.15, 0.4)), random.choice((0.1, 0.5))
    fired = [rule.id for rule in rules if rule.when is not None and random.random() < chance]
    return {rule: UNKNOWN if random.random() < unknown else TRUE for rule in fired}


def enforced(policies: PolicySet, subject: Subject, *kinds: RuleKind) -> list[Rule]:
    return [r for r in policies.rules() if r.kind in kinds and r.subject is subject and r.mode is Mode.ENFORCE]


MORE = policy(
    "id: Z1, kind: engagement, subject: move, effect: mandate, obligation: o, to: move.to_rep, when: account.named",
    "id: Z2, kind: engagement, subject: move, effect: mandate, obligation: o, to: move.from_rep, when: account.named",
    "id: Z3, kind: engagement, subject: move, effect: mandate, obligation: o, defeats: [Z1], when: account.named",
    "id: Z4, kind: engagement, subject: move, effect: deny, when: account.named",
    "id: Z5, kind: engagement, subject: move, effect: deny, on_unknown: none, when: account.named",
    "id: Z6, kind: engagement, subject: move, effect: allow, defeats: [Z4, Z7], when: account.named",
    "id: Z7, kind: engagement, subject: move, effect: hold, when: account.named",
    "id: Z8, kind: engagement, subject: move, effect: require_approval, roles: [a, b, c], approvals: 2, "
    "when: account.named",
)


@pytest.mark.parametrize("pack", ["shipped", "shipped and more", "more"])
def test_a_verdict_is_what_section_4_of_the_domain_says(pack: str, shipped: PolicySet) -> None:
    rules = enforced(shipped, Subject.MOVE, RuleKind.ENGAGEMENT) if "shipped" in pack else []
    rules += list(MORE.rules()) if "more" in pack else []
    roles = sorted({role for rule in rules for role in rule.roles})
    random, seen = seeded(len(rules)), set()
    with Inference(logic_of(rules)) as inference:
        for _ in range(400):
            truths = some_truths(random, rules)
            waived = frozenset(rule for rule in truths if random.random() < 0.2)
            approved = frozenset(role for role in roles if random.random() < 0.4)
            pattern = Pattern(frozenset(truths.items()), frozenset(("W", rule) for rule in waived), approved)
            wanted = verdict(rules, truths, waived, approved)
            assert inference.conclude(pattern).level == {"verdict": wanted}, pattern
            seen.add(wanted)
    assert seen == set(VERDICTS)


@pytest.mark.parametrize("subject", [Subject.COMPANY, Subject.TERRITORY])
def test_an_audit_is_what_section_3_of_the_domain_says(subject: Subject, shipped: PolicySet) -> None:
    """Triggers, non-triggers that defeat what they name, and indicators that are counted."""
    rules = enforced(shipped, subject, RuleKind.TRIGGER, RuleKind.NON_TRIGGER, RuleKind.INDICATOR)
    random, seen = seeded(3), set()
    with Inference(logic_of(rules)) as inference:
        for _ in range(400):
            truths = some_truths(random, rules)
            conclusion = inference.conclude(Pattern(frozenset(truths.items())))
            assert conclusion.level == {"rebalance": audited(rules, truths)}, truths
            vetoes = {(n.id, of) for n in rules if n.kind is RuleKind.NON_TRIGGER and truths.get(n.id) is TRUE
                      for of in n.defeats if of in with_counts(rules, truths)}  # fmt: skip
            assert set(conclusion.vetoes) == vetoes
            seen.add(conclusion.level["rebalance"])
    assert {None, "none", "rebalance"} <= seen


def test_credit_is_what_section_5_of_the_domain_says(shipped: PolicySet) -> None:
    rules = enforced(shipped, Subject.OPPORTUNITY, RuleKind.GRANDFATHERING)
    random, seen = seeded(5), set()
    with Inference(logic_of(rules)) as inference:
        for _ in range(300):
            truths = some_truths(random, rules)
            assert inference.conclude(Pattern(frozenset(truths.items()))).level == {"credit": credited(rules, truths)}
            seen.add(credited(rules, truths))
    assert seen == {None, "exempt", "ineligible", "held"}
