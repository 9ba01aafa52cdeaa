"""What does a condition say in SQL? A checked expression as one boolean expression over columns of facts.

Facts are columns named by the fact, `"account.tier"`; a ratio is two, `"x#n"` and `"x#d"`, the second null or 0 where
it is unknown; a list is one, none of its items NULL. NULL is unknown and the connectives are Kleene's, as in
`engine.conditions.condition_case`, which must agree on every row. No row within the declared ranges can abort a query.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.conditions.given_values import Given, is_constant_list, kind_of_items, single_value, values_of
from engine.conditions.sql_ratios import SIGNS, Ratio, chosen_ratio, constant_ratio, ratios_compared
from engine.spelling import Spelling
from rules.expression.check import Checked
from rules.expression.term import COMPARISONS, FORMULAS, RATIO_REACH, Op, Term
from rules.kinds import Kind, Value

_MAY_BE_UNKNOWN = frozenset({Op.FACT, Op.HAS, Op.INDEX, Op.LINE})


def condition_sql(
    checked: Checked,
    parameters: Mapping[str, Given],
    absent: frozenset[str] = frozenset(),
    spelling: Spelling | None = None,
) -> str:
    """A boolean SQL expression over columns of facts: true, false, or NULL for unknown.

    A parameter that is not given is unknown, and so is a fact in `absent`, whose column is not read, also under `has`.
    `spelling` is another engine's, where it is not DuckDB's.
    Raises ValueError for a formula line, a ratio or bytes, which have no SQL value, and for a parameter out of range.
    """
    return _Writer(parameters, absent, spelling or Spelling()).value(checked.node)


@dataclass(frozen=True, slots=True)
class _Writer:
    parameters: Mapping[str, Given]
    absent: frozenset[str]
    sql: Spelling = field(default_factory=Spelling)

    def value(self, term: Term) -> str:
        """A term of any kind but RATIO and BYTES."""
        if term.op in FORMULAS or term.kind in (Kind.RATIO, Kind.BYTES):
            raise ValueError(f"`{term.text}` has no value in SQL")
        return _WRITTEN[term.op](self, term)

    def fact(self, term: Term) -> str:
        if term.name in self.absent:
            return self.sql.cast("NULL", term.kind, term.of)
        return self.sql.fact(self.sql.name(term.name), term.kind, term.of)

    def variable(self, term: Term) -> str:
        return self.sql.variable(term.name)

    def meant(self, term: Term) -> str:
        """A name of the policies is written as what it stands for."""
        return self.value(term.parts[0])

    def chosen(self, term: Term) -> str:
        return self.sql.chosen(*(self.value(part) for part in term.parts))

    def negated(self, term: Term) -> str:
        sign = "NOT " if term.op is Op.NOT else "-"
        return f"({sign}{self.value(term.parts[0])})"

    def connected(self, term: Term) -> str:
        return f"({f' {term.op.name} '.join(self.value(part) for part in term.parts)})"

    def given(self, term: Term) -> str:
        """A constant, or what a parameter is in this run."""
        if term.kind is Kind.LIST:
            values = values_of(term, self.parameters)
            if values is None:
                return self.sql.cast("NULL", Kind.LIST, term.of)
            return self.sql.list_of([self.constant_item(value, term) for value in values], kind_of_items(term))
        value = single_value(term, self.parameters)
        return self.sql.cast("NULL", term.kind) if value is None else self.sql.literal(value, term.kind)

    def constant_item(self, value: Value, listed: Term) -> str:
        kind = kind_of_items(listed)
        if kind is not None and kind is not Kind.RATIO:
            return self.sql.literal(value, kind)
        ratio = constant_ratio(self.sql, value, listed.text)
        return self.sql.pair(ratio.over, ratio.under)

    def has(self, term: Term) -> str:
        """Never NULL, but for a fact whose data set is absent."""
        fact = term.parts[0]
        if fact.name in self.absent:
            return self.sql.cast("NULL", Kind.BOOL)
        return self.known(fact) if fact.kind is Kind.RATIO else f"({self.sql.name(fact.name)} IS NOT NULL)"

    def known(self, term: Term) -> str:
        """Whether a term has a value: never NULL."""
        if term.kind is not Kind.RATIO:
            return self.sql.known(self.value(term))
        ratio = self.ratio(term)
        return self.sql.known(ratio.over, ratio.under)

    def computed(self, term: Term) -> str:
        """A sum, difference, product or quotient of integers, days and dates; its range is proven by the checker."""
        left, right = (
            self.sql.offset(self.value(part)) if term.kind is Kind.DATE and part.kind is Kind.DAYS else self.value(part)
            for part in term.parts
        )
        match term.op, term.kind:
            case Op.QUOTIENT, _:
                return self.sql.quotient(left, right)
            case Op.REMAINDER, _:
                return self.sql.remainder(left, right)
            case Op.PLUS, Kind.TEXT:
                return self.sql.joined(left, right)
            case Op.PLUS, Kind.LIST:
                return self.sql.concatenated(left, right)
            case Op.MINUS, Kind.DAYS if term.parts[0].kind is Kind.DATE:
                return self.sql.days_between(left, right)
            case _:
                return f"({left} {term.op.value} {right})"

    def compared(self, term: Term) -> str:
        left, right = term.parts
        if left.kind is Kind.RATIO:
            return ratios_compared(self.sql, term.op, self.ratio(left), self.ratio(right))
        if left.kind is Kind.LIST and kind_of_items(left) is Kind.RATIO:
            return self.ratio_lists_compared(term)
        sign = SIGNS.get(term.op, term.op.value)
        if left.kind is Kind.LIST:
            return self.sql.lists_compared(self.value(left), sign, self.value(right))
        return f"({self.value(left)} {sign} {self.value(right)})"

    def ratio_lists_compared(self, term: Term) -> str:
        """Item by item: two ratios that are equal need not be written alike."""
        left, right = (self.value(part) for part in term.parts)
        variable = self.sql.variable("pair")
        ratios = [Ratio(*self.sql.halves(self.sql.beside(variable, side)), RATIO_REACH) for side in (0, 1)]
        alike = self.sql.zipped(left, right, variable, ratios_compared(self.sql, Op.EQUAL, *ratios))
        # Side by side only where both are there and of one size: no item is compared with nothing.
        sizes = f"{self.sql.items(left)} = {self.sql.items(right)}"
        equal = self.sql.chosen(sizes, self.sql.all_true(alike), "FALSE")
        return equal if term.op is Op.EQUAL else f"(NOT {equal})"

    def member(self, term: Term) -> str:
        item, *options = term.parts
        listed = options[0]
        values: tuple[Value, ...] | None
        if listed.op is Op.LITERAL and listed.kind is not Kind.LIST:
            values = tuple(option.value for option in options if option.value is not None)
        elif listed.op is Op.PARAMETER or is_constant_list(listed):
            values = values_of(listed, self.parameters)
            if values is None:
                return self.sql.cast("NULL", Kind.BOOL)
        else:
            return self.member_of_computed(item, listed)
        if not values:
            # Nothing is in an empty list; of an unknown value even that is unknown.
            return f"(CASE WHEN {self.known(item)} THEN FALSE END)"
        if item.kind is Kind.RATIO:
            ratio = self.ratio(item)
            equal = [
                ratios_compared(self.sql, Op.EQUAL, ratio, constant_ratio(self.sql, value, listed.text))
                for value in values
            ]
            return f"({' OR '.join(equal)})"
        return f"({self.value(item)} IN ({', '.join(self.sql.literal(value, item.kind) for value in values)}))"

    def member_of_computed(self, item: Term, listed: Term) -> str:
        if item.kind is not Kind.RATIO:
            return self.sql.holds(self.value(listed), self.value(item))
        # No name of a policy has a blank in it: `item` may read a variable of any.
        variable = self.sql.variable("one of them")
        one = Ratio(*self.sql.halves(variable), RATIO_REACH)
        found = self.sql.each(self.value(listed), variable, ratios_compared(self.sql, Op.EQUAL, self.ratio(item), one))
        found = self.sql.any_true(found)
        return found if self.certain(item) else f"(CASE WHEN {self.known(item)} THEN {found} END)"

    def about_text(self, term: Term) -> str:
        if term.op is Op.MATCHES:
            return self.sql.matches(self.value(term.parts[0]), str(term.parts[1].value))
        whole, part = (self.value(part) for part in term.parts)
        match term.op:
            case Op.CONTAINS:
                return self.sql.contains(whole, part)
            case Op.STARTS_WITH:
                return self.sql.starts_with(whole, part)
            case _:
                return self.sql.ends_with(whole, part)

    def size(self, term: Term) -> str:
        whole = self.value(term.parts[0])
        return self.sql.items(whole) if term.parts[0].kind is Kind.LIST else self.sql.characters(whole)

    def list_made(self, term: Term) -> str:
        made = self.sql.list_of([self.item(part) for part in term.parts], kind_of_items(term))
        unsure = [self.known(part) for part in term.parts if not self.certain(part)]
        return f"(CASE WHEN {' AND '.join(unsure)} THEN {made} END)" if unsure else made

    def indexed(self, term: Term) -> str:
        return self.sql.item(*(self.value(part) for part in term.parts))

    def quantified(self, term: Term) -> str:
        found = self.sql.each(self.value(term.parts[0]), self.variable(term), self.value(term.parts[1]))
        return self.sql.all_true(found) if term.op is Op.ALL else self.sql.any_true(found)

    def exactly_one(self, term: Term) -> str:
        one, none = (self.sql.cast(number, Kind.COUNT) for number in "10")
        hit = self.sql.chosen(self.value(term.parts[1]), one, none)
        hits = self.sql.total(self.sql.each(self.value(term.parts[0]), self.variable(term), hit))
        return f"({hits} = {one})"

    def other_list(self, term: Term) -> str:
        """The items that a body keeps, or what it makes of each; unknown where it is unknown of any."""
        listed, body, variable = self.value(term.parts[0]), term.parts[1], self.variable(term)
        if term.op is Op.FILTER:
            made = self.sql.kept(listed, variable, self.value(body))
        else:
            made = self.sql.each(listed, variable, self.item(body))
        if self.certain(body):
            return made
        sure = self.sql.all_true(self.sql.each(listed, variable, self.known(body)))
        return self.sql.chosen(sure, made)

    def item(self, term: Term) -> str:
        """A term as an item of a list."""
        return self.sql.pair(*self.ratio(term)[:2]) if term.kind is Kind.RATIO else self.value(term)

    def certain(self, term: Term) -> bool:
        """Whether a term has a value on every row, so that no list of such can be unknown because of it."""
        return not any(
            each.op in _MAY_BE_UNKNOWN
            or (each.op is Op.LITERAL and each.value is None)
            or (each.op is Op.PARAMETER and self.parameters.get(each.name) is None)
            for each in term.walk()
        )

    def ratio(self, term: Term) -> Ratio:
        match term.op:
            case Op.FACT if term.name in self.absent:
                return constant_ratio(self.sql, None, term.text)
            case Op.FACT:
                over, under = (self.sql.wide(self.sql.name(f"{term.name}#{half}")) for half in "nd")
                return Ratio(over, f"NULLIF({under}, 0)", RATIO_REACH)
            case Op.PARAMETER | Op.LITERAL:
                return constant_ratio(self.sql, single_value(term, self.parameters), term.text)
            case Op.VARIABLE:
                return Ratio(*self.sql.halves(self.sql.variable(term.name)), RATIO_REACH)
            case Op.INDEX:
                listed, position = (self.value(part) for part in term.parts)
                return Ratio(*self.sql.halves(self.sql.item(listed, position)), RATIO_REACH)
            case Op.DEFINITION:
                return self.ratio(term.parts[0])
            case Op.IF:
                condition, *branches = term.parts
                return chosen_ratio(self.sql, self.value(condition), *(self.ratio(branch) for branch in branches))
            case _:
                raise ValueError(f"`{term.text}` has no value in SQL")


_WRITTEN: Mapping[Op, Callable[[_Writer, Term], str]] = {
    Op.FACT: _Writer.fact,
    Op.PARAMETER: _Writer.given,
    Op.LITERAL: _Writer.given,
    Op.VARIABLE: _Writer.variable,
    Op.DEFINITION: _Writer.meant,
    Op.HAS: _Writer.has,
    Op.IF: _Writer.chosen,
    Op.IN: _Writer.member,
    Op.SIZE: _Writer.size,
    Op.LIST: _Writer.list_made,
    Op.INDEX: _Writer.indexed,
    Op.EXISTS_ONE: _Writer.exactly_one,
    **dict.fromkeys((Op.NOT, Op.NEGATE), _Writer.negated),
    **dict.fromkeys((Op.AND, Op.OR), _Writer.connected),
    **dict.fromkeys(COMPARISONS, _Writer.compared),
    **dict.fromkeys((Op.PLUS, Op.MINUS, Op.TIMES, Op.QUOTIENT, Op.REMAINDER), _Writer.computed),
    **dict.fromkeys((Op.CONTAINS, Op.STARTS_WITH, Op.ENDS_WITH, Op.MATCHES), _Writer.about_text),
    **dict.fromkeys((Op.ALL, Op.EXISTS), _Writer.quantified),
    **dict.fromkeys((Op.FILTER, Op.MAP), _Writer.other_list),
}
"""How each operation is written; those of formula lines alone are missing."""
