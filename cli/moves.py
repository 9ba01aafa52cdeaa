"""`moves check`: may these accounts move? One verdict per proposed move, with reasons."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from cli.answer import NO, YES, answer, coloured, table, wants_json, working
from cli.books import load_decided
from cli.options import FILE, here, judged, loaded
from cli.policy_versions import governed
from cli.wording import demands, outcome_document
from cli.workspace import writable
from engine.evaluate import Evaluation
from engine.explain import outcome_of, outcomes
from engine.inference.logic import Pattern, Truth
from engine.intake.moves_file import read_moves
from engine.moves import VERDICTS, Tally, check_moves, tally, verdict_of, write_verdicts
from engine.rule_standing import reported, truths_of
from rules.model.rule_kind import Effect
from rules.problem import BadInput, Place, Problem

LISTED = 40
"""Groups of moves that a terminal lists with reasons; `--out` and `--json` have every move."""
EXPLAINED = 10_000
"""Moves that `--json` explains one by one."""
NAMED = 12
"""Accounts of one group that a terminal names."""
OWED = (Effect.REQUIRE, Effect.ADVISE)
"""Effects that reach no verdict."""


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
def check_(file: Path, out_path: Path | None, fail_on: tuple[str, ...], snapshot_id: str, as_of: date | None) -> None:
    """A verdict for every proposed move in FILE (CSV or Parquet), with reasons.

    Exit code 1: something is denied, on hold or unknown.

    Example: merestone moves check moves.csv --out verdicts.csv
    """
    workspace = here()
    policies, standing = governed(workspace)
    if out_path:
        writable(out_path)
    with loaded(workspace, snapshot_id, as_of) as (db, manifest, day):
        with working("checking moves"):
            read_moves(db, file)
            load_decided(db, workspace)
            evaluation = check_moves(db, manifest, policies, day)
            counted = tally(evaluation)
            if out_path:
                write_verdicts(evaluation, out_path)
        objections = {w: n for w, n in (*counted.verdicts.items(), ("unknown", counted.unknown)) if n and w in fail_on}
        document: dict[str, object] = {
            "as_of": day.isoformat(),
            "snapshot": manifest.id,
            "policies": standing,
            "verdicts": dict(counted.verdicts),
            "unknown": counted.unknown,
            "moves": _documents(evaluation, counted) if wants_json() else [],
        }
        answer(
            "moves",
            document,
            lambda out: _show_moves(out, evaluation, counted, day, out_path),
            NO if objections else YES,
        )


def _documents(evaluation: Evaluation, counted: Tally) -> list[dict[str, Any]]:
    if counted.total > EXPLAINED:
        hint = "--out verdicts.parquet writes every verdict; `merestone explain move:ACCOUNT` explains one"
        raise BadInput(
            [Problem(Place("--json"), f"explains at most {EXPLAINED:,} moves", f"{counted.total:,}", hint=hint)]
        )
    return [outcome_document(o) for o in outcomes(evaluation)]


def _show_moves(out: Console, evaluation: Evaluation, counted: Tally, day: date, out_path: Path | None) -> None:
    out.print(f"{counted.total:,} proposed moves as of {day.isoformat()}", style="bold")
    line = Text("  ")
    for word in VERDICTS:
        line.append(f"{counted.verdicts[word]:,} ").append_text(coloured(word)).append("   ")
    out.print(line.append(f"({counted.unknown:,} with an unknown rule)"))
    groups = _groups(evaluation)
    rows = [(f"{len(ids):,}", coloured(word), _reasons(evaluation, ids), _named(ids)) for word, ids in groups[:LISTED]]
    if rows:
        out.print()
        out.print(table("Not simply allowed", ("moves", "verdict", "because", "accounts"), rows, right=(0,)))
    if len(groups) > LISTED:
        out.print(f"and {len(groups) - LISTED:,} more groups (--out lists every move)", style="dim")
    if out_path:
        out.print(f"Written: {out_path}", soft_wrap=True)


def _groups(evaluation: Evaluation) -> list[tuple[str, list[str]]]:
    """Moves that are judged alike and not simply allowed: (verdict, accounts), gravest verdict and largest first.

    A move on which a rule in report mode is true, and would have a say, is not simply allowed.
    """
    found: dict[tuple[Pattern, tuple[str, ...]], list[str]] = {}

    @cache
    def alike(said: str, letters: str) -> tuple[Pattern, tuple[str, ...]]:
        truths = truths_of(evaluation.question, letters)
        told = tuple(rule for rule in reported(evaluation, said, letters) if truths[rule] is Truth.TRUE)
        return evaluation.pattern(said, letters), told

    for subject_id, letters in evaluation.letters():
        key = alike(subject_id if subject_id in evaluation.standing.subjects else "", letters)
        found.setdefault(key, []).append(subject_id)
    groups = [
        (verdict_of(conclusion), ids)
        for (pattern, only_reported), ids in found.items()
        if verdict_of(conclusion := evaluation.conclusions[pattern]) != "allow" or conclusion.open or only_reported
    ]
    return sorted(groups, key=lambda g: (VERDICTS.index(g[0]), -len(g[1]), g[1]))


def _named(ids: list[str]) -> str:
    more = f" and {len(ids) - NAMED:,} more" if len(ids) > NAMED else ""
    return ", ".join(ids[:NAMED]) + more


def _reasons(evaluation: Evaluation, ids: list[str]) -> str:
    """Why, a rule a line. What one account's numbers are is said where the group is one account."""
    outcome = outcome_of(evaluation, ids[0])
    lines = []
    for fired in outcome.fired if outcome else ():
        # What is owed has no part in the verdict; `explain move:ACCOUNT` lists it, and the file that `--out` writes.
        if fired.is_idle or (fired.rule.effect in OWED and fired.truth is Truth.TRUE):
            continue
        words = fired.message if len(ids) == 1 else fired.rule.title
        words = f"unknown: {', '.join(fired.missing)}" if fired.missing else words
        until = f", until {fired.until.isoformat()}" if fired.until and len(ids) == 1 else ""
        standing = "" if fired.standing == "counts" else f" [{fired.standing}]"
        standing = f" [{fired.would}; {fired.standing}]" if fired.would else standing
        lines.append(f"{fired.rule.id} {words}{until}{standing}")
    return "\n".join([*lines, *(demands(outcome, people=len(ids) == 1) if outcome else ())])
