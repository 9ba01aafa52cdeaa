"""A pattern means the same in the regular expressions of another engine as in ours."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.conditions.patterns_elsewhere import Dialect, rewritten
from engine.conditions.sql_postgresql import PostgreSqlSpelling
from engine.database import Database
from rules.expression.pattern import Unportable, found_in, steps_of
from rules.kinds import Kind
from tests.engine.engines import engine_of

PYTHON = Dialect(sign=lambda sign: f"\\U{ord(sign):08x}", start="\\A", end="\\Z", most=3)
"""Python's own, which counts to three for the sake of the test."""
SIGNS = "ab-]^\\$.é\n\r😀{"
ATOMS = (
    "a", "b", "é", "😀", ".", "[ab]", "[^a]", "[a-]", "[-a]", r"[\]\^]", r"[^\n-a]", "[a-bé-😀]", r"\.", r"\n", r"\\",
    r"\$", r"\{", r"\-", "\n", "()", "(?:)",
)  # fmt: skip
TIMES = ("", "*", "+", "?", "{0}", "{2}", "{1,}", "{0,5}", "{4,7}")


@st.composite
def patterns(draw: st.DrawFn, depth: int = 2) -> str:
    """Of the portable subset."""
    branches = []
    for _ in range(draw(st.integers(1, 2))):
        parts = []
        for _ in range(draw(st.integers(0, 3))):
            if depth and draw(st.integers(0, 3)) == 0:
                atom = f"{draw(st.sampled_from(['(', '(?:']))}{draw(patterns(depth - 1))})"
            else:
                atom = draw(st.sampled_from(ATOMS))
            parts.append(atom + draw(st.sampled_from(TIMES)))
        start, end = draw(st.sampled_from(["", "", "^"])), draw(st.sampled_from(["", "", "$"]))
        branches.append(f"{start}{''.join(parts)}{end}")
    return "|".join(branches)


def portable(pattern: str) -> bool:
    try:
        steps_of(pattern)
    except Unportable:
        return False
    return True


ACCEPTED = patterns().filter(portable)
TEXTS = st.lists(st.text(SIGNS, max_size=9), min_size=1, max_size=5)


@settings(max_examples=200, deadline=None)
@given(ACCEPTED, TEXTS)
def test_python_finds_what_we_find(pattern: str, texts: list[str]) -> None:
    theirs = re.compile(rewritten(pattern, PYTHON))
    assert [bool(theirs.search(text)) for text in texts] == [found_in(pattern, text) for text in texts]


@pytest.fixture(scope="module", params=["postgresql"])
def db(request: pytest.FixtureRequest) -> Iterator[Database]:
    yield from engine_of(request)


def by_engine(db: Database, pattern: str, texts: list[str]) -> list[bool]:
    spelling = db.spelling
    matched = ", ".join(spelling.matches(spelling.literal(text, Kind.TEXT), pattern) for text in texts)
    return list(db.rows(f"SELECT {matched}")[0])


@settings(max_examples=100, deadline=None)
@given(ACCEPTED, TEXTS)
def test_postgresql_finds_what_we_find(db: Database, pattern: str, texts: list[str]) -> None:
    assert by_engine(db, pattern, texts) == [found_in(pattern, text) for text in texts]


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("^a{1000}$", "a" * 1000, True),
        ("^a{1000}$", "a" * 999, False),
        ("^(abcd){999}$", "abcd" * 999, True),
        ("^[^x]{256,}$", "a" * 255, False),
        ("^(a|b){0,800}$", "ab" * 401, False),
        ("a{0}b", "b", True),
    ],
)
def test_the_largest_counts_of_the_language_are_counted(db: Database, pattern: str, text: str, found: bool) -> None:
    assert by_engine(db, pattern, [text]) == [found]
    assert found_in(pattern, text) is found


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^a.$", r"^\U00000061[^\U0000000a]$"),
        ("[^a-c.]", r"[^\U00000061-\U00000063\U0000002e]"),
        ("(a|\\.){300}", r"(?:(?:\U00000061|\U0000002e){255}(?:\U00000061|\U0000002e){45})"),
        ("a{2,}", r"(?:\U00000061{2}\U00000061*)"),
    ],
)
def test_every_sign_is_written_by_its_code_point(pattern: str, expected: str) -> None:
    assert expected in PostgreSqlSpelling().matches("t", pattern)
