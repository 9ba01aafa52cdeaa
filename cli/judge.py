"""`audit`, `moves check`, `explain`: what the policies say, and why."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from cli.answer import NO, YES, answer, coloured, table
from cli.options import FILE, decision_id, here, judged, loaded, moves_file, with_moves
from cli.wording import clause_tree, explained_document, fired_document, fired_row, outcome_document
from engine.audit import Audit
from engine.audit import audit as run_audit
from engine.credit import check_credit
from engine.database import quoted
from engine.evaluate import Evaluation
from engine.explain import explained, outcome_of, outcomes
from engine.facts import COMPANY_ID, left_out
from engine.metrics_attainment import RepAttainment, attainment_by_rep
from engine.moves import VERDICTS, Tally, check_moves, tally, verdict_table
from engine.outcome import Outcome
from engine.protection import check_protection
from engine.snapshot import Manifest
from rules.kinds import decimal_of
from rules.problem import BadInput, Place, Problem

AUDIT_WORDS = ("watch", "review", "rebalance", "unknown")
LISTED = 40
"""Moves that a terminal lists with reasons; `--out` and `--json` have them all."""
CONTEXTS = ("company", "territory", "move", "rep", "opportunity")


@click.command()
@click.option("--region", default="", help="Only this region's territories and reps.")
@click.option(
    "--fail-on",
    type=click.Choice(AUDIT_WORDS),
    multiple=True,
    default=("review", "rebalance", "unknown"),
    help="Outcomes that exit 1.",
)
@judged
def audit(region: str, fail_on: tuple[str, ...], snapshot_id: str, as_of: date | None, json_: bool) -> None:  # noqa: ARG001, FBT001
    """Must we rebalance? Triggers and non-triggers on the company and its territories, with the numbers.

    Exit code 1: the outcome is review or rebalance, or nobody can say.

    Example: merestone audit --as-of 2014-05-30
    """
    workspace = here()
    policies = workspace.policies()
    with loaded(workspace, snapshot_id, as_of) as (db, manifest, day):
        found = run_audit(db, manifest, policies, day, region=region)
        reps = attainment_by_rep(db, manifest, day)
        lists = left_out(db, manifest, day) if "territories" in manifest.present() else []
        document = {
            "as_of": day.isoformat(),
            "snapshot": manifest.id,
            "region": region,
            "crediting": manifest.crediting,
            "complete": not found.missing_sets,
            "missing": list(found.missing_sets),
            **outcome_document(found.company),
            "territories": [outcome_document(o) for o in found.territories],
            "left_out": [{"territory": t, "why": why} for t, why in lists],
            "attainment": [_rep_document(r, manifest) for r in reps],
        }
        answer(
            "audit",
            document,
            lambda out: _show_audit(out, found, reps, manifest, lists),
            NO if found.company.word in fail_on else YES,
        )


def _rep_document(rep: RepAttainment, manifest: Manifest) -> dict[str, object]:
    scale = manifest.money_scale

    def money(units: int | None) -> str | None:
        return None if units is None else f"{units // 10**scale}.{units % 10**scale:0{scale}d}" if scale else str(units)

    def percent(value: object) -> str | None:
        return None if value is None else str(decimal_of(value * 100, 2))  # type: ignore[operator]

    return {
        "rep": rep.rep, "name": rep.name, "t4q_quota": money(rep.quota), "t4q_actual": money(rep.actual),
        "t4q_attainment_pct": percent(rep.attainment), "quarter_attainment_pct": percent(rep.latest_attainment),
        "counted": rep.counted, "why_not": rep.why_not,
    }  # fmt: skip


def _show_audit(
    out: Console, found: Audit, reps: Sequence[RepAttainment], manifest: Manifest, lists: Sequence[tuple[str, str]]
) -> None:
    where = f" of {found.region}" if found.region else ""
    out.print(
        Text(f"Audit{where} as of {found.as_of.isoformat()}: ", style="bold").append_text(coloured(found.company.word))
    )
    if found.missing_sets:
        out.print(f"Incomplete: this snapshot has no {', '.join(found.missing_sets)}", style="magenta")
    out.print(f"Credit by {manifest.crediting}; snapshot {manifest.id}\n")
    rows = [fired_row(f) for f in found.company.fired]
    quiet = [
        r.id for r in found.company_evaluation.question.rules if r.id not in {f.rule.id for f in found.company.fired}
    ]
    out.print(table("Company", ("rule", "is", "effect", "standing", "numbers"), rows))
    if quiet:
        out.print(f"Did not fire: {', '.join(quiet)}", style="dim")
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
                o.id,
                coloured(o.word),
                "; ".join(
                    f"{f.rule.id} {f.message}" if not f.missing else f"{f.rule.id} unknown: {', '.join(f.missing)}"
                    for f in o.fired
                ),
            )
            for o in found.territories
        ]
        out.print()
        out.print(table("Territories", ("territory", "outcome", "because"), territory_rows))
    if lists:
        out.print("Left out: " + "; ".join(f"{t} ({why})" for t, why in lists), style="dim", markup=False)


def _pct(value: object) -> str:
    return "unknown" if value is None else str(decimal_of(value * 100, 2))  # type: ignore[operator]


@click.group()
def moves() -> None:
    """Proposed account moves."""


@moves.command("check")
@click.argument("file", type=FILE)
@click.option("--out", "out_path", type=FILE, default=None, help="Write every verdict: .csv, .parquet or .json.")
@click.option(
    "--fail-on",
    type=click.Choice(("deny", "hold", "approval", "unknown")),
    multiple=True,
    default=("deny", "hold", "unknown"),
    help="Verdicts that exit 1.",
)
@judged
def check_(
    file: Path, out_path: Path | None, fail_on: tuple[str, ...], snapshot_id: str, as_of: date | None, json_: bool
) -> None:  # noqa: ARG001, FBT001
    """A verdict for every proposed move in FILE (CSV or Parquet), with reasons.

    Exit code 1: something is denied, on hold or unknown.

    Example: merestone moves check moves.csv --out verdicts.csv
    """
    workspace = here()
    policies = workspace.policies()
    with with_moves(workspace, snapshot_id, as_of, file, "") as (db, manifest, day, _):
        evaluation = check_moves(db, manifest, policies, day)
        counted = tally(evaluation)
        if out_path:
            _write(evaluation, out_path)
        objections = {w: n for w, n in (*counted.verdicts.items(), ("unknown", counted.unknown)) if n and w in fail_on}
        document: dict[str, object] = {
            "as_of": day.isoformat(), "snapshot": manifest.id, "verdicts": dict(counted.verdicts), "unknown": counted.unknown,
            "moves": [outcome_document(o) for o in outcomes(evaluation)] if _wants_json() else [],
        }  # fmt: skip
        answer(
            "moves",
            document,
            lambda out: _show_moves(out, evaluation, counted, day, out_path),
            NO if objections else YES,
        )


def _wants_json() -> bool:
    context = click.get_current_context()
    return bool(context.params.get("json_") or context.find_root().params.get("json_"))


def _write(evaluation: Evaluation, path: Path) -> None:
    """Every move with its verdict, written whole or not at all."""
    made = verdict_table(evaluation)
    partial = path.with_name(path.name + ".part")
    match path.suffix.lower():
        case ".parquet":
            evaluation.db.write_parquet(f"SELECT * FROM {quoted(made)}", partial)
        case ".csv":
            evaluation.db.write_csv(f"SELECT * FROM {quoted(made)}", partial)
        case ".json":
            records = evaluation.db.records(f"SELECT * FROM {quoted(made)}")
            partial.write_text(json.dumps(records, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
        case other:
            raise BadInput(
                [Problem(Place(str(path)), "unknown kind of file", found=other, expected=".csv, .parquet or .json")]
            )
    partial.replace(path)


def _show_moves(out: Console, evaluation: Evaluation, counted: Tally, day: date, out_path: Path | None) -> None:
    out.print(f"[bold]{counted.total:,} proposed moves as of {day.isoformat()}[/bold]")
    line = Text("  ")
    for word in VERDICTS:
        line.append(f"{counted.verdicts[word]:,} ").append_text(coloured(word)).append("   ")
    out.print(line.append(f"({counted.unknown:,} with an unknown rule)"))
    rows: list[tuple[str | Text, ...]] = []
    for outcome in outcomes(evaluation):
        if outcome.word == "allow" and not outcome.is_unknown:
            continue
        if len(rows) == LISTED:
            break
        rows.append((outcome.id, coloured(outcome.word), _reasons(outcome)))
    if rows:
        out.print()
        out.print(table("Not simply allowed", ("account", "verdict", "because"), rows))
    rest = counted.total - counted.verdicts["allow"] - len(rows)
    if rest > 0:
        out.print(f"and {rest:,} more (--json or --out lists them)", style="dim")
    if out_path:
        out.print(f"Written: {out_path}", soft_wrap=True)


def _reasons(outcome: Outcome) -> str:
    lines = []
    for fired in outcome.fired:
        words = f"unknown: {', '.join(fired.missing)}" if fired.missing else fired.message
        until = f", until {fired.until.isoformat()}" if fired.until else ""
        standing = "" if fired.standing == "counts" else f" [{fired.standing}]"
        lines.append(f"{fired.rule.id} {words}{until}{standing}")
    needed = sorted({role for _, role in outcome.conclusion.missing})
    if needed:
        lines.append(f"approval needed: {', '.join(needed)}")
    return "\n".join(lines)


@click.command()
@click.argument("subject")
@click.option("--rule", "rule_id", default="", help="Only this rule.")
@moves_file
@decision_id
@judged
def explain(
    subject: str,
    rule_id: str,
    moves_path: Path | None,
    decision_id: str,
    snapshot_id: str,
    as_of: date | None,
    json_: bool,
) -> None:  # noqa: ARG001, FBT001
    """Why: every clause of every rule on SUBJECT with its values.

    SUBJECT is `company`, `territory:ID`, `move:ACCOUNT`, `rep:ID` or `opportunity:ID`.

    Example: merestone explain move:A-17 --rule R02
    """
    workspace = here()
    policies = workspace.policies()
    kind, _, name = subject.partition(":")
    if kind not in CONTEXTS or (kind != "company" and not name):
        raise BadInput(
            [
                Problem(
                    Place("SUBJECT"),
                    "not a subject",
                    found=subject,
                    expected="company, territory:ID, move:ACCOUNT, rep:ID, opportunity:ID",
                )
            ]
        )
    if kind in ("company", "territory"):
        with loaded(workspace, snapshot_id, as_of) as (db, manifest, day):
            found = run_audit(db, manifest, policies, day)
            evaluation = found.company_evaluation if kind == "company" else found.territory_evaluation
            _explain(evaluation, name or COMPANY_ID, subject, rule_id)
    with with_moves(workspace, snapshot_id, as_of, moves_path, decision_id) as (db, manifest, day, _):
        judge = {"move": check_moves, "rep": check_protection, "opportunity": check_credit}[kind]
        _explain(judge(db, manifest, policies, day), name, subject, rule_id)


def _explain(evaluation: Evaluation | None, name: str, subject: str, rule_id: str) -> None:
    outcome = outcome_of(evaluation, name) if evaluation else None
    if evaluation is None or outcome is None:
        raise BadInput([Problem(Place("SUBJECT"), f"there is no {subject} here")])
    clauses = [e for e in explained(evaluation, name) if not rule_id or e.rule.id == rule_id]
    if not clauses:
        known = ", ".join(r.id for r in evaluation.question.rules)
        raise BadInput([Problem(Place("--rule"), f"rule `{rule_id}` is not evaluated on it", expected=known)])
    fired = {f.rule.id: f for f in outcome.fired}
    document = {
        **outcome_document(outcome),
        "rules": [
            {**explained_document(e), **({"fired": fired_document(fired[e.rule.id])} if e.rule.id in fired else {})}
            for e in clauses
        ],
    }

    def words(out: Console) -> None:
        out.print(Text(f"{subject}: ", style="bold").append_text(coloured(outcome.word)))
        for e in clauses:
            head = (
                Text(f"{e.rule.id} ", style="bold")
                .append(e.rule.title)
                .append(" — ")
                .append_text(coloured({True: "fired", False: "quiet", None: "unknown"}[e.truth]))
            )
            if e.rule.id in fired:
                head.append(f" — {fired[e.rule.id].standing}")
            tree = Tree(head, guide_style="dim")
            if e.clause is not None:
                clause_tree(tree, e.clause)
            if e.rule.id in fired:
                f = fired[e.rule.id]
                tree.add(Text(f.message, style="italic"))
                for p in f.parameters:
                    tree.add(Text(f"{p.name} = {p.shown}, {p.meaning}: {p.source}", style="dim"))
                for missing in f.missing:
                    tree.add(Text(f"missing: {missing}", style="magenta"))
            out.print(tree)

    answer("explain", document, words)
