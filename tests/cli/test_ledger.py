"""Whoever alters, shortens or swaps the ledger is found, by an answer and not by a traceback."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from governance.log_key import new_log_key
from governance.log_proof import verify_proof
from tests.cli.conftest import COMMIT, DECISION, Desk

Made = Callable[[str], Desk]


def alter(desk: Desk, *statements: str) -> None:
    """Change the ledger's tables as somebody with the file could, guards and all."""
    db = sqlite3.connect(desk.root / "ledger.sqlite")
    guards = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in guards:
        db.execute(f'DROP TRIGGER "{name}"')
    for statement in statements:
        db.execute(statement)
    for _, made in guards:
        db.execute(made)
    db.commit()
    db.close()


def test_a_whole_ledger_is_verified_and_says_what_it_cannot_know(shared: Made) -> None:
    result = shared("issued").run("ledger", "verify")
    assert result.exit_code == 0
    assert "8 entries: verified" in result.stdout
    assert "No checkpoint kept elsewhere was given (--checkpoint)" in result.stdout


def test_with_a_checkpoint_kept_elsewhere_it_says_how_much_is_newer(desk_at: Made, tmp_path: Path) -> None:
    desk = desk_at("approved")
    kept = tmp_path / "kept"
    desk.did("ledger", "checkpoint", "--out", str(kept))
    desk.did(*COMMIT)
    result = desk.did("ledger", "verify", "--checkpoint", str(kept))
    assert "entries newer than the checkpoint kept elsewhere: 1" in result.stdout


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET body = CAST(replace(CAST(body AS TEXT), 'Ida Lind', 'Ida Lund') AS BLOB)",
        "UPDATE ledger_entry SET leaf = zeroblob(32) WHERE idx = 2",
        "DELETE FROM ledger_entry WHERE idx = 3",
        "DELETE FROM ledger_checkpoint WHERE size = (SELECT max(size) FROM ledger_checkpoint)",
    ],
)
def test_an_altered_ledger_is_refused(statement: str, desk_at: Made) -> None:
    desk = desk_at("issued")
    alter(desk, statement)
    result = desk.run("ledger", "verify")
    assert result.exit_code == 1
    assert "refused" in result.stdout
    assert "Traceback" not in result.output


def test_a_ledger_cut_off_cleanly_is_refused_with_a_checkpoint_kept_elsewhere(desk_at: Made, tmp_path: Path) -> None:
    """The end was taken off, its own checkpoints included: alone it looks whole."""
    desk = desk_at("issued")
    kept = tmp_path / "kept"
    desk.did("ledger", "checkpoint", "--out", str(kept))
    alter(desk, "DELETE FROM ledger_entry WHERE idx > 3", "DELETE FROM ledger_checkpoint WHERE size > 4")
    assert desk.run("ledger", "verify").exit_code == 0
    assert desk.run("ledger", "verify", "--checkpoint", str(kept)).exit_code == 1


def test_an_old_ledger_put_back_is_not_written_to(desk_at: Made, steps: dict[str, Path]) -> None:
    desk = desk_at("approved")
    shutil.copyfile(steps["framed"] / "ledger.sqlite", desk.root / "ledger.sqlite")
    result = desk.run("decision", "approve", DECISION, "--role", "vp-sales", "--by", "Ida Lind")
    assert result.exit_code == 3
    assert "the ledger holds 3 entries, but 6 were signed already" in result.stderr
    assert "an old backup was restored" in result.stderr


def test_a_ledger_verified_with_the_key_of_another_log_is_refused(shared: Made) -> None:
    other = new_log_key("merestone/ostrevale-weighing").vkey
    assert shared("issued").run("ledger", "verify", "--vkey", other).exit_code == 1


@pytest.mark.parametrize("content", [b"", b"no ledger at all", b"SQLite format 3\x00"])
def test_a_file_that_is_no_ledger_is_told_apart_from_an_empty_one(content: bytes, desk_at: Made) -> None:
    desk = desk_at("issued")
    (desk.root / "ledger.sqlite").write_bytes(content)
    for words in (("ledger", "verify"), ("ledger", "log"), ("decision", "list")):
        result = desk.run(*words)
        assert result.exit_code in (1, 3), words
        assert result.stderr or "refused" in result.stdout
        assert "Traceback" not in result.output


def test_a_proof_is_checked_without_the_workspace(shared: Made, tmp_path: Path) -> None:
    desk = shared("issued")
    desk.did("ledger", "prove", "5", "--out", str(tmp_path / "entry-5.tlog-proof"))
    vkey = (desk.root / "keys" / "log.vkey").read_text("utf-8").strip()
    checkpoint = verify_proof(
        (tmp_path / "entry-5.tlog-proof").read_text("utf-8"), (tmp_path / "entry-5.leaf").read_bytes(), vkey
    )
    assert checkpoint.size == 8


@pytest.mark.parametrize("verb", ["show", "prove"])
def test_an_entry_that_is_not_there_is_bad_input(verb: str, shared: Made) -> None:
    assert shared("issued").refused("ledger", verb, "99") == ["entry 99: there is no such entry"]


def test_entries_are_found_by_kind_and_by_subject(shared: Made) -> None:
    desk = shared("issued")
    assert len(desk.ask("ledger", "log", "--kind", "decision.approved")["entries"]) == 3
    assert len(desk.ask("ledger", "log", "--subject", DECISION)["entries"]) == 6
