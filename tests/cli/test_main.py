"""Every verb keeps the promises of the command line: one example that runs, four exit codes, one JSON document."""

import json
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cli.main import VERBS, cli
from tests.cli.conftest import DAY, LATER, Desk

STEP = {
    "init": "new",
    "demo": "new",
    "import": "new",
    "policy publish": "new",
    "decision frame": "imported",
    "decision approve": "framed",
    "decision waive": "framed",
    "decision commit": "approved",
    "record render": "committed",
    "review due": "committed",
    "ledger verify": "issued",
    "review run": "reviewed",
}
"""The step at which a verb's example makes sense; of the others: `issued`."""
ANSWERS_NO = {"import": "rows are refused", "audit": "rebalance", "moves check": "denials", "protect list": "unknown"}
ANSWERS_NO |= {"review run": "a stop condition fired", "policy analyze": "a rule whose floors are off, and gaps"}


def commands(group: click.Group, name: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every verb that does something, by what is typed."""
    context = click.Context(group)
    for each in group.list_commands(context):
        command = group.get_command(context, each)
        assert command is not None
        typed = f"{name} {each}".strip()
        if isinstance(command, click.Group):
            yield from commands(command, typed)
        else:
            yield typed, command


EVERY = dict(commands(cli))


def examples(command: click.Command) -> list[str]:
    """The command lines after `Example:` in a verb's help, without line breaks."""
    found = re.findall(r"Example: (merestone .*?)(?:\n\n|\Z)", (command.help or "").strip(), re.DOTALL)
    return [" ".join(line.split()) for line in found]


@pytest.fixture
def example_desk(typed: str, desk_at: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = desk_at(STEP.get(typed, "issued"))
    monkeypatch.chdir(desk.root)
    if typed == "ledger verify":
        desk.did("ledger", "checkpoint", "--out", "merestone.checkpoint")
    return desk


def example_words(typed: str, desk: Desk) -> list[str]:
    """The example of a verb as words, on the snapshot at hand and beside the folder of the user who tries it."""
    (line,) = examples(EVERY[typed])
    words = shlex.split(line)[1:]
    snapshots = [p.name for p in (desk.root / "snapshots").iterdir()]
    words = [snapshots[0] if w == "SNAPSHOT" else w for w in words]
    return [str(desk.root / "demo") if w == "/tmp/demo" else w for w in words]  # noqa: S108 -- an example's words


@pytest.mark.parametrize("typed", EVERY)
def test_every_verb_has_one_example_that_runs(typed: str, example_desk: Desk) -> None:
    result = example_desk.run(*example_words(typed, example_desk))
    assert result.exit_code == (1 if typed in ANSWERS_NO else 0), result.output
    assert result.stdout.strip()
    assert not result.stderr


@pytest.mark.parametrize("typed", [typed for typed in EVERY if typed != "demo"])
def test_json_is_one_document_with_a_schema_on_stdout(typed: str, example_desk: Desk) -> None:
    result = example_desk.run("--json", *example_words(typed, example_desk))
    document = json.loads(result.stdout)
    assert result.exit_code == (1 if typed in ANSWERS_NO else 0)
    assert re.fullmatch(r"merestone/[a-z-]+/1", document["schema"])


@pytest.mark.parametrize("typed", EVERY)
def test_json_may_stand_after_the_verb(typed: str) -> None:
    assert "--json" in [o for p in EVERY[typed].params for o in p.opts]


@pytest.mark.parametrize("typed", EVERY)
def test_help_shows_the_example(typed: str) -> None:
    result = CliRunner().invoke(cli, [*typed.split(), "--help"])
    assert result.exit_code == 0
    assert result.stdout.count("Example: merestone ") == 1


def test_the_table_of_verbs_names_the_commands_that_there_are(project: Path) -> None:
    """A command that is in no table cannot be typed, and a table that lies breaks `--help`."""
    context = click.Context(cli)
    for name, (where, words) in VERBS.items():
        command = cli.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert words.endswith((".", "?"))
        assert words in cli.get_help(context).replace("\n" + " " * 12, " ")
        assert (project / f"{where.partition(':')[0].replace('.', '/')}.py").is_file()
    modules = [p.read_text("utf-8") for p in (project / "cli").glob("*.py")]
    decorated = sum(len(re.findall(r"^@click\.(?:group|command)\(", text, re.MULTILINE)) for text in modules)
    groups = [g for name in VERBS if isinstance(g := cli.get_command(context, name), click.Group)]
    pairs = [(group.callback, each.callback) for group in groups for each in group.commands.values()]
    attached = sum(a is not None and b is not None and a.__module__ != b.__module__ for a, b in pairs)
    assert decorated == len(VERBS) + attached + 1  # the command itself


def test_help_imports_no_verb(project: Path) -> None:
    """`merestone --help` answers at once: no database, no PDF, no rules engine."""
    script = (
        "import sys; from cli.main import cli; cli(['--help'], standalone_mode=False);"
        "sys.exit(bool({'duckdb', 'weasyprint', 'durable_rules_engine', 'sqlmodel'} & set(sys.modules)))"
    )
    desk = Desk(project)
    ran = subprocess.run(
        [desk.command()[0], "-c", script], capture_output=True, env=desk.environment(project), check=False
    )
    assert ran.returncode == 0
    assert b"audit" in ran.stdout


def test_a_word_that_is_no_verb_is_bad_input() -> None:
    assert CliRunner().invoke(cli, ["rebalance"]).exit_code == 2


def test_bad_input_is_a_document_too(shared: Callable[[str], Desk]) -> None:
    result = shared("new").run("audit", "--json")
    document = json.loads(result.stdout)
    assert result.exit_code == 2
    assert document["schema"] == "merestone/problems/1"
    assert document["problems"][0]["message"] == "there is no snapshot here"
    assert "hint: merestone import" in result.stderr


def test_a_failure_is_a_document_too(desk_at: Callable[[str], Desk]) -> None:
    desk = desk_at("framed")
    (desk.root / "ledger.sqlite").write_bytes(b"not a ledger at all")
    result = desk.run("--json", "decision", "list")
    document = json.loads(result.stdout)
    assert result.exit_code == 3
    assert document["schema"] == "merestone/failure/1"
    assert document["message"] in result.stderr


def test_the_clock_that_stands_in_is_in_utc_unless_it_says_else(desk_at: Callable[[str], Desk]) -> None:
    desk = desk_at("framed")
    words = ("decision", "approve", "DR-2026-001", "--role", "vp-sales", "--by", "Ida Lind")
    assert desk.run(*words, now="2026-07-03T09:00:00").exit_code == 0
    assert desk.ask("ledger", "log")["entries"][-1]["at"] == "2026-07-03T09:00:00Z"


def test_a_clock_that_is_none_is_bad_input(shared: Callable[[str], Desk]) -> None:
    result = shared("issued").run("review", "due", now="yesterday")
    assert result.exit_code == 2
    assert "$MERESTONE_NOW: is not a time; found `yesterday`" in result.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("audit",), 1),
        (("audit", "--fail-on", "unknown"), 0),
        (("audit", "--fail-on", "rebalance"), 1),
        (("moves", "check", "moves.csv"), 1),
        (("moves", "check", "moves.csv", "--fail-on", "deny"), 1),
        (("moves", "check", "allowed.csv"), 0),
        (("moves", "check", "allowed.csv", "--fail-on", "approval"), 1),
        (("moves", "check", "held.csv"), 1),
        (("moves", "check", "held.csv", "--fail-on", "deny"), 0),
        (("protect", "list", "--moves", "allowed.csv"), 0),
        (("credit", "list"), 0),
        (("policy", "test"), 0),
        (("review", "due", "--on", "2026-09-01"), 0),
        (("review", "due", "--on", "2026-09-02"), 1),
    ],
)
def test_the_exit_code_is_the_answer(
    words: tuple[str, ...], code: int, shared: Callable[[str], Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = shared("issued")
    header, *rows = (desk.root / "moves.csv").read_text("utf-8").splitlines()
    (tmp_path / "moves.csv").write_text("\n".join([header, *rows]), "utf-8")
    allowed = [r for r in rows if r.startswith(("A-1253", "A-1260", "A-1267"))]
    held = [r for r in rows if r.startswith("A-1274")]
    (tmp_path / "allowed.csv").write_text("\n".join([header, *allowed]), "utf-8")
    (tmp_path / "held.csv").write_text("\n".join([header, *held]), "utf-8")
    monkeypatch.chdir(tmp_path)
    result = desk.run(*words, now=DAY if "due" not in words else LATER)
    assert result.exit_code == code, result.output
