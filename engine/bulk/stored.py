"""Does a file of verdicts still say what the snapshot and the policies say? One subject, rule by rule.

Kept: the masks of a row, decoded by the manifest beside the file. Again: the same conditions on the same facts. Where
both differ, the file was made from other data or by other rules than it is explained with.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.bulk.masks import Masks
from engine.bulk.writing import SCHEMA, manifest_path, sha256_of
from engine.engines.embedded import UNREADABLE, Embedded
from engine.evaluate import Evaluation
from engine.spelling import quoted, text
from rules.problem import BadInput, Place, Problem

TRUE, UNKNOWN, FALSE, NONE = "true", "unknown", "false", "no such rule"
_TOLD = {"t": TRUE, "u": UNKNOWN, "f": FALSE}


@dataclass(frozen=True, slots=True)
class Kept:
    """What a file says of one subject."""

    verdict: str
    truths: Mapping[str, str]
    """Rule to `true`, `unknown` or `false`, in order of bits."""
    as_of: str
    snapshot: str
    policies: str
    """SHA-256."""
    altered: bool
    """Whether the file is no longer the one that its manifest describes."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a file says of a rule, and what is so. `bit` is its place in the file's masks, None where it has none."""

    rule: str
    bit: int | None
    kept: str
    now: str


def kept_verdict(path: Path, subject: str) -> Kept:
    """What a file of verdicts keeps of a subject.

    Raises BadInput where the file or its manifest is missing or unreadable, or the subject is not in it.
    """
    manifest = _manifest(path)
    masks = Masks(tuple(rule["id"] for rule in manifest["rules"]))
    columns = [column for stem in ("fired", "unknown") for column in masks.columns(stem)]
    row = _row(path, str(manifest["key"]), subject)
    if row is None:
        raise BadInput([Problem(Place(str(path)), f"no verdict on `{subject}` is in it")])
    try:
        words = [int(row[column]) for column in columns]
    except (KeyError, TypeError, ValueError):
        expected = f"whole numbers in {', '.join(columns)}"
        raise BadInput([Problem(Place(str(path)), "its masks cannot be read", expected=expected)]) from None
    fired, unknown = words[: masks.words], words[masks.words :]
    truths = dict.fromkeys(masks.rules, FALSE)
    truths |= dict.fromkeys(masks.rules_in(unknown), UNKNOWN)
    truths |= dict.fromkeys(masks.rules_in(fired), TRUE)
    return Kept(
        str(row.get("verdict")),
        truths,
        str(manifest["as_of"]),
        str(manifest.get("snapshot", "")),
        str(manifest.get("policies", {}).get("sha256", "")),
        sha256_of(path) != manifest["sha256"],
    )


def differences(kept: Kept, evaluation: Evaluation, subject: str) -> tuple[Difference, ...]:
    """Where the masks of a subject, derived again, are not what the file keeps, in order of rules."""
    letters = dict(evaluation.letters())[subject]
    rules = (rule.id for rule in evaluation.question.conditional)
    # A rule that counts has a bit that is never set: its indicators have theirs.
    now = dict.fromkeys((rule.id for rule in evaluation.question.rules), FALSE)
    now |= {rule: _TOLD[letter] for rule, letter in zip(rules, letters, strict=True)}
    bits = {rule: bit for bit, rule in enumerate(kept.truths)}
    pairs = {rule: (kept.truths.get(rule, NONE), now.get(rule, NONE)) for rule in sorted({*kept.truths, *now})}
    return tuple(Difference(rule, bits.get(rule), was, is_) for rule, (was, is_) in pairs.items() if was != is_)


def _manifest(path: Path) -> dict[str, Any]:
    beside = manifest_path(path)
    for each in (path, beside):
        if not each.is_file():
            hint = "`merestone moves check FILE --out VERDICTS` writes both"
            raise BadInput([Problem(Place(str(each)), "there is no such file", hint=hint)])
    try:
        manifest: Any = json.loads(beside.read_text(encoding="utf-8"))
    except ValueError:
        manifest = None
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        raise BadInput([Problem(Place(str(beside)), "no manifest of verdicts", expected=SCHEMA)])
    return manifest


def _row(path: Path, key: str, subject: str) -> Mapping[str, Any] | None:
    file = text(str(path))
    match path.suffix.lower():
        case ".json":
            return _json_row(path, key, subject)
        case ".parquet":
            table, names = f"read_parquet({file})", [subject]
        case _:
            # A cell that a spreadsheet would take for a formula has an apostrophe in front.
            table = f"read_csv({file}, header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"')"
            names = [subject, f"'{subject}"]
    try:
        with Embedded() as db:
            found = db.records(f"SELECT * FROM {table} WHERE {quoted(key)} IN ({', '.join('?' for _ in names)})", names)
    except UNREADABLE as error:
        reason = str(error).partition("\n")[0]
        raise BadInput([Problem(Place(str(path)), f"no file of verdicts: {reason}")]) from None
    return found[0] if found else None


def _json_row(path: Path, key: str, subject: str) -> Mapping[str, Any] | None:
    try:
        rows: Any = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadInput([Problem(Place(str(path)), "no file of verdicts", expected="a list of verdicts in JSON")])
    return next((row for row in rows if row.get(key) == subject), None)
