"""A company whose currency has no decimals is asked, decides and reviews like any other, in its own amounts."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.workspace import open_workspace
from tests.cli.conftest import DECISION, PUBLISH, Desk

APPROVALS = (("chief-of-sales", "Yui Ono"), ("pay-office", "Ken Oda"))
EUROS = "{currency: EUR, scale: 2, minor_digits: 2}"
YEN = "{currency: JPY, scale: 2, minor_digits: 0}"
WORTH = """\
policy: worth
title: What a deal must be worth
owner: sales-operations
parameters:
  least: {title: the least amount, unit: money, values: {2000-01-01: {value: AMOUNT, assumption: a}}}
"""


@pytest.fixture(scope="module")
def weavers(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A workspace in yen with the second company's policies, published, and the sample company's data."""
    desk = Desk(tmp_path_factory.mktemp("yen") / "kurenami")
    desk.did("init", str(desk.root), "--name", "Kurenami Looms", "--minor-digits", "0")
    for path in (desk.root / "policies").glob("*.yaml"):
        path.unlink()
    for path in (project / "examples" / "holdover" / "policies").glob("*.yaml"):
        shutil.copyfile(path, desk.root / "policies" / path.name)
    for name in ("mapping.yaml", "moves.csv", "decision.yaml"):
        shutil.copyfile(project / "examples" / "ostrevale" / name, desk.root / name)
    desk.edit("mapping.yaml", EUROS, YEN)
    desk.did(*PUBLISH)
    source = project / "examples" / "ostrevale" / "exports-2026-06-30"
    # Rows are refused, so that the answer is 1.
    assert desk.run("import", str(desk.root / "mapping.yaml"), str(source), "--as-of", "2026-06-30").exit_code == 1
    return desk


def test_in_a_currency_without_decimals_a_decision_is_made_from_import_to_commit(weavers: Desk) -> None:
    checked = weavers.run("--json", "moves", "check", str(weavers.root / "moves.csv"))
    assert checked.exit_code == 1
    assert len(json.loads(checked.stdout)["moves"]) == 26
    weavers.did("decision", "frame", str(weavers.root / "decision.yaml"), "--by", "Rin Abe")
    for role, name in APPROVALS:
        weavers.did("decision", "approve", DECISION, "--role", role, "--by", name)
    weavers.did("decision", "commit", DECISION, "--option", "moderate", "--by", "Rin Abe", "--rationale", "it is due")
    document = weavers.ask("decision", "show", DECISION)["document"]
    assert (document["snapshot"]["currency"], document["snapshot"]["minor_digits"]) == ("JPY", 0)


def test_amounts_are_shown_without_decimals(weavers: Desk) -> None:
    deals = weavers.run("credit", "list", "--moves", str(weavers.root / "moves.csv")).stdout
    assert "9,800  held" in deals
    assert "9,800.00" not in deals
    shown = weavers.did("policy", "show", "anchor_revenue").stdout
    assert "35,000" in shown
    assert ".00" not in shown


@pytest.mark.parametrize(("digits", "amount", "code"), [("0", "1500", 0), ("0", "1500.5", 2), ("3", "1.125", 0)])
def test_a_file_is_checked_in_a_currency_with_as_many_decimals_as_are_named(
    digits: str, amount: str, code: int, tmp_path: Path
) -> None:
    (tmp_path / "worth.yaml").write_text(WORTH.replace("AMOUNT", amount), "utf-8")
    words = ("policy", "check", str(tmp_path / "worth.yaml"))
    assert Desk(tmp_path).run(*words, "--minor-digits", digits).exit_code == code


def test_a_file_is_checked_with_two_decimals_unless_a_workspace_around_it_says_otherwise(
    tmp_path: Path, weavers: Desk
) -> None:
    for folder, cents, mills in ((tmp_path, 0, 2), (weavers.root, 2, 2)):
        for amount, code in (("1500", 0), ("1500.25", cents), ("1500.125", mills)):
            path = tmp_path / "worth.yaml"
            path.write_text(WORTH.replace("AMOUNT", amount), "utf-8")
            assert Desk(folder).run("policy", "check", str(path)).exit_code == code, (folder, amount)


def test_a_snapshot_in_another_minor_unit_is_refused_at_its_import(
    shared: Callable[[str], Desk], tmp_path: Path
) -> None:
    desk = shared("new")
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text((desk.root / "mapping.yaml").read_text("utf-8").replace(EUROS, YEN), "utf-8")
    result = desk.run("import", str(mapping), str(desk.root / "exports"), "--as-of", "2026-06-30")
    assert result.exit_code == 2
    assert "mapping.yaml:4:8: the currency has other decimals than the workspace" in result.stderr
    assert "found `minor_digits: 0`; expected `minor_digits: 2`, as in merestone.toml" in result.stderr
    assert "hint: set `minor_digits` in one of the two" in result.stderr
    assert open_workspace(desk.root).manifests() == []


def test_published_policies_are_compared_only_in_the_minor_unit_that_they_were_published_in(
    weavers: Desk, tmp_path: Path
) -> None:
    desk = Desk(tmp_path / "kurenami")
    shutil.copytree(weavers.root, desk.root)
    desk.edit("merestone.toml", "minor_digits = 0", "minor_digits = 2")
    message = "policies: amounts of the two versions are in different minor units"
    assert desk.refused("policy", "diff", "published", "draft") == [message]
    assert desk.refused("policy", "analyze", "--against", "published") == [message]
    assert desk.refused(*PUBLISH) == [
        "merestone.toml: amounts would be in another minor unit than they were published in"
    ]


@pytest.mark.parametrize("digits", ["-1", "5", "two"])
def test_a_workspace_is_not_made_with_decimals_that_no_currency_has(digits: str, tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    assert Desk(tmp_path).run("init", str(root), "--minor-digits", digits).exit_code == 2
    assert not root.exists()


def test_the_shipped_policies_are_well_formed_in_a_currency_without_decimals(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "workspace")
    desk.did("init", str(desk.root), "--minor-digits", "0")
    desk.did("policy", "check")
