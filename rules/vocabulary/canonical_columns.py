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


def required(name: str, kind: Type, meaning: str) -> Column:
    return Column(name, kind, required=True, meaning=meaning)


def optional(name: str, kind: Type, meaning: str) -> Column:
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
                required("territory", T.TEXT, "id"),
                required("name", T.TEXT, "name"),
                optional("region", T.TEXT, "region"),
                required("named", T.BOOL, "a named-account territory"),
                optional("changed_on", T.DATE, "definition last changed"),
                optional("segmentation", T.TEXT, "how it is cut: named, vertical, geographic or pooled"),
            ),
            of_six=1,
        ),
        Table(
            "reps",
            "sales people",
            ("rep",),
            (
                required("rep", T.TEXT, "id"),
                required("name", T.TEXT, "name"),
                optional("role", T.TEXT, "job title"),
                required("manager", T.BOOL, "manages others"),
                required("quota_carrying", T.BOOL, "carries a quota by role"),
                optional("region", T.TEXT, "region"),
                optional("reports_to", T.TEXT, "rep or person they report to"),
                required("hired_on", T.DATE, "first day"),
                optional("left_on", T.DATE, "first day no longer employed"),
                optional("size_segment", T.TEXT, "size segment served"),
                optional("licences", T.TEXT, "licences held, separated by `;`"),
            ),
        ),
        Table(
            "assignments",
            "who works which territory, dated",
            ("rep", "territory", "start"),
            (
                required("rep", T.TEXT, "rep"),
                required("territory", T.TEXT, "territory"),
                required("share", T.SHARE, "share of the territory, ppm"),
                required("start", T.DATE, "first day"),
                optional("end", T.DATE, "first day no longer"),
            ),
            dated="start",
            of_six=2,
        ),
        Table(
            "accounts",
            "customers and prospects",
            ("account",),
            (
                required("account", T.TEXT, "id"),
                optional("name", T.TEXT, "name"),
                required("territory", T.TEXT, "territory it lies in"),
                optional("parent", T.TEXT, "parent account"),
                required("size_segment", T.TEXT, "enterprise, mid-market, SMB"),
                required("named", T.BOOL, "a named account"),
                optional("industry", T.TEXT, "industry"),
                optional("contract_end", T.DATE, "end of the running contract"),
                required("strategic_anchor", T.BOOL, "a strategic relationship is anchored to its owner"),
                optional("required_licence", T.TEXT, "licence that its owner must hold"),
                optional("has_plan", T.BOOL, "an account plan is on file; empty: nobody looked"),
                optional("relationships", T.COUNT, "people at the customer who are known; empty: nobody counted"),
                optional("churn_risk", T.TEXT, "low, medium or high; empty: nobody judged it"),
            ),
        ),
        Table(
            "ownership",
            "who owns which account, dated",
            ("account", "start"),
            (
                required("account", T.TEXT, "account"),
                required("rep", T.TEXT, "owner"),
                required("start", T.DATE, "first day"),
                optional("end", T.DATE, "first day no longer"),
            ),
            dated="start",
            of_six=2,
        ),
        Table(
            "revenue",
            "closed-won revenue, one row a booking",
            ("booking",),
            (
                required("booking", T.TEXT, "id"),
                required("booked_on", T.DATE, "day booked"),
                required("amount", T.MONEY, "amount"),
                optional("account", T.TEXT, "account; none for sales to people who are no account"),
                optional("rep", T.TEXT, "credited seller; none for house sales"),
                required("territory", T.TEXT, "territory in which it was made"),
            ),
            dated="booked_on",
            of_six=3,
        ),
        Table(
            "potential",
            "account potential",
            ("account",),
            (required("account", T.TEXT, "account"), required("amount", T.MONEY, "undiscounted potential, a year")),
            of_six=4,
        ),
        Table(
            "capacity",
            "rep capacity",
            ("rep",),
            (required("rep", T.TEXT, "rep"), required("target_units", T.COUNT, "account units of a full book")),
            of_six=5,
        ),
        Table(
            "quotas",
            "quota by rep and quarter",
            ("rep", "start"),
            (
                required("rep", T.TEXT, "rep"),
                required("start", T.DATE, "first day of the quarter"),
                required("end", T.DATE, "first day after it"),
                required("amount", T.MONEY, "quota"),
            ),
            dated="start",
            of_six=6,
        ),
        Table(
            "periods",
            "the fiscal calendar",
            ("start",),
            (
                required("start", T.DATE, "first day"),
                required("end", T.DATE, "first day after it"),
                optional("name", T.TEXT, "name"),
            ),
        ),
        Table(
            "opportunities",
            "open and closed deals",
            ("opportunity",),
            (
                required("opportunity", T.TEXT, "id"),
                optional("name", T.TEXT, "name"),
                optional("account", T.TEXT, "account"),
                required("rep", T.TEXT, "owner"),
                required("status", T.TEXT, "open, won or lost"),
                optional("stage", T.TEXT, "stage"),
                optional("stage_rank", T.COUNT, "rank, 1 first"),
                optional("created_on", T.DATE, "day created; empty where the source does not say, and so unknown"),
                optional("closes_on", T.DATE, "expected close"),
                optional("closed_on", T.DATE, "day closed"),
                optional("amount", T.MONEY, "value"),
                optional("last_changed_on", T.DATE, "stage or close date last changed"),
            ),
            dated="created_on",
        ),
        Table(
            "compensation",
            "pay by rep and month",
            ("rep", "month"),
            (
                required("rep", T.TEXT, "rep"),
                required("month", T.DATE, "first day of the month"),
                required("commission", T.MONEY, "commission"),
                required("earnings", T.MONEY, "all variable and fixed pay"),
                required("one_offs", T.MONEY, "one-offs and top-ups in it"),
                required("leave_days", T.COUNT, "working days of leave"),
            ),
            dated="month",
        ),
        Table(
            "events",
            "what happened, and requests",
            ("event",),
            (
                required("event", T.TEXT, "id"),
                required("kind", T.TEXT, "departure, headcount, icp-shift, merger, segment-entry, request"),
                required("happened_on", T.DATE, "day"),
                optional("region", T.TEXT, "region"),
                optional("rep", T.TEXT, "rep concerned"),
                optional("asked_by", T.TEXT, "who asks"),
                optional("closed_on", T.DATE, "dismissed or answered"),
                optional("note", T.TEXT, "in words"),
            ),
            dated="happened_on",
        ),
        Table(
            "claims",
            "second statements of a fact, by another source",
            ("claim", "subject", "source"),
            (
                required(
                    "claim",
                    T.TEXT,
                    "which fact: rep_territory, rep_quota, account_owner, rep_revenue, territory_revenue",
                ),
                required("subject", T.TEXT, "rep, account or territory"),
                optional("text", T.TEXT, "claimed name or id"),
                optional("amount", T.MONEY, "claimed amount"),
                required("source", T.TEXT, "table and column that claims it"),
            ),
        ),
    )
}
