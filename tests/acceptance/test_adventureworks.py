"""The whole path on AdventureWorks: its own oracle to the cent, its conflicts, its realignment replayed."""

import csv
import json
import re
import shutil
import subprocess
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Desk
from tests.conftest import skip_or_fail


@pytest.fixture(scope="module")
def expected(data: Path) -> dict[str, Any]:
    text = (data / "adventureworks" / "expected.json").read_text(encoding="utf-8")
    known: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return known


@pytest.fixture(scope="module")
def audited(adventureworks: Desk) -> dict[str, Any]:
    return adventureworks.ask("audit", "--as-of", "2014-05-30")


@pytest.fixture(scope="module")
def snapshot(adventureworks: Desk) -> dict[str, Any]:
    known = adventureworks.ask("snapshot", "list")["snapshots"]
    latest = next(s["id"] for s in known if s["as_of"] == "2014-05-30")
    return adventureworks.ask("snapshot", "show", latest)


def finding(snapshot: dict[str, Any], name: str) -> dict[str, Any]:
    return next(f for f in snapshot["findings"] if f["id"] == name)


def test_revenue_in_the_oracle_window_agrees_to_the_cent_for_every_rep_and_territory(snapshot: dict[str, Any]) -> None:
    reps, territories = finding(snapshot, "rep-revenue-agrees"), finding(snapshot, "territory-revenue-agrees")
    assert (reps["count"], reps["of"]) == (17, 17)
    assert (territories["count"], territories["of"]) == (10, 10)


def test_t4q_attainment_and_quota_of_every_rep_equal_the_expected_facts(
    audited: dict[str, Any], expected: dict[str, Any]
) -> None:
    percent = {r["rep"]: Decimal(r["t4q_attainment_pct"]) for r in audited["attainment"] if r["t4q_attainment_pct"]}
    quota = {r["rep"]: Decimal(r["t4q_quota"]) for r in audited["attainment"] if r["t4q_quota"]}
    assert percent == expected["T4Q_attainment_pct"]
    assert quota == expected["T4Q_quota"]


def test_the_spread_over_reps_who_count_equals_the_expected_fact(
    audited: dict[str, Any], expected: dict[str, Any]
) -> None:
    rolling = expected["rolling_T4Q_spread_reps_with_full_history"]["2014-03-01"]
    counted = {r["rep"]: Decimal(r["t4q_attainment_pct"]) for r in audited["attainment"] if r["counted"]}
    assert len(counted) == rolling["n_reps"]
    assert max(counted, key=lambda r: counted[r]) == str(rolling["top"][0])
    assert min(counted, key=lambda r: counted[r]) == str(rolling["bottom"][0])
    assert max(counted.values()) - min(counted.values()) == rolling["spread"]
    numbers = [f["facts"] for f in audited["fired"] if f["rule"] == "N1q"]
    assert numbers == [{"company.attainment_spread": f"{rolling['spread']} points"}]


def test_the_conflicts_of_the_sources_are_reported(snapshot: dict[str, Any], expected: dict[str, Any]) -> None:
    sellers = finding(snapshot, "owner-is-not-seller")
    assert (sellers["count"], sellers["of"]) == (284, 493)
    # Rep 280 has a claimed territory and no open assignment: a finding of its own.
    conflicts = expected["current_territory_conflicts_SalesPerson_vs_open_history"]
    found = {
        m[1]: [int(m[2]), int(m[3])]
        for e in finding(snapshot, "territory-disagrees")["examples"]
        if (m := re.fullmatch(r"rep (\d+): SalesPerson.TerritoryID claims (\d+); assigned to (\d+)", e))
    }
    assert found == conflicts
    assert finding(snapshot, "quota-disagrees")["count"] == 14


def test_the_crediting_convention_is_named(audited: dict[str, Any], snapshot: dict[str, Any]) -> None:
    assert audited["crediting"] == snapshot["snapshot"]["crediting"] == "credited seller"


def test_every_one_of_the_104_moves_gets_a_verdict_with_reasons(
    adventureworks: Desk, proposal: Path, expected: dict[str, Any]
) -> None:
    with (proposal / "moves.csv").open(encoding="utf-8", newline="") as file:
        proposed = list(csv.DictReader(file))
    observed = expected["observed_account_moves_first_order_within_6_months"]["2012-11-30"]
    flows = Counter((int(m["from_rep"]), int(m["to_rep"])) for m in proposed)
    assert len(proposed) == observed["accounts_moved"] == 104
    assert [flows[(giving, taking)] for giving, taking, *_ in observed["largest_flows"]] == [
        n for _, _, n, _ in observed["largest_flows"]
    ]
    asked = adventureworks.run("--json", "moves", "check", str(proposal / "moves.csv"), "--as-of", "2012-11-29")
    answer = json.loads(asked.stdout)
    assert asked.exit_code == 1
    assert sum(answer["verdicts"].values()) == len(answer["moves"]) == 104
    for move in answer["moves"]:
        assert move["outcome"] in ("allow", "approval", "hold", "deny")
        assert move["fired"]
        for fired in move["fired"]:
            assert fired["message"]
            assert fired["truth"] != "unknown" or fired["missing"]


def test_what_the_two_reps_lose_equals_the_observed_flows_to_the_cent(
    adventureworks: Desk, proposal: Path, expected: dict[str, Any]
) -> None:
    observed = expected["observed_account_moves_first_order_within_6_months"]["2012-11-30"]
    flows = {giver: [f for f in observed["largest_flows"] if f[0] == giver] for giver in (275, 277)}
    wanted = {(sum(n for *_, n, _ in f), f"{sum(t12 for *_, t12 in f):,}") for f in flows.values()}
    answer = adventureworks.ask("moves", "check", str(proposal / "moves.csv"), "--as-of", "2012-11-29")
    facts = [fired["facts"] for move in answer["moves"] for fired in move["fired"] if fired["rule"] == "R08"]
    given = {(int(f["from_rep.accounts_given"]), f["from_rep.t12_given"]) for f in facts}
    assert wanted <= given


def test_pdfsig_finds_the_record_valid_and_the_total_document_signed(decided: Desk) -> None:
    if shutil.which("pdfsig") is None:
        skip_or_fail("pdfsig is not installed")
    record = decided.root / "records" / "DR-2012-001.pdf"
    said = subprocess.run(["pdfsig", "-nocert", str(record)], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    assert "Not total document signed" not in said
    pages = subprocess.run(["pdfinfo", str(record)], capture_output=True, text=True, check=True).stdout
    assert 2 <= int(next(line.split()[1] for line in pages.splitlines() if line.startswith("Pages:"))) <= 5


def test_record_and_ledger_verify(decided: Desk) -> None:
    record = decided.ask("record", "verify", str(decided.root / "records" / "DR-2012-001.pdf"))
    assert record["verified"]
    assert record["findings"] == []
    assert decided.ask("ledger", "verify")["verified"]


def test_the_stop_conditions_run_on_the_next_two_quarters_with_their_numbers_in_the_ledger(decided: Desk) -> None:
    said = []
    for day in ("2013-02-27", "2013-05-29"):
        ran = decided.run("--json", "review", "run", "--as-of", day, now=f"{day}T20:00:00+00:00")
        assert ran.exit_code == 1
        said.append(json.loads(ran.stdout)["reviews"][0])
    # What the policies say of every decision stands beside what this one says of itself.
    own = {"V1", "S1", "S2"}
    states = [{c["id"]: c["state"] for c in review["conditions"] if c["id"] in own} for review in said]
    assert states == [{"V1": "fired", "S1": "fired", "S2": "quiet"}, {"V1": "quiet", "S1": "fired", "S2": "quiet"}]
    numbers = [{c["id"]: c["numbers"] for c in review["conditions"]} for review in said]
    quarter, t4q, baseline = (
        "company.attainment_spread_quarter",
        "company.attainment_spread",
        "baseline.attainment_spread",
    )
    # Beside a number stands the grade of what it rests on, where that is less than measured.
    found = [{name: words.partition(" (")[0] for name, words in {**n["S1"], **n["S2"]}.items()} for n in numbers]
    assert [n[quarter] for n in found] == ["82.92 points", "58.35 points"]
    assert [n[t4q] for n in found] == ["31.06 points", "10.62 points"]
    assert [n[baseline] for n in found] == ["42.15 points", "42.15 points"]
    assert [review["outcome"] for review in said] == ["stop", "stop"]
    kept = decided.ask("decision", "show", "DR-2012-001")["reviews"]
    assert [r["conditions"] for r in kept] == [review["conditions"] for review in said]
    entries = decided.ask("ledger", "log", "--kind", "decision.reviewed")["entries"]
    assert len(entries) == 2
