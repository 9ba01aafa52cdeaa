"""YAML comes in as plain exact values with places; what YAML can do beyond that is refused, all of it at once."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from rules.problem import BadInput, Place
from rules.reading.yaml_source import MAX_CHARACTERS, MAX_DEPTH, MAX_DIGITS, YamlShape, read_yaml, shaped

WORDS = st.text("abc xyzäß東京'\"#:{}[],&*!|>%@`-?~=<\\/", max_size=12)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)


class Item(YamlShape):
    name: str
    size: int | str | date | list[int]


class Box(YamlShape):
    title: str
    items: list[Item]
    by_day: dict[date, Item] = Field(default_factory=dict)


def problems_of(text: str) -> list[str]:
    with pytest.raises(BadInput) as refused:
        read_yaml(text, "p.yaml")
    return [str(problem) for problem in refused.value.problems]


def misfits(text: str) -> list[str]:
    with pytest.raises(BadInput) as refused:
        shaped(read_yaml(text, "p.yaml"), Box)
    return [str(problem) for problem in refused.value.problems]


@given(PLAIN)
def test_what_json_can_say_comes_back_unchanged(value: object) -> None:
    assert read_yaml(json.dumps(value, ensure_ascii=False), "p.yaml").value == value


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=6).filter(lambda d: d != 0))
def test_a_number_with_a_point_is_exactly_what_is_written(number: Decimal) -> None:
    value = read_yaml(f"x: {number:f}", "p.yaml").value["x"]
    assert type(value) is Decimal
    assert value.as_tuple() == number.as_tuple()


def test_no_number_is_ever_a_float() -> None:
    assert read_yaml("[0.1, 30.01, .5, 5., -1.20, +2.5]", "p.yaml").value == [
        Decimal("0.1"), Decimal("30.01"), Decimal("0.5"), Decimal(5), Decimal("-1.20"), Decimal("2.5"),
    ]  # fmt: skip


@pytest.mark.parametrize("written", ["1.5e+3", ".inf", "-.inf", ".nan", "1_000.5"])
def test_numbers_that_no_sheet_shows_are_refused(written: str) -> None:
    assert problems_of(f"x: {written}") == [
        f"p.yaml:1:4: value is not accepted; found `{written}`\n  hint: put it in quotes"
    ]


@pytest.mark.parametrize(
    "word", ["no", "NO", "yes", "on", "Off", "y", "n", "017", "0x1f", "0b1", "1_000", "1:30", "1e5"]
)
def test_a_word_that_yaml_1_1_reads_as_something_else_stays_a_word(word: str) -> None:
    assert read_yaml(f"x: {word}", "p.yaml").value == {"x": word}
    assert read_yaml(f"{word}: 1", "p.yaml").value == {word: 1}


def test_true_false_empty_and_days_are_what_they_look_like() -> None:
    text = "{a: true, b: False, c: , d: ~, e: 2026-02-28, f: '2026-02-28', g: -7}"
    assert read_yaml(text, "p.yaml").value == {
        "a": True, "b": False, "c": None, "d": None, "e": date(2026, 2, 28), "f": "2026-02-28", "g": -7,
    }  # fmt: skip


def test_a_day_that_no_calendar_has_is_refused() -> None:
    assert problems_of("a: 2026-02-30\nb: 2026-06-30 12:00:00") == [
        "p.yaml:1:4: not a date; found `2026-02-30`; expected YYYY-MM-DD",
        "p.yaml:2:4: not a date; found `2026-06-30 12:00:00`; expected YYYY-MM-DD",
    ]


def test_every_key_that_stands_twice_is_named_at_its_second_place() -> None:
    text = "a: 1\nb: {c: 1, d: 2, c: 3}\n'1': x\n1: y\na: 2\n"
    assert problems_of(text) == [
        "p.yaml:2:17: key `c` stands twice",
        "p.yaml:4:1: key `1` stands twice",
        "p.yaml:5:1: key `a` stands twice",
    ]


def test_what_stands_below_a_refused_key_is_passed_over_and_the_rest_is_read_on() -> None:
    assert problems_of(
        "? {a: b}\n: {c: [d]}\ne: 1\n? [a]\n: 2\nz: {y: *f}\n{a: {b: 1}}: 3\na: {b: 1}\na: {c: [!x 2]}"
    ) == [
        "p.yaml:1:3: a key must be a word or a date",
        "p.yaml:4:3: a key must be a word or a date",
        "p.yaml:6:8: aliases are not accepted\n  hint: write the value again",
        "p.yaml:7:1: a key must be a word or a date",
        "p.yaml:9:1: key `a` stands twice",
        "p.yaml:9:9: tags are not accepted\n  hint: write the plain value",
    ]


def test_marks_that_reorder_what_a_person_sees_are_refused() -> None:
    hint = "\n  hint: it makes text look like another; leave it out"
    assert problems_of("a: x\u202ey\nb: \u2066") == [
        f"p.yaml:1:5: a character is not accepted; found `U+202E`{hint}",
        f"p.yaml:2:4: a character is not accepted; found `U+2066`{hint}",
    ]


def test_aliases_and_tags_are_named_all_at_once() -> None:
    text = "a: &x [1]\nb: *x\nc: !!str 5\nd: !thing {e: 1}\nf: !!python/object/apply:os.system [ls]\n"
    assert problems_of(text) == [
        "p.yaml:2:4: aliases are not accepted\n  hint: write the value again",
        "p.yaml:3:4: tags are not accepted\n  hint: write the plain value",
        "p.yaml:4:4: tags are not accepted\n  hint: write the plain value",
        "p.yaml:5:4: tags are not accepted\n  hint: write the plain value",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [1\nb: 2", "p.yaml:2:2: not valid YAML: while parsing a flow sequence, did not find expected ',' or ']'"),
        (
            "a: 1\n---\nb: 2",
            "p.yaml:2:1: a second document; expected one document a file",
        ),
        ("a: 1\nb: \x07bell", "p.yaml:2:4: a character is not accepted; found `U+0007`"),
        ("? [a, b]\n: 1", "p.yaml:1:3: a key must be a word or a date"),
        ("a:\n  <<: {b: 1}", "p.yaml:2:3: value is not accepted; found `<<`\n  hint: put it in quotes"),
        (f"a: {'9' * 41}", "p.yaml:1:4: a number is too long; expected at most 40 digits"),
        (f"a: 0.{'9' * 5000}", "p.yaml:1:4: a number is too long; expected at most 40 digits"),
        (f"x: {'[' * 41}{']' * 41}", "p.yaml:1:44: nested too deeply; expected at most 40 levels"),
        (f"x: {'[' * 900}{']' * 900}", "p.yaml:1:44: nested too deeply; expected at most 40 levels"),
        ("x" * 4_000_001, "p.yaml: file is too large; found `4000001 characters`; expected at most 4000000"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, problem: str) -> None:
    assert (MAX_DEPTH, MAX_DIGITS, MAX_CHARACTERS) == (40, 40, 4_000_000)
    assert problems_of(text) == [problem]


def test_forty_levels_and_forty_digits_are_read() -> None:
    assert read_yaml(f"{'[' * 40}{'9' * 40}{']' * 40}", "p.yaml").value


def test_every_value_knows_its_place_and_an_unknown_path_the_place_of_its_parent() -> None:
    document = read_yaml("a:\n  - b: 1\n    2026-01-31: two\n", "p.yaml")
    assert document.place(("a",)) == Place("p.yaml", 2, 3)
    assert document.place(("a", 0, "b")) == Place("p.yaml", 2, 8)
    assert document.place(("a", 0, "2026-01-31")) == Place("p.yaml", 3, 17)
    assert document.place(("a", 0, "c", "d")) == Place("p.yaml", 2, 5)
    assert document.place(("z",)) == Place("p.yaml", 1, 1)


def test_every_value_that_does_not_fit_is_one_problem_at_its_place_in_plain_words() -> None:
    text = """\
titel: Shelf
items:
  - {name: 5, size: 3}
  - {name: lid, size: {a: 1}}
  - lamp
  - {size: true}
by_day:
  2026-01-31: {name: x, size: 1.5}
  someday: {name: y, size: 1}
"""
    assert misfits(text) == [
        "p.yaml:1:1: key `title` is missing",
        "p.yaml:3:12: `name`: input should be text; found `5`",
        "p.yaml:4:23: `size`: input should be a whole number, text, a date or a list",
        "p.yaml:5:5: `items`: input should be a set of keys; found `lamp`",
        "p.yaml:6:5: key `name` is missing",
        "p.yaml:6:12: `size`: input should be a whole number, text, a date or a list; found `true`",
        "p.yaml:8:31: `size`: input should be a whole number, text, a date or a list; found `1.5`",
        "p.yaml:9:3: `someday`: input should be a date; found `someday`",
        "p.yaml:1:1: unknown key `titel`\n  hint: did you mean `title`?",
    ]


@pytest.mark.parametrize("text", ["", "- 1", "word"])
def test_a_document_that_is_no_set_of_keys_is_refused(text: str) -> None:
    found: Mapping[str, Any] = {"": "; found `null`", "- 1": "", "word": "; found `word`"}
    assert misfits(text) == [f"p.yaml:1:1: input should be a set of keys{found[text]}"]
