"""What the SQL for Spark says, and that no integer in it is wider than Spark's widest."""

from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from engine.conditions.condition_sql import condition_sql
from engine.conditions.sql_ratios import Ratio, ratios_compared
from engine.conditions.sql_spark import SparkSpelling
from engine.conditions.sql_warehouses import BigQuerySpelling, SnowflakeSpelling
from engine.spelling import Spelling
from rules.expression.term import RATIO_REACH, Op
from rules.kinds import Kind
from tests.engine.language_examples import GIVEN, compiled

SPARK = SparkSpelling()


def sql(text: str) -> str:
    return condition_sql(compiled(text), GIVEN, spelling=SPARK)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("has.text1 == 'A'", "(CAST(`has.text1` AS STRING) = CAST('A' AS STRING))"),
        ("has.count1 / 2 == 1",
         "((CAST(`has.count1` AS BIGINT) div NULLIF(CAST(2 AS BIGINT), 0)) = CAST(1 AS BIGINT))"),
        ("has.date1 - has.date2 > days(1)",
         "(CAST(date_diff(CAST(`has.date1` AS DATE), CAST(`has.date2` AS DATE)) AS BIGINT) > CAST(1 AS BIGINT))"),
        ("has.text1.matches('a$')", r"(CAST(`has.text1` AS STRING) RLIKE CAST('\\x{61}\\z' AS STRING))"),
        ("has.texts.exists(v, v == 'A')",
         ("aggregate(transform(CAST(`has.texts` AS ARRAY<STRING>), `$v` -> (`$v` = CAST('A' AS STRING))), FALSE,"
          " (`$a`, `$b`) -> `$a` OR `$b`)")),
        ("size(has.texts) == 0",
         "(CAST(array_size(CAST(`has.texts` AS ARRAY<STRING>)) AS BIGINT) = CAST(0 AS BIGINT))"),
        ("has.ratio1 > ratio('0.5')",
         ("(CAST(`has.ratio1#n` AS DECIMAL(38,0)) * CAST(2 AS DECIMAL(38,0))"
          " > CAST(1 AS DECIMAL(38,0)) * NULLIF(CAST(`has.ratio1#d` AS DECIMAL(38,0)), 0))")),
    ],
)  # fmt: skip
def test_conditions_are_spelled_as_spark_does(condition: str, expected: str) -> None:
    assert sql(condition) == expected


@pytest.mark.parametrize("text", ["it's", "a\\", "\\'", "${user.name}", "'; DROP TABLE x; --", "?"])
def test_a_text_ends_where_any_reader_of_sql_ends_it(text: str) -> None:
    """The marks of parameters are found in the way of standard SQL, where a backslash escapes nothing."""
    written = SPARK.text(text)
    assert written.count("'") == 2
    assert written[0] == written[-1] == "'"
    assert "${" not in written


@pytest.mark.parametrize(
    "pattern", ["(a*)*", "(a+)+$", "(?:a?b)+", "((ab)*c)*", "((a|b)+){2,}", "(a{2,3})*", r"(\(a*\))+", "([)]a*)*"]
)
def test_a_repetition_within_a_repetition_is_refused(pattern: str) -> None:
    """Java would try every way to share the text among them."""
    with pytest.raises(ValueError, match="no repetition may stand within another"):
        SPARK.matches("x", pattern)


@pytest.mark.parametrize(
    "pattern", ["a*b*", r"^([0-9]+\.){3}[0-9]+$", "(ab|c)*", "(a{2})*", r"([(*+?]a)*", r"\(a*\)*", "x{2,4}", "(a+b?)?"]
)
def test_other_patterns_are_written(pattern: str) -> None:
    assert "RLIKE" in SPARK.matches("x", pattern)


class Widths:
    """An integer that remembers the widest that ever came of it."""

    widest = 0

    def __init__(self, value: int) -> None:
        self.value = value
        Widths.widest = max(Widths.widest, abs(value))

    def __add__(self, other: "Widths") -> "Widths":
        return Widths(self.value + other.value)

    def __sub__(self, other: "Widths") -> "Widths":
        return Widths(self.value - other.value)

    def __mul__(self, other: "Widths") -> "Widths":
        return Widths(self.value * other.value)


class InPython(Spelling):
    """The comparison of ratios as an expression of Python's."""

    WIDEST = SparkSpelling.WIDEST

    def wide(self, sql: str | int) -> str:
        return f"wide({sql})"

    def divided(self, left: str, right: str) -> str:
        return f"divided({left}, {right})"

    def rest(self, left: str, right: str) -> str:
        return f"rest({left}, {right})"


def divided(left: Widths, right: Widths) -> Widths:
    """Cut off towards 0."""
    size = abs(left.value) // abs(right.value)
    return Widths(size if (left.value < 0) == (right.value < 0) else -size)


def rest(left: Widths, right: Widths) -> Widths:
    return left - divided(left, right) * right


def sign(number: Widths) -> int:
    return (number.value > 0) - (number.value < 0)


LIMB = 10**15
REACHED = (RATIO_REACH, RATIO_REACH - 1, LIMB, LIMB - 1, 1)


@pytest.mark.parametrize("spelling", [SPARK, SnowflakeSpelling(), BigQuerySpelling()], ids=lambda s: s.ENGINE)
def test_no_product_of_ratios_is_wider_than_38_digits(spelling: Spelling) -> None:
    """The limbs of a comparison, walked at the ends of the range of ratios; and the answers are right."""
    assert spelling.WIDEST == InPython.WIDEST == 10**38 - 1
    left, right = Ratio("a", "b", RATIO_REACH), Ratio("c", "d", RATIO_REACH)
    code = compile(ratios_compared(InPython(), Op.LESS, left, right), "comparison", "eval")
    Widths.widest = 0
    for a, b, c, d, first, second in product(REACHED, REACHED, REACHED, REACHED, (1, -1), (1, -1)):
        names: dict[str, Any] = {"wide": Widths, "divided": divided, "rest": rest, "sign": sign}
        names |= {"a": Widths(first * a), "b": Widths(b), "c": Widths(second * c), "d": Widths(d)}
        assert eval(code, names) is (Fraction(first * a, b) < Fraction(second * c, d))  # noqa: S307 -- our own text
    # By hand: |y| of four products of limbs, and what z carries into it, is the widest of all.
    high, low = RATIO_REACH // LIMB, LIMB - 1
    assert Widths.widest <= max(2 * high**2, 4 * high * low + 2 * low**2 // LIMB) + high < 10**32 < spelling.WIDEST


def test_a_ratio_is_compared_at_once_where_the_products_fit() -> None:
    most = SparkSpelling.WIDEST // RATIO_REACH
    fits, wider = (Ratio("c", "d", greatest) for greatest in (most, most + 1))
    fact = Ratio("a", "b", RATIO_REACH)
    assert "sign(" not in ratios_compared(SPARK, Op.LESS, fact, fits)
    assert "sign(" in ratios_compared(SPARK, Op.LESS, fact, wider)


def test_every_kind_has_a_type_of_column() -> None:
    assert [SPARK.type_of(kind) for kind in (Kind.TEXT, Kind.MONEY, Kind.RATIO)] == [
        "STRING",
        "BIGINT",
        "STRUCT<n: DECIMAL(38,0), d: DECIMAL(38,0)>",
    ]
    assert SPARK.type_of(Kind.LIST, Kind.DATE) == "ARRAY<DATE>"
