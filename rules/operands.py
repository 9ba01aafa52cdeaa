"""Which kinds go together? What an operator or a formula function answers for the kinds it is given, or why it refuses.

Every refusal is a `Refused` with the sentence and a hint; the caller knows the place.
"""

from collections.abc import Callable, Mapping

from rules.kinds import Kind
from rules.term import DATE_REACH, INT64, Op, Term, reach

FORMULA_FORMS = {
    "max": "max(a, b, …)",
    "min": "min(a, b, …)",
    "divide": "divide(money, count)",
    "prorate": "prorate(money, part, whole)",
    "part": "part(money, ratio)",
}
"""Function name to how it is written."""

_ORDERED = (Kind.COUNT, Kind.MONEY, Kind.DATE, Kind.DAYS, Kind.RATIO)
_SIGNED = (Kind.COUNT, Kind.MONEY, Kind.DAYS)
_ALIKE = {(kind, kind): kind for kind in _SIGNED}
_RESULT: Mapping[Op, Mapping[tuple[Kind, Kind], Kind]] = {
    Op.PLUS: _ALIKE | {(Kind.DATE, Kind.DAYS): Kind.DATE, (Kind.DAYS, Kind.DATE): Kind.DATE},
    Op.MINUS: _ALIKE | {(Kind.DATE, Kind.DAYS): Kind.DATE, (Kind.DATE, Kind.DATE): Kind.DAYS},
    Op.TIMES: {(kind, Kind.COUNT): kind for kind in _SIGNED} | {(Kind.COUNT, kind): kind for kind in _SIGNED},
}
"""Kinds on both sides to the kind of the result; what is not here is refused."""
_VERB = {Op.PLUS: "add", Op.MINUS: "subtract", Op.TIMES: "multiply"}


class Refused(ValueError):  # noqa: N818 -- named for the situation, as BadInput is
    """These kinds do not go together; `message` and `hint` are what a person reads."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(message)


def require_condition(part: Term, operator: str) -> None:
    """Raises Refused unless `part` is true or false."""
    if part.kind is not Kind.BOOL:
        raise Refused(f"`{operator}` needs a condition, and {_told(part)} is none")


def require_signed(part: Term) -> None:
    """Raises Refused unless `part` may stand behind a minus sign."""
    if part.kind not in _SIGNED:
        raise Refused(f"cannot negate {_told(part)}")


def require_comparable(op: Op, left: Term, right: Term) -> None:
    """Raises Refused unless both sides are of one kind, which has an order where the operator asks for it."""
    if left.kind is not right.kind:
        raise Refused(f"cannot compare {_told(left)} with {_told(right)}", _rewritten(left, right))
    if op not in (Op.EQUAL, Op.UNEQUAL) and left.kind not in _ORDERED:
        raise Refused(f"{left.kind.value} has no order", f"`{op.value}` compares numbers and dates; use `==` or `in`")


def require_member(item: Term, option: Term) -> None:
    """Raises Refused unless `item` can be found among options of the other term's kind."""
    if item.kind is not option.kind:
        raise Refused(f"cannot look for {_told(item)} among {option.kind.value}", _rewritten(option, item))


def kind_of_sum(op: Op, left: Term, right: Term, *, formulas: bool) -> Kind:
    """Kind of `left + right`, `left - right` or `left * right`. Raises Refused where there is none."""
    kind = _RESULT[op].get((left.kind, right.kind))
    if kind is None:
        kinds = {left.kind, right.kind}
        hint = _rewritten(left, right)
        if Kind.RATIO in kinds:
            hint = "a share of money is `part(money, ratio)`" if formulas else "ratios are only compared"
        elif kinds == {Kind.DATE, Kind.COUNT}:
            hint = "a date moves by `days(90)`, or by a parameter in days"
        raise Refused(f"cannot {_VERB[op]} {_told(left)} and {_told(right)}", hint)
    return kind


def require_reach(term: Term) -> None:
    """Raises Refused where arithmetic could leave 64 bits, or the calendar of some engine."""
    least, most = DATE_REACH if term.kind is Kind.DATE else INT64
    low, high = reach(term)
    if low < least or most < high:
        raise Refused("the result can be too large", "multiply by a smaller number, or compare the sides apart")


def kind_of_formula(name: str, parts: tuple[Term, ...]) -> Kind:
    """Kind of a formula function's answer. Raises Refused unless it takes these parts."""
    kinds = tuple(part.kind for part in parts)
    if not _TAKES[name](kinds):
        given = ", ".join(kind.value for kind in kinds)
        raise Refused(f"`{name}` does not take `({given})`", f"write `{FORMULA_FORMS[name]}`")
    return kinds[0]


def _takes_alike(kinds: tuple[Kind, ...]) -> bool:
    return len(kinds) > 1 and len(set(kinds)) == 1 and kinds[0] in _ORDERED


_TAKES: Mapping[str, Callable[[tuple[Kind, ...]], bool]] = {
    "max": _takes_alike,
    "min": _takes_alike,
    "divide": lambda kinds: kinds == (Kind.MONEY, Kind.COUNT),
    "prorate": lambda kinds: kinds in [(Kind.MONEY, kind, kind) for kind in (Kind.COUNT, Kind.DAYS)],
    "part": lambda kinds: kinds == (Kind.MONEY, Kind.RATIO),
}


def _told(term: Term) -> str:
    return f"`{term.text}` ({term.kind.value})"


def _rewritten(left: Term, right: Term) -> str:
    """How a plain number or text on either side is written in the other side's kind; empty where there is none."""
    for term, other in ((left, right), (right, left)):
        form = other.unit.value if other.kind is Kind.RATIO else other.kind.value
        if term.op is Op.LITERAL:
            match term.kind, other.kind:
                case Kind.COUNT, Kind.DAYS:
                    return f"write `days({term.value})`"
                case ((Kind.COUNT | Kind.TEXT), (Kind.MONEY | Kind.RATIO)):
                    return f'write `{form}("{term.value}")`'
                case Kind.TEXT, Kind.DATE:
                    return f'write `date("{term.value}")`'
                case _:
                    pass
    return ""
