"""Lists, texts, choices, definitions and overrides: the value of each for one case, and the clauses that decide it."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from engine.conditions.condition_case import Clause, clauses_of, value_of
from rules.expression.check import Checked, Scope, compile_text
from rules.kinds import Kind, Unit, Value
from rules.problem import Place
from rules.vocabulary import Field

FIELDS = {
    "account.tags": Field("account.tags", Kind.LIST, "for tests", of=Kind.TEXT),
    "account.days": Field("account.days", Kind.LIST, "for tests", of=Kind.DATE),
    "account.deals": Field("account.deals", Kind.COUNT, "for tests"),
    "account.name": Field("account.name", Kind.TEXT, "for tests"),
    "account.share": Field("account.share", Kind.RATIO, "for tests", unit=Unit.PERCENT),
    "account.region": Field("account.region", Kind.TEXT, "for tests"),
}
PARAMETERS = {"tiers": Unit.TEXT, "limit": Unit.PERCENT, "counts": Unit.COUNT}
SCOPE = Scope(FIELDS, PARAMETERS, listed=frozenset({"tiers", "counts"}))
CASE: dict[str, Value | tuple[Value, ...] | None] = {
    "account.tags": ("key", "new", "emea-1"),
    "account.days": (date(2026, 1, 1), date(2026, 3, 1)),
    "account.deals": 7,
    "account.name": "Ärzte & Söhne 😀",
    "account.share": Fraction(3, 10),
}
VALUES: dict[str, Value | tuple[Value, ...]] = {
    "tiers": ("A", "B"),
    "limit": Fraction(3, 10),
    "counts": (1, 2, 3),
}


def checked(text: str, scope: Scope = SCOPE) -> Checked:
    return compile_text(text, Place("test"), scope)


def outline(clause: Clause) -> list[tuple[str, object, bool]]:
    """Text, value and whether it matters, of the clause and all below it."""
    below = [row for child in clause.children for row in outline(child)]
    return [(clause.text, clause.value, clause.matters), *below]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("account.tags.exists(t, t == 'key')", True),
        ("account.tags.all(t, t.size() == 3)", False),
        ("account.tags.exists_one(t, t.startsWith('e'))", True),
        ("account.tags.filter(t, t.contains('e')).size() == 3", True),
        ("account.tags.map(t, size(t))[2] == 6", True),
        ("account.tags.map(t, t.size()) == [3, 3, 6]", True),
        ("account.tags[5] == 'x'", None),
        ("account.tags[0 - account.deals] == 'x'", None),
        ("account.tags[account.deals % 3] == 'new'", True),
        ("'new' in account.tags", True),
        ("account.name in account.tags", False),
        ("account.name in [account.region, 'x']", None),
        ("account.days.exists(d, d > date('2026-02-01'))", True),
        ("account.days.all(d, d + days(31) > date('2026-02-01'))", False),
        ("date('2026-03-01') in account.days", True),
        ("account.days.map(d, d - date('2026-01-01')) == [days(0), days(59)]", True),
        ("account.days[1] - account.days[0] == days(59)", True),
        ("counts.all(c, c * account.deals > 6)", True),
        ("tiers.exists(t, t == account.region)", None),
        ("tiers.exists(t, t == 'A' || t == account.region)", True),
        ("tiers.all(t, t == account.region)", None),
        ("tiers.all(t, t != 'A' && t == account.region)", False),
        ("tiers.exists_one(t, t == account.region)", None),
        ("tiers.filter(t, t == account.region).size() == 0", None),
        ("account.deals / 2 == 3 && -account.deals / 2 == -3", True),
        ("account.deals % 4 == 3 && -account.deals % 4 == -3", True),
        ("account.name.size() == 15", True),
        ("account.name.matches('^Ä[^ ]+ & .*[😀]$')", True),
        ("account.name < 'Z'", False),
        ("account.name > account.region", None),
        ("(account.name + '!').endsWith('😀!')", True),
        ("(account.share > limit ? 'over' : 'within') == 'within'", True),
        ("account.region == 'EMEA' ? true : true", None),
        ("(account.deals > 3 ? limit : account.share) == percent(30)", True),
        ("(account.deals > 3 ? account.deals : 1 / 3) == 7", True),
        ("false < (account.deals > 3)", True),
    ],
)
def test_lists_texts_and_choices_have_the_values_of_cel(text: str, expected: bool | None) -> None:
    assert value_of(checked(text), CASE, VALUES) is expected


def test_an_unknown_list_makes_unknown_whatever_is_said_of_its_items() -> None:
    for text in ("tiers.exists(t, true)", "tiers.all(t, true)", "'A' in tiers", "tiers.size() > 0", "tiers == ['A']"):
        assert value_of(checked(text), CASE, {}) is None
        assert clauses_of(checked(text), CASE, {}).missing == ("tiers",)


def test_of_an_empty_list_everything_holds_and_nothing_exists() -> None:
    empty: dict[str, Value | tuple[Value, ...]] = {"tiers": ()}
    assert value_of(checked("tiers.all(t, t == 'A')"), {}, empty) is True
    assert value_of(checked("tiers.exists(t, t == 'A')"), {}, empty) is False
    assert value_of(checked("tiers[0] == 'A'"), {}, empty) is None


def test_one_value_of_a_list_parameter_is_a_list_of_one() -> None:
    assert value_of(checked("tiers == ['A']"), {}, {"tiers": "A"}) is True


def test_a_list_explains_the_items_that_decide() -> None:
    clause = clauses_of(checked("account.tags.all(t, t.size() == 3)"), CASE, VALUES)
    assert outline(clause) == [
        ("account.tags.all(t, t.size() == 3)", False, True),
        ("account.tags", ("key", "new", "emea-1"), True),
        ("t.size() == 3", False, True),
        ("t.size()", 6, True),
        ("t", "emea-1", True),
        ("3", 3, True),
    ]


def test_a_choice_explains_its_condition_and_the_branch_taken() -> None:
    clause = clauses_of(checked("(account.deals > 3 ? limit : account.share) == percent(30)"), CASE, VALUES)
    choice = clause.children[0]
    assert [(child.text, child.value) for child in choice.children] == [
        ("account.deals > 3", True),
        ("limit", Fraction(3, 10)),
    ]


def test_a_definition_is_a_clause_of_its_name_with_what_it_stands_for_below() -> None:
    busy = checked("account.deals > 3")
    scope = replace(SCOPE, definitions={"busy": busy.node})
    text = checked("!busy && account.share > limit", scope)
    assert (text.fields, text.parameters) == (("account.deals", "account.share"), ("limit",))
    clause = clauses_of(text, CASE, VALUES)
    assert outline(clause)[:5] == [
        ("!busy && account.share > limit", False, True),
        ("!busy", False, True),
        ("busy", True, True),
        ("account.deals > 3", True, True),
        ("account.deals", 7, True),
    ]


def test_a_parameter_has_another_value_where_its_first_override_fits() -> None:
    emea = checked("account.region == 'EMEA'").node
    small = checked("account.deals < 5").node
    scope = replace(SCOPE, overrides={"limit": ((emea, "limit[EMEA]"), (small, "limit[small]"))})
    condition = checked("account.share > limit", scope)
    assert condition.parameters == ("limit[EMEA]", "limit[small]", "limit")
    assert condition.node.text == "account.share > limit"
    values = {"limit": Fraction(3, 10), "limit[EMEA]": Fraction(1, 10), "limit[small]": Fraction(2, 10)}

    def over(region: str | None, deals: int, share: Fraction) -> Value | None:
        case: dict[str, Value | None] = {"account.region": region, "account.deals": deals, "account.share": share}
        return value_of(condition, case, values)

    assert [over("EMEA", deals, Fraction(15, 100)) for deals in (1, 9)] == [True, True]
    assert [over("APAC", deals, Fraction(25, 100)) for deals in (1, 9)] == [True, False]
    assert over(None, 1, Fraction(1)) is None
