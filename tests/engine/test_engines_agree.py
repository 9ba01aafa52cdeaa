"""Every engine says what Python says of schemas, conditions and rows that nobody thought of."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.conditions.condition_case import value_of
from engine.conditions.truth import truth_table
from engine.database import Database
from engine.fact_frames import frame_of
from rules.expression.check import compile_text
from rules.expression.scope import Scope
from rules.kinds import Kind, Unit
from rules.problem import Place
from rules.vocabulary import Field
from tests.engine.engines import ENGINES, can_hold, engine_of
from tests.engine.language_examples import letter
from tests.generators.expressions import PLAIN, conditions
from tests.generators.facts import rows

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


def assert_agreement(db: Database, data: st.DataObject, count: int) -> None:
    fields = data.draw(schemas())
    scope = Scope(fields, {})
    texts = data.draw(st.lists(conditions(scope), min_size=1, max_size=4))
    checked = [compile_text(text, Place("test"), scope) for text in texts]
    cases = [c for c in rows(fields, checked, seed=data.draw(st.integers(0, 2**32)), count=count) if can_hold(db, c)]
    db.run(f"DROP TABLE IF EXISTS {db.spelling.name('generated')}")
    frame_of(db, "generated", fields, [(str(number), case) for number, case in enumerate(cases)])
    truth_table(db, "generated", [(str(i), c) for i, c in enumerate(checked)], {}, frozenset(), "generated_truth")
    table = db.spelling.name("generated_truth")
    theirs = {int(row): pattern for row, pattern in db.rows(f"SELECT subject_id, pattern FROM {table}")}
    ours = {n: "".join(letter(value_of(c, case, {})) for c in checked) for n, case in enumerate(cases)}
    assert theirs == ours


LOOSE = list(HealthCheck)


@settings(max_examples=25, deadline=None, suppress_health_check=LOOSE)
@given(st.data())
def test_a_table_and_a_case_agree_whatever_the_schema(db: Database, data: st.DataObject) -> None:
    assert_agreement(db, data, 12)


@pytest.mark.exhaustive
@settings(max_examples=2_000, deadline=None, suppress_health_check=LOOSE)
@given(st.data())
def test_a_table_and_a_case_agree_whatever_the_schema_thousands_of_times(db: Database, data: st.DataObject) -> None:
    assert_agreement(db, data, 40)


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
    cases = [case for case in rows(fields, [checked], count=200) if can_hold(db, case)]
    db.run(f"DROP TABLE IF EXISTS {db.spelling.name('generated')}")
    frame_of(db, "generated", fields, [(str(number), case) for number, case in enumerate(cases)])
    truth_table(db, "generated", [("1", checked)], {}, frozenset(), "generated_truth")
    table = db.spelling.name("generated_truth")
    theirs = {int(row): pattern for row, pattern in db.rows(f"SELECT subject_id, pattern FROM {table}")}
    assert theirs == {number: letter(value_of(checked, case, {})) for number, case in enumerate(cases)}
