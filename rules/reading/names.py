"""Does every name of the policies mean one thing? Over all files, whatever it names, and never what a fact means."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rules.expression.syntax import parse
from rules.expression.tree import Name, Source
from rules.problem import BadInput, Place, Problem
from rules.reading.declaration_shapes import DEFINED
from rules.reading.shapes import PolicyShape
from rules.reading.yaml_source import Document, Path
from rules.vocabulary import FIELDS

_APART = ("deadline", "schedule", "formula")
"""What no expression names."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name where it is given, and what it names: `parameter`, `condition`, …"""

    name: str
    what: str
    place: Place


def names_in(document: Document, shape: PolicyShape) -> Iterator[Named]:
    """Every name that one file declares. Rules and policies are named apart: no expression can name them."""
    listed = (
        ("metric", "metrics", [each.name for each in shape.metrics]),
        ("condition", "conditions", [each.name for each in shape.conditions]),
        ("derived value", "derive", [each.name for each in shape.derive]),
        ("band", "bands", [each.name for each in shape.bands]),
        ("table", "tables", [each.name for each in shape.tables]),
        ("formula", "formulas", [each.name for each in shape.formulas]),
    )
    keyed = (
        ("parameter", "parameters", shape.parameters),
        ("deadline", "deadlines", shape.deadlines),
        ("schedule", "schedules", shape.schedules),
    )
    for what, section, names in keyed:
        for name in names:
            path: Path = (section, name)
            yield Named(name, what, document.key_place(path))
    for what, section, listed_names in listed:
        for i, name in enumerate(listed_names):
            yield Named(name, what, document.place((section, i, "name")))


def name_problems(named: Iterable[Named]) -> list[Problem]:
    """Names that stand twice, for one sort of thing or for two, and names that are a fact's."""
    facts = {field.name for fields in FIELDS.values() for field in fields}
    first: dict[str, Named] = {}
    problems = []
    for each in named:
        other = first.setdefault(each.name, each)
        if other is not each:
            if other.what == each.what:
                message, hint = f"{each.what} `{each.name}` stands twice", f"first at {other.place}"
            else:
                message, hint = f"`{each.name}` names two things", f"it is a {other.what} at {other.place}"
            problems.append(Problem(each.place, message, hint=hint))
        elif each.name in facts:
            hint = f"give the {each.what} a name of its own"
            problems.append(Problem(each.place, f"`{each.name}` is a fact already", hint=hint))
        elif each.what not in _APART and _is_reserved(each.name):
            problems.append(Problem(each.place, f"`{each.name}` means something else in every expression"))
    return problems


def _is_reserved(name: str) -> bool:
    """Whether an expression reads a well-formed name as another thing: `true`, `in`."""
    try:
        return re.fullmatch(DEFINED, name) is not None and not isinstance(parse(Source(name, Place(""))), Name)
    except BadInput:
        return True
