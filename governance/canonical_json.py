"""Which bytes stand for a JSON value? One answer for everybody: RFC 8785 (JCS). The one door to rfc8785.

    {"b": 1, "a": "ü"}  →  {"a":"ü","b":1}

Stricter than the RFC on purpose: no number with a point at all, since two readers may round it differently. Money and
ratios are written as text or as integers of the smallest unit.
"""

import json
from collections.abc import Mapping
from typing import Any

import rfc8785

from rules.problem import BadInput, Place, Problem

LARGEST = 2**53 - 1
"""The largest integer that every JSON reader holds exactly (RFC 8785 section 3.2.2.3, I-JSON)."""

MAX_DEPTH = 100


def canonical(value: object) -> bytes:
    """The RFC 8785 bytes of `value`: mappings with text keys, lists and tuples, text, integers, `bool` and `None`.

    Raises BadInput with one problem for every place that JSON cannot hold exactly, named by its path (`$.data.amount`).
    """
    problems: list[Problem] = []
    _inspect(value, "$", 0, problems)
    if problems:
        raise BadInput(problems)
    return rfc8785.dumps(value)  # type: ignore[arg-type]  # just inspected: only what JSON has


def read_canonical(data: bytes) -> Any:
    """The value that `data` stands for. Raises BadInput unless `data` is exactly what `canonical` writes for it."""
    try:
        value = json.loads(data.decode())
        again = canonical(value)
    except (ValueError, RecursionError):
        raise BadInput([Problem(Place("$"), "not JSON")]) from None
    if again != data:
        raise BadInput([Problem(Place("$"), "not in canonical form", expected="the bytes that RFC 8785 prescribes")])
    return value


def _inspect(value: object, path: str, depth: int, problems: list[Problem]) -> None:
    where = Place(path)
    if depth > MAX_DEPTH:
        problems.append(Problem(where, "nested too deeply", expected=f"at most {MAX_DEPTH} levels"))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if type(key) is str:
                problems.extend(_problem(key, where))
                _inspect(item, f"{path}.{_shown(key)}", depth + 1, problems)
            else:
                problems.append(Problem(where, "a key must be text", found=repr(key)))
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            _inspect(item, f"{path}[{number}]", depth + 1, problems)
    else:
        problems.extend(_problem(value, where))


def _problem(value: object, where: Place) -> list[Problem]:
    """What is wrong with a single value, if anything."""
    # Exact types only: an Enum member is also `str` or `int`, and would be written by its name.
    if value is None or type(value) is bool:
        return []
    if type(value) is str:
        return [] if _is_unicode(value) else [Problem(where, "text holds half a character", found=_shown(value))]
    if type(value) is int:
        if abs(value) <= LARGEST:
            return []
        # The number itself is not shown: Python refuses to write out an endless one.
        return [Problem(where, "integer is too large for JSON", expected=f"at most {LARGEST}", hint="write it as text")]
    if isinstance(value, float):
        hint = "write it as text: `0.25`"
        return [Problem(where, "a number with a point is not exact", found=repr(value), hint=hint)]
    return [Problem(where, "JSON has no such value", found=type(value).__name__, hint="write it as text")]


def _is_unicode(value: str) -> bool:
    try:
        value.encode()  # UTF-8 has no place for half a character
    except UnicodeEncodeError:
        return False
    return True


def _shown(value: str) -> str:
    return value.encode("ascii", "backslashreplace").decode() if not _is_unicode(value) else value
