"""Where engines for rules and tables disagree, Python, SQL and CEL agree here, or the text is refused."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from engine.conditions.condition_case import value_of
from engine.database import Database
from rules.problem import BadInput
from tests.engine.engines import ENGINES, engine_of
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
    ("a missing list has nothing in it that is known", "has.count1 in has.counts", {"has.count1": 1}, None),
    ("an empty list has nothing in it", "has.count1 in has.counts", {"has.count1": 1, "has.counts": ()}, False),
    ("of a missing fact not even that is known", "has.count1 in has.counts", {"has.counts": ()}, None),
    ("an empty list has no items", "size(has.counts) == 0", {"has.counts": ()}, True),
    ("a missing list has no size that is known", "size(has.counts) == 0", NOTHING, None),
    ("a list of nothing joined to a missing one is unknown", "size(has.counts + has.counts) == 0", NOTHING, None),
    ("what is not known is not known denied", "!has.bool1", NOTHING, None),
    ("true does not decide an and", "has.bool1 && has.bool2", {"has.bool1": True}, None),
    ("half of seven is three", "has.count1 / 2 == 3", {"has.count1": 7}, True),
    ("ninety days from a date are a date", 'has.date1 + days(90) == date("2024-05-28")',
     {"has.date1": date(2024, 2, 28)}, True),
    ("one date from another leaves days", "has.date1 - has.date2 == days(1)",
     {"has.date1": date(2024, 3, 1), "has.date2": date(2024, 2, 29)}, True),
    ("a date is counted through years that calendars lack", 'has.date1 - days(1000000) < date("0001-01-01")',
     {"has.date1": date.min}, True),
    ("and on beyond the last", "has.date1 + days(1000000) > has.date1", {"has.date1": date.max}, True),
    ("a moment is one in every zone", 'has.timestamp1 == timestamp("2026-03-29T02:30:00+02:00")',
     {"has.timestamp1": 1_774_744_200_000_000}, True),
    ("the hour that a zone leaves out is an hour",
     'has.timestamp1 - timestamp("2026-03-29T00:30:00Z") == duration("1h")',
     {"has.timestamp1": 1_774_747_800_000_000}, True),
    ("the end is not before a carriage return", "has.text1.matches('a$')", {"has.text1": "a\r"}, False),
    ("a dot of a pattern is a carriage return", "has.text1.matches('^a.$')", {"has.text1": "a\r"}, True),
    ("and a line break of other alphabets", "has.text1.matches('^a.$')", {"has.text1": "a\u2028"}, True),
    ("all but one sign is a line break too", "has.text1.matches('^[^b]$')", {"has.text1": "\n"}, True),
    ("a long s is no s", "has.text1.matches('^s$')", {"has.text1": "\u017f"}, False),
    ("a digit of another script is no digit", "has.text1.matches('[0-9]')", {"has.text1": "\u0663"}, False),
    ("the dotted capital i is one sign", "size(has.text1) == 1", {"has.text1": "\u0130"}, True),
    ("a count beyond 255 is a count", "has.text1.matches('^a{256}$')", {"has.text1": "a" * 256}, True),
    ("a backslash is a backslash", "has.text1 == 'a\\\\b'", {"has.text1": "a\\b"}, True),
    ("a trailing blank counts", "has.text1 == 'a'", {"has.text1": "a "}, False),
    ("a leap day counts", 'has.date1 + days(365) == date("2025-02-28")', {"has.date1": date(2024, 2, 29)}, True),
]  # fmt: skip
REFUSED = {
    "an unknown item of a list": "has.text1 in ['A', null]",
    "money times a ratio": 'has.money1 * ratio("1.15") > money("1")',
    "a third of money": 'has.money1 / 3 > money("3.33")',
    "numbers near the largest floating-point one": "1e308 * 10.0 > 1.0",
    "rounding": "round(2.5) == 2",
    "a number cut off": "int(2.7) == 3",
    "a digit of any script": "has.text1.matches('\\\\d')",
    "a letter of any script": "has.text1.matches('\\\\w')",
    "a pattern for capitals too": "has.text1.matches('(?i)s')",
    "small letters": "has.text1.lowerAscii() == 'a'",
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


@pytest.fixture(scope="module", params=ENGINES)
def db(request: pytest.FixtureRequest) -> Iterator[Database]:
    yield from engine_of(request)


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
