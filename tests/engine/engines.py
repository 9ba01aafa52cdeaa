"""The engines that tests run on, and what they cannot hold."""

from collections.abc import Iterator, Mapping
from contextlib import closing

import pytest

from engine.database import Database
from engine.engines.opening import EMBEDDED, opened

ENGINES = (EMBEDDED, "postgresql")


def engine_of(request: pytest.FixtureRequest) -> Iterator[Database]:
    """The engine that a fixture's parameter names."""
    url = EMBEDDED if request.param == EMBEDDED else request.getfixturevalue(f"{request.param}_url")
    with closing(opened(url)) as db:
        yield db


def can_hold(db: Database, case: Mapping[str, object]) -> bool:
    """No file that is read holds U+0000, and no text of PostgreSQL does."""
    return db.spelling.ENGINE != "postgresql" or "\\x00" not in repr(case)
