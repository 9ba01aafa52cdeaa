"""What does a formula come to? Its lines in order for one case, each seeing the lines above it.

monthly_commission = divide(rep.base_commission, rep.base_months)   5,000.00
quarter_commission = monthly_commission * protected_months         15,000.00
"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.conditions.condition_case import Case, Clause, Parameters, clauses_of, value_of
from rules.kinds import Kind, Unit, Value
from rules.model.definition import Formula, Line


@dataclass(frozen=True, slots=True)
class Worked:
    """One line of the arithmetic: `name = formula = value`, and the clauses that the value was made of."""

    name: str
    text: str
    formula: str
    value: Value | None
    kind: Kind
    unit: Unit
    clause: Clause


def evaluate_formula(
    formula: Formula, case: Case, parameters: Parameters, absent: frozenset[str] = frozenset()
) -> tuple[Worked, ...]:
    """Every line of a formula, the last of which is the answer; arguments as in `evaluate_lines`."""
    return evaluate_lines(formula.lines, case, parameters, absent)


def evaluate_lines(
    lines: Sequence[Line],
    case: Case,
    parameters: Parameters,
    absent: frozenset[str] = frozenset(),
) -> tuple[Worked, ...]:
    """Every line in order; one that is unknown makes those unknown that need it.

    `case` and `absent` are as in `condition_case.value_of`. Each line's divide, prorate and part round as it says.
    """
    known: dict[str, Value | tuple[Value, ...] | None] = dict(case)
    worked = []
    for line in lines:
        value = value_of(line.formula, known, parameters, absent, rounding=line.rounding)
        clause = clauses_of(line.formula, known, parameters, absent, rounding=line.rounding)
        worked.append(
            Worked(line.name, line.text, line.formula.text, value, line.formula.kind, line.formula.unit, clause)
        )
        known[line.name] = value
    return tuple(worked)
