"""Which rules could bring a subject to a level, and which keep it from there? The others need not be looked at."""

from collections.abc import Iterable, Mapping

from engine.explanation.supposing import Supposing
from engine.inference.logic import Conclusion, Logic


def concerned_facts(supposing: Supposing, conclusion: Conclusion, level: str) -> frozenset[str]:
    """The facts that matter on the way to a level: those of rules that count and reach above it, of rules that reach
    just it, and of all that could defeat these or is counted by them.

    Changes of other facts alone, however many, do not lead there.
    """
    heights = {name: height for height, name in enumerate(supposing.ladder.levels)}
    wanted = heights[level]
    reach = _reach(supposing.logic)
    counting = {rule for rule, _ in conclusion.effective}
    above = {rule for rule in counting if any(heights[at] > wanted for at in reach.get(rule, ()))}
    there = {rule for rule, levels in reach.items() if wanted and level in levels}
    rules = _with_all_behind(supposing.logic, above | there)
    return frozenset(name for name, reading in supposing.readers.items() if any(rule.id in rules for rule in reading))


def _reach(logic: Logic) -> Mapping[str, frozenset[str]]:
    """The levels that each rule may reach by itself, by an approval it lacks, or in a conflict."""
    found: dict[str, set[str]] = {}
    for effect, _, _, level in logic.means:
        for rule, has in logic.effects.items():
            if has == effect:
                found.setdefault(rule, set()).add(level)
    for rule, _, _, level in logic.needs_role:
        found.setdefault(rule, set()).add(level)
    disputed = {question: level for question, _, level in logic.disputed}
    for rule, question, _ in logic.says:
        found.setdefault(rule, set()).add(disputed[question])
    return {rule: frozenset(levels) for rule, levels in found.items()}


def _with_all_behind(logic: Logic, rules: Iterable[str]) -> frozenset[str]:
    """The rules with those that may defeat them, directly or by defeating who does, and the indicators they count."""
    found = set(rules)
    groups = {rule: group for rule, group, _ in logic.counts}
    waiting = list(found)
    while waiting:
        rule = waiting.pop()
        behind = {by for by, of in logic.defeats if of == rule}
        behind |= {indicator for indicator, group in logic.indicators if group == groups.get(rule)}
        waiting += sorted(behind - found)
        found |= behind
    return frozenset(found)
