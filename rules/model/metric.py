"""What is a metric that the policies declare? An aggregate over rows of a canonical table, per subject."""

from dataclasses import dataclass
from enum import Enum

from rules.expression.check import Checked
from rules.kinds import Kind, Unit
from rules.problem import Place
from rules.vocabulary.canonical_columns import TABLES
from rules.vocabulary.fact import Field, Subject


class Aggregate(Enum):
    """How many rows become one value. A sum or count of no rows is 0; the others are unknown then."""

    SUM = "sum"
    MIN = "min"
    MAX = "max"
    COUNT = "count"
    MEDIAN = "median"
    """The mean of the two middle values where there is an even number of rows: of money rounded half-even to the minor
    unit, otherwise an exact ratio."""
    RANK = "rank"
    """1 for the largest of the subjects by the sum of the column; equal sums have equal rank."""


class State(Enum):
    """On which ownership of accounts the rows are read."""

    AS_OF = "as_of"
    AFTER = "after"
    """After every move of the file: a row belongs to the rep who then owns its account."""


class Way(Enum):
    """How a row of a table finds its subject."""

    EVERY = "every row belongs to the company"
    OWN = "the row names its subject"
    TERRITORY = "the territory that the row's account lies in"
    OWNER = "the rep who owns the row's account"


KEYS = {Subject.TERRITORY: "territory", Subject.REP: "rep", Subject.MOVE: "account"}
"""Subject to the column that names it; a move is named by its account."""
_THROUGH_ACCOUNT = {Subject.TERRITORY: Way.TERRITORY, Subject.REP: Way.OWNER}
_NEEDS = {Way.TERRITORY: ("accounts.territory",), Way.OWNER: ("ownership",)}

AS_OF = {
    "as_of.day": "the as-of day",
    "as_of.t12_start": "first day of the last 12 full months",
    "as_of.t12_end": "first day after them",
    "as_of.month_start": "first day of the month of the as-of day",
}
"""Days that a metric's `where` may name beside the columns of its table."""


def way_to(subject: Subject, table: str, state: State) -> Way | None:
    """How rows of a canonical table find their subject; `None` where they cannot.

    What a row itself names counts first: revenue is the credited seller's, a deal its owner's. After the moves it is
    the account that tells, because only the owners of accounts have changed.
    """
    columns = {c.name for c in TABLES[table].columns}
    if state is State.AFTER:
        return Way.OWNER if subject is Subject.REP and "account" in columns else None
    if subject is Subject.COMPANY:
        return Way.EVERY
    if subject not in KEYS:
        return None
    if KEYS[subject] in columns:
        return Way.OWN
    return _THROUGH_ACCOUNT.get(subject) if "account" in columns else None


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
    """On the columns of the table, written `opportunities.status == "open"`, and the days of AS_OF.

    An amount in it is the row's, rounded half-even to the minor unit.
    """
    state: State
    kind: Kind
    unit: Unit
    source: str
    assumption: str
    place: Place

    @property
    def way(self) -> Way:
        """How the rows find their subject. Raises ValueError for a metric that should not have been read."""
        way = way_to(self.subject, self.table, self.state)
        if way is None:
            raise ValueError(f"no row of `{self.table}` belongs to a {self.subject.value}")
        return way

    def as_field(self) -> Field:
        """The metric as a fact that conditions may name."""
        needs = [f"{self.table}.{self.column}"] if self.column else [self.table]
        if self.way is Way.OWN:
            needs.append(f"{self.table}.{KEYS[self.subject]}")
        elif self.way is not Way.EVERY:
            needs += [f"{self.table}.account", *_NEEDS[self.way]]
        read = [name for name in (self.where.fields if self.where else ()) if name not in AS_OF]
        return Field(
            self.name,
            self.kind,
            self.title,
            tuple(dict.fromkeys((*needs, *read))),
            unit=self.unit,
            produced_by="engine.metrics.declared_metrics",
        )
