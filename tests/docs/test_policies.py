"""docs/policies.md is true: every key, kind and effect is in it, its policies load, and their examples hold."""

import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic.fields import FieldInfo

from engine.examples import try_examples
from engine.inference.ladders import LADDER_OF, relation_problems
from rules.kinds import KIND_OF_UNIT
from rules.model.definition import HitPolicy, Rounding
from rules.model.extent import EXTENT_FACTS
from rules.model.metric import AS_OF, KEYS, Aggregate, State, way_to
from rules.model.rule_kind import EFFECTS, Effect, Mode, RuleKind, Severity
from rules.problem import BadInput, Place
from rules.reading import declaration_shapes as declared
from rules.reading import shapes
from rules.reading.load import example_problems, load_policies
from rules.reading.meanings import meanings
from rules.reading.review_rules import review_rules
from rules.reading.rule import ON_UNKNOWN, SUBJECTS
from rules.reading.yaml_source import YamlShape, read_yaml, shaped
from rules.vocabulary import Subject
from rules.vocabulary.canonical_columns import TABLES

PAGE = "docs/policies.md"
SHAPES: Mapping[str, type[YamlShape]] = {
    "a policy": shapes.PolicyShape,
    "a parameter": shapes.ParameterShape,
    "a value": shapes.ValueShape,
    "an override": shapes.OverrideShape,
    "a rule": shapes.RuleShape,
    "effective": shapes.EffectiveShape,
    "count": shapes.CountShape,
    "an example": shapes.ExampleShape,
    "a condition": declared.ConditionShape,
    "a derived value": declared.DeriveShape,
    "a case": declared.CaseShape,
    "a band": declared.BandShape,
    "a table": declared.TableShape,
    "a row": declared.RowShape,
    "an example of a name": declared.NamedExampleShape,
    "a metric": declared.MetricShape,
    "a formula": declared.FormulaShape,
    "a line": declared.LineShape,
    "the calendar": declared.CalendarShape,
    "a window": declared.WindowShape,
    "a deadline": declared.DeadlineShape,
    "a schedule": declared.ScheduleShape,
    "a slice": declared.SliceShape,
    "a binding": declared.BindingShape,
    "a decisions own rule": shapes.ReviewRuleShape,
}
"""Every shape, by what a generated part of the page calls it."""

CELLS = re.compile(r"(?<!\\)\|")
LAST = ("source", "assumption", "examples")
"""What many shapes have, after what is their own."""

Blocks = Callable[[str, str], list[Any]]


@pytest.fixture(scope="module")
def page(project: Path) -> str:
    return (project / PAGE).read_text("utf-8")


def part_of(page: str, name: str) -> str:
    return page.split(f"<!-- generated: {name} -->\n")[1].split("<!-- end -->", maxsplit=1)[0]


def said_of(page: str, name: str) -> Mapping[str, str]:
    """What the last cell of a row says, by its first cell."""
    rows = [CELLS.split(line) for line in part_of(page, name).splitlines()[2:]]
    return {row[1].strip(): row[-2].strip() for row in rows}


def table(head: str, rows: Iterable[str]) -> str:
    columns = head.count("|") - 1
    return f"{head}\n|{'---|' * columns}\n{''.join(f'{row}' + chr(10) for row in rows)}"


def keys_table(shape: type[YamlShape]) -> str:
    """Every key with the docstring of its attribute."""
    fields = sorted(shape.model_fields.items(), key=lambda item: item[0] in LAST)
    words = meanings(shape)
    rows = (
        (f"`{field.alias or name}`", "yes" if field.is_required() else _default(field), words.get(name))
        for name, field in fields
    )
    return table(
        "| key | required | meaning |",
        (f"| {key} | {need} | {_cell(meaning)} |" for key, need, meaning in rows),
    )


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    value = value.value if isinstance(value, Enum) else value
    shown = ", ".join(map(str, value)) if isinstance(value, list) else value
    return f"no: `{shown}`" if shown not in (None, "", {}) else "no"


def _cell(words: str | None) -> str:
    return " ".join((words or "").split()).replace("|", r"\|")


def kinds_table() -> str:
    """Every kind of rule with its subjects, effects and ladder."""
    rows = []
    for kind in RuleKind:
        subjects = ", ".join(s.value for s in SUBJECTS[kind])
        effects = " ".join(f"`{e.value}`" for e in EFFECTS[kind])
        rows.append(f"| `{kind.value}` | {subjects} | {effects} | {' < '.join(LADDER_OF[kind].levels)} |")
    return table("| kind | subjects | effects | ladder, lowest answer first |", rows)


def effects_table(said: Mapping[str, str]) -> str:
    """What an unknown condition does for every effect, and what else it may be told to do."""
    rows = []
    for effect in dict.fromkeys(effect for kind in RuleKind for effect in EFFECTS[kind]):
        then = ON_UNKNOWN.get(effect)
        default = f"`{then.value}`" if then else "stays open"
        name = f"`{effect.value}`"
        rows.append(f"| {name} | {default} | {choices(effect)} | {said.get(name, '')} |")
    return table("| effect | an unknown condition | `on_unknown` may be | meaning |", rows)


def choices(effect: Effect) -> str:
    """What a rule of that effect may write, as the refusal of something else lists it."""
    kind = next(kind for kind in RuleKind if effect in EFFECTS[kind])
    text = (
        "policy: p\ntitle: t\nowner: o\nrules:\n"
        f"  - {{id: R, title: t, kind: {kind.value}, subject: {SUBJECTS[kind][0].value}, effect: {effect.value}, "
        "effective: {from: 2026-01-01}, when: 'true', message: m, source: s, on_unknown: other}\n"
    )
    with pytest.raises(BadInput) as caught:
        load_policies([("p.yaml", text)])
    [said] = [p.expected for p in caught.value.problems if p.message == "not a choice here"]
    return said


def units_table() -> str:
    return table("| unit | kind |", (f"| `{unit.value}` | {kind.value} |" for unit, kind in KIND_OF_UNIT.items()))


def extents_table() -> str:
    rows = (
        f"| {subject.value} | {' | '.join(f'`{fact}`' if fact else '' for fact in facts)} |"
        for subject, facts in EXTENT_FACTS.items()
    )
    return table("| subject | region | size segment |", rows)


def words_table(head: str, words: type[Enum], said: Mapping[str, str]) -> str:
    """Every value of a key that is chosen from a list, with what the page says of it."""
    return table(f"| `{head}` | meaning |", (f"| `{w.value}` | {said.get(f'`{w.value}`', '')} |" for w in words))


def rows_table() -> str:
    """The tables whose rows belong to a subject."""
    rows = []
    for subject in (Subject.COMPANY, *KEYS):
        cells = (
            " ".join(f"`{name}`" for name in TABLES if way_to(subject, name, state) is not None) for state in State
        )
        rows.append(f"| {subject.value} | {' | '.join(cells)} |")
    return table(f"| subject | {' | '.join(f'`{state.value}`' for state in State)} |", rows)


def days_table() -> str:
    return table("| day | meaning |", (f"| `{name}` | {meaning} |" for name, meaning in AS_OF.items()))


def test_its_tables_are_those_of_the_code(project: Path, page: str, fresh: Callable[..., bool]) -> None:
    """MERESTONE_UPDATE_GOLDEN=1 writes them anew."""
    parts: dict[str, Callable[[], str]] = {
        "kinds": kinds_table,
        "effects": partial(effects_table, said_of(page, "effects")),
        "units": units_table,
        "extents": extents_table,
        "hit policies": partial(words_table, "hit", HitPolicy, said_of(page, "hit policies")),
        "aggregates": partial(words_table, "aggregate", Aggregate, said_of(page, "aggregates")),
        "rounding": partial(words_table, "round", Rounding, said_of(page, "rounding")),
        "rows": rows_table,
        "days": days_table,
        **{f"keys {name}": partial(keys_table, shape) for name, shape in SHAPES.items()},
    }
    assert fresh(project / PAGE, parts)


def test_every_shape_of_a_policy_file_has_its_table() -> None:
    below, seen = [shapes.PolicyShape], set()
    while below:
        shape: Any = below.pop()
        if isinstance(shape, type) and issubclass(shape, YamlShape):
            if shape not in seen:
                seen.add(shape)
                below.extend(field.annotation for field in shape.model_fields.values())  # type: ignore[misc] # any annotation
        else:
            below.extend(getattr(shape, "__args__", ()))
    assert seen <= set(SHAPES.values())
    assert len(seen) > 20


def test_every_key_and_word_has_a_meaning(page: str) -> None:
    names = ["effects", "hit policies", "aggregates", "rounding", *(f"keys {name}" for name in SHAPES)]
    empty = {name: [key for key, words in said_of(page, name).items() if not words.strip()] for name in names}
    assert {name: keys for name, keys in empty.items() if keys} == {}


def test_every_mode_and_severity_is_named(page: str) -> None:
    assert [word.value for word in (*Mode, *Severity) if not re.search(rf"`(mode: )?{word.value}`", page)] == []


def test_its_policies_load_and_their_examples_hold(page: str, blocks: Blocks) -> None:
    written = blocks(page, "yaml")
    for i, block in enumerate(written):
        policies = load_policies([(f"block-{i}.yaml", block.text)])
        assert example_problems(policies) == ()
        assert relation_problems(policies) == []
        tried = try_examples(policies)
        assert tried
        assert [(t.name, t.example.name, t.answer) for t in tried if not t.holds] == []
    assert len(written) > 5


def test_its_policies_show_every_section_of_a_file(page: str, blocks: Blocks) -> None:
    shown = {key for block in blocks(page, "yaml") for key in read_yaml(block.text, "block.yaml").value}
    assert shown == set(shapes.PolicyShape.model_fields)


def test_its_own_rules_of_a_decision_compile(page: str, blocks: Blocks) -> None:
    [block] = blocks(page, "yml")
    document = read_yaml(block.text, "decision.yaml")
    lists = {name: [shaped(_part(name, i, rule), shapes.ReviewRuleShape) for i, rule in enumerate(rules)]
             for name, rules in document.value.items()}  # fmt: skip
    assert len(lists) == 2
    for rules in lists.values():
        assert review_rules([(rule, lambda _: Place("decision.yaml")) for rule in rules], {})


def _part(name: str, i: int, rule: object) -> Any:
    return type(read_yaml("{}", ""))(f"{name}[{i}]", rule, {})


def test_its_links_lead_somewhere(page: str, project: Path) -> None:
    for target, anchor in re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", page):
        text = (project / "docs" / target).read_text("utf-8") if target else page
        heads = (found.lower() for found in re.findall(r"^#+ (.*)$", text, re.MULTILINE))
        anchors = {re.sub(r"[^\w -]", "", head).replace(" ", "-") for head in heads}
        assert not anchor or anchor in anchors, f"{target}#{anchor}"
