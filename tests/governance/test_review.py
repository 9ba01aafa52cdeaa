"""A review asks a decision's own conditions on later facts, and never says `continue` without knowing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from engine.database import Database
from engine.intake.snapshot import Grade, Manifest
from governance.review import Review, review, review_entry, rules_of
from governance.weak_inputs import weak_inputs
from rules.problem import BadInput
from tests.governance.review_policies import bare, with_rules
from tests.governance.sample_decision import (
    JUNE,
    SEPTEMBER,
    committed_decision,
    framed_decision,
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
    return review(*later, bare(), committed_decision(), SEPTEMBER)


def quiet(**changes: Any) -> dict[str, Any]:
    """The sample document with one condition, which does not hold."""
    return {**with_conditions(condition('company.attainment_spread > points("99")')), **changes}


def with_conditions(*conditions: dict[str, Any]) -> dict[str, Any]:
    """The sample document with other conditions."""
    return {**sample().document, "conditions": list(conditions)}


def rule(name: str, when: str, kind: str = "review_trigger", subject: str = "review", more: str = "") -> str:
    """A rule of the policies, as written."""
    return f"""  - id: {name}
    title: {name} says
    kind: {kind}
    subject: {subject}
    effective: {{from: 2000-01-01}}
    when: {when}
    message: {name} fires
    source: handbook
{more}"""


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
    assert review(*later, bare(), quiet, SEPTEMBER).outcome == "continue"


@pytest.mark.parametrize("effect", ["stop", "escalate", "review"])
def test_an_unknown_condition_never_answers_continue(effect: str, later: tuple[Database, Manifest]) -> None:
    unknown = committed_decision(
        with_conditions(
            condition('company.attainment_spread > points("99")', "review", "V1"),
            condition('company.candidate_share < percent("10")', effect),
        )
    )
    made = review(*later, bare(), unknown, SEPTEMBER)
    assert made.outcome == "unknown"
    assert [c.state for c in made.conditions] == ["quiet", "unknown"]


def test_a_certain_stop_is_not_hidden_by_an_unknown(later: tuple[Database, Manifest]) -> None:
    both = committed_decision(
        with_conditions(
            condition('company.attainment_spread > points("1")'),
            condition('company.candidate_share < percent("10")', "review", "V1"),
        )
    )
    assert review(*later, bare(), both, SEPTEMBER).outcome == "stop"


def test_weak_inputs_never_answer_continue(later: tuple[Database, Manifest]) -> None:
    db, manifest = later
    guessed = replace(manifest, data_sets=(replace(manifest.data_sets[0], grade=Grade.GUESS), *manifest.data_sets[1:]))
    quiet = committed_decision(with_conditions(condition('company.attainment_spread > points("99")')))
    made = review(db, guessed, bare(), quiet, SEPTEMBER)
    assert made.outcome == "unknown"
    assert made.weak_inputs == (f"{manifest.data_sets[0].table}: a guess",)


def test_weak_inputs_do_not_hide_a_stop(later: tuple[Database, Manifest]) -> None:
    db, manifest = later
    unowned = replace(manifest, data_sets=tuple(replace(d, owner="") for d in manifest.data_sets))
    assert review(db, unowned, bare(), committed_decision(), SEPTEMBER).outcome == "stop"


def test_inputs_are_stale_from_the_day_after_their_cadence(later: tuple[Database, Manifest]) -> None:
    _, manifest = later
    monthly = replace(manifest, data_sets=(replace(manifest.data_sets[0], as_of=date(2026, 9, 30), cadence="month"),))
    assert weak_inputs(monthly, date(2026, 10, 31)) == ()
    (weak,) = weak_inputs(monthly, date(2026, 11, 1))
    assert weak == f"{monthly.data_sets[0].table}: stale, as of 2026-09-30, refreshed every month"


@pytest.mark.parametrize("day", [JUNE, date(2026, 6, 29)])
def test_a_snapshot_that_is_not_later_is_refused(day: date, later: tuple[Database, Manifest]) -> None:
    with pytest.raises(BadInput, match="a review needs a later snapshot"):
        review(*later, bare(), committed_decision(), day)


def test_what_is_not_committed_is_not_reviewed(later: tuple[Database, Manifest]) -> None:
    with pytest.raises(BadInput, match="is not committed"):
        review(*later, bare(), framed_decision(), SEPTEMBER)


def test_the_rules_are_those_of_the_committed_text() -> None:
    rules = rules_of(sample().document, bare())
    assert [r.id for r in rules] == [r.id for r in sample().frame.rules]
    assert [r.when and r.when.text for r in rules] == [r.when and r.when.text for r in sample().frame.rules]


def test_a_review_may_be_held_twice_on_one_database(later: tuple[Database, Manifest], found: Review) -> None:
    assert review(*later, bare(), committed_decision(), SEPTEMBER) == found


def test_an_entry_says_every_condition_with_its_numbers(found: Review) -> None:
    entry = review_entry(found)
    assert entry["outcome"] == "stop"
    assert [c["id"] for c in entry["conditions"]] == [c["id"] for c in sample().document["conditions"]]
    assert entry["conditions"][1]["numbers"] == {"company.attainment_spread_quarter": "82.00 points"}


def test_rules_of_the_policies_are_asked_beside_the_decisions_own_and_both_are_named(
    later: tuple[Database, Manifest],
) -> None:
    made = review(*later, with_rules(rule("RV", "review.day >= days(30)")), committed_decision(quiet()), SEPTEMBER)
    assert made.outcome == "review"
    assert [(c.by, c.id, c.state, c.text) for c in made.conditions] == [
        ("decision", "S1", "quiet", "a condition"),
        ("small", "RV", "fired", "RV fires"),
    ]


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("review_trigger", "review"),
        ("reversal_signal", "review"),
        ("escalation_trigger", "escalate"),
        ("stop_condition", "stop"),
    ],
)
@pytest.mark.parametrize(
    ("subject", "when"), [("review", "review.day >= days(30)"), ("company", 'company.attainment_spread > points("1")')]
)
def test_the_worst_answer_is_the_answer(
    subject: str, when: str, kind: str, answer: str, later: tuple[Database, Manifest]
) -> None:
    asked = with_rules(rule("RV", when, kind, subject), rule("QT", "review.day > days(9999)", "stop_condition"))
    assert review(*later, asked, committed_decision(quiet()), SEPTEMBER).outcome == answer


def test_an_unknown_rule_of_the_policies_never_answers_continue(later: tuple[Database, Manifest]) -> None:
    made = review(*later, with_rules(rule("RV", "review.swap_tested")), committed_decision(quiet()), SEPTEMBER)
    assert made.outcome == "unknown"
    (_, said) = made.conditions
    assert (said.state, said.missing) == ("unknown", ("no swap tested: nothing produces it yet",))


def test_an_unknown_review_does_not_hide_that_the_decision_stops(later: tuple[Database, Manifest]) -> None:
    asked = with_rules(rule("RV", "review.swap_tested"))
    assert review(*later, asked, committed_decision(), SEPTEMBER).outcome == "stop"


def test_a_rule_that_only_reports_is_told_and_answers_nothing(later: tuple[Database, Manifest]) -> None:
    asked = with_rules(rule("RV", "review.day >= days(30)", more="    mode: report\n"))
    made = review(*later, asked, committed_decision(quiet()), SEPTEMBER)
    assert made.outcome == "continue"
    assert [(c.state, c.standing) for c in made.conditions] == [("quiet", "counts"), ("fired", "report only")]


def test_territories_are_asked_what_concerns_one_and_told_where_it_is_not_quiet(
    later: tuple[Database, Manifest],
) -> None:
    asked = with_rules(rule("LOW", 'review.quarter_attainment < percent("70")'), rule("DAY", "review.day > days(1)"))
    made = review(*later, asked, committed_decision(quiet()), SEPTEMBER)
    said = [(c.id, c.state, c.territories) for c in made.conditions if c.by == "small"]
    assert said == [("LOW", "quiet", ()), ("DAY", "fired", ()), ("LOW", "fired", ("FAR-1",))]
    assert dict(made.conditions[-1].numbers) == {"review.quarter_attainment": "39.00 %"}
    assert made.outcome == "review"


def test_what_is_unknown_alike_in_many_territories_is_said_once(later: tuple[Database, Manifest]) -> None:
    asked = with_rules(rule("RV", 'review.pipeline_shortfall > percent("15")'))
    made = review(*later, asked, committed_decision(quiet(progress={})), SEPTEMBER)
    (whole, parts) = (c for c in made.conditions if c.by == "small")
    assert (whole.state, whole.territories) == ("unknown", ())
    assert (parts.state, len(parts.territories)) == ("unknown", 10)
    assert made.outcome == "unknown"


def test_a_condition_may_name_what_the_policies_at_commit_declare_and_means_what_it_meant_then(
    later: tuple[Database, Manifest],
) -> None:
    document = with_conditions(condition("spread_is_wide"))
    wide, wider = (
        with_rules(
            declared=f"""
conditions:
  - name: spread_is_wide
    title: wide
    subject: company
    when: company.attainment_spread > points("{limit}")
    source: handbook
"""
        )
        for limit in (30, 99)
    )
    made = review(*later, wider, committed_decision(document), SEPTEMBER, at_commit=wide)
    assert made.outcome == "stop"
    assert made.conditions[0].numbers == (("company.attainment_spread", "74.17 points"),)
    assert review(*later, wider, committed_decision(document), SEPTEMBER).outcome == "continue"
    with pytest.raises(BadInput, match="unknown parameter `spread_is_wide`"):
        review(*later, bare(), committed_decision(document), SEPTEMBER)


def test_a_fact_that_the_document_has_no_baseline_of_is_unknown(later: tuple[Database, Manifest]) -> None:
    document = with_conditions(condition("company.attainment_spread > baseline.attainment_spread"))
    made = review(*later, bare(), committed_decision({**document, "baseline": {}}), SEPTEMBER)
    assert made.conditions[0].missing == ("no value for baseline.attainment_spread",)


def test_a_number_that_rests_on_a_proxy_says_so(found: Review) -> None:
    (escalation,) = [c for c in found.conditions if c.id == "E1"]
    assert escalation.numbers == (("company.candidate_share_at_least", "30.00 % (proxy: potential graded proxy)"),)
