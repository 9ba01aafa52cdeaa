"""How do files pass to and from another engine? As CSV on its side, read and written by the embedded engine on ours.

So every engine reads the same Parquet files, and writes CSV of the same bytes and Parquet of the same values. Rows go
through a file of CSV on disk, never through memory at once: a missing value is nothing between two commas, an empty
text is two quotes.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from engine.engines.embedded import Embedded
from engine.spelling import quoted, text

CHUNK = 1 << 20
"""Bytes that are in memory at once."""
WHOLE = "DECIMAL(38,0)"
"""Of whole numbers of any width: Parquet has no integer wider than 64 bits."""


@contextmanager
def parquet_as_csv(path: Path, types: Mapping[str, str]) -> Iterator[tuple[list[tuple[str, str]], Iterator[bytes]]]:
    """Columns of a Parquet file with the other engine's types, and its rows as CSV, a chunk at a time.

    `types` maps the embedded engine's types; DECIMAL keeps its digits, and lists are arrays in braces. Raises
    ValueError if the file is not a readable one, or has a column of another type.
    """
    with Embedded() as db, tempfile.TemporaryDirectory() as folder:
        db.see_parquet("file", path)
        found = [(str(row[0]), str(row[1])) for row in db.rows("DESCRIBE file")]
        columns = [(name, _type_of(name, type_, types)) for name, type_ in found]
        cells = ", ".join(_as_text(quoted(name), type_) for name, type_ in found)
        rows = Path(folder) / "rows.csv"
        db.run(f"COPY (SELECT {cells} FROM file) TO {text(str(rows))} (FORMAT csv, HEADER false, FORCE_QUOTE *)")
        yield columns, _chunks(rows)


def _type_of(name: str, type_: str, types: Mapping[str, str]) -> str:
    if type_.endswith("[]"):
        return f"{_type_of(name, type_.removesuffix('[]'), types)}[]"
    if type_.startswith("DECIMAL("):
        return type_.replace("DECIMAL", "NUMERIC")
    if type_ not in types:
        raise ValueError(f"column `{name}` is {type_}, which has no place in another engine")
    return types[type_]


def _as_text(column: str, type_: str) -> str:
    if not type_.endswith("[]"):
        return column
    escaped = r"""'"' || replace(replace(CAST(item AS VARCHAR), '\', '\\'), '"', '\"') || '"'"""
    listed = f"array_to_string(list_transform({column}, lambda item: coalesce({escaped}, 'NULL')), ',')"
    return f"CASE WHEN {column} IS NOT NULL THEN '{{' || {listed} || '}}' END"


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def csv_as_csv(columns: Sequence[tuple[str, str]], chunks: Iterable[bytes], path: Path) -> None:
    """Write rows of CSV as one CSV file with a header, as the embedded engine writes it.

    `columns` have the embedded engine's types; a list comes as JSON. Raises ValueError, and writes nothing, where a
    number has decimals that its type does not.
    """
    with _seen(columns, chunks) as (db, query):
        db.write_csv(query, path)


def csv_as_parquet(columns: Sequence[tuple[str, str]], chunks: Iterable[bytes], path: Path) -> None:
    """The same as one Parquet file."""
    with _seen(columns, chunks) as (db, query):
        db.write_parquet(query, path)


@contextmanager
def _seen(columns: Sequence[tuple[str, str]], chunks: Iterable[bytes]) -> Iterator[tuple[Embedded, str]]:
    """A database, and a query of these rows in it."""
    with Embedded() as db, tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.csv"
        with rows.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)
        texts = ", ".join(f"{text(name)}: 'VARCHAR'" for name, _ in columns)
        source = (
            f"read_csv({text(str(rows))}, columns = {{{texts}}}, header = false, auto_detect = false, delim = ',', "
            "quote = '\"', escape = '\"', nullstr = '', allow_quoted_nulls = false, max_line_size = 16000000)"
        )
        _require_whole(db, source, columns)
        cells = ", ".join(f"{_read(quoted(name), type_)} AS {quoted(name)}" for name, type_ in columns)
        yield db, f"SELECT {cells} FROM {source}"


def _require_whole(db: Embedded, source: str, columns: Sequence[tuple[str, str]]) -> None:
    """Casts round; what is declared whole must be."""
    broken = [f"count_if(contains({quoted(name)}, '.'))" for name, type_ in columns if type_ == WHOLE]
    if broken and any(db.rows(f"SELECT {', '.join(broken)} FROM {source}")[0]):
        raise ValueError("a number with decimals stands where whole ones are expected")


def _read(column: str, type_: str) -> str:
    if type_.endswith("[]"):
        return f"from_json({column}, '[\"{type_.removesuffix('[]')}\"]')"
    return f"CAST({column} AS {type_})"
