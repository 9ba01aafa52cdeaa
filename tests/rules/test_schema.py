"""The schema knows every key and says what it means; it accepts what is shipped and refuses what is misspelt."""

import copy
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rules.reading.schema import policy_schema
from rules.reading.yaml_source import read_yaml

ROOT = Path(__file__).parents[2]
POLICIES = sorted(
    path
    for folder in ("policies", "examples")
    for path in (ROOT / folder).rglob("*.yaml")
    if path.read_text("utf-8").startswith("policy:") or "\npolicy:" in path.read_text("utf-8")
)


@cache
def validator() -> Draft202012Validator:
    schema = policy_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def as_json(value: Any) -> Any:
    """As an editor sees it: dates are text, and numbers are numbers."""
    if isinstance(value, dict):
        return {str(key): as_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_json(inner) for inner in value]
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def written(path: Path) -> Any:
    return as_json(read_yaml(path.read_text("utf-8"), path.name).value)


def properties(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for where, part in (("policy", schema), *schema["$defs"].items()):
        for name, described in part.get("properties", {}).items():
            yield where, name, described


def test_every_key_has_a_description() -> None:
    found = list(properties(policy_schema()))
    assert len(found) > 100
    assert [(where, name) for where, name, described in found if not described.get("description", "").strip()] == []


def test_every_fact_that_an_example_may_give_says_what_it_means() -> None:
    given = policy_schema()["$defs"]["ExampleShape"]["properties"]["given"]["properties"]
    assert given["account.last_moved_on"]["description"]
    assert all(described["description"] for described in given.values())


def test_there_are_policies_to_try() -> None:
    assert len(POLICIES) >= 5


@pytest.mark.parametrize("path", POLICIES, ids=lambda p: str(p.relative_to(ROOT)))
def test_shipped_policies_fit_the_schema(path: Path) -> None:
    errors = [f"{list(e.absolute_path)}: {e.message}" for e in validator().iter_errors(written(path))]
    assert errors == []


def keys_of(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every key that is not a name which the file itself gives."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if way[-1:] not in (("parameters",), ("values",), ("given",), ("deadlines",), ("schedules",), ("shares",)):
                yield (*way, key)
            yield from keys_of(inner, (*way, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from keys_of(inner, (*way, i))


def test_a_misspelt_key_does_not_fit_wherever_it_stands() -> None:
    whole = written(ROOT / "policies" / "account-moves.yaml")
    whole["rules"] = whole["rules"][:2]
    whole["parameters"] = dict(list(whole["parameters"].items())[:2])
    ways = list(keys_of(whole))
    assert len(ways) > 30
    for *way, key in ways:
        broken = copy.deepcopy(whole)
        around = broken
        for step in way:
            around = around[step]
        if way[-2:-1] == ["expect"]:
            continue
        around[f"{key}x"] = around.pop(key)
        assert not validator().is_valid(broken), (way, key)


@pytest.mark.parametrize(
    ("key", "value"),
    [("kind", "triger"), ("effect", "denied"), ("subject", "moves"), ("effective", {"from": 2026}), ("tags", "one")],
)
def test_a_value_that_is_none_of_the_choices_does_not_fit(key: str, value: object) -> None:
    whole = written(ROOT / "policies" / "account-moves.yaml")
    whole["rules"][0][key] = value
    assert not validator().is_valid(whole)


def test_values_stand_by_day() -> None:
    whole = written(ROOT / "policies" / "account-moves.yaml")
    whole["parameters"]["cooldown"]["values"] = {"from the start": {"value": 3, "source": "s"}}
    assert not validator().is_valid(whole)
