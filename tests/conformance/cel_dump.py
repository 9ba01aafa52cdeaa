"""A tree of this language written as CEL's own library (cel-go) writes its trees: one node a line, each with its kind.

Macros are written out as the loops that they stand for, and rows of `&&` and `||` are halved: that library does both.
"""

import unicodedata
from collections.abc import Sequence

from rules.expression.tree import Binary, Call, Chain, Choice, Index, Items, Literal, Method, Name, Node, Unary
from rules.kinds import Kind

LOOPS = frozenset({"all", "exists", "exists_one", "existsOne", "filter", "map"})
_KINDS = {Kind.BOOL: "BoolValue", Kind.COUNT: "Int64Value", Kind.TEXT: "StringValue", Kind.BYTES: "BytesValue"}
_ESCAPES = {"\a": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r"} | {
    '"': '\\"',
    "\\": "\\\\",
}
_SHORT, _WIDE = 0x80, 0x10000
"""Codes below the first are written as one byte, and those from the second on with eight digits."""
RESULT = "@result^#*expr.Expr_IdentExpr#"


def dump(node: Node) -> str:  # noqa: C901, PLR0912 -- one case for each kind of node
    """The tree as the suites print it."""
    match node:
        case Name(text=name):
            first, *parts = name.split(".")
            return _kind(first, "Ident") + "".join(_kind(f".{part}", "Select") for part in parts)
        case Literal(value=value, kind=kind):
            return f"{_spelled(value, kind)}^#*expr.Constant_{_KINDS[kind]}#"
        case Unary(operator="-", operand=Literal(value=value, kind=Kind.COUNT)):
            return dump(Literal(-int(value), Kind.COUNT))
        case Unary(operator=operator, operand=operand):
            return called(f"{operator}_", [dump(operand)])
        case Binary(operator=operator, left=left, right=right):
            return called("@in" if operator == "in" else f"_{operator}_", [dump(left), dump(right)])
        case Chain(operator=operator, parts=parts):
            return _halved(f"_{operator}_", [dump(part) for part in parts])
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return called("_?_:_", [dump(condition), dump(then), dump(otherwise)])
        case Index(receiver=receiver, position=position):
            return called("_[_]", [dump(receiver), dump(position)])
        case Items(items=items):
            return _list([dump(item) for item in items])
        case Call(name="has", arguments=(Name(text=name),)):
            whole, _, part = name.rpartition(".")
            return _kind(f"{dump(Name(whole))}.{part}~test-only~", "Select")
        case Call(name=name, arguments=arguments):
            return called(name, [dump(argument) for argument in arguments])
        case Method(receiver=receiver, name=name, arguments=arguments):
            if name in LOOPS and (len(arguments) == 2 or (name == "map" and len(arguments) == 3)):
                return _loop(name, receiver, arguments)
            return called(f"{dump(receiver)}.{name}", [dump(argument) for argument in arguments])


def called(function: str, arguments: Sequence[str]) -> str:
    """A call, its arguments one below the other."""
    return _kind(f"{function}({_lines(arguments)})", "Call")


def _halved(function: str, parts: Sequence[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2 + len(parts) % 2
    return called(function, [_halved(function, parts[:middle]), _halved(function, parts[middle:])])


def _loop(name: str, listed: Node, arguments: tuple[Node, ...]) -> str:
    """What a macro stands for: where it begins, whether it goes on, what each item adds, and what comes out."""
    variable, *bodies = arguments
    *asked, body = [dump(each) for each in bodies]
    one, nothing = dump(Literal(1, Kind.COUNT)), dump(Literal(0, Kind.COUNT))
    yes, no = dump(Literal(value=True, kind=Kind.BOOL)), dump(Literal(value=False, kind=Kind.BOOL))
    match name:
        case "all":
            begin, goes_on = yes, called("@not_strictly_false", [RESULT])
            step, result = called("_&&_", [RESULT, body]), RESULT
        case "exists":
            begin, goes_on = no, called("@not_strictly_false", [called("!_", [RESULT])])
            step, result = called("_||_", [RESULT, body]), RESULT
        case "exists_one" | "existsOne":
            begin, goes_on = nothing, yes
            step = called("_?_:_", [body, called("_+_", [RESULT, one]), RESULT])
            result = called("_==_", [RESULT, one])
        case _:
            kept = dump(variable) if name == "filter" else body
            begin, goes_on, result = _list([]), yes, RESULT
            step = called("_+_", [RESULT, _list([kept])])
            if name == "filter" or asked:
                step = called("_?_:_", [body if name == "filter" else asked[0], step, RESULT])
    parts = {
        "Variable": variable.text if isinstance(variable, Name) else "",
        "Target": dump(listed),
        "Accumulator": "@result",
        "Init": begin,
        "LoopCondition": goes_on,
        "LoopStep": step,
        "Result": result,
    }
    inside = _lines([f"// {title}\n{part}" for title, part in parts.items()]).removesuffix("\n")
    return _kind(f"__comprehension__({inside})", "Comprehension")


def _list(items: Sequence[str]) -> str:
    return _kind(f"[{_lines(items)}]", "List")


def _lines(parts: Sequence[str]) -> str:
    """Each part on lines of its own, indented."""
    return "\n" + ",\n".join("  " + part.replace("\n", "\n  ") for part in parts) + "\n" if parts else ""


def _kind(text: str, kind: str) -> str:
    return f"{text}^#*expr.Expr_{kind}Expr#"


def _spelled(value: int | str, kind: Kind) -> str:
    match kind:
        case Kind.BOOL:
            return "true" if value else "false"
        case Kind.BYTES:
            return f'b"{_signs(str(value).encode("latin-1").decode("utf-8", "surrogateescape"))}"'
        case Kind.TEXT:
            return f'"{_signs(str(value))}"'
        case _:
            return str(value)


def _signs(text: str) -> str:
    """Signs that cannot be seen are written as codes, and bytes that are no UTF-8."""
    return "".join(_ESCAPES.get(sign) or (sign if _is_seen(sign) else _code(ord(sign))) for sign in text)


def _is_seen(sign: str) -> bool:
    return sign == " " or unicodedata.category(sign)[0] in "LMNPS"


def _code(code: int) -> str:
    if 0xDC80 <= code <= 0xDCFF:  # a byte that stands alone
        return f"\\x{code - 0xDC00:02x}"
    if code < _SHORT:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < _WIDE else f"\\U{code:08x}"
