"""The last signed checkpoint is replaced only by those who know what it says."""

import threading
from pathlib import Path

import pytest

from governance.last_signed import GuardRefused, LastSigned


def test_the_file_says_what_was_swapped_in(tmp_path: Path) -> None:
    guard = LastSigned(tmp_path / "guard")
    guard.swap(None, "one\n")
    guard.swap("one\n", "two\n")
    assert guard.read() == "two\n" == (tmp_path / "guard").read_text()


def test_a_swap_with_another_expectation_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    guard = LastSigned(tmp_path / "guard")
    guard.swap(None, "one\n")
    for expected in (None, "other\n", "one", ""):
        with pytest.raises(GuardRefused, match="changed meanwhile"):
            guard.swap(expected, "two\n")
    assert guard.read() == "one\n"


def test_a_missing_or_unreadable_file_is_refused_with_the_way_to_mend_it(tmp_path: Path) -> None:
    with pytest.raises(GuardRefused) as refused:
        LastSigned(tmp_path / "guard").read()
    assert "kept elsewhere" in refused.value.hint
    (tmp_path / "guard").write_bytes(b"\xff")
    with pytest.raises(GuardRefused):
        LastSigned(tmp_path / "guard").read()
    with pytest.raises(GuardRefused):
        LastSigned(tmp_path / "guard").swap("one\n", "two\n")


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    guard = LastSigned(tmp_path / "no" / "guard")
    with pytest.raises(GuardRefused, match="cannot lock"), guard.held():
        pass
    with pytest.raises(GuardRefused, match="cannot write"):
        guard.swap(None, "one\n")


def test_only_one_holds_it(tmp_path: Path) -> None:
    """8 threads count to 25 each, reading and writing the same file: without the lock, counts are lost."""
    guard = LastSigned(tmp_path / "guard")
    guard.swap(None, "0")

    def count() -> None:
        mine = LastSigned(tmp_path / "guard")
        for _ in range(25):
            with mine.held():
                said = mine.read()
                mine.swap(said, str(int(said) + 1))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert guard.read() == "200"
