"""What may an expression name, and what is known of it once it makes sense?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rules.expression.term import Term
from rules.kinds import Kind, Unit
from rules.vocabulary import Field


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may name, and whether it is a formula line, which may use the money functions.

    `known` are optional facts that another condition already guards: the `present` of the rule's `when`.
    """

    fields: Mapping[str, Field]
    parameters: Mapping[str, Unit]
    listed: frozenset[str] = frozenset()
    """Parameters whose value is a list of their unit's kind."""
    lines: Mapping[str, Kind] = field(default_factory=dict)
    """Earlier lines of the same formula block."""
    formulas: bool = False
    minor_digits: int = 2
    """Digits after the point of the currency."""
    known: frozenset[str] = frozenset()
    definitions: Mapping[str, Term] = field(default_factory=dict)
    """Names of the policies, and what each stands for."""
    overrides: Mapping[str, tuple[tuple[Term, str], ...]] = field(default_factory=dict)
    """Parameter to its overrides in order: the condition under which one counts, and its name, `cooldown[EMEA]`."""

    def names(self) -> tuple[str, ...]:
        """All that a name may stand for."""
        return (*self.fields, *self.lines, *self.definitions, *self.parameters)


@dataclass(frozen=True, slots=True)
class Checked:
    """An expression that makes sense. `fields` and `parameters` are in order of first mention."""

    node: Term
    kind: Kind
    unit: Unit
    text: str
    """As written."""
    fields: tuple[str, ...]
    parameters: tuple[str, ...]
    present: frozenset[str] = frozenset()
    """Optional facts that certainly have a value where this condition is true."""
