"""Bad input is data: a list of problems, gathered whole, each with place, found, expected and a hint.

    policies/emea.yaml:14:11: unknown field `acount.tier`
      hint: did you mean `account.tier`?

Wording: lower case, no final stop, the user's words in backticks, never a class name, never a line break.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a person finds it: a file and a line, or a table's row and column. Lines, columns and rows count from 1."""

    file: str
    line: int | None = None
    column: int | None = None
    row: int | None = None
    field: str = ""

    def __str__(self) -> str:
        parts = [self.file, *(str(n) for n in (self.line, self.column) if n is not None)]
        text = ":".join(parts)
        if self.row is not None:
            text += f" row {self.row}"
        if self.field:
            text += f" column `{self.field}`"
        return text


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input. `found` and `expected` may be empty when the message says it all."""

    where: Place
    message: str
    found: str = ""
    expected: str = ""
    hint: str = ""
    span: int = 0
    """Characters from its place on that are wrong, none of them on another line; 0 where only the place is known."""
    reason: str = ""
    """The class of refusals of the language that it belongs to; empty for what is no expression."""

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}"
        if self.found:
            text += f"; found `{self.found}`"
        if self.expected:
            text += f"; expected {self.expected}"
        if self.hint:
            text += f"\n  hint: {self.hint}"
        return text


def nearest(word: str, words: Iterable[str]) -> str:
    """A hint at the word that was perhaps meant; empty where none is near."""
    near = get_close_matches(word, list(words), n=1)
    return f"did you mean `{near[0]}`?" if near else ""


def as_written(value: object) -> str:
    """A value of a YAML file as its author wrote it, for `found`: `true`, `null`, `[a, 1.5]`."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case list() | tuple():
            return f"[{', '.join(as_written(item) for item in value)}]"
        case _:
            return str(value)


class BadInput(Exception):  # noqa: N818 -- named for the user's situation, not for the mechanism
    """An input was refused; `problems` lists everything wrong with it, and nothing was written."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))
