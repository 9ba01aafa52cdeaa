"""How long does one move take: in a process that just started, and in one that waits for questions?

AdventureWorks as of 2012-11-29 under the shipped policies. Cold is `merestone moves check` of a file of one row in a
process of its own, in a workspace whose policies are published. Warm is `engine.warm.Judge`, asked about the moves of
the realignment and random ones, every answer with its explanation. Processor time is measured, of child processes for
the cold figure. Before any time is taken, answers of the judge are compared with those of files of one move.
"""

# ruff: noqa: S101, S603, T201 -- what must hold before a measurement, our own command, and figures

import argparse
import csv
import gc
import os
import runpy
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from engine.canonical import MOVES
from engine.database import Database
from engine.engines.embedded import Embedded
from engine.explain import outcome_of
from engine.intake.intake import import_snapshot
from engine.intake.mapping import load_mapping
from engine.intake.snapshot import Manifest
from engine.metrics.approved_moves import load_approved_moves
from engine.metrics.one_move import ProposedMove
from engine.moves import check_moves
from engine.warm import Judge
from rules.model.policy import PolicySet
from rules.reading.load import load_policies

ROOT = Path(__file__).parent.parent
DAY = date(2012, 11, 29)
RANDOM = 4_000
COMPARED = 12
COLD = 7
COLD_LIMIT, WARM_LIMIT = 1.0, 0.005
"""Seconds: of a cold process, and of the slowest but one in a hundred warm."""
NEW_PROCESS = "import sys; sys.path.insert(0, sys.argv.pop(1)); from cli.main import main; main()"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("MERESTONE_DATA") or ROOT.parent / "shared/data")
    source = parser.parse_args().data / "adventureworks"
    with TemporaryDirectory() as scratch:
        runpy.run_path(str(ROOT / "examples" / "adventureworks" / "realignment.py"))["main"](source, Path(scratch))
        moves = Path(scratch) / "moves.csv"
        cold = _cold(source, moves, Path(scratch))
        warm, patterns, prepared = _warm(source, moves)
    ranked = sorted(warm)
    p50, p99 = ranked[len(ranked) // 2], ranked[len(ranked) * 99 // 100]
    print(f"cold: {min(cold):.2f} s, best of {len(cold)} processes (median {median(cold):.2f}, worst {max(cold):.2f})")
    print(f"warm: {p50 * 1000:.2f} ms in the middle, {p99 * 1000:.2f} ms at the 99th percentile of {len(warm):,} moves")
    print(f"      {patterns} different patterns; made ready in {prepared:.2f} s")
    if min(cold) >= COLD_LIMIT or p99 >= WARM_LIMIT:
        sys.exit("too slow")


def _cold(source: Path, moves: Path, scratch: Path) -> list[float]:
    """Processor seconds of the command on one row, process by process."""
    one = scratch / "one.csv"
    one.write_text("".join(moves.read_text("utf-8").splitlines(keepends=True)[:2]), "utf-8")
    workspace = str(scratch / "workspace")
    _merestone(scratch, "init", workspace, "--name", "AdventureWorks")
    people = ("--author", "Stephen Jiang", "--approver", "Brian Welcker", "--reason", "first version")
    _merestone(scratch, "-C", workspace, "policy", "publish", *people)
    _merestone(scratch, "-C", workspace, "import", "adventureworks", str(source), "--as-of", DAY.isoformat(), code=1)
    taken = []
    for _ in range(COLD + 1):  # the first one compiles
        before = os.times()
        _merestone(scratch, "-C", workspace, "moves", "check", str(one), code=1)
        after = os.times()
        taken.append(
            after.children_user + after.children_system - before.children_user - before.children_system,
        )
    return taken[1:]


def _merestone(scratch: Path, *words: str, code: int = 0) -> None:
    # Compiled once, as an installed program is.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    now = f"{DAY.isoformat()}T12:00:00+00:00"
    env = {**kept, "PYTHONPYCACHEPREFIX": str(scratch / "compiled"), "MERESTONE_NOW": now}
    ran = subprocess.run(
        [sys.executable, "-P", "-c", NEW_PROCESS, str(ROOT), *words], env=env, capture_output=True, check=False
    )
    assert ran.returncode in (0, code), ran.stderr.decode()


def _warm(source: Path, file: Path) -> tuple[list[float], int, float]:
    """Processor seconds of every answer, the number of different patterns, and seconds until the first question."""
    policies = load_policies((p.name, p.read_text("utf-8")) for p in sorted((ROOT / "policies").glob("*.yaml")))
    mapping = ROOT / "policies" / "mappings" / "adventureworks.yaml"
    loaded = load_mapping(mapping.read_text("utf-8"), mapping.name)
    with Embedded() as db, Embedded() as other:
        manifests = [import_snapshot(each, loaded, source, DAY) for each in (db, other)]
        for each in (db, other):
            load_approved_moves(each, [])
        moves = _moves(db, file)
        start = time.process_time()
        with Judge(db, manifests[0], policies, DAY) as judge:
            prepared = time.process_time() - start
            for move in moves[:: len(moves) // COMPARED]:
                assert judge.judge(move) == _alone(other, manifests[1], policies, move)
            gc.collect()
            gc.freeze()
            taken, seen = [], set()
            for move in moves:
                start = time.process_time()
                outcome = judge.judge(move)
                taken.append(time.process_time() - start)
                seen.add(tuple((f.rule.id, f.truth) for f in outcome.fired))
            gc.unfreeze()
    return taken, len(seen), prepared


def _alone(db: Database, manifest: Manifest, policies: PolicySet, move: ProposedMove) -> Any:
    given = {**move.more, "account": move.account, "from_rep": move.from_rep, "to_rep": move.to_rep}
    given["effective"] = move.effective
    columns = [(c.name, c.type.sql) for c in MOVES.columns if c.name in given]
    db.store("moves", columns, [[given[name] for name, _ in columns]])
    return outcome_of(check_moves(db, manifest, policies, DAY), move.account)


def _moves(db: Database, file: Path) -> Sequence[ProposedMove]:
    """Those of the realignment, then random ones with the same columns."""
    days = {c.name for c in MOVES.columns if c.type.sql == "DATE"}
    moves = []
    with file.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            row: dict[str, Any] = {k: date.fromisoformat(v) if v and k in days else v or None for k, v in line.items()}
            account, giver, taker, day = (row.pop(n) for n in ("account", "from_rep", "to_rep", "effective"))
            moves.append(ProposedMove(account, giver, taker, day, row))
    random, more = Random(20_121_130), moves[0].more  # noqa: S311 -- the same moves every time
    accounts, reps = (
        sorted(k for (k,) in db.rows(q)) for q in ("SELECT account FROM accounts", "SELECT rep FROM reps")
    )
    for _ in range(RANDOM):
        day = DAY + timedelta(days=random.randrange(200))
        asked = {"requested_on": day - timedelta(days=random.randrange(90)), "announced_on": day - timedelta(days=9)}
        giver, taker = random.sample(reps, 2)
        moves.append(ProposedMove(random.choice(accounts), giver, taker, day, {**more, **asked}))
    return moves


if __name__ == "__main__":
    main()
