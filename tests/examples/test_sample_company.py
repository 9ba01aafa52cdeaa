"""The sample company's files are what its script writes, and its story holds when they are imported."""

import subprocess
import sys
from pathlib import Path

COMPANY = Path("examples") / "ostrevale"


def files_below(folder: Path) -> dict[str, bytes]:
    """Every export and the moves, by path below the folder."""
    found = [*folder.glob("exports-*/*"), folder / "moves.csv"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_the_script_writes_the_committed_files_again_byte_for_byte(project: Path, tmp_path: Path) -> None:
    script = project / COMPANY / "make_exports.py"
    subprocess.run([sys.executable, "-B", script, tmp_path], check=True)
    made, kept = files_below(tmp_path), files_below(project / COMPANY)
    assert sorted(made) == sorted(kept)
    assert [name for name in made if made[name] != kept[name]] == []
