"""What is a rule of inference, as data? Matches in order, a negated one saying that there is no such fact, and
heads: the facts that follow. engine.inference.generic_rules has them all.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Term = int | str
"""A constant, or with a point in it a field of an earlier match: `f.rule`. Constant words never hold a point."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison of a field with a term. `operator` is empty for equality, else the engine's own word for it."""

    field: str
    operator: str
    term: Term


@dataclass(frozen=True, slots=True)
class Match:
    """A fact of a kind that must be there or, negated, must not; later matches speak of it by its alias."""

    alias: str
    kind: str
    leaves: tuple[Leaf, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """A fact to conclude: each field a constant or copied from the match."""

    kind: str
    fields: Mapping[str, Term]


@dataclass(frozen=True, slots=True)
class GenericRule:
    """`count` is the number of matches that make it fire once; `None`: each match is a firing."""

    name: str
    """Unique; of a counting rule with its number after a slash."""
    meaning: str
    matches: tuple[Match, ...]
    heads: tuple[Head, ...] = ()
    count: int | None = None


def some(alias: str, kind: str, *leaves: Leaf, **equal: Term) -> Match:
    """There is such a fact."""
    return Match(alias, kind, (*(Leaf(f, "", t) for f, t in equal.items()), *leaves))


def none(alias: str, kind: str, *leaves: Leaf, **equal: Term) -> Match:
    """There is no such fact."""
    return Match(alias, kind, (*(Leaf(f, "", t) for f, t in equal.items()), *leaves), negated=True)


def then(kind: str, **fields: Term) -> Head:
    """Such a fact follows."""
    return Head(kind, fields)


def referred(term: Term) -> tuple[str, str] | None:
    """The alias and field that a term refers to; `None` for a constant."""
    if isinstance(term, str) and "." in term:
        alias, _, field = term.partition(".")
        return alias, field
    return None
