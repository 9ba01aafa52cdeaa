"""The shapes of what a policy file declares beside its parameters and rules: names, tables, metrics, dates, shares.

conditions:
  - {name: renewing, subject: move, when: has(account.contract_end) && …, title: …}
derive:
  - name: account.care
    subject: move
    cases: [{when: account.tier == "A", value: high}, {when: account.named, value: high}]
    otherwise: plain
bands:
  - {name: attainment_band, of: territory.attainment, low: attainment_low, high: attainment_high}
tables:
  - name: notice
    subject: move
    hit: first
    inputs: [account.size_segment, account.t12]
    unit: days
    rows: [{if: ['"SMB"', "-"], then: 14}, {if: ["-", '> money("1000000")'], then: 56}]
    otherwise: 28
formulas:
  - {name: annual_quota, subject: rep, lines: [...]}
metrics:
  - name: territory.open_pipeline
    subject: territory
    sum: opportunities.amount
    where: opportunities.status == "open"
deadlines:
  introduction: {subject: move, from: move.announced_on, within: 5 business days}
schedules:
  grandfathering: {from: move.effective, shares: {rep: [{through: 3, original: 100}]}}
calendar: {fiscal_year_starts: 2, holidays: US, windows: [{quarters: [1, 3], from: 1, to: 45}]}
bindings:
  - {rules: [R11], region: [EMEA], mode: report}
"""

from datetime import date
from decimal import Decimal

from pydantic import Field

from rules.definition import HitPolicy, Rounding
from rules.kinds import Unit
from rules.metric import State
from rules.rule_kind import Mode
from rules.vocabulary import Subject
from rules.yaml_source import YamlShape

Scalar = bool | int | str | date | Decimal
ID = r"^[A-Za-z][A-Za-z0-9_-]{0,39}$"
NAME = r"^[a-z][a-z0-9_]{0,59}$"
DEFINED = r"^[a-z][a-z0-9_]{0,59}(\.[a-z][a-z0-9_]{0,59})?$"
"""A defined name may look like a fact's."""


class GroundedShape(YamlShape):
    """What rests on something says on what: a source, an assumption, or both."""

    source: str = ""
    assumption: str = ""


class NamedExampleShape(YamlShape):
    name: str = Field(min_length=1)
    given: dict[str, Scalar | list[Scalar] | None] = Field(default_factory=dict)
    parameters: dict[str, Scalar] = Field(default_factory=dict)
    at: date | None = None
    expect: Scalar | dict[str, Scalar | None] | None
    """The value, null for unknown; for a formula, line names to values."""


class ConditionShape(GroundedShape):
    name: str = Field(pattern=DEFINED)
    title: str = ""
    subject: Subject = Field(strict=False)
    when: str
    examples: list[NamedExampleShape] = Field(default_factory=list)


class CaseShape(YamlShape):
    when: str
    value: Scalar | None = None
    formula: str | None = None
    """An expression instead of a fixed value."""


class DeriveShape(GroundedShape):
    name: str = Field(pattern=DEFINED)
    title: str = ""
    subject: Subject = Field(strict=False)
    unit: Unit = Field(default=Unit.TEXT, strict=False)
    cases: list[CaseShape] = Field(min_length=1)
    """The first that is true answers; an unknown one makes the answer unknown."""
    otherwise: Scalar | None = None
    examples: list[NamedExampleShape] = Field(default_factory=list)


class BandShape(GroundedShape):
    name: str = Field(pattern=DEFINED)
    title: str = ""
    subject: Subject | None = Field(default=None, strict=False)
    """Where several subjects have the fact; else it is the one that has it."""
    of: str
    """The fact."""
    low: str = ""
    """Parameter below which the band is `low`; both ends belong to `in`."""
    high: str = ""
    examples: list[NamedExampleShape] = Field(default_factory=list)


class RowShape(YamlShape):
    cells: list[str] = Field(alias="if")
    then: Scalar


class TableShape(GroundedShape):
    name: str = Field(pattern=DEFINED)
    title: str = ""
    subject: Subject = Field(strict=False)
    hit: HitPolicy = Field(strict=False)
    inputs: list[str] = Field(min_length=1)
    unit: Unit = Field(default=Unit.TEXT, strict=False)
    rows: list[RowShape] = Field(min_length=1)
    priority: list[Scalar] = Field(default_factory=list)
    otherwise: Scalar | None = None
    examples: list[NamedExampleShape] = Field(default_factory=list)


class LineShape(YamlShape):
    name: str = Field(pattern=NAME)
    formula: str
    text: str
    round: Rounding = Field(default=Rounding.HALF_EVEN, strict=False)


class FormulaShape(GroundedShape):
    name: str = Field(pattern=NAME)
    title: str = Field(min_length=1)
    subject: Subject = Field(strict=False)
    lines: list[LineShape] = Field(min_length=1)
    examples: list[NamedExampleShape] = Field(default_factory=list)


class MetricShape(GroundedShape):
    """Exactly one of the aggregates is given, with the column it reads (`count` names a table)."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}\.[a-z][a-z0-9_]{0,59}$")
    title: str = Field(min_length=1)
    subject: Subject = Field(strict=False)
    sum: str | None = None
    min: str | None = None
    max: str | None = None
    count: str | None = None
    median: str | None = None
    rank: str | None = None
    where: str | None = None
    state: State = Field(default=State.AS_OF, strict=False)
    unit: Unit = Field(default=Unit.COUNT, strict=False)


class DeadlineShape(GroundedShape):
    title: str = ""
    subject: Subject = Field(strict=False)
    anchor: str = Field(alias="from")
    within: str = Field(pattern=r"^[1-9][0-9]{0,3} (business )?days?$")
    extension: str = Field(default="", pattern=r"^([1-9][0-9]{0,3} (business )?days? by [a-z][a-z0-9-]*)?$")


class SliceShape(YamlShape):
    through: int | None = Field(default=None, ge=1, le=120)
    original: int = Field(ge=0, le=100)


class ScheduleShape(GroundedShape):
    title: str = ""
    anchor: str = Field(alias="from")
    shares: dict[str, list[SliceShape]] = Field(min_length=1)


class WindowShape(YamlShape):
    quarters: list[int] = Field(default_factory=lambda: [1, 2, 3, 4], min_length=1)
    first: int = Field(alias="from", ge=1, le=92)
    last: int = Field(alias="to", ge=1, le=92)


class CalendarShape(GroundedShape):
    fiscal_year_starts: int = Field(default=1, ge=1, le=12)
    """Month."""
    holidays: str = Field(default="", pattern=r"^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$")
    weekend: list[str] = Field(default_factory=lambda: ["saturday", "sunday"])
    closed: list[date] = Field(default_factory=list)
    windows: list[WindowShape] = Field(default_factory=list)


class BindingShape(YamlShape):
    rules: list[str] = Field(default_factory=list)
    tags: list[str] = Field(default_factory=list)
    """Rules that carry any of these tags, besides those named."""
    region: list[str] = Field(default_factory=list)
    segment: list[str] = Field(default_factory=list)
    mode: Mode | None = Field(default=None, strict=False)
