"""Which rules of a ladder say nothing? Never true, always true, twice the same, masked by others."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.analysis.boundary import boundary_findings
from engine.analysis.finding import Case, Finding, LeftOut, Sort
from engine.analysis.inquiry import TOO_HARD, Inquiry
from engine.analysis.ladder import RuledLadder, ruled_with, truth_in
from engine.analysis.resolution_model import level_of
from engine.analysis.words import quoted_list
from engine.inference.logic import Truth
from rules.expression.term import Op
from rules.model.policy import Rule
from rules.proof.solver import Formula, Settled

_ANY_RULE = -1


def rule_findings(on: RuledLadder, inquiry: Inquiry, minor_digits: int) -> Iterator[Finding]:
    """Everything found about the rules of one ladder; what is not settled goes to the inquiry."""
    idle = set()
    for rule in on.rules:
        found = list(_constant(on, inquiry, rule))
        idle |= {finding.names[0] for finding in found if finding.sort is Sort.NEVER_TRUE}
        yield from found
    live = [rule for rule in on.rules if rule.id not in idle]
    yield from boundary_findings(on, inquiry, live, minor_digits)
    yield from _same(on, inquiry, live)
    yield from _masked(on, inquiry, live)


def _constant(on: RuledLadder, inquiry: Inquiry, rule: Rule) -> Iterator[Finding]:
    """Whether the condition has one value only, as far as it is known."""
    true, false = _true(on, rule), _false(on, inquiry, rule)
    if true is None:
        return
    solver = inquiry.facts.solver
    if inquiry.impossible(f"whether `{rule.id}` is ever true", true):
        rest = solver.both((solver.negation(true), solver.negation(false))) if false is not None else solver.false
        unset = [name for name in (rule.when.parameters if rule.when else ()) if on.parameters.get(name) is None]
        why = f": {quoted_list(unset)} has no value on the day" if unset else ""
        may = "; it may be unknown" if solver.ask(rest).settled is Settled.POSSIBLE else ""
        yield Finding(Sort.NEVER_TRUE, on.subject.value, (rule.id,), rule.place, f"never true{why}{may}")
    elif false is not None and inquiry.impossible(f"whether `{rule.id}` is ever false", false):
        message = "never false: wherever its facts are known it is true"
        case = inquiry.shown(f"a case of `{rule.id}`", [true], lambda case: on.is_true(rule.id, case))
        yield Finding(Sort.ALWAYS_TRUE, on.subject.value, (rule.id,), rule.place, message, case)


def _true(on: RuledLadder, rule: Rule) -> Formula | None:
    """When the rule is true before anything defeats it."""
    if rule.when is not None:
        return on.truths[rule.id].yes
    return on.counted.get(rule.id, (None, None))[0]


def _false(on: RuledLadder, inquiry: Inquiry, rule: Rule) -> Formula | None:
    if rule.when is not None:
        return on.truths[rule.id].no
    solver = inquiry.facts.solver
    return solver.negation(solver.either(on.counted[rule.id])) if rule.id in on.counted else None


def _same(on: RuledLadder, inquiry: Inquiry, rules: Sequence[Rule]) -> Iterator[Finding]:
    """Pairs of rules with one condition in two wordings, among those that read the same facts.

    Where one defeats the other, or both name the same definition, the policy itself says what they have in common.
    """
    waiting = _reading_the_same(rules)
    while waiting:
        one, other, *more = waiting.pop()
        if inquiry.exhausted:
            question = f"whether {len(more) + 2} rules like `{one.id}` say the same"
            inquiry.left_out.append(LeftOut(question, TOO_HARD))
            continue
        stated = {(one.id, other.id), (other.id, one.id)} & on.logic.defeats or _share_a_name(one, other)
        case = None if stated else inquiry.some_case(_differing(on, inquiry, one, other))
        groups = _apart([one, other, *more], case, on) if case is not None else []
        if len(groups) > 1:
            inquiry.settled += 1
            waiting += [group for group in groups if len(group) > 1]
            continue
        question = f"whether `{one.id}` and `{other.id}` say the same"
        if not stated and inquiry.impossible(question, _differing(on, inquiry, one, other)):
            message = f"true, false and unknown exactly where `{one.id}` is ({one.place})"
            yield Finding(Sort.SAME_CONDITION, on.subject.value, (other.id, one.id), other.place, message)
        waiting += [[one, *more]] if more else []


def _reading_the_same(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Groups of rules that read the same facts; a condition that reads others says something else."""
    groups: dict[tuple[str, ...], list[Rule]] = {}
    for rule in rules:
        if rule.when is not None:
            groups.setdefault(tuple(sorted(rule.when.fields)), []).append(rule)
    return [group for group in reversed(groups.values()) if len(group) > 1]


def _apart(group: Sequence[Rule], case: Case, on: RuledLadder) -> list[list[Rule]]:
    """The rules by what they say of a case: those in different groups cannot say the same."""
    found: dict[bool | None, list[Rule]] = {}
    for rule in group:
        found.setdefault(truth_in(rule, case, on.parameters), []).append(rule)
    return list(found.values())


def _share_a_name(one: Rule, other: Rule) -> bool:
    nodes = [rule.when.node for rule in (one, other) if rule.when is not None]
    return nodes[0] == nodes[1] and nodes[0].op is Op.DEFINITION


def _differing(on: RuledLadder, inquiry: Inquiry, one: Rule, other: Rule) -> Formula:
    solver = inquiry.facts.solver
    a, b = on.truths[one.id], on.truths[other.id]
    return solver.either((solver.differ(a.yes, b.yes), solver.differ(a.no, b.no)))


def _masked(on: RuledLadder, inquiry: Inquiry, rules: Sequence[Rule]) -> Iterator[Finding]:
    """Rules without which every subject would be answered the same."""
    solver = inquiry.facts.solver
    without = solver.some_whole(f"without:{on.subject.value}:{on.ladder.name}")
    numbers = {rule.id: solver.whole(n) for n, rule in enumerate(on.rules)}
    kept = {rule: solver.negation(solver.equal(without, number)) for rule, number in numbers.items()}
    fewer = ruled_with(on, inquiry.facts, kept)
    answers = zip(on.answers().values(), fewer.answers().values(), strict=True)
    differ = solver.either(solver.differ(one, other) for one, other in answers)
    for rule in rules:
        if _may_answer(on, rule) and not _answers_alone(on, inquiry, rule):
            question = f"whether `{rule.id}` changes an answer"
            if inquiry.impossible(question, solver.equal(without, numbers[rule.id]), differ):
                masks = _masks(on, inquiry, rule)
                yield Finding(
                    Sort.MASKED,
                    on.subject.value,
                    (rule.id, *masks),
                    rule.place,
                    _masked_words(on, inquiry, rule, masks),
                )


def _answers_alone(on: RuledLadder, inquiry: Inquiry, rule: Rule) -> bool:
    """Whether a case in which no other condition is true shows that the rule changes an answer: cheap, and common."""
    if rule.when is None:
        return False
    others = (truths.no for other, truths in on.truths.items() if other != rule.id)
    case = inquiry.some_case(on.truths[rule.id].yes, *others)
    if case is None:
        return False
    pattern = on.pattern(case)
    without = replace(pattern, found=frozenset(found for found in pattern.found if found[0] != rule.id))
    changes = level_of(on.logic, pattern) != level_of(on.logic, without)
    inquiry.settled += changes
    return changes


def _may_answer(on: RuledLadder, rule: Rule) -> bool:
    """Whether a rule is there to change answers, and not also to compute something or to ask for something."""
    if rule.lines:
        return False
    effect = on.logic.effects[rule.id]
    means = any(name == effect and truth is Truth.TRUE for name, truth, _, _ in on.logic.means)
    relations = (on.logic.needs_role, on.logic.defeats, on.logic.indicators)
    return means or any(row[0] == rule.id for relation in relations for row in relation)


def _masks(on: RuledLadder, inquiry: Inquiry, rule: Rule) -> tuple[str, ...]:
    """Rules each of which alone reaches as much wherever this one reaches anything."""
    solver = inquiry.facts.solver
    uncovered = {
        other.id: solver.either(
            solver.both((reached, solver.negation(solver.either(on.reached_by(other.id, height)))))
            for height, reached in on.heights(rule.id).items()
        )
        for other in on.rules
        if other.id != rule.id
    }
    world = inquiry.world(solver.either(on.heights(rule.id).values()))
    if world is None:
        return ()
    candidates = [other for other, formula in uncovered.items() if not world.truth(formula)]
    found = []
    while candidates:
        candidate = candidates.pop(0)
        answer = solver.ask(uncovered[candidate])
        if answer.settled is Settled.IMPOSSIBLE:
            found.append(candidate)
        elif answer.world is not None:
            candidates = [other for other in candidates if not answer.world.truth(uncovered[other])]
    return tuple(found)


def _masked_words(on: RuledLadder, inquiry: Inquiry, rule: Rule, masks: Sequence[str]) -> str:
    solver = inquiry.facts.solver
    if masks:
        each = " each" if len(masks) > 1 else ""
        return f"changes no answer: wherever it counts, {quoted_list(masks)}{each} reach{'' if each else 'es'} as much"
    if solver.ask(solver.either(on.heights(rule.id).values())).settled is Settled.POSSIBLE:
        return "changes no answer: wherever it counts, one of several other rules reaches as much"
    defeats = [of for by, of in on.logic.defeats if by == rule.id]
    if defeats:
        return f"changes no answer: whatever it defeats ({quoted_list(defeats)}), the answer stays"
    if rule.group:
        return f"changes no answer: no count of group `{rule.group}` depends on it"
    return "changes no answer: wherever it is true, it is defeated"
