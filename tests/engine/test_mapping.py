"""A mapping is read whole or refused with every problem it has, each with its place."""

import hashlib
import re
from pathlib import Path

import pytest

from engine.intake.mapping import load_mapping, source_columns
from rules.problem import BadInput

GOOD = """\
mapping: small
title: A small mapping
money: {currency: USD}
crediting: account owner
sources:
  people: {path: people.csv}
  area: {path: area.txt, quoting: none, delimiters: {field: "\\t"}, columns: [id, name]}
data_sets:
  reps:
    owner: sales-operations
    cadence: month
    from:
      - source: people
        joins: [{source: area, on: {place: id}}]
        where: {kind: rep, left: {is: empty}}
        columns:
          rep: id
          name: {join: [first, last]}
          region: area.name
"""


def problems(text: str) -> list[str]:
    with pytest.raises(BadInput) as error:
        load_mapping(text, "m.yaml")
    return [str(p) for p in error.value.problems]


def test_a_mapping_names_the_columns_it_reads_and_is_known_by_its_text() -> None:
    mapping = load_mapping(GOOD, "m.yaml")
    assert source_columns(mapping.shape) == {
        "area": ("id", "name"),
        "people": ("first", "id", "kind", "last", "left", "place"),
    }
    assert mapping.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()


def test_all_problems_of_references_come_at_once_with_their_places() -> None:
    bad = GOOD.replace("region: area.name", "region: area.nme").replace("rep: id", "repp: id").replace("reps:", "resp:")
    assert problems(bad) == ["m.yaml:10:5: unknown data set `resp`\n  hint: did you mean `reps`?"]
    bad = GOOD.replace("rep: id", "repp: id").replace("source: area", "source: aera").replace("kind: rep", "kind: []")
    assert problems(bad) == [
        "m.yaml:10:5: `reps` needs `rep`: id",
        "m.yaml:13:17: unknown source `aera`\n  hint: did you mean `area`?",
        "m.yaml:15:23: `kind` is compared with nothing",
        "m.yaml:17:17: unknown column `repp`\n  hint: did you mean `rep`?",
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("area.name", "area.nme", "unknown column of `area` `nme`\n  hint: did you mean `name`?"),
        ("rep: id", "rep: {column: id, format: '%Y'}", "`format` does not fit a column of type text"),
        ("rep: id", "rep: {column: id, constant: x}", "give exactly one of `column`, `join` and `constant`"),
        ("rep: id", "rep: {column: id, values: {a: b}, replace: {c: d}}", "give either `values` or `replace`"),
        ("rep: id", "rep: id\n          hired_on: {column: h, format: '%d.%m.%y'}", "not a date format"),
        ("left: {is: empty}", "left: {}", "give either `is` or `not`"),
        ("path: people.csv", "path: ../people.csv", "a path leads out of the source folder"),
        ("path: people.csv", "path: /etc/passwd", "a path leads out of the source folder"),
        ("path: people.csv", "path: p.csv, delimiters: {field: '||'}", "quoted cells need a field delimiter"),
        ("cadence: month", "cadence: monthly", "`cadence`: input should be 'day'"),
        ("cadence: month", "cadence: month\n    sql: select", "unknown key `sql`"),
        ("cadence: month", "cadence: month\n    dated: never", "`dated`: input should be true or false"),
        ("{currency: USD}", "{currency: USD, scale: 0}", "`scale` must not be below `minor_digits`"),
        ("columns: [id, name]", "columns: [id, id]", "column `id` stands twice"),
        ("  people: {", "  People: {", "not a name of a source"),
        ("crediting: account owner", "crediting: nobody", "`crediting`"),
        (
            "crediting: account owner",
            "crediting: account owner\nwindows: {w: {start: 2025-01-01, end: 2025-01-01}}",
            "window `w` ends before it starts",
        ),
        ("    from:\n", "    derive: {rule: next-start}\n    from:\n", "`next-start` takes `last_end`"),
        (
            "    from:\n",
            "    derive: {rule: calendar, first: 2025-01-01, months: 3, count: 4}\n    from:\n",
            "derives `periods`",
        ),
    ],
)
def test_a_mapping_that_does_not_hang_together_is_refused(old: str, new: str, words: str) -> None:
    assert old in GOOD
    assert any(words in p for p in problems(GOOD.replace(old, new)))


def test_a_required_column_is_filled_by_every_block_or_by_none() -> None:
    bad = (
        GOOD
        + """\
      - source: people
        columns: {rep: id}
"""
    )
    assert problems(bad) == ["m.yaml:10:5: `name` is required: fill it in every `from` or in none"]


def test_derivations_need_what_they_derive_from() -> None:
    bad = GOOD + "  ownership: {owner: x, cadence: day, derive: {rule: credited-seller}}\n"
    assert problems(bad) == ["m.yaml:20:47: `credited-seller` needs the data set `revenue`"]


def test_the_mapping_in_the_documentation_is_one(project: Path) -> None:
    text = re.search(r"```yaml\n(.*?)```", (project / "docs" / "mapping.md").read_text(), re.DOTALL)
    assert text
    assert load_mapping(text[1], "docs/mapping.md").shape.mapping == "example"


@pytest.mark.parametrize("name", ["adventureworks", "maven-crm", "salesforce"])
def test_shipped_mappings_are_sound_and_named_by_their_file(project: Path, name: str) -> None:
    file = project / "policies" / "mappings" / f"{name}.yaml"
    assert load_mapping(file.read_text(), file.name).shape.mapping == name
