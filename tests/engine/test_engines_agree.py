"""Every engine says what Python says of schemas, conditions and rows that nobody thought of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.conditions.condition_case import value_of
from engine.conditions.given_values import Given
from engine.conditions.truth import truth_table
from engine.database import Database
from engine.fact_frames import frame_of
from rules.expression.check import compile_text
from rules.expression.scope import Checked, Scope
from rules.kinds import Kind, Unit
from rules.model.policy import PolicySet
from rules.problem import Place
from rules.vocabulary import Field, Subject
from tests.engine.engines import ENGINES, can_hold, engine_of
from tests.engine.language_examples import letter
from tests.generators.expressions import PLAIN, conditions
from tests.generators.facts import Case, rows

NAMES = ("a", "b1", "order", "select", "n", "d", "at", "list", "item", "each", "value", "x_y", "table", "one", "pair")
"""Words that mean something to SQL, or to what is written for an engine, are names like others."""


@pytest.fixture(scope="module", params=ENGINES)
def db(request: pytest.FixtureRequest) -> Iterator[Database]:
    yield from engine_of(request)


@st.composite
def schemas(draw: st.DrawFn) -> Mapping[str, Field]:
    """Facts of any kinds under any names, some of them lists, some of them optional."""
    fields = {}
    names = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), min_size=2, max_size=7, unique=True)
    for owner, short in draw(names):
        kind, listed, optional = draw(st.tuples(st.sampled_from(PLAIN), st.booleans(), st.booleans()))
        name = f"{owner}.{short}"
        field = Field(name, kind, "for tests", optional=optional)
        if kind is Kind.RATIO and draw(st.booleans()):
            field = replace(field, unit=Unit.POINTS)
        fields[name] = replace(field, kind=Kind.LIST, of=kind) if listed else field
    return fields


def assert_agreement(
    db: Database,
    fields: Mapping[str, Field],
    checked: Sequence[Checked],
    cases: Sequence[Case],
    parameters: Mapping[str, Given],
) -> None:
    held = [case for case in cases if can_hold(db, case)]
    name = db.spelling.name
    db.run(f"DROP TABLE IF EXISTS {name('generated')}")
    frame_of(db, "generated", fields, [(str(number), case) for number, case in enumerate(held)])
    named = [(str(number), condition) for number, condition in enumerate(checked)]
    truth_table(db, "generated", named, parameters, frozenset(), "generated_truth")
    found = db.rows(f"SELECT subject_id, pattern FROM {name('generated_truth')}")
    ours = ["".join(letter(value_of(condition, case, parameters)) for condition in checked) for case in held]
    assert {int(row): pattern for row, pattern in found} == dict(enumerate(ours))


def assert_agreement_on_anything(db: Database, data: st.DataObject, count: int) -> None:
    fields = data.draw(schemas())
    scope = Scope(fields, {})
    texts = data.draw(st.lists(conditions(scope), min_size=1, max_size=4))
    checked = [compile_text(text, Place("test"), scope) for text in texts]
    cases = rows(fields, checked, seed=data.draw(st.integers(0, 2**32)), count=count)
    assert_agreement(db, fields, checked, cases, {})


LOOSE = list(HealthCheck)


@settings(max_examples=25, deadline=None, suppress_health_check=LOOSE)
@given(st.data())
def test_a_table_and_a_case_agree_whatever_the_schema(db: Database, data: st.DataObject) -> None:
    assert_agreement_on_anything(db, data, 12)


@pytest.mark.exhaustive
@settings(max_examples=2_000, deadline=None, suppress_health_check=LOOSE)
@given(st.data())
def test_a_table_and_a_case_agree_whatever_the_schema_thousands_of_times(db: Database, data: st.DataObject) -> None:
    assert_agreement_on_anything(db, data, 40)


@pytest.mark.parametrize(
    "condition",
    [
        "a.ratios.exists(one, one in b.ratios)",
        "a.ratios.exists(pair, [pair] == b.ratios)",
        "a.texts.exists(at, at in a.texts.filter(list, list != at))",
    ],
)
def test_a_variable_may_have_any_name(db: Database, condition: str) -> None:
    """Also one that the SQL of comparing ratios has a use for itself."""
    fields = {
        name: Field(name, Kind.LIST, "for tests", of=Kind.TEXT if "text" in name else Kind.RATIO)
        for name in ("a.ratios", "b.ratios", "a.texts")
    }
    checked = compile_text(condition, Place("test"), Scope(fields, {}))
    assert_agreement(db, fields, [checked], rows(fields, [checked], count=200), {})


@pytest.mark.parametrize("subject", Subject)
def test_every_condition_of_the_shipped_policies_says_the_same(
    db: Database, subject: Subject, shipped: PolicySet
) -> None:
    rules = [rule for rule in shipped.rules() if rule.subject is subject and rule.when is not None]
    checked = [rule.when for rule in rules if rule.when is not None]
    values = {name: parameter.value for name, parameter in shipped.values_at(date(2026, 6, 30)).items()}
    read = {name for condition in checked for name in condition.fields}
    fields = {name: field for name, field in shipped.fields(subject).items() if name in read}
    assert_agreement(db, fields, checked, rows(fields, checked, values, count=60), values)
