"""A rule is bound to regions, segments and modes apart from its definition."""

import pytest

from engine.conditions.condition_case import value_of
from rules.kinds import Value
from rules.model.parameter import Extent
from rules.model.rule_kind import Mode
from tests.rules.declaring import loaded, rule, told

RULES = (
    "rules:\n"
    + rule(
        "kind: engagement, subject: move, effect: deny, when: account.named || to_rep.active, tags: [pilot]", id="R1"
    )
    + rule("kind: engagement, subject: move, effect: hold, when: account.named, tags: [pilot, late]", id="R2")
    + rule("kind: trigger, subject: company, effect: watch, when: company.open_mergers > 0, mode: report", id="T1")
    + rule("kind: trigger, subject: territory, effect: watch, count: {group: g, at_least: 1}", id="T2")
    + rule("kind: indicator, subject: territory, group: g, when: territory.named", id="I1")
)


def bound(*bindings: str) -> str:
    return RULES + "bindings:\n" + "".join(f"  - {b}\n" for b in bindings)


@pytest.mark.parametrize(
    ("region", "segment", "truth"),
    [("EMEA", "SMB", True), ("APAC", "SMB", False), ("EMEA", "enterprise", False), (None, "SMB", False),
     ("EMEA", None, None), ("APAC", None, False)],
)  # fmt: skip
def test_a_bound_rule_holds_where_its_subject_lies_in_the_scope(
    region: str | None, segment: str | None, truth: bool | None
) -> None:
    found = loaded(bound("{rules: [R1], region: [EMEA], segment: [SMB]}")).rule("R1")
    assert found is not None
    assert found.when is not None
    case: dict[str, Value | None] = {
        "account.named": True, "account.region": region, "account.size_segment": segment,
    }  # fmt: skip
    assert value_of(found.when, case, {}) is truth
    assert found.scopes == (Extent(("EMEA",), ("SMB",)),)
    assert found.when.fields == ("account.region", "account.size_segment", "account.named", "to_rep.active")


def test_a_rule_bound_to_several_scopes_holds_in_each_of_them() -> None:
    found = loaded(bound("{rules: [R1], region: [EMEA]}", "{tags: [pilot], segment: [SMB]}")).rule("R1")
    assert found is not None
    assert found.when is not None
    when = found.when

    def truth(region: str, segment: str) -> Value | None:
        case: dict[str, Value | None] = {
            "account.named": True, "account.region": region, "account.size_segment": segment,
        }  # fmt: skip
        return value_of(when, case, {})

    assert [truth("EMEA", "x"), truth("x", "SMB"), truth("x", "x")] == [True, True, False]


def test_a_mode_of_a_binding_replaces_that_of_the_rule() -> None:
    policies = loaded(bound("{rules: [T1], mode: enforce}", "{tags: [late], mode: report}"))
    assert {r.id: r.mode for r in policies.rules() if r.id in ("R1", "R2", "T1")} == {
        "R1": Mode.ENFORCE, "R2": Mode.REPORT, "T1": Mode.ENFORCE,
    }  # fmt: skip
    assert [r.scopes for r in policies.rules()] == [()] * 5
    assert [b.rules for b in policies.policies[0].bindings] == [("T1",), ("R2",)]


def test_a_binding_reaches_rules_of_other_files() -> None:
    other = "bindings:\n  - {rules: [R1], region: [EMEA]}\n"
    for files in ((RULES, other), (other, RULES)):
        found = loaded(*files).rule("R1")
        assert found is not None
        assert found.scopes == (Extent(("EMEA",)),)


def test_an_indicator_is_bound_so_that_what_lies_elsewhere_is_not_counted() -> None:
    found = loaded(bound("{rules: [I1], region: [EMEA]}")).rule("I1")
    assert found is not None
    assert found.when is not None
    assert value_of(found.when, {"territory.named": True, "territory.region": "APAC"}, {}) is False


@pytest.mark.parametrize(
    ("binding", "words"),
    [
        ("{rules: [R3], region: [EMEA]}", "0.yaml:11:14: there is no rule `R3`"),
        ("{tags: [pilt], mode: report}", "no rule has the tag `pilt`\n  hint: did you mean `pilot`?"),
        ("{region: [EMEA]}", "a binding names no rule; expected `rules:`, `tags:` or both"),
        ("{rules: [R1]}", "a binding says nothing; expected `region:`, `segment:` or `mode:`"),
        ("{rules: [R1, R1], mode: report}", "rule `R1` stands twice"),
        ("{rules: [T1], region: [EMEA]}",
         "rule `T1` is on a company, which has no region\n  hint: only rules on move, territory, rep, opportunity"),
        ("{rules: [I1], segment: [SMB]}", "rule `I1` is on a territory, which has no segment"),
        ("{rules: [T2], region: [EMEA]}", "rule `T2` only counts, and has no condition to bind\n  hint: bind the in"),
        ("{rules: [R1], mode: on}", "`mode`: input should be 'enforce' or 'report'; found `on`"),
    ],
)  # fmt: skip
def test_a_binding_that_binds_nothing_is_refused(binding: str, words: str) -> None:
    (problem,) = told(bound(binding))
    assert words in problem


def test_two_bindings_that_disagree_on_the_mode_are_refused_at_the_later_one() -> None:
    (problem,) = told(bound("{rules: [R1], mode: enforce}", "{tags: [pilot], mode: report}"))
    assert problem.endswith("rule `R1` is bound to two modes; found `report`\n  hint: `enforce` at 0.yaml:11:5")
