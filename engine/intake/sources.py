"""Are the files of a mapping there, and what do they hold? Every source used becomes a table `raw_<source>`."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from engine.database import Database, quoted, text
from engine.engines.embedded import cells_of
from engine.intake.bad_rows import BadRows
from engine.intake.mapping import SourceMapping, source_columns
from engine.intake.mapping_shapes import Source
from engine.intake.reading import Export, read_export
from rules.problem import BadInput, Place, Problem, nearest

_AROUND = " || ".join(f"chr({n})" for n in (9, 10, 13, 32, 160, 0xFEFF))
"""White space, and the byte order mark that concatenated and nested files leave at the ends of a cell."""


def raw(source: str) -> str:
    """The table of a source, quoted: `row`, the number of the row in its file, and one text per column used."""
    return quoted(f"raw_{source}")


def load_sources(db: Database, mapping: SourceMapping, folder: Path, bad: BadRows) -> Mapping[str, Export]:
    """Read every source that the mapping uses, from below `folder`. Bad rows go to `bad`.

    Raises BadInput with everything that makes a whole file unusable: it is missing, cannot be divided into rows, or
    lacks a column.
    """
    exports: dict[str, Export] = {}
    problems: list[Problem] = []
    with tempfile.TemporaryDirectory(prefix="merestone-") as scratch:
        for name, columns in source_columns(mapping.shape).items():
            source = mapping.shape.sources[name]
            normal = Path(scratch) / "cells"
            try:
                export = read_export(folder / source.path, source, normal, bad)
                _all_there(export, source, columns)
            except BadInput as error:
                problems += error.problems
                continue
            exports[name] = export
            if not problems:
                cells = cells_of(normal, len(export.columns))
                db.run(f"CREATE TABLE {raw(name)} AS SELECT row{_selected(source, export, columns)} FROM {cells}")
    if problems:
        raise BadInput(problems)
    return exports


def _all_there(export: Export, source: Source, columns: tuple[str, ...]) -> None:
    problems = []
    for column in columns:
        if column not in export.columns:
            hint = nearest(column, export.columns) or "correct the mapping, or export the column"
            problems.append(Problem(Place(source.path), f"column `{column}` is missing", hint=hint))
    if problems:
        raise BadInput(problems)


def _selected(source: Source, export: Export, columns: tuple[str, ...]) -> str:
    """The columns used, under their names in the table of the source."""
    return "".join(f", {_cell(source, export, c)} AS {quoted(column_name(c))}" for c in columns)


def column_name(column: str) -> str:
    """The name of a source's column in its table: SQL ignores case where a header does not, and `row` is taken."""
    return "c_" + "".join(c if c.islower() or c.isdigit() else f"_{ord(c):x}" for c in column)


def _cell(source: Source, export: Export, column: str) -> str:
    sql = f"c{export.columns.index(column)}"
    if not export.plain:
        sql = f"translate({sql}, chr(28) || chr(29), chr(13) || chr(10))"
    if source.trim:
        # Many times faster with spaces alone, and where all is printable there is nothing else to trim.
        sql = f"nullif(trim({sql}), '')" if export.plain else f"nullif(trim({sql}, {_AROUND}), '')"
    for empty in source.empty:
        sql = f"nullif({sql}, {text(empty)})"
    return sql
