"""The canonical tables: what every export is mapped to (docs/domain.md, 1), one row type per table.

Money is an integer at the snapshot's declared scale (0 to 4 digits); shares are parts per million; periods and dated
rows are half-open [start, end), an empty end means still open. A column that a mapping does not fill is *absent*: facts
that need it are unknown. An optional cell left empty means that there is none; a required cell left empty is a problem
of that row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Type(Enum):
    """What a column holds."""

    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    """Integer at the snapshot's money scale."""
    SHARE = "share"
    """Parts per million."""
    DATE = "date"
    BOOL = "bool"

    @property
    def sql(self) -> str:
        """Its type in DuckDB and Parquet."""
        return {Type.TEXT: "VARCHAR", Type.DATE: "DATE", Type.BOOL: "BOOLEAN"}.get(self, "BIGINT")


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: Type
    required: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """`key` identifies a row; `dated` is the column after which a row is not yet known as-of an earlier day."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    dated: str = ""
    of_six: int = 0
    """Number among the six data sets of a complete audit, 0 if none of them."""

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)


def _r(name: str, kind: Type, meaning: str) -> Column:
    return Column(name, kind, required=True, meaning=meaning)


def _o(name: str, kind: Type, meaning: str) -> Column:
    return Column(name, kind, required=False, meaning=meaning)


T = Type
TABLES: Mapping[str, Table] = {
    t.name: t
    for t in (
        Table(
            "territories",
            "territory definitions",
            ("territory",),
            (
                _r("territory", T.TEXT, "id"),
                _r("name", T.TEXT, "name"),
                _o("region", T.TEXT, "region"),
                _r("named", T.BOOL, "a named-account territory"),
                _o("changed_on", T.DATE, "definition last changed"),
            ),
            of_six=1,
        ),
        Table(
            "reps",
            "sales people",
            ("rep",),
            (
                _r("rep", T.TEXT, "id"),
                _r("name", T.TEXT, "name"),
                _o("role", T.TEXT, "job title"),
                _r("manager", T.BOOL, "manages others"),
                _r("quota_carrying", T.BOOL, "carries a quota by role"),
                _o("region", T.TEXT, "region"),
                _o("reports_to", T.TEXT, "rep or person they report to"),
                _r("hired_on", T.DATE, "first day"),
                _o("left_on", T.DATE, "first day no longer employed"),
                _o("size_segment", T.TEXT, "size segment served"),
            ),
        ),
        Table(
            "assignments",
            "who works which territory, dated",
            ("rep", "territory", "start"),
            (
                _r("rep", T.TEXT, "rep"),
                _r("territory", T.TEXT, "territory"),
                _r("share", T.SHARE, "share of the territory, ppm"),
                _r("start", T.DATE, "first day"),
                _o("end", T.DATE, "first day no longer"),
            ),
            dated="start",
            of_six=2,
        ),
        Table(
            "accounts",
            "customers and prospects",
            ("account",),
            (
                _r("account", T.TEXT, "id"),
                _o("name", T.TEXT, "name"),
                _r("territory", T.TEXT, "territory it lies in"),
                _o("parent", T.TEXT, "parent account"),
                _r("size_segment", T.TEXT, "enterprise, mid-market, SMB"),
                _r("named", T.BOOL, "a named account"),
                _o("industry", T.TEXT, "industry"),
                _o("contract_end", T.DATE, "end of the running contract"),
                _r("strategic_anchor", T.BOOL, "a strategic relationship is anchored to its owner"),
            ),
        ),
        Table(
            "ownership",
            "who owns which account, dated",
            ("account", "start"),
            (
                _r("account", T.TEXT, "account"),
                _r("rep", T.TEXT, "owner"),
                _r("start", T.DATE, "first day"),
                _o("end", T.DATE, "first day no longer"),
            ),
            dated="start",
            of_six=2,
        ),
        Table(
            "revenue",
            "closed-won revenue, one row a booking",
            ("booking",),
            (
                _r("booking", T.TEXT, "id"),
                _r("booked_on", T.DATE, "day booked"),
                _r("amount", T.MONEY, "amount"),
                _o("account", T.TEXT, "account; none for sales to people who are no account"),
                _o("rep", T.TEXT, "credited seller; none for house sales"),
                _r("territory", T.TEXT, "territory in which it was made"),
            ),
            dated="booked_on",
            of_six=3,
        ),
        Table(
            "potential",
            "account potential",
            ("account",),
            (_r("account", T.TEXT, "account"), _r("amount", T.MONEY, "undiscounted potential, a year")),
            of_six=4,
        ),
        Table(
            "capacity",
            "rep capacity",
            ("rep",),
            (_r("rep", T.TEXT, "rep"), _r("target_units", T.COUNT, "account units of a full book")),
            of_six=5,
        ),
        Table(
            "quotas",
            "quota by rep and quarter",
            ("rep", "start"),
            (
                _r("rep", T.TEXT, "rep"),
                _r("start", T.DATE, "first day of the quarter"),
                _r("end", T.DATE, "first day after it"),
                _r("amount", T.MONEY, "quota"),
            ),
            dated="start",
            of_six=6,
        ),
        Table(
            "periods",
            "the fiscal calendar",
            ("start",),
            (_r("start", T.DATE, "first day"), _r("end", T.DATE, "first day after it"), _o("name", T.TEXT, "name")),
        ),
        Table(
            "opportunities",
            "open and closed deals",
            ("opportunity",),
            (
                _r("opportunity", T.TEXT, "id"),
                _o("name", T.TEXT, "name"),
                _o("account", T.TEXT, "account"),
                _r("rep", T.TEXT, "owner"),
                _r("status", T.TEXT, "open, won or lost"),
                _o("stage", T.TEXT, "stage"),
                _o("stage_rank", T.COUNT, "rank, 1 first"),
                _o("created_on", T.DATE, "day created; empty where the source does not say, and so unknown"),
                _o("closes_on", T.DATE, "expected close"),
                _o("closed_on", T.DATE, "day closed"),
                _o("amount", T.MONEY, "value"),
                _o("last_changed_on", T.DATE, "stage or close date last changed"),
            ),
            dated="created_on",
        ),
        Table(
            "compensation",
            "pay by rep and month",
            ("rep", "month"),
            (
                _r("rep", T.TEXT, "rep"),
                _r("month", T.DATE, "first day of the month"),
                _r("commission", T.MONEY, "commission"),
                _r("earnings", T.MONEY, "all variable and fixed pay"),
                _r("one_offs", T.MONEY, "one-offs and top-ups in it"),
                _r("leave_days", T.COUNT, "working days of leave"),
            ),
            dated="month",
        ),
        Table(
            "events",
            "what happened, and requests",
            ("event",),
            (
                _r("event", T.TEXT, "id"),
                _r("kind", T.TEXT, "departure, headcount, icp-shift, merger, segment-entry, request"),
                _r("happened_on", T.DATE, "day"),
                _o("region", T.TEXT, "region"),
                _o("rep", T.TEXT, "rep concerned"),
                _o("asked_by", T.TEXT, "who asks"),
                _o("closed_on", T.DATE, "dismissed or answered"),
                _o("note", T.TEXT, "in words"),
            ),
            dated="happened_on",
        ),
        Table(
            "claims",
            "second statements of a fact, by another source",
            ("claim", "subject", "source"),
            (
                _r(
                    "claim",
                    T.TEXT,
                    "which fact: rep_territory, rep_quota, account_owner, rep_revenue, territory_revenue",
                ),
                _r("subject", T.TEXT, "rep, account or territory"),
                _o("text", T.TEXT, "claimed name or id"),
                _o("amount", T.MONEY, "claimed amount"),
                _r("source", T.TEXT, "table and column that claims it"),
            ),
        ),
    )
}

MOVES = Table(
    "moves",
    "proposed account moves",
    ("account",),
    (
        _r("account", T.TEXT, "account"),
        _r("from_rep", T.TEXT, "giving rep"),
        _r("to_rep", T.TEXT, "receiving rep"),
        _r("effective", T.DATE, "day the owner changes in the CRM"),
        _o("requested_on", T.DATE, "day asked for"),
        _o("approved_on", T.DATE, "day approved"),
        _o("announced_on", T.DATE, "day announced"),
        _o("reason", T.TEXT, "why"),
        _o("requester", T.TEXT, "person who asks"),
        _o("approver", T.TEXT, "person who approves"),
        _o("evidence", T.TEXT, "link to the evidence"),
    ),
)
"""The table of `moves check`: it comes with a question and is not part of a snapshot."""


def six() -> Mapping[int, tuple[str, ...]]:
    """The six data sets of a complete audit (Rebalancing Checklist), each with the tables that carry it."""
    found: dict[int, tuple[str, ...]] = {}
    for table in TABLES.values():
        if table.of_six:
            found[table.of_six] = (*found.get(table.of_six, ()), table.name)
    return found
