"""The battery asks everything; an engine that agrees passes, and what one understands differently is found."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from engine.conditions.condition_sql import condition_sql
from engine.database import Database
from engine.engines.battery import ABSENT_FACTS, compiled, disagreements, expected, fingerprint, judged, prepared
from engine.engines.battery_conditions import CONDITIONS, UNKNOWN
from engine.engines.battery_rows import FIELDS, GIVEN, ROWS, cases
from engine.engines.embedded import Embedded
from engine.spelling import Spelling
from rules.expression.term import FORMULAS, Op
from rules.kinds import Kind
from tests.engine.engines import ENGINES, engine_of
from tests.generators.expressions import PLAIN


@pytest.fixture(scope="module", params=ENGINES)
def db(request: pytest.FixtureRequest) -> Iterator[Database]:
    yield from engine_of(request)


def test_every_engine_of_the_tests_passes_and_nothing_is_left_behind(db: Database) -> None:
    verdict = judged(db)
    assert verdict.disagreements == ()
    assert verdict.passed
    assert (verdict.engine, verdict.version) == (db.spelling.ENGINE, db.version)
    assert (verdict.conditions, verdict.rows, verdict.battery) == (len(CONDITIONS), ROWS, fingerprint(db.spelling))
    assert not any(db.has(table) for table in ("battery_given", "battery_facts", "battery_truth"))


def test_every_operation_of_conditions_is_asked() -> None:
    assert {term.op for condition in compiled() for term in condition.node.walk()} == set(Op) - FORMULAS


def test_every_kind_is_asked_about_alone_and_in_lists() -> None:
    read = {name for condition in compiled() for name in condition.fields if name in FIELDS}
    assert {FIELDS[name].kind for name in read} == {*PLAIN, Kind.LIST}
    assert {FIELDS[name].of for name in read} == {*PLAIN, None}


def test_every_condition_tells_rows_apart_but_those_that_nobody_can_know() -> None:
    alike = {
        text
        for text, letters in zip(CONDITIONS, expected(), strict=True)
        if len(set(letters)) == 1 and text not in UNKNOWN
    }
    assert alike == set()


def test_true_false_and_unknown_come_up_often() -> None:
    said = "".join(expected())
    assert all(said.count(letter) > len(said) / 10 for letter in "tfu")


def test_every_value_comes_up_and_every_fact_is_missing_somewhere() -> None:
    for name, field in FIELDS.items():
        found = [case[name] for case in cases()]
        assert None in found
        assert () in found or field.of is None
        assert len(set(found)) > (2 if Kind.BOOL in (field.kind, field.of) else 10)


def test_no_text_holds_what_no_file_may() -> None:
    assert "\\x00" not in repr(cases())
    assert "\0" not in "".join(CONDITIONS)


@dataclass(frozen=True)
class Mistake:
    """One thing that an engine understands differently, as notes and manuals tell of engines."""

    method: str
    sql: str


MISTAKES = {
    "division rounds down": Mistake("quotient", "CAST(floor({0} / NULLIF({1}, 0)) AS BIGINT)"),
    "division keeps decimals": Mistake("quotient", "({0} / NULLIF({1}, 0))"),
    "a rest is never negative": Mistake("remainder", "((({0} % NULLIF({1}, 0)) + abs({1})) % abs({1}))"),
    "a choice on the unknown takes the other way": Mistake("chosen", "(CASE WHEN {0} THEN {1} ELSE {2} END)"),
    "an empty text is missing": Mistake("joined", "NULLIF({0} || {1}, '')"),
    "a missing text is empty": Mistake("joined", "concat({0}, {1})"),
    "a dot of a text is any sign": Mistake("contains", "coalesce(TRY(regexp_matches({0}, {1})), FALSE)"),
    "a per cent sign is any text": Mistake("starts_with", "({0} LIKE {1} || '%')"),
    "an end is found without capitals": Mistake("ends_with", "ends_with(lower({0}), lower({1}))"),
    "a pattern is the whole text": Mistake("matches", "regexp_full_match({0}, '{1!s}')"),
    "a pattern knows no capitals": Mistake("matches", "regexp_matches({0}, '{1!s}', 'i')"),
    "a dot of a pattern is a line break": Mistake("matches", "regexp_matches({0}, '{1!s}', 's')"),
    "an end of a pattern is that of a line": Mistake("matches", "regexp_matches({0}, '(?m){1!s}')"),
    "a size counts bytes": Mistake("characters", "strlen({0})"),
    "an empty list has no size": Mistake("items", "NULLIF(len({0}), 0)"),
    "an unknown list is empty": Mistake("items", "coalesce(len({0}), 0)"),
    "positions count from one": Mistake("item", "list_extract({0}, LEAST({1}, 2147483646))"),
    "positions count from the end": Mistake("item", "list_extract({0}, LEAST({1}, 2147483646) + 1)"),
    "nothing is in an unknown list": Mistake("holds", "coalesce(list_contains({0}, {1}), FALSE)"),
    "an unknown list adds nothing": Mistake("concatenated", "list_concat({0}, {1})"),
    "what is unknown of an item is false": Mistake("all_true", "coalesce(list_bool_and({0}), TRUE)"),
    "and nothing exists in it": Mistake("any_true", "coalesce(list_bool_or({0}), FALSE)"),
    "a sum leaves out what is unknown": Mistake("total", "coalesce(list_sum({0}), 0)"),
    "a list has no order": Mistake("kept", "list_reverse(list_filter({0}, lambda {1}: {2}))"),
    "nor what is made of one": Mistake("each", "list_reverse(list_transform({0}, lambda {1}: {2}))"),
    "unknown is known": Mistake("known", "TRUE"),
    "wide integers are floating-point numbers": Mistake("wide", "CAST({0} AS DOUBLE)"),
}


def mistaken(mistake: Mistake) -> Spelling:
    """DuckDB with one thing spelled otherwise."""

    def spelled(_: Spelling, *given: object) -> str:
        return mistake.sql.format(*given, "NULL")

    wrong: Spelling = type("Mistaken", (Spelling,), {mistake.method: spelled})()
    return wrong


@pytest.fixture(scope="module")
def ready() -> Iterator[Embedded]:
    with Embedded() as db, prepared(db):
        yield db


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_is_found(mistake: Mistake, ready: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong, right = mistaken(mistake), ready.spelling
    asked = [
        number
        for number, condition in enumerate(compiled())
        if condition_sql(condition, GIVEN, ABSENT_FACTS, wrong) != condition_sql(condition, GIVEN, ABSENT_FACTS, right)
    ]
    assert asked
    monkeypatch.setattr(ready, "spelling", wrong)
    found = list(disagreements(ready, asked))
    assert any(one.theirs in ("true", "false", "unknown") for one in found)
    assert fingerprint(wrong) != fingerprint(right)


def test_a_condition_that_an_engine_refuses_is_named_with_what_it_says(
    ready: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "spelling", mistaken(Mistake("ends_with", "no_such_function({0}, {1})")))
    numbers = [number for number, text in enumerate(CONDITIONS) if "endsWith" in text or text == "has.bool1"]
    found = {one.condition: one for one in disagreements(ready, numbers)}
    assert set(found) == {text for text in CONDITIONS if "endsWith" in text}
    one = found["has.text1.endsWith('b')"]
    assert "no_such_function" in one.theirs
    assert (one.row, one.rows, one.ours) == (0, ROWS, "false")
    assert one.facts == (("has.text1", "'A'"),)
