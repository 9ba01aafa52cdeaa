"""What effects mean: each effect on its own, true and unknown, proven through a whole evaluation."""

from datetime import date

import pytest

from engine.evaluate import Standing
from engine.examples import try_examples
from engine.inference.ladders import LADDER_OF, logic_of, relation_problems
from rules.kinds import Value
from rules.model.policy import PolicySet
from rules.model.rule_kind import EFFECTS, Effect, RuleKind
from tests.engine.asking import asked, levels, policy

CASES: dict[str, dict[str, Value | None]] = {
    "true": {"account.named": True},
    "false": {"account.named": False},
    "unknown": {"account.named": None},
}


def engagement(effect: str, *, condition: str = "account.named", name: str = "R") -> str:
    return f"id: {name}, kind: engagement, subject: move, effect: {effect}, when: {condition}"


@pytest.mark.parametrize(
    ("effect", "true", "unknown"),
    [
        ("deny", "deny", "hold"),
        ("deny, on_unknown: deny", "deny", "deny"),
        ("deny, on_unknown: none", "deny", "allow"),
        ("hold", "hold", "hold"),
        ("hold, on_unknown: none", "hold", "allow"),
        ("require_approval, roles: [vp]", "approval", "approval"),
        ("require, obligation: o", "allow", "allow"),
        ("advise, obligation: o", "allow", "allow"),
        ("mandate, obligation: o", "allow", "allow"),
    ],
)
def test_an_engagement_rule_reaches_its_level_when_true_and_its_default_when_unknown(
    effect: str, true: str, unknown: str
) -> None:
    assert levels(policy(engagement(effect)), CASES) == {"true": true, "false": "allow", "unknown": unknown}


@pytest.mark.parametrize(
    ("effect", "owed"),
    [
        ("require, obligation: call", {"true": ("require",), "false": (), "unknown": ("require",)}),
        ("advise, obligation: call", {"true": ("advise",), "false": (), "unknown": ()}),
        ("mandate, obligation: move it", {"true": ("mandate",), "false": (), "unknown": ()}),
    ],
)
def test_what_is_required_is_owed_on_the_unknown_too_and_advice_is_not(
    effect: str, owed: dict[str, tuple[str, ...]]
) -> None:
    with asked(policy(engagement(effect)), CASES) as evaluation:
        found = {s: tuple(how for _, _, how in c.owed) for s, c in evaluation.by_subject().items()}
    assert found == owed


@pytest.mark.parametrize("effect", ["watch", "review", "rebalance"])
def test_an_unknown_rebalance_trigger_is_undecided_and_never_none(effect: str) -> None:
    trigger = f"id: T, kind: trigger, subject: company, effect: {effect}, when: company.open_mergers > 0"
    cases: dict[str, dict[str, Value | None]] = {
        "true": {"company.open_mergers": 1},
        "false": {"company.open_mergers": 0},
        "unknown": {},
    }
    assert levels(policy(trigger), cases) == {"true": effect, "false": "none", "unknown": "unknown"}


def test_an_unknown_trigger_is_reported_beside_what_another_one_reached() -> None:
    policies = policy(
        "id: T1, kind: trigger, subject: company, effect: review, when: company.open_requests > 0",
        "id: T2, kind: trigger, subject: company, effect: rebalance, when: company.open_mergers > 0",
    )
    with asked(policies, {"company": {"company.open_requests": 1}}) as evaluation:
        conclusion = evaluation.by_subject()["company"]
    assert conclusion.level["rebalance"] == "review"
    assert conclusion.open == ("T2",)
    assert conclusion.may_rise == (("rebalance", "rebalance", "T2"),)


def test_an_unknown_non_trigger_defeats_nothing_and_a_true_one_does() -> None:
    policies = policy(
        "id: T, kind: trigger, subject: company, effect: review, when: company.open_requests > 0",
        "id: N, kind: non_trigger, subject: company, when: company.lowest_is_unique, defeats: [T]",
    )
    cases: dict[str, dict[str, Value | None]] = {
        "true": {"company.open_requests": 1, "company.lowest_is_unique": True},
        "false": {"company.open_requests": 1, "company.lowest_is_unique": False},
        "unknown": {"company.open_requests": 1},
    }
    assert levels(policies, cases) == {"true": "none", "false": "review", "unknown": "review"}
    with asked(policies, cases) as evaluation:
        conclusions = evaluation.by_subject()
    assert conclusions["true"].vetoes == (("N", "T"),)
    assert [(d.by, d.of) for d in conclusions["unknown"].contested] == [("N", "T")]


def test_exempt_comes_before_ineligible_before_held_and_an_unknown_rule_leaves_credit_undecided() -> None:
    policies = policy(
        "id: E, kind: grandfathering, subject: opportunity, effect: exempt, when: opportunity.won",
        "id: I, kind: grandfathering, subject: opportunity, effect: ineligible, "
        "when: opportunity.created_on == move.announced_on",
    )
    day, other = date(2026, 7, 6), date(2026, 7, 7)
    same: dict[str, Value | None] = {"opportunity.created_on": day, "move.announced_on": day}
    cases: dict[str, dict[str, Value | None]] = {
        "both": {**same, "opportunity.won": True},
        "late": {**same, "opportunity.won": False},
        "none": {"opportunity.created_on": day, "move.announced_on": other, "opportunity.won": False},
        "open": {"opportunity.created_on": day, "move.announced_on": other},
    }
    assert levels(policies, cases) == {"both": "exempt", "late": "ineligible", "none": "held", "open": "unknown"}


def test_protection_of_an_unknown_reduction_is_undecided() -> None:
    lines = "lines: [{name: a, formula: rep.base_earnings, text: t}]"
    policies = policy(f"id: P, kind: protection, subject: rep, when: rep.asked_for_it, {lines}")
    assert levels(policies, {"a": {"rep.asked_for_it": True}, "b": {"rep.asked_for_it": False}, "c": {}}) == {
        "a": "protected", "b": "none", "c": "unknown",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        ("review_trigger", "review"),
        ("escalation_trigger", "escalate"),
        ("stop_condition", "stop"),
        ("reversal_signal", "review"),
    ],
)
def test_a_review_rule_reaches_its_level_or_leaves_the_review_undecided(kind: str, level: str) -> None:
    rule = f"id: S, kind: {kind}, subject: company, when: company.lowest_is_unique"
    cases: dict[str, dict[str, Value | None]] = {
        "true": {"company.lowest_is_unique": True},
        "false": {"company.lowest_is_unique": False},
        "unknown": {},
    }
    assert levels(policy(rule), cases) == {"true": level, "false": "continue", "unknown": "unknown"}


def test_the_gravest_of_several_verdicts_is_the_answer_and_its_rules_are_the_reasons() -> None:
    policies = policy(
        engagement("require_approval, roles: [vp]", name="A"),
        engagement("hold", name="H"),
        engagement("deny", name="D", condition="account.strategic_anchor"),
    )
    cases: dict[str, dict[str, Value | None]] = {
        "hold": {"account.named": True, "account.strategic_anchor": False},
        "deny": {"account.named": True, "account.strategic_anchor": True},
    }
    with asked(policies, cases) as evaluation:
        found = {s: (c.level["verdict"], c.reasons) for s, c in evaluation.by_subject().items()}
    assert found == {"hold": ("hold", (("verdict", "H"),)), "deny": ("deny", (("verdict", "D"),))}


def test_an_exception_defeats_the_denial_that_it_names() -> None:
    policies = policy(
        engagement("deny", name="D"),
        engagement("advise, obligation: look twice, defeats: [D]", name="X", condition="account.strategic_anchor"),
    )
    cases: dict[str, dict[str, Value | None]] = {
        "excepted": {"account.named": True, "account.strategic_anchor": True},
        "denied": {"account.named": True, "account.strategic_anchor": False},
        "unknown": {"account.named": True},
    }
    assert levels(policies, cases) == {"excepted": "allow", "denied": "deny", "unknown": "deny"}


def test_two_rules_of_one_effect_may_differ_in_what_the_unknown_does() -> None:
    policies = policy(engagement("deny", name="A"), engagement("deny, on_unknown: deny", name="B"))
    assert levels(policies, CASES)["unknown"] == "deny"
    assert set(logic_of(policies.rules()).effects.values()) == {"deny/hold", "deny/deny"}


def test_a_defeat_of_a_rule_that_is_not_asked_about_is_left_out() -> None:
    policies = policy(
        "id: T, kind: trigger, subject: company, effect: review, when: company.open_requests > 0",
        "id: N, kind: non_trigger, subject: company, when: company.lowest_is_unique, defeats: [T]",
    )
    assert logic_of([r for r in policies.rules() if r.id == "N"]).defeats == frozenset()
    assert logic_of(policies.rules()).defeats == {("N", "T")}


def test_every_kind_of_rule_has_a_ladder() -> None:
    assert set(LADDER_OF) == set(RuleKind) == set(EFFECTS)


def test_every_effect_is_an_effect_of_some_kind() -> None:
    assert {effect for effects in EFFECTS.values() for effect in effects} == set(Effect)


def test_a_circle_of_defeats_is_told_with_its_place() -> None:
    policies = policy(
        engagement("deny, defeats: [B]", name="A"),
        engagement("hold, defeats: [A]", name="B"),
    )
    (problem,) = relation_problems(policies)
    assert problem.where.file == "test.yaml"
    assert "`A`" in problem.message
    assert "`B`" in problem.message


def test_the_shipped_policies_have_no_relation_that_the_rules_engine_refuses(shipped: PolicySet) -> None:
    assert relation_problems(shipped) == []


def test_a_waiver_defeats_its_rule_for_its_subject_only_and_only_where_the_rule_says_so() -> None:
    policies = policy(
        engagement("deny, waivable: by vp", name="W"),
        engagement("hold", name="F", condition="account.strategic_anchor"),
    )
    both: dict[str, Value | None] = {"account.named": True, "account.strategic_anchor": True}
    one: dict[str, Value | None] = {"account.named": True, "account.strategic_anchor": False}
    said = Standing({"a": frozenset({("W-1", "W"), ("W-2", "F")}), "c": frozenset({("W-3", "W")})}, {})
    assert levels(policies, {"a": both, "b": both, "c": one, "d": one}, standing=said) == {
        "a": "hold", "b": "deny", "c": "allow", "d": "deny",
    }  # fmt: skip
    with asked(policies, {"a": both}, standing=said) as evaluation:
        (defeat,) = evaluation.by_subject()["a"].defeated
    assert (defeat.of, defeat.by, defeat.how) == ("W", "W-1", "waiver")


def test_a_waiver_also_ends_the_hold_of_an_unknown_denial() -> None:
    policies = policy(engagement("deny, waivable: by vp", name="W"))
    said = Standing({"unknown": frozenset({("W-1", "W")})}, {})
    assert levels(policies, CASES, standing=said) == {"true": "deny", "false": "allow", "unknown": "allow"}


def test_an_approval_counts_once_every_role_gave_it_and_for_its_subject_only() -> None:
    policies = policy(engagement("require_approval, roles: [giving, receiving]"))
    cases = dict.fromkeys(("none", "one", "both", "stranger"), CASES["true"]) | {"open": CASES["unknown"]}
    said = Standing(
        {},
        {
            "one": frozenset({"giving"}),
            "both": frozenset({"giving", "receiving"}),
            "stranger": frozenset({"giving", "finance"}),
            "open": frozenset({"giving", "receiving"}),
        },
    )
    assert levels(policies, cases, standing=said) == {
        "none": "approval", "one": "approval", "both": "allow", "stranger": "approval", "open": "allow",
    }  # fmt: skip
    with asked(policies, cases, standing=said) as evaluation:
        missing = {s: [role for _, role in c.missing] for s, c in evaluation.by_subject().items()}
    assert missing["one"] == ["receiving"]
    assert missing["none"] == ["giving", "receiving"]
    assert missing["both"] == []


EXCEPTIONS = (
    ("engagement, subject: move", "deny", "advise, obligation: o", "account", "allow"),
    ("engagement, subject: move", "hold", "allow", "account", "allow"),
    ("engagement, subject: move", "require_approval, roles: [vp]", "allow", "account", "allow"),
    ("grandfathering, subject: opportunity", "ineligible", "exempt", "opportunity", "exempt"),
    ("governance, subject: decision", "fail", "finding", "decision", "finding"),
    ("review_trigger, subject: company", "review", "review", "company", "review"),
)
FACTS = {
    "account": ("account.named", "account.strategic_anchor"),
    "opportunity": ("opportunity.won", "opportunity.gaming_upheld"),
    "decision": ("decision.has_owner", "decision.has_horizon"),
    "company": ("company.lowest_is_unique", "company.lowest_is_unique"),
}


@pytest.mark.parametrize(("kind", "effect", "exception", "facts", "left"), EXCEPTIONS)
def test_a_rule_of_any_kind_may_except_another_of_its_ladder(
    kind: str, effect: str, exception: str, facts: str, left: str
) -> None:
    one, two = FACTS[facts]
    policies = policy(
        f"id: B, kind: {kind}, effect: {effect}, when: {one}",
        f"id: X, kind: {kind}, effect: {exception}, defeats: [B], when: {two}",
    )
    with asked(policies, {"a": {one: True, two: True}}) as evaluation:
        conclusion = evaluation.by_subject()["a"]
        assert [(d.of, d.by, d.how) for d in conclusion.defeated] == [("B", "X", "rule")]
        assert conclusion.level[evaluation.ladder] == left


def test_a_protection_may_be_excepted_and_a_stop_condition_too() -> None:
    lines = "lines: [{name: a, formula: rep.base_earnings, text: t}]"
    policies = policy(
        f"id: P, kind: protection, subject: rep, when: rep.asked_for_it, {lines}",
        f"id: Q, kind: protection, subject: rep, when: has(rep.left_on), defeats: [P], {lines}",
    )
    with asked(policies, {"a": {"rep.asked_for_it": True, "rep.left_on": date(2026, 1, 1)}}) as evaluation:
        assert [d.of for d in evaluation.by_subject()["a"].defeated] == ["P"]
    stops = policy(
        "id: S, kind: stop_condition, subject: company, when: company.open_requests > 0",
        "id: E, kind: escalation_trigger, subject: company, when: company.open_mergers > 0, defeats: [S]",
    )
    cases: dict[str, dict[str, Value | None]] = {
        "both": {"company.open_requests": 1, "company.open_mergers": 1},
        "one": {"company.open_requests": 1, "company.open_mergers": 0},
        "open": {"company.open_requests": 1},
    }
    assert levels(stops, cases) == {"both": "escalate", "one": "stop", "open": "stop"}


def test_allow_beats_the_hold_it_names_and_no_other() -> None:
    policies = policy(
        engagement("hold", name="W"),
        engagement("deny", name="D", condition="account.late_deals > 0"),
        engagement("allow, defeats: [W]", name="L", condition="account.strategic_anchor"),
    )
    anchored: dict[str, Value | None] = {
        "account.named": True, "account.strategic_anchor": True, "account.late_deals": 0,
    }  # fmt: skip
    cases: dict[str, dict[str, Value | None]] = {
        "allowed": anchored,
        "denied": {**anchored, "account.late_deals": 1},
        "held": {**anchored, "account.strategic_anchor": False},
        "contested": {**anchored, "account.strategic_anchor": None},
    }
    assert levels(policies, cases) == {"allowed": "allow", "denied": "deny", "held": "hold", "contested": "hold"}


MANDATED = "mandate, obligation: move it within the month"


@pytest.mark.parametrize(("effect", "level"), [("deny", "deny"), ("hold", "hold")])
def test_a_mandate_against_a_denial_or_a_hold_is_a_conflict_that_names_both(effect: str, level: str) -> None:
    policies = policy(
        engagement(MANDATED, name="M"), engagement(effect, name="D", condition="account.strategic_anchor")
    )
    cases: dict[str, dict[str, Value | None]] = {
        "both": {"account.named": True, "account.strategic_anchor": True},
        "only mandate": {"account.named": True, "account.strategic_anchor": False},
        "unknown": {"account.named": True, "account.strategic_anchor": None},
    }
    with asked(policies, cases) as evaluation:
        found = evaluation.by_subject()
    assert {s: (c.level["verdict"], c.conflicts) for s, c in found.items()} == {
        "both": (level, (("whether the account moves", "D", "M"),)),
        "only mandate": ("allow", ()),
        "unknown": ("hold", ()),
    }


@pytest.mark.parametrize(("defeating", "level"), [("M", "allow"), ("D", "deny")])
def test_a_mandate_that_defeats_the_denial_or_is_defeated_by_it_is_no_conflict(defeating: str, level: str) -> None:
    more = {"M": "", "D": ""} | {defeating: f", defeats: [{'D' if defeating == 'M' else 'M'}]"}
    policies = policy(engagement(MANDATED + more["M"], name="M"), engagement("deny" + more["D"], name="D"))
    with asked(policies, {"a": {"account.named": True}}) as evaluation:
        conclusion = evaluation.by_subject()["a"]
    assert (conclusion.level["verdict"], conclusion.conflicts) == (level, ())


def test_two_mandates_that_read_their_receiver_from_different_facts_hold_the_move() -> None:
    def both(one: str, two: str) -> PolicySet:
        return policy(
            engagement(f"{MANDATED}{one}", name="M1"), engagement(f"mandate, obligation: hand over{two}", name="M2")
        )

    case: dict[str, dict[str, Value | None]] = {"a": {"account.named": True}}
    differing = both(", to: move.to_rep", ", to: move.from_rep")
    assert levels(differing, case) == {"a": "hold"}
    with asked(differing, case) as evaluation:
        conclusion = evaluation.by_subject()["a"]
    assert conclusion.conflicts == (("who receives the account", "M1", "M2"),)
    assert conclusion.reasons == (("verdict", "M1"), ("verdict", "M2"))
    assert levels(both(", to: move.to_rep", ", to: move.to_rep"), case) == {"a": "allow"}
    assert levels(both(", to: move.to_rep", ""), case) == {"a": "allow"}
    assert levels(both(", to: move.to_rep", ", to: move.from_rep, defeats: [M1]"), case) == {"a": "allow"}


def test_without_a_mandate_nothing_is_said_that_could_be_contradicted() -> None:
    logic = logic_of(policy(engagement("deny", name="A"), engagement("hold", name="B")).rules())
    assert (logic.says, logic.disputed) == (frozenset(), frozenset())


@pytest.mark.parametrize(
    ("approvals", "given", "level"),
    [
        ("all", "giving receiving", "approval"),
        ("all", "giving receiving vp", "allow"),
        ("any", "", "approval"),
        ("any", "receiving", "allow"),
        ("2", "vp", "approval"),
        ("2", "vp stranger", "approval"),
        ("2", "vp giving", "allow"),
        ("3", "vp giving", "approval"),
    ],
)
def test_all_any_or_so_many_of_the_roles_must_approve(approvals: str, given: str, level: str) -> None:
    rule = engagement(f"require_approval, roles: [giving, receiving, vp], approvals: {approvals}")
    said = Standing({}, {"a": frozenset(given.split())})
    assert levels(policy(rule), {"a": {"account.named": True}}, standing=said) == {"a": level}


REPORTING = (
    "deny, mode: report",
    "hold, mode: report",
    "require_approval, roles: [vp], mode: report",
    "require, obligation: call, mode: report",
    "mandate, obligation: move, mode: report",
    "allow, defeats: [D], mode: report",
)


@pytest.mark.parametrize("effect", REPORTING)
@pytest.mark.parametrize("case", ["true", "unknown"])
def test_a_rule_in_report_mode_reaches_no_level_defeats_nothing_and_owes_nothing(effect: str, case: str) -> None:
    denial = engagement("deny", name="D", condition="account.strategic_anchor")
    quiet: dict[str, dict[str, Value | None]] = {
        "quiet": {**CASES[case], "account.strategic_anchor": False},
        "denied": {**CASES[case], "account.strategic_anchor": True},
    }
    with asked(policy(denial, engagement(effect)), quiet) as evaluation:
        found = evaluation.by_subject()
        assert set(logic_of(evaluation.question.rules).effects) == {"D"}
    assert {s: c.level["verdict"] for s, c in found.items()} == {"quiet": "allow", "denied": "deny"}
    assert {rule for c in found.values() for rule, _ in c.effective} == {"D"}
    assert not any(c.owed or c.missing or c.open or c.conflicts or c.defeated for c in found.values())


def test_a_policy_that_only_reports_allows_everything() -> None:
    assert levels(policy(engagement("deny, mode: report")), CASES) == dict.fromkeys(CASES, "allow")


def test_a_circle_of_defeats_is_told_even_where_its_rules_only_report() -> None:
    policies = policy(
        engagement("deny, mode: report, defeats: [B]", name="A"), engagement("hold, defeats: [A]", name="B")
    )
    (problem,) = relation_problems(policies)
    assert problem.message == "defeats go round: `A` defeats `B` defeats `A`"


def test_an_example_of_a_rule_in_report_mode_says_what_the_rule_means() -> None:
    examples = "examples: [{name: e, given: {account.named: true}, expect: deny}]"
    (tried,) = try_examples(policy(engagement(f"deny, mode: report, {examples}")))
    assert tried.holds


def test_an_indicator_in_report_mode_counts_in_no_group_even_if_it_is_the_only_one() -> None:
    def trigger(mode: str, other: str) -> PolicySet:
        return policy(
            "id: T, kind: trigger, subject: company, effect: review, count: {group: g, at_least: 1}",
            f"id: I, kind: indicator, subject: company, group: g, mode: {mode}, when: company.open_mergers > 0",
            f"id: J, kind: indicator, subject: company, group: g, mode: {other}, when: company.open_requests > 0",
        )

    case: dict[str, dict[str, Value | None]] = {"a": {"company.open_mergers": 1, "company.open_requests": 0}}
    assert levels(trigger("enforce", "enforce"), case) == {"a": "review"}
    assert levels(trigger("report", "enforce"), case) == {"a": "none"}
    assert levels(trigger("report", "report"), case) == {"a": "none"}
    assert relation_problems(trigger("report", "report")) == []
