"""Which mapping was given, and does it hang together? Loads a mapping file and checks everything that it refers to.

The format is in docs/mapping.md, its shapes in `mapping_shapes`. A mapping that passes can still meet an export
that lacks a column: that is found at the import (`engine.intake.intake`).
"""

import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from engine.canonical import TABLES, Table, Type
from engine.intake.mapping_shapes import Cell, Condition, DataSetShape, From, MappingShape, Source
from rules.problem import BadInput, Problem, nearest
from rules.reading.yaml_source import Document, read_yaml, shaped

_DERIVES = {"next-start": "quotas", "distinct-starts": "periods", "calendar": "periods", "credited-seller": "ownership"}
_DATE_PARTS = re.compile(r"%[YmdbBHMSf]|[^%]")
_OPTIONS = {
    "format": (Type.DATE,),
    "plus_days": (Type.DATE,),
    "decimal": (Type.MONEY, Type.SHARE),
    "thousands": (Type.MONEY, Type.COUNT),
    "scale": (Type.MONEY,),
    "unit": (Type.SHARE,),
}
Keys = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """A mapping that was read: its shape, the SHA-256 of its text, and the place of everything in it."""

    file: str
    sha256: str
    shape: MappingShape
    document: Document


def load_mapping(text: str, file: str) -> SourceMapping:
    """The mapping in `text`. Raises BadInput with every problem of its syntax, its shape, or what it refers to."""
    document = read_yaml(text, file)
    shape = shaped(document, MappingShape)
    problems = [*_windows(shape, document), *_sources(shape, document)]
    for name, data_set in shape.data_sets.items():
        problems += _data_set(shape, document, name, data_set)
    if problems:
        raise BadInput(sorted(problems, key=lambda p: p.where.line or 0))
    return SourceMapping(file, hashlib.sha256(text.encode()).hexdigest(), shape, document)


def _windows(shape: MappingShape, document: Document) -> Iterator[Problem]:
    for name, window in shape.windows.items():
        if window.start >= window.end:
            yield Problem(document.place(("windows", name)), f"window `{name}` ends before it starts")


def _sources(shape: MappingShape, document: Document) -> Iterator[Problem]:
    for name, source in shape.sources.items():
        at: Keys = ("sources", name)
        path = PurePosixPath(source.path)
        if not re.fullmatch("[a-z0-9_-]+", name):
            yield Problem(document.place(at), "not a name of a source", name, "small letters, digits, `_` and `-`")
        if path.is_absolute() or ".." in path.parts or "\\" in source.path:
            yield Problem(
                document.place((*at, "path")),
                "a path leads out of the source folder",
                source.path,
                "a path below the folder",
            )
        if source.quoting == "csv" and (len(source.delimiters.field) > 1 or source.delimiters.record != "line"):
            yield Problem(
                document.place((*at, "delimiters")),
                "quoted cells need a field delimiter of one character and records that are lines",
                hint="write `quoting: none`",
            )
        for twice in sorted({c for c in source.columns if source.columns.count(c) > 1}):
            yield Problem(document.place((*at, "columns")), f"column `{twice}` stands twice")


def _data_set(shape: MappingShape, document: Document, name: str, data_set: DataSetShape) -> Iterator[Problem]:
    at: Keys = ("data_sets", name)
    table = TABLES.get(name)
    if table is None:
        yield _unknown(document, at, "data set", name, TABLES)
        return
    yield from _derivation(shape, document, at, data_set)
    for i, block in enumerate(data_set.from_):
        yield from _block(shape, document, (*at, "from", i), table, block)
    if not data_set.dated and data_set.derive is not None:
        yield Problem(document.place((*at, "dated")), "a derived data set is as dated as what it is derived from")
    derived = {"end"} if data_set.derive else set()
    for column in table.columns if data_set.from_ else ():
        filled = [column.name in block.columns or column.name in derived for block in data_set.from_]
        if column.name in table.key and not all(filled):
            yield Problem(document.place(at), f"`{name}` needs `{column.name}`: {column.meaning}")
        elif column.required and any(filled) and not all(filled):
            yield Problem(document.place(at), f"`{column.name}` is required: fill it in every `from` or in none")


def _derivation(shape: MappingShape, document: Document, at: Keys, data_set: DataSetShape) -> Iterator[Problem]:
    derive, name = data_set.derive, str(at[-1])
    if derive is None:
        if not data_set.from_:
            yield Problem(document.place(at), f"`{name}` has neither `from` nor `derive`")
        return
    here = (*at, "derive")
    if _DERIVES[derive.rule] != name:
        yield Problem(document.place(here), f"`{derive.rule}` derives `{_DERIVES[derive.rule]}`, not `{name}`")
    if (derive.rule == "next-start") != bool(data_set.from_):
        wants = "needs" if derive.rule == "next-start" else "takes no"
        yield Problem(document.place(here), f"`{derive.rule}` {wants} `from`")
    if derive.rule == "next-start" and any("end" in block.columns for block in data_set.from_):
        yield Problem(document.place(here), "`end` is derived and mapped at once")
    needs = {"credited-seller": "revenue", "distinct-starts": derive.of}.get(derive.rule, "")
    if needs and needs not in shape.data_sets:
        yield Problem(document.place(here), f"`{derive.rule}` needs the data set `{needs}`")
    elif derive.rule == "distinct-starts" and "start" not in {c.name for c in TABLES[needs].columns}:
        yield Problem(document.place(here), f"`{needs}` has no column `start`")


def _block(shape: MappingShape, document: Document, at: Keys, table: Table, block: From) -> Iterator[Problem]:
    missing = [name for name in block.sources() if name not in shape.sources]
    for name in missing:
        yield _unknown(document, (*at, "source"), "source", name, shape.sources)
    if len(set(block.sources())) < len(block.sources()):
        yield Problem(document.place(at), "a source stands twice in one `from`")
    for name, cell in block.columns.items():
        here = (*at, "columns", name)
        if name not in {c.name for c in table.columns}:
            yield _unknown(document, here, "column", name, [c.name for c in table.columns])
        else:
            yield from _cell(document, here, table.column(name).type, cell)
            if cell.scale > shape.money.scale:
                where = document.place((*here, "scale"))
                yield Problem(
                    where, "`scale` is finer than `money.scale` keeps", str(cell.scale), f"at most {shape.money.scale}"
                )
    yield from _where(document, at, block)
    for here, name in () if missing else reads(block, at):
        source, column = block.origin(name)
        known = shape.sources[source].columns
        if known and column not in known:
            yield _unknown(document, here, f"column of `{source}`", column, known)


def _where(document: Document, at: Keys, block: From) -> Iterator[Problem]:
    for name, rule in block.where.items():
        if [] in (rule, rule.not_ if isinstance(rule, Condition) else None):
            yield Problem(document.place((*at, "where", name)), f"`{name}` is compared with nothing")


def reads(block: From, at: Keys) -> Iterator[tuple[Keys, str]]:
    """Every source column that a block names, as written, with where it stands."""
    for name in block.where:
        yield (*at, "where", name), name
    for i, join in enumerate(block.joins):
        for left, right in join.on.items():
            yield (*at, "joins", i, "on", left), left
            yield (*at, "joins", i, "on", left), f"{join.source}.{right}"
    for name, cell in block.columns.items():
        for column in cell.names():
            yield (*at, "columns", name), column


def _cell(document: Document, at: Keys, kind: Type, cell: Cell) -> Iterator[Problem]:
    for option, kinds in _OPTIONS.items():
        if option in cell.model_fields_set and kind not in kinds:
            yield Problem(document.place((*at, option)), f"`{option}` does not fit a column of type {kind.value}")
    if cell.format and ("".join(_DATE_PARTS.findall(cell.format)) != cell.format or "%Y" not in cell.format):
        yield Problem(
            document.place((*at, "format")), "not a date format", cell.format, "%Y, %m, %d, %b, %B, %H, %M, %S, %f"
        )
    if cell.thousands and cell.thousands == cell.decimal:
        yield Problem(document.place(at), "`decimal` and `thousands` are the same")


def _unknown(document: Document, at: Keys, what: str, name: str, known: Collection[str]) -> Problem:
    return Problem(document.place(at), f"unknown {what} `{name}`", hint=nearest(name, known))


def source_columns(shape: MappingShape) -> dict[str, tuple[str, ...]]:
    """Per source, the columns that the mapping reads, sorted; sources that nothing reads are left out."""
    found: dict[str, set[str]] = {}
    for data_set in shape.data_sets.values():
        for block in data_set.from_:
            for name in block.sources():
                found.setdefault(name, set())
            for _, name in reads(block, ()):
                source, column = block.origin(name)
                found[source].add(column)
    return {name: tuple(sorted(columns)) for name, columns in sorted(found.items())}


def source(mapping: SourceMapping, name: str) -> Source:
    """A declared source."""
    return mapping.shape.sources[name]
