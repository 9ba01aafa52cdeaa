"""A table of facts has every fact of its subject, exact and in lowest terms, and says which nobody can know and why."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from engine.canonical import TABLES
from engine.database import Database
from engine.engines.embedded import Embedded
from engine.facts import (
    Facts,
    company_facts,
    move_facts,
    opportunity_facts,
    protection_facts,
    set_company_fact,
    territory_facts,
)
from engine.intake.snapshot import Grade, Manifest
from rules.expression.term import RATIO_REACH
from rules.kinds import Kind, Value
from rules.problem import BadInput
from rules.vocabulary import FIELDS, Subject, unproduced
from tests.engine.metrics_tables import NUMBERS, day, facts_of, load, rows

AS_OF = day("2026-06-30")
Maker = Callable[[Database, Manifest, Mapping[str, Value], date], Facts]
MAKERS: Mapping[Subject, Maker] = {
    Subject.COMPANY: company_facts,
    Subject.TERRITORY: territory_facts,
    Subject.MOVE: move_facts,
    Subject.OPPORTUNITY: opportunity_facts,
    Subject.REP: protection_facts,
}
every_subject = pytest.mark.parametrize("subject", MAKERS, ids=lambda s: s.value)
UNPRODUCED = Path(__file__).parent.parent / "golden" / "unproduced-facts.txt"


@pytest.fixture
def db() -> Iterator[Database]:
    with Embedded() as opened:
        yield opened


@every_subject
def test_every_fact_of_the_vocabulary_has_its_column_in_order(db: Database, subject: Subject) -> None:
    facts = MAKERS[subject](db, load(db, {}, as_of=AS_OF), {}, AS_OF)
    expected = ["subject_id"]
    for field in FIELDS[subject]:
        expected += [f"{field.name}#n", f"{field.name}#d"] if field.kind is Kind.RATIO else [field.name]
    columns = [c for c in db.columns(facts.relation) if c != "effective"]
    assert columns == expected


@every_subject
def test_the_columns_have_the_types_that_conditions_expect(db: Database, subject: Subject) -> None:
    full = load(db, {name: [] for name in (*TABLES, "moves")}, as_of=AS_OF)
    facts = MAKERS[subject](db, full, NUMBERS, AS_OF)
    types = dict(
        db.rows("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = $1", [facts.relation])
    )
    sql = {Kind.TEXT: "VARCHAR", Kind.DATE: "DATE", Kind.BOOL: "BOOLEAN", Kind.LIST: "VARCHAR[]"}
    for field in FIELDS[subject]:
        if field.kind is Kind.RATIO:
            assert types[f"{field.name}#n"] == types[f"{field.name}#d"] == "HUGEINT"
        else:
            assert types[field.name] == sql.get(field.kind, "BIGINT"), field.name


@every_subject
def test_every_fact_that_needs_something_is_absent_from_an_empty_snapshot(db: Database, subject: Subject) -> None:
    facts = MAKERS[subject](db, load(db, {}, as_of=AS_OF), {}, AS_OF)
    needy = {f.name for f in FIELDS[subject] if f.needs or not f.produced_by}
    assert facts.absent == needy == set(facts.missing)


@every_subject
def test_of_a_full_snapshot_only_what_no_table_carries_is_absent(db: Database, subject: Subject) -> None:
    full = load(db, {name: [] for name in (*TABLES, "moves")}, as_of=AS_OF)
    facts = MAKERS[subject](db, full, NUMBERS, AS_OF)
    assert facts.absent == {f.name for f in unproduced(subject)}


def test_the_facts_that_nothing_produces_are_listed_and_the_list_must_shrink() -> None:
    """Take a name off when a module computes it. Nobody adds one: a new fact comes with what produces it."""
    listed = UNPRODUCED.read_text("utf-8").splitlines()
    found = [f"{subject.value} {field.name}" for subject in Subject for field in unproduced(subject)]
    added = [line for line in found if line not in listed]
    assert not added, "the list must shrink: a new fact comes with the module that produces it"
    produced = [line for line in listed if line not in found]
    assert not produced, "these are produced now: take them off the list"


def test_a_fact_is_said_to_be_produced_by_a_module_that_there_is(project: Path) -> None:
    modules = {field.produced_by for fields in FIELDS.values() for field in fields} - {""}
    assert [m for m in modules if not (project / f"{m.replace('.', '/')}.py").is_file()] == []


def test_a_fact_that_nothing_produces_says_so_in_words(db: Database) -> None:
    facts = territory_facts(db, load(db, {}, as_of=AS_OF), {}, AS_OF)
    assert facts.missing["territory.driving_hours"] == ("driving hours: nothing produces it yet",)


def test_missing_inputs_are_named_the_table_alone_where_there_is_none(db: Database) -> None:
    tables = {"reps": rows("rep name hired_on", "ann Ann 2020-01-01"), "quotas": [], "periods": []}
    facts = company_facts(db, load(db, tables, as_of=AS_OF), NUMBERS, AS_OF)
    assert facts.missing["company.attainment_spread"] == ("revenue.rep", "reps.manager", "reps.quota_carrying")
    assert facts.missing["company.headcount_turnover"] == ("reps.left_on", "reps.quota_carrying")
    assert facts.missing["company.open_requests"] == ("events",)


def test_a_column_that_the_manifest_does_not_name_is_absent_whatever_it_holds(db: Database) -> None:
    moves = rows("account from_rep to_rep effective", "a1 ann bob 2026-08-03")
    load(db, {"accounts": rows("account named", "a1 yes"), "moves": moves}, as_of=AS_OF)
    bare = load(db, {"moves": moves}, as_of=AS_OF)
    facts = move_facts(db, bare, {}, AS_OF)
    assert "account.named" in facts.absent
    assert facts_of(db, facts)["a1"]["account.named"] is None


def test_what_an_absent_input_would_count_is_unknown_and_not_zero(db: Database) -> None:
    """Without deals, owners, families and people there is no telling that there are none."""
    moves = rows("account from_rep to_rep effective", "a1 ann bob 2026-08-03")
    found = facts_of(db, move_facts(db, load(db, {"moves": moves}, as_of=AS_OF), {}, AS_OF))["a1"]
    for name in ("account.late_deals", "account.family_split", "from_rep.owns_account", "to_rep.has_quota"):
        assert found[name] is None, name
    assert found["from_rep.utilisation_after"] is None
    assert found["to_rep.accounts_after"] is None
    assert found["company.open_mergers"] is None


def test_a_column_that_the_moves_do_not_have_is_absent(db: Database) -> None:
    moves = rows("account from_rep to_rep effective", "a1 ann bob 2026-08-03")
    facts = move_facts(db, load(db, {"moves": moves}, as_of=AS_OF), {}, AS_OF)
    assert facts.missing["move.evidence"] == ("moves.evidence",)
    assert "move.effective" not in facts.absent
    assert set(facts_of(db, facts)) == {"a1"}


def test_every_parameter_that_a_definition_lacks_is_named_at_once(db: Database) -> None:
    full = load(db, {name: [] for name in (*TABLES, "moves")}, as_of=AS_OF)
    given: dict[str, Value] = {**NUMBERS, "tier_a_over": Fraction(1, 3)}
    del given["units_b"]
    with pytest.raises(BadInput) as refused:
        territory_facts(db, full, given, AS_OF)
    hint = "hint: `territory.workload_index` is defined with it"
    assert [str(p).replace("\n  ", " / ") for p in refused.value.problems] == [
        f"policies: parameter `tier_a_over` is not a whole number on 2026-06-30; found `1/3` / {hint}",
        f"policies: parameter `units_b` has no value on 2026-06-30 / {hint}",
    ]


def test_a_definition_that_no_fact_can_use_needs_no_parameter(db: Database) -> None:
    """Without potential there are no tiers, and nobody is asked where they begin."""
    tables = {"territories": rows("territory name named", "east East no")}
    found = facts_of(db, territory_facts(db, load(db, tables, as_of=AS_OF), {}, AS_OF))
    assert found["east"]["territory.named"] is False


def test_company_facts_can_be_filled_later_and_an_absent_one_stays_unknown(db: Database) -> None:
    full = load(db, {name: [] for name in TABLES}, as_of=AS_OF)
    facts = company_facts(db, full, NUMBERS, AS_OF)
    assert facts_of(db, facts)["company"]["company.candidate_territories"] is None
    set_company_fact(db, facts, "company.candidate_territories", 3)
    set_company_fact(db, facts, "company.candidate_share", Fraction(6, 18))
    found = facts_of(db, facts)["company"]
    assert found["company.candidate_territories"] == 3
    assert found["company.candidate_share"] == Fraction(1, 3)
    set_company_fact(db, facts, "company.candidate_share", None)
    assert facts_of(db, facts)["company"]["company.candidate_share"] is None
    absent = company_facts(db, load(db, {}, as_of=AS_OF), NUMBERS, AS_OF)
    set_company_fact(db, absent, "company.candidate_territories", 3)
    assert facts_of(db, absent)["company"]["company.candidate_territories"] is None
    with pytest.raises(KeyError):
        set_company_fact(db, facts, "company.nonsense", 1)


def test_a_number_beyond_the_largest_is_refused_and_not_cut(db: Database) -> None:
    facts = company_facts(db, load(db, {name: [] for name in TABLES}, as_of=AS_OF), NUMBERS, AS_OF)
    set_company_fact(db, facts, "company.candidate_share", Fraction(RATIO_REACH, RATIO_REACH - 1))
    assert facts_of(db, facts)["company"]["company.candidate_share"] == Fraction(RATIO_REACH, RATIO_REACH - 1)
    with pytest.raises(BadInput, match=r"`company\.candidate_share` of `company` cannot be compared exactly"):
        set_company_fact(db, facts, "company.candidate_share", Fraction(1, RATIO_REACH + 1))
    with pytest.raises(BadInput, match=r"found `1000000001`; expected whole numbers up to 10\^9"):
        set_company_fact(db, facts, "company.candidate_territories", 10**9 + 1)
    assert facts_of(db, facts)["company"]["company.candidate_share"] == Fraction(RATIO_REACH, RATIO_REACH - 1)


def test_an_amount_that_no_condition_can_hold_is_refused(db: Database) -> None:
    """Ten trillion, at a scale of two digits, is the most."""
    sale = rows("account territory rep booked_on amount", "- east - 2025-07-01 1000000000000000")
    tables = {"territories": rows("territory name named", "east East no"), "revenue": sale}
    facts = territory_facts(db, load(db, tables, as_of=AS_OF), NUMBERS, AS_OF)
    assert facts_of(db, facts)["east"]["territory.t12"] == 10**15
    one_more = rows("account territory rep booked_on amount", "- east - 2025-07-01 1")
    with pytest.raises(BadInput) as refused:
        territory_facts(db, load(db, {**tables, "revenue": [*sale, *one_more]}, as_of=AS_OF), NUMBERS, AS_OF)
    [problem] = refused.value.problems
    assert problem.message == "`territory.t12` of `east` cannot be compared exactly"
    assert (problem.found, problem.expected) == ("1000000000000001", "whole numbers up to 10^15")
    assert problem.hint == "numbers are too large or too varied: check `revenue` and the money scale of the mapping"


def test_every_fact_with_numbers_too_large_is_named_with_its_first_subject(db: Database) -> None:
    """Nine quintillions fit a source's column; their sum fits no BIGINT, and a stage of two billion no count."""
    most = 9 * 10**18
    tables = {
        "moves": rows("account from_rep to_rep effective", "a1 ann bob 2026-08-03", "a2 ann bob 2026-08-03"),
        "opportunities": rows(
            "opportunity account rep status amount stage_rank",
            f"o1 a1 ann open {most} 1",
            f"o2 a1 ann open {most} 2000000000",
            "o3 a2 ann open 5 1",
        ),
    }
    before = set(db.rows("SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'facts%'"))
    with pytest.raises(BadInput) as refused:
        opportunity_facts(db, load(db, tables, as_of=AS_OF), {}, AS_OF)
    assert [str(p).partition("; expected")[0] for p in refused.value.problems] == [
        f"snapshot: `opportunity.amount` of `o1` and 1 more cannot be compared exactly; found `{most}`",
        "snapshot: `opportunity.stage_rank` of `o2` cannot be compared exactly; found `2000000000`",
    ]
    assert set(db.rows("SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'facts%'")) == before
    sales = rows("account territory rep booked_on amount", *(["a1 east - 2025-07-01 " + str(most)] * 2))
    east = {"territories": rows("territory name named", "east East no"), "revenue": sales}
    with pytest.raises(BadInput, match=f"`{2 * most}`"):
        territory_facts(db, load(db, east, as_of=AS_OF), NUMBERS, AS_OF)


def test_earlier_facts_stay_as_they_were_when_later_ones_are_made(db: Database) -> None:
    """The same database is asked about one set of moves, then about another."""
    first = rows("account from_rep to_rep effective", "a1 ann bob 2026-08-03")
    second = rows("account from_rep to_rep effective", "a1 ann cid 2026-08-03", "a2 ann cid 2026-08-03")
    old = move_facts(db, load(db, {"moves": first}, as_of=AS_OF), {}, AS_OF)
    new = move_facts(db, load(db, {"moves": second}, as_of=AS_OF), {}, AS_OF)
    assert {a: f["move.to_rep"] for a, f in facts_of(db, old).items()} == {"a1": "bob"}
    assert {a: f["move.to_rep"] for a, f in facts_of(db, new).items()} == {"a1": "cid", "a2": "cid"}


def graded(manifest: Manifest, **grades: Grade) -> Manifest:
    sets = tuple(replace(d, grade=grades.get(d.table, d.grade)) for d in manifest.data_sets)
    return replace(manifest, data_sets=sets)


def test_facts_that_rest_on_less_than_measured_data_say_so(db: Database) -> None:
    full = load(db, {name: [] for name in (*TABLES, "moves")}, as_of=AS_OF)
    weak = graded(full, potential=Grade.PROXY, capacity=Grade.GUESS)
    assert territory_facts(db, full, NUMBERS, AS_OF).proxies == {}
    proxies = territory_facts(db, weak, NUMBERS, AS_OF).proxies
    assert proxies["territory.workload_index"] == proxies["territory.tam"] == "potential graded proxy"
    assert proxies["territory.utilisation"] == "potential graded proxy, capacity graded guess"
    assert "territory.t12" not in proxies
    assert set(protection_facts(db, weak, NUMBERS, AS_OF).proxies) == {
        "rep.tam_reduction", "rep.tam_before", "rep.tam_after", "rep.mean_tam",
    }  # fmt: skip
    pay = graded(full, ownership=Grade.ESTIMATE, compensation=Grade.ESTIMATE)
    proxies = protection_facts(db, pay, NUMBERS, AS_OF).proxies
    assert {name: words for name, words in proxies.items() if "_before" not in name and "_after" not in name} == {
        "rep.mean_tam": "ownership graded estimate",
        "rep.t12_reduction": "ownership graded estimate",
        "rep.tam_reduction": "ownership graded estimate",
        "rep.base_months": "compensation graded estimate",
        "rep.base_commission": "compensation graded estimate",
        "rep.base_earnings": "compensation graded estimate",
    }


def test_what_is_counted_over_territories_rests_on_what_territories_rest_on(db: Database) -> None:
    weak = graded(load(db, {name: [] for name in TABLES}, as_of=AS_OF), potential=Grade.PROXY)
    proxies = company_facts(db, weak, NUMBERS, AS_OF).proxies
    assert proxies["company.candidates_at_least"] == proxies["company.candidate_share"] == "potential graded proxy"
    assert "company.attainment_spread" not in proxies


def test_a_fact_that_nobody_can_know_is_no_proxy(db: Database) -> None:
    weak = graded(load(db, {"potential": []}, as_of=AS_OF), potential=Grade.PROXY)
    facts = territory_facts(db, weak, NUMBERS, AS_OF)
    assert facts.proxies == {}
    assert "territory.potential_index" in facts.absent


def test_ratios_stand_in_lowest_terms(db: Database) -> None:
    tables = {
        "accounts": rows("account territory", "a1 east", "a2 west"),
        "potential": rows("account amount", "a1 10000000", "a2 30000000"),
    }
    facts = territory_facts(db, load(db, tables, as_of=AS_OF), NUMBERS, AS_OF)
    index = '"territory.potential_index#n", "territory.potential_index#d"'
    assert db.rows(f"SELECT {index} FROM {facts.relation} ORDER BY subject_id") == [(1, 2), (3, 2)]
