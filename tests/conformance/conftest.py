"""Other people's suites, where set-up has put them."""

from pathlib import Path

import pytest

from tests.conformance.cel_cases import cel_cases
from tests.conformance.cel_judged import Judged, Staged, judged, staged
from tests.conformance.cel_stages import STAGES, stage_cases
from tests.conftest import skip_or_fail


@pytest.fixture(scope="session")
def cel_suites(project: Path) -> Path:
    """The folder of CEL's tables of cases."""
    folder = project / ".venv" / "suites" / "cel-spec"
    missing = [table for table in ("conformance", *STAGES) if not (folder / f"{table}.json").is_file()]
    if missing:
        skip_or_fail(f"no cases of {', '.join(missing)} at {folder}; run `setup.sh tests`")
    return folder


@pytest.fixture(scope="session")
def suite(cel_suites: Path) -> list[Judged]:
    """The core cases of CEL's conformance suite, judged."""
    return [judged(case) for case in cel_cases(cel_suites / "conformance.json")]


@pytest.fixture(scope="session")
def stages(cel_suites: Path) -> list[Staged]:
    """The cases of the suites of CEL's parser, checker and macros of two variables, judged."""
    return [staged(case) for case in stage_cases(cel_suites)]
