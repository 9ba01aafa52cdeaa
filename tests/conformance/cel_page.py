"""The tables of `docs/cel.md`: what of each suite is accepted, and why the rest is refused."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from tests.conformance.cel_cases import CORE
from tests.conformance.cel_judged import Judged, Staged
from tests.conformance.cel_stages import STAGES

TOGETHER = "together"
LONGEST = 80
"""Signs of an example."""


def files_table(suite: Sequence[Judged]) -> str:
    """The conformance suite by file."""
    of_file = {file: [each.checked is not None for each in suite if each.case.name.split()[0] == file] for file in CORE}
    of_file[TOGETHER] = [each.checked is not None for each in suite]
    rows = ((file, len(cases), sum(cases), len(cases) - sum(cases)) for file, cases in of_file.items())
    return table("| file | cases | accepted | refused |", rows)


def refusals_table(suite: Sequence[Judged]) -> str:
    """The refusals of the conformance suite by reason."""
    refused = [each for each in suite if each.checked is None]
    return by_reason(
        (each.reason, each.case.text, each.case.evaluated and each.case.answer is None) for each in refused
    )


def stages_table(stages: Sequence[Staged]) -> str:
    """The suites of parser, checker and macros: what CEL refuses, and what of the rest is read and accepted here."""
    rows = []
    for suite in (*STAGES, TOGETHER):
        cases = [each for each in stages if suite in (each.case.suite, TOGETHER)]
        unreadable = [each for each in cases if each.case.tree is None]
        readable = [each for each in cases if each.case.tree is not None]
        typed = [each for each in cases if each.case.type is not None]
        rows.append(
            (
                suite,
                len(cases),
                len(unreadable),
                sum(each.case.error_at is not None and each.at == each.case.error_at for each in unreadable),
                len(readable),
                sum(each.tree is not None for each in readable),
                len(typed),
                sum(each.checked is not None for each in typed),
            )
        )
    head = (
        "| suite | cases | CEL cannot read, nor can we | stopping at the same sign | CEL reads | the same tree here "
        "| CEL finds a type | the same type here |"
    )
    return table(head, rows)


def stage_refusals_table(stages: Sequence[Staged]) -> str:
    """The refusals of those suites by reason."""
    refused = [each for each in stages if each.checked is None]
    return by_reason((each.reason, each.case.text, each.case.type is None) for each in refused)


def by_reason(refused: Iterable[tuple[str, str, bool]]) -> str:
    """Reasons, expressions, and whether CEL has an error too, as a table: the most frequent reason first."""
    found: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for reason, text, error in refused:
        found[reason].append((text, error))
    rows = (
        (reason, len(cases), sum(error for _, error in cases), shown(min((text for text, _ in cases), key=len)))
        for reason, cases in sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))
    )
    return table("| why refused | cases | of these, CEL has an error too | for example |", rows)


def table(head: str, rows: Iterable[tuple[str | int, ...]]) -> str:
    """A table whose numbers stand to the right."""
    listed = list(rows)
    rule = "|".join("---:" if isinstance(cell, int) else "---" for cell in listed[0])
    return "".join(f"{line}\n" for line in (head, f"|{rule}|", *(f"| {' | '.join(map(str, r))} |" for r in listed)))


def shown(text: str) -> str:
    """An expression in a cell of a table, on one line."""
    plain = " ".join(text.split())
    plain = (plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 1]}…").replace("|", "\\|")
    return f"`` {plain} ``" if "`" in plain else f"`{plain}`"
