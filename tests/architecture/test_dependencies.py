"""What ships imports only what it declares, and the lock holds all of it, each with a hash and no address."""

import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

from tests.architecture.conftest import PACKAGES, Module, imported

PINNED = re.compile(r"^(?P<name>[a-z0-9-]+)==\S+(?: ; .*)? \\$")


def normal(requirement: str) -> str:
    """The name a requirement starts with, as package indexes write it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement)[0]).lower()


def test_shipped_code_imports_only_declared_run_time_dependencies(
    modules: tuple[Module, ...], pyproject: dict[str, Any]
) -> None:
    """What a dependency brings along may be gone tomorrow; what only tests need is not there for a user.

    An extra is declared too: only its door imports it. It need not be installed here, and goes by its own name then.
    """
    extras = [requirement for extra in pyproject["project"]["optional-dependencies"].values() for requirement in extra]
    declared = {normal(requirement) for requirement in [*pyproject["project"]["dependencies"], *extras]}
    owners = packages_distributions()
    known = {*sys.stdlib_module_names, *PACKAGES}
    strange = {
        f"{module.name} imports {name}"
        for module in modules
        for name in imported(module.tree) - known
        if not declared & {normal(owner) for owner in owners.get(name, (name,))}
    }
    assert strange == set()


def locked(project: Path) -> dict[str, int]:
    """Every distribution of the lock, with how many hashes it has."""
    found: dict[str, int] = {}
    name = ""
    for line in (project / "requirements.lock").read_text("utf-8").splitlines():
        if start := PINNED.match(line):
            name = start["name"]
            found[name] = 0
        elif line.startswith("    --hash=sha256:"):
            found[name] += 1
        else:
            assert line.lstrip().startswith("#"), f"neither a pin, a hash nor a remark: {line}"
    return found


def test_the_lock_pins_every_declared_dependency(project: Path, pyproject: dict[str, Any]) -> None:
    wanted = {normal(r) for r in pyproject["project"]["dependencies"] + pyproject["dependency-groups"]["dev"]}
    wanted |= {normal(r) for r in pyproject["build-system"]["requires"]}
    assert wanted - set(locked(project)) == set()


def test_everything_in_the_lock_has_a_hash(project: Path) -> None:
    assert [name for name, hashes in locked(project).items() if not hashes] == []


def test_the_lock_holds_no_address_and_no_folder(project: Path) -> None:
    text = (project / "requirements.lock").read_text("utf-8")
    assert re.findall(r"https?:|file:|@ |--(?:extra-)?index|--find-links", text) == []
