"""Templates are filled by one door: every text escaped, every acting character visible, nothing forgotten."""

from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from governance.page import code, filled, visible


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "t.html.j2").write_text('<p title="{{ name }}">{{ name }}</p>', "utf-8")
    return tmp_path


def test_markup_in_a_value_is_text(folder: Path) -> None:
    assert filled(folder, "t.html.j2", {"name": "\"'<b>&"}) == (
        '<p title="&#34;&#39;&lt;b&gt;&amp;">&#34;&#39;&lt;b&gt;&amp;</p>'
    )


def test_a_character_that_would_act_on_the_page_is_shown_by_its_code(folder: Path) -> None:
    assert filled(folder, "t.html.j2", {"name": "a\u202eb"}) == '<p title="a‹U+202E›b">a‹U+202E›b</p>'
    assert visible("a\u200db\u00adc\n", frozenset()) == "a\u200db\u00adc\n"
    assert visible("→x", frozenset("→")) == f"{code('→')}x"


def test_a_value_that_nobody_gave_is_an_error(folder: Path) -> None:
    with pytest.raises(UndefinedError):
        filled(folder, "t.html.j2", {})


def test_nothing_outside_the_folder_is_opened(folder: Path) -> None:
    with pytest.raises(TemplateNotFound):
        filled(folder, "../t.html.j2", {"name": "x"})
