"""Facts from names and names from facts: what a policy and a pattern say, as rows of small numbers, and back.

The engine knows names only by a hash and compares text badly, so no name of a policy ever reaches it: every fact is a
kind and numbers (or one of a few words of ours). Everything is sorted first, so the order in which a policy was
written never matters.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.inference.fact_kinds import KINDS, Sort
from engine.inference.generic_rule import GenericRule
from engine.inference.generic_rules import counting_rules, quorum_rule
from engine.inference.logic import Conclusion, Defeat, Ladder, Logic, Pattern, Truth
from engine.inference.logic_problems import ranks

Fact = tuple[str, tuple[int | str, ...]]
"""A kind and its fields' values in the kind's order."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """A policy's names in order (a number is a place in it), its facts, and where they are needed."""

    names: Mapping[Sort, tuple[str, ...]]
    numbers: Mapping[Sort, Mapping[str, int]]
    levels: tuple[tuple[str, ...], ...]
    always: tuple[Fact, ...]
    """Needed by every pattern: ladders, meanings, what leads to what."""
    relations: Mapping[str, tuple[Fact, ...]]
    """Needed when that rule may be found."""
    rank: Mapping[str, int]
    effect: Mapping[str, int]
    hits: Mapping[str, tuple[int, ...]]
    """Of an indicator: the groups that some rule counts."""
    counters: Mapping[str, int]
    """Of a counting rule: its group."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A pattern's facts, with what the stages and the way back to names need."""

    facts: tuple[Fact, ...]
    ranks: frozenset[int]
    counted: bool
    waivers: tuple[str, ...]


def encoding_of(logic: Logic) -> Encoding:
    """The encoding of a logic without problems."""
    names = {
        Sort.RULE: tuple(sorted(logic.effects)),
        Sort.EFFECT: _distinct(logic.effects.values(), (effect for effect, _, _, _ in logic.means)),
        Sort.LADDER: _distinct(ladder.name for ladder in logic.ladders),
        Sort.ROLE: _distinct(role for _, role, _, _ in logic.needs_role),
        Sort.OBLIGATION: _distinct(obligation for _, obligation, _ in logic.carries),
        Sort.QUESTION: _distinct((question for _, question, _ in logic.says), (q for q, _, _ in logic.disputed)),
        Sort.VALUE: _distinct(value for _, _, value in logic.says),
        Sort.ACT: _distinct((act for _, _, act in logic.starts), (a for act, to, _ in logic.leads for a in (act, to))),
        Sort.CONDITION: _distinct(unless for _, _, unless in logic.leads),
        Sort.GROUP: _distinct(group for _, group, _ in logic.counts),
    }
    numbers = {sort: {name: number for number, name in enumerate(each)} for sort, each in names.items()}
    ladders = {ladder.name: ladder for ladder in logic.ladders}
    rule, effect, ladder_of, group_of = (numbers[sort] for sort in (Sort.RULE, Sort.EFFECT, Sort.LADDER, Sort.GROUP))

    relations: dict[str, list[Fact]] = {name: [] for name in logic.effects}
    for by, of in logic.defeats:
        relations[by].append(("defeats", (rule[by], rule[of])))
    for name in logic.vetoes:
        relations[name].append(("vetoes", (rule[name],)))
    for name, role, ladder, level in logic.needs_role:
        at = ladders[ladder].levels.index(level)
        relations[name].append(("needs_role", (rule[name], numbers[Sort.ROLE][role], ladder_of[ladder], at)))
    for name, needed in logic.quorums:
        relations[name].append(("quorum", (rule[name], needed)))
    for name, obligation, how in logic.carries:
        relations[name].append(("carries", (rule[name], numbers[Sort.OBLIGATION][obligation], how)))
    for name, question, value in logic.says:
        said = (rule[name], numbers[Sort.QUESTION][question], numbers[Sort.VALUE][value])
        relations[name].append(("says", said))
    for name, truth, started in logic.starts:
        relations[name].append(("starts", (rule[name], truth.value, numbers[Sort.ACT][started])))
    return Encoding(
        names,
        numbers,
        tuple(ladders[name].levels for name in names[Sort.LADDER]),
        tuple(sorted(_always(logic, numbers, ladders), key=str)),
        {name: tuple(sorted(facts, key=str)) for name, facts in relations.items()},
        ranks(logic),
        {name: effect[each] for name, each in logic.effects.items()},
        {
            indicator: tuple(sorted(group_of[g] for i, g in logic.indicators if i == indicator and g in group_of))
            for indicator, _ in logic.indicators
        },
        {name: group_of[group] for name, group, _ in sorted(logic.counts)},
    )


def _always(logic: Logic, numbers: Mapping[Sort, Mapping[str, int]], ladders: Mapping[str, Ladder]) -> Iterator[Fact]:
    act, condition, ladder_of = numbers[Sort.ACT], numbers[Sort.CONDITION], numbers[Sort.LADDER]
    yield from (("ladder", (ladder_of[name], int(each.strict))) for name, each in ladders.items())
    yield from (("leads", (act[one], act[to], condition[unless])) for one, to, unless in logic.leads)
    # Level 0 is the answer when nothing is reached: a row that names it reaches nothing.
    for effect, truth, ladder, level in logic.means:
        if at := ladders[ladder].levels.index(level):
            yield "means", (numbers[Sort.EFFECT][effect], truth.value, ladder_of[ladder], at)
    for question, ladder, level in logic.disputed:
        if at := ladders[ladder].levels.index(level):
            yield "disputed", (numbers[Sort.QUESTION][question], ladder_of[ladder], at)


def _distinct(*names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({name for each in names for name in each}))


def rules_added(logic: Logic, encoding: Encoding) -> tuple[GenericRule, ...]:
    """The rules that this logic's counts and quorums add to the generic ones."""
    rule, group_of = encoding.numbers[Sort.RULE], encoding.numbers[Sort.GROUP]
    counts = (counting_rules(rule[name], group_of[group], at_least) for name, group, at_least in sorted(logic.counts))
    quorums = (quorum_rule(rule[name], needed) for name, needed in sorted(logic.quorums))
    return (*(added for each in counts for added in each), *quorums)


def encoded(encoding: Encoding, pattern: Pattern) -> Encoded:
    """A pattern's facts, sorted. ValueError lists what it says of rules that are not there, or says twice."""
    if refused := _pattern_problems(encoding, pattern):
        raise ValueError("; ".join(refused))
    rule = encoding.numbers[Sort.RULE]
    facts: list[Fact] = list(encoding.always)
    counted_groups: set[int] = set()
    candidates: list[str] = []
    for name, truth in sorted(pattern.found, key=lambda found: found[0]):
        if name in encoding.hits:
            facts += [("hit", (group, rule[name], truth.value)) for group in encoding.hits[name]]
            counted_groups.update(encoding.hits[name])
        else:
            facts.append(("finding", (rule[name], truth.value, encoding.effect[name], encoding.rank[name])))
            candidates.append(name)
    for name, group in encoding.counters.items():
        if group in counted_groups:
            facts.append(("counter", (rule[name], encoding.effect[name], encoding.rank[name])))
            candidates.append(name)
    for name in candidates:
        facts += encoding.relations[name]
    there = frozenset(candidates)
    waived = sorted((waiver, of) for waiver, of in pattern.waived if of in there)
    waivers = _distinct(waiver for waiver, _ in waived)
    waiver_number = {waiver: number for number, waiver in enumerate(waivers)}
    facts += [("waiver", (waiver_number[waiver], rule[of])) for waiver, of in waived]
    for kind, sort, given in (
        ("approved", Sort.ROLE, pattern.approved),
        ("answered", Sort.CONDITION, pattern.answered),
    ):
        facts += [(kind, (encoding.numbers[sort][name],)) for name in sorted(given) if name in encoding.numbers[sort]]
    return Encoded(tuple(facts), frozenset(encoding.rank[name] for name in there), bool(counted_groups), waivers)


def _pattern_problems(encoding: Encoding, pattern: Pattern) -> list[str]:
    known = encoding.numbers[Sort.RULE]
    found = Counter(name for name, _ in pattern.found)
    return sorted(
        {
            *(f"the pattern finds the unknown rule `{name}`" for name in found if name not in known),
            *(f"the pattern finds `{name}` both true and unknown" for name, times in found.items() if times > 1),
            *(f"the pattern finds `{name}`, which counts indicators" for name in found if name in encoding.counters),
            *(f"waiver `{w}` names the unknown rule `{of}`" for w, of in pattern.waived if of not in known),
            *(f"waiver `{w}` names the indicator `{of}`" for w, of in pattern.waived if of in encoding.hits),
        }
    )


def batch_json(batch: Iterable[Fact], first_id: int) -> str:
    """Facts as a JSON array of objects with consecutive ids.

    TypeError unless every value is a whole number of 64 bits or a plain word: beyond, the engine guesses in silence.
    """
    rows = []
    for number, (kind, values) in enumerate(batch, first_id):
        if not all(_is_plain(value) for value in values):
            raise TypeError(f"not a fact for the engine: {kind} {values}")
        rows.append({"id": number, "kind": kind, **dict(zip(KINDS[kind].fields, values, strict=True))})
    return json.dumps(rows, separators=(",", ":"))


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return value.isalpha() and value.isascii()
    return type(value) is int and -(2**63) <= value < 2**63


def _named(encoding: Encoding, waivers: tuple[str, ...], fact: Fact) -> tuple[str | None, ...]:
    """The fact's values as names; an undecided level is `None`."""
    kind, values = fact
    named: list[str | None] = []
    ladder = 0
    for sort, value in zip(KINDS[kind].fields.values(), values, strict=True):
        if isinstance(value, str) or sort in (Sort.RANK, Sort.NUMBER):
            named.append(str(value))
        elif sort is Sort.LEVEL:
            named.append(encoding.levels[ladder][value] if value >= 0 else None)
        else:
            if sort is Sort.LADDER:
                ladder = value
            named.append(waivers[value] if sort is Sort.WAIVER else encoding.names[sort][value])
    return tuple(named)


def sentence(encoding: Encoding, waivers: tuple[str, ...], fact: Fact) -> str:
    """The fact in words."""
    named = (name if name is not None else "undecided" for name in _named(encoding, waivers, fact))
    return KINDS[fact[0]].said.format(**dict(zip(KINDS[fact[0]].fields, named, strict=True)))


def conclusion_of(encoding: Encoding, waivers: tuple[str, ...], facts: Iterable[Fact]) -> Conclusion:
    """What the concluded facts say, without the steps. ValueError when a ladder has no answer or more than one."""
    of_kind: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for fact in facts:
        of_kind[fact[0]].append(_named(encoding, waivers, fact))
    answers = sorted(of_kind["top"], key=lambda row: str(row[0]))
    if tuple(ladder for ladder, _ in answers) != encoding.names[Sort.LADDER]:
        raise ValueError(f"the ladders' answers are {answers}; expected one each")
    defeated = [(of, by, "waiver") for of, by in of_kind["waived"]] + [
        (of, by, "rule") for of, by in of_kind["defeated"]
    ]
    return Conclusion(
        level=dict(answers),
        effective=tuple((rule, Truth(truth)) for rule, truth, _ in sorted(of_kind["effective"])),
        defeated=tuple(Defeat(*row) for row in sorted(defeated)),
        contested=tuple(Defeat(of, by, "rule") for of, by in sorted(of_kind["contested"])),
        vetoes=tuple(sorted(of_kind["veto"])),
        reasons=tuple(sorted(of_kind["reason"])),
        missing=tuple(sorted({(rule, role) for rule, role, _, _ in of_kind["missing"]})),
        owed=tuple(sorted(of_kind["owed"])),
        open=tuple(sorted(rule for (rule,) in of_kind["open"])),
        may_rise=tuple(sorted(of_kind["may_rise"])),
        conflicts=tuple(sorted(of_kind["conflict"])),
        acts=tuple(sorted(act for (act,) in of_kind["act"])),
        said=tuple(sorted(of_kind["said"])),
    )
