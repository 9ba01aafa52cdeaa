"""Invented companies for property tests: a few reps, accounts and quarters around the middle of 2025."""

from datetime import date
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from tests.engine.metrics_tables import Row, Tables

REPS = ("ann", "bob", "cid", "dee")
ACCOUNTS = ("a1", "a2", "a3", "a4", "a5")
TERRITORIES = ("east", "west")
STARTS = tuple(date(2024 + q // 4, 1 + 3 * (q % 4), 1) for q in range(8))
AS_OF = st.one_of(
    st.sampled_from([date(2025, 3, 31), date(2025, 6, 29), date(2025, 6, 30), date(2025, 7, 1), date(2025, 9, 30)]),
    st.dates(date(2024, 6, 1), date(2025, 10, 15)),
)
BOOKED = st.one_of(st.sampled_from([*STARTS, date(2025, 6, 30), date(2024, 2, 29)]), st.dates(STARTS[0], STARTS[-1]))
AMOUNT = st.one_of(st.integers(-500, 50_000), st.sampled_from([0, 1, 10**13]))


@st.composite
def companies(draw: st.DrawFn) -> Tables:
    """Reps, periods, quotas and revenue; rows are complete, but not every quarter has a quota."""
    reps = [_rep(draw, rep) for rep in draw(st.lists(st.sampled_from(REPS), unique=True))]
    periods = [{"start": a, "end": b} for a, b in pairwise(STARTS)]
    quotas = [
        {"rep": r["rep"], **p, "amount": draw(st.sampled_from([0, 100, 333, 20_000, 10**14 + 7]))}
        for r in reps
        for p in periods
        if draw(st.integers(0, 9)) > 0
    ]
    sales = st.fixed_dictionaries(
        {
            "booked_on": BOOKED,
            "amount": AMOUNT,
            "account": st.sampled_from(ACCOUNTS),
            "rep": st.sampled_from([*REPS, None]),
            "territory": st.sampled_from(TERRITORIES),
        }
    )
    revenue = draw(st.lists(sales, max_size=25))
    if draw(st.integers(0, 3)):  # most histories begin at the beginning
        revenue.append({"booked_on": STARTS[0], "amount": 1, "account": "a1", "rep": None, "territory": "east"})
    return {"reps": reps, "periods": periods, "quotas": quotas, "revenue": revenue}


def _rep(draw: st.DrawFn, rep: str) -> Row:
    return {
        "rep": rep,
        "name": rep.title(),
        "manager": draw(st.integers(0, 5)) == 0,
        "quota_carrying": draw(st.integers(0, 5)) > 0,
        "hired_on": draw(st.sampled_from([date(2020, 1, 1), date(2025, 4, 1), date(2025, 6, 30)])),
        "left_on": draw(st.sampled_from([None, None, None, date(2025, 6, 30), date(2025, 7, 1)])),
    }


def known_on(tables: Tables, as_of: date) -> Tables:
    """What a snapshot of that day would hold: no row dated later."""
    dated = {"revenue": "booked_on", "quotas": "start", "ownership": "start", "compensation": "month"}
    return {n: [r for r in t if n not in dated or r[dated[n]] <= as_of] for n, t in tables.items()}


@st.composite
def books(draw: st.DrawFn) -> Tables:
    """Revenue, potential, dated ownership and proposed moves of a few accounts."""
    ownership: list[dict[str, Any]] = []
    for account in ACCOUNTS:
        cuts = sorted(draw(st.lists(st.dates(date(2023, 1, 1), date(2025, 9, 1)), max_size=3, unique=True)))
        ends = [*cuts[1:], draw(st.sampled_from([None, date(2025, 12, 1)]))]
        ownership += [
            {"account": account, "rep": draw(st.sampled_from(REPS)), "start": a, "end": b}
            for a, b in zip(cuts, ends, strict=False)
        ]
    moves = [
        {
            "account": account,
            "from_rep": draw(st.sampled_from(REPS)),
            "to_rep": draw(st.sampled_from(REPS)),
            "effective": draw(st.dates(date(2025, 7, 1), date(2025, 12, 31))),
        }
        for account in draw(st.lists(st.sampled_from(ACCOUNTS), unique=True))
    ]
    potential = [{"account": a, "amount": draw(st.integers(0, 200_000_00))} for a in ACCOUNTS]
    return {**draw(companies()), "ownership": ownership, "moves": moves, "potential": potential}
