"""Every deal of a moving account has one row, closed or open, and no other deal has one."""

from collections.abc import Iterator
from typing import Any

import pytest

from engine.engines.embedded import Embedded
from engine.facts import opportunity_facts
from tests.engine.metrics_tables import NUMBERS, Tables, day, facts_of, load, rows

AS_OF = day("2026-06-30")
TABLES: Tables = {
    "moves": rows("account from_rep to_rep effective announced_on", "a1 ann bob 2026-08-03 2026-07-06"),
    "reps": rows("rep name hired_on left_on", "ann Ann 2020-01-01 2026-09-01"),
    "opportunities": rows(
        "opportunity account rep status stage_rank created_on closed_on amount last_changed_on",
        "o1 a1 ann open 4 2026-01-01 - 1050 2026-06-25",
        "o2 a1 cid won - 2026-01-01 2026-05-05 1150 -",
        "o3 a1 ann lost - 2026-01-01 2026-05-05 - -",
        "o4 a2 ann open 4 2026-01-01 - 1 -",
        "o5 - ann open 4 2026-01-01 - 1 -",
    ),
}


@pytest.fixture
def found() -> Iterator[dict[str, dict[str, Any]]]:
    with Embedded() as db:
        manifest = load(db, TABLES, as_of=AS_OF, scale=4)
        yield facts_of(db, opportunity_facts(db, manifest, NUMBERS, AS_OF))


def test_deals_of_moving_accounts_have_a_row_each(found: dict[str, dict[str, Any]]) -> None:
    assert set(found) == {"o1", "o2", "o3"}
    assert (
        found["o1"]
        | {
            "opportunity.created_on": day("2026-01-01"),
            "opportunity.closed_on": None,
            "opportunity.won": False,
            "opportunity.amount": 10,
            "opportunity.stage_rank": 4,
            "opportunity.last_changed_on": day("2026-06-25"),
            "opportunity.checked_on": AS_OF,
            "move.announced_on": day("2026-07-06"),
            "move.effective": day("2026-08-03"),
            "holder.left_on": day("2026-09-01"),
            "holder.rep": "ann",
        }
        == found["o1"]
    )


def test_only_a_won_deal_is_won_and_only_a_closed_one_has_its_day(found: dict[str, dict[str, Any]]) -> None:
    assert [found[o]["opportunity.won"] for o in ("o1", "o2", "o3")] == [False, True, False]
    assert found["o2"]["opportunity.closed_on"] == day("2026-05-05")
    assert found["o3"]["opportunity.amount"] is None


def test_half_a_cent_goes_to_the_even_one(found: dict[str, dict[str, Any]]) -> None:
    """0.1050 is 0.10 and 0.1150 is 0.12."""
    assert [found[o]["opportunity.amount"] for o in ("o1", "o2")] == [10, 12]


def test_an_original_rep_whom_nobody_knows_has_no_last_day(found: dict[str, dict[str, Any]]) -> None:
    assert found["o2"]["holder.rep"] == "cid"
    assert found["o2"]["holder.left_on"] is None


def test_a_deal_knows_its_account_and_what_its_original_rep_does() -> None:
    tables = {
        **TABLES,
        "accounts": rows("account territory size_segment", "a1 east SMB"),
        "territories": rows("territory name region", "east East North"),
        "reps": rows("rep name role manager quota_carrying", "ann Ann Overlay no yes"),
    }
    with Embedded() as db:
        found = facts_of(db, opportunity_facts(db, load(db, tables, as_of=AS_OF), NUMBERS, AS_OF))["o1"]
    assert (found["account.region"], found["account.size_segment"]) == ("North", "SMB")
    assert (found["holder.role"], found["holder.manager"], found["holder.quota_carrying"]) == ("Overlay", False, True)
    assert (found["opportunity.status"], found["move.from_rep"], found["move.to_rep"]) == ("open", "ann", "bob")
