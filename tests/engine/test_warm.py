"""A judge that is kept says of a move what a file with that move alone is told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.canonical import MOVES
from engine.database import Database
from engine.engines.embedded import Embedded
from engine.explain import outcome_of, outcomes_and_cases
from engine.intake.snapshot import Manifest
from engine.intake.snapshot_store import open_snapshot
from engine.metrics.approved_moves import load_approved_moves
from engine.metrics.one_move import ProposedMove
from engine.moves import check_moves
from engine.warm import Judge
from rules.model.policy import PolicySet
from rules.problem import BadInput
from rules.reading.load import load_policies
from tests.engine.conftest import Loaded

JUNE = date(2026, 6, 30)
APPROVED = [("A-1008", "P-01", "P-02", date(2026, 8, 3))]
DECLARED = """\
policy: declared
title: t
owner: o
metrics: [{name: account.deals, title: t, subject: move, count: opportunities, source: s}]
rules:
  - {id: X1, title: t, kind: engagement, subject: move, effective: {from: 2026-01-01}, effect: hold,
     when: account.deals >= 0, message: "{account.deals} deals", source: s}
"""


@pytest.fixture(scope="module")
def own(june_snapshot: Any) -> Iterator[tuple[Database, Manifest]]:
    """A database for the judge."""
    with Embedded() as db:
        manifest = open_snapshot(db, *june_snapshot)
        load_approved_moves(db, APPROVED)
        yield db, manifest


@pytest.fixture(scope="module")
def judge(own: tuple[Database, Manifest], shipped: PolicySet) -> Iterator[Judge]:
    with Judge(*own, shipped, JUNE) as made:
        yield made


def proposed(db: Database) -> list[ProposedMove]:
    moves = []
    for row in db.records("SELECT * FROM moves ORDER BY account"):
        account, giver, taker, day = (row.pop(name) for name in ("account", "from_rep", "to_rep", "effective"))
        moves.append(ProposedMove(account, giver, taker, day, row))
    return moves


def alone(db: Database, move: ProposedMove) -> None:
    """The move as the only one of its file."""
    given = {**move.more, "account": move.account, "from_rep": move.from_rep, "to_rep": move.to_rep}
    given["effective"] = move.effective
    columns = [(c.name, c.type.sql) for c in MOVES.columns if c.name in given]
    db.store("moves", columns, [[given[name] for name, _ in columns]])


def agree(judge: Judge, loaded: Loaded, policies: PolicySet, moves: list[ProposedMove]) -> int:
    db, manifest = loaded
    load_approved_moves(db, APPROVED)
    for move in moves:
        alone(db, move)
        [(outcome, case)] = outcomes_and_cases(check_moves(db, manifest, policies, JUNE))
        cells: dict[str, Any] = dict(case)
        listed = {name: tuple(v) if isinstance(v, list) else v for name, v in cells.items()}
        assert judge.case(move) == listed
        assert judge.judge(move) == outcome
    return len(moves)


def test_a_move_is_judged_as_if_alone_in_its_file(judge: Judge, june: Loaded, shipped: PolicySet) -> None:
    moves = proposed(june[0])
    assert agree(judge, june, shipped, moves[:: len(moves) // 6]) >= 6


def test_what_is_not_given_is_unknown_and_another_day_is_another_answer(
    judge: Judge, june: Loaded, shipped: PolicySet
) -> None:
    [move, *_] = proposed(june[0])
    later = replace(move, effective=move.effective + timedelta(days=92), more={})
    assert agree(judge, june, shipped, [later, replace(later, to_rep=later.from_rep)]) == 2
    assert judge.judge(later) != judge.judge(move)


@pytest.mark.exhaustive
def test_every_move_of_the_sample_is_judged_as_if_alone(judge: Judge, june: Loaded, shipped: PolicySet) -> None:
    assert agree(judge, june, shipped, proposed(june[0])) > 40


def test_the_same_move_has_the_same_answer_again(judge: Judge, june: Loaded) -> None:
    moves = proposed(june[0])[:20]
    first = [judge.judge(move) for move in moves]
    assert [judge.judge(move) for move in reversed(moves)] == first[::-1]
    assert len({outcome.level for outcome in first}) > 1


def test_metrics_that_the_policies_declare_on_moves_are_worked_out_too(june: Loaded, project: Path) -> None:
    texts = [(path.name, path.read_text("utf-8")) for path in (project / "policies").glob("*.yaml")]
    declared = load_policies([*texts, ("declared.yaml", DECLARED)])
    db, manifest = june
    [move, *_] = proposed(db)
    alone(db, move)
    expected = outcome_of(check_moves(db, manifest, declared, JUNE), move.account)
    with Judge(db, manifest, declared, JUNE) as judge:
        assert judge.judge(move) == expected
    assert expected is not None
    assert "X1" in {fired.rule.id for fired in expected.fired}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"account": "A-0000"}, "no such account"),
        ({"from_rep": "P-99"}, "`from_rep`"),
        ({"to_rep": ""}, "`to_rep`"),
        ({"effective": "soon"}, "`effective`"),
        ({"more": {"colour": "red"}}, "no column"),
        ({"more": {"account": "A-1001"}}, "no column"),
        ({"more": {"announced_on": "2026-07-01"}}, "`announced_on`"),
    ],
)
def test_a_move_of_what_is_not_there_is_refused(judge: Judge, june: Loaded, change: dict[str, Any], said: str) -> None:
    [move, *_] = proposed(june[0])
    with pytest.raises(BadInput, match=said):
        judge.judge(replace(move, **change))


def test_without_a_rule_on_moves_or_a_parameter_in_force_there_is_no_judge(june: Loaded, shipped: PolicySet) -> None:
    without = replace(shipped, policies=tuple(replace(each, rules=()) for each in shipped.policies))
    with pytest.raises(BadInput, match="no rule on a move"):
        Judge(*june, without, JUNE)
    with pytest.raises(BadInput, match="has no value on 1999-01-01"):
        Judge(*june, shipped, date(1999, 1, 1))
