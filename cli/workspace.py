"""Where a company's work lies: one folder with policies, snapshots, keys, decisions, records and the ledger.

    merestone.toml        name, ledger origin, decimals of the currency, where the data lives, shares that stop a run
    engines.json          engines that have passed the battery
    policies/*.yaml       what the company decided, a draft until published
    policies/mappings/    how its exports are read
    snapshots/            one folder a snapshot
    decisions/DR-…/       the files of moves of a decision, as they were when it was framed
    records/              signed records with their proofs
    ledger.sqlite         the ledger; ledger.guard, beside it, is the checkpoint signed last
    keys/                 log key, record key; readable by their owner only

This module and the verbs are where disk, environment and clock are read; everything below is given values.
"""

import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from cli.breaker import limits_in
from engine.bulk.breaker import Limit
from engine.database import Database
from engine.engines.opening import EMBEDDED
from engine.intake.snapshot import Manifest
from engine.intake.snapshot_store import list_snapshots, open_snapshot
from rules.model.policy import PolicySet
from rules.problem import BadInput, Place, Problem, as_written
from rules.reading.load import load_policies

CONFIG = "merestone.toml"
SHIPPED = Path(__file__).resolve().parents[1]
"""Where policies, templates and examples lie: beside this package, in a checkout as in an installation."""
POLICIES = SHIPPED / "policies"
TEMPLATES = SHIPPED / "templates"
EXAMPLES = SHIPPED / "examples"
PASSPHRASE = "MERESTONE_PASSPHRASE"  # noqa: S105 -- the name of a variable, not a secret
NOW = "MERESTONE_NOW"
ENGINE = "MERESTONE_ENGINE"
"""The variable that names an engine instead of the workspace: its URL may hold a password."""
MINOR_DIGITS = 2
"""Decimals of a currency, where nobody says."""
MOST_MINOR_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Workspace:
    """An existing workspace."""

    root: Path
    name: str
    origin: str
    minor_digits: int = MINOR_DIGITS
    """Decimals of the company's currency, in which policies and snapshots count amounts."""
    engine: str = EMBEDDED
    """URL of the engine on which facts and conditions are computed: where the data lives (engine.engines.opening)."""
    limits: tuple[Limit, ...] = ()
    """Shares over which a check of moves stops; none unless they are configured."""

    @property
    def snapshots(self) -> Path:
        return self.root / "snapshots"

    @property
    def records(self) -> Path:
        return self.root / "records"

    @property
    def ledger_path(self) -> Path:
        return self.root / "ledger.sqlite"

    @property
    def guard_path(self) -> Path:
        return self.root / "ledger.guard"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    def decision_folder(self, decision_id: str) -> Path:
        return self.root / "decisions" / decision_id

    @property
    def vkey(self) -> str:
        """The public half of the log key, as text; what an auditor keeps."""
        return read_text(self.keys / "log.vkey").strip()

    @property
    def root_pem(self) -> bytes:
        return read_bytes(self.keys / "record-root.pem")

    @property
    def policy_folder(self) -> Path:
        return self.root / "policies"

    def policies(self) -> PolicySet:
        """The policies as they lie in the workspace: a draft unless published. Raises BadInput with every problem."""
        return read_policies(self.policy_folder, self.minor_digits)

    def snapshot(self, db: Database, wanted: str = "", as_of: date | None = None) -> Manifest:
        """Load a snapshot by id or prefix, by as-of date, or the latest. Raises BadInput if there is none."""
        if wanted:
            return open_snapshot(db, self.snapshots, wanted)
        known = sorted(self.manifests(), key=lambda m: m.as_of)
        fitting = [m for m in known if as_of is None or m.as_of == as_of]
        if not fitting:
            days = ", ".join(m.as_of.isoformat() for m in known) or "none"
            hint = "merestone import MAPPING SOURCE --as-of DATE"
            wants = f"as of {as_of.isoformat()} " if as_of else ""
            raise BadInput(
                [Problem(Place(str(self.snapshots)), f"there is no snapshot {wants}here", found=days, hint=hint)]
            )
        return open_snapshot(db, self.snapshots, fitting[-1].id)

    def manifests(self) -> list[Manifest]:
        return list_snapshots(self.snapshots) if self.snapshots.is_dir() else []


def now() -> datetime:
    """The clock, read at the edge only; $MERESTONE_NOW (ISO, UTC) stands in for it in tests and replays."""
    stated = os.environ.get(NOW)
    if not stated:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        read = datetime.fromisoformat(stated)
    except ValueError:
        raise BadInput([Problem(Place(f"${NOW}"), "is not a time", stated, "2026-11-21T09:00:00Z")]) from None
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)


def passphrase() -> str | None:
    """What the keys are encrypted with; None leaves them readable by their owner alone."""
    return os.environ.get(PASSPHRASE) or None


def read_policies(folder: Path, minor_digits: int = MINOR_DIGITS) -> PolicySet:
    """Every policy file directly below a folder."""
    return load_policies(policy_texts(folder), minor_digits=minor_digits)


def policy_texts(folder: Path) -> list[tuple[str, str]]:
    """Name and text of every policy file directly below a folder, in order of name, each read once."""
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise BadInput([Problem(Place(str(folder)), "there are no policies here", expected="*.yaml")])
    return [(f"policies/{f.name}", read_text(f)) for f in files]


def policy_files(paths: Iterable[Path]) -> list[Path]:
    """The policy files that paths name, each once: a file itself, of a folder those directly below it.

    Raises BadInput for a path that is not there, and for a folder without any.
    """
    files: list[Path] = []
    problems: list[Problem] = []
    for path in paths:
        found = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        if not found:
            problems.append(Problem(Place(str(path)), "there are no policies here", expected="*.yaml"))
        if not (path.is_dir() or path.exists()):
            problems.append(Problem(Place(str(path)), "there is no such file"))
        files += found
    if problems:
        raise BadInput(problems)
    return list(dict.fromkeys(files))


def named_policy_texts(paths: Iterable[Path]) -> list[tuple[str, str]]:
    """Name as typed, and text, of the policy files that paths name. Raises BadInput for all that is unreadable."""
    texts: list[tuple[str, str]] = []
    problems: list[Problem] = []
    for file in policy_files(paths):
        try:
            texts.append((str(file), read_text(file)))
        except BadInput as refused:
            problems += refused.problems
    if problems:
        raise BadInput(problems)
    return texts


def read_text(path: Path) -> str:
    """A text file a person wrote. Raises BadInput if it is missing or not UTF-8."""
    return text_of(read_bytes(path), str(path))


def text_of(raw: bytes, name: str) -> str:
    """The text in a file's bytes. Raises BadInput with the line if it is not UTF-8."""
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found, hint = f"byte {raw[error.start]:#04x}", "save it as UTF-8"
        raise BadInput([Problem(Place(name, line), "not UTF-8", found, hint=hint)]) from None


def read_bytes(path: Path) -> bytes:
    """A file that a person named. Raises BadInput if it is not there or cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BadInput([Problem(Place(str(path)), "there is no such file")]) from None
    except OSError as error:
        raise BadInput([Problem(Place(str(path)), f"cannot be read: {(error.strerror or '').lower()}")]) from None


def writable(path: Path) -> Path:
    """Where a verb is to write, as a person named it. Raises BadInput, before anything is computed, if it cannot."""
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise BadInput([Problem(Place(str(path)), "cannot be written: its folder is missing or read-only")])
    return path


def open_workspace(start: Path) -> Workspace:
    """The workspace in `start` or in the nearest folder above it. Raises BadInput if there is none."""
    found = enclosing_workspace(start)
    if found is None:
        raise BadInput([Problem(Place(str(start)), "this is not a workspace", expected=CONFIG, hint="merestone init")])
    return found


def enclosing_workspace(start: Path) -> Workspace | None:
    """The same; None where there is none. Raises BadInput where its configuration is broken."""
    folders = (start.resolve(), *start.resolve().parents)
    return next((_configured(folder, folder / CONFIG) for folder in folders if (folder / CONFIG).is_file()), None)


def _configured(folder: Path, config: Path) -> Workspace:
    try:
        table = tomllib.loads(read_text(config), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise BadInput([Problem(Place(str(config)), f"not valid TOML: {error}")]) from None
    missing = [k for k in ("name", "origin") if not isinstance(table.get(k), str)]
    problems = [Problem(Place(str(config)), f"key `{k}` is missing", expected="text") for k in missing]
    digits = table.get("minor_digits", MINOR_DIGITS)
    if type(digits) is not int or not 0 <= digits <= MOST_MINOR_DIGITS:  # a bool is an int elsewhere
        expected = f"a whole number from 0 to {MOST_MINOR_DIGITS}"
        message = "`minor_digits` is no number of decimals of a currency"
        problems.append(Problem(Place(str(config)), message, as_written(digits), expected))
    engine = table.get("engine", {})
    url = engine.get("url", EMBEDDED) if isinstance(engine, dict) and set(engine) <= {"url"} else None
    if not isinstance(url, str):
        expected = f'one key `url`: "{EMBEDDED}", "postgresql://…" or "spark://…"'
        problems.append(Problem(Place(str(config)), "`[engine]` names no engine", as_written(engine), expected))
    limits, wrong = limits_in(table, config)
    problems += wrong
    if problems:
        raise BadInput(problems)
    return Workspace(folder, table["name"], table["origin"], digits, os.environ.get(ENGINE) or str(url), limits)
