"""How many moves are judged in a second of processor time, here and by rules engines that judge row by row?

    python -m bench.against_peers            on 1,000,000 moves; the peers on the first of them

Everybody returns the verdict and every rule that counts for each move, and every move's are asserted to be the same.
In memory: from a table or from dictionaries to a table or a list. From Parquet to Parquet: with reading and writing.
durable_rules judges by the rules that it can express; of the others nothing is asked of it, and their time is none.
"""

# ruff: noqa: S608, T201 -- names of our own, and a terminal

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.lowering import All, Compared, Known, Lowered, Lowering, Some, column
from bench.moves_in_bulk import question_on
from bench.peers import Peer, Row, cel_expr, durable_rules, expressible, flagged, zen_engine
from bench.replay import ROOT, Prepared, prepared, shipped
from engine.bulk.verdicts import verdicts
from engine.bulk.writing import verdict_rows, write_verdicts
from engine.engines.embedded import Embedded
from engine.evaluate import Question
from engine.spelling import quoted, text
from rules.model.policy import Rule
from rules.model.rule_kind import Effect, Mode

MEMORY, FILES = 10, 5
"""Times as many moves in a second of processor time as each peer, at least."""
ASKED = {"zen-engine": 40_000, "CEL": 20_000, "durable_rules": 4_000}
"""Moves that a peer is timed on."""
GRAVEST = ((Effect.DENY, "deny"), (Effect.HOLD, "hold"), (Effect.REQUIRE_APPROVAL, "approval"))
TYPES = {"BIGINT": int, "VARCHAR": str, "BOOLEAN": bool, "DATE": int}

Judged = tuple[str, str]
"""Verdict, and the rules that count with a blank between them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a peer is given: rules as conditions in its language, and rows with the variables that they read."""

    rules: Sequence[Rule]
    peer: Peer
    select: str
    """Expressions of the variables over `facts`."""
    row: Callable[[Row], Row]
    """A row as the peer takes it."""


def concluded(rules: Sequence[Rule]) -> Callable[[str], Judged]:
    """The verdict on a pattern of letters, each pattern worked out once."""

    @cache
    def judged(letters: str) -> Judged:
        enforced = {r.id: (r, letter) for r, letter in zip(rules, letters, strict=True) if r.mode is Mode.ENFORCE}
        found = {name: pair for name, pair in enforced.items() if pair[1] != "f"}
        beaten = {of for rule, letter in found.values() if letter == "t" for of in rule.defeats}
        asked = {r.effect if letter == "t" else r.on_unknown for n, (r, letter) in found.items() if n not in beaten}
        verdict = next((word for effect, word in GRAVEST if effect in asked), "allow")
        return verdict, " ".join(sorted(found.keys() - beaten))

    return judged


def _names(lowered: Lowered) -> Iterator[str]:
    match lowered:
        case All(parts=parts) | Some(parts=parts):
            for part in parts:
                yield from _names(part)
        case Known(fact=fact):
            yield fact
        case Compared(left=left, right=right):
            yield from (number.fact for number in (left, right) if number.fact)


def peers(db: Embedded, question: Question, table: Prepared) -> Mapping[str, Asked]:
    """The peers, with their conditions in the view `facts`."""
    types = {name: kind for name, kind, *_ in db.rows("DESCRIBE facts") if name != "subject_id"}
    [full] = db.rows(f"SELECT {', '.join(f'count({quoted(name)}) = count(*)' for name in types)} FROM facts")
    certain = frozenset(name for name, known in zip(types, full, strict=True) if known)
    lowering = Lowering(question.values, table.absent, certain)
    rules = question.conditional
    conditions = [
        (lowering.when(r.when.node, holds=True), lowering.when(r.when.node, holds=False)) for r in rules if r.when
    ]
    some = expressible(conditions)
    used = sorted({name for pair in conditions for lowered in pair for name in _names(lowered)})
    select = ", ".join(
        f"{quoted(n)} - DATE '1970-01-01' AS {column(n)}" if types[n] == "DATE" else f"{quoted(n)} AS {column(n)}"
        for n in used
    )
    kinds = {column(name): TYPES[types[name]] for name in used}
    sure = frozenset(map(column, certain))
    flags = {f"known_{name}": bool for name in kinds if name not in sure}

    def bare(row: Row) -> Row:
        return {name: value for name, value in row.items() if value is not None}

    return {
        "zen-engine": Asked(rules, zen_engine(conditions), select, bare),
        "CEL": Asked(
            rules,
            cel_expr(conditions, {**kinds, **flags}),
            select,
            lambda row: flagged(bare(row), kinds, sure, filled=False),
        ),
        "durable_rules": Asked(
            [rules[position] for position in some],
            durable_rules([conditions[position] for position in some]),
            select,
            lambda row: flagged(bare(row), kinds, sure, filled=True),
        ),
    }


def ours(table: Prepared, question: Question, out: Path) -> tuple[float, float]:
    """Processor time in memory and from file to file."""
    with Embedded() as db:
        db.run("SET threads = 2; SET enable_progress_bar = false")
        db.run(f"CREATE TABLE facts AS SELECT * FROM read_parquet({text(str(table.path))})")
        start = time.process_time()
        found = verdicts(db, question, table.facts("facts"))
        db.run(f"CREATE TABLE judged AS {verdict_rows(found, key='move', words=('rules',))}")
        memory = time.process_time() - start
    with Embedded() as db:
        db.run("SET threads = 2; SET enable_progress_bar = false")
        start = time.process_time()
        db.run(f"CREATE VIEW facts AS SELECT * FROM read_parquet({text(str(table.path))})")
        write_verdicts(verdicts(db, question, table.facts("facts")), out, key="move", words=("rules",), about={})
        return memory, time.process_time() - start


def timed(asked: Asked, table: Prepared, count: int, folder: Path) -> tuple[tuple[float, float], list[Judged]]:
    """Processor time of a peer in memory and from file to file, and what it says."""
    out, read = folder / "peer.parquet", f"FROM read_parquet({text(str(table.path))}) LIMIT {count}"
    with Embedded() as db:
        begun = time.process_time()
        rows = [asked.row(row) for row in db.records(f"SELECT {asked.select} {read}")]
        start = time.process_time()
        judge = concluded(asked.rules)
        judged = [judge(letters) for letters in asked.peer(rows)]
        memory = time.process_time() - start
        keys = [key for (key,) in db.rows(f"SELECT subject_id {read}")]
        columns = [keys, *([pair[n] for pair in judged] for n in (0, 1))]
        cells = [f"unnest(CAST(${n} AS VARCHAR[])) AS {name}" for n, name in enumerate(("move", "verdict", "rules"), 1)]
        db.run(f"CREATE TABLE judged AS SELECT {', '.join(cells)}", columns)
        db.write_parquet("SELECT * FROM judged", out)
        return (memory, time.process_time() - begun), judged


def _same(rules: Sequence[Rule], question: Question, file: Path, judged: Sequence[Judged]) -> None:
    """Exits unless our file says the same of each of these moves: verdict and rules, or of some of the rules those."""
    asked = {rule.id for rule in rules}
    with Embedded() as db:
        told = db.rows(f"SELECT verdict, rules FROM read_parquet({text(str(file))}) ORDER BY move LIMIT {len(judged)}")
    for (verdict, listed), (theirs, named) in zip(told, judged, strict=True):
        mine = {rule for rule in listed.split() if rule in asked}
        if mine != set(named.split()) or (len(asked) == len(question.conditional) and verdict != theirs):
            sys.exit(f"{verdict} by {listed} here, {theirs} by {named} there")


def main() -> int:
    """Prints the table; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kinds", nargs="+", choices=("replay", "filled"), default=("replay", "filled"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "merestone-bench")
    parser.add_argument("--data", type=Path, default=os.environ.get("MERESTONE_DATA") or ROOT.parent / "shared/data")
    given = parser.parse_args()
    missed = False
    for kind in given.kinds:
        table = prepared(given.cache, Path(given.data), shipped(), kind, given.rows)
        question = question_on(kind)
        with tempfile.TemporaryDirectory(dir=given.cache) as out, Embedded() as db:
            db.run(f"CREATE VIEW facts AS SELECT * FROM read_parquet({text(str(table.path))})")
            file = Path(out) / "verdicts.parquet"
            runs = [ours(table, question, file) for _ in range(given.rounds)]
            speeds = {"here": tuple(table.rows / min(run[n] for run in runs) for n in (0, 1))}
            rules = {"here": len(question.conditional)}
            for name, asked in peers(db, question, table).items():
                count = min(ASKED[name], table.rows)
                took = [timed(asked, table, count, Path(out)) for _ in range(given.rounds)]
                _same(asked.rules, question, file, took[-1][1])
                speeds[name] = tuple(count / min(run[n] for run, _ in took) for n in (0, 1))
                rules[name] = len(asked.rules)
        print(f"\n{kind}: moves in a second of processor time")
        print(f"{'':14}{'rules':>6}{'in memory':>14}{'times':>7}{'Parquet to Parquet':>22}{'times':>7}")
        for name, (memory, files) in speeds.items():
            times = speeds["here"][0] / memory, speeds["here"][1] / files
            missed |= name != "here" and (times[0] < MEMORY or times[1] < FILES)
            print(f"{name:14}{rules[name]:6}{memory:14,.0f}{times[0]:7.1f}{files:22,.0f}{times[1]:7.1f}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
