"""The sample company on every step of its decision, made once by the verbs themselves and copied for each test."""

import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.main import cli

DAY = "2026-07-03T09:00:00+00:00"
"""When the sample company decides: after the snapshot of 2026-06-30, before the moves of 2026-08-03."""
LATER = "2026-10-01T09:00:00+00:00"
DECISION = "DR-2026-001"
APPROVALS = (("vp-sales", "Ida Lind"), ("giving-manager", "Marta Okoye"), ("receiving-manager", "Jonas Weck"))
COMMIT = ("decision", "commit", DECISION, "--option", "moderate", "--by", "Ida Lind", "--rationale", "the spread lasts")
PUBLISH = (
    "policy",
    "publish",
    "--author",
    "Brida Vollenhaar",
    "--approver",
    "Oskar Tellmarch",
    "--reason",
    "first version",
)
PEOPLE = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}


@dataclass(frozen=True)
class Desk:
    """Somebody at a terminal in one workspace; the files of the sample company lie in it too."""

    root: Path

    def run(self, *words: str, now: str = DAY, **env: str) -> Result:
        """A verb at that time; its exit code is the caller's to judge."""
        return CliRunner(env={"MERESTONE_NOW": now, **env}).invoke(cli, ["-C", str(self.root), *words])

    def did(self, *words: str, now: str = DAY) -> Result:
        """A verb that must answer yes."""
        result = self.run(*words, now=now)
        assert result.exit_code == 0, result.output
        return result

    def ask(self, *words: str, now: str = DAY) -> dict[str, Any]:
        """The JSON document that a verb answers."""
        document: dict[str, Any] = json.loads(self.run("--json", *words, now=now).stdout)
        return document

    def refused(self, *words: str, now: str = DAY) -> list[str]:
        """The problems for which a verb is refused, a line each, with their hints apart."""
        result = self.run("--json", *words, now=now)
        assert result.exit_code == 2, result.output
        return [f"{p['where']}: {p['message']}" for p in json.loads(result.stdout)["problems"]]

    def command(self, *words: str) -> list[str]:
        """The same as a command line, for what needs a process of its own."""
        return [sys.executable, "-c", "from cli.main import main; main()", "-C", str(self.root), *words]

    def environment(self, project: Path, now: str = DAY) -> dict[str, str]:
        """What such a process needs around it."""
        return {**os.environ, "PYTHONPATH": str(project), "MERESTONE_NOW": now}

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file of the workspace by hand."""
        path = self.root / name
        text = path.read_text("utf-8")
        assert old in text, f"{name} has no {old}"
        path.write_text(text.replace(old, new), "utf-8")


@pytest.fixture(scope="session")
def steps(tmp_path_factory: pytest.TempPathFactory, project: Path) -> dict[str, Path]:
    """A workspace for each step: `new`, `published`, `imported`, `framed`, `approved`, `committed`, `issued`, …"""
    base = tmp_path_factory.mktemp("steps")
    sample = project / "examples" / "ostrevale"
    desk = Desk(base / "at-work")
    kept: dict[str, Path] = {}

    def keep(step: str) -> None:
        kept[step] = base / step
        shutil.copytree(desk.root, kept[step])

    desk.did("init", str(desk.root), "--name", "Ostrevale Weighing")
    for name in ("decision.yaml", "moves.csv", "mapping.yaml"):
        shutil.copyfile(sample / name, desk.root / name)
    shutil.copytree(sample / "exports-2026-06-30", desk.root / "exports")
    shutil.copytree(sample / "exports-2026-09-30", desk.root / "exports-later")
    keep("new")
    desk.did(*PUBLISH)
    keep("published")
    mapping = str(desk.root / "mapping.yaml")
    # Rows are refused in both, so that the answer is 1.
    assert desk.run("import", mapping, str(desk.root / "exports"), "--as-of", "2026-06-30").exit_code == 1
    keep("imported")
    desk.did("decision", "frame", str(desk.root / "decision.yaml"), "--by", "Ana Ruiz")
    keep("framed")
    for role, name in APPROVALS:
        desk.did("decision", "approve", DECISION, "--role", role, "--by", name)
    keep("approved")
    desk.did(*COMMIT)
    keep("committed")
    desk.did("record", "render", DECISION)
    keep("issued")
    later = ("import", mapping, str(desk.root / "exports-later"), "--as-of", "2026-09-30")
    assert desk.run(*later, now=LATER).exit_code == 1
    assert desk.run("review", "run", now=LATER).exit_code == 1
    keep("reviewed")
    return kept


@pytest.fixture(scope="session")
def shared(steps: dict[str, Path]) -> Callable[[str], Desk]:
    """The workspace of a step, for tests that only read."""
    return lambda step: Desk(steps[step])


@pytest.fixture
def desk_at(steps: dict[str, Path], tmp_path: Path) -> Callable[[str], Desk]:
    """A workspace of one's own at a step."""

    def made(step: str) -> Desk:
        root = tmp_path / f"workspace-{step}"
        shutil.copytree(steps[step], root)
        return Desk(root)

    return made


HASH = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{16}|[0-9a-f]{12})\b")


@pytest.fixture(scope="session")
def golden(project: Path) -> Callable[[str, str], None]:
    """Compare with a file of tests/golden/cli; MERESTONE_UPDATE_GOLDEN=1 writes it anew, to be looked at before it is
    committed. Hashes, and with them the ids of snapshots, are masked here and nowhere else.
    """

    def compared(name: str, text: str) -> None:
        text = HASH.sub(lambda found: "#" * len(found[0]), text)
        text = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
        path = project / "tests" / "golden" / "cli" / name
        if os.environ.get("MERESTONE_UPDATE_GOLDEN"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        assert text == path.read_text("utf-8")

    return compared
