"""Cases for any vocabulary hold what breaks things: boundaries, missing facts, strange texts, and extremes."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.expression.check import compile_text
from rules.expression.scope import Checked, Scope
from rules.kinds import Kind, Unit
from rules.problem import Place
from rules.vocabulary import FIELDS, Field, Subject, fields_of
from tests.generators.facts import POOL, _allowed, _is, cases, rows

EVERY_KIND = {f"x.{kind.value}": Field(f"x.{kind.value}", kind, "m") for kind in POOL} | {
    f"x.{kind.value}s": Field(f"x.{kind.value}s", Kind.LIST, "m", of=kind) for kind in POOL
}
DATES = {name: Field(name, Kind.DATE, "m") for name in ("a.day", "b.day")}
REST = {"rest": 180}


def checked(text: str, fields: dict[str, Field]) -> Checked:
    return compile_text(text, Place("test"), Scope(fields, {"rest": Unit.DAYS}))


@pytest.mark.parametrize("name", sorted(EVERY_KIND))
def test_every_value_is_of_its_facts_kind_and_within_its_range(name: str) -> None:
    field = EVERY_KIND[name]
    found = [case[name] for case in rows({name: field}, count=2_000)]
    assert None in found
    for value in found:
        items = value if isinstance(value, tuple) else () if value is None else (value,)
        assert isinstance(value, tuple | None) or field.of is None
        assert all(_is(item, field.of or field.kind) and _allowed(item, field.of or field.kind) for item in items)


@pytest.mark.parametrize("subject", [subject for subject in Subject if FIELDS[subject]])
def test_every_subject_of_the_vocabulary_has_cases_and_the_same_seed_gives_the_same(subject: Subject) -> None:
    fields = fields_of(subject)
    assert rows(fields, seed=7, count=50) == rows(fields, seed=7, count=50) != rows(fields, seed=8, count=50)
    assert all(list(case) == list(fields) for case in rows(fields, count=3))


def test_texts_are_empty_combining_beyond_the_plane_and_from_right_to_left_and_lists_may_be_empty() -> None:
    fields = {"x.text": EVERY_KIND["x.text"], "x.texts": EVERY_KIND["x.texts"]}
    found = rows(fields, count=2_000)
    assert {"", "e\u0301", "😀", "שלום"} <= {case["x.text"] for case in found}
    assert () in {case["x.texts"] for case in found}


@pytest.mark.parametrize(
    ("condition", "field", "expected"),
    [
        ('x.money >= money("12345.67")', "x.money", {1234566, 1234567, 1234568}),
        ("x.days < rest", "x.days", {179, 180, 181}),
        ('x.ratio > percent("30")', "x.ratio", {Fraction(2999, 10_000), Fraction(3, 10), Fraction(3001, 10_000)}),
        ('x.text in ["Sörby", "x"]', "x.text", {"Sörby", "Sörbyx", "xSörby", "Sörb", "sÖRBY"}),
        ('x.date == date("2031-05-17")', "x.date", {date(2031, 5, 16), date(2031, 5, 17), date(2031, 5, 18)}),
    ],
)
def test_what_a_fact_is_compared_with_comes_up_and_one_unit_to_either_side(
    condition: str, field: str, expected: set[object]
) -> None:
    fields = {field: EVERY_KIND[field]}
    assert expected <= {case[field] for case in rows(fields, [checked(condition, fields)], REST, count=2_000)}


def test_a_fact_that_is_compared_with_another_comes_to_the_very_edge() -> None:
    condition = checked("a.day < b.day + rest", DATES)
    apart = {
        a - b
        for case in rows(DATES, [condition], REST, count=2_000)
        if isinstance(a := case["a.day"], date) and isinstance(b := case["b.day"], date)
    }
    assert {timedelta(days) for days in (179, 180, 181)} <= apart


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_the_strategy_knows_every_fact_of_the_vocabulary_and_stays_in_range(data: st.DataObject) -> None:
    case = data.draw(cases(DATES, [checked("a.day < b.day + rest", DATES)], REST))
    assert set(case) == set(DATES)
    assert all(value is None or isinstance(value, date) for value in case.values())


def test_no_facts_make_empty_cases() -> None:
    assert rows({}, count=2) == [{}, {}]
