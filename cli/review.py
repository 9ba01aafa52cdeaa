"""`review`: what must be looked at, what is breached, what must stop."""

import hashlib
from collections.abc import Sequence
from datetime import date

import click
from rich.console import Console
from rich.text import Text

from cli.answer import NO, YES, answer, as_json, coloured, table, working
from cli.books import append, known_decisions
from cli.options import DAY, here, judged, loaded
from cli.policy_versions import versions
from cli.workspace import Workspace, now
from governance.canonical_json import canonical
from governance.decision import REVIEWED, Decision
from governance.review import OWN, Condition, Review, review_entry
from governance.review import review as run_review
from governance.review_facts import review_days
from governance.rule_usage import UsageFinding, finding_words, usage_findings
from rules.model.policy import PolicySet
from rules.problem import BadInput, Place, Problem

SHORT = 12
"""Hexadecimal digits that tell two answers on one snapshot and one day apart."""


@click.group()
def review() -> None:
    """Reviews of committed decisions."""


@review.command("run")
@click.option("--decision", "decision_id", default="", help="Only this decision; default: every committed one.")
@judged
def run(decision_id: str, snapshot_id: str, as_of: date | None) -> None:
    """Evaluate review triggers and stop conditions on a later snapshot, and record what fired.

    Asked are each decision's own conditions, under the policies that it was committed under, and the review rules of
    the policies here. What these find in the use of rules over twelve months, such as waivers, is listed.

    Exit code 1: something fired, or nobody can say.

    Example: merestone review run --as-of 2026-09-30
    """
    workspace = here()
    policies = workspace.policies()
    known = known_decisions(workspace)
    open_ = [d for d in known.values() if d.document and decision_id in ("", d.id)]
    if not open_:
        raise BadInput([Problem(Place(decision_id or "review"), "there is no committed decision to review")])
    with loaded(workspace, snapshot_id, as_of) as (db, manifest, day):
        later = [
            d
            for d in open_
            if decision_id or (d.document and date.fromisoformat(d.document["snapshot"]["as_of"]) < day)
        ]
        if not later:
            hint = "import a later snapshot"
            message = "no committed decision is older than this snapshot"
            raise BadInput([Problem(Place(manifest.id), message, found=day.isoformat(), hint=hint)])
        at_commit = _policies_at_commit(workspace, later)
        with working("reviewing"):
            found = [run_review(db, manifest, policies, d, day, at_commit=at_commit.get(d.id)) for d in later]
            used = usage_findings(policies, known.values(), day)
    for r in found:
        _record(workspace, r)
    document = {
        "reviews": [{"decision": r.decision, **review_entry(r)} for r in found],
        "findings": [finding_words(f) for f in used],
    }
    code = YES if all(r.outcome == "continue" for r in found) else NO
    answer("review", document, lambda out: _show(out, found, used), code)


def _policies_at_commit(workspace: Workspace, known: Sequence[Decision]) -> dict[str, PolicySet]:
    """The published policies that each decision was committed under, by decision."""
    published = {v.sha256: v for v in versions(workspace)}
    restored: dict[str, PolicySet] = {}
    found = {}
    for decision in known:
        name = decision.document["policy_set"] if decision.document else ""
        if name in published:
            restored.setdefault(name, published[name].policies())
            found[decision.id] = restored[name]
    return found


def _record(workspace: Workspace, found: Review) -> None:
    """Append a review to the ledger; one that says what is there already, word for word, is the one that is there."""
    entry = review_entry(found)
    digest = hashlib.sha256(canonical(entry)).hexdigest()[:SHORT]
    event = f"{found.decision}/reviewed/{found.snapshot}/{found.as_of.isoformat()}/{digest}"
    append(workspace, REVIEWED, found.decision, workspace.name, event, entry)


def _show(out: Console, found: Sequence[Review], used: Sequence[UsageFinding]) -> None:
    for r in found:
        out.print(Text(f"{r.decision} as of {r.as_of.isoformat()}: ", style="bold").append_text(coloured(r.outcome)))
        own = [c for c in r.conditions if c.by == OWN]
        others = [c for c in r.conditions if c.by != OWN]
        out.print(table("", ("condition", "is", "effect", "says", "numbers"), [_row(c) for c in own]))
        if others:
            rows = [_row(c) for c in others if c.state != "quiet"]
            loud = {c.id for c in others if c.state != "quiet"}
            quiet = ", ".join(c.id for c in others if c.id not in loud)
            out.print(table("By the policies", ("rule", "is", "effect", "says", "numbers"), rows))
            if quiet:
                out.print(f"  quiet: {quiet}", style="dim")
        for weak in r.weak_inputs:
            out.print(f"  weak input: {weak}", style="magenta")
        out.print("In the ledger.", style="dim")
    if used:
        listed = [(f.id, coloured(f.state), f.rule, f.message + _lacks(f.missing)) for f in used]
        out.print(table("Use of rules", ("finding", "is", "rule", "says"), listed))


def _row(c: Condition) -> tuple[str, Text, str, str, str]:
    where = f"in {', '.join(c.territories)}: " if c.territories else ""
    standing = "" if c.standing == "counts" else f" ({c.standing})"
    numbers = "\n".join(f"{n} = {v}" for n, v in c.numbers) + _lacks(c.missing)
    return c.id, coloured(c.state), c.effect.value, f"{where}{c.text}{standing}", numbers


def _lacks(missing: Sequence[str]) -> str:
    return "\nmissing: " + ", ".join(missing) if missing else ""


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
        for number, when in review_days(d.document):
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
