"""Does an expression make sense? Names, kinds, ranges and missing values are settled before any fact is looked at.

What passes means the same everywhere: only equal kinds are compared, nothing can leave 64 bits, and an optional fact is
read only where `has(fact)` was asked (`has(x) && x > 1`, `!has(x) || x > 1`): "there is none" never passes as a value.
What names nothing is computed here, and refused where CEL would have an error.
"""

from collections.abc import Callable

from rules.expression.bounds import require_bounds
from rules.expression.checker import Checker
from rules.expression.scope import Checked, Scope
from rules.expression.syntax import parse
from rules.expression.term import Op, present_if
from rules.expression.tree import Node, Source
from rules.problem import Place

__all__ = ["Checked", "Scope", "check", "compile_text"]


def compile_text(text: str, place: Place, scope: Scope, locate: Callable[[int], Place] | None = None) -> Checked:
    """Parse and check. Raises BadInput with the first syntax error, or with everything that makes no sense."""
    source = Source(text, place, locate)
    return check(parse(source), source, scope)


def check(node: Node, source: Source, scope: Scope) -> Checked:
    """The typed expression. Raises BadInput with every name, kind and missing guard that is wrong, then every range."""
    term = Checker(source, scope).term(node, scope.known)
    require_bounds(term, source, formulas=scope.formulas)
    named = [below for below in term.walk() if below.op in (Op.FACT, Op.PARAMETER)]
    return Checked(
        node=term,
        kind=term.kind,
        unit=term.unit,
        text=source.text,
        fields=tuple(dict.fromkeys(t.name for t in named if t.op is Op.FACT)),
        parameters=tuple(dict.fromkeys(t.name for t in named if t.op is Op.PARAMETER)),
        present=present_if(term, holds=True),
    )
