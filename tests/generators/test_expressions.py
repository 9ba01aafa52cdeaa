"""Expressions at random: the well-typed ones make sense and hold every operation, the others never make sense."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rules.expression.check import compile_text
from rules.expression.scope import Scope
from rules.expression.term import FORMULAS, Op
from rules.problem import BadInput, Place
from rules.vocabulary import FIELDS, Subject, fields_of
from tests.engine.language_examples import SCOPE, compiled
from tests.generators.expressions import conditions, ill_typed

many = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


@many
@given(conditions(SCOPE))
def test_every_well_typed_expression_is_accepted(text: str) -> None:
    compiled(text)


@many
@given(ill_typed(SCOPE))
def test_every_ill_typed_expression_is_refused_with_a_place_and_a_reason(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        compiled(text)
    assert all(problem.message and problem.reason and problem.where.column for problem in refused.value.problems)


@pytest.mark.exhaustive
def test_every_operation_of_conditions_comes_up() -> None:
    seen: set[Op] = set()

    @settings(max_examples=1_500, deadline=None, database=None, phases=[Phase.generate], derandomize=True,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(conditions(SCOPE))
    def look(text: str) -> None:
        seen.update(term.op for term in compiled(text).node.walk())

    look()
    assert set(Op) - FORMULAS - seen == set()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), st.sampled_from([subject for subject in Subject if FIELDS[subject]]))
def test_every_vocabulary_has_expressions(data: st.DataObject, subject: Subject) -> None:
    scope = Scope(fields_of(subject), {})
    compile_text(data.draw(conditions(scope)), Place("test"), scope)
