"""Which kinds go together? What an operator or a formula function answers for the kinds it is given, or why it refuses.

Every refusal is a `Refused` with the sentence and a hint; the caller knows the place.
"""

from collections.abc import Callable, Mapping

from rules.expression.refusal import Reason
from rules.expression.term import UNIT_OF_KIND, Op, Term
from rules.kinds import Kind, Unit

FORMULA_FORMS = {
    "max": "max(a, b, …)",
    "min": "min(a, b, …)",
    "divide": "divide(money, count)",
    "prorate": "prorate(money, part, whole)",
    "part": "part(money, ratio)",
    "share": "share(money, money)",
}
"""Function name to how it is written."""

_ORDERED = (Kind.COUNT, Kind.MONEY, Kind.DATE, Kind.DAYS, Kind.RATIO)
_NUMBERED = (Kind.COUNT, Kind.MONEY, Kind.DAYS)
_ALIKE = {(kind, kind): kind for kind in (*_NUMBERED, Kind.DURATION)}
_RATIOS = {(Kind.RATIO, Kind.RATIO): Kind.RATIO}
_RESULT: Mapping[Op, Mapping[tuple[Kind, Kind], Kind]] = {
    Op.PLUS: {
        **_ALIKE,
        **dict.fromkeys(((Kind.DATE, Kind.DAYS), (Kind.DAYS, Kind.DATE)), Kind.DATE),
        **dict.fromkeys(((Kind.TIMESTAMP, Kind.DURATION), (Kind.DURATION, Kind.TIMESTAMP)), Kind.TIMESTAMP),
        (Kind.TEXT, Kind.TEXT): Kind.TEXT,
        (Kind.BYTES, Kind.BYTES): Kind.BYTES,
        (Kind.LIST, Kind.LIST): Kind.LIST,
    },
    Op.MINUS: {
        **_ALIKE,
        (Kind.DATE, Kind.DAYS): Kind.DATE,
        (Kind.DATE, Kind.DATE): Kind.DAYS,
        (Kind.TIMESTAMP, Kind.DURATION): Kind.TIMESTAMP,
        (Kind.TIMESTAMP, Kind.TIMESTAMP): Kind.DURATION,
    },
    Op.TIMES: {(kind, Kind.COUNT): kind for kind in _NUMBERED} | {(Kind.COUNT, kind): kind for kind in _NUMBERED},
    Op.QUOTIENT: {(Kind.COUNT, Kind.COUNT): Kind.COUNT},
    Op.REMAINDER: {(Kind.COUNT, Kind.COUNT): Kind.COUNT},
}
"""Kinds on both sides to the kind of the result; what is not here is refused."""
_VERB = {
    Op.PLUS: "add",
    Op.MINUS: "subtract",
    Op.TIMES: "multiply",
    Op.QUOTIENT: "divide",
    Op.REMAINDER: "take the rest of",
}
_LEVEL_HINT = 'a difference of two shares is written `points("30")`, a share `percent("30")` or `ratio("1.2")`'


class Refused(ValueError):  # noqa: N818 -- named for the situation, as BadInput is
    """These kinds do not go together; `message` and `hint` are what a person reads."""

    def __init__(self, message: str, hint: str = "", reason: Reason = Reason.KIND) -> None:
        self.message = message
        self.hint = hint
        self.reason = reason
        super().__init__(message)


def require_condition(part: Term, operator: str) -> None:
    """Raises Refused unless `part` is true or false."""
    if part.kind is not Kind.BOOL:
        raise Refused(f"`{operator}` needs a condition, and {told(part)} is none")


def require_signed(part: Term) -> None:
    """Raises Refused unless `part` may stand behind a minus sign."""
    if part.kind not in _NUMBERED:
        raise Refused(f"cannot negate {told(part)}")


def require_comparable(op: Op, left: Term, right: Term) -> None:
    """Raises Refused unless both sides are of one kind and unit, which has an order where the operator asks for it."""
    require_alike(left, right, f"cannot compare {told(left)} with {told(right)}")
    if op not in (Op.EQUAL, Op.UNEQUAL) and left.kind is Kind.LIST:
        raise Refused("a list has no order", f"compare sizes, `{left.text}.size()`")


def require_member(item: Term, option: Term) -> None:
    """Raises Refused unless `item` can be found among options of the other term's kind."""
    require_alike(option, item, f"cannot look for {told(item)} among {_named(option.kind, option.unit)}")


def require_alike(left: Term, right: Term, message: str, reason: Reason = Reason.KIND) -> None:
    """Raises Refused with `message` unless both are of one kind, and both or neither a difference in points."""
    if left.kind is not right.kind:
        raise Refused(message, _rewritten(left, right), reason)
    if Kind.LIST is left.kind and None not in (left.of, right.of) and left.of is not right.of:
        raise Refused(message, "the items of both lists must be of one kind", reason)
    # An empty list has no unit of its own.
    shares = left.kind is Kind.RATIO or (left.of is Kind.RATIO and right.of is Kind.RATIO)
    if shares and (left.unit is Unit.POINTS) is not (right.unit is Unit.POINTS):
        raise Refused(message, _LEVEL_HINT, Reason.UNIT if reason is Reason.KIND else reason)


def result_of(op: Op, left: Term, right: Term, *, formulas: bool) -> tuple[Kind, Unit]:
    """Kind and unit of `left + right` and the like. Raises Refused where there is none."""
    pair = (left.kind, right.kind)
    if formulas and pair in _RATIOS and op in (Op.PLUS, Op.MINUS, Op.TIMES):
        return Kind.RATIO, _unit_of_ratios(op, left, right)
    kind = _RESULT[op].get(pair)
    if kind is None:
        raise Refused(
            f"cannot {_VERB[op]} {told(left)} and {told(right)}", _hint_for_sum(op, left, right, formulas=formulas)
        )
    if kind is Kind.LIST:
        require_alike(left, right, f"cannot add {told(left)} and {told(right)}")
        return kind, left.unit if left.of else right.unit
    return kind, UNIT_OF_KIND[kind]


def _hint_for_sum(op: Op, left: Term, right: Term, *, formulas: bool) -> str:
    kinds = {left.kind, right.kind}
    if op in (Op.QUOTIENT, Op.REMAINDER):
        share = "`divide(money, count)`, `share(money, money)`" if formulas else "multiply the other side"
        return f"only whole numbers are divided: {share}"
    if Kind.RATIO in kinds:
        return "a share of money is `part(money, ratio)`" if formulas else "ratios are only compared"
    if kinds == {Kind.DATE, Kind.COUNT}:
        return "a date moves by `days(90)`, or by a parameter in days"
    if Kind.DATE in kinds and Kind.DURATION in kinds:
        return "a date moves by `days(90)`; durations move timestamps"
    return _rewritten(left, right)


def _unit_of_ratios(op: Op, left: Term, right: Term) -> Unit:
    """A level and a difference make a level, two differences a difference. Raises Refused where neither makes sense."""
    match op, left.unit is Unit.POINTS, right.unit is Unit.POINTS:
        case (Op.TIMES, True, True) | (Op.MINUS, True, False):
            raise Refused(f"cannot {_VERB[op]} {told(left)} and {told(right)}", _LEVEL_HINT, Reason.UNIT)
        case (_, True, True) | (Op.TIMES, True, _) | (Op.TIMES, _, True):
            return Unit.POINTS
        case Op.TIMES, _, _:
            # 30 percent times 1.2 is 36 percent.
            return right.unit if left.unit is Unit.RATIO else left.unit
        case _, True, False:
            return right.unit
        case _, False, True:
            return left.unit
        case _:
            return left.unit if left.unit is right.unit else Unit.RATIO


def result_of_formula(name: str, parts: tuple[Term, ...]) -> tuple[Kind, Unit]:
    """Kind and unit of a formula function's answer. Raises Refused unless it takes these parts."""
    kinds = tuple(part.kind for part in parts)
    if not _TAKES[name](kinds):
        given = ", ".join(kind.value for kind in kinds)
        hint = f"write `{FORMULA_FORMS[name]}`"
        raise Refused(f"`{name}` does not take `({given})`", hint, Reason.MISPLACED)
    if name == "share":
        return Kind.RATIO, Unit.PERCENT
    if name in ("max", "min"):
        for part in parts[1:]:
            require_alike(parts[0], part, f"cannot compare {told(parts[0])} with {told(part)}")
    return kinds[0], parts[0].unit


def _takes_alike(kinds: tuple[Kind, ...]) -> bool:
    return len(kinds) > 1 and len(set(kinds)) == 1 and kinds[0] in _ORDERED


_TAKES: Mapping[str, Callable[[tuple[Kind, ...]], bool]] = {
    "max": _takes_alike,
    "min": _takes_alike,
    "divide": lambda kinds: kinds == (Kind.MONEY, Kind.COUNT),
    "prorate": lambda kinds: kinds in [(Kind.MONEY, kind, kind) for kind in (Kind.COUNT, Kind.DAYS)],
    "part": lambda kinds: kinds == (Kind.MONEY, Kind.RATIO),
    "share": lambda kinds: kinds == (Kind.MONEY, Kind.MONEY),
}


def told(term: Term) -> str:
    """A term and what it is, as a message names it."""
    if term.kind is Kind.LIST:
        return f"`{term.text}` (list of {_named(term.of, term.unit) if term.of else 'nothing'})"
    return f"`{term.text}` ({_named(term.kind, term.unit)})"


def _named(kind: Kind, unit: Unit) -> str:
    return unit.value if unit is Unit.POINTS else kind.value


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
                case Kind.TEXT, (Kind.DATE | Kind.TIMESTAMP | Kind.DURATION):
                    return f'write `{form}("{term.value}")`'
                case Kind.BYTES, Kind.TEXT:
                    return "facts and policies hold text: leave the `b` out"
                case _:
                    pass
        if term.kind is Kind.LIST and other.kind is term.of:
            return f"write `… in {term.text}`"
    return ""
