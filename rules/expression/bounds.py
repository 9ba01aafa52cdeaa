"""Can any part of an expression have no value, leave the range of its kind, or grow too large? All of it is refused."""

from dataclasses import dataclass

from rules.expression.folding import MAX_WORK, has_value, names_nothing, work
from rules.expression.refusal import Reason, refusal
from rules.expression.term import INT64, MACROS, RANGE, REACH, Op, Term, reach
from rules.expression.tree import Source
from rules.kinds import Kind
from rules.problem import BadInput, Problem

MAX_TERMS = 20_000
"""Parts of an expression with all that its names stand for."""
MAX_LEVELS = 120
"""Levels of the same."""

_ARITHMETIC = (Op.PLUS, Op.MINUS, Op.TIMES, Op.NEGATE, Op.QUOTIENT, Op.REMAINDER)
_NUMBERS = frozenset({Kind.COUNT, Kind.MONEY, Kind.DAYS, Kind.DATE, Kind.DURATION, Kind.TIMESTAMP})
_WHY = {
    Op.QUOTIENT: "the divisor is 0, or the result leaves 64 bits",
    Op.REMAINDER: "the divisor is 0",
    **dict.fromkeys(MACROS, "its part has none for some item"),
    Op.INDEX: "positions count from 0, and end before the list's size",
}


def require_bounds(term: Term, source: Source, *, formulas: bool) -> None:
    """Raises BadInput for constants that have no value, bytes that are not settled, and arithmetic out of its range.

    A formula is computed in unbounded integers, one case at a time; a condition must fit every engine.
    """
    _require_size(term, source)
    problems: list[Problem] = []
    search = _Search(source, formulas, problems)
    search.gather(term)
    if formulas and _of_bytes(term):
        search.refuse(term, "a line of a formula is not bytes", "", Reason.BYTES)
    if problems:
        raise BadInput(problems)


def _require_size(term: Term, source: Source) -> None:
    count, rest = 0, [(term, 1)]
    while rest:
        now, level = rest.pop()
        count += 1
        if count > MAX_TERMS or level > MAX_LEVELS:
            expected = f"at most {MAX_TERMS:,} parts, {MAX_LEVELS} levels deep"
            message = "too large with all that its names stand for"
            raise refusal(source, 0, message, expected=expected, reason=Reason.TOO_LARGE)
        rest.extend((part, level + 1) for part in now.parts)


@dataclass(frozen=True, slots=True)
class _Search:
    """Gathers what is wrong in the terms of one source."""

    source: Source
    formulas: bool
    problems: list[Problem]

    def gather(self, term: Term) -> None:
        if not term.parts:
            return
        # What a definition or an override stands for was looked at where it is written.
        if term.op is Op.DEFINITION or (term.op is Op.IF and term.name):
            return
        if term.op in MACROS and work(term) > MAX_WORK:
            self.refuse(term, "this takes too long to compute", "shorten the lists", Reason.TOO_LARGE)
            return
        before = len(self.problems)
        constant = term.op not in (Op.LITERAL, Op.LIST) and names_nothing(term)
        for part in term.parts[:1] if constant and term.op in MACROS else term.parts:
            if part.op is Op.LIST and not part.parts and not constant:
                hint = "compare the size with 0: `account.tags.size() == 0`"
                self.refuse(part, "the list is empty", hint, Reason.EMPTY_LIST)
            else:
                self.gather(part)
        if len(self.problems) == before:
            self.itself(term, constant=constant)

    def itself(self, term: Term, *, constant: bool) -> None:
        """A term whose parts are right."""
        if constant and not has_value(term):
            hint = _WHY.get(term.op, "the result leaves its range")
            self.refuse(term, f"`{term.text}` has no value", hint, Reason.UNDEFINED)
        elif not constant and term.op is not Op.LIST and any(map(_of_bytes, term.parts)):
            hint = "compare them with bytes that are written out, or use text"
            self.refuse(term, f"`{term.text}` depends on a fact, and bytes never do", hint, Reason.BYTES)
        elif term.op in (Op.QUOTIENT, Op.REMAINDER) and _holds_zero(reach(term.parts[1])):
            hint = "divide by a number such as 12, or multiply the other side"
            self.refuse(term, f"`{term.parts[1].text}` can be 0", hint, Reason.DIVISOR)
        elif _too_far(term, formulas=self.formulas):
            hint = "multiply by a smaller number, or compare the sides apart"
            self.refuse(term, "the result can be too large", hint, Reason.RANGE)

    def refuse(self, term: Term, message: str, hint: str, reason: Reason) -> None:
        refused = refusal(self.source, term.offset, message, hint=hint, reason=reason, end=term.end)
        self.problems.extend(refused.problems)


def _of_bytes(term: Term) -> bool:
    return Kind.BYTES in (term.kind, term.of)


def _holds_zero(found: tuple[int, int]) -> bool:
    return found[0] <= 0 <= found[1]


def _too_far(term: Term, *, formulas: bool) -> bool:
    if term.op in MACROS:
        listed = term.parts[0]
        counted = term.op is Op.MAP or any(t.op in _ARITHMETIC for t in term.parts[1].walk())
        return listed.of in RANGE and counted and _beyond(reach(listed), RANGE[listed.of])
    if formulas or term.op not in _ARITHMETIC or term.kind not in _NUMBERS:
        return False
    return _beyond(reach(term), REACH.get(term.kind, INT64))


def _beyond(found: tuple[int, int], allowed: tuple[int, int]) -> bool:
    return found[0] < allowed[0] or allowed[1] < found[1]
