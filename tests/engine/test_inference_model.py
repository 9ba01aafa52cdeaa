"""What the engine derives is the one model of the generic rules: nothing more, nothing less, each thing for a reason.

The oracle says what a policy means; this says what the rules mean. They are read once more, by a join in plain Python
that knows nothing of stages: a fact follows when all its rule asks for is there, and nothing that it denies.
"""

from collections.abc import Iterable, Iterator, Mapping
from random import Random

import pytest

from engine.inference.fact_encoding import Encoded, Fact, conclusion_of, encoded, sentence
from engine.inference.fact_kinds import KINDS
from engine.inference.generic_rule import GenericRule, Leaf, Match, Term, referred
from engine.inference.generic_rules import stages
from engine.inference.inference import Inference, _Firing, _matched
from engine.inference.logic import Conclusion, Ladder, Logic, Pattern, Step, Truth
from tests.engine.inference_oracle import seeded, some_logic, some_pattern

Fields = Mapping[str, int | str]
Binding = Mapping[str, Fields]
COMPARE = {
    "": lambda one, two: one == two,
    "$neq": lambda one, two: one != two,
    "$gt": lambda one, two: one > two,
    "$gte": lambda one, two: one >= two,
}


class Facts:
    """Facts, found by kind and by the values of fields."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self.of_kind: dict[str, list[Fields]] = {}
        for kind, values in facts:
            self.of_kind.setdefault(kind, []).append(dict(zip(KINDS[kind].fields, values, strict=True)))

    def matching(self, match: Match, binding: Binding) -> list[Fields]:
        """The facts that a match asks for or denies, given what stands before it."""
        facts = self.of_kind.get(match.kind, [])
        return [fact for fact in facts if all(holds(leaf, fact, binding) for leaf in match.leaves)]


def holds(leaf: Leaf, fact: Fields, binding: Binding) -> bool:
    return bool(COMPARE[leaf.operator](fact[leaf.field], valued(leaf.term, binding)))


def valued(term: Term, binding: Binding) -> int | str:
    reference = referred(term)
    return binding[reference[0]][reference[1]] if reference else term


def bindings(rule: GenericRule, facts: Facts) -> Iterator[Binding]:
    """Every way in which a rule holds."""
    ways: list[dict[str, Fields]] = [{}]
    for match in rule.matches:
        if match.negated:
            ways = [way for way in ways if not facts.matching(match, way)]
        else:
            ways = [{**way, match.alias: fact} for way in ways for fact in facts.matching(match, way)]
    yield from ways


def follows(rule: GenericRule, facts: Facts) -> set[Fact]:
    """What a rule concludes from the facts."""
    ways = list(bindings(rule, facts))
    if rule.count is not None:
        ways = ways if len(ways) >= rule.count else []
    return {
        (head.kind, tuple(valued(head.fields[name], way) for name in KINDS[head.kind].fields))
        for way in ways
        for head in rule.heads
    }


def is_instance(rule: GenericRule, firing: _Firing, facts: Facts) -> bool:
    """Whether what the engine says that a rule matched is all that it asks for, and nothing of what it denies."""
    return len(firing.matches) == (rule.count or 1) and all(
        all(holds(leaf, way[match.alias], way) for leaf in match.leaves) and way[match.alias]["kind"] == match.kind
        if not match.negated
        else not facts.matching(match, way)
        for way in firing.matches
        for match in rule.matches
    )


def derived(inference: Inference, pattern: Pattern) -> tuple[Encoded, list[_Firing]]:
    given = encoded(inference._encoding, pattern)
    return given, inference._firings(given)


def differing(random: Random) -> list[str]:
    """Where the engine's facts are no model of the rules, or not that one: for a random policy and three patterns."""
    logic = some_logic(random)
    wrong = []
    with Inference(logic) as inference:
        rules = {rule.name: rule for rule in inference._rules}
        for _ in range(3):
            given, firings = derived(inference, some_pattern(random, logic))
            told = {("stage", stage) for stage in stages(given.ranks, counted=given.counted)}
            known: set[Fact] = {*given.facts, *told}
            for firing in firings:
                # In order of the firings each rests on what was there before it: nothing holds itself up.
                if not known.issuperset(_matched(firing.matches)):
                    wrong.append(f"{firing.rule} fired on what was not there")
                known.update(firing.concluded)
            facts = Facts({*known, ("end", (1,))})
            wrong += [
                f"{f.rule} fired without its reasons" for f in firings if not is_instance(rules[f.rule], f, facts)
            ]
            for name, rule in rules.items():
                fired = {fact for firing in firings if firing.rule == name for fact in firing.concluded}
                if fired != (right := follows(rule, facts)):
                    wrong.append(f"{name}: {sorted(map(str, fired ^ right))}")
    return wrong


@pytest.mark.parametrize("seed", range(40))
def test_what_is_derived_is_the_one_model_of_the_rules(seed: int) -> None:
    """Each rule concluded exactly what it says of all facts together, and everything was derived from given facts.

    The rules have no other model than that: what they deny is decided before it is denied (see `stratification`).
    """
    assert differing(seeded(seed)) == []


@pytest.mark.exhaustive
def test_what_is_derived_is_the_one_model_of_the_rules_for_2000_policies() -> None:
    assert [wrong for seed in range(1_000, 3_000) for wrong in differing(seeded(seed))] == []


def test_a_lost_conclusion_and_an_invented_one_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    random = seeded(3)
    assert differing(random) == []
    whole = Inference._firings

    def losing(self: Inference, given: Encoded) -> list[_Firing]:
        return [firing for firing in whole(self, given) if firing.rule != "effective"]

    monkeypatch.setattr(Inference, "_firings", losing)
    assert any("effective" in wrong for seed in range(5) for wrong in differing(seeded(seed)))

    def inventing(self: Inference, given: Encoded) -> list[_Firing]:
        return [*whole(self, given), _Firing("open", (), (("open", (0,)),))]

    monkeypatch.setattr(Inference, "_firings", inventing)
    assert any(wrong.startswith("open: ") for seed in range(5) for wrong in differing(seeded(seed)))


def said(inference: Inference, given: Encoded, facts: Iterable[Fact]) -> set[str]:
    return {sentence(inference._encoding, given.waivers, fact) for fact in facts}


def premises_first(steps: Iterable[Step], given: set[str]) -> set[str]:
    """All that the steps tell, after checking that each speaks only of what was given or told before it."""
    known = set(given)
    for step in steps:
        assert known.issuperset(step.facts), f"{step.rule}: {set(step.facts) - known}"
        known.update(step.concluded)
    return known


@pytest.mark.parametrize("seed", range(30))
def test_the_steps_lead_from_what_was_given_to_everything_concluded(seed: int) -> None:
    """A derivation is complete and true: no step speaks of what came later, and none that mattered is missing."""
    random = seeded(seed)
    logic = some_logic(random)
    with Inference(logic) as inference:
        pattern = some_pattern(random, logic)
        given, firings = derived(inference, pattern)
        conclusion = inference.conclude(pattern, steps=True)
        concluded = {fact for firing in firings for fact in firing.concluded}
        told = premises_first(conclusion.steps, said(inference, given, given.facts))
        assert told == said(inference, given, given.facts) | said(inference, given, concluded)
        # And from the sentences' facts alone comes the conclusion.
        assert conclusion_of(inference._encoding, given.waivers, concluded) == conclusion
        assert parts_of(conclusion, logic) <= told


def parts_of(conclusion: Conclusion, logic: Logic) -> set[str]:
    """What a conclusion says, in the sentences of facts."""
    return {
        *(f"`{r}` is effective, {truth.value}, effect {logic.effects[r]}" for r, truth in conclusion.effective),
        *(f"{ladder} is {level if level is not None else 'undecided'}" for ladder, level in conclusion.level.items()),
        *(f"`{d.of}` is {'waived' if d.how == 'waiver' else 'defeated'} by `{d.by}`" for d in conclusion.defeated),
        *(f"`{d.of}` is contested by `{d.by}`" for d in conclusion.contested),
        *(f"`{by}` vetoes `{of}`" for by, of in conclusion.vetoes),
        *(f"`{rule}` is a reason of {ladder}" for ladder, rule in conclusion.reasons),
        *(f"`{role}` has yet to approve `{rule}`" for rule, role in conclusion.missing),
        *(f"{how} `{what}` because of `{rule}`" for rule, what, how in conclusion.owed),
        *(f"`{rule}` is open" for rule in conclusion.open),
        *(f"{ladder} may rise to {level} by `{rule}`" for ladder, level, rule in conclusion.may_rise),
        *(f"`{one}` and `{two}` disagree on {question}" for question, one, two in conclusion.conflicts),
        *(f"{question} is {value} by `{rule}`" for question, value, rule in conclusion.said),
        *conclusion.acts,
    }


def test_a_step_of_a_count_names_as_many_indicators_as_were_needed() -> None:
    """One indicator alone is no reason: each would look as if it had been enough."""
    logic = Logic(
        {"T8": "review", "I1": "hit", "I2": "hit", "I3": "hit", "R": "approve"},
        (Ladder("audit", ("none", "review"), strict=True),),
        frozenset({("review", Truth.TRUE, "audit", "review")}),
        counts=frozenset({("T8", "drift", 2)}),
        indicators=frozenset((f"I{n}", "drift") for n in (1, 2, 3)),
        needs_role=frozenset(("R", role, "audit", "review") for role in ("vp", "ops", "giving")),
        quorums=frozenset({("R", 2)}),
    )
    pattern = Pattern(
        frozenset({("I1", Truth.TRUE), ("I2", Truth.TRUE), ("I3", Truth.UNKNOWN), ("R", Truth.TRUE)}),
        approved=frozenset({"vp", "ops"}),
    )
    with Inference(logic) as inference:
        steps = {step.rule: step for step in inference.conclude(pattern, steps=True).steps}
    counted, agreed = steps["count_true"], steps["quorum"]
    assert sorted(counted.facts) == ["indicator `I1` of `drift` is true", "indicator `I2` of `drift` is true"]
    assert counted.concluded == ("count of `T8` is true",)
    assert sorted(agreed.facts) == ["`ops` approved `R`", "`vp` approved `R`"]
    assert agreed.concluded == ("enough roles approved `R`",)


def logic_of_one_subject() -> tuple[Logic, Pattern]:
    random = seeded(11)
    logic = some_logic(random)
    return logic, some_pattern(random, logic)


def test_the_steps_of_one_subject_are_the_same_however_often_they_are_asked_for() -> None:
    logic, pattern = logic_of_one_subject()
    with Inference(logic) as inference:
        first = inference.conclude(pattern, steps=True).steps
        assert first
        assert inference.conclude(pattern, steps=True).steps == first
    with Inference(logic) as another:
        assert another.conclude(pattern, steps=True).steps == first
