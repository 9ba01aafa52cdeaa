"""The decision as one JSON document: what is committed to the ledger, attached to the record, and reviewed later.

Everything a record shows is in it, so that a record is a view of the ledger and nothing else. Exact numbers are text
(`{"n": "421", "d": "1000"}` for a ratio): JSON numbers lose digits. One rep's pay is never in it (`FEWEST`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from engine.audit import Audit
from engine.evaluate import Question
from engine.inference.logic import Truth
from engine.intake.snapshot import Manifest
from engine.metrics.attainment import RepAttainment
from engine.metrics.progress import Progress, Reached
from engine.moves import Tally
from engine.outcome import Outcome
from governance.exact_json import encoded
from governance.frame import RULE_LISTS, Frame, OptionShape
from governance.move_words import fired_facts
from rules.kinds import Value, decimal_of, shown
from rules.model.policy import PolicySet, Rule
from rules.model.rule_kind import Mode
from rules.reading.load import in_force

SCHEMA = "merestone/decision/1"
AT_COMMIT = ("attainment", "quota_progress", "pipeline")
"""Of what was reached, what a review is measured by (docs/domain.md, 8)."""
FEWEST = 3
"""People below which a total of pay is withheld: of one it is that person's, of two each knows the other's."""


@dataclass(frozen=True, slots=True)
class HeldCredit:
    """Deals of moving accounts by answer (`held`, `ineligible`, `exempt`, `unknown`): how many, and their total in
    minor units.
    """

    counts: Mapping[str, int]
    totals: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ProtectedReps:
    """One protection rule: how many reps, and the total of its last line in minor units; None where an amount is
    unknown.
    """

    rule: str
    title: str
    people: int
    unknown: int
    total: int | None


@dataclass(frozen=True, slots=True)
class OptionFound:
    """What follows if one option's moves are made. `moves` are already in words, as a document says them."""

    sha256: str
    """Of the file of proposed moves."""
    tally: Tally
    moves: tuple[Mapping[str, Any], ...]
    credit: HeldCredit | None
    protections: tuple[ProtectedReps, ...]


BAND = ("attainment_low", "attainment_high")
"""Parameters between which attainment is healthy; a record draws its chart against them."""
REVIEW_DAYS = "review_days"
"""Parameter that says when operating reviews fall due."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Everything the engine found on one snapshot for one decision."""

    manifest: Manifest
    policies: PolicySet
    audit: Audit
    options: Mapping[str, OptionFound]
    """By option id; options that move nothing are not in it."""
    attainment: tuple[RepAttainment, ...]
    progress: Progress


def decision_document(
    decision_id: str,
    frame: Frame,
    found: Evaluated,
    *,
    chosen: str,
    decided: Mapping[str, str],
    approvals: Sequence[Mapping[str, str]],
    waivers: Sequence[Mapping[str, str]],
    already: Sequence[str] = (),
) -> dict[str, Any]:
    """The whole document. `decided` has `by`, `rationale`, `deviation` and `on` (the day).

    `already` are the decisions whose allowed moves count in the state after all moves.
    """
    written = frame.written
    moved = found.options.get(chosen)
    case = found.audit.case
    question = found.audit.company_evaluation.question
    numbers = in_force(found.policies, found.manifest.as_of)
    return {
        "schema": SCHEMA,
        "id": decision_id,
        "title": written.decision,
        **{
            k: getattr(written, k)
            for k in ("question", "requester", "horizon", "objective", "scope", "trade_off", "communication")
        },
        **{
            k: list(getattr(written, k))
            for k in ("evidence", "success_metrics", "known_facts", "open_questions", "criteria", "constraints")
        },
        **{
            k: [item.model_dump() for item in getattr(written, k)]
            for k in ("risks", "assumptions", "objections", "next_steps", "reviews")
        },
        "unwilling_to_act": written.unwilling_to_act,
        "owner": frame.owner.model_dump(),
        "effective": written.effective.isoformat(),
        "recommendation": written.recommendation,
        "chosen": chosen,
        "decided": dict(decided),
        "already_decided": sorted(already),
        "approvals": [dict(a) for a in approvals],
        "waivers": [dict(w) for w in waivers],
        "snapshot": snapshot_facts(found.manifest),
        "policies": [{"name": p.name, "sha256": p.sha256} for p in found.policies.policies],
        "policy_set": found.policies.sha256,
        "audit": _audit(found.audit),
        "options": [_option(o, found) for o in written.options],
        "moves": list(moved.moves) if moved else [],
        "credit": _credit(moved.credit if moved else None),
        "protections": [_protection(p) for p in (moved.protections if moved else ())],
        "attainment": [_attainment(a) for a in found.attainment],
        "attainment_band": [encoded(_single(numbers, name)) for name in BAND],
        "review_days": _review_days(numbers),
        "baseline": {name.partition(".")[2]: encoded(value) for name, value in sorted(case.items())},
        "progress": {
            "company": reached_words(found.progress.company),
            "territories": {name: reached_words(r) for name, r in found.progress.territories.items()},
        },
        "conditions": [
            {
                "id": r.id,
                "list": name,
                "effect": r.effect.value,
                "text": r.text,
                "when": r.when,
                "at_commit": _at_commit(frame, r.id, question, case, found.manifest.minor_digits),
            }
            for name in RULE_LISTS
            for r in getattr(written, name)
        ],
    }


def _single(numbers: Mapping[str, Value | tuple[Value, ...]], name: str) -> Value | None:
    value = numbers.get(name)
    return None if isinstance(value, tuple) else value


def _review_days(numbers: Mapping[str, Value | tuple[Value, ...]]) -> list[int]:
    """Days after the effective date on which reviews fall due, in order; none where the policies name none."""
    days = numbers.get(REVIEW_DAYS, ())
    return sorted(day for day in (days if isinstance(days, tuple) else (days,)) if isinstance(day, int))


def snapshot_facts(manifest: Manifest) -> dict[str, Any]:
    """What a document says of the snapshot it rests on."""
    return {
        "id": manifest.id,
        "as_of": manifest.as_of.isoformat(),
        "mapping": manifest.mapping,
        "currency": manifest.currency,
        "minor_digits": manifest.minor_digits,
        "crediting": manifest.crediting,
        "data_sets": [
            {
                "table": d.table,
                "rows": d.rows,
                "as_of": d.as_of.isoformat(),
                "owner": d.owner,
                "cadence": d.cadence,
                "grade": d.grade.value,
                "sha256": d.sha256,
            }
            for d in manifest.data_sets
        ],
        "findings": [{"id": f.id, "message": f.message, "count": f.count} for f in manifest.findings],
        "problems": len(manifest.problems),
    }


def _audit(audit: Audit) -> dict[str, Any]:
    question = audit.company_evaluation.question
    return {
        "outcome": audit.company.word,
        "missing": list(audit.missing_sets),
        "fired": [fired_facts(f) for f in audit.company.fired],
        "considered": [
            {
                "rule": r.id,
                "title": r.title + (" (report only)" if r.mode is Mode.REPORT else ""),
                "kind": r.kind.value,
                "state": _state(audit.company, r),
                "outcome": r.effect.value,
            }
            for r in question.rules
        ],
        "vetoes": [{"by": by, "of": of} for by, of in audit.company.conclusion.vetoes],
        "may_rise": [{"to": to, "rule": rule} for _, to, rule in audit.company.conclusion.may_rise],
        "territories": {o.id: o.word for o in audit.territories},
    }


def _state(outcome: Outcome, rule: Rule) -> str:
    fired = next((f for f in outcome.fired if f.rule.id == rule.id), None)
    return "false" if fired is None else ("true" if fired.truth is Truth.TRUE else "unknown")


def _option(option: OptionShape, found: Evaluated) -> dict[str, Any]:
    moved = found.options.get(option.id)
    return {
        "id": option.id,
        "name": option.name,
        "summary": option.summary,
        "moves_sha256": moved.sha256 if moved else "",
        "verdicts": dict(moved.tally.verdicts) if moved else {},
        "unknown": moved.tally.unknown if moved else 0,
    }


def _credit(credit: HeldCredit | None) -> dict[str, Any] | None:
    if credit is None:
        return None
    return {level: {"deals": n, "total": str(credit.totals[level])} for level, n in credit.counts.items()}


def _protection(protected: ProtectedReps) -> dict[str, Any]:
    withheld = 0 < protected.people < FEWEST
    total = "" if protected.total is None or withheld else str(protected.total)
    return {
        "rule": protected.rule,
        "title": protected.title,
        "people": protected.people,
        "unknown": protected.unknown,
        "total": total,
        "withheld": withheld,
    }


def reached_words(reached: Reached) -> dict[str, Any]:
    """What the company or a territory had reached at commit, exactly: reviews compare with it."""
    return {name: encoded(getattr(reached, name)) for name in AT_COMMIT}


def _attainment(row: RepAttainment) -> dict[str, Any]:
    return {
        "rep": row.rep,
        "name": row.name,
        "t4q": _percent(row.attainment),
        "quarter": _percent(row.latest_attainment),
        "counted": row.counted,
        "why_not": row.why_not,
    }


def _percent(value: Fraction | None) -> str:
    return "" if value is None else str(decimal_of(value * 100, 2))


def _at_commit(
    frame: Frame, rule_id: str, question: Question, case: Mapping[str, Value | None], minor_digits: int
) -> str:
    """The facts a condition names, as they stood at commit."""
    rule = next(r for r in frame.rules if r.id == rule_id)
    fields = [question.fields[f] for f in (rule.when.fields if rule.when else ()) if f in question.fields]
    return "; ".join(
        f"{f.name.partition('.')[2].replace('_', ' ')} {shown(case[f.name], f.kind, f.unit, minor_digits=minor_digits)}"
        for f in fields
    )
