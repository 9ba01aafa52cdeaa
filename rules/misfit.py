"""Why does a value not fit its shape? Pydantic's errors as problems in plain words, each at its place in the file."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from rules.problem import Place, Problem

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


def misfits(value: Any, place: Callable[[Path], Place], errors: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """One problem for every value that does not fit; `place` says where a path of the document stands."""
    # One value that fits none of a union's members has an error for each of them.
    by_path: dict[Path, list[Mapping[str, Any]]] = {}
    for each in errors:
        path = _path(value, each["loc"])
        whole = each["type"] in ("missing", "extra_forbidden")
        by_path.setdefault((*path, each["loc"][-1]) if whole else path, []).append(each)
    return [_problem(place(path), path, found) for path, found in by_path.items()]


def _problem(where: Place, path: Path, errors: list[Mapping[str, Any]]) -> Problem:
    error = errors[0]
    name = next((str(part) for part in reversed(path) if isinstance(part, str)), "")
    given = error.get("input")
    found = "" if isinstance(given, Mapping | list) else str(given)
    what = f"`{name}`: " if name else ""
    match error["type"]:
        case "extra_forbidden":
            return Problem(where, f"unknown key `{name}`")
        case "missing":
            return Problem(where, f"key `{name}` is missing")
        case "string_too_short" | "too_short":
            return Problem(where, f"{what}is empty")
        case "string_pattern_mismatch":
            return Problem(where, f"{what}not written as it must be", found, f"`{error['ctx']['pattern']}`")
        case kind if len(errors) > 1 or kind in ("model_type", "dict_type", "list_type"):
            *first, last = dict.fromkeys(_WORDED.get(e["type"], str(e["msg"])) for e in errors)
            expected = f"{', '.join(first)} or {last}" if first else last
            return Problem(where, f"{what}input should be {expected}", found)
        case _:
            message = str(error["msg"]).removeprefix("Value error, ")
            return Problem(where, f"{what}{message[:1].lower()}{message[1:]}", found=found)


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
