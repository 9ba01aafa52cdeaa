"""The cases of CEL's conformance suite as values of this project: an expression, its facts, and what CEL answers.

The file is JSON, messages written as JSON has them; kinds that this language does not have come out as `Foreign`, with
their CEL name.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rules.expression.conversions import TooFine, duration_of, timestamp_of
from rules.kinds import Kind, Value
from rules.vocabulary import Field

CORE = (
    "basic", "comparisons", "conversions", "fields", "fp_math", "integer_math", "lists", "logic", "macros", "optionals",
    "parse", "plumbing", "string", "timestamps", "type_deductions",
)  # fmt: skip
"""The files that are about the language itself, and not about messages or extensions."""
_KINDS = {
    "bool": Kind.BOOL,
    "int": Kind.COUNT,
    "string": Kind.TEXT,
    "bytes": Kind.BYTES,
    "timestamp": Kind.TIMESTAMP,
    "duration": Kind.DURATION,
}
"""Types that both languages have, as CEL's checker writes them."""
_DECLARED = {"INT64": "int", "STRING": "string", "BOOL": "bool", "BYTES": "bytes"}
_WELL_KNOWN = {"TIMESTAMP": "timestamp", "DURATION": "duration"}
_TIMES = {"google.protobuf.Timestamp": timestamp_of, "google.protobuf.Duration": duration_of}


@dataclass(frozen=True, slots=True)
class Foreign:
    """A value or type of CEL that this language does not have."""

    name: str


Answer = Value | tuple[Any, ...] | Foreign
Type = tuple[Kind, Kind | None] | Foreign
"""A kind and, for a list, that of its items; `None` for those of an empty list."""


@dataclass(frozen=True, slots=True)
class CelCase:
    """One case. `answer` is None where CEL has an error, and for a case that only the checker answers."""

    name: str
    """File, section and name."""
    text: str
    fields: Mapping[str, Field]
    facts: Mapping[str, Any]
    answer: Answer | None
    type: Type | None
    """The type that CEL's checker finds, where it looks at the case."""
    evaluated: bool
    foreign: bool
    """A variable is of a kind that facts do not have."""


def cel_cases(path: Path) -> Iterator[CelCase]:
    """Every case of the core files of the suite at `path`."""
    files = {file["name"]: file for file in json.loads(path.read_text("utf-8"))["suites"]}
    for name in CORE:
        for section in files[name]["suites"]:
            for test in section["tests"]:
                original = test["original"]
                yield _case(f"{name} {section['name']} {original['name']}", original, test.get("type"))


def _case(name: str, test: Mapping[str, Any], found: str | None) -> CelCase:
    types: dict[str, Type] = {d["name"]: _type(d["ident"]["type"]) for d in test.get("typeEnv", ()) if "ident" in d}
    facts = {key: _answer(bound["value"]) for key, bound in test.get("bindings", {}).items()}
    for key, value in facts.items():
        types.setdefault(key, _type_of(value))
    fields = {
        key: Field(key, of[0], "variable", of=of[1])
        for key, of in types.items()
        if not isinstance(of, Foreign) and Kind.BYTES not in of
    }
    typed = test.get("typedResult", {})
    answer: Answer | None = None
    if "value" in test:
        answer = _answer(test["value"])
    elif "result" in typed:
        answer = _answer(typed["result"])
    elif not typed and "evalError" not in test:
        answer = True  # the suite's own default
    return CelCase(
        name,
        test["expr"],
        fields,
        {key: value for key, value in facts.items() if key in fields},
        answer,
        _type(typed["deducedType"]) if "deducedType" in typed else None if found is None else named(found),
        not test.get("checkOnly", False),
        len(fields) < len(types),
    )


def _type(written: Mapping[str, Any]) -> Type:
    """A type as the suite declares it."""
    match written:
        case {"primitive": name}:
            return named(_DECLARED.get(name, name))
        case {"wellKnown": name}:
            return named(_WELL_KNOWN.get(name, name))
        case {"messageType": name} if name in _TIMES:
            return named(name.rpartition(".")[2].lower())
        case {"listType": {"elemType": of}}:
            return _list_of("dyn" in of or "typeParam" in of, _type(of))
        case _:
            return Foreign(str(written))


def named(name: str) -> Type:
    """The type that CEL's checker writes so: `int`, `list(string)`."""
    if name.startswith("list("):
        of = name.removeprefix("list(").removesuffix(")")
        return _list_of(of == "dyn", named(of))
    return (_KINDS[name], None) if name in _KINDS else Foreign(name)


def _list_of(unknown: bool, of: Type) -> Type:
    """Items of no known type are those of an empty list."""
    if unknown:
        return Kind.LIST, None
    return Foreign("list of others") if isinstance(of, Foreign) or of[0] is Kind.LIST else (Kind.LIST, of[0])


def _answer(value: Mapping[str, Any]) -> Answer:
    match value:
        case {"boolValue": bool(plain)} | {"stringValue": str(plain)}:
            return plain
        case {"int64Value": digits}:
            return int(digits)
        case {"bytesValue": packed}:
            return base64.b64decode(packed).decode("latin-1")
        case {"listValue": listed}:
            items = tuple(_answer(item) for item in listed.get("values", ()))
            return Foreign("list") if any(isinstance(item, Foreign) for item in items) else items
        case {"objectValue": {"@type": url, "value": str(text)}} if url.rpartition("/")[2] in _TIMES:
            return _time(url.rpartition("/")[2], text)
        case _:
            return Foreign(str(value))


def _time(name: str, text: str) -> Answer:
    """Microseconds, where the time is no finer."""
    try:
        return _TIMES[name](text)
    except TooFine:
        return Foreign(f"{name} of nanoseconds")


def _type_of(value: Answer) -> Type:
    match value:
        case Foreign():
            return value
        case bool():
            return Kind.BOOL, None
        case int():
            return Kind.COUNT, None
        case str():
            return Kind.TEXT, None
        case tuple() if value:
            of = _type_of(value[0])
            return of if isinstance(of, Foreign) else (Kind.LIST, of[0])
        case _:
            return Foreign("empty list")
