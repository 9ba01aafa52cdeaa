"""Why does a value not fit its shape? Pydantic's errors as problems in plain words, each at its place in the file."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Protocol, get_args, get_origin

from pydantic import BaseModel

from rules.problem import Place, Problem, as_written, nearest

Path = tuple[str | int, ...]

_WORDED = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "string_type": "text",
    "date_type": "a date",
    "is_instance_of": "a number",
    "list_type": "a list",
    "dict_type": "a set of keys",
    "model_type": "a set of keys",
}
"""Pydantic's types of error to what was expected, where its own words name a class or one of many."""


class Placed(Protocol):
    """Where the values and keys of a document stand, by path."""

    def place(self, path: Path) -> Place: ...

    def key_place(self, path: Path) -> Place: ...


def misfits(value: Any, placed: Placed, errors: Sequence[Mapping[str, Any]], shape: type[BaseModel]) -> list[Problem]:
    """One problem for every value that does not fit the shape, at its place."""
    # One value that fits none of a union's members has an error for each of them.
    by_path: dict[Path, list[Mapping[str, Any]]] = {}
    for each in errors:
        path = _path(value, each["loc"])
        by_path.setdefault((*path, each["loc"][-1]) if each["type"] == "missing" else path, []).append(each)
    return [_problem(_place(placed, path, found[0]), path, found, shape) for path, found in by_path.items()]


def _place(placed: Placed, path: Path, error: Mapping[str, Any]) -> Place:
    """Of an unknown key, and of a key of the wrong type, the key's own."""
    return (
        placed.key_place(path)
        if error["type"] == "extra_forbidden" or error["loc"][-1:] == ("[key]",)
        else placed.place(path)
    )


def _problem(where: Place, path: Path, errors: list[Mapping[str, Any]], shape: type[BaseModel]) -> Problem:
    error = errors[0]
    name = next((str(part) for part in reversed(path) if isinstance(part, str)), "")
    given = error.get("input")
    found = "" if isinstance(given, Mapping | list) else as_written(given)
    what = f"`{name}`: " if name else ""
    match error["type"]:
        case "extra_forbidden":
            hint = nearest(name, _keys(shape, error["loc"][:-1]))
            return Problem(where, f"unknown key `{name}`", hint=hint, span=len(name))
        case "missing":
            return Problem(where, f"key `{name}` is missing")
        case "string_too_short" | "too_short":
            return Problem(where, f"{what}is empty")
        case "string_pattern_mismatch":
            return Problem(where, f"{what}not written as it must be", found, f"`{error['ctx']['pattern']}`")
        case kind if len(errors) > 1 or kind in _WORDED:
            *first, last = dict.fromkeys(
                _WORDED.get(e["type"], str(e["msg"]).removeprefix("Input should be ")) for e in errors
            )
            expected = f"{', '.join(first)} or {last}" if first else last
            return Problem(where, f"{what}input should be {expected}", found)
        case _:
            message = str(error["msg"]).removeprefix("Value error, ")
            return Problem(where, f"{what}{message[:1].lower()}{message[1:]}", found=found)


def _keys(shape: type[BaseModel], location: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys that may stand at an error's location."""
    model, is_name = shape, False
    for part in location:
        field = None if is_name else next((f for n, f in model.model_fields.items() if (f.alias or n) == part), None)
        is_name = False
        if field is not None:
            # What stands below a mapping from names is such a name, whatever word it is.
            is_name = get_origin(field.annotation) is dict
            model = next(_models(field.annotation), model)
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The shapes that a type holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _path(value: Any, location: tuple[str | int, ...]) -> Path:
    """The part of an error's location that stands in the file: Pydantic adds names of union members, and writes keys
    that are dates its own way.
    """
    path: list[str | int] = []
    for part in location:
        if isinstance(value, Mapping):
            key = next((k for k in value if k == part or repr(k) == part), None)
            if key is not None:
                path.append(key.isoformat() if isinstance(key, date) else key)
                value = value[key]
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            path.append(part)
            value = value[part]
    return tuple(path)
