"""How does an engine write it? Types, constants, choices, texts and lists: the small pieces that SQL is made of.

`Spelling` is DuckDB's; another engine's overrides what it spells differently. Every constant is cast, every division
truncates and cannot meet 0, and text is compared by code point, which is the order of UTF-8's bytes.
"""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from rules.kinds import Kind, Value

_TYPES = {
    Kind.BOOL: "BOOLEAN",
    Kind.TEXT: "VARCHAR",
    Kind.DATE: "DATE",
    Kind.COUNT: "BIGINT",
    Kind.MONEY: "BIGINT",
    Kind.DAYS: "BIGINT",
    Kind.TIMESTAMP: "BIGINT",
    Kind.DURATION: "BIGINT",
}


def quoted(name: str) -> str:
    """An identifier, quoted."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A string literal."""
    return "'" + value.replace("'", "''") + "'"


class Spelling:
    """DuckDB 2. Arguments and results are SQL expressions; lambdas' variables have names that no column has."""

    ENGINE: ClassVar[str] = "duckdb"
    """Its name, by which a passed battery is remembered."""
    TESTED: ClassVar[bool] = True
    """Whether the tests run what it writes on the engine itself."""
    WIDE: ClassVar[str] = "HUGEINT"
    """Type of the integers that ratios are made of."""
    WIDEST: ClassVar[int] = 2**127 - 1
    """Greatest such integer."""

    def name(self, name: str) -> str:
        """An identifier."""
        return quoted(name)

    def text(self, value: str) -> str:
        """A string literal, not cast."""
        return text(value)

    def type_of(self, kind: Kind, of: Kind | None = None) -> str:
        """Of a column with values of that kind; `of` is the kind of a list's items. A ratio is two integers."""
        if kind is Kind.LIST:
            return f"{self.type_of(of or Kind.TEXT)}[]"
        return f"STRUCT(n {self.WIDE}, d {self.WIDE})" if kind is Kind.RATIO else _TYPES[kind]

    def cast(self, sql: str, kind: Kind, of: Kind | None = None) -> str:
        return f"CAST({sql} AS {self.type_of(kind, of)})"

    def fact(self, column: str, kind: Kind, of: Kind | None = None) -> str:
        """A column of that kind as a value."""
        return self.cast(column, kind, of)

    def wide(self, sql: str | int) -> str:
        """As an integer that holds the products of ratios, up to `WIDEST`."""
        return f"CAST({sql} AS {self.WIDE})"

    def divided(self, left: str, right: str) -> str:
        """Of integers of any width, cut off towards 0; the divisor is not 0."""
        return f"({left} // {right})"

    def rest(self, left: str, right: str) -> str:
        """Of the same, with the sign of the dividend."""
        return f"({left} % {right})"

    def literal(self, value: Value, kind: Kind) -> str:
        if kind is Kind.BOOL:
            return "TRUE" if value else "FALSE"
        if kind is Kind.TEXT:
            return self.cast(self.text(str(value)), kind)
        return self.cast(self.text(value.isoformat()) if isinstance(value, date) else str(value), kind)

    def chosen(self, condition: str, then: str, otherwise: str = "NULL") -> str:
        """Unknown where the condition is; the condition stands here once, however deep choices are nested."""
        return f"(CASE {condition} WHEN TRUE THEN {then} WHEN FALSE THEN {otherwise} END)"

    def known(self, *sql: str) -> str:
        """Whether all have a value: never NULL."""
        return f"({' AND '.join(f'{each} IS NOT NULL' for each in sql)})" if sql else "TRUE"

    def lists_compared(self, left: str, sign: str, right: str) -> str:
        """`=` or `<>`: item by item, in order."""
        return f"({left} {sign} {right})"

    def offset(self, days: str) -> str:
        """Days as the type that is added to a date."""
        return f"CAST({days} AS INTEGER)"

    def days_between(self, later: str, earlier: str) -> str:
        """From one date to another, below 0 where they stand the other way round."""
        return f"({later} - {earlier})"

    def quotient(self, left: str, right: str) -> str:
        return self.divided(left, f"NULLIF({right}, 0)")

    def remainder(self, left: str, right: str) -> str:
        return self.rest(left, f"NULLIF({right}, 0)")

    def joined(self, left: str, right: str) -> str:
        """One text after another."""
        return f"({left} || {right})"

    def letters(self, letters: Sequence[str]) -> str:
        """Many texts as one, none of them NULL."""
        # One call: a chain of `||` is as deep as it is long, and engines limit depth.
        return f"concat('', {', '.join(letters)})" if letters else "''"

    def contains(self, whole: str, part: str) -> str:
        return f"contains({whole}, {part})"

    def starts_with(self, whole: str, part: str) -> str:
        return f"starts_with({whole}, {part})"

    def ends_with(self, whole: str, part: str) -> str:
        return f"ends_with({whole}, {part})"

    def matches(self, whole: str, pattern: str) -> str:
        """Whether a pattern of the portable subset (rules.expression.pattern) is found anywhere in the text."""
        return f"regexp_matches({whole}, {self.literal(pattern, Kind.TEXT)})"

    def characters(self, sql: str) -> str:
        """Code points of a text."""
        return f"length({sql})"

    def list_of(self, items: Sequence[str], of: Kind | None) -> str:
        """An empty list may be of no kind, and goes with every other."""
        return self.cast(f"[{', '.join(items)}]", Kind.LIST, of) if of else "[]"

    def items(self, listed: str) -> str:
        """How many a list has."""
        return f"len({listed})"

    def item(self, listed: str, position: str) -> str:
        """Position from 0; NULL before the first and beyond the last."""
        # Positions count from 1, and from the end below 0; no list is as long as the bound, which keeps the sum small.
        return f"(CASE WHEN {position} >= 0 THEN list_extract({listed}, LEAST({position}, 2147483646) + 1) END)"

    def holds(self, listed: str, item: str) -> str:
        return f"list_contains({listed}, {item})"

    def concatenated(self, left: str, right: str) -> str:
        """Of two lists; DuckDB takes an unknown one for empty."""
        return f"(CASE WHEN {self.known(left, right)} THEN list_concat({left}, {right}) END)"

    def variable(self, name: str) -> str:
        return self.name(f"${name}")

    def each(self, listed: str, variable: str, body: str) -> str:
        return f"list_transform({listed}, lambda {variable}: {body})"

    def kept(self, listed: str, variable: str, body: str) -> str:
        return f"list_filter({listed}, lambda {variable}: {body})"

    def all_true(self, listed: str) -> str:
        """Of a list of truths, some perhaps NULL, by Kleene's rules; NULL of an unknown list."""
        return self._folded(listed, "AND", "TRUE")

    def any_true(self, listed: str) -> str:
        return self._folded(listed, "OR", "FALSE")

    def total(self, listed: str) -> str:
        """Sum of a list of counts; NULL where one is, and of an unknown list."""
        return self._folded(listed, "+", self.cast("0", Kind.COUNT))

    def _folded(self, listed: str, sign: str, start: str) -> str:
        a, b = self.variable("a"), self.variable("b")
        return f"list_reduce({listed}, lambda {a}, {b}: {a} {sign} {b}, {start})"

    def pair(self, over: str, under: str) -> str:
        """A ratio as one item of a list."""
        return f"struct_pack(n := {over}, d := {under})"

    def halves(self, pair: str) -> tuple[str, str]:
        """Numerator and denominator of such an item."""
        return f"struct_extract({pair}, 'n')", f"struct_extract({pair}, 'd')"

    def zipped(self, left: str, right: str, variable: str, body: str) -> str:
        """Over two lists side by side; `body` reads the items as `beside(variable, 0)` and `beside(variable, 1)`."""
        return self.each(f"list_zip({left}, {right})", variable, body)

    def beside(self, variable: str, side: int) -> str:
        return f"{variable}[{side + 1}]"
