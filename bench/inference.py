"""How many distinct patterns does inference conclude in a second, on the shipped rules of account moves?

Patterns come from AdventureWorks (every account to every rep, see `replay`), from the same with the data that it
lacks, most frequent first, and at random: 10 and 50 rules of 100 not false, a fifth of those unknown. Every
conclusion is first asserted to be the one of the oracle of the tests, which is plain Python and has no engine; it is
the floor, too. Processor time, best of three. Nothing is remembered: each pattern is inferred.
"""

# ruff: noqa: PLR2004, S608, T201 -- rates of what is drawn, names of our own, and a table for the terminal

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from bench.replay import DAYS, ROOT, prepared, shipped
from engine.conditions.truth import truth_table
from engine.engines.embedded import Embedded
from engine.evaluate import TRUTH_OF, Question, question_of
from engine.inference.inference import Inference
from engine.inference.ladders import logic_of
from engine.inference.logic import Logic, Pattern, Truth
from engine.spelling import text
from rules.model.rule_kind import Mode, RuleKind
from rules.vocabulary import Subject
from tests.engine.inference_oracle import expected

MOST = 1_000
"""Patterns of each kind that are measured."""
BEST_OF = 3


def question() -> Question:
    """The shipped rules on moves on the last day of the replay."""
    policies, day = shipped(), DAYS[-1]
    return question_of(policies, policies.rules(RuleKind.ENGAGEMENT, day), policies.fields(Subject.MOVE), day)


def seen(asked: Question, cache: Path, data: Path, kind: str, rows: int) -> tuple[list[Pattern], int]:
    """The most frequent patterns of a prepared table of moves, and how many there are."""
    table = prepared(cache, data, shipped(), kind, rows)
    with Embedded() as db:
        db.run(f"CREATE VIEW prepared AS SELECT * FROM read_parquet({text(str(table.path))})")
        conditions = [(rule.id, rule.when) for rule in asked.conditional if rule.when is not None]
        truth_table(db, "prepared", conditions, asked.values, table.absent, "truths")
        enforced = [rule.mode is Mode.ENFORCE for rule in asked.conditional]
        counts: dict[str, int] = {}
        for letters, n in db.rows("SELECT pattern, count(*) FROM truths GROUP BY pattern"):
            # What only reports leaves no trace in a pattern.
            told = "".join(letter if counted else "f" for letter, counted in zip(str(letters), enforced, strict=True))
            counts[told] = counts.get(told, 0) + n
    found = sorted(counts, key=lambda letters: (-counts[letters], letters))
    return [_pattern(asked, letters) for letters in found[:MOST]], len(found)


def _pattern(asked: Question, letters: str) -> Pattern:
    pairs = zip(asked.conditional, letters, strict=True)
    return Pattern(frozenset((rule.id, TRUTH_OF[letter]) for rule, letter in pairs if letter in TRUTH_OF))


def drawn(logic: Logic, share: float) -> list[Pattern]:
    """Random patterns in which that share of the rules is not false, some of them waived, some roles given."""
    random = Random(int(share * 100))  # noqa: S311 -- the same patterns on every run, and no secret
    roles = sorted({role for _, role, _, _ in logic.needs_role})
    found: dict[Pattern, None] = {}
    while len(found) < MOST:
        rules = [rule for rule in sorted(logic.effects) if random.random() < share]
        pattern = Pattern(
            frozenset((rule, Truth.UNKNOWN if random.random() < 0.2 else Truth.TRUE) for rule in rules),
            frozenset(("W", rule) for rule in rules if random.random() < 0.05),
            frozenset(role for role in roles if random.random() < 0.2),
        )
        found[pattern] = None
    return list(found)


def seconds(conclude: Callable[[Pattern], object], patterns: Sequence[Pattern]) -> float:
    """Processor time for all of them."""
    before = time.process_time()
    for pattern in patterns:
        conclude(pattern)
    return time.process_time() - before


def inferred(logic: Logic, patterns: Sequence[Pattern]) -> float:
    """Processor time for all of them by an inference that has not seen one before, without opening it."""
    with Inference(logic) as inference:
        return seconds(inference.conclude, patterns)


def main() -> int:
    """Prints a table; 1 where a conclusion is not the oracle's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "merestone-bench")
    parser.add_argument("--data", type=Path, default=os.environ.get("MERESTONE_DATA") or ROOT.parent / "shared/data")
    given = parser.parse_args()
    asked = question()
    logic = logic_of(asked.rules)
    kinds: list[tuple[str, list[Pattern], int]] = []
    for kind in ("replay", "filled"):
        patterns, distinct = seen(asked, given.cache, given.data, kind, given.rows)
        kinds.append((f"{kind}, {given.rows:,} moves", patterns, distinct))
    kinds += [(f"random, {share:.0%} not false", drawn(logic, share), MOST) for share in (0.1, 0.5)]
    print(f"{platform.machine()}, Python {platform.python_version()}; {len(logic.effects)} rules")
    print("| patterns | distinct | measured | a second | oracle, a second |\n|---|---:|---:|---:|---:|")
    for name, patterns, distinct in kinds:
        with Inference(logic) as inference:
            wrong = [pattern for pattern in patterns if inference.conclude(pattern) != expected(logic, pattern)]
        if wrong:
            print(f"{name}: {len(wrong)} conclusions are not the oracle's, the first of {wrong[0]}")
            return 1
        rate = len(patterns) / min(inferred(logic, patterns) for _ in range(BEST_OF))
        floor = len(patterns) / min(seconds(lambda p: expected(logic, p), patterns) for _ in range(BEST_OF))
        print(f"| {name} | {distinct:,} | {len(patterns):,} | {rate:,.0f} | {floor:,.0f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
