"""Only what makes sense passes, and everything that does not is named at once, with its place and what to write."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from rules.expression.check import Checked, Scope, compile_text
from rules.expression.term import Op, present_if
from rules.kinds import Kind, Unit, Value
from rules.problem import BadInput, Place
from rules.vocabulary import Field, Subject, fields_of

PARAMETERS = {
    "cooldown": Unit.DAYS,
    "top_share": Unit.PERCENT,
    "most": Unit.MONEY,
    "times": Unit.COUNT,
    "tiers": Unit.TEXT,
}
SCOPE = Scope(fields_of(Subject.MOVE), PARAMETERS, listed=frozenset({"tiers"}))
FORMULA = replace(SCOPE, formulas=True, lines={"gap": Kind.MONEY})
HERE = Place("rules.yaml", 4, 9)
LEVEL = 'a difference of two shares is written `points("30")`, a share `percent("30")` or `ratio("1.2")`'
GUARDED = "has(account.last_moved_on) && move.effective < account.last_moved_on + cooldown"


def checked(text: str, scope: Scope = SCOPE) -> Checked:
    return compile_text(text, HERE, scope)


def problems(text: str, scope: Scope = SCOPE) -> list[tuple[str, str, str]]:
    """Place, message (with what was expected) and hint of all that is wrong."""
    with pytest.raises(BadInput) as caught:
        checked(text, scope)
    return [
        (
            str(p.where).removeprefix("rules.yaml:"),
            p.message + (f"; expected {p.expected}" if p.expected else ""),
            p.hint,
        )
        for p in caught.value.problems
    ]


def test_a_condition_tells_what_it_reads_in_order_of_mention() -> None:
    found = checked(GUARDED + " && account.tier in tiers && move.effective > date('2026-01-01')")
    assert found.kind is Kind.BOOL
    assert found.fields == ("account.last_moved_on", "move.effective", "account.tier")
    assert found.parameters == ("cooldown", "tiers")
    assert found.present == {"account.last_moved_on"}
    assert found.text.startswith(GUARDED)


@pytest.mark.parametrize(
    ("text", "kind", "unit"),
    [
        ("account.t12", Kind.MONEY, Unit.MONEY),
        ("account.t12 * 2 - money('1')", Kind.MONEY, Unit.MONEY),
        ("2 * account.t12", Kind.MONEY, Unit.MONEY),
        ("account.late_deals * times", Kind.COUNT, Unit.COUNT),
        ("to_rep.tenure * 2 + cooldown", Kind.DAYS, Unit.DAYS),
        ("move.effective - date('2026-01-01')", Kind.DAYS, Unit.DAYS),
        ("move.effective + cooldown", Kind.DATE, Unit.DATE),
        ("cooldown + move.effective", Kind.DATE, Unit.DATE),
        ("-cooldown", Kind.DAYS, Unit.DAYS),
        ("top_share", Kind.RATIO, Unit.PERCENT),
        ("to_rep.utilisation_after", Kind.RATIO, Unit.RATIO),
        ("points('30')", Kind.RATIO, Unit.POINTS),
        ("to_rep.active == !account.named", Kind.BOOL, Unit.BOOL),
        ("account.tier", Kind.TEXT, Unit.TEXT),
    ],
)
def test_every_expression_has_a_kind_and_a_unit(text: str, kind: Kind, unit: Unit) -> None:
    assert (checked(text).kind, checked(text).unit) == (kind, unit)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("money('50000.00')", 5_000_000),
        ("money('-0.05')", -5),
        ("money('7')", 700),
        ("days(-3)", -3),
        ("-days(3)", -3),
        ("percent('30')", Fraction(3, 10)),
        ("points('0.5')", Fraction(1, 200)),
        ("ratio('1.2')", Fraction(6, 5)),
        ("date('2024-02-29')", date(2024, 2, 29)),
        ("-5", -5),
        ("percent(60)", Fraction(3, 5)),
        ("points(-30)", Fraction(-3, 10)),
        ("money(250000)", 25_000_000),
        ("0x1F", 31),
        ("-9223372036854775808", -(2**63)),
        ("duration('1h30m')", 5_400_000_000),
        ("timestamp('1970-01-01T00:00:01.5Z')", 1_500_000),
    ],
)
def test_constants_are_exact(text: str, value: Value) -> None:
    assert (checked(text).node.op, checked(text).node.value) == (Op.LITERAL, value)


def test_money_is_read_in_the_minor_unit_of_its_currency() -> None:
    assert checked("money('1.250')", replace(SCOPE, minor_digits=3)).node.value == 1250
    assert checked("money('500')", replace(SCOPE, minor_digits=0)).node.value == 500


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("account.t12 > 5", [("4:21", "cannot compare `account.t12` (money) with `5` (count)", 'write `money("5")`')]),
        ("5 < account.t12", [("4:11", "cannot compare `5` (count) with `account.t12` (money)", 'write `money("5")`')]),
        ("to_rep.tenure < 90", [
            ("4:23", "cannot compare `to_rep.tenure` (days) with `90` (count)", "write `days(90)`")]),
        ("top_share > 30", [("4:19", "cannot compare `top_share` (ratio) with `30` (count)", 'write `percent("30")`')]),
        ("move.effective > '2026-01-01'", [
            ("4:24", 'cannot compare `move.effective` (date) with `"2026-01-01"` (text)',
             'write `date("2026-01-01")`')]),
        ("tiers < ['B']", [("4:15", "a list has no order", "compare sizes, `tiers.size()`")]),
        ("company.open_mergers > 0 && points('3') > top_share", [
            ("4:49", "cannot compare `points(\"3\")` (points) with `top_share` (ratio)", LEVEL)]),
        ("account.t12 > points('3')", [
            ("4:21", "cannot compare `account.t12` (money) with `points(\"3\")` (points)", "")]),
        ("acount.tier == 'A'", [("4:9", "unknown fact `acount.tier`", "did you mean `account.tier`?")]),
        ("to_rep.tenure > coldown", [("4:25", "unknown parameter `coldown`", "did you mean `cooldown`?")]),
        ("something == 1", [("4:9", "unknown parameter `something`", "")]),
        ("account.last_moved_on < move.effective", [
            ("4:9", "`account.last_moved_on` may be none, and nothing before it asks",
             "write `has(account.last_moved_on) && …`, or `!has(account.last_moved_on) || …`")]),
        ("has(account.tier)", [
            ("4:13", "`account.tier` is never none",
             "leave `has` out: where the fact is missing, the condition is unknown")]),
        ("has(cooldown)", [("4:13", "`cooldown` is no fact", "`has` asks about facts only")]),
        ("has('x')", [("4:9", "`has` takes one fact", "write `has(account.contract_end)`")]),
        ("has(account.name, account.tier)", [("4:9", "`has` takes one fact", "write `has(account.contract_end)`")]),
        ("has(account.nam)", [("4:13", "unknown fact `account.nam`", "did you mean `account.name`?")]),
        ("top_share * 2 > top_share", [
            ("4:19", "cannot multiply `top_share` (ratio) and `2` (count)", "ratios are only compared")]),
        ("account.t12 * account.t12 > most", [
            ("4:21", "cannot multiply `account.t12` (money) and `account.t12` (money)", "")]),
        ("account.t12 + 5 > most", [
            ("4:21", "cannot add `account.t12` (money) and `5` (count)", 'write `money("5")`')]),
        ("move.effective + 90 > move.effective", [
            ("4:24", "cannot add `move.effective` (date) and `90` (count)",
             "a date moves by `days(90)`, or by a parameter in days")]),
        ("days(5) - move.effective > cooldown", [
            ("4:17", "cannot subtract `days(5)` (days) and `move.effective` (date)", "")]),
        ("account.t12 * times > most", [
            ("4:21", "the result can be too large", "multiply by a smaller number, or compare the sides apart")]),
        ("move.effective + cooldown * 1000000 > move.effective", [
            ("4:24", "the result can be too large", "multiply by a smaller number, or compare the sides apart")]),
        ("!account.tier", [("4:9", "`!` needs a condition, and `account.tier` (text) is none", "")]),
        ("-account.tier == 'A'", [("4:9", "cannot negate `account.tier` (text)", "")]),
        ("account.named && account.t12", [
            ("4:26", "`&&` needs a condition, and `account.t12` (money) is none", "")]),
        ("account.tier in 'A'", [
            ("4:25", '`"A"` is no list', 'write `["A", "B"]`, or the name of a list')]),
        ("account.tier in cooldown", [("4:25", "`cooldown` is no list", "write `== cooldown`")]),
        ("account.tier in tier", [("4:25", "unknown parameter `tier`", "did you mean `tiers`?")]),
        ("account.t12 in tiers", [("4:24", "cannot look for `account.t12` (money) among text", "")]),
        ("account.tier == tiers", [
            ("4:22", "cannot compare `account.tier` (text) with `tiers` (list of text)", "write `… in tiers`")]),
        ("date('2026-02-30') < move.effective", [
            ("4:9", '`2026-02-30` is not a date; expected for example `date("2026-01-31")`', "")]),
        ("date('20260228') < move.effective", [
            ("4:9", '`20260228` is not a date; expected for example `date("2026-01-31")`', "")]),
        ("most > money('1.005')", [
            ("4:16", '`1.005` has more decimals than the currency, 2; expected for example `money("50000.00")`', "")]),
        ("most > money('1e5')", [
            ("4:16", '`1e5` is not a decimal number; expected for example `money("50000.00")`', "")]),
        ("most > money(true)", [
            ("4:16", '`money` takes one text or whole number; expected for example `money("50000.00")`', "")]),
        ("most > money('99999999999999')", [
            ("4:16", 'money is out of range; expected for example `money("50000.00")`', "")]),
        ("cooldown > days('5')", [("4:20", "`days` takes one whole number; expected for example `days(90)`", "")]),
        ("times > 9223372036854775808", [
            ("4:17", "number is too large; expected at most 9223372036854775807", "")]),
        ("dates('x') == move.effective", [("4:9", "unknown function `dates`", "did you mean `date`?")]),
        ("max(most, most) > most", [("4:9", "`max` belongs in a formula line, not here", "")]),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_named_with_what_to_write(text: str, found: list[tuple[str, str, str]]) -> None:
    assert problems(text) == found


def test_all_problems_are_named_at_once() -> None:
    text = """acount.tier == 'A' && account.t12 > 5
  && account.tier in ['A', 1, account.named] && has(account.tier)"""
    assert [(place, message) for place, message, _ in problems(text)] == [
        ("4:9", "unknown fact `acount.tier`"),
        ("4:43", "cannot compare `account.t12` (money) with `5` (count)"),
        ("5:28", "cannot look for `account.tier` (text) among count"),
        ("5:31", "cannot look for `account.tier` (text) among bool"),
        ("5:53", "`account.tier` is never none"),
    ]


def test_options_of_another_kind_are_each_named() -> None:
    assert problems("account.t12 in [1, money('1'), 'x']") == [
        ("4:25", "cannot look for `account.t12` (money) among count", 'write `money("1")`'),
        ("4:40", "cannot look for `account.t12` (money) among text", 'write `money("x")`'),
    ]


X, Y = "account.last_moved_on", "account.contract_end"


@pytest.mark.parametrize(
    "text",
    [
        f"has({X}) && {X} < move.effective",
        f"!has({X}) || {X} < move.effective",
        f"!(has({X}) && {X} < move.effective)",
        f"!(!has({X}) || {X} < move.effective) && account.named",
        f"has({X}) && has({Y}) && {X} < {Y}",
        f"(has({X}) && account.named) && {X} < move.effective",
        f"has({X}) && (account.named || {X} < move.effective)",
        f"(has({X}) && account.named || has({X}) && to_rep.active) && {X} < move.effective",
        f"!has({X}) || !has({Y}) || {X} < {Y}",
        f"!(has({X}) && has({Y})) || {X} < {Y}",
        f"has({X}) ? {X} < move.effective : account.named",
        f"!has({X}) ? account.named : {X} < move.effective",
        f"(has({X}) ? account.named : false) && {X} < move.effective",
        f"tiers.exists(t, t == account.tier && has({X})) && {X} < move.effective",
        f"has({X}) && tiers.all(t, t == 'A' || {X} < move.effective)",
    ],
)
def test_an_optional_fact_may_be_read_where_has_guards_it(text: str) -> None:
    assert X in checked(text).fields


@pytest.mark.parametrize(
    "text",
    [
        f"{X} < move.effective && has({X})",
        f"has({X}) || {X} < move.effective",
        f"!has({X}) && {X} < move.effective",
        f"has({Y}) && {X} < move.effective",
        f"(has({X}) || account.named) && {X} < move.effective",
        f"(has({X}) && account.named) || {X} < move.effective",
        f"!(has({X}) && account.named) || !({X} < move.effective) || !has({Y}) && {Y} < {X}",
        f"has({X}) == ({X} < move.effective)",
        f"has({X}) ? account.named : {X} < move.effective",
        f"(account.named ? has({X}) : true) && {X} < move.effective",
        f"tiers.all(t, has({X})) && {X} < move.effective",
    ],
)
def test_an_optional_fact_is_refused_where_nothing_before_it_asks(text: str) -> None:
    assert any("may be none" in message for _, message, _ in problems(text))


def test_a_fact_that_another_condition_guards_may_be_read() -> None:
    when = checked(GUARDED)
    assert checked("account.last_moved_on + cooldown", replace(SCOPE, known=when.present)).kind is Kind.DATE


def test_what_is_present_follows_from_the_condition_being_true_or_false() -> None:
    both = checked(f"has({X}) && has({Y})").node
    assert present_if(both, holds=True) == {X, Y}
    assert present_if(both, holds=False) == frozenset()
    assert present_if(checked(f"!has({X})").node, holds=False) == {X}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("max(most, account.t12, gap)", Kind.MONEY),
        ("min(times, 3)", Kind.COUNT),
        ("divide(most, times)", Kind.MONEY),
        ("prorate(most, to_rep.tenure, cooldown)", Kind.MONEY),
        ("prorate(most, 3, times)", Kind.MONEY),
        ("part(most, top_share)", Kind.MONEY),
        ("share(most, gap)", Kind.RATIO),
        ("top_share + points('5') - percent(1) * to_rep.utilisation_after", Kind.RATIO),
        ("min(top_share, ratio('0.5'))", Kind.RATIO),
        ("account.named ? gap : part(most, share(gap, most))", Kind.MONEY),
        ("gap * times * times", Kind.MONEY),
    ],
)
def test_a_formula_line_may_use_the_money_functions(text: str, kind: Kind) -> None:
    assert checked(text, FORMULA).kind is kind


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("max(most)", "`max` does not take `(money)`", "write `max(a, b, …)`"),
        ("max(most, times)", "`max` does not take `(money, count)`", "write `max(a, b, …)`"),
        ("min(account.tier, account.tier)", "`min` does not take `(text, text)`", "write `min(a, b, …)`"),
        ("divide(most, cooldown)", "`divide` does not take `(money, days)`", "write `divide(money, count)`"),
        ("prorate(most, times, cooldown)", "`prorate` does not take `(money, count, days)`",
         "write `prorate(money, part, whole)`"),
        ("part(most)", "`part` does not take `(money)`", "write `part(money, ratio)`"),
        ("max()", "`max` does not take `()`", "write `max(a, b, …)`"),
        ("most * top_share", "cannot multiply `most` (money) and `top_share` (ratio)",
         "a share of money is `part(money, ratio)`"),
        ("max(top_share, points('5'))", "cannot compare `top_share` (ratio) with `points(\"5\")` (points)", LEVEL),
        ("points('5') - top_share", "cannot subtract `points(\"5\")` (points) and `top_share` (ratio)", LEVEL),
        ("points('5') * points('5')", "cannot multiply `points(\"5\")` (points) and `points(\"5\")` (points)", LEVEL),
        ("share(most, times)", "`share` does not take `(money, count)`", "write `share(money, money)`"),
        ("dvide(most, times)", "unknown function `dvide`", "did you mean `divide`?"),
    ],
)  # fmt: skip
def test_a_money_function_takes_only_what_it_is_for(text: str, message: str, hint: str) -> None:
    assert [(said, hinted) for _, said, hinted in problems(text, FORMULA)] == [(message, hint)]


def test_every_fact_of_every_subject_can_be_read() -> None:
    for subject in Subject:
        scope = Scope(fields_of(subject), {})
        for field in fields_of(subject).values():
            guard = f"has({field.name}) && " if field.optional else ""
            assert checked(f"{guard}{field.name} == {field.name}", scope).fields == (field.name,)


def test_sums_at_the_edge_of_64_bits_pass_and_beyond_do_not() -> None:
    scope = Scope({"a.big": Field("a.big", Kind.MONEY, "for tests")}, {})
    assert checked("a.big * 9223 > money('0')", scope).kind is Kind.BOOL
    for text in (
        "a.big * 9224 > money('0')",
        "a.big * -9224 > money('0')",
        "a.big * 9223 + a.big > money('0')",
        "a.big * 9223 - a.big > money('0')",
    ):
        assert [message for _, message, _ in problems(text, scope)] == ["the result can be too large"]
