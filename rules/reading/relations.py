"""Do the names that rules use exist? The rules that they defeat, the groups that they count, and their deadlines."""

from collections.abc import Callable, Mapping, Sequence

from rules.model.rule_kind import QUESTION
from rules.problem import Place, Problem, nearest
from rules.reading.shapes import RuleShape
from rules.reading.yaml_source import Path
from rules.vocabulary import Subject

Placing = Callable[[Path], Place]
"""Where a part of a rule stands, by its path below the rule."""


def relation_problems(rules: Sequence[tuple[Placing, RuleShape]], deadlines: Mapping[str, Subject]) -> list[Problem]:
    """What the rules of a whole policy set say of each other; `deadlines` maps names to subjects."""
    by_id = {rule.id: rule for _, rule in rules}
    groups = {(rule.group, rule.subject) for _, rule in rules if rule.group}
    problems = []
    for place_of, rule in rules:
        subject = rule.subject.value
        for i, name in enumerate(rule.defeats):
            place = place_of(("defeats", i))
            other = by_id.get(name)
            if other is None or other.subject is not rule.subject:
                hint = nearest(name, by_id) if other is None else ""
                message = f"rule `{rule.id}` defeats `{name}`, which is not a rule on a {subject}"
                problems.append(Problem(place, message, hint=hint or "a rule defeats rules on its own subject"))
            elif QUESTION[other.kind] != QUESTION[rule.kind]:
                message = f"rule `{rule.id}` defeats `{name}`, which answers another question"
                hint = f"one is about {QUESTION[rule.kind]}, the other about {QUESTION[other.kind]}"
                problems.append(Problem(place, message, hint=hint))
        if rule.count and (rule.count.group, rule.subject) not in groups:
            message = f"rule `{rule.id}` counts group `{rule.count.group}`, which has no indicators on a {subject}"
            problems.append(Problem(place_of(("count", "group")), message))
        if rule.deadline and deadlines.get(rule.deadline) is not rule.subject:
            known = {name: s for name, s in deadlines.items() if s is rule.subject}
            hint = nearest(rule.deadline, known) or "deadlines stand under `deadlines:`, each on a subject"
            message = f"rule `{rule.id}` is due by `{rule.deadline}`, which is no deadline on a {subject}"
            problems.append(Problem(place_of(("deadline",)), message, hint=hint))
    return problems
