"""A file of verdicts and the manifest that decodes it, both whole or not at all.

    verdicts.parquet                 account | verdict | fired | unknown | pattern
    verdicts.parquet.manifest.json   whose bit is whose, policies, day, what was read, counts, sha-256 of the file

The same facts and rules make the same bytes, whatever the order of rows and the number of threads.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.bulk.columns import verdict_cells, word_cells
from engine.bulk.masks import WORD
from engine.bulk.verdicts import Verdicts
from engine.database import Database
from engine.engines.dialect import names_of
from engine.spelling import Spelling
from rules.kinds import Kind
from rules.problem import BadInput, Place, Problem

SCHEMA = "merestone/verdicts/1"
KINDS = (".csv", ".parquet", ".json")
_FORMULAS = "'=+-@＝＋－＠ \t\n\f\r"
"""What a formula begins with: a tab, a line break or a wide sign in front is enough for some spreadsheets."""


def verdict_rows(verdicts: Verdicts, *, key: str, own: str = "", words: Sequence[str] = ()) -> str:
    """A query of a row a subject, in order of its key, named `key`.

    `own` is a relation of which every subject has one row, by a column of that name: all its columns come first.
    `words` are those of engine.bulk.columns.WORDS to be told besides.
    """
    name = verdicts.db.spelling.name
    cells = [*verdict_cells(verdicts), *word_cells(verdicts, words)]
    told = ", ".join(f"{sql} AS {name(column)}" for column, sql in cells)
    if own:
        columns = ", ".join(name(column) for column, _ in cells)
        return (
            f"SELECT o.*, {columns} FROM {name(own)} o JOIN (SELECT subject_id, {told} FROM ({verdicts.query}) q) v "
            f"ON v.subject_id = o.{name(key)} ORDER BY o.{name(key)}"
        )
    order = "" if verdicts.ordered else " ORDER BY q.subject_id"
    return f"SELECT q.subject_id AS {name(key)}, {told} FROM ({verdicts.query}) q{order}"


def manifest_path(path: Path) -> Path:
    """Where the manifest of a file of verdicts lies: beside it."""
    return path.with_name(path.name + ".manifest.json")


def write_verdicts(
    verdicts: Verdicts, path: Path, *, key: str, own: str = "", words: Sequence[str] = (), about: Mapping[str, Any]
) -> None:
    """Write every verdict as .csv, .parquet or .json, and the manifest.

    `about` is what the manifest says besides: policies, what was read, who wrote it. A cell of a .csv that a
    spreadsheet would take for a formula gets an apostrophe in front, and so does one that begins with an apostrophe:
    drop the first apostrophe of a cell to have its text back.

    Raises BadInput for another kind of file, or a folder that is not there.
    """
    suffix = refuse_unwritable(path)
    query = verdict_rows(verdicts, key=key, own=own, words=words)
    manifest = manifest_path(path)
    partial, described = (each.with_name(each.name + ".part") for each in (path, manifest))
    try:
        _write(verdicts.db, query, suffix, partial)
        document = _manifest(verdicts, key, about, path.name, sha256_of(partial))
        described.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        # A manifest that stays where something fails now would describe the file before.
        manifest.unlink(missing_ok=True)
        partial.replace(path)
        described.replace(manifest)
    finally:
        partial.unlink(missing_ok=True)
        described.unlink(missing_ok=True)


def refuse_unwritable(path: Path) -> str:
    """The kind of file, by its suffix. Raises BadInput for another kind, or a folder that is not there."""
    suffix = path.suffix.lower()
    if suffix not in KINDS:
        raise BadInput([Problem(Place(str(path)), "unknown kind of file", suffix or "none", ".csv, .parquet or .json")])
    if not path.parent.is_dir() or path.is_dir():
        raise BadInput(
            [Problem(Place(str(path)), "cannot be written", hint="its folder must exist, and it be no folder")]
        )
    return suffix


def _write(db: Database, query: str, suffix: str, path: Path) -> None:
    match suffix:
        case ".parquet":
            db.write_parquet(query, path)
        case ".csv":
            cells = ", ".join(_harmless(db.spelling, column) for column in names_of(db, query))
            db.write_csv(f"SELECT {cells} FROM ({query}) written", path)
        case _:
            # A row a line: the encoder of the standard library is ten times slower where it indents.
            rows = (json.dumps(_in_json(record), ensure_ascii=False, default=str) for record in db.records(query))
            path.write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8")


def _in_json(record: Mapping[str, Any]) -> dict[str, Any]:
    """Whole numbers as text: many readers of JSON hold no more than 53 bits of a number."""
    return {name: str(cell) if type(cell) is int else cell for name, cell in record.items()}


def _harmless(spelling: Spelling, column: str) -> str:
    name = spelling.name(column)
    cell = spelling.cast(name, Kind.TEXT)
    signs = ", ".join(spelling.text(sign) for sign in _FORMULAS)
    apostrophe = spelling.text("'")
    return f"CASE WHEN substr({cell}, 1, 1) IN ({signs}) THEN {apostrophe} || {cell} ELSE {cell} END AS {name}"


def _manifest(verdicts: Verdicts, key: str, about: Mapping[str, Any], file: str, sha256: str) -> dict[str, Any]:
    by_id = {rule.id: rule for rule in verdicts.question.rules}
    return {
        "schema": SCHEMA,
        "file": file,
        "sha256": sha256,
        "key": key,
        "as_of": verdicts.question.day.isoformat(),
        **about,
        "engine": {"name": verdicts.db.spelling.ENGINE, "version": verdicts.db.version},
        "subjects": verdicts.total,
        "verdicts": dict(sorted(verdicts.counts.items())),
        "unknown": verdicts.unknown,
        "bits_in_a_word": WORD,
        "rules": [
            {
                "bit": bit,
                "id": rule,
                "title": by_id[rule].title,
                "effect": by_id[rule].effect.value,
                "on_unknown": effect.value if (effect := by_id[rule].on_unknown) else None,
                "mode": by_id[rule].mode.value,
            }
            for bit, rule in enumerate(verdicts.masks.rules)
        ],
    }


def sha256_of(path: Path) -> str:
    """The fingerprint of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
