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

from rules.kinds import Unit
from rules.model.definition import HitPolicy, Rounding
from rules.model.metric import State
from rules.model.rule_kind import Mode
from rules.reading.yaml_source import YamlShape
from rules.vocabulary import Subject

Scalar = bool | int | str | date | Decimal
ID = r"^[A-Za-z][A-Za-z0-9_-]{0,39}$"
NAME = r"^[a-z][a-z0-9_]{0,59}$"
DEFINED = r"^[a-z][a-z0-9_]{0,59}(\.[a-z][a-z0-9_]{0,59})?$"
"""A defined name may look like a fact's."""


class GroundedShape(YamlShape):
    """What rests on something says on what: a source, an assumption, or both."""

    source: str = ""
    """Where it comes from: a handbook and its section, a contract, a study."""
    assumption: str = ""
    """Why the company decided so, where no source says it."""


class NamedExampleShape(YamlShape):
    name: str = Field(min_length=1)
    """The case in words, one sentence."""
    given: dict[str, Scalar | list[Scalar] | None] = Field(default_factory=dict)
    """Facts and their values; `null` is unknown. Required facts that are not given are unknown, optional ones are
    none.
    """
    parameters: dict[str, Scalar] = Field(default_factory=dict)
    """Other values of parameters, for this example alone."""
    at: date | None = None
    """The day of the verdict; without it, the last on which a parameter that is read changed."""
    expect: Scalar | dict[str, Scalar | None] | None
    """The value, null for unknown; for a formula, line names to values."""


class ConditionShape(GroundedShape):
    name: str = Field(pattern=DEFINED)
    """The name that conditions use."""
    title: str = ""
    """What it means, in words."""
    subject: Subject = Field(strict=False)
    """What it is asked of."""
    when: str
    """The condition."""
    examples: list[NamedExampleShape] = Field(default_factory=list)
    """Cases with the answer that is expected."""


class CaseShape(YamlShape):
    when: str
    """The condition of the case."""
    value: Scalar | None = None
    """The answer, a fixed value."""
    formula: str | None = None
    """An expression instead of a fixed value."""


class DeriveShape(GroundedShape):
    name: str = Field(pattern=DEFINED)
    """The name that conditions use, like a fact's."""
    title: str = ""
    """What it means, in words."""
    subject: Subject = Field(strict=False)
    """What it is asked of."""
    unit: Unit = Field(default=Unit.TEXT, strict=False)
    """How the answers are written."""
    cases: list[CaseShape] = Field(min_length=1)
    """The first that is true answers; an unknown one makes the answer unknown."""
    otherwise: Scalar | None = None
    """The answer where no case is true; without it, unknown."""
    examples: list[NamedExampleShape] = Field(default_factory=list)
    """Cases with the answer that is expected; one at least."""


class BandShape(GroundedShape):
    name: str = Field(pattern=DEFINED)
    """The name that conditions use."""
    title: str = ""
    """What it means, in words."""
    subject: Subject | None = Field(default=None, strict=False)
    """Where several subjects have the fact; else it is the one that has it."""
    of: str
    """The fact."""
    low: str = ""
    """Parameter below which the band is `low`; both ends belong to `in`."""
    high: str = ""
    """Parameter above which the band is `high`."""
    examples: list[NamedExampleShape] = Field(default_factory=list)
    """Cases with the answer that is expected."""


class RowShape(YamlShape):
    cells: list[str] = Field(alias="if")
    """One cell for each input: a value, a comparison, an interval, a list of such, `not(…)`, or `-` for anything."""
    then: Scalar
    """What the row answers."""


class TableShape(GroundedShape):
    name: str = Field(pattern=DEFINED)
    """The name that conditions use."""
    title: str = ""
    """What it answers, in words."""
    subject: Subject = Field(strict=False)
    """What it is asked of."""
    hit: HitPolicy = Field(strict=False)
    """Which row answers where several match."""
    inputs: list[str] = Field(min_length=1)
    """Facts or expressions, a column each."""
    unit: Unit = Field(default=Unit.TEXT, strict=False)
    """How the answers are written."""
    rows: list[RowShape] = Field(min_length=1)
    """The rows, from top to bottom."""
    priority: list[Scalar] = Field(default_factory=list)
    """The answers, the one that goes first in front; for the hit policy `priority`."""
    otherwise: Scalar | None = None
    """The answer where no row matches; without it, unknown."""
    examples: list[NamedExampleShape] = Field(default_factory=list)
    """Cases with the answer that is expected; one at least."""


class LineShape(YamlShape):
    name: str = Field(pattern=NAME)
    """The name by which later lines use it."""
    formula: str
    """The arithmetic."""
    text: str
    """What the line is, in words."""
    round: Rounding = Field(default=Rounding.HALF_EVEN, strict=False)
    """How it rounds to the minor unit."""


class FormulaShape(GroundedShape):
    name: str = Field(pattern=NAME)
    """The name of the formula."""
    title: str = Field(min_length=1)
    """What it works out, in words."""
    subject: Subject = Field(strict=False)
    """Whose facts it reads."""
    lines: list[LineShape] = Field(min_length=1)
    """The lines in order; the last is the answer."""
    examples: list[NamedExampleShape] = Field(default_factory=list)
    """Cases with what lines come to; one at least."""


class MetricShape(GroundedShape):
    """Exactly one of the aggregates is given, with the column it reads (`count` names a table)."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}\.[a-z][a-z0-9_]{0,59}$")
    """The name that conditions use: the subject, a dot, and a word."""
    title: str = Field(min_length=1)
    """What it measures, in words."""
    subject: Subject = Field(strict=False)
    """For whom it is measured."""
    sum: str | None = None
    """Sum of this column, `table.column`."""
    min: str | None = None
    """Least value of this column."""
    max: str | None = None
    """Greatest value of this column."""
    count: str | None = None
    """Number of rows of this table."""
    median: str | None = None
    """Middle value of this column."""
    rank: str | None = None
    """Place among the subjects by the sum of this column, 1 being the largest."""
    where: str | None = None
    """Which rows count: a condition on columns of the table and days of `as_of`; without it, all."""
    state: State = Field(default=State.AS_OF, strict=False)
    """On which ownership of accounts the rows are read: as of the day, or after all moves."""
    unit: Unit = Field(default=Unit.COUNT, strict=False)
    """How the value is shown."""


class DeadlineShape(GroundedShape):
    title: str = ""
    """What is due, in words."""
    subject: Subject = Field(strict=False)
    """Whose date it is counted from."""
    anchor: str = Field(alias="from")
    """The fact with the date that is day 0."""
    within: str = Field(pattern=r"^[1-9][0-9]{0,3} (business )?days?$")
    """How many days, `30 days` or `5 business days`; the last is still in time."""
    extension: str = Field(default="", pattern=r"^([1-9][0-9]{0,3} (business )?days? by [a-z][a-z0-9-]*)?$")
    """Further days once, and who grants them: `10 days by vp-sales`."""


class SliceShape(YamlShape):
    through: int | None = Field(default=None, ge=1, le=120)
    """Last month of the slice, counted from 1; without it, every month after."""
    original: int = Field(ge=0, le=100)
    """Percent that the original holder keeps; the rest is the new owner's."""


class ScheduleShape(GroundedShape):
    title: str = ""
    """What is shared, in words."""
    anchor: str = Field(alias="from")
    """The fact with the date that months are counted from."""
    shares: dict[str, list[SliceShape]] = Field(min_length=1)
    """Slices of months by credit type: `rep`, `manager`, `overlay`, …"""


class WindowShape(YamlShape):
    quarters: list[int] = Field(default_factory=lambda: [1, 2, 3, 4], min_length=1)
    """Fiscal quarters with the window, 1 to 4."""
    first: int = Field(alias="from", ge=1, le=92)
    """First day of the quarter on which accounts may move, counted from 1."""
    last: int = Field(alias="to", ge=1, le=92)
    """Last such day."""


class CalendarShape(GroundedShape):
    fiscal_year_starts: int = Field(default=1, ge=1, le=12)
    """Month in which the fiscal year starts, 1 to 12."""
    holidays: str = Field(default="", pattern=r"^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$")
    """Country, and after a hyphen its subdivision, whose public holidays are kept: `US`, `DE-BY`."""
    weekend: list[str] = Field(default_factory=lambda: ["saturday", "sunday"])
    """Days of the week that are no business days."""
    closed: list[date] = Field(default_factory=list)
    """Further days that are none."""
    windows: list[WindowShape] = Field(default_factory=list)
    """When accounts may move; without any, always."""


class BindingShape(YamlShape):
    rules: list[str] = Field(default_factory=list)
    """Ids of the rules."""
    tags: list[str] = Field(default_factory=list)
    """Rules that carry any of these tags, besides those named."""
    region: list[str] = Field(default_factory=list)
    """Regions in which they apply; empty: all."""
    segment: list[str] = Field(default_factory=list)
    """Size segments for which they apply; empty: all."""
    mode: Mode | None = Field(default=None, strict=False)
    """`enforce` or `report`."""
