"""Conditions and rows at random: every kind, operator and boundary, with facts missing here and there."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from engine.conditions.truth import truth_table
from engine.database import Database
from rules.expression.check import Checked, Scope, compile_text
from rules.kinds import Kind, Unit, Value
from rules.problem import BadInput, Place
from rules.vocabulary import Field

KINDS = (Kind.BOOL, Kind.TEXT, Kind.COUNT, Kind.MONEY, Kind.DATE, Kind.DAYS, Kind.RATIO)
FIELDS = {
    f"{owner}.{kind.value}{number}": Field(f"{owner}.{kind.value}{number}", kind, "for tests", optional=owner == "may")
    for owner in ("has", "may")
    for kind in KINDS
    for number in (1, 2)
}
"""Two required and two optional facts of every kind: `has.money1`, `may.money1`, …"""
PARAMETERS: Mapping[str, Unit] = {
    "count_limit": Unit.COUNT,
    "money_limit": Unit.MONEY,
    "days_limit": Unit.DAYS,
    "date_limit": Unit.DATE,
    "ratio_limit": Unit.PERCENT,
    "text_limit": Unit.TEXT,
    "bool_limit": Unit.BOOL,
    "text_list": Unit.TEXT,
    "money_list": Unit.MONEY,
    "ratio_list": Unit.RATIO,
}
SCOPE = Scope(FIELDS, PARAMETERS, listed=frozenset(n for n in PARAMETERS if n.endswith("_list")))

# Few values of each kind, so that equality and both sides of a boundary come up often.
POOL: Mapping[Kind, tuple[Any, ...]] = {
    Kind.BOOL: (True, False),
    Kind.TEXT: ("A", "B", "", "a", "é", "it's", 'say "so"', "back\\slash", "two\nlines"),
    Kind.COUNT: (0, 1, -1, 2, 3, 10**9, -(10**9)),
    Kind.MONEY: (0, 1, -1, 100, 4_999_999, 5_000_000, 5_000_001, 10**15, -(10**15)),
    Kind.DAYS: (0, 1, -1, 28, 29, 365, 366, 10**6, -(10**6)),
    Kind.DATE: (
        date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2023, 2, 28), date(2023, 3, 1),
        date(2000, 2, 29), date(1900, 3, 1), date.min, date.max,
    ),
}  # fmt: skip
OVER = (0, 1, 2, 3, -1, 29, 30, 31, 10**15 - 1, 10**15, 10**15 + 1, 10**30 - 1, 10**30, -(10**30), 3 * 10**29)
UNDER = (0, 1, 2, 10, 100, 10**15 - 1, 10**15, 10**15 + 1, 10**30 - 1, 10**30, None)
CONSTANT_RATIOS = ("0", "30", "29.999999999", "30.000000001", "-1", "100", "123456789012345.123456789")


def written(kind: Kind) -> st.SearchStrategy[str]:
    """A constant of that kind as an expression writes it."""
    pool = st.sampled_from(POOL.get(kind, CONSTANT_RATIOS))
    match kind:
        case Kind.BOOL:
            return pool.map(lambda v: "true" if v else "false")
        case Kind.TEXT:
            escaped = pool.map(lambda v: v.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n"))
            return escaped.map(lambda v: f'"{v}"')
        case Kind.COUNT:
            return pool.map(str)
        case Kind.MONEY:
            return pool.map(lambda v: f'money("{"-" * (v < 0)}{abs(v) // 100}.{abs(v) % 100:02}")')
        case Kind.DAYS:
            return pool.map(lambda v: f"days({v})")
        case Kind.DATE:
            return pool.map(lambda v: f'date("{v.isoformat()}")')
        case Kind.LIST | Kind.DURATION | Kind.TIMESTAMP | Kind.BYTES:
            raise NotImplementedError(kind)
        case Kind.RATIO:
            return st.tuples(st.sampled_from(["percent", "ratio"]), pool).map(lambda t: f'{t[0]}("{t[1]}")')


SUMS = {
    Kind.COUNT: [("+", Kind.COUNT, Kind.COUNT), ("-", Kind.COUNT, Kind.COUNT), ("*", Kind.COUNT, Kind.COUNT)],
    Kind.MONEY: [("+", Kind.MONEY, Kind.MONEY), ("-", Kind.MONEY, Kind.MONEY), ("*", Kind.MONEY, Kind.COUNT)],
    Kind.DAYS: [
        ("+", Kind.DAYS, Kind.DAYS),
        ("-", Kind.DATE, Kind.DATE),
        ("*", Kind.COUNT, Kind.DAYS),
    ],
    Kind.DATE: [("+", Kind.DATE, Kind.DAYS), ("-", Kind.DATE, Kind.DAYS), ("+", Kind.DAYS, Kind.DATE)],
}


@st.composite
def operands(draw: st.DrawFn, kind: Kind, depth: int) -> str:
    """A value of that kind: a fact, a parameter, a constant, or arithmetic on such."""
    if depth and kind in SUMS and draw(st.integers(0, 2)) == 0:
        sign, left, right = draw(st.sampled_from(SUMS[kind]))
        # A product of two facts of money leaves 64 bits and is refused: multiply by small numbers.
        times = draw(st.sampled_from(["2", "3", "1000"])) if sign == "*" else ""
        sides = [
            times if times and side is Kind.COUNT else f"({draw(operands(side, depth - 1))})" for side in (left, right)
        ]
        return f"{sides[0]} {sign} {sides[1]}"
    fact = f"has.{kind.value}{draw(st.integers(1, 2))}"
    return draw(st.one_of(st.just(fact), st.just(fact), st.just(f"{kind.value}_limit"), written(kind)))


@st.composite
def conditions(draw: st.DrawFn, depth: int = 3, kinds: tuple[Kind, ...] = KINDS) -> str:
    """A condition over facts of these kinds, which reads an optional fact only where it has asked."""
    form = draw(st.sampled_from(["compare", "compare", "in", "bool", "guard"] + ["not", "and", "or"] * min(depth, 2)))
    match form:
        case "compare":
            kind = draw(st.sampled_from(kinds))
            signs = ["==", "!="] if kind in (Kind.BOOL, Kind.TEXT) else ["==", "!=", "<", "<=", ">", ">="]
            left, right = (draw(operands(kind, 2)) for _ in range(2))
            return f"{left} {draw(st.sampled_from(signs))} {right}"
        case "in":
            kind = draw(st.sampled_from(kinds))
            item = draw(operands(kind, 1))
            if kind.value + "_list" in PARAMETERS and draw(st.booleans()):
                return f"{item} in {kind.value}_list"
            return f"{item} in [{', '.join(draw(st.lists(written(kind), min_size=1, max_size=3)))}]"
        case "bool":
            return draw(operands(Kind.BOOL, 0))
        case "guard":
            kind = draw(st.sampled_from(kinds))
            asked = f"may.{kind.value}1"
            compared = f"{asked} {draw(st.sampled_from(['==', '!=']))} {draw(operands(kind, 0))}"
            return draw(st.sampled_from([f"has({asked}) && {compared}", f"!has({asked}) || {compared}"]))
        case "not":
            return f"!({draw(conditions(depth - 1, kinds))})"
        case _:
            sign = " && " if form == "and" else " || "
            parts = draw(st.lists(conditions(depth - 1, kinds), min_size=2, max_size=3))
            return sign.join(f"({part})" for part in parts)


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """A row of columns: any fact may be missing, and a ratio is two integers."""
    row: dict[str, Any] = {}
    for name, field in FIELDS.items():
        if field.kind is Kind.RATIO:
            row[f"{name}#n"] = draw(st.sampled_from((*OVER, None)))
            row[f"{name}#d"] = draw(st.sampled_from(UNDER))
        else:
            row[name] = draw(st.sampled_from((*POOL[field.kind], None)))
    return row


given_values = st.fixed_dictionaries(
    {},
    optional={
        **{f"{kind.value}_limit": st.sampled_from(pool) for kind, pool in POOL.items()},
        "ratio_limit": st.sampled_from([Fraction(30, 100), Fraction(-1), Fraction(10**29, 3)]),
        "text_list": st.lists(st.sampled_from(POOL[Kind.TEXT]), max_size=3).map(tuple),
        "money_list": st.lists(st.sampled_from(POOL[Kind.MONEY]), max_size=3).map(tuple),
        "ratio_list": st.lists(st.sampled_from([Fraction(3, 10), Fraction(1)]), max_size=2).map(tuple),
    },
)


def facts_of(row: Mapping[str, Any]) -> dict[str, Value | None]:
    """The same row as exact values."""
    facts: dict[str, Value | None] = {}
    for name, field in FIELDS.items():
        if field.kind is Kind.RATIO:
            over, under = row[f"{name}#n"], row[f"{name}#d"]
            facts[name] = Fraction(over, under) if over is not None and under else None
        else:
            facts[name] = row[name]
    return facts


def frame(db: Database, rows: list[dict[str, Any]]) -> None:
    columns = [
        (column, db.spelling.WIDE if field.kind is Kind.RATIO else db.spelling.type_of(field.kind))
        for name, field in FIELDS.items()
        for column in ([f"{name}#n", f"{name}#d"] if field.kind is Kind.RATIO else [name])
    ]
    cells = [[i, *(row[column] for column, _ in columns)] for i, row in enumerate(rows)]
    db.store("facts", [("subject_id", "BIGINT"), *columns], cells)


def patterns(db: Database, checked: list[Checked], parameters: Mapping[str, Any], absent: frozenset[str]) -> list[str]:
    truth_table(db, "facts", [(str(i), c) for i, c in enumerate(checked)], parameters, absent, "truth")
    return [p for (p,) in db.rows("SELECT pattern FROM truth ORDER BY CAST(subject_id AS BIGINT)")]


def letter(truth: Value | None) -> str:
    return {True: "t", False: "f", None: "u"}[truth]  # type: ignore[index] # a condition has no other value


def compiled(text: str) -> Checked:
    """Checked, unless its arithmetic could leave 64 bits: then another is drawn."""
    try:
        return compile_text(text, Place("test"), SCOPE)
    except BadInput as bad:
        assume(any("too large" not in p.message for p in bad.problems))
        raise
