"""What is a checked expression made of? Terms with kind, unit and place, and the range that each can reach.

One tree serves every reader: SQL for tables, values for one case, clauses for an explanation, and static analysis.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from rules.kinds import KIND_OF_UNIT, Kind, Unit, Value


class Op(Enum):
    """What a term does with its parts."""

    FACT = "fact"
    PARAMETER = "parameter"
    LINE = "line"
    """An earlier line of the same formula block."""
    LITERAL = "literal"
    HAS = "has"
    """Its part is the fact asked about."""
    NOT = "!"
    AND = "&&"
    OR = "||"
    EQUAL = "=="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="
    IN = "in"
    """First part among the others: literals, or one parameter that is a list."""
    PLUS = "+"
    MINUS = "-"
    TIMES = "*"
    NEGATE = "negate"
    QUOTIENT = "/"
    """Of whole numbers, truncated towards 0; the divisor's range never holds 0."""
    REMAINDER = "%"
    """With the sign of the dividend."""
    IF = "?:"
    """Condition, then, else; both branches of one kind. An unknown condition makes it unknown."""
    DEFINITION = "definition"
    """A named condition or derived value of the policies; its one part is what the name stands for."""
    LIST = "list"
    """Its parts are the items, all of the kind `of`."""
    SIZE = "size"
    """Code points of a text, items of a list."""
    INDEX = "[]"
    """List and position from 0; beyond the end it is unknown."""
    CONTAINS = "contains"
    STARTS_WITH = "startsWith"
    ENDS_WITH = "endsWith"
    MATCHES = "matches"
    """Text and a literal pattern of the portable subset, found anywhere in the text."""
    ALL = "all"
    """List and body, as the next four; `name` is the variable that the body reads as VARIABLE."""
    EXISTS = "exists"
    EXISTS_ONE = "exists_one"
    FILTER = "filter"
    MAP = "map"
    VARIABLE = "variable"
    """An item of the list around it."""
    MAX = "max"
    MIN = "min"
    DIVIDE = "divide"
    PRORATE = "prorate"
    PART = "part"
    SHARE = "share"
    """Money by money, an exact ratio; unknown where the second is 0."""


COMPARISONS = frozenset({Op.EQUAL, Op.UNEQUAL, Op.LESS, Op.AT_MOST, Op.GREATER, Op.AT_LEAST})
NAMED = frozenset({Op.FACT, Op.PARAMETER, Op.LINE, Op.HAS})
FORMULAS = frozenset({Op.MAX, Op.MIN, Op.DIVIDE, Op.PRORATE, Op.PART, Op.SHARE, Op.LINE})
"""Only a formula line may use these; they are computed case by case, never in SQL."""


@dataclass(frozen=True, slots=True)
class Term:
    """One node. `name` is set for FACT, PARAMETER, LINE and HAS, `value` for LITERAL, `parts` for all but leaves."""

    op: Op
    kind: Kind
    unit: Unit
    text: str
    """Canonical text of this part of the expression."""
    offset: int = field(compare=False)
    """Where it stands in the text as written."""
    parts: "tuple[Term, ...]" = ()
    name: str = ""
    value: Value | None = None
    of: Kind | None = None
    """Kind of the elements, for a list."""

    def walk(self) -> "Iterator[Term]":
        """This term and all below it, from left to right."""
        yield self
        for part in self.parts:
            yield from part.walk()


UNIT_OF_KIND = {kind: unit for unit, kind in KIND_OF_UNIT.items() if kind is not Kind.RATIO} | {Kind.RATIO: Unit.RATIO}
"""How a kind is shown where nothing says more; a ratio may also be percent or points."""
INT64 = (-(2**63), 2**63 - 1)
RANGE = {
    Kind.COUNT: (-(10**9), 10**9),
    Kind.MONEY: (-(10**15), 10**15),
    Kind.DAYS: (-(10**6), 10**6),
    Kind.DATE: (date.min.toordinal(), date.max.toordinal()),
}
"""Least and greatest value of a fact or parameter, both allowed; dates as days since 0001-01-01, that day being 1."""
DATE_REACH = (-(10**9), 10**9)
"""Days that date arithmetic may reach: every engine's calendar holds them."""
RATIO_REACH = 10**30
"""Greatest numerator and denominator of a ratio; their products are still compared exactly."""


def reach(term: Term) -> tuple[int, int]:
    """Least and greatest value that a COUNT, MONEY, DAYS or DATE term can have, by interval arithmetic."""
    match term.op:
        case Op.LITERAL:
            number = term.value.toordinal() if isinstance(term.value, date) else int(term.value)  # type: ignore[arg-type] # one of the four kinds
            return number, number
        case Op.PLUS:
            (a, b), (c, d) = (reach(part) for part in term.parts)
            return a + c, b + d
        case Op.MINUS:
            (a, b), (c, d) = (reach(part) for part in term.parts)
            return a - d, b - c
        case Op.TIMES:
            (a, b), (c, d) = (reach(part) for part in term.parts)
            corners = (a * c, a * d, b * c, b * d)
            return min(corners), max(corners)
        case Op.NEGATE:
            ((a, b),) = (reach(part) for part in term.parts)
            return -b, -a
        case _:
            return RANGE[term.kind]


def present_if(term: Term, *, holds: bool) -> frozenset[str]:
    """Optional facts that certainly have a value when the condition is true (`holds`), or when it is false."""
    match term.op:
        case Op.HAS:
            return frozenset({term.name}) if holds else frozenset()
        case Op.NOT:
            return present_if(term.parts[0], holds=not holds)
        case Op.AND | Op.OR:
            each = [present_if(part, holds=holds) for part in term.parts]
            every_part_decided = holds is (term.op is Op.AND)
            return frozenset.union(*each) if every_part_decided else frozenset.intersection(*each)
        case _:
            return frozenset()
