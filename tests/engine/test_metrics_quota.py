"""Quota moves with the accounts, to the cent, and what one rep gives another receives."""

from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.database import Database
from engine.facts import move_facts
from engine.metrics.quota_moves import Worth, quota_moved
from tests.engine.metrics_tables import NUMBERS, day, facts_of, load, rows

AS_OF = day("2026-06-30")


def changes(tables: dict[str, list[dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    with Database() as db:
        return facts_of(db, move_facts(db, load(db, tables, as_of=AS_OF), NUMBERS, AS_OF))


def company(
    potentials: list[int | None], moved: list[bool], quota: int, other: int | None
) -> dict[str, list[dict[str, Any]]]:
    """ann owns accounts of these potentials and gives the moved ones to bob, who has another quota or none.

    The quotas are those of the quarter before: at the end of June nobody knows the next.
    """
    names = [f"a{i}" for i in range(len(potentials))]
    quotas = rows("rep start end amount", f"ann 2026-04-01 2026-07-01 {quota}")
    quotas += rows("rep start end amount", f"bob 2026-04-01 2026-07-01 {other}") if other is not None else []
    return {
        "moves": [
            {"account": a, "from_rep": "ann", "to_rep": "bob", "effective": day("2026-08-03")}
            for a, goes in zip(names, moved, strict=True)
            if goes
        ],
        "ownership": [{"account": a, "rep": "ann", "start": day("2020-01-01")} for a in names],
        "potential": [{"account": a, "amount": p} for a, p in zip(names, potentials, strict=True)],
        "periods": rows("start end", "2026-07-01 2026-10-01"),
        "quotas": quotas,
    }


def test_a_third_of_the_potential_takes_a_third_of_the_quota_along() -> None:
    found = changes(company([100, 200], [True, False], 90_000, 30_000))["a0"]
    assert found["from_rep.quota_change"] == Fraction(-1, 3)
    assert found["to_rep.quota_change"] == 1


def test_a_book_that_nothing_divides_has_an_unknown_change() -> None:
    found = changes(company([None, 200], [True, False], 90_000, 30_000))["a0"]
    assert found["from_rep.quota_change"] is None
    assert found["to_rep.quota_change"] is None


def test_a_receiver_without_a_quota_has_none_to_change() -> None:
    found = changes(company([100, 100], [True, False], 90_000, None))["a0"]
    assert found["from_rep.quota_change"] == Fraction(-1, 2)
    assert found["to_rep.quota_change"] is None


BOOK = st.lists(st.tuples(st.integers(0, 50), st.booleans()), min_size=1, max_size=6)


@settings(max_examples=15, deadline=None)
@given(BOOK, st.integers(1, 200), st.integers(1, 200))
def test_the_table_agrees_with_the_split_of_one_quota(book: list[tuple[int, bool]], quota: int, other: int) -> None:
    potentials, moved = [p for p, _ in book], [goes for _, goes in book]
    leaving = [f"a{i}" for i, goes in enumerate(moved) if goes]
    slow = quota_moved(quota, {f"a{i}": Worth(p, None) for i, p in enumerate(potentials)}, leaving)
    for found in changes(company([*potentials], moved, quota, other)).values():
        goes = None if slow is None else sum(slow.values())
        assert found["from_rep.quota_change"] == (None if goes is None else Fraction(-goes, quota))
        assert found["to_rep.quota_change"] == (None if goes is None else Fraction(goes, other))
