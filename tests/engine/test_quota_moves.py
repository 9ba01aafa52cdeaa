"""Quota moves with the accounts, and not a cent is won or lost; amounts agree with the same division in fractions."""

from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.metrics.quota_moves import AccountMove, Worth, quota_moved, quotas_after

MILLION = 1_000_000_00


def tams(*values: int | None) -> dict[str, Worth]:
    return {f"A-{i}": Worth(value, None) for i, value in enumerate(values, 1)}


def test_an_account_takes_its_share_of_the_book_with_it() -> None:
    book = tams(4 * MILLION, 3 * MILLION, 1 * MILLION)
    assert quota_moved(2 * MILLION, book, {"A-1", "A-3"}) == {"A-1": MILLION, "A-3": MILLION // 4}


def test_odd_cents_go_to_the_largest_remainders() -> None:
    assert quota_moved(100, tams(1, 1, 1), {"A-1", "A-2", "A-3"}) == {"A-1": 34, "A-2": 33, "A-3": 33}
    assert quota_moved(100, tams(1, 2, 3), {"A-1", "A-2", "A-3"}) == {"A-1": 17, "A-2": 33, "A-3": 50}


@pytest.mark.parametrize(
    ("book", "moved"),
    [
        ({"A-1": Worth(None, 30), "A-2": Worth(50, 10)}, 75),  # T12, since one TAM is unknown
        ({"A-1": Worth(0, 30), "A-2": Worth(0, 10)}, 75),  # T12, since there is no TAM at all
        ({"A-1": Worth(0, None), "A-2": Worth(5, None)}, 0),
        ({"A-1": Worth(0, 0), "A-2": Worth(0, 0)}, None),
        ({"A-1": Worth(None, None), "A-2": Worth(5, 5)}, None),
        ({"A-1": Worth(None, 30), "A-2": Worth(5, -10)}, None),
        ({"A-2": Worth(5, 5)}, None),
    ],
)
def test_a_book_is_valued_by_one_measure_and_without_one_nobody_knows(
    book: Mapping[str, Worth], moved: int | None
) -> None:
    assert quota_moved(100, book, {"A-1"}) == (None if moved is None else {"A-1": moved})


REPS = ("E-1", "E-2", "E-3")


@st.composite
def companies(
    draw: st.DrawFn,
) -> tuple[dict[str, int | None], dict[str, dict[str, Worth]], list[AccountMove]]:
    quotas: dict[str, int | None] = {rep: draw(st.integers(0, 10**12)) for rep in REPS}
    books = {
        rep: {f"A-{rep}-{i}": Worth(draw(st.integers(1, 10**9)), None) for i in range(draw(st.integers(1, 6)))}
        for rep in REPS
    }
    moves = [
        AccountMove(account, rep, draw(st.sampled_from([other for other in REPS if other != rep])))
        for rep, book in books.items()
        for account in book
        if draw(st.booleans())
    ]
    return quotas, books, moves


@given(companies())
def test_the_sum_of_all_quotas_stays_the_same_to_the_cent(
    company: tuple[dict[str, int | None], dict[str, dict[str, Worth]], list[AccountMove]],
) -> None:
    quotas, books, moves = company
    after = quotas_after(quotas, books, moves)
    assert sum(q or 0 for q in after.values()) == sum(q or 0 for q in quotas.values())
    for rep in REPS:
        exact = Fraction(quotas[rep] or 0)
        for move in moves:
            book = books[move.donor]
            part = Fraction(
                (quotas[move.donor] or 0) * (book[move.account].tam or 0), sum(w.tam or 0 for w in book.values())
            )
            exact += part * ((move.receiver == rep) - (move.donor == rep))
        touched = sum(rep in (m.donor, m.receiver) for m in moves)
        assert abs((after[rep] or 0) - exact) <= touched
    assert quotas_after(quotas, books, moves[::-1]) == after


def test_who_gives_or_receives_an_unknown_amount_has_an_unknown_quota_and_nobody_else() -> None:
    quotas = {"E-1": None, "E-2": 100, "E-3": 100}
    books = {"E-1": tams(1), "E-3": {"B-1": Worth(1, None)}}
    assert quotas_after(quotas, books, [AccountMove("A-1", "E-1", "E-2")]) == {"E-1": None, "E-2": None, "E-3": 100}
    assert quotas_after(quotas, books, [AccountMove("B-1", "E-3", "E-4")]) == {
        "E-1": None,
        "E-2": 100,
        "E-3": 0,
        "E-4": None,
    }


def test_an_account_moves_once() -> None:
    with pytest.raises(ValueError, match="moves twice"):
        quotas_after({}, {}, [AccountMove("A", "E-1", "E-2"), AccountMove("A", "E-1", "E-3")])
