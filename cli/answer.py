"""How a verb answers: one JSON document or words for people, and an exit code that scripts can rely on.

    0 done, and nothing to object   1 done, and the answer is no   2 bad input   3 failure

With `--json` the document goes to stdout and words to stderr; without it, words go to stdout.

Names, reasons and messages come from other people's files. A console made here prints them as they are: nothing in them
is read as markup, and no control character of theirs reaches the terminal.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import click
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from cli.excerpt import Lines, excerpt, no_lines
from cli.unprintable import UNPRINTABLE, printable
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


class _Plain(Console):
    """A console that shows an unprintable character instead of obeying it."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(printable(segment.text), segment.style)

    def print(self, *objects: Any, **options: Any) -> None:
        """Print; where there is no terminal, lines are left unbroken, for whoever searches or copies them."""
        lines = all(isinstance(o, str | Text) for o in objects)
        super().print(*objects, **{"soft_wrap": lines and not self.file.isatty(), **options})

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError  # Rich would leave with 1, and 1 is an answer here.


def _wants_json(context: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 -- click calls it so
    if value:
        context.find_root().meta[AS_JSON] = True


as_json = click.option(
    "--json",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_wants_json,
    help="One JSON document on stdout; words go to stderr.",
)


def console(*, err: bool = False) -> Console:
    """A console for people: as wide as the terminal, or `WIDE` where there is none."""
    stream = sys.stderr if err else sys.stdout
    width = None if stream.isatty() else WIDE
    return _Plain(file=stream, width=width, highlight=False, markup=False, emoji=False)


def answer(schema: str, document: Mapping[str, Any], words: Callable[[Console], None], code: int = YES) -> NoReturn:
    """Give the answer and leave with its exit code, also where nobody reads to its end (`| head`)."""
    if wants_json():
        say_json(schema, document)
    else:
        with perhaps_unread():
            words(console())
    click.get_current_context().exit(code)


def say_json(schema: str, document: Mapping[str, Any]) -> None:
    """One JSON document to stdout, in UTF-8 whatever the terminal speaks, unprintable characters escaped."""
    written = json.dumps({"schema": f"merestone/{schema}/1", **document}, ensure_ascii=False, indent=2)
    with perhaps_unread():
        click.echo(UNPRINTABLE.sub(lambda m: f"\\u{ord(m[0]):04x}", written).encode())


@contextmanager
def perhaps_unread() -> Iterator[None]:
    """Print to somebody who may go away (`| head`): what was read was read, and the rest is dropped."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered must not fail once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def working(words: str) -> Iterator[None]:
    """Say what takes so long, on a terminal only, and take it back when it is done. Print nothing to people inside."""
    if not sys.stderr.isatty():
        yield
        return
    with console(err=True).status(f"{words} …"):
        yield


def wants_json() -> bool:
    """Whether `--json` was given, before the verb or after it."""
    return bool(click.get_current_context().find_root().meta.get(AS_JSON))


def coloured(word: str) -> Text:
    """A verdict in its colour."""
    return Text(word, style=COLOURS.get(word.split(" ", maxsplit=1)[0], ""))


def table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str | Text]],
    *,
    right: Sequence[int] = (),
    whole: Sequence[int] = (),
) -> Table:
    """A table without rules; `right` are the numbers of columns set flush right, `whole` of those never broken."""
    made = Table(
        title=Text(title, style="bold") if title else None,
        title_justify="left",
        header_style="bold",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for i, column in enumerate(columns):
        made.add_column(column, justify="right" if i in right else "left", overflow="fold", no_wrap=i in whole)
    for row in rows:
        made.add_row(*row)
    return made


def rows_of_words(out: Console, rows: Iterable[tuple[str, str | Text]], label: int = 12) -> None:
    """Labels with their words, a row each where there are words; on a terminal, long ones stay in their column.

    `label` is the width of the labels, of which each leaves a blank behind it.
    """
    for name, words in rows:
        if not words:
            continue
        said = words if isinstance(words, Text) else Text(words)
        lines = [part for line in said.split("\n") for part in _broken(out, line, out.width - label - 2)]
        for i, line in enumerate(lines):
            head = f"  {'' if i else name:<{label - 1}} "
            out.print(Text(head).append_text(line))


def _broken(out: Console, line: Text, width: int) -> Iterable[Text]:
    return line.wrap(out, max(width, 20)) if out.file.isatty() and len(line) else (line,)


def show_problems(problems: Sequence[Problem], *, to: Console | None = None, lines: Lines = no_lines) -> None:
    """Every problem, one after the other, to stderr; with the line that it is in, where `lines` knows it."""
    out = to or console(err=True)
    width = out.width if out.file.isatty() else None
    for problem in problems:
        line = Text(f"{problem.where}: ", style="bold").append(problem.message, style="red")
        if problem.found:
            line.append(f"; found `{problem.found}`", style="not bold")
        if problem.expected:
            line.append(f"; expected {problem.expected}")
        out.print(line)
        if (text := lines(problem.where)) is not None:
            out.print(excerpt(problem.where, problem.span, text, width), soft_wrap=True)
        if problem.hint:
            out.print(Text(f"  hint: {problem.hint}", style="dim"), soft_wrap=True)


def problem_rows(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Problems as JSON; numbers that a problem does not have are null."""
    return [
        {
            "where": str(p.where),
            "file": p.where.file,
            "line": p.where.line,
            "column": p.where.column,
            "span": p.span,
            "row": p.where.row,
            "field": p.where.field,
            "message": p.message,
            "found": p.found,
            "expected": p.expected,
            "hint": p.hint,
            "reason": p.reason,
        }
        for p in problems
    ]
