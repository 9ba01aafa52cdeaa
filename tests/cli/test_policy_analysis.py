"""`policy analyze` tells what it found with cases to paste, what it proved and what it left out; 1 is that it found."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import cli
from tests.cli.conftest import DAY, PEOPLE

POLICY = """policy: moves
title: Rules of engagement
owner: sales-operations
parameters:
  tenure_limit: {unit: days, values: {2010-01-01: {value: 90, source: handbook}}}
rules:
"""
RULE = "  - {{id: {id}, title: t, kind: engagement, subject: move, effective: {{from: 2010-01-01}}, source: s,\n"
RULE += "     message: m, when: '{when}', effect: {effect}}}\n"
NEW = RULE.format(id="NEW", when="to_rep.tenure <= tenure_limit", effect="deny")
OLD = RULE.format(id="OLD", when="to_rep.tenure >= tenure_limit", effect="hold")
LATE = RULE.format(id="LATE", when="to_rep.tenure > days(365)", effect="require_approval, roles: [vp-sales]")
CLAIM = "if to_rep.tenure < days(90) then deny"

Analyze = Callable[..., Result]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = tmp_path / "acme"
    assert run(root.parent, "init", str(root), "--name", "Acme").exit_code == 0
    for path in (root / "policies").glob("*.yaml"):
        path.unlink()
    return root


def run(root: Path, *words: str) -> Result:
    return CliRunner(env={"MERESTONE_NOW": DAY, **PEOPLE}).invoke(cli, ["-C", str(root), *words])


@pytest.fixture
def analyze(workspace: Path) -> Analyze:
    """Analyse a policy of these rules."""

    def analyzed(*words: str, rules: str = NEW + OLD + LATE) -> Result:
        (workspace / "policies" / "moves.yaml").write_text(POLICY + rules, "utf-8")
        return run(workspace, "policy", "analyze", *words)

    return analyzed


def test_what_is_found_is_shown_with_a_case_to_paste(analyze: Analyze, golden: Callable[[str, str], None]) -> None:
    result = analyze("--prove", CLAIM, "--prove", "if to_rep.tenure > tenure_limit then deny")
    assert result.exit_code == 1, result.output
    golden("policy-analyze.txt", result.output)


def test_the_document_says_the_same(analyze: Analyze, golden: Callable[[str, str], None]) -> None:
    result = analyze("--json", "--prove", CLAIM)
    assert result.exit_code == 1, result.output
    golden("policy-analyze.json", result.output)


def test_policies_in_which_nothing_is_found_answer_0(analyze: Analyze) -> None:
    result = analyze("--prove", CLAIM, rules=NEW)
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[0] == f"proven --prove: {CLAIM}"


def test_an_older_version_is_compared_and_a_newly_denied_move_is_shown(analyze: Analyze, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "moves.yaml").write_text(POLICY.replace("value: 90", "value: 60") + NEW, "utf-8")
    document = json.loads(analyze("--json", "--against", str(tmp_path / "old"), rules=NEW).stdout)
    words = {f["message"]: f["case"]["words"] for f in document["findings"]}
    assert "newly deny, was allow: `NEW`" in words
    tenure = int(words["newly deny, was allow: `NEW`"].removeprefix("to_rep.tenure = ").removesuffix(" days"))
    assert 60 < tenure <= 90


def test_everything_wrong_with_claims_is_told_at_once(analyze: Analyze, tmp_path: Path) -> None:
    (tmp_path / "claims.yaml").write_text("claims:\n  - {id: a, claim: nonsense}\n", "utf-8")
    result = analyze("--json", "--claims", str(tmp_path / "claims.yaml"), "--prove", "more nonsense")
    assert result.exit_code == 2
    assert [p["message"] for p in json.loads(result.stdout)["problems"]] == ["this is not a claim"] * 2


def test_claims_of_a_file_are_proven_by_their_names(analyze: Analyze, tmp_path: Path) -> None:
    (tmp_path / "claims.yaml").write_text(f"claims:\n  - {{id: newcomers, claim: {CLAIM}}}\n", "utf-8")
    document = json.loads(analyze("--json", "--claims", str(tmp_path / "claims.yaml")).stdout)
    assert document["proven"] == [{"claim": "newcomers", "text": CLAIM}]
