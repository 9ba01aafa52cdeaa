"""Every hazard of the list has a test that is there, and every test of hazards is of one."""

import ast
import os
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from engine.inference.generic_rules import GENERIC_RULES, counting_rules, quorum_rule
from tests.engine.inference_hazards import HAZARDS, Harm, Hazard

PLACES = ("test_inference*.py", "test_stratification.py", "test_logic_problems.py")


@cache
def functions(project: Path, *places: str) -> tuple[str, ...]:
    """The names of test functions in files of tests/engine."""
    files = (path for place in places for path in sorted((project / "tests" / "engine").glob(place)))
    trees = (ast.parse(path.read_text("utf-8")) for path in files)
    return tuple(node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: f"{hazard.harm.value}: {hazard.id}")
def test_a_hazard_says_what_it_is_and_its_tests_exist(hazard: Hazard, project: Path) -> None:
    assert hazard.says
    assert hazard.tests
    assert set(hazard.tests) <= set(functions(project, *PLACES))


def test_hazards_are_told_apart_and_of_every_harm_there_are_some() -> None:
    assert [key for key, n in Counter((h.harm, h.id) for h in HAZARDS).items() if n > 1] == []
    assert {hazard.harm for hazard in HAZARDS} == set(Harm)
    assert len({hazard.says for hazard in HAZARDS}) == len(HAZARDS)


def test_a_name_of_a_test_means_one_test(project: Path) -> None:
    named = Counter(name for name in functions(project, *PLACES) if name.startswith("test_"))
    assert [name for name, n in named.items() if n > 1] == []


DRIVING = {"test_the_adapter_only_drives"}
"""What is no hazard of the engine but a promise of ours: that nothing is inferred beside its rules."""


def test_every_test_of_hazards_is_of_a_hazard_of_the_list(project: Path) -> None:
    files = ("test_inference_hazards.py", "test_inference_engine.py", "test_inference_order.py")
    there = {name for name in functions(project, *files) if name.startswith("test_")}
    listed = {test for hazard in HAZARDS for test in hazard.tests}
    assert there - listed - DRIVING == {"test_a_policy_turned_upside_down_is_another_text_of_the_same_policies"}


def hazards_table() -> str:
    """The list as a table of Markdown."""
    rows = (f"| {h.harm.value} | {h.id} | {h.says} |" for h in HAZARDS)
    return "\n".join(["| harm | hazard | what the engine does |", "|---|---|---|", *rows]) + "\n"


def rules_table() -> str:
    """Every generic rule with its meaning, those that a policy adds behind."""
    rules = (*GENERIC_RULES, *counting_rules(1, 1, 3), quorum_rule(1, 2))
    rows = (f"| `{rule.name.partition('/')[0]}` | {rule.meaning} |" for rule in rules)
    return "\n".join(["| rule | says |", "|---|---|", *rows]) + "\n"


def test_the_page_prints_the_rules_and_the_hazards(project: Path) -> None:
    """MERESTONE_UPDATE_GOLDEN=1 writes them anew."""
    path, parts = project / "docs" / "inference.md", {"rules": rules_table(), "hazards": hazards_table()}
    page = made = path.read_text("utf-8")
    for name, part in parts.items():
        before, found, rest = made.partition(f"<!-- generated: {name} -->\n")
        assert found
        made = before + found + part + rest[rest.index("<!-- end -->") :]
    if os.environ.get("MERESTONE_UPDATE_GOLDEN"):
        path.write_text(made, "utf-8")
    assert path.read_text("utf-8") == made, "MERESTONE_UPDATE_GOLDEN=1 writes it anew"
    assert page.count("<!-- generated: ") == len(parts)
