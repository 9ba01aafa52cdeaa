"""A bulk run needs an engine that has passed this battery, in this version, of this Merestone."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from engine.database import Database
from engine.engines.battery import Disagreement, Verdict, fingerprint
from engine.engines.embedded import Embedded
from engine.engines.opening import opened
from engine.engines.verification import (
    SHIPPED,
    Passed,
    is_verified,
    passed,
    read,
    require_verified,
    written,
)
from engine.spelling import Spelling
from rules.problem import BadInput

OURS = "0.1.0"


@pytest.fixture
def db(postgresql_url: str) -> Iterator[Database]:
    with closing(opened(postgresql_url)) as database:
        yield database


def verdict(db: Database) -> Verdict:
    return Verdict(db.spelling.ENGINE, db.version, fingerprint(db.spelling), 200, 300, ())


def test_the_embedded_engine_that_ships_is_the_one_that_the_tests_run_on(project: Path) -> None:
    """tests/engine/test_battery.py lets it pass."""
    locked = re.search(r"^duckdb==(\S+)", (project / "requirements.lock").read_text(), re.MULTILINE)
    assert locked is not None
    with Embedded() as db:
        assert SHIPPED == (db.spelling.ENGINE, db.version) == ("duckdb", locked[1])
        require_verified(db, (), OURS)


def test_another_version_of_it_must_pass_first(monkeypatch: pytest.MonkeyPatch) -> None:
    with Embedded() as db:
        monkeypatch.setattr(db, "version", "2.0.99")
        with pytest.raises(BadInput, match=r"duckdb 2\.0\.99 has not passed .*\n.*merestone engine verify$"):
            require_verified(db, (), OURS)
        require_verified(db, [passed(verdict(db), OURS)], OURS)


def test_another_engine_must_pass_and_the_command_that_does_it_is_named(db: Database) -> None:
    with pytest.raises(BadInput, match=r"postgresql .* has not passed .*\n.*merestone engine verify --engine URL"):
        require_verified(db, (), OURS)
    require_verified(db, [passed(verdict(db), OURS)], OURS)


@pytest.mark.parametrize("field", ["engine", "version", "battery", "merestone"])
def test_a_pass_of_anything_else_does_not_count(db: Database, field: str) -> None:
    mine = passed(verdict(db), OURS)
    assert is_verified(db, [mine], OURS)
    assert not is_verified(db, [replace(mine, **{field: "another"})], OURS)


def test_what_has_not_passed_is_not_kept(db: Database) -> None:
    wrong = replace(verdict(db), disagreements=(Disagreement("has.bool1", 0, (), "true", "false", 1),))
    assert not wrong.passed
    with pytest.raises(ValueError, match="has not passed"):
        passed(wrong, OURS)


def test_the_battery_is_another_one_for_another_spelling() -> None:
    class Other(Spelling):
        def contains(self, whole: str, part: str) -> str:
            return f"strpos({whole}, {part}) > 0"

    assert fingerprint(Other()) != fingerprint(Spelling()) == fingerprint(Spelling())


def test_passes_are_written_once_each_in_order_and_read_again() -> None:
    one, other = Passed("duckdb", "2.0.0", "ab", OURS), Passed("postgresql", "18.4", "cd", OURS)
    text = written([other, one, other])
    assert read(text, "engines.json") == (one, other)
    assert written(read(text, "engines.json")) == text
    assert read(written([]), "engines.json") == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"schema": "merestone/engines/2", "passed": []}',
        '{"schema": "merestone/engines/1", "passed": [{"engine": "duckdb"}]}',
        '{"schema": "merestone/engines/1", "passed": [1]}',
        '{"schema": "merestone/engines/1", "passed": 1}',
        '{"schema": "merestone/engines/1", "passed": [{"engine": "", "version": "", "battery": "", "merestone": 1}]}',
    ],
)
def test_a_broken_list_of_passes_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"engines\.json: this is no list of engines that passed"):
        read(text, "engines.json")
