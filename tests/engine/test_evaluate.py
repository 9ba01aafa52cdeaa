"""A batch is judged as each of its subjects alone would be, whatever stands beside it and in whatever order."""

from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.conditions.condition_case import value_of
from engine.database import Database
from engine.evaluate import Standing, evaluate, question_of
from engine.fact_frames import frame_of
from engine.facts import Facts
from engine.inference.ladders import logic_of
from engine.inference.logic import Conclusion, Pattern, Truth
from rules.kinds import Value
from rules.model.policy import PolicySet
from rules.problem import BadInput
from rules.reading.load import load_policies
from rules.vocabulary import Subject, fields_of
from tests.engine.asking import DAY, Cases, asked, policy
from tests.engine.inference_oracle import expected

ENGAGEMENT = "kind: engagement, subject: move"
RULES = (
    f"id: D, {ENGAGEMENT}, effect: deny, waivable: by vp, when: account.named",
    f"id: H, {ENGAGEMENT}, effect: hold, waivable: by vp, when: account.late_deals > few",
    f"id: A, {ENGAGEMENT}, effect: require_approval, roles: [giving, ops], when: account.strategic_anchor",
    f"id: O, {ENGAGEMENT}, effect: require, obligation: call, when: account.named || account.strategic_anchor",
    (f"id: X, {ENGAGEMENT}, effect: advise, obligation: look, defeats: [D, A], "
    "when: has(move.reason) && move.reason == \"leaver\""),
)  # fmt: skip
PARAMETERS = "{few: {unit: count, values: {2026-01-01: {value: 2, source: s}}}}"
POLICIES = policy(*RULES, parameters=PARAMETERS)

CASE = st.fixed_dictionaries(
    {
        "account.named": st.none() | st.booleans(),
        "account.late_deals": st.none() | st.integers(1, 3),
        "account.strategic_anchor": st.none() | st.booleans(),
        "move.reason": st.none() | st.sampled_from(("leaver", "rebalance")),
    }
)
NAMES = ("a", "b", "c", "d", "e")
CASES = st.dictionaries(st.sampled_from(NAMES), CASE, min_size=1)
WAIVERS = st.frozensets(st.tuples(st.sampled_from(("W-1", "W-2")), st.sampled_from(("D", "H", "A", "gone"))))
STANDING = st.builds(
    Standing,
    st.dictionaries(st.sampled_from((*NAMES, "z")), WAIVERS),
    st.dictionaries(st.sampled_from((*NAMES, "z")), st.frozensets(st.sampled_from(("giving", "ops", "clown")))),
)


def conclusions(policies: PolicySet, cases: Cases, standing: Standing) -> dict[str, Conclusion]:
    with asked(policies, cases, standing=standing) as evaluation:
        return dict(evaluation.by_subject())


@settings(max_examples=20, deadline=None)
@given(CASES, STANDING)
def test_a_batch_is_judged_as_each_subject_alone(cases: Cases, standing: Standing) -> None:
    batch = conclusions(POLICIES, cases, standing)
    assert batch == {s: conclusions(POLICIES, {s: case}, standing)[s] for s, case in cases.items()}


@settings(max_examples=60, deadline=None)
@given(CASES, STANDING)
def test_a_conclusion_is_what_conditions_judged_case_by_case_and_plain_logic_say(
    cases: Cases, standing: Standing
) -> None:
    """Waivers name the rules that allow them: D and H."""
    logic = logic_of(POLICIES.rules())
    for subject, conclusion in conclusions(POLICIES, cases, standing).items():
        truths = {r.id: value_of(r.when, cases[subject], {"few": 2}) for r in POLICIES.rules() if r.when}
        found = {(r, Truth.TRUE if t else Truth.UNKNOWN) for r, t in truths.items() if t is not False}
        waived = {(w, r) for w, r in standing.waived.get(subject, ()) if r in {"D", "H"}}
        approved = standing.approved.get(subject, frozenset())
        assert conclusion == expected(logic, Pattern(frozenset(found), frozenset(waived), approved))


@settings(max_examples=20, deadline=None)
@given(CASES, STANDING, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_of_rules_never_matters(cases: Cases, standing: Standing, random: Random) -> None:
    rows, rules = list(cases.items()), list(RULES)
    random.shuffle(rows)
    random.shuffle(rules)
    other = policy(*rules, parameters=PARAMETERS)
    assert conclusions(other, dict(rows), standing) == conclusions(POLICIES, cases, standing)


@settings(max_examples=20, deadline=None)
@given(CASES, STANDING)
def test_a_rule_that_never_fires_changes_nothing(cases: Cases, standing: Standing) -> None:
    more = policy(*RULES, f"id: Z, {ENGAGEMENT}, effect: deny, when: account.late_deals > 9 && account.named && "
                  "!account.named", parameters=PARAMETERS)  # fmt: skip
    known = {s: {**c, "account.late_deals": c["account.late_deals"] or 1} for s, c in cases.items()}
    assert conclusions(more, known, standing) == conclusions(POLICIES, known, standing)


@settings(max_examples=20, deadline=None)
@given(CASES, STANDING)
def test_what_is_said_of_one_subject_changes_that_one_alone(cases: Cases, standing: Standing) -> None:
    silent = Standing({}, {})
    said, unsaid = conclusions(POLICIES, cases, standing), conclusions(POLICIES, cases, silent)
    assert {s: c for s, c in said.items() if s not in standing.subjects} == {
        s: c for s, c in unsaid.items() if s not in standing.subjects
    }


def test_alike_subjects_share_one_conclusion_and_letters_are_in_order_of_subject() -> None:
    case: dict[str, Value | None] = {
        "account.named": True, "account.late_deals": 0, "account.strategic_anchor": False,
    }  # fmt: skip
    with asked(POLICIES, {"b": case, "a": case, "c": {}}) as evaluation:
        assert evaluation.letters() == [("a", "tfftf"), ("b", "tfftf"), ("c", "uuuuf")]
        found = evaluation.by_subject()
        assert found["a"] is found["b"]
        assert len(evaluation.conclusions) == 2


def test_an_absent_input_makes_its_facts_unknown_even_where_a_column_has_values() -> None:
    case: dict[str, Value | None] = {"account.named": True, "move.reason": "leaver"}
    with asked(POLICIES, {"a": case}, missing={"account.named": ("accounts.named",)}) as evaluation:
        assert dict(evaluation.pattern("a", evaluation.letters()[0][1]).found)["D"] is Truth.UNKNOWN


DATED = """\
policy: p
title: t
owner: o
parameters:
  few: {unit: count, values: {2026-01-01: {value: 2, source: s}, 2026-06-01: {value: 5, source: s}}}
rules:
  - {id: H, title: t, kind: engagement, subject: move, effective: {from: 2025-01-01}, effect: hold,
     when: account.late_deals > few, message: m, source: s}
"""


@pytest.mark.parametrize(
    ("day", "letter"),
    [
        (date(2025, 12, 31), "u"),
        (date(2026, 1, 1), "t"),
        (date(2026, 5, 31), "t"),
        (date(2026, 6, 1), "f"),
    ],
)
def test_a_verdict_reads_the_parameters_of_its_day_and_before_the_first_value_it_is_unknown(
    day: date, letter: str
) -> None:
    policies = load_policies([("p.yaml", DATED)])
    fields = fields_of(Subject.MOVE)
    with Database() as db:
        frame_of(db, "cases", fields, [("a", {"account.late_deals": 3})])
        facts = Facts(Subject.MOVE, "cases", frozenset(), {})
        evaluation = evaluate(db, question_of(policies, policies.rules(), fields, day), facts)
        assert evaluation.letters() == [("a", letter)]


def test_without_a_rule_in_force_there_is_no_answer() -> None:
    fields = fields_of(Subject.MOVE)
    with Database() as db:
        frame_of(db, "cases", fields, [("a", {})])
        facts = Facts(Subject.MOVE, "cases", frozenset(), {})
        with pytest.raises(BadInput, match="policies: no rule on a move is in force on 2026-06-30"):
            evaluate(db, question_of(POLICIES, (), fields, DAY), facts)


def test_rules_whose_defeats_go_round_in_a_circle_are_refused() -> None:
    circle = policy(
        f"id: A, {ENGAGEMENT}, effect: deny, defeats: [B], when: account.named",
        f"id: B, {ENGAGEMENT}, effect: hold, defeats: [A], when: account.named",
    )
    with pytest.raises(BadInput, match="`A`"), asked(circle, {"a": {}}):
        pass
