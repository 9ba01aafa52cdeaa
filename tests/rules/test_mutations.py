"""A policy file damaged in whatever way loads and means something, or is refused at a place, in plain words."""

import re
from datetime import date

import pytest

from cli.workspace import text_of
from rules.expression.term import Op
from rules.kinds import Kind
from rules.model.policy import PolicySet
from rules.problem import BadInput, Problem
from rules.reading.load import example_problems, load_policies
from tests.rules.mutations import MUTATIONS, mutant
from tests.rules.test_broken_packs import PACK

PYTHON = re.compile(r"Traceback|<class|Error\b|\bNone\b|\bTrue\b|\bFalse\b|Decimal\(|Shape\b|object at|Exception|__")
A_ROUND = 100


def refused(seed: int) -> bool:
    """Whether the mutant is refused, which it is in the right way; one that loads means something."""
    made = mutant(PACK, seed)
    told = f"{made.how}, seed {seed}"
    problems: tuple[Problem, ...] = ()
    try:
        require_well_formed(load_policies([("p.yaml", text_of(made.raw, "p.yaml"))]))
    except BadInput as bad:
        problems = bad.problems
    for problem in problems:
        assert problem.where.file == "p.yaml", told
        assert 1 <= (problem.where.line or 0) <= made.raw.count(b"\n") + 1, f"{told}: {problem}"
        # What the file says itself may be any word.
        own_words = re.sub(r"`[^`]*`", "", f"{problem.message} {problem.hint} {problem.expected}")
        assert not PYTHON.search(own_words), f"{told}: {own_words}"
        assert "\n" not in problem.message, told
    if made.line:
        lines = {problem.where.line for problem in problems}
        assert made.line in lines, f"{told}: line {made.line}, not {lines}"
    return bool(problems)


def require_well_formed(policies: PolicySet) -> None:
    """Raises AssertionError unless everything that loaded can be asked."""
    rules = policies.rules()
    assert len({rule.id for rule in rules}) == len(rules)
    for rule in rules:
        assert (rule.when is None) != (rule.count is None)
        assert rule.end is None or rule.start < rule.end
        if rule.when is not None:
            assert rule.when.kind is Kind.BOOL
            assert all(term.parts for term in rule.when.node.walk() if term.op in (Op.AND, Op.OR, Op.NOT))
    policies.values_at(date(2026, 6, 1))
    example_problems(policies)


@pytest.mark.parametrize("round_", range(20))
def test_a_damaged_file_loads_or_is_told_at_a_place_in_plain_words(round_: int) -> None:
    answers = [refused(seed) for seed in range(round_ * A_ROUND, (round_ + 1) * A_ROUND)]
    assert any(answers)


@pytest.mark.exhaustive
@pytest.mark.parametrize("round_", range(100))
def test_a_hundred_thousand_damaged_files_load_or_are_told_at_a_place(round_: int) -> None:
    first = 1_000_000 + round_ * 10 * A_ROUND
    answers = [refused(seed) for seed in range(first, first + 10 * A_ROUND)]
    assert any(answers)


def test_every_sort_of_damage_is_done() -> None:
    done = {mutant(PACK, seed).how for seed in range(500)}
    assert done == set(MUTATIONS)


def test_some_damage_leaves_a_policy() -> None:
    assert {refused(seed) for seed in range(50)} == {True, False}
