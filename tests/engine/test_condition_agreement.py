"""SQL over a table and values for one case say the same of every condition: true, false and unknown alike."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.conditions.condition_case import value_of
from engine.database import Database
from rules.kinds import Kind
from tests.engine.condition_examples import (
    FIELDS,
    cases,
    compiled,
    conditions,
    facts_of,
    frame,
    given_values,
    letter,
    patterns,
)
from tests.engine.engines import ENGINES, engine_of

NOTHING: dict[str, Any] = dict.fromkeys(
    name if field.kind is not Kind.RATIO else f"{name}#{half}" for name, field in FIELDS.items() for half in "nd"
)
"""A row without any fact."""


@pytest.fixture(scope="module", params=ENGINES)
def db(request: pytest.FixtureRequest) -> Iterator[Database]:
    yield from engine_of(request)


many = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@many
@given(
    texts=st.lists(conditions(), min_size=1, max_size=5),
    rows=st.lists(cases(), min_size=1, max_size=6),
    parameters=given_values,
    absent=st.frozensets(st.sampled_from(sorted(FIELDS)), max_size=3),
)
def test_a_table_and_a_case_agree_on_true_false_and_unknown(
    db: Database, texts: list[str], rows: list[dict[str, Any]], parameters: dict[str, Any], absent: frozenset[str]
) -> None:
    checked = [compiled(text) for text in texts]
    frame(db, rows)
    by_case = ["".join(letter(value_of(c, facts_of(row), parameters, absent)) for c in checked) for row in rows]
    assert patterns(db, checked, parameters, absent) == by_case


@many
@given(one=conditions(depth=2), other=conditions(depth=2), rows=st.lists(cases(), min_size=1, max_size=6))
def test_laws_of_logic_hold_in_sql_with_unknown_facts(
    db: Database, one: str, other: str, rows: list[dict[str, Any]]
) -> None:
    """De Morgan's laws, double negation, and the order of parts."""
    equal = [
        (f"!(({one}) && ({other}))", f"!({one}) || !({other})"),
        (f"!(({one}) || ({other}))", f"!({one}) && !({other})"),
        (f"!!({one})", one),
        (f"({one}) && ({other})", f"({other}) && ({one})"),
        (f"({one}) || ({other})", f"({other}) || ({one})"),
    ]
    frame(db, rows)
    checked = [compiled(text) for pair in equal for text in pair]
    for pattern in patterns(db, checked, {}, frozenset()):
        assert pattern[::2] == pattern[1::2]


@many
@given(texts=st.lists(conditions(), min_size=1, max_size=3), rows=st.lists(cases(), min_size=2, max_size=6))
def test_a_subject_has_the_same_pattern_in_whatever_order_rows_come(
    db: Database, texts: list[str], rows: list[dict[str, Any]]
) -> None:
    checked = [compiled(text) for text in texts]
    frame(db, rows)
    forwards = patterns(db, checked, {}, frozenset())
    frame(db, rows[::-1])
    assert patterns(db, checked, {}, frozenset()) == forwards[::-1]


@many
@given(text=conditions())
def test_canonical_text_means_the_same(text: str) -> None:
    term = compiled(text).node
    assert compiled(term.text).node == term


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ((10**30, 10**30 - 1), (10**30 - 1, 10**30 - 2), "<"),
        ((10**30 - 1, 10**30), (10**30 - 2, 10**30 - 1), ">"),
        ((-(10**30), 1), (10**30, 1), "<"),
        ((-(10**30) + 1, 10**30), (-(10**30) + 2, 10**30), "<"),
        ((3, 9), (10**29, 3 * 10**29), "=="),
        ((0, 10**30), (0, 1), "=="),
    ],
)
def test_ratios_of_thirty_digits_are_compared_exactly(
    db: Database, left: tuple[int, int], right: tuple[int, int], expected: str
) -> None:
    row = NOTHING | {
        "has.ratio1#n": left[0],
        "has.ratio1#d": left[1],
        "has.ratio2#n": right[0],
        "has.ratio2#d": right[1],
    }
    frame(db, [row])
    signs = ("<", "==", ">", "<=", ">=", "!=")
    found = patterns(db, [compiled(f"has.ratio1 {sign} has.ratio2") for sign in signs], {}, frozenset())
    assert found == ["".join("t" if expected in _made_of(sign) else "f" for sign in signs)]


def _made_of(sign: str) -> tuple[str, ...]:
    return {"<=": ("<", "=="), ">=": (">", "=="), "!=": ("<", ">")}.get(sign, (sign,))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('has.date1 + days(365) == date("2025-02-28")', "t"),
        ('has.date1 + days(366) == date("2025-02-28")', "f"),
        ("has.date1 - days(1) == has.date2", "t"),
        ("has.date1 - has.date2 == days(1)", "t"),
        ('date("9999-12-31") + days(1000000) > has.date1', "t"),
        ('date("0001-01-01") - days(1000000) > has.date1', "f"),
    ],
)
def test_the_leap_day_counts_and_dates_beyond_the_calendar_still_compare(
    db: Database, condition: str, expected: str
) -> None:
    row = NOTHING | {"has.date1": date(2024, 2, 29), "has.date2": date(2024, 2, 28)}
    frame(db, [row])
    checked = compiled(condition)
    assert patterns(db, [checked], {}, frozenset()) == [expected]
    assert letter(value_of(checked, facts_of(row), {})) == expected


@pytest.mark.parametrize("kind", ["text", "money", "ratio"])
def test_nothing_is_in_an_empty_list_and_of_an_unknown_fact_even_that_is_unknown(db: Database, kind: str) -> None:
    known: dict[str, Any] = {"has.text1": "A", "has.money1": 0, "has.ratio1#n": 0, "has.ratio1#d": 1}
    checked = compiled(f"has.{kind}1 in {kind}_list")
    rows = [NOTHING | known, NOTHING]
    frame(db, rows)
    assert patterns(db, [checked], {f"{kind}_list": ()}, frozenset()) == ["f", "u"]
    assert [letter(value_of(checked, facts_of(row), {f"{kind}_list": ()})) for row in rows] == ["f", "u"]
