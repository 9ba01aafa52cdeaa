"""What do the rules on one ladder of a subject say in every world, and what do they say of one case?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from engine.analysis.finding import Case
from engine.analysis.resolution_model import Given, Resolution, counted_rules, level_of, resolution
from engine.conditions.condition_case import value_of
from engine.inference.ladders import LADDER_OF, logic_of
from engine.inference.logic import Ladder, Logic, Pattern, Truth
from rules.model.policy import PolicySet, Rule
from rules.model.rule_kind import Mode
from rules.proof.solver import Formula
from rules.proof.solver_facts import Facts, Parameters, Truths
from rules.proof.solver_terms import Reading
from rules.reading.load import in_force
from rules.vocabulary import Subject

UNDECIDED = "undecided"


@dataclass(slots=True)
class Said:
    """What people may say of a subject in every world: waivers by rule, approvals by role. Versions share it."""

    facts: Facts

    def waiver(self, rule: str) -> Formula:
        return self.facts.solver.truth(f"waived:{rule}")

    def approval(self, role: str) -> Formula:
        return self.facts.solver.truth(f"approved:{role}")


@dataclass(frozen=True, slots=True)
class RuledLadder:
    """Rules in force on a day that answer one question about one subject."""

    subject: Subject
    ladder: Ladder
    rules: tuple[Rule, ...]
    """Those that count; in `report` mode a rule answers nothing."""
    logic: Logic
    parameters: Parameters
    reading: Reading
    truths: Mapping[str, Truths]
    """Of every rule with a condition."""
    given: Given[Formula]
    counted: Mapping[str, tuple[Formula, Formula]]
    """Of every rule that counts indicators: when it is true, and when unknown."""
    resolved: Resolution[Formula]

    def answers(self) -> Mapping[str, Formula]:
        """Level to the worlds in which it is the answer; `undecided` where the ladder may have none."""
        levels = dict(zip(self.ladder.levels, self.resolved.levels[self.ladder.name], strict=True))
        return {**levels, UNDECIDED: self.resolved.undecided[self.ladder.name]} if self.ladder.strict else levels

    def heights(self, rule: str) -> Mapping[int, Formula]:
        """Height above the lowest level, to when the rule reaches just that."""
        return {
            height: by_rule[rule]
            for (ladder, height), by_rule in sorted(self.resolved.reaches.items())
            if ladder == self.ladder.name and height > 0 and rule in by_rule
        }

    def reached_by(self, rule: str, height: int) -> list[Formula]:
        """When the rule reaches at least that."""
        return [formula for at, formula in self.heights(rule).items() if at >= height]

    def is_true(self, rule: str, case: Case) -> bool:
        """Whether a rule's condition is true of a case, by evaluation."""
        return truth_in(self._rule(rule), case, self.parameters) is True

    def is_false(self, rule: str, case: Case) -> bool:
        return truth_in(self._rule(rule), case, self.parameters) is False

    def _rule(self, name: str) -> Rule:
        return next(rule for rule in self.rules if rule.id == name)

    def pattern(self, case: Case) -> Pattern:
        """What is found of one case, by evaluation."""
        values = [(rule.id, truth_in(rule, case, self.parameters)) for rule in self.rules if rule.when is not None]
        found = frozenset((r, Truth.UNKNOWN if t is None else Truth.TRUE) for r, t in values if t is not False)
        waivable = {rule.id for rule in self.rules if rule.waivable_by}
        return Pattern(found, frozenset(("W", rule) for rule in case.waived & waivable), case.approved)

    def answer(self, case: Case) -> str:
        """The level of one case, by evaluation."""
        return level_of(self.logic, self.pattern(case))[self.ladder.name] or UNDECIDED


def truth_in(rule: Rule, case: Case, parameters: Parameters) -> bool | None:
    """The truth of a rule's condition for one case."""
    value = value_of(rule.when, case.facts, parameters, case.absent) if rule.when is not None else None
    return value if isinstance(value, bool) else None


def ladders_of(policies: PolicySet, day: date) -> Mapping[tuple[Subject, str], tuple[Rule, ...]]:
    """Rules in force on the day and counting, by subject and ladder, in order of first mention."""
    found: dict[tuple[Subject, str], list[Rule]] = {}
    for rule in policies.rules(day=day):
        if rule.mode is Mode.ENFORCE:
            found.setdefault((rule.subject, LADDER_OF[rule.kind].name), []).append(rule)
    return {key: tuple(rules) for key, rules in found.items()}


def ruled(facts: Facts, rules: Sequence[Rule], policies: PolicySet, day: date) -> RuledLadder:
    """The rules of one ladder as formulas over the facts of their subject."""
    parameters = in_force(policies, day)
    reading = Reading(facts, parameters)
    logic = logic_of(rules)
    truths = {rule.id: reading.truths(rule.when.node) for rule in rules if rule.when is not None}
    said = Said(facts)
    given = Given(
        true={rule: truth.yes for rule, truth in truths.items()},
        unknown={rule: unknown(facts, truth) for rule, truth in truths.items()},
        waived={rule.id: said.waiver(rule.id) for rule in rules if rule.waivable_by},
        approved={role: said.approval(role) for _, role, _, _ in logic.needs_role},
    )
    ladder = LADDER_OF[rules[0].kind]
    counted = counted_rules(facts.solver, logic, given)
    return RuledLadder(
        rules[0].subject,
        ladder,
        tuple(rules),
        logic,
        parameters,
        reading,
        truths,
        given,
        counted,
        resolution(facts.solver, logic, given),
    )


def ruled_with(on: RuledLadder, facts: Facts, kept: Mapping[str, Formula]) -> RuledLadder:
    """The same ladder where a rule is there only in the worlds that `kept` says."""
    solver = facts.solver
    there = {rule.id: kept[rule.id] for rule in on.rules if rule.count is None}
    given = replace(
        on.given,
        true={rule: solver.both((formula, there[rule])) for rule, formula in on.given.true.items()},
        unknown={rule: solver.both((formula, there[rule])) for rule, formula in on.given.unknown.items()},
        # A rule that counts has no condition to take away: where it is not there, it is as if waived.
        waived={
            **on.given.waived,
            **{
                rule.id: solver.either((on.given.waived.get(rule.id, solver.false), solver.negation(kept[rule.id])))
                for rule in on.rules
                if rule.count is not None
            },
        },
    )
    return replace(on, given=given, resolved=resolution(solver, on.logic, given))


def unknown(facts: Facts, truths: Truths) -> Formula:
    """The worlds in which a condition is unknown."""
    return facts.solver.negation(facts.solver.either((truths.yes, truths.no)))
