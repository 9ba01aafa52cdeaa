"""From rows of metrics to a table of facts: money rounded once, ratios in lowest terms, and nothing cut.

A number that a condition cannot compare exactly is refused, with fact and subject; no table is left then.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from engine.database import Database, quoted
from engine.engines.dialect import common_divisor, make_table, names_of, remake_table
from engine.intake.snapshot import Manifest
from engine.metrics.amounts import rounded
from engine.spelling import Spelling
from rules.expression.term import RANGE, RATIO_REACH
from rules.kinds import Kind, Value
from rules.problem import BadInput, Place, Problem
from rules.vocabulary import Field

_COUNTED = (Kind.RATIO, Kind.MONEY, Kind.COUNT, Kind.DAYS)


def create_facts(
    db: Database, manifest: Manifest, relation: str, fields: Sequence[Field], absent: frozenset[str], rows: str
) -> None:
    """Create table `relation` from a query of rows at the source's money scale, in order of subject.

    A fact that is absent, or that the rows do not have, is NULL. An amount may come as a quotient, `name#n` by
    `name#d`: it is divided before it is rounded. Raises BadInput with every fact whose numbers are beyond a condition's
    reach.
    """
    sql = db.spelling
    given = frozenset(names_of(db, rows))
    columns = ["subject_id"]
    for field in fields:
        columns += _columns(sql, field, given if field.name not in absent else frozenset(), manifest)
    columns += [quoted(name) for name in ("effective",) if name in given]
    make_table(db, relation, f"SELECT {', '.join(columns)} FROM ({rows}) AS found ORDER BY subject_id")
    if problems := _beyond(db, manifest, relation, fields):
        db.run(f"DROP TABLE {sql.name(relation)}")
        raise BadInput(problems)
    if money := {field.name for field in fields if field.kind is Kind.MONEY}:
        narrow = [
            f"{sql.cast(quoted(c), Kind.MONEY)} AS {quoted(c)}" if c in money else quoted(c)
            for c in db.columns(relation)
        ]
        remake_table(db, relation, f"SELECT {', '.join(narrow)} FROM {sql.name(relation)} ORDER BY subject_id")


def set_fact(db: Database, relation: str, field: Field, value: Value | None) -> None:
    """Give every subject the same value of a fact. Raises BadInput for one beyond a condition's reach."""
    refuse_beyond({field: value})
    cells = cells_of(db.spelling, field, value)
    columns = [f"{cells.get(c, quoted(c))} AS {quoted(c)}" for c in db.columns(relation)]
    table = db.spelling.name(relation)
    remake_table(db, relation, f"SELECT {', '.join(columns)} FROM {table} ORDER BY subject_id")


def refuse_beyond(values: Mapping[Field, Value | None]) -> None:
    """Raise BadInput for every number that conditions cannot compare exactly."""
    problems = []
    for field, value in values.items():
        if value is not None and field.kind in _COUNTED:
            exact = Fraction(value)  # type: ignore[arg-type] # of these kinds it is an int or a Fraction
            if max(abs(exact.numerator), exact.denominator) > _most(field):
                subject = field.name.partition(".")[0]
                problems.append(_too_large(Place("snapshot"), field, f"`{subject}`", str(exact)))
    if problems:
        raise BadInput(problems)


def cells_of(spelling: Spelling, field: Field, value: Value | None) -> Mapping[str, str]:
    """A value as SQL by column name."""
    if field.kind is Kind.RATIO:
        ratio = None if value is None else Fraction(value)  # type: ignore[arg-type] # a ratio's value is a Fraction
        parts: tuple[str | int, str | int] = ("NULL", "NULL") if ratio is None else ratio.as_integer_ratio()
        return {f"{field.name}#{end}": spelling.wide(part) for end, part in zip("nd", parts, strict=True)}
    literal = "NULL" if value is None else spelling.text(value.isoformat() if isinstance(value, date) else str(value))
    return {field.name: f"CAST({literal} AS {spelling.type_of(field.kind, Kind.TEXT)})"}


def _columns(spelling: Spelling, field: Field, given: frozenset[str], manifest: Manifest) -> list[str]:
    if field.kind is Kind.RATIO:
        n, d = (quoted(name) for name in _names(field))
        if f"{field.name}#n" not in given:
            return [f"{spelling.wide('NULL')} AS {n}", f"{spelling.wide('NULL')} AS {d}"]
        top, bottom = spelling.wide(n), spelling.wide(d)
        both = common_divisor(spelling, top, bottom)
        known = f"CASE WHEN {n} IS NOT NULL AND {d} > 0 THEN"
        return [f"{known} {spelling.divided(part, both)} END AS {name}" for part, name in ((top, n), (bottom, d))]
    name = quoted(field.name)
    source = name if field.name in given else "NULL"
    if field.kind is Kind.MONEY:
        # Wide until it is known to fit: a cast that fails could not say which fact and which subject.
        if {f"{field.name}#n", f"{field.name}#d"} <= given:
            n, d = quoted(f"{field.name}#n"), quoted(f"{field.name}#d")
            return [f"CASE WHEN {d} > 0 THEN {rounded(spelling, n, manifest, by=f'nullif({d}, 0)')} END AS {name}"]
        return [f"{rounded(spelling, source, manifest)} AS {name}"]
    # Every list among the facts holds texts.
    return [f"CAST({source} AS {spelling.type_of(field.kind, Kind.TEXT)}) AS {name}"]


def _beyond(db: Database, manifest: Manifest, relation: str, fields: Sequence[Field]) -> list[Problem]:
    """A problem for every fact with numbers that conditions cannot compare exactly, naming its first subject."""
    counted = [field for field in fields if field.kind in _COUNTED]
    [largest] = db.rows(f"SELECT {', '.join(_size(field, 'max') for field in counted)} FROM {quoted(relation)}")
    problems = []
    for field, size in zip(counted, largest, strict=True):
        if size is not None and size > _most(field):
            numbers = ", ".join(quoted(name) for name in _names(field))
            found = db.rows(
                f"SELECT subject_id, {numbers}, count(*) OVER () FROM {quoted(relation)} WHERE {_size(field)} > ?"
                " ORDER BY subject_id LIMIT 1",
                [_most(field)],
            )
            [(subject, *values, count)] = found
            subjects = f"`{subject}`" + (f" and {count - 1:,} more" if count > 1 else "")
            where = Place(f"snapshot {manifest.id}".strip())
            problems.append(_too_large(where, field, subjects, "/".join(str(v) for v in values)))
    return problems


def _too_large(where: Place, field: Field, subjects: str, found: str) -> Problem:
    expected = f"whole numbers up to 10^{len(str(_most(field))) - 1}"
    tables = ", ".join(dict.fromkeys(f"`{need.partition('.')[0]}`" for need in field.needs))
    hint = f"numbers are too large or too varied: check {tables or 'the inputs'} and the money scale of the mapping"
    return Problem(where, f"`{field.name}` of {subjects} cannot be compared exactly", found, expected, hint)


def _size(field: Field, over: str = "") -> str:
    """The largest magnitude of a fact's numbers in a row, or over all rows."""
    parts = [f"{over}(abs({quoted(name)}))" for name in _names(field)]
    return f"greatest({', '.join(parts)})" if len(parts) > 1 else parts[0]


def _names(field: Field) -> tuple[str, ...]:
    return (f"{field.name}#n", f"{field.name}#d") if field.kind is Kind.RATIO else (field.name,)


def _most(field: Field) -> int:
    return RATIO_REACH if field.kind is Kind.RATIO else RANGE[field.kind][1]
