"""What does an audit of all territories cost, beside the query by hand that aggregates the same revenue?

    python -m bench.audit_in_bulk             1,000,000 accounts, a booking of each in every month
    python -m bench.audit_in_bulk --accounts 10000000

Both read the same tables in Parquet. The query by hand (hand_audit.sql) has the balance metrics of every territory; the
audit has those, the company's, the conclusions on both, and every outcome in words. Numbers that are not the same end
the benchmark. Every run is a process of its own.
"""

# ruff: noqa: S603, T201 -- our own processes, and a terminal

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from bench.company import AS_OF, company, opened
from bench.replay import ROOT, shipped
from engine.audit import audit
from engine.engines.embedded import Embedded
from engine.spelling import quoted, text

MOST = 3.0
"""Times the query by hand."""
BEST_OF = 3
AMOUNTS = ("territory.t12", "territory.revenue_accounts", "territory.accounts", "territory.tam")
SHARES = (
    "territory.largest_account_share",
    "territory.attainment",
    "territory.utilisation",
    "territory.workload_index",
    "territory.potential_index",
    "territory.capture_rate",
)
"""Facts in the order of the columns of the query by hand."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one process took, and the numbers of each territory."""

    cpu: float
    wall: float
    peak: int
    found: dict[str, list[Any]]


def _by_hand(db: Embedded) -> dict[str, list[Any]]:
    rows = db.rows((ROOT / "bench" / "hand_audit.sql").read_text(encoding="utf-8"))
    return {row[0]: [*map(int, row[1:5]), *row[5:]] for row in rows}


def _by_audit(db: Embedded, folder: Path) -> tuple[dict[str, list[Any]], tuple[float, float]]:
    manifest = opened(db, folder)
    policies = shipped()
    cpu, wall = time.process_time(), time.perf_counter()
    answer = audit(db, manifest, policies, AS_OF)
    taken = time.process_time() - cpu, time.perf_counter() - wall
    assert answer.territory_evaluation is not None  # noqa: S101 -- there are territories
    halves = (f"{quoted(f'{name}#n')}, {quoted(f'{name}#d')}" for name in SHARES)
    columns = ", ".join(("subject_id", *map(quoted, AMOUNTS), *halves))
    rows = db.rows(f"SELECT {columns} FROM {quoted(answer.territory_evaluation.facts.relation)}")  # noqa: S608
    exact = {
        row[0]: [
            *map(int, row[1:5]),
            *(float(Fraction(int(n), int(d))) for n, d in zip(row[5::2], row[6::2], strict=True)),
        ]
        for row in rows
    }
    return exact, taken


def _measured(what: str, folder: Path) -> Run:
    with Embedded() as db, tempfile.TemporaryDirectory(dir=folder) as spill:
        db.run(f"SET memory_limit = '4GB'; SET temp_directory = {text(spill)}")
        db.run("SET threads = 2; SET enable_progress_bar = false")
        if what == "by hand":
            opened(db, folder)
            cpu, wall = time.process_time(), time.perf_counter()
            found = _by_hand(db)
            taken = time.process_time() - cpu, time.perf_counter() - wall
        else:
            found, taken = _by_audit(db, folder)
    return Run(*taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, found)


def _alike(one: dict[str, list[Any]], other: dict[str, list[Any]]) -> bool:
    """Whole numbers the same; quotients, which the query by hand rounds, to twelve digits."""
    return one.keys() == other.keys() and all(
        mine[:4] == theirs[:4] and all(abs(a - b) <= 1e-12 * abs(b) for a, b in zip(mine[4:], theirs[4:], strict=True))
        for mine, theirs in ((one[territory], other[territory]) for territory in one)
    )


def main() -> int:
    """Prints the table; 1 where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=BEST_OF)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "merestone-bench")
    parser.add_argument("--one", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    folder = company(given.cache, given.accounts)
    if given.one:
        run = _measured(given.one, folder)
        print(json.dumps({name: getattr(run, name) for name in Run.__slots__}))
        return 0
    best: dict[str, Run] = {}
    for _ in range(given.rounds):
        for what in ("by hand", "audit"):
            same = ("--accounts", str(given.accounts), "--cache", str(given.cache))
            command = [sys.executable, "-m", "bench.audit_in_bulk", *same, "--one", what]
            ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            if ran.returncode:
                sys.exit(ran.stderr)
            run = Run(**json.loads(ran.stdout))
            if what not in best or run.cpu < best[what].cpu:
                best[what] = run
    hand, ours = best["by hand"], best["audit"]
    if not _alike(ours.found, hand.found):
        sys.exit("the audit and the query by hand differ")
    print(f"{given.accounts:,} accounts, a booking of each in 12 months, {len(hand.found):,} territories")
    for what, run in best.items():
        print(
            f"{what:8} {run.cpu:8.2f} s CPU {run.wall:8.2f} s wall {run.peak / 2**20:7.0f} MB {run.cpu / hand.cpu:6.2f}"
        )
    return int(ours.cpu > MOST * hand.cpu)


if __name__ == "__main__":
    sys.exit(main())
