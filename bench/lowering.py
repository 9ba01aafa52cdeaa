"""A condition in what every rules engine has: `and`, `or` and comparisons of whole numbers, texts and booleans.

Money is a whole number of the minor unit already, a date the days since 1970, a ratio compared with a constant two
products. No negation is left, and nothing unknown: a condition is lowered twice, to what holds where it is certainly
true and to what holds where it is certainly false. Where neither holds it is unknown.
"""

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import product
from typing import Any

from engine.conditions.given_values import Given, single_value, values_of
from rules.expression.term import COMPARISONS, Op, Term
from rules.kinds import Kind, Value

EPOCH = date(1970, 1, 1).toordinal()
OPPOSITE = {
    Op.EQUAL: Op.UNEQUAL,
    Op.UNEQUAL: Op.EQUAL,
    Op.LESS: Op.AT_LEAST,
    Op.AT_LEAST: Op.LESS,
    Op.GREATER: Op.AT_MOST,
    Op.AT_MOST: Op.GREATER,
}

_TURNED = {
    Op.LESS: Op.GREATER,
    Op.GREATER: Op.LESS,
    Op.AT_MOST: Op.AT_LEAST,
    Op.AT_LEAST: Op.AT_MOST,
}
_TEST = {
    Op.EQUAL: operator.eq,
    Op.UNEQUAL: operator.ne,
    Op.LESS: operator.lt,
    Op.AT_MOST: operator.le,
    Op.GREATER: operator.gt,
    Op.AT_LEAST: operator.ge,
}


@dataclass(frozen=True, slots=True)
class Number:
    """A fact times a factor plus an offset; without a fact, a constant of any kind."""

    fact: str
    offset: Any = 0
    factor: int = 1


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison of two values that are known."""

    op: Op
    left: Number
    right: Number


@dataclass(frozen=True, slots=True)
class Known:
    """Whether a fact has a value."""

    fact: str
    holds: bool = True


@dataclass(frozen=True, slots=True)
class All:
    """Each of them; of none, true."""

    parts: "tuple[Lowered, ...]" = ()


@dataclass(frozen=True, slots=True)
class Some:
    """One of them; of none, false."""

    parts: "tuple[Lowered, ...]" = ()


Lowered = Compared | Known | All | Some


def column(fact: str) -> str:
    """A fact's name as a variable of any language: `account.t12` is `account_t12`."""
    return fact.replace(".", "_").replace("#", "_")


def lowered_value(value: Value) -> Any:
    """A constant as the peers have it: a date is a number of days."""
    return value.toordinal() - EPOCH if isinstance(value, date) else value


@dataclass(frozen=True, slots=True)
class Lowering:
    """Conditions with the parameters of a run; facts in `absent` have no value, and nobody can say that they do not."""

    parameters: Mapping[str, Given]
    absent: frozenset[str]
    certain: frozenset[str]
    """Facts, and halves of ratios, that are known in every row."""

    def when(self, term: Term, *, holds: bool) -> Lowered:
        """What is true exactly where the condition is certainly true, or, if not `holds`, certainly false."""
        match term.op:
            case Op.AND | Op.OR:
                return joined((self.when(p, holds=holds) for p in term.parts), every=(term.op is Op.AND) is holds)
            case Op.NOT:
                return self.when(term.parts[0], holds=not holds)
            case Op.DEFINITION:
                return self.when(term.parts[0], holds=holds)
            case Op.HAS:
                fact = term.parts[0].name
                return Some() if fact in self.absent else self.known(_carrier(term.parts[0]), holds=holds)
            case Op.FACT:
                return self.compared(Op.EQUAL, self.values(term), [(All(), Number("", offset=holds))])
            case Op.LITERAL:
                return All() if term.value is holds else Some()
            case Op.IN:
                return joined(self.listed(term, holds=holds), every=not holds)
            case _ if term.op in COMPARISONS:
                op = term.op if holds else OPPOSITE[term.op]
                left, right = term.parts
                if left.kind is Kind.RATIO:
                    return self.ratios(op, left, right)
                return self.compared(op, self.values(left), self.values(right))
            case _:
                raise ValueError(f"`{term.text}` is beyond what peers have in common")

    def known(self, fact: str, *, holds: bool = True) -> Lowered:
        if fact in self.certain:
            return All() if holds else Some()
        return Known(fact, holds)

    def listed(self, term: Term, *, holds: bool) -> Iterator[Lowered]:
        item, *options = term.parts
        constant = options[0].op is Op.LITERAL
        values = [o.value for o in options] if constant else values_of(options[0], self.parameters) or ()
        for value in values:
            if value is not None:
                one = [(All(), Number("", lowered_value(value)))]
                yield self.compared(Op.EQUAL if holds else Op.UNEQUAL, self.values(item), one)

    def compared(self, op: Op, left: "Pieces", right: "Pieces") -> Lowered:
        return joined(
            (
                joined([g, h, *(self.known(n.fact) for n in (a, b) if n.fact), _test(op, a, b)], every=True)
                for (g, a), (h, b) in product(left, right)
            ),
            every=False,
        )

    def values(self, term: Term) -> "Pieces":
        """What a term can be worth, each with what must hold for it; nothing where it is unknown."""
        match term.op:
            case Op.FACT:
                return [] if term.name in self.absent else [(All(), Number(term.name))]
            case Op.DEFINITION:
                return self.values(term.parts[0])
            case Op.IF:
                condition, then, otherwise = term.parts
                return [
                    (joined([self.when(condition, holds=holds), guard], every=True), value)
                    for holds, branch in ((True, then), (False, otherwise))
                    for guard, value in self.values(branch)
                ]
            case Op.PLUS:
                return [
                    (guard, Number(a.fact or b.fact, a.offset + b.offset))
                    for (g, a), (h, b) in product(*map(self.values, term.parts))
                    if (guard := joined([g, h], every=True)) != Some()
                ]
            case Op.LITERAL | Op.PARAMETER:
                value = single_value(term, self.parameters)
                return [] if value is None else [(All(), Number("", lowered_value(value)))]
            case _:
                raise ValueError(f"`{term.text}` is beyond what peers have in common")

    def ratios(self, op: Op, left: Term, right: Term) -> Lowered:
        """A ratio and a constant, multiplied across."""
        value = single_value(right, self.parameters)
        if left.op is not Op.FACT or value is None:
            raise ValueError(f"`{left.text}` with `{right.text}` is beyond what peers have in common")
        if left.name in self.absent:
            return Some()
        over, under = Fraction(str(value) if isinstance(value, str) else value).as_integer_ratio()  # type: ignore[arg-type]
        n, d = (Number(f"{left.name}#{half}", 0, factor) for half, factor in (("n", under), ("d", over)))
        return joined([self.known(n.fact), self.known(d.fact), Compared(op, n, d)], every=True)


Pieces = Sequence[tuple[Lowered, Number]]


def _test(op: Op, left: Number, right: Number) -> Lowered:
    if left.fact or right.fact:
        return Compared(op, left, right) if left.fact else Compared(_TURNED.get(op, op), right, left)
    return All() if _TEST[op](left.offset, right.offset) else Some()


def _carrier(fact: Term) -> str:
    return f"{fact.name}#n" if fact.kind is Kind.RATIO else fact.name


def joined(parts: Iterable[Lowered], *, every: bool) -> Lowered:
    """All of them or some of them, without what is settled: by itself, by being said twice, or by what else holds."""
    same, other = (All, Some) if every else (Some, All)
    found: dict[Lowered, None] = {}
    for part in parts:
        found |= dict.fromkeys(part.parts if isinstance(part, same) else (part,))
    if every:
        sure = [part for part in found if isinstance(part, Compared | Known)]
        left = [_given([s for s in sure if s != part], part) for part in found]
        found = {}
        for part in left:
            found |= dict.fromkeys(part.parts if isinstance(part, same) else (part,))
    if other() in found:
        return other()
    return next(iter(found)) if len(found) == 1 else same(tuple(found))


def _given(sure: Sequence[Compared | Known], lowered: Lowered) -> Lowered:
    """The same where these hold: what follows from them is true, what contradicts them false."""
    match lowered:
        case All(parts=parts) | Some(parts=parts):
            return joined((_given(sure, part) for part in parts), every=isinstance(lowered, All))
        case Known(fact=fact, holds=known):
            settled = [s.holds is known for s in sure if isinstance(s, Known) and s.fact == fact]
            return (All() if settled[0] else Some()) if settled else lowered
        case Compared(op=op, left=left, right=right) if op in (Op.EQUAL, Op.UNEQUAL) and not right.fact:
            equal = [s.right.offset for s in sure if isinstance(s, Compared) and s.op is Op.EQUAL and s.left == left]
            return (All() if (equal[0] == right.offset) is (op is Op.EQUAL) else Some()) if equal else lowered
        case _:
            return lowered


def constant(value: Any) -> str:
    """A constant as CEL and zen-engine write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)
