"""What a mapping file may say: how a company's exports become canonical tables (docs/mapping.md), as frozen shapes.

    data_sets:
      assignments:
        owner: sales-operations
        cadence: month
        from:
          - source: history
            columns:
              rep: BusinessEntityID
              end: {column: EndDate, plus_days: 1}

A mapping declares; it holds no SQL and no expression. What is not mapped is absent, and facts that need it are unknown.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from rules.reading.yaml_source import YamlShape

Scalar = str | int | bool | date | Decimal | None
"""A value as YAML gives it; `word` is the text that a cell of an export is compared with."""

Encoding = Literal["utf-8", "utf-16", "latin-1", "windows-1252"]
Derivation = Literal["next-start", "distinct-starts", "credited-seller", "calendar"]


def word(value: Scalar) -> str:
    """The text of a YAML value as an export would write it: `true`, `2014-05-31`, `0.5`; nothing is the empty text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)


class Delimiters(YamlShape):
    """Between cells and between rows, one or more characters; `line` stands for LF or CRLF."""

    field: str = Field(default=",", min_length=1)
    record: str = Field(default="line", min_length=1)


class Source(YamlShape):
    """One export file. `columns` are given where the file has no header row."""

    path: str = Field(min_length=1)
    encoding: Encoding = "utf-8"
    delimiters: Delimiters = Delimiters()
    quoting: Literal["csv", "none"] = "csv"
    columns: list[str] = Field(default=[])
    empty: list[str] = Field(default=[])
    """Texts that mean an empty cell, such as NULL."""
    trim: bool = True


class Join(YamlShape):
    """At most one row of another source, found by equal columns; `required`: a row without one is refused."""

    source: str
    on: dict[str, str] = Field(min_length=1)
    required: bool = True


class Condition(YamlShape):
    """`is: present`, `is: empty`, or `not:` one or several values (an empty cell is then kept)."""

    is_: Literal["present", "empty"] | None = Field(default=None, alias="is")
    not_: Scalar | list[Scalar] = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _one(self) -> "Condition":
        if (self.is_ is None) == ("not_" not in self.model_fields_set):
            raise ValueError("give either `is` or `not`")
        return self


class Cell(YamlShape):
    """Where a canonical column's text comes from, and how it is read. Exactly one of column, join and constant."""

    column: str = ""
    join: list[str] = Field(default=[])
    separator: str = " "
    constant: Scalar = None
    xml: str = Field(default="", pattern=r"^[A-Za-z_][\w.-]*$|^$")
    """Name of an XML element in the cell, whose text is taken."""
    values: dict[str, Scalar] = Field(default={})
    """Every value that may stand there, and what it means; another one is a problem of its row."""
    replace: dict[str, Scalar] = Field(default={})
    """Values to be corrected; others stay. Each replacement is reported as a finding."""
    default: Scalar = None
    """Stands in for an empty cell; reported as a finding."""
    format: str = ""
    """Of dates, in strptime's directives; without it a date is ISO 8601, whose time of day is ignored."""
    plus_days: int = Field(default=0, ge=-366, le=366)
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""
    scale: int = Field(default=0, ge=0, le=4)
    """For money written as whole small units: 2 where the export counts cents."""
    unit: Literal["fraction", "percent", "ppm"] = "fraction"
    """Of shares: 0.5, 50 or 500000 for one half."""

    @model_validator(mode="after")
    def _one(self) -> "Cell":
        if sum(name in self.model_fields_set for name in ("column", "join", "constant")) != 1:
            raise ValueError("give exactly one of `column`, `join` and `constant`")
        if self.values and self.replace:
            raise ValueError("give either `values` or `replace`")
        return self

    def names(self) -> tuple[str, ...]:
        """Source columns it reads, as written."""
        return (self.column,) if self.column else tuple(self.join)


def _cell(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class From(YamlShape):
    """Rows of one source, with what is joined to them, that become rows of a canonical table."""

    source: str
    joins: list[Join] = Field(default=[])
    where: dict[str, Scalar | list[Scalar] | Condition] = Field(default={})
    distinct: bool = False
    """Rows that are equal in every mapped column are one row."""
    columns: dict[str, Annotated[Cell, BeforeValidator(_cell)]] = Field(min_length=1)

    def sources(self) -> tuple[str, ...]:
        return (self.source, *(j.source for j in self.joins))

    def origin(self, name: str) -> tuple[str, str]:
        """Source and column of a name: `store.Name` where `store` is joined here, else a column of the first source."""
        prefix, dot, rest = name.partition(".")
        return (prefix, rest) if dot and prefix in self.sources() else (self.source, name)


class Derive(YamlShape):
    """A named way to compute a table, or its ends, from what is there.

    `next-start`: a row ends where the next distinct start begins, the last one at `last_end`. `distinct-starts`:
    periods from the starts of table `of`. `calendar`: `count` periods of `months` months from `first`.
    `credited-seller`: dated runs of the same seller per account, from revenue in booking order.
    """

    rule: Derivation
    of: str = ""
    last_end: date | None = None
    first: date | None = None
    months: int = Field(default=0, ge=0, le=12)
    count: int = Field(default=0, ge=0, le=400)

    @model_validator(mode="after")
    def _fits(self) -> "Derive":
        needs = {
            "next-start": {"last_end"},
            "distinct-starts": {"of", "last_end"},
            "calendar": {"first", "months", "count"},
            "credited-seller": set[str](),
        }[self.rule]
        given = {n for n in ("of", "last_end", "first", "months", "count") if getattr(self, n)}
        if given != needs:
            raise ValueError(
                f"`{self.rule}` takes " + (" and ".join(f"`{n}`" for n in sorted(needs)) or "no other key")
            )
        return self


class DataSetShape(YamlShape):
    """One canonical table: who answers for it, how good it is, and where its rows come from."""

    owner: str = Field(min_length=1)
    cadence: Literal["day", "week", "month", "quarter", "year", "once"]
    grade: Literal["measured", "proxy", "estimate", "guess"] = "measured"
    dated: bool = True
    """False: values are as on the day of the export, whatever day is asked for."""
    exported: date | None = None
    """Day of the export; without it the as-of day of the import."""
    from_: list[From] = Field(default=[], alias="from")
    derive: Derive | None = None


class Window(YamlShape):
    """A named half-open span [start, end) in which claims are reconciled with the tables."""

    start: date
    end: date
    claims: list[Literal["account_owner", "rep_revenue", "territory_revenue"]] = Field(default=[])


class Money(YamlShape):
    """Amounts are kept as integers of 10 to the power of minus `scale`; `minor_digits` is the currency's own."""

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    scale: int = Field(default=2, ge=0, le=4)
    minor_digits: int = Field(default=2, ge=0, le=4)

    @model_validator(mode="after")
    def _fits(self) -> "Money":
        if self.scale < self.minor_digits:
            raise ValueError("`scale` must not be below `minor_digits`")
        return self


class MappingShape(YamlShape):
    """A whole mapping file."""

    mapping: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    money: Money
    crediting: Literal["credited seller", "account owner"]
    windows: dict[str, Window] = Field(default={})
    sources: dict[str, Source] = Field(min_length=1)
    data_sets: dict[str, DataSetShape] = Field(min_length=1)
