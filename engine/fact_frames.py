"""A fact frame from exact values: one row per subject, one column per fact, ratios as two integers `name#n` and
`name#d`.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from engine.database import Database, quoted
from rules.kinds import Kind, Value
from rules.vocabulary import Field

SQL_TYPE: Mapping[Kind, str] = {
    Kind.BOOL: "BOOLEAN",
    Kind.TEXT: "VARCHAR",
    Kind.COUNT: "BIGINT",
    Kind.MONEY: "BIGINT",
    Kind.DATE: "DATE",
    Kind.DAYS: "BIGINT",
}


def frame_of(
    db: Database, relation: str, fields: Mapping[str, Field], cases: Sequence[tuple[str, Mapping[str, Value | None]]]
) -> None:
    """Create table `relation` with these (subject id, case) rows. A missing value is NULL."""
    columns = [column for field in fields.values() for column in _columns(field)]
    db.run(f"CREATE TABLE {quoted(relation)} (subject_id VARCHAR, {', '.join(columns)})")
    marks = ", ".join("?" for _ in range(len(columns) + 1))
    rows = [
        [subject, *(cell for f in fields.values() for cell in _cells(f, case.get(f.name)))] for subject, case in cases
    ]
    db.run_many(f"INSERT INTO {quoted(relation)} VALUES ({marks})", rows)


def _columns(field: Field) -> list[str]:
    if field.kind is Kind.RATIO:
        return [f"{quoted(field.name + '#n')} HUGEINT", f"{quoted(field.name + '#d')} HUGEINT"]
    return [f"{quoted(field.name)} {SQL_TYPE[field.kind]}"]


def _cells(field: Field, value: Value | None) -> list[object]:
    if field.kind is not Kind.RATIO:
        return [value]
    if value is None:
        return [None, None]
    ratio = Fraction(value)  # type: ignore[arg-type]  # a RATIO fact is a Fraction or an int; the checker saw to it
    return [ratio.numerator, ratio.denominator]
