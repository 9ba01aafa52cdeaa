"""docs/verbs.md is true: every command is on the page with the words of its help, and its examples run as they say."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import pytest

from cli.main import cli

PAGE = "docs/verbs.md"
SECTION = re.compile(r"^### `merestone ([a-z -]+)`\n(.*?)(?=\n\n```console\n)", re.MULTILINE | re.DOTALL)

Blocks = Callable[[str, str], list[Any]]


def commands(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command that is no group, by its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        words = f"{path} {name}".strip()
        if isinstance(command, click.Group):
            yield from commands(command, words)
        else:
            yield words, command


def words_of(command: click.Command) -> str:
    """The first line of its help, and what exit code 1 means where its help says so."""
    first, *rest = [" ".join(paragraph.split()) for paragraph in (command.help or "").split("\n\n")]
    return "\n\n".join([first, *(p for p in rest if p.startswith("Exit code"))])


@pytest.fixture(scope="module")
def page(project: Path) -> str:
    return (project / PAGE).read_text("utf-8")


@pytest.fixture(scope="module")
def session(
    page: str, blocks: Blocks, run: Callable[[Sequence[Any], Path], list[Any]], tmp_path_factory: Any, project: Path
) -> list[Any]:
    folder: Path = tmp_path_factory.mktemp("verbs")
    (folder / "examples").symlink_to(project / "examples")
    return run([b for b in blocks(page, "console") if "$ merestone demo\n" not in b.text], folder)


def test_every_command_is_documented_once() -> None:
    text = Path(__file__).parents[2].joinpath(PAGE).read_text("utf-8")
    assert sorted(name for name, _ in SECTION.findall(text)) == sorted(words for words, _ in commands(cli))


def test_a_command_is_described_in_the_words_of_its_help(page: str, project: Path) -> None:
    """MERESTONE_UPDATE_GOLDEN=1 writes them anew."""
    helped = dict(commands(cli))
    if os.environ.get("MERESTONE_UPDATE_GOLDEN"):
        page = SECTION.sub(lambda found: f"### `merestone {found[1]}`\n{words_of(helped[found[1]])}", page)
        (project / PAGE).write_text(page, "utf-8")
    assert dict(SECTION.findall(page)) == {words: words_of(command) for words, command in helped.items()}


def test_every_command_is_run(page: str, session: list[Any], demo: tuple[Path, Any]) -> None:
    """`demo` by itself, for all documents together."""
    ran = {words for words, _ in commands(cli) if any(r.command.startswith(f"merestone {words}") for r in session)}
    assert ran | {"demo"} == set(dict(SECTION.findall(page)))
    assert demo[1].code == 0


def test_examples_exit_as_the_page_says(session: list[Any]) -> None:
    assert [(r.command, r.code, r.said) for r in session if r.code != r.expected] == []


def test_examples_print_what_the_page_shows(session: list[Any], unprinted: Callable[..., list[str]]) -> None:
    shown = [ran for ran in session if ran.shown]
    assert len(shown) > 5
    lost = {ran.command: unprinted([line for line in ran.shown if line != "…"], ran.said) for ran in shown}
    assert {command: lines for command, lines in lost.items() if lines} == {}
