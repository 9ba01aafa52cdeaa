"""The second company's policies on the sample company's data: what is asked of them, and where it lies."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.audit import audit
from engine.credit import check_credit, credit_rows
from engine.credit_split import credit_schedule
from engine.database import Database
from engine.explain import outcomes
from engine.intake.intake import import_snapshot
from engine.intake.mapping import load_mapping
from engine.intake.moves_file import read_moves
from engine.intake.snapshot import Manifest
from engine.moves import check_moves
from engine.protection import check_protection, every_protection
from rules.model.policy import PolicySet

PACK = Path("examples") / "holdover" / "policies"
SAMPLE = Path("examples") / "ostrevale"
JUNE = date(2026, 6, 30)


@dataclass(frozen=True)
class Company:
    """The sample company's data with its proposed moves."""

    db: Database
    manifest: Manifest


def texts(project: Path, folder: Path = PACK) -> list[tuple[str, str]]:
    return [(path.name, path.read_text("utf-8")) for path in sorted((project / folder).glob("*.yaml"))]


def imported(project: Path, mapping: str) -> Iterator[Company]:
    with Database() as db:
        source = project / SAMPLE / f"exports-{JUNE}"
        manifest = import_snapshot(db, load_mapping(mapping, "mapping.yaml"), source, JUNE)
        read_moves(db, project / SAMPLE / "moves.csv")
        yield Company(db, manifest)


def audited(company: Company, policies: PolicySet) -> object:
    """What an audit comes to: the company and every territory, with every rule that fired."""
    found = audit(company.db, company.manifest, policies, JUNE)
    return [(o.id, o.word, [(f.rule.id, f.standing) for f in o.fired]) for o in (found.company, *found.territories)]


def moved(company: Company, policies: PolicySet) -> object:
    """Verdicts, with reasons, approvals, holds' ends and obligations."""
    evaluation = check_moves(company.db, company.manifest, policies, JUNE)
    return [
        (o.id, o.word, [(f.rule.id, f.standing, f.until) for f in o.fired], o.consents, o.owed)
        for o in outcomes(evaluation)
    ]


def credited(company: Company, policies: PolicySet) -> object:
    """Who holds which deal, until when, and how it is shared."""
    evaluation = check_credit(company.db, company.manifest, policies, JUNE)
    rows = credit_rows(evaluation, credit_schedule(policies, JUNE))
    return [
        (c.outcome.id, c.outcome.word, [f.rule.id for f in c.outcome.fired], c.held_until, c.months, c.reason)
        for c in rows
    ]


def protected(company: Company, policies: PolicySet) -> object:
    """Who is protected, and the amounts of every line."""
    evaluation = check_protection(company.db, company.manifest, policies, JUNE)
    return [
        (o.id, o.word, [f.rule.id for f in o.fired], [[w.value for w in p.worked] for p in found])
        for o, _, found in every_protection(evaluation)
    ]


QUESTIONS: Mapping[str, Callable[[Company, PolicySet], object]] = {
    "audit": audited,
    "moves": moved,
    "credit": credited,
    "protection": protected,
}
