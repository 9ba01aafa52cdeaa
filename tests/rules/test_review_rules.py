"""A decision's own conditions are rules on the company and on what it was when the decision was committed."""

from collections.abc import Callable, Mapping
from datetime import date

import pytest

from rules.kinds import Unit
from rules.parameter import Parameter, ParameterValue
from rules.policy import Rule
from rules.problem import BadInput, Place
from rules.review_rules import effect_words, review_fields, review_rules
from rules.rule_kind import Effect, RuleKind
from rules.shapes import ReviewRuleShape
from rules.vocabulary import FIELDS, Subject

HERE = Place("decision.yaml", 9, 3)
LIMIT: Mapping[str, Parameter] = {
    "spread_limit": Parameter(
        "spread_limit", Unit.POINTS, (ParameterValue(date(2026, 1, 1), 30, "handbook", "", HERE),), HERE
    )
}


def line(number: int) -> Callable[[int], Place]:
    """Where the characters of a condition stand that fills a line."""
    return lambda offset: Place("decision.yaml", number, 1 + offset)


def compiled(*written: tuple[str, str, str]) -> tuple[Rule, ...]:
    """Rules from (id, condition, effect)."""
    return review_rules(
        [
            (ReviewRuleShape(id=i, text=f"text of {i}", when=when, effect=Effect(effect)), line(n))
            for n, (i, when, effect) in enumerate(written, 1)
        ],
        LIMIT,
    )


def problems_of(*written: tuple[str, str, str]) -> list[str]:
    with pytest.raises(BadInput) as refused:
        compiled(*written)
    return [str(problem) for problem in refused.value.problems]


def test_a_condition_compares_the_company_with_what_it_was_at_commit_and_with_parameters() -> None:
    (rule,) = compiled(("S1", "company.attainment_spread > baseline.attainment_spread", "stop"))
    assert rule.when is not None
    assert rule.when.fields == ("company.attainment_spread", "baseline.attainment_spread")
    (other,) = compiled(("S2", "baseline.attainment_spread <= spread_limit", "review"))
    assert other.when is not None
    assert other.when.parameters == ("spread_limit",)


def test_it_is_in_force_on_every_day_and_concludes_nothing_from_the_unknown() -> None:
    (rule,) = compiled(("S1", "company.open_mergers > 0", "stop"))
    assert (rule.kind, rule.subject, rule.effect, rule.on_unknown) == (
        RuleKind.STOP_CONDITION, Subject.COMPANY, Effect.STOP, None,
    )  # fmt: skip
    assert rule.in_force(date.min)
    assert rule.in_force(date.max)
    assert (rule.message, rule.place) == ("text of S1", Place("decision.yaml", 1, 1))


def test_every_fact_of_the_company_has_its_baseline() -> None:
    fields = review_fields()
    assert len(fields) == 2 * len(FIELDS[Subject.COMPANY])
    for name in (f.name for f in FIELDS[Subject.COMPANY]):
        baseline = fields[name.replace("company.", "baseline.")]
        assert (baseline.kind, baseline.unit) == (fields[name].kind, fields[name].unit)


def test_every_mistake_is_told_at_once() -> None:
    assert problems_of(
        ("S1", "company.open_merger > 0", "stop"),
        ("S1", "company.open_mergers > 0", "deny"),
        ("S2", "company.open_mergers", "review"),
        ("S3", 'account.t12 > money("5")', "review"),
        ("S4", "company.open_mergers >", "review"),
    ) == [
        "decision.yaml:1:1: unknown fact `company.open_merger`\n  hint: did you mean `company.open_mergers`?",
        (
            "decision.yaml:2:1: not an effect of a review rule; found `deny`; "
            "expected `review`, `escalate`, `stop`, `reverse`"
        ),
        "decision.yaml:2:1: `S1` stands twice",
        "decision.yaml:3:1: a condition must be true or false; found `count`",
        "decision.yaml:4:1: unknown fact `account.t12`",
        "decision.yaml:5:23: expression ends too early; expected a fact, a parameter or a value",
    ]


@pytest.mark.parametrize("effect", [Effect.REVIEW, Effect.ESCALATE, Effect.STOP, Effect.REVERSE])
def test_every_effect_says_what_firing_means(effect: Effect) -> None:
    assert effect_words(effect)
