"""Every module is short, says what it is for, reads no clock, and the facts are never floating point."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.conftest import Module

LONGEST = 300
CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "os.environ",
    "os.getenv",
    "os.getcwd",
    "Path.cwd",
    "Path.home",
}
VAGUE = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "process", "data"}


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an attribute's expression; empty for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=inner, attr=name):
            return f"{dotted(inner)}.{name}"
        case _:
            return ""


def edge_reads(tree: ast.Module) -> Iterator[str]:
    """Where a module asks for the time, the environment or the working folder."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ".".join(dotted(node).split(".")[-2:]) in CLOCKS:
            yield f"line {node.lineno}: {dotted(node)}"


def floats(tree: ast.Module) -> Iterator[str]:
    """Where a module writes a floating-point number or makes one. How alike two words must be (`cutoff=`) is none."""
    words = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "cutoff"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float) and id(node) not in words:
            yield f"line {node.lineno}: {node.value}"
        if isinstance(node, ast.Call) and dotted(node.func) == "float":
            yield f"line {node.lineno}: float()"


def test_there_are_modules_in_every_package(modules: tuple[Module, ...]) -> None:
    assert {module.package for module in modules} == {"rules", "engine", "governance", "cli"}


def test_a_module_has_at_most_300_lines(modules: tuple[Module, ...]) -> None:
    long = {m.name: m.text.count("\n") for m in modules if m.text.count("\n") > LONGEST}
    assert long == {}


def test_a_module_says_what_it_is_for(modules: tuple[Module, ...]) -> None:
    assert [m.name for m in modules if not ast.get_docstring(m.tree)] == []


def test_a_modules_name_says_which_question_it_answers(modules: tuple[Module, ...]) -> None:
    assert [m.name for m in modules if m.name.rpartition(".")[2] in VAGUE] == []


def test_only_the_command_line_reads_clock_environment_and_working_folder(modules: tuple[Module, ...]) -> None:
    assert {m.name: found for m in modules if m.package != "cli" and (found := list(edge_reads(m.tree)))} == {}


def test_no_floating_point_exists_where_facts_and_conditions_are_made(modules: tuple[Module, ...]) -> None:
    inner = [m for m in modules if m.package in {"rules", "engine"}]
    assert {m.name: found for m in inner if (found := list(floats(m.tree)))} == {}


@pytest.mark.parametrize("line", ["datetime.now(UTC)", "dt.date.today()", "os.environ['A']", "pathlib.Path.cwd()"])
def test_a_read_of_the_edge_is_seen(line: str) -> None:
    assert list(edge_reads(ast.parse(line)))


@pytest.mark.parametrize("line", ["x = 0.1", "x = float('1')"])
def test_a_float_is_seen(line: str) -> None:
    assert list(floats(ast.parse(line)))
