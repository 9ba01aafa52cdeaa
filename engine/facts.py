"""The facts of every subject as one table each: what a condition may name, exactly, and what is unknown, and why.

A table has `subject_id` and a column for every fact of its subject in rules.vocabulary, named as conditions write it:

    subject_id | territory.t12 | territory.attainment#n | territory.attainment#d | …
    northwest  |     125000000 |                  41719 |                  50000 | …

Money is a BIGINT of the minor unit, a ratio two HUGEINTs in lowest terms with a denominator above zero, NULL is unknown
or, for an optional fact, none. A fact that rests on an absent input is NULL in every row and listed in `absent`.

A table is made anew by every call for its subject: facts of an earlier call are gone then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from engine.amounts import rounded
from engine.database import Database, quoted, text
from engine.known import create_known, proposed_columns
from engine.metrics_account import create_accounts, create_books
from engine.metrics_attainment import attainment_by_rep, attainment_facts, lowest_of
from engine.metrics_company import MERGER, REQUEST, headcount_turnover, open_events
from engine.metrics_credit import opportunity_rows
from engine.metrics_move import move_rows
from engine.metrics_protection import protection_rows
from engine.metrics_territory import create_territories, territories_left_out, territory_rows
from engine.snapshot import Manifest
from rules.kinds import Kind, Value
from rules.problem import BadInput, Place, Problem
from rules.term import RANGE, RATIO_REACH
from rules.vocabulary import FIELDS, Field, Subject, fields_of

COMPANY_ID = "company"

_ROLES = ("reps.manager", "reps.quota_carrying", "reps.hired_on")
_ALSO_NEEDS: Mapping[str, tuple[str, ...]] = {
    "company.headcount_turnover": ("reps.quota_carrying",),
    "rep.t12_reduction": ("ownership",),
    "rep.tam_reduction": ("ownership",),
    "rep.base_months": ("compensation.leave_days",),
    "rep.base_commission": ("compensation.commission", "compensation.leave_days"),
    "rep.base_earnings": ("compensation.earnings", "compensation.one_offs", "compensation.leave_days"),
    "to_rep.active": ("reps.hired_on",),
}
"""Columns that a fact's definition reads besides what the vocabulary names, because a table may be filled in part."""

_SQL_TYPE = {Kind.BOOL: "BOOLEAN", Kind.TEXT: "VARCHAR", Kind.DATE: "DATE"}


@dataclass(frozen=True, slots=True)
class Facts:
    """Where one subject's facts are, and which of them nobody can know from this snapshot."""

    subject: Subject
    relation: str
    absent: frozenset[str]
    missing: Mapping[str, tuple[str, ...]]
    """Absent fact to the inputs that are not there."""


def territory_facts(db: Database, manifest: Manifest, parameters: Mapping[str, Value], as_of: date) -> Facts:
    """Facts of every territory with accounts and reps. Raises BadInput for parameters that a definition needs."""
    create_known(db, manifest, as_of)
    facts = _unfilled(db, manifest, Subject.TERRITORY)
    numbers = _whole_numbers(parameters, facts, as_of)
    create_accounts(db, manifest, numbers, as_of)
    create_territories(db, manifest, as_of)
    return _filled(db, manifest, facts, territory_rows(db, manifest, as_of, numbers.get("concentration_base")))


def company_facts(db: Database, manifest: Manifest, parameters: Mapping[str, Value], as_of: date) -> Facts:
    """Facts of the company, one row. What is concluded on territories stays unknown until `set_company_fact`.

    Raises BadInput for parameters that a definition needs.
    """
    create_known(db, manifest, as_of)
    facts = _unfilled(db, manifest, Subject.COMPANY)
    own = ("company.headcount_turnover", "company.open_requests", "company.open_mergers")
    numbers = _whole_numbers(parameters, facts, as_of, own)
    values = attainment_facts(db, as_of)
    if "turnover_days" in numbers:
        values["company.headcount_turnover"] = headcount_turnover(db, as_of, numbers["turnover_days"])
    if "event_days" in numbers:
        values["company.open_requests"] = open_events(db, as_of, REQUEST, numbers["event_days"])
        values["company.open_mergers"] = open_events(db, as_of, MERGER, numbers["event_days"])
    fields = fields_of(Subject.COMPANY)
    columns = [f"{cell} AS {quoted(name)}" for f, v in values.items() for name, cell in _cells(fields[f], v).items()]
    return _filled(db, manifest, facts, f"SELECT {text(COMPANY_ID)} AS subject_id, {', '.join(columns)}")


def move_facts(db: Database, manifest: Manifest, parameters: Mapping[str, Value], as_of: date) -> Facts:
    """Facts of every proposed move in table `moves`, named by its account.

    Raises BadInput for parameters that a definition needs.
    """
    create_known(db, manifest, as_of)
    facts = _unfilled(db, manifest, Subject.MOVE)
    numbers = _whole_numbers(parameters, facts, as_of)
    create_accounts(db, manifest, numbers, as_of)
    create_books(db, as_of)
    mergers = open_events(db, as_of, MERGER, numbers["event_days"]) if "event_days" in numbers else None
    return _filled(db, manifest, facts, move_rows(numbers, mergers))


def opportunity_facts(db: Database, manifest: Manifest, parameters: Mapping[str, Value], as_of: date) -> Facts:
    """Facts of every opportunity of an account in table `moves`, closed ones among them."""
    create_known(db, manifest, as_of)
    facts = _unfilled(db, manifest, Subject.OPPORTUNITY)
    _whole_numbers(parameters, facts, as_of)
    return _filled(db, manifest, facts, opportunity_rows(as_of))


def protection_facts(db: Database, manifest: Manifest, parameters: Mapping[str, Value], as_of: date) -> Facts:
    """Facts of every rep who gives or receives an account in table `moves`; the table also has the day `effective`.

    Raises BadInput for parameters that a definition needs.
    """
    create_known(db, manifest, as_of)
    facts = _unfilled(db, manifest, Subject.REP)
    numbers = _whole_numbers(parameters, facts, as_of)
    create_accounts(db, manifest, numbers, as_of)
    create_books(db, as_of)
    return _filled(db, manifest, facts, protection_rows(numbers, as_of))


def set_company_fact(db: Database, facts: Facts, name: str, value: Value | None) -> None:
    """Fill one fact of the company's row; an absent fact stays unknown. Raises KeyError for no fact of the company."""
    field = fields_of(Subject.COMPANY)[name]
    if name not in facts.absent:
        cells = ", ".join(f"{quoted(column)} = {cell}" for column, cell in _cells(field, value).items())
        db.run(f"UPDATE {quoted(facts.relation)} SET {cells}")


def lowest_rep(db: Database, manifest: Manifest, as_of: date) -> str | None:
    """The one rep with the lowest T4Q attainment in the spread; `None` where there is none or more than one."""
    return lowest_of(attainment_by_rep(db, manifest, as_of))


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


def _unfilled(db: Database, manifest: Manifest, subject: Subject) -> Facts:
    here = manifest.present() | proposed_columns(db)
    missing = {}
    for field in FIELDS[subject]:
        roles = _ROLES if {"quotas", "reps"} <= set(field.needs) else ()
        needs = dict.fromkeys((*field.needs, *roles, *_ALSO_NEEDS.get(field.name, ())))
        gone = [n for n in needs if n not in here]
        if gone:
            # A table that is not there says it all; its columns would only repeat it.
            missing[field.name] = tuple(n for n in gone if "." not in n or n.partition(".")[0] not in gone)
    return Facts(subject, f"facts_{subject.value}", frozenset(missing), missing)


def _whole_numbers(
    parameters: Mapping[str, Value], facts: Facts, as_of: date, names: tuple[str, ...] = ()
) -> dict[str, int]:
    """The parameters that the definitions of the facts (all known ones, or `names`) read; BadInput with every fault."""
    wanted: dict[str, str] = {}
    for field in FIELDS[facts.subject]:
        if field.name not in facts.absent and (not names or field.name in names):
            for name in field.uses:
                wanted.setdefault(name, field.name)
    numbers, problems = {}, []
    for name, fact in wanted.items():
        value = parameters.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            numbers[name] = value
        else:
            wrong = "has no value" if value is None else "is not a whole number"
            message = f"parameter `{name}` {wrong} on {as_of.isoformat()}"
            found = "" if value is None else str(value)
            problems.append(Problem(Place("policies"), message, found, hint=f"`{fact}` is defined with it"))
    if problems:
        raise BadInput(problems)
    return numbers


def _filled(db: Database, manifest: Manifest, facts: Facts, rows: str) -> Facts:
    """Make the table of facts from rows at the source's money scale. OverflowError beyond a condition's reach."""
    given = frozenset(name for name, *_ in db.rows(f"DESCRIBE {rows}"))
    columns = ["subject_id"]
    for field in FIELDS[facts.subject]:
        columns += _columns(field, given if field.name not in facts.absent else frozenset(), manifest)
    columns += [quoted(name) for name in ("effective",) if name in given]
    relation = quoted(facts.relation)
    db.run(f"CREATE OR REPLACE TABLE {relation} AS SELECT {', '.join(columns)} FROM ({rows}) ORDER BY subject_id")
    for field in FIELDS[facts.subject]:
        if field.kind in {Kind.RATIO, Kind.MONEY}:
            names = [f"{field.name}#n", f"{field.name}#d"] if field.kind is Kind.RATIO else [field.name]
            largest = ", ".join(f"max(abs({quoted(name)}))" for name in names)
            [found] = db.rows(f"SELECT {largest} FROM {relation}")
            _refuse_beyond(field, found)
    return facts


def _columns(field: Field, given: frozenset[str], manifest: Manifest) -> list[str]:
    if field.kind is Kind.RATIO:
        n, d = quoted(f"{field.name}#n"), quoted(f"{field.name}#d")
        if f"{field.name}#n" not in given:
            return [f"CAST(NULL AS HUGEINT) AS {n}", f"CAST(NULL AS HUGEINT) AS {d}"]
        top, bottom = f"CAST({n} AS HUGEINT)", f"CAST({d} AS HUGEINT)"
        known = f"CASE WHEN {n} IS NOT NULL AND {d} > 0 THEN"
        return [f"{known} {part} // gcd({top}, {bottom}) END AS {name}" for part, name in ((top, n), (bottom, d))]
    name = quoted(field.name)
    source = name if field.name in given else "NULL"
    if field.kind is Kind.MONEY:
        return [f"{rounded(source, manifest)} AS {name}"]
    return [f"CAST({source} AS {_SQL_TYPE.get(field.kind, 'BIGINT')}) AS {name}"]


def _cells(field: Field, value: Value | None) -> dict[str, str]:
    """A value as SQL by column name."""
    if field.kind is Kind.RATIO:
        if value is None:
            return {f"{field.name}#n": "CAST(NULL AS HUGEINT)", f"{field.name}#d": "CAST(NULL AS HUGEINT)"}
        ratio = Fraction(value)  # type: ignore[arg-type] # a ratio's value is a Fraction
        _refuse_beyond(field, (abs(ratio.numerator), ratio.denominator))
        return {
            f"{field.name}#n": f"CAST({ratio.numerator} AS HUGEINT)",
            f"{field.name}#d": f"CAST({ratio.denominator} AS HUGEINT)",
        }
    literal = "NULL" if value is None else text(value.isoformat() if isinstance(value, date) else str(value))
    return {field.name: f"CAST({literal} AS {_SQL_TYPE.get(field.kind, 'BIGINT')})"}


def _refuse_beyond(field: Field, sizes: Iterable[int | None]) -> None:
    """A number that conditions cannot compare exactly is refused; it is never cut."""
    most = RATIO_REACH if field.kind is Kind.RATIO else RANGE[field.kind][1]
    if any(size is not None and size > most for size in sizes):
        reach = f"10^{len(str(most)) - 1}"
        raise OverflowError(f"`{field.name}` needs whole numbers beyond {reach}: amounts are too large or too varied")
