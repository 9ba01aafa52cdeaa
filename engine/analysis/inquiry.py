"""Is there a subject for which something holds, and which one shows it best?

The solver finds a world; evaluation has the last word: a case is shown only if it does, evaluated as any other, what it
is said to do. What the solver cannot settle, or finds in a world that no case bears out, is left out and said to be.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction

from engine.analysis.finding import Case, LeftOut
from rules.expression.meaning import Given
from rules.kinds import Value
from rules.proof.solver import Formula, Settled, World
from rules.proof.solver_facts import Facts

Holds = Callable[[Case], bool]
TOO_HARD = "not settled within the limits"
NOT_SHOWN = "a case seems possible, and none was found that shows it"


@dataclass(slots=True)
class Inquiry:
    """Questions about the worlds of one subject; `left_out` and `settled` grow with them."""

    facts: Facts
    waivers: frozenset[str] = frozenset()
    """Rules that somebody may waive."""
    roles: frozenset[str] = frozenset()
    left_out: list[LeftOut] = field(default_factory=list)
    settled: int = 0

    def impossible(self, question: str, *formulas: Formula) -> bool:
        """Whether the formulas hold together in no world; where that stays open, it is left out."""
        return self.settle(question, *formulas) is Settled.IMPOSSIBLE

    def settle(self, question: str, *formulas: Formula) -> Settled:
        answer = self.facts.solver.ask(*formulas).settled
        if answer is Settled.UNSETTLED:
            self.left_out.append(LeftOut(question, TOO_HARD))
        else:
            self.settled += 1
        return answer

    @property
    def exhausted(self) -> bool:
        """Whether nothing more can be settled."""
        return self.facts.solver.exhausted

    def some_case(self, *formulas: Formula) -> Case | None:
        """Some case in which they hold, as the solver has it; no question is counted."""
        world = self.world(*formulas)
        return self._case(world) if world is not None else None

    def world(self, *formulas: Formula) -> World | None:
        """Some world in which they hold."""
        return self.facts.solver.ask(*formulas).world

    def shown(self, question: str, formulas: Sequence[Formula], holds: Holds) -> Case | None:
        """A case for which `holds`, as plain as can be, in a world of these formulas.

        `None` where there is none, and where none can be shown: then the question is left out.
        """
        if self.settle(question, *formulas) is not Settled.POSSIBLE:
            return None
        for nearer in (self._undisturbed(), self.facts.plausible(), []):
            world = self.world(*formulas, *nearer)
            case = self._case(world) if world is not None else None
            if case is not None and holds(case):
                return plainer(case, holds, self.facts.day)
        self.left_out.append(LeftOut(question, NOT_SHOWN))
        self.settled -= 1
        return None

    def _undisturbed(self) -> list[Formula]:
        """Plausible values, and nobody has said anything."""
        names = [f"waived:{rule}" for rule in sorted(self.waivers)] + [f"approved:{r}" for r in sorted(self.roles)]
        solver = self.facts.solver
        return [*self.facts.plausible(), *(solver.negation(solver.truth(name)) for name in names)]

    def _case(self, world: World) -> Case:
        values, absent = self.facts.case(world)
        truth = self.facts.solver.truth
        return Case(
            values,
            absent,
            frozenset(rule for rule in self.waivers if world.truth(truth(f"waived:{rule}"))),
            frozenset(role for role in self.roles if world.truth(truth(f"approved:{role}"))),
        )


def plainer(case: Case, holds: Holds, day: date) -> Case:
    """The case without what does not matter, and with round values where they do as well."""
    for fewer in ("waived", "approved", "absent"):
        for each in sorted(getattr(case, fewer)):
            case = _kept(case, replace(case, **{fewer: getattr(case, fewer) - {each}}), holds)
    for name, value in sorted(case.facts.items()):
        if value is not None:
            case = _kept(case, _with(case, name, None), holds)
    for name, value in sorted(case.facts.items()):
        for rounder in _rounder(value, day):
            changed = _with(case, name, rounder)
            if holds(changed):
                case = changed
                break
    return replace(case, facts={name: value for name, value in case.facts.items() if value is not None})


def _kept(case: Case, changed: Case, holds: Holds) -> Case:
    return changed if holds(changed) else case


def _with(case: Case, name: str, value: Value | None) -> Case:
    facts: Mapping[str, Given | None] = {**case.facts, name: value}
    return replace(case, facts=facts)


def _rounder(value: Given | None, day: date) -> Iterator[Value]:
    """Values that are easier to read, the easiest first, as long as they are easier than the value itself."""
    match value:
        case bool() | None:
            return
        case int():
            yield from _until(value, (_rounded(Fraction(value), digits) for digits in (9, 7, 6, 5, 4, 3, 2, 1)))
        case Fraction():
            yield from _until(value, (Fraction(round(value * 10**n), 10**n) for n in range(8)))
        case date():
            near = (day, day + timedelta(1), day.replace(day=1), date(value.year, 1, 1), value.replace(day=1))
            yield from _until(value, near)
        case str() | tuple():
            return


def _rounded(value: Fraction, digits: int) -> int:
    scale: int = 10**digits
    return round(value / scale) * scale


def _until(value: Value, candidates: Iterable[Value]) -> Iterator[Value]:
    for candidate in candidates:
        if candidate == value:
            return
        yield candidate
