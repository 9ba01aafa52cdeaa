"""SQL over a table, Python for a case, and CEL itself say the same: true, false and unknown alike."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.conditions.condition_case import value_of
from engine.conditions.given_values import Given
from engine.database import Database
from rules.expression.check import compile_text
from rules.expression.scope import Checked
from rules.kinds import Kind, duration_text, timestamp_text
from rules.problem import Place
from tests.engine.engines import ENGINES, can_hold, engine_of
from tests.engine.language_examples import (
    FIELDS,
    GIVEN,
    SCOPE,
    compiled,
    frame,
    given_values,
    letter,
    patterns,
    read_by,
)
from tests.generators.expressions import PLAIN, conditions
from tests.generators.facts import Case, rows

cel: Any = import_module("cel_expr_python.cel") if find_spec("cel_expr_python") else None
needs_cel = pytest.mark.skipif(cel is None, reason="no wheel of cel-expr-python for this Python")
LOOSE = [HealthCheck.too_slow, HealthCheck.data_too_large]
SEEDS = st.integers(0, 2**32)


@pytest.fixture(scope="module", params=ENGINES)
def db(request: pytest.FixtureRequest) -> Iterator[Database]:
    yield from engine_of(request)


def by_table(
    db: Database,
    cases: Sequence[Case],
    checked: Sequence[Checked],
    parameters: Mapping[str, Given],
    absent: frozenset[str],
) -> list[str]:
    frame(db, cases, read_by(checked))
    return patterns(db, checked, parameters, absent)


def by_case(
    cases: Sequence[Case], checked: Sequence[Checked], parameters: Mapping[str, Given], absent: frozenset[str]
) -> list[str]:
    return ["".join(letter(value_of(c, case, parameters, absent)) for c in checked) for case in cases]


def assert_agreement(
    db: Database, texts: Sequence[str], seed: int, parameters: Mapping[str, Given], absent: frozenset[str]
) -> None:
    checked = [compiled(text) for text in texts]
    drawn = rows(read_by(checked), checked, parameters, seed=seed, count=12)
    cases = [case for case in drawn if can_hold(db, case)]
    assert by_table(db, cases, checked, parameters, absent) == by_case(cases, checked, parameters, absent)


ABSENT = st.frozensets(st.sampled_from(sorted(FIELDS)), max_size=3)
TEXTS = st.lists(conditions(SCOPE), min_size=1, max_size=3)


@settings(max_examples=60, deadline=None, suppress_health_check=LOOSE)
@given(TEXTS, SEEDS, given_values, ABSENT)
def test_a_table_and_a_case_agree(
    db: Database, texts: list[str], seed: int, parameters: dict[str, Given], absent: frozenset[str]
) -> None:
    assert_agreement(db, texts, seed, parameters, absent)


@pytest.mark.exhaustive
@settings(max_examples=5_000, deadline=None, suppress_health_check=LOOSE)
@given(TEXTS, SEEDS, given_values, ABSENT)
def test_a_table_and_a_case_agree_on_thousands(
    db: Database, texts: list[str], seed: int, parameters: dict[str, Given], absent: frozenset[str]
) -> None:
    assert_agreement(db, texts, seed, parameters, absent)


@settings(max_examples=60, deadline=None, suppress_health_check=LOOSE)
@given(conditions(SCOPE))
def test_canonical_text_means_the_same(text: str) -> None:
    term = compiled(text).node
    assert compiled(term.text).node == term


# CEL has neither money nor dates nor ratios: the first two become integers, and ratios are compared elsewhere. Moments
# and spans of time are given to it as text.
CEL_SCOPE = replace(SCOPE, definitions={"is_rich": SCOPE.definitions["is_rich"]}, overrides={})
CEL_TEXTS = conditions(CEL_SCOPE, kinds=tuple(kind for kind in PLAIN if kind is not Kind.RATIO))
CEL_TEXT_OF = {Kind.TIMESTAMP: timestamp_text, Kind.DURATION: duration_text}
LOWERED: Sequence[tuple[str, Callable[[re.Match[str]], str]]] = (
    (r'date\("([0-9-]+)"\)', lambda found: f"({date.fromisoformat(found[1]).toordinal()})"),
    (r'money\("(-?)([0-9]+)\.?([0-9]*)"\)', lambda found: f"({found[1]}{int(found[2] + (found[3] or '00'))})"),
    (r"days\((-?[0-9]+)\)", lambda found: f"({found[1]})"),
    (r"(?<!has\()\b((?:has|may)\.(timestamp|duration)[0-9])", lambda found: f"{found[2]}({found[1]})"),
    (r"(?<!has\()\b((?:has|may)\.(timestamp|duration)s)\b", lambda found: f"{found[1]}.map(t, {found[2]}(t))"),
    (r"\bis_rich\b", lambda _: '(has.money1 >= money_limit && has.text1 != "A")'),
)
"""What only this language has, and how it is written in CEL alone."""


def lowered(text: str) -> str:
    for pattern, written in LOWERED:
        text = re.sub(pattern, written, text)
    return text


def for_cel(value: Any, kind: Kind | None) -> Any:
    if isinstance(value, tuple):
        return [for_cel(item, kind) for item in value]
    if isinstance(value, Fraction):
        return 0  # only `has` asks about it
    if kind in CEL_TEXT_OF:
        return CEL_TEXT_OF[kind](value)
    return value.toordinal() if isinstance(value, date) else value


def by_cel(text: str, case: Case) -> bool | None:
    data: dict[str, Any] = {"has": {}, "may": {}}
    data |= {
        name: for_cel(value, None)
        for name, value in GIVEN.items()
        if not name.startswith(("ratio", "points")) and "[" not in name
    }
    for name, value in case.items():
        if value is not None:
            owner, _, short = name.partition(".")
            data[owner][short] = for_cel(value, FIELDS[name].of or FIELDS[name].kind)
    answer = cel.NewEnv().compile(lowered(text), disable_check=True).eval(data=data).value()
    return answer if isinstance(answer, bool) else None


def assert_cel_agrees(text: str, seed: int) -> None:
    checked = compile_text(text, Place("test"), CEL_SCOPE)
    drawn = rows(read_by([checked]), [checked], GIVEN, seed=seed, count=4)
    # The bindings of CEL's library end a text that they are given at U+0000.
    cases = [case for case in drawn if "\\x00" not in repr(case)]
    assert [by_cel(text, case) for case in cases] == [value_of(checked, case, GIVEN) for case in cases], lowered(text)


@needs_cel
@settings(max_examples=60, deadline=None, suppress_health_check=LOOSE)
@given(conditions(SCOPE))
def test_every_accepted_expression_parses_as_cel_and_its_canonical_text_too(text: str) -> None:
    for written in (text, compiled(text).node.text):
        cel.NewEnv().compile(written, disable_check=True)


@needs_cel
@settings(max_examples=150, deadline=None, suppress_health_check=LOOSE)
@given(CEL_TEXTS, SEEDS)
def test_cel_gives_the_same_answer_and_an_error_where_ours_is_unknown(text: str, seed: int) -> None:
    assert_cel_agrees(text, seed)


@needs_cel
@pytest.mark.exhaustive
@settings(max_examples=20_000, deadline=None, suppress_health_check=LOOSE)
@given(CEL_TEXTS, SEEDS)
def test_cel_gives_the_same_answer_to_thousands(text: str, seed: int) -> None:
    assert_cel_agrees(text, seed)


@needs_cel
def test_cel_is_asked_and_not_only_compiled() -> None:
    text = "has.timestamps.exists(v0, v0 > has.timestamp1) && size(has.text1) == 2"
    case: Case = {"has.timestamps": (5, 7), "has.timestamp1": 6, "has.text1": "é😀"}
    assert by_cel(text, case) is value_of(compiled(text), case, GIVEN) is True
    assert by_cel(text, {**case, "has.timestamp1": 7}) is False
    assert by_cel(text, {**case, "has.timestamp1": None}) is None
