"""The one door to YAML: plain values with the place of every one of them, and shapes checked by Pydantic.

Only what JSON has plus dates is accepted: no tags, no aliases, no duplicate keys, no floats (a number with a point is
read as `Decimal`, exactly as written). Problems name file, line and column.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from rules.problem import BadInput, Place, Problem
from rules.scalar_layout import position

Path = tuple[str | int, ...]
Shape = TypeVar("Shape", bound="YamlShape")

MAX_CHARACTERS = 4_000_000
MAX_DEPTH = 40
MAX_DIGITS = 40
"""Of one number; every unit's own limit is far below."""

_WHOLE = re.compile(r"[+-]?(?:0|[1-9][0-9]*)")
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


class YamlShape(BaseModel):
    """Base of every shape read from YAML: unknown keys are refused and nothing is coerced by guess."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: its value, and the place of every mapping key, list item and scalar by path."""

    file: str
    value: Any
    places: Mapping[Path, Place]
    text: str = ""

    def locator(self, path: Path) -> Callable[[int], Place]:
        """Where each character of the text at `path` stands, by its offset."""
        start = self.place(path)
        value = self.value
        for step in path:
            value = value[step]

        def locate(offset: int) -> Place:
            line, column = position(self.text, start.line or 1, start.column or 1, value, offset)
            return Place(self.file, line, column)

        return locate

    def place(self, path: Path) -> Place:
        """Where the value at `path` stands, or its nearest parent."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(self.file, 1, 1))


def read_yaml(text: str, file: str) -> Document:
    """The document in `text`. Raises BadInput with the place of the first syntax error, or of all that is refused."""
    if len(text) > MAX_CHARACTERS:
        found, most = f"{len(text)} characters", f"at most {MAX_CHARACTERS}"
        raise BadInput([Problem(Place(file), "file is too large", found=found, expected=most)])
    try:
        refused = [problem for event in yaml.parse(text, Loader=yaml.SafeLoader) for problem in _refused(file, event)]
        if refused:
            raise BadInput(refused)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        words = ", ".join(part for part in (error.context, error.problem) if part)
        raise BadInput([Problem(_place(file, mark), f"not valid YAML: {words}")]) from None
    except yaml.reader.ReaderError as error:
        line, column = _line_and_column(text, error.position)
        found = f"U+{ord(text[error.position]):04X}"
        raise BadInput([Problem(Place(file, line, column), "a character is not accepted", found=found)]) from None
    except RecursionError:
        raise BadInput([Problem(Place(file), "nested too deeply", expected=f"at most {MAX_DEPTH} levels")]) from None
    places: dict[Path, Place] = {}
    problems: list[Problem] = []
    value = _value(node, (), file, places, problems) if node is not None else None
    if problems:
        raise BadInput(problems)
    return Document(file, value, places, text)


def shaped(document: Document, shape: type[Shape]) -> Shape:
    """The document as `shape`. Raises BadInput with one problem for every value that does not fit."""
    try:
        return shape.model_validate(document.value)
    except ValidationError as error:
        # One value that fits none of a union's members has an error for each of them.
        by_path: dict[Path, list[Mapping[str, Any]]] = {}
        for each in error.errors(include_url=False):
            path = _path(document.value, each["loc"])
            missing = each["type"] in ("missing", "extra_forbidden")
            by_path.setdefault((*path, each["loc"][-1]) if missing else path, []).append(dict(each))
        raise BadInput(_problem(document, path, errors) for path, errors in by_path.items()) from None


def _problem(document: Document, path: Path, errors: list[Mapping[str, Any]]) -> Problem:
    where = document.place(path)
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


def _refused(file: str, event: yaml.Event) -> Iterator[Problem]:
    """What YAML has and this door does not let in."""
    if isinstance(event, yaml.AliasEvent):
        yield Problem(_place(file, event.start_mark), "aliases are not accepted", hint="write the value again")
    elif getattr(event, "tag", None) is not None:
        yield Problem(_place(file, event.start_mark), "tags are not accepted", hint="write the plain value")


def _line_and_column(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n") + 1, position - before.rfind("\n")


def _value(node: yaml.Node, path: Path, file: str, places: dict[Path, Place], problems: list[Problem]) -> Any:
    places.setdefault(path, _place(file, node.start_mark))
    if len(path) > MAX_DEPTH:
        problems.append(
            Problem(_place(file, node.start_mark), "nested too deeply", expected=f"at most {MAX_DEPTH} levels")
        )
        return None
    if isinstance(node, yaml.MappingNode):
        result: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = _scalar(key_node, file, problems) if isinstance(key_node, yaml.ScalarNode) else None
            if isinstance(key, bool | Decimal) or key is None:
                key = getattr(key_node, "value", None)
                if not isinstance(key, str):
                    problems.append(Problem(_place(file, key_node.start_mark), "a key must be a word or a date"))
                    continue
            if isinstance(key, int):
                key = str(key)
            if key in result:
                problems.append(Problem(_place(file, key_node.start_mark), f"key `{key}` stands twice"))
                continue
            step: Path = (*path, key if isinstance(key, str) else key.isoformat())
            places[step] = _place(file, value_node.start_mark)
            result[key] = _value(value_node, step, file, places, problems)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, i), file, places, problems) for i, item in enumerate(node.value)]
    assert isinstance(node, yaml.ScalarNode), "YAML has three kinds of node"  # noqa: S101
    return _scalar(node, file, problems)


def _scalar(node: yaml.ScalarNode, file: str, problems: list[Problem]) -> Any:
    text = node.value
    match node.tag.rpartition(":")[2]:
        case "int" | "float" if len(text) > MAX_DIGITS:
            most = f"at most {MAX_DIGITS} digits"
            problems.append(Problem(_place(file, node.start_mark), "a number is too long", expected=most))
            return None
        case "str":
            return text
        case "null":
            return None
        case "bool":
            # YAML 1.1 also reads yes, no, on and off as truth values: a country code `NO` must stay a word.
            if text.lower() in ("true", "false"):
                return text.lower() == "true"
            return text
        case "int":
            # 017, 0x1f, 1_000 and 1:30 are numbers in YAML 1.1 alone: they stay words, and no unit reads them.
            return int(text) if _WHOLE.fullmatch(text) else text
        case "float" if text.lstrip("+-").replace(".", "", 1).isdigit():
            return Decimal(text)
        case "timestamp":
            try:
                return date.fromisoformat(text)
            except ValueError:
                problems.append(Problem(_place(file, node.start_mark), "not a date", found=text, expected="YYYY-MM-DD"))
                return None
        case _:
            problems.append(
                Problem(
                    _place(file, node.start_mark), "value is not accepted", found=text[:60], hint="put it in quotes"
                )
            )
            return None


def _place(file: str, mark: Any) -> Place:
    return Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
