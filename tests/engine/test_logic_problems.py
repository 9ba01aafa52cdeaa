"""A policy whose conclusions would have no defined answer is refused in its own words, with everything wrong."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.inference.logic import Ladder, Logic, Truth
from engine.inference.logic_problems import logic_problems, ranks
from rules.problem import Place

SOUND = Logic(
    effects={"T1": "rebalance", "T8": "review", "N1": "defeat", "I1": "hit", "R03": "approve"},
    ladders=(Ladder("audit", ("none", "review", "rebalance"), strict=True),),
    means=frozenset({("rebalance", Truth.TRUE, "audit", "rebalance"), ("review", Truth.TRUE, "audit", "review")}),
    defeats=frozenset({("N1", "T1")}),
    vetoes=frozenset({"N1"}),
    needs_role=frozenset({("R03", "vp", "audit", "review")}),
    carries=frozenset({("T1", "notice", "require")}),
    says=frozenset({("T1", "who", "vp")}),
    counts=frozenset({("T8", "drift", 1)}),
    indicators=frozenset({("I1", "drift")}),
    starts=frozenset({("T1", Truth.TRUE, "stop")}),
)


def messages(logic: Logic) -> list[str]:
    return [problem.message for problem in logic_problems(logic)]


def test_a_sound_policy_has_no_problems() -> None:
    assert messages(SOUND) == []


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (replace(SOUND, defeats=frozenset({("N1", "T9")})), "rule `N1` defeats the unknown rule `T9`"),
        (replace(SOUND, defeats=frozenset({("N9", "T1")})), "the defeat of `T1` names the unknown rule `N9`"),
        (replace(SOUND, defeats=frozenset({("T1", "T1")})), "defeats go round: `T1` defeats `T1`"),
        (
            replace(SOUND, defeats=frozenset({("I1", "T1")})),
            "the defeat of `T1` names `I1`, an indicator, which concludes nothing by itself",
        ),
        (
            replace(SOUND, defeats=frozenset({("N1", "I1")})),
            "rule `N1` defeats `I1`, an indicator, which concludes nothing by itself",
        ),
        (replace(SOUND, vetoes=frozenset({"N9"})), "a veto names the unknown rule `N9`"),
        (
            replace(SOUND, needs_role=frozenset({("R9", "vp", "audit", "review")})),
            "the approval of `vp` names the unknown rule `R9`",
        ),
        (
            replace(SOUND, needs_role=frozenset({("R03", "vp", "verdict", "hold")})),
            "rule `R03` without `vp` reaches a level of the unknown ladder `verdict`",
        ),
        (
            replace(SOUND, needs_role=frozenset({("R03", "vp", "audit", "hold")})),
            "rule `R03` without `vp` reaches the unknown level `hold` of ladder `audit`",
        ),
        (
            replace(SOUND, needs_role=frozenset({("R03", "vp", "audit", "none")})),
            "rule `R03` without `vp` reaches level `none`, the lowest of ladder `audit`",
        ),
        (
            replace(SOUND, means=frozenset({("deny", Truth.TRUE, "verdict", "deny")})),
            "effect `deny` reaches a level of the unknown ladder `verdict`",
        ),
        (
            replace(SOUND, means=frozenset({("deny", Truth.TRUE, "audit", "deny")})),
            "effect `deny` reaches the unknown level `deny` of ladder `audit`",
        ),
        (
            replace(SOUND, carries=frozenset({("T9", "notice", "require")})),
            "obligation `notice` names the unknown rule `T9`",
        ),
        (
            replace(SOUND, carries=frozenset({("T1", "notice", "beg")})),
            "rule `T1` carries `notice` as `beg`; expected one of `require`, `advise`, `mandate`",
        ),
        (
            replace(SOUND, quorums=frozenset({("R03", 0)})),
            "rule `R03` needs 0 approvals of 1 roles; expected 1 to 1",
        ),
        (
            replace(SOUND, quorums=frozenset({("R03", 2)})),
            "rule `R03` needs 2 approvals of 1 roles; expected 1 to 1",
        ),
        (
            replace(
                SOUND,
                needs_role=frozenset({("R03", "vp", "audit", "review"), ("R03", "ops", "audit", "review")}),
                quorums=frozenset({("R03", 1), ("R03", 2)}),
            ),
            "rule `R03` has 2 quorums",
        ),
        (
            replace(SOUND, disputed=frozenset({("who", "verdict", "hold")})),
            "a conflict on `who` reaches a level of the unknown ladder `verdict`",
        ),
        (
            replace(SOUND, disputed=frozenset({("who", "audit", "hold")})),
            "a conflict on `who` reaches the unknown level `hold` of ladder `audit`",
        ),
        (
            replace(SOUND, says=frozenset({("T9", "who", "vp")})),
            "the statement on `who` names the unknown rule `T9`",
        ),
        (
            replace(SOUND, says=frozenset({("T1", "who", "vp"), ("T1", "who", "ops")})),
            "rule `T1` says 2 different things about `who`",
        ),
        (
            replace(SOUND, starts=frozenset({("T9", Truth.TRUE, "stop")})),
            "the start of `stop` names the unknown rule `T9`",
        ),
        (
            replace(SOUND, counts=frozenset({("T9", "drift", 1)})),
            "the count of group `drift` names the unknown rule `T9`",
        ),
        (
            replace(SOUND, counts=frozenset({("I1", "drift", 1)})),
            "the count of group `drift` names `I1`, an indicator, which concludes nothing by itself",
        ),
        (
            replace(SOUND, counts=frozenset({("T8", "drift", 1), ("T8", "drift", 2)})),
            "rule `T8` counts 2 times",
        ),
        (
            replace(SOUND, counts=frozenset({("T8", "balance", 1)})),
            "rule `T8` counts in group `balance`, which has no indicator",
        ),
        (replace(SOUND, counts=frozenset({("T8", "drift", 0)})), "rule `T8` needs `0` indicators; expected 1 to 1,000"),
        (
            replace(SOUND, counts=frozenset({("T8", "drift", 1_001)})),
            "rule `T8` needs `1001` indicators; expected 1 to 1,000",
        ),
        (replace(SOUND, indicators=SOUND.indicators | {("I9", "drift")}), "group `drift` counts the unknown rule `I9`"),
        (replace(SOUND, ladders=SOUND.ladders * 2), "ladder `audit` is there 2 times"),
        (replace(SOUND, ladders=(*SOUND.ladders, Ladder("x", (), strict=False))), "ladder `x` has no levels"),
        (
            replace(SOUND, ladders=(*SOUND.ladders, Ladder("x", ("a", "b", "a"), strict=False))),
            "ladder `x` has level `a` 2 times",
        ),
    ],
)
def test_what_has_no_answer_is_refused_in_the_policys_words(changed: Logic, message: str) -> None:
    assert messages(changed) == [message]


def test_everything_wrong_is_listed_with_its_place_and_a_hint() -> None:
    logic = replace(SOUND, defeats=frozenset({("N1", "T11")}), vetoes=frozenset({"N11"}))
    places = {"T11": Place("policies/audit.yaml", 14)}
    assert [str(problem) for problem in logic_problems(logic, places)] == [
        "policy: a veto names the unknown rule `N11`\n  hint: did you mean `N1`?",
        "policies/audit.yaml:14: rule `N1` defeats the unknown rule `T11`\n  hint: did you mean `T1`?",
    ]


def test_every_way_round_is_named_in_full_from_its_first_rule() -> None:
    effects = dict.fromkeys("abcdef", "x")
    defeats = frozenset({("b", "c"), ("c", "a"), ("a", "b"), ("d", "d"), ("e", "f"), ("f", "e"), ("a", "e")})
    assert messages(replace(Logic(effects, (), frozenset()), defeats=defeats)) == [
        "defeats go round: `a` defeats `b` defeats `c` defeats `a`",
        "defeats go round: `d` defeats `d`",
        "defeats go round: `e` defeats `f` defeats `e`",
    ]


def test_a_rule_ranks_one_above_the_highest_rule_that_defeats_it() -> None:
    logic = Logic(dict.fromkeys("abcd", "x"), (), frozenset(), defeats=frozenset({("b", "a"), ("c", "b"), ("c", "a")}))
    assert ranks(logic) == {"a": 3, "b": 2, "c": 1, "d": 1}


@settings(deadline=None)
@given(st.sets(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef"))))
def test_defeats_either_go_round_or_have_ranks(defeats: set[tuple[str, str]]) -> None:
    logic = Logic(dict.fromkeys("abcdef", "x"), (), frozenset(), defeats=frozenset(defeats))
    problems = messages(logic)
    if not problems:
        rank = ranks(logic)
        assert all(rank[by] < rank[of] for by, of in defeats)
    for message in problems:
        way = message.removeprefix("defeats go round: ").replace("`", "").split(" defeats ")
        assert way[0] == way[-1] == min(way)
        assert set(pairwise(way)) <= defeats


def test_121_counting_rules_are_too_many_and_120_are_not() -> None:
    for many, wanted in ((120, []), (121, ["121 rules count indicators; expected at most 120"])):
        effects = {"I1": "hit", **{f"T{n}": "review" for n in range(many)}}
        counts = frozenset((f"T{n}", "drift", 1) for n in range(many))
        assert messages(replace(Logic(effects, (), frozenset()), counts=counts, indicators=SOUND.indicators)) == wanted


def test_241_quorums_are_too_many_and_240_are_not() -> None:
    for many, wanted in ((240, []), (241, ["241 rules need some of their roles; expected at most 240"])):
        rules = [f"R{n}" for n in range(many)]
        roles = frozenset((r, role, "audit", "review") for r in rules for role in ("vp", "ops"))
        logic = Logic(dict.fromkeys(rules, "approve"), SOUND.ladders, frozenset(), needs_role=roles)
        assert messages(replace(logic, quorums=frozenset((r, 1) for r in rules))) == wanted


def test_a_quorum_of_an_unknown_rule_is_refused() -> None:
    assert "the quorum of 1 names the unknown rule `R9`" in messages(replace(SOUND, quorums=frozenset({("R9", 1)})))


def test_a_policy_that_may_need_more_than_20000_facts_is_refused() -> None:
    for many, wanted in (
        (10_000, []),
        (10_001, ["a subject on which everything is true would need 20,002 facts; expected at most 20,000"]),
    ):
        assert messages(Logic({f"R{n}": "deny" for n in range(many)}, (), frozenset())) == wanted


def test_rules_that_all_disagree_count_by_pairs() -> None:
    for many, refused in ((190, False), (200, True)):
        rules = [f"R{n}" for n in range(many)]
        logic = Logic(dict.fromkeys(rules, "deny"), (), frozenset(), says=frozenset((r, "who", r) for r in rules))
        assert bool(messages(logic)) is refused
