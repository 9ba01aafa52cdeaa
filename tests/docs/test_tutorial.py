"""docs/tutorial.md is true: from an empty folder, every file is written, changed and every command run as it says."""

import re
import shlex
import subprocess
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import cli
from tests.docs.conftest import EXITS, FENCE, Block, Ran, commands_of, plain

PAGE = "docs/tutorial.md"
TERMINAL = {"MERESTONE_NOW": "2026-07-01T09:00:00+00:00", "COLUMNS": "120", "NO_COLOR": "1", "TERM": "dumb"}
COMMANDS = ("init", "policy check", "policy test", "import", "moves check", "policy analyze", "policy fmt",
            "policy publish", "policy diff")  # fmt: skip
ANYTHING = "…"


@pytest.fixture(scope="module")
def page(project: Path) -> str:
    return (project / PAGE).read_text("utf-8")


def changed(text: str, change: str) -> str:
    """The text with a change of lines: ` ` stays, `-` goes, `+` comes. What stays or goes stands there once."""
    lines = [(line[:1], line[1:]) for line in change.splitlines(keepends=True)]
    assert {sign for sign, _ in lines} <= set(" -+")
    before = "".join(line for sign, line in lines if sign != "+")
    assert text.count(before) == 1, before
    return text.replace(before, "".join(line for sign, line in lines if sign != "-"))


def typed(command: str, shown: tuple[str, ...], folder: Path) -> Ran:
    """One command in a folder; a verb is run within this process, which spares its start."""
    exits = EXITS.search(command)
    expected = int(exits[1]) if exits else 0
    name, *words = shlex.split(command, comments=True)
    if name == "merestone":
        with chdir(folder):
            result = CliRunner(env=TERMINAL).invoke(cli, words)
        return Ran(command, shown, expected, result.exit_code, result.output)
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False)
    return Ran(command, shown, expected, done.returncode, done.stdout + done.stderr)


@pytest.fixture(scope="module")
def session(page: str, project: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Ran]:
    folder: Path = tmp_path_factory.mktemp("tutorial")
    (folder / "examples").symlink_to(project / "examples")
    ran: list[Ran] = []
    for found in FENCE.finditer(page):
        block = Block(found[1], found[2] or "", found[3])
        file = folder / "policies" / block.about
        if block.language == "yaml":
            file.write_text(block.text, "utf-8")
        elif block.language == "diff":
            file.write_text(changed(file.read_text("utf-8"), block.text), "utf-8")
        else:
            assert block.language == "console"
            for command, shown in commands_of(block):
                if command.startswith("cd "):
                    folder /= command.removeprefix("cd ")
                else:
                    ran.append(typed(command, shown, folder))
    return ran


def test_every_command_exits_as_the_page_says(session: list[Ran]) -> None:
    assert [(ran.command, ran.code, ran.said) for ran in session if ran.code != ran.expected] == []


def test_every_command_prints_what_the_page_shows_and_nothing_else(session: list[Ran]) -> None:
    """Line for line, where the page does not leave something out by `…`."""
    differing = {ran.command: ran.said for ran in session if ran.shown and not _fits(ran)}
    assert differing == {}
    assert sum(len(ran.shown) for ran in session) > 50


def _fits(ran: Ran) -> bool:
    wanted = ""
    for line in filter(str.strip, ran.shown):
        parts = (re.escape(part) for part in plain(line).split(ANYTHING))
        wanted += r"(.*\n)*" if line == ANYTHING else ".*".join(parts) + r"\n"
    said = "".join(f"{plain(line)}\n" for line in ran.said.splitlines() if line.strip())
    return re.fullmatch(wanted, said) is not None


def test_carets_stand_below_what_they_mark(page: str, session: list[Ran]) -> None:
    said = "\n".join(ran.said for ran in session)
    marked = re.findall(r"^ +\d+ \|.*\n +\| +\^+$", page, re.MULTILINE)
    assert len(marked) == 3
    assert [lines for lines in marked if lines not in said] == []


def test_a_first_policy_takes_these_commands(session: list[Ran]) -> None:
    lines = [ran.command for ran in session]
    assert [name for name in COMMANDS if not any(line.startswith(f"merestone {name}") for line in lines)] == []


def test_what_is_published_is_what_the_page_built(page: str) -> None:
    files = {found[2] for found in FENCE.finditer(page) if found[1] in ("yaml", "diff")}
    assert files == {"rest.yaml", "contracts.yaml", "notice.yaml"}


def test_its_links_lead_to_files(page: str, project: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)", page)
    assert targets
    assert [target for target in targets if not (project / "docs" / target).exists()] == []


def test_a_change_that_does_not_fit_its_file_is_told() -> None:
    assert changed("a\nb\n", " a\n-b\n+c\n") == "a\nc\n"
    with pytest.raises(AssertionError):
        changed("a\n", "-b\n")
    with pytest.raises(AssertionError):
        changed("a\na\n", "-a\n")
