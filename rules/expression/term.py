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

    # Every member is one object; the hash of its name, worked out in Python, is what judging would spend its time on.
    __hash__ = object.__hash__

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
    """First part among the others: literals, or one term that is a list (its kind says so)."""
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
NAMED = (Op.FACT, Op.PARAMETER, Op.LINE, Op.HAS)
MACROS = (Op.ALL, Op.EXISTS, Op.EXISTS_ONE, Op.FILTER, Op.MAP)
FORMULAS = frozenset({Op.MAX, Op.MIN, Op.DIVIDE, Op.PRORATE, Op.PART, Op.SHARE, Op.LINE})
"""Only a formula line may use these; they are computed case by case, never in SQL."""


@dataclass(frozen=True, slots=True)
class Term:
    """One node. `name` is set for FACT, PARAMETER, LINE, HAS, DEFINITION, VARIABLE and the macros, `value` for
    LITERAL, `parts` for all but leaves. What names nothing is a LITERAL, or a LIST of such: it was computed.
    """

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
    """Kind of the elements, for a list; their unit is the list's. None for an empty list."""
    end: int = field(default=0, compare=False)
    """Where it ends in the text as written."""

    def walk(self) -> "Iterator[Term]":
        """This term and all below it, from left to right."""
        yield self
        for part in self.parts:
            yield from part.walk()


UNIT_OF_KIND = {kind: unit for unit, kind in KIND_OF_UNIT.items() if kind is not Kind.RATIO} | {
    Kind.RATIO: Unit.RATIO,
    Kind.LIST: Unit.NONE,
    Kind.DURATION: Unit.NONE,
    Kind.TIMESTAMP: Unit.NONE,
    Kind.BYTES: Unit.NONE,
}
"""How a kind is shown where nothing says more; a ratio may also be percent or points."""
INT64 = (-(2**63), 2**63 - 1)
SECOND = 10**6
"""In microseconds, the unit of durations and timestamps."""
_DAY = 86_400 * SECOND


def _new_year(year: int) -> int:
    return (date(year, 1, 1).toordinal() - date(1970, 1, 1).toordinal()) * _DAY


RANGE = {
    Kind.COUNT: (-(10**9), 10**9),
    Kind.MONEY: (-(10**15), 10**15),
    Kind.DAYS: (-(10**6), 10**6),
    Kind.DATE: (date.min.toordinal(), date.max.toordinal()),
    Kind.DURATION: (-36_500 * _DAY, 36_500 * _DAY),
    Kind.TIMESTAMP: (_new_year(1900), _new_year(2150)),
}
"""Least and greatest value of a fact or parameter, both allowed; dates as days since 0001-01-01, that day being 1.
The difference of two moments is a duration, and a moment moved by one is still in the calendar.
"""
DATE_REACH = (-(10**9), 10**9)
"""Days that date arithmetic may reach: every engine's calendar holds them."""
DURATION_REACH = (-(2**63 // 1000), 2**63 // 1000)
TIMESTAMP_REACH = (-62_135_596_800 * SECOND, 253_402_300_800 * SECOND - 1)
"""The years 1 to 9999, and 64 bits of nanoseconds for a duration: CEL's own limits."""
REACH = {Kind.DATE: DATE_REACH, Kind.DURATION: DURATION_REACH, Kind.TIMESTAMP: TIMESTAMP_REACH}
"""What arithmetic may reach; 64 bits for the kinds that are not here."""
RATIO_REACH = 10**30
"""Greatest numerator and denominator of a ratio; their products are still compared exactly."""


def reach(term: Term) -> tuple[int, int]:  # noqa: C901, PLR0912 -- one case for each operation
    """Least and greatest value that a whole number, date or time can have, by interval arithmetic; for a list, an item.

    An item of a list within `RANGE` is what a VARIABLE stands for: `rules.expression.bounds` sees to it.
    """
    match term.op:
        case Op.LITERAL if term.value is not None:
            number = term.value.toordinal() if isinstance(term.value, date) else int(term.value)
            return number, number
        case Op.PLUS if term.kind is not Kind.LIST:
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
        case Op.QUOTIENT:
            # The divisor is a whole number other than 0: no quotient is farther from 0 than the dividend.
            (a, b), _ = (reach(part) for part in term.parts)
            most = max(abs(a), abs(b))
            return -most, most
        case Op.REMAINDER:
            (a, b), (c, d) = (reach(part) for part in term.parts)
            most = max(abs(c), abs(d)) - 1
            return max(-most, min(a, 0)), min(most, max(b, 0))
        case Op.IF:
            return _around(term.parts[1:])
        case Op.LIST | Op.PLUS:
            return _around(term.parts)
        case Op.DEFINITION | Op.INDEX | Op.FILTER:
            return reach(term.parts[0])
        case Op.MAP:
            return reach(term.parts[1])
        case Op.SIZE:
            return 0, RANGE[Kind.COUNT][1]
        case _:
            return RANGE[term.of or term.kind]


def _around(terms: tuple[Term, ...]) -> tuple[int, int]:
    reaches = [reach(term) for term in terms] or [(0, 0)]
    return min(low for low, _ in reaches), max(high for _, high in reaches)


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
        case Op.DEFINITION:
            return present_if(term.parts[0], holds=holds)
        case Op.IF:
            condition, *branches = term.parts
            each = [
                present_if(condition, holds=taken) | present_if(branch, holds=holds)
                for taken, branch in zip((True, False), branches, strict=True)
                if branch.op is not Op.LITERAL or branch.value is holds
            ]
            return frozenset.intersection(*each) if each else frozenset()
        case Op.EXISTS | Op.ALL:
            # Some item decided it; of an empty list nothing is known.
            return present_if(term.parts[1], holds=holds) if holds is (term.op is Op.EXISTS) else frozenset()
        case _:
            return frozenset()
