"""`policy analyze`: what is wrong with the policies whatever the facts, what does a version change, what is proven?"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from cli.answer import NO, YES, answer, as_json, table, working
from cli.options import DAY, FILE, here
from cli.policy_versions import require_same_unit, wanted_policies
from cli.workspace import now, read_text
from engine.analysis.finding import Analysis, Finding, Sort, left_out_words
from engine.analysis.words import case_words, given_block
from rules.problem import BadInput, Place, Problem
from rules.proof.claim import Claim, read_claim, read_claims
from rules.vocabulary import Field

Fields = Mapping[str, Mapping[str, Field]]
COLOURS: Mapping[Sort, str] = {
    Sort.REFUTED: "red",
    Sort.UNPROVEN: "magenta",
    Sort.CHANGED: "yellow",
    Sort.GAP: "dark_orange",
    Sort.OVERLAP: "dark_orange",
}


@click.command()
@click.option("--at", type=DAY, default=None, help="As in force on this day; default: today.")
@click.option("--against", default="", help="Compare with this version: a folder, `published`, a date, a hash.")
@click.option("--prove", "sentences", multiple=True, metavar="CLAIM", help="A claim to prove, or to refute by a case.")
@click.option("--claims", "claims_path", type=FILE, default=None, help="A YAML file of claims.")
@click.option("--within", type=click.IntRange(1, 3_600), default=30, show_default=True, help="Seconds to spend.")
@as_json
def analyze(at: date | None, against: str, sentences: tuple[str, ...], claims_path: Path | None, within: int) -> None:
    """Search all cases at once for idle rules, gaps and overlaps; compare versions; prove claims.

    Exit code 1: something was found, or a claim is not proven.

    Example: merestone policy analyze --prove "if account.strategic_anchor then not allow unless approved(vp-sales)"
    """
    # The solver takes longer to load than most verbs to run.
    from engine.analysis.analysis import analyse, fields_by_subject  # noqa: PLC0415
    from rules.proof.solver import Budget  # noqa: PLC0415

    policies = here().policies()
    earlier = wanted_policies(against) if against else None
    require_same_unit(earlier or policies, policies)
    claims = _claims(sentences, claims_path)
    budget = Budget(each=20_000_000, together=10**12, clock=_milliseconds, until=_milliseconds() + within * 1_000)
    with working("searching all cases"):
        found = analyse(policies, at or now().date(), budget, earlier=earlier, claims=claims)
    fields = fields_by_subject(policies, *((earlier,) if earlier else ()))
    document = {
        "policies": found.sha256,
        "at": found.day.isoformat(),
        "against": earlier.sha256 if earlier else "",
        "findings": [_finding(finding, fields, policies.minor_digits) for finding in found.findings],
        "proven": [{"claim": proof.claim, "text": proof.text} for proof in found.proven],
        "left_out": [{"question": item.question, "why": item.why} for item in found.left_out],
        "settled": found.settled,
    }
    answer(
        "policy-analysis",
        document,
        lambda out: _show(out, found, fields, policies.minor_digits),
        NO if found.findings else YES,
    )


def _milliseconds() -> int:
    return time.monotonic_ns() // 1_000_000


def _claims(sentences: Sequence[str], path: Path | None) -> tuple[Claim, ...]:
    """Claims of the file and of the command line. Raises BadInput with everything that is wrong in any of them."""
    claims: list[Claim] = []
    problems: list[Problem] = []
    try:
        claims += read_claims(read_text(path), str(path)) if path else ()
    except BadInput as refused:
        problems += refused.problems
    for n, sentence in enumerate(sentences, start=1):
        name = "--prove" if len(sentences) == 1 else f"--prove {n}"
        try:
            claims.append(replace(read_claim(sentence, name, Place(name)), id=name))
        except BadInput as refused:
            problems += refused.problems
    if problems:
        raise BadInput(problems)
    return tuple(claims)


def _finding(finding: Finding, fields: Fields, digits: int) -> dict[str, Any]:
    case = finding.case
    known = fields[finding.subject]
    return {
        "sort": finding.sort.value,
        "subject": finding.subject,
        "names": list(finding.names),
        "place": str(finding.place),
        "message": finding.message,
        "case": {
            "words": case_words(case, known, minor_digits=digits),
            "given": given_block(case, known, minor_digits=digits),
            "no_data_set": sorted(case.absent),
            "waived": sorted(case.waived),
            "approved": sorted(case.approved),
        }
        if case
        else None,
    }


def _show(out: Console, found: Analysis, fields: Fields, digits: int) -> None:
    if found.findings:
        rows = [
            (str(n), Text(f.sort.value, style=COLOURS.get(f.sort, "")), ", ".join(f.names), str(f.place), f.message)
            for n, f in enumerate(found.findings, start=1)
        ]
        out.print(table("Found", ("", "finding", "what", "where", "because"), rows, right=(0,), whole=(1,)))
    for n, finding in enumerate(found.findings, start=1):
        if finding.case is not None:
            out.print()
            known = fields[finding.subject]
            told = case_words(finding.case, known, minor_digits=digits)
            out.print(Text(f"{n}  on a {finding.subject}: {told}"))
            out.print(Text(_indented(given_block(finding.case, known, minor_digits=digits)), style="dim"))
    if found.findings:
        out.print()
    for proof in found.proven:
        out.print(Text.assemble(("proven ", "green"), (proof.claim, "bold"), f": {proof.text}"))
    for words in left_out_words(found):
        out.print(Text(f"left out: {words}", style="dim"))
    counted = f"{len(found.findings)} finding{'' if len(found.findings) == 1 else 's'}"
    left = f"{len(found.left_out)} left out" if found.left_out else "nothing left out"
    out.print(f"{found.settled} questions settled as of {found.day.isoformat()}: {counted}, {left}")


def _indented(block: str) -> str:
    return "\n".join(f"    {line}" for line in block.splitlines())
