"""May these accounts move? One verdict per proposed move, all judged on the state after every move of the file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.database import Database, quoted
from engine.engines.dialect import make_table
from engine.evaluate import NOTHING_SAID, Evaluation, Standing, evaluate, question_of
from engine.facts import move_facts
from engine.inference.logic import Conclusion
from engine.intake.snapshot import Manifest
from engine.rule_standing import reported
from rules.kinds import Kind
from rules.model.policy import PolicySet
from rules.model.rule_kind import RuleKind
from rules.problem import BadInput, Place, Problem
from rules.reading.load import single_in_force
from rules.vocabulary import Subject

VERDICTS = ("deny", "hold", "approval", "allow")


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of a batch. `unknown` counts verdicts in which an unknown rule had a say, whichever they are."""

    verdicts: Mapping[str, int]
    unknown: int

    @property
    def total(self) -> int:
        return sum(self.verdicts.values())


def check_moves(
    db: Database, manifest: Manifest, policies: PolicySet, as_of: date, *, standing: Standing = NOTHING_SAID
) -> Evaluation:
    """Verdicts on the moves in table `moves`, by the rules in force on the as-of date."""
    parameters = single_in_force(policies, as_of)
    question = question_of(
        policies,
        policies.rules(RuleKind.ENGAGEMENT, as_of),
        policies.fields(Subject.MOVE),
        as_of,
        minor_digits=manifest.minor_digits,
    )
    facts = move_facts(db, manifest, parameters, as_of, policies.metrics(Subject.MOVE), policies.calendar)
    return evaluate(db, question, facts, standing=standing)


def tally(evaluation: Evaluation) -> Tally:
    """How many moves got which verdict."""
    counts = dict.fromkeys(VERDICTS, 0)
    unknown = 0
    for conclusion in evaluation.by_subject().values():
        counts[verdict_of(conclusion)] += 1
        unknown += bool(conclusion.open)
    return Tally(counts, unknown)


def verdict_of(conclusion: Conclusion) -> str:
    """The verdict of one move. The ladder of verdicts is not strict, so there always is one."""
    return conclusion.level["verdict"] or "hold"


def verdict_table(evaluation: Evaluation) -> str:
    """A table of verdicts joined to every move by its pattern: its name.

    Columns: the moves' own, then verdict, rules (that count), open (unknown rules), owed (obligations), conflicts
    (rules that contradict each other) and reported (rules in report mode that would count). Made by one join, so that
    a million moves cost a join and not a million explanations. Moves about which people said something are told apart
    by subject.
    """
    db, out = evaluation.db, f"{evaluation.relation}_verdicts"
    pairs = _distinct(evaluation)
    rows = [
        (*_concluded(evaluation.conclusion(subject_id, letters)), " ".join(reported(evaluation, subject_id, letters)))
        for subject_id, letters in pairs
    ]
    names = ("said", "pattern", "verdict", "rules", "open", "owed", "conflicts", "reported")
    text, concluded = db.spelling.type_of(Kind.TEXT), f"{evaluation.relation}_concluded"
    db.store(concluded, [(name, text) for name in names], [(*p, *r) for p, r in zip(pairs, rows, strict=True)])
    # The key is made first: an engine joins on columns, and compares row by row what is put together in a join.
    make_table(
        db,
        out,
        f"""
        WITH keyed AS (
            SELECT t.subject_id, t.pattern, coalesce(s.said, '') AS said FROM {quoted(evaluation.relation)} t
            LEFT JOIN (SELECT said FROM {quoted(concluded)} WHERE said <> '') s ON s.said = t.subject_id
        )
        SELECT m.*, c.verdict, c.rules, c.open, c.owed, c.conflicts, c.reported
        FROM moves m JOIN keyed k ON k.subject_id = m.account
        JOIN {quoted(concluded)} c ON c.pattern = k.pattern AND c.said = k.said
        ORDER BY m.account
        """,
    )
    return out


def write_verdicts(evaluation: Evaluation, path: Path) -> None:
    """Every move with its verdict as .csv, .parquet or .json, whole or not at all.

    A spreadsheet takes a cell of a .csv that begins with `=`, `+`, `-` or `@` for a formula. Such a cell, and one that
    begins with an apostrophe, gets an apostrophe in front: drop the first apostrophe of a cell to have its text back.
    The other two kinds hold every cell as it is.

    Raises BadInput for another kind of file, or a folder that is not there.
    """
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".parquet", ".json"):
        raise BadInput([Problem(Place(str(path)), "unknown kind of file", suffix or "none", ".csv, .parquet or .json")])
    if not path.parent.is_dir() or path.is_dir():
        raise BadInput(
            [Problem(Place(str(path)), "cannot be written", hint="its folder must exist, and it be no folder")]
        )
    table = verdict_table(evaluation)
    partial = path.with_name(path.name + ".part")
    try:
        _write(evaluation.db, table, suffix, partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _write(db: Database, table: str, suffix: str, path: Path) -> None:
    query = f"SELECT * FROM {quoted(table)}"
    match suffix:
        case ".parquet":
            db.write_parquet(query, path)
        case ".csv":
            db.write_csv(f"SELECT {', '.join(_harmless(c) for c in db.columns(table))} FROM {quoted(table)}", path)
        case _:
            # A row a line: the encoder of the standard library is ten times slower where it indents.
            rows = (json.dumps(record, ensure_ascii=False, default=str) for record in db.records(query))
            path.write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8")


def _harmless(column: str) -> str:
    name = quoted(column)
    cell = f"CAST({name} AS VARCHAR)"
    # A tab, a line break or a wide sign in front is enough for some spreadsheets.
    return f"CASE WHEN regexp_matches({cell}, '^[\\s''=+\\-@＝＋－＠]') THEN '''' || {cell} ELSE {cell} END AS {name}"


def _concluded(conclusion: Conclusion) -> tuple[str, ...]:
    return (
        verdict_of(conclusion),
        " ".join(rule for rule, _ in conclusion.effective),
        " ".join(conclusion.open),
        "; ".join(sorted({obligation for _, obligation, _ in conclusion.owed})),
        "; ".join(dict.fromkeys(f"{one} against {other}" for _, one, other in conclusion.conflicts)),
    )


def _distinct(evaluation: Evaluation) -> list[tuple[str, str]]:
    """Every pattern of letters once, as ("", letters), and moves about which people said something by subject id."""
    relation, said = quoted(evaluation.relation), evaluation.standing.subjects
    found = [("", str(letters)) for (letters,) in evaluation.db.rows(f"SELECT DISTINCT pattern FROM {relation}")]
    return found + ([pair for pair in evaluation.letters() if pair[0] in said] if said else [])
