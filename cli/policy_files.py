"""`policy fmt` and `policy schema`: how a policy file is laid out, and what may stand in it, for editors."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from cli.answer import NO, YES, answer, as_json
from cli.options import FILE, PATHS, here
from cli.workspace import policy_files, read_text, writable
from rules.problem import BadInput, Problem
from rules.reading.layout import laid_out
from rules.reading.schema import policy_schema

COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A file as it was and as it should be."""

    path: Path
    before: str
    after: str

    @property
    def changed(self) -> bool:
        return self.before != self.after

    def difference(self) -> list[str]:
        """As a unified diff, a line each."""
        before, after = (text.splitlines() for text in (self.before, self.after))
        return list(unified_diff(before, after, str(self.path), f"{self.path} laid out", lineterm=""))


@click.command()
@click.argument("files", nargs=-1, type=PATHS, metavar="[FILE]...")
@click.option("--check", is_flag=True, help="Write nothing; show what would change, and exit 1 if anything would.")
@as_json
def fmt(files: tuple[Path, ...], *, check: bool) -> None:
    """Lay policy files out in one canonical form; comments stay, and what a file says does not change.

    Of the workspace, or the files and folders that are named. With a problem in any of them, none is written.

    Exit code 1: with --check, a file is not laid out so.

    Example: merestone policy fmt --check
    """
    found = _laid_out(policy_files(files or (Path(os.path.relpath(here().policy_folder)),)))
    changed = [f for f in found if f.changed]
    if not check:
        for f in changed:
            _replace(f.path, f.after)
    document = {
        "checked": check,
        "files": [{"file": str(f.path), "changed": f.changed, "diff": f.difference()} for f in found],
    }

    def words(out: Console) -> None:
        for f in changed if check else ():
            for line in f.difference():
                out.print(Text(line, style=COLOURS.get(line[:1], "")), soft_wrap=True)
        for f in () if check else changed:
            lines = [line[0] for line in f.difference() if line[:1] in "+-" and not line.startswith(("+++", "---"))]
            out.print(f"{f.path}: {lines.count('-')} lines became {lines.count('+')}")
        what = "would be laid out anew" if check else "laid out anew"
        out.print(f"{len(changed)} of {len(found)} file{'' if len(found) == 1 else 's'} {what}")

    answer("policy-layout", document, words, NO if check and changed else YES)


def _laid_out(paths: Iterable[Path]) -> list[LaidOut]:
    """Every file in canonical layout. Raises BadInput with the problems of all of them."""
    found: list[LaidOut] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            text = read_text(path)
            found.append(LaidOut(path, text, laid_out(text, str(path))))
        except BadInput as refused:
            problems += refused.problems
    if problems:
        raise BadInput(problems)
    return found


def _replace(path: Path, text: str) -> None:
    """The file with another text, or, whatever happens, as it was. A link stays one, and rights are kept."""
    target = path.resolve()
    partial = target.with_name(f".{target.name}.part")
    try:
        partial.write_bytes(text.encode())
        partial.chmod(target.stat().st_mode)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


@click.command()
@click.option("--out", "out_path", type=FILE, default=None, help="Write it there; default: to stdout.")
@as_json
def schema(out_path: Path | None) -> None:
    """A JSON Schema of policy files, so that editors complete keys, show what they mean, and check as you type.

    Example: merestone policy schema --out policy.schema.json
    """
    made = policy_schema()
    written = json.dumps(made, ensure_ascii=False, indent=2) + "\n"
    if out_path is None:
        # It is for a program, and may be redirected to a file: nothing is broken or coloured.
        answer("policy-schema", {"policy": made}, lambda out: out.out(written, end="", highlight=False))
    _write(writable(out_path), written)
    document = {"file": str(out_path), "definitions": len(made["$defs"])}
    line = f"# yaml-language-server: $schema={os.path.relpath(out_path)}"
    words = Text(f"{out_path} written; an editor finds it by this first line of a policy file:\n  {line}")
    answer("policy-schema", document, lambda out: out.print(words))


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.part")
    try:
        partial.write_bytes(text.encode())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
