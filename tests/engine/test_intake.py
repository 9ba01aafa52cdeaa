"""Exports become canonical tables as of a day; nothing is guessed, and what is left out is counted or listed."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.database import Database
from engine.intake.intake import import_snapshot
from engine.intake.mapping import load_mapping
from engine.intake.snapshot import Grade, Manifest
from engine.intake.snapshot_store import write_snapshot
from rules.problem import BadInput

MAPPING = """\
mapping: small
title: A small company
money: {currency: USD}
crediting: credited seller
windows: {spring: {start: 2025-03-01, end: 2025-06-01, claims: [rep_revenue]}}
sources:
  person: {path: people.csv}
  work: {path: work.csv, empty: ["NULL"]}
  client: {path: clients.csv}
  sale: {path: sales.csv}
  goal: {path: goals.csv}
data_sets:
  territories:
    owner: ops
    cadence: year
    dated: false
    exported: 2025-06-30
    from:
      - {source: work, distinct: true, columns: {territory: area, name: area, named: {constant: false}}}
  reps:
    owner: hr
    cadence: month
    from:
      - source: person
        where: {kind: {not: assistant}}
        columns: {rep: id, name: name, manager: {column: kind, values: {rep: false, boss: true}}, hired_on: hired}
  assignments:
    owner: ops
    cadence: month
    from:
      - source: work
        columns: {rep: who, territory: area, start: first, end: {column: last, plus_days: 1}}
  accounts:
    owner: ops
    cadence: month
    from:
      - {source: client, columns: {account: id, name: name, territory: area}}
  revenue:
    owner: finance
    cadence: day
    from:
      - source: sale
        joins: [{source: client, on: {client: id}}]
        columns: {booking: id, booked_on: day, amount: net, account: client, rep: seller, territory: client.area}
  ownership: {owner: ops, cadence: day, derive: {rule: credited-seller}}
  quotas:
    owner: ops
    cadence: quarter
    derive: {rule: next-start, last_end: 2025-10-01}
    from:
      - {source: goal, columns: {rep: who, start: quarter, amount: goal}}
  periods: {owner: ops, cadence: year, derive: {rule: distinct-starts, of: quotas, last_end: 2025-10-01}}
  claims:
    owner: ops
    cadence: year
    from:
      - source: person
        where: {sold: {is: present}}
        columns: {claim: {constant: rep_revenue}, subject: id, amount: sold, source: {constant: people.sold}}
"""

FILES = {
    "people.csv": """\
id,name,kind,hired,sold
r1,Ann,rep,2020-01-01,350.00
r2,Bob,rep,2021-01-01,90.00
b1,Cleo,boss,2019-01-01,
a1,Dan,assistant,2019-01-01,
""",
    "work.csv": """\
who,area,first,last
r2,West,2025-06-01,NULL
r2,South,2024-01-01,2025-05-31
r1,North,2024-01-01,NULL
""",
    "clients.csv": """\
id,name,area
c1,"Smith, J",North
c2,Jones,South
c3,Lee,North
""",
    "sales.csv": """\
id,day,net,client,seller
1,2025-03-01,100.50,c1,r1
2,2025-04-01,249.50,c1,r1
3,2025-05-01,10,c1,r2
4,2025-05-01,80,c2,r2
5,2025-07-01,1,c2,r1
""",
    "goals.csv": """\
who,quarter,goal
r1,2025-01-01,1000
r1,2025-04-01,1000
r2,2025-04-01,500
r1,2025-07-01,1000
""",
}
DAY = date(2025, 6, 30)


@pytest.fixture
def db() -> Iterator[Database]:
    with Database() as database:
        yield database


def bring(
    db: Database, folder: Path, changed: Mapping[str, str] | None = None, *, mapping: str = MAPPING, as_of: date = DAY
) -> Manifest:
    for name, content in {**FILES, **(changed or {})}.items():
        (folder / name).write_text(content, encoding="utf-8", newline="")
    return import_snapshot(db, load_mapping(mapping, "small.yaml"), folder, as_of)


def plus(name: str, *lines: str) -> dict[str, str]:
    return {name: FILES[name] + "".join(line + "\n" for line in lines)}


def problems(manifest: Manifest) -> list[str]:
    return [str(p) for p in manifest.problems]


def found(manifest: Manifest) -> dict[str, tuple[int, int | None, tuple[str, ...]]]:
    return {f.id: (f.count, f.of, f.examples) for f in manifest.findings}


def counts(manifest: Manifest, table: str) -> tuple[int, int, int]:
    entry = next(d for d in manifest.data_sets if d.table == table)
    return entry.rows, entry.late, entry.refused


def test_tables_hold_typed_values_in_order_of_their_keys(db: Database, tmp_path: Path) -> None:
    manifest = bring(db, tmp_path)
    assert manifest.problems == ()
    assert db.rows("SELECT * FROM assignments") == [
        ("r1", "North", date(2024, 1, 1), None),
        ("r2", "South", date(2024, 1, 1), date(2025, 6, 1)),
        ("r2", "West", date(2025, 6, 1), None),
    ]
    assert db.rows("SELECT * FROM revenue")[0] == ("1", date(2025, 3, 1), 10050, "c1", "r1", "North")
    assert db.rows("SELECT * FROM reps WHERE manager") == [("b1", "Cleo", True, date(2019, 1, 1))]
    assert db.rows("SELECT * FROM accounts WHERE account = 'c1'") == [("c1", "Smith, J", "North")]


def test_nothing_but_the_canonical_tables_is_left_in_the_database(db: Database, tmp_path: Path) -> None:
    manifest = bring(db, tmp_path)
    assert {name for (name,) in db.rows("SHOW TABLES")} == {d.table for d in manifest.data_sets}


def test_columns_of_the_manifest_are_those_that_the_mapping_fills(db: Database, tmp_path: Path) -> None:
    present = bring(db, tmp_path).present()
    assert {"reps.hired_on", "revenue.account", "ownership.rep"} <= present
    assert not {"reps.left_on", "accounts.parent", "potential"} & present


def test_rows_after_as_of_are_late_and_ends_after_it_are_not_yet_known(db: Database, tmp_path: Path) -> None:
    manifest = bring(db, tmp_path, as_of=date(2025, 5, 31))
    assert counts(manifest, "revenue") == (4, 1, 0)
    assert counts(manifest, "assignments") == (2, 1, 0)
    assert db.value("SELECT \"end\" FROM assignments WHERE rep = 'r2'") is None
    assert found(manifest)["not-yet-known"][0] == 1


def test_a_bad_row_after_as_of_is_no_problem_of_that_day(db: Database, tmp_path: Path) -> None:
    changed = plus("sales.csv", "6,2025-08-01,unreadable,c9,r9")
    assert counts(bring(db, tmp_path, changed), "revenue") == (4, 2, 0)


def test_periods_are_a_calendar_and_stay_whole(db: Database, tmp_path: Path) -> None:
    manifest = bring(db, tmp_path, as_of=date(2025, 5, 31))
    assert [start.month for (start,) in db.rows("SELECT start FROM periods")] == [1, 4, 7]
    assert db.rows("SELECT rep, start, \"end\" FROM quotas WHERE rep = 'r1'") == [
        ("r1", date(2025, 1, 1), date(2025, 4, 1)),
        ("r1", date(2025, 4, 1), date(2025, 7, 1)),
    ]
    assert counts(manifest, "quotas") == (3, 1, 0)


def test_ownership_follows_the_seller_in_dated_runs(db: Database, tmp_path: Path) -> None:
    bring(db, tmp_path, plus("sales.csv", "7,2025-06-02,1,c1,r1"))
    assert db.rows("SELECT * FROM ownership WHERE account = 'c1'") == [
        ("c1", "r1", date(2025, 3, 1), date(2025, 5, 1)),
        ("c1", "r2", date(2025, 5, 1), date(2025, 6, 2)),
        ("c1", "r1", date(2025, 6, 2), None),
    ]


def test_two_sellers_on_one_day_are_found_and_the_last_booking_counts(db: Database, tmp_path: Path) -> None:
    manifest = bring(db, tmp_path, plus("sales.csv", "10,2025-05-01,1,c1,r1"))
    assert found(manifest)["sellers-on-one-day"][2] == ("account c1 on 2025-05-01: sold by r1, r2, counted for r1",)


def test_an_undated_source_used_for_an_earlier_day_is_named_and_only_an_estimate(db: Database, tmp_path: Path) -> None:
    manifest = bring(db, tmp_path, as_of=date(2025, 6, 29))
    assert (
        "`territories` from work.csv: as on 2025-06-30, used for 2025-06-29" in found(manifest)["undated-source"][2][0]
    )
    grades = {d.table: d.grade for d in manifest.data_sets}
    assert (grades["territories"], grades["reps"]) == (Grade.ESTIMATE, Grade.MEASURED)
    with Database() as later:
        assert "undated-source" not in found(bring(later, tmp_path, as_of=DAY))


@pytest.mark.parametrize(
    ("line", "table", "words"),
    [
        (
            "sales.csv:9,2025-02-30,1,c1,r1",
            "revenue",
            "row 7 column `day`: `booked_on` cannot be read; found `2025-02-30`",
        ),
        ("sales.csv:9,2025-02-01,1.005,c1,r1", "revenue", "row 7 column `net`: `amount` cannot be read; found `1.005`"),
        ("sales.csv:9,2025-02-01,,c1,r1", "revenue", "row 7 column `net`: `amount` is empty; expected amount"),
        ("sales.csv:9,2025-02-01,1,c9,r1", "revenue", "row 7: no row of `client` matches; found `c9`"),
        ("sales.csv:9,2025-02-01,1,c1,r9", "revenue", "row 7 column `seller`: not among the reps; found `r9`"),
        ("sales.csv:9,2025-02-01,1,c1", "revenue", "row 7: too few cells; found `4`; expected 5"),
        ("people.csv:r3,Eve,chief,2020-01-01,", "reps", "row 6 column `kind`: `manager` cannot be read; found `chief`"),
        ("work.csv:a1,North,2025-01-01,NULL", "assignments", "row 5 column `who`: not among the reps; found `a1`"),
    ],
)
def test_a_bad_row_is_refused_counted_and_listed_with_its_place(
    tmp_path: Path, line: str, table: str, words: str
) -> None:
    name, _, content = line.partition(":")
    with Database() as good, Database() as bad:
        before = counts(bring(good, tmp_path), table)
        manifest = bring(bad, tmp_path, plus(name, content))
    assert [p.startswith(f"{name} {words}") for p in problems(manifest)] == [True]
    assert counts(manifest, table) == (before[0], before[1], 1)


def test_rows_of_one_key_that_differ_are_all_refused_whatever_their_order(db: Database, tmp_path: Path) -> None:
    manifest = bring(db, tmp_path, plus("clients.csv", "c3,Lea,North"))
    assert problems(manifest) == [
        "clients.csv row 4: rows of one key differ; found `c3`; expected one row for each account",
        "clients.csv row 5: rows of one key differ; found `c3`; expected one row for each account",
    ]
    assert counts(manifest, "accounts") == (2, 0, 2)


def test_rows_that_are_equal_in_everything_are_one_row(db: Database, tmp_path: Path) -> None:
    manifest = bring(db, tmp_path, plus("goals.csv", "r2,2025-04-01,500"))
    assert problems(manifest) == [
        "goals.csv row 6: row stands twice; found `r2, 2025-04-01`; expected one row for each rep, start"
    ]
    assert counts(manifest, "quotas") == (3, 1, 1)


def test_a_lookup_with_several_partners_is_refused(db: Database, tmp_path: Path) -> None:
    manifest = bring(db, tmp_path, plus("clients.csv", "c2,Jones,South"))
    assert "sales.csv row 5: several rows of `client` match; found `c2`" in problems(manifest)


def test_a_status_of_another_system_is_not_read_as_lost(db: Database, tmp_path: Path) -> None:
    mapping = (
        MAPPING
        + """\
  opportunities:
    owner: ops
    cadence: day
    from: [{source: sale, columns: {opportunity: id, rep: seller, status: {constant: Closed Won}, created_on: day}}]
"""
    )
    manifest = bring(db, tmp_path, mapping=mapping)
    assert counts(manifest, "opportunities") == (0, 1, 4)
    assert problems(manifest)[0].endswith("expected one of `open`, `won`, `lost`\n  hint: map it with `values`")


def test_filtered_corrected_and_defaulted_cells_are_findings(db: Database, tmp_path: Path) -> None:
    mapping = MAPPING.replace(
        "{account: id, name: name, territory: area}",
        "{account: id, name: {column: name, replace: {Lee: Leigh}}, territory: area,"
        " industry: {column: name, default: unknown}}",
    )
    manifest = bring(db, tmp_path, plus("clients.csv", "c4,,South"), mapping=mapping)
    everything = found(manifest)
    filtered = next(f for f in manifest.findings if f.message == "rows of people.csv left out of `reps` by the mapping")
    assert (filtered.count, filtered.of, filtered.examples) == (1, 4, ("kept where `kind` is not `assistant`",))
    assert everything["replaced-values"] == (1, None, ("clients.csv column `name`: `Lee` read as `Leigh` in 1 rows",))
    assert everything["defaulted-values"][0] == 1


def test_owners_and_territories_that_do_not_fit_are_found(db: Database, tmp_path: Path) -> None:
    manifest = bring(db, tmp_path, plus("work.csv", "r1,North,2025-02-01,NULL"))
    everything = found(manifest)
    assert everything["account-without-owner"] == (1, 3, ("account c3",))
    assert everything["owner-without-accounts"] == (1, 2, ("rep r1",))
    assert everything["owner-outside-territory"] == (
        2,
        2,
        (
            "account c1 lies in territory North; owner r2 works territory West",
            "account c2 lies in territory South; owner r2 works territory West",
        ),
    )
    assert everything["overlapping-assignments"] == (
        1,
        None,
        ("rep r1, territory North: from 2024-01-01 to now, and again from 2025-02-01",),
    )


def test_claims_are_compared_in_their_window_with_both_sides_and_the_difference(db: Database, tmp_path: Path) -> None:
    changed = {"people.csv": FILES["people.csv"].replace("350.00", "350.01")}
    everything = found(bring(db, tmp_path, changed))
    assert everything["rep-revenue-agrees"] == (1, 2, ("claimed by people.sold",))
    assert everything["rep-revenue-disagrees"] == (
        1,
        2,
        ("rep r1: people.sold claims 350.01; booked 350.00, difference 0.01",),
    )


def test_claims_of_a_window_that_has_not_ended_are_not_compared(db: Database, tmp_path: Path) -> None:
    everything = found(bring(db, tmp_path, as_of=date(2025, 5, 30)))
    assert "rep-revenue-agrees" not in everything
    assert everything["claims-not-compared"][0] == 1


def test_a_company_without_reps_has_no_rep_data_set(db: Database, tmp_path: Path) -> None:
    manifest = bring(db, tmp_path, {"people.csv": FILES["people.csv"].splitlines()[0] + "\n"})
    assert "reps" not in manifest.present()
    assert "empty-data-set" in found(manifest)
    assert counts(manifest, "revenue") == (4, 1, 0)


def test_missing_files_and_columns_refuse_the_import_all_at_once(db: Database, tmp_path: Path) -> None:
    bring(db, tmp_path)
    (tmp_path / "goals.csv").unlink()
    (tmp_path / "people.csv").write_text("id,nam,kind,hired\n")
    with Database() as other, pytest.raises(BadInput) as error:
        import_snapshot(other, load_mapping(MAPPING, "small.yaml"), tmp_path, DAY)
    assert [str(p) for p in error.value.problems] == [
        "goals.csv: file cannot be read: no such file or directory",
        "people.csv: column `name` is missing\n  hint: did you mean `nam`?",
        "people.csv: column `sold` is missing\n  hint: correct the mapping, or export the column",
    ]


def test_a_calendar_that_the_data_outgrew_refuses_the_import(db: Database, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"small\.yaml:49:13: `last_end` is not after the last start"):
        bring(db, tmp_path, plus("goals.csv", "r1,2025-10-01,1"))


def test_a_byte_order_mark_left_in_the_middle_of_a_file_is_cut_from_its_cell(db: Database, tmp_path: Path) -> None:
    bring(db, tmp_path, plus("clients.csv", "\ufeffc4, Poe\u00a0,South"))
    assert db.rows("SELECT * FROM accounts WHERE account = 'c4'") == [("c4", "Poe", "South")]


@settings(max_examples=4, deadline=None)
@given(order=st.permutations(range(1, 6)))
def test_the_order_of_rows_changes_no_table(tmp_path_factory: pytest.TempPathFactory, order: list[int]) -> None:
    lines = FILES["sales.csv"].splitlines(keepends=True)
    shuffled = {"sales.csv": lines[0] + "".join(lines[i] for i in order)}
    hashes = []
    for changed in ({}, shuffled):
        folder = tmp_path_factory.mktemp("order")
        with Database() as db:
            written = write_snapshot(db, bring(db, folder, changed), folder / "store")
        hashes.append({d.table: d.sha256 for d in written.data_sets})
    assert hashes[0] == hashes[1]
