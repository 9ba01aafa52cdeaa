"""The tree holds the project and nothing of the place it was written at."""

import os
import re
from pathlib import Path

import pytest

# Written so that this file does not match itself.
STRANGE = {
    "a folder of one machine": re.compile(r"(?<![\w.\]}])/(?:work|root|home|Users)/[\w.]"),
    "the address of a package registry": re.compile(
        r"\bpypi[.]org|pythonhosted[.]org|registry[.]npmjs|[a-z]+[.]debian[.]org|archive[.]ubuntu", re.IGNORECASE
    ),
    "a work note": re.compile(r"\b(?:TO[D]O|FIX[M]E|X[X]X)\b"),
    "a signature of whoever typed it": re.compile(r"co-authored[-]by", re.IGNORECASE),
    "an unfinished merge": re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE),
}
TEXT_OF_OTHERS = ("LICENSE", "templates/fonts/", "tests/vectors/")
"""Licences, fonts and published test vectors stand as their authors wrote them."""
LARGEST = 5_000_000


def texts(project: Path, kept: tuple[Path, ...]) -> dict[str, str]:
    """Every text file of ours by its name."""
    found = {}
    for path in kept:
        raw = (project / path).read_bytes()
        if b"\0" not in raw and not path.as_posix().startswith(TEXT_OF_OTHERS):
            found[path.as_posix()] = raw.decode("utf-8", "replace")
    return found


@pytest.mark.parametrize("what", STRANGE)
def test_no_file_has(what: str, project: Path, kept: tuple[Path, ...]) -> None:
    found = {name: hit[0] for name, text in texts(project, kept).items() if (hit := STRANGE[what].search(text))}
    assert found == {}


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a folder of one machine", "see /" + "home/ann/x.csv"),
        ("the address of a package registry", "https://" + "pypi" + ".org/simple"),
        ("a work note", "# TO" + "DO later"),
        ("a signature of whoever typed it", "Co-authored" + "-by: a tool"),
        ("an unfinished merge", "<" * 7 + " HEAD"),
    ],
)
def test_what_is_looked_for_is_found(what: str, text: str) -> None:
    assert STRANGE[what].search(text)


@pytest.mark.parametrize("text", ["example.com/home/ann", "shared/data", "{root}/work/x", "a todo list"])
def test_innocent_words_are_left_alone(text: str) -> None:
    assert not any(pattern.search(text) for pattern in STRANGE.values())


def test_no_file_is_larger_than_a_font(project: Path, kept: tuple[Path, ...]) -> None:
    assert [path.as_posix() for path in kept if (project / path).stat().st_size > LARGEST] == []


def test_a_script_can_be_run_and_nothing_else_can(project: Path, kept: tuple[Path, ...]) -> None:
    """A file starts with `#!` exactly when it is executable."""
    odd = [
        path.as_posix()
        for path in kept
        if (project / path).read_bytes().startswith(b"#!") != os.access(project / path, os.X_OK)
    ]
    assert odd == []
