"""What would be answered if a fact were another, a rule waived, an approval given? One subject, evaluated exactly.

Conditions are evaluated as for any other case. Levels come from resolution, which is fast enough to suppose thousands
of states; whoever tells one to people has the rules engine conclude it once more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from engine.analysis.resolution_model import level_of
from engine.evaluate import Evaluation, Question
from engine.explain import case_of
from engine.explanation.changes import ApprovalChange, Change, FactChange, WaiverChange
from engine.inference.ladders import LADDER_OF, logic_of
from engine.inference.logic import Ladder, Logic, Pattern, Truth
from rules.expression.meaning import Given, Judge
from rules.model.policy import Rule
from rules.model.rule_kind import Mode


@dataclass(frozen=True, slots=True)
class State:
    """A subject as it is or might be."""

    case: Mapping[str, Given | None]
    absent: frozenset[str]
    truths: Mapping[str, bool | None]
    """Of every rule that counts and has a condition."""
    waived: frozenset[tuple[str, str]]
    """(waiver id, rule id)."""
    approved: frozenset[str]

    @property
    def pattern(self) -> Pattern:
        found = ((r, Truth.UNKNOWN if t is None else Truth.TRUE) for r, t in self.truths.items() if t is not False)
        return Pattern(frozenset(found), self.waived, self.approved)


@dataclass(frozen=True, slots=True)
class Supposing:
    """One question with what does not depend on a subject's state; `known` grows with use."""

    question: Question
    logic: Logic
    ladder: Ladder
    rules: tuple[Rule, ...]
    """Those that count and have a condition."""
    readers: Mapping[str, tuple[Rule, ...]]
    """Fact to the rules among them that read it."""
    known: dict[Pattern, str | None] = field(default_factory=dict)

    def level(self, state: State) -> str | None:
        """The answer; `None` is undecided."""
        pattern = state.pattern
        if pattern not in self.known:
            self.known[pattern] = level_of(self.logic, pattern)[self.ladder.name]
        return self.known[pattern]

    def judge(self, state: State) -> Judge:
        return Judge(state.case, self.question.values, state.absent)

    def supposed(self, state: State, *changes: Change) -> State:
        """The state with these changes made to it."""
        for change in changes:
            match change:
                case FactChange():
                    state = self._with_fact(state, change.fact, change.after)
                case WaiverChange():
                    state = replace(state, waived=state.waived | {(f"waiver of {change.rule}", change.rule)})
                case ApprovalChange():
                    state = replace(state, approved=state.approved | frozenset(change.roles))
        return state

    def _with_fact(self, state: State, name: str, value: Given | None) -> State:
        moved = replace(state, case={**state.case, name: value}, absent=state.absent - {name})
        judge = self.judge(moved)
        return replace(moved, truths={**state.truths, **_truths(self.readers.get(name, ()), judge)})


def supposing_of(question: Question) -> Supposing:
    """The rules that count as something to suppose about."""
    rules = tuple(rule for rule in question.conditional if rule.mode is Mode.ENFORCE)
    readers: dict[str, list[Rule]] = {}
    for rule in rules:
        for name in rule.when.fields if rule.when is not None else ():
            readers.setdefault(name, []).append(rule)
    ladder = LADDER_OF[question.rules[0].kind]
    by_fact = {name: tuple(reading) for name, reading in sorted(readers.items())}
    return Supposing(question, logic_of(question.rules), ladder, rules, by_fact)


def state_of(supposing: Supposing, evaluation: Evaluation, subject_id: str) -> State:
    """A subject as it is, with what people have said of it. The subject must be among those evaluated."""
    case: Mapping[str, Given | None] = case_of(evaluation, subject_id)
    waivable = {rule.id for rule in supposing.question.rules if rule.waivable_by and rule.mode is Mode.ENFORCE}
    said = evaluation.standing
    waived = frozenset((w, rule) for w, rule in said.waived.get(subject_id, ()) if rule in waivable)
    state = State(case, evaluation.facts.absent, {}, waived, said.approved.get(subject_id, frozenset()))
    return replace(state, truths=_truths(supposing.rules, supposing.judge(state)))


def _truths(rules: Iterable[Rule], judge: Judge) -> dict[str, bool | None]:
    return {rule.id: judge.judged(rule.when.node).value for rule in rules if rule.when is not None}
