"""How does Spark write it? What Spark SQL 4 spells differently from DuckDB, its ANSI mode on, as it is by default.

Its widest integers are decimals of 38 digits. A list is an array walked by higher-order functions, a ratio in a list a
struct. Regular expressions are Java's: they go back and try again, so that a pattern whose repetitions stand within
repetitions might run for ever, and is refused.
"""

import re
from collections.abc import Sequence
from typing import ClassVar

from engine.conditions.patterns_elsewhere import Dialect, rewritten
from engine.spelling import Spelling
from rules.kinds import Kind

_GREATEST_POSITION = 2**31 - 2
_PATTERNS = Dialect(sign=lambda sign: f"\\x{{{ord(sign):x}}}", end="\\z")
_PART = re.compile(
    r"\\.|\[\^?(?:\\.|[^\]\\])+\]|(?P<open>\((?:\?:)?)|(?P<close>\)(?P<many>[*+]|\{[0-9]+,)?)|(?P<again>[*+?]|\{[0-9]+,)|.",
    re.DOTALL,
)


class SparkSpelling(Spelling):
    """Spark SQL 4. Text is of the collation UTF8_BINARY: ordered by the bytes of UTF-8."""

    ENGINE: ClassVar[str] = "spark"
    WIDE: ClassVar[str] = "DECIMAL(38,0)"
    WIDEST: ClassVar[int] = 10**38 - 1

    def name(self, name: str) -> str:
        return f"`{name.replace('`', '``')}`"

    def text(self, value: str) -> str:
        # `${…}` would be replaced by a setting of that name before the statement is even parsed. Written so, a text is
        # the same to whoever looks for its end in the way of other engines.
        escaped = value.replace("\\", "\\\\").replace("'", "\\u0027").replace("${", "\\u0024{")
        return f"'{escaped}'"

    def type_of(self, kind: Kind, of: Kind | None = None) -> str:
        match kind:
            case Kind.LIST:
                return f"ARRAY<{self.type_of(of or Kind.TEXT)}>"
            case Kind.RATIO:
                return f"STRUCT<n: {self.WIDE}, d: {self.WIDE}>"
            case Kind.TEXT:
                return "STRING"
            case _:
                return super().type_of(kind)

    def divided(self, left: str, right: str) -> str:
        # `div` of any numbers is a BIGINT, whose products would not hold those of ratios.
        return self.wide(f"({left} div {right})")

    def quotient(self, left: str, right: str) -> str:
        return f"({left} div NULLIF({right}, 0))"

    def days_between(self, later: str, earlier: str) -> str:
        # One date minus another would be an interval.
        return self.cast(f"date_diff({later}, {earlier})", Kind.DAYS)

    def starts_with(self, whole: str, part: str) -> str:
        return f"startswith({whole}, {part})"

    def ends_with(self, whole: str, part: str) -> str:
        return f"endswith({whole}, {part})"

    def matches(self, whole: str, pattern: str) -> str:
        """Raises ValueError for a pattern with repetitions within repetitions."""
        if _repeats_repetitions(pattern):
            raise ValueError(f"on Spark no repetition may stand within another, as in the pattern `{pattern}`")
        return f"({whole} RLIKE {self.literal(rewritten(pattern, _PATTERNS), Kind.TEXT)})"

    def characters(self, sql: str) -> str:
        return self.cast(f"length({sql})", Kind.COUNT)

    def list_of(self, items: Sequence[str], of: Kind | None) -> str:
        made = f"array({', '.join(items)})"
        return self.cast(made, Kind.LIST, of) if of else made

    def items(self, listed: str) -> str:
        return self.cast(f"array_size({listed})", Kind.COUNT)

    def item(self, listed: str, position: str) -> str:
        # What is outside has no value; a position is an INT, and a larger number would abort the query.
        within = f"CASE WHEN {position} BETWEEN 0 AND {_GREATEST_POSITION} THEN {position} END"
        return f"get({listed}, CAST({within} AS INT))"

    def holds(self, listed: str, item: str) -> str:
        return f"array_contains({listed}, {item})"

    def concatenated(self, left: str, right: str) -> str:
        return f"concat({left}, {right})"

    def variable(self, name: str) -> str:
        return self.name(f"${name}")

    def each(self, listed: str, variable: str, body: str) -> str:
        return f"transform({listed}, {variable} -> {body})"

    def kept(self, listed: str, variable: str, body: str) -> str:
        return f"filter({listed}, {variable} -> {body})"

    def _folded(self, listed: str, sign: str, start: str) -> str:
        a, b = self.variable("a"), self.variable("b")
        return f"aggregate({listed}, {start}, ({a}, {b}) -> {a} {sign} {b})"

    def pair(self, over: str, under: str) -> str:
        return f"named_struct('n', {over}, 'd', {under})"

    def halves(self, pair: str) -> tuple[str, str]:
        return f"({pair}).n", f"({pair}).d"

    def zipped(self, left: str, right: str, variable: str, body: str) -> str:
        sides = ", ".join(self.beside(variable, side) for side in (0, 1))
        return f"zip_with({left}, {right}, ({sides}) -> {body})"

    def beside(self, variable: str, side: int) -> str:
        return f"{variable[:-1]} {side}`"


def _repeats_repetitions(pattern: str) -> bool:
    """Whether a group that may come again and again holds something that may too, or may be left out."""
    within = [False]
    for part in _PART.finditer(pattern):
        if part["open"]:
            within.append(False)
        elif part["close"]:
            inner = within.pop()
            if part["many"] and inner:
                return True
            within[-1] |= inner or bool(part["many"])
        elif part["again"]:
            within[-1] = True
    return False
