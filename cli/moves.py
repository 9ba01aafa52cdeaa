"""`moves check`: may these accounts move? One verdict per proposed move, with reasons."""

from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from cli.answer import NO, YES, answer, coloured, table, wants_json, working
from cli.books import load_decided
from cli.breaker import refuse_too_far, stop_over
from cli.options import FILE, here, judged, loaded
from cli.policy_versions import governed
from cli.wording import demands, outcome_document
from cli.workspace import writable
from engine.bulk.breaker import Limit
from engine.bulk.columns import WORDS
from engine.bulk.groups import Group, groups, one_by_one
from engine.bulk.verdicts import Verdicts, verdicts
from engine.bulk.writing import refuse_unwritable, sha256_of, write_verdicts
from engine.evaluate import Evaluation, evaluate
from engine.explain import outcome_of, outcomes
from engine.inference.logic import Truth
from engine.intake.moves_file import read_moves
from engine.moves import VERDICTS, Tally, asked_of_moves, tally_of
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
    "--rules/--no-rules",
    "in_words",
    default=None,
    help="Say which rules count on every move: in a .csv or .json unless told not to, in a .parquet if asked.",
)
@click.option(
    "--fail-on",
    type=click.Choice(("deny", "hold", "approval", "unknown")),
    multiple=True,
    default=("deny", "hold", "unknown"),
    help="Verdicts that exit 1.",
)
@stop_over
@judged
def check_(
    file: Path,
    out_path: Path | None,
    in_words: bool | None,  # noqa: FBT001 -- click calls it so
    fail_on: tuple[str, ...],
    stop_over: tuple[Limit, ...],
    snapshot_id: str,
    as_of: date | None,
) -> None:
    """A verdict for every proposed move in FILE (CSV or Parquet), with reasons.

    Exit code 1: something is denied, on hold or unknown.

    Example: merestone moves check moves.csv --out verdicts.csv
    """
    workspace = here()
    policies, standing = governed(workspace)
    if out_path:
        writable(out_path)
        refuse_unwritable(out_path)
    with loaded(workspace, snapshot_id, as_of) as (db, manifest, day):
        with working("reading moves"):
            read_moves(db, file)
            load_decided(db, workspace)
        with working("gathering facts"):
            question, facts = asked_of_moves(db, manifest, policies, day)
        with working("judging moves"):
            judged = verdicts(db, question, facts)
        counted = tally_of(judged)
        accounts = db.value("SELECT count(*) FROM accounts") if db.has("accounts") else 0
        refuse_too_far(counted.verdicts, accounts, workspace.limits, stop_over)
        documents = _documents(judged) if wants_json() else []
        if out_path:
            about = {
                "merestone": version("merestone"),
                "snapshot": manifest.id,
                "policies": standing,
                "moves": {"file": file.name, "sha256": sha256_of(file)},
            }
            words = _words(out_path, wanted=in_words)
            with working("writing verdicts"):
                write_verdicts(judged, out_path, key="account", own="moves", words=words, about=about)
        objections = {w: n for w, n in (*counted.verdicts.items(), ("unknown", counted.unknown)) if n and w in fail_on}
        document: dict[str, object] = {
            "as_of": day.isoformat(),
            "snapshot": manifest.id,
            "policies": standing,
            "verdicts": dict(counted.verdicts),
            "unknown": counted.unknown,
            "moves": documents,
        }
        answer(
            "moves",
            document,
            lambda out: _show_moves(out, judged, counted, out_path),
            NO if objections else YES,
        )


def _words(path: Path, *, wanted: bool | None) -> Sequence[str]:
    """What is told in words: all for people, the rules alone where somebody asks for them in a file for programs."""
    if path.suffix.lower() == ".parquet":
        return ("rules",) if wanted else ()
    return () if wanted is False else WORDS


def _documents(judged: Verdicts) -> list[dict[str, Any]]:
    if judged.total > EXPLAINED:
        hint = "--out verdicts.parquet writes every verdict; `merestone explain move:ACCOUNT` explains one"
        raise BadInput(
            [Problem(Place("--json"), f"explains at most {EXPLAINED:,} moves", f"{judged.total:,}", hint=hint)]
        )
    return [outcome_document(o) for o in outcomes(evaluate(judged.db, judged.question, judged.facts))]


def _show_moves(out: Console, judged: Verdicts, counted: Tally, out_path: Path | None) -> None:
    out.print(f"{counted.total:,} proposed moves as of {judged.question.day.isoformat()}", style="bold")
    line = Text("  ")
    for word in VERDICTS:
        line.append(f"{counted.verdicts[word]:,} ").append_text(coloured(word)).append("   ")
    out.print(line.append(f"({counted.unknown:,} with an unknown rule)"))
    shown, total = groups(judged, VERDICTS, most=LISTED, named=NAMED)
    if shown:
        evaluation = one_by_one(judged, [group.first[0] for group in shown])
        rows = [(f"{g.subjects:,}", coloured(g.verdict), _reasons(evaluation, g), _named(g)) for g in shown]
        out.print()
        out.print(table("Not simply allowed", ("moves", "verdict", "because", "accounts"), rows, right=(0,)))
    if total > LISTED:
        out.print(f"and {total - LISTED:,} more groups (--out lists every move)", style="dim")
    if out_path:
        out.print(f"Written: {out_path}", soft_wrap=True)


def _named(group: Group) -> str:
    more = f" and {group.subjects - len(group.first):,} more" if group.subjects > len(group.first) else ""
    return ", ".join(group.first) + more


def _reasons(evaluation: Evaluation, group: Group) -> str:
    """Why, a rule a line. What one account's numbers are is said where the group is one account."""
    outcome = outcome_of(evaluation, group.first[0])
    lines = []
    for fired in outcome.fired if outcome else ():
        # What is owed has no part in the verdict; `explain move:ACCOUNT` lists it, and the file that `--out` writes.
        if fired.is_idle or (fired.rule.effect in OWED and fired.truth is Truth.TRUE):
            continue
        words = fired.message if group.subjects == 1 else fired.rule.title
        words = f"unknown: {', '.join(fired.missing)}" if fired.missing else words
        until = f", until {fired.until.isoformat()}" if fired.until and group.subjects == 1 else ""
        standing = "" if fired.standing == "counts" else f" [{fired.standing}]"
        standing = f" [{fired.would}; {fired.standing}]" if fired.would else standing
        lines.append(f"{fired.rule.id} {words}{until}{standing}")
    return "\n".join([*lines, *(demands(outcome, people=group.subjects == 1) if outcome else ())])
