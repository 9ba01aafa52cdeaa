"""`decision`: frame, look at the options, collect approvals and waivers, commit."""

from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from cli.answer import NO, YES, answer, as_json, coloured, table, working
from cli.books import append, known_decisions, wanted_decision
from cli.decision_steps import account_problems, commit_decision, evaluated, frame_decision
from cli.options import DAY, FILE, as_of, here, snapshot_id
from cli.policy_versions import governed
from cli.workspace import now
from governance.decision import APPROVED, WAIVED, approval_problems, roles_named, waiver_problems
from governance.decision_check import certain_failures, checked_frame, governance_document
from governance.document import Evaluated
from governance.frame import Frame
from governance.move_words import fired_facts
from rules.problem import BadInput


@click.group()
def decision() -> None:
    """Decisions: frame, compare, approve, waive, commit, show."""


@decision.command()
@click.argument("file", type=FILE)
@click.option("--by", required=True, help="Who frames it.")
@snapshot_id
@as_of
@as_json
def frame(file: Path, by: str, snapshot_id: str, as_of: date | None) -> None:
    """Frame the decision in FILE: check it, evaluate its options, record it.

    Example: merestone decision frame decision.yaml --by "Ana Ruiz"
    """
    workspace = here()
    policies, standing = governed(workspace)
    with working("evaluating the options"):
        decision_id, framed, found = frame_decision(workspace, policies, file, by, snapshot_id, as_of)
    answer(
        "decision",
        {"id": decision_id, "status": "framed", "policies": standing, **_compared(framed, found)},
        lambda out: _show_options(out, decision_id, framed, found),
    )


def _compared(framed: Frame, found: Evaluated) -> dict[str, Any]:
    return {
        "title": framed.written.decision,
        "snapshot": found.manifest.id,
        "audit": {"outcome": found.audit.company.word, "fired": [fired_facts(f) for f in found.audit.company.fired]},
        "options": [
            {
                "id": o.id,
                "name": o.name,
                "verdicts": dict(found.options[o.id].tally.verdicts) if o.id in found.options else {},
                "unknown": found.options[o.id].tally.unknown if o.id in found.options else 0,
            }
            for o in framed.written.options
        ],
        **governance_document(checked_frame(framed, found)),
    }


def _show_options(out: Console, decision_id: str, framed: Frame, found: Evaluated, *, status: str = "framed") -> None:
    out.print(Text(f"{decision_id} {framed.written.decision}", style="bold"))
    out.print(
        Text("The audit answers ")
        .append_text(coloured(found.audit.company.word))
        .append(f", as of {found.audit.as_of.isoformat()}")
    )
    rows = []
    for option in framed.written.options:
        moved = found.options.get(option.id)
        verdicts = [str(moved.tally.verdicts[w]) if moved else "" for w in ("allow", "approval", "hold", "deny")]
        mark = "recommended" if option.id == framed.written.recommendation else ""
        rows.append((option.id, option.name, *verdicts, str(moved.tally.unknown) if moved else "", mark))
    out.print(
        table(
            "Options",
            ("option", "name", "allow", "approval", "hold", "deny", "unknown", ""),
            rows,
            right=(2, 3, 4, 5, 6),
        )
    )
    for failing in certain_failures(checked_frame(framed, found)):
        out.print(Text(f"  {failing.rule.id} would refuse a commit: ", style="red").append(failing.message))
    if status == "framed":
        out.print(f"Next: merestone decision approve {decision_id} --role ROLE --by NAME", soft_wrap=True)


@decision.command()
@click.argument("wanted", metavar="DECISION")
@as_json
def compare(wanted: str) -> None:
    """Its options side by side, with the approvals and waivers given so far.

    Example: merestone decision compare DR-2026-001
    """
    workspace = here()
    known = wanted_decision(workspace, wanted)
    policies, standing = governed(workspace)
    with working("evaluating the options"):
        framed, found = evaluated(workspace, known, policies)
    answer(
        "decision",
        {"id": known.id, "status": known.status, "policies": standing, **_compared(framed, found)},
        lambda out: _show_options(out, known.id, framed, found, status=known.status),
    )


@decision.command()
@click.argument("wanted", metavar="DECISION")
@click.option("--by", required=True, help="Who approves.")
@click.option("--role", required=True, help="In which role: vp-sales, giving-manager, receiving-manager, sales-ops.")
@click.option("--account", "accounts", multiple=True, help="Only this account's move; default: the whole decision.")
@as_json
def approve(wanted: str, by: str, role: str, accounts: tuple[str, ...]) -> None:
    """Approve a framed decision, or some of its moves.

    Example: merestone decision approve DR-2026-001 --role vp-sales --by "Ida Lind"
    """
    workspace = here()
    known = wanted_decision(workspace, wanted)
    problems = approval_problems(known, by, role, accounts, roles_named(workspace.policies(), now().date()))
    problems += account_problems(workspace, known, accounts)
    if problems:
        raise BadInput(problems)
    event = f"{known.id}/approved/{role}/{by}/{','.join(sorted(accounts))}"
    index = append(workspace, APPROVED, known.id, by, event, {"role": role, "accounts": sorted(accounts)})
    answer(
        "approval",
        {"id": known.id, "by": by, "role": role, "entry": index},
        lambda out: out.print(f"{by} approved {known.id} as {role}; ledger entry {index}"),
    )


@decision.command()
@click.argument("wanted", metavar="DECISION")
@click.option("--rule", "rule_id", required=True, help="The rule to waive.")
@click.option(
    "--account", "accounts", multiple=True, help="For this account; may be repeated. None for a rule on the decision."
)
@click.option("--by", required=True, help="Who waives.")
@click.option("--role", required=True, help="In which role.")
@click.option("--reason", required=True, help="Why; it goes on record.")
@click.option("--until", type=DAY, required=True, help="Last day on which the waiver counts.")
@as_json
def waive(wanted: str, rule_id: str, accounts: tuple[str, ...], by: str, role: str, reason: str, until: date) -> None:
    """Waive a rule for some accounts of a framed decision.

    Example: merestone decision waive DR-2026-001 --rule R02 --account A-2079 --by "Ida Lind" --role vp-sales
    --reason "customer asked" --until 2026-12-31
    """
    workspace = here()
    known = wanted_decision(workspace, wanted)
    rule = workspace.policies().rule(rule_id)
    problems = waiver_problems(known, rule, rule_id, by, role, reason, until, now().date(), accounts)
    problems += account_problems(workspace, known, accounts)
    if problems:
        raise BadInput(problems)
    waiver = f"W-{len(known.waivers) + 1}"
    data = {
        "id": waiver,
        "rule": rule_id,
        "accounts": sorted(accounts),
        "role": role,
        "reason": reason,
        "until": until.isoformat(),
    }
    index = append(workspace, WAIVED, known.id, by, f"{known.id}/{waiver}", data)
    answer(
        "waiver",
        {"id": known.id, "entry": index, **data},
        lambda out: out.print(
            f"{waiver}: {rule_id} waived for {', '.join(accounts) or known.id} until {until.isoformat()}; "
            f"ledger entry {index}"
        ),
    )


@decision.command()
@click.argument("wanted", metavar="DECISION")
@click.option("--option", "chosen", required=True, help="The option decided for.")
@click.option("--by", required=True, help="Who decides.")
@click.option("--rationale", required=True, help="Why; it goes on record.")
@click.option("--deviation", default="", help="Why not the recommended option, if it is another.")
@as_json
def commit(wanted: str, chosen: str, by: str, rationale: str, deviation: str) -> None:
    """Commit a decision under the policies in force: evaluate once more, freeze the baseline, write it to the ledger.

    Example: merestone decision commit DR-2026-001 --option moderate --by "Ida Lind" --rationale "the spread lasts"
    """
    workspace = here()
    known = wanted_decision(workspace, wanted)
    with working("evaluating once more"):
        index, document = commit_decision(workspace, known, chosen, by, rationale, deviation)

    def words(out: Console) -> None:
        out.print(Text.assemble((known.id, "bold"), f" committed: {chosen}; ledger entry {index}"))
        for c in document["conditions"]:
            out.print(f"  {c['id']} {c['effect']}: {c['text']} (at commit: {c['at_commit']})")
        out.print(f"Next: merestone record render {known.id}")

    answer("decision", {"id": known.id, "status": "committed", "entry": index, "document": document}, words)


@decision.command("show")
@click.argument("wanted", metavar="DECISION")
@as_json
def show(wanted: str) -> None:
    """One decision as the ledger tells it.

    Exit code 1: it was stopped.

    Example: merestone decision show DR-2026-001
    """
    known = wanted_decision(here(), wanted)
    document = {
        "id": known.id,
        "title": known.title,
        "status": known.status,
        "requester": known.requester,
        "snapshot": known.snapshot,
        "approvals": [{"by": a.by, "role": a.role, "on": a.on} for a in known.approvals],
        "waivers": [
            {"id": w.id, "rule": w.rule, "accounts": list(w.accounts), "by": w.by, "until": w.until.isoformat()}
            for w in known.waivers
        ],
        "committed": known.committed_index,
        "reviews": list(known.reviews),
        "records": list(known.issued),
        "document": known.document,
    }

    def words(out: Console) -> None:
        out.print(Text(f"{known.id} {known.title}: ", style="bold").append(known.status))
        out.print(
            f"  asked for by {known.requester}; snapshot {known.snapshot}; the audit answered {known.framed['audit']}",
        )
        for a in known.approvals:
            out.print(f"  approved by {a.by} as {a.role} on {a.on}")
        for w in known.waivers:
            out.print(f"  {w.id}: {w.rule} waived by {w.by} until {w.until.isoformat()}: {w.reason}")
        if known.document:
            out.print(f"  committed as ledger entry {known.committed_index}: {known.document['chosen']}")
        for r in known.reviews:
            out.print(f"  reviewed as of {r['as_of']}: {r['outcome']}")
        for issued in known.issued:
            out.print(f"  record {issued['file']} {issued['pdf_sha256'][:12]}")

    answer("decision", document, words, NO if known.status == "stopped" else YES)


@decision.command("list")
@as_json
def list_() -> None:
    """List decisions.

    Example: merestone decision list
    """
    known = known_decisions(here())
    rows = [
        (d.id, d.title, d.status, d.framed["as_of"], str(len(d.approvals)), str(len(d.reviews))) for d in known.values()
    ]
    columns = ("decision", "title", "status", "as of", "approvals", "reviews")
    document = {"decisions": [{"id": d.id, "title": d.title, "status": d.status} for d in known.values()]}
    answer("decisions", document, lambda out: out.print(table("Decisions", columns, rows, right=(4, 5))))
