"""What of the company does a verdict on one move rest on? Read once, kept by key, for as many moves as are asked.

Everything here comes from the views and tables of `engine.metrics`, by the same names. What the moves themselves change
(books, quotas) is worked out move by move in `engine.metrics.one_move`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.database import Database
from engine.engines.dialect import parts_of
from engine.intake.snapshot import Manifest
from engine.metrics.account import create_accounts
from engine.metrics.amounts import rounded
from engine.metrics.company import MERGER, open_events
from engine.metrics.known import create_known
from engine.metrics.move import DEAL_PARAMETERS
from engine.metrics.quartiles import create_quartiles
from rules.model.calendar import Calendar

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Quota:
    """A line of quota: its first day, the day after its last, and its amount in minor units."""

    start: date
    end: date | None
    amount: int | None


@dataclass(frozen=True, slots=True)
class ApprovedMove:
    """A move that is decided already, with the quarter in which it takes effect."""

    account: str
    from_rep: str
    to_rep: str
    effective: date
    quarter: date


@dataclass(frozen=True, slots=True)
class MoveState:
    """A company as of one day, by key. Amounts are at the source's scale, unless a fact has its name."""

    accounts: Mapping[str, Row]
    """Facts of each account by name, and beside them `known`, `t12`, `potential`, `units`."""
    reps: Mapping[str, Row]
    capacity: Mapping[str, int | None]
    owners: Mapping[str, tuple[str | None, date | None]]
    """Account to its owner on the day, and since when."""
    changes: Mapping[str, Sequence[date]]
    """Account to the days on which it got another owner."""
    relatives: Mapping[str, Sequence[str]]
    """Account to its parent and children."""
    deals: Mapping[str, Sequence[date]]
    """Account to the days on which its late deals close."""
    quotas: Mapping[str, Sequence[Quota]]
    latest_quota: date | None
    """First day of the latest quarter for which anybody has a quota."""
    cuts: Mapping[str, Sequence[tuple[date, date | None, str]]]
    """Rep to (first day, day after the last, segmentation) of territories worked."""
    periods: Sequence[tuple[date, date]]
    approved: Sequence[ApprovedMove]
    open_mergers: int | None
    calendar: Calendar
    numbers: Mapping[str, int]
    """Whole-number parameters that the facts are defined with."""
    digits: int
    """Decimals of the minor unit less those of the source's amounts."""


def read_state(
    db: Database, manifest: Manifest, numbers: Mapping[str, int], as_of: date, calendar: Calendar
) -> MoveState:
    """The state of the snapshot in `db`, with the moves that `approved_moves` holds, as of a day."""
    create_known(db, manifest, as_of)
    create_accounts(db, manifest, numbers, as_of)
    create_quartiles(db, as_of)
    periods = [(start, end) for start, end in db.rows('SELECT start, "end" FROM known_periods') if start and end]
    quotas = _quotas(db, manifest)
    moves = db.rows("SELECT account, from_rep, to_rep, effective FROM known_approved_moves WHERE effective IS NOT NULL")
    approved = [(*row, quarter_of(periods, row[3])) for row in moves]
    return MoveState(
        accounts=_accounts(db, manifest),
        reps=_reps(db),
        capacity=dict(db.rows("SELECT rep, target_units FROM known_capacity")),
        owners=_owners(db, as_of),
        changes=_gathered(
            db,
            """SELECT account, start FROM (
                SELECT account, rep, start, lag(rep) OVER (PARTITION BY account ORDER BY start) AS former
                FROM known_ownership
            ) AS owned WHERE former <> rep AND start IS NOT NULL""",
        ),
        relatives=_gathered(
            db,
            """SELECT account, parent FROM known_accounts WHERE parent IS NOT NULL
            UNION SELECT parent, account FROM known_accounts WHERE parent IS NOT NULL""",
        ),
        deals=_deals(db, numbers),
        quotas=quotas,
        latest_quota=max((line.start for lines in quotas.values() for line in lines), default=None),
        cuts=_cuts(db),
        periods=periods,
        approved=[ApprovedMove(*row) for row in approved],
        open_mergers=open_events(db, as_of, MERGER, numbers["event_days"]) if "event_days" in numbers else None,
        calendar=calendar,
        numbers=numbers,
        digits=manifest.minor_digits - manifest.money_scale,
    )


def period_of(periods: Sequence[tuple[date, date]], day: date) -> date | None:
    """First day of the period of the calendar that holds the day; `None` outside of all."""
    return max((start for start, end in periods if start <= day < end), default=None)


def quarter_of(periods: Sequence[tuple[date, date]], day: date) -> date:
    """The same, or of the civil quarter where no period holds the day."""
    return period_of(periods, day) or day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def _accounts(db: Database, manifest: Manifest) -> Mapping[str, Row]:
    sql = db.spelling
    records = db.records(
        f"""
        SELECT v.account, a.account IS NOT NULL AS known, v.t12, v.potential, v.units,
            a.name AS "account.name", v.tier AS "account.tier", a.size_segment AS "account.size_segment",
            a.named AS "account.named", {rounded(sql, "v.t12", manifest)} AS "account.t12",
            a.contract_end AS "account.contract_end", a.territory AS "account.territory", t.region AS "account.region",
            t.segmentation AS "account.segmentation", {rounded(sql, "v.potential", manifest)} AS "account.potential",
            v.t12 > 0 AS "account.customer", a.parent AS "account.parent", a.industry AS "account.industry",
            a.required_licence AS "account.required_licence", a.has_plan AS "account.has_plan",
            a.relationships AS "account.relationships", a.churn_risk AS "account.churn_risk",
            a.strategic_anchor AS "account.strategic_anchor"
        FROM metric_accounts AS v LEFT JOIN known_accounts AS a USING (account)
        LEFT JOIN known_territories AS t ON t.territory = a.territory
        """
    )
    return {record["account"]: record for record in records}


def _reps(db: Database) -> Mapping[str, Row]:
    licences = parts_of(db.spelling, "r.licences")
    records = db.records(
        f"""
        SELECT r.rep, r.name, r.region, r.hired_on, r.left_on, r.quota_carrying, r.size_segment, q.bottom,
            {licences} AS licences
        FROM known_reps AS r LEFT JOIN metric_quartiles AS q USING (rep)
        """
    )
    return {record["rep"]: {**record, "licences": _listed(record["licences"])} for record in records}


def _listed(items: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if items is None else tuple(items)


def _owners(db: Database, as_of: date) -> Mapping[str, tuple[str | None, date | None]]:
    found = db.rows(
        """
        SELECT account, rep, start FROM known_ownership
        WHERE start <= $1 AND ("end" IS NULL OR "end" > $1) AND rep IS NOT NULL ORDER BY start
        """,
        [as_of],
    )
    return {account: (rep, start) for account, rep, start in found}


def _deals(db: Database, numbers: Mapping[str, int]) -> Mapping[str, Sequence[date]]:
    if any(name not in numbers for name in DEAL_PARAMETERS):
        return {}
    return _gathered(
        db,
        f"""SELECT account, closes_on FROM known_opportunities
        WHERE status = 'open' AND stage_rank >= {numbers["late_stage"]} AND closes_on IS NOT NULL""",
    )


def _quotas(db: Database, manifest: Manifest) -> Mapping[str, Sequence[Quota]]:
    amount = rounded(db.spelling, "amount", manifest)
    found: dict[str, list[Quota]] = defaultdict(list)
    for rep, *line in db.rows(f'SELECT rep, start, "end", {amount} FROM known_quotas WHERE start IS NOT NULL'):
        found[rep].append(Quota(*line))
    return found


def _cuts(db: Database) -> Mapping[str, Sequence[tuple[date, date | None, str]]]:
    found: dict[str, list[tuple[date, date | None, str]]] = defaultdict(list)
    for rep, *cut in db.rows(
        """
        SELECT s.rep, s.start, s."end", t.segmentation FROM known_assignments AS s
        JOIN known_territories AS t ON t.territory = s.territory
        WHERE t.segmentation IS NOT NULL AND s.start IS NOT NULL
        """
    ):
        found[rep].append((cut[0], cut[1], cut[2]))
    return found


def _gathered(db: Database, query: str) -> Mapping[str, Sequence[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for key, value in db.rows(query):
        found[key].append(value)
    return found
