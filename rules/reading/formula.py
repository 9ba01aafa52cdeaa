"""Formulas as written, to values: line after line, each of which may use the lines above it.

formulas:
  - name: monthly_guarantee
    title: what a protected rep earns in a month at least
    subject: rep
    lines:
      - {name: mean, formula: "divide(rep.base_earnings, rep.base_months)", text: mean of the base, round: down}
      - {name: guarantee, formula: "max(mean, least_guarantee)", text: never less than the floor}
    assumption: "a floor, so that a short base does no harm"
    examples:
      - {name: below the floor, given: {rep.base_earnings: 100, rep.base_months: 2}, expect: 1000}
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from rules.expression.check import Scope
from rules.kinds import Kind, Value
from rules.model.definition import Formula, FormulaExample, Line
from rules.problem import nearest
from rules.reading.declaration_shapes import FormulaShape, LineShape, NamedExampleShape
from rules.reading.example import read_given, read_parameters
from rules.reading.reader import Reader
from rules.reading.shapes import PolicyShape
from rules.reading.written import unit_of
from rules.reading.yaml_source import Path
from rules.vocabulary import Subject


def read_formulas(reader: Reader, scope_for: Callable[[Subject], Scope], shape: PolicyShape) -> tuple[Formula, ...]:
    """Every formula of a file that makes sense, in order; the reader gathers what is wrong with the others.

    `scope_for` gives what an expression on a subject may name.
    """
    found = (_formula(reader, scope_for(f.subject), f, ("formulas", i)) for i, f in enumerate(shape.formulas))
    return tuple(formula for formula in found if formula is not None)


def read_lines(reader: Reader, shapes: Sequence[LineShape], scope: Scope, path: Path) -> tuple[Line, ...]:
    """The lines at `path` that make sense, each compiled with those above it in scope: of a formula, or of a rule."""
    lines: list[Line] = []
    kinds: dict[str, Kind] = {}
    taken = {*scope.fields, *scope.parameters, *scope.definitions}
    for i, shape in enumerate(shapes):
        here: Path = (*path, i)
        if shape.name in kinds or shape.name in taken:
            reader.refuse((*here, "name"), f"`{shape.name}` has a meaning already")
        checked = reader.compiled(shape.formula, (*here, "formula"), replace(scope, lines=dict(kinds), formulas=True))
        if checked is not None:
            kinds[shape.name] = checked.kind
            lines.append(Line(shape.name, checked, shape.text, shape.round))
    return tuple(lines)


def _formula(reader: Reader, scope: Scope, shape: FormulaShape, path: Path) -> Formula | None:
    before = len(reader.problems)
    reader.refuse_groundless(f"formula `{shape.name}`", shape.source, shape.assumption, path)
    lines = read_lines(reader, shape.lines, scope, (*path, "lines"))
    if len(lines) < len(shape.lines):
        return None  # what an example expects of a line is read by the line's kind
    examples = tuple(_example(reader, scope, lines, e, (*path, "examples", i)) for i, e in enumerate(shape.examples))
    if len(reader.problems) > before:
        return None
    return Formula(
        name=shape.name,
        title=shape.title,
        subject=shape.subject,
        lines=lines,
        examples=examples,
        source=shape.source,
        assumption=shape.assumption,
        place=reader.document.place((*path, "name")),
    )


def _example(
    reader: Reader, scope: Scope, lines: Sequence[Line], shape: NamedExampleShape, path: Path
) -> FormulaExample:
    return FormulaExample(
        name=shape.name,
        given=read_given(reader, shape.given, scope.fields, (*path, "given")),
        parameters=read_parameters(reader, shape.parameters, scope, (*path, "parameters")),
        at=shape.at,
        expect=_expected(reader, lines, shape, (*path, "expect")),
        place=reader.document.place(path),
    )


def _expected(reader: Reader, lines: Sequence[Line], shape: NamedExampleShape, path: Path) -> dict[str, Value | None]:
    """Line names to what they come to, null being unknown; a single value is that of the last line."""
    units = {line.name: unit_of(line.formula.kind, line.formula.unit) for line in lines}
    expect = shape.expect if isinstance(shape.expect, dict) else {lines[-1].name: shape.expect}
    values: dict[str, Value | None] = {}
    for name, raw in expect.items():
        if name not in units:
            reader.refuse_key((*path, name), f"the formula has no line `{name}`", hint=nearest(name, units))
        else:
            values[name] = None if raw is None else reader.value(raw, units[name], (*path, name))
    return values
