"""One cluster for the whole run: a driver, a master and two workers, each a process of its own on this machine."""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import skip_or_fail

if TYPE_CHECKING:
    from engine.engines.spark import Spark

CLUSTER = "local-cluster[2,1,1024]"


@pytest.fixture(scope="session")
def spark() -> "Iterator[Spark]":
    """A session on that cluster, as its URL opens one."""
    if find_spec("pyspark") is None:
        skip_or_fail("PySpark is not installed: run `make test-spark`")
    from engine.engines.spark import Spark  # noqa: PLC0415 -- it needs PySpark

    with Spark.at(CLUSTER) as session:
        yield session


@pytest.fixture(scope="session")
def outer(spark: "Spark") -> Any:
    """The session of PySpark's own that is there beside it."""
    return spark._whole
