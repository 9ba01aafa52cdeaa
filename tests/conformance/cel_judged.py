"""What is made of the cases of other projects' suites: accepted, or refused for a reason."""

from dataclasses import dataclass

from rules.expression.check import compile_text
from rules.expression.refusal import Reason
from rules.expression.scope import Checked, Scope
from rules.expression.syntax import parse
from rules.expression.tree import Node, Source
from rules.kinds import Kind
from rules.problem import BadInput, Place, Problem
from tests.conformance.cel_cases import CelCase, Foreign, Type
from tests.conformance.cel_stages import StageCase

FOREIGN_VARIABLE = "a variable of a kind that facts do not have"
HERE = Place("cel")


@dataclass(frozen=True, slots=True)
class Judged:
    """A case with what it compiled to, or the reason why it was refused."""

    case: CelCase
    checked: Checked | None
    reason: str


@dataclass(frozen=True, slots=True)
class Staged:
    """A case with its tree, if it was read, and what it compiled to; or what was wrong with it first."""

    case: StageCase
    tree: Node | None
    checked: Checked | None
    problem: Problem | None

    @property
    def reason(self) -> str:
        """Why it was refused."""
        found = self.problem.reason if self.problem else ""
        return FOREIGN_VARIABLE if self.case.foreign and found == Reason.UNKNOWN_NAME.value else found

    @property
    def at(self) -> tuple[int | None, int | None] | None:
        """Line and column of what was wrong."""
        return (self.problem.where.line, self.problem.where.column) if self.problem else None


def judged(case: CelCase) -> Judged:
    try:
        return Judged(case, compile_text(case.text, HERE, Scope(case.fields, {})), "")
    except BadInput as bad:
        return Judged(case, None, FOREIGN_VARIABLE if case.foreign else bad.problems[0].reason)


def staged(case: StageCase) -> Staged:
    tree = None
    try:
        tree = parse(Source(case.text, HERE))
        return Staged(case, tree, compile_text(case.text, HERE, Scope(case.fields, {})), None)
    except BadInput as bad:
        return Staged(case, tree, None, bad.problems[0])


def fits(theirs: Type, ours: Type) -> bool:
    """Whether a type is CEL's. CEL may say what the items of an empty list would be; here they are of no kind."""
    return theirs == ours or (ours == (Kind.LIST, None) and not isinstance(theirs, Foreign) and theirs[0] is Kind.LIST)
