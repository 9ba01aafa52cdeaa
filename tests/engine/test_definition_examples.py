"""Examples of definitions and formulas are tried like those of rules: definitions in SQL and in Python, which agree."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.conditions.condition_case import value_of
from engine.conditions.truth import truth_table
from engine.database import Database
from engine.examples import Tried, try_examples
from engine.explain import outcomes
from engine.fact_frames import frame_of
from rules.expression.lowering import compared, literal
from rules.expression.term import Op
from rules.kinds import Kind, Unit, Value
from rules.model.definition import Definition, HitPolicy
from rules.vocabulary import Subject, fields_of
from tests.engine.asking import asked
from tests.rules.declaring import definition_of, loaded, rule

NOTICE = """\
parameters:
  much:
    unit: money
    values: {2026-01-01: {value: 1000, source: s}, 2026-07-01: {value: 2000, source: s}}
    overrides: [{region: [EMEA], values: {2026-01-01: {value: 10, source: s}}}]
tables:
  - name: notice
    subject: move
    hit: priority
    inputs: [account.size_segment, account.t12]
    unit: days
    priority: [56, 28, 14]
    otherwise: 7
    source: s
    rows:
      - {if: ['"SMB"', '-'], then: 14}
      - {if: ['"enterprise", "mid-market"', '-'], then: 28}
      - {if: ['-', '> much'], then: 56}
    examples:
"""


def tried(example: str, text: str = NOTICE) -> Tried:
    (found,) = try_examples(loaded(f"{text}      - {{name: n, {example}}}\n"))
    return found


@pytest.mark.parametrize(
    ("given", "expect", "answer"),
    [
        ("{account.size_segment: SMB, account.t12: 1}", "14", "14 days"),
        ("{account.size_segment: SMB, account.t12: 1500}", "14", "14 days"),  # the latest value of the parameter
        ("{account.size_segment: SMB, account.t12: 2001}", "56", "56 days"),
        ("{account.size_segment: none, account.t12: 1}", "7", "7 days"),
        ("{account.t12: 2001}", "56", "56 days"),
        ("{account.size_segment: SMB}", "null", "unknown"),
        ("{account.size_segment: SMB, account.t12: 11, account.region: EMEA}", "56", "56 days"),
    ],
)
def test_an_example_of_a_table_holds_where_it_answers_so(given: str, expect: str, answer: str) -> None:
    found = tried(f"given: {given}, expect: {expect}")
    assert (found.name, found.answer, found.agrees, found.holds) == ("notice", answer, True, True)
    other = tried(f"given: {given}, expect: 99")
    assert (other.expected, other.holds) == ("99 days", False)


def test_an_example_may_name_its_day_and_its_parameters() -> None:
    assert tried("at: 2026-06-30, given: {account.size_segment: SMB, account.t12: 1500}, expect: 56").holds
    assert tried("parameters: {much: 3}, given: {account.size_segment: SMB, account.t12: 4}, expect: 56").holds
    emea = "given: {account.size_segment: SMB, account.t12: 4, account.region: EMEA}, expect: 56"
    assert tried(f"parameters: {{'much[EMEA]': 3}}, {emea}").holds
    assert not tried(f"parameters: {{much: 3}}, {emea}").holds


RATIO = """\
derive:
  - name: share_kept
    subject: rep
    unit: percent
    source: s
    cases: [{when: rep.asked_for_it, value: 100}, {when: rep.base_months > 3, formula: rep.t12_reduction}]
    otherwise: 12.5
    examples:
"""


@pytest.mark.parametrize(
    ("given", "expect", "answer"),
    [
        ("{rep.asked_for_it: true}", "100", "100.00 %"),
        ("{rep.asked_for_it: false, rep.base_months: 4, rep.t12_reduction: 33.3}", "33.3", "33.30 %"),
        ("{rep.asked_for_it: false, rep.base_months: 3}", "12.5", "12.50 %"),
        ("{rep.asked_for_it: false, rep.base_months: 4}", "null", "unknown"),
    ],
)
def test_a_ratio_is_tried_in_sql_too(given: str, expect: str, answer: str) -> None:
    found = tried(f"given: {given}, expect: {expect}", RATIO)
    assert (found.answer, found.holds) == (answer, True)


FORMULA = """\
formulas:
  - name: pay
    title: t
    subject: rep
    source: s
    lines:
      - {name: half, formula: 'divide(rep.base_earnings, 2)', text: t, round: down}
      - {name: kept, formula: 'max(half, money("10"))', text: t}
    examples:
"""


def test_a_formula_is_tried_on_the_lines_that_an_example_expects_something_of() -> None:
    last = tried("given: {rep.base_earnings: 10.01}, expect: 10", FORMULA)
    assert (last.name, last.expected, last.answer, last.holds) == ("pay", "10.00", "10.00", True)
    both = tried("given: {rep.base_earnings: 30.01}, expect: {half: 15, kept: 15.01}", FORMULA)
    assert (both.expected, both.answer, both.holds) == ("half 15.00, kept 15.01", "half 15.00, kept 15.00", False)
    assert tried("expect: {half: null, kept: null}", FORMULA).holds


def test_an_example_of_a_bound_rule_gives_the_region() -> None:
    given = "given: {{account.named: true, account.region: {region}}}"
    examples = ", ".join(
        f"{{name: in {region}, {given.format(region=region)}, expect: {expect}}}"
        for region, expect in (("EMEA", "fires"), ("APAC", "silent"), ("null", "silent"))
    )
    text = rule(f"kind: engagement, subject: move, effect: deny, when: account.named, examples: [{examples}]")
    assert [t.holds for t in try_examples(loaded(f"rules:\n{text}bindings: [{{rules: [R], region: [EMEA]}}]\n"))] == [
        True, True, True,
    ]  # fmt: skip


def test_an_example_gives_a_list_as_a_list() -> None:
    when = "\"'state X' in to_rep.licences\""
    examples = "[{name: n, given: {to_rep.licences: [state X, state Y]}, expect: fires}, {name: m, expect: unknown}]"
    text = rule(f"kind: engagement, subject: move, effect: deny, when: {when}, examples: {examples}")
    assert [t.holds for t in try_examples(loaded("rules:\n" + text))] == [True, True]


FACTS = ("account.named", "to_rep.active", "account.late_deals")
CELLS = ("-", "true", "false"), ("-", "not(true)", "true, false"), ("-", "> 2", "[1..3)", "not(2, 5)", "2")


def table_of(hit: HitPolicy, rows: list[tuple[str, str, str, int]]) -> Definition:
    lines = "".join(f"      - {{if: ['{a}', '{b}', '{c}'], then: {then}}}\n" for a, b, c, then in rows)
    thens = list(dict.fromkeys(then for *_, then in rows))
    more = "" if hit is HitPolicy.COUNT else "    otherwise: 77\n"
    more += f"    priority: {thens}\n" if hit is HitPolicy.PRIORITY else ""
    return definition_of(
        f"tables:\n  - name: t\n    subject: move\n    hit: {hit.value}\n    unit: count\n    source: s\n{more}"
        f"    inputs: [{', '.join(FACTS)}]\n    rows:\n{lines}"
    )


@given(
    st.sampled_from(HitPolicy),
    st.lists(st.tuples(*(st.sampled_from(cells) for cells in CELLS), st.integers(0, 3)), min_size=1, max_size=6),
)
@settings(max_examples=15, deadline=None)
def test_sql_and_python_answer_a_table_alike_on_every_case(
    hit: HitPolicy, rows: list[tuple[str, str, str, int]]
) -> None:
    definition = table_of(hit, rows)
    truths, numbers = (True, False, None), (0, 1, 2, 3, 5, None)
    cases: list[tuple[str, dict[str, Value | None]]] = [
        (f"{a}{b}{c}", dict(zip(FACTS, (a, b, c), strict=True))) for a in truths for b in truths for c in numbers
    ]
    answers = [value_of(definition.checked, case, {}) for _, case in cases]
    asked = sorted({a for a in answers if isinstance(a, int)})
    node = definition.checked.node
    conditions = [
        (str(n), replace(definition.checked, node=compared(Op.EQUAL, node, literal(n, Unit.COUNT, 0)), kind=Kind.BOOL))
        for n in asked
    ]
    with Database() as db:
        fields = {n: f for n, f in fields_of(Subject.MOVE).items() if n in FACTS}
        frame_of(db, "cases", fields, cases)
        truth_table(db, "cases", conditions, {}, frozenset(), "answers")
        patterns = dict(db.rows("SELECT subject_id, pattern FROM answers"))
    for (subject, _), answer in zip(cases, answers, strict=True):
        expected = "".join("u" if answer is None else "t" if answer == n else "f" for n in asked)
        assert patterns[subject] == expected


PLACES = """\
parameters:
  kept:
    unit: text
    values: {2026-01-01: {value: [A], source: s}}
    overrides: [{region: [EMEA], values: {2026-01-01: {value: [B, C], source: s}}}]
derive:
  - name: kind
    subject: move
    source: s
    cases: [{when: account.tier in kept, value: kept here}]
    otherwise: no
    examples:
"""


@pytest.mark.parametrize(
    ("given", "expect"),
    [
        ("{account.tier: B, account.region: EMEA}", "kept here"),
        ("{account.tier: A, account.region: EMEA}", "no"),
        ("{account.tier: A}", "kept here"),
        ("{account.tier: B, account.region: APAC}", "no"),
        ("{account.region: EMEA}", "null"),
    ],
)
def test_a_list_has_other_items_where_an_override_says_so(given: str, expect: str) -> None:
    assert tried(f"given: {given}, expect: {expect}", PLACES).holds


@pytest.mark.parametrize(
    ("region", "told"), [("EMEA", "high care: above 10.00 in EMEA"), (None, "high care: above 1,000.00 in none")]
)
def test_a_message_tells_derived_values_and_the_parameter_of_the_subjects_own_region(
    region: str | None, told: str
) -> None:
    text = NOTICE.partition("tables:")[0]
    text += "derive: [{name: care, subject: move, source: s, cases: [{when: account.named, value: high}]}]\nrules:\n"
    lines = "kind: engagement, subject: move, effect: deny, when: account.t12 > much"
    message = "'{care} care: above {much} in {account.region}'"
    policies = loaded(text + rule(lines).replace("message: m", f"message: {message}"))
    case: dict[str, Value | None] = {"account.named": True, "account.t12": 10**9, "account.region": region}
    case["account.size_segment"] = "SMB"
    with asked(policies, {"a": case}) as evaluation:
        (outcome,) = outcomes(evaluation)
    assert [fired.message for fired in outcome.fired] == [told]
