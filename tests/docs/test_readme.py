"""The README is true: its commands run in a clean folder, and print what it shows."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

Blocks = Callable[[str, str], list[Any]]


@pytest.fixture(scope="module")
def readme(project: Path) -> str:
    return (project / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def session(readme: str, blocks: Blocks, run: Callable[[Sequence[Any], Path], list[Any]], site: Path) -> list[Any]:
    return run(blocks(readme, "console"), site)


def test_every_command_answers_yes_or_no(session: list[Any]) -> None:
    """Nothing in it is bad input or a failure."""
    assert len(session) > 5
    assert {ran.command: ran.said for ran in session if ran.code not in (0, 1)} == {}


def test_what_it_shows_is_printed(
    readme: str, blocks: Blocks, session: list[Any], demo: tuple[Path, Any], unprinted: Callable[..., list[str]]
) -> None:
    shown = blocks(readme, "text")
    outputs = [demo[1].said, *(ran.said for ran in session)]
    lost = [min((unprinted(block.text.splitlines(), said) for said in outputs), key=len) for block in shown]
    assert len(shown) > 1
    assert [lines for lines in lost if lines] == []


def test_a_line_that_nobody_prints_is_seen(unprinted: Callable[..., list[str]]) -> None:
    said = "signed at 2026-11-21T20:00:00+00:00\n6 records\n"
    assert unprinted(["signed at 2030-01-01T00:00:00Z", "… records"], said) == []
    assert unprinted(["6 records", "signed at 2026-11-21T20:00:00Z"], said) == ["signed at 2026-11-21T20:00:00Z"]
    assert unprinted(["7 records"], said) == ["7 records"]


def test_both_commands_are_targets_of_make(readme: str, blocks: Blocks, project: Path) -> None:
    [block] = blocks(readme, "sh")
    named = re.findall(r"^make ([a-z-]+)", block.text, re.MULTILINE)
    targets = re.findall(r"^([a-z-]+):", (project / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert named == ["demo", "test"]
    assert set(named) <= set(targets)
