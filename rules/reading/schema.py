"""What may stand in a policy file? A JSON Schema with a description of every key, so that editors complete and check.

    # yaml-language-server: $schema=policy.schema.json

The schema sees keys and types. What conditions mean, and what refers to what, only `merestone policy check` knows.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rules.reading.meanings import meanings, shapes_in
from rules.reading.shapes import PolicyShape
from rules.vocabulary import FIELDS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_FACT = r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$"


def policy_schema() -> dict[str, Any]:
    """The schema of one policy file (JSON Schema 2020-12)."""
    schema = PolicyShape.model_json_schema(by_alias=True)
    parts = {**schema["$defs"], PolicyShape.__name__: schema}
    for shape in dict.fromkeys(shapes_in(PolicyShape)):
        for name, words in meanings(shape).items():
            key = shape.model_fields[name].alias or name
            parts[shape.__name__]["properties"][key]["description"] = words
    for part in _parts(schema):
        _days_as_keys(part)
        _facts_as_keys(part)
    return {"$schema": DIALECT, **schema, "title": "A policy of Merestone"}


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Every object of a schema, outermost first."""
    if isinstance(schema, dict):
        yield schema
    for inner in schema.values() if isinstance(schema, Mapping) else schema if isinstance(schema, list) else ():
        yield from _parts(inner)


def _days_as_keys(part: dict[str, Any]) -> None:
    """Values by day: Pydantic says nothing of the keys."""
    values = part.get("properties", {}).get("values")
    if values is not None and "additionalProperties" in values:
        values["propertyNames"] = {"pattern": _DAY}


def _facts_as_keys(part: dict[str, Any]) -> None:
    """What an example gives: every fact with its meaning, and facts that metrics of the policies declare."""
    given = part.get("properties", {}).get("given")
    if given is not None:
        cell = given.pop("additionalProperties")
        facts = sorted({(f.name, f.meaning) for fields in FIELDS.values() for f in fields})
        given["properties"] = {name: {"description": meaning, **cell} for name, meaning in facts}
        given["patternProperties"] = {_FACT: cell}
        given["additionalProperties"] = False
