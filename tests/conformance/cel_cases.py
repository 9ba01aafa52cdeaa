"""The cases of CEL's conformance suite as values of this project: an expression, its facts, and what CEL answers.

The files are text-format messages; kinds that this language does not have come out as `Foreign`, with their CEL name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from rules.kinds import Kind, Value
from rules.vocabulary import Field

CORE = (
    "basic", "comparisons", "conversions", "fields", "fp_math", "integer_math", "lists", "logic", "macros", "optionals",
    "parse", "plumbing", "string", "timestamps", "type_deduction",
)  # fmt: skip
"""The files that are about the language itself, and not about messages or extensions."""
_PRIMITIVE = {"BOOL": Kind.BOOL, "INT64": Kind.COUNT, "STRING": Kind.TEXT}
_WELL_KNOWN = {"TIMESTAMP": Kind.TIMESTAMP, "DURATION": Kind.DURATION}
_TIMES = {"google.protobuf.Timestamp": Kind.TIMESTAMP, "google.protobuf.Duration": Kind.DURATION}


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
    """The type that CEL's checker finds, where the case says so."""
    evaluated: bool
    foreign: bool
    """A variable is of a kind that this language does not have."""


def cel_cases(folder: Path) -> Iterator[CelCase]:
    """Every case of the core files below `folder`."""
    text_format = import_module("google.protobuf.text_format")
    for module in ("proto2.test_all_types_pb2", "proto3.test_all_types_pb2"):
        import_module(f"cel.expr.conformance.{module}")  # messages that some cases name
    suite: Any = import_module("cel.expr.conformance.test.simple_pb2")
    for name in CORE:
        read = text_format.Parse((folder / f"{name}.textproto").read_text("utf-8"), suite.SimpleTestFile())
        for section in read.section:
            for test in section.test:
                yield _case(f"{name} {section.name} {test.name}", test)


def _case(name: str, test: Any) -> CelCase:
    types: dict[str, Type] = {d.name: _type(d.ident.type) for d in test.type_env if d.HasField("ident")}
    facts = {key: _answer(bound.value) for key, bound in test.bindings.items()}
    for key, value in facts.items():
        types.setdefault(key, _type_of(value))
    fields = {key: Field(key, of[0], "variable", of=of[1]) for key, of in types.items() if not isinstance(of, Foreign)}
    matcher = test.WhichOneof("result_matcher")
    answer: Answer | None = None
    if matcher == "value":
        answer = _answer(test.value)
    elif matcher == "typed_result" and test.typed_result.HasField("result"):
        answer = _answer(test.typed_result.result)
    elif matcher is None:
        answer = True  # the suite's own default
    return CelCase(
        name,
        test.expr,
        fields,
        {key: value for key, value in facts.items() if key in fields},
        answer,
        _type(test.typed_result.deduced_type) if matcher == "typed_result" else None,
        not test.check_only,
        len(fields) < len(types),
    )


def _type(written: Any) -> Type:
    match written.WhichOneof("type_kind"):
        case "primitive":
            name = written.PrimitiveType.Name(written.primitive)
            return (_PRIMITIVE[name], None) if name in _PRIMITIVE else Foreign(name.lower())
        case "well_known":
            name = written.WellKnownType.Name(written.well_known)
            return (_WELL_KNOWN[name], None) if name in _WELL_KNOWN else Foreign(name.lower())
        case "message_type" if written.message_type in _TIMES:
            return _TIMES[written.message_type], None
        case "list_type":
            of = _type(written.list_type.elem_type)
            if isinstance(of, Foreign):
                # Items of no known type: those of an empty list.
                return (Kind.LIST, None) if of.name in ("type_param", "dyn") else Foreign("list of other kinds")
            return (Kind.LIST, of[0]) if of[0] is not Kind.LIST else Foreign("list of lists")
        case other:
            return Foreign(str(other))


def _answer(value: Any) -> Answer:
    match value.WhichOneof("kind"):
        case "bool_value":
            return bool(value.bool_value)
        case "int64_value":
            return int(value.int64_value)
        case "string_value":
            return str(value.string_value)
        case "list_value":
            items = tuple(_answer(item) for item in value.list_value.values)
            return Foreign("list") if any(isinstance(item, Foreign) for item in items) else items
        case "object_value":
            return _time(value.object_value)
        case other:
            return Foreign(str(other))


def _time(packed: Any) -> Answer:
    """Microseconds, where the object is a moment or a duration and no finer."""
    name = packed.TypeName()
    if name not in _TIMES:
        return Foreign(name)
    module, message = ("timestamp_pb2", "Timestamp") if _TIMES[name] is Kind.TIMESTAMP else ("duration_pb2", "Duration")
    time = getattr(import_module(f"google.protobuf.{module}"), message)()
    packed.Unpack(time)
    return time.seconds * 10**6 + time.nanos // 1000 if time.nanos % 1000 == 0 else Foreign(f"{name} of nanoseconds")


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
