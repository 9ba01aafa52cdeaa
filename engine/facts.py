"""The facts of every subject as one table each: what a condition may name, exactly, and what is unknown, and why.

A table has `subject_id` and a column for every fact of its subject in rules.vocabulary, named as conditions write it:

    subject_id | territory.t12 | territory.attainment#n | territory.attainment#d | …
    northwest  |     125000000 |                  41719 |                  50000 | …

Money is a BIGINT of the minor unit, a ratio two HUGEINTs in lowest terms with a denominator above zero, NULL is unknown
or, for an optional fact, none. A fact that rests on an absent input is NULL in every row and listed in `absent`.

Metrics that the policies declare on the subject (`metrics`) follow as further columns. Money and ratios that no
condition can compare exactly are refused. Every call makes a table of its own; facts of an earlier call, of other moves
or another day, stay as they were.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from engine.canonical import six
from engine.database import Database, quoted
from engine.intake.snapshot import Manifest
from engine.metrics.account import create_accounts
from engine.metrics.attainment import attainment_facts, attainments, create_sold, lowest_of
from engine.metrics.books import create_books
from engine.metrics.company import KINDS, MERGER, event_facts, headcount_turnover, open_events, people_facts
from engine.metrics.credit import opportunity_rows
from engine.metrics.declared_metrics import with_declared
from engine.metrics.dispersion import dispersion_facts
from engine.metrics.fact_needs import (
    SHARE_BY_TAM,
    SPLIT_NEEDS,
    lacking,
    missing_of,
    needs_of,
    weak_among,
    weak_evidence,
    whole_numbers,
)
from engine.metrics.fact_rows import cells_of, create_facts, refuse_beyond, set_fact
from engine.metrics.known import create_known, proposed_columns
from engine.metrics.move import move_rows
from engine.metrics.move_windows import create_windows
from engine.metrics.protection import protection_rows
from engine.metrics.quartiles import create_quartiles, top_departures
from engine.metrics.quota import create_quota_changes
from engine.metrics.share import Filled, create_attained
from engine.metrics.territory import create_territories, territories_left_out, territory_rows
from engine.metrics.wins import create_wins, win_facts
from rules.kinds import Kind, Value
from rules.model.calendar import Calendar
from rules.model.metric import Metric
from rules.vocabulary import FIELDS, Subject, fields_of

COMPANY_ID = "company"


@dataclass(frozen=True, slots=True)
class Facts:
    """Where one subject's facts are, and which of them nobody can know from this snapshot."""

    subject: Subject
    relation: str
    absent: frozenset[str]
    missing: Mapping[str, tuple[str, ...]]
    """Fact to the inputs that are not there: of every absent fact, and of one that some subjects lack for want of them.
    """
    proxies: Mapping[str, str] = field(default_factory=dict)
    """Fact that rests on less than measured evidence to what that is, in words."""


def territory_facts(
    db: Database,
    manifest: Manifest,
    parameters: Mapping[str, Value],
    as_of: date,
    metrics: Sequence[Metric] = (),
    *,
    after_company: bool = False,
) -> Facts:
    """Facts of every territory with accounts and reps. Raises BadInput for parameters that a definition needs.

    `after_company` says that `company_facts` was asked the same just before: what it computed of accounts and
    territories is taken, and not computed again.
    """
    create_known(db, manifest, as_of)
    facts = _unfilled(db, manifest, Subject.TERRITORY, metrics)
    numbers = whole_numbers(parameters, facts.subject, facts.absent, as_of)
    if not after_company:
        create_sold(db, as_of)
        create_accounts(db, manifest, numbers, as_of)
        create_territories(db, manifest, as_of)
        create_wins(db, as_of)
    facts = _with_shares(manifest, facts, create_attained(db, manifest, as_of))
    return _filled(
        db,
        manifest,
        facts,
        territory_rows(db, manifest, as_of, numbers.get("concentration_base")),
        metrics,
        as_of,
        parameters,
    )


def company_facts(
    db: Database, manifest: Manifest, parameters: Mapping[str, Value], as_of: date, metrics: Sequence[Metric] = ()
) -> Facts:
    """Facts of the company, one row. What is concluded on territories stays unknown until `set_company_fact`.

    Raises BadInput for parameters that a definition needs.
    """
    create_known(db, manifest, as_of)
    facts = _unfilled(db, manifest, Subject.COMPANY, metrics)
    own = ("company.headcount_turnover", *KINDS)
    numbers = whole_numbers(parameters, facts.subject, facts.absent, as_of, own)
    create_sold(db, as_of)
    values = {**attainment_facts(db, as_of), **people_facts(db, as_of)}
    if "turnover_days" in numbers:
        values["company.headcount_turnover"] = headcount_turnover(db, as_of, numbers["turnover_days"])
    if "event_days" in numbers:
        values.update(event_facts(db, as_of, numbers["event_days"]))
        values["company.open_departures_top_quartile"] = top_departures(db, as_of, numbers["event_days"])
    values.update(_over_territories(db, manifest, parameters, as_of))
    present = manifest.present()
    values["company.inputs_missing"] = sum(any(t not in present for t in tables) for tables in six().values())
    fields = fields_of(Subject.COMPANY)
    refuse_beyond({fields[f]: v for f, v in values.items()})
    columns = [
        f"{cell} AS {quoted(name)}"
        for f, v in values.items()
        for name, cell in cells_of(db.spelling, fields[f], v).items()
    ]
    return _filled(
        db,
        manifest,
        facts,
        f"SELECT {db.spelling.literal(COMPANY_ID, Kind.TEXT)} AS subject_id, {', '.join(columns)}",
        metrics,
        as_of,
        parameters,
    )


def move_facts(
    db: Database,
    manifest: Manifest,
    parameters: Mapping[str, Value],
    as_of: date,
    metrics: Sequence[Metric] = (),
    calendar: Calendar | None = None,
) -> Facts:
    """Facts of every proposed move in table `moves`, named by its account; without a calendar every day is open.

    Raises BadInput for parameters that a definition needs.
    """
    create_known(db, manifest, as_of)
    facts = _unfilled(db, manifest, Subject.MOVE, metrics)
    numbers = whole_numbers(parameters, facts.subject, facts.absent, as_of)
    create_accounts(db, manifest, numbers, as_of)
    create_books(db, as_of)
    create_windows(db, calendar or Calendar())
    create_quartiles(db, as_of)
    create_quota_changes(db, manifest)
    mergers = open_events(db, as_of, MERGER, numbers["event_days"]) if "event_days" in numbers else None
    return _filled(db, manifest, facts, move_rows(db.spelling, numbers, mergers), metrics, as_of, parameters)


def opportunity_facts(
    db: Database, manifest: Manifest, parameters: Mapping[str, Value], as_of: date, metrics: Sequence[Metric] = ()
) -> Facts:
    """Facts of every opportunity of an account in table `moves`, closed ones among them."""
    create_known(db, manifest, as_of)
    facts = _unfilled(db, manifest, Subject.OPPORTUNITY, metrics)
    whole_numbers(parameters, facts.subject, facts.absent, as_of)
    return _filled(db, manifest, facts, opportunity_rows(as_of), metrics, as_of, parameters)


def protection_facts(
    db: Database, manifest: Manifest, parameters: Mapping[str, Value], as_of: date, metrics: Sequence[Metric] = ()
) -> Facts:
    """Facts of every rep who gives or receives an account in table `moves`; the table also has the day `effective`.

    Raises BadInput for parameters that a definition needs.
    """
    create_known(db, manifest, as_of)
    facts = _unfilled(db, manifest, Subject.REP, metrics)
    numbers = whole_numbers(parameters, facts.subject, facts.absent, as_of)
    create_accounts(db, manifest, numbers, as_of)
    create_books(db, as_of)
    create_quartiles(db, as_of)
    return _filled(db, manifest, facts, protection_rows(db.spelling, numbers, as_of), metrics, as_of, parameters)


def _over_territories(
    db: Database, manifest: Manifest, parameters: Mapping[str, Value], as_of: date
) -> Mapping[str, Value | None]:
    """Company facts that compare territories. What a parameter would be needed for is unknown without it: the same
    parameters are asked for where the facts of territories are made.
    """
    numbers = {n: v for n, v in parameters.items() if isinstance(v, int) and not isinstance(v, bool)}
    create_accounts(db, manifest, numbers, as_of)
    create_territories(db, manifest, as_of)
    create_attained(db, manifest, as_of)
    create_books(db, as_of)
    create_wins(db, as_of)
    return {**dispersion_facts(db, manifest, as_of, numbers.get("concentration_base")), **win_facts(db)}


def set_company_fact(db: Database, facts: Facts, name: str, value: Value | None) -> None:
    """Fill one fact of the company's row; an absent fact stays unknown.

    Raises KeyError for no fact of the company, and BadInput for a number beyond a condition's reach.
    """
    found = fields_of(Subject.COMPANY)[name]
    if name not in facts.absent:
        set_fact(db, facts.relation, found, value)


def lowest_rep(db: Database, manifest: Manifest, as_of: date, *, after_company: bool = False) -> str | None:
    """The one rep with the lowest T4Q attainment in the spread; `None` where there is none or more than one.

    `after_company` is as in `territory_facts`.
    """
    create_known(db, manifest, as_of)
    return lowest_of(attainments(db, as_of, sold=after_company))


def territories_of(db: Database, manifest: Manifest, as_of: date, rep: str) -> tuple[str, ...]:
    """The territories that a rep works on a day, in order."""
    create_known(db, manifest, as_of)
    found = db.rows(
        """
        SELECT DISTINCT territory FROM known_assignments
        WHERE rep = $1 AND start <= $2 AND ("end" IS NULL OR "end" > $2) ORDER BY territory
        """,
        [rep, as_of],
    )
    return tuple(territory for (territory,) in found)


def left_out(db: Database, manifest: Manifest, as_of: date) -> list[tuple[str, str]]:
    """Territories without accounts or reps, which take no part in means and counts, each with the reason in words."""
    create_known(db, manifest, as_of)
    create_territories(db, manifest, as_of)
    return territories_left_out(db)


def _unfilled(db: Database, manifest: Manifest, subject: Subject, metrics: Sequence[Metric]) -> Facts:
    fields = (*FIELDS[subject], *(m.as_field() for m in metrics))
    missing = missing_of(fields, manifest.present() | proposed_columns(db))
    proxies = {name: words for name, words in weak_evidence(manifest, fields).items() if name not in missing}
    return Facts(subject, _new_relation(db, subject), frozenset(missing), missing, proxies)


def _new_relation(db: Database, subject: Subject) -> str:
    # A name of its own: whoever still holds earlier facts, of other moves or another day, reads those and not these.
    return db.fresh(f"facts_{subject.value}")


def _with_shares(manifest: Manifest, facts: Facts, filled: Filled) -> Facts:
    """The same facts, saying of territory attainment that shares were filled in, and what that lacked."""
    name = "territory.attainment"
    if not filled.any or name in facts.absent:
        return facts
    weak = weak_among(
        manifest, (*needs_of(fields_of(Subject.TERRITORY)[name]), *(SPLIT_NEEDS if filled.by_tam else ()))
    )
    gone = lacking(("assignments.share", *SPLIT_NEEDS), manifest.present()) if filled.failed else ()
    return replace(
        facts,
        proxies={**facts.proxies, name: ", ".join(words for words in (SHARE_BY_TAM, weak) if words)},
        missing={**facts.missing, name: gone} if gone else facts.missing,
    )


def _filled(
    db: Database,
    manifest: Manifest,
    facts: Facts,
    rows: str,
    declared: Sequence[Metric],
    day: date,
    given: Mapping[str, Value],
) -> Facts:
    known = [m for m in declared if m.name not in facts.absent]
    fields = (*FIELDS[facts.subject], *(m.as_field() for m in declared))
    create_facts(
        db, manifest, facts.relation, fields, facts.absent, with_declared(db, manifest, rows, known, given, day)
    )
    return facts
