"""What does a cell of a decision table ask of its input? Cells as written, to conditions with the places of the cell.

A cell is one of these, after the unary tests of DMN 1.5 (section 7.3.12):

    -                   anything, also the unknown
    "A"                 this value; any expression will do: `money("5")`, `true`, a parameter
    "A", "B"            one of these tests
    >= 5                compared with it; also < <= > == !=
    [1..5)              from 1 up to, and not including, 5
    not("A", > 7)       none of these

A cell becomes the text of a condition on its input, `account.t12 >= money("5")`, so that the checker of expressions
judges it like any other. An input that may be none fits no cell but `-` when it is.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rules.expression.check import Checked, Scope, compile_text
from rules.kinds import Kind
from rules.problem import BadInput, Place, Problem

_OPERATORS = (">=", "<=", "==", "!=", ">", "<")
_CLOSED = re.compile(r"""[\w.]+|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|-?[0-9]+|[a-z]+\((?:"[^"\\]*"|-?[0-9]+)\)""")
"""Values that need no brackets around them."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


@dataclass(frozen=True, slots=True)
class _Piece:
    """Part of a condition: taken from the cell at `offset`, or added."""

    text: str
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, the input that it asks about as written, and where its characters stand."""

    text: str
    input: Checked
    scope: Scope
    locate: Callable[[int], Place]

    def condition(self) -> Checked | None:
        """The condition on the input; None where anything fits. Raises BadInput with all that is wrong at its place."""
        if self.text.strip() == "-":
            return None
        pieces = tuple(self._guarded())
        starts: list[tuple[int, _Piece]] = []
        length = 0
        for piece in pieces:
            starts.append((length, piece))
            length += len(piece.text)

        def place(offset: int) -> Place:
            start, piece = next(((s, p) for s, p in reversed(starts) if s <= offset), starts[0])
            return self.locate(0 if piece.offset is None else piece.offset + offset - start)

        return compile_text("".join(p.text for p in pieces), self.locate(0), self.scope, place)

    def _guarded(self) -> Iterator[_Piece]:
        name = self.input.text.strip()
        fact = self.scope.fields.get(name)
        tests = tuple(self._tests())
        if fact is not None and fact.optional:
            yield _Piece(f"has({name}) && (")
            yield from tests
            yield _Piece(")")
        else:
            yield from tests

    def _tests(self) -> Iterator[_Piece]:
        self._require_brackets()
        start, end = self._stripped(0, len(self.text))
        negated = re.match(r"not\s*\(", self.text[start:end])
        if negated and self._closing(start + negated.end() - 1) == end - 1:
            yield _Piece("!(")
            yield from self._any(start + negated.end(), end - 1)
            yield _Piece(")")
        else:
            yield from self._any(start, end)

    def _any(self, start: int, end: int) -> Iterator[_Piece]:
        for i, (a, b) in enumerate(self._split(start, end, ",")):
            if i:
                yield _Piece(" || ")
            yield from self._test(*self._stripped(a, b))

    def _test(self, start: int, end: int) -> Iterator[_Piece]:
        text = self.text[start:end]
        if not text:
            raise self._wrong(start, "a test is missing", "write `-` for anything")
        if text == "-":
            raise self._wrong(start, "`-` stands alone", "it fits anything, so that nothing beside it matters")
        sign = next((s for s in _OPERATORS if text.startswith(s)), "")
        if sign:
            yield from self._compared(sign, *self._stripped(start + len(sign), end))
        elif text[0] in "[(" and text[-1] in "])" and len(self._split(start + 1, end - 1, "..")) > 1:
            yield from self._interval(start, end)
        elif text in self.scope.listed:
            yield _Piece(f"{self._operand()} in ")
            yield _Piece(text, start)
        else:
            yield from self._compared("==", start, end)

    def _interval(self, start: int, end: int) -> Iterator[_Piece]:
        bounds = [self._stripped(a, b) for a, b in self._split(start + 1, end - 1, "..")]
        if len(bounds) != len("[]") or any(a == b for a, b in bounds):
            raise self._wrong(start, "an interval has two ends", "write `[1..5]`, or `[1..5)` to leave out 5")
        yield _Piece("(")
        yield from self._compared(">=" if self.text[start] == "[" else ">", *bounds[0])
        yield _Piece(" && ")
        yield from self._compared("<=" if self.text[end - 1] == "]" else "<", *bounds[1])
        yield _Piece(")")

    def _compared(self, sign: str, start: int, end: int) -> Iterator[_Piece]:
        value = self.text[start:end]
        if not value:
            raise self._wrong(start, f"nothing to compare with after `{sign}`", "")
        if self.input.kind is Kind.TEXT and _NAME.fullmatch(value) and not self._means_something(value):
            raise self._wrong(start, f"`{value}` has no meaning here", f'for the text write `"{value}"`, in quotes')
        yield _Piece(f"{self._operand()} {sign} ", None)
        if _CLOSED.fullmatch(value):
            yield _Piece(value, start)
        else:
            yield _Piece("(")
            yield _Piece(value, start)
            yield _Piece(")")

    def _means_something(self, name: str) -> bool:
        known = (self.scope.fields, self.scope.parameters, self.scope.definitions)
        return name in ("true", "false") or any(name in names for names in known)

    def _operand(self) -> str:
        text = " ".join(self.input.text.split())
        return text if re.fullmatch(r"[\w.]+", text) else f"({text})"

    def _require_brackets(self) -> None:
        depth = 0
        for at, sign in self._signs(0, len(self.text)):
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(sign, 0)
            if depth < 0:
                raise self._wrong(at, f"`{sign}` closes nothing", "")
        if depth:
            raise self._wrong(len(self.text), "a bracket is not closed", "")

    def _closing(self, opening: int) -> int:
        depth = 0
        for at, sign in self._signs(opening, len(self.text)):
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(sign, 0)
            if depth == 0:
                return at
        return -1

    def _split(self, start: int, end: int, by: str) -> list[tuple[int, int]]:
        """The ranges between separators that stand outside quotes and brackets."""
        ranges, depth, begin = [], 0, start
        for at, sign in self._signs(start, end):
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(sign, 0)
            if depth == 0 and at >= begin and self.text.startswith(by, at) and at + len(by) <= end:
                ranges.append((begin, at))
                begin = at + len(by)
        return [*ranges, (begin, end)]

    def _signs(self, start: int, end: int) -> Iterator[tuple[int, str]]:
        """Characters outside quotes, with their offsets."""
        quote = ""
        at = start
        while at < end:
            sign = self.text[at]
            if quote:
                at += sign == "\\"
                quote = "" if sign == quote else quote
            elif sign in "\"'":
                quote = sign
            else:
                yield at, sign
            at += 1

    def _stripped(self, start: int, end: int) -> tuple[int, int]:
        text = self.text[start:end]
        return end - len(text.lstrip()) if text.strip() else start, start + len(text.rstrip())

    def _wrong(self, offset: int, message: str, hint: str) -> BadInput:
        return BadInput([Problem(self.locate(offset), message, hint=hint)])
