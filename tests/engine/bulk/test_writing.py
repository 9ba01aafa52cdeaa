"""What is written is the same bytes for the same input, and the manifest decodes it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bulk.columns import WORDS, pattern_number
from engine.bulk.masks import Masks
from engine.bulk.stored import Difference, differences, kept_verdict
from engine.bulk.verdicts import Verdicts, verdicts
from engine.bulk.writing import manifest_path, write_verdicts
from engine.engines.embedded import Embedded
from engine.evaluate import evaluate, question_of
from engine.facts import Facts
from engine.moves import asked_of_moves, check_moves
from rules.model.policy import PolicySet
from rules.problem import BadInput
from rules.vocabulary import Subject, fields_of
from tests.engine.asking import DAY, policy
from tests.engine.conftest import Loaded

JUNE = date(2026, 6, 30)
MOVE = "kind: engagement, subject: move"
POLICIES = policy(
    f"id: D, {MOVE}, effect: deny, when: account.late_deals > 5",
    f"id: H, {MOVE}, effect: hold, when: account.named",
    f"id: X, {MOVE}, effect: advise, obligation: look, defeats: [D], when: account.has_plan",
    f"id: A, {MOVE}, effect: require_approval, roles: [ops], when: account.strategic_anchor",
)
FACTS = ("account.late_deals", "account.named", "account.has_plan", "account.strategic_anchor")


def judged(db: Embedded, rows: int, order: str = "") -> Verdicts:
    """Moves with facts drawn by their number, in some order."""
    cells = {
        "account.late_deals": "CASE WHEN n % 7 = 0 THEN NULL ELSE CAST(n * 31 % 11 AS BIGINT) END",
        **{f: f"CASE WHEN hash(n, '{f}') % 10 = 0 THEN NULL ELSE hash(n, '{f}') % 3 = 0 END" for f in FACTS[1:]},
    }
    columns = ", ".join(f'{sql} AS "{fact}"' for fact, sql in cells.items())
    db.run(
        f"CREATE OR REPLACE TABLE drawn AS SELECT printf('A-%07d', n) AS subject_id, {columns} "
        f"FROM range({rows}) r(n) {order}"
    )
    rules, fields = POLICIES.rules(day=DAY), fields_of(Subject.MOVE)
    return verdicts(db, question_of(POLICIES, rules, fields, DAY), Facts(Subject.MOVE, "drawn", frozenset(), {}))


def written(path: Path, rows: int, order: str = "", threads: int = 1, words: Sequence[str] = WORDS) -> bytes:
    with Embedded(threads=threads) as db:
        write_verdicts(judged(db, rows, order), path, key="account", words=words, about={"input": "drawn"})
    return path.read_bytes() + manifest_path(path).read_bytes()


@pytest.mark.parametrize("name", ["v.parquet", "v.csv"])
def test_the_same_moves_make_the_same_bytes_in_any_order_and_with_any_number_of_threads(
    tmp_path: Path, name: str
) -> None:
    """More moves than one group of rows holds, so that two threads share the work."""
    first = written(tmp_path / name, 150_000)
    for order, threads in (("", 2), ("ORDER BY hash(n)", 1), ("ORDER BY n DESC", 2)):
        assert written(tmp_path / name, 150_000, order, threads) == first, (order, threads)


def test_the_manifest_decodes_the_masks_and_describes_the_file(
    june: Loaded, shipped: PolicySet, tmp_path: Path
) -> None:
    db, manifest = june
    question, facts = asked_of_moves(db, manifest, shipped, JUNE)
    path = tmp_path / "v.parquet"
    write_verdicts(verdicts(db, question, facts), path, key="account", own="moves", about={"snapshot": manifest.id})
    told = json.loads(manifest_path(path).read_text("utf-8"))
    assert told["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (told["key"], told["as_of"], told["snapshot"]) == ("account", "2026-06-30", manifest.id)
    assert (told["subjects"], told["verdicts"], told["unknown"]) == (
        26, {"deny": 5, "hold": 3, "approval": 6, "allow": 12}, 2,
    )  # fmt: skip
    assert [rule["bit"] for rule in told["rules"]] == list(range(len(question.rules)))
    masks = Masks(tuple(rule["id"] for rule in told["rules"]))
    evaluation = check_moves(db, manifest, shipped, JUNE)
    letters = dict(evaluation.letters())
    with Embedded() as other:
        other.read_parquet("v", path)
        for row in other.records("SELECT * FROM v"):
            pairs = zip((rule.id for rule in question.conditional), letters[row["account"]], strict=True)
            truths = dict(pairs)
            assert set(masks.rules_in([row["fired"]])) == {rule for rule, letter in truths.items() if letter == "t"}
            assert set(masks.rules_in([row["unknown"]])) == {rule for rule, letter in truths.items() if letter == "u"}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2**62 - 1), st.integers(0, 2**62 - 1)), min_size=1, max_size=40, unique=True))
def test_other_masks_have_another_pattern_number_and_it_is_a_whole_number_of_62_bits(
    masks: list[tuple[int, int]],
) -> None:
    with Embedded() as db:
        db.store("m", [("fired", "BIGINT"), ("unknown", "BIGINT")], masks)
        numbers = [n for (n,) in db.rows(f"SELECT {pattern_number(['fired', 'unknown'])} FROM m")]
    assert len(set(numbers)) == len(masks)
    assert all(0 <= number < 2**62 for number in numbers)


def test_masks_that_differ_in_a_few_rules_have_other_pattern_numbers() -> None:
    """Every mask of up to three bits of 48, true or unknown: what real patterns look like."""
    bits = [1 << n for n in range(24)]
    masks = {(a | b, c) for a in (0, *bits) for b in (0, *bits) for c in (0, *bits)}
    masks |= {(a, b | c) for a in (0, *bits) for b in (0, *bits) for c in (0, *bits)}
    with Embedded() as db:
        db.store("m", [("fired", "BIGINT"), ("unknown", "BIGINT")], sorted(masks))
        number = pattern_number(["fired", "unknown"])
        assert db.value(f"SELECT count(DISTINCT {number}) FROM m") == len(masks)


def altered(path: Path, sql: str) -> None:
    """The same file with its rows changed, and the manifest as it was."""
    with Embedded() as db:
        db.read_parquet("v", path)
        db.run(f"UPDATE v SET {sql}")
        db.write_parquet("SELECT * FROM v ORDER BY account", path)


def told_differences(path: Path, db: Embedded, subject: str) -> tuple[Difference, ...]:
    found = judged(db, 50)
    return differences(kept_verdict(path, subject), evaluate(db, found.question, found.facts), subject)


@pytest.mark.parametrize("name", ["v.parquet", "v.csv", "v.json"])
def test_a_file_of_verdicts_keeps_what_is_derived_again(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    written(path, 50)
    with Embedded() as db:
        found = judged(db, 50)
        evaluation = evaluate(db, found.question, found.facts)
        for subject, conclusion in evaluation.by_subject().items():
            kept = kept_verdict(path, subject)
            assert (kept.verdict, kept.altered) == (conclusion.level["verdict"], False)
            assert differences(kept, evaluation, subject) == ()


def test_a_mask_that_was_changed_is_told_bit_by_bit(tmp_path: Path) -> None:
    path = tmp_path / "v.parquet"
    written(path, 50)
    with Embedded() as db:
        assert told_differences(path, db, "A-0000000") == ()
        altered(path, "fired = xor(fired, 1 + 2), unknown = xor(unknown, 2)")
        assert kept_verdict(path, "A-0000000").altered
        assert told_differences(path, db, "A-0000000") == (
            Difference("A", 0, kept="true", now="false"),
            Difference("D", 1, kept="true", now="unknown"),
        )


def test_rules_that_came_or_went_are_differences_too(tmp_path: Path) -> None:
    path = tmp_path / "v.parquet"
    written(path, 50)
    beside = manifest_path(path)
    told: Mapping[str, Any] = json.loads(beside.read_text("utf-8"))
    told["rules"][0]["id"] = "OLD"
    beside.write_text(json.dumps(told), encoding="utf-8")
    with Embedded() as db:
        found = {d.rule: (d.bit, d.kept, d.now) for d in told_differences(path, db, "A-0000001")}
    assert found["OLD"][::2] == (0, "no such rule")
    assert found["A"][:2] == (None, "no such rule")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda path: path.unlink(), "there is no such file"),
        (lambda path: manifest_path(path).unlink(), "there is no such file"),
        (lambda path: manifest_path(path).write_text("{}"), "no manifest of verdicts"),
        (lambda path: manifest_path(path).write_text("{"), "no manifest of verdicts"),
        (lambda path: path.write_text("PAR1"), "no file of verdicts"),
        (lambda path: altered(path, "account = 'other'"), "no verdict on `A-0000001` is in it"),
        (lambda path: altered(path, "fired = NULL"), "its masks cannot be read"),
    ],
)
def test_what_is_no_file_of_verdicts_is_bad_input(tmp_path: Path, change: Any, told: str) -> None:
    path = tmp_path / "v.parquet"
    written(path, 20)
    change(path)
    with pytest.raises(BadInput, match=told):
        kept_verdict(path, "A-0000001")


def test_a_rule_text_names_at_most_what_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    for words, columns in (((), ""), (("rules",), ",rules"), (("owed", "open"), ",open,owed")):
        written(path, 5, words=words)
        assert path.read_text("utf-8").splitlines()[0] == f"account,verdict,fired,unknown,pattern{columns}"
