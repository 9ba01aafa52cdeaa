"""What makes a policy's logic unfit for inference, in the policy's words; and the rank of every rule of a fit one.

A defeat must have an end (no cycles), a relation must name what exists, a count must be one the engine can hold, and
the facts of one pattern must stay within memory. Everything wrong is listed at once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from engine.inference.logic import Ladder, Logic
from engine.inference.stratification import MAX_COUNT
from rules.problem import Place, Problem, nearest

MAX_COUNTING_RULES = 120
"""The engine holds 255 rules on one condition, and a counting rule is two of them."""
MAX_QUORUMS = 240
"""The same: a quorum is one rule, and all of them start from what was granted."""
HOWS = ("require", "advise", "mandate")
"""How a rule carries an obligation."""
MAX_FACTS = 20_000
"""Of one pattern, given and concluded; the engine takes about 8 KB for each while the pattern is inferred."""

_Fault = tuple[str, str, str]
"""Rule at fault (empty: none), message, hint."""


def logic_problems(logic: Logic, places: Mapping[str, Place] | None = None) -> list[Problem]:
    """Everything wrong with the logic, sorted by rule; `places` says where a rule was written."""
    where = places or {}
    faults = sorted({*_unknown_rules(logic), *_ladders(logic), *_counts(logic), *_quorums(logic), *_statements(logic)})
    faults += [*sorted(_cycles(logic.defeats)), *_size(logic)]
    return [Problem(where.get(rule, Place("policy")), message, hint=hint) for rule, message, hint in faults]


def ranks(logic: Logic) -> dict[str, int]:
    """Rank of every rule: 1, or one more than the highest of those that defeat it. Needs a logic without problems."""
    defeaters = _defeaters(logic.defeats)
    found: dict[str, int] = {}
    for rule in TopologicalSorter({rule: defeaters.get(rule, ()) for rule in logic.effects}).static_order():
        found[rule] = 1 + max((found[by] for by in defeaters.get(rule, ())), default=0)
    return found


def _defeaters(defeats: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    by_rule: dict[str, list[str]] = {}
    for by, of in sorted(defeats):
        by_rule.setdefault(of, []).append(by)
    return by_rule


def _unknown_rules(logic: Logic) -> Iterator[_Fault]:
    """Relations of a rule that is not there, or of an indicator, which only counts."""
    indicators = {rule for rule, _ in logic.indicators}
    for rule, group in logic.indicators:
        yield from _unknown_rule(logic, rule, f"group `{group}` counts")
    for rule, relation in _relations(logic):
        yield from _unknown_rule(logic, rule, relation)
        if rule in indicators:
            yield rule, f"{relation} `{rule}`, an indicator, which concludes nothing by itself", ""


def _relations(logic: Logic) -> Iterator[tuple[str, str]]:
    """Every mention of a rule that must be able to conclude something, with the words that lead to its name."""
    for by, of in logic.defeats:
        yield of, f"rule `{by}` defeats"
        yield by, f"the defeat of `{of}` names"
    yield from ((rule, "a veto names") for rule in logic.vetoes)
    yield from ((rule, f"the approval of `{role}` names") for rule, role, _, _ in logic.needs_role)
    yield from ((rule, f"the quorum of {needed} names") for rule, needed in logic.quorums)
    yield from ((rule, f"obligation `{obligation}` names") for rule, obligation, _ in logic.carries)
    yield from ((rule, f"the statement on `{question}` names") for rule, question, _ in logic.says)
    yield from ((rule, f"the count of group `{group}` names") for rule, group, _ in logic.counts)
    yield from ((rule, f"the start of `{act}` names") for rule, _, act in logic.starts)


def _unknown_rule(logic: Logic, rule: str, relation: str) -> Iterator[_Fault]:
    if rule not in logic.effects:
        yield rule, f"{relation} the unknown rule `{rule}`", nearest(rule, logic.effects)


def _ladders(logic: Logic) -> Iterator[_Fault]:
    names = Counter(ladder.name for ladder in logic.ladders)
    yield from (("", f"ladder `{name}` is there {n} times", "") for name, n in names.items() if n > 1)
    for ladder in logic.ladders:
        if not ladder.levels:
            yield "", f"ladder `{ladder.name}` has no levels", ""
        for level, n in Counter(ladder.levels).items():
            if n > 1:
                yield "", f"ladder `{ladder.name}` has level `{level}` {n} times", ""
    known = {ladder.name: ladder for ladder in logic.ladders}
    for effect, _, ladder_name, level in logic.means:
        yield from _level(known, "", f"effect `{effect}`", ladder_name, level)
    for rule, role, ladder_name, level in logic.needs_role:
        yield from _level(known, rule, f"rule `{rule}` without `{role}`", ladder_name, level)
        if ladder_name in known and level in known[ladder_name].levels[:1]:
            message = f"rule `{rule}` without `{role}` reaches level `{level}`, the lowest of ladder `{ladder_name}`"
            yield rule, message, "name a level above it, or leave the approval out"
    for question, ladder_name, level in logic.disputed:
        yield from _level(known, "", f"a conflict on `{question}`", ladder_name, level)


def _level(known: Mapping[str, Ladder], rule: str, what: str, ladder: str, level: str) -> Iterator[_Fault]:
    if ladder not in known:
        yield rule, f"{what} reaches a level of the unknown ladder `{ladder}`", ""
    elif level not in known[ladder].levels:
        hint = "its levels are " + ", ".join(f"`{each}`" for each in known[ladder].levels)
        yield rule, f"{what} reaches the unknown level `{level}` of ladder `{ladder}`", hint


def _counts(logic: Logic) -> Iterator[_Fault]:
    groups = {group for _, group in logic.indicators}
    for rule, group, at_least in logic.counts:
        if not 1 <= at_least <= MAX_COUNT:
            yield rule, f"rule `{rule}` needs `{at_least}` indicators; expected 1 to {MAX_COUNT:,}", ""
        if group not in groups:
            yield rule, f"rule `{rule}` counts in group `{group}`, which has no indicator", ""
    for rule, n in Counter(rule for rule, _, _ in logic.counts).items():
        if n > 1:
            yield rule, f"rule `{rule}` counts {n} times", "one count to a rule"
    if len(logic.counts) > MAX_COUNTING_RULES:
        yield "", f"{len(logic.counts)} rules count indicators; expected at most {MAX_COUNTING_RULES}", ""


def _quorums(logic: Logic) -> Iterator[_Fault]:
    roles = {(rule, role) for rule, role, _, _ in logic.needs_role}
    for rule, needed in logic.quorums:
        there = sum(one == rule for one, _ in roles)
        if not 1 <= needed <= min(there, MAX_COUNT):
            yield rule, f"rule `{rule}` needs {needed} approvals of {there} roles; expected 1 to {there}", ""
    for rule, n in Counter(rule for rule, _ in logic.quorums).items():
        if n > 1:
            yield rule, f"rule `{rule}` has {n} quorums", "one to a rule"
    if len(logic.quorums) > MAX_QUORUMS:
        message = f"{len(logic.quorums)} rules need some of their roles; expected at most {MAX_QUORUMS}"
        yield "", message, "a rule that needs every role has no limit"


def _statements(logic: Logic) -> Iterator[_Fault]:
    for rule, obligation, how in logic.carries:
        if how not in HOWS:
            expected = ", ".join(f"`{each}`" for each in HOWS)
            yield rule, f"rule `{rule}` carries `{obligation}` as `{how}`; expected one of {expected}", ""
    for (rule, question), n in Counter((rule, question) for rule, question, _ in logic.says).items():
        if n > 1:
            yield rule, f"rule `{rule}` says {n} different things about `{question}`", ""


def _cycles(defeats: Iterable[tuple[str, str]]) -> Iterator[_Fault]:
    """One fault for each rule that defeats itself in the end, with the whole way round, until none is left."""
    defeaters = _defeaters(defeats)
    while True:
        sorter = TopologicalSorter(defeaters)
        try:
            sorter.prepare()
        except CycleError as error:
            way = error.args[1][:-1]  # each rule defeats the next, the last one the first
            start = way.index(min(way))
            names = [*way[start:], *way[:start], way[start]]
            yield (
                names[0],
                "defeats go round: " + " defeats ".join(f"`{name}`" for name in names),
                "take one defeat away",
            )
            # Without its first rule this way round is gone; every other one stays to be found.
            defeaters = {of: [by for by in bys if by != names[0]] for of, bys in defeaters.items() if of != names[0]}
        else:
            return


def most_facts(logic: Logic) -> int:
    """Facts of the largest pattern, what people say left out: every relation once given and once concluded."""
    meanings = Counter(effect for effect, _, _, _ in logic.means)
    relations = sum(
        len(relation)
        for relation in (
            *(logic.defeats, logic.vetoes, logic.needs_role, logic.carries, logic.says, logic.counts),
            *(logic.indicators, logic.starts, logic.leads, logic.means, logic.ladders),
            *(logic.quorums, logic.disputed),
        )
    )
    facts = 2 * (len(logic.effects) + relations) + sum(meanings[effect] for effect in logic.effects.values())
    # Two rules that disagree are a fact, and the engine holds the pair of what they said besides.
    answers = Counter((question, value) for _, question, value in logic.says)
    for question, n in Counter(question for _, question, _ in logic.says).items():
        same = sum(k * k for (q, _), k in answers.items() if q == question)
        facts += (n * n - same) // 2 + n * sum(q == question for q, _, _ in logic.disputed)
    return facts


def _size(logic: Logic) -> Iterator[_Fault]:
    facts = most_facts(logic)
    if facts > MAX_FACTS:
        message = f"a subject on which everything is true would need {facts:,} facts; expected at most {MAX_FACTS:,}"
        yield "", message, "split the policy by subject"
