"""Invented companies with every table and column: sense is not asked of them, only that all engines say the same."""

from collections.abc import Callable, Mapping
from datetime import date
from random import Random
from typing import Any

from engine.canonical import MOVES, TABLES, Column, Table, Type
from engine.database import Database
from engine.facts import (
    Facts,
    company_facts,
    left_out,
    lowest_rep,
    move_facts,
    opportunity_facts,
    protection_facts,
    territory_facts,
)
from engine.intake.refusing import WORDS
from engine.metrics.attainment import attainment_by_rep
from engine.metrics.progress import progress
from rules.problem import BadInput
from rules.vocabulary import Subject
from tests.engine.metrics_cases import ACCOUNTS, REPS, STARTS
from tests.engine.metrics_tables import NUMBERS, Row, Tables, declared, facts_of, load

AS_OF = date(2025, 6, 30)
_NAMES = {
    **dict.fromkeys(("rep", "from_rep", "to_rep", "reports_to"), REPS),
    **dict.fromkeys(("account", "parent"), ACCOUNTS),
    "territory": ("east", "west", "north", "south", "é"),
    "segmentation": ("named", "vertical", "geographic", "pooled"),
    "licences": ("x; é ;;Z", "B;a", " ; ", "", "z"),
    "required_licence": ("x", "é", "a"),
}
_TEXTS = ("é", "z", "Z", "a b", "😀", "\uffff", "it's 100%", "back\\slash", 'a "word"')
_DAYS = (*STARTS, date(2024, 2, 29), date(2025, 6, 29), date(2025, 6, 30), date(2020, 1, 1))
_MOVING = (date(2025, 7, 1), date(2025, 8, 31), date(2025, 9, 30), date(2026, 1, 31))
MAKERS: Mapping[Subject, Callable[..., Facts]] = {
    Subject.TERRITORY: territory_facts,
    Subject.COMPANY: company_facts,
    Subject.MOVE: move_facts,
    Subject.OPPORTUNITY: opportunity_facts,
    Subject.REP: protection_facts,
}
METRICS = declared(
    "name: territory.middle, subject: territory, median: potential.amount",
    "name: territory.rank, subject: territory, rank: revenue.amount",
    "name: territory.shares, subject: territory, median: assignments.share",
    "name: company.latest, subject: company, max: opportunities.closes_on",
    'name: company.open, subject: company, sum: opportunities.amount, where: "has(opportunities.amount)"',
    "name: rep.deals, subject: rep, count: opportunities, where: "
    "'has(opportunities.created_on) && opportunities.created_on >= as_of.t12_start && opportunities.status != \"won\"'",
)


def company_of(seed: int) -> Tables:
    """A company and its proposed moves, the same for the same number; odd ones have many gaps."""
    random = Random(seed)  # noqa: S311 -- no secret
    gaps = 0.25 if seed % 2 else 0.01
    tables = {table.name: _rows(random, table, gaps) for table in (*TABLES.values(), MOVES) if table.name != "claims"}
    starts = STARTS[:-1]
    ends = dict(zip(starts, STARTS[1:], strict=True))
    tables["periods"] = [{"start": s, "end": ends[s], "name": None} for s in starts]
    tables["quotas"] = [
        {"rep": rep, "start": s, "end": ends[s], "amount": random.choice([0, 333, 20_000_00, 10**12 + 7])}
        for rep in REPS
        for s in starts
        if random.random() < 0.97
    ]
    tables["revenue"] = [{**row, "booking": f"b{i}"} for i, row in enumerate(tables["revenue"])] + [
        {"booking": "first", "booked_on": STARTS[0], "amount": 7, "account": "a1", "rep": "ann", "territory": "east"}
    ]
    tables["compensation"] = [
        {"rep": rep, "month": date(2024 + m // 12, 1 + m % 12, 1), "commission": random.randint(0, 999_99),
         "earnings": random.randint(0, 9_999_99), "one_offs": random.randint(0, 99),
         "leave_days": random.randint(0, 11)}
        for rep in REPS
        for m in range(18)
        if random.random() < 0.8
    ]  # fmt: skip
    tables["potential"] = [{"account": a, "amount": random.randint(0, 150_000_00)} for a in ACCOUNTS[seed % 2 :]]
    tables["capacity"] = [{"rep": rep, "target_units": random.randint(0, 9)} for rep in REPS[seed % 2 :]]
    tables["moves"] = [{**row, "effective": random.choice(_MOVING)} for row in tables["moves"]]
    return tables


def _rows(random: Random, table: Table, gaps: float) -> list[dict[str, Any]]:
    found: dict[tuple[object, ...], Row] = {}
    for i in range(random.randint(4, 24)):
        row = {c.name: _cell(random, table, c, i, gaps) for c in table.columns}
        found[tuple(row[k] for k in table.key)] = row
    return [dict(row) for row in found.values()]


def _cell(random: Random, table: Table, column: Column, i: int, gaps: float) -> Any:
    if not column.required and random.random() < gaps:
        return None
    match column.type:
        case Type.TEXT if column.name in ("opportunity", "event", "booking"):
            return f"{column.name}{i}"
        case Type.TEXT:
            return random.choice(WORDS.get((table.name, column.name)) or _NAMES.get(column.name) or _TEXTS)
        case Type.DATE:
            return random.choice(_DAYS)
        case Type.BOOL:
            return random.random() < (0.2 if column.name == "manager" else 0.8)
        case Type.SHARE:
            return None if random.random() < gaps else random.choice([1_000_000, 500_000, 333_333])
        case Type.MONEY:
            return random.choice([random.randint(-500, 20_000_00), 10_000_00, 0, 10**12 + 7])
        case Type.COUNT:
            return random.randint(0, 12)


def everything(db: Database, tables: Tables, *, scale: int = 2) -> dict[str, Any]:
    """Every fact of every subject, and what is listed beside them; a refusal in its own words."""
    manifest = load(db, tables, as_of=AS_OF, scale=scale)
    said: dict[str, Any] = {}
    for subject, maker in MAKERS.items():
        own = [metric for metric in METRICS if metric.subject is subject]
        try:
            facts = maker(db, manifest, NUMBERS, AS_OF, own)
            said[subject.value] = facts_of(db, facts), facts.absent, facts.proxies, facts.missing
        except BadInput as refused:
            said[subject.value] = [str(problem) for problem in refused.problems]
    company_facts(db, manifest, NUMBERS, AS_OF)
    said["left out"] = left_out(db, manifest, AS_OF)
    said["lowest"] = lowest_rep(db, manifest, AS_OF)
    said["attainment"] = attainment_by_rep(db, manifest, AS_OF)
    said["progress"] = progress(db, manifest, AS_OF, date(2025, 5, 15))
    return said
