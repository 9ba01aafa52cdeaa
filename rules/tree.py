"""What is an expression made of, as written? The nodes of its tree, each with its offset in the text.

Trees are equal when they say the same, wherever they stand.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from rules.kinds import Kind
from rules.problem import Place


@dataclass(frozen=True, slots=True)
class Source:
    """The text of an expression and the place of its first character."""

    text: str
    place: Place
    locate: Callable[[int], Place] | None = None
    """Where each character stands, if it is not simply after the one before."""

    def at(self, offset: int) -> Place:
        """The place of a character of the text; a table cell keeps its own place."""
        if self.locate is not None:
            return self.locate(offset)
        if self.place.row is not None:
            return self.place
        before = self.text[:offset]
        lines = before.count("\n")
        column = offset - before.rfind("\n") if lines else (self.place.column or 1) + offset
        return replace(self.place, line=(self.place.line or 1) + lines, column=column)


@dataclass(frozen=True, slots=True)
class Name:
    """A fact with dots (`account.tier`), or the bare name of a parameter or formula line."""

    text: str
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Literal:
    """A whole number (COUNT), a text (TEXT), or true and false (BOOL)."""

    value: int | str
    kind: Kind
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """`date("2026-01-01")`, `has(account.tier)`, `max(a, b)`."""

    name: str
    arguments: "tuple[Node, ...]"
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """`!` or `-` before an operand."""

    operator: str
    operand: "Node"
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """A comparison, `in`, `+`, `-` or `*`; the offset is the operator's."""

    operator: str
    left: "Node"
    right: "Node"
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Chain:
    """Two or more parts joined by `&&`, or by `||`; a part is never a chain of the same operator."""

    operator: str
    parts: "tuple[Node, ...]"
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Options:
    """The list on the right of `in`."""

    items: "tuple[Node, ...]"
    offset: int = field(default=0, compare=False)


Node = Name | Literal | Call | Unary | Binary | Chain | Options


def inner(node: Node) -> tuple[Node, ...]:
    """The nodes directly below one."""
    match node:
        case Name() | Literal():
            return ()
        case Call(arguments=nodes) | Chain(parts=nodes) | Options(items=nodes):
            return nodes
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
