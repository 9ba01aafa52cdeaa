"""A decision is evaluated with everything that follows from it, and what people said counts."""

import hashlib
from pathlib import Path

import pytest

from engine.evaluate import Standing
from engine.intake.moves_file import read_moves
from governance.evaluated import evaluate_options, held_credit, protected_reps
from rules.problem import BadInput
from tests.governance.sample_decision import JUNE, SAMPLE, policies, sample, snapshot

WAIVED = Standing({"A-2079": frozenset({("W-1", "R02")})}, {})


def test_the_file_of_moves_is_known_by_its_hash() -> None:
    digest = hashlib.sha256((SAMPLE / "moves.csv").read_bytes()).hexdigest()
    assert sample().found.options["moderate"].sha256 == digest


def test_a_waiver_in_force_changes_the_verdict_and_is_named_beside_the_rule() -> None:
    with snapshot(JUNE) as (db, manifest):
        found = evaluate_options(
            db, manifest, policies(), JUNE, {"moderate": SAMPLE / "moves.csv"}, standing=WAIVED
        ).options["moderate"]
    move = next(m for m in found.moves if m["account"] == "A-2079")
    before = sample().found.options["moderate"]
    assert found.tally.verdicts["deny"] == before.tally.verdicts["deny"] - 1
    assert move["verdict"] == "allow"
    assert [f["standing"] for f in move["fired"] if f["rule"] == "R02"] == ["waived by W-1"]


def test_options_do_not_see_each_other(tmp_path: Path) -> None:
    """Each option is evaluated on its own moves alone, in whatever order they come."""
    header, *rows = (SAMPLE / "moves.csv").read_text("utf-8").splitlines()
    few = tmp_path / "few.csv"
    few.write_text("\n".join([header, *(r for r in rows if r.startswith("A-2079"))]), "utf-8")
    with snapshot(JUNE) as (db, manifest):
        found = evaluate_options(db, manifest, policies(), JUNE, {"few": few, "moderate": SAMPLE / "moves.csv"}).options
    assert found["few"].tally.total == 1
    assert found["moderate"] == sample().found.options["moderate"]


def test_moves_that_cannot_be_read_are_bad_input(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("account\nA-1\n", "utf-8")
    with snapshot(JUNE) as (db, manifest), pytest.raises(BadInput):
        evaluate_options(db, manifest, policies(), JUNE, {"bad": bad})


def test_held_credit_is_counted_and_summed_in_minor_units() -> None:
    with snapshot(JUNE) as (db, manifest):
        read_moves(db, SAMPLE / "moves.csv")
        credit = held_credit(db, manifest, policies(), JUNE)
    assert credit.counts["held"] == 8
    assert credit.totals["held"] == 12_577_500


def test_protected_reps_are_counted_and_those_nobody_can_judge_apart() -> None:
    with snapshot(JUNE) as (db, manifest):
        read_moves(db, SAMPLE / "moves.csv")
        rows = {r.rule: r for r in protected_reps(db, manifest, policies(), JUNE)}
    assert (rows["CP1"].people, rows["CP1"].unknown) == (2, 1)
    assert (rows["CP2"].people, rows["CP2"].total) == (1, 3_887_280)
