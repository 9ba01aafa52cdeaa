"""A quartile is a quarter of the region's ranked reps, rounded up, ties in; fewer than four have none."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from engine.database import Database
from engine.engines.embedded import Embedded
from engine.facts import company_facts, move_facts
from tests.engine.metrics_tables import NUMBERS, day, facts_of, load, rows

AS_OF = day("2026-06-30")
QUARTERS = ("2025-04-01 2025-07-01", "2025-07-01 2025-10-01", "2025-10-01 2026-01-01", "2026-01-01 2026-04-01",
            "2026-04-01 2026-07-01")  # fmt: skip


@pytest.fixture
def db() -> Iterator[Database]:
    with Embedded() as opened:
        yield opened


def company(sold: Sequence[int], *, left: str = "-", closed: str = "-") -> dict[str, list[dict[str, Any]]]:
    """Reps r0, r1, … of one region who sold so much in each quarter against a quota of 100; the first may have left."""
    people = [f"r{i} R no yes 2020-01-01 {left if i == 0 else '-'} North" for i in range(len(sold))]
    spans = [q.split() for q in QUARTERS]
    return {
        "reps": rows("rep name manager quota_carrying hired_on left_on region", *people),
        "periods": rows("start end", *QUARTERS),
        "quotas": rows("rep start end amount", *(f"r{i} {a} {b} 100" for i in range(len(sold)) for a, b in spans)),
        "revenue": rows(
            "booking booked_on amount rep",
            *(f"b{i}{a} {a} {amount} r{i}" for i, amount in enumerate(sold) for a, _ in spans),
        ),
        "events": rows("event kind happened_on rep closed_on", f"e1 departure 2026-05-11 r0 {closed}"),
        "moves": rows("account from_rep to_rep effective", *(f"a{i} zed r{i} 2026-08-03" for i in range(len(sold)))),
    }


def top(db: Database, tables: dict[str, list[dict[str, Any]]]) -> object:
    found = facts_of(db, company_facts(db, load(db, tables, as_of=AS_OF), NUMBERS, AS_OF))["company"]
    return found["company.open_departures_top_quartile"]


@pytest.mark.parametrize(
    ("sold", "count"),
    [
        ((90, 80, 70, 60), 1),
        ((80, 90, 70, 60), 0),
        ((90, 90, 70, 60), 1),
        ((80, 90, 70, 60, 50), 1),  # a quarter of five is two
        ((70, 90, 80, 60, 50), 0),
        ((90, 80, 70), None),
    ],
)
def test_a_departure_counts_if_the_rep_ranked_in_the_top_quartile(
    db: Database, sold: Sequence[int], count: int | None
) -> None:
    assert top(db, company(sold, left="2026-05-20")) == count


def test_the_rank_is_that_of_the_last_day_and_not_of_today(db: Database) -> None:
    """r0 was ahead until the second quarter of 2026, which was not full when r0 left."""
    tables = company((90, 80, 70, 60), left="2026-05-20")
    late = [{**s, "amount": 1} if s["rep"] == "r0" and s["booked_on"] >= day("2026-04-01") else s
            for s in tables["revenue"]]  # fmt: skip
    assert top(db, {**tables, "revenue": late}) == 1


def test_a_departure_that_was_answered_or_names_nobody_is_not_one_of_the_best(db: Database) -> None:
    assert top(db, company((90, 80, 70, 60), left="2026-05-20", closed="2026-06-01")) == 0
    nobody = {**company((90, 80, 70, 60)), "events": rows("event kind happened_on rep", "e1 departure 2026-05-11 -")}
    assert top(db, nobody) is None


def test_a_receiving_rep_of_the_bottom_quartile_is_known(db: Database) -> None:
    manifest = load(db, company((90, 80, 70, 60, 60)), as_of=AS_OF)
    found = facts_of(db, move_facts(db, manifest, NUMBERS, AS_OF))
    assert [found[f"a{i}"]["to_rep.bottom_quartile"] for i in range(5)] == [False, False, False, True, True]
    three = facts_of(db, move_facts(db, load(db, company((90, 80, 70)), as_of=AS_OF), NUMBERS, AS_OF))
    assert {f["to_rep.bottom_quartile"] for f in three.values()} == {None}
