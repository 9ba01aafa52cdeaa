"""Why: every rule that fired, the facts it saw, where its numbers come from, and what nobody knows."""

from datetime import date
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.evaluate import Evaluation, Standing
from engine.explain import Counted, case_of, explained, missing_inputs, outcome_of, outcomes, outcomes_and_cases
from engine.facts import Facts
from engine.inference.logic import Truth
from engine.moves import check_moves
from engine.outcome import Fired, Input
from rules.kinds import Value
from rules.model.policy import PolicySet
from rules.reading.load import load_policies
from rules.vocabulary import Subject
from tests.engine.asking import asked, policy
from tests.engine.conftest import Loaded

MOVES = load_policies(
    [
        (
            "moves.yaml",
            """\
policy: moves
title: t
owner: o
parameters:
  rest: {unit: days, values: {2026-01-01: {value: 180, assumption: two quarters}}}
  grace: {unit: days, values: {2026-01-01: {value: 30, source: handbook}}}
  unheard: {unit: count, values: {2030-01-01: {value: 1, source: handbook}}}
rules:
  - id: R2
    title: cooldown
    kind: engagement
    subject: move
    effective: {from: 2026-01-01}
    when: has(account.last_moved_on) && move.effective < account.last_moved_on + rest
    effect: deny
    waivable: by vp
    message: "{account.name} moved on {account.last_moved_on}; it rests for {rest}, not {unheard}"
    source: handbook
  - id: R5
    title: renewal
    kind: engagement
    subject: move
    effective: {from: 2026-01-01}
    when: has(account.contract_end) && move.effective <= account.contract_end
    effect: hold
    until: account.contract_end + grace
    message: "it ends on {account.contract_end}"
    source: handbook
  - id: R7
    title: books
    kind: engagement
    subject: move
    effective: {from: 2026-01-01}
    when: to_rep.utilisation_after > ratio("1.2") || account.t12 > money("50000")
    effect: require_approval
    roles: [ops]
    message: "utilisation {to_rep.utilisation_after}, T12 {account.t12}"
    source: handbook
""",
        )
    ]
)
EFFECTIVE = date(2026, 8, 3)
QUIET: dict[str, Value | None] = {
    "move.effective": EFFECTIVE, "to_rep.utilisation_after": Fraction(1), "account.t12": 0,
}  # fmt: skip


def fired_of(evaluation: Evaluation, subject: str = "A-1") -> dict[str, Fired]:
    outcome = outcome_of(evaluation, subject)
    assert outcome is not None
    return {fired.rule.id: fired for fired in outcome.fired}


def test_a_rule_that_fired_shows_its_facts_and_its_parameters_with_their_source() -> None:
    case = {**QUIET, "account.name": "Kiln & Co", "account.last_moved_on": date(2026, 3, 1)}
    with asked(MOVES, {"A-1": case}) as evaluation:
        (fired,) = fired_of(evaluation).values()
    assert (fired.rule.id, fired.truth, fired.standing, fired.missing) == ("R2", Truth.TRUE, "counts", ())
    assert fired.message == "Kiln & Co moved on 2026-03-01; it rests for 180 days, not unknown"
    assert fired.facts == (
        Input("account.last_moved_on", "2026-03-01", "day its owner last changed before this move"),
        Input("move.effective", "2026-08-03", "day the owner changes in the CRM"),
    )
    assert fired.parameters == (Input("rest", "180 days", "in force since 2026-01-01", "assumption: two quarters"),)


def test_a_hold_has_its_date_and_the_parameter_that_the_date_rests_on() -> None:
    with asked(MOVES, {"A-1": {**QUIET, "account.contract_end": date(2026, 9, 12)}}) as evaluation:
        (fired,) = fired_of(evaluation).values()
    assert fired.until == date(2026, 10, 12)
    assert fired.parameters == (Input("grace", "30 days", "in force since 2026-01-01", "handbook"),)


def test_an_unknown_rule_names_what_would_have_to_be_known() -> None:
    absent = {"account.contract_end": ("accounts.contract_end",), "account.t12": ("revenue.account", "periods")}
    with asked(MOVES, {"A-1": {"move.effective": EFFECTIVE}}, missing=absent) as evaluation:
        fired = fired_of(evaluation)
        outcome = outcome_of(evaluation, "A-1")
    assert {name: f.missing for name, f in fired.items()} == {
        "R5": ("no accounts.contract_end",),
        "R7": ("no value for to_rep.utilisation_after", "no revenue.account", "no periods"),
    }
    assert {f.truth for f in fired.values()} == {Truth.UNKNOWN}
    assert fired["R5"].until is None
    assert fired["R7"].message == "utilisation unknown, T12 unknown"
    assert outcome is not None
    assert outcome.is_unknown
    assert outcome.word == "hold"


def test_none_is_told_apart_from_unknown() -> None:
    rule = "id: R, kind: engagement, subject: move, effect: hold, when: '!has(move.evidence)'"
    with asked(policy(rule), {"A-1": {}}) as evaluation:
        (fired,) = fired_of(evaluation).values()
    assert [(i.name, i.shown) for i in fired.facts] == [("move.evidence", "none")]
    with asked(policy(rule), {"A-1": {}}, missing={"move.evidence": ("moves.evidence",)}) as evaluation:
        (fired,) = fired_of(evaluation).values()
    assert [(i.name, i.shown) for i in fired.facts] == [("move.evidence", "unknown")]


def test_a_waived_rule_is_still_told_with_its_waiver() -> None:
    case = {**QUIET, "account.last_moved_on": date(2026, 3, 1)}
    said = Standing({"A-1": frozenset({("W-1", "R2")})}, {})
    with asked(MOVES, {"A-1": case}, standing=said) as evaluation:
        fired = fired_of(evaluation)["R2"]
        outcome = outcome_of(evaluation, "A-1")
    assert fired.standing == "waived by W-1"
    assert fired.truth is Truth.TRUE
    assert outcome is not None
    assert (outcome.level, outcome.is_unknown) == ("allow", False)


COUNTED = policy(
    "id: B, kind: trigger, subject: territory, effect: rebalance, count: {group: g, at_least: 2}",
    "id: I1, kind: indicator, subject: territory, group: g, when: territory.named",
    "id: I2, kind: indicator, subject: territory, group: g, when: territory.driving_hours > 30",
    "id: I3, kind: indicator, subject: territory, group: g, when: territory.revenue_accounts > 3",
    "id: N, kind: non_trigger, subject: territory, defeats: [B], when: territory.t12 > money(\"5\")",
)  # fmt: skip
HOURS: dict[str, Value | None] = {"territory.driving_hours": 40, "territory.revenue_accounts": 1, "territory.t12": 0}


def test_a_count_is_told_with_its_indicators_and_with_what_unknown_ones_lack() -> None:
    cases: dict[str, dict[str, Value | None]] = {
        "two": {**HOURS, "territory.named": True},
        "maybe": {**HOURS, "territory.named": None},
        "one": {**HOURS, "territory.named": False},
    }
    with asked(COUNTED, cases) as evaluation:
        found = {s: {i: (f.truth.value, f.standing) for i, f in fired_of(evaluation, s).items()} for s in cases}
        lacking = fired_of(evaluation, "maybe")["B"].missing
        truths = {s: {e.rule.id: e.truth for e in explained(evaluation, s)}["B"] for s in cases}
    counted = "counted in g"
    assert found == {
        "two": {"B": ("true", "counts"), "I1": ("true", counted), "I2": ("true", counted)},
        "maybe": {"B": ("unknown", "counts"), "I1": ("unknown", counted), "I2": ("true", counted)},
        "one": {"I2": ("true", counted)},
    }
    assert lacking == ("no value for territory.named",)
    assert truths == {"two": True, "maybe": None, "one": False}


def test_a_rule_that_counts_tells_what_it_counted_and_every_rule_its_parameters_fired_or_not() -> None:
    with asked(COUNTED, {"maybe": {**HOURS, "territory.named": None}}) as evaluation:
        counted = {e.rule.id: e.counted for e in explained(evaluation, "maybe")}
    assert counted.pop("B") == Counted(2, ("I2",), ("I1",))
    assert set(counted.values()) == {None}
    with asked(MOVES, {"A-1": QUIET}) as evaluation:
        told = {e.rule.id: (e.truth, e.parameters) for e in explained(evaluation, "A-1")}
    assert told["R2"] == (False, (Input("rest", "180 days", "in force since 2026-01-01", "assumption: two quarters"),))


def test_a_list_is_told_item_by_item() -> None:
    licensed = policy("id: R, kind: engagement, subject: move, effect: deny, when: '\"lab\" in to_rep.licences'")
    case: dict[str, Value | None] = {"to_rep.licences": ("lab", "food")}  # type: ignore[dict-item]  # lists are facts
    with asked(licensed, {"A-1": case}) as evaluation:
        (fired,) = fired_of(evaluation).values()
        assert case_of(evaluation, "A-1")["to_rep.licences"] == ("lab", "food")
    assert [fact.shown for fact in fired.facts] == ["lab, food"]


def test_a_defeated_count_keeps_its_truth() -> None:
    cases: dict[str, dict[str, Value | None]] = {
        "true": {**HOURS, "territory.named": True, "territory.t12": 501},
        "unknown": {**HOURS, "territory.named": None, "territory.t12": 501},
    }
    with asked(COUNTED, cases) as evaluation:
        for subject, truth in (("true", Truth.TRUE), ("unknown", Truth.UNKNOWN)):
            fired = fired_of(evaluation, subject)["B"]
            assert (fired.truth, fired.standing) == (truth, "defeated by N")
            told = {e.rule.id: e.truth for e in explained(evaluation, subject)}["B"]
            assert told is (True if truth is Truth.TRUE else None)


def test_a_benefit_tells_the_parameters_of_its_arithmetic_and_no_amount_beside_it() -> None:
    policies = policy(
        "id: P, kind: protection, subject: rep, when: rep.asked_for_it, "
        "lines: [{name: total, formula: rep.base_earnings * months, text: t}]",
        parameters="{months: {unit: count, values: {2026-01-01: {value: 6, source: plan}}}}",
    )
    with asked(policies, {"E-1": {"rep.asked_for_it": True, "rep.base_earnings": 100}}) as evaluation:
        (fired,) = fired_of(evaluation, "E-1").values()
    assert [(p.name, p.source) for p in fired.parameters] == [("months", "plan")]
    assert [f.name for f in fired.facts] == ["rep.asked_for_it"]


CASE = st.fixed_dictionaries(
    {
        "move.effective": st.none() | st.dates(date(2026, 8, 1), date(2026, 8, 5)),
        "account.last_moved_on": st.none() | st.dates(date(2026, 2, 1), date(2026, 2, 9)),
        "account.contract_end": st.none() | st.dates(date(2026, 8, 1), date(2026, 8, 5)),
        "to_rep.utilisation_after": st.none() | st.fractions(1, 2, max_denominator=10),
        "account.t12": st.none() | st.integers(4_999_999, 5_000_001),
    }
)


@settings(max_examples=40, deadline=None)
@given(st.lists(CASE, min_size=1, max_size=4))
def test_clauses_agree_with_the_truth_table_and_a_missing_name_is_one_without_a_value(
    cases: list[dict[str, Value | None]],
) -> None:
    by_id = {f"A-{i}": case for i, case in enumerate(cases)}
    with asked(MOVES, by_id) as evaluation:
        for subject, letters in evaluation.letters():
            for told, letter in zip(explained(evaluation, subject), letters, strict=True):
                assert told.clause is not None
                assert told.truth == told.clause.value == {"t": True, "f": False, "u": None}[letter]
                assert bool(told.clause.missing) == (told.truth is None)
                assert all(by_id[subject][name] is None for name in told.clause.missing)


@settings(max_examples=40, deadline=None)
@given(st.lists(CASE, min_size=1, max_size=4))
def test_facts_come_back_exactly_and_outcomes_alone_are_those_of_all(cases: list[dict[str, Value | None]]) -> None:
    by_id = {f"A-{i}": case for i, case in enumerate(cases)}
    with asked(MOVES, by_id) as evaluation:
        found = list(outcomes_and_cases(evaluation))
        assert [outcome for outcome, _ in found] == list(outcomes(evaluation))
        assert [outcome for outcome, _ in found] == [outcome_of(evaluation, s) for s in sorted(by_id)]
        for outcome, case in found:
            assert case == case_of(evaluation, outcome.id)
            assert {name: case[name] for name in by_id[outcome.id]} == by_id[outcome.id]


def test_nobody_is_told_about_a_subject_that_is_not_there() -> None:
    with asked(MOVES, {"A-1": QUIET}) as evaluation:
        assert outcome_of(evaluation, "A-2") is None
        assert explained(evaluation, "A-2") == ()


def test_a_fact_is_missing_for_want_of_an_input_or_of_a_value() -> None:
    facts = Facts(Subject.MOVE, "f", frozenset({"account.t12"}), {"account.t12": ("revenue.account", "ownership")})
    assert missing_inputs(facts, "account.t12") == ("no revenue.account", "no ownership")
    assert missing_inputs(facts, "account.tier") == ("no value for account.tier",)


def test_every_fired_rule_of_the_sample_company_says_what_it_saw_or_what_is_missing(
    june: Loaded, shipped: PolicySet
) -> None:
    db, manifest = june
    for outcome in outcomes(check_moves(db, manifest, shipped, date(2026, 6, 30))):
        assert {f.rule.id for f in outcome.fired} >= {rule for rule, _ in outcome.conclusion.effective}
        for fired in outcome.fired:
            assert fired.facts
            assert "{" not in fired.message
            assert bool(fired.missing) == (fired.truth is Truth.UNKNOWN)
            assert all(p.source.removeprefix("assumption: ") for p in fired.parameters)
