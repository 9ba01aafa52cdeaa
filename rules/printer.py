"""How is a tree written? Canonical text: blanks around operators, double quotes, only the parentheses that are needed.

Parsing the text again gives the same tree.
"""

from rules.kinds import Kind
from rules.syntax import Binary, Call, Chain, Literal, Name, Node, Options, Unary

_STRENGTH = {"||": 1, "&&": 2, "+": 4, "-": 4, "*": 5}
_RELATION, _SIGN, _OPERAND = 3, 6, 7
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"})


def printed(node: Node) -> str:
    """The canonical text of a tree."""
    match node:
        case Name(text=name):
            return name
        case Literal(value=value, kind=kind):
            if kind is Kind.BOOL:
                return "true" if value else "false"
            return quoted_text(str(value)) if kind is Kind.TEXT else str(value)
        case Call(name=name, arguments=arguments):
            return f"{name}({', '.join(printed(a) for a in arguments)})"
        case Options(items=items):
            return f"[{', '.join(printed(i) for i in items)}]"
        case Unary(operator=operator, operand=Unary(operator=same) as operand) if same == operator:
            return operator + printed(operand)
        case Unary(operator=operator, operand=operand):
            return operator + _within(operand, _OPERAND)
        case Chain(operator=operator, parts=parts):
            return f" {operator} ".join(_within(part, _STRENGTH[operator]) for part in parts)
        case Binary(operator=operator, left=left, right=right):
            strength = _strength(node)
            weakest_left = strength + 1 if strength == _RELATION else strength
            return f"{_within(left, weakest_left)} {operator} {_within(right, strength + 1)}"


def quoted_text(value: str) -> str:
    """A text as an expression writes it."""
    return f'"{value.translate(_ESCAPES)}"'


def _within(node: Node, weakest: int) -> str:
    """In parentheses if it binds more weakly than its surroundings allow."""
    text = printed(node)
    return text if _strength(node) >= weakest else f"({text})"


def _strength(node: Node) -> int:
    match node:
        case Chain(operator=operator):
            return _STRENGTH[operator]
        case Binary(operator=operator):
            return _STRENGTH.get(operator, _RELATION)
        case Unary():
            return _SIGN
        case _:
            return _OPERAND
