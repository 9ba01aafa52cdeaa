"""The model of resolution reaches the level that inference reaches: as truth values and as formulas."""

from itertools import product
from random import Random

import pytest

from engine.analysis.resolution_model import Given, given_of, level_of, resolution
from engine.inference.inference import Inference
from engine.inference.logic import Logic, Pattern, Truth
from rules.proof.solver import Budget, Formula, Settled, Solver
from tests.engine.inference_oracle import seeded, some_logic, some_pattern

WAYS = (None, Truth.TRUE, Truth.UNKNOWN)


def logic_of_size(random: Random, least: int, most: int) -> Logic:
    """A policy with that many rules which have a condition of their own."""
    while True:
        logic = some_logic(random)
        if least <= len(conditional(logic)) <= most:
            return logic


def conditional(logic: Logic) -> list[str]:
    counting = {rule for rule, _, _ in logic.counts}
    return sorted(rule for rule in logic.effects if rule not in counting)


def every_pattern(random: Random, logic: Logic) -> list[Pattern]:
    """Each rule false, true or unknown in every combination; what people said varies from one to the next."""
    rules = conditional(logic)
    said = [some_pattern(random, logic) for _ in range(7)]
    return [
        Pattern(
            frozenset((rule, truth) for rule, truth in zip(rules, ways, strict=True) if truth is not None),
            said[n % 7].waived,
            said[n % 7].approved,
            said[n % 7].answered,
        )
        for n, ways in enumerate(product(WAYS, repeat=len(rules)))
    ]


def assert_same_levels(logic: Logic, patterns: list[Pattern]) -> None:
    with Inference(logic) as inference:
        for pattern in patterns:
            assert level_of(logic, pattern) == inference.conclude(pattern).level


@pytest.mark.parametrize("seed", range(6))
def test_the_model_reaches_the_level_of_inference_on_every_pattern_of_a_small_policy(seed: int) -> None:
    random = seeded(seed)
    logic = logic_of_size(random, 1, 5)
    assert_same_levels(logic, every_pattern(random, logic))


@pytest.mark.exhaustive
@pytest.mark.parametrize("size", range(1, 13))
def test_the_model_reaches_the_level_of_inference_on_every_pattern_up_to_twelve_rules(size: int) -> None:
    random = seeded(size)
    logic = shrunk(logic_of_size(random, size, 24), size)
    assert_same_levels(logic, every_pattern(random, logic))


def shrunk(logic: Logic, size: int) -> Logic:
    """The policy with its first rules only, and what is said of them."""
    counting = {rule for rule, _, _ in logic.counts}
    kept = {*conditional(logic)[:size]}
    groups = {group for rule, group in logic.indicators if rule in kept}
    kept |= {rule for rule, group, _ in logic.counts if group in groups and rule in counting}
    roles = {rule: {role for one, role, _, _ in logic.needs_role if one == rule} for rule in kept}
    return Logic(
        effects={rule: effect for rule, effect in logic.effects.items() if rule in kept},
        ladders=logic.ladders,
        means=logic.means,
        defeats=frozenset((by, of) for by, of in logic.defeats if by in kept and of in kept),
        vetoes=logic.vetoes & kept,
        needs_role=frozenset(row for row in logic.needs_role if row[0] in kept),
        quorums=frozenset((rule, n) for rule, n in logic.quorums if rule in kept and n <= len(roles[rule])),
        says=frozenset(row for row in logic.says if row[0] in kept),
        disputed=logic.disputed,
        counts=frozenset(row for row in logic.counts if row[0] in kept),
        indicators=frozenset(row for row in logic.indicators if row[0] in kept),
    )


def random_levels_agree(seed: int, policies: int, patterns: int) -> None:
    random = seeded(seed)
    for _ in range(policies):
        logic = some_logic(random)
        assert_same_levels(logic, [some_pattern(random, logic) for _ in range(patterns)])


def test_the_model_reaches_the_level_of_inference_on_random_patterns() -> None:
    random_levels_agree(20_260_630, 100, 15)


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(10))
def test_the_model_reaches_the_level_of_inference_on_a_hundred_thousand_random_patterns(part: int) -> None:
    random_levels_agree(part, 400, 25)


def test_as_formulas_the_model_allows_the_level_of_inference_and_no_other() -> None:
    random = seeded(7)
    for _ in range(60):
        logic = some_logic(random)
        solver = Solver(Budget())
        symbols = {rule: (solver.truth(f"{rule} true"), solver.truth(f"{rule} unknown")) for rule in logic.effects}
        waived = {rule: solver.truth(f"{rule} waived") for rule in logic.effects}
        roles = {role for _, role, _, _ in logic.needs_role}
        approved = {role: solver.truth(f"{role} approved") for role in roles}
        formulas = resolution(
            solver,
            logic,
            Given(
                {rule: true for rule, (true, _) in symbols.items()},
                {rule: unknown for rule, (_, unknown) in symbols.items()},
                waived,
                approved,
            ),
        )
        pattern = some_pattern(random, logic)
        plain = given_of(pattern)

        def pinned(formula: Formula, *, holds: bool, solver: Solver = solver) -> Formula:
            return formula if holds else solver.negation(formula)

        world = [pinned(true, holds=rule in plain.true) for rule, (true, _) in symbols.items()]
        world += [pinned(unknown, holds=rule in plain.unknown) for rule, (_, unknown) in symbols.items()]
        world += [pinned(formula, holds=rule in plain.waived) for rule, formula in waived.items()]
        world += [pinned(formula, holds=role in plain.approved) for role, formula in approved.items()]
        with Inference(logic) as inference:
            level = inference.conclude(pattern).level
        for ladder in logic.ladders:
            answers = dict(zip(ladder.levels, formulas.levels[ladder.name], strict=True))
            either: list[tuple[str | None, Formula]] = [*answers.items(), (None, formulas.undecided[ladder.name])]
            possible = [name for name, f in either if solver.ask(*world, f).settled is Settled.POSSIBLE]
            assert possible == [level[ladder.name]]
