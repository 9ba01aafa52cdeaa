"""docs/facts.md is true: every fact of every subject, with its kind and unit, what it needs and what produces it."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from engine.canonical import MOVES
from rules.kinds import Unit
from rules.vocabulary import FIELDS, Field, Subject, unproduced
from rules.vocabulary.canonical_columns import TABLES

PAGE = "docs/facts.md"
HEAD = "| fact | kind | unit | meaning | needs | defined with | produced by |\n|---|---|---|---|---|---|---|\n"


@pytest.fixture(scope="module")
def page(project: Path) -> str:
    return (project / PAGE).read_text("utf-8")


def facts_table(subject: Subject) -> str:
    return HEAD + "".join(_row(field) for field in FIELDS[subject])


def _row(field: Field) -> str:
    kind = f"list of {field.of.value}" if field.of else field.kind.value
    unit = field.unit.value if field.unit is not Unit.NONE and field.unit.value != field.kind.value else ""
    optional = ", optional" if field.optional else ""
    needs, uses = (" ".join(f"`{name}`" for name in names) for names in (field.needs, field.uses))
    module = f"`{field.produced_by}`" if field.produced_by else "nothing yet"
    return f"| `{field.name}` | {kind}{optional} | {unit} | {field.meaning} | {needs} | {uses} | {module} |\n"


PARTS: Mapping[str, Callable[[], str]] = {
    f"facts {subject.value}": lambda subject=subject: facts_table(subject)  # type: ignore[misc] # mypy cannot infer a lambda's default
    for subject in Subject
}


def test_its_tables_are_those_of_the_code(project: Path, fresh: Callable[..., bool]) -> None:
    """MERESTONE_UPDATE_GOLDEN=1 writes them anew."""
    assert fresh(project / PAGE, PARTS)


@pytest.mark.parametrize("subject", Subject)
def test_every_fact_stands_in_the_section_of_its_subject(subject: Subject, page: str) -> None:
    section = page.split(f"<!-- generated: facts {subject.value} -->")[1].split("<!-- end -->", maxsplit=1)[0]
    said = dict(re.findall(r"^\| `([\w.]+)` \| (\w+)", section, re.MULTILINE))
    assert said == {field.name: field.kind.value for field in FIELDS[subject]}
    assert section.count("| nothing yet |") == len(unproduced(subject))


def test_what_a_fact_needs_is_a_data_set_or_a_column_of_one() -> None:
    tables = {**TABLES, MOVES.name: MOVES}

    def is_there(name: str) -> bool:
        table, _, column = name.partition(".")
        return table in tables and (not column or column in {c.name for c in tables[table].columns})

    named = {need for fields in FIELDS.values() for field in fields for need in field.needs}
    assert sorted(name for name in named if not is_there(name)) == []
