"""Formulas are read line by line, each with the lines above it, and their examples in the units of their lines."""

from datetime import date

import pytest

from rules.kinds import Unit
from rules.model.definition import Formula, Rounding
from rules.model.parameter import Parameter, ParameterValue
from rules.problem import Place
from rules.reading.formula import read_formulas
from rules.reading.reader import Reader
from rules.reading.shapes import PolicyShape
from rules.reading.yaml_source import read_yaml, shaped
from rules.vocabulary import Subject

PLACE = Place("p.yaml", 1, 1)
FLOOR = Parameter("least_guarantee", Unit.MONEY, (ParameterValue(date(2026, 1, 1), 100_000, "s", "", PLACE),), PLACE)


def formulas_of(body: str) -> tuple[tuple[Formula, ...], list[str]]:
    document = read_yaml(f"policy: p\ntitle: t\nowner: o\nformulas:\n{body}", "p.yaml")
    reader = Reader(document, {FLOOR.name: FLOOR}, 2)
    found = read_formulas(reader, reader.scope, shaped(document, PolicyShape))
    return found, [str(p) for p in reader.problems]


GUARANTEE = """\
  - name: monthly_guarantee
    title: what a protected rep earns in a month at least
    subject: rep
    lines:
      - {name: mean, formula: "divide(rep.base_earnings, rep.base_months)", text: mean of the base, round: down}
      - {name: guarantee, formula: "max(mean, least_guarantee)", text: never less than the floor}
    assumption: "a floor, so that a short base does no harm"
    examples:
      - name: below the floor
        given: {rep.base_earnings: 100, rep.base_months: 3}
        parameters: {least_guarantee: 500}
        at: 2026-03-01
        expect: {mean: 33.33, guarantee: 500}
      - {name: without a base, given: {rep.base_earnings: null}, expect: null}
"""


def test_a_formula_is_what_it_says() -> None:
    (found,), problems = formulas_of(GUARANTEE)
    assert problems == []
    assert (found.name, found.subject, found.assumption) == (
        "monthly_guarantee", Subject.REP, "a floor, so that a short base does no harm",
    )  # fmt: skip
    assert [(line.name, line.formula.text, line.rounding) for line in found.lines] == [
        ("mean", "divide(rep.base_earnings, rep.base_months)", Rounding.DOWN),
        ("guarantee", "max(mean, least_guarantee)", Rounding.HALF_EVEN),
    ]
    first, second = found.examples
    assert (first.given, first.parameters, first.at, first.expect) == (
        {"rep.base_earnings": 10_000, "rep.base_months": 3},
        {"least_guarantee": 50_000},
        date(2026, 3, 1),
        {"mean": 3_333, "guarantee": 50_000},
    )
    assert (second.given, second.expect) == ({"rep.base_earnings": None}, {"guarantee": None})


@pytest.mark.parametrize(
    ("changed", "into", "said"),
    [
        ("max(mean, least", "max(main, least", "did you mean `mean`?"),
        ("divide(rep.base_earnings", "divide(guarantee", "unknown parameter `guarantee`"),
        ("{name: guarantee,", "{name: mean,", "p.yaml:10:16: `mean` has a meaning already"),
        ("{name: guarantee,", "{name: least_guarantee,", "`least_guarantee` has a meaning already"),
        ('assumption: "a floor, so that a short base does no harm"', "source: ''", "does not say where it comes from"),
        ("expect: {mean: 33.33,", "expect: {maen: 33.33,", "the formula has no line `maen`"),
        ("expect: {mean: 33.33,", "expect: {mean: 33.333,", "p.yaml:17:24: "),
        ("given: {rep.base_earnings: 100", "given: {rep.base_earning: 100", "did you mean `rep.base_earnings`?"),
        ("parameters: {least_guarantee", "parameters: {last_guarantee", "did you mean `least_guarantee`?"),
    ],
)
def test_a_slip_in_a_formula_is_told(changed: str, into: str, said: str) -> None:
    assert changed in GUARANTEE
    found, problems = formulas_of(GUARANTEE.replace(changed, into, 1))
    assert found == ()
    assert said in "\n".join(problems)
