"""The order of files, of rules in a file, of rows and of facts never changes an outcome."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import engine.inference.inference
from engine.audit import audit
from engine.bulk.columns import WORDS
from engine.bulk.verdicts import verdicts
from engine.bulk.writing import verdict_rows
from engine.database import Database, quoted
from engine.inference.fact_encoding import Encoded, Encoding, Fact, encoded
from engine.inference.generic_rules import GENERIC_RULES
from engine.inference.inference import Inference, _Ruleset
from engine.inference.logic import Conclusion, Logic, Pattern
from engine.moves import check_moves
from rules.model.policy import PolicySet
from rules.reading.load import load_policies
from tests.engine.conftest import Loaded
from tests.engine.inference_oracle import expected, seeded, some_logic, some_pattern

JUNE = date(2026, 6, 30)


def shuffled(random: Random, things: Iterable[Any]) -> list[Any]:
    found = list(things)
    random.shuffle(found)
    return found


def concluded(logic: Logic, patterns: Iterable[Pattern]) -> list[Conclusion]:
    with Inference(logic) as inference:
        return [inference.conclude(pattern) for pattern in patterns]


@settings(max_examples=25)
@given(st.integers(0, 10**9))
def test_the_order_of_given_facts_never_matters(seed: int) -> None:
    """They are sorted, so that this is true of everything: here they come as they fall all the same."""
    random = seeded(seed)
    logic = some_logic(random)
    patterns = [some_pattern(random, logic) for _ in range(3)]

    def as_they_fall(encoding: Encoding, pattern: Pattern) -> Encoded:
        whole = encoded(encoding, pattern)
        return replace(whole, facts=tuple(shuffled(random, whole.facts)))

    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(engine.inference.inference, "encoded", as_they_fall)
        assert concluded(logic, patterns) == [expected(logic, pattern) for pattern in patterns]


@settings(max_examples=25)
@given(st.integers(0, 10**9))
def test_the_order_of_facts_in_every_batch_never_matters(seed: int) -> None:
    """Also of those that were concluded. A stage stays last: that is what a stage is."""
    random = seeded(seed)
    logic = some_logic(random)
    patterns = [some_pattern(random, logic) for _ in range(3)]
    tell = _Ruleset.tell

    def as_they_fall(ruleset: _Ruleset, facts: Iterable[Fact]) -> object:
        ordered = list(facts)
        stage = [fact for fact in ordered if fact[0] == "stage"]
        return tell(ruleset, [*shuffled(random, (fact for fact in ordered if fact[0] != "stage")), *stage])

    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(_Ruleset, "tell", as_they_fall)
        assert concluded(logic, patterns) == [expected(logic, pattern) for pattern in patterns]


@settings(max_examples=25)
@given(st.integers(0, 10**9))
def test_the_order_of_the_generic_rules_never_matters(seed: int) -> None:
    """The engine fires in the order in which rules were defined; nothing may hang on it."""
    random = seeded(seed)
    logic = some_logic(random)
    patterns = [some_pattern(random, logic) for _ in range(3)]
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(engine.inference.inference, "GENERIC_RULES", tuple(shuffled(random, GENERIC_RULES)))
        assert concluded(logic, patterns) == [expected(logic, pattern) for pattern in patterns]


def test_the_order_in_which_patterns_come_never_matters() -> None:
    """Nothing of one pattern is left when the next one comes."""
    for seed in range(10):
        random = seeded(seed)
        logic = some_logic(random)
        patterns = [some_pattern(random, logic) for _ in range(8)]
        there, back = concluded(logic, patterns), concluded(logic, patterns[::-1])
        assert there == back[::-1]


SECTIONS = ("rules", "conditions", "definitions", "deadlines", "parameters", "bindings")


def turned(random: Random, text: str) -> str:
    """The same policy file with everything that has a name in another order, down to the roles of a rule."""
    document = yaml.safe_load(text)
    for section in SECTIONS:
        match document.get(section):
            case list(entries):
                document[section] = [turned_entry(random, entry) for entry in shuffled(random, entries)]
            case dict(entries):
                document[section] = dict(shuffled(random, entries.items()))
    return yaml.safe_dump(dict(shuffled(random, document.items())), sort_keys=False, allow_unicode=True)


def turned_entry(random: Random, entry: Mapping[str, Any]) -> dict[str, Any]:
    sets = {name: shuffled(random, entry[name]) for name in ("roles", "defeats", "tags", "examples") if name in entry}
    return dict(shuffled(random, {**entry, **sets}.items()))


def pack(project: Path, random: Random | None = None) -> PolicySet:
    """The policies that ship; with `random` turned upside down, files included."""
    files = [(path.name, path.read_text("utf-8")) for path in sorted((project / "policies").glob("*.yaml"))]
    if random:
        files = [(name, turned(random, text)) for name, text in shuffled(random, files)]
    return load_policies(files)


def shuffle_rows(db: Database, tables: Iterable[str], seed: int) -> None:
    for table in tables:
        db.run(
            f"CREATE OR REPLACE TABLE {quoted(table)} AS SELECT * FROM {quoted(table)} ORDER BY hash(rowid + {seed})"
        )


def tables_of(db: Database) -> list[str]:
    return [name for (name,) in db.rows("SELECT table_name FROM duckdb_tables() ORDER BY table_name")]


CELLS = {"verdict": "", "rules": " ", "open": " ", "owed": "; ", "conflicts": "; ", "reported": " "}
"""Columns of a table of verdicts, with what stands between the entries of a cell."""


def answers(loaded: Loaded, policies: PolicySet) -> dict[str, dict[str, Any]]:
    """What the audit and the check of moves say, subject by subject."""
    db, manifest = loaded
    evaluation = check_moves(db, manifest, policies, JUNE)
    table = db.records(verdict_rows(verdicts(db, evaluation.question, evaluation.facts), key="account", words=WORDS))
    found = audit(db, manifest, policies, JUNE)
    return {
        "moves": {row["account"]: [as_set(row[column], between) for column, between in CELLS.items()] for row in table},
        "moves concluded": dict(evaluation.by_subject()),
        "territories": {outcome.id: (outcome.level, outcome.conclusion) for outcome in found.territories},
        "company": {"": (found.company.level, found.company.conclusion)},
    }


def as_set(cell: str, between: str) -> object:
    return sorted(cell.split(between)) if between else cell


@pytest.mark.parametrize("seed", range(1))
def test_files_rules_and_rows_of_the_shipped_pack_in_any_order_give_the_same_answers(
    seed: int, project: Path, shipped: PolicySet, sample_copy: Callable[[], Loaded]
) -> None:
    before = answers(sample_copy(), shipped)
    loaded = sample_copy()
    shuffle_rows(loaded[0], tables_of(loaded[0]), seed)
    assert answers(loaded, pack(project, seeded(seed))) == before
    assert {verdict for verdict, *_ in before["moves"].values()} == {"allow", "approval", "hold", "deny"}


def test_a_policy_turned_upside_down_is_another_text_of_the_same_policies(project: Path, shipped: PolicySet) -> None:
    other = pack(project, seeded(1))
    ids = [rule.id for rule in shipped.rules()]
    assert [rule.id for rule in other.rules()] != ids
    assert sorted(rule.id for rule in other.rules()) == sorted(ids)
