"""The books of a workspace: its ledger and its keys. Apart from `cli.workspace`, because most verbs only read data."""

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cli.breaker import DEFAULTS
from cli.options import loaded
from cli.workspace import CONFIG, MINOR_DIGITS, POLICIES, Workspace, now, passphrase
from engine.database import Database
from engine.intake.moves_file import read_moves
from engine.intake.snapshot import Manifest
from engine.metrics.approved_moves import load_approved_moves
from governance.decision import Decision, approved_moves, decisions
from governance.ledger import Ledger
from governance.ledger_entry import Entry
from governance.log_key import LogKey, load_log_key, new_log_key, save_log_key
from rules.problem import BadInput, Place, Problem

if TYPE_CHECKING:
    from governance.record_key import RecordKey


def log_key(workspace: Workspace) -> LogKey:
    """The key that signs the ledger."""
    return load_log_key(workspace.keys / "log-key.pem", workspace.origin, passphrase())


def record_key(workspace: Workspace) -> "RecordKey":
    """The key that signs records."""
    from governance.record_key import load_record_key  # noqa: PLC0415 -- most verbs sign nothing, and certificates cost

    return load_record_key(workspace.keys, passphrase())


def reading(workspace: Workspace) -> Ledger:
    """The ledger, to read."""
    return Ledger.open(workspace.ledger_path)


def append(
    workspace: Workspace,
    kind: str,
    subject: str,
    actor: str,
    event_id: str,
    data: Mapping[str, object],
    at: datetime | None = None,
) -> int:
    """Append one entry, now or as of `at`; its index. The same event, said again later, stays the one that is there."""
    with Ledger.open(workspace.ledger_path, log_key(workspace), workspace.guard_path) as ledger:
        index = ledger.index_of(event_id)
        said = ledger.entry(index).entry if index is not None else None
        moment = said.at if said else at or now()
        ledger.append([Entry(kind, subject, actor, moment, event_id, data)])
        index = ledger.index_of(event_id)
    assert index is not None, "an appended entry has an index"  # noqa: S101
    return index


def create_workspace(folder: Path, name: str, minor_digits: int = MINOR_DIGITS) -> Workspace:
    """A new workspace: shipped policies, fresh keys, an empty ledger. Raises BadInput where one exists already."""
    from governance.record_key import LONGEST_NAME, create_record_key  # noqa: PLC0415 -- as above

    if (folder / CONFIG).exists():
        raise BadInput(
            [Problem(Place(str(folder / CONFIG)), "this is a workspace already", hint="choose another folder")]
        )
    if not name.isprintable() or not 0 < len(name.strip()) <= LONGEST_NAME:
        expected = f"1 to {LONGEST_NAME} printable characters"
        raise BadInput([Problem(Place("--name"), "is not a company's name", found=name, expected=expected)])
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(POLICIES, folder / "policies", ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    for sub in ("snapshots", "records", "decisions"):
        (folder / sub).mkdir(exist_ok=True)
    keys = folder / "keys"
    keys.mkdir(mode=0o700, exist_ok=True)
    origin = f"merestone/{re.sub(r'[^a-z0-9-]+', '-', name.lower()).strip('-') or 'company'}"
    log_key = new_log_key(origin)
    save_log_key(log_key, keys / "log-key.pem", passphrase())
    (keys / "log.vkey").write_text(log_key.vkey + "\n", encoding="utf-8")
    create_record_key(keys, name, now(), passphrase())
    workspace = Workspace(folder, name, origin, minor_digits)
    Ledger.create(workspace.ledger_path, origin, log_key, workspace.guard_path).close()
    # Last, so that a workspace half made is not one.
    config = f'name = "{_toml(name)}"\norigin = "{origin}"\nminor_digits = {minor_digits}\n{DEFAULTS}'
    (folder / CONFIG).write_text(config, encoding="utf-8")
    return workspace


def _toml(text: str) -> str:
    """Text as TOML quotes it; a name without control characters needs no more."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def known_decisions(workspace: Workspace) -> dict[str, Decision]:
    """Every decision in the ledger, by id."""
    with reading(workspace) as ledger:
        return dict(decisions(ledger.entries()))


def wanted_decision(workspace: Workspace, wanted: str) -> Decision:
    """A decision by id. Raises BadInput with the ids that there are."""
    known = known_decisions(workspace)
    if wanted not in known:
        raise BadInput(
            [Problem(Place(wanted), "there is no such decision", expected=", ".join(known) or "none framed yet")]
        )
    return known[wanted]


def load_decided(db: Database, workspace: Workspace, *, but: str = "") -> None:
    """Load the moves that decisions, but one, have allowed already: they count in the state after all moves."""
    load_approved_moves(db, approved_moves(d for d in known_decisions(workspace).values() if d.id != but))


@contextmanager
def with_moves(
    workspace: Workspace, snapshot_id: str, as_of: date | None, moves_path: Path | None, decision_id: str
) -> Iterator[tuple[Database, Manifest, date, str]]:
    """Snapshot and moves in a database: the given file, or those of a decision (the latest one where none is named).

    The last value says in words where the moves come from.
    """
    source, own = str(moves_path), ""
    if moves_path is None:
        decision, moves_path = _moves_of(workspace, decision_id)
        own = decision.id
        snapshot_id = snapshot_id or ("" if as_of else decision.snapshot)
        source = f"{decision.id} {decision.title}"
    with loaded(workspace, snapshot_id, as_of) as (db, manifest, day):
        read_moves(db, moves_path)
        load_decided(db, workspace, but=own)
        yield db, manifest, day, source


def _moves_of(workspace: Workspace, decision_id: str) -> tuple[Decision, Path]:
    known = known_decisions(workspace)
    if not known:
        raise BadInput(
            [Problem(Place("--moves"), "no file of moves is named, and there is no decision", hint="--moves FILE")]
        )
    decision = wanted_decision(workspace, decision_id) if decision_id else list(known.values())[-1]
    option = decision.document["chosen"] if decision.document else decision.framed["recommendation"]
    files = decision.framed["moves"]
    if option not in files:
        raise BadInput([Problem(Place(decision.id), f"option `{option}` moves no accounts", hint="--moves FILE")])
    return decision, workspace.decision_folder(decision.id) / files[option]["file"]
