"""What does a parameter say? Its dated values as written, to values, and its other values by region and segment."""

import re
from collections.abc import Mapping
from datetime import date

from rules.kinds import Unit, Value
from rules.model.extent import extent_words
from rules.model.parameter import Extent, Override, Parameter, ParameterValue
from rules.reading.declaration_shapes import NAME
from rules.reading.reader import Reader
from rules.reading.shapes import OverrideShape, PolicyShape, ValueShape
from rules.reading.yaml_source import Path
from rules.vocabulary import FIELDS

_WORD = re.compile(r"\S(?:[ -~¡-\U0010ffff]*\S)?")
"""How a region or a segment is named: something to see, and no control characters."""


def read_parameter(reader: Reader, name: str, shape: PolicyShape) -> Parameter:
    given = shape.parameters[name]
    path: Path = ("parameters", name)
    if not re.fullmatch(NAME, name):
        reader.refuse_key(path, "not a name", found=name, expected="small letters, digits and `_`")
    values = _values(reader, name, given.unit, given.values, path)
    overrides = _overrides(reader, name, given.unit, given.overrides, path)
    dated = [v for vs in (values, *(o.values for o in overrides)) for v in vs]
    if len({isinstance(v.value, tuple) for v in values}) > 1:
        reader.refuse(path, f"parameter `{name}` is a list on some dates only")
    elif len({isinstance(v.value, tuple) for v in dated}) > 1:
        reader.refuse(path, f"parameter `{name}` is a list in some places only")
    if given.overrides and (user := _fact_that_uses(name)):
        reader.refuse(
            (*path, "overrides"),
            f"parameter `{name}` has one value for all",
            hint=f"the fact `{user}` is computed with it before any region or segment is looked at",
        )
        overrides = ()
    return Parameter(name, given.unit, values, reader.document.place(path), given.title, overrides)


def _fact_that_uses(name: str) -> str:
    return next((f.name for fields in FIELDS.values() for f in fields if name in f.uses), "")


def _overrides(reader: Reader, name: str, unit: Unit, shapes: list[OverrideShape], path: Path) -> tuple[Override, ...]:
    found: dict[str, Override] = {}
    for i, shape in enumerate(shapes):
        here: Path = (*path, "overrides", i)
        extent = read_extent(reader, shape.region, shape.segment, here)
        values = _values(reader, name, unit, shape.values, here)
        if not (shape.region or shape.segment):
            reader.refuse(here, f"an override of `{name}` holds nowhere", expected="`region:`, `segment:` or both")
        if not (extent.regions or extent.segments):
            continue
        called = f"{name}[{extent_words(extent)}]"
        if called in found:
            reader.refuse(here, f"`{called}` stands twice", hint=f"first at {found[called].place}")
        else:
            found[called] = Override(called, extent, values, reader.document.place(here))
    return tuple(found.values())


def read_extent(reader: Reader, regions: list[str], segments: list[str], path: Path) -> Extent:
    """Regions and segments as written, each a word that stands once; what is none is refused and left out."""
    kept: dict[str, tuple[str, ...]] = {}
    for key, names in (("region", regions), ("segment", segments)):
        for i, name in enumerate(names):
            if not _WORD.fullmatch(name):
                reader.refuse((*path, key, i), f"not the name of a {key}", found=ascii(name).strip("'"))
            elif name in names[:i]:
                reader.refuse((*path, key, i), f"{key} `{name}` stands twice")
        kept[key] = tuple(dict.fromkeys(n for n in names if _WORD.fullmatch(n)))
    return Extent(kept["region"], kept["segment"])


def _values(
    reader: Reader, name: str, unit: Unit, given: Mapping[date, ValueShape], path: Path
) -> tuple[ParameterValue, ...]:
    values = []
    for day, entry in sorted(given.items()):
        here: Path = (*path, "values", day.isoformat())
        if not (entry.source.strip() or entry.assumption.strip()):
            reader.refuse(
                here,
                f"parameter `{name}` does not say where its value comes from",
                expected="`source:` or `assumption:`",
            )
        raw = entry.value
        value: Value | tuple[Value, ...] | None
        if isinstance(raw, list):
            value = tuple(v for item in raw if (v := reader.value(item, unit, (*here, "value"))) is not None)
            if not raw:
                reader.refuse((*here, "value"), f"parameter `{name}` lists nothing")
        else:
            value = reader.value(raw, unit, (*here, "value"))
        if value is not None:
            values.append(ParameterValue(day, value, entry.source, entry.assumption, reader.document.place(here)))
    return tuple(values)
