"""What is a constant or a parameter worth in this run? One value or several, refused where arithmetic has no room."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from rules.expression.term import RANGE, Op, Term
from rules.kinds import Kind, Value

Given = Value | tuple[Value, ...]
"""A parameter's value, or the values of one that is a list."""


def single_value(term: Term, parameters: Mapping[str, Given]) -> Value | None:
    """Of a constant or a parameter; `None` is unknown. Raises ValueError where it is a list, or too large."""
    if term.op is Op.LITERAL:
        return term.value
    given = parameters.get(term.name)
    if isinstance(given, tuple):
        raise ValueError(f"`{term.name}` is a list")  # noqa: TRY004 -- a value out of place, as other refusals here
    return None if given is None else _in_range(term.name, given, term.kind)


def values_of(term: Term, parameters: Mapping[str, Given]) -> tuple[Value, ...] | None:
    """Of a list of constants or a list parameter; `None` is unknown. Raises ValueError where one is too large."""
    if term.op is Op.LIST:
        return tuple(part.value for part in term.parts if part.value is not None)
    given = parameters.get(term.name)
    if given is None:
        return None
    kind = kind_of_items(term)
    return tuple(_in_range(term.name, value, kind) for value in (given if isinstance(given, tuple) else (given,)))


def is_constant_list(term: Term) -> bool:
    """Whether a term is a list that is written out, all of its items known."""
    return term.op is Op.LIST and all(part.op is Op.LITERAL and part.value is not None for part in term.parts)


def kind_of_items(listed: Term) -> Kind | None:
    """Kind of a list's items; `None` for an empty list."""
    return listed.of if listed.kind is Kind.LIST else listed.kind


def _in_range(name: str, given: Value, kind: Kind | None) -> Value:
    if kind in RANGE:
        least, most = RANGE[kind]
        number = given.toordinal() if isinstance(given, date) else given
        if isinstance(number, Fraction | str) or not least <= number <= most:
            raise ValueError(f"`{name}` is out of range")
    return given
