"""A check of moves that goes too far writes nothing and exits 3; a file of verdicts is compared with what is so."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from cli.breaker import DEFAULTS
from cli.workspace import CONFIG, open_workspace
from engine.bulk.breaker import Limit
from rules.problem import BadInput
from tests.cli.conftest import Desk

Made = Callable[[str], Desk]


def test_a_run_over_a_limit_exits_3_and_writes_nothing(shared: Made, tmp_path: Path) -> None:
    desk = shared("imported")
    check = ("moves", "check", str(desk.root / "moves.csv"), "--out", str(tmp_path / "v.csv"))
    result = desk.run(*check, "--stop-over", "deny=19.2", "--stop-over", "move=100")
    assert result.exit_code == 3
    assert "would deny 5 of 26 moves, 19.2 %; the limit is 19.2 %. Nothing has been written" in result.stderr
    assert list(tmp_path.iterdir()) == []
    assert desk.run(*check, "--stop-over", "deny=19.3").exit_code == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["v.csv", "v.csv.manifest.json"]


@pytest.mark.parametrize("limit", ["deny", "deny=", "deny=-1", "deny=101", "deny=nan", "hold=20", "=3"])
def test_what_is_no_limit_is_refused(shared: Made, limit: str) -> None:
    result = shared("imported").run("moves", "check", "moves.csv", "--stop-over", limit)
    assert result.exit_code == 2
    assert f"`{limit}` is no limit; expected deny=PERCENT or move=PERCENT" in " ".join(result.stderr.split())


def configured(folder: Path, section: str) -> tuple[Limit, ...]:
    (folder / CONFIG).write_text(f'name = "n"\norigin = "o"\n{section}', encoding="utf-8")
    return open_workspace(folder).limits


def test_a_new_workspace_has_limits_and_one_without_the_section_has_none(tmp_path: Path) -> None:
    assert configured(tmp_path, "") == ()
    assert configured(tmp_path, DEFAULTS) == (Limit("deny", Fraction(50), 100), Limit("move", Fraction(25), 100))
    assert configured(tmp_path, "[breaker]\nmove = 12.5") == (Limit("move", Fraction(25, 2)),)


def test_everything_wrong_with_the_limits_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        configured(tmp_path, '[breaker]\ndeny = 101\nmove = "all"\nfrom = 1.5\nhold = 3')
    assert [problem.message for problem in refused.value.problems] == [
        "unknown key `hold` in [breaker]",
        "`from` in [breaker] is no number of moves",
        "`deny` in [breaker] is no share",
        "`move` in [breaker] is no share",
    ]
    with pytest.raises(BadInput, match="`breaker` is no section"):
        configured(tmp_path, "breaker = 3")


def test_a_move_is_compared_with_a_file_of_verdicts(shared: Made, tmp_path: Path) -> None:
    desk, path = shared("imported"), tmp_path / "v.json"
    moves = str(desk.root / "moves.csv")
    desk.run("moves", "check", moves, "--out", str(path))
    explain = ("explain", "move:A-2079", "--rule", "R02", "--moves", moves, "--from", str(path))
    told = desk.run(*explain)
    assert told.exit_code == 0
    assert f"{path} says the same: deny, and every rule as here" in told.stdout
    rows = json.loads(path.read_text("utf-8"))
    row = next(row for row in rows if row["account"] == "A-2079")
    row["fired"], row["verdict"] = "0", "allow"
    path.write_text(json.dumps(rows), encoding="utf-8")
    told = desk.run(*explain)
    assert told.exit_code == 1
    for line in (
        f"{path} says otherwise",
        "the file is not the one that its manifest describes",
        "verdict: allow in the file, deny here",
        "false in the file, true here",
    ):
        assert line in told.stdout
    kept = desk.ask(*explain)["kept"]
    assert (kept["verdict"], kept["same"], kept["altered"]) == ("allow", False, True)
    assert {"rule": "R02", "kept": "false", "now": "true"}.items() <= next(
        each for each in kept["differences"] if each["rule"] == "R02"
    ).items()


def test_only_moves_are_compared_with_a_file_of_verdicts(shared: Made) -> None:
    assert shared("imported").refused("explain", "company", "--from", "v.csv") == [
        "--from: holds verdicts on moves alone"
    ]
