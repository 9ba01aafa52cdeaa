"""What stands in an export? Its bytes, in a declared encoding and with declared delimiters, as rows of cells.

The rows are written to a normal form that the database reads at speed: UTF-8, one line a row, U+001F between cells, the
row's number first, and U+001C and U+001D for carriage return and line feed inside a cell. An export cannot contain
these characters: a control character other than tab and line breaks is a problem of its row, like a byte that is not of
the encoding, or a row with too few or too many cells. What makes the rest of a file doubtful (a broken quote, no end of
a row in sight) refuses the file.
"""

import codecs
import csv
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from engine.intake.bad_rows import BadRows
from engine.intake.mapping_shapes import Source
from rules.problem import BadInput, Place, Problem

CELL = "\x1f"
LONGEST_CELL = 131_072
"""Characters of one cell, the longest text a CRM keeps (a Salesforce long text area)."""
LONGEST_ROW = 1_000_000
_CHUNK = 1 << 20
_SURROGATES = range(0xD800, 0xE000)
_C1_CONTROLS = range(0x80, 0xA0)
_MARKS = {
    codecs.BOM_UTF8: "UTF-8",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
# C1 controls are how Windows-1252 reads as Latin-1; a lone surrogate is how a wrong byte was decoded.
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1e\x7f-\x9f\ud800-\udfff]")

Rows = Iterator[tuple[int, list[str]]]


@dataclass(frozen=True, slots=True)
class Export:
    """A file that was read: names of its columns in order, rows written and refused, and the SHA-256 of its bytes."""

    columns: tuple[str, ...]
    rows: int
    refused: int
    plain: bool
    """No cell holds a line break, a tab, a no-break space or another sign that is not printed."""
    sha256: str


def read_export(path: Path, source: Source, target: Path, bad: BadRows) -> Export:
    """Read the export at `path` and write its rows to `target` in the normal form; bad rows go to `bad`.

    A row's number is the line on which it starts, or its ordinal where the record delimiter has no line break. Raises
    BadInput if the file is missing or empty, has another byte order mark than its encoding's, or cannot be divided into
    rows.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream, target.open("w", encoding="utf-8", newline="") as out:
            rows = _rows(_texts(stream, source, digest), source)
            columns = tuple(source.columns) or _header(rows, source.path)
            written, refused, plain = _write(rows, columns, source, out, bad)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput([Problem(Place(source.path), f"file cannot be read: {reason.lower()}")]) from None
    return Export(columns, written, refused, plain, digest.hexdigest())


def _texts(stream: BinaryIO, source: Source, digest: "hashlib._Hash") -> Iterator[str]:
    """The decoded text in pieces. A byte that is not of the encoding becomes a lone surrogate, refused in its row."""
    first = stream.read(_CHUNK)
    if not first:
        raise _refused(source.path, "file is empty")
    digest.update(first)
    mark, name = next(((m, n) for m, n in _MARKS.items() if first.startswith(m)), (b"", ""))
    if name and name.lower() != source.encoding:
        raise _refused(source.path, "byte order mark of another encoding", name, source.encoding)
    if source.encoding == "utf-16" and not mark:
        raise _refused(source.path, "no byte order mark", expected="UTF-16 text that starts with one")
    codec = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}.get(mark, source.encoding)
    errors = "surrogatepass" if source.encoding == "utf-16" else "surrogateescape"
    decoder = codecs.getincrementaldecoder(codec)(errors)
    yield decoder.decode(first[len(mark) :])
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        yield decoder.decode(chunk)
    try:
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _refused(source.path, "file ends in the middle of a character") from None


def _rows(texts: Iterator[str], source: Source) -> Rows:
    delimiters = source.delimiters
    if source.quoting == "csv":
        return _quoted(texts, delimiters.field, source.path)
    return _plain(texts, delimiters.field, delimiters.record, source.path)


def _plain(texts: Iterator[str], field: str, record: str, file: str) -> Rows:
    """Rows where a delimiter is a delimiter wherever it stands."""
    by_line = record == "line"
    end = "\n" if by_line else record
    ordinal = "\n" not in end
    number = 1
    for text in _pieces(texts, end, file):
        yield number, (text.removesuffix("\r") if by_line else text).split(field)
        number += 1 if ordinal else text.count("\n") + end.count("\n")


def _quoted(texts: Iterator[str], field: str, file: str) -> Rows:
    """Rows of RFC 4180: a quoted cell may hold delimiters, line breaks and doubled quotes."""
    reader = csv.reader((f"{line}\n" for line in _pieces(texts, "\n", file)), delimiter=field, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            hint = "a quote inside a quoted cell is doubled; where quotes are letters write `quoting: none`"
            raise BadInput(
                [Problem(Place(file, row=number), f"quoted cells are broken: {error}".lower(), hint=hint)]
            ) from None
        yield number, cells


def _pieces(texts: Iterator[str], end: str, file: str) -> Iterator[str]:
    rest = ""
    for text in texts:
        parts = (rest + text).split(end)
        rest = parts.pop()
        if len(rest) > LONGEST_ROW:
            break
        yield from parts
    if len(rest) > LONGEST_ROW:
        shown = end.encode("unicode_escape").decode()
        raise _refused(file, "no end of a row in sight", expected=f"`{shown}` within {LONGEST_ROW:,} characters")
    if rest:
        yield rest


def _header(rows: Rows, file: str) -> tuple[str, ...]:
    number, cells = next((row for row in rows if any(row[1])), (1, []))
    names = tuple(cell.strip(" \t\ufeff") for cell in cells)
    problems = [
        Problem(Place(file, row=number), "no name of a column", found=_shown(name), expected="printable text")
        for name in names
        if _BAD.search(name)
    ]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    problems += [Problem(Place(file, row=number), f"column `{name}` stands twice") for name in twice]
    if not any(names):
        problems.append(Problem(Place(file), "no header row"))
    if problems:
        raise BadInput(problems)
    return names


def _write(rows: Rows, columns: tuple[str, ...], source: Source, out: TextIO, bad: BadRows) -> tuple[int, int, bool]:
    width = len(columns)
    written = refused = 0
    plain = True
    for number, cells in rows:
        if len(cells) < 2 and not any(cells):  # noqa: PLR2004 -- a blank line: no cell, or one empty cell
            continue
        line = CELL.join(cells)
        problem: Problem | None = None
        printable = "".join(cells).isprintable()
        if len(cells) != width:
            problem = _ragged(source, number, cells, columns)
        elif len(line) > LONGEST_CELL or not (printable or _is_clean(line, width)):
            problem = _wrong_cell(source, number, cells, columns)
        if problem:
            bad.add(f"{source.path}: {problem.message}", problem)
            refused += 1
            continue
        if not printable:
            plain = False
            line = line.replace("\r", "\x1c").replace("\n", "\x1d")
        out.write(f"{number}{CELL}{line}\n")
        written += 1
    return written, refused, plain


def _is_clean(line: str, width: int) -> bool:
    return not _BAD.search(line) and line.count(CELL) == width - 1


def _ragged(source: Source, number: int, cells: list[str], columns: tuple[str, ...]) -> Problem:
    what = "too many cells" if len(cells) > len(columns) else "too few cells"
    return Problem(Place(source.path, row=number), what, found=str(len(cells)), expected=str(len(columns)))


def _wrong_cell(source: Source, number: int, cells: list[str], columns: tuple[str, ...]) -> Problem | None:
    for name, cell in zip(columns, cells, strict=True):
        where = Place(source.path, row=number, field=name)
        if len(cell) > LONGEST_CELL:
            return Problem(where, "cell is too long", f"{len(cell):,} characters", f"at most {LONGEST_CELL:,}")
        if found := _BAD.search(cell) or re.search(CELL, cell):
            sign = ord(found.group())
            if sign not in _SURROGATES:
                hint = "the file may be windows-1252" if sign in _C1_CONTROLS else ""
                return Problem(where, "control character", f"U+{sign:04X} in {_shown(cell)}", hint=hint)
            if source.encoding == "utf-16":
                return Problem(where, "half a character", f"U+{sign:04X} in {_shown(cell)}", "well-formed UTF-16")
            return Problem(
                where,
                f"byte is not {source.encoding}",
                f"0x{sign - 0xDC00:02X} in {_shown(cell)}",
                hint="declare the file's `encoding`",
            )
    return None


def _shown(cell: str) -> str:
    return "".join("�" if _BAD.match(c) or c == CELL else c for c in cell[:60].replace("\n", " ").replace("\r", " "))


def _refused(file: str, message: str, found: str = "", expected: str = "") -> BadInput:
    return BadInput([Problem(Place(file), message, found, expected)])
