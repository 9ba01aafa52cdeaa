"""The one door to YAML: plain values with the place of every one of them, and shapes checked by Pydantic.

Only what JSON has plus dates is accepted: no tags, no aliases, no duplicate keys, no floats (a number with a point is
read as `Decimal`, exactly as written). Problems name file, line and column.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from rules.problem import BadInput, Place, Problem

Path = tuple[str | int, ...]
Shape = TypeVar("Shape", bound="YamlShape")

MAX_BYTES = 4_000_000
MAX_DEPTH = 40


class YamlShape(BaseModel):
    """Base of every shape read from YAML: unknown keys are refused and nothing is coerced by guess."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: its value, and the place of every mapping key, list item and scalar by path."""

    file: str
    value: Any
    places: Mapping[Path, Place]

    def place(self, path: Path) -> Place:
        """Where the value at `path` stands, or its nearest parent."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(self.file, 1, 1))


def read_yaml(text: str, file: str) -> Document:
    """The document in `text`. Raises BadInput with the place of the first syntax error or of every refused construct.
    """
    if len(text) > MAX_BYTES:
        raise BadInput(
            [
                Problem(
                    Place(file), "file is too large", found=f"{len(text)} characters", expected=f"at most {MAX_BYTES}"
                )
            ]
        )
    try:
        events = list(yaml.parse(text, Loader=yaml.SafeLoader))
        aliases = [e for e in events if isinstance(e, yaml.AliasEvent)]
        if aliases:
            raise BadInput(
                Problem(_place(file, e.start_mark), "aliases are not accepted", hint="write the value again")
                for e in aliases
            )
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise BadInput([Problem(_place(file, mark), f"not valid YAML: {error.problem or error.context}")]) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise BadInput([Problem(Place(file), f"not valid YAML: {type(error).__name__}")]) from None
    places: dict[Path, Place] = {}
    problems: list[Problem] = []
    value = _value(node, (), file, places, problems) if node is not None else None
    if problems:
        raise BadInput(problems)
    return Document(file, value, places)


def shaped(document: Document, shape: type[Shape]) -> Shape:
    """The document as `shape`. Raises BadInput with one problem for every value that does not fit."""
    try:
        return shape.model_validate(document.value)
    except ValidationError as error:
        raise BadInput(_problem(document, dict(e)) for e in error.errors(include_url=False)) from None


def _problem(document: Document, error: dict[str, Any]) -> Problem:
    path = tuple(error["loc"])
    where = document.place(path)
    name = next(
        (str(p) for p in reversed(path) if isinstance(p, str) and p in _words(document.value, path)),
        str(path[-1]) if path else "",
    )
    match error["type"]:
        case "extra_forbidden":
            return Problem(where, f"unknown key `{path[-1]}`")
        case "missing":
            return Problem(where, f"key `{path[-1]}` is missing")
        case _:
            found = error.get("input")
            shown = "" if isinstance(found, Mapping | list) else str(found)
            message = str(error["msg"]).removeprefix("Value error, ")
            return Problem(where, f"`{name}`: {message[:1].lower()}{message[1:]}", found=shown)


def _words(value: Any, path: Path) -> frozenset[str]:
    """Keys on the way along `path` that really stand in the file (Pydantic adds names of union members)."""
    keys: set[str] = set()
    for part in path:
        if isinstance(value, Mapping) and part in value:
            keys.add(str(part))
            value = value[part]
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
    return frozenset(keys)


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
        case "str":
            return text
        case "null":
            return None
        case "bool":
            # YAML 1.1 also reads yes, no, on and off as truth values: a country code `NO` must stay a word.
            if text.lower() in ("true", "false"):
                return text.lower() == "true"
            return text
        case "int" if text.lstrip("+-").isdigit() and (
            len(text.lstrip("+-")) == 1 or not text.lstrip("+-").startswith("0")
        ):
            return int(text)
        case "int":
            return text
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
