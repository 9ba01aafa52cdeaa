"""AdventureWorks imports whole, and the findings are the conflicts that its own oracle columns hold."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.database import Database
from engine.intake.intake import import_snapshot
from engine.intake.mapping import load_mapping
from engine.intake.snapshot import Finding, Manifest

AS_OF = date(2014, 5, 30)


@dataclass(frozen=True, slots=True)
class Imported:
    db: Database
    manifest: Manifest
    expected: dict[str, Any]

    def finding(self, name: str) -> Finding:
        return next(f for f in self.manifest.findings if f.id == name)

    def sums(self, column: str) -> dict[str, Decimal]:
        """Revenue of the oracle's window per rep or territory, in the currency."""
        rows = self.db.rows(
            f"SELECT {column}, sum(amount) FROM revenue WHERE {column} IS NOT NULL AND booked_on >= DATE '2013-05-30'"
            f" AND booked_on < DATE '2014-05-31' GROUP BY 1"
        )
        return {key: Decimal(units).scaleb(-4) for key, units in rows}


def load(db: Database, project: Path, data: Path, as_of: date) -> Manifest:
    file = project / "policies" / "mappings" / "adventureworks.yaml"
    return import_snapshot(db, load_mapping(file.read_text(), file.name), data / "adventureworks", as_of)


@pytest.fixture(scope="module")
def imported(project: Path, data: Path) -> Iterator[Imported]:
    expected = json.loads((data / "adventureworks" / "expected.json").read_text(), parse_float=Decimal)
    with Database() as db:
        yield Imported(db, load(db, project, data, AS_OF), expected)


def test_every_row_is_there_or_counted(imported: Imported) -> None:
    assert imported.manifest.problems == ()
    counts = {d.table: (d.rows, d.late, d.refused) for d in imported.manifest.data_sets}
    assert counts["revenue"] == (30489, 31465 - 30489, 0)
    assert counts["quotas"] == (imported.expected["quota_rows"], 0, 0)
    assert counts["reps"] == (imported.expected["salespeople"], 0, 0)
    assert counts["accounts"] == (635, 0, 0)
    assert counts["territories"] == (10, 0, 0)


def test_revenue_equals_the_oracle_to_the_last_digit(imported: Imported) -> None:
    assert imported.sums("rep") == imported.expected["T12M_revenue_by_rep_equals_SalesPerson.SalesYTD"]
    assert (
        imported.sums("territory") == imported.expected["T12M_all_orders_by_territory_equals_SalesTerritory.SalesYTD"]
    )


def test_the_exports_own_totals_agree_as_evidence(imported: Imported) -> None:
    reps, territories = imported.finding("rep-revenue-agrees"), imported.finding("territory-revenue-agrees")
    assert (reps.count, reps.of, territories.count, territories.of) == (17, 17, 10, 10)
    assert not {"rep-revenue-disagrees", "territory-revenue-disagrees"} & {f.id for f in imported.manifest.findings}


def test_284_of_493_customers_were_sold_to_by_another_than_their_owner(imported: Imported) -> None:
    finding = imported.finding("owner-is-not-seller")
    assert (finding.count, finding.of) == (284, imported.expected["T12M_reseller_customers"])
    assert len(finding.examples) == 284


def test_the_territory_of_four_reps_is_disputed(imported: Imported) -> None:
    conflicts = imported.expected["current_territory_conflicts_SalesPerson_vs_open_history"]
    assert imported.finding("territory-disagrees").examples == tuple(
        f"rep {rep}: SalesPerson.TerritoryID claims {claimed}; assigned to {assigned}"
        for rep, (claimed, assigned) in conflicts.items()
    )


def test_the_sales_quota_column_is_neither_a_quarter_nor_a_year(imported: Imported) -> None:
    finding = imported.finding("quota-disagrees")
    assert (finding.count, finding.of) == (14, 14)
    assert finding.examples[0] == (
        "rep 275: SalesPerson.SalesQuota claims 300,000.00; quarter from 2014-03-01 869,000.00, difference -569,000.00;"
        " last four quarters 4,511,000.00, difference -4,211,000.00"
    )


def test_quarters_and_four_quarter_quotas_are_the_expected_ones(imported: Imported) -> None:
    starts = [day.isoformat() for (day,) in imported.db.rows("SELECT start FROM periods")]
    assert starts == imported.expected["quarter_starts"]
    rows = imported.db.rows("SELECT rep, sum(amount) FROM quotas WHERE start >= DATE '2013-05-30' GROUP BY 1")
    assert {rep: Decimal(units).scaleb(-4) for rep, units in rows} == imported.expected["T4Q_quota"]


def test_managers_are_told_by_their_title_and_names_keep_their_accents(imported: Imported) -> None:
    managers = [int(rep) for (rep,) in imported.db.rows("SELECT rep FROM reps WHERE manager ORDER BY rep")]
    assert managers == imported.expected["managers_without_territory"]
    assert imported.db.value("SELECT name FROM reps WHERE rep = '282'") == "José Saraiva"


def test_territories_change_hands_the_day_after_the_last(imported: Imported) -> None:
    moves = imported.db.rows(
        "SELECT o.rep, o.territory, n.territory, n.start FROM assignments o JOIN assignments n ON o.rep = n.rep"
        ' AND o."end" = n.start ORDER BY ALL'
    )
    assert [[int(r), int(a), int(b), d.isoformat()] for r, a, b, d in moves] == imported.expected["territory_moves"]


def test_sales_of_a_store_have_an_account_and_house_sales_have_none(imported: Imported) -> None:
    assert imported.db.value("SELECT count(*) FROM revenue WHERE (account IS NULL) <> (rep IS NULL)") == 0
    assert imported.db.value("SELECT count(DISTINCT account) FROM revenue") <= 635


@pytest.mark.parametrize("day", [date(2012, 11, 29), date(2013, 2, 27), date(2013, 5, 29)])
def test_earlier_days_know_less(imported: Imported, project: Path, data: Path, day: date) -> None:
    with Database() as db:
        manifest = load(db, project, data, day)
        assert manifest.problems == ()
        assert db.value("SELECT max(booked_on) <= ? FROM revenue", [day])
        assert db.value("SELECT count(*) FROM revenue") == imported.db.value(
            "SELECT count(*) FROM revenue WHERE booked_on <= ?", [day]
        )
        assert db.value('SELECT count(*) FROM assignments WHERE "end" > ? OR start > ?', [day, day]) == 0
        assert db.value("SELECT count(*) FROM periods") == 12
        assert {f.id for f in manifest.findings} >= {"undated-source", "claims-not-compared"}
        assert {d.grade.value for d in manifest.data_sets if d.table in {"reps", "accounts"}} == {"estimate"}
