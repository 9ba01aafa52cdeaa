"""What the verbs say of the sample company, word for word."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import LATER, Desk

ASKED = {
    "audit": ("audit", "--as-of", "2026-06-30"),
    "audit-region": ("audit", "--as-of", "2026-06-30", "--region", "North"),
    "moves-check": ("moves", "check", "moves.csv", "--as-of", "2026-06-30"),
    "explain-move": ("explain", "move:A-2079"),
    "explain-opportunity": ("explain", "opportunity:OP-5273"),
    "explain-territory": ("explain", "territory:NOR-1", "--rule", "BM2"),
    "protect-list": ("protect", "list"),
    "protect-show": ("protect", "show", "E-11"),
    "credit-list": ("credit", "list"),
    "review-run": ("review", "run"),
    "review-due": ("review", "due"),
    "decision-show": ("decision", "show", "DR-2026-001"),
    "decision-compare": ("decision", "compare", "DR-2026-001"),
    "policy-show": ("policy", "show", "R02"),
    "ledger-log": ("ledger", "log"),
}


@pytest.mark.parametrize("case", ASKED)
@pytest.mark.parametrize("kind", ["txt", "json"])
def test_a_verb_answers_as_it_did(
    case: str,
    kind: str,
    shared: Callable[[str], Desk],
    golden: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = shared("reviewed")
    monkeypatch.chdir(desk.root)
    words = ASKED[case] if kind == "txt" else ("--json", *ASKED[case])
    result = desk.run(*words, now=LATER)
    assert not result.stderr
    golden(f"{case}.{kind}", result.stdout.replace(str(desk.root), "WORKSPACE"))


def test_a_document_says_the_same_twice(shared: Callable[[str], Desk]) -> None:
    desk = shared("reviewed")
    assert desk.run("--json", "audit").stdout == desk.run("--json", "audit").stdout


def test_an_audit_of_a_region_that_is_none_is_refused_with_the_regions_there_are(shared: Callable[[str], Desk]) -> None:
    result = shared("imported").run("audit", "--region", "Atlantis")
    assert result.exit_code == 2
    assert (
        "--region: there is no such region; found `Atlantis`; expected `Central`, `Far East`, `North`" in result.stderr
    )


def test_no_verdict_is_older_than_its_facts(shared: Callable[[str], Desk]) -> None:
    desk = shared("imported")
    snapshot = desk.ask("snapshot", "list")["snapshots"][0]["id"]
    assert desk.refused("audit", "--snapshot", snapshot, "--as-of", "2026-06-29") == [
        "--as-of: lies before the snapshot"
    ]


@pytest.mark.parametrize("name", ["verdicts.csv", "verdicts.parquet", "verdicts.json"])
def test_verdicts_are_written_to_a_file(
    name: str, shared: Callable[[str], Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = shared("imported")
    monkeypatch.chdir(desk.root)
    assert desk.run("moves", "check", "moves.csv", "--out", str(tmp_path / name)).exit_code == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == [name, f"{name}.manifest.json"]
    assert (tmp_path / name).stat().st_size > 500


@pytest.mark.parametrize("name", ["verdicts.xlsx", "gone/verdicts.csv"])
def test_verdicts_that_cannot_be_written_are_bad_input(
    name: str, shared: Callable[[str], Desk], tmp_path: Path
) -> None:
    desk = shared("imported")
    result = desk.run("moves", "check", str(desk.root / "moves.csv"), "--out", str(tmp_path / name))
    assert result.exit_code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("subject", ["planet:9", "move", "move:", "", "territory:NOWHERE", "rep:E-99"])
def test_a_subject_that_is_none_is_bad_input(subject: str, shared: Callable[[str], Desk]) -> None:
    assert shared("issued").refused("explain", subject)


def test_one_deal_reads_as_in_the_list(shared: Callable[[str], Desk]) -> None:
    desk = shared("issued")
    listed = next(d for d in desk.ask("credit", "list")["deals"] if d["id"] == "OP-5273")
    shown = desk.ask("credit", "show", "OP-5273")
    assert {k: v for k, v in shown.items() if k not in ("schema", "policies")} == listed


def test_moves_are_taken_from_the_latest_decision_or_from_the_file_that_is_named(
    shared: Callable[[str], Desk],
) -> None:
    desk = shared("issued")
    named = desk.ask("protect", "list", "--moves", str(desk.root / "moves.csv"))
    taken = desk.ask("protect", "list")
    assert named["reps"] == taken["reps"]
    assert taken["moves"] == "DR-2026-001 Rebalance the North and the Far East"


def test_without_moves_and_without_decision_nobody_is_protected_and_the_verb_says_so(
    shared: Callable[[str], Desk],
) -> None:
    assert shared("imported").refused("protect", "list") == [
        "--moves: no file of moves is named, and there is no decision"
    ]
