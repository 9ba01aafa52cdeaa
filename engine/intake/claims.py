"""What do other columns of the exports say about the same facts? Claims, compared with the tables, with both sides.

Agreement is evidence and is reported too. Revenue and account owners are compared within the windows of the mapping
that list them, and only when a window has ended; what was not compared is said.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from engine.database import Database, text
from engine.intake.finding import amount, counted
from engine.intake.mapping_shapes import Money, Window
from engine.intake.snapshot import Finding


@dataclass(frozen=True, slots=True)
class Question:
    """Which day and which windows claims are compared in, and how amounts are shown."""

    as_of: date
    windows: Mapping[str, Window]
    money: Money

    def shown(self, units: int) -> str:
        return amount(units, self.money.scale, self.money.minor_digits)


def claim_findings(db: Database, question: Question) -> tuple[Finding, ...]:
    """Every claim against the table that answers the same question, for the claims that the snapshot has."""
    if not db.has("claims"):
        return ()
    found: list[Finding] = []
    kinds = {kind for (kind,) in db.rows("SELECT DISTINCT claim FROM claims")}
    if "rep_territory" in kinds and db.has("assignments"):
        found += _territories(db)
    if "rep_quota" in kinds and db.has("quotas"):
        found += _quotas(db, question)
    if "account_owner" in kinds and db.has("ownership"):
        found += _owners(db)
    for name, window in sorted(question.windows.items()):
        asked = [c for c in window.claims if c in kinds and db.has("revenue")]
        if asked and window.end > question.as_of + timedelta(days=1):
            words = f"window `{name}` ends on {window.end}, after {question.as_of}"
            found.append(
                Finding("claims-not-compared", "claims are of a window that has not ended", len(asked), None, (words,))
            )
            continue
        for claim in asked:
            found += _COMPARED[claim](db, question, name)
    return tuple(found)


def _territories(db: Database) -> Iterator[Finding]:
    claims = (
        "(SELECT subject, text, source, (SELECT string_agg(territory, ', ' ORDER BY territory) FROM assignments"
        " WHERE rep = subject AND \"end\" IS NULL) AS works FROM claims WHERE claim = 'rep_territory')"
    )
    of = db.value(f"SELECT count(*) FROM {claims}")
    yield from counted(
        db,
        f"SELECT * FROM {claims} WHERE works IS NOT NULL AND (subject, text) NOT IN"
        ' (SELECT (rep, territory) FROM assignments WHERE "end" IS NULL) ORDER BY subject, source',
        name="territory-disagrees",
        message="reps are claimed for another territory than they are assigned to",
        say=lambda r: f"rep {r['subject']}: {r['source']} claims {r['text']}; assigned to {r['works']}",
        of=of,
    )
    yield from counted(
        db,
        f"SELECT * FROM {claims} WHERE works IS NULL ORDER BY subject, source",
        name="territory-not-assigned",
        message="reps are claimed for a territory and have no open assignment",
        say=lambda r: f"rep {r['subject']}: {r['source']} claims {r['text']}; no open assignment",
        of=of,
    )


def _quotas(db: Database, question: Question) -> Iterator[Finding]:
    """The claim may mean the latest quarter or the last four full ones: it disagrees when it is neither."""
    day = f"DATE '{question.as_of.isoformat()}'"
    db.run(
        "CREATE OR REPLACE TEMP TABLE claimed_quotas AS SELECT subject, source, c.amount AS claimed,"
        " (SELECT max(start) FROM quotas WHERE rep = subject) AS latest_start,"
        " (SELECT arg_max(amount, start) FROM quotas WHERE rep = subject) AS latest,"
        " (SELECT CASE WHEN count(*) = 4 THEN CAST(sum(amount) AS BIGINT) END FROM (SELECT amount FROM quotas"
        f' WHERE rep = subject AND "end" <= {day} + 1 ORDER BY start DESC LIMIT 4)) AS year'
        " FROM claims c WHERE claim = 'rep_quota' AND c.amount IS NOT NULL"
    )

    def say(row: Mapping[str, Any]) -> str:
        claimed = row["claimed"]
        words = f"rep {row['subject']}: {row['source']} claims {question.shown(claimed)}"
        for name, side in ((f"quarter from {row['latest_start']}", row["latest"]), ("last four quarters", row["year"])):
            shown = (
                "unknown" if side is None else f"{question.shown(side)}, difference {question.shown(claimed - side)}"
            )
            words += f"; {name} {shown}"
        return words

    yield from counted(
        db,
        "SELECT * FROM claimed_quotas WHERE claimed IS DISTINCT FROM latest AND claimed IS DISTINCT FROM year"
        " ORDER BY subject, source",
        name="quota-disagrees",
        message="claimed quotas are neither the latest quarter's nor the last four quarters'",
        say=say,
        of=db.value("SELECT count(*) FROM claimed_quotas"),
    )


def _owners(db: Database) -> Iterator[Finding]:
    both = (
        'claims JOIN (SELECT account, rep FROM ownership WHERE "end" IS NULL) o ON account = subject'
        " WHERE claim = 'account_owner'"
    )
    yield from counted(
        db,
        f"SELECT account, rep, text, source FROM {both} AND text IS DISTINCT FROM rep ORDER BY account, source",
        name="owner-disagrees",
        message="accounts are claimed for another owner than they have",
        say=lambda r: f"account {r['account']}: {r['source']} claims {r['text'] or 'nobody'}; owner {r['rep']}",
        of=db.value(f"SELECT count(*) FROM {both}"),
    )


def _sellers(db: Database, question: Question, window: str) -> Iterator[Finding]:
    sold = (
        "(SELECT account, text, source, string_agg(DISTINCT rep, ', ' ORDER BY rep) AS sellers,"
        " bool_or(rep IS DISTINCT FROM text) AS other FROM revenue JOIN claims ON account = subject"
        f" WHERE claim = 'account_owner' AND rep IS NOT NULL AND {_inside(question, window)} GROUP BY ALL)"
    )
    yield from counted(
        db,
        f"SELECT * FROM {sold} WHERE other ORDER BY account, source",
        name="owner-is-not-seller",
        message=f"accounts have sales in window `{window}` by another rep than the claimed owner",
        say=lambda r: f"account {r['account']}: {r['source']} claims {r['text'] or 'nobody'}; sold by {r['sellers']}",
        of=db.value(f"SELECT count(*) FROM {sold}"),
    )


def _revenue(db: Database, question: Question, window: str, subject: str) -> Iterator[Finding]:
    both = (
        "(SELECT subject, source, amount AS claimed, CAST(coalesce((SELECT sum(r.amount) FROM revenue r WHERE"
        f" r.{subject} = subject AND {_inside(question, window)}), 0) AS BIGINT) AS booked"
        f" FROM claims WHERE claim = '{subject}_revenue' AND amount IS NOT NULL)"
    )
    of = db.value(f"SELECT count(*) FROM {both}")
    agrees = db.value(f"SELECT count(*) FROM {both} WHERE claimed = booked")
    plural = {"rep": "reps", "territory": "territories"}[subject]
    if agrees:
        sources = db.value(f"SELECT string_agg(DISTINCT source, ', ' ORDER BY source) FROM {both}")
        message = f"{plural} whose booked revenue in window `{window}` equals the claim exactly"
        yield Finding(f"{subject}-revenue-agrees", message, int(agrees), int(of), (f"claimed by {sources}",))
    yield from counted(
        db,
        f"SELECT * FROM {both} WHERE claimed <> booked ORDER BY subject, source",
        name=f"{subject}-revenue-disagrees",
        message=f"{plural} whose booked revenue in window `{window}` is not the claimed amount",
        say=lambda r: (
            f"{subject} {r['subject']}: {r['source']} claims {question.shown(r['claimed'])}; booked "
            f"{question.shown(r['booked'])}, difference {question.shown(r['claimed'] - r['booked'])}"
        ),
        of=int(of),
    )


def _reps(db: Database, question: Question, window: str) -> Iterator[Finding]:
    return _revenue(db, question, window, "rep")


def _areas(db: Database, question: Question, window: str) -> Iterator[Finding]:
    return _revenue(db, question, window, "territory")


def _inside(question: Question, window: str) -> str:
    span = question.windows[window]
    return f"booked_on >= DATE {text(span.start.isoformat())} AND booked_on < DATE {text(span.end.isoformat())}"


_COMPARED: Mapping[str, Callable[[Database, Question, str], Iterator[Finding]]] = {
    "account_owner": _sellers,
    "rep_revenue": _reps,
    "territory_revenue": _areas,
}
