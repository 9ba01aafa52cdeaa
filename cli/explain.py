"""`explain`: why. Every clause of every rule on one subject, with its values, and what would have to change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.text import Text

from cli.answer import NO, YES, answer, coloured
from cli.books import with_moves
from cli.compared import compared, kept_document
from cli.explanation import Explanation, explanation_document, nearest_tree, rule_tree
from cli.options import FILE, decision_id, here, judged, loaded, moves_file
from cli.policy_versions import governed
from cli.wording import demands
from cli.workspace import TEMPLATES, writable
from engine.audit import audit
from engine.credit import check_credit
from engine.evaluate import Evaluation
from engine.explain import explained, outcome_of
from engine.explanation.nearest import nearest_changes
from engine.facts import COMPANY_ID
from engine.moves import check_moves
from engine.protection import check_protection
from rules.problem import BadInput, Place, Problem

SUBJECTS = ("company", "territory", "move", "rep", "opportunity")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """How much is to be told, and whether as a page too."""

    rule: str
    changes: bool
    html: Path | None
    kept: Path | None = None
    """A file of verdicts to compare with."""


@click.command()
@click.argument("subject")
@click.option("--rule", "rule_id", default="", help="Only this rule.")
@click.option("--changes/--no-changes", default=True, help="Whether to say what would have to change; default: yes.")
@click.option(
    "--from", "kept_path", type=FILE, default=None, help="Compare a move with what this file of verdicts says of it."
)
@click.option("--html", "html_path", type=FILE, default=None, help="Write it as an HTML fragment to this file, too.")
@moves_file
@decision_id
@judged
def explain(
    subject: str,
    rule_id: str,
    changes: bool,  # noqa: FBT001 -- click calls it so
    kept_path: Path | None,
    html_path: Path | None,
    moves_path: Path | None,
    decision_id: str,
    snapshot_id: str,
    as_of: date | None,
) -> None:
    """Why: every clause of every rule on SUBJECT with its values, and what would have to change for another answer.

    SUBJECT is `company`, `territory:ID`, `move:ACCOUNT`, `rep:ID` or `opportunity:ID`.

    Exit code 1: with --from, the file says otherwise.

    Example: merestone explain move:A-2079 --rule R02
    """
    workspace = here()
    policies, standing = governed(workspace)
    kind, _, name = subject.partition(":")
    if kind not in SUBJECTS or (kind != "company" and not name):
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
    if kept_path and kind != "move":
        raise BadInput([Problem(Place("--from"), "holds verdicts on moves alone", subject, "move:ACCOUNT")])
    wanted = _Wanted(rule_id, changes, writable(html_path) if html_path else None, kept_path)
    if kind in ("company", "territory"):
        with loaded(workspace, snapshot_id, as_of) as (db, manifest, day):
            found = audit(db, manifest, policies, day)
            evaluation = found.company_evaluation if kind == "company" else found.territory_evaluation
            _explain(evaluation, name or COMPANY_ID, subject, wanted, standing)
    with with_moves(workspace, snapshot_id, as_of, moves_path, decision_id) as (db, manifest, day, _):
        judge = {"move": check_moves, "rep": check_protection, "opportunity": check_credit}[kind]
        _explain(judge(db, manifest, policies, day), name, subject, wanted, standing)


def _with_counted(evaluation: Evaluation, rule_id: str) -> frozenset[str]:
    """A rule, and the indicators it counts: without them its answer explains nothing."""
    groups = {r.count.group for r in evaluation.question.rules if r.id == rule_id and r.count}
    return frozenset({rule_id, *(r.id for r in evaluation.question.rules if r.group in groups)})


def _explain(
    evaluation: Evaluation | None, name: str, subject: str, wanted: _Wanted, standing: Mapping[str, str]
) -> NoReturn:
    outcome = outcome_of(evaluation, name) if evaluation else None
    if evaluation is None or outcome is None:
        raise BadInput([Problem(Place("SUBJECT"), f"there is no {subject} here")])
    chosen = _with_counted(evaluation, wanted.rule)
    rules = tuple(e for e in explained(evaluation, name) if not wanted.rule or e.rule.id in chosen)
    if not rules:
        known = ", ".join(r.id for r in evaluation.question.rules)
        raise BadInput([Problem(Place("--rule"), f"rule `{wanted.rule}` is not evaluated on it", expected=known)])
    # One rule is not the answer, and what changes the answer is no part of one rule.
    nearest = nearest_changes(evaluation, name) if wanted.changes and not wanted.rule else None
    told = Explanation(subject, evaluation, outcome, rules, nearest)
    compare = compared(wanted.kept, evaluation, outcome)
    document = explanation_document(told, standing) | kept_document(compare)
    if wanted.html is not None:
        _write_html(wanted.html, subject, document)

    def words(out: Console) -> None:
        out.print(Text(f"{subject}: ", style="bold").append_text(coloured(outcome.word)))
        for each in rules:
            out.print(rule_tree(told, each))
        for line in demands(outcome):
            out.print(Text(line, style="bold"))
        if nearest is not None:
            out.print(nearest_tree(evaluation.question, nearest))
        for kept in compare:
            kept.show(out)
        if wanted.html is not None:
            out.print(f"written to {wanted.html}")

    answer("explain", document, words, NO if any(each.any for each in compare) else YES)


def _write_html(path: Path, subject: str, document: Mapping[str, Any]) -> None:
    from governance.page import filled  # noqa: PLC0415 -- templates take a while to load, and few ask for a page

    page = filled(TEMPLATES, "explanation.html.j2", {"subject": subject, "told": document})
    # Whoever puts the fragment into a page chooses its encoding: beyond ASCII, characters are written by number.
    partial = path.with_name(path.name + ".part")
    try:
        partial.write_bytes(page.encode("ascii", "xmlcharrefreplace"))
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
