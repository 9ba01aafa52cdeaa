"""Formulas are worked out line by line, rounded as each line says; the annual quota is the one worked out by hand."""

from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.conditions.condition_case import Case
from engine.conditions.formulas import evaluate_formula
from rules.kinds import Value
from rules.model.definition import Formula
from rules.model.policy import PolicySet
from rules.reading.load import in_force, load_policies

DAY = date(2026, 6, 30)
MILLION = 1_000_000_00


def quota_policy() -> PolicySet:
    """The annual quota of a rep, from the company's base and the TAM of the book."""
    return load_policies(
        [
            (
                "quota.yaml",
                """\
policy: quota
title: Annual quota
owner: sales-operations
parameters:
  quota_base: {unit: money, values: {2026-01-01: {value: 3000000, source: plan}}}
  market_adjustments: {unit: percent, values: {2026-01-01: {value: 0, source: plan}}}
  least_quota_factor: {unit: ratio, values: {2026-01-01: {value: 0.70, source: plan}}}
  most_quota_factor: {unit: ratio, values: {2026-01-01: {value: 1.30, source: plan}}}
  ramp: {unit: percent, values: {2026-01-01: {value: 100, source: plan}}}
formulas:
  - name: annual_quota
    title: quota of a year, by the potential of the book
    subject: rep
    source: plan
    lines:
      - name: potential_factor
        formula: share(rep.tam_after, rep.mean_tam) * (ratio("1") + market_adjustments)
        text: TAM by mean TAM, with the market's adjustments
      - name: clamped_factor
        formula: min(max(potential_factor, least_quota_factor), most_quota_factor)
        text: never below the least nor above the most
      - {name: full_quota, formula: "part(quota_base, clamped_factor)", text: before the ramp}
      - {name: annual_quota_of_rep, formula: "part(full_quota, ramp)", text: with the ramp of the year}
    examples:
      - name: a rich book meets the cap
        given: {rep.tam_after: 4000000, rep.mean_tam: 3000000}
        expect: {clamped_factor: 1.3, annual_quota_of_rep: 3900000}
      - name: a poor book meets the floor
        given: {rep.tam_after: 2000000, rep.mean_tam: 3000000}
        expect: 2100000
      - {name: without a mean there is no quota, given: {rep.tam_after: 2000000, rep.mean_tam: 0}, expect: null}
""",
            )
        ]
    )


QUOTA = quota_policy()


def formula_of(policies: PolicySet) -> Formula:
    ((formula,),) = (p.formulas for p in policies.policies)
    return formula


def worked(case: Case, **parameters: Value) -> dict[str, Value | None]:
    values = {**in_force(QUOTA, DAY), **parameters}
    return {w.name: w.value for w in evaluate_formula(formula_of(QUOTA), case, values)}


def test_the_examples_of_the_annual_quota_hold() -> None:
    formula = formula_of(QUOTA)
    assert len(formula.examples) == 3
    for example in formula.examples:
        found = worked(example.given)
        assert {name: found[name] for name in example.expect} == example.expect, example.name


def test_a_book_of_four_million_against_a_mean_of_three_has_the_cap_and_two_has_the_floor() -> None:
    found = [worked({"rep.tam_after": tam, "rep.mean_tam": 3 * MILLION}) for tam in (4 * MILLION, 2 * MILLION)]
    assert [f["annual_quota_of_rep"] for f in found] == [390_000_000, 210_000_000]


def rounded(exact: Fraction) -> int:
    """Half to even, by the other library: the quotient has far fewer digits than are kept."""
    quotient = Decimal(exact.numerator) / Decimal(exact.denominator)
    return int(quotient.quantize(Decimal(1), ROUND_HALF_EVEN))


@given(
    tam=st.integers(0, 10**9),
    mean=st.integers(0, 10**9),
    adjusted=st.integers(-40, 40),
    ramp=st.sampled_from([60, 80, 100]),
)
def test_the_annual_quota_is_what_the_definition_says_by_hand(tam: int, mean: int, adjusted: int, ramp: int) -> None:
    found = worked(
        {"rep.tam_after": tam, "rep.mean_tam": mean},
        market_adjustments=Fraction(adjusted, 100),
        ramp=Fraction(ramp, 100),
    )["annual_quota_of_rep"]
    if mean == 0:
        assert found is None
        return
    factor = Fraction(tam, mean) * (1 + Fraction(adjusted, 100))
    clamped = min(max(factor, Fraction(7, 10)), Fraction(13, 10))
    assert found == rounded(Fraction(ramp, 100) * rounded(3 * MILLION * clamped))


ROUNDED_BY = {"half-even": ROUND_HALF_EVEN, "half-up": ROUND_HALF_UP, "down": ROUND_DOWN, "up": ROUND_UP}


def rounding_formula(way: str) -> Formula:
    return formula_of(
        load_policies(
            [
                (
                    "r.yaml",
                    f"""\
policy: r
title: t
owner: o
formulas:
  - name: monthly
    title: a month's part
    subject: rep
    source: s
    lines:
      - {{name: mean, formula: "divide(rep.base_earnings, rep.base_months)", text: t, round: {way}}}
      - {{name: later, formula: "divide(rep.base_earnings, rep.base_months)", text: t}}
""",
                )
            ]
        )
    )


@pytest.mark.parametrize("way", ROUNDED_BY)
def test_every_line_rounds_in_its_own_way(way: str) -> None:
    formula = rounding_formula(way)
    for amount in (-7, -6, -5, -3, -2, -1, 0, 1, 2, 3, 5, 6, 7, 10):
        mean, later = evaluate_formula(formula, {"rep.base_earnings": amount, "rep.base_months": 4}, {})
        exact = Decimal(amount) / 4
        assert mean.value == int(exact.quantize(Decimal(1), ROUNDED_BY[way]))
        assert later.value == int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))
        assert mean.clause.value == mean.value


def test_what_is_absent_is_unknown_in_its_line_and_in_those_that_need_it() -> None:
    case = {"rep.tam_after": 4 * MILLION, "rep.mean_tam": 3 * MILLION}
    lines = evaluate_formula(formula_of(QUOTA), case, in_force(QUOTA, DAY), frozenset({"rep.mean_tam"}))
    assert [w.value for w in lines] == [None] * 4
    assert lines[0].clause.missing == ("rep.mean_tam",)
    assert lines[-1].clause.missing == ("full_quota",)
