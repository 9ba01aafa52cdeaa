"""A parameter has other values in some regions and segments, each dated and with its source like the general one."""

from datetime import date

import pytest

from engine.conditions.condition_case import value_of
from rules.kinds import Unit, Value
from rules.model.parameter import Extent
from rules.reading.load import in_force
from tests.rules.declaring import loaded, rule, told

COOLDOWN = """\
parameters:
  cooldown:
    unit: days
    values: {2026-01-01: {value: 180, source: s}, 2026-07-01: {value: 120, source: s}}
    overrides:
      - {region: [EMEA, UK], segment: [SMB], values: {2026-01-01: {value: 30, source: small ones in EMEA}}}
      - {region: [EMEA], values: {2026-03-01: {value: 90, assumption: shorter in EMEA}}}
"""
LIMIT = """\
parameters:
  limit:
    unit: count
    values: {2026-01-01: {value: 5, source: s}}
    overrides:
      - {region: [EMEA, UK], segment: [SMB], values: {2026-01-01: {value: 1, source: s}}}
      - {region: [EMEA], values: {2026-01-01: {value: 3, source: s}}}
"""
FEW = "rules:\n" + rule("kind: engagement, subject: move, effect: deny, when: account.late_deals <= limit")


def test_an_override_has_a_name_an_extent_and_its_own_dates() -> None:
    parameter = loaded(COOLDOWN).parameters()["cooldown"]
    assert [(o.name, o.scope) for o in parameter.overrides] == [
        ("cooldown[EMEA, UK, SMB]", Extent(("EMEA", "UK"), ("SMB",))),
        ("cooldown[EMEA]", Extent(("EMEA",))),
    ]
    assert parameter.overrides[1].values[0].assumption == "shorter in EMEA"
    assert str(parameter.overrides[1].place) == "0.yaml:10:9"


def test_values_in_force_hold_the_overrides_and_the_general_value_before_their_first_day() -> None:
    policies = loaded(COOLDOWN)
    found = {day: in_force(policies, day) for day in (date(2026, 2, 28), date(2026, 3, 1), date(2026, 7, 1))}
    assert [v["cooldown"] for v in found.values()] == [180, 180, 120]
    assert [v["cooldown[EMEA]"] for v in found.values()] == [180, 90, 90]
    assert [v["cooldown[EMEA, UK, SMB]"] for v in found.values()] == [30, 30, 30]
    assert in_force(policies, date(2025, 12, 31)) == {}
    assert policies.units() == dict.fromkeys(("cooldown", "cooldown[EMEA]", "cooldown[EMEA, UK, SMB]"), Unit.DAYS)


@pytest.mark.parametrize(
    ("region", "segment", "deals", "denied"),
    [
        ("EMEA", "enterprise", 3, True),
        ("EMEA", "enterprise", 4, False),
        ("EMEA", "SMB", 1, True),
        ("EMEA", "SMB", 2, False),  # the first written counts
        ("UK", "SMB", 2, False),
        ("UK", "enterprise", 5, True),  # the override asks for both
        ("APAC", "SMB", 5, True),
        (None, "SMB", 5, True),  # in no region
        (None, "SMB", 6, False),
        ("EMEA", None, 3, None),  # a segment is never none, so that it is unknown here
        ("APAC", None, 3, True),
    ],
)
def test_a_condition_reads_the_value_of_where_its_subject_lies(
    region: str | None, segment: str | None, deals: int, denied: bool | None
) -> None:
    policies = loaded(LIMIT + FEW)
    (found,) = policies.rules()
    assert found.when is not None
    case: dict[str, Value | None] = {
        "account.region": region, "account.size_segment": segment, "account.late_deals": deals,
    }  # fmt: skip
    assert value_of(found.when, case, in_force(policies, date(2026, 2, 1))) is denied


def test_where_the_region_is_not_known_neither_is_the_value() -> None:
    policies = loaded(LIMIT + FEW)
    (found,) = policies.rules()
    assert found.when is not None
    case: dict[str, Value | None] = {"account.size_segment": "SMB", "account.late_deals": 3}
    assert value_of(found.when, case, in_force(policies, date(2026, 2, 1)), frozenset({"account.region"})) is None


def test_a_subject_without_a_region_keeps_to_the_general_value() -> None:
    company = "rules:\n" + rule("kind: trigger, subject: company, effect: watch, when: company.open_mergers <= limit")
    policies = loaded(LIMIT + company)
    (found,) = policies.rules()
    assert found.when is not None
    assert found.when.parameters == ("limit",)


def test_an_example_may_set_the_value_of_an_override() -> None:
    given = "examples: [{name: n, given: {account.region: EMEA}, parameters: {'limit[EMEA]': 7}, expect: fires}]"
    (found,) = loaded(LIMIT + FEW.replace("<= limit", f"<= limit, {given}")).rules()
    assert found.examples[0].parameters == {"limit[EMEA]": 7}


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("{values: {2026-01-01: {value: 1, source: s}}}", "an override of `limit` holds nowhere; expected `region:`"),
        ("{region: [A], values: {2026-01-01: {value: 1}}}", "parameter `limit` does not say where its value comes"),
        ("{region: [A], values: {2026-01-01: {value: x, source: s}}}", "not a whole number; found `x`"),
        ("{region: [A], values: {}}", "`values`: is empty"),
        ("{region: [A, A], values: {2026-01-01: {value: 1, source: s}}}", "region `A` stands twice"),
        ("{region: [' A'], values: {2026-01-01: {value: 1, source: s}}}", "not the name of a region; found ` A`"),
        ("{segment: [''], values: {2026-01-01: {value: 1, source: s}}}", "not the name of a segment"),
        ("{region: [EMEA], values: {2026-01-01: {value: 1, source: s}}}", "`limit[EMEA]` stands twice"),
        ("{region: [A], values: {2026-01-01: {value: [1], source: s}}}", "parameter `limit` is a list in some places"),
    ],
)  # fmt: skip
def test_an_override_that_says_nothing_is_refused(override: str, words: str) -> None:
    problems = told(f"{LIMIT}      - {override}\n")
    assert words in problems[0]


def test_a_parameter_that_facts_are_computed_with_has_no_overrides() -> None:
    (problem,) = told(LIMIT.replace("limit:", "tier_a_over:"))
    assert "parameter `tier_a_over` has one value for all" in problem
    assert "is computed with it before any region or segment is looked at" in problem


def test_a_region_may_be_named_with_any_signs_that_can_be_seen() -> None:
    text = LIMIT.replace("[EMEA]", "['DACH \"Süd\" \\ 1']") + FEW
    policies = loaded(text)
    (found,) = policies.rules()
    assert found.when is not None
    case: dict[str, Value | None] = {
        "account.region": 'DACH "Süd" \\ 1', "account.size_segment": "x", "account.late_deals": 4,
    }  # fmt: skip
    assert value_of(found.when, case, in_force(policies, date(2026, 2, 1))) is False
