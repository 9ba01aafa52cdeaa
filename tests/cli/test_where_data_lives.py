"""With only a connection setting the verbs ask another engine, and say the same."""

from collections.abc import Callable
from contextlib import closing

import pytest

from cli.engine import ENGINES, own_version
from cli.workspace import CONFIG, ENGINE
from engine.engines.battery import fingerprint
from engine.engines.opening import opened
from engine.engines.verification import Passed, written
from rules.problem import BadInput, Place, Problem
from tests.cli.conftest import Desk

ASKED = (
    ("--json", "moves", "check", "moves.csv"),
    ("--json", "audit"),
    ("--json", "audit", "--region", "North"),
    ("--json", "explain", "company"),
)


@pytest.fixture
def desk(desk_at: Callable[[str], Desk]) -> Desk:
    """The sample company with its snapshot."""
    return desk_at("imported")


def live_in(desk: Desk, url: str) -> None:
    """Say in the workspace's configuration where the data lives."""
    config = desk.root / CONFIG
    config.write_text(config.read_text("utf-8") + f'\n[engine]\nurl = "{url}"\n', "utf-8")


def passed(desk: Desk, url: str) -> None:
    """As if the battery had been run; that it passes is tried elsewhere."""
    with closing(opened(url)) as db:
        one = Passed(db.spelling.ENGINE, db.version, fingerprint(db.spelling), own_version())
    (desk.root / ENGINES).write_text(written([one]), "utf-8")


def words(desk: Desk, asked: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(desk.root / word) if word.endswith(".csv") else word for word in asked)


def test_every_answer_is_the_same_where_the_data_lives(desk: Desk, postgresql_database: str) -> None:
    here = [desk.run(*words(desk, asked)).output for asked in ASKED]
    live_in(desk, postgresql_database)
    passed(desk, postgresql_database)
    there = [desk.run(*words(desk, asked)).output for asked in ASKED]
    assert there == here
    assert all("postgresql" not in said for said in there)


def test_a_file_of_verdicts_is_the_same_byte_for_byte(desk: Desk, postgresql_database: str) -> None:
    file = desk.root / "verdicts.csv"
    asked = ("moves", "check", str(desk.root / "moves.csv"), "--out", str(file))
    assert desk.run(*asked).exit_code == 1
    here = file.read_bytes()
    passed(desk, postgresql_database)
    assert desk.run(*asked, **{ENGINE: postgresql_database}).exit_code == 1
    assert file.read_bytes() == here


def test_a_file_of_moves_is_refused_in_the_same_words(desk: Desk, postgresql_database: str) -> None:
    file = desk.root / "moves.csv"
    file.write_text(file.read_text("utf-8").replace("A-1", "B-1", 1), "utf-8")
    here = desk.refused("moves", "check", str(file))
    live_in(desk, postgresql_database)
    passed(desk, postgresql_database)
    assert desk.refused("moves", "check", str(file)) == here != []


def test_an_engine_that_has_not_passed_is_refused_with_the_command_that_tries_it(
    desk: Desk, postgresql_database: str
) -> None:
    live_in(desk, postgresql_database)
    said = desk.run("audit")
    assert said.exit_code == 2
    assert "has not passed the battery" in said.output
    assert "merestone engine verify --engine" in said.output


def test_a_setting_that_names_no_engine_is_refused(desk: Desk) -> None:
    desk.edit(CONFIG, "minor_digits", "engine = 7\nminor_digits")
    assert [problem.partition(": ")[2] for problem in desk.refused("audit")] == ["`[engine]` names no engine"]


def test_the_battery_is_tried_on_the_engine_that_the_workspace_names(
    desk: Desk, postgresql_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def refuses(url: str) -> None:
        tried.append(url)
        raise BadInput([Problem(Place("--engine"), "not now")])

    monkeypatch.setattr("cli.engine.opened", refuses)
    live_in(desk, postgresql_database)
    desk.refused("engine", "verify")
    desk.refused("engine", "verify", "--engine", "duckdb")
    assert tried == [postgresql_database, "duckdb"]
