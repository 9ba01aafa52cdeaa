"""What do the examples show of the conditions? Which clauses they saw true and false, and which of these decided.

A clause is a comparison, `has(…)`, a bare fact or a named condition: what `&&`, `||`, `!` and `?:` put together. Three
things are to be seen of each: that it was true, that it was false, and that once the whole condition would have come
out otherwise without it (what modified condition/decision coverage asks, with all else as the example has it). What a
clause says twice in one condition is one clause.

A named condition is a clause of the rules that name it. Its own clauses are seen in its own examples and in theirs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.examples import Tried
from rules.expression.check import Checked
from rules.expression.meaning import Judge, over_items
from rules.expression.term import Op, Term
from rules.kinds import Kind
from rules.model.definition import Definition
from rules.model.policy import PolicySet, Rule
from rules.problem import Place

_JOINING = {Op.AND: Op.ALL, Op.OR: Op.EXISTS}


@dataclass(frozen=True, slots=True)
class SeenClause:
    """One clause of a condition, and what the examples showed of it."""

    text: str
    true: bool
    false: bool
    decided: bool

    @property
    def seen(self) -> int:
        """Of the three things."""
        return self.true + self.false + self.decided

    @property
    def unseen(self) -> tuple[str, ...]:
        """What no example shows, in words."""
        words = {"never true": self.true, "never false": self.false, "never decides": self.decided}
        return tuple(word for word, seen in words.items() if not seen)


@dataclass(frozen=True, slots=True)
class Coverage:
    """A rule or a named condition with what the examples showed: of the whole, and of every clause."""

    name: str
    what: str
    """`rule` or `condition`."""
    place: Place
    examples: int
    fires: bool
    """Whether the whole was seen true; `silent`: false."""
    silent: bool
    clauses: tuple[SeenClause, ...]

    @property
    def seen(self) -> int:
        return self.fires + self.silent + sum(c.seen for c in self.clauses)

    @property
    def wanted(self) -> int:
        return 2 + 3 * len(self.clauses)

    @property
    def percent(self) -> int:
        """Rounded down: 100 means everything."""
        return self.seen * 100 // self.wanted


def percent_of(covered: Iterable[Coverage]) -> int:
    """Of all together, rounded down; of nothing, 100."""
    found = tuple(covered)
    wanted = sum(c.wanted for c in found)
    return sum(c.seen for c in found) * 100 // wanted if wanted else 100


def coverage_of(policies: PolicySet, tried: Sequence[Tried]) -> tuple[Coverage, ...]:
    """Every rule, then every condition that has a name, by the examples that were tried."""
    found = [_of_rule(rule, [t for t in tried if t.of is rule]) for rule in policies.rules()]
    for definition in policies.definitions():
        if definition.checked.kind is Kind.BOOL:
            asking = [t for t in tried if _asks(t, definition)]
            found.append(_covered(definition, "condition", definition.checked, asking))
    return tuple(found)


def _of_rule(rule: Rule, tried: Sequence[Tried]) -> Coverage:
    if rule.when is not None:
        return _covered(rule, "rule", rule.when, tried)
    # A count has no clauses; its examples tell in words.
    answers = {t.answer for t in tried}
    fires, silent = bool(answers - {"silent", "unknown"}), "silent" in answers
    return Coverage(rule.id, "rule", rule.place, len(tried), fires, silent, ())


def _asks(tried: Tried, definition: Definition) -> bool:
    """Whether an example is worked with a definition."""
    if tried.of is definition:
        return True
    if tried.of.subject is not definition.subject:
        return False
    read: tuple[Checked | None, ...]
    if isinstance(tried.of, Rule):
        read = (tried.of.when,)
    elif isinstance(tried.of, Definition):
        read = (tried.of.checked,)
    else:
        read = tuple(line.formula for line in tried.of.lines)
    return any(t.op is Op.DEFINITION and t.name == definition.name for c in read if c for t in c.node.walk())


def _covered(of: Rule | Definition, what: str, condition: Checked, tried: Sequence[Tried]) -> Coverage:
    clauses = clauses_in(condition.node)
    true, false, decided = (dict.fromkeys(clauses, False) for _ in range(3))
    fires = silent = False
    for each in tried:
        judge = Judge(each.case, each.parameters)
        values: dict[Term, bool | None] = {clause: judge.judged(clause).value for clause in clauses}
        whole = _whole(condition.node, values)
        fires, silent = fires or whole is True, silent or whole is False
        for clause, value in values.items():
            if value is None:
                continue
            (true if value else false)[clause] = True
            decided[clause] |= _whole(condition.node, {**values, clause: not value}) is not whole
    seen = tuple(SeenClause(c.text, true[c], false[c], decided[c]) for c in clauses)
    name = of.id if isinstance(of, Rule) else of.name
    return Coverage(name, what, of.place, len(tried), fires, silent, seen)


def clauses_in(condition: Term) -> tuple[Term, ...]:
    """The clauses of a condition, each once, in order."""
    match condition.op:
        case Op.AND | Op.OR | Op.NOT | Op.IF:
            return tuple(dict.fromkeys(clause for part in condition.parts for clause in clauses_in(part)))
        case Op.LITERAL:
            return ()
        case _:
            return (condition,)


def _whole(condition: Term, values: Mapping[Term, bool | None]) -> bool | None:
    """The value of a condition from those of its clauses."""
    match condition.op:
        case Op.AND | Op.OR:
            found: bool | None = over_items(
                _JOINING[condition.op], (), tuple(_whole(part, values) for part in condition.parts)
            )
            return found
        case Op.NOT:
            inner = _whole(condition.parts[0], values)
            return None if inner is None else not inner
        case Op.IF:
            asked = _whole(condition.parts[0], values)
            return None if asked is None else _whole(condition.parts[1 if asked else 2], values)
        case Op.LITERAL:
            return condition.value if isinstance(condition.value, bool) else None
        case _:
            return values[condition]
