"""A fact frame from exact values: one row per subject, one column per fact, ratios as two integers `name#n` and
`name#d`, lists as lists.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from engine.database import Database
from engine.spelling import Spelling
from rules.kinds import Kind, Value
from rules.vocabulary import Field

Fact = Value | tuple[Value, ...] | None
"""One fact of a case: its value, the items of a list, or nothing where it is missing."""
_TOGETHER = 50
"""Rows of one statement."""


def frame_of(
    db: Database, relation: str, fields: Mapping[str, Field], cases: Sequence[tuple[str, Mapping[str, Fact]]]
) -> None:
    """Create table `relation` with these (subject id, case) rows. A missing value is NULL."""
    columns = [f"subject_id {db.spelling.type_of(Kind.TEXT)}"]
    columns += [column for field in fields.values() for column in _columns(field, db.spelling)]
    table = db.spelling.name(relation)
    db.run(f"CREATE TABLE {table} ({', '.join(columns)})")
    marks = ", ".join("?" for _ in columns)
    rows = [
        [subject, *(cell for f in fields.values() for cell in _cells(f, case.get(f.name)))] for subject, case in cases
    ]
    if db.spelling.ENGINE != "duckdb":
        db.run_many(f"INSERT INTO {table} VALUES ({marks})", rows)
        return
    # Statement by statement, rows of so many columns take a hundred times as long.
    for start in range(0, len(rows), _TOGETHER):
        some = rows[start : start + _TOGETHER]
        places = ", ".join(f"({marks})" for _ in some)
        db.run(f"INSERT INTO {table} VALUES {places}", [cell for row in some for cell in row])


def _columns(field: Field, spelling: Spelling) -> list[str]:
    if field.kind is Kind.RATIO:
        return [f"{spelling.name(f'{field.name}#{half}')} {spelling.WIDE}" for half in "nd"]
    return [f"{spelling.name(field.name)} {spelling.type_of(field.kind, field.of)}"]


def _cells(field: Field, value: Fact) -> list[object]:
    if field.kind is Kind.RATIO:
        return [None, None] if value is None else list(_halves(value))
    if isinstance(value, tuple):
        return [[_pair(item) if field.of is Kind.RATIO else item for item in value]]
    return [value]


def _halves(value: Value | tuple[Value, ...]) -> tuple[int, int]:
    ratio = Fraction(value)  # type: ignore[arg-type]  # a RATIO fact is a Fraction or an int; the checker saw to it
    return ratio.numerator, ratio.denominator


def _pair(item: Value) -> dict[str, int]:
    return dict(zip("nd", _halves(item), strict=True))
