"""Do the policies' own examples hold? Each is a case in its owner's words, evaluated as the rule would be in earnest.

An example is answered twice, as a set in SQL and as a case in Python, and both must agree before its expectation is
looked at. The rule stands alone: other rules do not help it and do not hide it. Inputs that an example does not give
are unknown if they are required, and none if they are optional.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from engine.condition_case import value_of
from engine.database import Database, quoted
from engine.fact_frames import frame_of
from engine.inference import Inference
from engine.ladders import LADDER_OF, logic_of
from engine.logic import Pattern, Truth
from engine.truth import truth_table
from rules.load import in_force
from rules.policy import Example, PolicySet, Rule
from rules.vocabulary import fields_of

WORDS: Mapping[bool | None, str] = {True: "fires", False: "silent", None: "unknown"}


@dataclass(frozen=True, slots=True)
class Tried:
    """One example with its answer; `agrees` is whether SQL and Python gave the same truth."""

    rule: Rule
    example: Example
    answer: str
    agrees: bool

    @property
    def holds(self) -> bool:
        return self.agrees and self.answer == self.example.expect


def try_examples(policies: PolicySet) -> tuple[Tried, ...]:
    """Every example of every rule, in order of file and place."""
    with Database() as db:
        return tuple(
            _try(db, policies, rule, example, f"example_{i}_{j}")
            for i, rule in enumerate(policies.rules())
            for j, example in enumerate(rule.examples)
        )


def _latest_day(policies: PolicySet, rule: Rule) -> date:
    """The last day on which something that the rule reads changed, while it was in force."""
    read = [c for c in (rule.when, rule.until) if c is not None]
    declared = policies.parameters()
    days = (v.start for checked in read for name in checked.parameters for v in declared[name].values)
    return max((rule.start, *(day for day in days if rule.in_force(day))))


def _try(db: Database, policies: PolicySet, rule: Rule, example: Example, relation: str) -> Tried:
    day = example.at or _latest_day(policies, rule)
    parameters = {**in_force(policies, day), **example.parameters}
    indicators = [
        r for r in policies.rules() if rule.count and r.group == rule.count.group and r.subject is rule.subject
    ]
    conditional = [r for r in (*indicators, rule) if r.when is not None]
    fields = fields_of(rule.subject)
    case = {name: example.given.get(name) for name in fields}
    by_case = [value_of(r.when, case, parameters) for r in conditional if r.when is not None]

    frame_of(db, relation, fields, [("example", case)])
    conditions = [(r.id, r.when) for r in conditional if r.when is not None]
    truth_table(db, relation, conditions, parameters, frozenset(), f"{relation}_truth")
    letters = db.value(f"SELECT pattern FROM {quoted(relation + '_truth')}")
    by_set = [{"t": True, "f": False, "u": None}[letter] for letter in letters]
    answer = _answer(rule, [*indicators, rule], conditional, by_set, example.expect)
    return Tried(rule, example, answer, by_case == by_set)


def _answer(
    rule: Rule, rules: Sequence[Rule], conditional: Sequence[Rule], truths: Sequence[bool | None], expect: str
) -> str:
    found = frozenset(
        (r.id, Truth.TRUE if truth else Truth.UNKNOWN)
        for r, truth in zip(conditional, truths, strict=True)
        if truth is not False
    )
    if rule.when is not None and expect in WORDS.values():
        return WORDS[truths[-1]]
    with Inference(logic_of(rules)) as inference:
        conclusion = inference.conclude(Pattern(found))
    if expect in WORDS.values():
        state = dict(conclusion.effective).get(rule.id)
        return WORDS[False if state is None else (True if state is Truth.TRUE else None)]
    return conclusion.level[LADDER_OF[rule.kind].name] or "unknown"
