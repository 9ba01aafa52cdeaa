"""Facts of a move are those of the state after all moves, to the day and to the cent."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.database import Database
from engine.facts import move_facts
from rules.model.calendar import Calendar, Window
from tests.engine import metrics_reference as reference
from tests.engine.metrics_cases import REPS, books, known_on
from tests.engine.metrics_tables import NUMBERS, Tables, day, facts_of, load, rows, shuffled

AS_OF = "2026-06-30"
TABLES: Tables = {
    "moves": rows(
        "account from_rep to_rep effective requester",
        "a1 ann bob 2026-08-03 max",
        "a2 ann bob 2026-08-10 -",
        "a3 ann cid 2026-10-01 max",
    ),
    "accounts": rows(
        "account name territory parent size_segment named contract_end strategic_anchor",
        "a1 One east - enterprise yes 2026-12-31 yes",
        "a2 Two east a1 SMB no - no",
        "a3 Three east a1 SMB no - no",
        "a4 Four west - SMB no - no",
    ),
    "ownership": rows(
        "account rep start end",
        "a1 cid 2020-01-01 2026-03-02",
        "a1 ann 2026-03-02 -",
        "a2 ann 2020-01-01 2025-01-01",
        "a2 ann 2025-01-01 -",
        "a3 bob 2020-01-01 -",
        "a4 bob 2020-01-01 -",
    ),
    "reps": rows(
        "rep name manager quota_carrying hired_on left_on size_segment",
        "ann Ann no yes 2020-01-01 - -",
        "bob Bob no yes 2026-08-10 - enterprise",
        "cid Cid no no 2020-01-01 2026-10-01 -",
    ),
    "potential": rows("account amount", "a1 20000000", "a2 2500000", "a3 100", "a4 100"),
    "capacity": rows("rep target_units", "ann 10", "bob 5", "cid 0"),
    "periods": rows("start end", "2026-07-01 2026-10-01"),
    "quotas": rows("rep start end amount", "bob 2026-04-01 2026-07-01 1", "ann 2026-01-01 2026-04-01 1"),
    "revenue": rows(
        "account rep territory booked_on amount",
        "a1 ann east 2025-07-01 700",
        "a2 ann east 2026-06-30 50",
        "a9 ann - 2024-01-01 1",
    ),
    "opportunities": rows(
        "opportunity account rep status stage_rank created_on closes_on",
        "o1 a1 ann open 4 2026-01-01 2026-08-03",
        "o2 a1 ann open 6 2026-01-01 2026-11-01",
        "o3 a1 ann open 6 2026-01-01 2026-11-02",
        "o4 a1 ann open 3 2026-01-01 2026-09-01",
        "o5 a1 ann won 6 2026-01-01 2026-09-01",
        "o6 a1 ann open 6 2026-01-01 2026-08-02",
        "o7 a1 ann open - 2026-01-01 -",
    ),
    "events": rows("event kind happened_on closed_on", "e1 merger 2026-06-01 -"),
}


@pytest.fixture(scope="module")
def db() -> Iterator[Database]:
    with Database() as opened:
        yield opened


def moves(db: Database, tables: Tables, as_of: str = AS_OF) -> dict[str, dict[str, Any]]:
    return facts_of(db, move_facts(db, load(db, tables, as_of=day(as_of)), NUMBERS, day(as_of)))


@pytest.fixture(scope="module")
def found(db: Database) -> dict[str, dict[str, Any]]:
    return moves(db, TABLES)


def test_a_move_is_named_by_its_account_and_keeps_its_own_cells(found: dict[str, dict[str, Any]]) -> None:
    assert set(found) == {"a1", "a2", "a3"}
    assert found["a1"]["move.requester"] == "max"
    assert found["a2"]["move.requester"] is None
    assert found["a3"]["move.to_rep"] == "cid"
    assert found["a1"]["account.contract_end"] == day("2026-12-31")
    assert [found[a]["account.strategic_anchor"] for a in ("a1", "a2")] == [True, False]
    assert found["a1"]["company.open_mergers"] == 1


def test_the_day_of_the_period_counts_from_zero_and_is_unknown_outside_the_calendar(
    found: dict[str, dict[str, Any]],
) -> None:
    assert found["a1"]["move.day_of_period"] == 33
    assert found["a3"]["move.day_of_period"] is None


def test_what_is_given_is_counted_by_rep_and_quarter(found: dict[str, dict[str, Any]]) -> None:
    """Ann gives two accounts in the quarter from July and, as the calendar ends there, one in the civil one after."""
    assert [found[a]["from_rep.accounts_given"] for a in ("a1", "a2", "a3")] == [2, 2, 1]
    assert [found[a]["from_rep.t12_given"] for a in ("a1", "a2", "a3")] == [750, 750, 0]
    assert [found[a]["account.t12"] for a in ("a1", "a2", "a3")] == [700, 50, 0]


def test_tiers_come_from_potential(found: dict[str, dict[str, Any]]) -> None:
    assert [found[a]["account.tier"] for a in ("a1", "a2", "a3")] == ["A", "B", "C"]


def test_only_a_change_of_owner_is_a_move(found: dict[str, dict[str, Any]]) -> None:
    """a1 went from Cid to Ann; a2 only got a new row for Ann; a3 has its first owner."""
    assert found["a1"]["account.last_moved_on"] == day("2026-03-02")
    assert found["a2"]["account.last_moved_on"] is None
    assert found["a3"]["account.last_moved_on"] is None


def test_the_giving_rep_owns_the_account_or_does_not(found: dict[str, dict[str, Any]]) -> None:
    assert [found[a]["from_rep.owns_account"] for a in ("a1", "a2", "a3")] == [True, True, False]


def test_an_owner_owns_until_the_day_before_the_first_day_no_longer(db: Database) -> None:
    for end, owns in (("2026-06-30", False), ("2026-07-01", True)):
        owned = rows("account rep start end", f"a1 ann 2020-01-01 {end}")
        assert moves(db, {**TABLES, "ownership": owned})["a1"]["from_rep.owns_account"] is owns


def test_late_deals_close_from_the_effective_day_to_day_ninety(found: dict[str, dict[str, Any]]) -> None:
    """o1 on the day and o2 on day 90 count; a day later or earlier, an early stage, a won deal and no date do not."""
    assert found["a1"]["account.late_deals"] == 2
    assert found["a2"]["account.late_deals"] == 0


def test_a_family_is_split_when_parent_or_child_has_another_owner_afterwards(found: dict[str, dict[str, Any]]) -> None:
    """a1 and its child a2 go to Bob together, its child a3 to Cid."""
    assert [found[a]["account.family_split"] for a in ("a1", "a2", "a3")] == [True, False, True]


def test_books_after_all_moves(found: dict[str, dict[str, Any]]) -> None:
    """Bob then has a1 (3 units), a2 (2) and a4 (1) on 5; Ann has nothing left on 10; Cid's full book is 0 units."""
    assert found["a1"]["to_rep.utilisation_after"] == Fraction(6, 5)
    assert found["a1"]["from_rep.utilisation_after"] == 0
    assert found["a3"]["to_rep.utilisation_after"] is None
    assert [found[a]["to_rep.accounts_after"] for a in ("a1", "a3")] == [3, 1]


def test_an_account_of_the_book_without_potential_leaves_utilisation_unknown(db: Database) -> None:
    without = moves(db, {**TABLES, "potential": TABLES["potential"][:3]})
    assert without["a1"]["to_rep.utilisation_after"] is None
    assert without["a1"]["to_rep.accounts_after"] == 3


def test_the_receiving_rep_is_active_from_the_first_day_to_the_last(found: dict[str, dict[str, Any]]) -> None:
    """Bob starts on 2026-08-10, a week after the first move; Cid's first day away is 2026-10-01."""
    assert [found[a]["to_rep.active"] for a in ("a1", "a2", "a3")] == [False, True, False]
    assert [found[a]["to_rep.tenure"] for a in ("a1", "a2")] == [-7, 0]
    assert [found[a]["to_rep.quota_carrying"] for a in ("a1", "a3")] == [True, False]
    assert found["a1"]["to_rep.size_segment"] == "enterprise"


def test_a_quota_for_the_latest_known_period_is_enough_and_an_older_one_is_not(db: Database) -> None:
    assert [moves(db, TABLES)[a]["to_rep.has_quota"] for a in ("a1", "a3")] == [True, False]
    ann = {**TABLES, "moves": rows("account from_rep to_rep effective", "a3 bob ann 2026-08-01")}
    assert moves(db, ann)["a3"]["to_rep.has_quota"] is False
    past = {**TABLES, "moves": rows("account from_rep to_rep effective", "a3 bob ann 2026-03-31")}
    assert moves(db, past)["a3"]["to_rep.has_quota"] is True


def test_nothing_is_known_of_strangers(db: Database) -> None:
    stranger = {**TABLES, "moves": rows("account from_rep to_rep effective", "zz ann nobody 2026-08-03")}
    facts = moves(db, stranger)["zz"]
    for name in ("account.t12", "account.tier", "account.named", "to_rep.active", "to_rep.utilisation_after"):
        assert facts[name] is None, name
    assert facts["from_rep.t12_given"] is None
    both = rows("account from_rep to_rep effective", "zz ann bob 2026-08-03", "a1 ann bob 2026-08-03")
    assert moves(db, {**TABLES, "moves": both})["a1"]["from_rep.t12_given"] is None


def test_a_move_that_already_took_effect_is_not_its_own_predecessor(db: Database) -> None:
    after = {**TABLES, "moves": rows("account from_rep to_rep effective", "a1 cid ann 2026-03-02")}
    assert moves(db, after)["a1"]["account.last_moved_on"] is None


def test_without_an_effective_day_everything_that_hangs_on_it_is_unknown(db: Database) -> None:
    undated = {**TABLES, "moves": rows("account from_rep to_rep effective", "a1 ann bob -", "a2 ann bob 2026-08-03")}
    facts = moves(db, undated)["a1"]
    for name in (
        "move.day_of_period",
        "from_rep.accounts_given",
        "account.late_deals",
        "to_rep.active",
        "to_rep.has_quota",
    ):
        assert facts[name] is None, name


@given(books(), st.sampled_from([date(2025, 6, 30), date(2025, 7, 15)]), st.lists(st.integers(0, 50), min_size=7))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_after_state_agrees_with_the_loops_in_any_order(
    db: Database, tables: Tables, as_of: date, order: list[int]
) -> None:
    known = known_on(tables, as_of)
    manifest = load(db, shuffled(known, order), as_of=as_of)
    facts = facts_of(db, move_facts(db, manifest, NUMBERS, as_of))
    assert set(facts) == {m["account"] for m in known["moves"]}
    accounts = sorted({r["account"] for name in ("ownership", "moves") for r in known[name]})
    sizes = {rep: sum(reference.owner_after(known, a, as_of) == rep for a in accounts) for rep in REPS}
    for move in known["moves"]:
        found = facts[move["account"]]
        quarter = (move["effective"].year, (move["effective"].month - 1) // 3)
        together = [
            m["account"]
            for m in known["moves"]
            if m["from_rep"] == move["from_rep"] and (m["effective"].year, (m["effective"].month - 1) // 3) == quarter
        ]
        assert found["to_rep.accounts_after"] == sizes[move["to_rep"]]
        assert found["from_rep.accounts_given"] == len(together)
        owner = reference.owner_before(known, move["account"], as_of)
        assert found["from_rep.owns_account"] is (owner == move["from_rep"])
        given_away = [reference.t12(known, as_of, "account", a) for a in together]
        assert found["from_rep.t12_given"] == (
            None if None in given_away else sum(worth for worth in given_away if worth is not None)
        )


def test_an_account_is_known_with_its_place_plan_relationships_and_risk(db: Database) -> None:
    header = "account name territory parent industry required_licence has_plan relationships churn_risk"
    tables = {
        **TABLES,
        "moves": rows("account from_rep to_rep effective announced_on", "a1 ann bob 2026-08-17 2026-08-03"),
        "accounts": rows(header, "a1 One east - insurance broker yes 4 high"),
        "territories": rows("territory name region segmentation", "east East North vertical"),
    }
    found = facts_of(db, move_facts(db, load(db, tables, as_of=day(AS_OF)), NUMBERS, day(AS_OF)))["a1"]
    assert [found[f"account.{n}"] for n in ("territory", "region", "segmentation")] == ["east", "North", "vertical"]
    assert (found["account.has_plan"], found["account.relationships"], found["account.churn_risk"]) == (True, 4, "high")
    assert (found["account.industry"], found["account.required_licence"]) == ("insurance", "broker")
    assert (found["account.customer"], found["account.potential"], found["move.notice_days"]) == (True, 20000000, 14)
    assert (found["from_rep.name"], found["to_rep.name"]) == ("Ann", "Bob")


@pytest.mark.parametrize(
    ("held", "licences", "licensed"),
    [
        ("broker;banking", ["banking", "broker"], True),
        (" banking ; ", ["banking"], False),
        ("-", [], False),
    ],
)
def test_a_licence_is_held_or_not_and_no_licence_is_an_empty_list(
    db: Database, held: str, licences: list[str], licensed: bool
) -> None:
    people = [{"rep": "bob", "licences": None if held == "-" else held}]
    tables = {
        "moves": rows("account from_rep to_rep effective", "a1 ann bob 2026-08-17", "a2 ann bob 2026-08-17",
                      "a3 ann zed 2026-08-17"),
        "accounts": rows("account required_licence", "a1 broker", "a2 -", "a3 broker"),
        "reps": people,
    }  # fmt: skip
    found = facts_of(db, move_facts(db, load(db, tables, as_of=day(AS_OF)), NUMBERS, day(AS_OF)))
    assert found["a1"]["to_rep.licences"] == licences
    assert [found[a]["to_rep.licensed"] for a in ("a1", "a2", "a3")] == [licensed, True, None]


def test_a_receiving_rep_works_territories_that_are_cut_somehow_on_the_day(db: Database) -> None:
    tables = {
        "moves": rows("account from_rep to_rep effective", "a1 ann bob 2026-08-17", "a2 bob ann 2026-08-17"),
        "territories": rows("territory name segmentation", "n N named", "g G geographic", "v V vertical", "x X -"),
        "assignments": rows(
            "rep territory start end",
            "bob n 2020-01-01 -",
            "bob g 2020-01-01 2026-08-18",
            "bob v 2020-01-01 2026-08-17",
            "bob x 2020-01-01 -",
        ),
    }
    found = facts_of(db, move_facts(db, load(db, tables, as_of=day(AS_OF)), NUMBERS, day(AS_OF)))
    assert found["a1"]["to_rep.segmentations"] == ["geographic", "named"]
    assert found["a2"]["to_rep.segmentations"] == []


def test_new_potential_is_that_of_accounts_the_rep_did_not_own(db: Database) -> None:
    found = facts_of(db, move_facts(db, load(db, TABLES, as_of=day(AS_OF)), NUMBERS, day(AS_OF)))
    assert found["a1"]["to_rep.new_tam_share"] == Fraction(22500000, 22500100)
    assert found["a3"]["to_rep.new_tam_share"] == 1


def test_a_move_outside_of_its_window_waits_for_the_next(db: Database) -> None:
    calendar = Calendar(windows=(Window((1, 2, 3, 4), 1, 45),))
    moves = rows("account from_rep to_rep effective", "a1 ann bob 2026-08-03", "a2 ann bob 2026-09-07")
    manifest = load(db, {"moves": moves}, as_of=day(AS_OF))
    found = facts_of(db, move_facts(db, manifest, NUMBERS, day(AS_OF), calendar=calendar))
    assert [found[a]["move.in_window"] for a in ("a1", "a2")] == [True, False]
    assert [found[a]["move.next_window"] for a in ("a1", "a2")] == [None, day("2026-10-01")]
    always = facts_of(db, move_facts(db, manifest, NUMBERS, day(AS_OF)))
    assert [always[a]["move.in_window"] for a in ("a1", "a2")] == [True, True]
