"""Queries written by hand say of every move what the compiled conditions say, and so do the peers: a third opinion."""

from collections.abc import Iterator
from importlib import import_module

import pytest

from bench import adversarial
from bench.moves_in_bulk import by_hand, question_on
from bench.replay import Prepared
from engine.bulk.verdicts import verdicts
from engine.conditions.condition_sql import condition_sql
from engine.engines.embedded import Embedded
from engine.evaluate import Question
from engine.fact_frames import frame_of
from tests.generators.facts import rows

CASES = 2_000


@pytest.fixture
def db() -> Iterator[Embedded]:
    with Embedded() as database:
        yield database


def prepared(db: Embedded, question: Question, kind: str) -> Prepared:
    """A table `facts` of cases at random, on every boundary of the rules, or of independent ones."""
    if kind == "adversarial":
        db.run(f"CREATE TABLE facts AS {adversarial.table_query(CASES)}")
    else:
        conditions = [rule.when for rule in question.conditional if rule.when is not None]
        drawn = rows(question.fields, conditions, question.values, seed=7, count=CASES)
        frame_of(db, "facts", question.fields, [(f"M{n:05}", case) for n, case in enumerate(drawn)])
    return Prepared(path=None, rows=CASES, absent=frozenset())  # type: ignore[arg-type] # nothing is read from a file


@pytest.mark.parametrize("kind", ["filled", "adversarial"])
def test_the_query_by_hand_counts_the_same_verdicts(db: Embedded, kind: str) -> None:
    question = question_on(kind)
    table = prepared(db, question, kind)
    counted = {verdict: n for verdict, n, *_ in db.rows(by_hand(kind, table, question, rules=True))}
    assert counted == {verdict: n for verdict, n in verdicts(db, question, table.facts("facts")).counts.items() if n}
    assert len(counted) > 1


@pytest.mark.parametrize("absent", [frozenset[str](), frozenset({"account.contract_end", "account.industry"})])
def test_the_query_by_hand_says_the_same_of_every_rule_and_move(db: Embedded, absent: frozenset[str]) -> None:
    question = question_on("filled")
    table = prepared(db, question, "filled")
    for fact in absent:
        db.run(f'UPDATE facts SET "{fact}" = NULL')
    lacking = Prepared(table.path, table.rows, absent)
    ruled = by_hand("filled", lacking, question, rules=False).partition("-- A denial")[0]
    for rule in question.conditional:
        assert rule.when is not None
        compiled = condition_sql(rule.when, question.values, absent)
        one = db.rows(f"{ruled} SELECT {rule.id.lower()} FROM ruled")
        assert one == db.rows(f"SELECT {compiled} FROM facts"), rule.id


def test_the_peers_judge_independent_rules_alike(db: Embedded) -> None:
    pytest.importorskip("cel_expr_python", reason="there is none for this Python")
    against_peers = import_module("bench.against_peers")
    question = question_on("adversarial")
    table = prepared(db, question, "adversarial")
    compiled = [condition_sql(rule.when, question.values) for rule in question.conditional if rule.when]
    letters = [
        "".join("u" if v is None else "ft"[v] for v in row)
        for row in db.rows(f"SELECT {', '.join(compiled)} FROM facts")
    ]
    ids = [rule.id for rule in question.conditional]
    for asked in against_peers.peers(db, question, table).values():
        places = [ids.index(rule.id) for rule in asked.rules]
        found = asked.peer([asked.row(row) for row in db.records(f"SELECT {asked.select} FROM facts LIMIT 200")])
        assert found == ["".join(each[place] for place in places) for each in letters[:200]]


def test_a_rule_that_is_defeated_does_not_count() -> None:
    pytest.importorskip("cel_expr_python", reason="there is none for this Python")
    question = question_on("filled")
    judge = import_module("bench.against_peers").concluded(question.conditional)
    ids = [rule.id for rule in question.conditional]
    alone = "".join("t" if name == "R11" else "f" for name in ids)
    beaten = "".join("t" if name in ("R11", "R11x") else "f" for name in ids)
    assert judge(alone) == ("hold", "R11")
    assert judge(beaten) == ("allow", "R11x")
