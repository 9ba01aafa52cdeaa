"""A snapshot is written whole or not at all, has one id for one content, and shows any change made to it."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from engine.database import Database
from engine.intake.snapshot import DataSet, Finding, Grade, Manifest
from engine.intake.snapshot_store import list_snapshots, open_snapshot, write_snapshot
from rules.problem import BadInput, Place, Problem

MANIFEST = Manifest(
    id="",
    as_of=date(2025, 6, 30),
    mapping="small",
    mapping_sha256="0" * 64,
    currency="EUR",
    money_scale=2,
    minor_digits=2,
    crediting="credited seller",
    windows={"spring": (date(2025, 3, 1), date(2025, 6, 1))},
    files={"reps.csv": "1" * 64},
    data_sets=(
        DataSet("reps", 2, ("rep", "name"), "", "hr", date(2025, 6, 30), "month", Grade.PROXY, "reps.csv", 1, 2),
    ),
    findings=(Finding("account-without-owner", "accounts have no owner", 1, 2, ("account é",)),),
    problems=(
        Problem(Place("reps.csv", row=3, field="hired"), "`hired_on` cannot be read", "x", "a day", "set `format`"),
    ),
)


def reps(db: Database, *names: str) -> None:
    db.run("CREATE OR REPLACE TABLE reps (rep VARCHAR, name VARCHAR)")
    db.run_many("INSERT INTO reps VALUES (?, ?)", [(f"r{n}", n) for n in names])


@pytest.fixture
def db() -> Iterator[Database]:
    with Database() as database:
        yield database


def test_what_was_written_is_opened_again_by_any_prefix_of_its_id(db: Database, tmp_path: Path) -> None:
    reps(db, "b", "a")
    written = write_snapshot(db, MANIFEST, tmp_path / "store")
    with Database() as other:
        assert open_snapshot(other, tmp_path / "store", written.id[:3]) == written
        assert other.rows("SELECT * FROM reps") == [("ra", "a"), ("rb", "b")]
    assert list_snapshots(tmp_path / "store") == [written]
    assert sorted(f.name for f in (tmp_path / "store").iterdir()) == [written.id]


def test_one_content_has_one_id_whatever_the_order_and_place(db: Database, tmp_path: Path) -> None:
    reps(db, "b", "a")
    first = write_snapshot(db, MANIFEST, tmp_path / "one")
    reps(db, "a", "b")
    assert write_snapshot(db, MANIFEST, tmp_path / "one") == first
    assert write_snapshot(db, MANIFEST, tmp_path / "two") == first
    names = [f.name for f in (tmp_path / "one" / first.id).iterdir()]
    assert all(
        (tmp_path / "one" / first.id / n).read_bytes() == (tmp_path / "two" / first.id / n).read_bytes() for n in names
    )


def test_another_cell_or_another_day_is_another_snapshot(db: Database, tmp_path: Path) -> None:
    reps(db, "a", "b")
    first = write_snapshot(db, MANIFEST, tmp_path)
    reps(db, "a", "c")
    second = write_snapshot(db, MANIFEST, tmp_path)
    assert first.id != second.id
    assert {m.id for m in list_snapshots(tmp_path)} == {first.id, second.id}


def test_an_altered_table_is_not_opened(db: Database, tmp_path: Path) -> None:
    reps(db, "a")
    written = write_snapshot(db, MANIFEST, tmp_path)
    file = tmp_path / written.id / "reps.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with Database() as other:
        with pytest.raises(BadInput, match=r"reps\.parquet: table of the snapshot was altered"):
            open_snapshot(other, tmp_path, written.id)
        assert not other.has("reps")
    with pytest.raises(BadInput, match="was altered"):
        write_snapshot(db, MANIFEST, tmp_path)


def test_a_missing_table_is_named(db: Database, tmp_path: Path) -> None:
    reps(db, "a")
    written = write_snapshot(db, MANIFEST, tmp_path)
    (tmp_path / written.id / "reps.parquet").unlink()
    with Database() as other, pytest.raises(BadInput, match="table of the snapshot is missing"):
        open_snapshot(other, tmp_path, written.id)


def test_an_altered_manifest_is_not_read(db: Database, tmp_path: Path) -> None:
    reps(db, "a")
    written = write_snapshot(db, MANIFEST, tmp_path)
    file = tmp_path / written.id / "manifest.json"
    file.write_text(file.read_text().replace('"owner": "hr"', '"owner": "me"'))
    with pytest.raises(BadInput, match="manifest was altered"):
        list_snapshots(tmp_path)


def test_no_or_several_snapshots_of_a_prefix_are_refused_with_what_there_is(db: Database, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such snapshot; found `abc`\n  hint: import one"):
        open_snapshot(db, tmp_path, "abc")
    ids = []
    for name in "abcdefghijklmnopq":
        reps(db, name)
        ids.append(write_snapshot(db, MANIFEST, tmp_path).id)
    twice = next(i[0] for i in ids if sum(j.startswith(i[0]) for j in ids) > 1)
    with pytest.raises(BadInput, match=f"snapshot is ambiguous; found `{twice}`"):
        open_snapshot(db, tmp_path, twice)


def test_a_write_that_fails_leaves_nothing(db: Database, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="reps"):
        write_snapshot(db, MANIFEST, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_manifest_is_plain_json_that_names_its_schema(db: Database, tmp_path: Path) -> None:
    reps(db, "a")
    written = write_snapshot(db, MANIFEST, tmp_path)
    content = json.loads((tmp_path / written.id / "manifest.json").read_text())
    assert content["schema"] == "merestone/snapshot/1"
    assert content["data_sets"][0]["grade"] == "proxy"
    assert content["problems"][0]["where"]["row"] == 3
    assert "id" not in content
