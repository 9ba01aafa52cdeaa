"""A decision's own conditions are rules on the company and on what it was when the decision was committed."""

from collections.abc import Callable, Mapping
from datetime import date

import pytest

from rules.kinds import Kind, Unit
from rules.model.parameter import Parameter, ParameterValue
from rules.model.policy import Rule
from rules.model.rule_kind import Effect, RuleKind
from rules.problem import BadInput, Place
from rules.reading.load import load_policies
from rules.reading.review_rules import review_fields, review_rules
from rules.reading.shapes import ReviewRuleShape
from rules.vocabulary import FIELDS, Subject, fields_of
from rules.vocabulary.fact import Field

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


SMALL = """
policy: small
title: small
owner: somebody
parameters:
  spread_limit: {unit: points, title: limit, values: {2026-01-01: {value: 30, source: handbook}}}
conditions:
  - {name: wide, title: wide, subject: company, when: company.attainment_spread > spread_limit, source: handbook}
  - {name: named_land, title: named, subject: territory, when: territory.named, source: handbook}
derive:
  - name: growth
    title: growth
    subject: company
    unit: text
    cases: [{when: wide, value: "apart"}]
    otherwise: close
    source: handbook
bands:
  - name: headcount
    title: headcount
    subject: company
    of: company.headcount_turnover
    high: percent("10")
    source: handbook
"""


@pytest.mark.parametrize(
    ("when", "fields"),
    [
        ("wide", ("company.attainment_spread",)),
        ('growth == "apart"', ("company.attainment_spread",)),
        (
            'headcount == "high" && baseline.open_mergers > 0',
            ("company.headcount_turnover", "baseline.open_mergers"),
        ),
    ],
)
def test_it_may_name_what_the_policies_declare_on_the_company(when: str, fields: tuple[str, ...]) -> None:
    small = load_policies([("small.yaml", SMALL)])
    written = [(ReviewRuleShape(id="S1", text="t", when=when, effect=Effect.STOP), line(1))]
    (rule,) = review_rules(written, small.parameters(), definitions=small.definitions())
    assert rule.when is not None
    assert rule.when.fields == fields
    with pytest.raises(BadInput, match="unknown parameter"):
        review_rules(written, {})


def test_it_may_not_name_what_they_declare_on_something_else() -> None:
    small = load_policies([("small.yaml", SMALL)])
    written = [(ReviewRuleShape(id="S1", text="t", when="named_land", effect=Effect.STOP), line(1))]
    with pytest.raises(BadInput, match="unknown parameter `named_land`"):
        review_rules(written, small.parameters(), definitions=small.definitions())


def test_a_metric_that_the_policies_declare_on_the_company_is_named_now_and_at_commit() -> None:
    declared = Field("company.visits", Kind.COUNT, "visits", produced_by="a.module")
    fields = review_fields({**fields_of(Subject.COMPANY), declared.name: declared})
    assert fields["baseline.visits"].meaning == "visits, at commit"
    written = [
        (ReviewRuleShape(id="S1", text="t", when="company.visits < baseline.visits", effect=Effect.STOP), line(1))
    ]
    (rule,) = review_rules(written, {}, company={**fields_of(Subject.COMPANY), declared.name: declared})
    assert rule.when is not None
    assert rule.when.fields == ("company.visits", "baseline.visits")


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
