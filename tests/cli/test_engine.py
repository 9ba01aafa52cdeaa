"""`engine verify` says whether an engine agrees, keeps a pass, and shows what an engine understands differently."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.engine import ENGINES, passes_in
from cli.main import cli
from cli.workspace import open_workspace
from engine.engines import battery
from engine.engines.battery_conditions import CONDITIONS
from engine.spelling import Spelling
from tests.cli.conftest import PEOPLE, Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A new workspace."""
    made = Desk(tmp_path / "acme")
    made.did("init", str(made.root))
    return made


class CountsBytes(Spelling):
    def characters(self, sql: str) -> str:
        return f"strlen({sql})"


@pytest.fixture
def three_conditions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A battery that is soon through."""
    monkeypatch.setattr(battery, "CONDITIONS", tuple(text for text in CONDITIONS if "size(has.text" in text)[:3])
    for cached in (battery.compiled, battery.expected):
        cached.cache_clear()
    yield
    for cached in (battery.compiled, battery.expected):
        cached.cache_clear()


@pytest.mark.usefixtures("three_conditions")
def test_a_pass_is_kept_in_the_workspace_beside_those_of_other_engines(desk: Desk, postgresql_url: str) -> None:
    said = desk.ask("engine", "verify", "--engine", postgresql_url)
    assert (said["schema"], said["passed"], said["disagreements"]) == ("merestone/engine-verify/1", True, [])
    kept = desk.root / ENGINES
    assert (said["engine"], said["kept"]) == ("postgresql", str(kept))
    desk.did("engine", "verify")
    passes = passes_in(open_workspace(desk.root))
    assert [one.engine for one in passes] == ["duckdb", "postgresql"]
    assert {"battery": passes[1].battery, "version": passes[1].version}.items() <= said.items()


@pytest.mark.usefixtures("three_conditions")
def test_an_engine_that_disagrees_is_told_with_rows_and_not_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, golden: Callable[[str, str], None]
) -> None:
    monkeypatch.setattr("engine.engines.embedded.Embedded.spelling", CountsBytes())
    monkeypatch.setattr("engine.engines.embedded.Embedded.version", "2.0.99")
    said = desk.run("engine", "verify", **PEOPLE)
    assert said.exit_code == 1
    golden("engine-verify.txt", said.stdout)
    document = desk.ask("engine", "verify")
    assert document["passed"] is False
    assert document["kept"] is None
    assert document["disagreements"][0]["condition"] == "size(has.text1) == 2"
    assert not (desk.root / ENGINES).exists()


@pytest.mark.usefixtures("three_conditions")
def test_outside_of_a_workspace_nothing_is_kept(tmp_path: Path) -> None:
    said = CliRunner().invoke(cli, ["-C", str(tmp_path), "engine", "verify"])
    assert said.exit_code == 0, said.output
    assert "not kept: this is not a workspace" in said.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["oracle://x", "snowflake://acme", "postgresql://ann:secret@127.0.0.1:1/x"])
def test_an_engine_that_is_none_is_bad_input(url: str, desk: Desk) -> None:
    [problem] = desk.refused("engine", "verify", "--engine", url)
    assert problem.startswith("--engine: ")
    assert "secret" not in problem


def test_a_broken_list_of_passes_is_not_written_over(desk: Desk) -> None:
    (desk.root / ENGINES).write_text("nonsense")
    [problem] = desk.refused("engine", "verify")
    assert problem.endswith("this is no list of engines that passed")
    assert (desk.root / ENGINES).read_text() == "nonsense"
