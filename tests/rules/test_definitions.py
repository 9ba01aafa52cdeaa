"""A name of the policies stands for one expression, over all files, and is used like a fact."""

from datetime import date
from fractions import Fraction

import pytest

from engine.conditions.condition_case import value_of
from rules.kinds import Kind, Unit, Value
from rules.model.definition import Origin
from rules.reading.load import example_problems
from rules.vocabulary import Subject
from tests.rules.declaring import definition_of, loaded, rule, told

RENEWING = """\
parameters:
  soon: {unit: days, values: {2026-01-01: {value: 60, source: s}}}
conditions:
  - name: renewing
    subject: move
    when: has(account.contract_end) && account.contract_end < move.effective + soon
    source: handbook
"""
CARE = """\
derive:
  - name: account.care
    subject: move
    cases:
      - {when: account.named, value: high}
      - {when: 'account.tier == "A"', value: high}
      - {when: account.late_deals > 3, value: null}
    otherwise: plain
    assumption: who needs care
"""


def test_a_condition_is_used_by_rules_and_brings_its_facts_and_parameters() -> None:
    policies = loaded(RENEWING + "rules:\n" + rule("kind: engagement, subject: move, effect: deny, when: renewing"))
    (found,) = policies.rules()
    assert found.when is not None
    assert (found.when.fields, found.when.parameters) == (("account.contract_end", "move.effective"), ("soon",))
    parameters = {"soon": 60}
    case: dict[str, Value | None] = {"move.effective": date(2026, 6, 30)}
    assert value_of(found.when, {**case, "account.contract_end": date(2026, 8, 28)}, parameters) is True
    assert value_of(found.when, {**case, "account.contract_end": date(2026, 8, 29)}, parameters) is False
    assert value_of(found.when, case, parameters) is False


def test_a_definition_keeps_where_it_stands_and_what_it_rests_on() -> None:
    found = definition_of(RENEWING)
    assert (found.name, found.subject, found.origin, found.source) == (
        "renewing", Subject.MOVE, Origin.CONDITION, "handbook",
    )  # fmt: skip
    assert str(found.place) == "0.yaml:7:11"
    assert found.checked.kind is Kind.BOOL


@pytest.mark.parametrize(
    ("named", "tier", "deals", "answer"),
    [
        (True, None, None, "high"),
        (False, "A", None, "high"),
        (False, "B", 4, None),  # a case may say that nobody knows
        (False, "B", 3, "plain"),
        (None, "A", 0, None),  # what comes first is unknown, even where both answer the same
        (False, None, 0, None),
    ],
)
def test_the_first_true_case_answers_and_an_unknown_one_before_it_leaves_the_answer_unknown(
    named: bool | None, tier: str | None, deals: int | None, answer: str | None
) -> None:
    case = {"account.named": named, "account.tier": tier, "account.late_deals": deals}
    assert value_of(definition_of(CARE).checked, case, {}) == answer


def test_without_otherwise_no_true_case_is_unknown() -> None:
    found = definition_of(CARE.replace("    otherwise: plain\n", ""))
    case: dict[str, Value | None] = {"account.named": False, "account.tier": "B", "account.late_deals": 0}
    assert value_of(found.checked, case, {}) is None


def test_a_case_may_answer_with_an_expression_that_its_condition_guards() -> None:
    found = definition_of(
        """\
derive:
  - name: last_day
    subject: move
    unit: date
    cases:
      - {when: '!has(account.contract_end)', formula: move.effective}
      - {when: account.contract_end > move.effective, formula: account.contract_end + days(1)}
    source: s
"""
    )
    assert (found.checked.kind, found.checked.unit) == (Kind.DATE, Unit.DATE)
    effective, end = date(2026, 1, 1), date(2026, 3, 1)
    assert value_of(found.checked, {"move.effective": effective}, {}) == effective
    assert value_of(found.checked, {"move.effective": effective, "account.contract_end": end}, {}) == date(2026, 3, 2)


def test_more_cases_than_an_expression_is_deep_answer_as_a_few_do() -> None:
    cases = "".join(f"      - {{when: account.late_deals < {10 * i}, value: {i}}}\n" for i in range(1, 121))
    found = definition_of(
        "derive:\n  - name: step\n    subject: move\n    unit: count\n    source: s\n"
        f"    cases:\n{cases}    otherwise: 999\n"
    )
    for deals in (0, 9, 10, 599, 600, 1199, 1200, 10**6):
        assert value_of(found.checked, {"account.late_deals": deals}, {}) == (deals // 10 + 1 if deals < 1200 else 999)
    assert value_of(found.checked, {}, {}) is None


BAND = """\
parameters:
  low_water: {unit: percent, values: {2026-01-01: {value: 80, source: s}}}
  high_water: {unit: percent, values: {2026-01-01: {value: 120, source: s}}}
bands:
  - {name: attainment_band, of: territory.attainment, low: low_water, high: high_water, source: s}
"""


@pytest.mark.parametrize(
    ("percent", "answer"), [(79, "low"), (80, "in"), (100, "in"), (120, "in"), (121, "high"), (None, None)]
)
def test_both_ends_belong_to_the_band(percent: int | None, answer: str | None) -> None:
    found = definition_of(BAND)
    given = {"territory.attainment": None if percent is None else Fraction(percent, 100)}
    parameters = {"low_water": Fraction(80, 100), "high_water": Fraction(120, 100)}
    assert found.subject is Subject.TERRITORY
    assert value_of(found.checked, given, parameters) == answer


def test_a_band_may_have_one_end() -> None:
    text = BAND.replace(", high: high_water", "")
    found = definition_of(text)
    parameters = {"low_water": Fraction(80, 100)}
    assert value_of(found.checked, {"territory.attainment": Fraction(9)}, parameters) == "in"


def test_a_fact_that_may_be_none_is_in_no_band_where_it_is() -> None:
    found = definition_of("bands:\n  - {name: b, of: opportunity.amount, low: 'money(\"5\")', source: s}\n")
    assert value_of(found.checked, {"opportunity.amount": 499}, {}) == "low"
    assert value_of(found.checked, {}, {}) is None


def test_definitions_use_each_other_in_any_order_and_over_all_files() -> None:
    first = "conditions:\n  - {name: both, subject: move, when: '!renewing || account.care == \"high\"', source: s}\n"
    policies = loaded(first, RENEWING, CARE)
    both = next(d for d in policies.definitions() if d.name == "both")
    assert value_of(both.checked, {"account.named": True}, {}) is True
    assert {d.name for d in policies.definitions(Subject.MOVE)} == {"both", "renewing", "account.care"}


def test_a_circle_is_refused_by_its_names_and_nobody_who_uses_one_of_them_is_told_again() -> None:
    text = """\
conditions:
  - {name: a, subject: move, when: b || account.named, source: s}
  - {name: b, subject: move, when: '!c', source: s}
  - {name: c, subject: move, when: a && account.named, source: s}
  - {name: d, subject: move, when: d, source: s}
  - {name: e, subject: move, when: a, source: s}
"""
    assert told(text + "rules:\n" + rule("kind: engagement, subject: move, effect: deny, when: b && e")) == [
        "0.yaml:5:12: `a` is defined by itself\n  hint: `a` → `b` → `c` → `a`",
        "0.yaml:6:12: `b` is defined by itself\n  hint: `b` → `c` → `a` → `b`",
        "0.yaml:7:12: `c` is defined by itself\n  hint: `c` → `a` → `b` → `c`",
        "0.yaml:8:12: `d` is defined by itself\n  hint: `d` → `d`",
    ]


def test_a_definition_is_known_on_its_own_subject_alone() -> None:
    text = (
        RENEWING
        + "rules:\n"
        + rule(
            "kind: protection, subject: rep, when: renewing, lines: [{name: a, formula: rep.base_earnings, text: t}]"
        )
    )
    (problem,) = told(text)
    assert "unknown" in problem
    assert "`renewing`" in problem


def test_a_name_in_quotes_is_no_use_of_it() -> None:
    text = "conditions:\n  - {name: a, subject: move, when: account.tier == \"a\" || account.tier == 'a', source: s}\n"
    assert definition_of(text).name == "a"


def test_definitions_that_double_each_other_are_refused_before_they_are_too_large() -> None:
    doubled = "".join(
        f"  - {{name: d{i}, subject: move, source: s, when: '(d{i - 1} || account.named) && d{i - 1}'}}\n"
        for i in range(1, 20)
    )
    problems = told(f"conditions:\n  - {{name: d0, subject: move, when: account.named, source: s}}\n{doubled}")
    assert problems
    assert all("too large" in problem for problem in problems)


MISTAKEN = """\
conditions:
  - {name: c, subject: move, when: account.t12, source: s}
  - {name: silent, subject: move, when: account.named}
derive:
  - name: d
    subject: move
    unit: count
    cases:
      - {when: account.late_deals, value: 1}
      - {when: account.named, value: one}
      - {when: account.named, formula: account.t12}
      - {when: account.named}
      - {when: account.named, value: 1, formula: account.late_deals}
    otherwise: many
    source: s
    examples:
      - {name: n, given: {acount.tier: A}, parameters: {lmit: 3}, expect: two}
      - {name: n, expect: {d: 1}}
bands:
  - {name: b, of: account.teir, low: x, source: s}
  - {name: e, of: territory.attainment, source: s}
  - {name: f, of: territory.attainment, low: 'money("5")', high: hihg, source: s}
  - {name: g, of: company.open_mergers, low: '1', source: s}
"""
TOLD = """\
0.yaml:5:36: a condition must be true or false; found `money`
0.yaml:6:5: `silent` does not say where it comes from; expected `source:` or `assumption:`
0.yaml:12:16: a condition must be true or false; found `count`
0.yaml:13:38: not a whole number; found `one`
0.yaml:14:40: not of the unit of the answer; found `money`; expected `count`
0.yaml:15:9: a case answers one thing; expected either `value:` or `formula:`
0.yaml:16:9: a case answers one thing; expected either `value:` or `formula:`
0.yaml:17:16: not a whole number; found `many`
0.yaml:20:27: unknown fact `acount.tier`
  hint: did you mean `account.tier`?
0.yaml:20:57: unknown parameter `lmit`
0.yaml:20:75: not a whole number; found `two`
0.yaml:21:27: `d` has one value; expected the value, or null for unknown
0.yaml:23:19: unknown fact `account.teir`
  hint: did you mean `account.tier`?
0.yaml:23:38: unknown parameter `x`
0.yaml:24:5: band `e` has no end; expected `low:`, `high:` or both
0.yaml:25:46: cannot compare `territory.attainment` (ratio) with `money("5")` (money)
0.yaml:25:66: unknown parameter `hihg`"""


def test_every_mistake_in_a_definition_is_told_at_once_at_its_place() -> None:
    assert [line for p in told(MISTAKEN) for line in p.splitlines()] == TOLD.splitlines()


def test_a_band_on_a_fact_of_several_subjects_is_on_the_facts_own_or_says_which() -> None:
    own = "bands:\n  - {name: b, of: company.open_mergers, low: '1', source: s}\n"
    assert definition_of(own).subject is Subject.COMPANY
    assert definition_of(own.replace("low:", "subject: move, low:")).subject is Subject.MOVE


def test_a_value_that_is_worked_out_needs_an_example_and_a_condition_does_not() -> None:
    lines = "[{name: a, formula: rep.base_earnings, text: t}]"
    formula = f"formulas:\n  - {{name: f, title: t, subject: rep, source: s, lines: {lines}}}\n"
    named = [p.message for p in example_problems(loaded(RENEWING, CARE, formula, BAND))]
    assert named == ["`account.care` has no example for it", "`f` has no example for it"]


def test_a_band_on_no_fact_is_told_once_however_often_it_is_used() -> None:
    text = "bands:\n  - {name: b, of: account.teir, low: '1', source: s}\nrules:\n"
    assert told(text + rule("kind: engagement, subject: move, effect: deny, when: 'b == \"low\"'")) == [
        "0.yaml:5:19: unknown fact `account.teir`\n  hint: did you mean `account.tier`?"
    ]
    ambiguous = text.replace("account.teir", "account.region").replace("rules:\n", "")
    assert "band `b` needs `subject:`; expected `move` or `opportunity`" in told(ambiguous)[0]
