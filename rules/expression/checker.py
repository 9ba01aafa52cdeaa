"""What is each part of an expression, and does it go together with the rest? From a tree of nodes to typed terms."""

from dataclasses import dataclass

from rules.expression.calls import called, method_called
from rules.expression.checking import Checking, gathering, raise_all
from rules.expression.operands import (
    Refused,
    require_alike,
    require_comparable,
    require_condition,
    require_member,
    require_signed,
    result_of,
    told,
)
from rules.expression.refusal import Reason
from rules.expression.term import COMPARISONS, INT64, Op, Term, present_if
from rules.expression.tree import Binary, Call, Chain, Choice, Index, Items, Literal, Method, Name, Node, Unary
from rules.kinds import KIND_OF_UNIT, Kind
from rules.problem import Problem

MAX_SPELLED = 20_000
"""Parts that the names of an expression may stand for, together."""


@dataclass(frozen=True, slots=True)
class Checker(Checking):
    """Checks nodes of every sort."""

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
        if kind in (Kind.TEXT, Kind.BYTES) and any(t.op is Op.VARIABLE for part in (left, right) for t in part.walk()):
            hint = "join it outside, or compare the parts"
            what = "text is" if kind is Kind.TEXT else "bytes are"
            raise self.wrong(node, f"{what} not joined item by item", Reason.MACRO, hint=hint)
        of = left.of or right.of
        return self.made(op, kind, node, (left, right), unit=unit, of=of)
