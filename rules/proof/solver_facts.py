"""What can the facts of a subject be? Each a symbol: absent, none, unknown or any value within its range.

Facts are independent of each other here, and what has no formula (`matches`, `map`, …) may come out in any way, the
same for the same term. So these worlds are at least those that exist: what is impossible here is impossible, and what
is possible here has to be looked at as a case before anybody is told.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from rules.expression.meaning import Given
from rules.expression.term import RANGE, RATIO_REACH, Op, Term
from rules.kinds import Kind, Value
from rules.proof.solver import Formula, Number, Predicate, Solver, World

Parameters = Mapping[str, Given]


@dataclass(frozen=True, slots=True)
class Truths:
    """When a condition is true, and when it is false; never both."""

    yes: Formula
    no: Formula


@dataclass(frozen=True, slots=True)
class Amount:
    """A value other than true and false: a number, a date as days, a text as its code."""

    known: Formula
    number: Number


Meaning = Truths | Amount

_TEXTUAL: Mapping[Op, Callable[[str, str], bool]] = {
    Op.CONTAINS: lambda text, part: part in text,
    Op.STARTS_WITH: lambda text, part: text.startswith(part),
    Op.ENDS_WITH: lambda text, part: text.endswith(part),
}


@dataclass(frozen=True, slots=True)
class Symbol:
    """A fact in every world: whether its data set is there, whether it has a value, and which."""

    absent: Formula
    meaning: Meaning
    kind: Kind
    near: tuple[Formula, ...]
    """What makes its value a plausible one, for a person to read."""


@dataclass(slots=True)
class Facts:
    """The facts of one subject in every world, and the texts that are told apart."""

    solver: Solver
    optional: frozenset[str]
    day: date
    """Dates near it are plausible."""
    symbols: dict[str, Symbol] = field(default_factory=dict)
    _codes: dict[str, int] = field(default_factory=dict)
    _properties: dict[tuple[Op, str], Predicate] = field(default_factory=dict)
    _opaque: dict[tuple[Term, tuple[tuple[str, object], ...]], Meaning] = field(default_factory=dict)

    def symbol(self, name: str, kind: Kind) -> Symbol:
        """A fact by name; the same one for the same name."""
        if name not in self.symbols:
            absent = self.solver.truth(f"{name}:absent")
            meaning, near = self._fresh(f"{name}:", kind)
            present = self.solver.either((meaning.yes, meaning.no)) if isinstance(meaning, Truths) else meaning.known
            self.solver.assume(self.solver.negation(self.solver.both((absent, present))))
            self.symbols[name] = Symbol(absent, meaning, kind, near)
        return self.symbols[name]

    def is_present(self, name: str) -> Formula:
        """Whether a fact that was asked for has a value."""
        meaning = self.symbols[name].meaning
        return self.solver.either((meaning.yes, meaning.no)) if isinstance(meaning, Truths) else meaning.known

    def plausible(self) -> list[Formula]:
        """Everything is known or known to be none, and every value is one that a person would write."""
        found: list[Formula] = []
        for name, symbol in self.symbols.items():
            found += [self.solver.negation(symbol.absent), *symbol.near]
            if name not in self.optional:
                found.append(self.is_present(name))
        return found

    def case(self, world: World) -> tuple[dict[str, Given | None], frozenset[str]]:
        """The facts as values, `None` where there is none, and those whose data set is not there."""
        texts: dict[int, str] = {code: text for text, code in self._codes.items()}
        values = {name: self._value(world, symbol, texts) for name, symbol in self.symbols.items()}
        return values, frozenset(n for n, s in self.symbols.items() if world.truth(s.absent))

    def opaque(self, term: Term, parameters: Parameters) -> Meaning:
        """A term that has no formula: any value, the same one for the same term."""
        read = sorted({t.name for t in term.walk() if t.op is Op.PARAMETER})
        key = (term, tuple((name, parameters.get(name)) for name in read))
        if key not in self._opaque:
            self._opaque[key] = self._fresh(f"{len(self._opaque)}:{term.text}:", term.kind)[0]
        return self._opaque[key]

    def code(self, text: str) -> int:
        """The number that stands for a text; texts that were never named have other numbers."""
        if text not in self._codes:
            self._codes[text] = len(self._codes)
            for key in self._properties:
                self._settle(key, text)
        return self._codes[text]

    def has_property(self, op: Op, part: str, text: Number) -> Formula:
        """Whether a text contains `part`, begins or ends with it: exact for named texts, open for others."""
        key = (op, part)
        if key not in self._properties:
            self._properties[key] = self.solver.predicate(f"{op.value}:{part}")
            for named in self._codes:
                self._settle(key, named)
        return self.solver.applies(self._properties[key], text)

    def _settle(self, key: tuple[Op, str], text: str) -> None:
        formula = self.solver.applies(self._properties[key], self.solver.whole(self._codes[text]))
        holds = _TEXTUAL[key[0]](text, key[1])
        self.solver.assume(formula if holds else self.solver.negation(formula))

    def _fresh(self, name: str, kind: Kind) -> tuple[Meaning, tuple[Formula, ...]]:
        solver = self.solver
        if kind is Kind.BOOL:
            yes, no = solver.truth(f"{name}yes"), solver.truth(f"{name}no")
            solver.assume(solver.negation(solver.both((yes, no))))
            return Truths(yes, no), ()
        number = solver.some_ratio(name) if kind is Kind.RATIO else solver.some_whole(name)
        if kind is Kind.RATIO:
            least, most = -RATIO_REACH, RATIO_REACH
        elif kind in RANGE:
            least, most = RANGE[kind]
        else:
            return Amount(solver.truth(f"{name}known"), number), ()
        solver.assume(solver.both((self._not_below(number, least, kind), self._not_above(number, most, kind))))
        return Amount(solver.truth(f"{name}known"), number), self._near(number, kind)

    def _near(self, number: Number, kind: Kind) -> tuple[Formula, ...]:
        day = self.day.toordinal()
        least, most = (max(1, day - 2_000), day + 2_000) if kind is Kind.DATE else (0, _PLAUSIBLE.get(kind, 10**9))
        near = (self._not_below(number, least, kind), self._not_above(number, most, kind))
        return (*near, self.solver.has_decimals(number, 6)) if kind is Kind.RATIO else near

    def _not_below(self, number: Number, least: int, kind: Kind) -> Formula:
        return self.solver.at_most(self.constant(least, kind), number)

    def _not_above(self, number: Number, most: int, kind: Kind) -> Formula:
        return self.solver.at_most(number, self.constant(most, kind))

    def constant(self, value: Value, kind: Kind) -> Number:
        if kind is Kind.TEXT:
            return self.solver.whole(self.code(str(value)))
        if kind is Kind.RATIO:
            return self.solver.ratio(Fraction(value))  # type: ignore[arg-type]  # of this kind it is a number
        return self.solver.whole(value.toordinal() if isinstance(value, date) else int(value))

    def _value(self, world: World, symbol: Symbol, texts: dict[int, str]) -> Given | None:
        if isinstance(symbol.meaning, Truths):
            yes, no = world.truth(symbol.meaning.yes), world.truth(symbol.meaning.no)
            return yes if yes or no else None
        if not world.truth(symbol.meaning.known):
            return None
        number = world.number(symbol.meaning.number)
        match symbol.kind:
            case Kind.RATIO:
                return number
            case Kind.LIST:
                # Its items are in no formula: that there is one is all that is known.
                return ()
            case Kind.DATE:
                return date.fromordinal(int(number))
            case Kind.TEXT:
                strange = sum(text not in self._codes for text in texts.values())
                return texts.setdefault(int(number), f"other-{strange + 1}" if strange else "other")
            case _:
                return int(number)


_PLAUSIBLE = {Kind.COUNT: 1_000, Kind.MONEY: 10**12, Kind.DAYS: 3_650, Kind.RATIO: 10}
