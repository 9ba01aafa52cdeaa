"""What would have to change for the answer to change? The nearest boundary of each fact, a waiver, an approval, or two.

Single changes are looked at first, and completely: where a fact is told, no nearer value of it leads to that level.
For levels that no single change reaches pairs follow, as many as `MOST_TRIED` allows. A change is supposed alone: facts
that are made from the same source (a date, and the days since then) are not made again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from engine.evaluate import Evaluation
from engine.explanation.boundaries import worth_supposing
from engine.explanation.changes import (
    ApprovalChange,
    Change,
    FactChange,
    Nearest,
    Reachable,
    WaiverChange,
    Way,
    hand_of,
)
from engine.explanation.concerned import concerned_facts
from engine.explanation.supposing import State, Supposing, state_of, supposing_of
from engine.inference.inference import Inference, InferenceError
from engine.inference.logic import Conclusion
from rules.model.policy import Rule

MOST_TRIED = 5_000
"""States of one subject that are supposed on the way to pairs; single changes are all supposed, whatever their number.
"""

_Step = tuple[FactChange, State]


@dataclass(slots=True)
class _Search:
    """One search; the counts and what was found grow with it."""

    supposing: Supposing
    start: State
    level: str | None
    found: dict[str, list[Way]]
    tried: int = 0
    partly: set[str] = field(default_factory=set)

    def singles(self, people: Sequence[Change]) -> None:
        """Every single change: what people may say, and of each fact the nearest value that leads to each level."""
        for change in people:
            self._keep(self._level(self._supposed(self.start, change)), (change,))
        for name in self.supposing.readers:
            reached: set[str | None] = {self.level}
            for change, state in self._steps(self.start, name):
                level = self._level(state)
                # What lies farther out and leads to the same level is not the nearest.
                if level not in reached:
                    reached.add(level)
                    self._keep(level, (change,))

    def pairs(self, people: Sequence[Change], wanted: Mapping[str, frozenset[str]]) -> bool:
        """Pairs of changes for levels that are still open, on the facts that matter to each; whether some stayed
        untried.
        """
        most = self.tried + MOST_TRIED
        for level, facts in wanted.items():
            for changes, state in self._pairs(people, sorted(facts, key=self._ease)):
                if self._level(state) == level:
                    self._keep(level, changes)
                    break
                if self.tried >= most:
                    return True
        return False

    def _steps(self, state: State, name: str) -> Iterator[_Step]:
        """Values of one fact worth supposing, the nearest first, each with the state that it makes."""
        question = self.supposing.question
        described = question.fields[name]
        conditions = [rule.when.node for rule in self.supposing.readers[name] if rule.when is not None]
        values = worth_supposing(conditions, described, self.supposing.judge(state), question.day)
        if not values.whole:
            self.partly.add(name)
        before = state.case.get(name)
        unknown = name in state.absent or (before is None and not described.optional)
        for after in values.values:
            hand = hand_of(described, before, after, question.day)
            change = FactChange(name, before, after, unknown, after == values.unnamed != "", hand)
            yield change, self._supposed(state, change)

    def _pairs(self, people: Sequence[Change], facts: Sequence[str]) -> Iterator[tuple[tuple[Change, ...], State]]:
        for pair in combinations(people, 2):
            yield pair, self._supposed(self.start, *pair)
        different = {name: self._different(self.start, name) for name in facts}
        for person in people:
            for name in facts:
                for change, state in different[name]:
                    yield (person, change), self._supposed(state, person)
        for one, other in combinations(facts, 2):
            yield from self._of_facts(different[one], other, different[other], apart=self._apart(one, other))

    def _of_facts(
        self, firsts: Sequence[_Step], other: str, seconds: Sequence[_Step], *, apart: bool
    ) -> Iterator[tuple[tuple[Change, ...], State]]:
        """Two facts changed, the nearest together first. Where a rule reads both, the second's boundaries move."""
        pairs = []
        for i, (first, state) in enumerate(firsts):
            for j, (second, both) in enumerate(seconds if apart else self._different(state, other)):
                pairs.append((i + j, i, (first, second), state if apart else both))
        for _, _, changes, state in sorted(pairs, key=lambda pair: pair[:2]):
            yield changes, self._supposed(state, changes[1]) if apart else state

    def _apart(self, one: str, other: str) -> bool:
        readers = self.supposing.readers
        return not {rule.id for rule in readers[one]} & {rule.id for rule in readers[other]}

    def _different(self, state: State, name: str) -> list[_Step]:
        """Of values that the conditions cannot tell apart, the nearest."""
        seen = {tuple(state.truths.items())}
        kept = []
        for change, moved in self._steps(state, name):
            truths = tuple(moved.truths.items())
            if truths not in seen:
                seen.add(truths)
                kept.append((change, moved))
        return kept

    def _ease(self, name: str) -> tuple[int, str]:
        """Order of facts: what the proposal says itself before what is on record, and before the past."""
        question = self.supposing.question
        value = self.start.case.get(name)
        return (hand_of(question.fields[name], value, value, question.day).order, name)

    def _supposed(self, state: State, *changes: Change) -> State:
        self.tried += 1
        return self.supposing.supposed(state, *changes)

    def _level(self, state: State) -> str | None:
        return self.supposing.level(state)

    def _keep(self, level: str | None, changes: tuple[Change, ...]) -> None:
        # To become undecided is no answer that anybody looks for.
        if level is not None and level != self.level:
            self.found[level].append(Way(changes))


def nearest_changes(evaluation: Evaluation, subject_id: str) -> Nearest:
    """What would have to change for one of the subjects of an evaluation to be answered otherwise.

    Of every fact the nearest value that leads to each other level, all else staying as it is; the waivers and approvals
    that the policies allow; and two of these together for a level that one does not reach.

    Raises IndexError where the evaluation has no such subject, InferenceError where the rules engine does not bear out
    what was found: that is told to nobody.
    """
    supposing = supposing_of(evaluation.question)
    start = state_of(supposing, evaluation, subject_id)
    level = supposing.level(start)
    others = [each for each in supposing.ladder.levels if each != level]
    search = _Search(supposing, start, level, {each: [] for each in others})
    with Inference(supposing.logic) as inference:
        conclusion = inference.conclude(start.pattern)
        people = _sayings(supposing, start, conclusion)
        search.singles(people)
        missed = {each: concerned_facts(supposing, conclusion, each) for each in others if not search.found[each]}
        cut = search.pairs(people, missed)
        ways = {each: tuple(sorted(search.found[each], key=lambda way: way.rank)) for each in others}
        told = [(supposing.supposed(start, *way.changes), each) for each in others for way in ways[each]]
        for state, said in [(start, level), *told]:
            if inference.conclude(state.pattern).level[supposing.ladder.name] != said:
                raise InferenceError("it does not conclude what resolution says")
    return Nearest(
        level=level,
        others=tuple(Reachable(each, ways[each]) for each in others),
        tried=search.tried,
        facts=len(supposing.readers),
        partly=tuple(sorted(search.partly)),
        cut=cut,
    )


def _sayings(supposing: Supposing, start: State, conclusion: Conclusion) -> tuple[Change, ...]:
    """A waiver of each rule that counts and may be waived, and the approvals that are still needed, all at once."""
    rules = {rule.id: rule for rule in supposing.question.rules}
    counting = sorted(rule for rule, _ in conclusion.effective)
    waivers = [WaiverChange(rule, rules[rule].waivable_by) for rule in counting if rules[rule].waivable_by]
    roles = _fewest(start, [rules[rule] for rule in sorted({rule for rule, _ in conclusion.missing})])
    return (*waivers, ApprovalChange(roles)) if roles else tuple(waivers)


def _fewest(start: State, asking: Sequence[Rule]) -> tuple[str, ...]:
    """The fewest roles whose approval, beside those given, is enough for every one of these rules."""
    could = sorted({role for rule in asking for role in rule.roles} - start.approved)

    def enough(roles: tuple[str, ...]) -> bool:
        given = start.approved | set(roles)
        return all(len(given & set(rule.roles)) >= (rule.approvals_needed or len(rule.roles)) for rule in asking)

    # Roles that a rule needs all of are in every answer, so that few are left to choose among.
    sure = {role for rule in asking if not rule.approvals_needed for role in rule.roles} & set(could)
    free = [role for role in could if role not in sure]
    choices = ((*sorted(sure), *more) for size in range(len(free) + 1) for more in combinations(free, size))
    return tuple(sorted(next(filter(enough, choices), could)))
