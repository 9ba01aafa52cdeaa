"""What does an example say? Facts and parameters as written, to values, each read in the unit of its name."""

from collections.abc import Mapping

from rules.expression.check import Scope
from rules.kinds import Kind, Unit, Value
from rules.model.definition import FormulaExample
from rules.problem import as_written, nearest
from rules.reading.declaration_shapes import NamedExampleShape, Scalar
from rules.reading.reader import Reader
from rules.reading.written import unit_of
from rules.reading.yaml_source import Path
from rules.vocabulary import Field


def read_given(
    reader: Reader, given: Mapping[str, Scalar | list[Scalar] | None], fields: Mapping[str, Field], path: Path
) -> dict[str, Value | tuple[Value, ...] | None]:
    """The facts of an example; null is unknown."""
    values: dict[str, Value | tuple[Value, ...] | None] = {}
    for name, raw in given.items():
        here: Path = (*path, name)
        fact = fields.get(name)
        if fact is None:
            reader.refuse_key(here, f"unknown fact `{name}`", hint=nearest(name, fields))
        elif raw is None:
            values[name] = None
        elif fact.kind is Kind.LIST:
            values[name] = _listed(reader, raw, unit_of(fact.of, fact.unit) if fact.of else Unit.NONE, here)
        else:
            values[name] = reader.value(raw, unit_of(fact.kind, fact.unit), here)
    return values


def _listed(reader: Reader, raw: Scalar | list[Scalar], unit: Unit, path: Path) -> tuple[Value, ...] | None:
    if not isinstance(raw, list):
        reader.refuse(path, "not a list", found=as_written(raw), expected="such as `[a, b]`")
        return None
    items = (reader.value(item, unit, (*path, i)) for i, item in enumerate(raw))
    return tuple(item for item in items if item is not None)


def read_parameters(reader: Reader, given: Mapping[str, Scalar], scope: Scope, path: Path) -> dict[str, Value]:
    """The parameters that an example sets, general ones or those of an override: `cooldown[EMEA]`."""
    if not given:
        return {}
    units = {name: scope.parameters[p] for p, overrides in scope.overrides.items() for _, name in overrides}
    values: dict[str, Value] = {}
    for name, raw in given.items():
        unit = scope.parameters.get(name, units.get(name))
        if unit is None:
            hint = nearest(name, (*scope.parameters, *units))
            reader.refuse_key((*path, name), f"unknown parameter `{name}`", hint=hint)
        elif (value := reader.value(raw, unit, (*path, name))) is not None:
            values[name] = value
    return values


def read_example(
    reader: Reader, scope: Scope, called: str, unit: Unit, shape: NamedExampleShape, path: Path
) -> FormulaExample:
    """An example of the definition `called`, whose value is written in `unit`."""
    value: Value | None = None
    if isinstance(shape.expect, dict):
        reader.refuse((*path, "expect"), f"`{called}` has one value", expected="the value, or null for unknown")
    elif shape.expect is not None:
        value = reader.value(shape.expect, unit, (*path, "expect"))
    return FormulaExample(
        name=shape.name,
        given=read_given(reader, shape.given, scope.fields, (*path, "given")),
        parameters=read_parameters(reader, shape.parameters, scope, (*path, "parameters")),
        at=shape.at,
        expect={called: value},
        place=reader.document.place(path),
    )
