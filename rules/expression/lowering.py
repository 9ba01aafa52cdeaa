"""How do cases, bands and tables become one expression? Terms put together from terms, each with its canonical text.

Kleene's logic throughout: an unknown condition leaves the choice between two values unknown, even of equal ones, and an
unknown part leaves a sum unknown.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from rules.expression.term import UNIT_OF_KIND, Op, Term
from rules.kinds import KIND_OF_UNIT, Kind, Unit, Value

MAX_DEPTH = 90
"""Levels of a definition with all that it names put in: an expression has room around it (rules.expression.bounds)."""
MAX_SIZE = 15_000
"""Terms of the same."""
_CHAINED = 8
"""Cases that are asked one behind the other; more are halved first, so that a hundred are seven levels deep."""


def literal(value: Value, unit: Unit, minor_digits: int) -> Term:
    """A fixed value of the kind that is written in `unit`."""
    kind = KIND_OF_UNIT[unit]
    return Term(Op.LITERAL, kind, unit, _written(value, kind, unit, minor_digits), 0, value=value)


def unknown(unit: Unit) -> Term:
    """The value that nobody knows, of the kind that is written in `unit`."""
    return Term(Op.LITERAL, KIND_OF_UNIT[unit], unit, "unknown", 0)


def literal_or_unknown(value: Value | None, unit: Unit, minor_digits: int) -> Term:
    return unknown(unit) if value is None else literal(value, unit, minor_digits)


def either(condition: Term, then: Term, otherwise: Term) -> Term:
    """`condition ? then : otherwise`."""
    text = f"{_closed(condition, Op.IF)} ? {_closed(then, Op.IF)} : {otherwise.text}"
    return Term(Op.IF, then.kind, then.unit, text, condition.offset, (condition, then, otherwise))


def first_true(cases: Sequence[tuple[Term, Term]], otherwise: Term) -> Term:
    """The value of the first case whose condition is true; unknown where one before it is."""
    if len(cases) > _CHAINED:
        # The halves answer as the chain does: what is true or unknown in the first half settles the answer there.
        early, late = cases[: len(cases) // 2], cases[len(cases) // 2 :]
        fits = any_of(condition for condition, _ in early)
        return either(fits, first_true(early, otherwise), first_true(late, otherwise))
    answer = otherwise
    for condition, value in reversed(cases):
        answer = either(condition, value, answer)
    return answer


def all_of(parts: Iterable[Term]) -> Term:
    """Every one is true. Of none: true."""
    return _joined(Op.AND, tuple(parts), if_none=True)


def any_of(parts: Iterable[Term]) -> Term:
    """At least one is true. Of none: false."""
    return _joined(Op.OR, tuple(parts), if_none=False)


def compared(op: Op, left: Term, right: Term) -> Term:
    return Term(op, Kind.BOOL, Unit.BOOL, f"{left.text} {op.value} {right.text}", left.offset, (left, right))


def total(parts: Sequence[Term]) -> Term:
    """The sum of one or more numbers of one kind, halved again and again: a sum of a hundred is seven levels deep."""
    if len(parts) == 1:
        return parts[0]
    left, right = total(parts[: len(parts) // 2]), total(parts[len(parts) // 2 :])
    text = f"{_closed(left, Op.IF)} + {_closed(right, Op.IF, Op.PLUS)}"
    return Term(Op.PLUS, left.kind, left.unit, text, left.offset, (left, right))


def is_too_large(term: Term) -> bool:
    """Whether the term is deeper or larger than every reader of terms can follow."""
    level: list[Term] = [term]
    size = depth = 0
    while level and size <= MAX_SIZE and depth <= MAX_DEPTH:
        size, depth = size + len(level), depth + 1
        level = [part for each in level for part in each.parts]
    return bool(level)


def _joined(op: Op, parts: tuple[Term, ...], *, if_none: bool) -> Term:
    flat = tuple(below for part in parts for below in (part.parts if part.op is op else (part,)))
    if len(flat) == 1:
        return flat[0]
    if not flat:
        return literal(if_none, Unit.BOOL, 0)
    inside = (Op.IF, Op.OR) if op is Op.AND else (Op.IF,)
    text = f" {op.value} ".join(_closed(part, *inside) for part in flat)
    return Term(op, Kind.BOOL, UNIT_OF_KIND[Kind.BOOL], text, flat[0].offset, flat)


def _closed(term: Term, *ops: Op) -> str:
    """The text of a part, in brackets where it is one of these operations."""
    return f"({term.text})" if term.op in ops else term.text


def _written(value: Value, kind: Kind, unit: Unit, minor_digits: int) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return f'date("{value.isoformat()}")'
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    match kind:
        case Kind.MONEY:
            return f'money("{Decimal(int(value)).scaleb(-minor_digits):.{minor_digits}f}")'
        case Kind.DAYS:
            return f"days({value})"
        case Kind.RATIO:
            form = unit.value if unit in (Unit.PERCENT, Unit.POINTS) else "ratio"
            number = Fraction(value) * (1 if form == "ratio" else 100)
            # Written with at most nine decimals, so that the quotient is exact.
            return f'{form}("{(Decimal(number.numerator) / Decimal(number.denominator)).normalize():f}")'
        case _:
            return str(value)
