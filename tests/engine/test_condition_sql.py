"""What the SQL of a condition says, and that no row can abort its query."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

import pytest

from engine.conditions.condition_sql import _WRITTEN, condition_sql
from engine.database import Database
from engine.engines.embedded import Embedded
from engine.spelling import Spelling
from rules.expression.check import compile_text
from rules.expression.lowering import either, unknown
from rules.expression.scope import Checked, Scope
from rules.expression.term import FORMULAS, Op
from rules.kinds import Kind, Unit, Value
from rules.problem import Place
from rules.vocabulary import Field

FIELDS = {
    field.name: field
    for field in (
        Field("a.tier", Kind.TEXT, "tier"),
        Field("a.money", Kind.MONEY, "money"),
        Field("a.days", Kind.DAYS, "days"),
        Field("a.day", Kind.DATE, "day"),
        Field("a.share", Kind.RATIO, "share"),
        Field("a.other", Kind.RATIO, "share that may be none", optional=True),
        Field("a.end", Kind.DATE, "end that may be none", optional=True),
        Field("a.tags", Kind.LIST, "tags", of=Kind.TEXT),
        Field("a.sums", Kind.LIST, "sums", of=Kind.MONEY),
        Field("a.count", Kind.COUNT, "count"),
    )
}
PARAMETERS = {"rest": Unit.DAYS, "limit": Unit.PERCENT, "tiers": Unit.TEXT, "most": Unit.MONEY, "sums": Unit.MONEY}
SCOPE = Scope(FIELDS, PARAMETERS, listed=frozenset({"tiers", "sums"}))
VALUES: Mapping[str, Value | tuple[Value, ...]] = {"rest": 180, "limit": Fraction(3, 10), "tiers": ("A", "it's")}


def checked(text: str, scope: Scope = SCOPE) -> Checked:
    return compile_text(text, Place("test"), scope)


def sql(text: str, values: Mapping[str, Value | tuple[Value, ...]] = VALUES, absent: str = "") -> str:
    return condition_sql(checked(text), values, frozenset({absent}))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("a.money > money('1.00')", '(CAST("a.money" AS BIGINT) > CAST(100 AS BIGINT))'),
        ("a.tier in tiers", "(CAST(\"a.tier\" AS VARCHAR) IN (CAST('A' AS VARCHAR), CAST('it''s' AS VARCHAR)))"),
        ("a.day != date('2026-01-31')", "(CAST(\"a.day\" AS DATE) <> CAST('2026-01-31' AS DATE))"),
        ("a.share > limit",
         ('(CAST("a.share#n" AS HUGEINT) * CAST(10 AS HUGEINT)'
          ' > CAST(3 AS HUGEINT) * NULLIF(CAST("a.share#d" AS HUGEINT), 0))')),
        ("!has(a.end)", '(NOT ("a.end" IS NOT NULL))'),
        ("a.money > most", '(CAST("a.money" AS BIGINT) > CAST(NULL AS BIGINT))'),
        ("a.day > a.day + rest ? a.tier == 'A' : a.tier == 'B'",
         ('(CASE (CAST("a.day" AS DATE) > (CAST("a.day" AS DATE) + CAST(CAST(180 AS BIGINT) AS INTEGER)))'
          ' WHEN TRUE THEN (CAST("a.tier" AS VARCHAR) = CAST(\'A\' AS VARCHAR))'
          ' WHEN FALSE THEN (CAST("a.tier" AS VARCHAR) = CAST(\'B\' AS VARCHAR)) END)')),
        ("a.count / 2 == 1", '((CAST("a.count" AS BIGINT) // NULLIF(CAST(2 AS BIGINT), 0)) = CAST(1 AS BIGINT))'),
        ("a.tags.exists(t, t == a.tier)",
         ('list_reduce(list_transform(CAST("a.tags" AS VARCHAR[]), lambda "$t": ("$t" = CAST("a.tier" AS VARCHAR))),'
          ' lambda "$a", "$b": "$a" OR "$b", FALSE)')),
        ("a.tier in a.tags", 'list_contains(CAST("a.tags" AS VARCHAR[]), CAST("a.tier" AS VARCHAR))'),
        ("a.tier.matches('^A')", "regexp_matches(CAST(\"a.tier\" AS VARCHAR), CAST('^A' AS VARCHAR))"),
    ],
)  # fmt: skip
def test_facts_are_columns_and_every_literal_is_cast(condition: str, expected: str) -> None:
    assert sql(condition) == expected


@pytest.mark.parametrize("condition", ["has(a.end)", "a.tier in tiers", "a.share > limit", "has(a.other)"])
def test_an_absent_fact_is_not_read(condition: str) -> None:
    name = checked(condition).fields[0]
    assert name not in sql(condition, absent=name)


def test_every_operation_of_conditions_has_its_sql() -> None:
    assert set(_WRITTEN) == set(Op) - FORMULAS


class Shouting(Spelling):
    """Another engine, which has a function of its own."""

    def contains(self, whole: str, part: str) -> str:
        return f"STRPOS({whole}, {part}) > 0"


def test_another_engine_spells_only_what_it_spells_differently() -> None:
    written = condition_sql(checked("a.tier.contains('A')"), VALUES, spelling=Shouting())
    assert written == "STRPOS(CAST(\"a.tier\" AS VARCHAR), CAST('A' AS VARCHAR)) > 0"


@pytest.fixture
def db() -> Iterator[Database]:
    with Embedded() as database:
        yield database


def answers(db: Database, condition: str, rows: str) -> list[bool | None]:
    return [found for (found,) in db.rows(f"SELECT {sql(condition)} FROM (VALUES {rows}")]


def test_a_ratio_without_denominator_is_unknown_and_counts_as_none(db: Database) -> None:
    rows = '(1, 2), (1, 0), (1, NULL), (NULL, 2)) t("a.share#n", "a.share#d")'
    assert answers(db, "a.share > limit", rows) == [True, None, None, None]
    rows = '(1, 2), (1, 0), (1, NULL), (NULL, 2)) t("a.other#n", "a.other#d")'
    assert answers(db, "has(a.other)", rows) == [True, False, False, False]


def test_the_greatest_values_abort_nothing(db: Database) -> None:
    """Every range at its end: money of 10^15 times 9,000, a million days from the last day, ratios of 10^30."""
    last = "(1000000000000000, 1000000, DATE '9999-12-31', 1000000000000000000000000000000, 1)"
    first = "(-1000000000000000, -1000000, DATE '0001-01-01', -1000000000000000000000000000000, 1)"
    rows = f'{last}, {first}) t("a.money", "a.days", "a.day", "a.share#n", "a.share#d")'
    assert answers(db, "a.money * 9000 > money('0')", rows) == [True, False]
    assert answers(db, "a.day + a.days * 100 > date('2026-01-01')", rows) == [True, False]
    assert answers(db, "a.share > percent('0.000001')", rows) == [True, False]
    assert answers(db, "a.share in [percent('123456789012345.123456789')]", rows) == [False, False]
    assert answers(db, "a.share != a.share", rows) == [False, False]


def test_the_value_that_nobody_knows_is_unknown_in_every_kind(db: Database) -> None:
    """A band or a table may answer that nothing is known; ratios are two columns, and unknown in both."""
    rows = '(TRUE)) t("a.count")'
    for unit in Unit:
        if unit is not Unit.NONE:
            term = compared_with_itself(unit)
            [(found,)] = db.rows(f"SELECT {condition_sql(term, VALUES)} FROM (VALUES {rows}")
            assert found is None


def compared_with_itself(unit: Unit) -> Checked:
    nobody = unknown(unit)
    return replace(
        checked("a.count == 1"), node=replace(checked("a.count == 1").node, parts=(nobody, nobody)), fields=()
    )


@pytest.mark.parametrize("ratios", [False, True])
def test_a_choice_of_a_hundred_cases_is_written_in_the_length_of_its_text(db: Database, *, ratios: bool) -> None:
    """The condition of a choice stands in SQL once: nested choices do not double it."""
    node = checked("a.share == percent('7')" if ratios else "a.count == 7").node
    lengths = []
    for depth in (50, 100):
        answer = node.parts[1]
        for number in range(depth):
            value = checked(f"a.share == percent('{number}')" if ratios else f"a.count == {number}").node.parts[1]
            answer = either(checked(f"a.money == money('{number}')").node, value, answer)
        whole = replace(checked("a.count == 7"), node=replace(node, parts=(node.parts[0], answer)))
        written = condition_sql(whole, VALUES)
        lengths.append(len(written))
        rows = (
            '(300, 7, 7, 100), (30000, 7, 7, 100), (NULL, 7, 7, 100)) t("a.money", "a.count", "a.share#n", "a.share#d")'
        )
        found = [value for (value,) in db.rows(f"SELECT {written} FROM (VALUES {rows}")]
        assert found == [False, True, None]
    assert lengths[1] < 2.2 * lengths[0]


def test_no_position_aborts_a_query(db: Database) -> None:
    rows = '([5, 6], 1), ([5, 6], 2), ([5, 6], -1), ([], 0), (NULL, 0), ([5, 6], 1000000000)) t("a.sums", "a.count")'
    assert answers(db, "a.sums[a.count] == money('0.06')", rows) == [True, None, None, None, None, None]
    assert answers(db, "a.sums[a.count * 9000000000] == money('0.05')", rows)[1:] == [None] * 5


def test_a_list_made_of_something_unknown_is_unknown_as_a_whole(db: Database) -> None:
    rows = '([1], 1), (NULL, 1), ([1], NULL)) t("a.sums", "a.money")'
    assert answers(db, "a.sums.map(s, s + a.money) == [a.money + a.money]", rows) == [True, None, None]
    assert answers(db, "a.sums.filter(s, s == a.money).size() == 1", rows) == [True, None, None]
    assert answers(db, "(a.sums + [a.money]).size() == 2", rows) == [True, None, None]
    assert answers(db, "a.money in [a.money, a.money]", rows) == [True, True, None]


def test_integers_of_any_width_are_read_as_64_bits(db: Database) -> None:
    rows = '(CAST(127 AS TINYINT))) t("a.money")'
    assert answers(db, "a.money + a.money == money('2.54')", rows) == [True]


@pytest.mark.parametrize(
    ("condition", "values", "message"),
    [
        ("a.share", {}, "`a.share` has no value in SQL"),
        ("a.days > rest", {"rest": 10**6 + 1}, "`rest` is out of range"),
        ("a.share > limit", {"limit": Fraction(1, 10**31)}, "`limit` is out of range"),
        ("a.days > rest", {"rest": (1, 2)}, "`rest` is a list"),
        ("a.money in sums", {"sums": (1, 10**15 + 1)}, "`sums` is out of range"),
    ],
)
def test_what_has_no_exact_sql_is_refused(
    condition: str, values: Mapping[str, Value | tuple[Value, ...]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        sql(condition, values)


def test_a_formula_line_is_no_condition() -> None:
    line = checked("max(a.money, most)", Scope(FIELDS, PARAMETERS, formulas=True))
    with pytest.raises(ValueError, match="has no value in SQL"):
        condition_sql(line, VALUES)
