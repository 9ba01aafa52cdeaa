"""A change reaches back before a day if it says of an earlier day what was not said on it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.kinds import Unit
from rules.model.parameter import Extent, Override, Parameter, ParameterValue
from rules.model.policy import PolicySet, Rule
from rules.problem import Place
from rules.reading.load import load_policies
from rules.versions.backdating import DATES, UNDATED, WORDS, backdated
from rules.versions.statements import statements

TODAY = date(2026, 7, 3)
START = date(2025, 1, 1)
PLACE = Place("here")
TEXT = """
policy: rest
title: How long an account rests
owner: sales-operations
parameters:
  rest_days: {title: days, unit: days, values: {2025-01-01: {value: 120, source: handbook}}}
rules:
  - id: REST
    title: an account rests
    kind: engagement
    subject: move
    effective: {from: 2025-01-01}
    when: has(account.last_moved_on) && move.effective < account.last_moved_on + rest_days
    effect: deny
    message: it rests
    source: handbook
    examples:
      - {name: never moved, given: {move.effective: 2026-08-27}, expect: allow}
"""
NEW_RULE = TEXT[TEXT.index("  - id: REST") :].replace("REST", "NEW")


def loaded(text: str = TEXT) -> PolicySet:
    return load_policies([("policies/rest.yaml", text)])


def late(new: str, old: str = TEXT, day: date = TODAY) -> list[tuple[str, str, str]]:
    return [(c.name, c.words, c.start.isoformat()) for c in backdated(loaded(old), loaded(new), day)]


def edited(old: str, new: str) -> list[tuple[str, str, str]]:
    assert old in TEXT
    return late(TEXT.replace(old, new))


def test_nothing_reaches_back_where_nothing_changed() -> None:
    assert late(TEXT) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("value: 120", "value: 90", ("rest_days", "is changed", "2025-01-01")),
        ("2025-01-01: {value", "2026-07-02: {value", ("rest_days", "is taken away", "2025-01-01")),
        ("effect: deny", "effect: hold", ("REST", "is changed", "2025-01-01")),
        ("< account", "<= account", ("REST", "is changed", "2025-01-01")),
        ("{from: 2025-01-01}", "{from: 2024-06-01}", ("REST", "is changed", "2024-06-01")),
        ("{from: 2025-01-01}", "{from: 2026-07-03}", ("REST", "is changed", "2025-01-01")),
        ("{from: 2025-01-01}", "{from: 2025-01-01, to: 2026-07-02}", ("REST", "is changed", "2026-07-02")),
        ("id: REST", "id: NEW", ("REST", "is taken away", "2025-01-01")),
    ],
)
def test_a_change_of_days_that_are_over_reaches_back(old: str, new: str, words: tuple[str, str, str]) -> None:
    assert words in edited(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("source: handbook}}", "source: handbook}, 2026-07-03: {value: 90, source: handbook}}"),
        ("{from: 2025-01-01}", "{from: 2025-01-01, to: 2026-07-03}"),
        ("message: it rests", "message: it sleeps"),
        ("title: an account rests", "title: a rest"),
        ("source: handbook\n", "assumption: the house\n"),
        ("expect: allow", "expect: silent"),
        ("effect: deny", "effect: deny\n    severity: high\n    mode: report\n    owner: vp\n    tags: [x]"),
    ],
)
def test_days_to_come_and_words_do_not_reach_back(old: str, new: str) -> None:
    assert edited(old, new) == []


@pytest.mark.parametrize(("start", "reaches"), [("2026-07-02", True), ("2026-07-03", False), ("2026-07-04", False)])
def test_a_new_rule_counts_from_the_day_itself_at_the_earliest(start: str, reaches: bool) -> None:
    new = NEW_RULE.replace("{from: 2025-01-01}", f"{{from: {start}}}")
    assert late(TEXT + new) == ([("NEW", "is new", start)] if reaches else [])


def test_a_rule_that_ended_is_not_revived_for_days_that_are_over() -> None:
    ended = TEXT.replace("{from: 2025-01-01}", "{from: 2025-01-01, to: 2026-01-01}")
    assert late(TEXT, old=ended) == [("REST", "is changed", "2026-01-01")]


def test_a_rule_that_has_not_begun_may_change_and_go() -> None:
    old = TEXT + NEW_RULE.replace("{from: 2025-01-01}", "{from: 2026-12-01}")
    assert late(old.replace("id: NEW", "id: OTHER"), old=old) == []
    assert late(TEXT, old=old) == []


def parameter(*overrides: Override, values: tuple[ParameterValue, ...] = (), unit: Unit = Unit.COUNT) -> PolicySet:
    base = loaded().policies[0]
    known = values or (ParameterValue(START, 3, "handbook", "", PLACE),)
    made = Parameter("p", unit, known, PLACE, "", overrides)
    return PolicySet((replace(base, rules=(), parameters=(made,)),), "")


def override(name: str, region: str, start: date) -> Override:
    return Override(name, Extent((region,)), (ParameterValue(start, 5, "handbook", "", PLACE),), PLACE)


def test_an_override_counts_from_the_day_of_its_values() -> None:
    early, now = override("p[North]", "North", START), override("p[North]", "North", TODAY)
    assert [c.start for c in backdated(parameter(), parameter(early), TODAY)] == [START]
    assert backdated(parameter(), parameter(now), TODAY) == ()
    assert [c.words for c in backdated(parameter(early), parameter(), TODAY)] == ["is taken away"]


def test_another_extent_or_another_order_of_overrides_reaches_back() -> None:
    north, south = override("p[North]", "North", START), override("p[South]", "South", START)
    moved = replace(north, scope=Extent(("West",)))
    assert backdated(parameter(north), parameter(moved), TODAY)
    assert backdated(parameter(north, south), parameter(south, north), TODAY)
    assert backdated(parameter(north, south), parameter(north, south), TODAY) == ()


def test_another_unit_reaches_back_to_the_first_value() -> None:
    assert [c.start for c in backdated(parameter(), parameter(unit=Unit.DAYS), TODAY)] == [START, START]


DAYS = st.integers(-20, 20).map(lambda n: TODAY + timedelta(days=n))
SERIES = st.dictionaries(DAYS, st.integers(0, 3), min_size=1, max_size=5)


@given(old=SERIES, new=SERIES)
def test_values_reach_back_exactly_if_some_past_value_is_not_the_same(
    old: dict[date, int], new: dict[date, int]
) -> None:
    def made(series: dict[date, int]) -> PolicySet:
        return parameter(values=tuple(ParameterValue(d, v, "s", "", PLACE) for d, v in sorted(series.items())))

    def past(series: dict[date, int]) -> dict[date, int]:
        return {day: value for day, value in series.items() if day < TODAY}

    assert bool(backdated(made(old), made(new), TODAY)) == (past(old) != past(new))


@given(day=DAYS, start=DAYS, end=st.none() | DAYS, new_start=DAYS, new_end=st.none() | DAYS)
def test_dates_of_a_rule_reach_back_if_it_was_in_force_on_other_days_before(
    day: date, start: date, end: date | None, new_start: date, new_end: date | None
) -> None:
    base = loaded()
    (rule,) = base.rules()

    def made(start: date, end: date | None) -> tuple[Rule, PolicySet]:
        dated = replace(rule, start=start, end=end)
        return dated, PolicySet((replace(base.policies[0], rules=(dated,)),), "")

    (old, before), (new, after) = made(start, end), made(new_start, new_end)
    past = [TODAY + timedelta(days=n) for n in range(-25, 25) if TODAY + timedelta(days=n) < day]
    if any(old.in_force(d) != new.in_force(d) for d in past):
        assert backdated(before, after, day)


def test_every_label_that_changes_no_verdict_is_one_that_a_rule_has() -> None:
    (rule,) = loaded().rules()
    full = replace(rule, end=TODAY, assumption="x", owner="x", tags=("x",))
    base = loaded().policies[0]
    says = statements(PolicySet((replace(base, rules=(full,)),), ""))["rule", "REST"].says
    assert set(says) >= WORDS | UNDATED | DATES
