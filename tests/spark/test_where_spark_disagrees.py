"""Where Spark disagrees with other engines, what is written for it says what Python says."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from engine.conditions.condition_case import value_of
from engine.conditions.condition_sql import condition_sql
from engine.conditions.sql_spark import SparkSpelling
from engine.fact_frames import Fact
from tests.engine.language_examples import GIVEN, compiled, frame, letter, patterns, read_by
from tests.engine.test_where_engines_disagree import AGREED

if TYPE_CHECKING:
    from engine.engines.spark import Spark

pytestmark = pytest.mark.spark
Row = tuple[str, str, dict[str, Any], bool | None]
OWN: list[Row] = [
    ("the end is not before a last carriage return", "has.text1.matches('a$')", {"has.text1": "a\r"}, False),
    ("nor before another line separator", "has.text1.matches('a$')", {"has.text1": "a\u0085"}, False),
    ("nor before a paragraph's", "has.text1.matches('a$')", {"has.text1": "a\u2029"}, False),
    ("a dot is a carriage return", "has.text1.matches('a.b')", {"has.text1": "a\rb"}, True),
    ("and any separator but a line break", "has.text1.matches('a.b')", {"has.text1": "a\u2028b"}, True),
    ("a sign beyond 16 bits is one", "has.text1.matches('^[^a]$')", {"has.text1": "😀"}, True),
    ("and may end a range", "has.text1.matches('^[a-😀]$')", {"has.text1": "\uffff"}, True),
    ("letters of a class are not folded", "has.text1.matches('^[a-z]$')", {"has.text1": "\u017f"}, False),
    ("a backslash is a backslash", r"has.text1 == 'a\\n'", {"has.text1": "a\\n"}, True),
    ("and no line break", r"has.text1 == 'a\\n'", {"has.text1": "a\n"}, False),
    ("a quote is a quote", r"has.text1 == 'it\'s'", {"has.text1": "it's"}, True),
    ("the name of a setting stays a text", "has.text1 == '${spark.sql.ansi.enabled}'",
     {"has.text1": "${spark.sql.ansi.enabled}"}, True),
    ("a per cent sign keeps its backslash", r"has.text1 == '\\%'", {"has.text1": "\\%"}, True),
    ("U+0130 has the size of one", "size(has.text1) == 1", {"has.text1": "\u0130"}, True),
    ("the size of an unknown list is unknown, not -1", "size(has.texts) == -1", {}, None),
    ("the size of an empty list is 0", "size(has.texts) == 0", {"has.texts": ()}, True),
    ("a number of days is wider than Spark adds to a date", "has.date1 + has.days1 > has.date1",
     {"has.date1": date.max, "has.days1": 10**6}, True),
    ("days may come first", "days(1) + has.date1 == date('2024-03-01')", {"has.date1": date(2024, 2, 29)}, True),
    ("the days between two dates are a number, not an interval", "has.date1 - has.date2 == days(366)",
     {"has.date1": date(2025, 1, 1), "has.date2": date(2024, 1, 1)}, True),
    ("no days are missing from October 1582", "has.date1 - has.date2 == days(11)",
     {"has.date1": date(1582, 10, 15), "has.date2": date(1582, 10, 4)}, True),
    ("the first day is stored and read as it is", "has.date1 == date('0001-01-01')", {"has.date1": date.min}, True),
    ("false is less than true", "has.bool1 < has.bool2", {"has.bool1": False, "has.bool2": True}, True),
    ("a position beyond the last aborts nothing", "has.counts[7] == 1", {"has.counts": (1,)}, None),
    ("nor does one wider than Spark counts", "has.counts[has.count1 * 9000000000] == 1",
     {"has.counts": (1,), "has.count1": 10**9}, None),
    ("lists of ratios are equal by value", "has.ratios == [ratio('0.50')]", {"has.ratios": (Fraction(1, 2),)}, True),
    ("an unknown list joined to another is unknown", "size(has.texts + ['a']) == 1", {}, None),
]  # fmt: skip
ALL = [*AGREED, *OWN]


@pytest.fixture(scope="module")
def answers(spark: "Spark") -> Mapping[str, str]:
    """What Spark says of each, by its title: all of them in one statement, each on its own row."""
    return answered(spark, ALL)


def answered(spark: "Spark", rows: Sequence[Row]) -> dict[str, str]:
    checked = [compiled(text) for _, text, _, _ in rows]
    cases: list[Mapping[str, Fact]] = [case for _, _, case, _ in rows]
    frame(spark, cases, read_by(checked))
    found = patterns(spark, checked, GIVEN)
    return {title: found[at][at] for at, (title, _, _, _) in enumerate(rows)}


@pytest.mark.parametrize("row", ALL, ids=lambda row: row[0])
def test_in_spark_as_in_python(row: Row, answers: Mapping[str, str]) -> None:
    title, text, case, expected = row
    assert value_of(compiled(text), case, GIVEN) is expected
    assert answers[title] == letter(expected)


def test_the_zone_of_the_company_s_session_changes_nothing(outer: Any) -> None:
    from engine.engines.spark import Spark  # noqa: PLC0415 -- it needs PySpark

    at_the_border: list[Row] = [
        ("a moment", "has.timestamp1 >= timestamp('2026-03-29T02:00:00+01:00')",
         {"has.timestamp1": 1_774_746_000_000_000}, True),
        ("a day", "has.date1 == date('2024-02-29')", {"has.date1": date(2024, 2, 29)}, True),
    ]  # fmt: skip
    zone = outer.conf.get("spark.sql.session.timeZone")
    outer.conf.set("spark.sql.session.timeZone", "America/New_York")
    try:
        with Spark(outer) as elsewhere:
            assert set(answered(elsewhere, at_the_border).values()) == {"t"}
        assert outer.conf.get("spark.sql.session.timeZone") == "America/New_York"
    finally:
        outer.conf.set("spark.sql.session.timeZone", zone)


def test_what_is_written_for_spark_needs_none_of_our_settings_but_ansi(outer: Any) -> None:
    """Names and texts are Spark's own: a person can paste the SQL into a notebook."""
    found = compiled(r"has.text1 == 'it\'s \\ ${spark.app.name}' && has.text1.matches('^[^a]')")
    sql = condition_sql(found, GIVEN, spelling=SparkSpelling())
    asked = outer.sql(f"SELECT {sql} FROM (SELECT ? AS `has.text1`)", args=["it's \\ ${spark.app.name}"])
    assert asked.first()[0] is True
