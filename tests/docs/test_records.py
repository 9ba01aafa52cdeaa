"""docs/records.md is true: every command of an auditor runs on a fresh record, and shows what the page says."""

import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import skip_or_fail

TOOLS = ("pdfsig", "pdfdetach", "certutil", "openssl", "sha256sum", "bash")

Blocks = Callable[[str, str], list[Any]]
Run = Callable[[Sequence[Any], Path], list[Any]]


@pytest.fixture(scope="module")
def page(project: Path) -> str:
    return (project / "docs/records.md").read_text("utf-8")


@pytest.fixture(scope="module")
def given(project: Path, demo: tuple[Path, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an auditor is given: the files of the first table, and the script."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        skip_or_fail(f"not installed: {', '.join(missing)}")
    workspace, folder = demo[0], tmp_path_factory.mktemp("auditor")
    for path in (
        *sorted((workspace / "records").iterdir()),
        *(workspace / "keys" / name for name in ("log.vkey", "record-root.pem")),
        project / "templates" / "verify.sh",
    ):
        shutil.copyfile(path, folder / path.name)
    return folder


@pytest.fixture(scope="module")
def session(page: str, blocks: Blocks, run: Run, given: Path) -> list[Any]:
    return run(blocks(page, "console"), given)


def test_its_first_table_lists_all_that_is_given(page: str, demo: tuple[Path, Any]) -> None:
    table = page.split("## What you are given")[1].split("\n## ", maxsplit=1)[0]
    listed = set(re.findall(r"^\| `([^`]+)`", table, re.MULTILINE))
    assert listed == {"record-root.pem", "log.vkey", *(path.name for path in (demo[0] / "records").iterdir())}


def test_every_command_exits_as_the_page_says(session: list[Any]) -> None:
    assert len(session) > 15
    assert [(r.command, r.code, r.said) for r in session if r.code != r.expected] == []


def test_every_command_shows_what_the_page_says(session: list[Any], unprinted: Callable[..., list[str]]) -> None:
    lost = {ran.command: unprinted(ran.shown, ran.said) for ran in session}
    assert sum(len(ran.shown) for ran in session) > 15
    assert {command: lines for command, lines in lost.items() if lines} == {}


def test_every_tool_is_used(page: str, session: list[Any]) -> None:
    said = " ".join(ran.command for ran in session)
    assert [tool for tool in (*TOOLS, "verify.sh") if tool not in said or f"`{tool}`" not in page + "`bash`"] == []


def test_a_byte_added_after_signing_is_seen_by_reading_pdfsig(
    given: Path, page: str, blocks: Blocks, run: Run, unprinted: Callable[..., list[str]], tmp_path: Path
) -> None:
    """As step 1 warns: it still says that the signature is valid."""
    signed = (given / "DR-2026-001.pdf").read_bytes()
    (tmp_path / "DR-2026-001.pdf").write_bytes(signed + b"\n")
    [step] = [b for b in blocks(page, "console") if b.text.startswith("$ pdfsig -nocert")]
    [ran] = run([step], tmp_path)
    assert ran.code == 0
    assert unprinted(ran.shown, ran.said) == ["- Total document signed"]


def test_a_record_of_another_company_is_not_trusted(given: Path, run: Run, blocks: Blocks, tmp_path: Path) -> None:
    """A root made by a stranger, whatever name it bears, does not vouch for this record."""
    text = """```console
$ openssl ecparam -name prime256v1 -genkey -noout -out k.pem
$ openssl req -x509 -key k.pem -out record-root.pem -subj "/O=Ostrevale Weighing/CN=Decision record root" -days 30
$ mkdir trust
$ certutil -N -d sql:trust --empty-password
$ certutil -A -d sql:trust -n root -t CT,C,C -i record-root.pem
$ pdfsig -nssdir sql:trust DR-2026-001.pdf
```
"""
    shutil.copyfile(given / "DR-2026-001.pdf", tmp_path / "DR-2026-001.pdf")
    *prepared, last = run(blocks(text, "console"), tmp_path)
    assert [(ran.command, ran.said) for ran in prepared if ran.code] == []
    assert "Signature is Valid." in last.said
    assert "Certificate is Trusted." not in last.said


def test_a_checkpoint_cut_from_a_proof_is_one_that_the_ledger_extends(
    session: list[Any], given: Path, run: Run, blocks: Blocks, demo: tuple[Path, Any]
) -> None:
    kept = given / "kept.checkpoint"
    assert session
    command = f"""```console
$ merestone ledger verify --vkey "$(cat {given}/log.vkey)" --checkpoint {kept}
```
"""
    [ran] = run(blocks(command, "console"), demo[0])
    assert ran.code == 0
    assert "newer than the checkpoint kept elsewhere" in ran.said
