"""The steps of a decision, each from workspace to ledger: frame it, evaluate it anew, commit it.

Files of moves are kept under a name that ends in their hash, and are there before the ledger says so: whoever is
interrupted, or frames at the same time as somebody else, leaves at most a file that nothing names.
"""

import hashlib
import secrets
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from cli.books import append, known_decisions, load_decided
from cli.options import loaded
from cli.policy_versions import version_in_force
from cli.workspace import Workspace, now, read_bytes, read_text
from engine.database import Database
from engine.intake.moves_file import read_moves
from governance.decision import COMMITTED, FRAMED, Decision, commit_problems, next_id
from governance.decision_check import checked_commit, governance_document, governance_problems
from governance.document import Evaluated, decision_document
from governance.evaluated import evaluate_options
from governance.frame import Frame, read_frame
from governance.ledger import EventConflict
from governance.publication import standing_problems
from rules.model.policy import PolicySet
from rules.problem import BadInput, Place, Problem

SHORT = 12
"""Hexadecimal digits of a hash in a file's name; the ledger keeps the whole one."""


def frame_decision(
    workspace: Workspace, policies: PolicySet, file: Path, by: str, snapshot_id: str, as_of: date | None
) -> tuple[str, Frame, Evaluated]:
    """Frame a decision file in the ledger, with copies of its moves as they are now."""
    framed = read_frame(
        read_text(file),
        file.name,
        policies,
        is_there=lambda moves: (file.parent / moves).is_file(),
        minor_digits=policies.minor_digits,
    )
    paths = {o.id: file.parent / o.moves for o in framed.written.options if o.moves}
    with loaded(workspace, snapshot_id, as_of) as (db, manifest, day):
        load_decided(db, workspace)
        found = evaluate_options(db, manifest, policies, day, paths)
    data: dict[str, Any] = {
        "title": framed.written.decision,
        "requester": framed.written.requester,
        "snapshot": found.manifest.id,
        "as_of": day.isoformat(),
        "recommendation": framed.written.recommendation,
        "options": [o.id for o in framed.written.options],
        "frame": framed.text,
        "policy_set": policies.sha256,
        "audit": found.audit.company.word,
        "verdicts": {o: {**f.tally.verdicts, "unknown": f.tally.unknown} for o, f in found.options.items()},
        # Two people may frame the same file in the same second: these are two decisions, and two entries.
        "token": secrets.token_hex(8),
    }
    while True:
        decision_id = next_id(known_decisions(workspace), now().year)
        data["moves"] = _moves_kept(workspace.decision_folder(decision_id), paths, found)
        try:
            append(workspace, FRAMED, decision_id, by, f"{decision_id}/framed", data)
        except EventConflict:
            continue  # Somebody else took the number between our look and our entry.
        return decision_id, framed, found


def _moves_kept(folder: Path, paths: Mapping[str, Path], found: Evaluated) -> dict[str, dict[str, str]]:
    """Copy every option's file of moves into the decision's folder; name and hash by option."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {}
    for option, path in paths.items():
        sha256 = found.options[option].sha256
        kept[option] = {"file": _kept(path, folder, option, sha256), "sha256": sha256}
    return kept


def _kept(path: Path, folder: Path, option: str, sha256: str) -> str:
    """Copy a file of moves under a name that ends in its hash; the name. Raises BadInput if it changed meanwhile."""
    name = f"moves-{option}-{sha256[:SHORT]}{path.suffix}"
    raw = path.read_bytes()
    if hashlib.sha256(raw).hexdigest() != sha256:
        raise BadInput([Problem(Place(str(path)), "changed while it was evaluated", hint="frame again")])
    partial = folder / f"{name}.part"
    partial.write_bytes(raw)
    partial.replace(folder / name)
    return name


def evaluated(workspace: Workspace, known: Decision, policies: PolicySet) -> tuple[Frame, Evaluated]:
    """The decision evaluated anew on its own snapshot and its own moves, refused if either has changed since."""
    framed = read_frame(
        known.framed["frame"], f"{known.id}/decision.yaml", policies, minor_digits=policies.minor_digits
    )
    paths = {o: workspace.decision_folder(known.id) / m["file"] for o, m in known.framed["moves"].items()}
    day = date.fromisoformat(known.framed["as_of"])
    _require_unchanged(known, paths)
    with loaded(workspace, known.snapshot, day) as (db, manifest, _):
        accounts = _accounts(paths.values())
        load_decided(db, workspace, but=known.id)
        found = evaluate_options(db, manifest, policies, day, paths, standing=known.standing(accounts, now().date()))
    return framed, found


def _require_unchanged(known: Decision, paths: Mapping[str, Path]) -> None:
    hint = "the ledger keeps its hash; put the file back, or frame a new decision"
    changed = [
        Problem(Place(str(path)), "has changed since the decision was framed", hint=hint)
        for option, path in paths.items()
        if hashlib.sha256(read_bytes(path)).hexdigest() != known.framed["moves"][option]["sha256"]
    ]
    if changed:
        raise BadInput(changed)


def _accounts(paths: Iterable[Path]) -> list[str]:
    accounts: set[str] = set()
    for path in paths:
        with Database() as db:
            read_moves(db, path)
            accounts |= {str(a) for (a,) in db.rows("SELECT account FROM moves")}
    return sorted(accounts)


def account_problems(workspace: Workspace, known: Decision, wanted: Collection[str]) -> list[Problem]:
    """Accounts that no option of the decision moves: what is said about them would be said about nothing."""
    paths = [workspace.decision_folder(known.id) / m["file"] for m in known.framed["moves"].values()]
    moving = set(_accounts(paths)) if wanted else set()
    return [
        Problem(Place("--account"), f"no option of {known.id} moves this account", found=account)
        for account in sorted(set(wanted) - moving)
    ]


def commit_decision(
    workspace: Workspace, known: Decision, chosen: str, by: str, rationale: str, deviation: str
) -> tuple[int, dict[str, Any]]:
    """Commit; the ledger index and the whole document. Raises BadInput with every reason to refuse."""
    policies = workspace.policies()
    problems = commit_problems(known, policies, now().date(), chosen, by, rationale, deviation)
    problems += standing_problems(policies, version_in_force(workspace))
    if problems:
        raise BadInput(problems)
    framed, found = evaluated(workspace, known, policies)
    checks = checked_commit(framed, found, known, now().date(), chosen, rationale, deviation)
    if refused := governance_problems(known, checks):
        raise BadInput(refused)
    others = [d for d in known_decisions(workspace).values() if d.id != known.id]
    document = decision_document(
        known.id,
        framed,
        found,
        chosen=chosen,
        decided={"by": by, "rationale": rationale, "deviation": deviation, "on": now().date().isoformat()},
        already=[d.id for d in others if d.status == "committed"],
        approvals=[{"by": a.by, "role": a.role, "on": a.on, "accounts": " ".join(a.accounts)} for a in known.approvals],
        waivers=[
            {
                "id": w.id,
                "rule": w.rule,
                "accounts": " ".join(w.accounts),
                "by": w.by,
                "role": w.role,
                "reason": w.reason,
                "until": w.until.isoformat(),
                "on": w.on,
            }
            for w in known.waivers
        ],
    )
    document |= governance_document(checks)
    # Evaluating takes a while, in which somebody may have published.
    if overtaken := standing_problems(policies, version_in_force(workspace)):
        raise BadInput(overtaken)
    return append(workspace, COMMITTED, known.id, by, f"{known.id}/committed", document), document
