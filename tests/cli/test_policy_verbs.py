"""The policy verbs on a small pack with one of everything: what people see, what scripts get, and what is written."""

import json
import shutil
import stat
from collections.abc import Callable, Iterator
from inspect import cleandoc
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from cli.main import cli
from tests.cli.conftest import Desk

PACK = """\
policy: rest
title: How long accounts rest
owner: sales-operations
parameters:
  rest_days:
    title: days between two moves of one account
    unit: days
    values:
      2025-01-01: {value: 120, source: "handbook, section 4"}
      2026-01-01: {value: 180, assumption: "the handbook is silent; two quarters"}
    overrides:
      - {region: [EMEA], values: {2026-06-01: {value: 90, assumption: "works council"}}}
conditions:
  - {name: resting, title: it moved lately, subject: move, source: s,
     when: has(account.last_moved_on) && move.effective < account.last_moved_on + rest_days}
derive:
  - name: account.care
    subject: move
    cases: [{when: account.named || resting, value: high}]
    otherwise: plain
    assumption: named accounts are cared for
    examples: [{name: a named one, given: {account.named: true, account.last_moved_on: null}, expect: high}]
tables:
  - name: notice
    title: days of notice
    subject: move
    hit: first
    inputs: [account.care, account.t12]
    unit: days
    source: "handbook, section 5"
    rows:
      - {if: ['"high"', '-'], then: 56}
      - {if: ['-', '> money("1000000")'], then: 28}
    otherwise: 14
    examples: [{name: plain, given: {account.named: false, account.t12: 5, account.last_moved_on: null}, expect: 14}]
metrics:
  - {name: rep.accounts_here, title: accounts of a rep, subject: rep, count: accounts, source: s}
formulas:
  - name: pay
    title: what a quarter is paid
    subject: rep
    source: s
    lines:
      - {name: month, formula: 'divide(rep.base_commission, rep.base_months)', text: a month}
      - {name: quarter, formula: month * 3, text: three of them, round: up}
    examples: [{name: a year, given: {rep.base_commission: 1200, rep.base_months: 12}, expect: 300}]
deadlines:
  introduction: {title: a call with both reps, subject: move, from: move.effective, within: 5 days,
                 extension: 5 days by vp-sales, assumption: a week}
schedules:
  shares: {title: who is paid, from: move.effective, source: s,
           shares: {rep: [{through: 3, original: 100}, {through: 6, original: 50}]}}
rules:
  - id: REST
    title: an account rests
    kind: engagement
    subject: move
    effective: {from: 2025-01-01}
    when: |-
      resting && notice > days(20)
      || account.strategic_anchor
    effect: deny
    waivable: by vp-sales
    message: "it moved on {account.last_moved_on}"
    assumption: relationships need time
    examples:
      - {name: an anchor stays, given: {account.strategic_anchor: true}, expect: deny}
      - name: an account that rested
        given: {account.last_moved_on: 2025-01-01, move.effective: 2026-06-01, account.strategic_anchor: false,
                account.named: true}
        expect: allow
  - id: LEAVER
    title: whose rep left may move
    kind: engagement
    subject: move
    effective: {from: 2025-01-01}
    when: account.named
    effect: allow
    defeats: [REST]
    message: "the rep left"
    source: s
    examples:
      - {name: named, given: {account.named: true}, expect: fires}
      - {name: not, given: {account.named: false}, expect: silent}
"""
THINGS = (
    "REST",
    "rest_days",
    "resting",
    "account.care",
    "notice",
    "rep.accounts_here",
    "pay",
    "introduction",
    "shares",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("small") / "workspace"
    Desk(root).did("init", str(root), "--name", "Small")
    shutil.rmtree(root / "policies")
    (root / "policies").mkdir()
    (root / "policies" / "rest.yaml").write_text(PACK, "utf-8")
    return root


@pytest.fixture
def desk(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A workspace of one's own with the small pack, which is also the current folder."""
    shutil.copytree(made, tmp_path / "w")
    monkeypatch.chdir(tmp_path / "w")
    return Desk(tmp_path / "w")


def said(desk: Desk, *words: str, code: int = 0) -> str:
    result = desk.run(*words)
    assert result.exit_code == code, result.output
    return result.output.replace(str(desk.root), "WORKSPACE")


@pytest.mark.parametrize("name", THINGS)
def test_everything_with_a_name_is_shown(name: str, desk: Desk, golden: Callable[[str, str], None]) -> None:
    golden(f"policy-show-{name}.txt", said(desk, "policy", "show", name))


def test_a_document_names_uses_values_and_what_defeats(desk: Desk) -> None:
    rule = desk.ask("policy", "show", "REST")
    assert (rule["schema"], rule["defeated_by"]) == ("merestone/policy-rule/1", ["LEAVER"])
    assert rule["rests_on"] == ["resting", "notice"]
    number = desk.ask("policy", "show", "rest_days")
    assert number["used_by"] == [{"what": "condition", "name": "resting", "how": "means"}]
    assert [(v["from"], v["applies"], v["value"]) for v in number["values"]] == [
        ("2025-01-01", "everywhere", "120 days"),
        ("2026-01-01", "everywhere", "180 days"),
        ("2026-06-01", "in EMEA", "90 days"),
    ]


@pytest.mark.parametrize(("name", "meant"), [("rest", "REST"), ("rest_day", "rest_days"), ("notices", "notice")])
def test_a_mistyped_name_is_told_the_one_that_was_meant(name: str, meant: str, desk: Desk) -> None:
    assert f"hint: did you mean `{meant}`?" in said(desk, "policy", "show", name, code=2)


def test_problems_are_shown_all_at_once_with_their_lines(desk: Desk, golden: Callable[[str, str], None]) -> None:
    desk.edit("policies/rest.yaml", "account.named || resting", "account.nmed || restin")
    desk.edit("policies/rest.yaml", "owner: sales-operations", "ownr: sales-operations  # 漢字")
    (desk.root / "policies" / "wide.yaml").write_text(
        'policy: wide\ntitle: "東京\t支社"\nowner: o\nconditions:\n'
        '  - {name: c, subject: move, source: "漢字 e\u0301", when: account.nmed}\n',
        "utf-8",
    )
    golden("policy-check-problems.txt", said(desk, "policy", "check", code=2))
    (problem, *_) = [p for p in desk.ask("policy", "check")["problems"] if p["file"] == "policies/wide.yaml"]
    assert (problem["line"], problem["column"], problem["span"]) == (5, 53, 12)
    assert problem["hint"] == "did you mean `account.named`?"
    assert set(problem) >= {"where", "row", "field", "message", "found", "expected", "reason"}


def test_another_verb_shows_the_line_of_a_broken_policy_too(desk: Desk) -> None:
    desk.edit("policies/rest.yaml", "account.named || resting", "account.nmed || resting")
    assert "^^^^^^^^^^^^\n" in desk.run("policy", "assumptions").stderr


def test_named_files_are_checked_without_a_workspace(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "alone").mkdir()
    shutil.move(desk.root / "policies", tmp_path / "alone" / "p")
    monkeypatch.chdir(tmp_path / "alone")
    runner = CliRunner()
    for words in (["--policies", "p"], ["p/rest.yaml"], ["--policies", "p/rest.yaml", "p"]):
        assert runner.invoke(cli, ["policy", "check", *words]).exit_code == 0
    gone = runner.invoke(cli, ["policy", "check", "a.yaml", "b.yaml", "."])
    assert gone.exit_code == 2
    assert gone.stderr.count("there is no such file") == 2
    assert ".: there are no policies here" in gone.stderr


def test_an_example_that_fails_is_shown_with_the_value_of_every_part(
    desk: Desk, golden: Callable[[str, str], None]
) -> None:
    desk.edit("policies/rest.yaml", "account.last_moved_on: 2025-01-01", "account.last_moved_on: 2026-03-01")
    desk.edit("policies/rest.yaml", "expect: 14}", "expect: 28}")
    desk.edit("policies/rest.yaml", "expect: 300}", "expect: 301}")
    golden("policy-test-failed.txt", said(desk, "policy", "test", code=1))
    failed = [e for e in desk.ask("policy", "test")["examples"] if not e["holds"]]
    assert [e["rule"] for e in failed] == ["REST", "notice", "pay"]
    assert {"text": "account.last_moved_on", "value": "2026-03-01"} in failed[0]["values"]


def test_coverage_below_what_is_asked_is_no(desk: Desk) -> None:
    percent = desk.ask("policy", "test")["coverage"]["percent"]
    assert 0 < percent < 100
    said(desk, "policy", "test", "--min-coverage", str(percent))
    assert f"coverage {percent} %" in said(desk, "policy", "test", "--min-coverage", str(percent + 1), code=1)


def test_a_named_condition_is_tried_by_the_rules_that_ask_it(desk: Desk) -> None:
    tried = desk.ask("policy", "test", "resting")
    assert {e["rule"] for e in tried["examples"]} == {"REST", "account.care"}
    assert [c["name"] for c in tried["coverage"]["of"]] == ["resting"]


def test_laying_out_shows_writes_and_then_leaves_alone(desk: Desk) -> None:
    path = desk.root / "policies" / "rest.yaml"
    path.chmod(0o640)
    shown = said(desk, "policy", "fmt", "--check", code=1)
    assert shown.startswith("--- policies/rest.yaml\n+++ policies/rest.yaml laid out\n@@")
    assert path.read_text("utf-8") == PACK
    assert said(desk, "policy", "fmt").endswith("1 of 1 file laid out anew\n")
    assert path.read_text("utf-8") != PACK
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert said(desk, "policy", "fmt", "--check") == "0 of 1 file would be laid out anew\n"
    assert [p.name for p in path.parent.iterdir()] == ["rest.yaml"]


def test_with_a_problem_in_one_file_none_is_laid_out(desk: Desk) -> None:
    (desk.root / "policies" / "bad.yaml").write_text("policy: p\nwhen: a &&& b\n", "utf-8")
    assert "policies/bad.yaml:2:" in said(desk, "policy", "fmt", code=2)
    assert (desk.root / "policies" / "rest.yaml").read_text("utf-8") == PACK


def test_the_schema_is_printed_or_written(desk: Desk) -> None:
    printed = json.loads(desk.run("policy", "schema").stdout)
    assert desk.ask("policy", "schema")["policy"] == printed
    said(desk, "policy", "schema", "--out", "s.json")
    assert json.loads(Path("s.json").read_text("utf-8")) == printed
    assert "cannot be written" in said(desk, "policy", "schema", "--out", "gone/s.json", code=2)


def test_assumptions_are_listed_by_file_with_the_rules_that_depend_on_them(
    desk: Desk, golden: Callable[[str, str], None]
) -> None:
    golden("policy-assumptions.txt", said(desk, "policy", "assumptions"))
    found = {a["name"]: a["rules"] for a in desk.ask("policy", "assumptions")["assumptions"]}
    assert found["rest_days"] == ["REST", "LEAVER"]
    assert found["introduction"] == []


def verbs(command: click.Command, name: str = "merestone") -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for word in command.list_commands(context):
            below = command.get_command(context, word)
            assert below is not None
            yield from verbs(below, f"{name} {word}")
    else:
        yield name, command


def test_the_help_of_every_verb_has_one_example_of_that_verb() -> None:
    for name, command in verbs(cli):
        examples = [p for p in cleandoc(command.help or "").split("\n\n") if p.startswith("Example: ")]
        assert len(examples) == 1, name
        assert examples[0].startswith(f"Example: {name}"), name


@pytest.mark.parametrize(
    ("typed", "begun", "completed"),
    [
        (["policy", "show"], "rest", ["rest_days", "resting"]),
        (["policy", "test"], "RE", ["REST"]),
        (["policy"], "sch", ["schema"]),
        ([], "pol", ["policy"]),
    ],
)
def test_the_shell_completes_verbs_and_names(typed: list[str], begun: str, completed: list[str], desk: Desk) -> None:
    shell = ShellComplete(cli, {}, "merestone", "_MERESTONE_COMPLETE")
    assert [item.value for item in shell.get_completions(["-C", str(desk.root), *typed], begun)] == completed
