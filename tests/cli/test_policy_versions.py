"""Policies count when two people have published them: what is refused, what is kept, and what was in force when."""

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cli.decision_steps
from cli.policy_versions import versions, wanted_policies
from cli.workspace import open_workspace
from governance.publication import draft_problems
from tests.cli.conftest import COMMIT, DECISION, LATER, PUBLISH, Desk
from tests.cli.test_decide import at_once

Made = Callable[[str], Desk]
MOVES = "policies/account-moves.yaml"
REASONS = "{2000-01-01: {value: [leaver, merger, bad-data],"
AUGUST = f"{{2026-08-01: {{value: [leaver, merger, bad-data, board], source: minutes of June}}, {REASONS[1:]}"
"""The same with other reasons from a day to come."""
BOARD = "{2000-01-01: {value: [leaver, merger, bad-data, board],"
LAW = "{2000-01-01: {value: [leaver, merger, bad-data, board, law],"
AGAIN = ("policy", "publish", "--author", "Oskar Tellmarch", "--approver", "Brida Vollenhaar", "--reason", "the board")


@pytest.fixture(scope="module")
def drafted(steps: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A workspace whose files are not what was published."""
    root = tmp_path_factory.mktemp("drafted") / "workspace"
    shutil.copytree(steps["framed"], root)
    desk = Desk(root)
    desk.edit(MOVES, REASONS, AUGUST)
    return desk


@pytest.mark.parametrize(
    "words",
    [
        ("audit",),
        ("moves", "check", "MOVES"),
        ("credit", "show", "OP-5273", "--moves", "MOVES"),
        ("decision", "compare", DECISION),
    ],
)
def test_a_verdict_under_a_draft_says_so_to_people_and_to_scripts(words: tuple[str, ...], drafted: Desk) -> None:
    typed = [str(drafted.root / "moves.csv") if w == "MOVES" else w for w in words]
    result = drafted.run("--json", *typed)
    assert result.exit_code in (0, 1)
    document = json.loads(result.stdout)["policies"]
    assert document["standing"] == "draft, not in force"
    assert len(document["sha256"]) == 64
    assert result.stderr.startswith("policies: draft, not in force; `merestone policy publish` puts them in force")


def test_a_new_workspace_has_a_draft_and_says_how_to_publish_it(shared: Made) -> None:
    desk = shared("new")
    assert desk.ask("policy", "show", "R11x")["policies"]["standing"] == "draft, not in force"
    assert versions(open_workspace(desk.root)) == ()
    assert desk.refused("policy", "diff", "published", "draft") == ["published: there is no such version"]


def test_nothing_is_committed_under_a_draft_and_the_hint_says_what_to_do(desk_at: Made) -> None:
    desk = desk_at("imported")
    desk.edit(MOVES, REASONS, AUGUST)
    framed = desk.run("decision", "frame", str(desk.root / "decision.yaml"), "--by", "Ana Ruiz")
    assert framed.exit_code == 0
    assert "draft, not in force" in framed.stderr
    refused = desk.run(*COMMIT)
    assert refused.exit_code == 2
    assert "policies: are a draft, not in force; found `" in refused.stderr
    assert "hint: merestone policy publish --author NAME --approver NAME" in refused.stderr
    desk.did(*AGAIN)
    assert "policies: are a draft, not in force" not in desk.refused(*COMMIT)


def test_a_version_that_is_published_while_a_commit_evaluates_stops_the_commit(
    desk_at: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_at("approved")
    evaluated = cli.decision_steps.evaluated

    def overtaken(*given: Any) -> Any:
        desk.edit(MOVES, REASONS, AUGUST)
        desk.did(*AGAIN)
        return evaluated(*given)

    monkeypatch.setattr(cli.decision_steps, "evaluated", overtaken)
    assert desk.refused(*COMMIT) == ["policies: are a draft, not in force"]
    assert desk.ask("decision", "show", DECISION)["status"] == "framed"


def test_what_is_published_is_what_was_checked_whatever_happens_to_the_files(
    desk_at: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_at("published")
    desk.edit(MOVES, REASONS, AUGUST)
    checked = (desk.root / MOVES).read_text("utf-8")

    def changing(policies: Any) -> Any:
        (desk.root / MOVES).write_text("policy: broken", "utf-8")
        return draft_problems(policies)

    monkeypatch.setattr("cli.policy_publish.draft_problems", changing)
    desk.did(*AGAIN)
    latest = versions(open_workspace(desk.root))[-1]
    assert next(f.text for f in latest.files if f.name == MOVES) == checked
    assert latest.policies().sha256 == latest.sha256


def test_two_who_publish_at_once_publish_one_version(desk_at: Made, project: Path) -> None:
    desk = desk_at("new")
    found = at_once(desk, project, PUBLISH, AGAIN)
    assert sorted(code for code, _ in found) in ([0, 2], [0, 3])
    assert "Traceback" not in "".join(said for _, said in found)
    assert len(versions(open_workspace(desk.root))) == 1
    assert desk.run("ledger", "verify").exit_code == 0


@pytest.mark.parametrize("seconds", [0.5, pytest.param(2.0, marks=pytest.mark.exhaustive), 3.0])
def test_a_publication_that_is_killed_leaves_nothing_or_all(seconds: float, desk_at: Made, project: Path) -> None:
    desk = desk_at("new")
    running = subprocess.Popen(
        desk.command(*PUBLISH), env=desk.environment(project), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(seconds)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert desk.run("ledger", "verify").exit_code == 0
    if not versions(open_workspace(desk.root)):
        desk.did(*PUBLISH)
    assert desk.ask("policy", "diff", "published", "draft")["differences"] == []


def test_a_change_that_reaches_back_needs_a_correction_and_no_given_verdict_changes(desk_at: Made) -> None:
    desk = desk_at("committed")
    before = desk.run("--json", "decision", "show", DECISION).stdout
    desk.edit(MOVES, REASONS, BOARD)
    (refused,) = desk.refused(*AGAIN, now=LATER)
    assert refused.endswith("value of parameter `window_free_reasons` is changed from before its publication")
    assert refused.startswith(f"{MOVES}:")
    desk.did(*AGAIN, "--correction", now=LATER)
    assert desk.run("--json", "decision", "show", DECISION).stdout == before
    known = versions(open_workspace(desk.root))
    assert [v.correction for v in known] == [False, True]
    assert json.loads(before)["document"]["policy_set"] == known[0].sha256
    assert known[0].policies().sha256 == known[0].sha256


def shown(desk: Desk, *words: str) -> str:
    document = desk.ask("policy", "show", "R11x", *words, now=LATER)
    value: str = document["parameters"]["window_free_reasons"]["value"]
    return value


def test_a_rule_is_shown_as_in_force_on_a_day_and_as_it_was_known_on_another(desk_at: Made) -> None:
    desk = desk_at("published")
    desk.edit(MOVES, REASONS, BOARD)
    desk.did(*AGAIN, "--correction", now=LATER)
    desk.edit(MOVES, BOARD, LAW)
    assert shown(desk) == "leaver, merger, bad-data, board, law"
    assert shown(desk, "--at", "2026-03-01") == "leaver, merger, bad-data, board"
    assert shown(desk, "--at", "2026-03-01", "--known", "2026-09-30") == "leaver, merger, bad-data"
    assert shown(desk, "--known", "2026-10-01") == "leaver, merger, bad-data, board"
    (early,) = desk.refused("policy", "show", "R11x", "--at", "1999-12-31")
    assert early == "policies: no version was in force on 1999-12-31"
    (unknown,) = desk.refused("policy", "show", "R11x", "--at", "2026-03-01", "--known", "2026-07-02")
    assert unknown == "policies: no version was in force on 2026-03-01, as known on 2026-07-02"


def test_the_difference_is_told_in_words_and_exits_1(desk_at: Made) -> None:
    desk = desk_at("published")
    assert desk.did("policy", "diff", "published", "draft").stdout == "they are the same\n"
    desk.edit(MOVES, REASONS, AUGUST)
    desk.edit("policies/commitment.yaml", "policy: commitment", "# who agrees\npolicy: commitment")
    result = desk.run("policy", "diff", "published", "draft")
    assert result.exit_code == 1
    assert result.stdout == (
        f"changed parameter window_free_reasons ({MOVES}:58:5)\n"
        "    value from 2026-08-01: leaver, merger, bad-data, board\n"
        "    source of 2026-08-01: minutes of June\n"
        "0 added, 0 removed, 1 changed\n"
    )
    document = desk.ask("policy", "diff", "published", "draft")
    assert document["old"] == versions(open_workspace(desk.root))[0].sha256
    assert document["differences"][0]["details"][0] == {
        "label": "value from 2026-08-01",
        "before": "",
        "after": "leaver, merger, bad-data, board",
    }


def test_files_that_differ_only_in_comments_say_the_same_and_are_still_another_version(desk_at: Made) -> None:
    desk = desk_at("published")
    desk.edit(MOVES, "policy: account-moves", "# reviewed\npolicy: account-moves")
    result = desk.run("policy", "diff", "published", "draft")
    assert (result.exit_code, result.stdout) == (1, "they say the same; comments, layout or order differ\n")
    desk.did(*AGAIN)


def test_versions_are_named_by_folder_hash_date_and_word(desk_at: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = desk_at("published")
    monkeypatch.chdir(desk.root)
    (first,) = versions(open_workspace(desk.root))
    for word in ("policies", str(desk.root), first.sha256, first.sha256[:8], "2026-07-03", "2001-01-01", "published"):
        assert desk.did("policy", "diff", word, "draft").stdout == "they are the same\n", word


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("nowhere", "names no policies"),
        ("2026-02-30", "names no policies"),
        ("0000", "there is no such version"),
        ("1999-01-01", "there is no such version"),
        ("abc", "names no policies"),
    ],
)
def test_a_version_that_is_none_is_refused(word: str, message: str, shared: Made) -> None:
    assert shared("published").refused("policy", "diff", word, "draft") == [f"{word}: {message}"]


def test_a_problem_in_a_folder_is_told_with_the_folder(shared: Made, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("policy: broken\n", "utf-8")
    assert shared("published").refused("policy", "diff", str(tmp_path), "draft")[0].startswith(f"{tmp_path}/bad.yaml:")


@pytest.mark.parametrize("name", ["Brida\x1b[2J", "\u202eadirB", "Brida\u200b", ""])
def test_an_author_whom_nobody_can_read_is_refused_and_shown_harmless(name: str, shared: Made) -> None:
    words = ("policy", "publish", "--author", name, "--approver", "Oskar Tellmarch", "--reason", "the first")
    result = shared("new").run(*words)
    assert result.exit_code == 2
    assert "--author: " in result.stderr
    assert not set(result.output) & {"\x1b", "\u202e", "\u200b"}


def test_policies_that_fail_their_own_examples_are_not_published(desk_at: Made) -> None:
    desk = desk_at("new")
    desk.edit(MOVES, "move.effective: 2026-08-28", "move.effective: 2026-08-27")
    (problem,) = desk.refused(*PUBLISH)
    assert problem.startswith(f"{MOVES}:")
    assert problem.endswith("does not hold")
    assert versions(open_workspace(desk.root)) == ()


def test_the_published_policies_outlive_the_workspaces_files(desk_at: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = desk_at("published")
    for path in (desk.root / "policies").glob("*.yaml"):
        path.unlink()
    assert shown(desk, "--at", "2026-07-03") == "leaver, merger, bad-data"
    assert desk.run("audit").exit_code == 2
    monkeypatch.setattr("cli.policy_versions.here", lambda: open_workspace(desk.root))
    assert len(wanted_policies("published").rules()) > 30
