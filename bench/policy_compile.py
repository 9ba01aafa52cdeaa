"""How long does it take to check and compile a pack of rules, and does it grow in line with the number of rules?

Run by `make bench`. Every rule is distinct: its own numbers, its own parameter, two examples, one on each side of its
boundary. The floor is what no reader of YAML can go below: the same text into plain values by the parser written in C.
Processor time is measured, best of three, so that what else the machine does counts for little.
"""

# ruff: noqa: PLR2004, S101 -- numbers of the measurement, and what must hold before it

import gc
import math
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

import yaml

from rules.expression.term import Op
from rules.model.policy import PolicySet
from rules.reading.load import load_policies

SIZES = (250, 500, 1000, 2000)
RULES_A_FILE = 50
BEST_OF = 3
LIMIT = 1.0
"""Seconds for 1,000 rules."""
STEEPEST = 1.2
"""Power of the number of rules: noise stays below, and a square is far above."""

HEAD = """\
policy: pack-{file}
title: Rules of the region numbered {file}
owner: sales-operations
parameters:
"""
PARAMETER = """\
  limit_{n}:
    title: where rule {n} draws the line
    unit: {unit}
    values:
      2000-01-01: {{value: {limit}, source: "handbook, section {n}"}}
"""
RULE = """\
  - id: R{n}
    title: {title}, number {n}
    kind: {kind}
    subject: {subject}
    effective: {{from: 2020-01-01}}
    when: >-
      {when}
    effect: {effect}
    message: "{message}; the limit is {{limit_{n}}}"
    source: "handbook, section {n}"
    examples:
      - name: above the line of rule {n}
        given: {{{above}}}
        expect: fires
      - name: on the line of rule {n}
        given: {{{on}}}
        expect: silent
"""
SORTS: Sequence[dict[str, str]] = (
    {
        "title": "revenue that leaves a book",
        "unit": "money",
        "limit": "{large}",
        "kind": "engagement",
        "subject": "move",
        "when": "account.t12 > limit_{n} && !account.named\n"
        '      && account.size_segment in ["enterprise", "mid-market"] && from_rep.accounts_given >= {n}',
        "effect": "require_approval\n    roles: [giving-manager, vp-sales]\n    approvals: any",
        "message": "{{account.name}} has {{account.t12}}",
        "above": "account.t12: {larger}, account.named: false, account.size_segment: enterprise, "
        "from_rep.accounts_given: {n}",
        "on": "account.t12: {large}, account.named: false, account.size_segment: enterprise, "
        "from_rep.accounts_given: {n}",
    },
    {
        "title": "rest between two moves",
        "unit": "days",
        "limit": "{n}",
        "kind": "engagement",
        "subject": "move",
        "when": "has(account.last_moved_on) && move.effective < account.last_moved_on + limit_{n}\n"
        '      && move.effective >= date("2021-01-01") + days({n})',
        "effect": "deny\n    waivable: by vp-sales",
        "message": "{{account.name}} moved on {{account.last_moved_on}}",
        "above": "account.last_moved_on: 2026-03-01, move.effective: 2026-03-01",
        "on": "account.last_moved_on: null, move.effective: 2026-03-01",
    },
    {
        "title": "attainment out of its band",
        "unit": "percent",
        "limit": "{share}",
        "kind": "trigger",
        "subject": "territory",
        "when": '(territory.attainment < limit_{n} || territory.utilisation > ratio("1.{n}"))\n'
        "      && territory.revenue_accounts >= {n} && !territory.named",
        "effect": "review",
        "message": "attainment is {{territory.attainment}}",
        "above": "territory.attainment: 0, territory.utilisation: 1, territory.revenue_accounts: {n}, "
        "territory.named: false",
        "on": "territory.attainment: {share}, territory.utilisation: 1, territory.revenue_accounts: {n}, "
        "territory.named: false",
    },
    {
        "title": "deals that closed too late",
        "unit": "days",
        "limit": "{n}",
        "kind": "grandfathering",
        "subject": "opportunity",
        "when": "(has(opportunity.closed_on) && opportunity.closed_on > move.effective + limit_{n})\n"
        "      || (!has(opportunity.closed_on) && opportunity.checked_on > move.effective + limit_{n})",
        "effect": "ineligible",
        "message": "not closed within days of {{move.effective}}",
        "above": "opportunity.checked_on: 2199-01-01, move.effective: 2026-03-01",
        "on": "opportunity.checked_on: 2026-03-01, move.effective: 2026-03-01",
    },
)


def pack(count: int) -> list[tuple[str, str]]:
    """Policy files with `count` rules in all, no two of them alike."""
    files = []
    for first in range(0, count, RULES_A_FILE):
        parameters, rules = [], []
        for n in range(first + 1, min(first + RULES_A_FILE, count) + 1):
            numbers = {"n": n, "large": 1000 * n, "larger": 1000 * n + 1, "share": f"{n // 100}.{n % 100:02d}"}
            sort = {key: text.format(**numbers) for key, text in SORTS[n % len(SORTS)].items()}
            parameters.append(PARAMETER.format(n=n, **sort))
            rules.append(RULE.format(n=n, **sort))
        file = first // RULES_A_FILE + 1
        files.append((f"pack-{file}.yaml", HEAD.format(file=file) + "".join(parameters) + "rules:\n" + "".join(rules)))
    return files


def require_right(policies: PolicySet, count: int) -> None:
    """Raises AssertionError unless the compiled pack is the one generated: a fast wrong answer is none."""
    rules = {rule.id: rule for rule in policies.rules()}
    assert len(rules) == count, f"{len(rules)} rules of {count}"
    assert len({rule.when.text for rule in rules.values() if rule.when}) == count, "two rules are alike"
    assert all(len(rule.examples) == 2 for rule in rules.values()), "a rule has not its two examples"
    by_name = {parameter.name: parameter for policy in policies.policies for parameter in policy.parameters}
    for n in range(1, count + 1):
        when = rules[f"R{n}"].when
        assert when is not None, f"R{n} asks nothing"
        assert when.parameters == (f"limit_{n}",), f"R{n} reads {when.parameters}"
        assert when.node.op is (Op.OR if n % len(SORTS) == 3 else Op.AND), f"R{n} is {when.node.op}"
    assert by_name["limit_4"].values[0].value == 400_000, "4,000.00 in the smallest unit"
    assert by_name["limit_250"].values[0].value == Fraction(250, 10_000), "2.50 percent"
    assert [e.expect for e in rules["R1"].examples] == ["fires", "silent"]


Files = Sequence[tuple[str, str]]


def seconds(work: Callable[[Files], object], packs: Mapping[int, Files]) -> dict[int, float]:
    """Processor time of the fastest of three runs, by size. A round runs every size once: a slow minute hits all."""
    best = dict.fromkeys(packs, math.inf)
    for _ in range(BEST_OF):
        for size, files in packs.items():
            gc.collect()
            start = time.process_time()
            work(files)
            best[size] = min(best[size], time.process_time() - start)
    return best


def floor(files: Files) -> object:
    """The same text as plain values, nothing looked at."""
    return [yaml.load(text, Loader=yaml.CSafeLoader) for _, text in files]


def growth(times: Sequence[float]) -> float:
    """The exponent k of time = c · rules^k, by least squares over the logarithms: 1 is linear."""
    points = [(math.log(size), math.log(time)) for size, time in zip(SIZES, times, strict=True)]
    x, y = (sum(values) / len(points) for values in zip(*points, strict=True))
    return math.fsum((a - x) * (b - y) for a, b in points) / math.fsum((a - x) ** 2 for a, _ in points)


def main() -> int:
    """Prints the table; 1 where 1,000 rules take longer than a second, or time grows faster than their number."""
    packs = {size: pack(size) for size in SIZES}
    for size, files in packs.items():
        require_right(load_policies(files), size)
    times, floors = seconds(load_policies, packs), seconds(floor, packs)
    exponent = growth(tuple(times.values()))
    lines = [
        f"Python {platform.python_version()}, {platform.machine()}",
        "rules  kilobytes  check and compile  plain YAML  ratio",
        *(
            f"{size:5}  {sum(len(text) for _, text in packs[size]) // 1000:9}  {times[size]:15.2f} s"
            f"  {floors[size]:8.2f} s  {times[size] / floors[size]:5.1f}"
            for size in SIZES
        ),
        f"time grows with the number of rules to the power of {exponent:.2f}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(times[1000] >= LIMIT or exponent >= STEEPEST)


if __name__ == "__main__":
    sys.exit(main())
