"""A company of any size, with every table that an audit of territories asks for: a booking of every account each month.

The tables lie in Parquet, one file each, in the columns of a snapshot. What a database loads are views of them, so that
neither an audit nor a query by hand needs room for all rows.
"""

# ruff: noqa: S608 -- names of our own

from datetime import date
from pathlib import Path

from engine.canonical import TABLES
from engine.engines.embedded import Embedded
from engine.intake.snapshot import DataSet, Grade, Manifest
from engine.spelling import text

AS_OF = date(2026, 6, 30)
TERRITORIES = 1_000
REPS = 2
"""Of each territory."""
MONTHS = 12
_AT = "hash({i}, 1) % {territories}"
_QUERIES = {
    "territories": "SELECT format('T{{:05d}}', t) AS territory, format('Territory {{}}', t) AS name, "
    "format('Region {{}}', t % 8) AS region, t % 20 = 0 AS named FROM range({territories}) AS a(t)",
    "reps": "SELECT format('R{{:05d}}', r) AS rep, format('Rep {{}}', r) AS name, false AS manager, "
    "true AS quota_carrying, format('Region {{}}', r // {reps} % 8) AS region, DATE '2020-01-01' AS hired_on, "
    "CAST(NULL AS DATE) AS left_on FROM range({territories} * {reps}) AS a(r)",
    "assignments": "SELECT format('R{{:05d}}', r) AS rep, format('T{{:05d}}', r // {reps}) AS territory, "
    "CAST(1000000 AS BIGINT) AS share, DATE '2020-01-01' AS start, CAST(NULL AS DATE) AS \"end\" "
    "FROM range({territories} * {reps}) AS a(r)",
    "capacity": "SELECT format('R{{:05d}}', r) AS rep, CAST({accounts} // {territories} AS BIGINT) AS target_units "
    "FROM range({territories} * {reps}) AS a(r)",
    "periods": "SELECT CAST(DATE '2025-01-01' + to_months(CAST(3 * q AS INTEGER)) AS DATE) AS start, "
    "CAST(DATE '2025-01-01' + to_months(CAST(3 * q + 3 AS INTEGER)) AS DATE) AS \"end\" FROM range(8) AS a(q)",
    "quotas": "SELECT format('R{{:05d}}', r) AS rep, "
    "CAST(DATE '2025-01-01' + to_months(CAST(3 * q AS INTEGER)) AS DATE) AS start, "
    "CAST(DATE '2025-01-01' + to_months(CAST(3 * q + 3 AS INTEGER)) AS DATE) AS \"end\", "
    "CAST({accounts} // {territories} * 100000 + hash(r, q) % 10000000 AS BIGINT) AS amount "
    "FROM range({territories} * {reps}) AS a(r), range(8) AS b(q)",
    "accounts": "SELECT format('A{{:09d}}', i) AS account, format('T{{:05d}}', {at}) AS territory, "
    "['SMB', 'mid-market', 'enterprise'][1 + i % 3] AS size_segment, i % 10 = 0 AS named "
    "FROM range({accounts}) AS a(i)",
    "potential": "SELECT format('A{{:09d}}', i) AS account, CAST(hash(i, 2) % 15000000 AS BIGINT) AS amount "
    "FROM range({accounts}) AS a(i)",
    "ownership": "SELECT format('A{{:09d}}', i) AS account, format('R{{:05d}}', ({at}) * {reps} + i % {reps}) AS rep, "
    "DATE '2024-01-01' AS start, CAST(NULL AS DATE) AS \"end\" FROM range({accounts}) AS a(i)",
    "revenue": "SELECT format('B{{:09d}}-{{:02d}}', i, m) AS booking, "
    "CAST(DATE '2025-07-01' + to_months(CAST(m AS INTEGER)) AS DATE) + CAST(i % 28 AS INTEGER) AS booked_on, "
    "CAST(hash(i, m) % 200000 AS BIGINT) AS amount, format('A{{:09d}}', i) AS account, "
    "CASE WHEN hash(m, i) % 50 <> 0 THEN format('R{{:05d}}', ({at}) * {reps} + i % {reps}) END AS rep, "
    "format('T{{:05d}}', {at}) AS territory FROM range({accounts}) AS a(i), range({months}) AS b(m)",
}


def company(cache: Path, accounts: int) -> Path:
    """The folder of the tables, made in `cache` unless it lies there already."""
    folder = cache / f"company-{accounts}"
    folder.mkdir(parents=True, exist_ok=True)
    territories = min(TERRITORIES, accounts)
    numbers = {"accounts": accounts, "territories": territories, "reps": REPS, "months": MONTHS}
    with Embedded() as db:
        db.run("SET memory_limit = '1GB'; SET enable_progress_bar = false")
        for name, query in _QUERIES.items():
            path = folder / f"{name}.parquet"
            if not path.is_file():
                partial = path.with_suffix(".part")
                db.write_parquet(query.format(at=_AT.format(i="i", territories=territories), **numbers), partial)
                partial.replace(path)
    return folder


def opened(db: Embedded, folder: Path) -> Manifest:
    """The tables as views, and the manifest of such a snapshot."""
    sets = []
    for name in _QUERIES:
        db.run(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({text(str(folder / f'{name}.parquet'))})")
        columns = tuple(c.name for c in TABLES[name].columns if c.name in db.columns(name))
        sets.append(DataSet(name, 0, columns, "", "ops", AS_OF, "day", Grade.MEASURED, "invented"))
    return Manifest("", AS_OF, "invented", "", "EUR", 2, 2, "credited seller", {}, {}, tuple(sets), (), ())
