"""One pattern of letters per subject, in the order of the conditions."""

from collections.abc import Iterator

import pytest

from engine.conditions.truth import truth_table
from engine.database import Database
from rules.expression.check import Checked, Scope, compile_text
from rules.kinds import Kind, Unit
from rules.problem import Place
from rules.vocabulary import Field
from tests.engine.engines import ENGINES, engine_of

SCOPE = Scope(
    {"a.tier": Field("a.tier", Kind.TEXT, "tier"), "a.end": Field("a.end", Kind.DATE, "end", optional=True)},
    {"limit": Unit.TEXT},
)


def checked(text: str) -> Checked:
    return compile_text(text, Place("test"), SCOPE)


CONDITIONS = [("top", checked("a.tier == limit")), ("ends", checked("has(a.end)"))]


@pytest.fixture(params=ENGINES)
def db(request: pytest.FixtureRequest) -> Iterator[Database]:
    for database in engine_of(request):
        database.run(
            """CREATE TABLE facts AS SELECT * FROM (VALUES
                ('one', 'A', DATE '2026-01-01'), ('two', 'B', NULL), ('three', NULL, NULL))
                t(subject_id, "a.tier", "a.end")"""
        )
        yield database


def patterns(db: Database, into: str = "truth") -> dict[str, str]:
    return dict(db.rows(f"SELECT subject_id, pattern FROM {into}"))


def test_each_condition_is_true_false_or_unknown_by_subject(db: Database) -> None:
    truth_table(db, "facts", CONDITIONS, {"limit": "A"}, frozenset(), "truth")
    assert db.columns("truth") == ("subject_id", "pattern")
    assert patterns(db) == {"one": "tt", "two": "ff", "three": "uf"}


def test_a_fact_of_an_absent_data_set_is_unknown_for_every_subject(db: Database) -> None:
    truth_table(db, "facts", CONDITIONS, {"limit": "A"}, frozenset({"a.end"}), "truth")
    assert patterns(db) == {"one": "tu", "two": "fu", "three": "uu"}


def test_the_column_of_an_absent_fact_need_not_exist(db: Database) -> None:
    db.run('ALTER TABLE facts DROP COLUMN "a.end"')
    truth_table(db, "facts", CONDITIONS, {"limit": "A"}, frozenset({"a.end"}), "truth")
    assert patterns(db)["one"] == "tu"


def test_a_second_table_of_the_same_name_replaces_the_first(db: Database) -> None:
    truth_table(db, "facts", CONDITIONS, {"limit": "A"}, frozenset(), "truth")
    truth_table(db, "facts", CONDITIONS[:1], {"limit": "B"}, frozenset(), "truth")
    assert patterns(db) == {"one": "f", "two": "t", "three": "u"}


def test_no_conditions_give_empty_patterns_and_no_rows_an_empty_table(db: Database) -> None:
    truth_table(db, "facts", [], {}, frozenset(), "truth")
    assert set(patterns(db).values()) == {""}
    db.run("DELETE FROM facts")
    truth_table(db, "facts", CONDITIONS, {"limit": "A"}, frozenset(), "none")
    assert patterns(db, "none") == {}


def test_subjects_of_any_type_are_named_by_text(db: Database) -> None:
    db.run("CREATE TABLE numbered AS SELECT 7 AS subject_id, 'A' AS \"a.tier\"")
    truth_table(db, "numbered", CONDITIONS[:1], {"limit": "A"}, frozenset(), "truth")
    assert patterns(db) == {"7": "t"}


def test_a_policy_may_have_thousands_of_conditions(db: Database) -> None:
    truth_table(db, "facts", CONDITIONS * 1_000, {"limit": "A"}, frozenset(), "truth")
    assert patterns(db)["three"] == "uf" * 1_000


def test_a_condition_may_have_hundreds_of_parts(db: Database) -> None:
    longest = " || ".join(["a.tier == limit"] * 500)
    truth_table(db, "facts", [("long", checked(longest))], {"limit": "A"}, frozenset(), "truth")
    assert patterns(db) == {"one": "t", "two": "f", "three": "u"}
