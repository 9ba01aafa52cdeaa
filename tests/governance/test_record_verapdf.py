"""veraPDF's own verdict on a record. No package registry carries veraPDF: collected only where $VERAPDF names it."""

import os
import subprocess
from pathlib import Path

import pytest


@pytest.mark.parametrize("flavour", ["3a", "ua1"])
def test_verapdf_agrees(signed: bytes, tmp_path: Path, flavour: str) -> None:
    (tmp_path / "record.pdf").write_bytes(signed)
    command = [os.environ["VERAPDF"], "--flavour", flavour, "--format", "text", str(tmp_path / "record.pdf")]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert said.startswith("PASS"), said
