"""Spark and Python say the same: of the battery, and of conditions and rows at random."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.conditions.condition_case import value_of
from engine.conditions.given_values import Given
from engine.engines.battery import judged
from tests.engine.language_examples import FIELDS, SCOPE, compiled, frame, given_values, letter, patterns, read_by
from tests.generators.expressions import conditions
from tests.generators.facts import rows

if TYPE_CHECKING:
    from engine.engines.spark import Spark

pytestmark = pytest.mark.spark
# A statement of Spark's costs seconds, whatever is in it: few statements, many conditions in each. Hypothesis begins
# with a trivial one.
FEW = settings(max_examples=2, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
MANY = settings(FEW, max_examples=100)
TEXTS = st.lists(conditions(SCOPE), min_size=20, max_size=20)
SEEDS = st.integers(0, 2**32)
ABSENT = st.frozensets(st.sampled_from(sorted(FIELDS)), max_size=3)


@contextmanager
def interpreted(spark: "Spark") -> Iterator[None]:
    """Expressions are walked, as where they are too long to be compiled to Java."""
    settings = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
    for setting, value in settings.items():
        spark._session.conf.set(setting, value)
    try:
        yield
    finally:
        for setting in settings:
            spark._session.conf.unset(setting)


def test_the_battery_passes(spark: "Spark") -> None:
    verdict = judged(spark)
    assert verdict.disagreements == ()
    assert (verdict.engine, verdict.version) == ("spark", spark.version)


@FEW
@given(TEXTS, SEEDS, given_values, ABSENT)
def test_a_table_in_spark_and_a_case_agree(
    spark: "Spark", texts: list[str], seed: int, parameters: dict[str, Given], absent: frozenset[str]
) -> None:
    assert_agreement(spark, texts, seed, parameters, absent)


@FEW
@given(TEXTS, SEEDS, given_values, ABSENT)
def test_they_agree_where_nothing_is_compiled_to_java(
    spark: "Spark", texts: list[str], seed: int, parameters: dict[str, Given], absent: frozenset[str]
) -> None:
    with interpreted(spark):
        assert_agreement(spark, texts, seed, parameters, absent)


@pytest.mark.exhaustive
def test_the_battery_passes_where_nothing_is_compiled_to_java(spark: "Spark") -> None:
    with interpreted(spark):
        assert judged(spark).disagreements == ()


@pytest.mark.exhaustive
@MANY
@given(TEXTS, SEEDS, given_values, ABSENT)
def test_a_table_in_spark_and_a_case_agree_on_thousands(
    spark: "Spark", texts: list[str], seed: int, parameters: dict[str, Given], absent: frozenset[str]
) -> None:
    assert_agreement(spark, texts, seed, parameters, absent)


def assert_agreement(
    spark: "Spark", texts: list[str], seed: int, parameters: dict[str, Given], absent: frozenset[str]
) -> None:
    checked = [compiled(text) for text in texts]
    cases = rows(read_by(checked), checked, parameters, seed=seed, count=60)
    frame(spark, cases, read_by(checked))
    found = patterns(spark, checked, parameters, absent)
    by_case = ["".join(letter(value_of(c, case, parameters, absent)) for c in checked) for case in cases]
    different = {
        texts[at]: (row, theirs[at], ours[at])
        for row, (theirs, ours) in enumerate(zip(found, by_case, strict=True))
        for at in range(len(texts))
        if theirs[at] != ours[at]
    }
    assert different == {}
