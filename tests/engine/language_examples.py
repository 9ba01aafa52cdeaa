"""A vocabulary with every kind of fact, values for its parameters, and tables of its cases."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from hypothesis import strategies as st

from engine.conditions.given_values import Given
from engine.conditions.truth import truth_table
from engine.database import Database
from engine.fact_frames import Fact, frame_of
from rules.expression.check import compile_text
from rules.expression.scope import Checked, Scope
from rules.expression.term import Term
from rules.kinds import Kind, Unit
from rules.problem import Place
from rules.vocabulary import Field
from tests.generators.expressions import PLAIN

_SINGLE = [
    Field(f"{owner}.{kind.value}{number}", kind, "for tests", optional=owner == "may")
    for owner in ("has", "may")
    for kind in PLAIN
    for number in (1, 2)
]
_LISTED = [
    Field(f"{owner}.{kind.value}s", Kind.LIST, "for tests", optional=owner == "may", of=kind)
    for owner in ("has", "may")
    for kind in PLAIN
]
_POINTS = [
    Field("has.points1", Kind.RATIO, "for tests", unit=Unit.POINTS),
    Field("has.pointss", Kind.LIST, "for tests", unit=Unit.POINTS, of=Kind.RATIO),
]
FIELDS: Mapping[str, Field] = {field.name: field for field in (*_SINGLE, *_LISTED, *_POINTS)}
"""Two required and two optional facts of every kind, and lists of each: `has.money1`, `may.money1`, `has.moneys`, …"""
PARAMETERS: Mapping[str, Unit] = {
    "count_limit": Unit.COUNT,
    "money_limit": Unit.MONEY,
    "days_limit": Unit.DAYS,
    "date_limit": Unit.DATE,
    "ratio_limit": Unit.PERCENT,
    "points_limit": Unit.POINTS,
    "text_limit": Unit.TEXT,
    "bool_limit": Unit.BOOL,
    "text_list": Unit.TEXT,
    "money_list": Unit.MONEY,
    "date_list": Unit.DATE,
    "ratio_list": Unit.RATIO,
}
_PLAIN_SCOPE = Scope(FIELDS, PARAMETERS, listed=frozenset(n for n in PARAMETERS if n.endswith("_list")))


def _defined(text: str) -> Term:
    return compile_text(text, Place("test"), _PLAIN_SCOPE).node


SCOPE = Scope(
    FIELDS,
    PARAMETERS,
    listed=_PLAIN_SCOPE.listed,
    definitions={
        "is_rich": _defined('has.money1 >= money_limit && has.text1 != "A"'),
        "band": _defined('has.ratio1 < ratio_limit ? "low" : has.ratio1 > ratio("1.2") ? "high" : "in"'),
        "better_share": _defined("has.bool1 ? has.ratio1 : has.ratio2"),
    },
    overrides={
        "days_limit": ((_defined('has.text1 == "A"'), "days_limit[A]"), (_defined("has.bool2"), "days_limit[B]")),
        "ratio_limit": ((_defined('has.text1 == "A"'), "ratio_limit[A]"),),
    },
)


GIVEN: Mapping[str, Given] = {
    "count_limit": 2,
    "money_limit": 5_000_000,
    "days_limit": 90,
    "days_limit[A]": 30,
    "days_limit[B]": 180,
    "ratio_limit[A]": Fraction(2, 7),
    "date_limit": date(2024, 2, 29),
    "ratio_limit": Fraction(3, 10),
    "points_limit": Fraction(3, 10),
    "text_limit": "A",
    "bool_limit": True,
    "text_list": ("A", "", "é"),
    "money_list": (1, 100),
    "date_list": (date(2024, 2, 29), date.max),
    "ratio_list": (Fraction(3, 10), Fraction(1)),
}
"""Every parameter has a value."""
given_values: st.SearchStrategy[dict[str, Given]] = st.fixed_dictionaries(
    {},
    optional={
        name: st.sampled_from([value, ()] if isinstance(value, tuple) else [value]) for name, value in GIVEN.items()
    },
)
"""Some parameters have a value, and lists may be empty."""


def frame(db: Database, rows: Sequence[Mapping[str, Fact]], fields: Mapping[str, Field] = FIELDS) -> None:
    """Table `facts` with these cases, the first with subject id 0."""
    db.run("DROP TABLE IF EXISTS facts")
    frame_of(db, "facts", fields, [(str(number), row) for number, row in enumerate(rows)])


def read_by(checked: Sequence[Checked]) -> Mapping[str, Field]:
    """The facts that some expressions read: a table needs no other column."""
    names = {name for each in checked for name in each.fields}
    return {name: field for name, field in FIELDS.items() if name in names}


def patterns(
    db: Database, checked: Sequence[Checked], parameters: Mapping[str, Given], absent: frozenset[str] = frozenset()
) -> list[str]:
    """What the table says of each case, one letter for each condition."""
    truth_table(db, "facts", [(str(i), c) for i, c in enumerate(checked)], parameters, absent, "truth")
    return [p for (p,) in db.rows("SELECT pattern FROM truth ORDER BY CAST(subject_id AS BIGINT)")]


def letter(truth: object) -> str:
    return {True: "t", False: "f", None: "u"}[truth]  # type: ignore[index] # a condition has no other value


def compiled(text: str) -> Checked:
    return compile_text(text, Place("test"), SCOPE)
