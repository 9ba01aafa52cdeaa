"""Moves approved before count in the state after all moves, each once, and only in a period that the file moves in."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.database import Database
from engine.facts import move_facts, protection_facts
from engine.metrics.approved_moves import APPROVED, load_approved_moves
from rules.problem import BadInput
from tests.engine import metrics_reference as reference
from tests.engine.metrics_cases import ACCOUNTS, REPS, books, known_on
from tests.engine.metrics_tables import NUMBERS, Tables, day, facts_of, load, rows, shuffled

AS_OF = day("2026-06-30")
TABLES: Tables = {
    "moves": rows("account from_rep to_rep effective", "a1 ann bob 2026-08-03"),
    "accounts": rows("account territory parent", "a1 east -", "a2 east a1", "a3 east -", "a4 east -"),
    "ownership": rows(
        "account rep start end",
        "a1 ann 2020-01-01 -",
        "a2 ann 2020-01-01 -",
        "a3 ann 2020-01-01 -",
        "a4 bob 2020-01-01 -",
    ),
    "potential": rows("account amount", "a1 100", "a2 100", "a3 100", "a4 100"),
    "capacity": rows("rep target_units", "ann 10", "bob 10"),
    "periods": rows("start end", "2026-07-01 2026-10-01"),
    "revenue": rows(
        "account rep territory booked_on amount", "a1 ann east 2025-07-01 700", "a2 ann east 2026-01-01 50"
    ),
}


@pytest.fixture(scope="module")
def db() -> Iterator[Database]:
    with Database() as opened:
        yield opened


def moves(db: Database, *approved: str, **changed: Any) -> dict[str, dict[str, Any]]:
    manifest = load(db, {**TABLES, **changed}, as_of=AS_OF)
    lines = rows("account from_rep to_rep effective", *approved)
    load_approved_moves(db, [(r["account"], r["from_rep"], r["to_rep"], r["effective"]) for r in lines])
    return facts_of(db, move_facts(db, manifest, NUMBERS, AS_OF))


def test_without_approved_moves_only_the_file_counts(db: Database) -> None:
    with_none = moves(db)["a1"]
    no_table = facts_of(db, move_facts(db, load(db, TABLES, as_of=AS_OF), NUMBERS, AS_OF))["a1"]
    assert with_none == no_table
    assert with_none["from_rep.accounts_given"] == 1
    assert with_none["account.family_split"] is True
    assert with_none["to_rep.utilisation_after"] == Fraction(2, 10)


def test_an_approved_move_of_the_period_counts_in_what_is_given_in_books_and_in_families(db: Database) -> None:
    """a2, child of a1 and worth 0.50, was given to Bob in July: with a1 and a4 he has three accounts then."""
    found = moves(db, "a2 ann bob 2026-07-15")
    assert set(found) == {"a1"}, "an approved move is no proposal"
    assert found["a1"]["from_rep.accounts_given"] == 2
    assert found["a1"]["from_rep.t12_given"] == 750
    assert found["a1"]["account.family_split"] is False
    assert found["a1"]["to_rep.accounts_after"] == 3
    assert found["a1"]["to_rep.utilisation_after"] == Fraction(3, 10)
    assert found["a1"]["from_rep.utilisation_after"] == Fraction(1, 10)


def test_a_move_of_another_period_does_not_count(db: Database) -> None:
    assert moves(db, "a2 ann bob 2026-10-01", "a3 ann bob 2026-06-30") == moves(db)


def test_a_move_in_both_counts_once_and_as_the_file_has_it(db: Database) -> None:
    assert moves(db, "a1 ann dee 2026-07-02") == moves(db)


def test_an_account_that_moves_again_in_another_quarter_was_given_in_each(db: Database) -> None:
    """Ann gave a2 to Bob in July; the file moves a1 in July and a2 on, from Bob to Dee, in November."""
    again = rows("account from_rep to_rep effective", "a1 ann bob 2026-08-03", "a2 bob dee 2026-11-02")
    found = moves(db, "a2 ann bob 2026-07-15", moves=again)
    assert found["a1"]["from_rep.accounts_given"] == 2
    assert found["a2"]["from_rep.accounts_given"] == 1
    assert found["a2"]["to_rep.accounts_after"] == 1
    assert found["a1"]["to_rep.accounts_after"] == 2


def test_of_two_approved_moves_of_an_account_the_later_says_whose_it_is(db: Database) -> None:
    """a2 goes to Bob in July and on to Dee in September; Ann gave a1 and a2."""
    for order in ((0, 1), (1, 0)):
        both = ("a2 ann dee 2026-07-15", "a2 dee bob 2026-09-15")
        found = moves(db, *(both[n] for n in order))["a1"]
        assert found["to_rep.accounts_after"] == 3
        assert found["from_rep.accounts_given"] == 2
    assert moves(db, "a2 ann bob 2026-07-15", "a2 bob dee 2026-09-15")["a1"]["to_rep.accounts_after"] == 2


def test_an_account_given_twice_in_a_quarter_is_one_account(db: Database) -> None:
    found = moves(db, "a2 ann dee 2026-07-15", "a2 dee ann 2026-08-15", "a2 ann bob 2026-09-15")["a1"]
    assert found["from_rep.accounts_given"] == 2
    assert found["from_rep.t12_given"] == 750


def test_an_approved_move_that_ownership_already_overtook_is_not_carried_out_again(db: Database) -> None:
    """Approved for 1 June and of the file's quarter; since 10 June a2 belongs to Dee, whoever decided that."""
    june = rows("account from_rep to_rep effective", "a1 ann bob 2026-06-29")
    owned = [*TABLES["ownership"][2:], *rows("account rep start end", "a1 ann 2020-01-01 -", "a2 dee 2026-06-10 -")]
    found = moves(db, "a2 ann bob 2026-06-01", moves=june, ownership=owned)
    assert found["a1"]["to_rep.accounts_after"] == 2
    assert found["a1"]["from_rep.accounts_given"] == 2


def test_a_second_load_replaces_the_first_and_the_same_row_twice_is_one(db: Database) -> None:
    row = ("a2", "ann", "bob", day("2026-07-15"))
    load_approved_moves(db, [("a3", "ann", "bob", day("2026-07-15"))])
    load_approved_moves(db, [row, row])
    assert db.rows(f"SELECT * FROM {APPROVED.name}") == [row]


def test_an_account_that_is_to_move_twice_on_a_day_is_refused_and_nothing_changes(db: Database) -> None:
    kept = [("a2", "ann", "bob", day("2026-07-15"))]
    load_approved_moves(db, kept)
    with pytest.raises(BadInput) as refused:
        load_approved_moves(db, [("a1", "ann", to, day("2026-07-15")) for to in ("dee", "bob")])
    assert [str(p) for p in refused.value.problems] == [
        "approved moves: account `a1` moves twice on 2026-07-15: `ann` to `bob` and `ann` to `dee`"
    ]
    assert db.rows(f"SELECT * FROM {APPROVED.name}") == kept


APPROVALS = st.lists(
    st.fixed_dictionaries(
        {
            "account": st.sampled_from(ACCOUNTS),
            "from_rep": st.sampled_from(REPS),
            "to_rep": st.sampled_from(REPS),
            "effective": st.dates(date(2025, 4, 1), date(2025, 12, 31)),
        }
    ),
    max_size=6,
    unique_by=lambda row: (row["account"], row["effective"]),
)


@given(
    books(),
    APPROVALS,
    st.sampled_from([date(2025, 6, 30), date(2025, 8, 15)]),
    st.lists(st.integers(0, 50), min_size=8),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_after_state_agrees_with_the_loops_in_any_order(
    db: Database, tables: Tables, approved: list[dict[str, Any]], as_of: date, order: list[int]
) -> None:
    known = known_on({**tables, "periods": [], "approved_moves": approved}, as_of)
    manifest = load(db, shuffled(known, order), as_of=as_of)
    facts = facts_of(db, move_facts(db, manifest, NUMBERS, as_of))
    counted = [*known["moves"], *reference.counted_with(known)]
    accounts = sorted({r["account"] for name in ("ownership", "moves", "approved_moves") for r in known[name]})
    after = {a: reference.owner_after(known, a, as_of) for a in accounts}
    assert set(facts) == {m["account"] for m in known["moves"]}
    for move in known["moves"]:
        found = facts[move["account"]]
        quarter = reference.civil_quarter(move["effective"])
        given_away = {
            m["account"]
            for m in counted
            if m["from_rep"] == move["from_rep"] and reference.civil_quarter(m["effective"]) == quarter
        }
        assert found["from_rep.accounts_given"] == len(given_away)
        assert found["to_rep.accounts_after"] == sum(owner == move["to_rep"] for owner in after.values())
        worth = [reference.t12(known, as_of, "account", a) for a in given_away]
        assert found["from_rep.t12_given"] == (None if None in worth else sum(w for w in worth if w is not None))
    for rep, found in facts_of(db, protection_facts(db, manifest, NUMBERS, as_of)).items():
        assert found["rep.t12_reduction"] == reference.t12_reduction(known, rep, as_of)
