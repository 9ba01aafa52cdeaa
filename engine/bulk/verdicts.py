"""What is the verdict on every subject? Counted first, so that a run can be stopped before anything is written.

    facts -> masks -> which rules count, and marks -> distinct sets of marks -> verdicts

What is inferred grows with the rules and with what they say together, never with the number of patterns: a policy of
fifty independent rules shows as many patterns as there are subjects, and some dozens of sets of marks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.bulk.counting import Words, counted, counting, is_foreseen, marks_in, marks_masks, pattern_of
from engine.bulk.masks import Masks, masks_of, masks_query
from engine.database import Database
from engine.engines.embedded import Embedded
from engine.evaluate import NOTHING_SAID, Question, Standing, refuse_without_rules, said_of
from engine.facts import Facts
from engine.inference.components import ComponentInference
from engine.inference.ladders import LADDER_OF, logic_of
from engine.inference.logic import Conclusion, Pattern
from rules.kinds import Kind
from rules.model.rule_kind import Mode


@dataclass(frozen=True, slots=True)
class Answer:
    """One distinct set of marks: how many subjects have it, and what follows."""

    marks: Words
    subjects: int
    verdict: str
    """The level, or `unknown` where it is undecided."""
    open: bool
    """Whether a rule that counts is unknown."""
    contradicted: tuple[tuple[str, str, str], ...]
    """(question, what is said, what is said against it)."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Verdicts on every subject of `facts`, as a query and as counts."""

    db: Database
    question: Question
    facts: Facts
    masks: Masks
    relation: str
    """A table of subject_id, and the words of fired, unknown and marks."""
    query: str
    """subject_id, and the words of fired, unknown, hushed (waived rules in report mode), counts, open and marks."""
    ordered: bool
    """Whether the query has its rows in order of subjects as it stands."""
    mark_columns: tuple[str, ...]
    answers: tuple[Answer, ...]
    """The most frequent first."""

    @property
    def total(self) -> int:
        return sum(answer.subjects for answer in self.answers)

    @property
    def unknown(self) -> int:
        """Subjects on whom an unknown rule counts."""
        return sum(answer.subjects for answer in self.answers if answer.open)

    @property
    def counts(self) -> Mapping[str, int]:
        """Subjects by verdict."""
        found: dict[str, int] = {}
        for answer in self.answers:
            found[answer.verdict] = found.get(answer.verdict, 0) + answer.subjects
        return found

    def chosen(self, values: Mapping[str, str], otherwise: str) -> str:
        """An expression that is another one by verdict."""
        cases = [f"WHEN {self._is(a)} THEN {values[a.verdict]}" for a in self.answers]
        return f"CASE {' '.join(cases)} ELSE {otherwise} END" if cases else otherwise

    def any_of(self, answers: Iterable[Answer]) -> str:
        """An expression: whether the answer is one of these."""
        return " OR ".join(f"({self._is(answer)})" for answer in answers) or "FALSE"

    def _is(self, answer: Answer) -> str:
        name = self.db.spelling.name
        return " AND ".join(f"{name(c)} = {word}" for c, word in zip(self.mark_columns, answer.marks, strict=True))


def verdicts(db: Database, question: Question, facts: Facts, *, standing: Standing = NOTHING_SAID) -> Verdicts:
    """Judge every subject. Raises BadInput where no rule is in force, or where the rules contradict their own order."""
    refuse_without_rules(question, facts)
    masks, name = masks_of(question), db.spelling.name
    relation, source = db.fresh("judged"), f"({masks_query(db, question, facts, masks)})"
    with ComponentInference(logic_of(question.rules)) as inference:
        seen = db.fresh("masks")
        if not is_foreseen(inference):
            db.run(f"CREATE TABLE {name(seen)} AS SELECT * FROM {source} m")
            source = name(seen)
        count = counting(db, inference, masks, seen)
        own = [f"m.{name(c)}" for stem in ("fired", "unknown") for c in masks.columns(stem)]
        marks = marks_masks(inference).columns("marks")
        told = [f"{count.cells[c]} AS {name(c)}" for c in marks]
        db.run(
            f"CREATE TABLE {name(relation)} AS SELECT m.subject_id, {', '.join((*own, *told))} "
            f"FROM {source} m {count.joins}"
        )
        later = [
            *(f"{db.spelling.cast('0', Kind.COUNT)} AS {name(c)}" for c in masks.columns("hushed")),
            *(f"{count.cells[c]} AS {name(c)}" for stem in ("counts", "open") for c in masks.columns(stem)),
            *(f"m.{name(c)}" for c in marks),
        ]
        query = f"SELECT m.subject_id, {', '.join((*own, *later))} FROM {name(relation)} m {count.joins}"
        if standing.subjects:
            query = _with_said(db, question, inference, masks, relation, query, standing)
        answers = _answers(db, inference, query, marks, LADDER_OF[question.rules[0].kind].name)
    ordered = not (count.joins or standing.subjects) and _in_order(db, relation)
    return Verdicts(db, question, facts, masks, relation, query, ordered, marks, answers)


def _answers(
    db: Database, inference: ComponentInference, query: str, marks: Sequence[str], ladder: str
) -> tuple[Answer, ...]:
    listed = ", ".join(db.spelling.name(column) for column in marks)
    found = []
    for *words, subjects in db.rows(f"SELECT {listed}, count(*) FROM ({query}) counted GROUP BY {listed}"):
        concluded = inference.of_marks(marks_in(inference, words))
        found.append(
            Answer(
                tuple(map(int, words)),
                int(subjects),
                concluded.level[ladder] or "unknown",
                bool(concluded.open),
                tuple((q, inference.mark(a).value, inference.mark(b).value) for q, a, b in concluded.conflicts),
            )
        )
    return tuple(sorted(found, key=lambda answer: (-answer.subjects, answer.marks)))


def _with_said(
    db: Database,
    question: Question,
    inference: ComponentInference,
    masks: Masks,
    relation: str,
    query: str,
    standing: Standing,
) -> str:
    """The same query; subjects about whom people said something are concluded one by one, with what was said."""
    name = db.spelling.name
    said, asked = db.fresh("said"), db.fresh("asked")
    db.store(asked, [("id", db.spelling.type_of(Kind.TEXT))], [(subject,) for subject in sorted(standing.subjects)])
    own = [name(c) for stem in ("fired", "unknown") for c in masks.columns(stem)]
    reported = {rule.id for rule in question.rules if rule.mode is Mode.REPORT and rule.waivable_by}
    concluded: dict[Pattern, Conclusion] = {}
    rows = []
    for subject, *words in db.rows(
        f"SELECT m.subject_id, {', '.join(f'm.{c}' for c in own)} FROM {name(relation)} m "
        f"JOIN {name(asked)} a ON a.id = m.subject_id"
    ):
        fired, unknown = tuple(words[: masks.words]), tuple(words[masks.words :])
        found = pattern_of(masks, fired, unknown, inference.logic.effects.__contains__)
        pattern = said_of(question, standing, subject, found)
        if pattern not in concluded:
            concluded[pattern] = inference.conclude(pattern)
        hushed = masks.of({of for _, of in standing.waived.get(subject, ())} & reported)
        rows.append((subject, *hushed, *counted(inference, masks, concluded[pattern]).flat))
    columns = [
        *(c for stem in ("hushed", "counts", "open") for c in masks.columns(stem)),
        *marks_masks(inference).columns("marks"),
    ]
    number = db.spelling.type_of(Kind.COUNT)
    db.store(said, [("id", db.spelling.type_of(Kind.TEXT)), *((c, number) for c in columns)], rows)
    cells = [f"coalesce(s.{name(c)}, q.{name(c)}) AS {name(c)}" for c in columns]
    return (
        f"SELECT q.subject_id, {', '.join(f'q.{c}' for c in own)}, {', '.join(cells)} "
        f"FROM ({query}) q LEFT JOIN {name(said)} s ON s.id = q.subject_id"
    )


def _in_order(db: Database, relation: str) -> bool:
    """Whether the rows of a table stand in order of subjects, which saves sorting them."""
    if not isinstance(db, Embedded):
        return False  # only the embedded engine promises to keep the order that it was given
    before = f"SELECT subject_id AS here, lag(subject_id) OVER () AS before FROM {db.spelling.name(relation)}"
    return not db.value(f"SELECT count(*) FROM ({before}) WHERE before > here")
