"""Other people's suites, where set-up has put them."""

from pathlib import Path

import pytest

from tests.conftest import skip_or_fail


@pytest.fixture(scope="session")
def cel_spec(project: Path) -> Path:
    """The folder of CEL's conformance cases."""
    folder = project / ".venv" / "suites" / "cel-spec"
    if not folder.is_dir():
        skip_or_fail(f"no conformance cases at {folder}; run setup.sh")
    return folder
