"""CEL's parser and checker on their own suites: what both languages read is the same tree, of the same type; what CEL
refuses is refused.

What is read and what is accepted is pinned in `tests/golden/cel-read.txt` and `tests/golden/cel-typed.txt`.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from rules.expression.check import compile_text
from rules.expression.printer import printed
from rules.expression.refusal import Reason
from rules.expression.scope import Scope
from rules.expression.syntax import parse
from rules.expression.tree import Method, Name, Node, Source, inner
from rules.kinds import Kind
from rules.problem import BadInput
from rules.vocabulary import Field
from tests.conformance.cel_dump import LOOPS, dump
from tests.conformance.cel_judged import FOREIGN_VARIABLE, HERE, Staged, fits
from tests.conformance.cel_stages import STAGES, conformance_trees, variables

CASES = {"parsing": 194, "checking": 135, "comprehension": 92}
TREES = 1000
FOLDED = {"-(42)", "-(0)"}
"""A negated constant is a constant here, as in CEL without the parentheses: the tree differs, the value does not."""


def read(text: str) -> Node:
    return parse(Source(text, HERE))


def is_accepted(text: str, scope: Scope) -> bool:
    try:
        compile_text(text, HERE, scope)
    except BadInput:
        return False
    return True


def names(node: Node) -> set[str]:
    """The names in a tree but those that a macro makes."""
    made = node.arguments[:1] if isinstance(node, Method) and node.name in LOOPS else ()
    found = {node.text} if isinstance(node, Name) else set[str]()
    return found.union(*map(names, inner(node))) - {each.text for each in made if isinstance(each, Name)}


def scopes(free: Iterable[str]) -> Iterator[Scope]:
    """The names as facts of every kind, which may be none or never are."""
    single = [(kind, None) for kind in Kind if kind not in (Kind.LIST, Kind.BYTES)]
    lists = [(Kind.LIST, of) for of in (Kind.BOOL, Kind.COUNT, Kind.TEXT)]
    for kind, of in (*single, *lists):
        for optional in (False, True):
            yield Scope({name: Field(name, kind, "any", of=of, optional=optional) for name in sorted(free)}, {})


def test_every_case_of_the_three_suites_is_run(stages: list[Staged]) -> None:
    assert {suite: sum(each.case.suite == suite for each in stages) for suite in STAGES} == CASES


def test_what_both_read_is_the_same_tree(stages: list[Staged]) -> None:
    compared = [each for each in stages if each.tree is not None and each.case.tree is not None]
    assert {each.case.name for each in compared if dump(each.tree) != each.case.tree} == set()  # type: ignore[arg-type]
    assert {each.case.suite for each in compared} == set(STAGES)


def test_what_both_read_of_the_conformance_suite_is_the_same_tree(cel_suites: Path) -> None:
    """In all its files, those of extensions too."""
    compared, other = 0, set()
    for text, tree in conformance_trees(cel_suites):
        try:
            ours = read(text)
        except BadInput:
            continue
        compared += 1
        if dump(ours) != tree:
            other.add(text)
    assert compared >= TREES
    assert other == FOLDED


def test_a_tree_written_out_and_read_again_is_cels_tree(stages: list[Staged]) -> None:
    for each in stages:
        if each.tree is not None and each.case.tree is not None:
            assert dump(read(printed(each.tree))) == each.case.tree


def test_what_cel_cannot_read_is_refused_whatever_its_names_stand_for(stages: list[Staged]) -> None:
    unreadable = [each for each in stages if each.case.tree is None]
    accepted = {
        each.case.name
        for each in unreadable
        for scope in scopes(names(each.tree) if each.tree else set())
        if is_accepted(each.case.text, scope)
    }
    assert accepted == set()
    assert {each.case.suite for each in unreadable} == set(STAGES)
    assert any(each.tree is not None for each in unreadable), "macros that CEL's parser refuses are read here first"


def test_what_cels_checker_refuses_is_refused(stages: list[Staged]) -> None:
    refused = [each for each in stages if each.case.type is None]
    assert {each.case.name for each in refused if each.checked is not None} == set()
    assert {each.case.suite for each in refused} == set(STAGES)


def test_what_is_accepted_has_the_type_that_cel_finds(stages: list[Staged]) -> None:
    accepted = [(each.case, each.checked) for each in stages if each.checked is not None]
    assert {
        case.name: case.type
        for case, checked in accepted
        if case.type is None or not fits(case.type, (checked.kind, checked.node.of))
    } == {}
    assert {case.suite for case, _ in accepted} == {"parsing", "checking"}, "CEL refuses the third without its macros"


def test_every_refusal_has_a_reason_and_what_cel_reads_is_no_matter_of_grammar(stages: list[Staged]) -> None:
    reasons = {reason.value for reason in Reason} | {FOREIGN_VARIABLE}
    for each in stages:
        assert (each.reason in reasons) == (each.checked is None), each.case.name
        if each.case.tree is not None:
            assert each.reason != Reason.SYNTAX.value, each.case.name


@pytest.mark.parametrize("golden", ["cel-read.txt", "cel-typed.txt"])
def test_the_cases_that_are_read_and_accepted_are_those_of_the_lists(
    stages: list[Staged], project: Path, golden: str
) -> None:
    page = project / "tests" / "golden" / golden
    found = [
        each.case.name
        for each in stages
        if (each.checked if golden == "cel-typed.txt" else each.tree and each.case.tree) is not None
    ]
    text = "".join(f"{name}\n" for name in found)
    if os.environ.get("MERESTONE_UPDATE_GOLDEN"):
        page.write_text(text, "utf-8")
    assert page.read_text("utf-8") == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a - b", "b - a"),
        ("a && b || c", "a && (b || c)"),
        ("a - b - c", "a - (b - c)"),
        ("m.all(v, v)", "m.exists(v, v)"),
        ("has(m.f)", "m.f"),
        ("'1'", "1"),
        ("b'a'", "'a'"),
        ("'\\u00e9'", "'e\\u0301'"),
        ("a.b(c)", "b(a, c)"),
        ("[a, b]", "[b, a]"),
    ],
)
def test_trees_that_differ_are_written_differently(one: str, other: str) -> None:
    assert dump(read(one)) != dump(read(other))


def test_a_wrong_acceptance_would_be_seen() -> None:
    assert sorted(names(read("m.map(v, v + w).size() > n.x && has(o.p)"))) == ["m", "n.x", "o.p", "w"]
    for text in ("m.size() > 0", "m.map(v, v).size() > 0", "has(m.x)", "!m", ".".join("m" * 32) + " == 1"):
        assert any(is_accepted(text, scope) for scope in scopes(names(read(text)))), text
    for text in ("has(m)", "m.map(__result__, __result__).size() > 0"):
        assert not any(is_accepted(text, scope) for scope in scopes(names(read(text)))), text


def test_variables_are_read_from_a_checked_tree() -> None:
    tree = "_&&_(\n  a.b~list(string)^a.b,\n  x~google.Message^x.count~int.more~map(int, int)\n)~bool^logical_and"
    found = variables(tree)
    assert found["a.b"] == (Kind.LIST, Kind.TEXT)
    assert found["x.count"] == (Kind.COUNT, None)
    assert sorted(found) == ["a.b", "x", "x.count", "x.count.more"]
    assert variables("__comprehension__(\n  // Variable\n  e,\n  e~int^e)~bool") == {}
