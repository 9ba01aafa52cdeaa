"""What does a name of the policies stand for? Conditions, derived values, bands, decision tables, and formulas."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from rules.expression.check import Checked
from rules.kinds import Value
from rules.problem import Place
from rules.vocabulary import Subject


class Rounding(Enum):
    """To the minor unit; stated per line of a formula."""

    HALF_EVEN = "half-even"
    HALF_UP = "half-up"
    """Away from zero at exactly half."""
    DOWN = "down"
    """Towards zero."""
    UP = "up"
    """Away from zero."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a formula's arithmetic: `name = formula`, shown with its text.

    `rounding` is how the line's divide, prorate and part round.
    """

    name: str
    formula: Checked
    text: str
    rounding: Rounding = Rounding.HALF_EVEN


@dataclass(frozen=True, slots=True)
class FormulaExample:
    """Given facts, lines are expected to have these values; `None` is unknown."""

    name: str
    given: Mapping[str, Value | tuple[Value, ...] | None]
    parameters: Mapping[str, Value]
    at: date | None
    expect: Mapping[str, Value | None]
    place: Place


@dataclass(frozen=True, slots=True)
class Formula:
    """A named block of lines, the last of which is the answer: `annual_quota`."""

    name: str
    title: str
    subject: Subject
    lines: tuple[Line, ...]
    examples: tuple[FormulaExample, ...]
    source: str
    assumption: str
    place: Place


class Origin(Enum):
    """How a definition is written."""

    CONDITION = "condition"
    """A named condition."""
    DERIVE = "derive"
    """A value or class, case by case."""
    BAND = "band"
    """`low`, `in` or `high`, of a metric between two parameters."""
    TABLE = "table"
    """A decision table."""


class HitPolicy(Enum):
    """Which row of a decision table answers (DMN 1.5, section 8.2.10)."""

    UNIQUE = "unique"
    """At most one row may match; several are unknown."""
    FIRST = "first"
    ANY = "any"
    """Several may match if they answer the same; else unknown."""
    PRIORITY = "priority"
    """The answer that stands first in `priority`."""
    SUM = "collect sum"
    MIN = "collect min"
    MAX = "collect max"
    COUNT = "collect count"


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: a condition per input, `None` where the cell is `-`, and what it answers."""

    when: tuple[Checked | None, ...]
    cells: tuple[str, ...]
    """As written."""
    then: Value
    place: Place


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """Inputs, rows and hit policy; `otherwise` answers where no row matches, `None` being unknown."""

    inputs: tuple[Checked, ...]
    hit: HitPolicy
    rows: tuple[TableRow, ...]
    priority: tuple[Value, ...]
    otherwise: Value | None


@dataclass(frozen=True, slots=True)
class Definition:
    """A name of the policies for an expression on one subject. Conditions use it like a fact; it is never stored."""

    name: str
    title: str
    subject: Subject
    origin: Origin
    checked: Checked
    source: str
    assumption: str
    examples: tuple[FormulaExample, ...]
    """`expect` maps the definition's own name."""
    place: Place
    table: DecisionTable | None = None
    """The table as written, where `origin` is TABLE."""
