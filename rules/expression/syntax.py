"""How is a condition written? The parser that reads an expression's tree from text.

The language is a subset of CEL: everything accepted here parses in CEL to the same tree. What CEL has and this language
does not (floats, unsigned numbers, null, maps, optional selection) is refused with what to write instead.

    has(account.last_moved_on) && move.effective < account.last_moved_on + cooldown
"""

from rules.expression.literals import number, text_literal
from rules.expression.refusal import Reason, refusal
from rules.expression.tokens import Token, tokens
from rules.expression.tree import (
    Binary,
    Call,
    Chain,
    Choice,
    Index,
    Items,
    Literal,
    Method,
    Name,
    Node,
    Source,
    Unary,
    inner,
)
from rules.kinds import Kind
from rules.problem import BadInput

MAX_LENGTH = 10_000
"""Characters of one expression."""
MAX_DEPTH = 32
"""Levels of nesting; CEL's own parser stops there."""

_RELATIONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})
_RESERVED = frozenset(
    """as break const continue else for function if import let loop namespace package return var void while
    in true false""".split()  # noqa: SIM905 -- reads better than twenty quoted words
)
"""Words that CEL keeps for itself: no part of a name may be one."""
_SPELLED = {"and": "&&", "or": "||", "not": "!", "AND": "&&", "OR": "||", "NOT": "!"}
_OPERAND = "a fact, a parameter or a value"


def parse(source: Source) -> Node:
    """The tree of an expression. Raises BadInput with the place of the first syntax error."""
    if len(source.text) > MAX_LENGTH:
        expected = f"at most {MAX_LENGTH:,} characters"
        raise refusal(source, 0, "expression is too long", expected=expected, reason=Reason.TOO_LARGE)
    tree = _Parser(source).whole()
    level: tuple[Node, ...] = (tree,)
    for _ in range(MAX_DEPTH):
        level = tuple(below for node in level for below in inner(node))
        if not level:
            return tree
    raise _too_deep(source, level[0].offset)


def _too_deep(source: Source, offset: int) -> BadInput:
    return refusal(
        source,
        offset,
        "nested too deeply",
        expected=f"at most {MAX_DEPTH} levels",
        hint="split the rule, or give a part of it a name of its own",
        reason=Reason.TOO_LARGE,
    )


class _Parser:
    """Precedence climbing over the tokens: `? :`, `||`, `&&`, relations, `+ -`, `* / %`, `! -`, and what follows
    an operand: `.name(…)` and `[…]`.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._rest = tokens(source)
        self._now = next(self._rest)
        self._end = 0
        """Where the last token taken ends."""
        self._depth = 0

    def whole(self) -> Node:
        if self._now.sort == "end":
            raise self._refuse(self._now, "expression is empty")
        tree = self._expression()
        if self._now.sort != "end":
            raise self._unexpected("an operator")
        return tree

    def _expression(self) -> Node:
        condition = self._chain("||")
        token = self._now
        if not self._took("?"):
            return condition
        self._deeper(token)
        then = self._chain("||")
        self._close(":", "`:`")
        otherwise = self._expression()
        self._depth -= 1
        return Choice(condition, then, otherwise, token.offset, self._end)

    def _chain(self, operator: str) -> Node:
        first = self._now.offset
        parts: list[Node] = []
        while True:
            part = self._chain("&&") if operator == "||" else self._relation()
            parts.extend(part.parts if isinstance(part, Chain) and part.operator == operator else (part,))
            if not self._took(operator):
                return parts[0] if len(parts) == 1 else Chain(operator, tuple(parts), first, self._end)

    def _relation(self) -> Node:
        left = self._sum()
        if not self._at_relation():
            return left
        token = self._step()
        right = self._sum()
        if self._at_relation():
            hint = "write `a < b && b < c`, or use parentheses"
            raise self._refuse(self._now, "comparisons cannot be chained", hint=hint, reason=Reason.CHAINED)
        return Binary(token.text, left, right, token.offset, self._end)

    def _at_relation(self) -> bool:
        return self._now.text in _RELATIONS and self._now.sort in ("operator", "name")

    def _sum(self) -> Node:
        left = self._product()
        while self._now.sort == "operator" and self._now.text in ("+", "-"):
            token = self._step()
            right = self._product()
            left = Binary(token.text, left, right, token.offset, self._end)
        return left

    def _product(self) -> Node:
        left = self._unary()
        while self._now.sort == "operator" and self._now.text in ("*", "/", "%"):
            token = self._step()
            right = self._unary()
            left = Binary(token.text, left, right, token.offset, self._end)
        return left

    def _unary(self) -> Node:
        token = self._now
        if token.sort != "operator" or token.text not in ("!", "-"):
            return self._member()
        # CEL repeats one sign but never mixes them, and two of a kind cancel out: `!-a` is no expression there.
        odd = False
        while self._took(token.text):
            odd = not odd
        self._deeper(token)
        operand = self._member()
        self._depth -= 1
        return Unary(token.text, operand, token.offset, self._end) if odd else operand

    def _member(self) -> Node:
        start = self._now.offset
        node = self._primary()
        while self._now.sort == "operator" and self._now.text in (".", "["):
            token = self._step()
            self._refuse_optional()
            if token.text == "[":
                self._deeper(token)
                position = self._expression()
                self._close("]", "`]`")
                self._depth -= 1
                node = Index(node, position, token.offset, self._end)
            else:
                node = self._selected(node, start)
        return node

    def _selected(self, node: Node, start: int) -> Node:
        """After a dot: a further part of a name, or a method."""
        if self._now.sort != "name":
            raise self._unexpected("a name")
        token = self._step()
        if self._now.sort == "operator" and self._now.text == "(":
            return Method(node, self._word(token), self._arguments(), token.offset, self._end)
        if not isinstance(node, Name):
            hint = "a dot stands in the name of a fact, or before a method such as `.size()`"
            raise self._refuse(token, f"`{token.text}` is no method", hint=hint, reason=Reason.SELECTION)
        if node.text.count(".") + 2 > MAX_DEPTH:  # each part is a level to CEL
            raise _too_deep(self._source, start)
        return Name(f"{node.text}.{self._word(token)}", start, self._end)

    def _arguments(self) -> tuple[Node, ...]:
        self._deeper(self._step())
        arguments: list[Node] = []
        if self._now.text != ")" or self._now.sort != "operator":
            arguments.append(self._expression())
            while self._took(","):
                arguments.append(self._expression())
        self._close(")", "`,` or `)`")
        self._depth -= 1
        return tuple(arguments)

    def _primary(self) -> Node:
        token = self._now
        match token.sort, token.text:
            case "number", _:
                return number(self._source, self._step())
            case "text", _:
                return text_literal(self._source, self._step())
            case "name", _:
                return self._named(self._step())
            case "operator", "(":
                self._deeper(self._step())
                tree = self._expression()
                self._close(")", "`)`")
                self._depth -= 1
                return tree
            case "operator", "[":
                return self._items()
            case "operator", ".":
                raise self._refuse(token, f"unexpected `{token.text}`", expected=_OPERAND, reason=Reason.SELECTION)
            case _:
                raise self._unexpected(_OPERAND)

    def _items(self) -> Node:
        start = self._step()
        self._deeper(start)
        items: list[Node] = []
        while self._now.text != "]" or self._now.sort != "operator":
            self._refuse_optional()
            items.append(self._expression())
            # CEL allows a comma after the last item.
            if not self._took(","):
                break
        self._close("]", "`,` or `]`")
        self._depth -= 1
        return Items(tuple(items), start.offset, self._end)

    def _named(self, token: Token) -> Node:
        if token.text in ("true", "false"):
            return Literal(token.text == "true", Kind.BOOL, token.offset, token.end)
        if token.text in _SPELLED:
            raise self._misspelt(token)
        name = self._word(token)
        if self._now.sort == "operator" and self._now.text == "(":
            return Call(name, self._arguments(), token.offset, self._end)
        return Name(name, token.offset, token.end)

    def _word(self, token: Token) -> str:
        """A name, or part of one. Raises BadInput for words that CEL reserves."""
        if token.text == "null":
            hint = "`has(fact)` asks whether there is a value"
            raise self._refuse(token, "`null` is not part of the language", hint=hint, reason=Reason.NULL)
        if token.text in _RESERVED:
            raise self._refuse(token, f"`{token.text}` cannot be used in a name", reason=Reason.RESERVED)
        return token.text

    def _step(self) -> Token:
        token, self._now = self._now, next(self._rest)
        self._end = token.end
        return token

    def _took(self, operator: str) -> bool:
        took = self._now.sort == "operator" and self._now.text == operator
        if took:
            self._step()
        return took

    def _close(self, sign: str, expected: str) -> None:
        if not self._took(sign):
            raise self._unexpected(expected)

    def _deeper(self, token: Token) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _too_deep(self._source, token.offset)

    def _refuse_optional(self) -> None:
        if self._now.text == "?" and self._now.sort == "operator":
            raise self._refuse(self._now, "optional selection is not part of the language", reason=Reason.OPTIONAL)

    def _misspelt(self, token: Token) -> BadInput:
        return self._refuse(token, f"`{token.text}` is no operator", hint=f"write `{_SPELLED[token.text]}`")

    def _unexpected(self, expected: str) -> BadInput:
        if self._now.sort == "end":
            return refusal(self._source, self._now.offset, "expression ends too early", expected=expected)
        if self._now.text in _SPELLED:
            return self._misspelt(self._now)
        return self._refuse(self._now, f"unexpected `{self._now.text}`", expected=expected)

    def _refuse(
        self, token: Token, message: str, *, hint: str = "", expected: str = "", reason: Reason = Reason.SYNTAX
    ) -> BadInput:
        return refusal(self._source, token.offset, message, hint=hint, expected=expected, reason=reason, end=token.end)
