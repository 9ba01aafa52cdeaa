"""A decision table answers as its hit policy says, and what is unknown counts as far as it could change the answer."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.conditions.condition_case import value_of
from rules.expression.check import Scope, compile_text
from rules.kinds import Kind, Value
from rules.model.definition import Definition, HitPolicy
from rules.reading.table import MAX_ROWS
from rules.vocabulary import Subject, fields_of
from tests.rules.declaring import definition_of, rule, told

Truth = bool | None


def table(*rows: str, hit: str = "first", inputs: str = "account.late_deals", more: str = "") -> str:
    lines = "".join(f"      - {row}\n" for row in rows)
    return (
        f"tables:\n  - name: t\n    subject: move\n    hit: {hit}\n    inputs: [{inputs}]\n    source: s\n{more}"
        f"    rows:\n{lines}"
    )


def answer(text: str, case: Mapping[str, Value | None]) -> Value | None:
    return value_of(definition_of(text).checked, case, {"few": 2})


@pytest.mark.parametrize(
    ("cell", "fitting", "unfit"),
    [
        ("5", [5], [4, 6]),
        (">= 5", [5, 6], [4]),
        ("> 5", [6], [5]),
        ("< 5", [4], [5]),
        ("<= 5", [5, 4], [6]),
        ("!= 5", [4, 6], [5]),
        ("== 5", [5], [4]),
        ("[1..5]", [1, 5], [0, 6]),
        ("[1..5)", [1, 4], [5]),
        ("(1..5]", [2, 5], [1, 6]),
        ("(1..5)", [2, 4], [1, 5]),
        ("( 1 + 1 .. few * 4 )", [3, 7], [2, 8]),
        ("1, 3, >= 10", [1, 3, 10], [2, 9]),
        ("[1..2], [5..6]", [1, 2, 5, 6], [0, 3, 4, 7]),
        ("not(1, 3)", [0, 2], [1, 3]),
        ("not( [1..3] )", [0, 4], [1, 2, 3]),
        ("few", [2], [3]),
        ("(few + 1)", [3], [2]),
        ("-1", [-1], [1]),
        ("-", [0, None], []),
    ],
)
def test_a_cell_fits_as_the_unary_tests_of_dmn_say(cell: str, fitting: list[int | None], unfit: list[int]) -> None:
    text = "parameters:\n  few: {unit: count, values: {2026-01-01: {value: 2, source: s}}}\n"
    text += table(f"{{if: ['{cell}'], then: fits}}", more="    otherwise: not\n")
    found = definition_of(text).checked
    for number in fitting:
        assert value_of(found, {"account.late_deals": number}, {"few": 2}) == "fits"
    for number in unfit:
        assert value_of(found, {"account.late_deals": number}, {"few": 2}) == "not"
    if fitting[-1] is not None:
        assert value_of(found, {}, {"few": 2}) is None


def test_a_cell_may_hold_text_with_the_signs_of_cells() -> None:
    text = table('{if: [\'"A, B", "not(..)"\'], then: fits}', inputs="account.tier", more="    otherwise: not\n")
    assert answer(text, {"account.tier": "A, B"}) == answer(text, {"account.tier": "not(..)"}) == "fits"
    assert answer(text, {"account.tier": "A"}) == "not"


def test_an_input_may_be_an_expression_and_a_truth() -> None:
    text = table(
        "{if: ['true', '> 2'], then: one}",
        "{if: ['false', '-'], then: two}",
        inputs="account.named || to_rep.active, account.late_deals + 1",
    )
    assert answer(text, {"account.named": True, "account.late_deals": 2}) == "one"
    assert answer(text, {"account.named": False, "to_rep.active": False}) == "two"


def test_a_list_parameter_in_a_cell_is_its_values() -> None:
    text = "parameters:\n  kept: {unit: text, values: {2026-01-01: {value: [A, B], source: s}}}\n" + table(
        "{if: [kept], then: fits}", inputs="account.tier", more="    otherwise: not\n"
    )
    found = definition_of(text).checked
    answers = [value_of(found, {"account.tier": tier}, {"kept": ("A", "B")}) for tier in ("A", "B", "C")]
    assert answers == ["fits", "fits", "not"]


def test_what_is_none_fits_only_the_cell_for_anything() -> None:
    text = table("{if: ['< date(\"2026-01-01\")'], then: old}", "{if: ['not(date(\"2027-01-01\"))'], then: other}",
                 "{if: ['-'], then: any}", inputs="account.contract_end")  # fmt: skip
    assert answer(text, {}) == "any"


UNIT = "    unit: count\n    otherwise: 1000\n"


def rows_of(truths: Sequence[Truth], thens: Sequence[int], hit: str, more: str) -> Definition:
    facts = ["account.named", "to_rep.active", "to_rep.quota_carrying", "account.family_split"]
    rows = []
    for i, then in enumerate(thens):
        cells = ", ".join("'true'" if j == i else "'-'" for j in range(len(truths)))
        rows.append(f"{{if: [{cells}], then: {then}}}")
    return definition_of(table(*rows, hit=hit, inputs=", ".join(facts[: len(truths)]), more=more))


def by_hit_policy(hit: HitPolicy, fits: Sequence[bool], thens: Sequence[int], priority: Sequence[int]) -> int | None:
    """What the standard says of a table whose rows are all decided; None where it may not answer."""
    found = [then for fit, then in zip(fits, thens, strict=True) if fit]
    if hit is HitPolicy.COUNT:
        return len(found)
    if not found:
        return 1000
    single: Mapping[HitPolicy, Callable[[], int | None]] = {
        HitPolicy.UNIQUE: lambda: found[0] if len(found) == 1 else None,
        HitPolicy.FIRST: lambda: found[0],
        HitPolicy.ANY: lambda: found[0] if len(set(found)) == 1 else None,
        HitPolicy.PRIORITY: lambda: min(found, key=priority.index),
        HitPolicy.SUM: lambda: sum(found),
        HitPolicy.MIN: lambda: min(found),
        HitPolicy.MAX: lambda: max(found),
    }
    return single[hit]()


@given(st.sampled_from(HitPolicy), st.data())
@settings(max_examples=150, deadline=None)
def test_a_table_answers_what_every_way_to_settle_the_unknown_rows_answers(hit: HitPolicy, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 4))
    # Where rows are told apart by their place, equal answers would agree by accident and not by the hit policy.
    distinct = hit in (HitPolicy.FIRST, HitPolicy.UNIQUE)
    thens = data.draw(st.lists(st.integers(1, 6), min_size=count, max_size=count, unique=distinct))
    truths = data.draw(st.lists(st.sampled_from([True, False, None]), min_size=count, max_size=count))
    priority = data.draw(st.permutations(sorted(set(thens))))
    more = "    unit: count\n" if hit is HitPolicy.COUNT else UNIT
    more += f"    priority: {list(priority)}\n" if hit is HitPolicy.PRIORITY else ""
    found = rows_of(truths, thens, hit.value, more)
    names = found.checked.fields
    case = dict(zip(("account.named", "to_rep.active", "to_rep.quota_carrying", "account.family_split"), truths,
                    strict=False))  # fmt: skip
    settled = product(*([truth] if truth is not None else [True, False] for truth in truths))
    answers = {by_hit_policy(hit, fits, thens, priority) for fits in settled}
    assert value_of(found.checked, case, {}) == (answers.pop() if len(answers) == 1 else None)
    assert set(names) <= set(case)


def test_a_table_keeps_its_rows_as_written_for_whoever_looks_at_it() -> None:
    found = definition_of(table("{if: ['> 5', '-'], then: much}", inputs="account.late_deals, account.tier"))
    assert found.table is not None
    (row,) = found.table.rows
    assert row.cells == ("> 5", "-")
    assert row.when[1] is None
    assert row.when[0] is not None
    assert row.when[0].text == "account.late_deals > 5"
    assert [i.text for i in found.table.inputs] == ["account.late_deals", "account.tier"]
    assert (row.then, str(row.place)) == ("much", "0.yaml:11:9")


def test_rows_that_are_counted_answer_a_count_whatever_they_say() -> None:
    found = definition_of(table("{if: ['> 5'], then: words}", "{if: ['> 6'], then: words}", hit="collect count"))
    assert found.checked.kind is Kind.COUNT
    assert [value_of(found.checked, {"account.late_deals": n}, {}) for n in (5, 6, 7)] == [0, 1, 2]


def test_the_longest_table_still_answers() -> None:
    rows = [f"{{if: ['{i}', '-'], then: {i}}}" for i in range(MAX_ROWS)]
    for hit in ("first", "unique", "collect sum"):
        found = definition_of(
            table(*rows, hit=hit, inputs="account.late_deals, account.tier", more="    unit: count\n")
            + "rules:\n"
            + rule("kind: engagement, subject: move, effect: deny, when: 't > 5 && account.named'")
        )
        assert value_of(found.checked, {"account.late_deals": MAX_ROWS - 1}, {}) == MAX_ROWS - 1
        assert value_of(found.checked, {"account.late_deals": MAX_ROWS}, {}) is None
    (problem,) = told(table(*rows, "{if: ['-', '-'], then: 5}", inputs="account.late_deals, account.tier"))
    assert "the table is too long; found `201`; expected at most 200" in problem


CELLS = [
    ("", "0.yaml:12:16: a test is missing", "write `-` for anything"),
    ("1,", "0.yaml:12:18: a test is missing", "write `-` for anything"),
    ("1, -", "0.yaml:12:19: `-` stands alone", "it fits anything"),
    (">=", "0.yaml:12:18: nothing to compare with after `>=`", ""),
    ("[1..]", "0.yaml:12:16: an interval has two ends", "write `[1..5]`"),
    ("[1..2..3]", "0.yaml:12:16: an interval has two ends", "write `[1..5]`"),
    ("5)", "0.yaml:12:17: `)` closes nothing", ""),
    ("(5", "0.yaml:12:18: a bracket is not closed", ""),
    ("not(1", "0.yaml:12:21: a bracket is not closed", ""),
    ("5) || (true", "0.yaml:12:17: `)` closes nothing", ""),
    ("> account.t12", "", "cannot compare"),
    (">= 5 5", "", "unexpected"),
    ("1, limits", "0.yaml:12:19: unknown parameter `limits`", "did you mean `limit`?"),
    ("[limits..5]", "0.yaml:12:17: unknown parameter `limits`", "did you mean `limit`?"),
    ("not(1, > limits)", "0.yaml:12:25: unknown parameter `limits`", "did you mean `limit`?"),
]


@pytest.mark.parametrize(("cell", "where", "words"), CELLS)
def test_a_cell_that_is_none_is_told_at_its_own_place(cell: str, where: str, words: str) -> None:
    limit = "parameters: {limit: {unit: count, values: {2026-01-01: {value: 2, source: s}}}}\n"
    (problem,) = told(table(f"{{if: ['{cell}'], then: a}}").replace("tables:\n", f"{limit}tables:\n"))
    assert where in problem
    assert words in problem


def test_a_text_without_quotes_is_told_how_to_write_it() -> None:
    assert told(table("{if: [SMB], then: a}", inputs="account.size_segment")) == [
        '0.yaml:11:15: `SMB` has no meaning here\n  hint: for the text write `"SMB"`, in quotes'
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (table("{if: ['-', '-'], then: a}"), "not a cell for each input; found `2`; expected 1, one for each input"),
        (table("{if: ['-'], then: a}", hit="priority"), "table `t` needs `priority:`"),
        (table("{if: ['-'], then: a}", more="    priority: [a]\n"), "`priority` has no meaning here"),
        (table("{if: ['-'], then: a}", hit="priority", more="    priority: [b]\n"), "answer is missing in `priority`"),
        (table("{if: ['-'], then: a}", hit="priority", more="    priority: [a, a]\n"), "stands twice in `priority`"),
        (table("{if: ['-'], then: a}", hit="collect sum"), "these answers have no sum; found `text`"),
        (table("{if: ['-'], then: a}", hit="collect max"), "these answers have no order; found `text`"),
        (table("{if: ['-'], then: a}", hit="collect count", more="    otherwise: a\n"), "the count of no rows is 0"),
        (table("{if: ['-'], then: 5}", more="    unit: money\n    otherwise: 0.001\n"), "not an amount"),
        (table("{if: ['-'], then: x}", more="    unit: count\n"), "not a whole number; found `x`"),
        (table("{if: ['-'], then: a}", hit="best"), "`hit`: input should be"),
        (
            table(*["{if: ['-'], then: 900000000}"] * 2, hit="collect sum", more="    unit: count\n"),
            "the sum of all rows is out of range",
        ),
    ],
)  # fmt: skip
def test_a_table_that_cannot_answer_is_refused(text: str, words: str) -> None:
    (problem,) = told(text)
    assert words in problem


@pytest.mark.parametrize("hit", [h.value for h in HitPolicy if h not in (HitPolicy.UNIQUE, HitPolicy.ANY)])
def test_the_text_of_a_table_as_one_expression_says_what_the_table_says(hit: str) -> None:
    rows = [
        "{if: ['1, > 5', 'true'], then: 4}",
        "{if: ['not(1)', 'true, false'], then: 2}",
        "{if: ['[0..9)', '-'], then: 3}",
    ]
    more = "    unit: count\n" + ("" if "count" in hit else "    otherwise: 9\n")
    more += "    priority: [3, 2, 4]\n" if hit == "priority" else ""
    found = definition_of(table(*rows, hit=hit, inputs="account.late_deals, account.named || to_rep.active", more=more))
    scope = Scope(fields_of(Subject.MOVE), {})
    again = compile_text(found.checked.text, found.place, scope)
    for deals, named in product((None, 0, 1, 6, 9), (True, False, None)):
        case: dict[str, Value | None] = {"account.late_deals": deals, "account.named": named, "to_rep.active": False}
        assert value_of(again, case, {}) == value_of(found.checked, case, {})
