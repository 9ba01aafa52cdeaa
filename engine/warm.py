"""May this account move? One verdict after the other, each within milliseconds, from a snapshot that is read once.

A service that answers while people talk keeps a `Judge`. What it says of a move is what `engine.moves.check_moves` says
of a file that holds that move alone: facts are worked out in Python instead of SQL (`engine.metrics.one_move`), and
everything after the facts is the same: conditions case by case, inference by components, and the outcome in words.
"""

from collections.abc import Mapping
from datetime import date
from types import TracebackType
from typing import Any, Self

from engine.canonical import MOVES, Type
from engine.conditions.condition_case import judged_case
from engine.database import Database
from engine.evaluate import NOTHING_SAID, Evaluation, pattern_of, question_of, refuse_without_rules
from engine.explain import Case, org_asked, outcome_from, outcome_of
from engine.facts import Facts, move_facts
from engine.inference.components import ComponentInference
from engine.inference.ladders import logic_of
from engine.inference.logic import Conclusion, Pattern
from engine.intake.snapshot import Manifest
from engine.metrics.fact_rows import refuse_beyond
from engine.metrics.move_state import read_state
from engine.metrics.one_move import OneMove, ProposedMove
from engine.moves import check_moves
from engine.outcome import Outcome
from rules.kinds import Kind
from rules.model.policy import PolicySet
from rules.model.rule_kind import RuleKind
from rules.problem import BadInput, Place, Problem
from rules.reading.load import single_in_force
from rules.vocabulary import Subject

_REQUIRED = ("account", "from_rep", "to_rep", "effective")
_COUNTED = (Kind.RATIO, Kind.MONEY, Kind.COUNT, Kind.DAYS)
_LETTERS: Mapping[object, str] = {True: "t", False: "f"}
_REMEMBERED = 4_096
"""Patterns of which the conclusion is kept."""


class Judge:
    """Judges single moves on one snapshot under one set of policies; a context manager. Not safe for threads.

    The database is the judge's own from then on: its table `moves` is replaced.
    """

    def __init__(self, db: Database, manifest: Manifest, policies: PolicySet, as_of: date) -> None:
        """Raises BadInput for parameters that a definition needs, and where no rule on a move is in force.

        `db` holds the snapshot, and in `approved_moves` the moves that were decided before.
        """
        self._db, self._manifest, self._policies, self._day = db, manifest, policies, as_of
        self._parameters = single_in_force(policies, as_of)
        fields = policies.fields(Subject.MOVE)
        rules = policies.rules(RuleKind.ENGAGEMENT, as_of)
        self._question = question_of(policies, rules, fields, as_of, minor_digits=manifest.minor_digits)
        self._known: dict[frozenset[str], Facts] = {}
        refuse_without_rules(self._question, self._facts_known(frozenset()))
        # What the policies declare on moves themselves is any aggregate over any table: SQL alone works that out.
        self._by_table = bool(policies.metrics(Subject.MOVE))
        numbers = {n: v for n, v in self._parameters.items() if isinstance(v, int) and not isinstance(v, bool)}
        self._state = read_state(db, manifest, numbers, as_of, policies.calendar)
        self._org = org_asked(db, self._question)
        self._facts = OneMove(self._state)
        self._inference = ComponentInference(logic_of(self._question.rules))
        self._concluded: dict[Pattern, Conclusion] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._inference.__exit__(kind, error, trace)

    def judge(self, move: ProposedMove) -> Outcome:
        """The outcome of a move as if it were alone in its file.

        Raises BadInput for an account or rep that the snapshot does not have, for a column that no file of moves has,
        and for a fact whose numbers conditions cannot compare exactly.
        """
        self._refuse(move)
        if self._by_table:
            return self._judged_by_table(move)
        question, facts = self._question, self._facts_known(frozenset(move.more))
        case = self._case(move, facts)
        letters, lacking = self._letters(case, facts)
        pattern = pattern_of(question, letters)
        conclusions = {pattern: self._conclude(pattern)}
        evaluation = Evaluation(self._db, question, facts, facts.relation, NOTHING_SAID, conclusions)
        return outcome_from(evaluation, move.account, letters, case, self._org, lacking)

    def case(self, move: ProposedMove) -> Case:
        """Every fact of a move by name; `None` where it is unknown, none, or rests on what is not there."""
        return self._case(move, self._facts_known(frozenset(move.more)))

    def _letters(self, case: Case, facts: Facts) -> tuple[str, dict[str, tuple[str, ...]]]:
        """The letters of every condition, and of the unknown ones what they lack."""
        letters, lacking = [], {}
        for rule in self._question.conditional:
            assert rule.when is not None, "a conditional rule has a condition"  # noqa: S101
            value, missing = judged_case(rule.when, case, self._question.values, facts.absent)
            letters.append(_LETTERS.get(value, "u"))
            if value is None:
                lacking[rule.id] = missing
        return "".join(letters), lacking

    def _case(self, move: ProposedMove, facts: Facts) -> Case:
        fields = self._question.fields
        found = self._facts.facts(move)
        case: dict[str, Any] = {name: None if name in facts.absent else found.get(name) for name in fields}
        refuse_beyond({field: case[name] for name, field in fields.items() if field.kind in _COUNTED})
        return case

    def _conclude(self, pattern: Pattern) -> Conclusion:
        if pattern not in self._concluded:
            if len(self._concluded) == _REMEMBERED:
                self._concluded.clear()
            self._concluded[pattern] = self._inference.conclude(pattern)
        return self._concluded[pattern]

    def _facts_known(self, columns: frozenset[str]) -> Facts:
        """Which facts of moves nobody can know, where a move is given with those further columns."""
        if columns not in self._known:
            self._store(columns, [])
            self._known[columns] = move_facts(
                self._db,
                self._manifest,
                self._parameters,
                self._day,
                self._policies.metrics(Subject.MOVE),
                self._policies.calendar,
            )
        return self._known[columns]

    def _judged_by_table(self, move: ProposedMove) -> Outcome:
        columns = frozenset(move.more)
        given = {**move.more, "account": move.account, "from_rep": move.from_rep, "to_rep": move.to_rep}
        given["effective"] = move.effective
        self._store(columns, [[given[c.name] for c in MOVES.columns if c.name in given]])
        outcome = outcome_of(check_moves(self._db, self._manifest, self._policies, self._day), move.account)
        assert outcome is not None, "the move is in its table"  # noqa: S101
        return outcome

    def _store(self, more: frozenset[str], rows: list[list[object]]) -> None:
        columns = [
            (c.name, self._db.spelling.type_of(Kind.DATE if c.type is Type.DATE else Kind.TEXT))
            for c in MOVES.columns
            if c.name in _REQUIRED or c.name in more
        ]
        self._db.store(MOVES.name, columns, rows)

    def _refuse(self, move: ProposedMove) -> None:
        types = {c.name: c.type for c in MOVES.columns}
        where = Place(f"move of `{move.account}`")
        problems = [
            Problem(where, f"`{name}` is no column of a file of moves", hint=", ".join(types))
            for name in move.more
            if name not in types or name in _REQUIRED
        ]
        for name, value in (("effective", move.effective), *move.more.items()):
            wanted = date if types.get(name) is Type.DATE else str
            if value is not None and not isinstance(value, wanted):
                problems.append(Problem(where, f"`{name}` is no {wanted.__name__}", str(value)))
        present = self._manifest.present()
        if "accounts" in present and not self._state.accounts.get(move.account, {}).get("known"):
            problems.append(Problem(where, "the snapshot has no such account", move.account))
        for name, rep in (("from_rep", move.from_rep), ("to_rep", move.to_rep)):
            if "reps" in present and rep not in self._state.reps:
                problems.append(Problem(where, f"`{name}`: the snapshot has no such rep", rep))
        if problems:
            raise BadInput(problems)
