"""Does an engine agree with us, case by case? A fixed battery of conditions and rows, judged here and there.

Here is `rules.expression.meaning`, one case at a time; there is the SQL that is written for the engine, over a table.
A bulk run is allowed on an engine that agrees on all of it (engine.engines.verification).
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from engine.conditions.condition_case import value_of
from engine.conditions.condition_sql import condition_sql
from engine.conditions.truth import truth_table
from engine.database import Database
from engine.engines.battery_conditions import CONDITIONS
from engine.engines.battery_rows import ABSENT, FIELDS, GIVEN, SCOPE, cases
from engine.fact_frames import Fact, frame_of
from engine.spelling import Spelling
from rules.expression.check import compile_text
from rules.expression.scope import Checked
from rules.problem import Place

ABSENT_FACTS = frozenset(ABSENT)
_GIVEN, _FACTS, _TRUTH = "battery_given", "battery_facts", "battery_truth"
_ZEROED = "has.ratio2"
"""An unknown ratio of this name is one by zero, as a table may have it."""
_LETTERS = {True: "t", False: "f", None: "u"}
_WORDS = {"t": "true", "f": "false", "u": "unknown"}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One condition that an engine judges differently on some rows, or cannot judge at all."""

    condition: str
    row: int
    """The first of them, from 0."""
    facts: tuple[tuple[str, str], ...]
    """What the condition reads there, as a person reads it."""
    ours: str
    """`true`, `false` or `unknown`."""
    theirs: str
    """The same; or what the engine says where it refuses the condition."""
    rows: int
    """On how many rows."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the battery found of an engine."""

    engine: str
    version: str
    battery: str
    """`fingerprint`."""
    conditions: int
    rows: int
    disagreements: tuple[Disagreement, ...]

    @property
    def passed(self) -> bool:
        return not self.disagreements


def judged(db: Database) -> Verdict:
    """Run the battery on an engine."""
    with prepared(db):
        found = tuple(disagreements(db, range(len(CONDITIONS))))
    return Verdict(db.spelling.ENGINE, db.version, fingerprint(db.spelling), len(CONDITIONS), len(cases()), found)


@contextmanager
def prepared(db: Database) -> Iterator[None]:
    """The battery's rows are a table in between."""
    frame_of(db, _GIVEN, FIELDS, [(str(number), case) for number, case in enumerate(cases())])
    try:
        _facts(db)
        yield
    finally:
        for table in (_GIVEN, _FACTS, _TRUTH):
            db.run(f"DROP TABLE IF EXISTS {db.spelling.name(table)}")


def fingerprint(spelling: Spelling) -> str:
    """SHA-256 of the battery: its conditions, its rows, and the SQL that is written for the engine."""
    digest = hashlib.sha256()
    for row in cases():
        digest.update(f"{sorted(row.items())!r}\n".encode())
    for condition in compiled():
        digest.update(f"{condition.text}\n{condition_sql(condition, GIVEN, ABSENT_FACTS, spelling)}\n".encode())
    return digest.hexdigest()


@cache
def compiled() -> tuple[Checked, ...]:
    """The battery's conditions, checked."""
    return tuple(compile_text(text, Place("battery"), SCOPE) for text in CONDITIONS)


@cache
def expected() -> tuple[str, ...]:
    """For each condition what it says of each row: a letter a row, `t`, `f` or `u`."""
    return tuple("".join(_letters(condition)) for condition in compiled())


def _letters(condition: Checked) -> Iterator[str]:
    judged_before: dict[tuple[Fact, ...], str] = {}
    for case in cases():
        read = tuple(case.get(name) for name in condition.fields)
        if read not in judged_before:
            value = value_of(condition, case, GIVEN, ABSENT_FACTS)
            judged_before[read] = _LETTERS[value]  # type: ignore[index] # a condition has no other value
        yield judged_before[read]


def _facts(db: Database) -> None:
    """The rows as a table that holds ratios without a value in both ways."""
    name = db.spelling.name
    over, under = (name(f"{_ZEROED}#{half}") for half in "nd")
    columns = ", ".join(
        {over: f"coalesce({over}, 1) AS {over}", under: f"coalesce({under}, 0) AS {under}"}.get(each, each)
        for each in map(name, db.columns(_GIVEN))
    )
    db.run(f"DROP TABLE IF EXISTS {name(_FACTS)}")
    db.run(f"CREATE TABLE {name(_FACTS)} AS SELECT {columns} FROM {name(_GIVEN)}")


def disagreements(db: Database, numbers: Sequence[int]) -> Iterator[Disagreement]:
    """On these of the battery's conditions; the rows are `prepared`."""
    try:
        theirs = _by_engine(db, [compiled()[number] for number in numbers])
    except Exception:  # noqa: BLE001 -- every engine has errors of its own: which condition is it?
        for number in numbers:
            yield from _alone(db, number)
        return
    for number, found in zip(numbers, theirs, strict=True):
        yield from _compared(compiled()[number], expected()[number], found)


def _alone(db: Database, number: int) -> Iterator[Disagreement]:
    condition, ours = compiled()[number], expected()[number]
    try:
        [found] = _by_engine(db, [condition])
    except Exception as error:  # noqa: BLE001 -- as above
        said = (str(error).splitlines() or [type(error).__name__])[0]
        yield Disagreement(condition.text, 0, _shown(condition, 0), _WORDS[ours[0]], said, len(ours))
    else:
        yield from _compared(condition, ours, found)


def _by_engine(db: Database, conditions: Sequence[Checked]) -> list[str]:
    """What the engine says: for each condition a letter a row."""
    named = [(str(number), condition) for number, condition in enumerate(conditions)]
    truth_table(db, _FACTS, named, GIVEN, ABSENT_FACTS, _TRUTH)
    name = db.spelling.name
    patterns = {int(row): pattern for row, pattern in db.rows(f"SELECT subject_id, pattern FROM {name(_TRUTH)}")}
    return ["".join(letters) for letters in zip(*(patterns[row] for row in sorted(patterns)), strict=True)]


def _compared(condition: Checked, ours: str, theirs: str) -> Iterator[Disagreement]:
    rows = [row for row, pair in enumerate(zip(ours, theirs, strict=True)) if pair[0] != pair[1]]
    if rows:
        first = rows[0]
        shown = _shown(condition, first)
        yield Disagreement(condition.text, first, shown, _WORDS[ours[first]], _WORDS[theirs[first]], len(rows))


def _shown(condition: Checked, row: int) -> tuple[tuple[str, str], ...]:
    case = cases()[row]
    return tuple((name, ascii(case[name])) for name in condition.fields if name in case)
