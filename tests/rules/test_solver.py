"""What the solver says of a condition in every world is what the evaluation says of each case."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.condition_case import value_of
from rules.solver import Budget, Settled, Solver
from rules.solver_facts import Amount, Facts
from rules.solver_terms import Reading
from tests.engine.condition_examples import FIELDS, cases, compiled, conditions, facts_of, given_values

OPTIONAL = frozenset(name for name, field in FIELDS.items() if field.optional)


def facts() -> Facts:
    return Facts(Solver(Budget()), OPTIONAL, date(2026, 6, 30))


@settings(max_examples=300, deadline=None)
@given(conditions(), cases(), given_values, st.frozensets(st.sampled_from(sorted(FIELDS)), max_size=3))
def test_a_condition_has_in_the_world_of_a_case_the_truth_that_it_has_for_the_case(
    text: str, row: dict[str, Any], parameters: Mapping[str, Any], absent: frozenset[str]
) -> None:
    checked = compiled(text)
    case = facts_of(row)
    world = facts()
    reading = Reading(world, parameters)
    truths = reading.truths(checked.node)
    solver = world.solver
    fixed = []
    for name, symbol in world.symbols.items():
        value = None if name in absent else case[name]
        fixed.append(symbol.absent if name in absent else solver.negation(symbol.absent))
        if isinstance(symbol.meaning, Amount):
            fixed.append(symbol.meaning.known if value is not None else solver.negation(symbol.meaning.known))
            if value is not None:
                fixed.append(solver.equal(symbol.meaning.number, world.constant(value, symbol.kind)))
        else:
            for truth, formula in ((True, symbol.meaning.yes), (False, symbol.meaning.no)):
                fixed.append(formula if value is truth else solver.negation(formula))
    answers = {
        True: solver.ask(*fixed, truths.yes).settled is Settled.POSSIBLE,
        False: solver.ask(*fixed, truths.no).settled is Settled.POSSIBLE,
        None: solver.ask(*fixed, solver.negation(truths.yes), solver.negation(truths.no)).settled is Settled.POSSIBLE,
    }
    expected = value_of(checked, case, parameters, absent)
    assert reading.left_out(checked.node) == ()
    assert answers == {truth: truth is expected for truth in (True, False, None)}
