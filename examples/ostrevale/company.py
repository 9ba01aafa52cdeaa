"""Who works at Ostrevale Weighing, and which land do they hold?

Ostrevale, its people, places and customers are invented. Ten territories in three regions carry nearly equal quotas on
very unequal land: that is the story. Two of the people changed territories in April 2025 and their attainment changed
with the land. Every number is an integer and is drawn from a hash of its own name, so that a new account, or a later
export, never disturbs what was drawn before.
"""

import hashlib
from dataclasses import dataclass
from datetime import date

SEED = "ostrevale 1"


def draw(below: int, *name: object) -> int:
    """A whole number from 0 to below − 1, always the same for the same name."""
    text = "/".join((SEED, *(str(part) for part in name)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) % below


@dataclass(frozen=True, slots=True)
class Territory:
    """`a`, `b`, `c` count its accounts by tier; `index` is its potential in percent of the mean territory's."""

    code: str
    name: str
    region: str
    model: str
    changed_on: date
    a: int
    b: int
    c: int
    index: int


@dataclass(frozen=True, slots=True)
class Rep:
    id: str
    first: str
    last: str
    title: str
    manager: bool
    region: str
    reports_to: str
    hired_on: date
    left_on: date | None = None
    segment: str = ""
    salary: int = 0
    """Fixed pay a month, cents."""

    def personnel_number(self) -> str:
        """How payroll knows the person: the second half of the id, with a prefix of its own."""
        return f"7000{self.id[2:]}"


@dataclass(frozen=True, slots=True)
class Work:
    """`percent` of the rep's capacity goes to the territory from `start` to the day before `end`."""

    rep: str
    territory: str
    percent: int
    start: date
    end: date | None = None


TERRITORIES = (
    Territory("NOR-1", "North Coast", "North", "geographic", date(2025, 4, 1), 10, 9, 4, 145),
    Territory("NOR-2", "Lake Country", "North", "geographic", date(2025, 9, 15), 6, 7, 5, 102),
    Territory("NOR-3", "High Moors", "North", "geographic", date(2025, 4, 1), 3, 5, 6, 58),
    Territory("CEN-1", "Upper Valley", "Central", "geographic", date(2025, 10, 1), 6, 7, 10, 110),
    Territory("CEN-2", "Great Plain", "Central", "geographic", date(2025, 10, 1), 6, 6, 6, 95),
    Territory("CEN-3", "Key Accounts Central", "Central", "named", date(2026, 1, 1), 9, 4, 1, 112),
    Territory("CEN-4", "River Towns", "Central", "pooled", date(2024, 7, 1), 5, 7, 8, 93),
    Territory("FAR-1", "Mountain Rim", "Far East", "geographic", date(2025, 7, 1), 3, 6, 5, 62),
    Territory("FAR-2", "Harbour Cities", "Far East", "geographic", date(2025, 7, 1), 7, 9, 6, 124),
    Territory("FAR-3", "Inner Bay", "Far East", "geographic", date(2025, 12, 1), 6, 7, 5, 99),
)
REPS = (
    Rep("E-01", "Brida", "Vollenhaar", "Sales Director North and Far East", True, "North", "", date(2016, 3, 1)),
    Rep("E-02", "Oskar", "Tellmarch", "Sales Director Central", True, "Central", "", date(2018, 9, 3)),
    Rep("E-11", "Ilsabet", "Torvane", "Area Sales", False, "North", "E-01", date(2019, 5, 6), salary=4_200_00),
    Rep("E-12", "Sølvi", "Askmere", "Area Sales", False, "North", "E-01", date(2022, 2, 1), salary=4_000_00),
    Rep("E-13", "Edvin", "Hallgarth", "Area Sales", False, "North", "E-01", date(2020, 8, 17), salary=4_150_00),
    Rep("E-21", "Jürgen", "Pallwitz", "Gebietsverkauf", False, "Central", "E-02", date(2017, 1, 9), salary=4_400_00),
    Rep("E-22", "Annlore", "Rothgau", "Gebietsverkauf", False, "Central", "E-02", date(2021, 11, 2), salary=4_050_00),
    Rep("E-23", "Késia", "Lindqvarn", "Key Accounts", False, "Central", "E-02", date(2019, 4, 1), None, "", 4_700_00),
    Rep("E-24", "Tobias", "Fehrnow", "Key Accounts", False, "Central", "E-02", date(2023, 3, 13), None, "", 4_500_00),
    Rep("E-25", "Mirela", "Stoyanek", "Gebietsverkauf", False, "Central", "E-02", date(2026, 6, 15), salary=3_900_00),
    Rep("E-31", "Ren", "Hoshimaki", "Area Sales", False, "Far East", "E-01", date(2022, 4, 4), salary=4_000_00),
    Rep("E-32", "Mio", "Asakiri", "Area Sales", False, "Far East", "E-01", date(2018, 10, 1), salary=4_300_00),
    Rep("E-33", "Taku", "Kazehaya", "Area Sales", False, "Far East", "E-01", date(2023, 1, 10), salary=4_000_00),
    Rep(
        "E-34",
        "Noa",
        "Tsukimori",
        "Area Sales",
        False,
        "Far East",
        "E-01",
        date(2021, 6, 1),
        date(2025, 7, 1),
        "",
        390000,
    ),
)

LICENCES = {"E-21": ("pharma", "hazardous areas")} | dict.fromkeys(
    ("E-22", "E-23", "E-24", "E-31", "E-32", "E-33"), ("pharma",)
)
"""What a rep is licensed to sell into."""

SWAP = date(2025, 4, 1)
"""E-11 and E-13 changed territories."""
LEFT = date(2025, 7, 1)
"""E-34 had left; E-32 took the whole of FAR-2."""
WORK = (
    Work("E-11", "NOR-3", 100, date(2019, 5, 6), SWAP),
    Work("E-11", "NOR-1", 100, SWAP),
    Work("E-12", "NOR-2", 100, date(2022, 2, 1)),
    Work("E-13", "NOR-1", 100, date(2020, 8, 17), SWAP),
    Work("E-13", "NOR-3", 100, SWAP),
    Work("E-21", "CEN-1", 100, date(2017, 1, 9)),
    Work("E-22", "CEN-2", 100, date(2021, 11, 2)),
    Work("E-23", "CEN-3", 60, date(2023, 3, 13)),
    Work("E-23", "CEN-4", 40, date(2023, 3, 13)),
    Work("E-24", "CEN-3", 40, date(2023, 3, 13)),
    Work("E-24", "CEN-4", 60, date(2023, 3, 13)),
    Work("E-31", "FAR-1", 100, date(2022, 4, 4)),
    Work("E-32", "FAR-2", 50, date(2018, 10, 1), LEFT),
    Work("E-32", "FAR-2", 100, LEFT),
    Work("E-33", "FAR-3", 100, date(2023, 1, 10)),
    Work("E-34", "FAR-2", 50, date(2021, 6, 1), LEFT),
)
CAPACITY = {"E-25": 18} | dict.fromkeys(
    ("E-11", "E-12", "E-13", "E-21", "E-22", "E-23", "E-24", "E-31", "E-32", "E-33"), 36
)
"""Account units of a full book. One sale of a weighing system takes months, so a full book is far below 125 units."""
