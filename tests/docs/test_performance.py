"""Every benchmark that `make bench` runs is on the page of measurements, and what the pages tell to run is there."""

import re
from pathlib import Path


def run_by(makefile: str) -> set[str]:
    listed = re.search(r"^benches := (.*)$", makefile, re.MULTILINE)
    assert listed
    return set(listed[1].split())


def test_every_benchmark_has_a_row_with_its_question(project: Path) -> None:
    rows = re.findall(r"^\| \[(\w+)\.py\]", (project / "bench" / "README.md").read_text("utf-8"), re.MULTILINE)
    assert set(rows) == run_by((project / "Makefile").read_text("utf-8"))


def test_every_benchmark_is_a_program_of_the_tree(project: Path) -> None:
    for name in run_by((project / "Makefile").read_text("utf-8")):
        assert '__name__ == "__main__"' in (project / "bench" / f"{name}.py").read_text("utf-8")


def test_what_the_page_of_figures_tells_to_run_is_there(project: Path) -> None:
    page = (project / "docs" / "performance.md").read_text("utf-8")
    commands = set(re.findall(r"python -m bench\.(\w+)", page))
    assert commands
    assert all((project / "bench" / f"{name}.py").is_file() for name in commands)
    targets = set(re.findall(r"`make ([\w-]+)`", page))
    assert targets <= set(re.findall(r"^([\w-]+):", (project / "Makefile").read_text("utf-8"), re.MULTILINE))
