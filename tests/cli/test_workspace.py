"""What goes wrong around a workspace is told apart and mended by one line: no workspace, bad files, keys, rights."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.workspace import open_workspace
from tests.cli.conftest import DECISION, Desk

Made = Callable[[str], Desk]
RIGHT, WRONG = {"MERESTONE_PASSPHRASE": "correct horse"}, {"MERESTONE_PASSPHRASE": "wrong horse"}
APPROVE = ("decision", "approve", DECISION, "--role", "vp-sales", "--by", "Ida Lind")


def test_without_a_workspace_a_verb_says_how_to_make_one(tmp_path: Path) -> None:
    result = Desk(tmp_path).run("audit")
    assert result.exit_code == 2
    assert "this is not a workspace; expected merestone.toml" in result.stderr
    assert "hint: merestone init" in result.stderr


def test_a_workspace_is_found_from_a_folder_inside_it(shared: Made) -> None:
    root = shared("issued").root
    assert open_workspace(root / "decisions" / DECISION).root == root.resolve()


def test_a_workspace_is_made_once(desk_at: Made) -> None:
    desk = desk_at("new")
    key = (desk.root / "keys" / "log-key.pem").read_bytes()
    (problem,) = desk.refused("init", str(desk.root))
    assert problem.endswith("this is a workspace already")
    assert (desk.root / "keys" / "log-key.pem").read_bytes() == key


def test_keys_are_readable_by_their_owner_alone(shared: Made) -> None:
    keys = shared("new").root / "keys"
    assert keys.stat().st_mode & 0o777 == 0o700
    for name in ("log-key.pem", "record-key.p12"):
        assert (keys / name).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = \n", "not valid TOML"),
        ("", "key `name` is missing"),
        ('name = 3\norigin = "x"\n', "key `name` is missing"),
        ("\xff", "not UTF-8"),
        *(
            (f'name = "A"\norigin = "o"\nminor_digits = {digits}\n', "expected a whole number from 0 to 4")
            for digits in ("5", "-1", "2.0", '"2"', "true")
        ),
        ("minor_digits = 9\n", "key `origin` is missing"),
    ],
)
def test_a_broken_configuration_is_bad_input(text: str, said: str, desk_at: Made) -> None:
    desk = desk_at("new")
    (desk.root / "merestone.toml").write_bytes(text.encode("latin-1"))
    result = desk.run("audit")
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize(
    "name",
    ["Société Générale d’Équipement", "東京計量株式会社", 'Acme "Scales" \\ Sons', "[red]Acme[/red] :smile:", "A" * 64],
)
def test_a_company_may_be_called_what_it_is_called(name: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "workspace")
    result = desk.did("init", str(desk.root), "--name", name)
    assert f"A workspace for {name} in " in result.stdout
    assert open_workspace(desk.root).name == name


@pytest.mark.parametrize("name", ["A" * 65, "Acme\nScales", "Acme\x1b[31m", "  "])
def test_a_name_that_no_certificate_takes_is_refused_before_anything_is_written(name: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "workspace")
    (problem,) = desk.refused("init", str(desk.root), "--name", name)
    assert problem == "--name: is not a company's name"
    assert not desk.root.exists()


def test_every_error_in_the_policies_is_listed_at_once(desk_at: Made) -> None:
    desk = desk_at("framed")
    desk.edit("policies/account-moves.yaml", "effect: deny", "effect: forbid")
    desk.edit("policies/protection.yaml", "rep.t12_reduction > ", "rep.t12_reductio > ")
    for words in (("audit",), ("policy", "check"), ("moves", "check", str(desk.root / "moves.csv")), APPROVE):
        result = desk.run(*words)
        assert result.exit_code == 2, words
        assert "policies/account-moves.yaml" in result.output
        assert "policies/protection.yaml" in result.output


def test_an_example_that_does_not_hold_is_an_answer_and_not_bad_input(desk_at: Made) -> None:
    desk = desk_at("new")
    desk.edit("policies/account-moves.yaml", "move.effective: 2026-08-28", "move.effective: 2026-08-27")
    result = desk.run("policy", "test")
    assert result.exit_code == 1
    assert "expected allow, the answer is deny" in result.stdout


def test_a_workspace_without_policies_says_so(desk_at: Made) -> None:
    desk = desk_at("imported")
    for path in (desk.root / "policies").glob("*.yaml"):
        path.unlink()
    (problem,) = desk.refused("audit")
    assert problem.endswith("there are no policies here")


def test_keys_open_with_their_passphrase_and_with_no_other(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "workspace")
    made = desk.run("init", str(desk.root), "--name", "Acme", **RIGHT)
    assert made.exit_code == 0
    sample = Path(__file__).resolve().parents[2] / "examples" / "ostrevale"
    words = ("import", str(sample / "mapping.yaml"), str(sample / "exports-2026-06-30"), "--as-of", "2026-06-30")
    wrong = desk.run(*words, **WRONG)
    assert wrong.exit_code == 3
    assert "does not open with this passphrase" in wrong.stderr
    none = desk.run(*words)
    assert none.exit_code == 3
    assert "needs a passphrase" in none.stderr
    assert "correct horse" not in wrong.output + none.output
    assert desk.run(*words, **RIGHT).exit_code == 1


def test_a_key_that_others_can_read_signs_nothing(desk_at: Made) -> None:
    desk = desk_at("framed")
    (desk.root / "keys" / "log-key.pem").chmod(0o644)
    result = desk.run(*APPROVE)
    assert result.exit_code == 3
    assert "can be read by others (mode 0644)" in result.stderr
    assert "hint: chmod 600" in result.stderr
    assert desk.ask("decision", "show", DECISION)["approvals"] == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_a_failure_and_no_traceback(desk_at: Made) -> None:
    desk = desk_at("framed")
    desk.root.chmod(0o500)
    try:
        result = desk.run(*APPROVE)
    finally:
        desk.root.chmod(0o700)
    assert result.exit_code == 3
    assert "Traceback" not in result.output


def test_where_nothing_can_be_made_init_fails_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    result = Desk(tmp_path).run("init", str(tmp_path / "file" / "acme"))
    assert result.exit_code == 3
    assert f"`{tmp_path}/file/acme`: not a directory" in result.stderr.lower()


def test_a_folder_without_exports_names_every_file_that_is_missing(desk_at: Made, tmp_path: Path) -> None:
    desk = desk_at("new")
    found = desk.refused("import", str(desk.root / "mapping.yaml"), str(tmp_path), "--as-of", "2026-06-30")
    assert len(found) >= 12
    assert all("cannot be read" in problem for problem in found)
    assert desk.ask("snapshot", "list")["snapshots"] == []
    assert desk.ask("ledger", "log")["entries"] == []


def test_a_mapping_that_is_not_there_is_bad_input(shared: Made, tmp_path: Path) -> None:
    (problem,) = shared("new").refused("import", "sugarcrm", str(tmp_path), "--as-of", "2026-06-30")
    assert problem.endswith("policies/mappings/sugarcrm.yaml: there is no such file")


@pytest.mark.parametrize("wanted", ["ffff", "../..", "", "*"])
def test_a_snapshot_that_is_not_there_is_bad_input(wanted: str, shared: Made) -> None:
    assert shared("imported").refused("snapshot", "show", wanted) if wanted else shared("new").refused("audit")


@pytest.mark.parametrize("words", [("--help",), ("ledger", "log"), ("explain", "move:A-2079"), ("--json", "audit")])
def test_a_reader_that_goes_away_gets_no_traceback(words: tuple[str, ...], shared: Made, project: Path) -> None:
    desk = shared("issued")
    running = subprocess.Popen(
        desk.command(*words), env=desk.environment(project), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    said = running.stderr.read()
    running.stderr.close()
    assert running.wait() == (1 if "audit" in words else 0)
    assert said == b""
