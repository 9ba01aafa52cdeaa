"""The policies that ship say what the domain says: every number, every boundary, every source or assumption."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from engine.condition_case import value_of
from engine.examples import Tried, try_examples
from engine.ladders import relation_problems
from rules.check import Checked
from rules.kinds import Value
from rules.load import example_problems, in_force, load_policies
from rules.policy import PolicySet, Rule
from rules.rule_kind import Effect, RuleKind
from rules.term import Op, Term

TODAY = date(2026, 11, 21)


def percent(number: int) -> Fraction:
    return Fraction(number, 100)


NUMBERS: dict[str, Value | tuple[Value, ...]] = {
    # Should we rebalance?
    "spread_limit": percent(30),
    "underperformer_below": percent(70),
    "turnover_limit": percent(10),
    "turnover_days": 90,
    "concentration_limit": percent(60),
    "concentration_accounts": 3,
    "concentration_base": 10_000_00,
    "candidate_share_limit": percent(25),
    "attainment_low": percent(70),
    "attainment_high": percent(130),
    "workload_low": percent(90),
    "workload_high": percent(110),
    "utilisation_low": Fraction(8, 10),
    "utilisation_high": Fraction(12, 10),
    "driving_limit": 30,
    "potential_low": percent(85),
    "potential_high": percent(115),
    "event_days": 180,
    # Tiers and units
    "tier_a_over": 100_000_00,
    "tier_b_from": 25_000_00,
    "units_a": 3,
    "units_b": 2,
    "units_c": 1,
    # May this account move?
    "cooldown": 180,
    "late_stage": 4,
    "closing_days": 90,
    "renewal_days": 60,
    "renewal_grace": 30,
    "receiving_tenure": 3 * 365,
    "book_low": Fraction(8, 10),
    "book_high": Fraction(12, 10),
    "many_accounts": 10,
    "much_revenue": 50_000_00,
    "window_days": 45,
    "window_free_reasons": ("leaver", "merger", "bad-data"),
    "named_book_limit": 500,
    "notice_smb": 2 * 7,
    "notice_mid_market": 4 * 7,
    "notice_enterprise": 6 * 7,
    # Who keeps the credit? Who is protected?
    "hold_days": 90,
    "protected_reduction": percent(2),
    "guaranteed_reduction": percent(20),
    "protected_months": 3,
    "guaranteed_months": 6,
    "least_base_months": 3,
    "base_months": 12,
    "base_lookback_months": 18,
    "leave_days_in_month": 10,
    # Who must agree?
    "commit_roles": ("vp-sales", "giving-manager", "receiving-manager"),
}

EFFECT_OF = {
    "T1": Effect.REBALANCE, "T1q": Effect.REVIEW, "T3": Effect.REVIEW, "T4": Effect.REVIEW, "T4c": Effect.REVIEW,
    "T6": Effect.REBALANCE, "TR": Effect.WATCH, "B1": Effect.REBALANCE, "B1c": Effect.REVIEW, "B1r": Effect.REBALANCE,
    "R01": Effect.DENY, "R02": Effect.DENY, "R03": Effect.REQUIRE_APPROVAL, "R04": Effect.REQUIRE, "R05": Effect.HOLD,
    "R06": Effect.REQUIRE, "R06t": Effect.REQUIRE_APPROVAL, "R07": Effect.REQUIRE_APPROVAL,
    "R08": Effect.REQUIRE_APPROVAL, "R09": Effect.DENY, "R10": Effect.DENY, "R11": Effect.HOLD, "R12": Effect.DENY,
    "R17": Effect.DENY, "R18": Effect.HOLD, "R20": Effect.DENY, "R21": Effect.HOLD, "R23": Effect.HOLD,
    "R24": Effect.DENY,
    "G01": Effect.EXEMPT, "G02": Effect.EXEMPT, "G03": Effect.INELIGIBLE, "G04": Effect.INELIGIBLE,
    "G05": Effect.INELIGIBLE, "G06": Effect.INELIGIBLE,
    "CP1": Effect.PROTECT, "CP2": Effect.PROTECT,
}  # fmt: skip


@pytest.fixture(scope="module")
def shipped(project: Path) -> PolicySet:
    return load_policies((path.name, path.read_text("utf-8")) for path in sorted((project / "policies").glob("*.yaml")))


@pytest.fixture(scope="module")
def tried(shipped: PolicySet) -> tuple[Tried, ...]:
    return try_examples(shipped)


def test_every_example_holds_in_sql_and_in_python(tried: tuple[Tried, ...]) -> None:
    assert [(t.name, t.example.name, t.answer) for t in tried if not t.holds] == []
    assert len(tried) > 100


def test_every_rule_has_an_example_that_fires_and_one_that_does_not(shipped: PolicySet) -> None:
    assert example_problems(shipped) == ()


def test_no_name_of_a_rule_s_example_stands_twice(shipped: PolicySet) -> None:
    for rule in shipped.rules():
        names = [e.name for e in rule.examples]
        assert len(set(names)) == len(names), rule.id


def test_the_rules_engine_takes_every_relation(shipped: PolicySet) -> None:
    assert relation_problems(shipped) == []


def test_every_number_is_the_domain_s_default(shipped: PolicySet) -> None:
    found = in_force(shipped, TODAY)
    assert {name: found.get(name) for name in NUMBERS} == NUMBERS


def test_every_rule_has_the_effect_that_the_domain_gives_it(shipped: PolicySet) -> None:
    concluding = (RuleKind.INDICATOR, RuleKind.NON_TRIGGER)
    found = {r.id: r.effect for r in shipped.rules() if r.kind not in concluding}
    assert {name: found.get(name) for name in EFFECT_OF} == EFFECT_OF


def test_who_must_approve_and_who_may_waive(shipped: PolicySet) -> None:
    roles = {r.id: r.roles for r in shipped.rules() if r.effect is Effect.REQUIRE_APPROVAL}
    assert roles["R03"] == ("vp-sales",)
    assert roles["R07"] == ("giving-manager", "receiving-manager")
    assert roles["R08"] == ("sales-ops",)
    waivable = {r.id: r.waivable_by for r in shipped.rules()}
    assert waivable["R02"] == "vp-sales"
    assert waivable["R17"] == ""  # separation of duties is never waived


def test_each_non_trigger_defeats_what_the_domain_names(shipped: PolicySet) -> None:
    found = {r.id: set(r.defeats) for r in shipped.rules(RuleKind.NON_TRIGGER)}
    assert found == {"N1": {"T1"}, "N1q": {"T1q"}, "N2": {"T1", "T1q"}, "N3": {"TR"}}


def test_nothing_else_defeats_anything(shipped: PolicySet) -> None:
    assert [r.id for r in shipped.rules() if r.defeats and r.kind is not RuleKind.NON_TRIGGER] == []


def test_a_house_decision_says_so(shipped: PolicySet) -> None:
    """Rules of engagement are ours but for what a plan or a checklist gives whole; so is how non-triggers decide."""
    silent = {r.id for r in shipped.rules() if not r.assumption}
    ours = {r.id for r in shipped.rules(RuleKind.ENGAGEMENT)} - {"R12"}
    ours |= {"N1", "N1q", "N2", "N3", "T3", "T4", "TR", "B1", "B1c", "B1r", "BM2", "G03", "CP1", "CP2"}
    assert silent & ours == set()


def test_every_number_says_what_it_is_or_is_named_like_its_band(shipped: PolicySet) -> None:
    for name, parameter in shipped.parameters().items():
        for value in parameter.values:
            assert value.source or value.assumption, name


def words(rule: Rule) -> Iterator[str]:
    yield from (rule.title, rule.source, rule.assumption, rule.obligation)


def test_only_a_message_has_places_to_fill_in(shipped: PolicySet) -> None:
    assert [r.id for r in shipped.rules() for text in words(r) if "{" in text or "}" in text] == []


TURNED = {
    Op.LESS: Op.AT_MOST,
    Op.AT_MOST: Op.LESS,
    Op.GREATER: Op.AT_LEAST,
    Op.AT_LEAST: Op.GREATER,
    Op.EQUAL: Op.UNEQUAL,
    Op.AND: Op.OR,
    Op.OR: Op.AND,
}
"""An operator to the one that a slip of the pen makes of it."""


def slips(term: Term) -> Iterator[Term]:
    """The condition with one operator turned, each operator in turn."""
    if term.op in TURNED:
        yield replace(term, op=TURNED[term.op])
    for i, part in enumerate(term.parts):
        for slip in slips(part):
            yield replace(term, parts=(*term.parts[:i], slip, *term.parts[i + 1 :]))


def test_no_operator_of_a_condition_can_be_turned_without_an_example_that_notices(shipped: PolicySet) -> None:
    parameters = in_force(shipped, TODAY)

    def answers(rule: Rule, condition: Checked) -> list[bool | None]:
        return [value_of(condition, e.given, {**parameters, **e.parameters}) for e in rule.examples]  # type: ignore[misc]  # conditions are true, false or unknown

    unnoticed = [
        (rule.id, slip.text, at)
        for rule in shipped.rules()
        if rule.when is not None
        for at, slip in enumerate(slips(rule.when.node))
        if answers(rule, replace(rule.when, node=slip)) == answers(rule, rule.when)
    ]
    assert unnoticed == []


def test_workload_and_utilisation_count_once(shipped: PolicySet) -> None:
    """Both rest on the same account units."""
    balance = [r for r in shipped.rules(RuleKind.INDICATOR) if r.group == "balance"]
    naming = {name: [r.id for r in balance if r.when and name in r.when.fields] for name in (
        "territory.workload_index", "territory.utilisation")}  # fmt: skip
    assert naming == {"territory.workload_index": ["BM2"], "territory.utilisation": ["BM2"]}
    assert len(balance) == 5


def test_what_is_required_of_an_unknown_move_is_required(shipped: PolicySet) -> None:
    for name in ("R04", "R06"):
        rule = shipped.rule(name)
        assert rule is not None
        assert rule.on_unknown is Effect.REQUIRE


def test_a_trigger_or_a_non_trigger_never_reads_the_unknown(shipped: PolicySet) -> None:
    kinds = (RuleKind.TRIGGER, RuleKind.NON_TRIGGER, RuleKind.INDICATOR)
    assert {r.on_unknown for r in shipped.rules() if r.kind in kinds} == {None}
