"""docs/policies.md is true: every key and effect is in it, its policies load, its expressions are told apart."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.examples import try_examples
from engine.ladders import LADDER_OF, relation_problems
from rules.check import compile_text
from rules.constants import FORMS
from rules.declaration_shapes import LineShape
from rules.kinds import KIND_OF_UNIT, Kind
from rules.load import example_problems, load_policies
from rules.operands import FORMULA_FORMS
from rules.problem import BadInput, Place
from rules.reader import scope_of
from rules.review_rules import review_fields, review_rules
from rules.rule_kind import EFFECTS, RuleKind
from rules.rule_source import ON_UNKNOWN, SUBJECTS
from rules.shapes import (
    CountShape,
    EffectiveShape,
    ExampleShape,
    ParameterShape,
    PolicyShape,
    ReviewRuleShape,
    RuleShape,
    ValueShape,
)
from rules.vocabulary import Subject
from rules.yaml_source import YamlShape, read_yaml, shaped

PAGE = "docs/policies.md"
SHAPES: Mapping[str, type[YamlShape]] = {
    "a policy": PolicyShape,
    "a parameter": ParameterShape,
    "a value": ValueShape,
    "a rule": RuleShape,
    "`effective`": EffectiveShape,
    "`count`": CountShape,
    "a line": LineShape,
    "an example": ExampleShape,
    "a decision's own rule": ReviewRuleShape,
}
"""Heading of a table of keys to the shape that it documents."""
KEY = re.compile(r"^\| `(\w+)` \| (yes|no) \|", re.MULTILINE)
EXPRESSION = re.compile(r"^(OK|NOT OK) +(.*?)(?: +# (.*))?$", re.MULTILINE)

Blocks = Callable[[str, str], list[Any]]


@pytest.fixture(scope="module")
def page(project: Path) -> str:
    return (project / PAGE).read_text("utf-8")


@pytest.fixture(scope="module")
def shipped(project: Path) -> list[tuple[str, str]]:
    return [(path.name, path.read_text("utf-8")) for path in sorted((project / "policies").glob("*.yaml"))]


def kinds_table() -> str:
    """Every kind of rule with its subjects, effects and ladder."""
    rows = ""
    for kind in RuleKind:
        subjects = ", ".join(s.value for s in SUBJECTS[kind])
        effects = " ".join(f"`{e.value}`" for e in EFFECTS[kind])
        ladder = " < ".join(LADDER_OF[kind].levels)
        rows += f"| `{kind.value}` | {subjects} | {effects} | {ladder} |\n"
    return f"| kind | subjects | effects | ladder, lowest answer first |\n|---|---|---|---|\n{rows}"


def unknown_table() -> str:
    """What an unknown condition does by default, for every effect."""
    effects = dict.fromkeys(effect for kind in RuleKind for effect in EFFECTS[kind])
    after = {effect: ON_UNKNOWN.get(effect) for effect in effects}
    rows = "".join(f"| `{e.value}` | {f'`{then.value}`' if then else 'stays open'} |\n" for e, then in after.items())
    return f"| effect | when its condition is unknown |\n|---|---|\n{rows}"


def units_table() -> str:
    """Every unit of a parameter with the kind that it becomes."""
    rows = "".join(f"| `{unit.value}` | {kind.value} |\n" for unit, kind in KIND_OF_UNIT.items())
    return f"| unit | kind |\n|---|---|\n{rows}"


def forms_table() -> str:
    """Every written constant with its kind."""
    rows = "".join(f"| `{example}` | {kind.value} |\n" for kind, _, example in FORMS.values())
    return f"| written | kind |\n|---|---|\n{rows}"


PARTS: Mapping[str, Callable[[], str]] = {
    "kinds": kinds_table,
    "on-unknown": unknown_table,
    "units": units_table,
    "constants": forms_table,
}


def test_its_tables_are_those_of_the_code(project: Path, fresh: Callable[..., bool]) -> None:
    """MERESTONE_UPDATE_GOLDEN=1 writes them anew."""
    assert fresh(project / PAGE, PARTS)


@pytest.mark.parametrize("heading", SHAPES)
def test_every_key_stands_and_whether_it_is_required(heading: str, page: str) -> None:
    section = page.split(f"\n### Keys of {heading}\n")[1].split("\n#", maxsplit=1)[0]
    fields = SHAPES[heading].model_fields
    assert dict(KEY.findall(section)) == {
        field.alias or name: "yes" if field.is_required() else "no" for name, field in fields.items()
    }


def test_its_policies_load_and_their_examples_hold(page: str, blocks: Blocks) -> None:
    written = blocks(page, "yaml")
    for i, block in enumerate(written):
        policies = load_policies([(f"block-{i}.yaml", block.text)])
        assert example_problems(policies) == ()
        assert relation_problems(policies) == []
        tried = try_examples(policies)
        assert [t.example.name for t in tried if not t.holds] == []
    assert len(written) > 1


def test_its_own_rules_of_a_decision_compile(page: str, blocks: Blocks, shipped: list[tuple[str, str]]) -> None:
    [block] = blocks(page, "yml")
    document = read_yaml(block.text, "decision.yaml")
    lists = {name: [shaped(_part(name, i, rule), ReviewRuleShape) for i, rule in enumerate(rules)]
             for name, rules in document.value.items()}  # fmt: skip
    parameters = load_policies(shipped).parameters()
    assert len(lists) == 2
    for rules in lists.values():
        assert review_rules([(rule, lambda _: Place("decision.yaml")) for rule in rules], parameters)


def _part(name: str, i: int, rule: object) -> Any:
    return type(read_yaml("{}", ""))(f"{name}[{i}]", rule, {})


def expressions(page: str, blocks: Blocks) -> list[tuple[str, str, str, str]]:
    """(subject, OK or NOT OK, expression, what the page says of the refusal)."""
    return [
        (block.about, found[1], found[2], found[3] or "")
        for block in blocks(page, "cel")
        for found in EXPRESSION.finditer(block.text)
    ]


def refusal(about: str, text: str, shipped: list[tuple[str, str]]) -> str:
    """The message that refuses an expression; empty where it is accepted."""
    parameters = load_policies(shipped).parameters()
    subject = Subject.COMPANY if about == "review" else Subject(about)
    extra = tuple(review_fields().values()) if about == "review" else ()
    scope = scope_of(subject, parameters, extra=extra)
    try:
        checked = compile_text(text, Place("policies.yaml"), scope)
    except BadInput as refused:
        return refused.problems[0].message
    return "" if checked.kind is Kind.BOOL else "a condition must be true or false"


def test_ok_expressions_compile_and_the_others_are_refused_as_it_says(
    page: str, blocks: Blocks, shipped: list[tuple[str, str]]
) -> None:
    found = expressions(page, blocks)
    assert {"OK", "NOT OK"} == {word for _, word, _, _ in found}
    assert {text: refusal(about, text, shipped) for about, word, text, _ in found if word == "OK"} == dict.fromkeys(
        (text for _, word, text, _ in found if word == "OK"), ""
    )
    assert {text: refusal(about, text, shipped) for about, word, text, _ in found if word == "NOT OK"} == {
        text: why for _, word, text, why in found if word == "NOT OK"
    }
    assert all(why for _, word, _, why in found if word == "NOT OK")


def test_every_function_is_named(page: str) -> None:
    names = ["has", *FORMS, *FORMULA_FORMS]
    assert [name for name in names if f"`{name}(" not in page] == []
