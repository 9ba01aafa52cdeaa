"""What does a parameter say? Its dated values as written, to values."""

from rules.kinds import Value
from rules.parameter import Parameter, ParameterValue
from rules.reader import Reader
from rules.shapes import PolicyShape
from rules.yaml_source import Path


def read_parameter(reader: Reader, name: str, shape: PolicyShape) -> Parameter:
    given = shape.parameters[name]
    values = []
    for day, entry in sorted(given.values.items()):
        path: Path = ("parameters", name, "values", day.isoformat())
        if not (entry.source.strip() or entry.assumption.strip()):
            reader.refuse(
                path,
                f"parameter `{name}` does not say where its value comes from",
                expected="`source:` or `assumption:`",
            )
        raw = entry.value
        value: Value | tuple[Value, ...] | None
        if isinstance(raw, list):
            value = tuple(v for item in raw if (v := reader.value(item, given.unit, (*path, "value"))) is not None)
            if not raw:
                reader.refuse((*path, "value"), f"parameter `{name}` lists nothing")
        else:
            value = reader.value(raw, given.unit, (*path, "value"))
        if value is not None:
            values.append(ParameterValue(day, value, entry.source, entry.assumption, reader.document.place(path)))
    if len({isinstance(v.value, tuple) for v in values}) > 1:
        reader.refuse(("parameters", name), f"parameter `{name}` is a list on some dates only")
    return Parameter(name, given.unit, tuple(values), reader.document.place(("parameters", name)))
