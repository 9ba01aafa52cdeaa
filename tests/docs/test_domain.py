"""docs/domain.md is true: its rules and numbers are those of the shipped policies, and what code refers to is there."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from cli.workspace import POLICIES, read_policies
from rules.expression.check import Checked
from rules.kinds import KIND_OF_UNIT, shown
from rules.model.deadline import Deadline
from rules.model.definition import Definition, Formula, Origin
from rules.model.metric import Metric
from rules.model.parameter import Parameter
from rules.model.policy import PolicySet, Rule
from rules.model.rule_kind import Mode
from rules.model.schedule import Schedule

PAGE = "docs/domain.md"
LONGEST = 200
RULE_ID = re.compile(
    r"\b(?:T[1-8][a-z]?|TA\d\d|TR|TU|N[1-4][a-z]?|B1[a-z]?|BM\d|H[CT]\d|R\d\d[a-z]?|OB\d[a-z]?|M\d|Q\d|G\d\d|GV\d\d|CP\d|RV\d+)\b"
)
REFERENCE = re.compile(r"docs/domain\.md, (\d+(?:(?:, | and )\d+)*)")
HOUSE = "house"
Named = Definition | Formula | Deadline | Schedule | Metric
PAPER = "DOMAIN" + " section"
"""A reference to a paper that is not in the project."""


@pytest.fixture(scope="module")
def page(project: Path) -> str:
    return (project / PAGE).read_text("utf-8")


@pytest.fixture(scope="module")
def policies() -> PolicySet:
    return read_policies(POLICIES)


def number(parameter: Parameter) -> str:
    """Name and latest value: `cooldown` 180 days."""
    value = parameter.values[-1].value
    values = value if isinstance(value, tuple) else (value,)
    words = ", ".join(shown(v, KIND_OF_UNIT[parameter.unit], parameter.unit) for v in values)
    return f"`{parameter.name}` {words}"


def origin(source: str, assumption: str) -> str:
    """The documents that a source names, and `house` where something was assumed."""
    named = dict.fromkeys(part.partition(",")[0].strip() for part in source.split(";") if part.strip())
    return "; ".join([*named, *([HOUSE] if assumption else [])])


def expressions_of(rule: Rule) -> list[Checked]:
    return [checked for checked in (rule.when, rule.until, *(line.formula for line in rule.lines)) if checked]


def rules_table(policies: PolicySet, name: str) -> str:
    [policy] = [p for p in policies.policies if p.name == name]
    rows = "".join(_rule_row(rule, policies.parameters()) for rule in policy.rules)
    return f"| id | rule | effect | numbers | source |\n|---|---|---|---|---|\n{rows}"


def _rule_row(rule: Rule, parameters: Mapping[str, Parameter]) -> str:
    names = dict.fromkeys(name for checked in expressions_of(rule) for name in checked.parameters)
    numbers = [f"{rule.count.at_least} of group `{rule.count.group}`"] if rule.count else []
    numbers += [number(parameters[name]) for name in names]
    effect = rule.effect.value.replace("_", " ")
    effect += " " + ", ".join([*rule.defeats, *rule.roles]) if rule.defeats or rule.roles else ""
    effect += f": {rule.obligation}" if rule.obligation else ""
    waivable = f", waivable by {rule.waivable_by}" if rule.waivable_by else ""
    waivable += ", reported only" if rule.mode is Mode.REPORT else ""
    source = origin(rule.source, rule.assumption)
    return f"| {rule.id} | {rule.title} | {effect}{waivable} | {'; '.join(numbers)} | {source} |\n"


def bands_table(policies: PolicySet) -> str:
    """Every band with the fact and its two ends."""
    rows = "".join(
        f"| `{d.name}` | {d.title} | {_ends(d, policies.parameters())} | {origin(d.source, d.assumption)} |\n"
        for policy in policies.policies
        for d in policy.definitions
        if d.origin is Origin.BAND
    )
    return f"| band | of | ends | source |\n|---|---|---|---|\n{rows}"


def _ends(band: Definition, parameters: Mapping[str, Parameter]) -> str:
    return "; ".join(number(parameters[name]) for name in band.checked.parameters)


def names_table(policies: PolicySet) -> str:
    """Every other name that the policies give: conditions, classes, tables, formulas, deadlines, schedules, metrics."""
    named: list[tuple[str, Named]] = []
    for policy in policies.policies:
        named += [(d.origin.value, d) for d in policy.definitions if d.origin is not Origin.BAND]
        named += [("formula", f) for f in policy.formulas]
        named += [("deadline", d) for d in policy.deadlines]
        named += [("schedule", s) for s in policy.schedules]
        named += [("metric", m) for m in policy.metrics]
    rows = [(each.name, what, each.title, origin(each.source, each.assumption)) for what, each in named]
    lines = "".join(f"| `{name}` | {what} | {title} | {source} |\n" for name, what, title, source in rows)
    return f"| name | sort | meaning | source |\n|---|---|---|---|\n{lines}"


def definitions_table(policies: PolicySet) -> str:
    """Every parameter that neither a rule nor a band reads."""
    bands = [d.checked for policy in policies.policies for d in policy.definitions if d.origin is Origin.BAND]
    checked = [*bands, *(c for rule in policies.rules() for c in expressions_of(rule))]
    read = {name for each in checked for name in each.parameters}
    rows = "".join(
        f"| {number(p)} | {p.title} | {origin(p.values[-1].source, p.values[-1].assumption)} |\n"
        for p in policies.parameters().values()
        if p.name not in read
    )
    return f"| parameter | meaning | source |\n|---|---|---|\n{rows}"


def test_its_rules_and_numbers_are_those_of_the_policies(
    project: Path, policies: PolicySet, fresh: Callable[..., bool]
) -> None:
    """MERESTONE_UPDATE_GOLDEN=1 writes them anew."""
    parts = {f"rules {p.name}": lambda name=p.name: rules_table(policies, name) for p in policies.policies if p.rules}
    tables = {"definitions": definitions_table, "bands": bands_table, "names": names_table}
    parts |= {name: lambda table=table: table(policies) for name, table in tables.items()}
    assert fresh(project / PAGE, parts)


def test_it_names_every_shipped_rule_and_no_other(page: str, policies: PolicySet) -> None:
    shipped = {rule.id for rule in policies.rules()}
    assert set(RULE_ID.findall(page)) == shipped


def test_every_parameter_is_named(page: str, policies: PolicySet) -> None:
    assert [name for name in policies.parameters() if f"`{name}`" not in page] == []


def test_it_has_eleven_sections_and_stays_short_beside_its_tables(page: str) -> None:
    assert re.findall(r"^## (\d+)\. ", page, re.MULTILINE) == [str(n) for n in range(11)]
    assert re.sub(r"<!-- generated: .*?<!-- end -->", "", page, flags=re.DOTALL).count("\n") <= LONGEST


def test_every_section_that_code_refers_to_exists(project: Path, page: str) -> None:
    sections = set(re.findall(r"^## (\d+)\. ", page, re.MULTILINE))
    texts = [
        p.read_text("utf-8")
        for f in ("rules", "engine", "governance", "cli", "tests")
        for p in (project / f).rglob("*.py")
    ]
    named = {number for text in texts for found in REFERENCE.findall(text) for number in re.findall(r"\d+", found)}
    assert named
    assert named <= sections
    assert [text.splitlines()[0] for text in texts if PAPER in text] == []


def test_a_source_and_an_assumption_are_both_named() -> None:
    assert origin("Rebalancing Checklist, trigger 1; Planning Framework, workload", "why") == (
        "Rebalancing Checklist; Planning Framework; house"
    )
    assert origin("", "why") == "house"
