"""What does a checked expression say in every world at once? Terms to formulas, unknown included.

A condition becomes two formulas, when it is true and when it is false; in every other world it is unknown. A value
becomes a number and when it is known. `engine.conditions.condition_case` says the same of one case.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from rules.expression.term import COMPARISONS, Op, Term
from rules.kinds import Kind, Value
from rules.proof.solver import Number
from rules.proof.solver_facts import Amount, Facts, Meaning, Parameters, Truths

_ARITHMETIC = frozenset(
    {Op.PLUS, Op.MINUS, Op.TIMES, Op.NEGATE, Op.QUOTIENT, Op.REMAINDER, Op.MAX, Op.MIN},
)
_PARTS_OF_TEXT = frozenset({Op.CONTAINS, Op.STARTS_WITH, Op.ENDS_WITH})
_UNORDERED = frozenset({Kind.TEXT, Kind.LIST})


@dataclass(frozen=True, slots=True)
class Reading:
    """Expressions under the parameters of a day. Facts may be shared with another reading, to compare the two."""

    facts: Facts
    parameters: Parameters
    _known: dict[Term, Meaning] = field(default_factory=dict)

    def truths(self, condition: Term) -> Truths:
        """When a condition is true and when it is false. TypeError: the term is no condition."""
        meaning = self.meaning(condition)
        if not isinstance(meaning, Truths):
            raise TypeError(f"`{condition.text}` is no condition")
        return meaning

    def meaning(self, term: Term) -> Meaning:
        """The term in every world; the same object for the same term."""
        if term not in self._known:
            self._known[term] = self._meaning(term)
        return self._known[term]

    def left_out(self, term: Term) -> tuple[str, ...]:
        """The parts of an expression that have no formula, as written."""
        return tuple(dict.fromkeys(part.text for part in self._unmodelled(term)))

    def _unmodelled(self, term: Term) -> Iterator[Term]:
        if self._is_modelled(term):
            for part in term.parts:
                if not (term.op is Op.IN and part is not term.parts[0]):
                    yield from self._unmodelled(part)
        else:
            yield term

    def _is_modelled(self, term: Term) -> bool:
        match term.op:
            case Op.FACT | Op.HAS | Op.PARAMETER | Op.LITERAL:
                return term.kind is not Kind.LIST
            case Op.NOT | Op.AND | Op.OR | Op.IF | Op.DEFINITION:
                return term.kind is not Kind.LIST
            case Op.IN:
                return self._options(term) is not None
            case Op.EQUAL | Op.UNEQUAL:
                return term.parts[0].kind is not Kind.LIST
            case _ if term.op in COMPARISONS:
                return term.parts[0].kind not in _UNORDERED
            case _ if term.op in _PARTS_OF_TEXT:
                return term.parts[1].op is Op.LITERAL
            case _:
                return term.op in _ARITHMETIC and term.kind is not Kind.TEXT

    def _meaning(self, term: Term) -> Meaning:
        if not self._is_modelled(term):
            return self.facts.opaque(term, self.parameters)
        match term.op:
            case Op.FACT | Op.HAS | Op.PARAMETER | Op.LITERAL:
                return self._leaf(term)
            case Op.DEFINITION:
                return self.meaning(term.parts[0])
            case Op.IF:
                return self._chosen(term)
            case Op.NOT | Op.AND | Op.OR:
                return self._logic(term)
            case Op.IN:
                return self._member(term)
            case _ if term.op in COMPARISONS:
                return self._compared(term)
            case _ if term.op in _PARTS_OF_TEXT:
                return self._part_of_text(term)
            case _:
                return self._arithmetic(term)

    def _leaf(self, term: Term) -> Meaning:
        match term.op:
            case Op.FACT:
                return self.facts.symbol(term.name, term.kind).meaning
            case Op.HAS:
                return self._has(term)
            case Op.PARAMETER:
                given = self.parameters.get(term.name)
                return self._constant(None if isinstance(given, tuple) else given, term.kind)
            case _:
                return self._constant(term.value, term.kind)

    def _constant(self, value: Value | None, kind: Kind) -> Meaning:
        solver = self.facts.solver
        if kind is Kind.BOOL:
            yes, no = (solver.true if value is truth else solver.false for truth in (True, False))
            return Truths(yes, no)
        if value is None:
            return Amount(solver.false, self.facts.constant(_ANY.get(kind, 0), kind))
        return Amount(solver.true, self.facts.constant(value, kind))

    def _has(self, term: Term) -> Truths:
        solver = self.facts.solver
        symbol = self.facts.symbol(term.name, term.parts[0].kind)
        present = self.facts.is_present(term.name)
        return Truths(present, solver.negation(solver.either((present, symbol.absent))))

    def _chosen(self, term: Term) -> Meaning:
        solver = self.facts.solver
        condition = self.truths(term.parts[0])
        one, other = (self.meaning(part) for part in term.parts[1:])
        if isinstance(one, Truths) and isinstance(other, Truths):
            yes, no = (
                solver.either((solver.both((condition.yes, a)), solver.both((condition.no, b))))
                for a, b in ((one.yes, other.yes), (one.no, other.no))
            )
            return Truths(yes, no)
        a, b = _amount(one), _amount(other)
        known = solver.either((solver.both((condition.yes, a.known)), solver.both((condition.no, b.known))))
        return Amount(known, solver.choose(condition.yes, a.number, b.number))

    def _logic(self, term: Term) -> Truths:
        solver = self.facts.solver
        parts = [self.truths(part) for part in term.parts]
        match term.op:
            case Op.NOT:
                return Truths(parts[0].no, parts[0].yes)
            case Op.AND:
                return Truths(solver.both(p.yes for p in parts), solver.either(p.no for p in parts))
            case _:
                return Truths(solver.either(p.yes for p in parts), solver.both(p.no for p in parts))

    def _compared(self, term: Term) -> Truths:
        solver = self.facts.solver
        one, other = (self.meaning(part) for part in term.parts)
        if isinstance(one, Truths) and isinstance(other, Truths):
            return self._compared_truths(term.op, one, other)
        a, b = _amount(one), _amount(other)
        match term.op:
            case Op.EQUAL | Op.UNEQUAL:
                holds = solver.equal(a.number, b.number)
            case Op.LESS | Op.AT_LEAST:
                holds = solver.less(a.number, b.number)
            case _:
                holds = solver.at_most(a.number, b.number)
        fails = solver.negation(holds)
        if term.op in (Op.UNEQUAL, Op.AT_LEAST, Op.GREATER):
            holds, fails = fails, holds
        known = (a.known, b.known)
        return Truths(solver.both((*known, holds)), solver.both((*known, fails)))

    def _compared_truths(self, op: Op, one: Truths, other: Truths) -> Truths:
        solver = self.facts.solver
        # False is less than true.
        less, more = solver.both((one.no, other.yes)), solver.both((one.yes, other.no))
        same = solver.either((solver.both((one.yes, other.yes)), solver.both((one.no, other.no))))
        holds = {
            Op.EQUAL: (same,),
            Op.UNEQUAL: (less, more),
            Op.LESS: (less,),
            Op.AT_MOST: (less, same),
            Op.GREATER: (more,),
            Op.AT_LEAST: (more, same),
        }[op]
        fails = tuple(f for f in (less, same, more) if f not in holds)
        return Truths(solver.either(holds), solver.either(fails))

    def _options(self, term: Term) -> tuple[Value, ...] | None:
        """What a list holds, a parameter that has no value holding nothing; `None` where that is no fixed list."""
        listed = term.parts[1]
        if listed.op is Op.PARAMETER:
            given = self.parameters.get(listed.name, ())
            return given if isinstance(given, tuple) else (given,)
        items = listed.parts if listed.op is Op.LIST else term.parts[1:]
        if term.parts[0].kind is Kind.LIST or any(item.op is not Op.LITERAL for item in items):
            return None
        return tuple(item.value for item in items if item.value is not None)

    def _member(self, term: Term) -> Truths:
        solver = self.facts.solver
        options = self._options(term) or ()
        listed = term.parts[1]
        if listed.op is Op.PARAMETER and self.parameters.get(listed.name) is None:
            return Truths(solver.false, solver.false)
        item = self.meaning(term.parts[0])
        if isinstance(item, Truths):
            yes = solver.either(item.yes if option else item.no for option in options)
            known = solver.either((item.yes, item.no))
        else:
            kind = term.parts[0].kind
            yes = solver.either(solver.equal(item.number, self.facts.constant(o, kind)) for o in options)
            known = item.known
        return Truths(solver.both((known, yes)), solver.both((known, solver.negation(yes))))

    def _part_of_text(self, term: Term) -> Truths:
        solver = self.facts.solver
        text, part = _amount(self.meaning(term.parts[0])), term.parts[1]
        holds = self.facts.has_property(term.op, str(part.value), text.number)
        return Truths(solver.both((text.known, holds)), solver.both((text.known, solver.negation(holds))))

    def _arithmetic(self, term: Term) -> Amount:
        solver = self.facts.solver
        parts = [_amount(self.meaning(part)) for part in term.parts]
        numbers = [part.number for part in parts]
        known = solver.both(part.known for part in parts)
        return Amount(known, self._number(term.op, numbers))

    def _number(self, op: Op, numbers: list[Number]) -> Number:
        solver = self.facts.solver
        match op:
            case Op.NEGATE:
                return solver.minus(solver.whole(0), numbers[0])
            case Op.MAX | Op.MIN:
                chosen = numbers[0]
                for number in numbers[1:]:
                    smaller = solver.less(number, chosen)
                    chosen = solver.choose(smaller, *((chosen, number) if op is Op.MAX else (number, chosen)))
                return chosen
            case _:
                compute = {
                    Op.PLUS: solver.plus,
                    Op.MINUS: solver.minus,
                    Op.TIMES: solver.times,
                    Op.QUOTIENT: solver.quotient,
                    Op.REMAINDER: solver.remainder,
                }[op]
                return compute(numbers[0], numbers[1])


_ANY: dict[Kind, Value] = {Kind.DATE: date.min, Kind.TEXT: ""}


def _amount(meaning: Meaning) -> Amount:
    """Kinds are checked: a number is never asked of a condition."""
    if isinstance(meaning, Truths):
        raise TypeError("a condition stands where a value is read")
    return meaning
