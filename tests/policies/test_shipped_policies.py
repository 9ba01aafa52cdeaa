"""The policies that ship say what the domain says: every number, every boundary, every source or assumption."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from engine.conditions.condition_case import value_of
from engine.examples import Tried, try_examples
from engine.inference.ladders import relation_problems
from rules.expression.check import Checked
from rules.expression.term import Op, Term
from rules.kinds import Value
from rules.model.policy import PolicySet, Rule
from rules.model.rule_kind import Effect, Mode, RuleKind, Severity
from rules.reading.load import example_problems, in_force, load_policies
from rules.vocabulary import Subject

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
    "stage_floor": 0,
    "value_floor": 0,
    "gaming_days": 14,
    "protection_test": "quarter",
    "fairness_equal": percent(98),
    "fairness_pass": percent(80),
    "fairness_few": 6,
    # More of the audit
    "spread_healthy": percent(25),
    "review_after_months": 12,
    "obsolete_after_months": 18,
    "outdated_after_months": 24,
    "drift_utilisation": Fraction(5, 4),
    "drift_postcodes": percent(5),
    "drift_win_rates": percent(10),
    "drift_coverage": percent(25),
    "drift_concentration": percent(10),
    "balance_cv": percent(20),
    "coverage_a_least": percent(100),
    "coverage_b_least": percent(80),
    "coverage_c_least": percent(50),
    "touches_a": 12,
    "touches_b": 6,
    "touches_c": 4,
    "whitespace_months": 6,
    "whitespace_least": percent(80),
    "high_fit_least": percent(80),
    "travel_limit": percent(25),
    "pipeline_low": Fraction(3),
    "pipeline_high": Fraction(4),
    "win_rate_distance": percent(5),
    "meetings_low": Fraction(12),
    "meetings_high": Fraction(15),
    "calls_low": Fraction(20),
    "calls_high": Fraction(30),
    "retention_least": percent(90),
    "satisfaction_above": percent(80),
    "satisfaction_answers": 5,
    "productivity_low": percent(15),
    "productivity_high": percent(20),
    "territory_spread_below": percent(15),
    "affinity_industry": percent(40),
    "affinity_proximity": percent(40),
    "affinity_preference": percent(20),
    "target_units": 125,
    "enterprise_over": 5_000_000_00,
    "mid_market_from": 500_000_00,
    # More of the moves
    "receiving_tenure_b": 365,
    "plan_relationships": 3,
    "affinity_gap_limit": percent(30),
    "swap_band": percent(10),
    "usual_notice_smb": 4 * 7,
    "usual_notice_mid_market": 6 * 7,
    "usual_notice_enterprise": 8 * 7,
    "notice_financial": 2 * 7,
    "open_hold_days": 30,
    "coaching_days": 90,
    # Quotas
    "over_assignment": Fraction(2),
    "market_mature": percent(15),
    "market_greenfield": percent(-15),
    "market_competition": Fraction(-75, 1000),
    "quota_floor": percent(70),
    "quota_cap": percent(130),
    "ramp_first_year": percent(60),
    "ramp_second_year": percent(80),
    "ramp_later": percent(100),
    "quota_change_limit": percent(30),
    "quota_fall_limit": percent(-30),
    "ramp_restart_share": percent(50),
    # Frame, compare, commit, review
    "unstable_days": 14,
    "least_approvers": 3,
    "least_reviews": 3,
    "redesign_cv": percent(20),
    "retention_unmoved": percent(100),
    "retention_moved_low": percent(85),
    "retention_moved_base": percent(95),
    "retention_moved_high": percent(100),
    "speed_weeks": 26,
    "waived_limit": percent(20),
    "waived_least": 10,
    "review_days": (30, 60, 90),
    "shortfall_limit": percent(15),
    "adjust_month": 6,
    "adjust_below": percent(70),
    "adjust_above": percent(130),
    "learn_above": percent(120),
    "cause_below": percent(70),
    "material_amount": percent(10),
    "material_rate": percent(2),
    # Who must agree?
    "commit_roles": ("vp-sales", "giving-manager", "receiving-manager"),
}

RULES: dict[Subject, dict[Effect, str]] = {
    Subject.COMPANY: {
        Effect.WATCH: "T1g TR TU HC1 HC2 HC3 HC4 HC5 HC6 HC7 HC8",
        Effect.REVIEW: "T1q T3 T5 T7 T8 B1c T4c",
        Effect.REBALANCE: "T1 T2 T6 B1r",
        Effect.HIT: "T8a T8b T8c T8d T8e T8f",
        Effect.DEFEAT: "N1 N1q N2 N3",
    },
    Subject.TERRITORY: {
        Effect.WATCH: "TA18 HT1 HT2 HT3 HT4 HT5 HT6 HT7 HT8 HT9",
        Effect.REVIEW: "T4 N4 TA24",
        Effect.REBALANCE: "B1",
        Effect.HIT: "BM1 BM2 BM3 BM5 BM6",
    },
    Subject.MOVE: {
        Effect.DENY: "R01 R02 R09 R10 R12 R17 R19 R20 R24",
        Effect.HOLD: "R05 R11 R14 R18 R21 R23",
        Effect.REQUIRE_APPROVAL: "R03 R06t R07 R08 R15",
        Effect.REQUIRE: "R04 R06 R16 OB1 OB2 OB3 OB4 OB5 OB6",
        Effect.ADVISE: "R06b R13 R25 R25h R26 OB3n Q1 Q2",
        Effect.ALLOW: "R11x R18x",
        Effect.MANDATE: "M1 M2",
    },
    Subject.OPPORTUNITY: {Effect.EXEMPT: "G01 G02 G07 G08", Effect.INELIGIBLE: "G03 G04 G05 G06 G09 G10"},
    Subject.REP: {Effect.PROTECT: "CP1 CP2 CP3"},
    Subject.DECISION: {
        Effect.FAIL: "GV01 GV02 GV03 GV04 GV10 GV11 GV12 GV20 GV21 GV22 GV30 GV31",
        Effect.FINDING: "GV05 GV06 GV13 GV14 GV15 GV16 GV17 GV23 GV24 GV25 GV26 GV32 GV33 GV34 GV35 GV36 GV37",
    },
    Subject.RULE: {Effect.FINDING: "R22 GV40"},
    Subject.REVIEW: {
        Effect.REVIEW: "RV1 RV2 RV3 RV4 RV6 RV7 RV10 RV12",
        Effect.ESCALATE: "RV8 RV9",
        Effect.STOP: "RV5 RV11",
    },
}
"""Every rule of the domain, by the subject it is evaluated on and what it does."""

DEFINED = {
    "attainment_band", "rep_attainment_band", "spread_band", "workload_band", "utilisation_band", "concentration_band",
    "density_band", "potential_band", "coverage_a_band", "coverage_b_band", "coverage_c_band", "touches_band",
    "whitespace_band", "high_fit_band", "pipeline_band", "win_rate_band", "meetings_band", "calls_band",
    "new_logos_band", "expansion_band", "account_revenue_band", "pipeline_created_band", "velocity_band",
    "meeting_cost_band", "retention_band", "productivity_band",
    "potential_tier", "potential_segment", "account_score", "required_touches", "segment_notice", "usual_notice",
    "changes_hands", "is_leaver", "is_financial", "industry_care", "quota_market", "quota_ramp", "ramp_restarts",
}  # fmt: skip


@pytest.fixture(scope="module")
def shipped(project: Path) -> PolicySet:
    return load_policies((path.name, path.read_text("utf-8")) for path in sorted((project / "policies").glob("*.yaml")))


@pytest.fixture(scope="module")
def tried(shipped: PolicySet) -> tuple[Tried, ...]:
    return try_examples(shipped)


def test_every_example_holds_in_sql_and_in_python(tried: tuple[Tried, ...]) -> None:
    assert [(t.name, t.example.name, t.answer) for t in tried if not t.holds] == []
    assert len(tried) > 500


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


def test_every_rule_of_the_domain_is_there_with_its_subject_and_effect(shipped: PolicySet) -> None:
    found: dict[Subject, dict[Effect, set[str]]] = {}
    for rule in shipped.rules():
        found.setdefault(rule.subject, {}).setdefault(rule.effect, set()).add(rule.id)
    assert found == {s: {e: set(ids.split()) for e, ids in effects.items()} for s, effects in RULES.items()}


def test_every_band_class_and_table_of_the_domain_is_there(shipped: PolicySet) -> None:
    assert {d.name for p in shipped.policies for d in p.definitions} == DEFINED


def test_quotas_and_guarantees_have_formulas_dates_and_shares_are_declared(shipped: PolicySet) -> None:
    formulas = {f.name for p in shipped.policies for f in p.formulas}
    assert formulas == {"annual_quota", "first_quarter_guarantee", "second_quarter_guarantee"}
    dates = {d.name: (d.anchor, d.days, d.business) for p in shipped.policies for d in p.deadlines}
    assert dates == {
        "introduction": ("move.announced_on", 5, True),
        "feedback": ("move.announced_on", 30, False),
        "coaching": ("move.effective", 90, False),
        "leaver_account": ("move.requested_on", 30, False),
        "hold_end": ("move.effective", 90, False),
        "rationale": ("rep.announced_on", 10, True),
    }
    [schedule] = [s for p in shipped.policies for s in p.schedules]
    assert schedule.anchor == "move.effective"
    kept = [(kind, [(s.through, s.original) for s in slices]) for kind, slices in schedule.shares]
    assert kept == [(kind, [(None, 100)]) for kind in ("rep", "manager", "overlay")]


def test_accounts_move_in_the_first_half_of_a_quarter(shipped: PolicySet) -> None:
    assert [(w.quarters, w.first, w.last) for w in shipped.calendar.windows] == [((1, 2, 3, 4), 1, 45)]


def test_what_few_companies_measure_is_reported_and_changes_no_answer(shipped: PolicySet) -> None:
    """A report concludes nothing, so that a data set which nobody keeps leaves the other answers as they are."""
    reported = {r.id for r in shipped.rules() if r.mode is Mode.REPORT}
    health = {f"HC{n}" for n in range(1, 9)} | {f"HT{n}" for n in range(1, 10)}
    reviews = {"RV6", "RV7", "RV12"}
    assert reported == health | reviews | {"TU", "N4", "TA18", "TA24", "R16", "M2", "G08", "G09", "CP3", "Q1", "Q2"}
    assert {r.id for r in shipped.rules() if r.mode is Mode.REPORT and not r.assumption} == set()


def test_a_date_alone_never_rebalances(shipped: PolicySet) -> None:
    """The calendar is no trigger: what reads nothing but an age ends at a review."""
    aged = [r for r in shipped.rules(RuleKind.TRIGGER) if r.when and set(r.when.fields) == {"territory.age_months"}]
    assert {r.id: r.effect for r in aged} == {"N4": Effect.REVIEW, "TA18": Effect.WATCH, "TA24": Effect.REVIEW}


def test_every_rule_has_a_severity_an_owner_and_a_tag(shipped: PolicySet) -> None:
    assert [r.id for r in shipped.rules() if not (r.owner and r.tags)] == []
    assert {r.id for r in shipped.rules() if r.severity is Severity.CRITICAL} == {"R17", "R18", "R19"}


def test_every_parameter_has_a_title(shipped: PolicySet) -> None:
    assert [p.name for p in shipped.parameters().values() if not p.title] == []


def test_who_must_approve_and_who_may_waive(shipped: PolicySet) -> None:
    roles = {r.id: r.roles for r in shipped.rules() if r.effect is Effect.REQUIRE_APPROVAL}
    assert roles["R03"] == ("vp-sales",)
    assert roles["R07"] == ("giving-manager", "receiving-manager")
    assert roles["R08"] == ("sales-ops",)
    assert roles["R15"] == ("vp-sales",)
    waivable = {r.id for r in shipped.rules() if r.waivable_by}
    assert waivable == {"R02", "R05", "R09", "R10", "R14", "GV01", "GV02", "GV03", "GV04", "GV22"}
    # Separation of duties, and what the law asks for, are never waived.
    assert waivable & {"R17", "R19"} == set()


def test_each_non_trigger_defeats_what_the_domain_names(shipped: PolicySet) -> None:
    found = {r.id: set(r.defeats) for r in shipped.rules(RuleKind.NON_TRIGGER)}
    assert found == {"N1": {"T1"}, "N1q": {"T1q"}, "N2": {"T1", "T1q"}, "N3": {"TR"}}


def test_a_leaver_a_merger_and_bad_data_wait_for_no_window_and_nothing_else_is_an_exception(shipped: PolicySet) -> None:
    found = {r.id: r.defeats for r in shipped.rules() if r.defeats and r.kind is not RuleKind.NON_TRIGGER}
    assert found == {"R11x": ("R11",), "R18x": ("R18",)}


def test_a_house_decision_says_so(shipped: PolicySet) -> None:
    """Rules of engagement are ours but for what a plan or a checklist gives whole; so is how non-triggers decide."""
    silent = {r.id for r in shipped.rules() if not r.assumption}
    given = {"R12", "R25", "R25h", "OB2", "OB4", "OB5", "OB6"}
    ours = {r.id for r in shipped.rules(RuleKind.ENGAGEMENT)} - given
    ours |= {
        "T1g",
        "T2",
        "T5",
        "T7",
        "T8",
        "N4",
        "G07",
        "G08",
        "G09",
        "G10",
        "CP3",
        "N1",
        "N1q",
        "N2",
        "N3",
        "T3",
        "T4",
        "TR",
        "B1",
        "B1c",
        "B1r",
        "BM2",
        "G03",
        "CP1",
        "CP2",
    }
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
    assert {r.group for r in shipped.rules(RuleKind.INDICATOR) if r.subject is Subject.TERRITORY} == {"balance"}
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
