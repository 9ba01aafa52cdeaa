"""What do verdicts on a million moves cost, or on ten, beside the bare query that counts them?

    python -m bench.moves_in_bulk            1,000,000 moves; `--rows` more; `--large` both 1,000,000 and 10,000,000

From one prepared fact table in Parquet to a file of verdicts in Parquet, with masks, and with the ids of the rules too.
Two floors, written by hand (hand_verdicts.sql), none of them writing anything:

- `verdicts`: counts the verdicts, and looks at no rule that a verdict does not need;
- `rules`: counts the verdicts and, for the same rules, how many moves each is true of, and of how many it is unknown.

Every run is a process of its own, so that its peak of memory is its own. Its time begins when the policies are read;
that of ours has in it how conditions become SQL, and what is inferred. Counts that are not the same end the benchmark.
"""

# ruff: noqa: S603, S608, T201 -- our own processes, names of our own, and a terminal

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import adversarial
from bench.replay import DAYS, ROOT, Prepared, prepared, shipped
from engine.bulk.verdicts import verdicts
from engine.bulk.writing import write_verdicts
from engine.engines.embedded import Embedded
from engine.evaluate import Question, question_of
from engine.spelling import text
from rules.model.rule_kind import RuleKind
from rules.vocabulary import Subject

KINDS = ("replay", "filled", "adversarial")
MOST = {"masks": 2.0, "ids": 3.0}
"""Times the floor of the same rules."""
MEMORY = 2 * 1024**3
STEEPER = 1.15
"""Times as long for ten times the moves, beyond ten."""
BEST_OF = 3


@dataclass(frozen=True, slots=True)
class Run:
    """What one process took, and what it counted."""

    cpu: float
    wall: float
    peak: int
    """Bytes."""
    counts: Mapping[str, int]
    detail: Mapping[str, Sequence[int]]
    """Rule to how many moves it is true of, and of how many it is unknown; empty where nobody asked."""


def question_on(kind: str) -> Question:
    """The rules that a table of that kind is judged by."""
    policies = adversarial.policies() if kind == "adversarial" else shipped()
    day = DAYS[-1]
    return question_of(policies, policies.rules(RuleKind.ENGAGEMENT, day), policies.fields(Subject.MOVE), day)


def by_hand(kind: str, table: Prepared, question: Question, *, rules: bool) -> str:
    """The query by hand; `rules` counts those too."""
    if kind == "adversarial":
        query = adversarial.hand_query()
    else:
        query = (ROOT / "bench" / "hand_verdicts.sql").read_text(encoding="utf-8")
        for fact in table.absent:
            # Of a data set that is not there nobody can say whether it has a value either.
            query = query.replace(f'"{fact}" IS NOT NULL AS', "CAST(NULL AS BOOLEAN) AS")
    if not rules:
        return query
    names = [rule.id.lower() for rule in question.conditional]
    counts = ", ".join(f"count_if({name}), count_if({name} IS NULL)" for name in names)
    return re.sub(r"count\(\*\) AS moves", f"count(*) AS moves, {counts}", query)


def _counted(db: Embedded, query: str, question: Question) -> tuple[dict[str, int], dict[str, list[int]]]:
    rows = db.rows(query)
    sums = [sum(n or 0 for n in column) for column in zip(*(row[2:] for row in rows), strict=True)]
    ids = (rule.id for rule in question.conditional)
    detail = {rule: [t, u] for rule, t, u in zip(ids, sums[::2], sums[1::2], strict=False)}
    return {row[0]: row[1] for row in rows}, detail


def _measured(what: str, kind: str, table: Prepared, question: Question, out: Path) -> Run:
    with Embedded() as db:
        db.run(f"SET memory_limit = '1200MB'; SET temp_directory = {text(str(out / 'spill'))}")
        db.run("SET threads = 2; SET enable_progress_bar = false")
        db.run(f"CREATE VIEW facts AS SELECT * FROM read_parquet({text(str(table.path))})")
        cpu, wall = time.process_time(), time.perf_counter()
        if what in ("verdicts", "rules"):
            counts, detail = _counted(db, by_hand(kind, table, question, rules=what == "rules"), question)
        else:
            found = verdicts(db, question, table.facts("facts"))
            write_verdicts(
                found, out / "verdicts.parquet", key="move", words=("rules",) if what == "ids" else (), about={}
            )
            counts, detail = dict(found.counts), {}
        taken = time.process_time() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Run(*taken, peak, {k: n for k, n in counts.items() if n}, detail)


def measured(what: str, kind: str, rows: int, folders: Sequence[str]) -> Run:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "bench.moves_in_bulk", "--rows", str(rows), "--one", what, kind, *folders]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(ran.stderr)
    return Run(**json.loads(ran.stdout))


def round_of(kind: str, rows: int, folders: Sequence[str], times: int) -> Mapping[str, Run]:
    """Each of the four, the fastest of some rounds; a round runs each once, so that a slow minute hits all."""
    best: dict[str, Run] = {}
    for _ in range(times):
        for what in ("verdicts", "rules", "masks", "ids"):
            run = measured(what, kind, rows, folders)
            if what not in best or run.cpu < best[what].cpu:
                best[what] = run
    counts = {what: dict(sorted(run.counts.items())) for what, run in best.items()}
    if len({json.dumps(each) for each in counts.values()}) > 1:
        sys.exit(f"{kind}: verdicts differ: {counts}")
    return best


def _report(kind: str, rows: int, best: Mapping[str, Run]) -> None:
    print(f"\n{kind}, {rows:,} moves: " + ", ".join(f"{n:,} {v}" for v, n in sorted(best["rules"].counts.items())))
    print("                       CPU      wall      peak   x verdicts     x rules   moves per CPU second")
    for what, run in best.items():
        first, second = (run.cpu / best[floor].cpu for floor in ("verdicts", "rules"))
        print(
            f"{what:15} {run.cpu:8.2f} s {run.wall:7.2f} s {run.peak / 2**20:6.0f} MB {first:12.2f} {second:11.2f}"
            f" {rows / run.cpu:22,.0f}"
        )


def _missed(kind: str, best: Mapping[str, Run]) -> list[str]:
    missed = [
        f"{kind}: {what} takes {best[what].cpu / best['rules'].cpu:.2f} times the query by hand, not {most}"
        for what, most in MOST.items()
        if best[what].cpu > most * best["rules"].cpu
    ]
    return missed + [f"{kind}: {what} takes {run.peak:,} bytes" for what, run in best.items() if run.peak > MEMORY]


def main() -> int:
    """Prints the tables; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--large", action="store_true", help="1,000,000 and 10,000,000 moves, and the growth")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--rounds", type=int, default=BEST_OF)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "merestone-bench")
    parser.add_argument("--data", type=Path, default=os.environ.get("MERESTONE_DATA") or ROOT.parent / "shared/data")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        what, kind, cache, data = given.one
        table = prepared(Path(cache), Path(data), shipped(), kind, given.rows)
        with tempfile.TemporaryDirectory(dir=cache) as out:
            run = _measured(what, kind, table, question_on(kind), Path(out))
        print(json.dumps({name: getattr(run, name) for name in Run.__slots__}))
        return 0
    folders = [str(given.cache), str(given.data)]
    missed: list[str] = []
    for kind in given.kinds:
        sizes = (1_000_000, 10_000_000) if given.large else (given.rows,)
        found = []
        for rows in sizes:
            prepared(given.cache, given.data, shipped(), kind, rows)
            best = round_of(kind, rows, folders, given.rounds)
            _report(kind, rows, best)
            missed += _missed(kind, best)
            found.append(best)
        if given.large:
            missed += _growth(kind, *found)
    print("\n".join(["", *missed]) if missed else "\nevery target is met")
    return int(bool(missed))


def _growth(kind: str, small: Mapping[str, Run], large: Mapping[str, Run]) -> list[str]:
    missed = []
    for what in ("masks", "ids"):
        growth = large[what].cpu / small[what].cpu / 10
        print(f"{kind}, {what}: ten times the moves take {10 * growth:.1f} times as long")
        if growth > STEEPER:
            missed.append(f"{kind}: {what} grow by {growth:.2f} times their number")
    return missed


if __name__ == "__main__":
    sys.exit(main())
