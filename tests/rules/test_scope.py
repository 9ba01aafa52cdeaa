"""Names stand for what they were defined as: kinds, guards, ranges and sizes are seen through them."""

from dataclasses import replace

import pytest

from rules.expression.check import Checked, Scope, compile_text
from rules.expression.term import Op, present_if, reach
from rules.kinds import Kind, Unit
from rules.problem import BadInput, Place
from rules.vocabulary import Field

FIELDS = {
    field.name: field
    for field in (
        Field("account.t12", Kind.MONEY, "for tests"),
        Field("account.deals", Kind.COUNT, "for tests"),
        Field("account.region", Kind.TEXT, "for tests"),
        Field("account.end", Kind.DATE, "for tests", optional=True),
        Field("account.start", Kind.DATE, "for tests"),
        Field("account.tags", Kind.LIST, "for tests", of=Kind.TEXT),
        Field("account.spreads", Kind.LIST, "for tests", of=Kind.RATIO, unit=Unit.POINTS),
    )
}
SCOPE = Scope(FIELDS, {"cooldown": Unit.DAYS, "tiers": Unit.TEXT, "most": Unit.MONEY}, listed=frozenset({"tiers"}))


def checked(text: str, scope: Scope = SCOPE) -> Checked:
    return compile_text(text, Place("policy.yaml", 1, 1), scope)


def defined(**texts: str) -> Scope:
    """The scope with these definitions, each of which may use those before it."""
    scope = SCOPE
    for name, text in texts.items():
        scope = replace(scope, definitions={**scope.definitions, name: checked(text, scope).node})
    return scope


def messages(text: str, scope: Scope = SCOPE) -> list[str]:
    with pytest.raises(BadInput) as caught:
        checked(text, scope)
    return [problem.message for problem in caught.value.problems]


def test_a_definition_has_the_kind_and_unit_of_what_it_stands_for() -> None:
    scope = defined(growing="account.t12 > most", double="account.t12 * 2", points="account.spreads[0]")
    assert checked("growing && double > most", scope).parameters == ("most",)
    assert checked("double", scope).unit is Unit.MONEY
    assert checked("points", scope).unit is Unit.POINTS
    assert messages("double > 5", scope) == ["cannot compare `double` (money) with `5` (count)"]


def test_a_definition_guards_what_it_asks_about() -> None:
    scope = defined(ending="has(account.end) && account.end > account.start")
    condition = checked("ending && account.end < account.start + cooldown", scope)
    assert condition.present == {"account.end"}
    assert present_if(checked("!ending", scope).node, holds=False) == {"account.end"}
    assert "may be none" in messages("!ending && account.end < account.start", scope)[0]


def test_an_optional_fact_is_guarded_where_it_is_written_and_not_where_its_definition_is_named() -> None:
    scope = defined(end="has(account.end) ? account.end : account.start")
    assert checked("end > account.start", scope).fields == ("account.end", "account.start")


def test_ranges_are_seen_through_a_definition() -> None:
    scope = defined(large="account.t12 * 9000")
    assert reach(checked("large", scope).node) == (-9000 * 10**15, 9000 * 10**15)
    assert messages("large + large > most", scope) == ["the result can be too large"]


def test_what_is_wrong_with_a_definition_is_not_said_again_where_it_is_named() -> None:
    scope = defined(tagged="account.tags.exists(t, t.startsWith('a'))")
    assert checked("tagged", scope).node.op is Op.DEFINITION
    assert checked("tagged || !tagged", scope).fields == ("account.tags",)


def test_definitions_that_double_each_other_are_refused_before_they_grow() -> None:
    texts = {"d0": "account.deals > 1"} | {f"d{n + 1}": f"d{n} && d{n}" for n in range(11)}
    scope = defined(**texts)
    assert set(messages("d11 || d11 || d11 || d11", scope)) == {"too large with all that its names stand for"}


def test_definitions_in_a_long_row_are_refused_before_anything_is_exhausted() -> None:
    scope = defined(**({"d0": "account.deals > 1"} | {f"d{n + 1}": f"!d{n}" for n in range(58)}))
    assert messages("!(!d58)", scope) == ["too large with all that its names stand for"]


def test_a_name_that_nearly_is_a_definition_is_suggested() -> None:
    with pytest.raises(BadInput) as caught:
        checked("growin", defined(growing="account.t12 > most"))
    assert caught.value.problems[0].hint == "did you mean `growing`?"


def test_an_overridden_parameter_is_a_choice_that_keeps_its_name() -> None:
    emea = checked("account.region == 'EMEA'").node
    scope = replace(SCOPE, overrides={"cooldown": ((emea, "cooldown[EMEA]"),), "tiers": ((emea, "tiers[EMEA]"),)})
    node = checked("cooldown", scope).node
    assert (node.op, node.kind, node.unit, node.text) == (Op.IF, Kind.DAYS, Unit.DAYS, "cooldown")
    assert [part.name for part in node.parts[1:]] == ["cooldown[EMEA]", "cooldown"]
    listed = checked("account.region in tiers && tiers.size() > 1", scope)
    assert listed.parameters == ("tiers[EMEA]", "tiers")
    assert (listed.node.parts[0].parts[1].kind, listed.node.parts[0].parts[1].of) == (Kind.LIST, Kind.TEXT)


def test_a_list_of_facts_or_values_has_items_of_their_kind_and_unit() -> None:
    assert checked("tiers").node.of is Kind.TEXT
    assert checked("account.spreads.map(s, s)").unit is Unit.POINTS
    assert messages("account.spreads.exists(s, s > percent(3))") == [
        "cannot compare `s` (points) with `percent(3)` (ratio)"
    ]
