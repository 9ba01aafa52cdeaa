"""Do two neighbours leave out the very value at which they meet, or do both claim it? `< 30`, `> 30`: and 30?

A boundary is a fact compared with the same constant by two rules of one ladder. All else being equal, one rule is true
just below it and the other just above it: then at the boundary itself exactly one of them is expected.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from engine.analysis.finding import Case, Finding, LeftOut, Sort
from engine.analysis.inquiry import TOO_HARD, Inquiry
from engine.analysis.ladder import RuledLadder
from engine.analysis.words import shown_value
from rules.expression.term import COMPARISONS, Op, Term
from rules.kinds import Kind, Unit, Value
from rules.model.policy import Rule
from rules.proof.solver import Formula, Settled
from rules.proof.solver_facts import Amount

_STEP: Mapping[Kind, Value] = {
    Kind.COUNT: 1,
    Kind.MONEY: 1,
    Kind.DAYS: 1,
    Kind.DATE: 1,
    Kind.RATIO: Fraction(1, 10**9),
}
"""Just beside a value: the next one, and for ratios as good as."""


@dataclass(frozen=True, slots=True)
class Boundary:
    fact: str
    kind: Kind
    unit: Unit
    value: Value


def boundary_findings(on: RuledLadder, inquiry: Inquiry, rules: Sequence[Rule], minor_digits: int) -> Iterator[Finding]:
    """Gaps and overlaps of just one value, between rules of one ladder."""
    at: dict[Boundary, list[Rule]] = {}
    for rule in rules:
        if rule.when is not None:
            for boundary in dict.fromkeys(_boundaries(on, rule.when.node)):
                at.setdefault(boundary, []).append(rule)
    for boundary, meeting in at.items():
        covering = [rule for rule in rules if rule.when is not None and boundary.fact in rule.when.fields]
        for one, other in combinations(meeting, 2):
            if inquiry.exhausted:
                inquiry.left_out.append(LeftOut(f"gaps and overlaps at `{boundary.fact}`", TOO_HARD))
                break
            yield from _meeting(on, inquiry, boundary, (one, other), covering, minor_digits)


def _boundaries(on: RuledLadder, term: Term) -> Iterator[Boundary]:
    """Facts and the constants that they are compared with."""
    for part in term.walk():
        if part.op in COMPARISONS and part.parts[0].kind in _STEP:
            for fact, limit in (part.parts, part.parts[::-1]):
                value = on.parameters.get(limit.name) if limit.op is Op.PARAMETER else limit.value
                constant = limit.op in (Op.PARAMETER, Op.LITERAL)
                if fact.op is Op.FACT and constant and value is not None and not isinstance(value, tuple):
                    yield Boundary(fact.name, fact.kind, fact.unit, value)


def _meeting(
    on: RuledLadder,
    inquiry: Inquiry,
    boundary: Boundary,
    pair: tuple[Rule, Rule],
    covering: Sequence[Rule],
    minor_digits: int,
) -> Iterator[Finding]:
    solver, facts = inquiry.facts.solver, inquiry.facts
    meaning = facts.symbol(boundary.fact, boundary.kind).meaning
    if not isinstance(meaning, Amount):
        return
    number = meaning.number
    here = facts.constant(boundary.value, boundary.kind)
    step = facts.constant(_STEP[boundary.kind], boundary.kind if boundary.kind is Kind.RATIO else Kind.COUNT)

    def moved(rule: Rule, way: int) -> Formula:
        """When the rule is true `way` steps from the boundary, all else being equal."""
        there = {-1: solver.minus(here, step), 0: here, 1: solver.plus(here, step)}[way]
        return solver.substituted(on.truths[rule.id].yes, number, there)

    def false(rule: Rule) -> Formula:
        return solver.substituted(on.truths[rule.id].no, number, here)

    shown = shown_value(boundary.value, boundary.kind, boundary.unit, minor_digits)
    for below, above in (pair, pair[::-1]):
        apart = [moved(below, -1), moved(above, 1), solver.negation(moved(below, 1)), solver.negation(moved(above, -1))]
        at_it = [solver.equal(number, here), meaning.known, *apart]
        names = (below.id, above.id)
        what = f"`{below.id}` and `{above.id}` at `{boundary.fact}` = {shown}"

        def neither(case: Case, names: tuple[str, ...] = names) -> bool:
            return all(on.is_false(name, case) for name in names)

        def all_of(case: Case, names: tuple[str, ...] = names) -> bool:
            return all(on.is_true(name, case) for name in names)

        # The neighbours first: to ask every rule that reads the fact is dear, and seldom needed.
        gap = None
        if inquiry.facts.solver.ask(*at_it, false(below), false(above)).settled is not Settled.IMPOSSIBLE:
            gap = inquiry.shown(f"a gap between {what}", [*at_it, *(false(rule) for rule in covering)], neither)
        if gap is not None:
            message = (
                f"`{below.id}` holds just below and `{above.id}` just above, neither at `{boundary.fact}` = {shown}"
            )
            yield Finding(Sort.GAP, on.subject.value, names, below.place, message, gap)
        overlap = inquiry.shown(f"an overlap of {what}", [*at_it, moved(below, 0), moved(above, 0)], all_of)
        if overlap is not None:
            message = f"`{below.id}` and `{above.id}` both hold at `{boundary.fact}` = {shown}, and nowhere near it"
            yield Finding(Sort.OVERLAP, on.subject.value, names, below.place, message, overlap)
