"""What tests may ask for: real data beside the project, and a reason where it is absent."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# No test is timed: a busy machine is not a fault.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's root folder."""
    return ROOT


def skip_or_fail(reason: str) -> None:
    """Skip for a missing tool or data set; fail where MERESTONE_REQUIRE=all says that nothing may be missing."""
    if os.environ.get("MERESTONE_REQUIRE") == "all":
        pytest.fail(f"MERESTONE_REQUIRE=all: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real input data: $MERESTONE_DATA, or `shared/data` beside the project."""
    folder = Path(os.environ.get("MERESTONE_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / "README.md").is_file():
        skip_or_fail(f"no real input data at {folder}; set MERESTONE_DATA")
    return folder
