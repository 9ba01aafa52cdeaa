"""Nothing of a company is written in the code: other numbers, names and currencies come to what they say.

The second company's policies are changed in one place after the other, on the sample company's data.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from engine.moves import check_moves
from rules.kinds import Value
from rules.model.parameter import Parameter
from rules.model.policy import PolicySet
from rules.model.rule_kind import Mode
from rules.problem import BadInput
from rules.reading.load import load_policies
from tests.examples.holdover import JUNE, QUESTIONS, SAMPLE, Company, imported, texts

MAIN: tuple[tuple[str, str, Value], ...] = (
    ("moves", "rest_days[Far East]", 90),
    ("moves", "give_cap", 8),
    ("moves", "quiet_days", 40),
    ("credit", "hold_days", 60),
    ("credit", "credit_schedule", "two_steps"),
    ("credit", "hold_cap_per_rep", 3),
    ("credit", "stage_floor", 4),
    ("credit", "value_floor", 3_000_00),
    ("protection", "floor_from", Fraction(25, 100)),
    ("audit", "spread_limit", Fraction(50, 100)),
)
"""Question to a parameter and another value of it, by which an answer is another one on the sample company."""
OTHERS: tuple[tuple[str, str, Value], ...] = (
    ("moves", "rest_days", 361),
    ("moves", "give_cap[Central]", 7),
    ("moves", "book_cap[Far East]", 20),
    ("moves", "quota_rise", Fraction(30, 100)),
    ("moves", "quota_fall", Fraction(-1, 100)),
    ("moves", "settling_days", 30),
    ("moves", "anchor_revenue[Far East]", 11_000_00),
    ("moves", "tail_revenue", 20_000_00),
    ("moves", "pipeline_stage", 6),
    ("moves", "late_stage", 5),
    ("moves", "closing_days", 30),
    ("credit", "hold_cap_order", "earliest"),
    ("credit", "value_floor[Far East]", 1_000_00),
    ("credit", "touched_days", 5),
    ("protection", "floor_from[Central]", Fraction(6, 100)),
    ("protection", "floor_asked", Fraction(90, 100)),
    ("protection", "least_floor", 1_00),
    ("protection", "floor_months", 3),
    ("protection", "lead_account", 1_00),
    ("protection", "base_months", 5),
    ("protection", "base_lookback_months", 4),
    ("protection", "least_base_months", 7),
    ("audit", "attainment_floor", Fraction(60, 100)),
    ("audit", "attainment_floor[Far East]", Fraction(60, 100)),
    ("audit", "attainment_ceiling", Fraction(140, 100)),
    ("audit", "load_floor", Fraction(60, 100)),
    ("audit", "load_ceiling", Fraction(150, 100)),
    ("audit", "win_floor", Fraction(5, 100)),
    ("audit", "order_floor", 1_500_00),
    ("audit", "lead_share", Fraction(40, 100)),
    ("audit", "leaders", 0),
    ("audit", "churn_limit", Fraction(20, 100)),
    ("audit", "lost_limit", 100),
    ("audit", "strained_share", Fraction(5, 100)),
    ("audit", "tier_a_over", 20_000_00),
    ("audit", "units_a", 1),
    ("audit", "units_b", 9),
    ("audit", "units_c", 5),
    ("audit", "concentration_base", 300_000_00),
    ("audit", "turnover_days", 7),
    ("moves", "book_cap", 23),
    ("moves", "anchor_revenue", 90_000_00),
    ("protection", "floor_full", Fraction(90, 100)),
    ("audit", "young_months", 5),
)
ASKED_BY_CODE = {
    *("tier_a_over", "tier_b_from", "units_a", "units_b", "units_c", "concentration_base", "turnover_days"),
    *("event_days", "late_stage", "closing_days"),
    *("base_months", "base_lookback_months", "leave_days_in_month", "least_base_months"),
    *("hold_days", "credit_schedule", "hold_cap_per_rep", "hold_cap_order", "commit_roles"),
}
"""Facts are defined by the first three lines, and credit and commitment by the last, where a company writes them."""
UNSEEN = {
    # No account of the sample company is large, and no event is old; nothing is decided here, and no rep was on leave.
    *("rest_days[enterprise]", "value_floor[enterprise]", "event_days", "leave_days_in_month", "tier_b_from"),
    *("excluded_titles", "commit_roles", "most_moved", "approvers_needed", "waived_limit", "firings_needed"),
    *("growth", "growth_cap", "months_left"),
}
"""What the sample company's data does not ask about; the policies' own examples try all but what metrics read."""


@pytest.fixture(scope="module")
def pack(project: Path) -> PolicySet:
    return load_policies(texts(project))


@pytest.fixture(scope="module")
def company(project: Path) -> Iterator[Company]:
    yield from imported(project, (project / SAMPLE / "mapping.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def in_yen(project: Path) -> Iterator[Company]:
    """The sample company in a currency without decimals."""
    euros = (project / SAMPLE / "mapping.yaml").read_text("utf-8")
    yen = euros.replace("{currency: EUR, scale: 2, minor_digits: 2}", "{currency: JPY, scale: 2, minor_digits: 0}")
    assert yen != euros
    yield from imported(project, yen)


@pytest.fixture(scope="module")
def answered(company: Company, pack: PolicySet) -> Mapping[str, object]:
    return {name: ask(company, pack) for name, ask in QUESTIONS.items()}


def with_value(policies: PolicySet, name: str, value: Value) -> PolicySet:
    """The policies with another value of a parameter, or of an override by its name, on every day."""

    def put(parameter: Parameter) -> Parameter:
        if parameter.name == name:
            return replace(parameter, values=tuple(replace(v, value=value) for v in parameter.values))
        return replace(
            parameter,
            overrides=tuple(
                replace(o, values=tuple(replace(v, value=value) for v in o.values)) if o.name == name else o
                for o in parameter.overrides
            ),
        )

    changed = (replace(p, parameters=tuple(map(put, p.parameters))) for p in policies.policies)
    return replace(policies, policies=tuple(changed))


@pytest.mark.parametrize(
    ("question", "name", "value"), [*MAIN, *(pytest.param(*o, marks=pytest.mark.exhaustive) for o in OTHERS)]
)
def test_another_number_gives_another_answer(
    company: Company, pack: PolicySet, answered: Mapping[str, object], question: str, name: str, value: Value
) -> None:
    assert QUESTIONS[question](company, with_value(pack, name, value)) != answered[question]


def test_every_parameter_is_changed_somewhere(pack: PolicySet) -> None:
    assert {name for _, name, _ in (*MAIN, *OTHERS)} | UNSEEN == set(pack.values_at(JUNE))


def test_under_other_names_the_same_rules_give_the_same_answers(
    project: Path, company: Company, pack: PolicySet, answered: Mapping[str, object]
) -> None:
    """Code asks for a few parameters by name and for nothing else: not for a rule, a metric's limit, a class."""
    named = {*pack.parameters(), *(d.name for d in pack.definitions() if "." not in d.name)} - ASKED_BY_CODE
    word = re.compile(rf"(?<![\w.-])({'|'.join(sorted(named))})(?![\w.-])")
    rule = re.compile(r"\b(AH|DC|EF|HC|ST|TW)-(?=[0-9])")
    renamed = load_policies((name, rule.sub(r"K\1-", word.sub(r"\1_here", text))) for name, text in texts(project))
    assert {r.id for r in renamed.rules()}.isdisjoint(r.id for r in pack.rules())
    assert set(renamed.parameters()) & set(pack.parameters()) == ASKED_BY_CODE
    for question, ask in QUESTIONS.items():
        assert repr(ask(company, renamed)).replace("K", "") == repr(answered[question]).replace("K", "")


@pytest.mark.parametrize("name", ["tier_a_over", "late_stage", "event_days"])
def test_a_number_that_a_fact_is_defined_by_is_asked_for_by_its_name(
    company: Company, pack: PolicySet, name: str
) -> None:
    without = tuple(
        replace(p, parameters=tuple(each for each in p.parameters if each.name != name)) for p in pack.policies
    )
    with pytest.raises(BadInput, match=f"parameter `{name}` has no value"):
        check_moves(company.db, company.manifest, replace(pack, policies=without), JUNE)


def test_in_a_currency_without_decimals_the_same_amounts_give_the_same_answers(
    project: Path, in_yen: Company, answered: Mapping[str, object]
) -> None:
    policies = load_policies(texts(project), minor_digits=0)
    for question in ("audit", "moves"):
        assert QUESTIONS[question](in_yen, policies) == answered[question]


def test_rules_on_trial_would_change_verdicts_if_they_were_enforced(
    company: Company, pack: PolicySet, answered: Mapping[str, object]
) -> None:
    enforced = replace(
        pack,
        policies=tuple(replace(p, rules=tuple(replace(r, mode=Mode.ENFORCE) for r in p.rules)) for p in pack.policies),
    )
    for question in ("moves", "credit"):
        assert QUESTIONS[question](company, enforced) != answered[question]


def test_amounts_read_in_another_minor_unit_are_refused_and_not_compared(in_yen: Company, pack: PolicySet) -> None:
    """1,000 yen are not 10.00 euros: what was read with two decimals says nothing about facts without any."""
    for ask in QUESTIONS.values():
        with pytest.raises(BadInput, match="another minor unit"):
            ask(in_yen, pack)
