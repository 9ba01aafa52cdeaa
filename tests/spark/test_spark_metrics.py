"""Metrics, facts, verdicts and the audit are on a cluster what they are on the embedded engine, bit for bit."""

import runpy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.audit import audit
from engine.engines.embedded import Embedded
from engine.engines.spark import Spark
from engine.intake.intake import import_snapshot
from engine.intake.mapping import load_mapping
from engine.intake.moves_file import read_moves
from engine.intake.snapshot_store import open_snapshot, write_snapshot
from engine.moves import check_moves
from rules.reading.load import load_policies
from tests.engine.whole_companies import company_of, everything

pytestmark = pytest.mark.spark


@pytest.fixture
def small(spark: Spark) -> Spark:
    """The cluster, its shuffles cut into few parts: these tables are small."""
    spark._session.conf.set("spark.sql.shuffle.partitions", "2")
    return spark


@pytest.mark.exhaustive
def test_every_fact_of_a_company_is_the_same(small: Spark) -> None:
    company = company_of(2)
    with Embedded() as db:
        ours = everything(db, company)
    theirs = everything(small, company)
    for name, found in ours.items():
        assert theirs[name] == found, name


@pytest.mark.exhaustive
def test_the_realignment_of_a_real_company_is_judged_alike(
    small: Spark, data: Path, project: Path, tmp_path: Path
) -> None:
    day = date(2012, 11, 29)
    file = project / "policies" / "mappings" / "adventureworks.yaml"
    policies = load_policies((p.name, p.read_text("utf-8")) for p in sorted((project / "policies").glob("*.yaml")))
    runpy.run_path(str(project / "examples" / "adventureworks" / "realignment.py"))["main"](
        data / "adventureworks", tmp_path
    )
    with Embedded() as db:
        mapping = load_mapping(file.read_text("utf-8"), file.name)
        kept = write_snapshot(db, import_snapshot(db, mapping, data / "adventureworks", day), tmp_path / "snapshots")
    said: list[Any] = []
    with Embedded() as db:
        for engine in (db, small):
            manifest = open_snapshot(engine, tmp_path / "snapshots", kept.id)
            read_moves(engine, tmp_path / "moves.csv")
            letters = check_moves(engine, manifest, policies, day).letters()
            found = audit(engine, manifest, policies, day)
            said.append((letters, found.case, found.company, found.territories))
    assert said[1] == said[0]
    assert said[0][0]
