"""What follows from a pattern, part by part: the same conclusion as from the whole, drawn for far fewer patterns.

Whether a rule counts depends on itself, on what it counts, and on the rules that defeat it, in the end. Such a closed
set of rules is a component, and what is concluded of it alone is true of the whole. An exception that defeats many
rules stands in the component of each: a component is as small as it can be, where a connected one would hold them all.

What crosses components is a level (the highest is the answer), a level that may still be reached, and what rules say
that others contradict. So a component's conclusion is reduced to the marks of these, and the distinct sets of marks
are concluded once more by the same inference: an answer, an undecided one and a conflict follow there and nowhere else.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from engine.inference.inference import Inference
from engine.inference.logic import Conclusion, Logic, Pattern, Truth

_Row = TypeVar("_Row", bound=Any)


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """One thing that a component says to the others. `what` is one of the words below."""

    what: str
    on: str = ""
    """Ladder, or question."""
    value: str = ""
    """Level, or what is said."""


REACHED, MAY_BE, SAID, OPEN = "reached", "may be", "said", "open"
"""A level is reached; a level above may be, through an unknown rule; a question has an answer; some rule is unknown."""

_TRUTH = {REACHED: Truth.TRUE, MAY_BE: Truth.UNKNOWN, SAID: Truth.TRUE, OPEN: Truth.UNKNOWN}


def components(logic: Logic) -> tuple[frozenset[str], ...]:
    """Closed sets of rules, together all of them, none within another; in order of their rules.

    Closed: with a rule also those that defeat it, with one that counts also its indicators, and with an indicator all
    that count it, for which nothing else need be found.
    """
    needs: dict[str, set[str]] = {rule: set() for rule in logic.effects}
    for by, of in logic.defeats:
        needs[of].add(by)
    for rule, group, _ in logic.counts:
        for indicator in (each for each, of in logic.indicators if of == group):
            needs[rule].add(indicator)
            needs[indicator].add(rule)
    closed = {_closed({rule}, needs) for rule in logic.effects}
    return tuple(sorted((rules for rules in closed if not any(rules < other for other in closed)), key=sorted))


def _closed(rules: set[str], needs: Mapping[str, set[str]]) -> frozenset[str]:
    more = rules
    while more:
        more = {each for rule in more for each in needs[rule]} - rules
        rules = rules | more
    return frozenset(rules)


def marks_of_logic(logic: Logic) -> tuple[Mark, ...]:
    """Every mark that some component may set, in order."""
    levels = [(ladder.name, level) for ladder in logic.ladders for level in ladder.levels[1:]]
    return tuple(
        sorted(
            {
                Mark(OPEN),
                *(Mark(what, *level) for what in (REACHED, MAY_BE) for level in levels),
                *(Mark(SAID, question, value) for _, question, value in logic.says),
            }
        )
    )


def marks_of(conclusion: Conclusion) -> frozenset[Mark]:
    """The marks of what was concluded of one component. A ladder's lowest level is where nothing is reached."""
    return frozenset(
        {
            *(Mark(REACHED, ladder, _level(conclusion, ladder)) for ladder, _ in conclusion.reasons),
            *(Mark(MAY_BE, ladder, level) for ladder, level, _ in conclusion.may_rise),
            *(Mark(SAID, question, value) for question, value, _ in conclusion.said),
            *(Mark(OPEN) for _ in conclusion.open[:1]),
        }
    )


class ComponentInference:
    """Inference by components; a context manager. Threads may share it."""

    def __init__(self, logic: Logic) -> None:
        """Raise BadInput with everything that is wrong with the logic."""
        # What is not found is false, so that the whole logic concludes on one component as the component's own would.
        self._of_rules = Inference(logic)
        self.logic = logic
        self.components = components(logic)
        self.marks = marks_of_logic(logic)
        self._rule_of = {mark: f"{n:06}" for n, mark in enumerate(self.marks)}
        self._mark_of = {rule: mark for mark, rule in self._rule_of.items()}
        self._roles = {rule: {role for of, role, _, _ in logic.needs_role if of == rule} for rule in logic.effects}
        self._of_marks = Inference(_logic_of_marks(logic, self._rule_of))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._of_rules.close()
        self._of_marks.close()

    def conclude(self, pattern: Pattern) -> Conclusion:
        """Everything that follows from a pattern, without steps. Raises as `Inference.conclude`."""
        return self._combined([self.of_component(rules, pattern) for rules in self._touched(pattern)])

    def of_component(self, rules: Collection[str], pattern: Pattern) -> Conclusion:
        """What follows for the rules of one component."""
        roles = {role for rule in rules for role in self._roles.get(rule, ())}
        found = frozenset(each for each in pattern.found if each[0] in rules)
        waived = frozenset(each for each in pattern.waived if each[1] in rules)
        return self._of_rules.conclude(Pattern(found, waived, pattern.approved & roles, pattern.answered))

    def of_marks(self, marks: Iterable[Mark]) -> Conclusion:
        """What follows from the marks that components set, about marks: `mark` names the one that a rule stands for."""
        return self._of_marks.conclude(Pattern(frozenset((self._rule_of[mark], _TRUTH[mark.what]) for mark in marks)))

    def mark(self, rule: str) -> Mark:
        """The mark behind a rule in a conclusion of `of_marks`."""
        return self._mark_of[rule]

    def _touched(self, pattern: Pattern) -> list[frozenset[str]]:
        """Components with something to conclude on; of others nothing follows."""
        found = {rule for rule, _ in pattern.found}
        if strange := sorted((found | {rule for _, rule in pattern.waived}) - self.logic.effects.keys()):
            raise ValueError(f"the pattern names the unknown rule `{strange[0]}`")
        return [rules for rules in self.components if not rules.isdisjoint(found)]

    def _combined(self, parts: list[Conclusion]) -> Conclusion:
        top = self.of_marks({mark for part in parts for mark in marks_of(part)})
        said = sorted({each for part in parts for each in part.said})
        saying: dict[Mark, list[str]] = {}
        for question, value, rule in said:
            saying.setdefault(Mark(SAID, question, value), []).append(rule)
        against = {(q, self.mark(one), self.mark(other)) for q, one, other in top.conflicts}
        reasons = {(ladder, self.mark(rule)) for ladder, rule in top.reasons}
        rising = {(ladder, level) for ladder, level, _ in top.may_rise}
        return Conclusion(
            level=top.level,
            effective=_all(part.effective for part in parts),
            defeated=tuple(sorted({d for part in parts for d in part.defeated}, key=lambda d: (d.of, d.by, d.how))),
            contested=tuple(sorted({d for part in parts for d in part.contested}, key=lambda d: (d.of, d.by))),
            vetoes=_all(part.vetoes for part in parts),
            reasons=tuple(
                sorted(
                    {
                        *((on, r) for on, mark in reasons if mark.what == SAID for r in saying[mark]),
                        *(
                            (on, rule)
                            for part in parts
                            for on, rule in part.reasons
                            if (on, Mark(REACHED, on, _level(part, on))) in reasons
                        ),
                    }
                )
            ),
            missing=_all(part.missing for part in parts),
            owed=_all(part.owed for part in parts),
            open=_all(part.open for part in parts),
            may_rise=tuple(sorted({rise for part in parts for rise in part.may_rise if rise[:2] in rising})),
            conflicts=tuple(
                sorted(
                    (question, min(one, other), max(one, other))
                    for question, this, that in against
                    for one in saying[this]
                    for other in saying[that]
                )
            ),
            acts=_all(part.acts for part in parts),
            said=tuple(said),
        )


def _level(conclusion: Conclusion, ladder: str) -> str:
    return conclusion.level[ladder] or ""


def _all(each: Iterable[tuple[_Row, ...]]) -> tuple[_Row, ...]:
    return tuple(sorted({row for rows in each for row in rows}))


def _logic_of_marks(logic: Logic, rule_of: Mapping[Mark, str]) -> Logic:
    """A rule to each mark, which reaches, may reach or says just that."""
    return Logic(
        effects={rule: rule for rule in rule_of.values()},
        ladders=logic.ladders,
        means=frozenset(
            (rule, Truth.TRUE, m.on, m.value) for m, rule in rule_of.items() if m.what in (REACHED, MAY_BE)
        ),
        says=frozenset((rule, m.on, m.value) for m, rule in rule_of.items() if m.what == SAID),
        disputed=logic.disputed,
    )
