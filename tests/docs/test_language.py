"""docs/language.md is true: its tables are what the checker answers, and its expressions are told apart as it says."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from rules.expression.calls import FUNCTIONS, METHODS
from rules.expression.check import Checked, Scope, compile_text
from rules.expression.operands import FORMULA_FORMS
from rules.expression.refusal import Reason
from rules.expression.term import Op
from rules.kinds import Kind
from rules.model.policy import PolicySet
from rules.problem import BadInput, Problem
from rules.reading.load import load_policies
from rules.reading.reader import scope_of, with_definitions
from rules.reading.review_rules import review_fields
from rules.vocabulary import Subject
from tests.docs import language_tables as tables

PAGE = "docs/language.md"
HEADS = {"kinds": "range of facts and parameters", "constants": "kind"}
EXPRESSION = re.compile(r"^(OK|NOT OK) +(.*?)(?: +# (.*))?$", re.MULTILINE)
REFUSED: Mapping[Reason, str] = {
    Reason.SYNTAX: 'account.tier = "A"',
    Reason.TOO_LARGE: "(" * 33 + "account.named" + ")" * 33,
    Reason.RESERVED: 'account.package == "A"',
    Reason.FLOAT: "to_rep.utilisation_after > 1.2",
    Reason.UNSIGNED: "account.late_deals > 3u",
    Reason.BYTES: '(account.named ? b"A" : b"B") == b"A"',
    Reason.NULL: "account.tier == null",
    Reason.MAP: '{"A": 1}',
    Reason.TYPE: "type(account.tier) == string",
    Reason.OPTIONAL: 'account.?tier == "A"',
    Reason.SELECTION: "size(to_rep.licences).x > 1",
    Reason.CHAINED: "1 < account.late_deals < 5",
    Reason.COMMENT: "account.named // for now",
    Reason.BIDI: 'account.territory == "a\u202eb"',
    Reason.NESTED_LIST: "account.territory in [to_rep.licences]",
    Reason.MIXED_LIST: '["A", 2].size() > 1',
    Reason.EMPTY_LIST: "account.tier in []",
    Reason.LIST_KIND: "account.tier in few",
    Reason.MIXED_BRANCHES: "(account.named ? few : much_revenue) > few",
    Reason.KIND: "account.t12 > 50000",
    Reason.UNIT: "to_rep.new_tam_share > wide",
    Reason.RANGE: "account.t12 * account.late_deals > much_revenue",
    Reason.DIVISOR: "100 / account.late_deals > 5",
    Reason.UNDEFINED: "account.late_deals > 1 / 0",
    Reason.CONSTANT: 'account.t12 > money("50000.001")',
    Reason.RESOLUTION: 'duration("1ns") < duration("1s")',
    Reason.ZONE: 'timestamp(0).getHours("Europe/Berlin") > 9',
    Reason.CONVERSION: 'string(account.late_deals) == "3"',
    Reason.PATTERN: r'account.territory.matches(r"\d+")',
    Reason.MACRO: "to_rep.licences.exists(few, few == 'gas')",
    Reason.UNKNOWN_NAME: 'account.teir == "A"',
    Reason.UNKNOWN_FUNCTION: 'account.territory.startWith("A")',
    Reason.MISPLACED: "has(account.tier)",
    Reason.OPTIONAL_FACT: "account.contract_end < move.effective",
}
"""An expression on a move for every class of refusals."""

Blocks = Callable[[str, str], list[Any]]


@pytest.fixture(scope="module")
def page(project: Path) -> str:
    return (project / PAGE).read_text("utf-8")


@pytest.fixture(scope="module")
def named(page: str, blocks: Blocks) -> PolicySet:
    """What the examples of the page name."""
    [block] = blocks(page, "yaml")
    return load_policies([("names.yaml", block.text)])


def scope(about: str, named: PolicySet) -> Scope:
    """`move` is a condition on a move, `formula rep` a line of a formula, `review` a decision's own rule."""
    formula, _, subject = about.rpartition(" ")
    extra = tuple(review_fields().values()) if about == "review" else ()
    found = scope_of(Subject.COMPANY if extra else Subject(subject), named.parameters(), extra=extra)
    terms = {d.name: d.checked.node for d in named.definitions() if d.subject.value == subject}
    return replace(with_definitions(found, terms), formulas=bool(formula))


def compiled(about: str, text: str, named: PolicySet) -> Checked | Problem:
    try:
        return compile_text(text, tables.NOWHERE, scope(about, named))
    except BadInput as refused:
        return refused.problems[0]


def expressions(page: str, blocks: Blocks) -> Iterator[tuple[str, str, str, str]]:
    """(what it is about, OK or NOT OK, expression, what the page says of the refusal)."""
    for block in blocks(page, "cel"):
        for found in EXPRESSION.finditer(block.text):
            yield block.about, found[1], found[2], found[3] or ""


def refusals_table(named: PolicySet) -> str:
    rows = ""
    for reason in Reason:
        problem = compiled("move", REFUSED[reason], named)
        assert isinstance(problem, Problem)
        assert problem.reason == reason.value
        text = REFUSED[reason].replace("\u202e", "⟨U+202E⟩")
        shown = f"{text[:3]}…{text[-3:]}" if len(text) > 70 else text
        cells = (reason.value, f"`{shown}`", problem.message, problem.hint)
        rows += f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"
    return f"| why | for example | what is said | hint |\n|---|---|---|---|\n{rows}"


def test_its_tables_are_those_of_the_code(
    project: Path, page: str, named: PolicySet, fresh: Callable[..., bool]
) -> None:
    """MERESTONE_UPDATE_GOLDEN=1 writes them anew; what a row means is kept."""
    rows: Mapping[str, Callable[[], Iterator[tuple[str, str]]]] = {
        "kinds": tables.kind_rows,
        "operators": tables.operator_rows,
        "constants": tables.constant_rows,
        "functions": tables.function_rows,
        "methods": tables.method_rows,
        "macros": tables.macro_rows,
        "formula functions": tables.formula_rows,
    }
    parts = {
        name: partial(tables.written_table, tuple(made()), page, HEADS.get(name, "takes and answers"))
        for name, made in rows.items()
    }
    assert fresh(project / PAGE, {**parts, "truth": tables.truth_table, "refusals": partial(refusals_table, named)})


def test_every_row_says_what_it_means(page: str) -> None:
    rows = [found for found in tables.ROW.finditer(page) if "generated" not in found[0]]
    assert len(rows) > len(FUNCTIONS) + len(METHODS)
    assert [found[1] for found in rows if found[1].startswith("`") and not found[2].strip()] == []


def test_ok_expressions_compile_and_the_others_are_refused_as_it_says(
    page: str, blocks: Blocks, named: PolicySet
) -> None:
    wrong = {}
    for about, word, text, why in expressions(page, blocks):
        found = compiled(about, text, named)
        said = found.message if isinstance(found, Problem) else ""
        if not said and isinstance(found, Checked) and not about.startswith("formula") and found.kind is not Kind.BOOL:
            said = "a condition must be true or false"
        if said != why or (word == "OK") is bool(said):
            wrong[text] = said
    assert wrong == {}


def test_every_operator_function_method_and_macro_is_shown_by_an_example(
    page: str, blocks: Blocks, named: PolicySet
) -> None:
    accepted = [(about, text) for about, word, text, _ in expressions(page, blocks) if word == "OK"]
    said = " ".join(text for _, text in accepted)
    functions = (*FUNCTIONS, *FORMULA_FORMS)
    assert [name for name in functions if not re.search(rf"(?<![.\w]){name}\(", said)] == []
    assert [name for name in METHODS if f".{name}(" not in said] == []
    checked = [found for about, text in accepted if isinstance(found := compiled(about, text, named), Checked)]
    assert {term.op for found in checked for term in found.node.walk()} >= set(Op) - {Op.LINE}
