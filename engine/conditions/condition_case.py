"""What does an expression say about one case, and which parts of it decide? Exact values, and clauses to explain them.

Values are those of `rules.expression.meaning`, with which `engine.conditions.condition_sql` must agree on every case.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, trunc

from rules.expression.check import Checked
from rules.expression.meaning import Judge, Judged, outward
from rules.expression.term import MACROS, Op
from rules.kinds import Kind, Unit, Value
from rules.model.definition import Rounding

Case = Mapping[str, Value | tuple[Value, ...] | None]
Parameters = Mapping[str, Value | tuple[Value, ...]]

_ITEMS_SHOWN = 3
"""Items of a list that an explanation shows at most, of those that decide."""


def _half_up(amount: Fraction) -> int:
    size = floor(abs(amount) + Fraction(1, 2))
    return -size if amount < 0 else size


def _up(amount: Fraction) -> int:
    return floor(amount) if amount < 0 else ceil(amount)


ROUND: Mapping[Rounding, Callable[[Fraction], int]] = {
    Rounding.HALF_EVEN: round,
    Rounding.HALF_UP: _half_up,
    Rounding.DOWN: trunc,
    Rounding.UP: _up,
}
"""How each rounds to a whole number of the minor unit."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One part of an expression with the value it has for a case."""

    text: str
    value: Value | None
    """`None` is unknown; for a condition, true or false; for a list, a tuple."""
    kind: Kind
    unit: Unit
    children: "tuple[Clause, ...]"
    missing: tuple[str, ...]
    """Names of the facts (or parameters) that made it unknown, in order of mention; empty where it is known."""
    matters: bool
    """Whether the whole expression has its value because of this part: the false parts of a false `&&`, and so on."""
    of: Kind | None = None
    """Kind of the items, for a list."""


def value_of(
    checked: Checked,
    case: Case,
    parameters: Parameters,
    absent: frozenset[str] = frozenset(),
    *,
    rounding: Rounding = Rounding.HALF_EVEN,
) -> Value | None:
    """The expression's value for a case, a tuple for a list; `None` is unknown. A date beyond year 9999 is unknown.

    `case` maps facts, and earlier formula lines by their bare name; what it does not hold is missing. Facts in `absent`
    belong to a data set that is not there: unknown, also under `has`. Only `divide`, `prorate` and `part` round, as
    `rounding` says, to the minor unit.
    """
    return _outward(Judge(case, parameters, absent, ROUND[rounding]).judged(checked.node))


def judged_case(
    checked: Checked, case: Case, parameters: Parameters, absent: frozenset[str] = frozenset()
) -> tuple[Value | None, tuple[str, ...]]:
    """The value, and the names of the facts and parameters that make it unknown; as in `value_of` and `clauses_of`."""
    judged = Judge(case, parameters, absent).judged(checked.node)
    return _outward(judged), judged.missing


def clauses_of(
    checked: Checked,
    case: Case,
    parameters: Parameters,
    absent: frozenset[str] = frozenset(),
    *,
    rounding: Rounding = Rounding.HALF_EVEN,
) -> Clause:
    """The expression as a tree of clauses, each with its value for the case; arguments as in `value_of`.

    A definition is a clause of its name with what it stands for below; a choice shows its condition and the branch
    taken; a macro its list, and what its body says of the items that decide.
    """
    return _clause(Judge(case, parameters, absent, ROUND[rounding]).judged(checked.node), matters=True)


def _outward(judged: Judged) -> Value | None:
    value: Value | None = outward(judged.value, judged.term.kind, judged.term.of)
    return value


def _clause(judged: Judged, *, matters: bool) -> Clause:
    deciding = _deciding(judged)
    children = tuple(_clause(part, matters=matters and part in deciding) for part in _shown(judged, deciding))
    term = judged.term
    return Clause(term.text, _outward(judged), term.kind, term.unit, children, judged.missing, matters, term.of)


def _shown(judged: Judged, deciding: tuple[Judged, ...]) -> tuple[Judged, ...]:
    if judged.term.op not in MACROS:
        return judged.parts
    listed, *bodies = judged.parts
    return (listed, *[body for body in bodies if body in deciding][:_ITEMS_SHOWN])


def _deciding(judged: Judged) -> tuple[Judged, ...]:
    """The parts without which the value would or could be another."""
    op, value, parts = judged.term.op, judged.value, judged.parts
    if value is None:
        return tuple(part for part in parts if part.value is None) or parts
    if op in (Op.AND, Op.OR, Op.MAX, Op.MIN):
        return tuple(part for part in parts if part.value == value)
    if op in MACROS:
        listed, *bodies = parts
        decided = value if op in (Op.ALL, Op.EXISTS) else True
        return (listed, *(body for body in bodies if op is Op.MAP or body.value == decided))
    return parts
