"""What a review day is told of a decision: exact, from what is on record, and unknown where nothing is."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.intake.snapshot import Grade
from engine.metrics.progress import Progress, Reached
from governance.decision import Decision, Waiver
from governance.document import reached_words
from governance.review_facts import (
    OF_A_SCOPE,
    cases_of,
    facts_in,
    full_months_since,
    review_days,
    scenario_facts,
    shortfall,
)
from rules.vocabulary import Subject, fields_of
from tests.governance.sample_decision import committed_decision, sample

EFFECTIVE = date(2026, 8, 3)


def reviewed(*held: tuple[str, str], **changes: Any) -> Decision:
    """The sample decision, with reviews of these days and answers."""
    return replace(committed_decision(), reviews=tuple({"as_of": d, "outcome": o} for d, o in held), **changes)


def told(as_of: date, *held: tuple[str, str], **changes: Any) -> dict[str, Any]:
    return {
        name.removeprefix("review."): value
        for name, value in scenario_facts(reviewed(*held, **changes), as_of, sample().found.manifest).items()
    }


@pytest.mark.parametrize(
    ("as_of", "held", "day", "overdue"),
    [
        ("2026-08-10", (), 7, 0),
        ("2026-09-02", (), 30, 0),
        ("2026-09-03", (), 30, 1),
        ("2026-09-30", (), 30, 28),
        ("2026-10-05", (), 60, 33),
        ("2026-09-30", (("2026-09-02", "continue"),), 58, 0),
        ("2026-10-05", (("2026-09-05", "continue"),), 60, 3),
        ("2026-10-05", (("2026-09-01", "continue"),), 60, 33),
        ("2026-12-31", (("2026-11-01", "continue"),), 150, 0),
    ],
)
def test_a_review_answers_the_latest_review_day_that_has_come_and_is_overdue_since_the_first(
    as_of: str, held: tuple[tuple[str, str], ...], day: int, overdue: int
) -> None:
    found = told(date.fromisoformat(as_of), *held)
    assert (found["day"], found["overdue_days"]) == (day, overdue)


def test_reviews_of_the_same_day_or_later_change_nothing() -> None:
    as_of = date(2026, 9, 30)
    assert told(as_of) == told(as_of, ("2026-09-30", "escalate"), ("2026-12-31", "continue"))


@pytest.mark.parametrize(
    ("held", "days"),
    [
        ((), None),
        ((("2026-09-01", "review"),), None),
        ((("2026-09-01", "escalate"),), 29),
        ((("2026-09-01", "escalate"), ("2026-09-10", "escalate")), 29),
        ((("2026-09-01", "escalate"), ("2026-09-10", "unknown")), 29),
        ((("2026-09-01", "escalate"), ("2026-09-10", "stop")), 29),
        ((("2026-09-01", "escalate"), ("2026-09-10", "review")), None),
        ((("2026-09-10", "continue"), ("2026-09-01", "escalate")), None),
        ((("2026-09-01", "continue"), ("2026-09-10", "escalate")), 20),
    ],
)
def test_an_escalation_stays_unanswered_until_a_review_answers_less(
    held: tuple[tuple[str, str], ...], days: int | None
) -> None:
    assert told(date(2026, 9, 30), *held)["unanswered_escalation_days"] == days


def test_waivers_run_out_after_their_last_day() -> None:
    waiver = Waiver("W-1", "R02", ("A-1",), "Ida", "vp-sales", "asked", date(2026, 9, 29), "2026-07-03")
    waivers = (waiver, replace(waiver, id="W-2", until=date(2026, 9, 30)))
    assert told(date(2026, 9, 30), waivers=waivers)["expired_waivers"] == 1


def test_stale_inputs_are_counted_on_the_day_of_the_review() -> None:
    sets = sample().found.manifest.data_sets
    monthly = sum(d.cadence in ("day", "week", "month") for d in sets)
    assert told(date(2026, 8, 5))["stale_inputs"] == monthly
    assert told(date(2026, 7, 1))["stale_inputs"] < monthly


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 2000))
def test_full_months_grow_with_the_days_and_by_at_most_one_a_day(start: date, days: int) -> None:
    before, after = (full_months_since(start, start + timedelta(n)) for n in (days, days + 1))
    assert before <= after <= before + 1
    assert days // 31 <= before <= days // 28


def test_no_month_is_full_before_the_first() -> None:
    assert full_months_since(EFFECTIVE, date(2026, 7, 1)) == 0
    assert [full_months_since(EFFECTIVE, date(2027, 2, d)) for d in (2, 3)] == [5, 6]


@pytest.mark.parametrize(
    ("expected", "actual", "found"),
    [
        (200, 170, Fraction(3, 20)),
        (200, 230, Fraction(-3, 20)),
        (Fraction(1, 2), Fraction(1, 2), 0),
        (0, 5, None),
        (-1, 5, None),
        (None, 5, None),
        (5, None, None),
    ],
)
def test_a_shortfall_is_relative_to_what_was_expected(expected: Any, actual: Any, found: Fraction | None) -> None:
    assert shortfall(expected, actual) == found


NOW = Progress(
    Reached(Fraction(9, 10), Fraction(8, 10), Fraction(7, 10), Fraction(6, 10), 90),
    {"east": Reached(pipeline=50), "west": Reached()},
)


def cases(document: dict[str, Any]) -> dict[str, Any]:
    return dict(cases_of(document, {"review.day": 30}, NOW))


def test_what_happened_is_compared_with_what_stood_at_commit_for_the_scenario_and_each_territory() -> None:
    at_commit = Reached(attainment=Fraction(1), quota_progress=Fraction(1), pipeline=100)
    progress = {"company": reached_words(at_commit), "territories": {"east": reached_words(at_commit)}}
    found = cases({"progress": progress})
    assert list(found) == ["", "east", "west"]
    assert found[""] == {
        "review.day": 30,
        "review.territory": None,
        "review.attainment_shortfall": Fraction(1, 10),
        "review.pipeline_shortfall": Fraction(1, 10),
        "review.quota_progress_shortfall": Fraction(3, 10),
        "review.quota_attainment": Fraction(6, 10),
        "review.quarter_attainment": Fraction(8, 10),
    }
    assert found["east"]["review.territory"] == "east"
    assert found["east"]["review.pipeline_shortfall"] == Fraction(1, 2)
    assert found["east"]["review.attainment_shortfall"] is None
    assert {v for k, v in found["west"].items() if k in OF_A_SCOPE} == {"west", None}


def test_a_projection_comes_before_what_stood_at_commit() -> None:
    progress = {"company": reached_words(Reached(attainment=Fraction(1), pipeline=100))}
    projected = {"company": {"pipeline": {"int": "180"}, "attainment": None}}
    found = cases({"progress": progress, "projected": projected})[""]
    assert found["review.pipeline_shortfall"] == Fraction(1, 2)
    assert found["review.attainment_shortfall"] == Fraction(1, 10)


def test_without_anything_at_commit_every_shortfall_is_unknown() -> None:
    found = cases({})[""]
    assert {v for k, v in found.items() if k.endswith("_shortfall")} == {None}
    assert found["review.quarter_attainment"] == Fraction(8, 10)


def test_the_committed_document_has_what_reviews_compare_with() -> None:
    progress = sample().document["progress"]
    assert set(progress["territories"]) == {o.id for o in sample().found.audit.territories}
    for reached in (progress["company"], *progress["territories"].values()):
        assert set(reached) == {"attainment", "quota_progress", "pipeline"}
        assert all(reached.values())


def test_what_nothing_produces_is_absent_and_what_rests_on_a_proxy_says_so() -> None:
    manifest = sample().found.manifest
    weaker = tuple(replace(d, grade=Grade.ESTIMATE) if d.table == "quotas" else d for d in manifest.data_sets)
    facts = facts_in("r", replace(manifest, data_sets=weaker), fields_of(Subject.REVIEW))
    assert "review.swap_tested" in facts.absent
    assert "review.day" not in facts.absent
    assert facts.proxies["review.quota_attainment"] == "quotas graded estimate"


def test_operating_reviews_come_after_the_days_that_the_policies_named_at_commit() -> None:
    document = sample().document
    assert document["review_days"] == [30, 60, 90]
    assert review_days(document) == ((30, date(2026, 9, 2)), (60, date(2026, 10, 2)), (90, date(2026, 11, 1)))
    assert review_days({**document, "review_days": [7]}) == ((7, date(2026, 8, 10)),)
    assert review_days({**document, "review_days": []}) == ()
