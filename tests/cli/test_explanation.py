"""An explanation as words, as a document and as an HTML fragment: the three say the same, and nobody's text acts."""

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from cli.wording import demands
from engine.explain import outcome_of
from tests.cli.conftest import Desk
from tests.engine.asking import asked, policy

HOSTILE = "</code></section><script>alert(1)</script><img src=x onerror=alert(1)>\"'&\u202e"


class Page(HTMLParser):
    """Elements with their attributes, text, and whether every element that needs it was closed."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.open.append(tag)
        self.text += " " if tag in ("dt", "dd") else ""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data


@pytest.fixture(scope="module")
def written(shared: Callable[[str], Desk], tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, dict[str, Any]]:
    """The fragment of one move and its document, from one run of the verb."""
    path = tmp_path_factory.mktemp("page") / "move.html"
    desk = shared("reviewed")
    result = desk.run("--json", "explain", "move:A-2079", "--moves", str(desk.root / "moves.csv"), "--html", str(path))
    assert result.exit_code == 0, result.output
    assert [p.name for p in path.parent.iterdir()] == ["move.html"]
    document: dict[str, Any] = json.loads(result.stdout)
    return path.read_bytes(), document


def test_the_fragment_says_what_the_document_says(written: tuple[bytes, dict[str, Any]]) -> None:
    raw, document = written
    text = " ".join(Page(raw.decode("ascii")).text.split())
    assert f"move:A-2079: {document['outcome']}" in text
    for rule in document["rules"]:
        assert f"{rule['rule']} {rule['title']}" in text
        for clause in clauses(rule["clauses"]):
            assert f"{clause['text']} is {clause['value']}" in text
        for name, parameter in rule["parameters"].items():
            assert f"{name} {parameter['value']}, in force since {parameter['since']} ({parameter['source']})" in text
    for each in document["changes"]["levels"]:
        for way in each["ways"]:
            assert way["words"] in text
    assert document["changes"]["search"][0] in text


def clauses(clause: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    if clause is not None:
        yield clause
        for below in clause["clauses"]:
            yield from clauses(below)


def test_the_fragment_is_one_section_with_headings_lists_and_details_and_nothing_that_acts(
    written: tuple[bytes, dict[str, Any]],
) -> None:
    page = Page(written[0].decode("ascii"))
    tags = [tag for tag, _ in page.elements]
    assert page.open == []
    assert tags[0] == "section"
    assert tags.count("section") == tags.count("style") == tags.count("h2") == 1
    assert tags.count("details") == tags.count("summary") == len(written[1]["rules"])
    assert {"h3", "h4", "dl", "dt", "dd", "ul", "li"} <= {*tags}
    assert not {*tags} & {"script", "img", "link", "iframe", "object", "form", "a"}
    attributes = {name for _, attrs in page.elements for name in attrs}
    assert attributes == {"aria-label", "class", "lang", "open"}
    assert not re.search(rb"url\(|@import|javascript:", written[0])


def test_rules_that_fired_are_open_and_the_others_are_folded(written: tuple[bytes, dict[str, Any]]) -> None:
    page = Page(written[0].decode("ascii"))
    opened = ["open" in attrs for tag, attrs in page.elements if tag == "details"]
    assert opened == ["fired" in rule for rule in written[1]["rules"]]


def test_hostile_names_are_text_wherever_they_stand(desk_at: Callable[[str], Desk], tmp_path: Path) -> None:
    desk = desk_at("imported")
    name = HOSTILE.replace('"', '""')
    header, row = (desk.root / "moves.csv").read_text("utf-8").splitlines()[:2]
    cells = dict(zip(header.split(","), row.split(","), strict=True))
    line = ",".join({**cells, "reason": f'"{name}"', "evidence": f'"{name}"'}.values())
    (tmp_path / "moves.csv").write_text(f"{header}\n{line}\n", "utf-8")
    path = tmp_path / "a.html"
    words = ("explain", f"move:{cells['account']}", "--moves", str(tmp_path / "moves.csv"), "--html", str(path))
    assert desk.run(*words).exit_code == 0
    page = Page(path.read_text("ascii"))
    assert page.open == []
    assert not {tag for tag, _ in page.elements} & {"script", "img"}
    assert HOSTILE.replace("\u202e", "‹U+202E›") in page.text


def test_a_page_that_cannot_be_written_is_bad_input(shared: Callable[[str], Desk], tmp_path: Path) -> None:
    desk = shared("imported")
    moves = str(desk.root / "moves.csv")
    problems = desk.refused("explain", "move:A-2079", "--moves", moves, "--html", str(tmp_path / "gone" / "a.html"))
    assert [problem.partition(": ")[2] for problem in problems] == [
        "cannot be written: its folder is missing or read-only"
    ]


@pytest.mark.parametrize("less", [("--no-changes",), ("--rule", "R02")])
def test_changes_are_left_out_where_nobody_wants_them_and_beside_one_rule(
    less: tuple[str, ...], shared: Callable[[str], Desk]
) -> None:
    desk = shared("imported")
    words = ("explain", "move:A-2079", "--moves", str(desk.root / "moves.csv"), *less)
    assert desk.ask(*words)["changes"] is None


def test_a_conflict_that_no_rule_settles_is_told_with_both_rules() -> None:
    both = policy(
        "id: M, kind: engagement, subject: move, effect: mandate, obligation: it moves, when: account.named",
        "id: D, kind: engagement, subject: move, effect: deny, when: account.late_deals > 2",
    )
    with asked(both, {"A-1": {"account.named": True, "account.late_deals": 3}}) as evaluation:
        outcome = outcome_of(evaluation, "A-1")
    assert outcome is not None
    assert demands(outcome) == [
        "conflict: D and M contradict each other on whether the account moves; no rule settles which of them prevails"
    ]
