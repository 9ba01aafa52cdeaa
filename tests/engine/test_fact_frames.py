"""A frame holds every fact of every case exactly, and NULL where nothing is known."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.database import Database
from engine.engines.embedded import Embedded
from engine.fact_frames import Fact, frame_of
from rules.kinds import Kind, Unit, Value
from rules.vocabulary import FIELDS, Field, Subject, fields_of
from tests.engine.engines import ENGINES, engine_of

PLAIN: dict[Kind, st.SearchStrategy[Value]] = {
    Kind.BOOL: st.booleans(),
    Kind.TEXT: st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
    Kind.COUNT: st.integers(-(10**9), 10**9),
    Kind.MONEY: st.integers(-(10**15), 10**15),
    Kind.DAYS: st.integers(-(10**6), 10**6),
    Kind.DATE: st.dates(),
    Kind.RATIO: st.builds(Fraction, st.integers(-(10**30), 10**30), st.integers(1, 10**30)),
    Kind.TIMESTAMP: st.integers(-(2**63), 2**63 - 1),
    Kind.DURATION: st.integers(-(2**63), 2**63 - 1),
}
FIELD_OF = {f"move.{kind.value}": Field(f"move.{kind.value}", kind, "m") for kind in PLAIN} | {
    f"move.list_of_{of.value}": Field(f"move.list_of_{of.value}", Kind.LIST, "m", of=of) for of in PLAIN
}


def values(field: Field) -> st.SearchStrategy[Fact]:
    known = PLAIN[field.kind] if field.of is None else st.lists(PLAIN[field.of], max_size=3).map(tuple)
    return st.none() | known


CASE = st.fixed_dictionaries({name: values(field) for name, field in FIELD_OF.items()})


@pytest.fixture(scope="module", params=ENGINES)
def db(request: pytest.FixtureRequest) -> Iterator[Database]:
    yield from engine_of(request)


@settings(max_examples=25, deadline=None)
@given(st.lists(CASE, max_size=3))
def test_every_value_of_every_kind_comes_back_as_it_went_in(db: Database, cases: list[dict[str, Fact]]) -> None:
    db.run('DROP TABLE IF EXISTS "f"')
    frame_of(db, "f", FIELD_OF, [(str(i), case) for i, case in enumerate(cases)])
    found = db.records('SELECT * FROM "f" ORDER BY CAST(subject_id AS INTEGER)')
    assert len(found) == len(cases)
    for i, record in enumerate(found):
        over, under = record.pop("move.ratio#n"), record.pop("move.ratio#d")
        record["move.ratio"] = None if over is None else Fraction(over, under)
        for name, field in FIELD_OF.items():
            if field.of is not None and record[name] is not None:
                ratios = field.of is Kind.RATIO
                record[name] = tuple(Fraction(x["n"], x["d"]) if ratios else x for x in record[name])
        assert record == {"subject_id": str(i), **cases[i]}


def test_a_ratio_is_in_lowest_terms_with_a_denominator_above_zero_and_a_whole_number_is_one_too() -> None:
    fields = {"x.r": Field("x.r", Kind.RATIO, "m", unit=Unit.PERCENT)}
    with Embedded() as db:
        frame_of(db, "f", fields, [("a", {"x.r": Fraction(6, -4)}), ("b", {"x.r": 3}), ("c", {})])
        assert db.rows('SELECT * FROM "f" ORDER BY 1') == [("a", -3, 2), ("b", 3, 1), ("c", None, None)]


def test_a_fact_that_is_not_given_is_null_and_one_that_is_no_fact_of_the_frame_is_left_out() -> None:
    fields = {"x.d": Field("x.d", Kind.DATE, "m"), "x.n": Field("x.n", Kind.COUNT, "m")}
    with Embedded() as db:
        frame_of(db, "f", fields, [("a", {"x.d": date(2026, 6, 30), "y.z": 1})])
        assert db.records('SELECT * FROM "f"') == [{"subject_id": "a", "x.d": date(2026, 6, 30), "x.n": None}]


def test_every_subject_has_a_frame_and_every_kind_but_a_ratio_one_column() -> None:
    assert {*PLAIN, Kind.LIST, Kind.BYTES} == set(Kind)  # bytes are constants only
    for subject in Subject:
        with Embedded() as db:
            frame_of(db, "f", fields_of(subject), [])
            ratios = sum(f.kind is Kind.RATIO for f in FIELDS[subject])
            assert len(db.columns("f")) == 1 + len(FIELDS[subject]) + ratios
