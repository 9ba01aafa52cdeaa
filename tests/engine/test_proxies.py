"""Numbers on weak evidence say so beside the number, an old evaluation answers for its own moves, nobody's territory is
not zero.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from engine.audit import audit
from engine.database import Database
from engine.evaluate import Evaluation, evaluate, question_of
from engine.explain import outcome_of, outcomes
from engine.facts import COMPANY_ID, move_facts, territory_facts
from engine.intake.snapshot import Grade, Manifest
from rules.model.policy import PolicySet
from rules.reading.load import load_policies
from rules.vocabulary import Subject, fields_of
from tests.engine.metrics_tables import NUMBERS, Tables, day, load, rows

AS_OF = day("2025-06-30")
BY_TAM = "share by TAM (assignments.share is absent)"
BEFORE = "policy: p\ntitle: t\nowner: o\nparameters: {}\nrules:\n"
RULE = "  - {{title: t, message: m, source: s, effective: {{from: 2000-01-01}}, {}}}\n"
QUARTERS = rows(
    "start end",
    "2024-07-01 2024-10-01",
    "2024-10-01 2025-01-01",
    "2025-01-01 2025-04-01",
    "2025-04-01 2025-07-01",
)
PEOPLE = rows(
    "rep name manager quota_carrying hired_on left_on",
    "ann Ann no yes 2020-01-01 -",
    "bob Bob no yes 2020-01-01 -",
)
TABLES: Tables = {
    "territories": rows("territory name named", "east East no", "west West no", "void Void no"),
    "accounts": rows("account territory", "a1 east", "a2 west"),
    "potential": rows("account amount", "a1 300", "a2 100"),
    "reps": PEOPLE,
    "periods": QUARTERS,
    "quotas": [{"rep": r["rep"], **q, "amount": 1000} for r in PEOPLE for q in QUARTERS],
    "revenue": rows(
        "account territory rep booked_on amount", "a1 east ann 2024-07-01 6000", "a2 west bob 2025-06-30 500"
    ),
    "assignments": rows("rep territory start end", "ann east 2024-01-01 -", "ann west 2024-01-01 -"),
}


@pytest.fixture
def db() -> Iterator[Database]:
    with Database() as opened:
        yield opened


def policies(*written: str, beside: Sequence[tuple[str, str]] = ()) -> PolicySet:
    return load_policies([*beside, ("test.yaml", BEFORE + "".join(RULE.format(rule) for rule in written))])


@pytest.fixture
def definitions(project: Path) -> Sequence[tuple[str, str]]:
    """The shipped parameters that facts are defined with."""
    return [("definitions.yaml", (project / "policies" / "definitions.yaml").read_text("utf-8"))]


def meanings(db: Database, manifest: Manifest, subject: str, condition: str) -> list[str]:
    """What stands beside the facts of a condition that holds for a territory."""
    known = policies(f"id: r, kind: trigger, subject: territory, when: '{condition}', effect: review")
    question = question_of(known, known.rules(day=AS_OF), fields_of(Subject.TERRITORY), AS_OF)
    outcome = outcome_of(evaluate(db, question, territory_facts(db, manifest, NUMBERS, AS_OF)), subject)
    assert outcome is not None
    return [fact.meaning for fact in outcome.fired[0].facts]


def graded(manifest: Manifest, table: str, grade: Grade) -> Manifest:
    sets = tuple(replace(d, grade=grade) if d.table == table else d for d in manifest.data_sets)
    return replace(manifest, data_sets=sets)


def test_a_proxy_stands_beside_its_number(db: Database) -> None:
    manifest = graded(load(db, TABLES, as_of=AS_OF), "potential", Grade.PROXY)
    condition = 'territory.attainment > percent("0") && territory.potential_index > percent("0") && !territory.named'
    assert meanings(db, manifest, "east", condition) == [
        f"actual in it by quota times share of its reps, T4Q; proxy: {BY_TAM}, potential graded proxy",
        "TAM by mean TAM; proxy: potential graded proxy",
        "a named-account territory",
    ]


def test_where_there_is_no_number_there_is_nothing_to_label(db: Database) -> None:
    manifest = load(db, {**TABLES, "potential": TABLES["potential"][:1]}, as_of=AS_OF)
    condition = 'territory.attainment > percent("0")'
    assert meanings(db, manifest, "east", condition) == ["actual in it by quota times share of its reps, T4Q"]


def test_an_evaluation_answers_for_its_own_moves_after_others_were_asked_about(db: Database) -> None:
    known = policies("id: r, kind: engagement, subject: move, when: 'move.to_rep == \"bob\"', effect: deny")
    question = question_of(known, known.rules(day=AS_OF), fields_of(Subject.MOVE), AS_OF)

    def asked(*moves: str) -> Evaluation:
        manifest = load(db, {"moves": rows("account from_rep to_rep effective", *moves)}, as_of=AS_OF)
        return evaluate(db, question, move_facts(db, manifest, NUMBERS, AS_OF))

    old = asked("a1 ann bob 2025-08-01", "a2 ann cid 2025-08-01")
    new = asked("a1 ann cid 2025-08-01", "a3 ann bob 2025-08-01")
    assert [(o.id, o.level) for o in outcomes(old)] == [("a1", "deny"), ("a2", "allow")]
    assert [(o.id, o.level) for o in outcomes(new)] == [("a1", "allow"), ("a3", "deny")]


def lowest_out_of_band(db: Database, beside: Sequence[tuple[str, str]], *assignments: str) -> object:
    """Balance metrics out of band in Bob's territories; he is far below Ann."""
    worked = {**TABLES, "assignments": rows("rep territory start end", *assignments)}
    known = policies(
        "id: c, kind: trigger, subject: company, when: 'company.reps_in_spread > 0', effect: review",
        "id: i, kind: indicator, subject: territory, group: low, when: 'territory.potential_index < percent(\"85\")'",
        "id: n, kind: trigger, subject: territory, effect: review, count: {group: low, at_least: 1}",
        beside=beside,
    )
    found = audit(db, load(db, worked, as_of=AS_OF), known, AS_OF)
    assert found.company.id == COMPANY_ID
    return found.case["company.lowest_territories_out_of_band"]


def test_metrics_out_of_band_are_counted_in_the_lowest_rep_s_territories(
    db: Database, definitions: Sequence[tuple[str, str]]
) -> None:
    assert lowest_out_of_band(db, definitions, "ann east 2024-01-01 -", "bob west 2024-01-01 -") == 1
    assert lowest_out_of_band(db, definitions, "ann west 2024-01-01 -", "bob east 2024-01-01 -") == 0


def test_where_the_lowest_rep_works_no_territory_the_count_is_unknown_and_not_zero(
    db: Database, definitions: Sequence[tuple[str, str]]
) -> None:
    assert lowest_out_of_band(db, definitions, "ann east 2024-01-01 -", "ann west 2024-01-01 -") is None
    assert lowest_out_of_band(db, definitions, "ann east 2024-01-01 -", "bob west 2024-01-01 2025-06-30") is None
    assert (
        lowest_out_of_band(db, definitions, "ann east 2024-01-01 -", "ann west 2024-01-01 -", "bob void 2024-01-01 -")
        is None
    )
