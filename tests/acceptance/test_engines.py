"""A real company is judged alike wherever its data lives."""

from contextlib import closing
from pathlib import Path

import pytest

from cli.engine import ENGINES, own_version
from cli.workspace import ENGINE
from engine.engines.battery import fingerprint
from engine.engines.opening import opened
from engine.engines.verification import Passed, written
from tests.acceptance.conftest import Desk


def test_the_realignment_and_the_audit_are_the_same_on_postgresql(
    adventureworks: Desk, proposal: Path, postgresql_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every verdict with its reasons, every number of the audit: the documents are equal to the last letter."""
    moves = next(path for path in sorted(proposal.glob("*.csv")))
    asked = (
        ("--json", "moves", "check", str(moves), "--as-of", "2012-11-29"),
        ("--json", "audit", "--as-of", "2012-11-29"),
        ("--json", "audit", "--as-of", "2014-05-30"),
    )
    here = [adventureworks.run(*words).output for words in asked]
    with closing(opened(postgresql_database)) as db:
        one = Passed(db.spelling.ENGINE, db.version, fingerprint(db.spelling), own_version())
    (adventureworks.root / ENGINES).write_text(written([one]), "utf-8")
    monkeypatch.setenv(ENGINE, postgresql_database)
    assert [adventureworks.run(*words).output for words in asked] == here
    assert all(len(said) > 10_000 for said in here)
