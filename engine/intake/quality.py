"""Do the canonical tables hang together on the day? What does not is found, counted and listed, never resolved.

Compared as of the snapshot's day: a row of `ownership` or `assignments` without an end is open on it.
"""

from datetime import date

from engine.database import Database
from engine.intake.finding import counted
from engine.intake.snapshot import Finding

_OPEN = '(SELECT account, rep FROM ownership WHERE "end" IS NULL)'


def quality_findings(db: Database, as_of: date) -> tuple[Finding, ...]:
    """Every finding about owners, territories, overlaps, parents and deals that the tables at hand allow."""
    here = {t for t in ("accounts", "reps", "ownership", "assignments", "opportunities") if db.has(t)}
    found: list[Finding] = []
    if {"accounts", "ownership"} <= here:
        found += _accounts_without_owner(db)
    if {"reps", "ownership"} <= here:
        found += _owners_without_accounts(db, as_of)
    if {"accounts", "ownership", "assignments"} <= here and "territory" in db.columns("accounts"):
        found += _owners_elsewhere(db)
    if "assignments" in here:
        found += _overlaps(db, "assignments", ("rep", "territory"))
    if "ownership" in here:
        found += _overlaps(db, "ownership", ("account",))
    if "parent" in db.columns("accounts"):
        found += _unknown_parents(db)
    if {"account", "status"} <= set(db.columns("opportunities")):
        found += _deals_without_account(db)
    return tuple(found)


def _accounts_without_owner(db: Database) -> tuple[Finding, ...]:
    return counted(
        db,
        f"SELECT account FROM accounts WHERE account NOT IN (SELECT account FROM {_OPEN}) ORDER BY account",
        name="account-without-owner",
        message="accounts have no owner",
        say=lambda r: f"account {r['account']}",
        of=db.value("SELECT count(*) FROM accounts"),
    )


def _owners_without_accounts(db: Database, as_of: date) -> tuple[Finding, ...]:
    columns = db.columns("reps")
    day = f"DATE '{as_of.isoformat()}'"
    active = [f"hired_on <= {day}"] * ("hired_on" in columns) + ["NOT manager"] * ("manager" in columns)
    active += ["left_on IS NULL"] * ("left_on" in columns)
    reps = "(SELECT rep FROM reps" + (f" WHERE {' AND '.join(active)})" if active else ")")
    return counted(
        db,
        f"SELECT rep FROM {reps} WHERE rep NOT IN (SELECT rep FROM {_OPEN}) ORDER BY rep",
        name="owner-without-accounts",
        message="active reps own no account",
        say=lambda r: f"rep {r['rep']}",
        of=db.value(f"SELECT count(*) FROM {reps}"),
    )


def _owners_elsewhere(db: Database) -> tuple[Finding, ...]:
    return counted(
        db,
        "SELECT account, territory, rep, (SELECT string_agg(territory, ', ' ORDER BY territory) FROM assignments w"
        f' WHERE w.rep = o.rep AND "end" IS NULL) AS works FROM accounts JOIN {_OPEN} o USING (account)'
        ' WHERE (rep, territory) NOT IN (SELECT (rep, territory) FROM assignments WHERE "end" IS NULL)'
        " ORDER BY account",
        name="owner-outside-territory",
        message="accounts have an owner who does not work their territory",
        say=lambda r: (
            f"account {r['account']} lies in territory {r['territory']}; owner {r['rep']} works "
            + (f"territory {r['works']}" if r["works"] else "none")
        ),
        of=db.value(f"SELECT count(*) FROM accounts JOIN {_OPEN} USING (account)"),
    )


def _overlaps(db: Database, table: str, keys: tuple[str, ...]) -> tuple[Finding, ...]:
    by = ", ".join(keys)
    return counted(
        db,
        f'SELECT {by}, start, "end" AS stop, next FROM (SELECT *, lead(start) OVER (PARTITION BY {by} ORDER BY start)'
        f' AS next FROM {table}) WHERE next IS NOT NULL AND ("end" IS NULL OR "end" > next) ORDER BY {by}, start',
        name=f"overlapping-{table}",
        message=f"{table} of one {' and '.join(keys)} overlap",
        say=lambda r: (
            ", ".join(f"{k} {r[k]}" for k in keys)
            + f": from {r['start']} to {r['stop'] or 'now'}, and again from {r['next']}"
        ),
    )


def _unknown_parents(db: Database) -> tuple[Finding, ...]:
    return counted(
        db,
        "SELECT account, parent FROM accounts WHERE parent NOT IN (SELECT account FROM accounts) ORDER BY account",
        name="unknown-parent",
        message="accounts have a parent that is not among the accounts",
        say=lambda r: f"account {r['account']}: parent {r['parent']}",
        of=db.value("SELECT count(*) FROM accounts WHERE parent IS NOT NULL"),
    )


def _deals_without_account(db: Database) -> tuple[Finding, ...]:
    return counted(
        db,
        "SELECT opportunity FROM opportunities WHERE status = 'open' AND account IS NULL ORDER BY opportunity",
        name="deal-without-account",
        message="open deals have no account",
        say=lambda r: f"opportunity {r['opportunity']}",
        of=db.value("SELECT count(*) FROM opportunities WHERE status = 'open'"),
    )
