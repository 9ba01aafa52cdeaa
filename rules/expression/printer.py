"""How is a tree written? Canonical text: blanks around operators, double quotes, only the parentheses that are needed.

Parsing the text again gives the same tree.
"""

from rules.expression.tree import Binary, Call, Chain, Choice, Index, Items, Literal, Method, Name, Node, Unary
from rules.kinds import Kind

_STRENGTH = {"||": 2, "&&": 3, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6}
_CHOICE, _RELATION, _SIGN, _OPERAND = 1, 4, 7, 8
_ESCAPES = {
    **{code: f"\\x{code:02x}" for code in (*range(0x20), 0x7F)},
    **{code: f"\\u{code:04x}" for code in (*range(0x80, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F))},
    **{code: f"\\u{code:04x}" for code in (0x2028, 0x2029, *range(0x2066, 0x206A))},
    **str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}),
}
"""What cannot be seen, or turns the direction of writing, is written as a code."""
_BYTE_ESCAPES = {**_ESCAPES, **{code: f"\\x{code:02x}" for code in range(0x7F, 0x100)}}
"""A byte beyond ASCII is no sign."""


def printed(node: Node) -> str:  # noqa: C901 -- one case for each kind of node
    """The canonical text of a tree."""
    match node:
        case Name(text=name):
            return name
        case Literal(value=value, kind=kind):
            if kind is Kind.BOOL:
                return "true" if value else "false"
            if kind is Kind.BYTES:
                return f'b"{str(value).translate(_BYTE_ESCAPES)}"'
            return quoted_text(str(value)) if kind is Kind.TEXT else str(value)
        case Call(name=name, arguments=arguments):
            return f"{name}({_listed(arguments)})"
        case Method(receiver=receiver, name=name, arguments=arguments):
            return f"{_within(receiver, _OPERAND)}.{name}({_listed(arguments)})"
        case Index(receiver=receiver, position=position):
            return f"{_within(receiver, _OPERAND)}[{printed(position)}]"
        case Items(items=items):
            return f"[{_listed(items)}]"
        case Unary(operator=operator, operand=operand):
            return operator + _within(operand, _OPERAND)
        case Chain(operator=operator, parts=parts):
            return f" {operator} ".join(_within(part, _STRENGTH[operator]) for part in parts)
        case Binary(operator=operator, left=left, right=right):
            strength = _strength(node)
            weakest_left = strength + 1 if strength == _RELATION else strength
            return f"{_within(left, weakest_left)} {operator} {_within(right, strength + 1)}"
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return f"{_within(condition, 2)} ? {_within(then, 2)} : {printed(otherwise)}"


def quoted_text(value: str) -> str:
    """A text as an expression writes it."""
    return f'"{value.translate(_ESCAPES)}"'


def _listed(nodes: tuple[Node, ...]) -> str:
    return ", ".join(printed(node) for node in nodes)


def _within(node: Node, weakest: int) -> str:
    """In parentheses if it binds more weakly than its surroundings allow."""
    text = printed(node)
    return text if _strength(node) >= weakest else f"({text})"


def _strength(node: Node) -> int:
    match node:
        case Choice():
            return _CHOICE
        case Chain(operator=operator):
            return _STRENGTH[operator]
        case Binary(operator=operator):
            return _STRENGTH.get(operator, _RELATION)
        case Unary():
            return _SIGN
        case _:
            return _OPERAND
