"""The shape of a policy file: keys and their types, before anything is looked up or compiled.

policy: account-moves
title: Rules of engagement for account moves
owner: sales-operations
parameters:
  cooldown: {unit: days, values: {2010-01-01: {value: 180, assumption: "two quarters"}}}
rules:
  - id: R02
    kind: engagement
    subject: move
    effective: {from: 2010-01-01}
    when: has(account.last_moved_on) && move.effective < account.last_moved_on + cooldown
    effect: deny
    message: "{account.name} rests for {cooldown}"
    examples: [...]
"""

from datetime import date

from pydantic import Field, field_validator

from rules.declaration_shapes import (
    ID,
    BandShape,
    BindingShape,
    CalendarShape,
    ConditionShape,
    DeadlineShape,
    DeriveShape,
    FormulaShape,
    LineShape,
    MetricShape,
    Scalar,
    ScheduleShape,
    TableShape,
)
from rules.kinds import Unit
from rules.rule_kind import Effect, Mode, RuleKind, Severity
from rules.vocabulary import Subject
from rules.yaml_source import YamlShape


class ValueShape(YamlShape):
    value: Scalar | list[Scalar]
    source: str = ""
    assumption: str = ""


class OverrideShape(YamlShape):
    """Other values where the subject lies in one of these regions, or serves one of these size segments."""

    region: list[str] = Field(default_factory=list)
    segment: list[str] = Field(default_factory=list)
    values: dict[date, ValueShape] = Field(min_length=1)


class ParameterShape(YamlShape):
    title: str = ""
    unit: Unit = Field(strict=False)
    values: dict[date, ValueShape] = Field(min_length=1)
    overrides: list[OverrideShape] = Field(default_factory=list)

    @field_validator("unit")
    @classmethod
    def _has_a_unit(cls, unit: Unit) -> Unit:
        if unit is Unit.NONE:
            raise ValueError("a parameter needs a unit")
        return unit


class EffectiveShape(YamlShape):
    start: date = Field(alias="from")
    end: date | None = Field(default=None, alias="to")


class CountShape(YamlShape):
    group: str = Field(pattern=ID)
    at_least: int = Field(ge=1, le=1000)


class ExampleShape(YamlShape):
    name: str = Field(min_length=1)
    given: dict[str, Scalar | list[Scalar] | None] = Field(default_factory=dict)
    parameters: dict[str, Scalar] = Field(default_factory=dict)
    at: date | None = None
    expect: str


class RuleShape(YamlShape):
    id: str = Field(pattern=ID)
    title: str = Field(min_length=1)
    kind: RuleKind = Field(strict=False)
    subject: Subject = Field(strict=False)
    effective: EffectiveShape
    when: str | None = None
    count: CountShape | None = None
    group: str = ""
    effect: Effect | None = Field(default=None, strict=False)
    defeats: list[str] = Field(default_factory=list)
    roles: list[str] = Field(default_factory=list)
    approvals: str = Field(default="all", pattern=r"^(all|any|[1-9][0-9]?)$")
    """How many of the roles must approve."""
    deadline: str = ""
    to: str = ""
    obligation: str = ""
    waivable: str = Field(default="", pattern=r"^(by [a-z][a-z0-9-]*)?$")
    on_unknown: str = ""
    until: str | None = None
    message: str = Field(min_length=1)
    source: str = ""
    assumption: str = ""
    severity: Severity = Field(default=Severity.MEDIUM, strict=False)
    owner: str = ""
    tags: list[str] = Field(default_factory=list)
    mode: Mode = Field(default=Mode.ENFORCE, strict=False)
    lines: list[LineShape] = Field(default_factory=list)
    examples: list[ExampleShape] = Field(default_factory=list)


class PolicyShape(YamlShape):
    policy: str = Field(pattern=r"^[a-z][a-z0-9-]{0,59}$")
    title: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    parameters: dict[str, ParameterShape] = Field(default_factory=dict)
    calendar: CalendarShape | None = None
    conditions: list[ConditionShape] = Field(default_factory=list)
    derive: list[DeriveShape] = Field(default_factory=list)
    bands: list[BandShape] = Field(default_factory=list)
    tables: list[TableShape] = Field(default_factory=list)
    metrics: list[MetricShape] = Field(default_factory=list)
    formulas: list[FormulaShape] = Field(default_factory=list)
    deadlines: dict[str, DeadlineShape] = Field(default_factory=dict)
    schedules: dict[str, ScheduleShape] = Field(default_factory=dict)
    rules: list[RuleShape] = Field(default_factory=list)
    bindings: list[BindingShape] = Field(default_factory=list)


class ReviewRuleShape(YamlShape):
    """A review trigger, escalation trigger, stop condition or reversal signal, as a decision file writes it."""

    id: str = Field(pattern=ID)
    text: str = Field(min_length=1)
    when: str
    effect: Effect = Field(strict=False)
