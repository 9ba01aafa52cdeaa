"""The value of an expression for one case, and the clauses that decide it."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.conditions.condition_case import ROUND, Clause, clauses_of, value_of
from rules.expression.check import Checked, Scope, compile_text
from rules.kinds import Kind, Unit, Value
from rules.model.definition import Rounding
from rules.problem import Place
from rules.vocabulary import Field

FIELDS = {
    field.name: field
    for field in (
        Field("account.tier", Kind.TEXT, "tier"),
        Field("account.t12", Kind.MONEY, "revenue"),
        Field("account.named", Kind.BOOL, "named"),
        Field("account.share", Kind.RATIO, "share", unit=Unit.PERCENT),
        Field("account.deals", Kind.COUNT, "deals"),
        Field("account.moved", Kind.DATE, "last move", optional=True),
        Field("move.day", Kind.DATE, "day of the move"),
    )
}
PARAMETERS = {"cooldown": Unit.DAYS, "tiers": Unit.TEXT, "limit": Unit.PERCENT, "most": Unit.MONEY}
SCOPE = Scope(FIELDS, PARAMETERS, listed=frozenset({"tiers"}))
FORMULA = Scope(FIELDS, PARAMETERS, lines={"gap": Kind.MONEY}, formulas=True)
VALUES: Mapping[str, Value | tuple[Value, ...]] = {
    "cooldown": 180,
    "tiers": ("A", "B"),
    "limit": Fraction(3, 10),
    "most": 5_000_000,
}
RESTING = "has(account.moved) && move.day < account.moved + cooldown"


def checked(text: str, scope: Scope = SCOPE) -> Checked:
    return compile_text(text, Place("test"), scope)


def value(text: str, **case: Value | None) -> Value | None:
    """The value where `account_t12=5` gives the fact `account.t12`."""
    return value_of(checked(text), {name.replace("_", ".", 1): fact for name, fact in case.items()}, VALUES)


def test_an_account_rests_for_exactly_180_days() -> None:
    moved = date(2026, 3, 1)
    assert value(RESTING, account_moved=moved, move_day=date(2026, 8, 27)) is True
    assert value(RESTING, account_moved=moved, move_day=date(2026, 8, 28)) is False
    assert value(RESTING, move_day=date(2026, 8, 28)) is False
    assert value(RESTING, account_moved=moved) is None


def test_exactly_30_percent_is_not_over_30_percent() -> None:
    assert value("account.share > limit", account_share=Fraction(3, 10)) is False
    assert value("account.share >= limit", account_share=Fraction(3, 10)) is True
    assert value("account.share > limit", account_share=Fraction(3, 10) + Fraction(1, 10**30)) is True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("account.named && account.t12 > most", None),
        ("!account.named && account.t12 > most", False),
        ("account.named || account.t12 > most", True),
        ("!account.named || account.t12 > most", None),
        ("account.t12 > most && !account.named", False),
        ("account.t12 > most || account.named", True),
        ("!(account.t12 > most)", None),
        ("account.t12 in [money('1')]", None),
        ("account.t12 == account.t12", None),
    ],
)
def test_an_unknown_fact_makes_unknown_only_what_depends_on_it(text: str, expected: bool | None) -> None:
    assert value(text, account_named=True) is expected


def test_a_list_parameter_is_looked_into() -> None:
    assert value("account.tier in tiers", account_tier="B") is True
    assert value("account.tier in tiers", account_tier="C") is False
    assert value_of(checked("account.tier in tiers"), {"account.tier": "A"}, {"tiers": ()}) is False
    assert value_of(checked("account.tier in tiers"), {"account.tier": "A"}, {}) is None


def test_a_parameter_without_a_value_is_unknown() -> None:
    assert value_of(checked("account.t12 > most"), {"account.t12": 5}, {}) is None


def test_a_fact_of_an_absent_data_set_is_unknown_also_under_has() -> None:
    case: dict[str, Value | None] = {"account.moved": date(2026, 3, 1), "move.day": date(2026, 3, 2)}
    absent = frozenset({"account.moved"})
    assert value_of(checked("has(account.moved)"), case, VALUES) is True
    assert value_of(checked("has(account.moved)"), case, VALUES, absent) is None
    assert clauses_of(checked(RESTING), case, VALUES, absent).missing == ("account.moved",)


def test_a_date_moves_by_days_and_is_a_date_again() -> None:
    until = Scope(FIELDS, PARAMETERS, known=frozenset({"account.moved"}))
    rest = checked("account.moved + cooldown", until)
    assert value_of(rest, {"account.moved": date(2024, 2, 29)}, VALUES) == date(2024, 8, 27)
    assert value_of(rest, {"account.moved": date.max}, VALUES) is None
    assert value("move.day - date('2026-01-01')", move_day=date(2026, 3, 1)) == 59


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("max(most, gap, account.t12)", 5_000_000),
        ("min(most, gap)", 250),
        ("gap * 3 - money('0.01')", 749),
        ("divide(gap, 100)", 2),  # 2.5 to the even side
        ("divide(gap + money('1'), 100)", 4),  # 3.5 to the even side
        ("divide(gap, account.deals)", None),
        ("divide(-gap, 100)", -2),
        ("prorate(gap, 1, 3)", 83),
        ("prorate(gap, 2, 3)", 167),
        ("prorate(gap, days(1), cooldown)", 1),
        ("prorate(gap, 1, account.deals)", None),
        ("part(gap, limit)", 75),
        ("part(gap, percent('0.2'))", 0),  # 0.5 to the even side
        ("part(gap, account.share)", None),
        ("max(gap, money('1'), most - most)", 250),
    ],
)
def test_money_is_rounded_half_even_once(text: str, expected: int | None) -> None:
    case: dict[str, Value | None] = {"gap": 250, "account.t12": 7, "account.deals": 0}
    assert value_of(checked(text, FORMULA), case, VALUES) == expected


def test_the_largest_of_a_known_and_an_unknown_amount_is_unknown() -> None:
    assert value_of(checked("max(most, account.t12)", FORMULA), {}, VALUES) is None


def test_a_division_by_zero_names_the_fact_that_was_zero() -> None:
    clause = clauses_of(checked("divide(most, account.deals)", FORMULA), {"account.deals": 0}, VALUES)
    assert (clause.value, clause.missing) == (None, ("account.deals",))


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9))
def test_division_is_never_off_by_more_than_half_a_cent(money: int, count: int) -> None:
    case: dict[str, Value | None] = {"gap": money, "account.deals": count}
    share = value_of(checked("divide(gap, account.deals)", FORMULA), case, VALUES)
    assert isinstance(share, int)
    assert abs(share * count - money) * 2 <= count


def outline(clause: Clause) -> list[tuple[str, Value | None, bool]]:
    """Text, value and whether it matters, of the clause and all below it that name a fact or parameter."""
    below = [row for child in clause.children for row in outline(child)]
    return [(clause.text, clause.value, clause.matters), *below]


def test_a_false_conjunction_is_decided_by_its_false_parts_alone() -> None:
    case: dict[str, Value | None] = {"account.named": True, "account.tier": "C"}
    clause = clauses_of(checked("account.named && account.tier == 'A' && account.t12 > most"), case, VALUES)
    assert outline(clause) == [
        ('account.named && account.tier == "A" && account.t12 > most', False, True),
        ("account.named", True, False),
        ('account.tier == "A"', False, True),
        ("account.tier", "C", True),
        ('"A"', "A", True),
        ("account.t12 > most", None, False),
        ("account.t12", None, False),
        ("most", 5_000_000, False),
    ]
    assert clause.missing == ()


def test_an_unknown_disjunction_is_decided_by_its_unknown_parts_and_names_what_was_missing() -> None:
    clause = clauses_of(checked("account.named || account.t12 > most"), {"account.named": False}, VALUES)
    assert [(child.text, child.matters) for child in clause.children] == [
        ("account.named", False),
        ("account.t12 > most", True),
    ]
    assert clause.missing == ("account.t12",)


def test_a_clause_shows_values_with_kind_and_unit() -> None:
    clause = clauses_of(checked("account.share > limit"), {"account.share": Fraction(1, 3)}, VALUES)
    left, right = clause.children
    assert (left.value, left.kind, left.unit) == (Fraction(1, 3), Kind.RATIO, Unit.PERCENT)
    assert (right.value, right.kind, right.unit) == (Fraction(3, 10), Kind.RATIO, Unit.PERCENT)


def test_the_largest_of_several_is_what_matters() -> None:
    case: dict[str, Value | None] = {"gap": 250, "account.t12": 900}
    clause = clauses_of(checked("max(gap, account.t12)", FORMULA), case, VALUES)
    assert [(child.value, child.matters) for child in clause.children] == [(250, False), (900, True)]


@pytest.mark.parametrize(
    ("text", "rounding", "expected"),
    [
        ("divide(gap, 100)", Rounding.HALF_EVEN, 2),
        ("divide(gap, 100)", Rounding.HALF_UP, 3),
        ("divide(gap, 100)", Rounding.DOWN, 2),
        ("divide(gap, 100)", Rounding.UP, 3),
        ("divide(-gap, 100)", Rounding.HALF_EVEN, -2),
        ("divide(-gap, 100)", Rounding.HALF_UP, -3),
        ("divide(-gap, 100)", Rounding.DOWN, -2),
        ("divide(-gap, 100)", Rounding.UP, -3),
        ("prorate(gap, 1, 3)", Rounding.UP, 84),
        ("part(gap, percent(1))", Rounding.UP, 3),
        ("gap * 3", Rounding.UP, 750),
    ],
)
def test_a_line_rounds_as_it_says(text: str, rounding: Rounding, expected: int) -> None:
    assert value_of(checked(text, FORMULA), {"gap": 250}, VALUES, rounding=rounding) == expected


@given(st.fractions(max_denominator=10**6), st.sampled_from(Rounding))
def test_rounding_is_to_a_neighbour_and_alike_on_both_sides_of_zero(amount: Fraction, rounding: Rounding) -> None:
    rounded = ROUND[rounding](amount)
    assert abs(rounded - amount) < 1
    assert ROUND[rounding](-amount) == -rounded
    assert ROUND[rounding](Fraction(rounded)) == rounded


def test_shares_are_exact_and_unknown_of_nothing() -> None:
    case: dict[str, Value | None] = {"gap": 250, "account.t12": 750, "account.share": Fraction(1, 3)}
    assert value_of(checked("share(gap, account.t12)", FORMULA), case, VALUES) == Fraction(1, 3)
    assert value_of(checked("share(gap, account.t12)", FORMULA), {**case, "account.t12": 0}, VALUES) is None
    assert value_of(checked("account.share * share(gap, account.t12) + points(1)", FORMULA), case, VALUES) == Fraction(
        1, 9
    ) + Fraction(1, 100)
    assert value_of(checked("max(account.share, limit) - limit", FORMULA), case, VALUES) == Fraction(1, 30)
    assert value_of(checked("gap > money(2) ? gap : part(gap, limit)", FORMULA), case, VALUES) == 250
