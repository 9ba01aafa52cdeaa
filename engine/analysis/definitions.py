"""Does every row, case and band of the definitions ever answer, do rows contradict, and is anything left over?"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from engine.analysis.finding import Case, Finding, Sort
from engine.analysis.inquiry import Holds, Inquiry
from engine.conditions.condition_case import value_of
from rules.expression.term import Op, Term
from rules.model.definition import DecisionTable, Definition, HitPolicy, Origin
from rules.proof.solver import Formula
from rules.proof.solver_facts import Facts, Parameters, Truths
from rules.proof.solver_terms import Reading

_ONE_ANSWER = frozenset({HitPolicy.UNIQUE, HitPolicy.ANY})


def definition_findings(
    definitions: Sequence[Definition], parameters: Parameters, inquiry: Inquiry
) -> Iterator[Finding]:
    """Everything found about definitions on one subject; what is not settled goes to the inquiry."""
    reading = Reading(inquiry.facts, parameters)
    for definition in definitions:
        match definition.origin:
            case Origin.CONDITION:
                yield from _condition(definition, reading, inquiry)
            case Origin.TABLE if definition.table is not None:
                yield from _Table(definition, definition.table, reading, inquiry).findings()
            case _:
                yield from _cases(definition, reading, inquiry)


def _found(sort: Sort, of: Definition, message: str, case: Case | None = None) -> Finding:
    return Finding(sort, of.subject.value, (of.name,), of.place, message, case)


def _condition(of: Definition, reading: Reading, inquiry: Inquiry) -> Iterator[Finding]:
    truths = reading.truths(of.checked.node)
    if inquiry.impossible(f"whether `{of.name}` is ever true", truths.yes):
        yield _found(Sort.NEVER_TRUE, of, "never true")
    elif inquiry.impossible(f"whether `{of.name}` is ever false", truths.no):
        yield _found(Sort.ALWAYS_TRUE, of, "never false: wherever its facts are known it is true")


def _cases(of: Definition, reading: Reading, inquiry: Inquiry) -> Iterator[Finding]:
    """Derived values and bands: cases that never answer, and subjects that none of them answers."""
    solver = inquiry.facts.solver
    leaves = list(_leaves(of.checked.node, reading, solver.true))
    for n, (leaf, path) in enumerate(leaves, start=1):
        last = n == len(leaves)
        unknown = leaf.op is Op.LITERAL and leaf.value is None
        if not last and not unknown and inquiry.impossible(f"whether case {n} of `{of.name}` ever answers", path):
            yield _found(Sort.UNREACHED, of, f"case {n}, {leaf.text}, never answers: an earlier one always does")
        if last and unknown and of.origin is Origin.DERIVE:
            case = inquiry.shown(f"whether a case of `{of.name}` always answers", [path], _unanswered(of, reading))
            if case is not None:
                yield _found(Sort.GAP, of, "no case answers, and there is no `otherwise`", case)


def _leaves(term: Term, reading: Reading, path: Formula) -> Iterator[tuple[Term, Formula]]:
    """What a choice may come to, with the worlds in which it does."""
    if term.op is not Op.IF:
        yield term, path
        return
    condition = reading.truths(term.parts[0])
    both = reading.facts.solver.both
    yield from _leaves(term.parts[1], reading, both((path, condition.yes)))
    yield from _leaves(term.parts[2], reading, both((path, condition.no)))


def _unanswered(of: Definition, reading: Reading) -> Holds:
    return lambda case: (
        value_of(of.checked, case.facts, reading.parameters, case.absent) is None and _all_known(of, case)
    )


def _all_known(of: Definition, case: Case) -> bool:
    """Whether the case says something of every fact, so that nothing but the definition leaves it unanswered."""
    asked = {t.name for t in of.checked.node.walk() if t.op is Op.HAS}
    return not case.absent and all(case.facts.get(name) is not None or name in asked for name in of.checked.fields)


class _Table:
    """One decision table in every world."""

    def __init__(self, of: Definition, table: DecisionTable, reading: Reading, inquiry: Inquiry) -> None:
        self._of = of
        self._table = table
        self._reading = reading
        self._inquiry = inquiry
        self._rows = [self._row(n) for n in range(len(table.rows))]

    def findings(self) -> Iterator[Finding]:
        yield from self._unreached()
        if self._table.hit in _ONE_ANSWER:
            yield from self._overlaps()
        if self._table.otherwise is None and self._table.hit is not HitPolicy.COUNT:
            question = f"whether a row of `{self._of.name}` always answers"
            none = [row.no for row in self._rows]
            case = self._inquiry.shown(question, none, self._holds(range(len(self._rows)), truth=False))
            if case is not None:
                yield _found(Sort.GAP, self._of, "no row answers, and there is no `otherwise`", case)

    def _row(self, number: int) -> Truths:
        solver: Facts = self._reading.facts
        cells = [self._reading.truths(c.node) for c in self._table.rows[number].when if c is not None]
        return Truths(solver.solver.both(c.yes for c in cells), solver.solver.either(c.no for c in cells))

    def _holds(self, rows: Sequence[int], *, truth: bool) -> Holds:
        return lambda case: all(self._truth(row, case) is truth for row in rows)

    def _truth(self, row: int, case: Case) -> bool | None:
        cells = [c for c in self._table.rows[row].when if c is not None]
        values = [value_of(c, case.facts, self._reading.parameters, case.absent) for c in cells]
        return False if False in values else None if None in values else True

    def _unreached(self) -> Iterator[Finding]:
        table = self._table
        rank: Mapping[object, int] = {value: n for n, value in enumerate(table.priority)}
        for n, row in enumerate(table.rows):
            stronger: Sequence[int] = ()
            if table.hit is HitPolicy.FIRST:
                stronger = range(n)
            elif table.hit is HitPolicy.PRIORITY:
                stronger = [m for m, other in enumerate(table.rows) if rank[other.then] < rank[row.then]]
            question = f"whether row {n + 1} of `{self._of.name}` ever answers"
            if self._inquiry.impossible(question, self._rows[n].yes):
                words = "never fits"
            elif stronger and self._inquiry.impossible(
                question, self._rows[n].yes, *(self._rows[m].no for m in stronger)
            ):
                words = "never answers: where it fits, a stronger row does"
            else:
                continue
            yield Finding(Sort.UNREACHED, self._of.subject.value, (self._of.name,), row.place, f"row {n + 1} {words}")

    def _overlaps(self) -> Iterator[Finding]:
        rows = self._table.rows
        for n, m in combinations(range(len(rows)), 2):
            if self._table.hit is HitPolicy.ANY and rows[n].then == rows[m].then:
                continue
            question = f"whether rows {n + 1} and {m + 1} of `{self._of.name}` ever fit together"
            case = self._inquiry.shown(
                question, [self._rows[n].yes, self._rows[m].yes], self._holds((n, m), truth=True)
            )
            if case is not None:
                message = f"rows {n + 1} and {m + 1} both fit, and the table is `{self._table.hit.value}`"
                yield Finding(Sort.OVERLAP, self._of.subject.value, (self._of.name,), rows[m].place, message, case)
