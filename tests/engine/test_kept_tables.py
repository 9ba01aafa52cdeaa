"""A snapshot is loaded into a server once: later sessions see the same tables, and no session changes them."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.audit import audit
from engine.database import Database
from engine.engines.embedded import Embedded
from engine.engines.kept_tables import PREFIX
from engine.engines.opening import opened
from engine.intake.snapshot_store import open_snapshot
from rules.model.policy import PolicySet


@pytest.fixture
def server(postgresql_database: str) -> Iterator[Database]:
    """A session before anything is kept."""
    with closing(opened(postgresql_database)) as db:
        yield db


def reps(db: Database) -> list[tuple[object, ...]]:
    return db.rows("SELECT rep, region FROM reps ORDER BY rep")


def test_a_later_session_loads_nothing(
    server: Database, postgresql_database: str, june_snapshot: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_snapshot(server, *june_snapshot)
    loads: list[str] = []
    monkeypatch.setattr("engine.engines.postgresql.PostgreSql.read_parquet", lambda _, name, __: loads.append(name))
    with closing(opened(postgresql_database)) as later:
        open_snapshot(later, *june_snapshot)
        assert reps(later) == reps(server) != []
    assert loads == []


def test_what_is_kept_is_what_the_files_hold(server: Database, june_snapshot: tuple[Path, str]) -> None:
    manifest = open_snapshot(server, *june_snapshot)
    with Embedded() as db:
        open_snapshot(db, *june_snapshot)
        for data_set in manifest.data_sets:
            query = f'SELECT * FROM "{data_set.table}"'
            assert sorted(map(repr, server.rows(query))) == sorted(map(repr, db.rows(query))), data_set.table


def test_the_audit_of_a_region_leaves_the_other_rows_to_other_sessions(
    server: Database, postgresql_database: str, june_snapshot: tuple[Path, str], shipped: PolicySet
) -> None:
    manifest = open_snapshot(server, *june_snapshot)
    every = reps(server)
    for region in ("North", "North"):
        audit(server, manifest, shipped, manifest.as_of, region=region)
        assert {place for _, place in reps(server)} == {"North"}
    with closing(opened(postgresql_database)) as later:
        open_snapshot(later, *june_snapshot)
        assert reps(later) == every


def test_what_another_role_keeps_under_the_name_is_not_read(server: Database, june_snapshot: tuple[Path, str]) -> None:
    schema = f'"{PREFIX}{june_snapshot[1]}"'
    server.run("CREATE ROLE somebody_else")
    try:
        server.run(f"CREATE SCHEMA {schema} AUTHORIZATION somebody_else")
        server.run(f"CREATE TABLE {schema}.reps AS SELECT 'forged' AS rep, 'North' AS region")
        open_snapshot(server, *june_snapshot)
        assert ("forged", "North") not in reps(server)
    finally:
        server.run(f"DROP SCHEMA {schema} CASCADE")
        server.run("DROP ROLE somebody_else")


def test_a_load_that_fails_keeps_nothing(
    server: Database, june_snapshot: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(_: Database, name: str, path: Path) -> None:
        raise ValueError(f"{name} of {path.name} cannot be read")

    with monkeypatch.context() as patched:
        patched.setattr("engine.engines.postgresql.PostgreSql.read_parquet", torn)
        with pytest.raises(ValueError, match="cannot be read"):
            open_snapshot(server, *june_snapshot)
    open_snapshot(server, *june_snapshot)
    assert reps(server)
