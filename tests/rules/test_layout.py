"""A policy file is laid out canonically: it says what it said, with its comments; a second time changes nothing."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.problem import BadInput
from rules.reading.layout import WIDTH, laid_out
from rules.reading.load import load_policies
from rules.reading.yaml_source import read_yaml

SHIPPED = sorted((Path(__file__).parents[2] / "policies").glob("*.yaml"))
WRITTEN = """\
# Rules of engagement.
policy:   moves     # its name
title: Moves
owner: 'sales-operations'

parameters:
    cooldown: {unit: days, values: {2026-01-01: {value: 180, assumption: "two quarters, because nobody ever wrote down how long an account rests"}}}
rules:
  # The first.
  - id: R02
    when: >-
      has(account.last_moved_on)
       && (move.effective<account.last_moved_on+cooldown)  ||  account.tier in ['A','B'] && account.t12 > money("1000000")
    effect: deny
    until: move.effective   +   cooldown
    examples:
    - {name: "one",
       given: {account.tier: A, when: "not an  expression"}}
"""  # noqa: E501 -- the layout is there to break such lines
LAID_OUT = """\
# Rules of engagement.
policy: moves       # its name
title: Moves
owner: 'sales-operations'

parameters:
  cooldown:
    unit: days
    values:
      2026-01-01: {value: 180, assumption: "two quarters, because nobody ever wrote down how long an account rests"}
rules:
  # The first.
  - id: R02
    when: |-
      (has(account.last_moved_on) && move.effective < account.last_moved_on + cooldown)
      || (account.tier in ["A", "B"] && account.t12 > money("1000000"))
    effect: deny
    until: move.effective + cooldown
    examples:
      - {name: "one", given: {account.tier: A, when: "not an  expression"}}
"""


def test_expressions_are_printed_long_lists_opened_and_comments_kept() -> None:
    assert laid_out(WRITTEN, "p.yaml") == LAID_OUT


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_laying_out_twice_changes_nothing_more(path: Path) -> None:
    once = laid_out(path.read_text("utf-8"), path.name)
    assert laid_out(once, path.name) == once


def test_shipped_policies_say_the_same_when_laid_out() -> None:
    written = [(p.name, p.read_text("utf-8")) for p in SHIPPED]
    before = load_policies(written)
    after = load_policies([(name, laid_out(text, name)) for name, text in written])
    for rule in before.rules():
        same = after.rule(rule.id)
        assert same is not None
        assert (rule.when and rule.when.node, rule.message) == (same.when and same.when.node, same.message)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_no_condition_that_could_be_broken_runs_past_the_line(path: Path) -> None:
    for line in laid_out(path.read_text("utf-8"), path.name).splitlines():
        assert len(line) <= WIDTH or not {" && ", " || "} & {line[i : i + 4] for i in range(len(line))}


WORDS = st.text("abc :#'\"-{}[]|>&", max_size=10)


@given(
    st.lists(st.tuples(WORDS, st.none() | st.booleans() | st.integers(-99, 99) | WORDS | st.lists(WORDS, max_size=3))),
    st.lists(st.sampled_from(["# one", "#two", "# a: b", "# - c"]), max_size=3),
)
def test_whatever_a_file_holds_its_values_and_comments_survive(
    pairs: list[tuple[str, object]], comments: list[str]
) -> None:
    lines = [f"{json.dumps(f'k{i}{key}')}: {json.dumps(value)}" for i, (key, value) in enumerate(pairs)]
    text = "\n".join([*comments, *lines, *comments]) + "\n"
    tidy = laid_out(text, "p.yaml")
    assert read_yaml(tidy, "p.yaml").value == read_yaml(text, "p.yaml").value
    assert [line for line in tidy.splitlines() if line.startswith("#")] == [*comments, *comments]
    assert laid_out(tidy, "p.yaml") == tidy


def test_an_expression_with_a_comment_of_its_own_stays_as_it_is() -> None:
    text = "when: |-\n  account.named // a comment\n  &&   account.named\n"
    assert laid_out(text, "p.yaml") == text


def test_a_syntax_error_is_told_at_its_place_and_nothing_is_laid_out() -> None:
    with pytest.raises(BadInput, match=r"p\.yaml:2:\d+: "):
        laid_out("a: 1\nwhen: a &&& b\n", "p.yaml")
