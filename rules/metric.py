"""What is a metric that the policies declare? An aggregate over rows of a canonical table, per subject."""

from dataclasses import dataclass
from enum import Enum

from rules.check import Checked
from rules.kinds import Kind, Unit
from rules.problem import Place
from rules.vocabulary import Field, Subject


class Aggregate(Enum):
    """How many rows become one value."""

    SUM = "sum"
    MIN = "min"
    MAX = "max"
    COUNT = "count"
    MEDIAN = "median"
    """The mean of the two middle values where there is an even number of rows, as an exact ratio."""
    RANK = "rank"
    """1 for the largest of the subjects by the sum of the column; equal sums have equal rank."""


class State(Enum):
    """On which ownership of accounts the rows are read."""

    AS_OF = "as_of"
    AFTER = "after"
    """After every move of the file."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A declared fact: `territory.open_pipeline` is the sum of `opportunities.amount` where the status is open."""

    name: str
    title: str
    subject: Subject
    aggregate: Aggregate
    table: str
    column: str
    """Empty for COUNT."""
    where: Checked | None
    """On the columns of the table, written `opportunities.status == "open"`."""
    state: State
    kind: Kind
    unit: Unit
    source: str
    assumption: str
    place: Place

    def as_field(self) -> Field:
        """The metric as a fact that conditions may name."""
        needs = (f"{self.table}.{self.column}",) if self.column else (self.table,)
        read = tuple(self.where.fields) if self.where else ()
        return Field(
            self.name,
            self.kind,
            self.title,
            tuple(dict.fromkeys((*needs, *read))),
            unit=self.unit,
            produced_by="engine.declared_metrics",
        )
