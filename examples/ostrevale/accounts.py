"""Which customers does Ostrevale have, in which territory, and who owned them when?"""

from dataclasses import dataclass
from datetime import date, timedelta

from company import LEFT, SWAP, TERRITORIES, Territory, draw


@dataclass(frozen=True, slots=True)
class Account:
    """`label` names it in the story, such as `NOR-1 A2`; `potential` is euro a year; `since` is None for a prospect."""

    id: str
    label: str
    name: str
    territory: str
    tier: str
    parent: str
    named: bool
    industry: str
    contract_end: date | None
    anchor: bool
    potential: int
    since: date | None
    plan: bool
    """An account plan is on file."""
    contacts: int
    """People at the customer whom its owner knows."""
    risk: str
    """Of losing the customer; empty where nobody has judged it."""
    licence: str
    """What its owner must be licensed for."""


@dataclass(frozen=True, slots=True)
class Ownership:
    account: str
    rep: str
    start: date
    end: date | None = None


MEAN_POTENTIAL = 3_600_000
"""Euro a year of the mean territory."""
FAMILIES = {
    "NOR-1 B4": "NOR-1 A2",
    "NOR-1 C2": "NOR-1 A5",
    "NOR-2 B3": "NOR-2 A1",
    "CEN-1 B5": "CEN-1 A3",
    "CEN-2 C2": "CEN-2 A2",
    "CEN-3 A3": "CEN-3 A1",
    "CEN-3 B1": "CEN-3 A1",
    "FAR-2 C2": "FAR-2 B2",
    "FAR-3 C1": "FAR-3 A2",
}
"""Child to parent, by label."""
ANCHORS = ("NOR-1 A1", "CEN-3 A1", "CEN-3 A2", "FAR-3 A1")
NAMED_OUTSIDE = ("NOR-1 A4", "FAR-2 A1")
CONTRACTS = {"NOR-2 C4": date(2026, 9, 12)}
"""Contract ends that the story needs; the others are drawn and lie clear of the moves."""
ORPHAN = "CEN-4 C8"
"""An account that nobody owns."""
NO_PLAN = ("NOR-1 A2", "NOR-2 A4", "CEN-4 A3", "FAR-3 A5")
"""A accounts without a plan on file."""
FEW_CONTACTS = ("CEN-3 A4",)
"""A accounts at which hardly anybody is known."""
AT_RISK = ("NOR-1 B3", "CEN-1 C4", "CEN-4 B2", "FAR-1 A1")
NOT_JUDGED = ("FAR-2 B5",)
LICENSED = {"pharma": "pharma"}
"""Industry to the licence that it takes."""
LICENSED_SITES = {"CEN-1 B2": "hazardous areas"}
"""Accounts that take another licence, by label."""
DRAWN_POTENTIAL = {"NOR-1 A1": 105, "NOR-1 A2": 125}
"""Weights of the A accounts that carry much of what leaves a book."""

_STEMS = {
    "North": ("Skarvik", "Tornmere", "Ulvesund", "Brackholm", "Eskeld", "Fjellgard", "Drumlaw", "Haverness", "Kjølby"),
    "Central": (
        "Falkwied",
        "Quellmoor",
        "Hagenthür",
        "Altwehr",
        "Möhrstett",
        "Grünfurt",
        "Lindach",
        "Rabenzell",
        "Osterau",
    ),
    "Far East": ("凪砂", "雲梯", "苔守", "灯野", "遠霞", "霧丘", "千鳥浜", "月舟", "葦原崎"),
}
_TRADES = {
    "North": ("Fish Works", "Dairy", "Timber", "Aggregates", "Mill", "Cold Store", "Recycling", "Salt", "Freight"),
    "Central": ("Molkerei", "Mühle", "Chemie", "Spedition", "Brauerei", "Recycling", "Baustoffe", "Zucker", "Pharma"),
    "Far East": ("水産", "製粉", "化成", "物流", "食品", "製菓", "製薬", "鋼材", "再生"),
}
_INDUSTRIES = {
    "North": ("food", "food", "materials", "materials", "food", "logistics", "recycling", "food", "logistics"),
    "Central": ("food", "food", "chemicals", "logistics", "food", "recycling", "materials", "food", "pharma"),
    "Far East": ("food", "food", "chemicals", "logistics", "food", "food", "pharma", "materials", "recycling"),
}


def _potentials(territory: Territory) -> dict[str, int]:
    """Potential in euro by label: B and C accounts are drawn, A accounts share what the territory's index leaves."""
    found = {f"{territory.code} B{n + 1}": 40_000 + 500 * draw(91, "b", territory.code, n) for n in range(territory.b)}
    found |= {f"{territory.code} C{n + 1}": 8_000 + 250 * draw(53, "c", territory.code, n) for n in range(territory.c)}
    left = MEAN_POTENTIAL * territory.index // 100 - sum(found.values())
    labels = [f"{territory.code} A{n + 1}" for n in range(territory.a)]
    weights = [DRAWN_POTENTIAL.get(label, 60 + draw(120, "a", label)) for label in labels]
    shares = {label: left * weight // sum(weights) for label, weight in zip(labels, weights, strict=True)}
    return {label: share // 100 * 100 for label, share in shares.items()} | found


def _accounts() -> tuple[Account, ...]:
    ids: dict[str, str] = {}
    rows: list[tuple[Territory, str, int]] = []
    for territory in TERRITORIES:
        for label, potential in _potentials(territory).items():
            ids[label] = f"A-{1001 + 7 * len(ids)}"
            rows.append((territory, label, potential))
    counts = dict.fromkeys(_STEMS, 0)
    found = []
    for territory, label, potential in rows:
        stems, n = _STEMS[territory.region], counts[territory.region]
        counts[territory.region] = n + 1
        stem, trade = n % len(stems), (n // len(stems) + n) % len(stems)
        gap = "" if territory.region == "Far East" else " "
        tier = label.split()[1][0]
        prospect = draw(12, "prospect", label) < {"A": 0, "B": 2, "C": 4}[tier] and label not in CONTRACTS
        found.append(
            Account(
                id=ids[label],
                label=label,
                name=stems[stem] + gap + _TRADES[territory.region][trade],
                territory=territory.code,
                tier=tier,
                parent=ids[FAMILIES[label]] if label in FAMILIES else "",
                named=territory.model == "named" or label in NAMED_OUTSIDE,
                industry=_INDUSTRIES[territory.region][trade],
                contract_end=None if prospect else _contract_end(label),
                anchor=label in ANCHORS,
                potential=potential,
                since=None if prospect else date(2020, 1, 7) + timedelta(days=draw(1500, "since", label)),
                plan=tier == "A" and label not in NO_PLAN,
                contacts=0 if prospect else _contacts(label, tier),
                risk=_risk(label),
                licence=LICENSED_SITES.get(label) or LICENSED.get(_INDUSTRIES[territory.region][trade], ""),
            )
        )
    return tuple(found)


def _contacts(label: str, tier: str) -> int:
    least, drawn = {"A": (3, 4), "B": (1, 4), "C": (1, 2)}[tier]
    return 2 if label in FEW_CONTACTS else least + draw(drawn, "contacts", label)


def _risk(label: str) -> str:
    if label in NOT_JUDGED:
        return ""
    return "high" if label in AT_RISK else ("medium", "low", "low")[draw(3, "risk", label)]


def _contract_end(label: str) -> date | None:
    """Two customers in three have a running contract."""
    if label in CONTRACTS:
        return CONTRACTS[label]
    if draw(3, "contract", label) == 0:
        return None
    return date(2026, 11, 30) + timedelta(days=draw(700, "contract end", label))


ACCOUNTS = _accounts()
BY_LABEL = {a.label: a for a in ACCOUNTS}

HANDED_OVER = {
    "CEN-1 C3": ("E-22", date(2026, 2, 4)),
    "FAR-2 B4": ("E-33", date(2026, 3, 2)),
    "FAR-2 A6": ("E-33", date(2026, 3, 2)),
    "CEN-2 B6": ("E-21", date(2025, 10, 1)),
}
"""Accounts by label with their owner before, and the day on which they came to the territory's rep.

From 2026-02-04 to 2026-08-03 is 180 days, from 2026-03-02 it is 154."""


def ownership() -> list[Ownership]:
    """Who owned which account until the moves of August 2026."""
    found: list[Ownership] = []
    for account in ACCOUNTS:
        if account.label == ORPHAN:
            continue
        first = date(2023, 3, 13) + timedelta(days=draw(290, "owned", account.label))
        runs = _runs(account, first)
        for n, (rep, start) in enumerate(runs):
            found.append(Ownership(account.id, rep, start, runs[n + 1][1] if n + 1 < len(runs) else None))
    return found


def _runs(account: Account, first: date) -> list[tuple[str, date]]:
    """Owners with their first day, in order."""
    ordinal = int(account.label.split()[1][1:])
    now = {"NOR-2": "E-12", "CEN-1": "E-21", "CEN-2": "E-22", "FAR-1": "E-31", "FAR-2": "E-32", "FAR-3": "E-33"}
    if account.label in HANDED_OVER:
        before, day = HANDED_OVER[account.label]
        return [(before, first), (now[account.territory], day)]
    match account.territory:
        case "NOR-1":
            return [("E-13", first), ("E-11", SWAP)]
        case "NOR-3":
            return [("E-11", first), ("E-13", SWAP)]
        case "CEN-3":
            return [("E-24" if ordinal % 5 in {2, 4} else "E-23", first)]
        case "CEN-4":
            return [("E-23" if ordinal % 5 in {2, 4} else "E-24", first)]
        case "FAR-2" if ordinal % 2 == 0:
            return [("E-34", first), ("E-32", LEFT)]
        case code:
            return [(now[code], first)]
