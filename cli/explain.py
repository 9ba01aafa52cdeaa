"""`explain`: why. Every clause of every rule on one subject, with its values."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from cli.answer import answer, coloured
from cli.books import with_moves
from cli.options import decision_id, here, judged, loaded, moves_file
from cli.policy_versions import governed
from cli.wording import clause_tree, demands, explained_document, fired_document, outcome_document
from engine.audit import audit
from engine.credit import check_credit
from engine.evaluate import Evaluation
from engine.explain import Explained, explained, outcome_of
from engine.facts import COMPANY_ID
from engine.moves import check_moves
from engine.outcome import Fired, Owed
from engine.protection import check_protection
from rules.problem import BadInput, Place, Problem

SUBJECTS = ("company", "territory", "move", "rep", "opportunity")


@click.command()
@click.argument("subject")
@click.option("--rule", "rule_id", default="", help="Only this rule.")
@moves_file
@decision_id
@judged
def explain(
    subject: str, rule_id: str, moves_path: Path | None, decision_id: str, snapshot_id: str, as_of: date | None
) -> None:
    """Why: every clause of every rule on SUBJECT with its values.

    SUBJECT is `company`, `territory:ID`, `move:ACCOUNT`, `rep:ID` or `opportunity:ID`.

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
    if kind in ("company", "territory"):
        with loaded(workspace, snapshot_id, as_of) as (db, manifest, day):
            found = audit(db, manifest, policies, day)
            evaluation = found.company_evaluation if kind == "company" else found.territory_evaluation
            _explain(evaluation, name or COMPANY_ID, subject, rule_id, standing)
    with with_moves(workspace, snapshot_id, as_of, moves_path, decision_id) as (db, manifest, day, _):
        judge = {"move": check_moves, "rep": check_protection, "opportunity": check_credit}[kind]
        _explain(judge(db, manifest, policies, day), name, subject, rule_id, standing)


def _with_counted(evaluation: Evaluation, rule_id: str) -> frozenset[str]:
    """A rule, and the indicators it counts: without them its answer explains nothing."""
    groups = {r.count.group for r in evaluation.question.rules if r.id == rule_id and r.count}
    return frozenset({rule_id, *(r.id for r in evaluation.question.rules if r.group in groups)})


def _explain(
    evaluation: Evaluation | None, name: str, subject: str, rule_id: str, standing: Mapping[str, str]
) -> NoReturn:
    outcome = outcome_of(evaluation, name) if evaluation else None
    if evaluation is None or outcome is None:
        raise BadInput([Problem(Place("SUBJECT"), f"there is no {subject} here")])
    wanted = _with_counted(evaluation, rule_id)
    clauses = [e for e in explained(evaluation, name) if not rule_id or e.rule.id in wanted]
    if not clauses:
        known = ", ".join(r.id for r in evaluation.question.rules)
        raise BadInput([Problem(Place("--rule"), f"rule `{rule_id}` is not evaluated on it", expected=known)])
    fired = {f.rule.id: f for f in outcome.fired}
    digits = evaluation.question.minor_digits
    document = {
        "policies": standing,
        **outcome_document(outcome),
        "rules": [
            {
                **explained_document(e, digits),
                **({"fired": fired_document(fired[e.rule.id])} if e.rule.id in fired else {}),
            }
            for e in clauses
        ],
    }

    def words(out: Console) -> None:
        out.print(Text(f"{subject}: ", style="bold").append_text(coloured(outcome.word)))
        for e in clauses:
            out.print(_rule_tree(e, fired.get(e.rule.id), [o for o in outcome.owed if o.rule == e.rule.id], digits))
        for line in demands(outcome):
            out.print(Text(line, style="bold"))

    answer("explain", document, words)


def _rule_tree(found: Explained, fired: Fired | None, owed: Sequence[Owed], minor_digits: int) -> Tree:
    """One rule with its clauses and, if it fired, what it says, rests on, lacks and asks for."""
    head = (
        Text(f"{found.rule.id} ", style="bold")
        .append(found.rule.title)
        .append(" — ")
        .append_text(coloured({True: "fired", False: "quiet", None: "unknown"}[found.truth]))
    )
    if fired:
        head.append(f" — {fired.would}; " if fired.would else " — ").append(fired.standing)
    tree = Tree(head, guide_style="dim")
    if found.clause is not None:
        clause_tree(tree, found.clause, minor_digits)
    if fired:
        tree.add(Text(fired.message, style="italic"))
        for p in fired.parameters:
            tree.add(Text(f"{p.name} = {p.shown}, {p.meaning}: {p.source}", style="dim"))
        for missing in fired.missing:
            tree.add(Text(f"missing: {missing}", style="magenta"))
        for each in owed:
            tree.add(Text(f"{each.how}: {each.words}", style="bold"))
        tree.add(Text(f"severity {fired.rule.severity.value}, owner {fired.rule.owner}", style="dim"))
    return tree
