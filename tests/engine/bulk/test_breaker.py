"""A run is stopped just over a limit, never on it, and a file of few moves only where somebody asks for it."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from engine.bulk.breaker import DENIED, MOVED, Limit, stops

COUNTS = st.fixed_dictionaries({v: st.integers(0, 500) for v in ("deny", "hold", "approval", "allow")})


@given(COUNTS, st.integers(1, 2_000), st.fractions(0, 100))
def test_a_share_stops_a_run_if_and_only_if_it_is_larger_than_the_limit(
    counts: dict[str, int], accounts: int, percent: Fraction
) -> None:
    found = {stop.limit.what for stop in stops(counts, accounts, [Limit(DENIED, percent), Limit(MOVED, percent)])}
    moves = sum(counts.values())
    assert (DENIED in found) == (moves > 0 and Fraction(100 * counts["deny"], moves) > percent)
    assert (MOVED in found) == (Fraction(100 * (counts["allow"] + counts["approval"]), accounts) > percent)


def test_the_share_is_said_with_what_it_is_of_and_the_limit() -> None:
    counts = {"deny": 2, "allow": 1}
    words = [stop.words for stop in stops(counts, 8, [Limit(DENIED, Fraction(20)), Limit(MOVED, Fraction(25, 2))])]
    assert words == ["would deny 2 of 3 moves, 66.6 %; the limit is 20 %"]
    assert [stop.words for stop in stops(counts, 7, [Limit(MOVED, Fraction(25, 2))])] == [
        "would move 1 of 7 accounts, 14.2 %; the limit is 12.5 %"
    ]


def test_a_file_of_fewer_moves_than_the_limit_asks_for_is_let_through() -> None:
    assert not stops({"deny": 99}, 1_000, [Limit(DENIED, Fraction(50), 100)])
    assert stops({"deny": 100}, 1_000, [Limit(DENIED, Fraction(50), 100)])


def test_no_move_and_no_account_stop_nothing() -> None:
    assert not stops({}, 0, [Limit(DENIED, Fraction(0)), Limit(MOVED, Fraction(0))])
