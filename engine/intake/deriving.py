"""What follows from rows that are there? Ends, periods and ownership that no export states, by named rules."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from engine.database import Database
from engine.intake.finding import counted
from engine.intake.mapping_shapes import Derive
from engine.intake.snapshot import Finding
from engine.intake.staging import STAGE
from rules.problem import BadInput, Place, Problem

Spans = Sequence[tuple[date, date]]


def staged_starts(db: Database) -> tuple[date, ...]:
    """The distinct starts in the staged table, in order; late rows among them, since a calendar is known beforehand."""
    return tuple(
        day for (day,) in db.rows(f"SELECT DISTINCT v_start FROM {STAGE} WHERE v_start IS NOT NULL ORDER BY 1")
    )


def spans(starts: Sequence[date], last_end: date, where: Place) -> Spans:
    """Each start with the next one, the last with `last_end`. Raises BadInput if that is not after it."""
    if starts and starts[-1] >= last_end:
        problem = Problem(where, "`last_end` is not after the last start", last_end.isoformat(), f"after {starts[-1]}")
        raise BadInput([problem])
    return tuple(pairwise((*starts, last_end)))


def calendar(derive: Derive, where: Place) -> Spans:
    """`count` periods of `months` months from `first`. Raises BadInput if some months lack the day."""
    if derive.first is None or derive.first.day > 28:  # noqa: PLR2004 -- the day that every month has
        raise BadInput(
            [Problem(where, "a period starts on a day that some months lack", expected="a day up to the 28th")]
        )
    months = [derive.first.year * 12 + derive.first.month - 1 + i * derive.months for i in range(derive.count + 1)]
    days = [derive.first.replace(year=m // 12, month=m % 12 + 1) for m in months]
    return tuple(pairwise(days))


def add_ends(db: Database, ends: Spans) -> None:
    """Fill `v_end` of the staged table from its starts."""
    db.run(f"ALTER TABLE {STAGE} ADD COLUMN v_end DATE")
    db.run("CREATE OR REPLACE TEMP TABLE spans (start DATE, stop DATE)")
    db.run_many("INSERT INTO spans VALUES (?, ?)", ends)
    db.run(f"UPDATE {STAGE} SET v_end = spans.stop FROM spans WHERE v_start = spans.start")


def create_periods(db: Database, ends: Spans) -> None:
    """The table `periods`."""
    db.run('CREATE TABLE periods (start DATE, "end" DATE)')
    db.run_many("INSERT INTO periods VALUES (?, ?)", ends)


def create_credited_ownership(db: Database) -> tuple[Finding, ...]:
    """The table `ownership` from revenue: an account is the last seller's, from the first of a run of bookings on.

    Bookings are in order of day, then id (shorter before longer, so that numbers count). An account that two reps sold
    to on one day goes to the later booking; such days are a finding.
    """
    db.run(
        "CREATE OR REPLACE TEMP TABLE credited AS SELECT account, booked_on AS start,"
        " arg_max(rep, (length(booking), booking)) AS rep, min(rep) <> max(rep) AS several FROM revenue"
        " WHERE account IS NOT NULL AND rep IS NOT NULL GROUP BY account, booked_on"
    )
    db.run(
        "CREATE TABLE ownership AS SELECT account, rep, start, lead(start) OVER (PARTITION BY account ORDER BY start)"
        ' AS "end" FROM (SELECT *, lag(rep) OVER (PARTITION BY account ORDER BY start) AS before FROM credited)'
        " WHERE before IS DISTINCT FROM rep ORDER BY account, start"
    )
    return counted(
        db,
        "SELECT account, start, rep, (SELECT string_agg(DISTINCT r.rep, ', ' ORDER BY r.rep) FROM revenue r"
        " WHERE r.account = c.account AND r.booked_on = c.start) AS reps FROM credited c WHERE several"
        " ORDER BY account, start",
        name="sellers-on-one-day",
        message="accounts were sold to by several reps on one day; the last booking counts",
        say=lambda r: f"account {r['account']} on {r['start']}: sold by {r['reps']}, counted for {r['rep']}",
    )
