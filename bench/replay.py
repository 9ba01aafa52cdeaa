"""Facts of account moves in any number: AdventureWorks' accounts moved to every rep on several days, drawn to size.

    engine.facts on 28,000 possible moves  ->  base  ->  1,000,000 or 10,000,000 rows of one prepared fact table

`replay` has the facts as AdventureWorks has them: half of them belong to data sets that it lacks. `filled` has every
data set, the lacking facts drawn at rates that a company could have, a fiftieth of them unknown. `adversarial` has
rules and facts of its own, which nothing ties together. Every table is the same for the same seed.
"""

# ruff: noqa: PLR2004, S608 -- rates of what is drawn, and names of our own

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from bench import adversarial
from engine.database import Database
from engine.engines.embedded import Embedded
from engine.facts import Facts, move_facts
from engine.intake.intake import import_snapshot
from engine.intake.mapping import load_mapping
from engine.spelling import quoted, text
from rules.model.policy import PolicySet
from rules.reading.load import load_policies, single_in_force
from rules.vocabulary import Subject

ROOT = Path(__file__).parent.parent
DAYS = (date(2012, 11, 29), date(2013, 2, 27), date(2013, 5, 29), date(2013, 8, 28))
REASONS = (("rebalance", 70), ("leaver", 8), ("geography", 8), ("request", 8), ("merger", 3), ("bad-data", 3))
MOVE = (
    *((name, "VARCHAR") for name in ("account", "from_rep", "to_rep")),
    *((name, "DATE") for name in ("effective", "requested_on", "announced_on")),
    *((name, "VARCHAR") for name in ("reason", "requester", "approver", "evidence")),
)
SEED = 20_121_130

FILLED = {
    "account.size_segment": "['SMB', 'mid-market', 'enterprise'][1 + {h} % 3]",
    "account.named": "{h} % 10 = 0",
    "account.contract_end": "CASE WHEN {h} % 3 = 0 THEN DATE '2012-09-01' + CAST({h} // 3 % 900 AS INTEGER) END",
    "account.late_deals": "CAST(greatest(0, CAST({h} % 10 AS BIGINT) - 7) AS BIGINT)",
    "account.family_split": "{h} % 20 = 0",
    "account.strategic_anchor": "{h} % 25 = 0",
    "from_rep.utilisation_after": "CAST(200 + {h} % 900 AS BIGINT)",
    "to_rep.utilisation_after": "CAST(200 + {h} % 900 AS BIGINT)",
    "to_rep.size_segment": "CASE WHEN {h} % 4 = 0 THEN ['SMB', 'mid-market', 'enterprise'][1 + {h} // 4 % 3] END",
    "company.open_mergers": "CAST({h} % 40 = 0 AS BIGINT)",
    "account.segmentation": "['named', 'vertical', 'geographic', 'pooled', 'mixed', NULL][1 + {h} % 6]",
    "account.industry": "['healthcare', 'SaaS', 'banking', 'food', 'retail', 'machines', NULL][1 + {h} % 7]",
    "account.required_licence": "CASE WHEN {h} % 30 = 0 THEN 'insurance' END",
    "account.has_plan": "{h} % 4 <> 0",
    "account.relationships": "CAST({h} % 9 AS BIGINT)",
    "account.churn_risk": "['low', 'low', 'low', 'medium', 'high'][1 + {h} % 5]",
    "account.affinity_gap": "CAST({h} % 450 AS BIGINT)",
    "account.in_mandate": "{h} % 15 = 0",
    "to_rep.bottom_quartile": "{h} % 4 = 0",
    "to_rep.licensed": "{h} % 10 <> 0",
    "to_rep.expertise": "{h} % 3 <> 0",
    "to_rep.new_territory": "{h} % 6 = 0",
}
"""Fact that AdventureWorks lacks and a rule reads, to what is drawn: `{h}` is a random number of the row and the fact.
Of a ratio it is the numerator, over 1,000."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A prepared fact table in one Parquet file, and which of its facts belong to no data set that is there."""

    path: Path
    rows: int
    absent: frozenset[str]

    def facts(self, relation: str) -> Facts:
        """The same, where the file is read as `relation`."""
        return Facts(Subject.MOVE, relation, self.absent, dict.fromkeys(self.absent, ()))


def shipped() -> PolicySet:
    """The shipped policies."""
    files = sorted((ROOT / "policies").glob("*.yaml"))
    return load_policies([(f"policies/{f.name}", f.read_text(encoding="utf-8")) for f in files])


def prepared(cache: Path, data: Path, policies: PolicySet, kind: str, rows: int) -> Prepared:
    """The table of that kind and size, made in `cache` unless it lies there already."""
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / f"{kind}-{rows}.parquet"
    base, absent = (None, frozenset[str]()) if kind == "adversarial" else _base(cache, data, policies)
    if not path.is_file():
        with Embedded() as db:
            db.run("SET memory_limit = '1GB'; SET enable_progress_bar = false")
            if base is None:
                _write(db, adversarial.table_query(rows), path)
            else:
                _write(db, _drawn(db, base, rows, absent if kind == "filled" else frozenset()), path)
    return Prepared(path, rows, absent if kind == "replay" else frozenset())


def _drawn(db: Database, base: Path, rows: int, lacking: frozenset[str]) -> str:
    """A query of that many rows of the base in order of their number, with values for the facts that are lacking."""
    db.run(f"CREATE TABLE base AS SELECT *, row_number() OVER () - 1 AS n FROM read_parquet({text(str(base))})")
    count = db.value("SELECT count(*) FROM base")
    cells = [_filled(c, lacking) for c in db.columns("base") if c not in ("subject_id", "n")]
    return (
        f"SELECT format('M{{:09d}}', i) AS subject_id, {', '.join(cells)} "
        f"FROM range({rows}) AS r(i) JOIN base AS b ON b.n = hash(i, {SEED}) % {count}"
    )


def _filled(column: str, absent: frozenset[str]) -> str:
    fact, _, half = column.partition("#")
    if fact not in absent or fact not in FILLED:
        return f"b.{quoted(column)}"
    drawn = (
        FILLED[fact].format(h=f"CAST(hash(i, {text(fact)}) >> 1 AS BIGINT)") if half != "d" else "CAST(1000 AS BIGINT)"
    )
    return f"CASE WHEN hash({text(fact)}, i) % 50 <> 0 THEN {drawn} END AS {quoted(column)}"


def _write(db: Database, query: str, path: Path) -> None:
    partial = path.with_suffix(".part")
    db.write_parquet(query, partial)
    partial.replace(path)


def _base(cache: Path, data: Path, policies: PolicySet) -> tuple[Path, frozenset[str]]:
    """Facts of every possible move of every day, and the facts that nobody can know."""
    cache.mkdir(parents=True, exist_ok=True)
    path, listed = cache / "base.parquet", cache / "absent.json"
    if not (path.is_file() and listed.is_file()):
        absent: frozenset[str] = frozenset()
        with TemporaryDirectory(dir=cache) as parts:
            for day in DAYS:
                absent |= _facts_of(data, policies, day, Path(parts) / f"{day}.parquet")
            with Embedded() as db:
                _write(db, f"SELECT * FROM read_parquet({text(f'{parts}/*.parquet')}) ORDER BY ALL", path)
        listed.write_text(json.dumps(sorted(absent)), encoding="utf-8")
    return path, frozenset(json.loads(listed.read_text(encoding="utf-8")))


def _facts_of(data: Path, policies: PolicySet, day: date, path: Path) -> frozenset[str]:
    """Write the facts of the moves of every account to every other rep; returns those that nobody can know."""
    file = ROOT / "policies" / "mappings" / "adventureworks.yaml"
    mapping = load_mapping(file.read_text(encoding="utf-8"), file.name)
    random = Random(SEED + day.toordinal())  # noqa: S311 -- the same moves on every run, and no secret
    with Embedded() as db:
        manifest = import_snapshot(db, mapping, data / "adventureworks", day)
        owned = db.rows('SELECT account, rep FROM ownership WHERE start <= $1 AND ("end" IS NULL OR "end" > $1)', [day])
        reps = [rep for (rep,) in db.rows("SELECT rep FROM reps ORDER BY rep")]
        parameters, metrics = single_in_force(policies, day), policies.metrics(Subject.MOVE)
        found = []
        for step in range(1, len(reps)):
            moves = [_move(random, a, r, reps[(reps.index(r) + step) % len(reps)], day) for a, r in sorted(owned)]
            cells = ", ".join(f"unnest(CAST(${i} AS {kind}[])) AS {name}" for i, (name, kind) in enumerate(MOVE, 1))
            columns = [list(column) for column in zip(*moves, strict=True)]
            db.run(f"CREATE OR REPLACE TABLE moves AS SELECT {cells}", columns)
            found.append(move_facts(db, manifest, parameters, day, metrics, policies.calendar))
        # Parquet has no integers of 128 bits, and a ratio must not become a floating-point number.
        columns_in_order = ", ".join(
            f"CAST({quoted(c)} AS BIGINT) AS {quoted(c)}" if "#" in c else quoted(c)
            for c in db.columns(found[0].relation)
        )
        _write(db, " UNION ALL ".join(f"SELECT {columns_in_order} FROM {quoted(f.relation)}" for f in found), path)
        return found[0].absent


def _move(random: Random, account: str, owner: str, to: str, day: date) -> Sequence[object]:
    """One possible move: mostly in order, sometimes without evidence, asked for by who gains, or on stale books."""
    effective = day + timedelta(days=random.randrange(90))
    announced = effective - timedelta(days=random.randrange(70)) if random.random() < 0.9 else None
    [reason] = random.choices([r for r, _ in REASONS], [w for _, w in REASONS])
    return (
        account,
        owner if random.random() < 0.97 else to,
        to,
        effective,
        effective - timedelta(days=80),
        announced,
        reason if random.random() < 0.9 else None,
        "sales-ops" if random.random() < 0.98 else to,
        "vp-sales" if random.random() < 0.95 else None,
        "minutes of the review" if random.random() < 0.95 else None,
    )
