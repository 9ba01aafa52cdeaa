"""CRM exports import as they are: Maven's deals to the last one, Salesforce's objects by their API names."""

import json
from datetime import date
from pathlib import Path

from engine.database import Database
from engine.intake.intake import import_snapshot
from engine.intake.mapping import load_mapping
from engine.intake.snapshot import Manifest


def shipped(db: Database, project: Path, name: str, source: Path, as_of: date) -> Manifest:
    file = project / "policies" / "mappings" / f"{name}.yaml"
    return import_snapshot(db, load_mapping(file.read_text(), file.name), source, as_of)


def test_maven_deals_revenue_and_traps_are_the_expected_ones(project: Path, data: Path) -> None:
    expected = json.loads((data / "maven-crm" / "expected.json").read_text())
    with Database() as db:
        manifest = shipped(db, project, "maven-crm", data / "maven-crm", date(2017, 12, 31))
        stages = dict(db.rows("SELECT stage, count(*) FROM opportunities GROUP BY 1"))
        won = db.value("SELECT sum(amount) FROM revenue")
        offices = dict(db.rows("SELECT territory, sum(amount) FROM revenue GROUP BY 1"))
        quarters = db.rows(
            'SELECT start, sum(amount) FROM periods JOIN revenue ON booked_on >= start AND booked_on < "end" GROUP BY 1'
        )
        open_deals = dict(db.rows("SELECT rep, count(*) FROM opportunities WHERE status = 'open' GROUP BY 1"))
        products = {name for (name,) in db.rows("SELECT DISTINCT name FROM opportunities")}
    assert manifest.problems == ()
    assert stages == expected["stage"]
    assert won == expected["won_value"] * 100
    assert offices == {office: value * 100 for office, value in expected["won_by_office"].items()}
    assert {f"{d.year}Q{(d.month + 2) // 3}": v / 100 for d, v in quarters} == expected["won_by_quarter"]
    assert open_deals == expected["open_deals_by_rep"]
    assert "GTX Pro" in products
    assert "GTXPro" not in products
    found = {f.message: (f.id, f.count) for f in manifest.findings}
    assert found["values replaced in `opportunities.name`"] == ("replaced-values", expected["product_typo_rows"])
    assert found["open deals have no account"] == ("deal-without-account", expected["missing_account_open"])
    assert not {"quotas", "ownership", "accounts.territory"} & manifest.present()


def test_maven_deals_closed_later_were_open_and_of_unknown_value(project: Path, data: Path) -> None:
    with Database() as db:
        shipped(db, project, "maven-crm", data / "maven-crm", date(2017, 6, 30))
        assert db.value("SELECT max(closed_on) <= DATE '2017-06-30' FROM opportunities")
        assert db.value("SELECT count(*) FROM opportunities WHERE status = 'open' AND amount IS NOT NULL") == 0
        assert db.value("SELECT count(*) FROM opportunities WHERE status <> 'open' AND closed_on IS NULL") == 0


def test_salesforce_objects_are_read_by_their_api_names(project: Path, tmp_path: Path) -> None:
    (tmp_path / "User.csv").write_text(
        '"Id","FirstName","LastName","UserRoleId","ManagerId"\n'
        '"005A","Ann","Lee","00E1",""\n"005B","","Poe","","005A"\n'
    )
    (tmp_path / "UserRole.csv").write_text('"Id","Name"\n"00E1","Account Executive"\n')
    (tmp_path / "Account.csv").write_text(
        '"Id","Name","ParentId","Industry","OwnerId","IsDeleted"\n'
        '"001A","Smith, ""J""","","Retail","005A","false"\n"001B","Gone","","","005A","true"\n'
    )
    (tmp_path / "Opportunity.csv").write_text(
        '"Id","Name","AccountId","OwnerId","StageName","CreatedDate","CloseDate",'
        '"Amount","IsClosed","IsWon","IsDeleted"\n'
        '"006A","New","001A","005A","Won","2026-01-05T09:00:00.000Z","2026-02-01","1000.5","true","true","false"\n'
        '"006B","Lost","001A","005B","Closed Lost","2026-01-05T09:00:00.000Z","2026-02-01","","true","false","false"\n'
        '"006C","Open","","005B","Negotiation","2026-01-05T09:00:00.000Z","2026-09-01","20","false","false","false"\n'
        '"006D","Gone","001A","005A","Closed Won","2026-01-05T09:00:00.000Z","2026-02-01","1","true","true","true"\n'
    )
    with Database() as db:
        manifest = shipped(db, project, "salesforce", tmp_path, date(2026, 3, 31))
        assert manifest.problems == ()
        assert db.rows("SELECT rep, name, role FROM reps") == [
            ("005A", "Ann Lee", "Account Executive"),
            ("005B", "Poe", None),
        ]
        assert db.rows("SELECT * FROM revenue") == [("006A", date(2026, 2, 1), 100050, "001A", "005A")]
        assert db.rows("SELECT opportunity, status, closes_on, amount FROM opportunities") == [
            ("006A", "won", None, 100050),
            ("006B", "lost", None, None),
            ("006C", "open", date(2026, 9, 1), 2000),
        ]
    filtered = {f.message: f.count for f in manifest.findings if f.id == "filtered-rows"}
    assert filtered["rows of Account.csv left out of `accounts` by the mapping"] == 1
    assert filtered["rows of Opportunity.csv left out of `opportunities` by the mapping"] == 1


FIVETRAN = """\
mapping: salesforce-warehouse
title: Salesforce objects as a warehouse connector names them, ids of owners and accounts hashed
money: {currency: USD}
crediting: account owner
sources:
  user: {path: sf_user_data_header_only.csv}
  account: {path: sf_account_data.csv}
  opportunity: {path: sf_opportunity_data.csv}
data_sets:
  reps:
    owner: ops
    cadence: week
    from: [{source: user, columns: {rep: id, name: name, reports_to: manager_id}}]
  accounts:
    owner: ops
    cadence: week
    from:
      - source: account
        where: {is_deleted: {not: true}}
        columns: {account: id, name: name}
  opportunities:
    owner: ops
    cadence: week
    from:
      - source: opportunity
        where: {is_closed: true}
        columns: {opportunity: id, name: name, rep: owner_id, created_on: created_date, closed_on: close_date,
          status: {column: is_won, values: {true: won, false: lost}}, amount: amount}
      - source: opportunity
        where: {is_closed: {not: true}}
        columns: {opportunity: id, name: name, rep: owner_id, status: {constant: open}, created_on: created_date,
          closes_on: close_date, amount: amount}
"""


def test_hashed_salesforce_seeds_give_what_they_hold_and_no_more(data: Path) -> None:
    """The user export is a header alone, so that there are no reps to check owners against, and no rep data set."""
    with Database() as db:
        manifest = import_snapshot(
            db, load_mapping(FIVETRAN, "seeds.yaml"), data / "salesforce-seeds", date(2019, 12, 31)
        )
        assert manifest.problems == ()
        assert db.rows("SELECT account, name FROM accounts") == [("0015500000Xyy06AAB", "Eric's Test")]
        assert db.value("SELECT amount FROM opportunities WHERE name = '$1m deal'") == 2_412_000_000
        assert dict(db.rows("SELECT status, count(*) FROM opportunities GROUP BY 1")) == {
            "won": 5,
            "lost": 4,
            "open": 1,
        }
    assert "reps" not in manifest.present()
    assert {(f.id, f.count, f.of) for f in manifest.findings} >= {("empty-data-set", 1, None), ("filtered-rows", 9, 10)}
