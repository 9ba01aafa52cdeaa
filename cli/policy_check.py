"""`policy check`: are the policies well formed? Every problem at once, with the line that it is in."""

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from cli.answer import BAD_INPUT, YES, answer, as_json, problem_rows, show_problems, table
from cli.excerpt import Lines, lines_of
from cli.options import PATHS, here, minor_digits, policy_paths
from cli.policy_versions import minor_digits_here
from cli.workspace import MINOR_DIGITS, named_policy_texts, policy_texts
from engine.inference.ladders import relation_problems
from rules.model.policy import Policy, PolicySet
from rules.problem import BadInput, Problem
from rules.reading.load import example_problems, load_policies


@click.command()
@policy_paths
@click.argument("more", nargs=-1, type=PATHS, metavar="[FILE]...")
@minor_digits(
    default=None, words=f"Decimals of the currency; default: the workspace's, and without one {MINOR_DIGITS}."
)
@as_json
def check(policy_files: tuple[Path, ...], more: tuple[Path, ...], minor_digits: int | None) -> None:
    """Check every policy: shape, names, types, relations, and that each rule has its examples.

    Of the workspace, or of the files and folders that are named: then no workspace is needed.

    Exit code 2: there is a problem; all of them are shown.

    Example: merestone policy check --policies policies
    """
    paths = (*policy_files, *more)
    texts = named_policy_texts(paths) if paths else policy_texts(here().policy_folder)
    digits = minor_digits_here() if minor_digits is None else minor_digits
    policies: PolicySet | None = None
    problems: tuple[Problem, ...]
    try:
        policies = load_policies(texts, minor_digits=digits)
        problems = (*example_problems(policies), *relation_problems(policies))
    except BadInput as refused:
        problems = refused.problems
    document = {
        "policies": [_summary(p) for p in policies.policies] if policies else [],
        "problems": problem_rows(problems),
    }
    lines = lines_of(dict(texts))

    def words(out: Console) -> None:
        if problems:
            _show_problems(out, problems, lines)
        elif policies:
            _show_policies(out, policies)

    answer("policy-check", document, words, BAD_INPUT if problems else YES)


def _summary(policy: Policy) -> dict[str, str | int]:
    return {
        "name": policy.name,
        "file": policy.place.file,
        "owner": policy.owner,
        "rules": len(policy.rules),
        "parameters": len(policy.parameters),
        "definitions": _defined(policy),
        "sha256": policy.sha256,
    }


def _defined(policy: Policy) -> int:
    """Everything else that has a name."""
    parts = (policy.definitions, policy.formulas, policy.metrics, policy.deadlines, policy.schedules)
    return sum(map(len, parts))


def _show_problems(out: Console, problems: Sequence[Problem], lines: Lines) -> None:
    show_problems(problems, to=out, lines=lines)
    files = len({p.where.file for p in problems})
    counted = f"{len(problems)} problem{'' if len(problems) == 1 else 's'} in {files} file{'' if files == 1 else 's'}"
    out.print(Text(counted, style="bold"))


def _show_policies(out: Console, policies: PolicySet) -> None:
    rows = [
        (p.name, str(len(p.rules)), str(len(p.parameters)), str(_defined(p)), p.owner, p.sha256[:12])
        for p in policies.policies
    ]
    columns = ("policy", "rules", "parameters", "definitions", "owner", "sha-256")
    out.print(table("Policies are well formed", columns, rows, right=(1, 2, 3)))
