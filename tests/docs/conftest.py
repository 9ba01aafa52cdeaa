"""What tests of the documents share: fenced blocks, their commands run for real, and parts that are generated.

A page shows commands as a reader types them:

    ```console
    $ merestone audit  # exits 1
    Audit as of …: rebalance
    ```

`# exits N` is the exit code, 0 where nothing is said. The lines below a command must be printed by it, in that order;
`…` stands for anything, and times, hashes and keys of one run are the same as those of another.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

FENCE = re.compile(r"^```(\S*)(?: ([^\n]*))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GENERATED = re.compile(r"(<!-- generated: ([a-z0-9 -]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
EXITS = re.compile(r"# exits ([0-3])$")
BETWEEN = "\x1e"
VARIES = (
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)"), "<time>"),
    (re.compile(r"(?:[0-9A-F]{2}:){19,}[0-9A-F]{2}"), "<hash>"),
    (re.compile(r"\b[0-9a-f]{8,}\b"), "<hash>"),
    (re.compile(r"[A-Za-z0-9+/]{43,}={0,2}"), "<base64>"),
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: the word after the fence, the rest of that line, and what stands inside."""

    language: str
    about: str
    text: str


@dataclass(frozen=True, slots=True)
class Ran:
    """One command of a page: what the page says it prints and exits with, and what it did."""

    command: str
    shown: tuple[str, ...]
    expected: int
    code: int
    said: str


Blocks = Callable[[str, str], list[Block]]
Run = Callable[[Sequence[Block], Path], list[Ran]]
Unprinted = Callable[[Iterable[str], str], list[str]]
Fresh = Callable[[Path, Mapping[str, Callable[[], str]]], bool]


def fenced(text: str, language: str) -> list[Block]:
    return [Block(found[1], found[2] or "", found[3]) for found in FENCE.finditer(text) if found[1] == language]


def commands_of(block: Block) -> list[tuple[str, tuple[str, ...]]]:
    """Every command, continued lines joined, with the lines that stand below it."""
    found: list[tuple[str, list[str]]] = []
    for line in block.text.replace("\\\n", "").splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return [(" ".join(command.split()), tuple(lines)) for command, lines in found]


def told(blocks: Sequence[Block], folder: Path) -> list[Ran]:
    """Run every command of the blocks in one shell that starts in `folder`."""
    listed = [command for block in blocks for command in commands_of(block)]
    script = "".join(f"{command}\nprintf '{BETWEEN}%s{BETWEEN}' $?\n" for command, _ in listed)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MERESTONE_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    shell = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script],
        cwd=folder,
        env={**kept, "PATH": path, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    *parts, _ = shell.stdout.split(BETWEEN)
    assert len(parts) == 2 * len(listed), shell.stdout
    ran = []
    for i, (command, shown) in enumerate(listed):
        exits = EXITS.search(command)
        ran.append(Ran(command, shown, int(exits[1]) if exits else 0, int(parts[2 * i + 1]), parts[2 * i]))
    return ran


def plain(line: str) -> str:
    """A line without what differs from run to run."""
    for pattern, name in VARIES:
        line = pattern.sub(name, line)
    return " ".join(line.split())


def not_printed(shown: Iterable[str], said: str) -> list[str]:
    """Lines of a page that were not printed, each looked for below the one before it."""
    rest = iter([plain(line) for line in said.splitlines()])
    lost = []
    for line in shown:
        wanted = re.compile(".*".join(re.escape(part) for part in plain(line).split("…")))
        if plain(line) and not any(wanted.fullmatch(printed) for printed in rest):
            lost.append(line)
            rest = iter([plain(printed) for printed in said.splitlines()])
    return lost


def is_fresh(page: Path, parts: Mapping[str, Callable[[], str]]) -> bool:
    """Whether the page's generated parts are what they would be now; MERESTONE_UPDATE_GOLDEN=1 writes them anew."""
    text = page.read_text("utf-8")
    assert {found[2] for found in GENERATED.finditer(text)} == set(parts)
    made = GENERATED.sub(lambda found: f"{found[1]}{parts[found[2]]()}{found[4]}", text)
    if os.environ.get("MERESTONE_UPDATE_GOLDEN") and made != text:
        page.write_text(made, "utf-8")
        return True
    return made == text


@pytest.fixture(scope="session")
def blocks() -> Blocks:
    """The fenced blocks of a text in one language."""
    return fenced


@pytest.fixture(scope="session")
def run() -> Run:
    """Runs the commands of blocks in one shell."""
    return told


@pytest.fixture(scope="session")
def unprinted() -> Unprinted:
    """Lines of a page that a command did not print."""
    return not_printed


@pytest.fixture(scope="session")
def fresh() -> Fresh:
    """Whether the generated parts of a page are up to date."""
    return is_fresh


@pytest.fixture(scope="session")
def site(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but the shipped examples in it, as `examples`."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "examples").symlink_to(project / "examples")
    return folder


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    """The workspace that `merestone demo` makes in a temporary folder, and what it said, that folder shown as /tmp."""
    folder = tmp_path_factory.mktemp("demo")
    [ran] = told([Block("console", "", f"$ TMPDIR={folder} merestone demo\n")], folder)
    assert ran.code == 0, ran.said
    [workspace] = folder.iterdir()
    return workspace, replace(ran, said=ran.said.replace(str(folder), "/tmp"))  # noqa: S108 -- as a page shows it
