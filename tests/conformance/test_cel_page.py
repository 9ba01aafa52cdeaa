"""`docs/cel.md` counts what of CEL's suites is accepted and refused as it is now."""

from collections.abc import Callable
from pathlib import Path

from tests.conformance.cel_judged import Judged, Staged
from tests.conformance.cel_page import files_table, refusals_table, stage_refusals_table, stages_table
from tests.docs.conftest import is_fresh

PAGE = "docs/cel.md"


def test_the_page_counts_what_is_refused_by_reason(suite: list[Judged], stages: list[Staged], project: Path) -> None:
    parts: dict[str, Callable[[], str]] = {
        "files": lambda: files_table(suite),
        "refusals": lambda: refusals_table(suite),
        "stages": lambda: stages_table(stages),
        "stage refusals": lambda: stage_refusals_table(stages),
    }
    assert is_fresh(project / PAGE, parts), f"{PAGE} is out of date; MERESTONE_UPDATE_GOLDEN=1 writes it"
