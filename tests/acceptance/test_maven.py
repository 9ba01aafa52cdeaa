"""Maven CRM has no quotas: whatever needs one answers `unknown` and names it, and nothing crashes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.conftest import Desk


@pytest.fixture(scope="module")
def maven(desk: Callable[[str], Desk], data: Path) -> Desk:
    made = desk("Maven")
    made.run("import", "maven-crm", str(data / "maven-crm"), "--as-of", "2017-12-31")
    return made


def test_attainment_rules_answer_unknown_and_name_the_missing_input(maven: Desk) -> None:
    answer = maven.ask("audit")
    fired = {f["rule"]: f for f in answer["fired"]}
    for rule in ("T1", "T1q"):
        assert fired[rule]["truth"] == "unknown"
        assert "no quotas" in fired[rule]["missing"]
    assert answer["outcome"] == "unknown"
    assert "quotas" in answer["missing"]
    assert not answer["complete"]


def test_an_answer_that_nobody_can_give_is_not_a_yes(maven: Desk) -> None:
    assert maven.run("audit").exit_code == 1


def test_every_clause_of_an_unknown_rule_can_be_shown(maven: Desk) -> None:
    shown = maven.run("explain", "company", "--rule", "T1")
    assert shown.exit_code == 0
    assert "missing: no quotas" in shown.stdout
