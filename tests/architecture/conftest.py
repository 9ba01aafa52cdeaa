"""What the tests of the house share: the shipped modules, each parsed once, and the files that git keeps."""

import ast
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import skip_or_fail

PACKAGES = ("rules", "engine", "governance", "cli")


@dataclass(frozen=True, slots=True)
class Module:
    """One Python module that ships."""

    name: str
    package: str
    path: Path
    text: str
    tree: ast.Module


def imported(tree: ast.Module) -> set[str]:
    """Top-level names that a module imports."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


@pytest.fixture(scope="session")
def modules(project: Path) -> tuple[Module, ...]:
    """Every module of the four packages."""
    found = []
    for package in PACKAGES:
        for path in sorted((project / package).rglob("*.py")):
            text = path.read_text("utf-8")
            name = ".".join(path.relative_to(project).with_suffix("").parts).removesuffix(".__init__")
            found.append(Module(name, package, path, text, ast.parse(text)))
    return tuple(found)


@pytest.fixture(scope="session")
def kept(project: Path) -> tuple[Path, ...]:
    """Every file under version control that exists, relative to the project."""
    git = shutil.which("git")
    if git is None or not (project / ".git").exists():
        skip_or_fail("not a git checkout: there is no list of the files that belong to the project")
    # A checkout of another user's is still only listed.
    command = [str(git), "-c", f"safe.directory={project}", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=project, check=True, capture_output=True).stdout
    return tuple(Path(name) for name in listed.decode().split("\0") if name and (project / name).is_file())


@pytest.fixture(scope="session")
def pyproject(project: Path) -> dict[str, Any]:
    """pyproject.toml as data."""
    return tomllib.loads((project / "pyproject.toml").read_text("utf-8"))
