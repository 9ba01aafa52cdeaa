"""How a verb answers: one JSON document or words for people, and an exit code that scripts can rely on.

    0 done, and nothing to object   1 done, and the answer is no   2 bad input   3 failure

With `--json` the document goes to stdout and words to stderr; without it, words go to stdout.
"""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from rules.problem import Problem

YES, NO, BAD_INPUT, FAILURE = 0, 1, 2, 3
AS_JSON = "merestone.json"
WIDE = 110
"""Columns of a table where the output is not a terminal."""

COLOURS: Mapping[str, str] = {
    "allow": "green",
    "approval": "yellow",
    "hold": "dark_orange",
    "deny": "red",
    "unknown": "magenta",
    "none": "green",
    "watch": "yellow",
    "review": "dark_orange",
    "rebalance": "red",
    "held": "green",
    "ineligible": "red",
    "exempt": "cyan",
    "protected": "green",
    "continue": "green",
    "escalate": "dark_orange",
    "stop": "red",
    "fired": "red",
    "quiet": "green",
    "verified": "green",
    "refused": "red",
    "yes": "green",
    "no": "red",
}


def console(*, err: bool = False) -> Console:
    """A console for people: as wide as the terminal, or `WIDE` where there is none."""
    stream = sys.stderr if err else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else WIDE, highlight=False, soft_wrap=False)


def answer(schema: str, document: Mapping[str, Any], words: Callable[[Console], None], code: int = YES) -> None:
    """Give the answer and leave with its exit code."""
    if wants_json():
        full = {"schema": f"merestone/{schema}/1", **document}
        click.echo(json.dumps(full, ensure_ascii=False, indent=2, default=str))
    else:
        words(console())
    click.get_current_context().exit(code)


def wants_json() -> bool:
    """Whether `--json` was given, before the verb or after it."""
    return bool(click.get_current_context().find_root().meta.get(AS_JSON))


def coloured(word: str) -> Text:
    """A verdict in its colour."""
    return Text(word, style=COLOURS.get(word.split(" ", maxsplit=1)[0], ""))


def table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str | Text]], *, right: Sequence[int] = ()
) -> Table:
    """A ruled table; `right` are the numbers of columns set flush right."""
    made = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        header_style="bold",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for i, column in enumerate(columns):
        made.add_column(column, justify="right" if i in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else escape(cell) for cell in row))
    return made


def show_problems(problems: Sequence[Problem], *, to: Console | None = None) -> None:
    """Every problem, one after the other, to stderr."""
    out = to or console(err=True)
    for problem in problems:
        line = Text(f"{problem.where}: ", style="bold").append(problem.message, style="red")
        if problem.found:
            line.append(f"; found `{problem.found}`", style="not bold")
        if problem.expected:
            line.append(f"; expected {problem.expected}")
        out.print(line, soft_wrap=True)
        if problem.hint:
            out.print(Text(f"  hint: {problem.hint}", style="dim"), soft_wrap=True)


def problem_rows(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Problems as JSON."""
    return [
        {"where": str(p.where), "message": p.message, "found": p.found, "expected": p.expected, "hint": p.hint}
        for p in problems
    ]
