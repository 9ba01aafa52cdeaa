"""What follows from a pattern, said a second time: in plain Python, from the words of `logic` and of the domain.

No facts, no stages, no engine. It is slow, trusting and complete, and it stays: nothing else would notice a change in
what the rules engine answers. Beside it, random policies and patterns to ask both about.
"""

from collections.abc import Mapping
from functools import cache
from random import Random

from engine.inference.logic import Conclusion, Defeat, Ladder, Logic, Pattern, Truth

TRUE, UNKNOWN = Truth.TRUE, Truth.UNKNOWN


def expected(logic: Logic, pattern: Pattern) -> Conclusion:
    """Everything that follows from the pattern under the logic."""
    indicators = {rule for rule, _ in logic.indicators}
    state = {rule: truth for rule, truth in pattern.found if rule not in indicators}
    for rule, group, at_least in logic.counts:
        counted = count(logic, pattern, group, at_least)
        if counted is not None:
            state[rule] = counted
    waived = {of for _, of in pattern.waived}

    @cache
    def counts(rule: str) -> bool:
        """Found, and neither waived nor defeated by a rule that counts and is true."""
        return (
            rule in state
            and rule not in waived
            and not any(of == rule and state.get(by) is TRUE and counts(by) for by, of in logic.defeats)
        )

    effective = {rule: truth for rule, truth in state.items() if counts(rule)}
    true = {rule for rule, truth in effective.items() if truth is TRUE}
    unknown = set(effective) - true

    overruled = {(of, by) for by, of in logic.defeats if by in true and of in state}
    needed = dict(logic.quorums)
    missing: set[tuple[str, str]] = set()
    for rule in effective:
        roles = {role for one, role, _, _ in logic.needs_role if one == rule}
        if len(roles & pattern.approved) < needed.get(rule, len(roles)):
            missing |= {(rule, role) for role in roles - pattern.approved}
    says = [(question, value, rule) for rule, question, value in logic.says if rule in true]
    conflicts = {(q, one, two) for q, v, one in says for p, w, two in says if q == p and v != w and one < two}

    level: dict[str, str | None] = {}
    reasons: set[tuple[str, str]] = set()
    may_rise: set[tuple[str, str, str]] = set()
    for ladder in logic.ladders:
        height = {name: n for n, name in enumerate(ladder.levels)}
        reached = {
            (height[at], rule)
            for rule, truth in effective.items()
            for effect, of_truth, on, at in logic.means
            if (effect, of_truth, on) == (logic.effects[rule], truth, ladder.name)
        }
        reached |= {
            (height[at], rule)
            for rule, role, on, at in logic.needs_role
            if on == ladder.name and (rule, role) in missing
        }
        reached |= {
            (height[at], rule)
            for question, on, at in logic.disputed
            if on == ladder.name
            for q, one, two in conflicts
            if q == question
            for rule in (one, two)
        }
        possible = {
            (height[at], rule)
            for rule in unknown
            for effect, of_truth, on, at in logic.means
            if (effect, of_truth, on) == (logic.effects[rule], TRUE, ladder.name) and height[at] > 0
        }
        top = max((n for n, _ in reached), default=0)
        undecided = ladder.strict and top == 0 and bool(possible)
        level[ladder.name] = None if undecided else ladder.levels[top]
        reasons |= {(ladder.name, rule) for n, rule in reached if n == top and n > 0}
        may_rise |= {(ladder.name, ladder.levels[n], rule) for n, rule in possible if n > top}

    owed = {
        (rule, what, how) for rule, what, how in logic.carries if rule in true or (rule in unknown and how == "require")
    }
    return Conclusion(
        level=level,
        effective=tuple(sorted(effective.items(), key=lambda item: item[0])),
        defeated=tuple(
            Defeat(*row)
            for row in sorted(
                {(of, by, "rule") for of, by in overruled}
                | {(of, waiver, "waiver") for waiver, of in pattern.waived if of in state}
            )
        ),
        contested=tuple(
            Defeat(of, by, "rule")
            for of, by in sorted((of, by) for by, of in logic.defeats if by in unknown and of in effective)
        ),
        vetoes=tuple(sorted((by, of) for of, by in overruled if by in logic.vetoes)),
        reasons=tuple(sorted(reasons)),
        missing=tuple(sorted(missing)),
        owed=tuple(sorted(owed)),
        open=tuple(sorted(unknown)),
        may_rise=tuple(sorted(may_rise)),
        conflicts=tuple(sorted(conflicts)),
        acts=tuple(sorted(acts(logic, effective, pattern.answered))),
        said=tuple(sorted(says)),
    )


def count(logic: Logic, pattern: Pattern, group: str, at_least: int) -> Truth | None:
    """ "k of n" (docs/domain.md, 0): true if trues ≥ k, false if trues + unknowns < k, else unknown; `None`: false."""
    states = [truth for rule, truth in pattern.found if (rule, group) in logic.indicators]
    if states.count(TRUE) >= at_least:
        return TRUE
    return UNKNOWN if len(states) >= at_least else None


def acts(logic: Logic, effective: Mapping[str, Truth], answered: frozenset[str]) -> set[str]:
    """Acts set off by effective rules, and those they lead to while nobody has answered."""
    going = [act for rule, truth, act in logic.starts if effective.get(rule) is truth]
    seen: set[str] = set()
    while going:
        act = going.pop()
        if act not in seen:
            seen.add(act)
            going += [to for one, to, unless in logic.leads if one == act and unless not in answered]
    return seen


def seeded(seed: int) -> Random:
    """The same cases for the same seed, on every machine."""
    return Random(seed)  # noqa: S311 -- chooses test cases, guards nothing


def some_logic(random: Random) -> Logic:
    """A policy of 1 to 24 rules without cycles, using every relation; names that would hurt an engine."""
    size = random.choice((1, 3, 8, 16, 24))
    odd = ("R", "ü", "a b", 'r"', "規則", "f.rule", "$s")
    rules = [f"{random.choice(odd)}{n:02}" for n in range(size)]
    random.shuffle(rules)
    effects = ["deny", "hold", "advise", "watch", "rebalance", "require_approval"]
    ladders = (
        Ladder("verdict", ("allow", "approval", "hold", "deny"), strict=False),
        Ladder("trigger", ("none", "watch", "review", "rebalance"), strict=True),
        Ladder("plain", ("only",), strict=random.random() < 0.5),
    )[: random.randint(1, 3)]

    def some(chance: float) -> bool:
        return random.random() < chance

    means = frozenset(
        (effect, truth, ladder.name, random.choice(ladder.levels))
        for effect in effects
        for truth in Truth
        for ladder in ladders
        if some(0.5)
    )
    groups = ["drift", "balance"][: random.randint(0, 2)]
    indicators = {(rule, group) for group in groups for rule in rules if some(0.25)}
    able = [rule for rule in rules if rule not in {i for i, _ in indicators}]
    counts = {
        (rule, group, random.randint(1, 4))
        for rule, group in zip(able, groups * 2, strict=False)
        if any(g == group for _, g in indicators) and some(0.8)
    }
    density = random.choice((0.05, 0.2, 0.6))
    roles = ("vp", "ops", "giving", "receiving")[: random.randint(2, 4)]
    tall = [ladder for ladder in ladders if len(ladder.levels) > 1]
    needs_role = frozenset(
        (rule, role, ladder.name, random.choice(ladder.levels[1:]))
        for rule in able
        for role in roles
        for ladder in tall
        if some(0.2)
    )
    asked = {rule: {role for one, role, _, _ in needs_role if one == rule} for rule, _, _, _ in needs_role}
    return Logic(
        effects={rule: random.choice(effects) for rule in rules},
        ladders=ladders,
        means=means,
        defeats=frozenset((by, of) for n, by in enumerate(able) for of in able[n + 1 :] if some(density)),
        vetoes=frozenset(rule for rule in able if some(0.3)),
        needs_role=needs_role,
        quorums=frozenset((rule, random.randint(1, len(asked[rule]))) for rule in sorted(asked) if some(0.6)),
        carries=frozenset(
            (r, o, how)
            for r in able
            for o in ("call", "plan")
            for how in ("require", "advise", "mandate")
            if some(0.15)
        ),
        says=frozenset((r, q, random.choice(("yes", "no", "1"))) for r in able for q in ("who", "when") if some(0.3)),
        disputed=frozenset(
            (question, ladder.name, random.choice(ladder.levels))
            for question in ("who", "when", "why")
            for ladder in ladders
            if some(0.3)
        ),
        counts=frozenset(counts),
        indicators=frozenset(indicators),
        starts=frozenset((r, t, random.choice(("a", "b", "c"))) for r in able for t in Truth if some(0.1)),
        leads=frozenset((a, b, random.choice(("x", "y", ""))) for a in "abcd" for b in "abcd" if some(0.2)),
    )


def some_pattern(random: Random, logic: Logic) -> Pattern:
    """A pattern of the policy's rules: few or many found, some unknown, some waived."""
    counting = {rule for rule, _, _ in logic.counts}
    indicators = {rule for rule, _ in logic.indicators}
    found, unknown, waived = (random.choice((0.1, 0.4, 0.9)) for _ in range(3))
    return Pattern(
        found=frozenset(
            (rule, UNKNOWN if random.random() < unknown else TRUE)
            for rule in logic.effects
            if rule not in counting and random.random() < found
        ),
        waived=frozenset(
            (f"W{random.randint(1, 3)}", rule)
            for rule in logic.effects
            if rule not in indicators and random.random() < waived * 0.3
        ),
        approved=frozenset(role for role in ("vp", "ops", "giving", "receiving", "nobody") if random.random() < 0.4),
        answered=frozenset(condition for condition in ("x", "y", "z") if random.random() < 0.4),
    )
