"""`protect`: who is protected, until when and by how much, with the arithmetic."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from cli.answer import NO, YES, answer, coloured, table
from cli.books import with_moves
from cli.options import decision_id, here, judged, moves_file
from cli.policy_versions import governed
from cli.wording import fired_document, outcome_document
from engine.database import Database
from engine.explain import outcomes
from engine.intake.snapshot import Manifest
from engine.outcome import Outcome
from engine.protection import Protection, check_protection, every_protection, protections
from rules.kinds import Kind, Unit, shown
from rules.model.calendar import months_after
from rules.model.policy import PolicySet
from rules.problem import BadInput, Place, Problem
from rules.reading.load import in_force

REDUCTIONS = ("rep.t12_reduction", "rep.tam_reduction")


@click.group()
def protect() -> None:
    """Compensation protection."""


@protect.command("list")
@moves_file
@decision_id
@judged
def protect_list(moves_path: Path | None, decision_id: str, snapshot_id: str, as_of: date | None) -> None:
    """Every rep whose book the moves change: protected, by which rules, from when.

    Exit code 1: for somebody nobody can say.

    Example: merestone protect list --moves moves.csv
    """
    workspace = here()
    policies, standing = governed(workspace)
    with with_moves(workspace, snapshot_id, as_of, moves_path, decision_id) as (db, manifest, day, source):
        evaluation = check_protection(db, manifest, policies, day)
        found = list(every_protection(evaluation))
        names = _names(db)
        rows = [_protect_row(o, ps, names, case) for o, case, ps in found]
        document = {
            "as_of": day.isoformat(),
            "snapshot": manifest.id,
            "policies": standing,
            "moves": source,
            "reps": [
                {
                    "rep": o.id,
                    "name": names.get(o.id, ""),
                    "outcome": o.word,
                    "rules": [p.fired.rule.id for p in ps if not p.fired.missing],
                    "missing": sorted({m for p in ps for m in p.fired.missing}),
                }
                for o, _, ps in found
            ],
        }
        columns = ("rep", "name", "T12 falls", "TAM falls", "answer", "rules", "from")
        unknown = any(o.level is None for o, *_ in found)
        answer(
            "protect",
            document,
            lambda out: out.print(table(f"Protection under {source}", columns, rows, right=(2, 3))),
            NO if unknown else YES,
        )


def _protect_row(
    outcome: Outcome, found: Sequence[Protection], names: Mapping[str, str], case: Mapping[str, Any]
) -> tuple[str | Text, ...]:
    reductions = [shown(case[name], Kind.RATIO, Unit.PERCENT) for name in REDUCTIONS]
    rules = ", ".join(p.fired.rule.id + (" (unknown)" if p.fired.missing else "") for p in found)
    first = next((p.first_day.isoformat() for p in found if p.first_day and not p.fired.missing), "")
    return (outcome.id, names.get(outcome.id, ""), *reductions, coloured(outcome.word), rules, first)


def _names(db: Database) -> Mapping[str, str]:
    return {str(r): str(n) for r, n in db.rows("SELECT rep, name FROM reps")} if db.has("reps") else {}


@protect.command("show")
@click.argument("rep")
@moves_file
@decision_id
@judged
def protect_show(rep: str, moves_path: Path | None, decision_id: str, snapshot_id: str, as_of: date | None) -> None:
    """One rep's protection, line by line.

    Example: merestone protect show E-11
    """
    workspace = here()
    policies, standing = governed(workspace)
    with with_moves(workspace, snapshot_id, as_of, moves_path, decision_id) as (db, manifest, day, source):
        evaluation = check_protection(db, manifest, policies, day)
        found = protections(evaluation, rep)
        if found is None:
            known = ", ".join(o.id for o in outcomes(evaluation))
            raise BadInput([Problem(Place("REP"), f"no move of {source} changes the book of `{rep}`", expected=known)])
        outcome, rows = found
        digits = manifest.minor_digits
        document = {
            "policies": standing,
            **outcome_document(outcome),
            "protections": [
                {
                    "rule": p.fired.rule.id,
                    "title": p.fired.rule.title,
                    "first_day": p.first_day.isoformat() if p.first_day else "",
                    "until": _until(policies, day, p),
                    "lines": [
                        {
                            "name": w.name,
                            "text": w.text,
                            "formula": w.formula,
                            "value": shown(w.value, w.kind, minor_digits=digits),
                        }
                        for w in p.worked
                    ],
                    **fired_document(p.fired),
                }
                for p in rows
            ],
        }
        answer(
            "protection",
            document,
            lambda out: _show_protection(out, rep, outcome, rows, manifest, policies, day),
            NO if outcome.level is None else YES,
        )


def _until(policies: PolicySet, day: date, protection: Protection) -> str:
    """The first day no longer covered; empty where the rule does not say how long it lasts."""
    months = in_force(policies, day).get(protection.fired.rule.lasts)
    if protection.first_day is None or not isinstance(months, int):
        return ""
    return months_after(protection.first_day, months).isoformat()


def _show_protection(
    out: Console,
    rep: str,
    outcome: Outcome,
    rows: Sequence[Protection],
    manifest: Manifest,
    policies: PolicySet,
    day: date,
) -> None:
    out.print(Text(f"{rep}: ", style="bold").append_text(coloured(outcome.word)))
    if not rows:
        out.print("  no protection rule fired")
    for p in rows:
        words = Text.assemble("\n", (p.fired.rule.id, "bold"), f" {p.fired.rule.title}: {p.fired.message}")
        out.print(words)
        for fact in p.fired.facts:
            out.print(f"  {fact.meaning}: {fact.shown}", style="dim")
        for missing in p.fired.missing:
            out.print(f"  missing: {missing}", style="magenta")
        lines = [(w.text, w.formula, shown(w.value, w.kind, minor_digits=manifest.minor_digits)) for w in p.worked]
        out.print(table("", ("line", "formula", manifest.currency), lines, right=(2,)))
        if p.first_day:
            until = _until(policies, day, p) or "unknown"
            out.print(f"  from {p.first_day.isoformat()} on; no longer from {until} on")
