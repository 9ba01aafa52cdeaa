"""What the solver says of a condition in every world is what the evaluation says of each case."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.conditions.condition_case import value_of
from rules.expression.meaning import Given
from rules.expression.scope import Checked
from rules.kinds import Kind
from rules.proof.solver import Budget, Formula, Settled, Solver
from rules.proof.solver_facts import Amount, Facts
from rules.proof.solver_terms import Reading
from tests.engine import condition_examples as plain
from tests.engine import language_examples as language
from tests.generators.expressions import conditions
from tests.generators.facts import rows


def facts() -> Facts:
    return Facts(Solver(Budget()), frozenset(), date(2026, 6, 30))


def pinned(world: Facts, case: Mapping[str, Given | None], absent: frozenset[str]) -> list[Formula]:
    """What makes a world that of the case."""
    solver = world.solver
    fixed = []
    for name, symbol in world.symbols.items():
        value = None if name in absent else case[name]
        fixed.append(symbol.absent if name in absent else solver.negation(symbol.absent))
        if isinstance(symbol.meaning, Amount):
            fixed.append(symbol.meaning.known if value is not None else solver.negation(symbol.meaning.known))
            if value is not None and not isinstance(value, tuple):
                fixed.append(solver.equal(symbol.meaning.number, world.constant(value, symbol.kind)))
        else:
            for truth, formula in ((True, symbol.meaning.yes), (False, symbol.meaning.no)):
                fixed.append(formula if value is truth else solver.negation(formula))
    return fixed


def truths_of(
    checked: Checked, case: Mapping[str, Given | None], parameters: Mapping[str, Given], absent: frozenset[str]
) -> tuple[list[bool | None], bool]:
    """The truths that a condition may have in the world of a case, and whether all of it has a formula."""
    world = facts()
    reading = Reading(world, parameters)
    truths = reading.truths(checked.node)
    solver = world.solver
    fixed = pinned(world, case, absent)
    unknown = solver.negation(solver.either((truths.yes, truths.no)))
    asked: list[tuple[bool | None, Formula]] = [(True, truths.yes), (False, truths.no), (None, unknown)]
    possible = [truth for truth, formula in asked if solver.ask(*fixed, formula).settled is Settled.POSSIBLE]
    return possible, not reading.left_out(checked.node)


@settings(max_examples=80, deadline=None)
@given(
    plain.conditions(),
    plain.cases(),
    plain.given_values,
    st.frozensets(st.sampled_from(sorted(plain.FIELDS)), max_size=3),
)
def test_a_condition_has_in_the_world_of_a_case_the_truth_that_it_has_for_the_case(
    text: str, row: dict[str, Any], parameters: Mapping[str, Any], absent: frozenset[str]
) -> None:
    checked = plain.compiled(text)
    case = plain.facts_of(row)
    expected = value_of(checked, case, parameters, absent)
    assert truths_of(checked, case, parameters, absent) == ([expected], True)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    conditions(language.SCOPE),
    st.integers(0, 2**32),
    language.given_values,
    st.frozensets(st.sampled_from(sorted(language.FIELDS)), max_size=3),
)
def test_whatever_a_condition_says_of_a_case_is_possible_in_its_world_and_nothing_else_where_all_has_a_formula(
    text: str, seed: int, parameters: Mapping[str, Given], absent: frozenset[str]
) -> None:
    checked = language.compiled(text)
    for case in rows(language.FIELDS, [checked], parameters, seed=seed, count=2):
        expected = value_of(checked, case, parameters, absent)
        possible, whole = truths_of(checked, case, parameters, absent)
        assert expected in possible
        assert len(possible) == 1 or not whole


def test_a_question_beyond_the_budget_is_unsettled_and_never_a_guess() -> None:
    solver = Solver(Budget(each=1))
    one, other = solver.some_whole("one"), solver.some_whole("other")
    cube = solver.times(one, solver.times(one, one))
    answer = solver.ask(solver.equal(cube, solver.plus(solver.times(other, other), solver.whole(7))))
    assert (answer.settled, answer.world) == (Settled.UNSETTLED, None)


def test_a_ratio_is_an_exact_fraction() -> None:
    world = facts()
    meaning = world.symbol("share", Kind.RATIO).meaning
    assert isinstance(meaning, Amount)
    third = world.solver.equal(world.solver.times(meaning.number, world.solver.whole(3)), world.solver.whole(1))
    found = world.solver.ask(third).world
    assert found is not None
    assert found.number(meaning.number) * 3 == 1
