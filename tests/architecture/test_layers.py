"""The order of the packages and the one door of each heavy third party hold, and a breach of any is found."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.conftest import PACKAGES, Module, imported


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """import-linter over a folder that holds pyproject.toml and the packages."""
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([str(command), "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


def test_every_contract_is_kept(project: Path) -> None:
    answer = lint_imports(project)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.fixture
def house(project: Path, tmp_path: Path) -> Path:
    """The contracts with empty packages, and empty rooms in them."""
    shutil.copy(project / "pyproject.toml", tmp_path)
    for found in sorted(p for package in PACKAGES for p in (project / package).rglob("__init__.py")):
        empty = tmp_path / found.relative_to(project)
        empty.parent.mkdir(exist_ok=True)
        empty.write_text('"""Nothing."""\n')
    for module in ("rules/kinds.py", "rules/problem.py", "engine/database.py", "engine/spelling.py"):
        (tmp_path / module).write_text('"""Nothing."""\n')
    return tmp_path


def test_a_breach_of_each_contract_is_found(house: Path, pyproject: dict[str, Any]) -> None:
    contracts = pyproject["tool"]["importlinter"]["contracts"]
    third_parties = [name for contract in contracts for name in contract.get("forbidden_modules", ())]
    (house / "rules" / "breach.py").write_text(
        "import rules.other\nimport engine\n" + "".join(f"import {name}\n" for name in third_parties)
    )
    (house / "rules" / "other.py").write_text("import rules.breach\n")
    (house / "rules" / "expression" / "breach.py").write_text("import rules.reading\n")
    (house / "engine" / "conditions" / "breach.py").write_text("import engine.metrics\n")
    answer = lint_imports(house)
    kept = [contract["name"] for contract in contracts if f"{contract['name']} BROKEN" not in answer.stdout]
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert kept == []


def test_empty_packages_break_no_contract(house: Path) -> None:
    answer = lint_imports(house)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize(
    "third_party",
    [
        "altair",
        "click",
        "duckdb",
        "durable_rules_engine",
        "holidays",
        "jinja2",
        "pyhanko",
        "rfc8785",
        "sqlmodel",
        "weasyprint",
        "yaml",
        "z3",
    ],
)
def test_each_heavy_third_party_has_a_door(pyproject: dict[str, Any], third_party: str) -> None:
    contracts = pyproject["tool"]["importlinter"]["contracts"]
    doors = [contract for contract in contracts if third_party in contract.get("forbidden_modules", ())]
    assert len(doors) == 1
    assert sorted(doors[0]["source_modules"]) == sorted(PACKAGES)


def test_every_door_is_in_use(pyproject: dict[str, Any], modules: tuple[Module, ...]) -> None:
    """A door that nobody goes through any more is a hole."""
    uses = {f"{module.name} -> {name}" for module in modules for name in imported(module.tree)}
    uses |= {f"cli.** -> {name}" for module in modules if module.package == "cli" for name in imported(module.tree)}
    contracts = pyproject["tool"]["importlinter"]["contracts"]
    doors = {door for contract in contracts for door in contract.get("ignore_imports", ())}
    assert doors - uses == set()
