"""Which level do the rules reach, in every world at once? Resolution as formulas over "is true" and "is unknown".

The same definitions serve plain truth values, for one pattern, and a solver's formulas, for all of them. They are
written from the words of engine.inference.logic alone; `engine.inference.inference` draws conclusions, and must reach
the same level on every pattern.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Generic, Protocol, TypeVar

from engine.inference.logic import Ladder, Logic, Pattern, Truth

T = TypeVar("T")


class Algebra(Protocol[T]):
    """What truth values can do."""

    @property
    def true(self) -> T: ...

    @property
    def false(self) -> T: ...

    def both(self, formulas: Iterable[T]) -> T: ...

    def either(self, formulas: Iterable[T]) -> T: ...

    def negation(self, formula: T) -> T: ...

    def at_least(self, count: int, formulas: Sequence[T]) -> T: ...


class Plain:
    """Python's own true and false."""

    true = True
    false = False

    def both(self, formulas: Iterable[bool]) -> bool:
        return all(formulas)

    def either(self, formulas: Iterable[bool]) -> bool:
        return any(formulas)

    def negation(self, formula: bool) -> bool:  # noqa: FBT001 -- a truth value is what it is about
        return not formula

    def at_least(self, count: int, formulas: Sequence[bool]) -> bool:
        return sum(formulas) >= count


@dataclass(frozen=True, slots=True)
class Given(Generic[T]):
    """What is found of a subject: of each rule with a condition, when it is true and when unknown, and what people
    said. What is not listed is false.
    """

    true: Mapping[str, T]
    unknown: Mapping[str, T]
    waived: Mapping[str, T]
    approved: Mapping[str, T]
    """Role to whether it approved."""


@dataclass(frozen=True, slots=True)
class Resolution(Generic[T]):
    """What follows, as far as levels go."""

    true: Mapping[str, T]
    """Rules that count and are true."""
    unknown: Mapping[str, T]
    """Rules that count and are unknown."""
    reaches: Mapping[tuple[str, int], Mapping[str, T]]
    """Ladder and height above the lowest level, to the rules that reach just that."""
    levels: Mapping[str, tuple[T, ...]]
    """Ladder to, for each level from the lowest, whether it is the answer."""
    undecided: Mapping[str, T]
    """Ladder to whether it has no answer; only strict ones ever have none."""


def given_of(pattern: Pattern) -> Given[bool]:
    """One pattern as plain truth values."""
    return Given(
        true={rule: True for rule, truth in pattern.found if truth is Truth.TRUE},
        unknown={rule: True for rule, truth in pattern.found if truth is Truth.UNKNOWN},
        waived={rule: True for _, rule in pattern.waived},
        approved=dict.fromkeys(pattern.approved, True),
    )


def resolution(algebra: Algebra[T], logic: Logic, given: Given[T]) -> Resolution[T]:
    """What follows under the logic. ValueError (a CycleError) where defeats go round in a circle."""
    true, unknown = _effective(algebra, logic, given)
    reaches: dict[tuple[str, int], dict[str, T]] = {}
    for on, height, rule, formula in _reached(algebra, logic, given, true, unknown):
        at = reaches.setdefault((on, height), {})
        at[rule] = algebra.either((at[rule], formula)) if rule in at else formula
    levels: dict[str, tuple[T, ...]] = {}
    undecided: dict[str, T] = {}
    for ladder in logic.ladders:
        levels[ladder.name], undecided[ladder.name] = _answer(algebra, logic, ladder, reaches, unknown)
    return Resolution(true, unknown, reaches, levels, undecided)


def level_of(logic: Logic, pattern: Pattern) -> Mapping[str, str | None]:
    """Ladder to level for one pattern; `None` is undecided."""
    found = resolution(Plain(), logic, given_of(pattern))
    return {
        ladder.name: None
        if found.undecided[ladder.name]
        else next(name for name, holds in zip(ladder.levels, found.levels[ladder.name], strict=True) if holds)
        for ladder in logic.ladders
    }


def _effective(algebra: Algebra[T], logic: Logic, given: Given[T]) -> tuple[dict[str, T], dict[str, T]]:
    """The rules that count, neither waived nor defeated by one that counts and is true; indicators only count."""
    counting = counted_rules(algebra, logic, given)
    indicators = {rule for rule, _ in logic.indicators}
    defeaters: dict[str, list[str]] = {rule: [] for rule in logic.effects}
    for by, of in sorted(logic.defeats):
        defeaters[of].append(by)
    true: dict[str, T] = {}
    unknown: dict[str, T] = {}
    for rule in TopologicalSorter(defeaters).static_order():
        if rule in indicators:
            continue
        if rule in counting:
            is_true, is_unknown = counting[rule]
        else:
            is_true, is_unknown = (given.true.get(rule, algebra.false), given.unknown.get(rule, algebra.false))
        beaten = [given.waived[rule]] if rule in given.waived else []
        beaten += [true[by] for by in defeaters[rule] if by in true]
        stands = algebra.negation(algebra.either(beaten))
        true[rule] = algebra.both((is_true, stands))
        unknown[rule] = algebra.both((is_unknown, stands))
    return true, unknown


def counted_rules(algebra: Algebra[T], logic: Logic, given: Given[T]) -> dict[str, tuple[T, T]]:
    """Of every rule that counts indicators: when it is true, and when unknown."""
    return {rule: _counted(algebra, logic, given, group, at_least) for rule, group, at_least in logic.counts}


def _counted(algebra: Algebra[T], logic: Logic, given: Given[T], group: str, at_least: int) -> tuple[T, T]:
    """True when enough indicators are, unknown when enough might be."""
    members = sorted(rule for rule, of in logic.indicators if of == group)
    certain = [given.true.get(rule, algebra.false) for rule in members]
    unknown = [given.unknown.get(rule, algebra.false) for rule in members]
    possible = [algebra.either(pair) for pair in zip(certain, unknown, strict=True)]
    is_true = algebra.at_least(at_least, certain)
    return is_true, algebra.both((algebra.at_least(at_least, possible), algebra.negation(is_true)))


def _reached(
    algebra: Algebra[T], logic: Logic, given: Given[T], true: Mapping[str, T], unknown: Mapping[str, T]
) -> Iterator[tuple[str, int, str, T]]:
    """(ladder, height, rule, when): each way in which a rule reaches a level."""
    heights = {(ladder.name, level): n for ladder in logic.ladders for n, level in enumerate(ladder.levels)}
    meanings: dict[str, list[tuple[Truth, str, str]]] = {}
    for effect, truth, ladder, level in logic.means:
        meanings.setdefault(effect, []).append((truth, ladder, level))
    for rule in true:
        for truth, ladder, level in meanings.get(logic.effects[rule], ()):
            yield ladder, heights[ladder, level], rule, (true if truth is Truth.TRUE else unknown)[rule]
    roles: dict[str, set[str]] = {}
    for rule, role, _, _ in logic.needs_role:
        roles.setdefault(rule, set()).add(role)
    quorums = dict(logic.quorums)
    for rule, role, ladder, level in logic.needs_role:
        if rule in true:
            granted = [given.approved.get(each, algebra.false) for each in sorted(roles[rule])]
            enough = algebra.at_least(quorums.get(rule, len(granted)), granted)
            outstanding = (algebra.negation(enough), algebra.negation(given.approved.get(role, algebra.false)))
            stands = algebra.either((true[rule], unknown[rule]))
            yield ladder, heights[ladder, level], rule, algebra.both((stands, *outstanding))
    for question, ladder, level in logic.disputed:
        saying = [(rule, value) for rule, asked, value in logic.says if asked == question and rule in true]
        for rule, value in saying:
            against = algebra.either(true[other] for other, says in saying if says != value)
            yield ladder, heights[ladder, level], rule, algebra.both((true[rule], against))


def _answer(
    algebra: Algebra[T],
    logic: Logic,
    ladder: Ladder,
    reaches: Mapping[tuple[str, int], Mapping[str, T]],
    unknown: Mapping[str, T],
) -> tuple[tuple[T, ...], T]:
    """For each level whether it is the highest reached, and whether an unknown rule keeps the lowest from counting."""
    answers: list[T] = []
    none_above = algebra.true
    for height in range(len(ladder.levels) - 1, 0, -1):
        here = algebra.either(reaches.get((ladder.name, height), {}).values())
        answers.insert(0, algebra.both((none_above, here)))
        none_above = algebra.both((none_above, algebra.negation(here)))
    might = algebra.false
    if ladder.strict:
        rising = {e for e, t, on, at in logic.means if t is Truth.TRUE and on == ladder.name and at != ladder.levels[0]}
        might = algebra.either(formula for rule, formula in unknown.items() if logic.effects[rule] in rising)
    undecided = algebra.both((none_above, might))
    return (algebra.both((none_above, algebra.negation(might))), *answers), undecided
