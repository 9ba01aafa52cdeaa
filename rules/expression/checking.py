"""What does every part of an expression need to be checked? Its source and scope, and ways to make terms and refuse."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from rules.expression.folding import folded
from rules.expression.operands import Refused
from rules.expression.printer import printed
from rules.expression.refusal import Reason, refused_at
from rules.expression.scope import Scope
from rules.expression.term import UNIT_OF_KIND, Op, Term
from rules.expression.tree import Name, Node, Source
from rules.kinds import Kind, Unit, Value
from rules.problem import BadInput, Problem, nearest
from rules.vocabulary import Field

_TYPES = frozenset("bool bytes double dyn int list map null_type string type uint".split())  # noqa: SIM905 -- words


@dataclass(frozen=True, slots=True)
class Checking(ABC):
    """One source and its scope. Every method raises BadInput with all that is wrong at or below its node."""

    source: Source
    scope: Scope
    variables: Mapping[str, Term] = field(default_factory=dict)
    """Variables of the macros around, by name."""
    spelled: list[int] = field(default_factory=list)
    """Sizes of all that was put in for names so far."""

    @abstractmethod
    def term(self, node: Node, known: frozenset[str]) -> Term:
        """The typed node; `known` are the optional facts that are there wherever it is looked at."""

    def made(
        self,
        op: Op,
        kind: Kind,
        node: Node,
        parts: tuple[Term, ...] = (),
        *,
        unit: Unit = Unit.NONE,
        name: str = "",
        value: Value | None = None,
        of: Kind | None = None,
    ) -> Term:
        """The term of a node; computed, if it names nothing."""
        unit = UNIT_OF_KIND[of or kind] if unit is Unit.NONE else unit
        term = Term(op, kind, unit, printed(node), node.offset, parts, name, value, of, node.end)
        if not parts:
            return term
        try:
            return folded(term)
        except Refused as refused:
            raise self.wrong(node, refused.message, refused.reason, hint=refused.hint) from None

    def fact(self, node: Name, fact: Field, known: frozenset[str]) -> Term:
        """A fact that may be read here."""
        if fact.optional and fact.name not in known:
            raise self.wrong(
                node,
                f"`{fact.name}` may be none, and nothing before it asks",
                Reason.OPTIONAL_FACT,
                hint=f"write `has({fact.name}) && …`, or `!has({fact.name}) || …`",
            )
        of = (fact.of or Kind.TEXT) if fact.kind is Kind.LIST else None
        return self.made(Op.FACT, fact.kind, node, name=fact.name, unit=fact.unit, of=of)

    def unknown(self, node: Name) -> BadInput:
        """A name that stands for nothing."""
        if node.text in _TYPES:
            return self.wrong(node, f"`{node.text}` is a type, and no value", Reason.TYPE)
        what = "fact" if "." in node.text else "parameter"
        names = (*self.scope.names(), *self.variables)
        return self.wrong(node, f"unknown {what} `{node.text}`", Reason.UNKNOWN_NAME, hint=nearest(node.text, names))

    def all(self, nodes: Iterable[Node], known: frozenset[str]) -> tuple[Term, ...]:
        """Several nodes; the problems of all of them are raised together."""
        terms: list[Term] = []
        problems: list[Problem] = []
        for node in nodes:
            try:
                terms.append(self.term(node, known))
            except BadInput as bad:
                problems.extend(bad.problems)
        raise_all(problems)
        return tuple(terms)

    @contextmanager
    def at(self, node: Node) -> Iterator[None]:
        """Gives a refusal the place of `node`."""
        try:
            yield
        except Refused as refused:
            raise self.wrong(node, refused.message, refused.reason, hint=refused.hint) from None

    def wrong(self, node: Node, message: str, reason: Reason, *, hint: str = "", expected: str = "") -> BadInput:
        """One problem with a node, to be raised."""
        return refused_at(self.source, node, message, reason=reason, hint=hint, expected=expected)


@contextmanager
def gathering(problems: list[Problem]) -> Iterator[None]:
    """Keeps the problems of one part, so that the other parts are looked at too."""
    try:
        yield
    except BadInput as bad:
        problems.extend(bad.problems)


def raise_all(problems: list[Problem]) -> None:
    """Raises BadInput if there are any."""
    if problems:
        raise BadInput(problems)
