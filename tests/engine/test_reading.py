"""Exports are read as they stand, in any declared encoding and delimiter, and what is wrong has a place."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.database import Database, cells_of
from engine.intake.bad_rows import LISTED, BadRows
from engine.intake.mapping_shapes import Delimiters, Source
from engine.intake.reading import LONGEST_CELL, LONGEST_ROW, read_export
from rules.problem import BadInput, Problem


def read(folder: Path, content: bytes, source: Source) -> tuple[list[tuple[object, ...]], tuple[Problem, ...]]:
    """Rows as the database sees them, the number of each in front, and the problems."""
    path, normal, bad = folder / "export", folder / "normal", BadRows()
    path.write_bytes(content)
    export = read_export(path, source, normal, bad)
    assert export.sha256 == hashlib.sha256(content).hexdigest()
    with Database() as db:
        rows = db.rows(f"SELECT * FROM {cells_of(normal, len(export.columns))} ORDER BY row")
    assert export.rows == len(rows)
    return rows, bad.problems()


def refused(folder: Path, content: bytes, source: Source) -> str:
    (folder / "export").write_bytes(content)
    with pytest.raises(BadInput) as error:
        read_export(folder / "export", source, folder / "normal", BadRows())
    return str(error.value)


CSV = Source(path="people.csv")
TABS = Source(path="people.txt", delimiters=Delimiters(field="\t"), quoting="none", columns=["id", "name"])


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("utf-8", "id,name\n1,José\n".encode()),
        ("utf-8", b"\xef\xbb\xbf" + "id,name\r\n1,José\r\n".encode()),
        ("utf-16", b"\xff\xfe" + "id,name\r\n1,José\r\n".encode("utf-16-le")),
        ("utf-16", b"\xfe\xff" + "id,name\n1,José".encode("utf-16-be")),
        ("latin-1", "id,name\n1,José\n".encode("latin-1")),
        ("windows-1252", "id,name\n1,José\n".encode("windows-1252")),
    ],
)
def test_one_table_in_many_encodings_is_one_table(tmp_path: Path, encoding: str, content: bytes) -> None:
    source = Source.model_validate({"path": "people.csv", "encoding": encoding})
    assert read(tmp_path, content, source) == ([(2, "1", "José")], ())


def test_delimiters_may_have_several_characters_and_records_several_lines(tmp_path: Path) -> None:
    delimiters = Delimiters(field="+|", record="&|\r\n")
    source = Source(path="Store.csv", encoding="utf-16", delimiters=delimiters, quoting="none", columns=["id", "name"])
    content = b"\xff\xfe" + '1+|a "b"&|\r\n2+|one|\r\ntwo&|\r\n3+|&|\r\n'.encode("utf-16-le")
    assert read(tmp_path, content, source)[0] == [(1, "1", 'a "b"'), (2, "2", "one|\x1c\x1dtwo"), (4, "3", None)]


def test_quoted_cells_hold_delimiters_line_breaks_and_doubled_quotes(tmp_path: Path) -> None:
    content = b'id,name\n1,"a, ""b""\nc"\n\n2,d\n'
    assert read(tmp_path, content, CSV)[0] == [(2, "1", 'a, "b"\x1dc'), (5, "2", "d")]


def test_without_quoting_a_quote_is_a_letter(tmp_path: Path) -> None:
    assert read(tmp_path, b'1\t"5\n2\tfeet"\n', TABS) == ([(1, "1", '"5'), (2, "2", 'feet"')], ())


def test_rows_with_too_few_or_too_many_cells_are_refused_one_by_one(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, b"id,name\n1\n2,b\n3,c,d\n", CSV)
    assert rows == [(3, "2", "b")]
    assert [str(p) for p in problems] == [
        "people.csv row 2: too few cells; found `1`; expected 2",
        "people.csv row 4: too many cells; found `3`; expected 2",
    ]


def test_a_byte_of_another_encoding_is_a_problem_with_its_row_and_column(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, b"id,name\n1,Jos\xe9\n2,b\n", CSV)
    assert rows == [(3, "2", "b")]
    assert str(problems[0]).startswith("people.csv row 2 column `name`: byte is not utf-8; found `0xE9 in Jos")


def test_half_a_surrogate_pair_is_a_problem_of_its_row(tmp_path: Path) -> None:
    source = Source(path="people.csv", encoding="utf-16")
    content = b"\xff\xfe" + "id\n".encode("utf-16-le") + b"\x00\xd8" + "\nb\n".encode("utf-16-le")
    rows, problems = read(tmp_path, content, source)
    assert (rows, problems[0].where.row, problems[0].message) == ([(3, "b")], 2, "half a character")


def test_a_whole_character_outside_the_basic_plane_is_kept_in_utf_16(tmp_path: Path) -> None:
    source = Source(path="people.csv", encoding="utf-16")
    content = b"\xff\xfe" + "id\n\N{GRINNING FACE}\n".encode("utf-16-le")
    assert read(tmp_path, content, source) == ([(2, "\N{GRINNING FACE}")], ())


@pytest.mark.parametrize("sign", ["\0", "\x01", "\x1b", "\x1c", "\x1d", "\x1f", "\x7f"])
def test_a_control_character_is_a_problem_of_its_row(tmp_path: Path, sign: str) -> None:
    rows, problems = read(tmp_path, f"id,name\n1,a{sign}b\n2,c\n".encode(), CSV)
    assert rows == [(3, "2", "c")]
    assert f"U+{ord(sign):04X}" in problems[0].found
    assert problems[0].where.field == "name"


def test_windows_quotes_read_as_latin_1_name_the_likely_encoding(tmp_path: Path) -> None:
    source = Source(path="people.csv", encoding="latin-1")
    _, problems = read(tmp_path, b"id\n\x93hello\x94\n", source)
    assert problems[0].hint == "the file may be windows-1252"


def test_a_byte_order_mark_in_the_middle_is_a_character_of_its_cell(tmp_path: Path) -> None:
    """It is cut with the spaces around a cell, when the table of a source is made."""
    assert read(tmp_path, b"id,name\n\xef\xbb\xbf1,b\n", CSV)[0] == [(2, "\ufeff1", "b")]


def test_a_cell_longer_than_any_crm_keeps_is_a_problem_of_its_row(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, b"1\t" + b"x" * (LONGEST_CELL + 1) + b"\n2\ty\n", TABS)
    assert rows == [(2, "2", "y")]
    assert problems[0].message == "cell is too long"


def test_long_rows_of_cells_that_are_not_too_long_are_kept(tmp_path: Path) -> None:
    cell = "é" * LONGEST_CELL
    assert read(tmp_path, f"{cell}\t{cell}\n".encode(), TABS)[0] == [(1, cell, cell)]


def test_a_wrong_record_delimiter_is_found_and_not_read_as_one_row(tmp_path: Path) -> None:
    source = Source(path="x.txt", delimiters=Delimiters(field="\t", record="@@"), quoting="none", columns=["id"])
    assert "no end of a row in sight" in refused(tmp_path, b"1\n" * LONGEST_ROW, source)


@pytest.mark.parametrize(
    ("content", "source", "words"),
    [
        (b"", CSV, "file is empty"),
        (b"\n\n", CSV, "no header row"),
        (b"id,id\n1,2\n", CSV, "column `id` stands twice"),
        (b"\xff\xfei\x00", CSV, "byte order mark of another encoding; found `UTF-16`; expected utf-8"),
        (b"i\x00d\x00", Source(path="x", encoding="utf-16"), "no byte order mark"),
        (b"\xff\xfei\x00d", Source(path="x", encoding="utf-16"), "file ends in the middle of a character"),
        (b'id,name\n1,"a\n2,b\n', CSV, "row 2: quoted cells are broken: unexpected end of data"),
        (b'id,name\n1,"a"b\n2,b\n', CSV, "row 2: quoted cells are broken"),
    ],
)
def test_what_makes_a_whole_file_doubtful_refuses_it(
    tmp_path: Path, content: bytes, source: Source, words: str
) -> None:
    assert words in refused(tmp_path, content, source)


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"people\.csv: file cannot be read: no such file"):
        read_export(tmp_path / "nothing", CSV, tmp_path / "normal", BadRows())


def test_a_thousand_problems_of_a_kind_are_listed_and_the_rest_counted(tmp_path: Path) -> None:
    _, problems = read(tmp_path, b"id,name\n" + b"1\n" * (LISTED + 234), CSV)
    assert len(problems) == LISTED + 1
    assert problems[-1].message == "too few cells: 234 more rows"


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), include_characters="\t"), max_size=12)
QUOTABLE = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), include_characters="\t\n\r"), max_size=12
)


@settings(max_examples=60, deadline=None)
@given(
    table=st.lists(st.tuples(QUOTABLE, QUOTABLE), min_size=1, max_size=6),
    encoding=st.sampled_from(["utf-8", "utf-16"]),
    field=st.sampled_from([",", ";", "|", "\t"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_a_quoted_table_written_in_any_way_reads_back_equal(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str, str]], encoding: str, field: str, end: str
) -> None:
    def cell(value: str) -> str:
        return '"' + value.replace('"', '""') + '"'

    text = end.join(field.join(cell(c) for c in row) for row in [("a", "b"), *table]) + end
    source = Source.model_validate({"path": "t.csv", "encoding": encoding, "delimiters": {"field": field}})
    rows, problems = read(tmp_path_factory.mktemp("t"), text.encode(encoding), source)
    back = [tuple(str(c or "").replace("\x1c", "\r").replace("\x1d", "\n") for c in row[1:]) for row in rows]
    assert (back, problems) == (table, ())


@settings(max_examples=60, deadline=None)
@given(
    table=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6),
    encoding=st.sampled_from(["utf-8", "utf-16"]),
    field=st.sampled_from(["\t", "+|", "<>", "||"]),
    record=st.sampled_from(["\n", "&|\r\n", "##"]),
)
def test_a_plain_table_written_with_any_delimiters_reads_back_equal(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str, str]], encoding: str, field: str, record: str
) -> None:
    signs = dict.fromkeys(field + record)
    table = [(a.translate({ord(s): "" for s in signs}), b.translate({ord(s): "" for s in signs})) for a, b in table]
    text = "".join(a + field + b + record for a, b in table)
    source = Source.model_validate(
        {
            "path": "t.txt",
            "encoding": encoding,
            "delimiters": {"field": field, "record": record},
            "quoting": "none",
            "columns": ["a", "b"],
        }
    )
    rows, problems = read(tmp_path_factory.mktemp("t"), text.encode(encoding), source)
    assert ([(a or "", b or "") for _, a, b in rows], problems) == (table, ())


@settings(max_examples=150, deadline=None)
@given(
    content=st.one_of(st.binary(max_size=80), st.text('ab",\n\r\t\0\x1f\ufeff\x85é', max_size=60).map(str.encode)),
    encoding=st.sampled_from(["utf-8", "utf-16", "latin-1", "windows-1252"]),
    quoting=st.sampled_from(["csv", "none"]),
)
def test_any_bytes_are_read_or_refused_and_every_row_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, encoding: str, quoting: str
) -> None:
    source = Source.model_validate({"path": "t.csv", "encoding": encoding, "quoting": quoting, "columns": ["a", "b"]})
    folder, bad = tmp_path_factory.mktemp("any"), BadRows()
    (folder / "export").write_bytes(content)
    try:
        export = read_export(folder / "export", source, folder / "normal", bad)
    except BadInput:
        return
    with Database() as db:
        rows = db.rows(f"SELECT row FROM {cells_of(folder / 'normal', 2)}")
    assert (len(rows), len(bad.problems())) == (export.rows, export.refused)
    assert len({row for (row,) in rows}) == export.rows
