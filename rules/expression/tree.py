"""What is an expression made of, as written? The nodes of its tree, each with its offset in the text and its end.

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
    """A fact with dots (`account.tier`), or the bare name of a parameter, definition, variable or formula line."""

    text: str
    offset: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Literal:
    """A whole number (COUNT), a text (TEXT), bytes (BYTES), or true and false (BOOL)."""

    value: int | str
    kind: Kind
    offset: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """`date("2026-01-01")`, `has(account.tier)`, `max(a, b)`."""

    name: str
    arguments: "tuple[Node, ...]"
    offset: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """`!` or `-` before an operand."""

    operator: str
    operand: "Node"
    offset: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """A comparison, `in`, `+`, `-`, `*`, `/` or `%`; the offset is the operator's."""

    operator: str
    left: "Node"
    right: "Node"
    offset: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Chain:
    """Two or more parts joined by `&&`, or by `||`; a part is never a chain of the same operator."""

    operator: str
    parts: "tuple[Node, ...]"
    offset: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Items:
    """A list, written out."""

    items: "tuple[Node, ...]"
    offset: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Method:
    """`account.name.startsWith("A")`, and macros: `account.tags.exists(t, t == "A")`; the offset is the name's."""

    receiver: "Node"
    name: str
    arguments: "tuple[Node, ...]"
    offset: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Index:
    """`account.tags[0]`; the offset is the bracket's."""

    receiver: "Node"
    position: "Node"
    offset: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """`condition ? then : otherwise`; the offset is the question mark's."""

    condition: "Node"
    then: "Node"
    otherwise: "Node"
    offset: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


Node = Name | Literal | Call | Unary | Binary | Chain | Items | Method | Index | Choice


def inner(node: Node) -> tuple[Node, ...]:
    """The nodes directly below one."""
    match node:
        case Name() | Literal():
            return ()
        case Call(arguments=nodes) | Chain(parts=nodes) | Items(items=nodes):
            return nodes
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case Method(receiver=receiver, arguments=arguments):
            return (receiver, *arguments)
        case Index(receiver=receiver, position=position):
            return (receiver, position)
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
