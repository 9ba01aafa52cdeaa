"""The metrics once more, slowly: loops over rows with fractions, written from the definitions, not from the queries."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.engine.metrics_tables import Row, Tables

ONE_DAY = timedelta(days=1)


def last_full_quarters(tables: Tables, as_of: date, count: int = 4) -> list[Row]:
    full = [p for p in tables["periods"] if p["end"] - ONE_DAY <= as_of]
    return sorted(full, key=lambda p: p["end"])[-count:]


def begins_by(tables: Tables, end_of_first_part: date) -> bool:
    return any(r["booked_on"] < end_of_first_part for r in tables["revenue"])


def rep_over(tables: Tables, rep: str, quarters: Sequence[Row]) -> Fraction | None:
    quota = actual = 0
    for quarter in quarters:
        found = [q["amount"] for q in tables["quotas"] if q["rep"] == rep and q["start"] == quarter["start"]]
        if not found:
            return None
        quota += found[0]
        for sale in tables["revenue"]:
            if sale["rep"] == rep and quarter["start"] <= sale["booked_on"] < quarter["end"]:
                actual += sale["amount"]
    return Fraction(actual, quota) if quota > 0 else None


def counts(rep: Row, as_of: date) -> bool:
    gone = rep["left_on"] is not None and rep["left_on"] <= as_of
    return not rep["manager"] and bool(rep["quota_carrying"]) and rep["hired_on"] <= as_of and not gone


def t4q(tables: Tables, as_of: date) -> dict[str, Fraction]:
    quarters = last_full_quarters(tables, as_of)
    if len(quarters) < 4 or not begins_by(tables, quarters[0]["end"]):
        return {}
    found = {r["rep"]: rep_over(tables, r["rep"], quarters) for r in tables["reps"] if counts(r, as_of)}
    return {rep: a for rep, a in found.items() if a is not None}


def spread(attainments: Sequence[Fraction]) -> Fraction | None:
    if len(attainments) < 2:
        return None
    return max(abs(a - b) for a in attainments for b in attainments)


def spreads(tables: Tables, as_of: date) -> dict[str, Any]:
    now = t4q(tables, as_of)
    lowest = [rep for rep, a in now.items() if all(a <= other for other in now.values())]
    quarters = last_full_quarters(tables, as_of)
    latest: list[Fraction] = []
    if quarters and begins_by(tables, quarters[-1]["end"]):
        alone = [rep_over(tables, r["rep"], quarters[-1:]) for r in tables["reps"] if counts(r, as_of)]
        latest = [a for a in alone if a is not None]
    without_latest = [rep_over(tables, rep, quarters[:-1]) for rep in now]
    earlier = t4q(tables, quarters[-1]["start"] - ONE_DAY) if quarters else {}
    others = [a for rep, a in now.items() if [rep] != lowest]
    return {
        "company.attainment_spread": spread(list(now.values())),
        "company.attainment_spread_quarter": spread(latest),
        "company.attainment_spread_earlier": spread(list(earlier.values())),
        "company.attainment_spread_without_latest": spread([a for a in without_latest if a is not None]),
        "company.attainment_spread_without_lowest": spread(others) if len(lowest) == 1 else None,
        "company.lowest_attainment": min(now.values(), default=None),
        "company.lowest_is_unique": len(lowest) == 1 if now else None,
    }


def months_back(first: date, count: int) -> date:
    for _ in range(count):
        first = (first - ONE_DAY).replace(day=1)
    return first


def t12_months(as_of: date) -> tuple[date, date]:
    """First day of the last 12 full months, and first day after them."""
    end = as_of + ONE_DAY if (as_of + ONE_DAY).day == 1 else as_of.replace(day=1)
    return months_back(end, 12), end


def in_t12(sale: Row, as_of: date) -> bool:
    start, end = t12_months(as_of)
    return bool(start <= sale["booked_on"] < end)


def t12(tables: Tables, as_of: date, key: str, value: str) -> int | None:
    """Revenue of the last 12 full months with this account or territory."""
    start, _ = t12_months(as_of)
    if not begins_by(tables, (start + timedelta(days=31)).replace(day=1)):
        return None
    sold: list[int] = [r["amount"] for r in tables["revenue"] if r[key] == value and in_t12(r, as_of)]
    return sum(sold)


def owner_before(tables: Tables, account: str, as_of: date) -> str | None:
    for row in tables["ownership"]:
        if row["account"] == account and row["start"] <= as_of and (row["end"] is None or row["end"] > as_of):
            return str(row["rep"])
    return None


def civil_quarter(day: date) -> tuple[int, int]:
    return day.year, (day.month - 1) // 3


def counted_with(tables: Tables) -> list[Row]:
    """The approved moves that count: of a quarter in which the file moves something, and not this account."""
    file = [(m["account"], civil_quarter(m["effective"])) for m in tables["moves"]]
    return [
        a
        for a in tables.get("approved_moves", ())
        if civil_quarter(a["effective"]) in {quarter for _, quarter in file}
        and (a["account"], civil_quarter(a["effective"])) not in file
    ]


def owner_after(tables: Tables, account: str, as_of: date) -> str | None:
    for move in tables["moves"]:
        if move["account"] == account:
            return str(move["to_rep"])
    approved = sorted((a["effective"], a["to_rep"]) for a in counted_with(tables) if a["account"] == account)
    if approved:
        on, to_rep = approved[-1]
        newer = [
            o
            for o in tables["ownership"]
            if o["account"] == account and on <= o["start"] <= as_of and (o["end"] is None or o["end"] > as_of)
        ]
        if not newer:
            return str(to_rep)
    return owner_before(tables, account, as_of)


def t12_reduction(tables: Tables, rep: str, as_of: date) -> Fraction | None:
    before = after = 0
    names = ("ownership", "moves", "approved_moves")
    for account in {row["account"] for name in names for row in tables.get(name, ())}:
        worth = t12(tables, as_of, "account", account)
        if worth is None:
            return None
        before += worth if owner_before(tables, account, as_of) == rep else 0
        after += worth if owner_after(tables, account, as_of) == rep else 0
    return Fraction(before - after, before) if before > 0 else None


def base(tables: Tables, rep: str, effective: date, as_of: date) -> list[Row]:
    """The months that make up the earnings base, latest first: at most 12 of 18."""
    chosen: list[Row] = []
    month = effective.replace(day=1)
    for _ in range(18):
        month = months_back(month, 1)
        full = (month + timedelta(days=31)).replace(day=1) - ONE_DAY <= as_of
        for row in tables["compensation"]:
            if row["rep"] == rep and row["month"] == month and full and row["leave_days"] < 10 and len(chosen) < 12:
                chosen.append(row)
    return chosen


def share(tables: Tables, rep: str, territory: str, last_day: date) -> Fraction | None:
    """The rep's share of a territory on a day: as given, or what given shares leave, split by TAM among the others."""
    work = {
        s["territory"]: s["share"]
        for s in tables["assignments"]
        if s["rep"] == rep and s["start"] <= last_day and (s["end"] is None or s["end"] > last_day)
    }
    if work[territory] is not None:
        return Fraction(work[territory], 10**6)
    rest = 1 - sum((Fraction(ppm, 10**6) for ppm in work.values() if ppm is not None), Fraction(0))
    others = [t for t, ppm in work.items() if ppm is None]
    if rest <= 0:
        return None
    if others == [territory]:
        return rest
    worth = {t: tam(tables, t) for t in others}
    whole = sum(w for w in worth.values() if w is not None)
    mine = worth[territory]
    return None if None in worth.values() or mine is None or whole == 0 else rest * mine / whole


def tam(tables: Tables, territory: str) -> int | None:
    worth = {p["account"]: p["amount"] for p in tables["potential"]}
    held = [worth.get(a["account"]) for a in tables["accounts"] if a["territory"] == territory]
    return None if None in held else sum(w for w in held if w is not None)


def territory_attainment(tables: Tables, territory: str, as_of: date) -> Fraction | None:
    quarters = last_full_quarters(tables, as_of)
    if len(quarters) < 4 or not begins_by(tables, quarters[0]["end"]):
        return None
    sellers = {r["rep"] for r in tables["reps"] if r["quota_carrying"] and not r["manager"]}
    quota, actual = Fraction(0), 0
    for quarter in quarters:
        last_day = quarter["end"] - ONE_DAY
        here = {
            s["rep"]
            for s in tables["assignments"]
            if s["territory"] == territory and s["start"] <= last_day and (s["end"] is None or s["end"] > last_day)
        } & sellers
        if not here:
            return None
        for rep in here:
            amounts = [q["amount"] for q in tables["quotas"] if q["rep"] == rep and q["start"] == quarter["start"]]
            part = share(tables, rep, territory, last_day)
            if not amounts or part is None:
                return None
            quota += amounts[0] * part
        actual += sum(
            r["amount"]
            for r in tables["revenue"]
            if r["territory"] == territory
            and r["rep"] in sellers
            and quarter["start"] <= r["booked_on"] < quarter["end"]
        )
    return actual / quota if quota > 0 else None
