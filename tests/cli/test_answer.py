"""Whatever stands in a name is printed as it stands, and nothing of it is obeyed."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text
from rich.tree import Tree

from cli.answer import console, table
from cli.unprintable import UNPRINTABLE, printable
from tests.cli.conftest import DECISION, Desk

Made = Callable[[str], Desk]
HOSTILE = "[red]x[/red] [/] [link=https://evil.example]y[/link] :smile: \\[z]"
RAW = "Acme\x1b[31mRED\x1b[0m\x07\x9b2J \u202eevil"


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> Callable[[object], str]:
    def made(what: object) -> str:
        out = io.StringIO()
        monkeypatch.setattr(sys, "stdout", out)
        console().print(what)
        monkeypatch.undo()
        return out.getvalue()

    return made


def test_markup_in_text_is_text(printed: Callable[[object], str]) -> None:
    assert printed(HOSTILE) == HOSTILE + "\n"
    assert HOSTILE in printed(table(HOSTILE, (HOSTILE,), [(HOSTILE,)]))
    assert printed(Text(HOSTILE)) == HOSTILE + "\n"


def test_nothing_is_cut_off_where_there_is_no_terminal(printed: Callable[[object], str]) -> None:
    """A line stays one line; a table and a tree of longer words are folded."""
    long = "word " * 60
    assert printed(long) == long + "\n"
    tree = Tree(long)
    tree.add(Text(long))
    assert printed(tree).count("word") == 120
    assert printed(table(long, ("column",), [(long,)])).count("word") == 120


def test_control_characters_are_shown_and_not_sent(printed: Callable[[object], str]) -> None:
    for made in (printed(RAW), printed(Text(RAW)), printed(table("t", ("c",), [(RAW,)]))):
        assert "Acme␛[31mRED␛[0m" in made
        assert not set(made) & set("\x1b\x07\x9b\u202e")


@given(st.text())
def test_nothing_unprintable_is_left_and_nothing_printable_is_changed(text: str) -> None:
    made = printable(text)
    assert UNPRINTABLE.search(made) is None
    assert len(made) == len(text)
    assert all(a == b for a, b in zip(made, text, strict=True) if not UNPRINTABLE.match(b))


@pytest.mark.parametrize("name", [HOSTILE, RAW, "山田製作所 Ω Zażółć", "long " * 200])
def test_a_decision_with_such_a_title_is_told_as_it_is(name: str, desk_at: Made) -> None:
    """The title runs through frame, list, show, credit, protect and ledger; none fails and none obeys it."""
    desk = desk_at("imported")
    written = json.dumps(name)
    desk.edit("decision.yaml", "decision: Rebalance the North and the Far East", f"decision: {written}")
    framed = desk.run("decision", "frame", str(desk.root / "decision.yaml"), "--by", "Ana [b]Ruiz[/b]")
    assert framed.exit_code == 0
    assert "".join(printable(name).replace("␇", "").split()) in "".join(framed.stdout.split())
    outputs = [framed.output]
    for words in (("decision", "list"), ("decision", "show", DECISION), ("credit", "list"), ("protect", "list")):
        outputs += [desk.run(*words).output, desk.run("--json", *words).stdout]
    assert desk.ask("decision", "show", DECISION)["title"] == name
    assert "Ana [b]Ruiz[/b]" in desk.run("ledger", "log").stdout
    for output in outputs:
        assert not set(output) & set("\x1b\x07\x9b\u202e")


def test_who_approves_is_printed_as_typed(desk_at: Made) -> None:
    desk = desk_at("framed")
    words = ("decision", "approve", DECISION, "--role", "vp-sales", "--by", "[bold]Ida[/bold] Lind")
    assert "[bold]Ida[/bold] Lind approved" in desk.did(*words).stdout
    assert "approved by [bold]Ida[/bold] Lind as vp-sales" in desk.did("decision", "show", DECISION).stdout


def test_bad_input_is_printed_as_found(shared: Made) -> None:
    result = shared("issued").run("explain", "move:[red]\x1b[31m[/red]")
    assert result.exit_code == 2
    assert "move:[red]␛[31m[/red]" in result.stderr


def test_a_file_name_that_is_no_text_is_told_in_json(shared: Made) -> None:
    result = shared("issued").run("--json", "record", "verify", "gone-\udcff.pdf")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["problems"][0]["where"] == "gone-\udcff.pdf"


def test_colours_are_for_terminals(shared: Made) -> None:
    assert "\x1b" not in shared("issued").run("moves", "check", str(shared("issued").root / "moves.csv")).output


def test_no_verb_prints_through_anything_but_this_console(project: Path) -> None:
    """One door: who prints elsewhere prints raw."""
    for path in (project / "cli").glob("*.py"):
        text = path.read_text("utf-8")
        assert "markup=True" not in text
        assert path.name == "answer.py" or ("click.echo" not in text and "Console(" not in text), path.name
