"""An explanation as one document, from which JSON and the HTML fragment are made, and as trees for a terminal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text
from rich.tree import Tree

from cli.answer import coloured
from cli.wording import clause_tree, explained_document, fired_document, outcome_document
from engine.evaluate import Evaluation, Question
from engine.explain import Explained
from engine.explanation.changes import ApprovalChange, Change, FactChange, Nearest, WaiverChange
from engine.explanation.words import change_words, distance_words, missed_words, search_words, value_words, way_words
from engine.outcome import Fired, Outcome, Owed
from governance.exact_json import encoded
from rules.expression.meaning import Given

WAYS_SHOWN = 3
"""Ways to a level that a terminal shows; a document has all."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that is said of one subject. `nearest` is left out where nobody asked for it."""

    subject: str
    evaluation: Evaluation
    outcome: Outcome
    rules: tuple[Explained, ...]
    nearest: Nearest | None

    @property
    def question(self) -> Question:
        return self.evaluation.question

    @property
    def fired(self) -> Mapping[str, Fired]:
        return {fired.rule.id: fired for fired in self.outcome.fired}


def explanation_document(told: Explanation, standing: Mapping[str, str]) -> dict[str, Any]:
    """The explanation as JSON: values as people read them, and changes of facts exactly as well."""
    return {
        "policies": standing,
        **outcome_document(told.outcome),
        "rules": [
            {
                **explained_document(each, told.question),
                **({"fired": fired_document(told.fired[each.rule.id])} if each.rule.id in told.fired else {}),
            }
            for each in told.rules
        ],
        "changes": _nearest_document(told.question, told.nearest) if told.nearest else None,
    }


def _nearest_document(question: Question, nearest: Nearest) -> dict[str, Any]:
    return {
        "levels": [
            {
                "level": each.level,
                "ways": [
                    {"words": way_words(question, way), "changes": [_change(question, c) for c in way.changes]}
                    for way in each.ways
                ],
                "none": "" if each.ways else missed_words(nearest),
            }
            for each in nearest.others
        ],
        "tried": nearest.tried,
        "facts": nearest.facts,
        "not_every_value_of": list(nearest.partly),
        "every_pair": not nearest.cut,
        "search": search_words(nearest),
    }


def _change(question: Question, change: Change) -> dict[str, Any]:
    said = {"words": change_words(question, change), "in_the_hand_of": change.hand.value}
    match change:
        case WaiverChange():
            return {"kind": "waiver", **said, "rule": change.rule, "by": change.by}
        case ApprovalChange():
            return {"kind": "approvals", **said, "roles": list(change.roles)}
        case FactChange():
            before, after = value_words(question, change)
            return {
                "kind": "fact",
                **said,
                "fact": change.fact,
                "meaning": question.fields[change.fact].meaning,
                "before": before,
                "after": after,
                "by": distance_words(question, change),
                "exact": {"before": _exact(change.before), "after": _exact(change.after)},
                "any_unnamed_text": change.unnamed,
            }


def _exact(value: Given | None) -> Any:
    return [encoded(item) for item in value] if isinstance(value, tuple) else encoded(value)


def rule_tree(told: Explanation, found: Explained) -> Tree:
    """One rule with its clauses and, if it fired, what it says, rests on, beats, lacks and asks for."""
    fired = told.fired.get(found.rule.id)
    head = (
        Text(f"{found.rule.id} ", style="bold")
        .append(found.rule.title)
        .append(" — ")
        .append_text(coloured({True: "fired", False: "quiet", None: "unknown"}[found.truth]))
    )
    if fired:
        head.append(f" — {fired.would}; " if fired.would else " — ").append(fired.standing)
    tree = Tree(head, guide_style="dim")
    if found.clause is not None:
        # What fired lists its parameters below, each with its source; of what is quiet a date is enough.
        since = {} if fired else {p.name: p.meaning for p in found.parameters}
        clause_tree(tree, found.clause, told.question.minor_digits, since)
    if found.counted is not None:
        tree.add(Text(_counted_words(found)))
    if fired:
        _add_fired(tree, told.outcome, fired, [o for o in told.outcome.owed if o.rule == found.rule.id])
    return tree


def _counted_words(found: Explained) -> str:
    counted = found.counted
    assert counted is not None, "only asked of a rule that counts"  # noqa: S101
    group = found.rule.count.group if found.rule.count else ""
    true = f"true: {', '.join(counted.true) or 'none'}"
    unknown = f"; unknown: {', '.join(counted.unknown)}" if counted.unknown else ""
    return f"{counted.at_least} of the indicators in {group} are enough; {true}{unknown}"


def _add_fired(tree: Tree, outcome: Outcome, fired: Fired, owed: Sequence[Owed]) -> None:
    tree.add(Text(fired.message, style="italic"))
    for p in fired.parameters:
        tree.add(Text(f"{p.name} = {p.shown}, {p.meaning}: {p.source}", style="dim"))
    for missing in fired.missing:
        tree.add(Text(f"missing: {missing}", style="magenta"))
    for line in _against(outcome, fired.rule.id):
        tree.add(Text(line))
    for each in owed:
        tree.add(Text(f"{each.how}: {each.words}", style="bold"))
    tree.add(Text(f"severity {fired.rule.severity.value}, owner {fired.rule.owner}", style="dim"))


def _against(outcome: Outcome, rule: str) -> list[str]:
    """What a rule beats, and what might beat it."""
    conclusion = outcome.conclusion
    beaten = [d.of for d in conclusion.defeated if d.by == rule and d.how != "waiver"]
    doubts = [d.by for d in conclusion.contested if d.of == rule]
    return [
        *([f"defeats {', '.join(beaten)}"] if beaten else []),
        *([f"would be defeated by {', '.join(doubts)}, if that is true: it is unknown"] if doubts else []),
    ]


def nearest_tree(question: Question, nearest: Nearest) -> Tree:
    """What would have to change, by level."""
    tree = Tree(Text("what would have to change", style="bold"), guide_style="dim")
    for each in nearest.others:
        branch = tree.add(Text("for ").append_text(coloured(each.level)))
        for way in each.ways[:WAYS_SHOWN]:
            branch.add(Text(way_words(question, way)))
        if not each.ways:
            branch.add(Text(missed_words(nearest), style="dim"))
        if more := each.ways[WAYS_SHOWN:]:
            branch.add(Text(f"or {len(more)} more, which --json lists", style="dim"))
    for line in search_words(nearest):
        tree.add(Text(line, style="dim"))
    return tree
