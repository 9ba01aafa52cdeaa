"""Other people's suites, where set-up has put them."""

from pathlib import Path

import pytest

from tests.conftest import skip_or_fail


@pytest.fixture(scope="session")
def cel_spec(project: Path) -> Path:
    """CEL's conformance cases."""
    path = project / ".venv" / "suites" / "cel-spec" / "conformance.json"
    if not path.is_file():
        skip_or_fail(f"no conformance cases at {path}; run setup.sh")
    return path
