"""`review`: what must be looked at, what is breached, what must stop."""

from collections.abc import Sequence
from datetime import date

import click
from rich.console import Console
from rich.text import Text

from cli.answer import NO, YES, answer, as_json, coloured, table, working
from cli.books import append, known_decisions
from cli.options import DAY, here, judged, loaded
from cli.workspace import now
from governance.decision import REVIEWED
from governance.review import Review, review_days, review_entry
from governance.review import review as run_review
from rules.problem import BadInput, Place, Problem


@click.group()
def review() -> None:
    """Reviews of committed decisions."""


@review.command("run")
@click.option("--decision", "decision_id", default="", help="Only this decision; default: every committed one.")
@judged
def run(decision_id: str, snapshot_id: str, as_of: date | None) -> None:
    """Evaluate review triggers and stop conditions on a later snapshot, and record what fired.

    Exit code 1: something fired, or nobody can say.

    Example: merestone review run --as-of 2026-09-30
    """
    workspace = here()
    policies = workspace.policies()
    open_ = [d for d in known_decisions(workspace).values() if d.document and decision_id in ("", d.id)]
    if not open_:
        raise BadInput([Problem(Place(decision_id or "review"), "there is no committed decision to review")])
    found: list[Review] = []
    with loaded(workspace, snapshot_id, as_of) as (db, manifest, day):
        later = [
            d
            for d in open_
            if decision_id or (d.document and date.fromisoformat(d.document["snapshot"]["as_of"]) < day)
        ]
        if not later:
            raise BadInput(
                [
                    Problem(
                        Place(manifest.id), "no committed decision is older than this snapshot", found=day.isoformat()
                    )
                ]
            )
        with working("reviewing"):
            found = [run_review(db, manifest, policies, d, day) for d in later]
    for r in found:
        append(
            workspace,
            REVIEWED,
            r.decision,
            workspace.name,
            f"{r.decision}/reviewed/{r.snapshot}/{r.as_of.isoformat()}",
            review_entry(r),
        )
    document = {"reviews": [{"decision": r.decision, **review_entry(r)} for r in found]}
    answer(
        "review", document, lambda out: _show(out, found), YES if all(r.outcome == "continue" for r in found) else NO
    )


def _show(out: Console, found: Sequence[Review]) -> None:
    for r in found:
        out.print(Text(f"{r.decision} as of {r.as_of.isoformat()}: ", style="bold").append_text(coloured(r.outcome)))
        rows = [
            (
                c.id,
                coloured(c.state),
                c.effect.value,
                c.text,
                "\n".join(f"{n} = {v}" for n, v in c.numbers)
                + ("\nmissing: " + ", ".join(c.missing) if c.missing else ""),
            )
            for c in r.conditions
        ]
        out.print(table("", ("condition", "is", "effect", "says", "numbers"), rows))
        for weak in r.weak_inputs:
            out.print(f"  weak input: {weak}", style="magenta")
        out.print("In the ledger.", style="dim")


@review.command("due")
@click.option("--on", type=DAY, default=None, help="The day to look from; default: today.")
@as_json
def due(on: date | None) -> None:
    """Operating reviews of days 30, 60 and 90 that have come and were not held.

    Exit code 1: a review is overdue.

    Example: merestone review due --on 2026-09-01
    """
    day = on or now().date()
    rows = []
    for d in known_decisions(here()).values():
        if d.document is None:
            continue
        held = sorted(r["as_of"] for r in d.reviews)
        for number, when in review_days(date.fromisoformat(d.document["effective"])):
            done = next((h for h in held if h >= when.isoformat()), "")
            state = (
                f"held on data of {done}"
                if done
                else ("overdue" if when < day else "due today" if when == day else "to come")
            )
            rows.append((d.id, f"day {number}", when.isoformat(), state))
    overdue = any(state in ("overdue", "due today") for *_, state in rows)
    document = {"reviews": [{"decision": d, "review": n, "on": when, "state": state} for d, n, when, state in rows]}
    answer(
        "reviews-due",
        document,
        lambda out: out.print(table("Reviews", ("decision", "review", "on", "state"), rows)),
        NO if overdue else YES,
    )
