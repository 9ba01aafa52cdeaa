"""Every accepted expression is CEL, and CEL answers as we do; where a fact is missing, CEL's error is our unknown."""

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from engine.condition_case import value_of
from rules.kinds import Kind
from tests.engine.condition_examples import FIELDS, POOL, cases, compiled, conditions, facts_of

cel: Any = pytest.importorskip("cel_expr_python.cel")

many = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
PARAMETERS = {f"{kind.value}_limit": POOL[kind][1] for kind in POOL} | {
    "text_list": ("A", ""),
    "money_list": (1, 100),
}


def lowered(text: str) -> str:
    """CEL has neither money nor dates: both become integers, days since 0001-01-01."""
    text = re.sub(r'date\("([0-9-]+)"\)', lambda m: str(date.fromisoformat(m[1]).toordinal()), text)
    text = re.sub(r'money\("(-?)([0-9]+)\.([0-9]+)"\)', lambda m: f"{m[1]}{int(m[2] + m[3])}", text)
    return re.sub(r"days\((-?[0-9]+)\)", r"\1", text)


def plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [plain(v) for v in value]
    return value.toordinal() if isinstance(value, date) else value


def answer(text: str, data: dict[str, Any]) -> bool | None:
    found = cel.NewEnv().compile(text, disable_check=True).eval(data=data)
    return found.value() if isinstance(found.value(), bool) else None


@many
@given(text=conditions())
def test_every_accepted_expression_parses_as_cel(text: str) -> None:
    checked = compiled(text)
    cel.NewEnv().compile(text, disable_check=True)
    cel.NewEnv().compile(checked.node.text, disable_check=True)


@many
@given(text=conditions(kinds=tuple(POOL)), row=cases())
def test_cel_gives_the_same_answer(text: str, row: dict[str, Any]) -> None:
    checked = compiled(text)
    facts = facts_of(row)
    data: dict[str, Any] = {"has": {}, "may": {}} | {name: plain(value) for name, value in PARAMETERS.items()}
    for name, field in FIELDS.items():
        if field.kind is not Kind.RATIO and facts[name] is not None:
            owner, _, short = name.partition(".")
            data[owner][short] = plain(facts[name])
    assert answer(lowered(text), data) == value_of(checked, facts, PARAMETERS)


def test_cel_is_asked_and_not_only_compiled() -> None:
    assert answer("has.count1 > 2", {"has": {"count1": 3}}) is True
    assert answer("has.count1 > 2", {"has": {"count1": 2}}) is False
    assert answer("has.count1 > 2", {"has": {}}) is None
