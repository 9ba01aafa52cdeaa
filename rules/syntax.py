"""How is a condition written? The parser that reads an expression's tree from text.

The language is a subset of CEL: everything accepted here parses in CEL to the same tree. What CEL has and this language
does not (ternary, division, null, floats, regular expressions, macros, indexing) is refused with what to write instead.

    has(account.last_moved_on) && move.effective < account.last_moved_on + cooldown
"""

import re
from dataclasses import replace

from rules.kinds import Kind
from rules.problem import BadInput
from rules.tokens import Token, refusal, tokens
from rules.tree import Binary, Call, Chain, Literal, Name, Node, Options, Source, Unary, inner

__all__ = ["Binary", "Call", "Chain", "Literal", "Name", "Node", "Options", "Source", "Unary", "inner", "parse"]

MAX_LENGTH = 10_000
"""Characters of one expression."""
MAX_DEPTH = 24
"""Levels of nesting; CEL's own parser stops at 32."""
MAX_DIGITS = 18
"""Digits of a whole number, so that it fits CEL's 64-bit integer."""

_RELATIONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})
_RESERVED = frozenset(
    """as break const continue else for function if import let loop namespace package return var void while
    in true false""".split()  # noqa: SIM905 -- reads better than twenty quoted words
)
"""Words that CEL keeps for itself: no part of a name may be one."""

_ESCAPES = {"\\": "\\", '"': '"', "'": "'", "n": "\n", "t": "\t", "r": "\r"}
_ESCAPE = re.compile(r"\\(.)")
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_MACROS = frozenset({"all", "exists", "exists_one", "map", "filter"})
_SPELLED = {"and": "&&", "or": "||", "not": "!", "AND": "&&", "OR": "||", "NOT": "!"}


def parse(source: Source) -> Node:
    """The tree of an expression. Raises BadInput with the place of the first syntax error."""
    if len(source.text) > MAX_LENGTH:
        raise refusal(source, 0, "expression is too long", expected=f"at most {MAX_LENGTH:,} characters")
    tree = _Parser(source).whole()
    level: tuple[Node, ...] = (tree,)
    for _ in range(MAX_DEPTH):
        level = tuple(below for node in level for below in inner(node))
    if level:
        raise _too_deep(source, level[0].offset)
    return tree


def _too_deep(source: Source, offset: int) -> BadInput:
    return refusal(
        source,
        offset,
        "nested too deeply",
        expected=f"at most {MAX_DEPTH} levels",
        hint="split the rule, or name a part of it as a fact",
    )


class _Parser:
    """Precedence climbing over the tokens of one source: `||`, `&&`, relations, `+ -`, `*`, `! -`."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._rest = tokens(source)
        self._now = next(self._rest)
        self._depth = 0

    def whole(self) -> Node:
        if self._now.sort == "end":
            raise self._refuse(self._now, "expression is empty")
        tree = self._chain("||")
        if self._now.sort != "end":
            raise self._unexpected("an operator")
        return tree

    def _chain(self, operator: str) -> Node:
        first = self._now.offset
        parts: list[Node] = []
        while True:
            part = self._chain("&&") if operator == "||" else self._relation()
            parts.extend(part.parts if isinstance(part, Chain) and part.operator == operator else (part,))
            if not self._took(operator):
                return parts[0] if len(parts) == 1 else Chain(operator, tuple(parts), first)

    def _relation(self) -> Node:
        left = self._sum()
        token = self._now
        if token.text not in _RELATIONS or token.sort not in ("operator", "name"):
            return left
        self._step()
        right = self._options() if token.text == "in" and self._now.text == "[" else self._sum()
        if self._now.text in _RELATIONS and self._now.sort in ("operator", "name"):
            raise self._refuse(
                self._now, "comparisons cannot be chained", hint="write `a < b && b < c`, or use parentheses"
            )
        return Binary(token.text, left, right, token.offset)

    def _sum(self) -> Node:
        left = self._product()
        while self._now.sort == "operator" and self._now.text in ("+", "-"):
            token = self._step()
            left = Binary(token.text, left, self._product(), token.offset)
        return left

    def _product(self) -> Node:
        left = self._unary()
        while self._now.sort == "operator" and self._now.text == "*":
            token = self._step()
            left = Binary("*", left, self._unary(), token.offset)
        return left

    def _unary(self) -> Node:
        token = self._now
        if token.sort != "operator" or token.text not in ("!", "-"):
            return self._primary()
        self._deeper(self._step())
        # CEL repeats one sign but never mixes them: `!-a` is no expression there.
        operand = self._unary() if self._now.text == token.text else self._primary()
        self._depth -= 1
        return Unary(token.text, operand, token.offset)

    def _primary(self) -> Node:
        token = self._now
        match token.sort, token.text:
            case "number", _:
                return self._number(self._step())
            case "text", _:
                return self._text(self._step())
            case "name", _:
                return self._named(self._step())
            case "operator", "(":
                self._deeper(self._step())
                tree = self._chain("||")
                self._close(")", "`)`")
                self._depth -= 1
                return self._finished(tree)
            case "operator", "[":
                raise self._refuse(
                    token, "a list stands only on the right of `in`", hint='`account.tier in ["A", "B"]`'
                )
            case _:
                raise self._unexpected("a fact, a parameter or a value")

    def _named(self, token: Token) -> Node:
        words = token.text.split(".")
        if token.text in ("true", "false"):
            return self._finished(Literal(token.text == "true", Kind.BOOL, token.offset))
        if token.text in _SPELLED:
            raise self._misspelt(token)
        if "null" in words:
            raise self._refuse(
                token, "`null` is not part of the language", hint="`has(fact)` asks whether there is a value"
            )
        kept = next((w for w in words if w in _RESERVED), "")
        if kept:
            raise self._refuse(token, f"`{kept}` cannot be used in a name")
        if self._now.sort == "text" and self._now.offset == token.offset + len(token.text):
            raise self._refuse(token, "raw text and bytes are not part of the language", hint='write `"…"`')
        if self._now.text != "(" or self._now.sort != "operator":
            return self._finished(Name(token.text, token.offset))
        if len(words) > 1:
            raise self._method(token, words[-1])
        self._deeper(self._step())
        arguments = [self._chain("||")] if self._now.text != ")" else []
        while arguments and self._took(","):
            arguments.append(self._chain("||"))
        self._close(")", "`,` or `)`")
        self._depth -= 1
        return self._finished(Call(token.text, tuple(arguments), token.offset))

    def _method(self, token: Token, word: str) -> BadInput:
        if word == "matches":
            return self._refuse(token, "regular expressions are not part of the language", hint="use `in` with a list")
        if word in _MACROS:
            return self._refuse(token, f"macros such as `{word}` are not part of the language")
        return self._refuse(token, f"`{token.text}` cannot be called", hint="a fact is not a function")

    def _options(self) -> Node:
        start = self._step()
        self._deeper(start)
        if self._now.text == "]":
            raise self._refuse(start, "the list is empty", expected="at least one value")
        items = [self._sum()]
        while self._took(","):
            items.append(self._sum())
        self._close("]", "`,` or `]`")
        self._depth -= 1
        return Options(tuple(items), start.offset)

    def _number(self, token: Token) -> Node:
        if "." in token.text:
            raise self._refuse(
                token,
                f"`{token.text}` is a floating-point number",
                hint=f'write `ratio("{token.text}")`, `percent("…")` or `money("…")`',
            )
        if not token.text.isdigit() or (token.text.startswith("0") and token.text != "0"):
            raise self._refuse(token, f"`{token.text}` is not a whole number", hint="write it in plain digits")
        if len(token.text) > MAX_DIGITS:
            raise self._refuse(token, "number is too large", expected=f"at most {MAX_DIGITS} digits")
        return self._finished(Literal(int(token.text), Kind.COUNT, token.offset))

    def _text(self, token: Token) -> Node:
        body = token.text[1:-1]
        if not body and self._now.sort == "text" and self._now.offset == token.offset + 2:
            raise self._refuse(token, "text in triple quotes is not part of the language", hint='write `"…"`')
        for escape in _ESCAPE.finditer(body):
            if escape[1] not in _ESCAPES:
                shown = escape[0] if escape[1].isprintable() else "\\"
                raise self._refuse(
                    replace(token, offset=token.offset + 1 + escape.start()),
                    f"`{shown}` is no escape",
                    expected="one of `\\\\`, `\\\"`, `\\'`, `\\n`, `\\t`, `\\r`",
                )
        unwritable = _UNWRITABLE.search(body)
        if unwritable:
            raise self._refuse(
                replace(token, offset=token.offset + 1 + unwritable.start()),
                f"unexpected character U+{ord(unwritable[0]):04X} in a text",
            )
        return self._finished(Literal(_ESCAPE.sub(lambda m: _ESCAPES[m[1]], body), Kind.TEXT, token.offset))

    def _finished(self, node: Node) -> Node:
        """An operand; nothing may index it."""
        if self._now.sort == "operator" and self._now.text == "[":
            raise self._refuse(self._now, "indexing is not part of the language", hint="a fact is a single value")
        return node

    def _step(self) -> Token:
        token, self._now = self._now, next(self._rest)
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

    def _misspelt(self, token: Token) -> BadInput:
        return self._refuse(token, f"`{token.text}` is no operator", hint=f"write `{_SPELLED[token.text]}`")

    def _unexpected(self, expected: str) -> BadInput:
        if self._now.sort == "end":
            return refusal(self._source, self._now.offset, "expression ends too early", expected=expected)
        if self._now.text in _SPELLED:
            return self._misspelt(self._now)
        return refusal(self._source, self._now.offset, f"unexpected `{self._now.text}`", expected=expected)

    def _refuse(self, token: Token, message: str, *, hint: str = "", expected: str = "") -> BadInput:
        return refusal(self._source, token.offset, message, hint=hint, expected=expected)
