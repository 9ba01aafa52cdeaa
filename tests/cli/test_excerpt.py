"""The line of a problem is shown with carets exactly under what is wrong, whatever letters stand in front of it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from cli.excerpt import excerpt, lines_of, lines_on_disk
from rules.problem import Place

LETTERS = st.text(st.sampled_from("ab \t漢é\u0301\u200b😀ｱ\x1b…\"'"), max_size=60)


def shown(line: str, column: int, span: int = 0, width: int | None = None) -> list[str]:
    return excerpt(Place("p.yaml", 7, column), span, line, width).plain.split("\n")


@pytest.mark.parametrize(
    ("line", "column", "span", "drawn"),
    [
        ("when: acount > 3", 7, 6, ["    7 | when: acount > 3", "      |       ^^^^^^"]),
        ("when: acount > 3", 14, 0, ["    7 | when: acount > 3", "      |              ^"]),
        ("\twhen: x", 8, 1, ["    7 |     when: x", "      |           ^"]),
        ("漢字: x", 5, 1, ["    7 | 漢字: x", "      |       ^"]),
        ("e\u0301e\u0301: x", 7, 1, ["    7 | e\u0301e\u0301: x", "      |     ^"]),
        ("a: 漢字", 4, 2, ["    7 | a: 漢字", "      |    ^^^^"]),
        ("a:", 9, 1, ["    7 | a:", "      |   ^"]),
        ("", 1, 0, ["    7 | ", "      | ^"]),
        ("a: \x1b[31m", 4, 1, ["    7 | a: ␛[31m", "      |    ^"]),
    ],
)
def test_carets_stand_under_what_is_wrong(line: str, column: int, span: int, drawn: list[str]) -> None:
    assert shown(line, column, span) == drawn


@given(LETTERS, st.integers(1, 70), st.integers(0, 20))
def test_carets_begin_where_the_wrong_part_begins_and_are_as_wide(line: str, column: int, span: int) -> None:
    top, below = shown(line, column, span)
    before, carets = below.rstrip("^"), below.count("^")
    start = min(column - 1, len(line))
    wrong = excerpt(Place("p.yaml", 7, 1), 0, line[start : start + max(span, 1)]).plain.split("\n")[0][8:]
    assert carets == max(cell_len(wrong), 1)
    assert cell_len(top) >= cell_len(before) + cell_len(wrong)


@given(LETTERS, st.integers(1, 70), st.integers(0, 20), st.integers(30, 60))
def test_on_a_terminal_nothing_is_wider_than_it_and_the_carets_are_seen(
    line: str, column: int, span: int, width: int
) -> None:
    top, below = shown(line, column, span, width)
    assert max(cell_len(top), cell_len(below)) <= width
    assert "^" in below


def test_a_long_line_is_cut_around_what_is_wrong() -> None:
    top, below = shown("a" * 100 + " wrong " + "b" * 100, 102, 5, 50)
    assert top.startswith("    7 | …aa")
    assert top.endswith("b…")
    assert top[below.index("^") : below.rindex("^") + 1] == "wrong"


def test_lines_are_counted_as_yaml_counts_them() -> None:
    line = lines_of({"p.yaml": "one\r\ntwo\u2028three\x85four\n"})
    assert [line(Place("p.yaml", n)) for n in (1, 2, 3, 4, 5, 6)] == ["one", "two", "three", "four", "", None]
    assert line(Place("q.yaml", 1)) is None
    assert line(Place("p.yaml")) is None


def test_a_file_is_looked_for_in_every_folder_and_what_is_no_file_has_no_line(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "p.yaml").write_bytes(b"first\n\xff second\n")
    line = lines_on_disk([tmp_path / "a", tmp_path / "b"])
    assert line(Place("p.yaml", 2)) == "\ufffd second"
    assert [line(Place(name, 1)) for name in ("gone.yaml", "--at", "", "\0", "a" * 5000)] == [None] * 5
