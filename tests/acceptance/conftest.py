"""Workspaces made once by the verbs themselves, as a user would make them, on data that nobody here wrote."""

import json
import runpy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.main import cli


@dataclass(frozen=True)
class Desk:
    """Somebody at a terminal in one workspace."""

    root: Path

    def run(self, *words: str, now: str = "2012-11-29T17:00:00+00:00") -> Result:
        """A verb on that day; its exit code is the caller's to judge."""
        runner = CliRunner(env={"MERESTONE_NOW": now})
        return runner.invoke(cli, ["-C", str(self.root), *words], catch_exceptions=False)

    def ask(self, *words: str, now: str = "2012-11-29T17:00:00+00:00") -> dict[str, Any]:
        """The JSON document that a verb answers."""
        document: dict[str, Any] = json.loads(self.run("--json", *words, now=now).stdout)
        return document


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Desk]:
    """A new workspace by name, its policies published."""

    def made(name: str) -> Desk:
        root = tmp_path_factory.mktemp(name.lower()) / "workspace"
        new = Desk(root)
        assert new.run("init", str(root), "--name", name).exit_code == 0
        people = ("--author", "Stephen Jiang", "--approver", "Brian Welcker")
        assert new.run("policy", "publish", *people, "--reason", "first version").exit_code == 0
        return new

    return made


@pytest.fixture(scope="session")
def adventureworks(desk: Callable[[str], Desk], data: Path) -> Desk:
    """AdventureWorks on four days: before the realignment, the ends of the next two quarters, and the oracle's day."""
    made = desk("AdventureWorks")
    for day in ("2012-11-29", "2013-02-27", "2013-05-29", "2014-05-30"):
        made.run("import", "adventureworks", str(data / "adventureworks"), "--as-of", day, now=f"{day}T12:00:00+00:00")
    return made


@pytest.fixture(scope="session")
def proposal(data: Path, project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The realignment of 2012-11-30 as a proposal, constructed from the orders: a folder with moves and decision."""
    folder = tmp_path_factory.mktemp("proposal")
    script = runpy.run_path(str(project / "examples" / "adventureworks" / "realignment.py"))
    script["main"](data / "adventureworks", folder)
    return folder


@pytest.fixture(scope="session")
def decided(adventureworks: Desk, proposal: Path) -> Desk:
    """The realignment framed, approved by three people, committed, and its record signed."""
    made = adventureworks
    made.run("decision", "frame", str(proposal / "decision.yaml"), "--by", "Stephen Jiang", "--as-of", "2012-11-29")
    for role, name in (("vp-sales", "Brian Welcker"), ("giving-manager", "G. Lead"), ("receiving-manager", "R. Lead")):
        assert made.run("decision", "approve", "DR-2012-001", "--role", role, "--by", name).exit_code == 0
    words = ("--option", "swap", "--by", "Brian Welcker", "--rationale", "both books stay whole")
    assert made.run("decision", "commit", "DR-2012-001", *words).exit_code == 0
    assert made.run("record", "render", "DR-2012-001").exit_code == 0
    return made
