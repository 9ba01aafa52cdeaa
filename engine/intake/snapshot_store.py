"""Where do snapshots live? One folder each, named by its id: a Parquet file per table and `manifest.json`.

`manifest.json` is UTF-8 JSON with sorted keys and no clock in it. The id is the first 16 hexadecimal digits of the
SHA-256 of its bytes, and it lists the SHA-256 of every table's file: the same inputs give the same id, and a changed
byte is found. A folder appears whole or not at all: it is written beside its place and renamed.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from engine.canonical import TABLES
from engine.database import Database, quoted
from engine.intake.snapshot import DataSet, Finding, Grade, Manifest
from rules.problem import BadInput, Place, Problem

MANIFEST = "manifest.json"
_DIGITS = 16
_SCHEMA = "merestone/snapshot/1"


def write_snapshot(db: Database, manifest: Manifest, store: Path) -> Manifest:
    """Write the tables of `db` that the manifest names, below `store`; the manifest with its id and hashes.

    A snapshot that is already there is left as it is. Raises BadInput if that one was altered, and OSError.
    """
    store.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".writing-", dir=store))
    try:
        data_sets = []
        for data_set in manifest.data_sets:
            order = ", ".join(quoted(k) for k in TABLES[data_set.table].key)
            file = scratch / _file(data_set.table)
            db.write_parquet(f"SELECT * FROM {quoted(data_set.table)} ORDER BY {order}", file)
            data_sets.append(replace(data_set, sha256=_sha256(file)))
        written = replace(manifest, data_sets=tuple(data_sets))
        content = _content(written)
        written = replace(written, id=_id(content))
        (scratch / MANIFEST).write_bytes(content)
        target = store / written.id
        if target.exists():
            _verify(target)
        else:
            scratch.chmod(0o755)
            scratch.rename(target)
        return written
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def open_snapshot(db: Database, store: Path, id_or_prefix: str) -> Manifest:
    """Load the tables of a snapshot into an empty database, once every hash is verified. Raises BadInput."""
    folder = _found(store, id_or_prefix)
    manifest = _verify(folder)
    db.read_snapshot(manifest.id, {d.table: folder / _file(d.table) for d in manifest.data_sets})
    return manifest


def list_snapshots(store: Path) -> list[Manifest]:
    """Manifests of all snapshots in the store, by as-of date, then id. Raises BadInput naming unreadable ones."""
    manifests: list[Manifest] = []
    problems: list[Problem] = []
    for folder in _folders(store):
        try:
            manifests.append(_manifest(folder))
        except BadInput as error:
            problems += error.problems
    if problems:
        raise BadInput(problems)
    return sorted(manifests, key=lambda m: (m.as_of, m.id))


def _folders(store: Path) -> list[Path]:
    return sorted(f for f in store.glob("*") if not f.name.startswith(".") and (f / MANIFEST).is_file())


def _found(store: Path, prefix: str) -> Path:
    matching = [f for f in _folders(store) if prefix and f.name.startswith(prefix)]
    if len(matching) == 1:
        return matching[0]
    what = "snapshot is ambiguous" if matching else "no such snapshot"
    known = ", ".join(f.name for f in (matching or _folders(store))[:5])
    raise BadInput(
        [Problem(Place(store.name), what, found=prefix, hint=f"there are {known}" if known else "import one")]
    )


def _verify(folder: Path) -> Manifest:
    """The manifest of a snapshot whose every byte is as written. Raises BadInput naming each file that is not."""
    manifest = _manifest(folder)
    problems = []
    for data_set in manifest.data_sets:
        file = folder / _file(data_set.table)
        where = Place(f"{folder.name}/{file.name}")
        if not file.is_file():
            problems.append(Problem(where, "table of the snapshot is missing"))
        elif (found := _sha256(file)) != data_set.sha256:
            problems.append(Problem(where, "table of the snapshot was altered", found, f"SHA-256 `{data_set.sha256}`"))
    if problems:
        raise BadInput(problems)
    return manifest


def _manifest(folder: Path) -> Manifest:
    content = (folder / MANIFEST).read_bytes()
    where = Place(f"{folder.name}/{MANIFEST}")
    if _id(content) != folder.name:
        raise BadInput([Problem(where, "manifest was altered", found=_id(content), expected=f"`{folder.name}`")])
    try:
        return _read(json.loads(content), folder.name)
    except (ValueError, KeyError, TypeError):
        raise BadInput([Problem(where, "not a manifest of this version", expected=_SCHEMA)]) from None


def _content(manifest: Manifest) -> bytes:
    """The manifest as JSON, without its id, which follows from it."""
    values = asdict(replace(manifest, windows=dict(manifest.windows), files=dict(manifest.files)))
    del values["id"]
    values["schema"] = _SCHEMA
    text = json.dumps(values, default=_plain, ensure_ascii=False, indent=1, sort_keys=True)
    return (text + "\n").encode()


def _plain(value: object) -> str:
    match value:
        case date():
            return value.isoformat()
        case Grade():
            return value.value
    raise TypeError(type(value).__name__)


def _read(values: Mapping[str, Any], name: str) -> Manifest:
    if values["schema"] != _SCHEMA:
        raise ValueError(values["schema"])
    day = date.fromisoformat
    fields = {k: v for k, v in values.items() if k != "schema"}
    fields["as_of"] = day(values["as_of"])
    fields["windows"] = {n: (day(start), day(end)) for n, (start, end) in values["windows"].items()}
    fields["data_sets"] = tuple(
        DataSet(**{**d, "as_of": day(d["as_of"]), "grade": Grade(d["grade"]), "columns": tuple(d["columns"])})
        for d in values["data_sets"]
    )
    fields["findings"] = tuple(Finding(**{**f, "examples": tuple(f["examples"])}) for f in values["findings"])
    fields["problems"] = tuple(Problem(**{**p, "where": Place(**p["where"])}) for p in values["problems"])
    return Manifest(id=name, **fields)


def _file(table: str) -> str:
    return f"{table}.parquet"


def _id(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_DIGITS]


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
