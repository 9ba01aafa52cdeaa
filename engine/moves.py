"""May these accounts move? One verdict per proposed move, all judged on the state after every move of the file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.database import Database, quoted, text
from engine.evaluate import NOTHING_SAID, Evaluation, Standing, evaluate, question_of
from engine.facts import move_facts
from engine.logic import Conclusion
from engine.snapshot import Manifest
from rules.load import in_force
from rules.policy import PolicySet, RuleKind
from rules.problem import BadInput, Place, Problem
from rules.vocabulary import Subject, fields_of

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
    parameters = {name: value for name, value in in_force(policies, as_of).items() if not isinstance(value, tuple)}
    question = question_of(
        policies,
        policies.rules(RuleKind.ENGAGEMENT, as_of),
        fields_of(Subject.MOVE),
        as_of,
        minor_digits=manifest.minor_digits,
    )
    return evaluate(db, question, move_facts(db, manifest, parameters, as_of), standing=standing)


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

    Columns: the moves' own, then verdict, rules (that count), open (unknown rules), owed (obligations). Made by one
    join, so that a million moves cost a join and not a million explanations. Waivers and approvals are told apart by
    subject.
    """
    db, out = evaluation.db, f"{evaluation.relation}_verdicts"
    said = {*evaluation.standing.waived, *evaluation.standing.approved}
    rows: dict[tuple[str, str], tuple[str, ...]] = {}
    for subject_id, letters in _distinct(evaluation, said):
        c = evaluation.conclusion(subject_id, letters)
        rows[(subject_id if subject_id in said else "", letters)] = (
            verdict_of(c),
            " ".join(r for r, _ in c.effective),
            " ".join(c.open),
            "; ".join(sorted({o for _, o, _ in c.owed})),
        )
    concluded = f"{evaluation.relation}_concluded"
    db.run(
        f"""CREATE TABLE {quoted(concluded)}
        (said VARCHAR, pattern VARCHAR, verdict VARCHAR, rules VARCHAR, open VARCHAR, owed VARCHAR)"""
    )
    db.run_many(
        f"INSERT INTO {quoted(concluded)} VALUES (?, ?, ?, ?, ?, ?)", [(*key, *row) for key, row in rows.items()]
    )
    listed = ", ".join(text(s) for s in sorted(said)) or "NULL"
    db.run(
        f"""CREATE TABLE {quoted(out)} AS
        SELECT m.*, c.verdict, c.rules, c.open, c.owed
        FROM moves m JOIN {quoted(evaluation.relation)} t ON t.subject_id = m.account
        JOIN {quoted(concluded)} c
          ON c.pattern = t.pattern AND c.said = CASE WHEN t.subject_id IN ({listed}) THEN t.subject_id ELSE '' END
        ORDER BY m.account"""
    )
    return out


def write_verdicts(evaluation: Evaluation, path: Path) -> None:
    """Every move with its verdict as .csv, .parquet or .json, whole or not at all. Raises BadInput for another kind."""
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".parquet", ".json"):
        raise BadInput([Problem(Place(str(path)), "unknown kind of file", suffix or "none", ".csv, .parquet or .json")])
    query = f"SELECT * FROM {quoted(verdict_table(evaluation))}"
    partial = path.with_name(path.name + ".part")
    match suffix:
        case ".parquet":
            evaluation.db.write_parquet(query, partial)
        case ".csv":
            evaluation.db.write_csv(query, partial)
        case _:
            rows = json.dumps(evaluation.db.records(query), ensure_ascii=False, indent=1, default=str)
            partial.write_text(rows + "\n", encoding="utf-8")
    partial.replace(path)


def _distinct(evaluation: Evaluation, said: set[str]) -> list[tuple[str, str]]:
    db, relation = evaluation.db, quoted(evaluation.relation)
    rows = [("", str(letters)) for (letters,) in db.rows(f"SELECT DISTINCT pattern FROM {relation}")]
    for subject_id in sorted(said):
        rows += [
            (subject_id, str(p))
            for (p,) in db.rows(f"SELECT pattern FROM {relation} WHERE subject_id = ?", [subject_id])
        ]
    return rows
