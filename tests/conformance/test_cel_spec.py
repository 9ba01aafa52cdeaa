"""CEL's own conformance suite: what is accepted answers as CEL does, in Python and in SQL; the rest has its reasons.

The cases that are accepted are pinned by name in `tests/golden/cel-accepted.txt`; `docs/cel.md` counts the refusals.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.conditions.condition_case import value_of
from engine.conditions.condition_sql import condition_sql
from engine.database import Database
from engine.engines.opening import EMBEDDED
from engine.fact_frames import frame_of
from rules.expression.scope import Checked
from rules.expression.term import Op
from rules.kinds import Kind
from tests.conformance.cel_cases import CORE, CelCase, Foreign
from tests.conformance.cel_judged import Judged, fits
from tests.engine.engines import ENGINES, engine_of

ACCEPTED = 450
ANSWERED = 550


@pytest.fixture(scope="module")
def accepted(suite: list[Judged]) -> list[tuple[CelCase, Checked]]:
    return [(each.case, each.checked) for each in suite if each.checked is not None]


@pytest.fixture(scope="module", params=ENGINES)
def db(request: pytest.FixtureRequest) -> Iterator[Database]:
    yield from engine_of(request)


def alike(one: Any, other: Any) -> bool:
    """Equal and of one type: true is not 1."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    return type(one) is type(other) and one == other


def by_sql(db: Database, case: CelCase, checked: Checked) -> Any:
    frame_of(db, "facts", case.fields, [("one", case.facts)])
    found = db.value(f"SELECT {condition_sql(checked, {}, spelling=db.spelling)} FROM facts")
    db.run("DROP TABLE facts")
    return tuple(found) if isinstance(found, list) else found


def test_hundreds_of_the_core_cases_are_answered_as_cel_answers_them(suite: list[Judged]) -> None:
    """With a value, or, where CEL has an error, with unknown or a refusal."""
    assert {each.case.name.split()[0] for each in suite} == set(CORE)
    accepted = sum(each.checked is not None for each in suite)
    errors_known_before = sum(
        each.checked is None and each.case.answer is None for each in suite if each.case.evaluated
    )
    assert accepted >= ACCEPTED
    assert accepted + errors_known_before >= ANSWERED


def test_every_accepted_case_has_the_value_that_cel_gives_it(accepted: list[tuple[CelCase, Checked]]) -> None:
    """Where CEL has an error the value is unknown."""
    wrong = {
        case.name: (case.text, case.answer, found)
        for case, checked in accepted
        if case.evaluated and not alike(found := value_of(checked, case.facts, {}), case.answer)
    }
    assert wrong == {}


def test_every_accepted_case_has_that_value_in_sql_too(db: Database, accepted: list[tuple[CelCase, Checked]]) -> None:
    """Bytes alone have none; what is said of them was settled before. Another engine is asked for conditions alone."""
    own = {Kind.BOOL} if db.spelling.ENGINE != EMBEDDED else set(Kind) - {Kind.BYTES}
    wrong = {
        case.name: (case.text, case.answer, found)
        for case, checked in accepted
        if case.evaluated and checked.kind in own
        if not alike(found := by_sql(db, case, checked), case.answer)
    }
    assert wrong == {}


def test_no_accepted_case_brings_bytes_into_sql(accepted: list[tuple[CelCase, Checked]]) -> None:
    with_bytes = [checked for _, checked in accepted if any(Kind.BYTES in (t.kind, t.of) for t in checked.node.walk())]
    assert with_bytes
    assert all(checked.node.op is Op.LITERAL and checked.kind is Kind.BYTES for checked in with_bytes)
    with pytest.raises(ValueError, match="has no value in SQL"):
        condition_sql(with_bytes[0], {})


def test_every_accepted_case_has_the_type_that_cel_finds(accepted: list[tuple[CelCase, Checked]]) -> None:
    wrong = {
        case.name: (case.text, case.type, (checked.kind, checked.node.of))
        for case, checked in accepted
        if case.type is not None and not fits(case.type, (checked.kind, checked.node.of))
    }
    assert wrong == {}
    assert sum(case.type is not None for case, _ in accepted) >= ACCEPTED


def test_a_wrong_answer_would_be_seen() -> None:
    assert alike((1, "a"), (1, "a"))
    assert fits((Kind.LIST, Kind.COUNT), (Kind.LIST, None))
    assert not fits((Kind.LIST, None), (Kind.LIST, Kind.COUNT))
    assert not fits((Kind.TEXT, None), (Kind.BYTES, None))
    assert not any(alike(*pair) for pair in ((True, 1), (1, None), ((1,), (True,)), ((1,), (1, 1)), (1, Foreign("x"))))


def test_the_accepted_cases_are_those_of_the_list(accepted: list[tuple[CelCase, Checked]], project: Path) -> None:
    golden = project / "tests" / "golden" / "cel-accepted.txt"
    listed = "".join(f"{case.name}\n" for case, _ in accepted)
    if os.environ.get("MERESTONE_UPDATE_GOLDEN"):
        golden.write_text(listed, "utf-8")
    assert golden.read_text("utf-8") == listed
