"""What do a company's exports say as of a day? A mapping and a folder of files become canonical tables and a manifest.

Tables that the mapping fills stand in the database under their canonical names, with the columns that it fills, in
order of their keys. Rows are never dropped in silence: late ones are counted, refused ones are listed, filtered and
corrected ones are findings. What makes a whole file or the mapping unusable refuses the import, with every problem.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.canonical import TABLES, Table
from engine.database import Database, quoted
from engine.intake.bad_rows import BadRows
from engine.intake.claims import Question, claim_findings
from engine.intake.corrections import corrected_cells, filtered_rows, grade, undated
from engine.intake.deriving import add_ends, calendar, create_credited_ownership, create_periods, spans, staged_starts
from engine.intake.finding import finding
from engine.intake.mapping import SourceMapping
from engine.intake.mapping_shapes import DataSetShape, Derive
from engine.intake.quality import quality_findings
from engine.intake.reading import Export
from engine.intake.refusing import Staged, cut_late, refuse
from engine.intake.snapshot import DataSet, Finding, Manifest
from engine.intake.sources import load_sources, raw
from engine.intake.staging import STAGE, filled, stage
from rules.problem import Place

_NOT_YET_KNOWN: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "territories": {"changed_on": ()},
    "reps": {"left_on": ()},
    "assignments": {"end": ()},
    "ownership": {"end": ()},
    "events": {"closed_on": ()},
    "opportunities": {"closed_on": ("stage", "stage_rank", "amount"), "last_changed_on": ()},
}
"""Columns that say what happened to a row later on, with what else is then not yet known: emptied where after as-of."""

_NEEDED = ("territories", "reps", "accounts")
"""A company has some of each: a data set of them without rows says nothing, and is treated as absent."""


@dataclass(frozen=True, slots=True)
class _Import:
    db: Database
    mapping: SourceMapping
    as_of: date
    exports: Mapping[str, Export]
    bad: BadRows
    starts: dict[str, tuple[date, ...]]
    findings: list[Finding]

    def files(self, data_set: DataSetShape) -> str:
        named = dict.fromkeys(s for block in data_set.from_ for s in block.sources())
        return ", ".join(self.mapping.shape.sources[s].path for s in named)

    def place(self, name: str) -> Place:
        return self.mapping.document.place(("data_sets", name, "derive"))


def import_snapshot(db: Database, mapping: SourceMapping, source: Path, as_of: date) -> Manifest:
    """Import the files below `source`, as known at the end of `as_of`, into canonical tables of an empty database.

    The manifest has no id and its data sets no hashes until it is written (`snapshot_store`). Raises BadInput.
    """
    shape = mapping.shape
    bad = BadRows()
    exports = load_sources(db, mapping, source, bad)
    run = _Import(db, mapping, as_of, exports, bad, {}, [])
    # Derived tables last: they follow from others.
    names = sorted((n for n in TABLES if n in shape.data_sets), key=lambda n: not shape.data_sets[n].from_)
    entries = [entry for name in names if (entry := _data_set(run, TABLES[name], shape.data_sets[name]))]
    for name in exports:
        db.run(f"DROP TABLE {raw(name)}")
    findings = [
        *run.findings,
        *quality_findings(db, as_of),
        *claim_findings(db, Question(as_of, shape.windows, shape.money)),
    ]
    for name in (STAGE, "twins", "spans", "credited", "claimed_quotas"):
        db.run(f"DROP TABLE IF EXISTS {name}")
    return Manifest(
        id="",
        as_of=as_of,
        mapping=shape.mapping,
        mapping_sha256=mapping.sha256,
        currency=shape.money.currency,
        money_scale=shape.money.scale,
        minor_digits=shape.money.minor_digits,
        crediting=shape.crediting,
        windows={name: (w.start, w.end) for name, w in sorted(shape.windows.items())},
        files={shape.sources[name].path: export.sha256 for name, export in exports.items()},
        data_sets=tuple(sorted(entries, key=lambda d: list(TABLES).index(d.table))),
        findings=tuple(findings),
        problems=bad.problems(),
    )


def _data_set(run: _Import, table: Table, data_set: DataSetShape) -> DataSet | None:
    late = refused = 0
    if data_set.from_:
        late, refused = _from_files(run, table, data_set)
    elif data_set.derive:
        _derive(run, table, data_set.derive)
    _forget_later(run, table)
    rows = run.db.value(f"SELECT count(*) FROM {quoted(table.name)}")
    columns = run.db.columns(table.name)
    files = run.files(data_set)
    if not rows and table.name in _NEEDED:
        run.db.run(f"DROP TABLE {quoted(table.name)}")
        message = f"`{table.name}` has no rows and is treated as absent"
        run.findings.append(finding("empty-data-set", message, [files]))
        return None
    run.findings.extend(undated(table.name, data_set, files, run.as_of))
    return DataSet(
        table=table.name,
        rows=rows,
        columns=columns,
        sha256="",
        owner=data_set.owner,
        as_of=min(run.as_of, data_set.exported or run.as_of),
        cadence=data_set.cadence,
        grade=grade(data_set, run.as_of),
        source=files or f"derived: {data_set.derive.rule}" if data_set.derive else files,
        late=late,
        refused=refused,
    )


def _from_files(run: _Import, table: Table, data_set: DataSetShape) -> tuple[int, int]:
    """Create the table from its blocks; how many rows were late, and how many refused."""
    db, sources = run.db, run.mapping.shape.sources
    files = {name: source.path for name, source in sources.items()}
    staged = Staged(table, data_set.from_, [files[b.source] for b in data_set.from_], run.mapping.shape.money.scale)
    run.findings.extend(filtered_rows(db, table.name, data_set.from_, files))
    stage(db, table, data_set.from_, staged.money_scale)
    columns = filled(table, data_set.from_)
    if "start" in columns:
        run.starts[table.name] = staged_starts(db)
    if data_set.derive and data_set.derive.last_end:
        add_ends(db, spans(run.starts[table.name], data_set.derive.last_end, run.place(table.name)))
        columns = tuple(c.name for c in table.columns if c.name in {*columns, "end"})
    late = cut_late(db, staged, run.as_of)
    refused = refuse(db, staged, run.bad) + sum(run.exports[s].refused for s in {b.source for b in data_set.from_})
    run.findings.extend(corrected_cells(db, staged))
    values = ", ".join(f"v_{c} AS {quoted(c)}" for c in columns)
    order = ", ".join(quoted(k) for k in table.key)
    db.run(f"CREATE TABLE {quoted(table.name)} AS SELECT {values} FROM {STAGE} ORDER BY {order}")
    return late, refused


def _derive(run: _Import, table: Table, derive: Derive) -> None:
    where = run.place(table.name)
    if derive.rule == "calendar":
        create_periods(run.db, calendar(derive, where))
    elif derive.rule == "distinct-starts" and derive.last_end:
        create_periods(run.db, spans(run.starts[derive.of], derive.last_end, where))
    elif derive.rule == "credited-seller":
        run.findings.extend(create_credited_ownership(run.db))


def _forget_later(run: _Import, table: Table) -> None:
    """Empty what happened after as-of; a deal closed later is still open, and how it stood on the day is not known."""
    columns = run.db.columns(table.name)
    day = f"DATE '{run.as_of.isoformat()}'"
    for name, others in _NOT_YET_KNOWN.get(table.name, {}).items():
        if name not in columns:
            continue
        later = f"{quoted(name)} > {day}"
        count = run.db.value(f"SELECT count(*) FROM {quoted(table.name)} WHERE {later}")
        if not count:
            continue
        emptied = [f"{quoted(c)} = NULL" for c in (name, *others) if c in columns]
        if table.name == "opportunities" and name == "closed_on" and "status" in columns:
            emptied.append("status = 'open'")
        run.db.run(f"UPDATE {quoted(table.name)} SET {', '.join(emptied)} WHERE {later}")
        message = f"`{table.name}.{name}` after {run.as_of} is not yet known"
        case = "emptied: " + ", ".join(c for c in (name, *others) if c in columns)
        run.findings.append(Finding("not-yet-known", message, count, None, (case,)))
