"""Does an expression make sense? Names, kinds, ranges and missing values are settled before any fact is looked at.

What passes means the same everywhere: only equal kinds are compared, nothing can leave 64 bits, and an optional fact is
read only where `has(fact)` was asked (`has(x) && x > 1`, `!has(x) || x > 1`): "there is none" never passes as a value.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches

from rules.constants import FORMS, constant
from rules.kinds import KIND_OF_UNIT, Kind, Unit, Value
from rules.operands import (
    FORMULA_FORMS,
    Refused,
    kind_of_formula,
    kind_of_sum,
    require_comparable,
    require_condition,
    require_member,
    require_reach,
    require_signed,
)
from rules.printer import printed
from rules.problem import BadInput, Place, Problem
from rules.syntax import parse
from rules.term import COMPARISONS, RANGE, UNIT_OF_KIND, Op, Term, present_if
from rules.tree import Binary, Call, Chain, Literal, Name, Node, Options, Source, Unary
from rules.vocabulary import Field


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may name, and whether it is a formula line, which may use the money functions.

    `known` are optional facts that another condition already guards: the `present` of the rule's `when`.
    """

    fields: Mapping[str, Field]
    parameters: Mapping[str, Unit]
    listed: frozenset[str] = frozenset()
    """Parameters whose value is a list: they stand only on the right of `in`."""
    lines: Mapping[str, Kind] = field(default_factory=dict)
    """Earlier lines of the same formula block."""
    formulas: bool = False
    minor_digits: int = 2
    """Digits after the point of the currency."""
    known: frozenset[str] = frozenset()
    definitions: Mapping[str, Term] = field(default_factory=dict)
    """Names of the policies, and what each stands for."""
    overrides: Mapping[str, tuple[tuple[Term, str], ...]] = field(default_factory=dict)
    """Parameter to its overrides in order: the condition under which one counts, and its name, `cooldown[EMEA]`."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An expression that makes sense. `fields` and `parameters` are in order of first mention."""

    node: Term
    kind: Kind
    unit: Unit
    text: str
    """As written."""
    fields: tuple[str, ...]
    parameters: tuple[str, ...]
    present: frozenset[str] = frozenset()
    """Optional facts that certainly have a value where this condition is true."""


def compile_text(text: str, place: Place, scope: Scope, locate: Callable[[int], Place] | None = None) -> Checked:
    """Parse and check. Raises BadInput with the first syntax error, or with everything that makes no sense."""
    source = Source(text, place, locate)
    return check(parse(source), source, scope)


def check(node: Node, source: Source, scope: Scope) -> Checked:
    """The typed expression. Raises BadInput with every name, kind, range and missing guard that is wrong."""
    term = _Checker(source, scope).term(node, scope.known)
    return Checked(
        node=term,
        kind=term.kind,
        unit=term.unit,
        text=source.text,
        fields=tuple(dict.fromkeys(t.name for t in term.walk() if t.op is Op.FACT)),
        parameters=tuple(dict.fromkeys(t.name for t in term.walk() if t.op is Op.PARAMETER)),
        present=present_if(term, holds=True),
    )


@dataclass(frozen=True, slots=True)
class _Checker:
    """One source and its scope. Every method raises BadInput with all that is wrong at or below its node."""

    source: Source
    scope: Scope

    def term(self, node: Node, known: frozenset[str]) -> Term:
        """The typed node; `known` are the optional facts that are there wherever it is looked at."""
        match node:
            case Name() | Literal():
                return self._leaf(node, known)
            case Call():
                return self._call(node, known)
            case Unary():
                return self._unary(node, known)
            case Chain():
                return self._chain(node, known)
            case Binary(operator="in"):
                return self._in(node, known)
            case Binary():
                return self._binary(node, known)
            case Options():
                raise self._wrong(node, "a list stands only on the right of `in`")

    def _leaf(self, node: Name | Literal, known: frozenset[str]) -> Term:
        if isinstance(node, Literal):
            most = RANGE[Kind.COUNT][1]
            if node.kind is Kind.COUNT and int(node.value) > most:
                raise self._wrong(node, "count is out of range", expected=f"at most {most:,}")
            return _term(Op.LITERAL, node.kind, node, value=node.value)
        name = node.text
        if name in self.scope.fields:
            return self._fact(node, self.scope.fields[name], known)
        if name in self.scope.lines:
            return _term(Op.LINE, self.scope.lines[name], node, name=name)
        if name in self.scope.listed:
            raise self._wrong(node, f"`{name}` is a list", hint=f"write `… in {name}`")
        return self._parameter(node)

    def _fact(self, node: Name, fact: Field, known: frozenset[str]) -> Term:
        if fact.optional and fact.name not in known:
            raise self._wrong(
                node,
                f"`{fact.name}` may be none, and nothing before it asks",
                hint=f"write `has({fact.name}) && …`, or `!has({fact.name}) || …`",
            )
        return _term(Op.FACT, fact.kind, node, name=fact.name, unit=fact.unit)

    def _parameter(self, node: Name) -> Term:
        if node.text not in self.scope.parameters:
            raise self._unknown(node)
        unit = self.scope.parameters[node.text]
        return _term(Op.PARAMETER, KIND_OF_UNIT[unit], node, name=node.text, unit=unit)

    def _unknown(self, node: Name) -> BadInput:
        what = "fact" if "." in node.text else "parameter"
        names = [*self.scope.fields, *self.scope.lines, *self.scope.parameters]
        return self._wrong(node, f"unknown {what} `{node.text}`", hint=_nearest(node.text, names))

    def _call(self, node: Call, known: frozenset[str]) -> Term:
        if node.name == "has":
            return self._has(node)
        if node.name in FORMS:
            kind, unit, example = FORMS[node.name]
            try:
                return _term(Op.LITERAL, kind, node, unit=unit, value=constant(node, self.scope.minor_digits))
            except ValueError as error:
                raise self._wrong(node, str(error), expected=f"for example `{example}`") from None
        if node.name not in FORMULA_FORMS:
            names = ["has", *FORMS, *(FORMULA_FORMS if self.scope.formulas else ())]
            raise self._wrong(node, f"unknown function `{node.name}`", hint=_nearest(node.name, names))
        if not self.scope.formulas:
            raise self._wrong(node, f"`{node.name}` belongs in a formula line, not here")
        parts = self._all(node.arguments, known)
        with self._at(node):
            kind = kind_of_formula(node.name, parts)
        return _term(Op(node.name), kind, node, parts, unit=parts[0].unit)

    def _has(self, node: Call) -> Term:
        fact = node.arguments[0] if len(node.arguments) == 1 else None
        if not isinstance(fact, Name):
            raise self._wrong(node, "`has` takes one fact", hint="write `has(account.contract_end)`")
        if fact.text in self.scope.parameters or fact.text in self.scope.lines:
            raise self._wrong(fact, f"`{fact.text}` is no fact", hint="`has` asks about facts only")
        if fact.text not in self.scope.fields:
            raise self._unknown(fact)
        asked = self._fact(fact, self.scope.fields[fact.text], frozenset({fact.text}))
        if not self.scope.fields[fact.text].optional:
            hint = "leave `has` out: where the fact is missing, the condition is unknown"
            raise self._wrong(fact, f"`{fact.text}` is never none", hint=hint)
        return _term(Op.HAS, Kind.BOOL, node, (asked,), name=fact.text)

    def _unary(self, node: Unary, known: frozenset[str]) -> Term:
        part = self.term(node.operand, known)
        if node.operator == "!":
            with self._at(node):
                require_condition(part, "!")
            return _term(Op.NOT, Kind.BOOL, node, (part,))
        with self._at(node):
            require_signed(part)
        if part.op is Op.LITERAL and isinstance(part.value, int):
            return _term(Op.LITERAL, part.kind, node, value=-part.value)
        return _term(Op.NEGATE, part.kind, node, (part,))

    def _chain(self, node: Chain, known: frozenset[str]) -> Term:
        parts: list[Term] = []
        problems: list[Problem] = []
        for below in node.parts:
            with _gathering(problems):
                part = self.term(below, known)
                with self._at(below):
                    require_condition(part, node.operator)
                known |= present_if(part, holds=node.operator == "&&")
                parts.append(part)
        _raise_all(problems)
        return _term(Op(node.operator), Kind.BOOL, node, tuple(parts))

    def _in(self, node: Binary, known: frozenset[str]) -> Term:
        items: list[Term] = []
        options: list[Term] = []
        problems: list[Problem] = []
        with _gathering(problems):
            items.append(self.term(node.left, known))
        for below in node.right.items if isinstance(node.right, Options) else (node.right,):
            with _gathering(problems), self._at(below):
                options.append(self._option(below) if isinstance(node.right, Options) else self._list(below))
                for item in items:
                    require_member(item, options[-1])
        _raise_all(problems)
        return _term(Op.IN, Kind.BOOL, node, (*items, *options))

    def _option(self, node: Node) -> Term:
        term = self.term(node, frozenset())
        if term.op is not Op.LITERAL:
            raise self._wrong(node, "a list holds values only")
        return term

    def _list(self, node: Node) -> Term:
        if not isinstance(node, Name):
            raise self._wrong(node, "`in` needs a list", hint='write `["A", "B"]`, or the name of a list parameter')
        if node.text in self.scope.listed:
            return self._parameter(node)
        if node.text in self.scope.fields or node.text in self.scope.lines or node.text in self.scope.parameters:
            raise self._wrong(node, f"`{node.text}` is no list", hint=f"write `== {node.text}`")
        raise self._unknown(node)

    def _binary(self, node: Binary, known: frozenset[str]) -> Term:
        left, right = self._all((node.left, node.right), known)
        op = Op(node.operator)
        with self._at(node):
            if op in COMPARISONS:
                require_comparable(op, left, right)
                return _term(op, Kind.BOOL, node, (left, right))
            term = _term(op, kind_of_sum(op, left, right, formulas=self.scope.formulas), node, (left, right))
            # A formula is computed in unbounded integers, one case at a time; a condition must fit every engine.
            if not self.scope.formulas:
                require_reach(term)
        return term

    def _all(self, nodes: Iterable[Node], known: frozenset[str]) -> tuple[Term, ...]:
        terms: list[Term] = []
        problems: list[Problem] = []
        for node in nodes:
            with _gathering(problems):
                terms.append(self.term(node, known))
        _raise_all(problems)
        return tuple(terms)

    @contextmanager
    def _at(self, node: Node) -> Iterator[None]:
        """Gives a refusal the place of `node`."""
        try:
            yield
        except Refused as refused:
            raise self._wrong(node, refused.message, hint=refused.hint) from None

    def _wrong(self, node: Node, message: str, *, hint: str = "", expected: str = "") -> BadInput:
        return BadInput([Problem(self.source.at(node.offset), message, expected=expected, hint=hint)])


@contextmanager
def _gathering(problems: list[Problem]) -> Iterator[None]:
    """Keeps the problems of one part, so that the other parts are looked at too."""
    try:
        yield
    except BadInput as bad:
        problems.extend(bad.problems)


def _raise_all(problems: list[Problem]) -> None:
    if problems:
        raise BadInput(problems)


def _nearest(word: str, words: Iterable[str]) -> str:
    near = get_close_matches(word, words, n=1, cutoff=0.7)
    return f"did you mean `{near[0]}`?" if near else ""


def _term(
    op: Op,
    kind: Kind,
    node: Node,
    parts: tuple[Term, ...] = (),
    *,
    unit: Unit = Unit.NONE,
    name: str = "",
    value: Value | None = None,
) -> Term:
    unit = UNIT_OF_KIND[kind] if unit is Unit.NONE else unit
    return Term(op, kind, unit, printed(node), node.offset, parts, name, value)
