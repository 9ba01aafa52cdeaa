"""The rules deny only what can no longer arrive, keep the engine's limits, and a rule that does not is found."""

from dataclasses import replace

import pytest

from engine.inference.fact_kinds import KINDS
from engine.inference.generic_rule import GenericRule, Head, Leaf, Match
from engine.inference.generic_rules import GENERIC_RULES, counting_rules, quorum_rule, stages
from engine.inference.stratification import RANKS, fnv_1a, ruleset_problems, stage_problems

ORDER = stages(range(1, RANKS + 1), counted=True)


def rule(name: str) -> GenericRule:
    return next(rule for rule in GENERIC_RULES if rule.name == name)


def with_rule(changed: GenericRule) -> tuple[GenericRule, ...]:
    return tuple(changed if each.name == changed.name else each for each in GENERIC_RULES)


def test_the_rules_are_fit_with_and_without_120_counting_rules_and_240_quorums() -> None:
    assert ruleset_problems(GENERIC_RULES) == []
    counting = [each for n in range(120) for each in counting_rules(n, n, 3)]
    quorums = [quorum_rule(n, 2) for n in range(240)]
    assert ruleset_problems([*GENERIC_RULES, *counting, *quorums]) == []


def test_the_stages_are_the_facts_the_counts_one_rank_after_the_other_and_the_answer() -> None:
    assert stages({3, 1}, counted=True) == (("facts", 0), ("counted", 0), ("rank", 1), ("rank", 3), ("answer", 0))
    assert stages((), counted=False) == (("facts", 0), ("answer", 0))
    assert stage_problems(GENERIC_RULES, stages(range(1, RANKS + 1), counted=False)) == []


@pytest.mark.parametrize(
    ("order", "problem"),
    [
        (
            [("rank", 1), ("rank", 2), ("rank", 3), ("answer", 0)],
            "rule `effective` denies a `waived` that may still arrive",
        ),
        (
            [("facts", 0), ("rank", 2), ("rank", 1), ("rank", 3), ("answer", 0)],
            "rule `effective` denies a `defeated` that may still arrive",
        ),
        (
            [("facts", 0), ("rank", 1), ("rank", 2), ("answer", 0), ("rank", 3)],
            "rule `top` denies a `level` that may still arrive",
        ),
        (
            [("counted", 0), ("facts", 0), ("rank", 1), ("answer", 0)],
            "rule `counted_unknown` denies a `reached` that may still arrive",
        ),
    ],
)
def test_another_order_of_stages_is_refused(order: list[tuple[str, int]], problem: str) -> None:
    assert problem in stage_problems(GENERIC_RULES, order)


@pytest.mark.parametrize("name", ["counted_unknown", "top", "default", "default_strict", "may_rise"])
def test_a_rule_that_does_not_wait_for_its_stage_is_refused(name: str) -> None:
    hasty = rule(name)
    stage, *others = hasty.matches
    anywhere = replace(hasty, matches=(replace(stage, leaves=()), *others))
    assert any(f"rule `{name}` denies" in problem for problem in stage_problems(with_rule(anywhere), ORDER))


def test_a_rule_effective_at_every_rank_is_refused() -> None:
    """Which is what a stage for each rank is for: a rule may be denied only after its defeaters were decided."""
    effective = rule("effective")
    stage, finding, *others = effective.matches
    loose = replace(effective, matches=(stage, replace(finding, leaves=()), *others))
    assert stage_problems(with_rule(loose), ORDER) == ["rule `effective` denies a `defeated` that may still arrive"]


def test_a_rule_that_concludes_what_another_has_already_denied_is_refused() -> None:
    late = GenericRule("late", "", (Match("t", "top", ()),), (Head("level", {"ladder": "t.ladder", "level": 1}),))
    assert "rule `top` denies a `level` that may still arrive" in stage_problems([*GENERIC_RULES, late], ORDER)


FINDING = Match("f", "finding", ())


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (
            GenericRule("r", "", (replace(FINDING, negated=True),)),
            "rule `r` does not start with a fact that must be there",
        ),
        (GenericRule("r", "", ()), "rule `r` does not start with a fact that must be there"),
        (
            GenericRule("r", "", tuple(replace(FINDING, alias=f"f{n}") for n in range(17))),
            "rule `r` has 17 matches, the engine takes 16",
        ),
        (GenericRule("r", "", (FINDING, FINDING)), "rule `r` uses the alias `f` twice"),
        (
            GenericRule("r", "", (replace(FINDING, leaves=(Leaf("rule", "", 1),) * 30),)),
            "rule `r` compares 31 times in one match, the engine takes 30",
        ),
        (GenericRule("r", "", (Match("g", "guess", ()),)), "rule `r` tests `guess`"),
        (GenericRule("r", "", (Match("f", "finding", (Leaf("id", "", 1),)),)), "rule `r` tests `finding.id`"),
        (GenericRule("r", "", (Match("f", "finding", (Leaf("rule", "", "x.rule"),)),)), "rule `r` tests `x.rule`"),
        (
            GenericRule("r", "", (FINDING,), (Head("open", {"rule": "f.wrong"}),)),
            "rule `r` concludes `f.wrong`",
        ),
        (
            GenericRule("r", "", (FINDING,), (Head("waived", {"of": "f.rule"}),)),
            "rule `r` does not conclude every field of `waived`",
        ),
        (
            GenericRule("r", "", (FINDING,), (Head("open", {"rule": "f.rule"}),), count=2),
            "rule `r` counts, and copies from one of the facts that it counted",
        ),
        (GenericRule("r", "", (FINDING,), count=0), "rule `r` counts to 0, which is not from 1 to 1,000"),
        (GenericRule("r", "", (FINDING,), count=65_537), "rule `r` counts to 65537, which is not from 1 to 1,000"),
    ],
)
def test_a_rule_beyond_the_engine_is_refused(changed: GenericRule, problem: str) -> None:
    assert problem in ruleset_problems([*GENERIC_RULES, changed])


def test_names_that_the_engine_takes_for_one_are_refused() -> None:
    """`ACC-112789` and `ACC-349192` have one hash of 32 bits, and so have `attr49199` and `attr108832`."""
    assert fnv_1a("") == 0x811C9DC5
    assert fnv_1a("a") == 0xE40C292C
    assert fnv_1a("ACC-112789") == fnv_1a("ACC-349192")
    same = [GenericRule(name, "", (FINDING,)) for name in ("attr49199", "attr108832")]
    assert ruleset_problems([*GENERIC_RULES, *same]) == ["the engine cannot tell `attr49199` from `attr108832`"]


def test_every_kind_is_said_with_all_that_it_names() -> None:
    """A derivation shows a fact by its sentence, so a sentence leaves nothing out that would tell two facts apart."""
    unsaid = {
        (name, field) for name, kind in KINDS.items() for field in kind.fields if "{" + field + "}" not in kind.said
    }
    assert unsaid == {
        ("finding", "rank"),
        ("counter", "rank"),
        ("ladder", "strict"),
        ("missing", "ladder"),
        ("missing", "level"),
    }
