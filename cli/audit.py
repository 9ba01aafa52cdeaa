"""`audit`: must we rebalance? The company's answer, with every number it rests on."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

import click
from rich.console import Console
from rich.text import Text

from cli.answer import NO, YES, answer, coloured, table, working
from cli.options import here, judged, loaded
from cli.policy_versions import governed
from cli.wording import fired_row, outcome_document
from engine.audit import Audit
from engine.audit import audit as run_audit
from engine.database import Database
from engine.facts import left_out
from engine.intake.snapshot import Manifest
from engine.metrics.attainment import RepAttainment, attainment_by_rep
from rules.kinds import decimal_of
from rules.problem import BadInput, Place, Problem

WORDS = ("watch", "review", "rebalance", "unknown")


@click.command()
@click.option("--region", default="", help="Only this region's territories and reps.")
@click.option(
    "--fail-on",
    type=click.Choice(WORDS),
    multiple=True,
    default=("review", "rebalance", "unknown"),
    help="Outcomes that exit 1.",
)
@judged
def audit(region: str, fail_on: tuple[str, ...], snapshot_id: str, as_of: date | None) -> None:
    """Must we rebalance? Triggers and non-triggers on the company and its territories, with the numbers.

    Exit code 1: the outcome is review or rebalance, or nobody can say.

    Example: merestone audit --as-of 2026-06-30
    """
    workspace = here()
    policies, standing = governed(workspace)
    with loaded(workspace, snapshot_id, as_of) as (db, manifest, day):
        _require_region(db, region)
        with working("auditing"):
            found = run_audit(db, manifest, policies, day, region=region)
        reps = attainment_by_rep(db, manifest, day)
        lists = left_out(db, manifest, day) if "territories" in manifest.present() else []
        names = _territory_names(db)
        document = {
            "as_of": day.isoformat(),
            "snapshot": manifest.id,
            "policies": standing,
            "region": region,
            "crediting": manifest.crediting,
            "complete": not found.missing_sets,
            "missing": list(found.missing_sets),
            **outcome_document(found.company),
            "territories": [{**outcome_document(o), "name": names.get(o.id, "")} for o in found.territories],
            "left_out": [{"territory": t, "why": why} for t, why in lists],
            "attainment": [_rep_document(r, manifest) for r in reps],
        }
        answer(
            "audit",
            document,
            lambda out: _show_audit(out, found, reps, manifest, lists, names),
            NO if found.company.word in fail_on else YES,
        )


_REGIONS = {
    "territories": "SELECT DISTINCT region FROM territories WHERE region IS NOT NULL",
    "reps": "SELECT DISTINCT region FROM reps WHERE region IS NOT NULL",
}
"""Table to its regions."""


def _require_region(db: Database, region: str) -> None:
    """A region without territories or reps is a slip of the pen, and no reason to answer `unknown`."""
    known = {
        str(row["region"])
        for relation, regions in _REGIONS.items()
        if db.has(relation) and "region" in db.columns(relation)
        for row in db.records(regions)
    }
    if region and region not in known:
        expected = ", ".join(f"`{r}`" for r in sorted(known)) or "none: the snapshot names no regions"
        raise BadInput([Problem(Place("--region"), "there is no such region", found=region, expected=expected)])


def _territory_names(db: Database) -> Mapping[str, str]:
    """Territory id to name, of those that have one."""
    if "name" not in db.columns("territories"):
        return {}
    return {str(t): str(n) for t, n in db.rows("SELECT territory, name FROM territories WHERE name IS NOT NULL")}


def _rep_document(rep: RepAttainment, manifest: Manifest) -> dict[str, object]:
    scale = manifest.money_scale

    def money(units: int | None) -> str | None:
        return None if units is None else f"{units // 10**scale}.{units % 10**scale:0{scale}d}" if scale else str(units)

    def percent(value: Fraction | None) -> str | None:
        return None if value is None else str(decimal_of(value * 100, 2))

    return {
        "rep": rep.rep,
        "name": rep.name,
        "t4q_quota": money(rep.quota),
        "t4q_actual": money(rep.actual),
        "t4q_attainment_pct": percent(rep.attainment),
        "quarter_attainment_pct": percent(rep.latest_attainment),
        "counted": rep.counted,
        "why_not": rep.why_not,
    }


def _show_audit(
    out: Console,
    found: Audit,
    reps: Sequence[RepAttainment],
    manifest: Manifest,
    lists: Sequence[tuple[str, str]],
    names: Mapping[str, str],
) -> None:
    where = f" of {found.region}" if found.region else ""
    out.print(
        Text(f"Audit{where} as of {found.as_of.isoformat()}: ", style="bold").append_text(coloured(found.company.word))
    )
    if found.missing_sets:
        out.print(f"Incomplete: this snapshot has no {', '.join(found.missing_sets)}", style="magenta")
    out.print(f"Credit by {manifest.crediting}; snapshot {manifest.id}\n")
    rows = [fired_row(f) for f in found.company.fired if not f.is_idle]
    quiet = [
        r.id for r in found.company_evaluation.question.rules if r.id not in {f.rule.id for f in found.company.fired}
    ]
    out.print(table("Company", ("rule", "is", "effect", "standing", "numbers"), rows))
    if quiet:
        out.print(f"Did not fire: {', '.join(quiet)}", style="dim")
    idle = dict.fromkeys(f.rule.id for o in (found.company, *found.territories) for f in o.fired if f.is_idle)
    if idle:
        out.print(f"Reported only, and nobody can say: {', '.join(idle)}", style="dim")
    if found.company.conclusion.may_rise:
        rises = ", ".join(f"{level} ({rule})" for _, level, rule in found.company.conclusion.may_rise)
        out.print(f"Could still rise to: {rises}", style="magenta")
    counted = [r for r in reps if r.attainment is not None or r.latest_attainment is not None]
    if counted:
        ordered = sorted(counted, key=lambda r: (-(r.attainment or 0), r.rep))
        rep_rows = [
            (r.rep, r.name, _pct(r.attainment), _pct(r.latest_attainment), "yes" if r.counted else r.why_not)
            for r in ordered
        ]
        out.print()
        out.print(table("Attainment", ("rep", "name", "T4Q %", "quarter %", "in the spread"), rep_rows, right=(2, 3)))
    if found.territories:
        territory_rows = [
            (
                f"{o.id} {names[o.id]}" if names.get(o.id, o.id) != o.id else o.id,
                coloured(o.word),
                "\n".join(
                    f"{f.rule.id} {f.message}" if not f.missing else f"{f.rule.id} unknown: {', '.join(f.missing)}"
                    for f in o.fired
                    if not f.is_idle
                ),
            )
            for o in found.territories
        ]
        out.print()
        out.print(table("Territories", ("territory", "outcome", "because"), territory_rows))
    if lists:
        out.print("Left out: " + "; ".join(f"{t} ({why})" for t, why in lists), style="dim")


def _pct(value: Fraction | None) -> str:
    return "unknown" if value is None else str(decimal_of(value * 100, 2))
