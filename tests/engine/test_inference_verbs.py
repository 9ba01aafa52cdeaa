"""Through the verbs: rules that contradict each other are named and hold the move, and no order changes an answer."""

import csv
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Desk
from tests.engine.inference_oracle import seeded
from tests.engine.test_inference_order import shuffled, turned

PROMISED = """\
policy: promises
title: What was promised
owner: sales-operations
rules:
"""
MANDATE = """\
  - id: {name}
    title: accounts that were promised
    kind: engagement
    subject: move
    effective: {{from: 2000-01-01}}
    when: has(move.reason) && move.reason == "rebalance"
    effect: mandate
    obligation: move the account within the month{more}
    message: "it was promised"
    source: "a letter"
"""
CHECK = ("moves", "check", "moves.csv", "--as-of", "2026-06-30")


@pytest.fixture(scope="module")
def imported(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A workspace with the sample company's snapshot, its proposed moves and the shipped policies."""
    sample, desk = project / "examples" / "ostrevale", Desk(tmp_path_factory.mktemp("desk") / "workspace")
    desk.did("init", str(desk.root), "--name", "Ostrevale Weighing")
    for name in ("moves.csv", "mapping.yaml"):
        shutil.copyfile(sample / name, desk.root / name)
    mapping, exports = str(desk.root / "mapping.yaml"), str(sample / "exports-2026-06-30")
    assert desk.run("import", mapping, exports, "--as-of", "2026-06-30").exit_code == 1, "rows are refused in it"
    return desk


@pytest.fixture
def desk(imported: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A copy of one's own, stood in."""
    root = tmp_path / "workspace"
    shutil.copytree(imported.root, root)
    monkeypatch.chdir(root)
    return Desk(root)


def promise(desk: Desk, **mandates: str) -> None:
    """Add mandates to the policies, each with what more it says."""
    text = PROMISED + "".join(MANDATE.format(name=name, more=more) for name, more in mandates.items())
    (desk.root / "policies" / "promises.yaml").write_text(text, "utf-8")


def judged(desk: Desk) -> dict[str, dict[str, Any]]:
    """What `moves check` says of every account."""
    return {move["id"]: move for move in desk.ask(*CHECK)["moves"]}


def conflicts(move: dict[str, Any]) -> set[tuple[str, ...]]:
    return {tuple(conflict["rules"]) for conflict in move["conflicts"]}


def test_a_mandate_against_a_denial_is_told_with_both_names_and_the_move_is_not_made(desk: Desk) -> None:
    before = judged(desk)
    assert all(not move["conflicts"] for move in before.values())
    promise(desk, X1="")
    after = judged(desk)
    assert {account: move["outcome"] for account, move in after.items()} == {a: m["outcome"] for a, m in before.items()}
    assert conflicts(after["A-2079"]) == {("R02", "X1")}
    assert {a for a, move in after.items() if move["conflicts"]} == {
        a for a, move in before.items() if move["outcome"] in ("deny", "hold")
    }
    result = desk.run(*CHECK, "--out", "verdicts.csv")
    assert result.exit_code == 1
    with (desk.root / "verdicts.csv").open(encoding="utf-8", newline="") as rows:
        table = {row["account"]: row["conflicts"] for row in csv.DictReader(rows)}
    assert table["A-2079"] == "R02 against X1"
    assert table == {a: "; ".join(f"{one} against {two}" for one, two in sorted(conflicts(after[a]))) for a in after}
    shown = desk.run("explain", "move:A-2079", "--moves", "moves.csv").output
    assert "R02 and X1 contradict each other" in " ".join(shown.split())


def test_two_mandates_for_two_receivers_hold_a_move_that_each_alone_allows(desk: Desk) -> None:
    """Neither is picked: the check fails, and says who must settle it."""
    promise(desk, X1="\n    to: move.to_rep", X2="\n    to: move.from_rep")
    both = judged(desk)
    promise(desk, X1="\n    to: move.to_rep")
    one = judged(desk)
    allowed = {
        account
        for account, move in one.items()
        if move["outcome"] == "allow" and "X1" in {o["rule"] for o in move["owed"]}
    }
    assert len(allowed) > 3
    assert {(both[account]["outcome"], *conflicts(both[account])) for account in allowed} == {("hold", ("X1", "X2"))}
    promise(desk, X1="\n    to: move.to_rep", X2="\n    to: move.from_rep\n    defeats: [X1]")
    settled = judged(desk)
    assert {(settled[account]["outcome"], *conflicts(settled[account])) for account in allowed} == {("allow",)}


def test_a_defeat_that_goes_round_is_refused_with_every_name_in_it(desk: Desk) -> None:
    promise(desk, X1="\n    defeats: [X2]", X2="\n    defeats: [X1]")
    problems = desk.refused(*CHECK)
    assert any("defeats go round: `X1` defeats `X2` defeats `X1`" in problem for problem in problems), problems


def test_files_rules_and_moves_in_any_order_have_the_same_verdicts(desk: Desk) -> None:
    promise(desk, X1="", X2="\n    to: move.from_rep", X3="\n    to: move.to_rep")
    before, random = judged(desk), seeded(5)
    folder = desk.root / "policies"
    for number, path in enumerate(shuffled(random, sorted(folder.glob("*.yaml")))):
        text = turned(random, path.read_text("utf-8"))
        path.unlink()
        (folder / f"{number:02}-{path.name}").write_text(text, "utf-8")
    head, *rows = (desk.root / "moves.csv").read_text("utf-8").splitlines()
    (desk.root / "moves.csv").write_text("\n".join([head, *shuffled(random, rows)]) + "\n", "utf-8")
    after = judged(desk)
    assert list(after) == sorted(before)
    assert {account: told(move) for account, move in after.items()} == {a: told(m) for a, m in before.items()}


def told(move: Any) -> Any:
    """A part of a document with its lists as sets: what is told in the order of the policies stays the same told."""
    if isinstance(move, dict):
        return {name: told(part) for name, part in move.items()}
    return sorted((told(part) for part in move), key=str) if isinstance(move, list) else move
