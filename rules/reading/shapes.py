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
from typing import Annotated, Literal

from pydantic import Field, field_validator

from rules.kinds import Unit
from rules.model.rule_kind import Effect, Mode, RuleKind, Severity
from rules.reading.declaration_shapes import (
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
from rules.reading.yaml_source import YamlShape
from rules.vocabulary import Subject


class ValueShape(YamlShape):
    value: Scalar | list[Scalar]
    """The value, written in the unit of the parameter; a list where several values count."""
    source: str = ""
    """Where it comes from: a handbook and its section, a contract, a study."""
    assumption: str = ""
    """Why the company decided so, where no source says it."""


class OverrideShape(YamlShape):
    """Other values where the subject lies in one of these regions, or serves one of these size segments."""

    region: list[str] = Field(default_factory=list)
    """Regions in which the override counts; empty: all."""
    segment: list[str] = Field(default_factory=list)
    """Size segments for which it counts; empty: all."""
    values: dict[date, ValueShape] = Field(min_length=1)
    """The values by the day from which each counts."""


class ParameterShape(YamlShape):
    title: str = ""
    """What the number is, in words."""
    unit: Unit = Field(strict=False)
    """How the values are written: `days`, `count`, `money`, `percent`, `points`, `ratio`, `date`, `text` or `bool`."""
    values: dict[date, ValueShape] = Field(min_length=1)
    """The values by the day from which each counts; an old one stays when a new one comes."""
    overrides: list[OverrideShape] = Field(default_factory=list)
    """Other values in some regions or for some size segments; the first that fits counts."""

    @field_validator("unit")
    @classmethod
    def _has_a_unit(cls, unit: Unit) -> Unit:
        if unit is Unit.NONE:
            raise ValueError("a parameter needs a unit")
        return unit


class EffectiveShape(YamlShape):
    start: date = Field(alias="from")
    """First day on which the rule is in force."""
    end: date | None = Field(default=None, alias="to")
    """First day on which it is no longer; without it, it stays in force."""


class CountShape(YamlShape):
    group: str = Field(pattern=ID)
    """The group of indicators that are counted."""
    at_least: int = Field(ge=1, le=1000)
    """How many of them must hit."""


class ExampleShape(YamlShape):
    name: str = Field(min_length=1)
    """The case in words, one sentence."""
    given: dict[str, Scalar | list[Scalar] | None] = Field(default_factory=dict)
    """Facts and their values; `null` is unknown. Required facts that are not given are unknown, optional ones are
    none.
    """
    parameters: dict[str, Scalar] = Field(default_factory=dict)
    """Other values of parameters, for this example alone."""
    at: date | None = None
    """The day of the verdict; without it, the last on which a parameter of the rule changed."""
    expect: str
    """`fires`, `silent` or `unknown`; where the effect alone decides, also the answer: `deny`, `hold`, `approval`,
    `allow`, …
    """


class RuleShape(YamlShape):
    id: str = Field(pattern=ID)
    """Short name, one in all files: letters, digits, `-` and `_`."""
    title: str = Field(min_length=1)
    """The rule in a few words."""
    kind: RuleKind = Field(strict=False)
    """Which question it belongs to, and how it answers it."""
    subject: Subject = Field(strict=False)
    """What it judges: a move, a territory, a rep, an opportunity, the company, a review, a decision or a rule."""
    effective: EffectiveShape
    """The days on which it is in force."""
    when: str | None = None
    """The condition, an expression on facts of the subject; either this or `count`."""
    count: CountShape | None = None
    """Instead of a condition: how many indicators of a group must hit."""
    group: str = ""
    """The group that an indicator counts in."""
    effect: Effect | None = Field(default=None, strict=False)
    """What it does when it is effective; needed where the kind has several."""
    defeats: list[str] = Field(default_factory=list)
    """Ids of rules that it takes the effect from."""
    roles: list[str] = Field(default_factory=list)
    """Who must approve."""
    approvals: Annotated[int, Field(ge=1, le=99)] | Literal["all", "any"] = "all"
    """How many of the roles must approve: `all`, `any`, or a number."""
    deadline: str = ""
    """Name of the deadline by which what it demands is due."""
    to: str = ""
    """The fact that names who must receive the account of a mandate."""
    obligation: str = ""
    """What must be done, in words."""
    waivable: str = Field(default="", pattern=r"^(by [a-z][a-z0-9-]*)?$")
    """`by` and the role that may waive it for an account; without it nobody may."""
    on_unknown: str = ""
    """What it does where its condition is unknown: an effect, or `none`."""
    until: str | None = None
    """An expression for the day on which a hold ends; without it the hold is open."""
    message: str = Field(min_length=1)
    """What people read when it is effective; `{fact}` and `{parameter}` are filled in."""
    source: str = ""
    """Where the rule comes from."""
    assumption: str = ""
    """Why the company decided so, where no source says it."""
    severity: Severity = Field(default=Severity.MEDIUM, strict=False)
    """How much a person should care; it changes no verdict."""
    owner: str = ""
    """Who answers for the rule; without it, the owner of the policy."""
    tags: list[str] = Field(default_factory=list)
    """Words to find and bind rules by."""
    mode: Mode = Field(default=Mode.ENFORCE, strict=False)
    """`enforce`, or `report`: shown as what it would do, and without any effect."""
    lines: list[LineShape] = Field(default_factory=list)
    """The arithmetic of a protection, line by line."""
    lasts: str = ""
    """The parameter with the whole months that a protection lasts; without it nothing is said of its end."""
    examples: list[ExampleShape] = Field(default_factory=list)
    """Cases with the answer that is expected: one that fires and one that does not, at least."""


class PolicyShape(YamlShape):
    policy: str = Field(pattern=r"^[a-z][a-z0-9-]{0,59}$")
    """Name of the file's policy: small letters, digits and hyphens; one in all files."""
    title: str = Field(min_length=1)
    """What it is about, in words."""
    owner: str = Field(min_length=1)
    """Who answers for it."""
    parameters: dict[str, ParameterShape] = Field(default_factory=dict)
    """Dated numbers, words and lists that conditions name."""
    calendar: CalendarShape | None = None
    """Fiscal year, holidays, closed days and windows for moves; one in all files."""
    conditions: list[ConditionShape] = Field(default_factory=list)
    """Named conditions that several rules share."""
    derive: list[DeriveShape] = Field(default_factory=list)
    """Values or classes that are derived case by case."""
    bands: list[BandShape] = Field(default_factory=list)
    """Metrics as `low`, `in` or `high` between two parameters."""
    tables: list[TableShape] = Field(default_factory=list)
    """Decision tables."""
    metrics: list[MetricShape] = Field(default_factory=list)
    """Facts that are counted or summed from rows of canonical tables."""
    formulas: list[FormulaShape] = Field(default_factory=list)
    """Arithmetic on amounts, line by line."""
    deadlines: dict[str, DeadlineShape] = Field(default_factory=dict)
    """By when something is due, by name."""
    schedules: dict[str, ScheduleShape] = Field(default_factory=dict)
    """How credit is shared over months, by name."""
    rules: list[RuleShape] = Field(default_factory=list)
    """What is judged, and what follows."""
    bindings: list[BindingShape] = Field(default_factory=list)
    """Rules that apply in some regions or segments only, or in another mode."""


class ReviewRuleShape(YamlShape):
    """A review trigger, escalation trigger, stop condition or reversal signal, as a decision file writes it."""

    id: str = Field(pattern=ID)
    """Short name, one in the decision."""
    text: str = Field(min_length=1)
    """The rule in words."""
    when: str
    """The condition, on facts of a review."""
    effect: Effect = Field(strict=False)
    """What it does when it is true."""
