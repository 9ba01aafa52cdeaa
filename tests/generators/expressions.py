"""Expressions at random over any vocabulary: well-typed ones with every operation of conditions, and ill-typed ones.

Well-typed ones keep the rules that the checker holds everyone to: one kind and unit on both sides, an optional fact
only where `has` was asked, no divisor that could be 0, and sums that stay in range.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from rules.expression.scope import Scope
from rules.kinds import KIND_OF_UNIT, Kind, Unit
from rules.vocabulary import Field

PLAIN = (
    Kind.BOOL, Kind.TEXT, Kind.COUNT, Kind.MONEY, Kind.DATE, Kind.DAYS, Kind.RATIO, Kind.TIMESTAMP, Kind.DURATION,
)  # fmt: skip
"""Kinds of single values."""
WRITTEN: Mapping[Kind, tuple[str, ...]] = {
    Kind.BOOL: ("true", "false"),
    Kind.TEXT: ('"A"', '"B"', '""', '"a"', '"é"', r'"e\u0301"', '"😀"', r'"\uffff"', '"it\'s"', r'"say \"so\""',
                r'"back\\slash"', r'"two\nlines"', r'"line\n"', '"a.b"'),
    Kind.COUNT: ("0", "1", "(-1)", "2", "3", "10", "1000000000", "(-1000000000)"),
    Kind.MONEY: ('money("0")', 'money("0.01")', 'money("-0.01")', 'money("50000.00")', 'money("49999.99")',
                 'money("10000000000000")'),
    Kind.DAYS: ("days(0)", "days(1)", "days(-1)", "days(90)", "days(366)", "days(1000000)"),
    Kind.DATE: ('date("2024-02-29")', 'date("2023-02-28")', 'date("2026-01-31")', 'date("0001-01-01")',
                'date("9999-12-31")'),
    Kind.RATIO: ('percent("30")', 'percent("29.999999999")', 'percent("0")', 'percent("-1")', 'ratio("1.2")',
                 'ratio("123456789012345.123456789")'),
    Kind.TIMESTAMP: ('timestamp("1970-01-01T00:00:00Z")', 'timestamp("2024-02-29T23:59:59.999999Z")',
                     'timestamp("2026-01-01T00:00:00+01:00")'),
    Kind.DURATION: ('duration("0s")', 'duration("1h30m")', 'duration("-0.000001s")', 'duration("24h")'),
}  # fmt: skip
"""Constants of each kind; ratios are levels."""
POINTS = ('points("30")', 'points("0")', 'points("29.99")', 'points("-1")')
PATTERNS = ('"^A"', '"[a-z]+"', '"A|B"', r'"^.{2}$"', r'"\\."', '"^$"', '"(é|e)"', '"n?e$"', '"[^a-z]"', '"x{2,4}"')
"""Regular expressions that every engine reads alike."""
FOREIGN = ("1.5", "1u", "null", 'b"a"', "{1: 2}", "[]", "type(1)", "google.protobuf.Duration{}")
"""Values of CEL that this language does not have."""
SUMS = {
    Kind.COUNT: (("+", Kind.COUNT, Kind.COUNT), ("-", Kind.COUNT, Kind.COUNT)),
    Kind.MONEY: (("+", Kind.MONEY, Kind.MONEY), ("-", Kind.MONEY, Kind.MONEY)),
    Kind.DAYS: (("+", Kind.DAYS, Kind.DAYS), ("-", Kind.DAYS, Kind.DAYS), ("-", Kind.DATE, Kind.DATE)),
    Kind.DATE: (("+", Kind.DATE, Kind.DAYS), ("-", Kind.DATE, Kind.DAYS), ("+", Kind.DAYS, Kind.DATE)),
    Kind.TEXT: (("+", Kind.TEXT, Kind.TEXT),),
    Kind.TIMESTAMP: (("+", Kind.TIMESTAMP, Kind.DURATION), ("-", Kind.TIMESTAMP, Kind.DURATION)),
    Kind.DURATION: (("-", Kind.TIMESTAMP, Kind.TIMESTAMP), ("+", Kind.DURATION, Kind.DURATION)),
}


@dataclass(frozen=True, slots=True)
class Want:
    """A kind of value; a ratio is a level or a difference in points, a list has items of kind `kind`."""

    kind: Kind
    points: bool = False


@dataclass(frozen=True, slots=True)
class Sight:
    """What an expression may name where it stands: the scope, optional facts known to be there, and variables."""

    scope: Scope
    kinds: tuple[Kind, ...] = PLAIN
    known: frozenset[str] = frozenset()
    variables: Mapping[str, Want] = field(default_factory=dict)

    def names(self, want: Want) -> list[str]:
        """Facts, parameters, definitions and variables that are such a value."""
        return [
            *(f.name for f in self._facts() if f.of is None and Want(f.kind, f.unit is Unit.POINTS) == want),
            *(
                name
                for name, unit in self.scope.parameters.items()
                if name not in self.scope.listed and Want(KIND_OF_UNIT[unit], unit is Unit.POINTS) == want
            ),
            *(n for n, term in self.scope.definitions.items() if Want(term.kind, term.unit is Unit.POINTS) == want),
            *(name for name, item in self.variables.items() if item == want),
        ]

    def lists(self, of: Want) -> list[str]:
        """Facts and parameters that are lists of such values."""
        return [
            *(f.name for f in self._facts() if f.of is not None and Want(f.of, f.unit is Unit.POINTS) == of),
            *(
                n
                for n in self.scope.listed
                if Want(KIND_OF_UNIT[u := self.scope.parameters[n]], u is Unit.POINTS) == of
            ),
        ]

    def _facts(self) -> list[Field]:
        return [f for f in self.scope.fields.values() if not f.optional or f.name in self.known]

    def optional(self) -> list[str]:
        return [f.name for f in self.scope.fields.values() if f.optional and f.name not in self.known]

    def knowing(self, name: str) -> "Sight":
        return replace(self, known=self.known | {name})

    def binding(self, item: Want) -> tuple[str, "Sight"]:
        """A new variable for the items of a list, and what its body sees."""
        name = f"v{len(self.variables)}"
        return name, replace(self, variables={**self.variables, name: item})


def conditions(scope: Scope, depth: int = 3, kinds: tuple[Kind, ...] = PLAIN) -> st.SearchStrategy[str]:
    """Conditions that the checker accepts, which compare values of these kinds."""
    return _condition(Sight(scope, kinds), depth)


def wants(sight: Sight) -> st.SearchStrategy[Want]:
    kinds = [Want(kind) for kind in sight.kinds]
    return st.sampled_from([*kinds, Want(Kind.RATIO, points=True)] if Kind.RATIO in sight.kinds else kinds)


@st.composite
def constant(draw: st.DrawFn, want: Want) -> str:
    """A value as an expression writes it."""
    return draw(st.sampled_from(POINTS if want.points else WRITTEN[want.kind]))


@st.composite
def leaf(draw: st.DrawFn, sight: Sight, want: Want) -> str:
    """A name of that kind, more often than a constant."""
    names = sight.names(want)
    written = not names or draw(st.integers(0, 3)) == 0
    return draw(constant(want) if written else st.sampled_from(names))


@st.composite
def value(draw: st.DrawFn, sight: Sight, want: Want, depth: int) -> str:
    """An expression of that kind."""
    forms = ["leaf", "leaf"]
    if depth:
        forms += ["sum"] * (want.kind in SUMS) + ["if", "item"] + ["whole"] * 3 * (want.kind is Kind.COUNT)
        forms += ["condition"] * (want.kind is Kind.BOOL) + ["times"] * (
            want.kind in (Kind.COUNT, Kind.MONEY, Kind.DAYS)
        )
    match draw(st.sampled_from(forms)):
        case "sum":
            sign, left, right = draw(st.sampled_from(SUMS[want.kind]))
            # Moments have no room for a sum of sums.
            below = 0 if want.kind in (Kind.TIMESTAMP, Kind.DURATION) else min(depth - 1, 1)
            if want.kind is Kind.TEXT:  # text is not joined item by item
                sight = replace(sight, variables={})
            return f"({draw(_number(sight, left, below))} {sign} {draw(_number(sight, right, below))})"
        case "times":
            return f"({draw(st.sampled_from(('2', '(-3)', '100')))} * {draw(leaf(sight, want))})"
        case "if":
            then, otherwise = (draw(leaf(sight, want)) for _ in range(2))
            return f"(({draw(_condition(sight, depth - 1))}) ? {then} : {otherwise})"
        case "item" if sight.lists(want):
            position = draw(st.sampled_from(("0", "1", "2", *sight.names(Want(Kind.COUNT)))))
            return f"{draw(st.sampled_from(sight.lists(want)))}[{position}]"
        case "whole":
            return draw(_whole(sight, depth))
        case "condition":
            return f"({draw(_condition(sight, depth - 1))})"
        case _:
            return draw(leaf(sight, want))


def _number(sight: Sight, kind: Kind, depth: int) -> st.SearchStrategy[str]:
    return value(sight, Want(kind), depth) if depth else leaf(sight, Want(kind))


@st.composite
def _whole(draw: st.DrawFn, sight: Sight, depth: int) -> str:
    """A count that is made of other things: a size, a quotient, a rest, a number turned round."""
    match draw(st.sampled_from(["quotient", "rest", "negated", "size of text", "size of list"])):
        case "quotient":
            return f"({draw(value(sight, Want(Kind.COUNT), depth - 1))} / {draw(st.sampled_from(('2', '(-3)', '7')))})"
        case "rest":
            return f"({draw(value(sight, Want(Kind.COUNT), depth - 1))} % {draw(st.sampled_from(('2', '(-3)', '7')))})"
        case "negated":
            return f"(-{draw(leaf(sight, Want(Kind.COUNT)))})"
        case "size of text" if Kind.TEXT in sight.kinds:
            text = draw(value(sight, Want(Kind.TEXT), depth - 1))
            return draw(st.sampled_from([f"size({text})", f"({text}).size()"]))
        case _:
            return f"size({draw(listed(sight, draw(wants(sight)), depth - 1))})"


@st.composite
def listed(draw: st.DrawFn, sight: Sight, of: Want, depth: int) -> str:
    """A list with items of that kind."""
    forms = ["named", "named", "written"] + ["filter", "map", "if", "joined"] * (depth > 0)
    match draw(st.sampled_from(forms)):
        case "named" if sight.lists(of):
            return draw(st.sampled_from(sight.lists(of)))
        case "filter" if sight.lists(of):
            # Of a list that is written out nothing might be left, and an empty list that is written out is refused.
            variable, within = sight.binding(of)
            return f"{draw(st.sampled_from(sight.lists(of)))}.filter({variable}, {draw(_condition(within, depth - 1))})"
        case "map":
            item = draw(wants(sight))
            variable, within = sight.binding(item)
            return f"{draw(listed(sight, item, depth - 1))}.map({variable}, {draw(leaf(within, of))})"
        case "if":
            then, otherwise = (draw(listed(sight, of, depth - 1)) for _ in range(2))
            return f"(({draw(_condition(sight, depth - 1))}) ? {then} : {otherwise})"
        case "joined":
            return f"({draw(listed(sight, of, 0))} + {draw(listed(sight, of, 0))})"
        case _:
            return f"[{', '.join(draw(st.lists(leaf(sight, of), min_size=1, max_size=3)))}]"


@st.composite
def _condition(draw: st.DrawFn, sight: Sight, depth: int) -> str:
    forms = ["compare"] * 3 + ["in", "text", "bool", "compare lists"]
    forms += ["not", "and", "or", "if", "macro", "macro", "guard"] * (depth > 0)
    match draw(st.sampled_from(forms)):
        case "compare":
            want = draw(wants(sight))
            left, right = (draw(value(sight, want, depth)) for _ in range(2))
            return f"{left} {draw(st.sampled_from(['==', '!=', '<', '<=', '>', '>=']))} {right}"
        case "compare lists":
            of = draw(wants(sight))
            left, right = (draw(listed(sight, of, min(depth, 1))) for _ in range(2))
            return f"{left} {draw(st.sampled_from(['==', '!=']))} {right}"
        case "in":
            want = draw(wants(sight))
            return f"{draw(value(sight, want, min(depth, 1)))} in {draw(listed(sight, want, min(depth, 2)))}"
        case "text" if Kind.TEXT in sight.kinds:
            return draw(_about_text(sight, depth))
        case "not":
            return f"!({draw(_condition(sight, depth - 1))})"
        case "and" | "or" as form:
            parts = draw(st.lists(_condition(sight, depth - 1), min_size=2, max_size=3))
            return {"and": " && ", "or": " || "}[form].join(f"({part})" for part in parts)
        case "if":
            condition, then, otherwise = (draw(_condition(sight, depth - 1)) for _ in range(3))
            return f"({condition}) ? ({then}) : ({otherwise})"
        case "macro":
            of = draw(wants(sight))
            variable, within = sight.binding(of)
            macro = draw(st.sampled_from(["all", "exists", "exists_one"]))
            return f"{draw(listed(sight, of, depth - 1))}.{macro}({variable}, {draw(_condition(within, depth - 1))})"
        case "guard" if sight.optional():
            name = draw(st.sampled_from(sight.optional()))
            inside, beside = draw(_condition(sight.knowing(name), depth - 1)), draw(_condition(sight, depth - 1))
            forms = [
                f"has({name}) && ({inside})",
                f"!has({name}) || ({inside})",
                f"has({name}) ? ({inside}) : ({beside})",
            ]
            return draw(st.sampled_from(forms))
        case _:
            return draw(leaf(sight, Want(Kind.BOOL)))


@st.composite
def _about_text(draw: st.DrawFn, sight: Sight, depth: int) -> str:
    text = draw(value(sight, Want(Kind.TEXT), min(depth, 1)))
    pattern = draw(st.sampled_from(PATTERNS))
    part = draw(leaf(sight, Want(Kind.TEXT)))
    method = draw(st.sampled_from(["contains", "startsWith", "endsWith"]))
    return draw(st.sampled_from([f"({text}).{method}({part})", f"({text}).matches({pattern})"]))


@st.composite
def ill_typed(draw: st.DrawFn, scope: Scope, kinds: tuple[Kind, ...] = PLAIN) -> str:
    """An expression that is CEL, or nearly, and makes no sense in the vocabulary."""
    sight = Sight(scope, kinds)

    def some(*of: Kind) -> Any:
        return draw(leaf(sight, Want(draw(st.sampled_from(of)))))

    one, other = draw(st.permutations(kinds))[:2]
    numbers = (Kind.COUNT, Kind.MONEY, Kind.DAYS)
    optional = [f.name for f in scope.fields.values() if f.optional and f.of is None]
    forms = [
        lambda: f"{some(one)} {draw(st.sampled_from(['==', '!=', '<', '>=']))} {some(other)}",
        lambda: f'{draw(leaf(sight, Want(Kind.RATIO, points=True)))} > percent("3")',
        lambda: f"{some(Kind.TEXT)} - {some(Kind.TEXT)} == {some(Kind.TEXT)}",
        lambda: f"{some(Kind.DATE)} + {some(Kind.DATE)} == {some(Kind.DATE)}",
        lambda: f"{some(Kind.BOOL)} + {some(Kind.BOOL)}",
        lambda: f"{some(Kind.MONEY)} * {some(Kind.MONEY)} > {some(Kind.MONEY)}",
        lambda: f"!{some(*numbers)}",
        lambda: f"{some(*numbers)} && {some(Kind.BOOL)}",
        lambda: f"{draw(st.sampled_from(optional))} == {draw(st.sampled_from(optional))}" if optional else "nobody",
        lambda: f"nobody.knows == {some(*kinds)}",
        lambda: f"({some(Kind.BOOL)} ? {some(one)} : {some(other)}) == {some(one)}",
        lambda: f"{some(one)} in [{some(one)}, {some(other)}]",
        lambda: f"{some(one)} in {some(one)}",
        lambda: f"size({some(*numbers)}) > 0",
        lambda: f'{some(*numbers)}.contains("a")',
        lambda: f"{some(Kind.COUNT)} / 0 > 1",
        lambda: f"{some(Kind.MONEY)} / 2 > {some(Kind.MONEY)}",
        lambda: f'{some(Kind.TEXT)}.matches("(?i)a")',
        lambda: f"[{some(one)}].exists(v, {some(*numbers)})",
        lambda: f"[{some(one)}].exists(v, v == {some(one)}) && v == {some(one)}",
        lambda: f"{some(Kind.COUNT)} < {draw(st.sampled_from(FOREIGN))}",
        lambda: f"[{some(one)}] < [{some(one)}]",
        lambda: f"{some(one)}.nothing({some(other)})",
    ]
    return str(draw(st.sampled_from(forms))())
