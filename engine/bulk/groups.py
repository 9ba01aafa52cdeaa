"""Which subjects were judged alike? Those with the same rules true and unknown, for people to read in a few lines."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.bulk.columns import reported_tests
from engine.bulk.verdicts import Verdicts
from engine.evaluate import Evaluation, evaluate
from rules.kinds import Kind
from rules.model.rule_kind import Mode


@dataclass(frozen=True, slots=True)
class Group:
    """Subjects judged alike."""

    verdict: str
    subjects: int
    first: tuple[str, ...]
    """The first of them, in order."""


def groups(verdicts: Verdicts, ranked: Sequence[str], *, most: int, named: int) -> tuple[list[Group], int]:
    """The gravest and largest groups, at most so many with so many names each, and how many groups there are.

    `ranked` are the verdicts, gravest first. A group with the last of them is left out, unless an unknown rule counts,
    or a rule in report mode is true and would count.
    """
    db, masks = verdicts.db, verdicts.masks
    name, table = db.spelling.name, db.fresh("groups")
    enforced = masks.of(rule.id for rule in verdicts.question.rules if rule.mode is Mode.ENFORCE)
    keys = [
        *(name(c) for c in masks.columns("fired")),
        *(f"({name(c)} & {word})" for c, word in zip(masks.columns("unknown"), enforced, strict=True)),
    ]
    labels = [name(f"key_{n}") for n in range(len(keys))]
    verdict = verdicts.chosen({v: str(n) for n, v in enumerate(ranked)}, str(len(ranked)))
    opened = verdicts.any_of(answer for answer in verdicts.answers if answer.open)
    cells = ", ".join(f"{key} AS {label}" for key, label in zip(keys, labels, strict=True))
    told = " OR ".join(reported_tests(verdicts, ("fired",)).values()) or "FALSE"
    listed = ", ".join(labels)
    db.run(
        f"CREATE TABLE {name(table)} AS SELECT {listed}, gravity, count(*) AS subjects, min(subject_id) AS least FROM ("
        f"SELECT subject_id, {cells}, {db.spelling.cast(verdict, Kind.COUNT)} AS gravity, ({opened}) AS opened, "
        f"({told}) AS told FROM ({verdicts.query}) q) judged "
        f"WHERE gravity <> {len(ranked) - 1} OR opened OR told GROUP BY {listed}, gravity"
    )
    total = int(db.value(f"SELECT count(*) FROM {name(table)}"))
    rows = db.rows(
        f"SELECT gravity, subjects, {listed} FROM {name(table)} ORDER BY gravity, subjects DESC, least LIMIT {most}"
    )
    found = []
    for gravity, subjects, *values in rows:
        alike = " AND ".join(f"{key} = {value}" for key, value in zip(keys, values, strict=True))
        first = db.rows(
            f"SELECT subject_id FROM (SELECT *, {db.spelling.cast(verdict, Kind.COUNT)} AS gravity "
            f"FROM ({verdicts.query}) q) judged WHERE {alike} AND gravity = {gravity} ORDER BY subject_id LIMIT {named}"
        )
        found.append(Group(ranked[gravity], int(subjects), tuple(str(subject) for (subject,) in first)))
    db.run(f"DROP TABLE {name(table)}")
    return found, total


def one_by_one(verdicts: Verdicts, subjects: Sequence[str]) -> Evaluation:
    """Some of the subjects with their whole conclusions, for whoever tells them in words."""
    db = verdicts.db
    chosen, some = db.fresh("chosen"), db.fresh("some")
    db.store(chosen, [("id", db.spelling.type_of(Kind.TEXT))], [(subject,) for subject in sorted(set(subjects))])
    name = db.spelling.name
    db.run(
        f"CREATE TABLE {name(some)} AS SELECT f.* FROM {name(verdicts.facts.relation)} f "
        f"JOIN {name(chosen)} c ON c.id = f.subject_id"
    )
    return evaluate(db, verdicts.question, replace(verdicts.facts, relation=some))
