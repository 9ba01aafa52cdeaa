"""The documents lead somewhere: links resolve, decisions are listed, every target and setting that is named exists."""

import re
from pathlib import Path

import pytest

LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
PARTS = ("Status: ", "## Context", "## Decision", "## Options refused", "## Consequences", "- Bad: ")
ONE_PAGE = 60


def broken_links(folder: Path, text: str) -> list[str]:
    """Relative links of a Markdown text in `folder` that lead nowhere."""
    return [link for link in LINK.findall(text) if "://" not in link and not (folder / link).exists()]


def test_links_between_documents_resolve(project: Path, kept: tuple[Path, ...]) -> None:
    documents = [project / path for path in kept if path.suffix == ".md"]
    broken = {document.name: broken_links(document.parent, document.read_text("utf-8")) for document in documents}
    assert len(documents) > 1
    assert {name: links for name, links in broken.items() if links} == {}


def test_a_link_that_leads_nowhere_is_seen(tmp_path: Path) -> None:
    (tmp_path / "there.md").touch()
    assert broken_links(tmp_path, "[a](there.md#x) [b](gone.md) [c](https://example.org)") == ["gone.md"]


def decisions(project: Path) -> list[Path]:
    return sorted((project / "docs" / "adr").glob("[0-9]*.md"))


def test_decisions_are_numbered_without_gaps_and_listed(project: Path) -> None:
    names = [path.name for path in decisions(project)]
    listed = LINK.findall((project / "docs" / "adr" / "README.md").read_text("utf-8"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    assert listed == names


@pytest.mark.parametrize("part", PARTS)
def test_every_decision_has(part: str, project: Path) -> None:
    """Also what it costs: a decision without a bad consequence has not been thought through."""
    assert [path.name for path in decisions(project) if part not in path.read_text("utf-8")] == []


def test_a_decision_fits_a_page(project: Path) -> None:
    assert [path.name for path in decisions(project) if path.read_text("utf-8").count("\n") > ONE_PAGE] == []


def test_make_targets_that_documents_name_exist(project: Path, kept: tuple[Path, ...]) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (project / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {
        target
        for path in kept
        if path.suffix == ".md"
        for words in re.findall(r"(?:`|^ {4})make ((?:[a-z-]+ ?)+)", (project / path).read_text("utf-8"), re.MULTILINE)
        for target in words.split()
    }
    assert {"test", "demo"} <= named
    assert named - targets == set()
