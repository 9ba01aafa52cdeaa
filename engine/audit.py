"""Should we rebalance? Territories first, then the company, which sees what was concluded on its territories.

A territory that is still undecided counts neither as a candidate nor as none: the company's counts then come as a lower
bound that is certain, and an exact number that is unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from engine.canonical import six
from engine.database import Database, quoted
from engine.engines.dialect import keep_rows
from engine.evaluate import Evaluation, evaluate, question_of
from engine.explain import case_of, outcome_of, outcomes
from engine.facts import COMPANY_ID, Facts, company_facts, lowest_rep, set_company_fact, territories_of, territory_facts
from engine.inference.logic import Conclusion, Truth
from engine.intake.snapshot import Manifest
from engine.outcome import Outcome
from rules.kinds import Kind, Value
from rules.model.policy import PolicySet, Rule
from rules.model.rule_kind import RuleKind
from rules.problem import BadInput, Place, Problem
from rules.reading.load import single_in_force
from rules.vocabulary import Subject

KINDS = (RuleKind.TRIGGER, RuleKind.NON_TRIGGER, RuleKind.INDICATOR)


@dataclass(frozen=True, slots=True)
class Audit:
    """The answer, with what it rests on."""

    as_of: date
    region: str
    company: Outcome
    territories: tuple[Outcome, ...]
    missing_sets: tuple[str, ...]
    """Tables of the six data sets of a complete audit that this snapshot does not have."""
    case: Mapping[str, Value | None]
    """The company's facts as exact values."""
    company_evaluation: Evaluation
    territory_evaluation: Evaluation | None


def audit(db: Database, manifest: Manifest, policies: PolicySet, as_of: date, *, region: str = "") -> Audit:
    """Audit the snapshot loaded in `db`; with `region`, only its territories and reps count: rows of others are deleted
    from `db`, whose later answers are about that region too.

    Raises BadInput for a region that no territory lies in, for parameters that a definition needs, and where no rule is
    in force.
    """
    if region:
        _keep_region(db, manifest, region)
    parameters = single_in_force(policies, as_of)
    facts = company_facts(db, manifest, parameters, as_of, policies.metrics(Subject.COMPANY))
    territory: Evaluation | None = None
    rules = _rules(policies, Subject.TERRITORY, as_of)
    if "territories" in manifest.present() and rules:
        question = question_of(
            policies, rules, policies.fields(Subject.TERRITORY), as_of, minor_digits=manifest.minor_digits
        )
        metrics = policies.metrics(Subject.TERRITORY)
        rows = territory_facts(db, manifest, parameters, as_of, metrics, after_company=True)
        territory = evaluate(db, question, rows)
        _roll_up(db, facts, territory)
        _lowest(db, manifest, as_of, facts, territory)
    question = question_of(
        policies,
        _rules(policies, Subject.COMPANY, as_of),
        policies.fields(Subject.COMPANY),
        as_of,
        minor_digits=manifest.minor_digits,
    )
    company = evaluate(db, question, facts)
    outcome = outcome_of(company, COMPANY_ID)
    assert outcome is not None, "the company frame has one row"  # noqa: S101
    present = manifest.present()
    missing = tuple(t for tables in six().values() for t in tables if t not in present)
    found = tuple(outcomes(territory)) if territory else ()
    return Audit(as_of, region, outcome, found, missing, case_of(company, COMPANY_ID), company, territory)


def _rules(policies: PolicySet, subject: Subject, day: date) -> tuple[Rule, ...]:
    return tuple(r for r in policies.rules(day=day) if r.kind in KINDS and r.subject is subject)


def _roll_up(db: Database, facts: Facts, territory: Evaluation) -> None:
    """Hand the company what was concluded on its territories, as counts."""
    conclusions = territory.by_subject()
    total = len(conclusions)
    if not total:
        return
    for level, lower, exact in (
        ("rebalance", "company.candidates_at_least", "company.candidate_territories"),
        ("review", "company.reviewed_territories_at_least", "company.reviewed_territories"),
    ):
        certain = sum(c.level[territory.ladder] == level for c in conclusions.values())
        possible = sum(_may_reach(c, territory.ladder, level) for c in conclusions.values())
        set_company_fact(db, facts, lower, certain)
        set_company_fact(db, facts, exact, None if possible else certain)
        if level == "rebalance":
            set_company_fact(db, facts, "company.candidate_share_at_least", Fraction(certain, total))
            set_company_fact(db, facts, "company.candidate_share", None if possible else Fraction(certain, total))


def _may_reach(conclusion: Conclusion, ladder: str, level: str) -> bool:
    """Whether an unknown rule may still bring the subject to that level."""
    return any(where == ladder and to == level for where, to, _ in conclusion.may_rise)


def _lowest(db: Database, manifest: Manifest, as_of: date, facts: Facts, territory: Evaluation) -> None:
    """Count balance metrics out of band in the lowest rep's territories, attainment left out; unknown if one is
    unknown, or where that rep works no territory that was audited.
    """
    rep = lowest_rep(db, manifest, as_of, after_company=True)
    if rep is None:
        return
    others = {
        rule.id
        for rule in territory.question.rules
        if rule.group and rule.when and "territory.attainment" not in rule.when.fields
    }
    theirs = set(territories_of(db, manifest, as_of, rep))
    audited = [(name, letters) for name, letters in territory.letters() if name in theirs]
    if not audited:
        return
    out = 0
    for name, letters in audited:
        found = dict(territory.pattern(name, letters).found)
        if any(found.get(rule) is Truth.UNKNOWN for rule in others):
            return
        out += sum(found.get(rule) is Truth.TRUE for rule in others)
    set_company_fact(db, facts, "company.lowest_territories_out_of_band", out)


_REGIONAL: Mapping[str, str] = {
    "territories": "region = {region}",
    "reps": "region = {region}",
    "accounts": "territory IN (SELECT territory FROM territories)",
    "assignments": "territory IN (SELECT territory FROM territories)",
    # What a rep of the region sold elsewhere is part of an attainment whose quota stays whole.
    "revenue": "territory IN (SELECT territory FROM territories) OR rep IN (SELECT rep FROM reps)",
    "quotas": "rep IN (SELECT rep FROM reps)",
    "capacity": "rep IN (SELECT rep FROM reps)",
    "ownership": "account IN (SELECT account FROM accounts)",
    # An event without a region concerns every region.
    "events": "region IS NULL OR region = {region}",
}
"""Table to the rows that stay, the tables that others look into first."""


def _keep_region(db: Database, manifest: Manifest, region: str) -> None:
    present = manifest.present()
    place = Place(f"snapshot {manifest.id}")
    if not {"territories.region", "reps.region"} <= present:
        raise BadInput([Problem(place, "territories and reps have no regions here", hint="map `region` of both")])
    known = [
        str(name) for (name,) in db.rows("SELECT DISTINCT region FROM territories WHERE region IS NOT NULL ORDER BY 1")
    ]
    if region not in known:
        names = ", ".join(f"`{name}`" for name in known)
        raise BadInput([Problem(place, "no territory lies in that region", found=region, expected=names)])
    for table, condition in _REGIONAL.items():
        if table in present and ("region" not in condition or f"{table}.region" in present):
            # What was known is read anew by whoever asks; a view of the table that goes would hold it.
            db.run(f"DROP VIEW IF EXISTS {quoted('known_' + table)}")
            here = condition.format(region=db.spelling.literal(region, Kind.TEXT))
            keep_rows(db, table, here)
