"""One decision on one snapshot: the company's audit, and what each option's moves would do."""

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from engine.audit import audit
from engine.credit import check_credit, credit_rows
from engine.credit_split import credit_schedule
from engine.database import Database
from engine.evaluate import NOTHING_SAID, Standing
from engine.intake.moves_file import read_moves
from engine.intake.snapshot import Manifest
from engine.metrics.attainment import attainment_by_rep
from engine.metrics.progress import progress
from engine.moves import check_moves, tally
from engine.protection import check_protection, every_protection
from governance.document import Evaluated, HeldCredit, OptionFound, ProtectedReps
from governance.move_words import move_words
from rules.model.policy import PolicySet
from rules.model.rule_kind import RuleKind


def evaluate_options(
    db: Database,
    manifest: Manifest,
    policies: PolicySet,
    as_of: date,
    moves: Mapping[str, Path],
    *,
    standing: Standing = NOTHING_SAID,
) -> Evaluated:
    """Evaluate the loaded snapshot and every option's moves; what people said stands for every option."""
    options = {}
    for option, path in moves.items():
        read_moves(db, path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        options[option] = _option(db, manifest, policies, as_of, digest, standing)
    audited = audit(db, manifest, policies, as_of)
    reached = progress(db, manifest, as_of)
    reps = tuple(attainment_by_rep(db, manifest, as_of))
    return Evaluated(manifest, policies, audited, options, reps, reached)


def _option(
    db: Database, manifest: Manifest, policies: PolicySet, as_of: date, sha256: str, standing: Standing
) -> OptionFound:
    evaluation = check_moves(db, manifest, policies, as_of, standing=standing)
    counted, words = tally(evaluation), move_words(evaluation)
    credit = None
    if "opportunities" in manifest.present() and policies.rules(RuleKind.GRANDFATHERING, as_of):
        credit = held_credit(db, manifest, policies, as_of)
    protected = protected_reps(db, manifest, policies, as_of) if policies.rules(RuleKind.PROTECTION, as_of) else ()
    return OptionFound(sha256, counted, words, credit, protected)


def held_credit(db: Database, manifest: Manifest, policies: PolicySet, as_of: date) -> HeldCredit:
    """Deals of moving accounts by answer, counted and summed. Deals without an amount count and add nothing."""
    found = credit_rows(check_credit(db, manifest, policies, as_of), credit_schedule(policies, as_of))
    words = [(c.outcome.word, c.amount or 0) for c in found]
    levels = sorted({word for word, _ in words})
    return HeldCredit(
        {level: sum(word == level for word, _ in words) for level in levels},
        {level: sum(amount for word, amount in words if word == level) for level in levels},
    )


def protected_reps(db: Database, manifest: Manifest, policies: PolicySet, as_of: date) -> tuple[ProtectedReps, ...]:
    """Every protection rule with the number of reps it protects and the total of its last line."""
    evaluation = check_protection(db, manifest, policies, as_of)
    rows = [row for _, _, protecting in every_protection(evaluation) for row in protecting]
    result = []
    for rule in evaluation.question.rules:
        mine = [row for row in rows if row.fired.rule.id == rule.id]
        sure = [row for row in mine if not row.fired.missing]
        amounts = [row.worked[-1].value for row in sure if row.worked]
        known = [a for a in amounts if isinstance(a, int)]
        total = sum(known) if len(known) == len(amounts) else None
        result.append(ProtectedReps(rule.id, rule.title, len(sure), len(mine) - len(sure), total))
    return tuple(result)
