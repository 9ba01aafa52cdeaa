"""A review asks a decision's own conditions on later facts, and never says `continue` without knowing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from engine.database import Database
from engine.snapshot import Grade, Manifest
from governance.review import Review, review, review_entry, rules_of
from governance.review_facts import review_days
from governance.weak_inputs import weak_inputs
from rules.problem import BadInput
from tests.governance.sample_decision import (
    JUNE,
    SEPTEMBER,
    committed_decision,
    framed_decision,
    policies,
    sample,
    snapshot,
)


@pytest.fixture(scope="module")
def later() -> Iterator[tuple[Database, Manifest]]:
    with snapshot(SEPTEMBER) as loaded:
        yield loaded


@pytest.fixture(scope="module")
def found(later: tuple[Database, Manifest]) -> Review:
    """The sample decision, reviewed three months later."""
    return review(*later, policies(), committed_decision(), SEPTEMBER)


def with_conditions(*conditions: dict[str, Any]) -> dict[str, Any]:
    """The sample document with other conditions."""
    return {**sample().document, "conditions": list(conditions)}


def condition(when: str, effect: str = "stop", name: str = "S1") -> dict[str, Any]:
    return {
        "id": name,
        "list": "stop_conditions",
        "effect": effect,
        "text": "a condition",
        "when": when,
        "at_commit": "",
    }


def test_both_stop_conditions_of_the_sample_company_fire_in_september(found: Review) -> None:
    states = {c.id: c.state for c in found.conditions}
    assert found.outcome == "stop"
    assert (states["S1"], states["S2"]) == ("fired", "fired")


def test_a_condition_shows_both_sides_numbers(found: Review) -> None:
    (worse,) = [c for c in found.conditions if c.id == "S2"]
    assert worse.numbers == (
        ("company.attainment_spread", "74.17 points"),
        ("baseline.attainment_spread", "71.75 points"),
    )


def test_a_condition_on_what_nobody_knows_is_unknown_and_says_what_is_missing(found: Review) -> None:
    (signal,) = [c for c in found.conditions if c.id == "X1"]
    assert signal.state == "unknown"
    assert signal.missing


def test_conditions_that_do_not_hold_answer_continue(later: tuple[Database, Manifest]) -> None:
    quiet = committed_decision(with_conditions(condition('company.attainment_spread > points("99")')))
    assert review(*later, policies(), quiet, SEPTEMBER).outcome == "continue"


@pytest.mark.parametrize("effect", ["stop", "escalate", "review"])
def test_an_unknown_condition_never_answers_continue(effect: str, later: tuple[Database, Manifest]) -> None:
    unknown = committed_decision(
        with_conditions(
            condition('company.attainment_spread > points("99")', "review", "V1"),
            condition('company.candidate_share < percent("10")', effect),
        )
    )
    made = review(*later, policies(), unknown, SEPTEMBER)
    assert made.outcome == "unknown"
    assert [c.state for c in made.conditions] == ["quiet", "unknown"]


def test_a_certain_stop_is_not_hidden_by_an_unknown(later: tuple[Database, Manifest]) -> None:
    both = committed_decision(
        with_conditions(
            condition('company.attainment_spread > points("1")'),
            condition('company.candidate_share < percent("10")', "review", "V1"),
        )
    )
    assert review(*later, policies(), both, SEPTEMBER).outcome == "stop"


def test_weak_inputs_never_answer_continue(later: tuple[Database, Manifest]) -> None:
    db, manifest = later
    guessed = replace(manifest, data_sets=(replace(manifest.data_sets[0], grade=Grade.GUESS), *manifest.data_sets[1:]))
    quiet = committed_decision(with_conditions(condition('company.attainment_spread > points("99")')))
    made = review(db, guessed, policies(), quiet, SEPTEMBER)
    assert made.outcome == "unknown"
    assert made.weak_inputs == (f"{manifest.data_sets[0].table}: a guess",)


def test_weak_inputs_do_not_hide_a_stop(later: tuple[Database, Manifest]) -> None:
    db, manifest = later
    unowned = replace(manifest, data_sets=tuple(replace(d, owner="") for d in manifest.data_sets))
    assert review(db, unowned, policies(), committed_decision(), SEPTEMBER).outcome == "stop"


def test_inputs_are_stale_from_the_day_after_their_cadence(later: tuple[Database, Manifest]) -> None:
    _, manifest = later
    monthly = replace(manifest, data_sets=(replace(manifest.data_sets[0], as_of=date(2026, 9, 30), cadence="month"),))
    assert weak_inputs(monthly, date(2026, 10, 31)) == ()
    (weak,) = weak_inputs(monthly, date(2026, 11, 1))
    assert weak == f"{monthly.data_sets[0].table}: stale, as of 2026-09-30, refreshed every month"


@pytest.mark.parametrize("day", [JUNE, date(2026, 6, 29)])
def test_a_snapshot_that_is_not_later_is_refused(day: date, later: tuple[Database, Manifest]) -> None:
    with pytest.raises(BadInput, match="a review needs a later snapshot"):
        review(*later, policies(), committed_decision(), day)


def test_what_is_not_committed_is_not_reviewed(later: tuple[Database, Manifest]) -> None:
    with pytest.raises(BadInput, match="is not committed"):
        review(*later, policies(), framed_decision(), SEPTEMBER)


def test_the_rules_are_those_of_the_committed_text() -> None:
    rules = rules_of(sample().document, policies())
    assert [r.id for r in rules] == [r.id for r in sample().frame.rules]
    assert [r.when and r.when.text for r in rules] == [r.when and r.when.text for r in sample().frame.rules]


def test_a_review_may_be_held_twice_on_one_database(later: tuple[Database, Manifest], found: Review) -> None:
    assert review(*later, policies(), committed_decision(), SEPTEMBER) == found


def test_an_entry_says_every_condition_with_its_numbers(found: Review) -> None:
    entry = review_entry(found)
    assert entry["outcome"] == "stop"
    assert [c["id"] for c in entry["conditions"]] == [c["id"] for c in sample().document["conditions"]]
    assert entry["conditions"][1]["numbers"] == {"company.attainment_spread_quarter": "82.00 points"}


def test_operating_reviews_come_after_30_60_and_90_days() -> None:
    assert review_days(date(2026, 8, 3)) == ((30, date(2026, 9, 2)), (60, date(2026, 10, 2)), (90, date(2026, 11, 1)))
