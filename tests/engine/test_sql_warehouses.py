"""What is written for Snowflake and BigQuery is read by a parser of their dialects; none of it has run there."""

import pytest
from sqlglot import ErrorLevel, exp, parse_one
from sqlglot.errors import ParseError

from engine.conditions.condition_sql import condition_sql
from engine.conditions.sql_warehouses import BigQuerySpelling, SnowflakeSpelling
from engine.engines.battery import ABSENT_FACTS, compiled
from engine.engines.battery_rows import GIVEN, SCOPE
from engine.spelling import Spelling
from rules.expression.check import compile_text
from rules.expression.term import Op
from rules.kinds import Kind
from rules.problem import Place

SNOWFLAKE, BIGQUERY = SnowflakeSpelling(), BigQuerySpelling()
both = pytest.mark.parametrize("spelling", [SNOWFLAKE, BIGQUERY], ids=lambda spelling: spelling.ENGINE)


def read(sql: str, spelling: Spelling) -> exp.Expr:
    return parse_one(sql, dialect=spelling.ENGINE, error_level=ErrorLevel.RAISE)


def sql(text: str, spelling: Spelling) -> str:
    return condition_sql(compile_text(text, Place("test"), SCOPE), GIVEN, ABSENT_FACTS, spelling)


def is_refused(spelling: Spelling, ops: set[Op]) -> bool:
    """Only a pattern, and only on Snowflake."""
    return spelling is SNOWFLAKE and Op.MATCHES in ops


@both
def test_the_whole_battery_is_read_or_refused(spelling: Spelling) -> None:
    refused = []
    for condition in compiled():
        ops = {term.op for term in condition.node.walk()}
        if is_refused(spelling, ops):
            with pytest.raises(ValueError, match="regular expressions are not ours"):
                condition_sql(condition, GIVEN, ABSENT_FACTS, spelling)
            refused.append(condition.text)
            continue
        written = condition_sql(condition, GIVEN, ABSENT_FACTS, spelling)
        tree = read(f"SELECT {written} AS found", spelling)
        assert isinstance(tree, exp.Select)
        assert not list(tree.find_all(exp.Command))
    assert bool(refused) is (spelling is SNOWFLAKE)
    assert len(refused) < len(compiled()) // 5


@both
def test_a_parser_of_another_mind_would_refuse(spelling: Spelling) -> None:
    with pytest.raises(ParseError, match=r"Expecting|Invalid|Required"):
        read("SELECT (1 + ) AS found", spelling)


@both
@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.BYTES])
def test_every_kind_has_a_type_of_column(spelling: Spelling, kind: Kind) -> None:
    name = spelling.name("account.tier")
    of = Kind.RATIO if kind is Kind.LIST else None
    tree = read(f"CREATE TABLE t ({name} {spelling.type_of(kind, of)})", spelling)
    column = tree.find(exp.ColumnDef)
    assert column is not None
    assert isinstance(column.args["kind"], exp.DataType)


@both
def test_they_say_that_nothing_has_run_there(spelling: Spelling) -> None:
    assert not spelling.TESTED
    assert Spelling.TESTED


@both
def test_texts_come_back_from_the_parser_as_they_were(spelling: Spelling) -> None:
    for text in ("it's", "a\\", "\\'", "two\nlines", "a\r", "😀", 'say "so"', "", "\\n"):
        literal = read(spelling.text(text), spelling)
        assert isinstance(literal, exp.Literal)
        assert literal.this == text


@both
def test_dates_are_days_so_that_no_calendar_ends(spelling: Spelling) -> None:
    written = sql("has.date1 + days(1) == date('9999-12-31') && has.date1 - has.date2 > days(365)", spelling)
    assert "3652059" in written
    assert "INTERVAL" not in written
    assert "9999" not in written


@both
@pytest.mark.parametrize("text", ["has.bools.all(v, v)", "has.bools.exists(v, v)"])
def test_unknown_items_do_not_hide_one_that_decides(spelling: Spelling, text: str) -> None:
    """Neither an aggregate that passes over NULL nor a fold that ends at one."""
    written = sql(text, spelling)
    assert "REDUCE" not in written
    assert "LOGICAL_" not in written
    assert written.count("IS NULL") >= 2


def test_snowflake_cuts_off_what_it_would_round() -> None:
    assert "MOD(" in sql("has.count1 / 7 == 3", SNOWFLAKE)
    assert sql("has.count1 / 7 == 3", BIGQUERY).startswith("(DIV(")


def test_bigquery_has_columns_without_dots_and_refuses_what_would_be_two_names() -> None:
    assert sql("has.ratio1 > percent('1')", BIGQUERY).count("`has__ratio1__") == 2
    assert BIGQUERY.name("account.tier") == "`account__tier`"
    with pytest.raises(ValueError, match="has no name of its own in BigQuery"):
        BIGQUERY.name("account__tier")


def test_bigquery_keeps_an_unknown_list_apart_from_an_empty_one() -> None:
    assert BIGQUERY.type_of(Kind.LIST, Kind.TEXT) == "STRUCT<items ARRAY<STRING>>"
    assert sql("has(may.texts)", BIGQUERY) == "(`may__texts` IS NOT NULL)"
    assert sql("size(has.texts) == 0", BIGQUERY) == "(ARRAY_LENGTH(`has__texts`.items) = CAST(0 AS INT64))"
    assert "TO_JSON_STRING" in sql("has.texts == ['A']", BIGQUERY)


@both
def test_ratios_stay_within_38_digits(spelling: Spelling) -> None:
    assert spelling.WIDEST < 10**38
