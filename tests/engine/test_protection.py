"""Who is protected, and by how much? Every amount agrees with the same arithmetic done slowly and by hand."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.conditions.formulas import evaluate_lines
from engine.database import Database
from engine.protection import check_protection, month_from, protections
from rules.kinds import Value
from rules.model.calendar import months_after
from rules.model.policy import PolicySet
from rules.model.rule_kind import Mode, RuleKind
from rules.reading.load import in_force
from tests.engine.asking import DAY
from tests.engine.conftest import Loaded

JUNE = date(2026, 6, 30)
Amounts = dict[str, int | None]


def cents(amount: Fraction) -> int:
    """Rounded half to even, by the other library: the quotient has more digits than any amount needs."""
    quotient = Decimal(amount.numerator) / Decimal(amount.denominator)
    return int(quotient.quantize(Decimal(1), ROUND_HALF_EVEN))


def worked_by_hand(base: int | None, months: int | None, times: int) -> tuple[int | None, int | None]:
    """A monthly mean, and what it guarantees."""
    if base is None or not months:
        return None, None
    mean = cents(Fraction(base, months))
    return mean, mean * times


@given(
    st.none() | st.integers(-(10**12), 10**12),
    st.none() | st.integers(-(10**12), 10**12),
    st.none() | st.integers(0, 12),
)
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
def test_every_line_of_a_benefit_is_what_it_says_by_hand(
    shipped: PolicySet, commission: int | None, earnings: int | None, months: int | None
) -> None:
    case: Mapping[str, Value | None] = {
        "rep.base_commission": commission, "rep.base_earnings": earnings, "rep.base_months": months,
    }  # fmt: skip
    found: Amounts = {}
    for rule in (r for r in shipped.rules(RuleKind.PROTECTION) if r.mode is Mode.ENFORCE):
        for line in evaluate_lines(rule.lines, case, in_force(shipped, DAY)):
            assert line.value is None or isinstance(line.value, int)
            found[line.name] = line.value
    monthly_commission, quarter = worked_by_hand(commission, months, 3)
    monthly_earnings, half_year = worked_by_hand(earnings, months, 6)
    assert found == {
        "monthly_commission": monthly_commission,
        "quarter_commission": quarter,
        "monthly_earnings": monthly_earnings,
        "guarantee_total": half_year,
    }


def test_half_a_cent_goes_to_the_even_one(shipped: PolicySet) -> None:
    rule = shipped.rule("CP1")
    assert rule is not None
    means = [
        evaluate_lines(rule.lines, {"rep.base_commission": base, "rep.base_months": 4}, in_force(shipped, DAY))[0].value
        for base in (2, 6, 10, 14, -2, -6)
    ]
    assert means == [0, 2, 2, 4, 0, -2]


def test_a_line_shows_its_text_and_its_formula(shipped: PolicySet) -> None:
    rule = shipped.rule("CP2")
    assert rule is not None
    case: Mapping[str, Value | None] = {"rep.base_earnings": 1200, "rep.base_months": 12}
    lines = evaluate_lines(rule.lines, case, in_force(shipped, DAY))
    assert [(w.name, w.text, w.formula, w.value) for w in lines] == [
        ("monthly_earnings", "mean monthly earnings of the base", "divide(rep.base_earnings, rep.base_months)", 100),
        ("guarantee_total", "guaranteed over six months", "monthly_earnings * guaranteed_months", 600),
    ]


def book(db: Database, rep: str, values: Mapping[str, int]) -> tuple[int, int]:
    """Value of a rep's book on the as-of day, and after the moves."""
    owners = dict(db.rows('SELECT account, rep FROM ownership WHERE start <= ? AND ("end" IS NULL OR "end" > ?)',
                          [JUNE, JUNE]))  # fmt: skip
    moved = {**owners, **dict(db.rows("SELECT account, to_rep FROM moves"))}
    before, after = (sum(values.get(a, 0) for a, owner in side.items() if owner == rep) for side in (owners, moved))
    return before, after


def by_hand(db: Database, rep: str) -> dict[str, tuple[int | None, int | None]]:
    """Protections of one rep with their two amounts, from the tables alone: T12 is July 2025 to June 2026."""
    t12 = dict(db.rows("SELECT account, sum(amount) FROM revenue WHERE booked_on >= DATE '2025-07-01' "
                       "AND booked_on < DATE '2026-07-01' GROUP BY account"))  # fmt: skip
    tam = dict(db.rows("SELECT account, amount FROM potential"))
    falls = []
    for values in (t12, tam):
        before, after = book(db, rep, values)
        falls.append(Fraction(before - after, before) if before else None)
    asked = {r for (r,) in db.rows("SELECT requester FROM moves WHERE from_rep = ?", [rep])}
    left = db.value("SELECT left_on FROM reps WHERE rep = ?", [rep])
    if rep in asked or left is not None or None in falls:
        return {}
    t12_fall, tam_fall = (fall or Fraction(0) for fall in falls)
    # Effective in August: the base is the twelve months with little leave that were full by the end of June.
    paid = [r for r in db.rows("SELECT month, commission, earnings - one_offs, leave_days FROM compensation "
                               "WHERE rep = ? AND month >= DATE '2025-02-01' AND month <= DATE '2026-06-01' "
                               "ORDER BY month DESC", [rep]) if r[3] < 10][:12]  # fmt: skip
    found = {}
    if t12_fall > Fraction(2, 100) or tam_fall > Fraction(2, 100):
        found["CP1"] = worked_by_hand(sum(c for _, c, _, _ in paid), len(paid), 3)
    if t12_fall >= Fraction(1, 5) or (tam_fall >= Fraction(1, 5) and t12_fall >= 0):
        found["CP2"] = worked_by_hand(sum(e for _, _, e, _ in paid), len(paid), 6)
    return found


def protected(db: Database, found: Loaded, policies: PolicySet) -> dict[str, dict[str, tuple[int | None, ...]]]:
    evaluation = check_protection(db, found[1], policies, JUNE)
    result = {}
    for rep, _ in evaluation.letters():
        answer = protections(evaluation, rep)
        assert answer is not None
        sure = [p for p in answer[1] if not p.fired.missing]
        result[rep] = {p.fired.rule.id: tuple(w.value for w in p.worked) for p in sure}
    return result  # type: ignore[return-value]  # lines of the shipped rules are money


def test_the_sample_company_s_protections_are_those_worked_by_hand(june: Loaded, shipped: PolicySet) -> None:
    db, _ = june
    found = protected(db, june, shipped)
    assert found == {rep: by_hand(db, rep) for rep in found}
    assert {rep: sorted(rules) for rep, rules in found.items() if rules} == {"E-11": ["CP1", "CP2"], "E-32": ["CP1"]}


def test_leave_short_histories_and_one_offs_change_the_base_as_by_hand(june: Loaded, shipped: PolicySet) -> None:
    db, _ = june
    db.run("UPDATE compensation SET leave_days = 10 WHERE rep = 'E-11' AND month = DATE '2026-03-01'")
    db.run("UPDATE compensation SET leave_days = 9 WHERE rep = 'E-11' AND month = DATE '2026-02-01'")
    db.run("UPDATE compensation SET one_offs = 12345 WHERE rep = 'E-11' AND month = DATE '2026-01-01'")
    db.run("DELETE FROM compensation WHERE rep = 'E-32' AND month < DATE '2026-02-01'")
    found = protected(db, june, shipped)
    assert found == {rep: by_hand(db, rep) for rep in found}
    assert set(found["E-11"]) == {"CP1", "CP2"}
    # Fewer than three months are no base: protected, by an amount that nobody knows.
    db.run("DELETE FROM compensation WHERE rep = 'E-32' AND month < DATE '2026-05-01'")
    assert protected(db, june, shipped)["E-32"] == {"CP1": (None, None)}


def test_more_moves_only_ever_protect_more(june: Loaded, shipped: PolicySet) -> None:
    db, _ = june
    before = {rep: set(rules) for rep, rules in protected(db, june, shipped).items()}
    db.run("""INSERT INTO moves (account, from_rep, to_rep, effective)
        SELECT o.account, 'E-32', 'E-31', DATE '2026-08-03' FROM ownership o
        WHERE o.rep = 'E-32' AND o."end" IS NULL AND o.account NOT IN (SELECT account FROM moves)""")
    after = {rep: set(rules) for rep, rules in protected(db, june, shipped).items()}
    assert after["E-32"] == {"CP1", "CP2"}
    assert all(rules <= after[rep] for rep, rules in before.items())


def test_a_protection_starts_with_the_first_month_on_or_after_the_first_of_the_rep_s_moves(
    june: Loaded, shipped: PolicySet
) -> None:
    db, manifest = june
    db.run("UPDATE moves SET effective = DATE '2026-10-01' WHERE from_rep = 'E-11'")
    evaluation = check_protection(db, manifest, shipped, JUNE)
    for rep, first in (("E-11", date(2026, 10, 1)), ("E-32", date(2026, 9, 1))):
        found = protections(evaluation, rep)
        assert found is not None
        assert {p.first_day for p in found[1]} == {first}
    assert protections(evaluation, "E-99") is None


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 8, 1), date(2026, 8, 1)),
        (date(2026, 8, 2), date(2026, 9, 1)),
        (date(2026, 8, 31), date(2026, 9, 1)),
        (date(2026, 12, 2), date(2027, 1, 1)),
        (date(2028, 2, 29), date(2028, 3, 1)),
        (date(9999, 12, 1), date(9999, 12, 1)),
        (date(9999, 12, 2), None),
        (None, None),
    ],
)
def test_the_first_month_of_a_window_starts_on_or_after_the_day(day: date | None, first: date | None) -> None:
    assert month_from(day) == first


@settings(max_examples=200)
@given(st.dates(date(1900, 1, 1), date(9000, 1, 1)))
def test_no_month_starts_between_the_day_and_the_first_month(day: date) -> None:
    first = month_from(day)
    assert first is not None
    assert first >= day
    assert first.day == 1
    assert all((day + timedelta(days=n)).day != 1 for n in range((first - day).days))


@given(st.dates(date(1900, 1, 1), date(9000, 1, 1)), st.integers(0, 200), st.integers(0, 200))
def test_months_add_up(day: date, some: int, more: int) -> None:
    first = day.replace(day=1)
    assert months_after(months_after(first, some), more) == months_after(first, some + more)
    assert months_after(first, 12) == first.replace(year=first.year + 1)
    assert month_from((first + timedelta(days=31)).replace(day=1)) == months_after(first, 1)
