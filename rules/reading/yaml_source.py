"""The one door to YAML: plain values with the place of every one of them, and shapes checked by Pydantic.

Only what JSON has plus dates is accepted: no tags, no aliases, no duplicate keys, no floats (a number with a point is
read as `Decimal`, exactly as written). Problems name file, line and column.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from rules.problem import BadInput, Place, Problem
from rules.reading.misfit import misfits
from rules.reading.readable import unreadable
from rules.reading.scalar_layout import position, within

Path = tuple[str | int, ...]
Shape = TypeVar("Shape", bound="YamlShape")

MAX_CHARACTERS = 4_000_000
MAX_DEPTH = 40
MAX_DIGITS = 40
"""Of one number; every unit's own limit is far below."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one written in C where the library was built with it: ten times as fast."""
_RESOLVER = yaml.resolver.Resolver()
_WORDS = dict.fromkeys(("", "~", "null", "Null", "NULL")) | {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
"""Plain words that are no text."""
_WHOLE = re.compile(r"[+-]?(?:0|[1-9][0-9]*)")


class YamlShape(BaseModel):
    """Base of every shape read from YAML: unknown keys are refused and nothing is coerced by guess."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: its value, and where every mapping's value, list item and scalar stands, by path."""

    file: str
    value: Any
    marks: Mapping[Path, tuple[int, int]]
    """Line and column of each, from 1."""
    text: str = ""
    keys: Mapping[Path, tuple[int, int]] = field(default_factory=dict)
    """Line and column of the key that stands before a value."""

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
        while path and path not in self.marks:
            path = path[:-1]
        return Place(self.file, *self.marks.get(path, (1, 1)))

    def key_place(self, path: Path) -> Place:
        """Where the key of the value at `path` stands; where the value does if it has none."""
        return Place(self.file, *self.keys[path]) if path in self.keys else self.place(path)


def read_yaml(text: str, file: str) -> Document:
    """The document in `text`. Raises BadInput with the place of the first syntax error, or of all that is refused."""
    if len(text) > MAX_CHARACTERS:
        found, most = f"{len(text)} characters", f"at most {MAX_CHARACTERS}"
        raise BadInput([Problem(Place(file), "file is too large", found=found, expected=most)])
    if problems := unreadable(text, file):
        raise BadInput(problems)
    builder = _Builder(file)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        words = ", ".join(part for part in (error.context, error.problem) if part)
        at = _place(file, mark)
        where = Place(file, *within(text, at.line or 1, at.column or 1))
        raise BadInput([Problem(where, f"not valid YAML: {words}")]) from None
    except yaml.reader.ReaderError as error:
        raise BadInput([Problem(Place(file), f"not valid YAML: {error.reason}")]) from None
    if builder.problems:
        raise BadInput(builder.problems)
    return Document(file, builder.value, builder.marks, text, builder.keys)


def comments_of(text: str) -> list[str]:
    """Every comment of a document that `read_yaml` accepts, in order, without the blanks around it."""
    found: list[str] = []
    end = 0
    for token in yaml.scan(text, Loader=_LOADER):
        between = text[end : token.start_mark.index]
        found += [line[line.index("#") :].strip() for line in between.splitlines() if "#" in line]
        end = max(end, token.end_mark.index)
    return found


def shaped(document: Document, shape: type[Shape]) -> Shape:
    """The document as `shape`. Raises BadInput with one problem for every value that does not fit."""
    try:
        return shape.model_validate(document.value)
    except ValidationError as error:
        found = [dict(each) for each in error.errors(include_url=False)]
        raise BadInput(misfits(document.value, document, found, shape)) from None


@dataclass(slots=True)
class _Open:
    """A mapping or sequence whose end has not come yet."""

    path: Path
    value: dict[Any, Any] | list[Any]
    step: Path | None = None
    """Of a mapping: the path of the value that its last key is waiting for; the empty path for one that is dropped."""


@dataclass(slots=True)
class _Builder:
    """Values, places and problems, from the events of a document in one pass."""

    file: str
    value: Any = None
    marks: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)
    _skipped: int = 0
    """Levels below something refused, which are passed over."""
    _documents: int = 0

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.ScalarEvent():
                self.tagged(event)
                self.put(event, event)
            case yaml.AliasEvent():
                self.refuse(event, "aliases are not accepted", hint="write the value again")
                self.put(event, None)
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self.refuse(event, "a second document", expected="one document a file")
            case yaml.MappingStartEvent():
                self.tagged(event)
                self.begin(event, {})
            case yaml.SequenceStartEvent():
                self.tagged(event)
                self.begin(event, [])
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.end()
            case _:
                pass

    def refuse(self, event: yaml.Event, message: str, *, found: str = "", expected: str = "", hint: str = "") -> None:
        self.problems.append(Problem(_place(self.file, event.start_mark), message, found, expected, hint))

    def tagged(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag is not None:
            self.refuse(event, "tags are not accepted", hint="write the plain value")

    def begin(self, event: yaml.Event, empty: dict[Any, Any] | list[Any]) -> None:
        if not self._skipped and self._waits_for_key():
            self.refuse(event, "a key must be a word or a date")
            self._skipped += 1
            return
        if self._skipped or self._drops():
            self._skipped += 1
            return
        if len(self._open) > MAX_DEPTH:
            self.refuse(event, "nested too deeply", expected=f"at most {MAX_DEPTH} levels")
            self._skipped += 1
            return
        self._open.append(_Open(self.placed(event, empty), empty))

    def end(self) -> None:
        if not self._skipped:
            self._open.pop()
            return
        self._skipped -= 1
        if not self._skipped:
            self._passed_over()

    def _waits_for_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].step is None

    def _drops(self) -> bool:
        """Whether the value that comes belongs to a key that was refused."""
        return bool(self._open) and self._open[-1].step == ()

    def _passed_over(self) -> None:
        """What was refused stood for a key, whose value is dropped too, or for the value of one."""
        if self._open and isinstance(self._open[-1].value, dict):
            self._open[-1].step = () if self._open[-1].step is None else None

    def put(self, event: yaml.Event, scalar: yaml.ScalarEvent | None) -> None:
        if self._skipped or self._documents > 1:
            return
        around = self._open[-1] if self._open else None
        if around is not None and isinstance(around.value, dict):
            if around.step is None:
                around.step = self.key(event, scalar, around.path, around.value)
                return
            if around.step == ():
                around.step = None
                return
        self.placed(event, None if scalar is None else _scalar(scalar, self.file, self.problems))

    def key(self, event: yaml.Event, scalar: yaml.ScalarEvent | None, around: Path, waiting: dict[Any, Any]) -> Path:
        """The path of the value that follows; empty where there is no such key."""
        key = _scalar(scalar, self.file, self.problems) if scalar is not None else None
        if scalar is not None and not isinstance(key, str | date):
            key = str(key) if type(key) is int else scalar.value
        if key is None:
            self.refuse(event, "a key must be a word or a date")
            return ()
        if key in waiting:
            self.refuse(event, f"key `{key}` stands twice")
            return ()
        waiting[key] = None
        path = (*around, key if isinstance(key, str) else key.isoformat())
        mark: Any = event.start_mark
        self.keys[path] = (mark.line + 1, mark.column + 1)
        return path

    def placed(self, event: yaml.Event, value: Any) -> Path:
        """Put a value where it belongs; its path."""
        around = self._open[-1] if self._open else None
        path: Path = ()
        if around is None:
            if self._documents <= 1:
                self.value = value
        elif isinstance(around.value, list):
            path = (*around.path, len(around.value))
            around.value.append(value)
        else:
            path = around.step or ()
            around.step = None
            around.value[next(reversed(around.value))] = value
        mark: Any = event.start_mark
        self.marks[path] = (mark.line + 1, mark.column + 1)
        return path


def _scalar(node: yaml.ScalarEvent, file: str, problems: list[Problem]) -> Any:
    text: str = node.value
    if not node.implicit[0]:  # in quotes, or a block
        return text
    if text in _WORDS:
        return _WORDS[text]
    # YAML 1.1 also reads yes, no, on and off as truth values: a country code `NO` must stay a word.
    if text[0].isalpha():
        return text
    tag: str = _RESOLVER.resolve(yaml.ScalarNode, text, node.implicit)  # type: ignore[no-untyped-call]
    match tag.rpartition(":")[2]:
        case "int" | "float" if len(text) > MAX_DIGITS:
            most = f"at most {MAX_DIGITS} digits"
            problems.append(Problem(_place(file, node.start_mark), "a number is too long", expected=most))
            return None
        case "str":
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
            where, hint = _place(file, node.start_mark), "put it in quotes"
            problems.append(Problem(where, "value is not accepted", found=text[:60], hint=hint))
            return None


def _place(file: str, mark: Any) -> Place:
    return Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
