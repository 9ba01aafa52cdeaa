"""`credit`: who keeps the credit for the deals of moving accounts, and how it is shared as the months go by."""

from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.answer import NO, YES, answer, coloured, table
from cli.books import with_moves
from cli.options import decision_id, here, judged, moves_file
from cli.policy_versions import governed
from cli.wording import outcome_document
from engine.credit import Credit, check_credit, credit_rows
from engine.credit_split import Months, Split, credit_schedule
from engine.database import Database
from engine.intake.snapshot import Manifest
from rules.kinds import Kind, shown
from rules.model.policy import PolicySet
from rules.problem import BadInput, Place, Problem


@click.group()
def credit() -> None:
    """Credit for open deals of moving accounts."""


def _checked(db: Database, manifest: Manifest, policies: PolicySet, day: date) -> tuple[Credit, ...]:
    return credit_rows(check_credit(db, manifest, policies, day), credit_schedule(policies, day))


@credit.command("list")
@moves_file
@decision_id
@judged
def credit_list(moves_path: Path | None, decision_id: str, snapshot_id: str, as_of: date | None) -> None:
    """Every deal of a moving account: held, ineligible or exempt, and why.

    Exit code 1: for some deal nobody can say.

    Example: merestone credit list --moves moves.csv
    """
    workspace = here()
    policies, standing = governed(workspace)
    with with_moves(workspace, snapshot_id, as_of, moves_path, decision_id) as (db, manifest, day, source):
        found = _checked(db, manifest, policies, day)
        document = {
            "as_of": day.isoformat(),
            "snapshot": manifest.id,
            "policies": standing,
            "moves": source,
            "deals": [_credit_document(c, manifest) for c in found],
        }
        rows = [_credit_row(c, manifest) for c in found if c.outcome.word != "exempt"]
        exempt = len(found) - len(rows)
        columns = ("deal", "holder", "amount", "answer", "until", "share", "because")

        def words(out: Console) -> None:
            out.print(table(f"Credit under {source}", columns, rows, right=(2, 5)))
            for word in ("held", "ineligible", "unknown"):
                mine = [c for c in found if c.outcome.word == word]
                if mine:
                    total = shown(sum(c.amount or 0 for c in mine), Kind.MONEY, minor_digits=manifest.minor_digits)
                    out.print(f"{word}: {len(mine)} deals, {total} {manifest.currency}")
            if exempt:
                out.print(f"exempt: {exempt} deals, credit follows the owner at close (--json lists them)", style="dim")

        answer("credit", document, words, NO if any(c.outcome.level is None for c in found) else YES)


def _credit_row(c: Credit, manifest: Manifest) -> tuple[str | Text, ...]:
    return (
        c.outcome.id,
        c.holder,
        _money(c.amount, manifest),
        coloured(c.outcome.word),
        c.held_until.isoformat() if c.held_until else "",
        _share(c),
        _because(c),
    )


def _because(c: Credit) -> str:
    """Why the deal is whose it is; behind it rules that do not count: beaten ones, and what others would do."""
    if c.reason:
        return c.reason
    told = [f for f in c.outcome.fired if not f.is_idle]
    words = {f.rule.id: f"{f.rule.id} {', '.join(f.missing) or f.message}" for f in told}
    counting = [words[f.rule.id] for f in told if f.standing == "counts"]
    if c.outcome.level == "held" and not counting:
        counting = ["no rule took it out of the hold"]
    others = [(words[f.rule.id], (f.would, f.standing)) for f in told if f.standing != "counts"]
    return "; ".join([*counting, *(f"{said} [{'; '.join(filter(None, why))}]" for said, why in others)])


def _share(c: Credit) -> str:
    """The original rep's percentage; of an open deal under a schedule, one after the other as the months go by."""
    if c.share is not None:
        return f"{c.share} %"
    if c.splits:
        return ", ".join(f"{s.credit_type} {s.original} %" for s in c.splits)
    kept = [dict(row.original).get("rep") for row in c.months]
    return f"{', '.join(map(str, kept))} %" if kept and None not in kept else "by month" if kept else "unknown"


def _money(amount: int | None, manifest: Manifest) -> str:
    return "none" if amount is None else shown(amount, Kind.MONEY, minor_digits=manifest.minor_digits)


def _credit_document(c: Credit, manifest: Manifest) -> dict[str, Any]:
    return {
        **outcome_document(c.outcome),
        "holder": c.holder,
        "share_pct": c.share,
        "currency": manifest.currency,
        "amount_minor": None if c.amount is None else str(c.amount),
        "held_until": c.held_until.isoformat() if c.held_until else "",
        "reason": c.reason,
        "splits": [_split_document(s) for s in c.splits],
        "months": [_months_document(m) for m in c.months],
    }


def _split_document(s: Split) -> dict[str, Any]:
    return {
        "type": s.credit_type,
        "month": s.month,
        "original_pct": s.original,
        "original_minor": None if s.original_amount is None else str(s.original_amount),
        "new_minor": None if s.new_amount is None else str(s.new_amount),
    }


def _months_document(m: Months) -> dict[str, Any]:
    return {
        "first": m.first,
        "through": m.through,
        "start": m.start.isoformat(),
        "end": m.end.isoformat() if m.end else "",
        "original_pct": dict(m.original),
    }


def _shares(c: Credit, manifest: Manifest) -> list[Table]:
    """What holder and new owner get of each type of credit: by month, and of a deal that closed, in money."""
    types = [credit_type for credit_type, _ in c.months[0].original] if c.months else []
    rows = [
        (
            f"{m.first} to {m.through}" if m.through else f"from {m.first} on",
            m.start.isoformat(),
            m.end.isoformat() if m.end else "",
            *(f"{percent} / {100 - percent} %" for _, percent in m.original),
        )
        for m in c.months
    ]
    tables = [table("Original holder / new owner", ("months", "from", "through", *types), rows)] if rows else []
    if c.splits:
        title = f"Closed in month {c.splits[0].month}"
        closed = [
            (
                s.credit_type,
                f"{s.original} / {100 - s.original} %",
                _money(s.original_amount, manifest),
                _money(s.new_amount, manifest),
            )
            for s in c.splits
        ]
        tables.append(table(title, ("credit", "shares", "original holder", "new owner"), closed, right=(2, 3)))
    return tables


@credit.command("show")
@click.argument("opportunity")
@moves_file
@decision_id
@judged
def credit_show(
    opportunity: str, moves_path: Path | None, decision_id: str, snapshot_id: str, as_of: date | None
) -> None:
    """One deal: who keeps the credit, and why.

    Example: merestone credit show OP-5273
    """
    workspace = here()
    policies, standing = governed(workspace)
    with with_moves(workspace, snapshot_id, as_of, moves_path, decision_id) as (db, manifest, day, source):
        found = next((c for c in _checked(db, manifest, policies, day) if c.outcome.id == opportunity), None)
        if found is None:
            raise BadInput(
                [Problem(Place("OPPORTUNITY"), f"`{opportunity}` is no deal of an account that moves under {source}")]
            )
        chosen = found
        columns = ("deal", "holder", "amount", "answer", "until", "share", "because")

        def words(out: Console) -> None:
            out.print(table(f"Credit under {source}", columns, [_credit_row(chosen, manifest)], right=(2, 5)))
            for shares in _shares(chosen, manifest):
                out.print(shares)

        answer(
            "credit-deal",
            {"policies": standing, **_credit_document(chosen, manifest)},
            words,
            NO if chosen.outcome.level is None else YES,
        )
