"""Where engines for rules and tables disagree, Python, SQL and CEL agree here, or the text is refused."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from engine.conditions.condition_case import value_of
from engine.database import Database
from rules.problem import BadInput
from tests.engine.language_examples import GIVEN, compiled, frame, letter, patterns, read_by
from tests.engine.test_language_agreement import by_cel, needs_cel

NOTHING: dict[str, Any] = {}
AGREED: list[tuple[str, str, dict[str, Any], bool | None]] = [
    ("the largest number is not wrapped around", "has.count1 + 1 > 0", {"has.count1": 10**9}, True),
    ("a negative quotient is cut off towards 0", "has.count1 / 2 == -3", {"has.count1": -7}, True),
    ("and a negative divisor too", "has.count1 / (-2) == -3", {"has.count1": 7}, True),
    ("a rest has the sign of the dividend", "has.count1 % 2 == -1", {"has.count1": -7}, True),
    ("whatever the sign of the divisor", "has.count1 % (-2) == 1", {"has.count1": 7}, True),
    ("a missing fact equals nothing that is known", "has.count1 == 1", NOTHING, None),
    ("nor is it different from anything", "has.count1 != 1", NOTHING, None),
    ("nor less", "has.count1 < 1", NOTHING, None),
    ("nor in a list", "has.count1 in [1]", NOTHING, None),
    ("nor outside of it", "!(has.count1 in [1])", NOTHING, None),
    ("true decides beside a missing fact", "has.bool1 || has.count2 == 2", {"has.count2": 2}, True),
    ("on either side", "has.count2 == 2 || has.bool1", {"has.count2": 2}, True),
    ("false decides beside a missing fact", "has.bool1 && has.count2 == 2", {"has.count2": 3}, False),
    ("nothing decides where true is missing", "has.bool1 || has.count2 == 2", {"has.count2": 3}, None),
    ("true decides beside an error", "has.texts[7] == 'A' || has.bool1",
     {"has.texts": ("A",), "has.bool1": True}, True),
    ("false decides beside an error", "has.texts[7] == 'A' && has.bool1",
     {"has.texts": ("A",), "has.bool1": False}, False),
    ("an error of constants is absorbed", "(1 / 0 > 0 || true) && has.bool1", {"has.bool1": True}, True),
    ("a choice on a missing fact is unknown", "(has.bool1 ? 1 : 2) == 2", NOTHING, None),
    ("even between equal values", "(has.bool1 ? 1 : 1) == 1", NOTHING, None),
    ("what is not chosen may be missing", "has.bool1 ? has.bool2 : true", {"has.bool1": False}, True),
    ("a tenth and two tenths are three tenths", 'has.money1 + money("0.20") == money("0.30")',
     {"has.money1": 10}, True),
    ("a dot is a dot", "has.text1.contains('.')", {"has.text1": "abc"}, False),
    ("and found as one", "has.text1.contains('.')", {"has.text1": "a.c"}, True),
    ("a per cent sign is one too", "has.text1.startsWith('%')", {"has.text1": "abc"}, False),
    ("2^53 + 1 is not 2^53", 'has.money1 * 10 + money("0.03") == has.money1 * 10 + money("0.02")',
     {"has.money1": 900_719_925_474_099}, False),
    ("a prefix comes first", "has.text1 < has.text2", {"has.text1": "a", "has.text2": "ab"}, True),
    ("capitals come before small letters", "has.text1 < has.text2", {"has.text1": "B", "has.text2": "a"}, True),
    ("accents come after all of ASCII", "has.text1 > has.text2", {"has.text1": "é", "has.text2": "z"}, True),
    ("the order is that of code points", "has.text1 < has.text2", {"has.text1": "\uffff", "has.text2": "😀"}, True),
    ("letters that look alike differ", "has.text1 == has.text2", {"has.text1": "é", "has.text2": "e\u0301"}, False),
    ("a size counts code points", "size(has.text1) == 2", {"has.text1": "é😀"}, True),
    ("and combining marks", "size(has.text1) == 2", {"has.text1": "e\u0301"}, True),
    ("a dot of a pattern is no line break", "has.text1.matches('a.b')", {"has.text1": "a\nb"}, False),
    ("the end is the end, not the last line break", "has.text1.matches('a$')", {"has.text1": "a\n"}, False),
    ("a pattern is found anywhere", "has.text1.matches('b')", {"has.text1": "abc"}, True),
    ("the empty text is a text", "has.text1 == ''", {"has.text1": ""}, True),
    ("of no items all is true", "has.counts.all(v, v > has.count1)", {"has.counts": ()}, True),
    ("and nothing exists", "has.counts.exists(v, v > has.count1)", {"has.counts": ()}, False),
    ("of a missing list nothing is known", "has.counts.all(v, v > 0)", NOTHING, None),
    ("one item decides beside unknown ones", "has.counts.exists(v, v > 1 || v > has.count1)",
     {"has.counts": (1, 2)}, True),
    ("exactly one asks every item", "has.counts.exists_one(v, v > 1 || v > has.count1)", {"has.counts": (1, 2)}, None),
    ("a position before the first has no value", "has.counts[has.count1] == 2",
     {"has.counts": (1, 2), "has.count1": -1}, None),
    ("a leap day counts", 'has.date1 + days(365) == date("2025-02-28")', {"has.date1": date(2024, 2, 29)}, True),
]  # fmt: skip
REFUSED = {
    "leaving 64 bits": "has.count1 * 1000000000 * 1000000000 > 0",
    "leaving 64 bits among constants": "9223372036854775807 + 1 > 0",
    "dividing by 0": "has.count1 / 0 > 0",
    "dividing by what may be 0": "1 % has.count1 > 0",
    "not a number": "0.0 / 0.0 == 0.0 / 0.0",
    "null": "null == 1",
    "floating-point sums": "0.1 + 0.2 == 0.3",
    "true as a number": "true == 1",
    "nanoseconds": 'has.timestamp1 < timestamp("2026-01-01T00:00:00.000000001Z")',
    "patterns that are more than literal": 'has.text1.matches("(?=a)")',
}


def ids(what: tuple[str, Any, Any, Any]) -> str:
    return what[0]


@pytest.fixture(scope="module")
def db() -> Iterator[Database]:
    with Database() as database:
        yield database


@pytest.mark.parametrize("row", AGREED, ids=ids)
def test_in_python_and_sql(row: tuple[str, str, dict[str, Any], bool | None], db: Database) -> None:
    _, text, case, expected = row
    checked = compiled(text)
    assert value_of(checked, case, GIVEN) is expected
    frame(db, [case], read_by([checked]))
    assert patterns(db, [checked], GIVEN) == [letter(expected)]


@needs_cel
@pytest.mark.parametrize("row", AGREED, ids=ids)
def test_in_cel(row: tuple[str, str, dict[str, Any], bool | None]) -> None:
    _, text, case, expected = row
    assert by_cel(text, case) is expected


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        compiled(text)
