"""Can a set of formulas be true together, and where? The one door to Z3: formulas go in, an answer and values come out.

Nothing of Z3 leaves this module: callers hold formulas and numbers without looking inside. A question that
reaches a limit of the budget is UNSETTLED, never a guess.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any, NewType

import z3  # type: ignore[import-untyped]  # it ships no types

Formula = NewType("Formula", object)
"""True or false in every world; opaque."""
Number = NewType("Number", object)
"""A whole number or an exact ratio in every world; opaque."""
Predicate = NewType("Predicate", object)
"""A property of whole numbers about which nothing is known but what is assumed; opaque."""


class Settled(Enum):
    """What became of a question."""

    POSSIBLE = "possible"
    IMPOSSIBLE = "impossible"
    UNSETTLED = "unsettled"


@dataclass(slots=True)
class Budget:
    """How much may be spent, by one solver or several: in resource units per question and in all, which are the same
    on every machine, and until when by a clock in milliseconds.
    """

    each: int = 2_000_000
    """About a second."""
    together: int = 30_000_000
    clock: Callable[[], int] | None = None
    until: int = 0
    spent: int = 0

    @property
    def exhausted(self) -> bool:
        """Whether no further question will be looked at."""
        return self.spent >= self.together or (self.clock is not None and self.clock() >= self.until)


@dataclass(frozen=True, slots=True)
class World:
    """Values of everything named, in which the formulas asked about are true."""

    _model: Any

    def truth(self, formula: Formula) -> bool:
        return bool(z3.is_true(self._model.eval(formula, model_completion=True)))

    def number(self, number: Number) -> Fraction:
        value = self._model.eval(number, model_completion=True)
        if z3.is_int_value(value):
            return Fraction(value.as_long())
        return Fraction(value.numerator_as_long(), value.denominator_as_long())


@dataclass(frozen=True, slots=True)
class Answer:
    settled: Settled
    world: World | None = None
    """Set where it is possible."""


class Solver:
    """One conversation: formulas are made here, some are assumed for good, and questions are asked beside them."""

    def __init__(self, budget: Budget) -> None:
        self._context = z3.Context()
        self._solver = z3.Solver(ctx=self._context)
        self._solver.set("random_seed", 0)
        self._budget = budget
        self.true = Formula(z3.BoolVal(val=True, ctx=self._context))
        self.false = Formula(z3.BoolVal(val=False, ctx=self._context))

    @property
    def exhausted(self) -> bool:
        """Whether the budget is spent: no further question will be looked at."""
        return self._budget.exhausted

    def assume(self, formula: Formula) -> None:
        """Hold a formula true in every question from now on."""
        self._solver.add(formula)

    def ask(self, *formulas: Formula) -> Answer:
        """Whether all of them can be true at once, with a world where they are."""
        if any(formula is self.false for formula in formulas):
            return Answer(Settled.IMPOSSIBLE)
        budget = self._budget
        if budget.exhausted:
            return Answer(Settled.UNSETTLED)
        self._solver.set("rlimit", budget.each)
        if budget.clock is not None:
            self._solver.set("timeout", max(1, budget.until - budget.clock()))
        before = self._used()
        self._solver.push()
        try:
            self._solver.add(*formulas)
            found = self._solver.check()
            if found == z3.unsat:
                return Answer(Settled.IMPOSSIBLE)
            if found == z3.sat:
                return Answer(Settled.POSSIBLE, World(self._solver.model()))
            return Answer(Settled.UNSETTLED)
        except z3.Z3Exception:
            # Whatever Z3 gave up on, it has answered nothing.
            return Answer(Settled.UNSETTLED)
        finally:
            self._solver.pop()
            budget.spent += max(1, self._used() - before)

    def _used(self) -> int:
        statistics = self._solver.statistics()
        return int(statistics.get_key_value("rlimit count")) if "rlimit count" in statistics.keys() else 0  # noqa: SIM118 -- not a mapping

    # Formulas.

    def truth(self, name: str) -> Formula:
        return Formula(z3.Bool(name, self._context))

    def both(self, formulas: Iterable[Formula]) -> Formula:
        """All of them; of none, true."""
        parts = [f for f in formulas if f is not self.true]
        if any(f is self.false for f in parts):
            return self.false
        return self._joined(z3.And, parts, self.true)

    def either(self, formulas: Iterable[Formula]) -> Formula:
        """Any of them; of none, false."""
        parts = [f for f in formulas if f is not self.false]
        if any(f is self.true for f in parts):
            return self.true
        return self._joined(z3.Or, parts, self.false)

    def _joined(self, join: Any, parts: list[Formula], none: Formula) -> Formula:
        if len(parts) < 2:  # noqa: PLR2004 -- one stands alone
            return parts[0] if parts else none
        return Formula(join(*parts))

    def negation(self, formula: Formula) -> Formula:
        if formula is self.true or formula is self.false:
            return self.false if formula is self.true else self.true
        return Formula(z3.Not(formula))

    def at_least(self, count: int, formulas: Sequence[Formula]) -> Formula:
        if count <= 0:
            return self.true
        return Formula(z3.AtLeast(*formulas, count)) if count <= len(formulas) else self.false

    def differ(self, one: Formula, other: Formula) -> Formula:
        return self.false if one is other else Formula(z3.Xor(one, other, self._context))

    def substituted(self, formula: Formula, number: Number, by: Number) -> Formula:
        """The formula with another number in the place of a named one."""
        return Formula(z3.substitute(formula, (number, by)))

    def predicate(self, name: str) -> Predicate:
        return Predicate(z3.Function(name, z3.IntSort(self._context), z3.BoolSort(self._context)))

    def applies(self, predicate: Predicate, number: Number) -> Formula:
        inner: Any = predicate
        return Formula(inner(number))

    # Numbers.

    def whole(self, value: int) -> Number:
        return Number(z3.IntVal(value, self._context))

    def ratio(self, value: Fraction) -> Number:
        return Number(z3.RealVal(f"{value.numerator}/{value.denominator}", self._context))

    def some_whole(self, name: str) -> Number:
        return Number(z3.Int(name, self._context))

    def some_ratio(self, name: str) -> Number:
        return Number(z3.Real(name, self._context))

    def equal(self, one: Number, other: Number) -> Formula:
        return self._compared(one, other, lambda a, b: a == b)

    def less(self, one: Number, other: Number) -> Formula:
        return self._compared(one, other, lambda a, b: a < b)

    def at_most(self, one: Number, other: Number) -> Formula:
        return self._compared(one, other, lambda a, b: a <= b)

    def _compared(self, one: Number, other: Number, sign: Callable[[Any, Any], Any]) -> Formula:
        found = z3.simplify(sign(one, other)) if z3.is_expr(one) else None
        if z3.is_true(found) or z3.is_false(found):
            return self.true if z3.is_true(found) else self.false
        return Formula(found)

    def plus(self, one: Any, other: Any) -> Number:
        return Number(one + other)

    def minus(self, one: Any, other: Any) -> Number:
        return Number(one - other)

    def times(self, one: Any, other: Any) -> Number:
        return Number(one * other)

    def quotient(self, one: Number, other: Number) -> Number:
        """Of whole numbers, truncated towards 0; the divisor must not be 0."""
        a, b = self._size(one), self._size(other)
        size = Number(a / b)
        return self.choose(self._opposed(one, other), self.minus(self.whole(0), size), size)

    def remainder(self, one: Number, other: Number) -> Number:
        """With the sign of the dividend; the divisor must not be 0."""
        return self.minus(one, self.times(other, self.quotient(one, other)))

    def choose(self, formula: Formula, one: Number, other: Number) -> Number:
        if formula is self.true or formula is self.false:
            return one if formula is self.true else other
        return Number(z3.If(formula, one, other, self._context))

    def has_decimals(self, number: Number, places: int) -> Formula:
        """Whether a ratio can be written with that many decimals."""
        scaled: Any = number
        return Formula(z3.IsInt(scaled * 10**places))

    def _size(self, number: Number) -> Any:
        return self.choose(self.less(number, self.whole(0)), self.minus(self.whole(0), number), number)

    def _opposed(self, one: Number, other: Number) -> Formula:
        zero = self.whole(0)
        return self.differ(self.less(one, zero), self.less(other, zero))
