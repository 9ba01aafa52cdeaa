"""Cases at random for any vocabulary: every boundary, unknowns, Unicode, empty lists, month ends, leap days, extremes.

`cases` is a Hypothesis strategy; `rows` makes the same sort of cases fast, the same for the same seed. Given conditions
and parameters, both draw what facts are compared with, one unit to either side too, and put facts on the very edge of a
comparison: in `a < b + rest` they set `a` to the value of `b + rest`, one less and one more.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import strategies as st

from engine.conditions.condition_case import value_of
from engine.conditions.given_values import Given
from engine.fact_frames import Fact
from rules.expression.scope import Checked
from rules.expression.term import COMPARISONS, RANGE, RATIO_REACH, Op, Term
from rules.kinds import Kind, Value
from rules.vocabulary import Field

Case = dict[str, Fact]
DAY = 86_400_000_000
"""Microseconds."""

POOL: Mapping[Kind, tuple[Any, ...]] = {
    Kind.BOOL: (True, False),
    Kind.TEXT: (
        "", " ", "A", "B", "a", "Z", "zz", "é", "e\u0301", "ß", "SS", "\u0130", "😀", "👩‍👩‍👧", "\uffff", "\U0010ffff",
        "שלום", "\u202eabc", "日本", "it's", 'say "so"', "back\\slash", "two\nlines", "line\n", "100 %", "a.b", "\t",
        "\u0000", "NULL", "0", "x" * 300,
    ),
    Kind.COUNT: (0, 1, -1, 2, 3, 7, 10, 99, 100, 101, -7, 10**9, -(10**9)),
    Kind.MONEY: (0, 1, -1, 99, 100, 101, 4_999_999, 5_000_000, 5_000_001, 10**15, -(10**15)),
    Kind.DAYS: (0, 1, -1, 28, 29, 30, 31, 89, 90, 91, 365, 366, 10**6, -(10**6)),
    Kind.DATE: (
        date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2023, 2, 28), date(2025, 12, 31),
        date(2026, 1, 1), date(2026, 1, 31), date(2026, 3, 31), date(2026, 4, 30), date(2026, 6, 30), date(2026, 7, 1),
        date(2000, 2, 29), date(1900, 2, 28), date(1900, 3, 1), date.min, date.max,
    ),
    Kind.RATIO: (
        Fraction(0), Fraction(1), Fraction(-1), Fraction(3, 10), Fraction(1, 3), Fraction(29_999, 100_000),
        Fraction(30_001, 100_000), Fraction(6, 5), Fraction(10**15, 10**15 + 1), Fraction(10**15 + 1, 10**15),
        Fraction(RATIO_REACH), Fraction(-RATIO_REACH), Fraction(1, RATIO_REACH), Fraction(RATIO_REACH - 1, RATIO_REACH),
    ),
    Kind.TIMESTAMP: (
        0, 1, -1, DAY - 1, DAY, 951_782_400_000_000, 1_767_225_600_000_000,
        *RANGE[Kind.TIMESTAMP],
    ),
    Kind.DURATION: (0, 1, -1, 1_000_000, 3_600_000_000, DAY, -DAY, *RANGE[Kind.DURATION]),
}  # fmt: skip
"""Values of each kind where something changes: signs, ends of months and ranges, texts that trip over encodings."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A fact on one side of a comparison; on its edge the fact equals the other side."""

    fact: str
    kind: Kind
    other: Checked


def near(value: Value) -> tuple[Value, ...]:
    """A value and those one unit away: a cent, a day, a microsecond, a hundredth of a percent and far less."""
    match value:
        case bool():
            return (value, not value)
        case str():
            return (value, f"{value}x", f"x{value}", f"x{value}x", value[:-1], value.swapcase())
        case date():
            days = range(max(value.toordinal() - 1, 1), min(value.toordinal() + 1, date.max.toordinal()) + 1)
            return tuple(date.fromordinal(day) for day in days)
        case Fraction():
            steps = (Fraction(0), Fraction(1, 10_000), Fraction(1, 10**11))
            return tuple(value + sign * step for step in steps for sign in (1, -1))
        case _:
            return (value - 1, value, value + 1)


def pools(
    fields: Mapping[str, Field], conditions: Iterable[Checked] = (), parameters: Mapping[str, Given] | None = None
) -> Mapping[str, tuple[Fact, ...]]:
    """Known values worth trying for each fact: those of its kind, and what conditions compare it with."""
    compared: dict[str, list[Value]] = {name: [] for name in fields}
    sizes: dict[str, list[int]] = {name: [] for name in fields}
    for checked in conditions:
        for term in checked.node.walk():
            if term.kind is Kind.BOOL and term.op not in (Op.AND, Op.OR, Op.NOT, Op.IF, Op.DEFINITION):
                constants = [value for below in term.walk() for value in _constants(below, parameters or {})]
                whole = [v for v in constants if isinstance(v, int) and 0 <= v <= 1_000]
                for below in term.walk():
                    if below.op is Op.FACT and below.name in fields:
                        compared[below.name] += constants
                    if below.op is Op.SIZE and below.parts[0].op is Op.FACT and below.parts[0].name in fields:
                        sizes[below.parts[0].name] += whole
    return {name: _pool(field, compared[name], sizes[name]) for name, field in fields.items()}


def _constants(term: Term, parameters: Mapping[str, Given]) -> Iterator[Value]:
    value: Fact = term.value if term.op is Op.LITERAL else None
    if term.op is Op.PARAMETER:
        value = parameters.get(term.name)
    if value is not None:
        yield from value if isinstance(value, tuple) else (value,)


def _pool(field: Field, compared: Sequence[Value], sizes: Sequence[int]) -> tuple[Fact, ...]:
    kind = field.of if field.kind is Kind.LIST and field.of is not None else field.kind
    edges = [each for value in compared if _is(value, kind) for each in near(value)]
    values = list(dict.fromkeys(value for value in (*POOL[kind], *edges) if _allowed(value, kind)))
    lengths = sorted({size + step for size in sizes for step in (-1, 0, 1) if size + step >= 0})
    if field.kind is not Kind.LIST:
        return (*values, *("é" * length for length in lengths if kind is Kind.TEXT))
    some = [tuple(values[(start + step) % len(values)] for step in range(start % 4)) for start in range(len(values))]
    long = [tuple(values[step % len(values)] for step in range(length)) for length in lengths]
    return ((), *((value,) for value in values), *((value, value) for value in values), *some, *long)


def _is(value: Value, kind: Kind) -> bool:
    wanted = {Kind.BOOL: bool, Kind.TEXT: str, Kind.DATE: date, Kind.RATIO: Fraction}.get(kind, int)
    return isinstance(value, wanted) and isinstance(value, bool) is (kind is Kind.BOOL)


def _allowed(value: Value, kind: Kind) -> bool:
    if isinstance(value, Fraction):
        return max(abs(value.numerator), value.denominator) <= RATIO_REACH
    if kind not in RANGE:
        return True
    least, most = RANGE[kind]
    number = value.toordinal() if isinstance(value, date) else value
    return isinstance(number, int) and least <= number <= most


def edges_of(fields: Mapping[str, Field], conditions: Iterable[Checked]) -> tuple[Edge, ...]:
    """The comparisons with a fact alone on one side, where one value of the fact is the edge."""
    return tuple(
        Edge(here.name, here.kind, replace(checked, node=there, kind=there.kind, unit=there.unit))
        for checked in conditions
        for term in checked.node.walk()
        if term.op in COMPARISONS
        for here, there in (term.parts, term.parts[::-1])
        if here.op is Op.FACT and here.name in fields and here.kind is not Kind.LIST
        if all(below.op is not Op.VARIABLE for below in there.walk())
    )


def on_edge(case: Case, edge: Edge, step: int, parameters: Mapping[str, Given]) -> Case:
    """The case with the fact on the edge, or beside it; the same case where the other side is unknown."""
    value = value_of(edge.other, case, parameters)
    if value is None:
        return case
    beside = near(value)
    moved = beside[step % len(beside)]
    return {**case, edge.fact: moved} if _allowed(moved, edge.kind) else case


def rows(
    fields: Mapping[str, Field],
    conditions: Sequence[Checked] = (),
    parameters: Mapping[str, Given] | None = None,
    *,
    seed: int = 0,
    count: int = 1_000,
) -> list[Case]:
    """`count` cases, the same for the same seed: an eighth of the facts missing, a quarter of the rows on an edge."""
    random = Random(seed)  # noqa: S311 -- the same cases on every run, and no secret
    columns = []
    for name, pool in pools(fields, conditions, parameters).items():
        drawn = (*pool, *(_anywhere(fields[name], random) for _ in range(len(pool))))
        known = random.choices(drawn, k=count)
        missing = random.choices((True, False), (1, 7), k=count)
        columns.append([None if gone else value for gone, value in zip(missing, known, strict=True)])
    found = [dict(zip(fields, row, strict=True)) for row in zip(*columns, strict=True)] or [{} for _ in range(count)]
    edges = edges_of(fields, conditions)
    for number in range(0, count if edges else 0, 4):
        found[number] = on_edge(found[number], random.choice(edges), random.randrange(6), parameters or {})
    return found


def _anywhere(field: Field, random: Random) -> Fact:
    """A value far from every boundary."""
    match field.kind:
        case Kind.LIST:
            item = replace(field, kind=field.of or Kind.TEXT, of=None)
            return tuple(_anywhere(item, random) for _ in range(random.randrange(6)))  # type: ignore[misc] # of no list
        case Kind.BOOL:
            return random.random() < 0.5
        case Kind.TEXT:
            return "".join(random.choices("abcAB .é日😀", k=random.randrange(8)))
        case Kind.RATIO:
            return Fraction(random.randrange(-300, 300), random.randrange(1, 200))
        case Kind.DATE:
            return date.fromordinal(random.randrange(date(2015, 1, 1).toordinal(), date(2035, 1, 1).toordinal()))
        case _:
            least, most = RANGE[field.kind]
            reach = 10 ** random.randrange(1, len(str(most)))
            return random.randrange(max(least, -reach), min(most, reach))


def cases(
    fields: Mapping[str, Field], conditions: Sequence[Checked] = (), parameters: Mapping[str, Given] | None = None
) -> st.SearchStrategy[Case]:
    """The same as a strategy, which shrinks: towards the first values of each kind, and away from edges."""
    pooled = pools(fields, conditions, parameters)
    edges = edges_of(fields, conditions)
    drawn = st.fixed_dictionaries({name: st.sampled_from((*pool, None)) for name, pool in pooled.items()})
    if not edges:
        return drawn
    moves = st.none() | st.tuples(st.sampled_from(edges), st.integers(0, 5))
    return st.builds(
        lambda case, move: on_edge(case, move[0], move[1], parameters or {}) if move else case, drawn, moves
    )
