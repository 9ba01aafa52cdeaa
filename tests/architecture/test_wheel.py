"""The wheel holds every file that the program reads, nothing that stays at home, and runs where it is unpacked."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def wheel(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, built by the build back end that is installed."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


def test_every_file_of_the_shipped_folders_is_in_the_wheel(
    wheel: Path, kept: tuple[Path, ...], pyproject: dict[str, Any]
) -> None:
    shipped = pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    wanted = {path.as_posix() for path in kept if path.parts[0] in shipped}
    assert wanted - set(zipfile.ZipFile(wheel).namelist()) == set()
    assert {Path(name).suffix for name in wanted} >= {".py", ".yaml", ".css", ".j2", ".ttf", ".csv"}


def test_nothing_else_is_in_the_wheel(wheel: Path, pyproject: dict[str, Any]) -> None:
    shipped = {*pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]}
    folders = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {folder for folder in folders - shipped if not folder.endswith(".dist-info")} == set()


def test_the_program_runs_from_the_unpacked_wheel(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(home)
    code = "import sys, cli.main; print(cli.main.__file__, file=sys.stderr); sys.exit(cli.main.main())"
    environment = {**os.environ, "PYTHONPATH": str(home)}
    answer = subprocess.run(
        [sys.executable, "-c", code, "--help"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert str(home) in answer.stderr
    assert answer.returncode == 0, answer.stderr
    assert "audit" in answer.stdout
