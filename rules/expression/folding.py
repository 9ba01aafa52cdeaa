"""Which parts of an expression name nothing, and what are they? They are computed once, when it is checked."""

from dataclasses import replace

from rules.expression.meaning import Judge, outward
from rules.expression.operands import Refused
from rules.expression.pattern import steps_of
from rules.expression.refusal import Reason
from rules.expression.term import MACROS, NAMED, Op, Term
from rules.kinds import Kind

MAX_WORK = 100_000
"""Steps to compute one constant; lists within lists of constants multiply."""

_SIGNS_A_STEP = 20
"""Signs of a text that are compared with a pattern in the time of one step."""


def folded(term: Term) -> Term:
    """A part that names nothing as its value; as it is where it names something, or where CEL has an error.

    Raises Refused where computing it would take too long.
    """
    if term.op in (Op.LITERAL, Op.LIST, Op.VARIABLE) or not names_nothing(term):
        return term
    if work(term) > MAX_WORK:
        hint = "shorten the lists"
        raise Refused("this takes too long to compute", hint, Reason.TOO_LARGE)
    value = outward(Judge({}, {}).judged(term).value, term.kind, term.of)
    if value is None:
        return term
    if term.kind is not Kind.LIST or term.of is None:
        return (
            replace(term, op=Op.LITERAL, parts=(), name="", value=value)
            if term.kind is not Kind.LIST
            else replace(term, op=Op.LIST, parts=(), name="")
        )
    items = (
        Term(Op.LITERAL, term.of, term.unit, f"{term.text}[{i}]", term.offset, value=item, end=term.end)
        for i, item in enumerate(value)
    )
    return replace(term, op=Op.LIST, parts=tuple(items), name="")


def has_value(term: Term) -> bool:
    """Whether a part that names nothing has a value at all, be it beyond the calendar."""
    return Judge({}, {}).judged(term).value is not None


def names_nothing(term: Term, bound: frozenset[str] = frozenset()) -> bool:
    """Whether a part reads no fact, parameter, definition or line, nor a variable but its own and those in `bound`."""
    if term.op in NAMED or term.op is Op.DEFINITION:
        return False
    if term.op is Op.VARIABLE:
        return term.name in bound
    if term.op in MACROS:
        return names_nothing(term.parts[0], bound) and names_nothing(term.parts[1], bound | {term.name})
    return all(names_nothing(part, bound) for part in term.parts)


def work(term: Term) -> int:
    """Steps to judge a term at most, where the items of lists that are not written out count once."""
    if term.op in MACROS:
        return work(term.parts[0]) + _items(term.parts[0]) * work(term.parts[1])
    if term.op is Op.MATCHES and term.parts[0].op is Op.LITERAL:
        text, pattern = (str(part.value) for part in term.parts)
        return len(text) * len(steps_of(pattern)) // _SIGNS_A_STEP
    return 1 + sum(map(work, term.parts))


def _items(term: Term) -> int:
    match term.op:
        case Op.LIST:
            return len(term.parts)
        case Op.PLUS | Op.IF:
            return sum(map(_items, term.parts[-2:]))
        case Op.FILTER | Op.MAP | Op.DEFINITION:
            return _items(term.parts[0])
        case _:
            return 1
