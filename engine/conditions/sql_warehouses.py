"""How would Snowflake and BigQuery write it? By their manuals: a parser has read it, no warehouse has run it.

What they do not say exactly raises ValueError and is never guessed. Dates are days of an integer, 0001-01-01 being 1:
their calendars end where arithmetic may go on.
"""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from engine.spelling import Spelling
from rules.kinds import Kind, Value

_DAY_ONE = "DATE '0001-01-01'"


class _Warehouse(Spelling):
    """What the two have in common: days in place of dates, and backslashes that escape."""

    TESTED: ClassVar[bool] = False

    def text(self, value: str) -> str:
        escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
        return f"'{escaped}'"

    def cast(self, sql: str, kind: Kind, of: Kind | None = None) -> str:
        """To the type of a value: days for a date."""
        days = {Kind.DATE: Kind.DAYS}
        return f"CAST({sql} AS {self._value_type(days.get(kind, kind), days.get(of, of) if of else None)})"

    def _value_type(self, kind: Kind, of: Kind | None) -> str:
        return self.type_of(kind, of)

    def fact(self, column: str, kind: Kind, of: Kind | None = None) -> str:
        if kind is Kind.DATE:
            return self.day(f"CAST({column} AS DATE)")
        if kind is Kind.LIST:
            return self.listed(column, of)
        return self.cast(column, kind)

    def day(self, sql: str) -> str:
        """A date as the number of its day."""
        raise NotImplementedError

    def listed(self, column: str, of: Kind | None) -> str:
        """A column of lists as a list, its dates as days."""
        raise NotImplementedError

    def literal(self, value: Value, kind: Kind) -> str:
        return super().literal(value.toordinal() if isinstance(value, date) else value, kind)

    def offset(self, days: str) -> str:
        return days

    def quotient(self, left: str, right: str) -> str:
        return self.divided(left, f"NULLIF({right}, 0)")

    def characters(self, sql: str) -> str:
        return f"CHAR_LENGTH({sql})"


class SnowflakeSpelling(_Warehouse):
    """Snowflake, with structured types: a list is `ARRAY(VARCHAR)` and the like, not an array of VARIANT."""

    ENGINE: ClassVar[str] = "snowflake"
    WIDE: ClassVar[str] = "NUMBER(38,0)"
    WIDEST: ClassVar[int] = 10**38 - 1

    def type_of(self, kind: Kind, of: Kind | None = None) -> str:
        match kind:
            case Kind.LIST:
                return f"ARRAY({self.type_of(of or Kind.TEXT)})"
            case Kind.RATIO:
                return f"OBJECT(n {self.WIDE}, d {self.WIDE})"
            case _:
                return super().type_of(kind)

    def day(self, sql: str) -> str:
        return f"(DATEDIFF('day', {_DAY_ONE}, {sql}) + 1)"

    def listed(self, column: str, of: Kind | None) -> str:
        if of is not Kind.DATE:
            return self.cast(column, Kind.LIST, of)
        each = self.variable("at")
        return self.each(f"CAST({column} AS ARRAY(DATE))", each, self.day(each))

    def divided(self, left: str, right: str) -> str:
        # A quotient has six decimals and is rounded there: without its rest, it has none.
        return self.wide(f"({left} - MOD({left}, {right})) / {right}")

    def rest(self, left: str, right: str) -> str:
        return f"MOD({left}, {right})"

    def starts_with(self, whole: str, part: str) -> str:
        return f"STARTSWITH({whole}, {part})"

    def ends_with(self, whole: str, part: str) -> str:
        return f"ENDSWITH({whole}, {part})"

    def matches(self, whole: str, pattern: str) -> str:  # noqa: ARG002 -- as every engine is asked
        """Raises ValueError: its regular expressions fit whole texts, without groups that only group."""
        raise ValueError(f"Snowflake's regular expressions are not ours: the pattern `{pattern}` is not written for it")

    def characters(self, sql: str) -> str:
        return f"LENGTH({sql})"

    def list_of(self, items: Sequence[str], of: Kind | None) -> str:
        made = f"ARRAY_CONSTRUCT({', '.join(items)})"
        return self.cast(made, Kind.LIST, of) if of else made

    def items(self, listed: str) -> str:
        return f"ARRAY_SIZE({listed})"

    def item(self, listed: str, position: str) -> str:
        return f"GET({listed}, CASE WHEN {position} BETWEEN 0 AND 2147483646 THEN {position} END)"

    def holds(self, listed: str, item: str) -> str:
        return f"ARRAY_CONTAINS({item}, {listed})"

    def concatenated(self, left: str, right: str) -> str:
        return f"ARRAY_CAT({left}, {right})"

    def each(self, listed: str, variable: str, body: str) -> str:
        return f"TRANSFORM({listed}, {variable} -> {body})"

    def kept(self, listed: str, variable: str, body: str) -> str:
        return f"FILTER({listed}, {variable} -> {body})"

    def all_true(self, listed: str) -> str:
        # REDUCE stops being known at the first NULL, whatever comes after it.
        return self._counted(listed, "FALSE", "TRUE")

    def any_true(self, listed: str) -> str:
        return self._counted(listed, "TRUE", "FALSE")

    def _counted(self, listed: str, deciding: str, otherwise: str) -> str:
        one = self.variable("one")
        decided = self.items(self.kept(listed, one, f"{one} = {deciding}"))
        unknown = self.items(self.kept(listed, one, f"{one} IS NULL"))
        return (
            f"(CASE WHEN {listed} IS NULL THEN NULL WHEN {decided} > 0 THEN {deciding} "
            f"WHEN {unknown} > 0 THEN NULL ELSE {otherwise} END)"
        )

    def _folded(self, listed: str, sign: str, start: str) -> str:
        a, b = self.variable("a"), self.variable("b")
        return f"REDUCE({listed}, {start}, ({a}, {b}) -> {a} {sign} {b})"

    def pair(self, over: str, under: str) -> str:
        return self.cast(f"OBJECT_CONSTRUCT('n', {over}, 'd', {under})", Kind.RATIO)

    def halves(self, pair: str) -> tuple[str, str]:
        return self.wide(f"GET({pair}, 'n')"), self.wide(f"GET({pair}, 'd')")

    def zipped(self, left: str, right: str, variable: str, body: str) -> str:
        return self.each(f"ARRAYS_ZIP({left}, {right})", variable, body)

    def beside(self, variable: str, side: int) -> str:
        return f"GET({variable}, '${side + 1}')"


class BigQuerySpelling(_Warehouse):
    """BigQuery. No column's name has a dot: `account.tier` is `account__tier`. Its regular expressions are RE2.

    It stores an unknown list as an empty one: a column of lists is a STRUCT of one field, `items`, which may be NULL.
    """

    ENGINE: ClassVar[str] = "bigquery"
    WIDE: ClassVar[str] = "BIGNUMERIC"
    WIDEST: ClassVar[int] = 10**38 - 1

    def name(self, name: str) -> str:
        """Raises ValueError for a name that could be another's."""
        if "__" in name or "`" in name:
            raise ValueError(f"`{name}` has no name of its own in BigQuery")
        return f"`{name.replace('.', '__').replace('#', '__')}`"

    def type_of(self, kind: Kind, of: Kind | None = None) -> str:
        match kind:
            case Kind.LIST:
                return f"STRUCT<items {self._value_type(kind, of)}>"
            case Kind.RATIO:
                return f"STRUCT<n {self.WIDE}, d {self.WIDE}>"
            case Kind.BOOL:
                return "BOOL"
            case Kind.TEXT:
                return "STRING"
            case Kind.DATE:
                return "DATE"
            case _:
                return "INT64"

    def _value_type(self, kind: Kind, of: Kind | None) -> str:
        return f"ARRAY<{self.type_of(of or Kind.TEXT)}>" if kind is Kind.LIST else self.type_of(kind)

    def wide(self, sql: str | int) -> str:
        # A number that is written out must fit 64 bits, a text that is read as one need not.
        return f"CAST('{sql}' AS {self.WIDE})" if isinstance(sql, int) else super().wide(sql)

    def day(self, sql: str) -> str:
        return f"(DATE_DIFF({sql}, {_DAY_ONE}, DAY) + 1)"

    def listed(self, column: str, of: Kind | None) -> str:
        listed = f"{column}.items"
        return self.each(listed, "`at`", self.day("`at`")) if of is Kind.DATE else listed

    def divided(self, left: str, right: str) -> str:
        return f"DIV({left}, {right})"

    def rest(self, left: str, right: str) -> str:
        return f"MOD({left}, {right})"

    def contains(self, whole: str, part: str) -> str:
        # Where the empty text is found, the manual does not say.
        return f"(STRPOS({whole}, {part}) > 0 OR ({part} = '' AND {whole} IS NOT NULL))"

    def matches(self, whole: str, pattern: str) -> str:
        return f"REGEXP_CONTAINS({whole}, {self.literal(pattern, Kind.TEXT)})"

    def list_of(self, items: Sequence[str], of: Kind | None) -> str:
        if of is None:
            return "[]"
        kind = Kind.DAYS if of is Kind.DATE else of
        return f"{self._value_type(Kind.LIST, kind)}[{', '.join(items)}]"

    def lists_compared(self, left: str, sign: str, right: str) -> str:
        # Arrays have no `=`; two that are alike are written alike.
        texts = f"TO_JSON_STRING({left}) {sign} TO_JSON_STRING({right})"
        return f"IF({self.known(left, right)}, {texts}, NULL)"

    def items(self, listed: str) -> str:
        return f"ARRAY_LENGTH({listed})"

    def item(self, listed: str, position: str) -> str:
        return f"{listed}[SAFE_OFFSET({position})]"

    def holds(self, listed: str, item: str) -> str:
        return f"IF({self.known(listed, item)}, {item} IN UNNEST({listed}), NULL)"

    def concatenated(self, left: str, right: str) -> str:
        return f"ARRAY_CONCAT({left}, {right})"

    def variable(self, name: str) -> str:
        return f"`item_{name}`"

    def each(self, listed: str, variable: str, body: str) -> str:
        return self._walked(listed, variable, body, "")

    def kept(self, listed: str, variable: str, body: str) -> str:
        return self._walked(listed, variable, variable, f" WHERE {body}")

    def _walked(self, listed: str, variable: str, made: str, where: str) -> str:
        walk = f"SELECT {made} FROM UNNEST({listed}) AS {variable} WITH OFFSET AS `place`{where} ORDER BY `place`"
        return self._of_known(listed, f"ARRAY({walk})")

    def _of_known(self, listed: str, made: str) -> str:
        """An unknown list would be walked as an empty one."""
        return f"IF({listed} IS NULL, NULL, {made})"

    def all_true(self, listed: str) -> str:
        return self._counted(listed, "NOT `one`", "FALSE", "TRUE")

    def any_true(self, listed: str) -> str:
        return self._counted(listed, "`one`", "TRUE", "FALSE")

    def _counted(self, listed: str, decides: str, deciding: str, otherwise: str) -> str:
        found = f"WHEN COUNTIF({decides}) > 0 THEN {deciding} WHEN COUNTIF(`one` IS NULL) > 0 THEN NULL"
        return self._of_known(listed, f"(SELECT CASE {found} ELSE {otherwise} END FROM UNNEST({listed}) AS `one`)")

    def total(self, listed: str) -> str:
        known = "IF(COUNTIF(`one` IS NULL) > 0, NULL, COALESCE(SUM(`one`), 0))"
        return self._of_known(listed, f"(SELECT {known} FROM UNNEST({listed}) AS `one`)")

    def pair(self, over: str, under: str) -> str:
        return f"STRUCT({over} AS n, {under} AS d)"

    def halves(self, pair: str) -> tuple[str, str]:
        return f"{pair}.n", f"{pair}.d"

    def zipped(self, left: str, right: str, variable: str, body: str) -> str:
        sides = [
            f"UNNEST({listed}) AS {self.beside(variable, side)} WITH OFFSET AS `place_{side}`"
            for side, listed in enumerate((left, right))
        ]
        walk = f"SELECT {body} FROM {' JOIN '.join(sides)} ON `place_0` = `place_1` ORDER BY `place_0`"
        return f"IF({self.known(left, right)}, ARRAY({walk}), NULL)"

    def beside(self, variable: str, side: int) -> str:
        return f"{variable[:-1]}_{side}`"
