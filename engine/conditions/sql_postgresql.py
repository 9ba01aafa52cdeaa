"""How does PostgreSQL write it? What it spells differently from DuckDB; version 13 and later.

Its calendar ends in 4713 BC, where arithmetic may go on: dates are days of an integer. Its integers of any width are
NUMERIC, so that no product of ratios is too wide. A list is an array, walked by a query of its own; a ratio in a list
is of the composite type `ratio`, which `engine.engines.postgresql` makes in the schema at hand.
"""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from engine.conditions.patterns_elsewhere import Dialect, rewritten
from engine.spelling import Spelling
from rules.kinds import Kind, Value

LONGEST_NAME = 63
"""In bytes of UTF-8; what is longer would be cut off, and two names become one."""
_TYPES = {Kind.BOOL: "BOOLEAN", Kind.TEXT: "TEXT", Kind.DATE: "DATE", Kind.RATIO: "ratio"}
_DAY_ONE = "DATE '0001-01-01'"
_LISTED, _AT, _DAY = '"#list"', '"#at"', '"#day"'
_PATTERNS = Dialect(sign=lambda sign: f"\\U{ord(sign):08x}", most=255)


class PostgreSqlSpelling(Spelling):
    """PostgreSQL. Text is of UTF-8 and ordered by code point; a date as a value is its day, 0001-01-01 being 1."""

    ENGINE: ClassVar[str] = "postgresql"
    WIDE: ClassVar[str] = "NUMERIC"
    WIDEST: ClassVar[int] = 10**1000
    """NUMERIC has many more digits than any product needs."""

    def name(self, name: str) -> str:
        """Raises ValueError for a name that would be cut off."""
        if len(name.encode()) > LONGEST_NAME:
            raise ValueError(f"`{name}` is too long a name for PostgreSQL: at most {LONGEST_NAME} bytes")
        return super().name(name)

    def text(self, value: str) -> str:
        """Raises ValueError for U+0000, which no text of PostgreSQL holds."""
        if "\0" in value:
            raise ValueError("no text of PostgreSQL holds U+0000")
        return super().text(value)

    def type_of(self, kind: Kind, of: Kind | None = None) -> str:
        """Of a column; its dates are DATE."""
        return f"{self.type_of(of or Kind.TEXT)}[]" if kind is Kind.LIST else _TYPES.get(kind, "BIGINT")

    def cast(self, sql: str, kind: Kind, of: Kind | None = None) -> str:
        """To the type of a value: days for a date."""
        item = of if kind is Kind.LIST else kind
        type_ = "BIGINT" if item is Kind.DATE else self.type_of(item or Kind.TEXT)
        ordered = ' COLLATE "C"' if type_ == "TEXT" else ""
        return f"(CAST({sql} AS {type_}{'[]' if kind is Kind.LIST else ''}){ordered})"

    def fact(self, column: str, kind: Kind, of: Kind | None = None) -> str:
        """A column of that kind as a value."""
        if kind is Kind.DATE:
            return self._day(f"CAST({column} AS DATE)")
        if kind is Kind.LIST and of is Kind.DATE:
            return self.each(f"CAST({column} AS DATE[])", _DAY, self._day(_DAY))
        return self.cast(column, kind, of)

    def _day(self, sql: str) -> str:
        return self.cast(f"{sql} - {_DAY_ONE} + 1", Kind.COUNT)

    def divided(self, left: str, right: str) -> str:
        return f"div({left}, {right})"

    def literal(self, value: Value, kind: Kind) -> str:
        return super().literal(value.toordinal() if isinstance(value, date) else value, kind)

    def offset(self, days: str) -> str:
        return days

    def quotient(self, left: str, right: str) -> str:
        return f"({left} / NULLIF({right}, 0))"

    def letters(self, letters: Sequence[str]) -> str:
        # A function has at most 100 arguments, an array any number of items.
        return f"array_to_string(ARRAY[{', '.join(letters)}]::TEXT[], '')"

    def contains(self, whole: str, part: str) -> str:
        return f"(strpos({whole}, {part}) > 0)"

    def ends_with(self, whole: str, part: str) -> str:
        return f"starts_with(reverse({whole}), reverse({part}))"

    def matches(self, whole: str, pattern: str) -> str:
        return f"({whole} ~ {self.literal(rewritten(pattern, _PATTERNS), Kind.TEXT)})"

    def characters(self, sql: str) -> str:
        return self.cast(f"char_length({sql})", Kind.COUNT)

    def list_of(self, items: Sequence[str], of: Kind | None) -> str:
        if of is None:
            return "'{}'"
        return self.cast(f"ARRAY[{', '.join(items)}]", Kind.LIST, of)

    def items(self, listed: str) -> str:
        return self.cast(f"cardinality({listed})", Kind.COUNT)

    def item(self, listed: str, position: str) -> str:
        # Positions count from 1; what is outside has no value.
        return f"({listed})[CAST(LEAST(GREATEST({position}, -1), 2147483646) AS INTEGER) + 1]"

    def holds(self, listed: str, item: str) -> str:
        # Nothing is in an empty list, but of an unknown value even that is unknown.
        known = f'CASE WHEN "#item" IS NOT NULL THEN "#item" = ANY ({_LISTED}) END'
        return f'(SELECT {known} FROM (SELECT {listed} AS {_LISTED}, {item} AS "#item" OFFSET 0) AS "#held")'

    def concatenated(self, left: str, right: str) -> str:
        # An array takes an unknown one for empty.
        joined = 'CASE WHEN "#left" IS NOT NULL AND "#right" IS NOT NULL THEN "#left" || "#right" END'
        return f'(SELECT {joined} FROM (SELECT {left} AS "#left", {right} AS "#right" OFFSET 0) AS "#two")'

    def each(self, listed: str, variable: str, body: str) -> str:
        return self._walked(listed, variable, body, "")

    def kept(self, listed: str, variable: str, body: str) -> str:
        return self._walked(listed, variable, variable, f"WHERE {body} ")

    def _walked(self, listed: str, variable: str, made: str, where: str) -> str:
        """An array of what is made of each item, in order; NULL of an unknown list."""
        # OFFSET 0: the list is computed once, and its text does not grow where one list is made of another.
        items = f"SELECT unnest({_LISTED}) AS {variable}, generate_subscripts({_LISTED}, 1) AS {_AT}"
        walked = f'ARRAY(SELECT {made} FROM ({items}) AS "#items" {where}ORDER BY {_AT})'
        known = f"CASE WHEN {_LISTED} IS NOT NULL THEN {walked} END"
        return f'(SELECT {known} FROM (SELECT {listed} AS {_LISTED} OFFSET 0) AS "#whole")'

    def all_true(self, listed: str) -> str:
        # Cast, or a list that a query makes would be taken for the query's rows.
        return f"(TRUE = ALL ({self.cast(listed, Kind.LIST, Kind.BOOL)}))"

    def any_true(self, listed: str) -> str:
        return f"(TRUE = ANY ({self.cast(listed, Kind.LIST, Kind.BOOL)}))"

    def total(self, listed: str) -> str:
        sum_ = self.cast('COALESCE(sum("#each"), 0)', Kind.COUNT)
        known = f'CASE WHEN count(*) = count("#each") THEN {sum_} END'
        summed = f'(SELECT {known} FROM unnest({_LISTED}) AS "#items"("#each"))'
        whole = f'(SELECT {listed} AS {_LISTED} OFFSET 0) AS "#whole"'
        return f"(SELECT CASE WHEN {_LISTED} IS NOT NULL THEN {summed} END FROM {whole})"

    def pair(self, over: str, under: str) -> str:
        return f"CAST(ROW({over}, {under}) AS ratio)"

    def halves(self, pair: str) -> tuple[str, str]:
        return f"({pair}).n", f"({pair}).d"

    def zipped(self, left: str, right: str, variable: str, body: str) -> str:
        """By position; the items stand at `beside`."""
        lists = f'(SELECT {left} AS "#left", {right} AS "#right" OFFSET 0) AS "#two"'
        sides = ", ".join(
            f"({side})[{_AT}] AS {self.beside(variable, at)}" for at, side in enumerate(('"#left"', '"#right"'))
        )
        items = f'SELECT {sides}, {_AT} FROM generate_subscripts("#left", 1) AS {_AT}'
        walked = f'ARRAY(SELECT {body} FROM ({items}) AS "#items" ORDER BY {_AT})'
        return f'(SELECT CASE WHEN "#left" IS NOT NULL AND "#right" IS NOT NULL THEN {walked} END FROM {lists})'

    def beside(self, variable: str, side: int) -> str:
        return f'{variable[:-1]} {side}"'
