"""The shipped policies, and the sample company as its exports show it at the end of June 2026."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest

from engine.database import Database
from engine.intake.intake import import_snapshot
from engine.intake.mapping import load_mapping
from engine.intake.moves_file import read_moves
from engine.intake.snapshot import Manifest
from engine.intake.snapshot_store import open_snapshot, write_snapshot
from rules.model.policy import PolicySet
from rules.reading.load import load_policies

Loaded = tuple[Database, Manifest]


@pytest.fixture(scope="session")
def shipped(project: Path) -> PolicySet:
    """The policies that ship."""
    return load_policies((path.name, path.read_text("utf-8")) for path in sorted((project / "policies").glob("*.yaml")))


@pytest.fixture(scope="session")
def sample_company(project: Path) -> Path:
    """The folder of the sample company."""
    return project / "examples" / "ostrevale"


@pytest.fixture(scope="session")
def june_snapshot(sample_company: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A store that holds the sample company's snapshot of 2026-06-30, and the snapshot's id."""
    store = tmp_path_factory.mktemp("snapshots")
    mapping = load_mapping((sample_company / "mapping.yaml").read_text("utf-8"), "mapping.yaml")
    with Database() as db:
        manifest = import_snapshot(db, mapping, sample_company / "exports-2026-06-30", date(2026, 6, 30))
        return store, write_snapshot(db, manifest, store).id


@pytest.fixture
def sample_copy(june_snapshot: tuple[Path, str], sample_company: Path) -> Iterator[Callable[[], Loaded]]:
    """Makes a database of one's own with that snapshot and the proposed moves, and the snapshot's manifest."""
    with ExitStack() as open_until_the_test_ends:

        def made() -> Loaded:
            db = open_until_the_test_ends.enter_context(Database())
            manifest = open_snapshot(db, *june_snapshot)
            read_moves(db, sample_company / "moves.csv")
            return db, manifest

        yield made


@pytest.fixture
def june(sample_copy: Callable[[], Loaded]) -> Loaded:
    """One such database."""
    return sample_copy()
