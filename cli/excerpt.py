"""What stands where a problem is? The line of the file, and carets under what is wrong, however wide its letters.

14 |     when: acount.tier == "A"
   |           ^^^^^^^^^^^
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from rich.cells import cell_len
from rich.text import Text

from cli.unprintable import printable
from rules.problem import Place

Lines = Callable[[Place], str | None]
"""The text of the line that a place names; None where nobody knows it."""
TAB = 4
MOST_BYTES = 16_000_000
"""Of a file that is read again to show a line of it."""
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line in YAML 1.1."""
_CONTEXT = 24
"""Cells of a long line that are shown in front of what is wrong, at most."""


def no_lines(_: Place) -> str | None:
    """Where no text is known."""
    return None


def lines_of(texts: Mapping[str, str]) -> Lines:
    """The lines of files that were read, by the names that problems give them."""
    split = lru_cache(maxsize=None)(lambda name: _BREAK.split(texts[name]))

    def line(place: Place) -> str | None:
        if place.file not in texts or place.line is None:
            return None
        lines = split(place.file)
        return lines[place.line - 1] if place.line <= len(lines) else None

    return line


def lines_on_disk(folders: Iterable[Path]) -> Lines:
    """The lines of files as they lie there now, each name looked for in one folder after the other."""
    known = tuple(folders)

    @lru_cache(maxsize=8)
    def read(name: str) -> list[str]:
        try:
            path = next((f / name for f in known if (f / name).is_file()), None)
            if path is None or path.stat().st_size > MOST_BYTES:
                return []
            return _BREAK.split(path.read_bytes().decode("utf-8", errors="replace"))
        except (OSError, ValueError):  # a name that is none, such as one with a null character
            return []

    def line(place: Place) -> str | None:
        lines = read(place.file) if place.line else []
        return lines[place.line - 1] if place.line and place.line <= len(lines) else None

    return line


def excerpt(place: Place, span: int, line: str, width: int | None = None) -> Text:
    """The line and its carets: `span` of them, one where it is 0. A line wider than `width` is cut around them."""
    start = min((place.column or 1) - 1, len(line))
    stop = start + max(span, 1)
    before, wrong, after = (_flat(part) for part in (line[:start], line[start:stop], line[stop:]))
    gutter = f"{place.line:>5} | "
    if width is not None:
        before, wrong, after = _cut(before, wrong, after, max(width - len(gutter) - 1, 20))
    shown = Text(gutter, style="dim").append(before + wrong + after, style="not dim")
    shown.append(f"\n{'| ':>{len(gutter)}}", style="dim")
    return shown.append(" " * cell_len(before) + "^" * max(cell_len(wrong), 1), style="bold red not dim")


def _flat(text: str) -> str:
    """Printable, on one line; a tab is some blanks."""
    return printable(text.replace("\t", " " * TAB))


def _cut(before: str, wrong: str, after: str, width: int) -> tuple[str, str, str]:
    """The three parts of a line, as much of each as fits, the wrong one foremost."""
    if cell_len(before + wrong + after) <= width:
        return before, wrong, after
    room = max(width - cell_len(wrong) - min(cell_len(after), width // 4), min(_CONTEXT, width // 2))
    if cell_len(before) > room:
        before = "…" + _last(before, room - 1)
    left = width - cell_len(before)
    if cell_len(wrong) > left:
        return before, _first(wrong, left - 1) + "…", ""
    left -= cell_len(wrong)
    if cell_len(after) > left:
        after = _first(after, left - 1) + "…" if left else ""
    return before, wrong, after


def _first(text: str, cells: int) -> str:
    while cell_len(text) > max(cells, 0):
        text = text[:-1]
    return text


def _last(text: str, cells: int) -> str:
    while cell_len(text) > max(cells, 0):
        text = text[1:]
    return text
