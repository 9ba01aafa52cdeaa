"""How are values by date, tables, formulas and schedules of the policies drawn?"""

from collections.abc import Iterable, Sequence
from datetime import date

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.answer import table
from rules.kinds import KIND_OF_UNIT, Unit, shown
from rules.model.definition import DecisionTable, Definition, Line
from rules.model.parameter import Parameter, ParameterValue
from rules.model.schedule import Schedule
from rules.reading.written import unit_of
from rules.versions.statements import exact, expression, extent_words


def shown_value(value: ParameterValue, unit: Unit, minor_digits: int) -> str:
    """A value of a parameter as people read it; a list with commas."""
    values = value.value if isinstance(value.value, tuple) else (value.value,)
    return ", ".join(shown(v, KIND_OF_UNIT[unit], unit, minor_digits=minor_digits) for v in values)


def grounds(value: ParameterValue) -> str:
    """Where a value comes from."""
    return value.source or f"assumption: {value.assumption}"


def value_document(parameter: Parameter, day: date, minor_digits: int) -> dict[str, str]:
    """The value of a parameter in force on a day, since when, and why; `unknown` before its first."""
    value = parameter.at(day)
    if value is None:
        return {"value": "unknown", "since": "", "source": ""}
    return {
        "value": shown_value(value, parameter.unit, minor_digits),
        "since": value.start.isoformat(),
        "source": grounds(value),
    }


def value_words(parameter: Parameter, day: date, minor_digits: int) -> Text:
    """The same in one line, `cooldown = 180 days, since 2000-01-01 (handbook)`, with what overrides it."""
    value = value_document(parameter, day, minor_digits)
    since = f", since {value['since']} ({value['source']})" if value["since"] else f" on {day.isoformat()}"
    text = Text.assemble((parameter.name, "bold"), " = ", (value["value"], "cyan"), since)
    for override in parameter.overrides:
        if (other := override.at(day)) is not None:
            text.append(f"; {extent_words(override.scope)} {shown_value(other, parameter.unit, minor_digits)}")
    return text


def value_rows(parameter: Parameter, minor_digits: int) -> list[dict[str, str]]:
    """Every value of a parameter and of its overrides, in order of date, for a document."""
    found = [("", v) for v in parameter.values]
    found += [(extent_words(o.scope), v) for o in parameter.overrides for v in o.values]
    return [
        {
            "from": v.start.isoformat(),
            "applies": applies or "everywhere",
            "value": shown_value(v, parameter.unit, minor_digits),
            "source": v.source,
            "assumption": v.assumption,
            "place": str(v.place),
        }
        for applies, v in found
    ]


def values_drawn(parameter: Parameter, day: date, minor_digits: int) -> Padding:
    """Every value by date; those in force on the day are marked."""
    counting = [v for v in (parameter.at(day), *(o.at(day) for o in parameter.overrides)) if v is not None]
    places = {str(v.place) for v in counting}
    rows = []
    for row in value_rows(parameter, minor_digits):
        holds = row["place"] in places
        because = row["source"] or f"assumption: {row['assumption']}"
        cells = ("▸" if holds else "", row["from"], row["value"], row["applies"], because)
        rows.append([Text(cell, style="" if holds else "dim") for cell in cells])
    drawn = table("", ("", "from", "value", "applies", "because"), rows, whole=(1,))
    return Padding(drawn, (0, 0, 0, 2))


def decision_table(definition: Definition, drawn: DecisionTable, minor_digits: int) -> Padding:
    """A decision table as its owner thinks of it: inputs on the left, the answer on the right, rows numbered."""
    unit = unit_of(definition.checked.kind, definition.checked.unit)
    made = Table(box=box.SQUARE, header_style="bold", show_lines=False)
    made.add_column("", justify="right", style="dim")
    for checked in drawn.inputs:
        made.add_column(Text(expression(checked)), overflow="fold")
    made.add_column(Text(definition.name), style="cyan", overflow="fold")
    for i, row in enumerate(drawn.rows, 1):
        made.add_row(str(i), *(Text(cell) for cell in row.cells), Text(exact(row.then, unit, minor_digits)))
    otherwise = Text("unknown" if drawn.otherwise is None else exact(drawn.otherwise, unit, minor_digits))
    made.add_section()
    made.add_row("", *_otherwise(len(drawn.inputs)), otherwise)
    return Padding(made, (0, 0, 0, 2))


def _otherwise(inputs: int) -> Sequence[Text]:
    return (Text("otherwise", style="dim"), *(Text("") for _ in range(inputs - 1)))


def formula_lines(lines: Iterable[Line]) -> Padding:
    """The lines of a formula in order, how each rounds, and what it is in words."""
    rows = [(line.name, "=", Text(line.formula.text.strip()), line.rounding.value, line.text) for line in lines]
    return Padding(table("", ("line", "", "formula", "rounds", "is"), rows, whole=(0,)), (0, 0, 0, 2))


def schedule_table(schedule: Schedule) -> Padding:
    """Shares by month and credit type."""
    rows = []
    for credit, slices in schedule.shares:
        after = 0
        for i, part in enumerate(slices):
            months = f"from {after + 1}" if part.through is None else f"{after + 1}–{part.through}"
            rows.append((credit if not i else "", months, f"{part.original} %", f"{100 - part.original} %"))
            after = part.through or after
    columns = ("credit", "month", "original holder", "new owner")
    return Padding(table("", columns, rows, right=(1, 2, 3)), (0, 0, 0, 2))
