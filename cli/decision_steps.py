"""The steps of a decision, each from workspace to ledger: frame it, evaluate it anew, commit it."""

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from cli.books import append, known_decisions
from cli.options import loaded
from cli.workspace import Workspace, now, read_text
from engine.database import Database
from engine.moves_file import read_moves
from governance.decision import COMMITTED, FRAMED, Decision, commit_problems, next_id
from governance.document import Evaluated, decision_document
from governance.evaluated import evaluate_options
from governance.frame import Frame, read_frame
from rules.problem import BadInput, Place, Problem


def frame_decision(
    workspace: Workspace, file: Path, by: str, snapshot_id: str, as_of: date | None
) -> tuple[str, Frame, Evaluated]:
    """Frame a decision file in the ledger, with copies of its moves as they are now."""
    policies = workspace.policies()
    framed = read_frame(read_text(file), file.name, policies.parameters())
    paths = {o.id: file.parent / o.moves for o in framed.written.options if o.moves}
    gone = [
        Problem(Place(str(file)), f"option `{o}` names a file that is not there", found=str(p))
        for o, p in paths.items()
        if not p.is_file()
    ]
    if gone:
        raise BadInput(gone)
    with loaded(workspace, snapshot_id, as_of) as (db, manifest, day):
        found = evaluate_options(db, manifest, policies, day, paths)
    decision_id = next_id(known_decisions(workspace), now().year)
    folder = workspace.decision_folder(decision_id)
    folder.mkdir(parents=True)
    (folder / "decision.yaml").write_text(framed.text, encoding="utf-8")
    kept = {}
    for option, path in paths.items():
        name = f"moves-{option}{path.suffix}"
        shutil.copyfile(path, folder / name)
        kept[option] = {"file": name, "sha256": found.options[option].sha256}
    data: dict[str, Any] = {
        "title": framed.written.decision,
        "requester": framed.written.requester,
        "snapshot": found.manifest.id,
        "as_of": day.isoformat(),
        "recommendation": framed.written.recommendation,
        "options": [o.id for o in framed.written.options],
        "moves": kept,
        "frame": framed.text,
        "policy_set": policies.sha256,
        "audit": found.audit.company.word,
        "verdicts": {o: {**f.tally.verdicts, "unknown": f.tally.unknown} for o, f in found.options.items()},
    }
    append(workspace, FRAMED, decision_id, by, f"{decision_id}/framed", data)
    return decision_id, framed, found


def evaluated(workspace: Workspace, known: Decision) -> tuple[Frame, Evaluated]:
    """The decision evaluated anew on its own snapshot and its own moves, refused if either has changed since."""
    policies = workspace.policies()
    framed = read_frame(known.framed["frame"], f"{known.id}/decision.yaml", policies.parameters())
    paths = {o: workspace.decision_folder(known.id) / m["file"] for o, m in known.framed["moves"].items()}
    day = date.fromisoformat(known.framed["as_of"])
    with loaded(workspace, known.snapshot, day) as (db, manifest, _):
        accounts = _accounts(paths)
        found = evaluate_options(db, manifest, policies, day, paths, standing=known.standing(accounts, now().date()))
    changed = [o for o, m in known.framed["moves"].items() if found.options[o].sha256 != m["sha256"]]
    if changed:
        hint = "the ledger keeps its hash; put the file back, or frame a new decision"
        raise BadInput(
            Problem(Place(str(paths[o])), "has changed since the decision was framed", hint=hint) for o in changed
        )
    return framed, found


def _accounts(paths: Mapping[str, Path]) -> list[str]:
    accounts: set[str] = set()
    for path in paths.values():
        with Database() as db:
            read_moves(db, path)
            accounts |= {str(a) for (a,) in db.rows("SELECT account FROM moves")}
    return sorted(accounts)


def commit_decision(
    workspace: Workspace, known: Decision, chosen: str, by: str, rationale: str, deviation: str
) -> tuple[int, dict[str, Any]]:
    """Commit; the ledger index and the whole document. Raises BadInput with every reason to refuse."""
    policies = workspace.policies()
    problems = commit_problems(known, policies, now().date(), chosen, known.framed["options"])
    if chosen in known.framed["options"] and chosen != known.framed["recommendation"] and not deviation.strip():
        problems.append(
            Problem(
                Place("--deviation"),
                "a deviation from the recommendation needs its reason",
                found=chosen,
                expected=known.framed["recommendation"],
            )
        )
    if problems:
        raise BadInput(problems)
    framed, found = evaluated(workspace, known)
    document = decision_document(
        known.id,
        framed,
        found,
        chosen=chosen,
        decided={"by": by, "rationale": rationale, "deviation": deviation, "on": now().date().isoformat()},
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
            }
            for w in known.waivers
        ],
    )
    return append(workspace, COMMITTED, known.id, by, f"{known.id}/committed", document), document
