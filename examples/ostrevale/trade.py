"""What was sold, promised and paid: quotas, bookings, deals, monthly pay and events from April 2024 to September 2026.

A rep's bookings of a quarter add up to quota times attainment to the cent; accounts share them by potential. Money is
in cents, attainment in percent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from accounts import ACCOUNTS, BY_LABEL, Account, Ownership
from company import REPS, draw
from proposal import ownership_after

QUARTERS = tuple(date(2024 + (n + 1) // 4, (n + 1) % 4 * 3 + 1, 1) for n in range(11))
"""First days of the quarters from April 2024; the last one is the end of the story."""

ATTAINMENT = {
    "E-11": (71, 68, 74, 70, 118, 129, 141, 133, 137, 121),
    "E-12": (97, 101, 94, 99, 96, 95, 99, 93, 97, 98),
    "E-13": (124, 131, 127, 122, 81, 66, 61, 64, 62, 88),
    "E-21": (104, 109, 111, 107, 112, 113, 118, 110, 115, 109),
    "E-22": (92, 88, 95, 90, 91, 89, 86, 93, 90, 93),
    "E-23": (103, 99, 106, 101, 104, 102, 107, 100, 105, 103),
    "E-24": (95, 98, 101, 97, 94, 99, 96, 102, 98, 99),
    "E-31": (79, 76, 74, 71, 73, 70, 68, 64, 67, 39),
    "E-32": (101, 106, 99, 104, 108, 121, 116, 125, 119, 112),
    "E-33": (98, 93, 96, 101, 97, 94, 99, 95, 92, 95),
    "E-34": (88, 91, 85, 83, 80),
}
"""Percent of quota by quarter. E-11 and E-13 changed land in the fifth; the last is the quarter after the moves."""
QUOTA_2024 = {"E-11": 96_000_00, "E-13": 96_000_00, "E-23": 104_000_00, "E-24": 98_000_00, "E-34": 50_000_00}
QUOTA_OTHERS = 94_000_00
QUOTA_MOVED = {
    "E-11": -12_000_00,
    "E-13": 12_000_00,
    "E-21": -4_000_00,
    "E-22": 4_000_00,
    "E-32": -6_000_00,
    "E-31": 6_000_00,
}
"""Quota that moved with the accounts in the third quarter of 2026; adds up to nothing."""
LEAVE = {("E-32", 2025, 11): 18, ("E-24", 2025, 8): 10, ("E-22", 2026, 2): 8, ("E-12", 2025, 12): 5}
"""Working days of leave by rep and month."""
ONE_OFFS = {
    ("E-11", 2025, 12): 5_000_00,
    ("E-23", 2026, 3): 1_200_00,
    ("E-13", 2025, 5): 900_00,
    ("E-13", 2025, 6): 900_00,
    ("E-32", 2025, 7): 750_00,
}
"""Bonuses, and the top-ups of the swap in 2025, cents."""


@dataclass(frozen=True, slots=True)
class Quota:
    rep: str
    start: date
    end: date
    cents: int


@dataclass(frozen=True, slots=True)
class Booking:
    """`rep` is empty for a sale of the web shop."""

    id: str
    day: date
    account: Account
    rep: str
    cents: int


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal as it ends; how it stood on an earlier day is for the reader to work out."""

    id: str
    account: Account
    rep: str
    created_on: date
    closed_on: date
    won: bool
    cents: int
    exact: bool
    """A deal of the story: its close was never expected on another day."""


@dataclass(frozen=True, slots=True)
class Pay:
    rep: str
    month: date
    commission: int
    earnings: int
    one_offs: int
    leave_days: int


@dataclass(frozen=True, slots=True)
class Event:
    id: str
    kind: str
    happened_on: date
    region: str
    rep: str
    asked_by: str
    closed_on: date | None
    note: str


def quotas() -> list[Quota]:
    """Nearly equal quotas for all: 4 % more in 2025, 3 % more in 2026."""
    found = []
    for rep, percents in ATTAINMENT.items():
        for n in range(len(percents)):
            start, end = QUARTERS[n], QUARTERS[n + 1]
            base = QUOTA_2024.get(rep, QUOTA_OTHERS)
            if rep == "E-32" and n < 5:
                base = 52_000_00
            cents = base * {2024: 100, 2025: 104, 2026: 107}[start.year] // 100
            found.append(Quota(rep, start, end, cents + (QUOTA_MOVED.get(rep, 0) if n == 9 else 0)))
    return found


def bookings() -> list[Booking]:
    """Every booking, oldest first."""
    owners = ownership_after()
    accounts = {a.id: a for a in ACCOUNTS}
    found = []
    for quota in quotas():
        percent = ATTAINMENT[quota.rep][QUARTERS.index(quota.start)]
        stakes = _stakes(quota, owners, accounts)
        found += _split(quota.rep, quota.cents * percent // 100, stakes)
    found += _web_shop()
    found.sort(key=lambda row: (row[0], row[1].id, row[2], row[3]))
    return [Booking(f"SO-{240001 + n}", day, account, rep, cents) for n, (day, account, rep, cents) in enumerate(found)]


def _stakes(
    quota: Quota, owners: Sequence[Ownership], accounts: dict[str, Account]
) -> list[tuple[Account, date, date, int]]:
    """The customers whom the rep serves in the quarter, each with the days and a weight."""
    found = []
    for row in owners:
        account = accounts[row.account]
        helps = {row.rep, quota.rep} == {"E-23", "E-24"} and draw(5, "helps", account.label) == 0
        start = max(row.start, quota.start)
        end = min(row.end or quota.end, quota.end)
        if account.since is None or (row.rep != quota.rep and not helps) or start >= end:
            continue
        if account.tier == "C" and draw(2, "buys", account.label, quota.start) == 0:
            continue
        weight = account.potential * (60 + draw(81, "weight", account.label, quota.start)) * (end - start).days
        found.append((account, start, end, weight // (8 if helps and row.rep != quota.rep else 1)))
    return found


def _split(
    rep: str, cents: int, stakes: Sequence[tuple[Account, date, date, int]]
) -> list[tuple[date, Account, str, int]]:
    """The amount as bookings, to the cent: what rounding leaves goes to the last one."""
    total, left, found = sum(weight for *_, weight in stakes), cents, []
    for n, (account, start, end, weight) in enumerate(stakes):
        part = cents * weight // total if n + 1 < len(stakes) else left
        left -= part
        times = 1 + draw({"A": 3, "B": 2, "C": 1}[account.tier], "times", rep, account.label, start)
        for time in range(times):
            day = start + timedelta(days=draw((end - start).days, "day", rep, account.label, start, time))
            if (rep, day.year, day.month) in LEAVE and LEAVE[rep, day.year, day.month] >= 10:
                day = max(start, day.replace(day=1) - timedelta(days=1 + draw(20, "before leave", account.label)))
            piece = part // times if time else part - part // times * (times - 1)
            found.append((day, account, rep, piece))
    return found


def _web_shop() -> list[tuple[date, Account, str, int]]:
    """Spare parts that customers order themselves: four sales a quarter, credited to nobody."""
    customers = [a for a in ACCOUNTS if a.since is not None]
    found = []
    for start in QUARTERS[:-1]:
        for n in range(4):
            account = customers[draw(len(customers), "shop", start, n)]
            day = start + timedelta(days=draw(90, "shop day", start, n))
            found.append((day, account, "", 12_000 + draw(60_000, "shop cents", start, n)))
    return found


STORY_DEALS = (
    ("FAR-2 B2", "E-32", date(2026, 4, 1), date(2026, 9, 10), True, 18_400_00),
    ("NOR-1 B1", "E-11", date(2026, 3, 3), date(2026, 10, 20), True, 22_000_00),
    ("NOR-1 A1", "E-11", date(2026, 5, 11), date(2026, 11, 25), True, 61_500_00),
    ("CEN-1 B1", "E-21", date(2026, 2, 16), date(2026, 7, 15), True, 9_800_00),
    ("FAR-2 B3", "E-31", date(2026, 7, 20), date(2026, 9, 25), True, 7_200_00),
    ("CEN-1 C2", "E-21", date(2026, 5, 4), date(2026, 9, 3), False, 3_100_00),
)
"""Deals on moving accounts: label, rep, created, closed, won, cents.

In order: won within 90 days of the handoff; stage changed days before the announcement; closes after the 90 days; won
before the handoff; created after the announcement; lost.
"""


def deals() -> list[Deal]:
    """Three drawn deals a rep and quarter, and those of the story, oldest first."""
    accounts = {a.id: a for a in ACCOUNTS}
    owners = ownership_after()
    found = [
        (created, BY_LABEL[label], rep, closed, won, cents, True)
        for label, rep, created, closed, won, cents in STORY_DEALS
    ]
    moving = {row[0] for row in STORY_DEALS}
    for rep, percents in ATTAINMENT.items():
        for quarter in QUARTERS[: len(percents)]:
            for n in range(3):
                created = quarter + timedelta(days=draw(88, "created", rep, quarter, n))
                owned = [
                    row.account
                    for row in owners
                    if row.rep == rep and row.start <= created < (row.end or QUARTERS[-1])
                    if accounts[row.account].label not in moving
                ]
                if not owned:
                    continue
                account = accounts[owned[draw(len(owned), "deal", rep, quarter, n)]]
                closed = created + timedelta(days=60 + draw(151, "takes", rep, quarter, n))
                won = draw(100, "won", rep, quarter, n) < 38
                cents = max(1_500_00, account.potential * (5 + draw(20, "size", rep, quarter, n)))
                found.append((created, account, rep, closed, won, cents, False))
    found.sort(key=lambda row: (row[0], row[1].id, row[2]))
    return [Deal(f"OP-{5001 + n}", a, r, c, e, w, v, x) for n, (c, a, r, e, w, v, x) in enumerate(found)]


def pay(sold: Sequence[Booking]) -> list[Pay]:
    """Fixed pay, 5 % commission on the month's credited bookings, and one-offs: July 2024 to September 2026."""
    by_month: dict[tuple[str, int, int], int] = {}
    for row in sold:
        key = (row.rep, row.day.year, row.day.month)
        by_month[key] = by_month.get(key, 0) + row.cents
    found = []
    for rep in REPS:
        for n in range(27):
            month = date(2024 + (n + 6) // 12, (n + 6) % 12 + 1, 1)
            gone = rep.left_on is not None and month >= rep.left_on
            if rep.manager or gone or (rep.hired_on.year, rep.hired_on.month) > (month.year, month.month):
                continue
            key = (rep.id, month.year, month.month)
            commission, one_offs, leave = by_month.get(key, 0) * 5 // 100, ONE_OFFS.get(key, 0), LEAVE.get(key, 0)
            fixed = rep.salary * 60 // 100 if leave >= 15 else rep.salary
            found.append(Pay(rep.id, month, commission, fixed + commission + one_offs, one_offs, leave))
    return found


EVENTS = (
    Event("EV-01", "departure", date(2025, 6, 12), "Far East", "E-34", "", date(2025, 7, 1), "E-32 takes all of FAR-2"),
    Event(
        "EV-02", "request", date(2025, 11, 20), "Far East", "", "E-01", date(2026, 1, 15), "split FAR-2; no data given"
    ),
    Event(
        "EV-03", "request", date(2026, 5, 18), "Central", "", "E-02", date(2026, 7, 6), "a key customer wants a change"
    ),
    Event("EV-04", "headcount", date(2026, 6, 15), "Central", "E-25", "", None, "one seller joins the Central region"),
    Event(
        "EV-05", "request", date(2026, 9, 15), "Far East", "E-31", "E-31", None, "no more moves before the year ends"
    ),
)
