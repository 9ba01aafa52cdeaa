"""Broken policies with what is told of them: read from `tests/corpus`, put into a policy that is right otherwise.

A case is what its author wrote, and below it what is told: a caret under the first wrong character, the message and
the hint. `conditions.txt` and `formulas.txt` hold expressions, `rules.yaml` keys of one rule, `sections.yaml` sections
of one file. What is told of a place outside of the case says where: `at 5:5`, line and column of the whole file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rules.problem import BadInput, Problem
from rules.reading.load import load_policies

CORPUS = Path(__file__).parents[1] / "corpus"
FILES = ("conditions.txt", "formulas.txt", "rules.yaml", "sections.yaml")
HEAD = "policy: p\ntitle: t\nowner: o\n"
PARAMETERS = """\
parameters:
  least: {unit: money, values: {2026-01-01: {value: 500, source: s}}}
  most: {unit: count, values: {2026-01-01: {value: 5, source: s}}}
  rest: {unit: days, values: {2026-01-01: {value: 90, source: s}}}
  low: {unit: percent, values: {2026-01-01: {value: 80, source: s}}}
  spread: {unit: points, values: {2026-01-01: {value: 30, source: s}}}
  opening: {unit: date, values: {2026-01-01: {value: 2026-02-01, source: s}}}
  segment: {unit: text, values: {2026-01-01: {value: SMB, source: s}}}
  segments: {unit: text, values: {2026-01-01: {value: [SMB, enterprise], source: s}}}
"""
RULE = {
    "id": "R",
    "title": "t",
    "kind": "engagement",
    "subject": "move",
    "effective": "{from: 2026-01-01}",
    "when": "account.named",
    "effect": "deny",
    "message": "m",
    "source": "s",
}
_TOLD = re.compile(r"(?:# ?)?(?: *\^ | *hint: |at \d+:\d+: )")
_SEPARATOR = {".txt": "", ".yaml": "---"}


@dataclass(frozen=True, slots=True)
class Case:
    """One broken policy: the file and line it starts on, what was written, and what is told of it, line by line."""

    file: str
    line: int
    written: str
    expected: str

    @property
    def name(self) -> str:
        return f"{self.file}:{self.line}"

    def whole(self) -> tuple[str, int, int]:
        """The policy file, and how many lines and columns stand before what was written."""
        match self.file:
            case "conditions.txt":
                before = f"{HEAD}{PARAMETERS}rules:\n  - {_flow({**RULE, 'when': '0'}, without='when')}    when: |-\n"
                return f"{before}      {self.written}", before.count("\n"), 6
            case "formulas.txt":
                before = (
                    f"{HEAD}{PARAMETERS}formulas:\n  - name: f\n    title: t\n    subject: rep\n    source: s\n"
                    "    lines:\n      - name: line\n        text: t\n        formula: |-\n"
                )
                return f"{before}          {self.written}", before.count("\n"), 10
            case "rules.yaml":
                given = set(re.findall(r"^([a-z_]+):", self.written, re.MULTILINE))
                rest = {key: value for key, value in RULE.items() if key not in given}
                before = f"{HEAD}{PARAMETERS}rules:\n  - {_flow(rest)}"
                after = "".join(f"    {line}\n" for line in self.written.splitlines())
                return before + after, before.count("\n"), 4
            case _:
                return HEAD + self.written, HEAD.count("\n"), 0

    def problems(self) -> tuple[Problem, ...]:
        text, _, _ = self.whole()
        try:
            load_policies([("corpus.yaml", text)])
        except BadInput as refused:
            return refused.problems
        return ()

    def told(self) -> str:
        """What is told, as the corpus writes it: below the line, with a caret; in YAML as a comment."""
        _, above, left = self.whole()
        lines = self.written.splitlines()
        mark = "" if self.file.endswith(".txt") else "#"
        below: dict[int, list[str]] = {}
        for problem in self.problems():
            message, _, hint = str(problem).removeprefix(f"{problem.where}: ").partition("\n  hint: ")
            line, column = (problem.where.line or 1) - above, (problem.where.column or 1) - left
            if 1 <= line <= len(lines) and column > len(mark):
                first = f"{mark}{' ' * (column - 1 - len(mark))}^ {message}"
                second = f"{mark}{' ' * (column + 1 - len(mark))}hint: {hint}"
            else:
                line = len(lines)
                first, second = (
                    f"{mark and mark + ' '}at {problem.where.line}:{problem.where.column}: {message}",
                    f"{mark}   hint: {hint}",
                )
            below.setdefault(line, []).extend((first, second) if hint else (first,))
        told = (part for i, line in enumerate(lines, 1) for part in (line, *below.get(i, ())))
        return "\n".join(told)


def cases(file: str) -> Iterator[Case]:
    """Every case of a file. Comments before a case that tell nothing are titles."""
    separator = _SEPARATOR[Path(file).suffix]
    start, block = 1, list[str]()
    for number, line in enumerate([*(CORPUS / file).read_text("utf-8").splitlines(), separator], 1):
        if line.strip() != separator:
            block.append(line)
            continue
        expected = "\n".join(each for each in block if not each.startswith("## "))
        written = "\n".join(each for each in expected.splitlines() if not _TOLD.match(each))
        if written.strip():
            yield Case(file, start, written, expected)
        start, block = number + 1, []


def rewritten(file: str) -> str:
    """The file with what is told now."""
    separator = _SEPARATOR[Path(file).suffix]
    by_line = {case.line: case for case in cases(file)}
    out: list[str] = []
    start, block = 1, list[str]()
    for number, line in enumerate([*(CORPUS / file).read_text("utf-8").splitlines(), separator], 1):
        if line.strip() != separator:
            block.append(line)
            continue
        titles = [each for each in block if each.startswith("## ")]
        if start in by_line:
            out.extend((*titles, *by_line[start].told().splitlines(), separator))
        else:
            out.extend((*titles, separator))
        start, block = number + 1, []
    return "\n".join(out[:-1]) + "\n"


def _flow(keys: dict[str, str], without: str = "") -> str:
    return "\n    ".join(f"{key}: {value}" for key, value in keys.items() if key != without) + "\n"
