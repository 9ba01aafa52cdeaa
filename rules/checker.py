"""What is each part of an expression, and does it go together with the rest? From a tree of nodes to typed terms."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches

from rules.calls import called, method_called
from rules.folding import folded
from rules.kinds import KIND_OF_UNIT, Kind, Unit, Value
from rules.operands import (
    Refused,
    require_alike,
    require_comparable,
    require_condition,
    require_member,
    require_signed,
    result_of,
    told,
)
from rules.printer import printed
from rules.problem import BadInput, Problem
from rules.refusal import Reason, refused_at
from rules.scope import Scope
from rules.term import COMPARISONS, INT64, UNIT_OF_KIND, Op, Term, present_if
from rules.tree import Binary, Call, Chain, Choice, Index, Items, Literal, Method, Name, Node, Source, Unary
from rules.vocabulary import Field

MAX_SPELLED = 20_000
"""Parts that the names of an expression may stand for, together."""
_TYPES = frozenset("bool bytes double dyn int list map null_type string type uint".split())  # noqa: SIM905 -- words


@dataclass(frozen=True, slots=True)
class Checker:
    """One source and its scope. Every method raises BadInput with all that is wrong at or below its node."""

    source: Source
    scope: Scope
    variables: Mapping[str, Term] = field(default_factory=dict)
    """Variables of the macros around, by name."""
    spelled: list[int] = field(default_factory=list)
    """Sizes of all that was put in for names so far."""

    def term(self, node: Node, known: frozenset[str]) -> Term:  # noqa: C901 -- one line for each kind of node
        """The typed node; `known` are the optional facts that are there wherever it is looked at."""
        match node:
            case Literal():
                return self._literal(node)
            case Name():
                return self._name(node, known)
            case Call():
                return called(self, node, known)
            case Method():
                return method_called(self, node, known)
            case Unary():
                return self._unary(node, known)
            case Chain():
                return self._chain(node, known)
            case Binary(operator="in"):
                return self._in(node, known)
            case Binary():
                return self._binary(node, known)
            case Items():
                return self._items(node, known)
            case Index():
                return self._index(node, known)
            case Choice():
                return self._choice(node, known)

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
        with self.at(node):
            return folded(Term(op, kind, unit, printed(node), node.offset, parts, name, value, of, node.end))

    def _literal(self, node: Literal) -> Term:
        if node.kind is Kind.COUNT and int(node.value) > INT64[1]:
            raise self.wrong(node, "number is too large", Reason.UNDEFINED, expected=f"at most {INT64[1]}")
        return self.made(Op.LITERAL, node.kind, node, value=node.value)

    def _name(self, node: Name, known: frozenset[str]) -> Term:
        name = node.text
        if name in self.variables:
            item = self.variables[name]
            return self.made(Op.VARIABLE, item.kind, node, name=name, unit=item.unit, of=item.of)
        if name in self.scope.fields:
            return self.fact(node, self.scope.fields[name], known)
        if name in self.scope.lines:
            return self.made(Op.LINE, self.scope.lines[name], node, name=name)
        if name in self.scope.definitions:
            meant = self._spelled(node, self.scope.definitions[name])
            return self.made(Op.DEFINITION, meant.kind, node, (meant,), unit=meant.unit, name=name, of=meant.of)
        if name in self.scope.parameters:
            return self._parameter(node)
        raise self.unknown(node)

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

    def _parameter(self, node: Name) -> Term:
        unit = self.scope.parameters[node.text]
        listed = node.text in self.scope.listed
        kind, of = (Kind.LIST, KIND_OF_UNIT[unit]) if listed else (KIND_OF_UNIT[unit], None)
        term = self.made(Op.PARAMETER, kind, node, name=node.text, unit=unit, of=of)
        for guard, name in reversed(self.scope.overrides.get(node.text, ())):
            self._spelled(node, guard)
            other = self.made(Op.PARAMETER, kind, node, name=name, unit=unit, of=of)
            term = self.made(Op.IF, kind, node, (guard, other, term), unit=unit, name=node.text, of=of)
        return term

    def _spelled(self, node: Name, meant: Term) -> Term:
        """What a name stands for. Raises BadInput where all names together stand for too much."""
        self.spelled.append(sum(1 for _ in meant.walk()))
        if sum(self.spelled) > MAX_SPELLED:
            expected = f"at most {MAX_SPELLED:,} parts"
            raise self.wrong(node, "too large with all that its names stand for", Reason.TOO_LARGE, expected=expected)
        return meant

    def unknown(self, node: Name) -> BadInput:
        """A name that stands for nothing."""
        if node.text in _TYPES:
            return self.wrong(node, f"`{node.text}` is a type, and no value", Reason.TYPE)
        what = "fact" if "." in node.text else "parameter"
        names = (*self.scope.names(), *self.variables)
        return self.wrong(node, f"unknown {what} `{node.text}`", Reason.UNKNOWN_NAME, hint=nearest(node.text, names))

    def _unary(self, node: Unary, known: frozenset[str]) -> Term:
        # The least number of 64 bits exists behind its sign only.
        if node.operator == "-" and isinstance(node.operand, Literal) and node.operand.kind is Kind.COUNT:
            return self.made(Op.LITERAL, Kind.COUNT, node, value=-int(node.operand.value))
        part = self.term(node.operand, known)
        with self.at(node):
            if node.operator == "!":
                require_condition(part, "!")
                return self.made(Op.NOT, Kind.BOOL, node, (part,))
            require_signed(part)
        return self.made(Op.NEGATE, part.kind, node, (part,))

    def _chain(self, node: Chain, known: frozenset[str]) -> Term:
        parts: list[Term] = []
        problems: list[Problem] = []
        for below in node.parts:
            with gathering(problems):
                part = self.term(below, known)
                with self.at(below):
                    require_condition(part, node.operator)
                known |= present_if(part, holds=node.operator == "&&")
                parts.append(part)
        raise_all(problems)
        return self.made(Op(node.operator), Kind.BOOL, node, tuple(parts))

    def _choice(self, node: Choice, known: frozenset[str]) -> Term:
        problems: list[Problem] = []
        condition: list[Term] = []
        with gathering(problems):
            term = self.term(node.condition, known)
            with self.at(node.condition):
                require_condition(term, "?")
            condition.append(term)
        branches: list[Term] = []
        for below, holds in ((node.then, True), (node.otherwise, False)):
            guarded = present_if(condition[0], holds=holds) if condition else frozenset()
            with gathering(problems):
                branches.append(self.term(below, known | guarded))
        raise_all(problems)
        then, otherwise = branches
        with self.at(node):
            message = f"{told(then)} and {told(otherwise)} cannot be the branches of one choice"
            require_alike(then, otherwise, message, Reason.MIXED_BRANCHES)
        of = then.of or otherwise.of
        unit = then.unit if then.of or not otherwise.of else otherwise.unit
        return self.made(Op.IF, then.kind, node, (condition[0], then, otherwise), unit=unit, of=of)

    def _items(self, node: Items, known: frozenset[str]) -> Term:
        items = self.all(node.items, known)
        problems: list[Problem] = []
        for item, below in zip(items, node.items, strict=True):
            with gathering(problems), self.at(below):
                if item.kind is Kind.LIST:
                    raise Refused("a list holds single values only", "", Reason.NESTED_LIST)
                message = f"{told(item)} stands in a list that begins with {told(items[0])}"
                require_alike(items[0], item, message, Reason.MIXED_LIST)
        raise_all(problems)
        if not items:
            return self.made(Op.LIST, Kind.LIST, node)
        return self.made(Op.LIST, Kind.LIST, node, items, unit=items[0].unit, of=items[0].kind)

    def _index(self, node: Index, known: frozenset[str]) -> Term:
        listed, position = self.all((node.receiver, node.position), known)
        if listed.kind is not Kind.LIST or listed.of is None:
            message = f"{told(listed)} has no items" if listed.of is None else ""
            raise self.wrong(node, message, Reason.LIST_KIND, hint="only lists are indexed")
        if position.kind is not Kind.COUNT:
            raise self.wrong(node.position, f"{told(position)} is no position", Reason.KIND, hint="items count from 0")
        return self.made(Op.INDEX, listed.of, node, (listed, position), unit=listed.unit)

    def _in(self, node: Binary, known: frozenset[str]) -> Term:
        items: list[Term] = []
        options: list[Term] = []
        problems: list[Problem] = []
        with gathering(problems):
            items.append(self.term(node.left, known))
        for below in node.right.items if isinstance(node.right, Items) else (node.right,):
            with gathering(problems), self.at(below):
                option = self.term(below, known)
                if isinstance(node.right, Items):
                    options.append(option)
                for item in items:
                    self._require_in(item, option, written=isinstance(node.right, Items))
                if not isinstance(node.right, Items):
                    options.append(option)
        raise_all(problems)
        if isinstance(node.right, Items) and any(option.op is not Op.LITERAL for option in options):
            options = [self._items(node.right, known)]
        elif not options:
            options = [self._items(Items((), node.right.offset, node.right.end), known)]
        return self.made(Op.IN, Kind.BOOL, node, (*items, *options))

    def _require_in(self, item: Term, option: Term, *, written: bool) -> None:
        if item.kind is Kind.LIST or (written and option.kind is Kind.LIST):
            raise Refused("a list holds single values only", "", Reason.NESTED_LIST)
        if written:
            require_member(item, option)
        elif option.kind is not Kind.LIST:
            known_name = option.op in (Op.FACT, Op.PARAMETER, Op.LINE, Op.DEFINITION, Op.VARIABLE)
            hint = f"write `== {option.text}`" if known_name else 'write `["A", "B"]`, or the name of a list'
            raise Refused(f"`{option.text}` is no list", hint, Reason.LIST_KIND)
        elif option.of is not None:
            each = Term(option.op, option.of, option.unit, option.text, option.offset)
            require_member(item, each)

    def _binary(self, node: Binary, known: frozenset[str]) -> Term:
        left, right = self.all((node.left, node.right), known)
        op = Op(node.operator)
        with self.at(node):
            if op in COMPARISONS:
                require_comparable(op, left, right)
                return self.made(op, Kind.BOOL, node, (left, right))
            kind, unit = result_of(op, left, right, formulas=self.scope.formulas)
        if kind is Kind.TEXT and any(t.op is Op.VARIABLE for part in (left, right) for t in part.walk()):
            hint = "join it outside, or compare the parts"
            raise self.wrong(node, "text is not joined item by item", Reason.MACRO, hint=hint)
        of = left.of or right.of
        return self.made(op, kind, node, (left, right), unit=unit, of=of)

    def all(self, nodes: Iterable[Node], known: frozenset[str]) -> tuple[Term, ...]:
        """Several nodes; the problems of all of them are raised together."""
        terms: list[Term] = []
        problems: list[Problem] = []
        for node in nodes:
            with gathering(problems):
                terms.append(self.term(node, known))
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


def nearest(word: str, words: Iterable[str]) -> str:
    """A hint at the word that was perhaps meant; empty where none is near."""
    near = get_close_matches(word, words, n=1, cutoff=0.7)
    return f"did you mean `{near[0]}`?" if near else ""
