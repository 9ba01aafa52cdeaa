"""What follows from a pattern: each relation of a policy by an example, and all of them against a plain reading."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.inference.inference import Inference
from engine.inference.logic import Conclusion, Defeat, Ladder, Logic, Pattern, Step, Truth
from rules.problem import BadInput
from tests.engine.inference_oracle import expected, seeded, some_logic, some_pattern

TRUE, UNKNOWN = Truth.TRUE, Truth.UNKNOWN
VERDICT = Ladder("verdict", ("allow", "approval", "hold", "deny"), strict=False)
AUDIT = Ladder("audit", ("none", "watch", "review", "rebalance"), strict=True)

MOVES = Logic(
    effects={"inactive": "deny", "cooldown": "deny", "renewal": "hold", "bad-data": "except", "strategic": "approve"},
    ladders=(VERDICT,),
    means=frozenset(
        {
            ("deny", TRUE, "verdict", "deny"),
            ("deny", UNKNOWN, "verdict", "hold"),
            ("hold", TRUE, "verdict", "hold"),
            ("hold", UNKNOWN, "verdict", "hold"),
            ("except", TRUE, "verdict", "allow"),
        }
    ),
    defeats=frozenset({("bad-data", "cooldown"), ("bad-data", "renewal")}),
    needs_role=frozenset({("strategic", "vp", "verdict", "approval"), ("strategic", "ops", "verdict", "approval")}),
)

TRIGGERS = Logic(
    effects={"T1": "rebalance", "T1q": "review", "N1": "defeat", "T8": "review", "I1": "hit", "I2": "hit", "I3": "hit"},
    ladders=(AUDIT,),
    means=frozenset({("rebalance", TRUE, "audit", "rebalance"), ("review", TRUE, "audit", "review")}),
    defeats=frozenset({("N1", "T1"), ("N1", "T1q")}),
    vetoes=frozenset({"N1"}),
    counts=frozenset({("T8", "drift", 2)}),
    indicators=frozenset({("I1", "drift"), ("I2", "drift"), ("I3", "drift")}),
)


def found(true: str = "", unknown: str = "") -> Pattern:
    """A pattern of the named rules."""
    return Pattern(frozenset({*((r, TRUE) for r in true.split()), *((r, UNKNOWN) for r in unknown.split())}))


def conclude(logic: Logic, pattern: Pattern, *, steps: bool = False) -> Conclusion:
    with Inference(logic) as inference:
        return inference.conclude(pattern, steps=steps)


def test_nothing_found_is_the_lowest_level_with_no_reason() -> None:
    conclusion = conclude(MOVES, found())
    assert conclusion.level == {"verdict": "allow"}
    assert (conclusion.effective, conclusion.reasons, conclusion.defeated) == ((), (), ())


def test_the_highest_level_reached_answers_and_names_its_rules() -> None:
    conclusion = conclude(MOVES, found("inactive cooldown renewal"))
    assert conclusion.level == {"verdict": "deny"}
    assert conclusion.reasons == (("verdict", "cooldown"), ("verdict", "inactive"))


def test_an_unknown_denial_holds_stays_open_and_may_still_deny() -> None:
    conclusion = conclude(MOVES, found(unknown="cooldown"))
    assert conclusion.level == {"verdict": "hold"}
    assert conclusion.open == ("cooldown",)
    assert conclusion.may_rise == (("verdict", "deny", "cooldown"),)


def test_an_exception_defeats_what_it_names_and_nothing_else() -> None:
    conclusion = conclude(MOVES, found("bad-data cooldown inactive"))
    assert conclusion.defeated == (Defeat("cooldown", "bad-data", "rule"),)
    assert conclusion.level == {"verdict": "deny"}
    assert conclusion.reasons == (("verdict", "inactive"),)


def test_a_defeated_rule_defeats_nothing() -> None:
    logic = replace(MOVES, defeats=frozenset({("inactive", "bad-data"), ("bad-data", "cooldown")}))
    conclusion = conclude(logic, found("inactive bad-data cooldown"))
    assert conclusion.defeated == (Defeat("bad-data", "inactive", "rule"),)
    assert conclusion.effective == (("cooldown", TRUE), ("inactive", TRUE))


def test_an_unknown_exception_defeats_nothing_and_is_reported_as_contesting() -> None:
    conclusion = conclude(MOVES, replace(found("cooldown", "bad-data"), waived=frozenset({("w", "renewal")})))
    assert conclusion.level == {"verdict": "deny"}
    assert conclusion.contested == (Defeat("cooldown", "bad-data", "rule"),)


@pytest.mark.parametrize("truth", list(Truth))
def test_a_waiver_defeats_its_rule_be_it_true_or_unknown(truth: Truth) -> None:
    conclusion = conclude(MOVES, Pattern(frozenset({("cooldown", truth)}), waived=frozenset({("W-7", "cooldown")})))
    assert conclusion.level == {"verdict": "allow"}
    assert conclusion.defeated == (Defeat("cooldown", "W-7", "waiver"),)
    assert (conclusion.effective, conclusion.open) == ((), ())


def test_a_waiver_of_a_rule_that_was_not_found_says_nothing() -> None:
    pattern = found("inactive")
    assert conclude(MOVES, replace(pattern, waived=frozenset({("W-7", "cooldown")}))) == conclude(MOVES, pattern)


@pytest.mark.parametrize("truth", list(Truth))
def test_an_approval_is_missing_until_every_role_has_given_it(truth: Truth) -> None:
    pattern = Pattern(frozenset({("strategic", truth)}), approved=frozenset({"ops"}))
    conclusion = conclude(MOVES, pattern)
    assert conclusion.missing == (("strategic", "vp"),)
    assert conclusion.level == {"verdict": "approval"}
    conclusion = conclude(MOVES, replace(pattern, approved=frozenset({"ops", "vp", "nobody's role"})))
    assert conclusion.missing == ()
    assert conclusion.level == {"verdict": "allow"}


@pytest.mark.parametrize("truth", list(Truth))
@pytest.mark.parametrize(
    ("needed", "approved", "missing"),
    [
        (1, "", "giving receiving vp"),
        (1, "vp", ""),
        (2, "vp stranger", "giving receiving"),
        (2, "vp giving", ""),
        (2, "vp giving receiving", ""),
        (3, "vp giving", "receiving"),
        (None, "vp giving", "receiving"),
        (None, "vp giving receiving", ""),
    ],
)
def test_a_quorum_of_roles_is_enough_and_without_one_every_role_is_needed(
    truth: Truth, needed: int | None, approved: str, missing: str
) -> None:
    roles = frozenset(("strategic", role, "verdict", "approval") for role in ("giving", "receiving", "vp"))
    quorums = frozenset({("strategic", needed)}) if needed else frozenset()
    pattern = Pattern(frozenset({("strategic", truth)}), approved=frozenset(approved.split()))
    conclusion = conclude(replace(MOVES, needs_role=roles, quorums=quorums), pattern)
    assert conclusion.missing == tuple(("strategic", role) for role in missing.split())
    assert conclusion.level == {"verdict": "approval" if missing else "allow"}


def test_quorums_of_several_rules_are_counted_apart() -> None:
    roles = frozenset((rule, role, "verdict", "approval") for rule in ("strategic", "renewal") for role in "abc")
    logic = replace(MOVES, needs_role=roles, quorums=frozenset({("strategic", 2), ("renewal", 3)}))
    pattern = replace(found("strategic renewal"), approved=frozenset("ab"))
    assert conclude(logic, pattern).missing == (("renewal", "c"),)


def test_a_meaning_of_the_lowest_level_is_no_reason() -> None:
    conclusion = conclude(MOVES, found("bad-data"))
    assert conclusion.level == {"verdict": "allow"}
    assert conclusion.reasons == ()


def test_what_is_required_is_owed_even_if_unknown_but_advice_is_not() -> None:
    logic = replace(MOVES, carries=frozenset({("renewal", "joint call", "require"), ("renewal", "map", "advise")}))
    assert conclude(logic, found("renewal")).owed == (
        ("renewal", "joint call", "require"),
        ("renewal", "map", "advise"),
    )
    assert conclude(logic, found(unknown="renewal")).owed == (("renewal", "joint call", "require"),)


def test_two_true_rules_that_say_different_things_are_a_conflict() -> None:
    says = frozenset({("inactive", "owner", "a"), ("cooldown", "owner", "b"), ("renewal", "owner", "a")})
    logic = replace(MOVES, says=says)
    assert conclude(logic, found("inactive cooldown")).conflicts == (("owner", "cooldown", "inactive"),)
    assert conclude(logic, found("inactive renewal")).conflicts == ()
    assert conclude(logic, found("inactive", "cooldown")).conflicts == ()
    assert conclude(logic, found("inactive cooldown bad-data")).conflicts == ()


def test_a_conflict_reaches_the_level_of_its_dispute_because_of_both_rules() -> None:
    says = frozenset({("bad-data", "owner", "a"), ("strategic", "owner", "b"), ("renewal", "date", "x")})
    logic = replace(MOVES, says=says, needs_role=frozenset(), disputed=frozenset({("owner", "verdict", "hold")}))
    conclusion = conclude(logic, found("bad-data strategic"))
    assert conclusion.level == {"verdict": "hold"}
    assert conclusion.reasons == (("verdict", "bad-data"), ("verdict", "strategic"))
    assert conclude(logic, found("bad-data")).level == {"verdict": "allow"}
    assert conclude(logic, found("bad-data", "strategic")).level == {"verdict": "allow"}


def test_a_non_trigger_vetoes_the_triggers_it_names() -> None:
    conclusion = conclude(TRIGGERS, found("T1 T1q N1"))
    assert conclusion.level == {"audit": "none"}
    assert conclusion.vetoes == (("N1", "T1"), ("N1", "T1q"))


def test_a_strict_ladder_with_only_unknown_rules_is_undecided_and_never_none() -> None:
    conclusion = conclude(TRIGGERS, found(unknown="T1"))
    assert conclusion.level == {"audit": None}
    assert conclusion.may_rise == (("audit", "rebalance", "T1"),)


def test_a_strict_ladder_with_a_true_rule_answers_and_says_what_may_still_rise() -> None:
    conclusion = conclude(TRIGGERS, found("T1q", "T1"))
    assert conclusion.level == {"audit": "review"}
    assert conclusion.may_rise == (("audit", "rebalance", "T1"),)


@pytest.mark.parametrize(
    ("true", "unknown", "answer"),
    [
        ("I1 I2", "", TRUE),
        ("I1 I2 I3", "", TRUE),
        ("I1 I2", "I3", TRUE),
        ("I1", "I2", UNKNOWN),
        ("", "I1 I2 I3", UNKNOWN),
        ("I1", "", None),
        ("", "I3", None),
    ],
)
def test_two_of_three_indicators_are_counted_with_three_values(true: str, unknown: str, answer: Truth | None) -> None:
    conclusion = conclude(TRIGGERS, found(true, unknown))
    assert conclusion.effective == ((("T8", answer),) if answer else ())
    assert conclusion.level == {"audit": {TRUE: "review", UNKNOWN: None, None: "none"}[answer]}


def test_a_counting_rule_can_be_defeated_and_waived_like_any_other() -> None:
    logic = replace(TRIGGERS, defeats=frozenset({("N1", "T8"), ("T8", "T1")}))
    assert conclude(logic, found("I1 I2 T1")).defeated == (Defeat("T1", "T8", "rule"),)
    assert conclude(logic, found("I1 I2 T1 N1")).defeated == (Defeat("T8", "N1", "rule"),)
    waived = replace(found("I1 I2 T1"), waived=frozenset({("w", "T8")}))
    assert conclude(logic, waived).defeated == (Defeat("T8", "w", "waiver"),)


def test_an_indicator_may_count_in_two_groups() -> None:
    logic = replace(
        TRIGGERS,
        counts=frozenset({("T8", "drift", 2), ("T1", "shape", 1)}),
        indicators=TRIGGERS.indicators | {("I1", "shape")},
    )
    assert conclude(logic, found("I1")).effective == (("T1", TRUE),)


def test_an_act_leads_to_the_next_until_somebody_answers() -> None:
    logic = replace(
        TRIGGERS,
        starts=frozenset({("T1", TRUE, "stop"), ("T1", UNKNOWN, "ask")}),
        leads=frozenset({("stop", "escalate", "owner answered"), ("escalate", "board", "vp answered")}),
    )
    assert conclude(logic, found("T1")).acts == ("board", "escalate", "stop")
    assert conclude(logic, found(unknown="T1")).acts == ("ask",)
    answered = replace(found("T1"), answered=frozenset({"vp answered"}))
    assert conclude(logic, answered).acts == ("escalate", "stop")


def test_acts_that_lead_to_each_other_come_to_an_end() -> None:
    logic = replace(
        TRIGGERS, starts=frozenset({("T1", TRUE, "a")}), leads=frozenset({("a", "b", "x"), ("b", "a", "x")})
    )
    assert conclude(logic, found("T1")).acts == ("a", "b")


def test_steps_tell_in_words_how_each_thing_was_concluded_and_only_when_asked() -> None:
    pattern = replace(found("bad-data cooldown"), waived=frozenset({("W-7", "cooldown")}))
    conclusion = conclude(MOVES, pattern, steps=True)
    assert (
        Step(
            "waived",
            ("waiver `W-7` of `cooldown`", "condition of `cooldown` is true, effect deny"),
            ("`cooldown` is waived by `W-7`",),
        )
        in conclusion.steps
    )
    assert (
        Step(
            "defeat",
            (
                "`bad-data` is effective, true, effect except",
                "`bad-data` defeats `cooldown`",
                "condition of `cooldown` is true, effect deny",
            ),
            ("`cooldown` is defeated by `bad-data`",),
        )
        in conclusion.steps
    )
    assert conclude(MOVES, pattern).steps == ()
    assert conclude(MOVES, pattern) == conclusion


def test_steps_come_with_a_pattern_that_is_already_remembered() -> None:
    with Inference(TRIGGERS) as inference:
        assert inference.conclude(found("I1 I2")).steps == ()
        steps = inference.conclude(found("I1 I2"), steps=True).steps
        assert "count_true" in {step.rule for step in steps}
        assert inference.conclude(found("I1 I2")).steps == ()


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (found("T9"), "finds the unknown rule `T9`"),
        (found("T1", "T1"), "finds `T1` both true and unknown"),
        (found("T8"), "finds `T8`, which counts indicators"),
        (Pattern(frozenset(), waived=frozenset({("w", "T9")})), "waiver `w` names the unknown rule `T9`"),
        (Pattern(frozenset(), waived=frozenset({("w", "I1")})), "waiver `w` names the indicator `I1`"),
    ],
)
def test_a_pattern_that_contradicts_itself_or_the_policy_is_refused(pattern: Pattern, message: str) -> None:
    with Inference(TRIGGERS) as inference:
        with pytest.raises(ValueError, match=message):
            inference.conclude(pattern)
        assert inference.conclude(found("T1")).level == {"audit": "rebalance"}


def test_a_policy_that_cannot_be_inferred_is_refused_with_everything_wrong() -> None:
    logic = replace(TRIGGERS, defeats=frozenset({("T1", "T1q"), ("T1q", "T1")}), vetoes=frozenset({"N9"}))
    with pytest.raises(BadInput) as refused:
        Inference(logic)
    assert [problem.message for problem in refused.value.problems] == [
        "a veto names the unknown rule `N9`",
        "defeats go round: `T1` defeats `T1q` defeats `T1`",
    ]


def disagreements(seeds: range, patterns: int) -> list[tuple[int, Conclusion, Conclusion]]:
    """Where the engine and the plain reading differ: random policy of each seed, with so many random patterns."""
    differing = []
    for seed in seeds:
        random = seeded(seed)
        logic = some_logic(random)
        with Inference(logic) as inference:
            for _ in range(patterns):
                pattern = some_pattern(random, logic)
                wanted, got = expected(logic, pattern), inference.conclude(pattern)
                if wanted != got:
                    differing.append((seed, wanted, got))
    return differing


def test_the_engine_agrees_with_a_plain_reading_on_2000_patterns() -> None:
    assert disagreements(range(200), 10) == []


@pytest.mark.exhaustive
def test_the_engine_agrees_with_a_plain_reading_on_100000_patterns() -> None:
    assert disagreements(range(1_000, 3_500), 40) == []


@settings(deadline=None)
@given(st.randoms(use_true_random=True))
def test_the_order_of_rules_and_ladders_never_matters(random: Random) -> None:
    logic = some_logic(random)
    pattern = some_pattern(random, logic)
    effects = list(logic.effects.items())
    random.shuffle(effects)
    turned = replace(logic, effects=dict(effects), ladders=logic.ladders[::-1])
    one, two = conclude(logic, pattern, steps=True), conclude(turned, pattern, steps=True)
    assert one == two
    assert one.steps == two.steps


@settings(deadline=None)
@given(st.randoms(use_true_random=True))
def test_names_are_only_names(random: Random) -> None:
    """Rules that swap their names swap their conclusions: nothing hangs on how a name sorts, looks or hashes."""
    logic = some_logic(random)
    pattern = some_pattern(random, logic)
    names = sorted(logic.effects)
    other = dict(zip(names, [f"{n:03}" for n in random.sample(range(1_000), len(names))], strict=True))

    renamed = Logic(
        effects={other[rule]: effect for rule, effect in logic.effects.items()},
        ladders=logic.ladders,
        means=logic.means,
        defeats=frozenset((other[by], other[of]) for by, of in logic.defeats),
        vetoes=frozenset(other[rule] for rule in logic.vetoes),
        counts=frozenset((other[rule], group, n) for rule, group, n in logic.counts),
        indicators=frozenset((other[rule], group) for rule, group in logic.indicators),
        starts=frozenset((other[rule], truth, act) for rule, truth, act in logic.starts),
        leads=logic.leads,
    )
    plain = replace(
        logic,
        needs_role=frozenset(),
        quorums=frozenset(),
        carries=frozenset(),
        says=frozenset(),
        disputed=frozenset(),
    )
    one = conclude(plain, pattern)
    two = conclude(
        renamed,
        replace(
            pattern,
            found=frozenset((other[rule], truth) for rule, truth in pattern.found),
            waived=frozenset((waiver, other[rule]) for waiver, rule in pattern.waived),
        ),
    )
    assert one.level == two.level
    assert one.acts == two.acts
    assert {(other[rule], truth) for rule, truth in one.effective} == set(two.effective)
    assert {(other[by], other[of]) for by, of in one.vetoes} == set(two.vetoes)


@settings(deadline=None)
@given(st.randoms(use_true_random=True))
def test_a_rule_that_was_not_found_changes_nothing(random: Random) -> None:
    logic = some_logic(random)
    pattern = some_pattern(random, logic)
    able = set(logic.effects) - {rule for rule, _ in logic.indicators}
    more = replace(
        logic,
        effects={**logic.effects, "0-new": "deny"},
        defeats=logic.defeats | {("0-new", rule) for rule in able},
        says=logic.says | {("0-new", "who", "else")},
    )
    assert conclude(more, pattern) == conclude(logic, pattern)


def test_four_threads_share_one_inference() -> None:
    random = seeded(4)
    logic = next(logic for logic in iter(lambda: some_logic(random), None) if len(logic.effects) > 20 and logic.counts)
    patterns = [some_pattern(random, logic) for _ in range(240)]
    wanted = [expected(logic, pattern) for pattern in patterns]
    with Inference(logic) as inference, ThreadPoolExecutor(4) as threads:
        assert list(threads.map(inference.conclude, patterns)) == wanted
