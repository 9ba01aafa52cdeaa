"""Every known way in which the rules engine crashes, hangs, falls silent or lies, and that none of them is reached.

What would kill the process is tried in a process of its own.
"""

import ast
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import durable_rules_engine as durable  # type: ignore[import-not-found]  # a C module without stubs
import pytest

import engine.inference.inference
from engine.inference import stratification
from engine.inference.fact_encoding import Fact, batch_json
from engine.inference.fact_kinds import KINDS
from engine.inference.generic_rules import GENERIC_RULES, counting_rules, quorum_rule
from engine.inference.inference import Inference, InferenceError, _Ruleset, _ruleset_json
from engine.inference.logic import Ladder, Logic, Pattern, Truth
from engine.inference.logic_problems import MAX_FACTS, MAX_QUORUMS, most_facts
from engine.inference.stratification import fnv_1a
from tests.engine.inference_oracle import seeded, some_logic

TRUE, UNKNOWN = Truth.TRUE, Truth.UNKNOWN
VERDICT = Ladder("verdict", ("allow", "hold", "deny"), strict=False)
MEANS = frozenset({("deny", TRUE, "verdict", "deny"), ("deny", UNKNOWN, "verdict", "hold")})
DENIALS = Logic({"R1": "deny", "R2": "deny"}, (VERDICT,), MEANS, defeats=frozenset({("R2", "R1")}))
BOTH = Pattern(frozenset({("R1", TRUE), ("R2", TRUE)}))


def in_a_process_of_its_own(script: str, project: Path, *, seconds: int = 300, **environment: str) -> str:
    """What the script prints; fails if the process dies, or hangs for so many seconds."""
    answer = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script)],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )
    assert answer.returncode == 0, f"exit {answer.returncode}: {answer.stderr}"
    return answer.stdout


CASE = """
from engine.inference.inference import Inference, InferenceError, _Ruleset
from engine.inference.generic_rules import GENERIC_RULES
from engine.inference.logic import Ladder, Logic, Pattern, Truth
logic = Logic({"R1": "deny", "R2": "deny"}, (Ladder("verdict", ("allow", "deny"), False),),
              frozenset({("deny", Truth.TRUE, "verdict", "deny")}), defeats=frozenset({("R2", "R1")}))
both = Pattern(frozenset({("R1", Truth.TRUE), ("R2", Truth.TRUE)}))
"""


def test_more_patterns_than_the_engine_has_states_are_concluded() -> None:
    """The 1,025th state of a ruleset is a MemoryError, and the next touch of it a crash; here there is only one."""
    with Inference(DENIALS) as inference:
        for n in range(1_100):
            waived = frozenset({(f"W{n}", "R1")})
            assert inference.conclude(replace(BOTH, waived=waived)).defeated[0].by == "R2"


def test_closing_without_a_conclusion_and_closing_twice_is_safe(project: Path) -> None:
    script = """
    for _ in range(50):
        inference = Inference(logic)
        inference.close()
        inference.close()
    print("alive")
    """
    assert in_a_process_of_its_own(CASE + textwrap.dedent(script), project) == "alive\n"


def test_a_first_batch_that_is_refused_is_forgotten_safely(project: Path) -> None:
    """A state in which no rule ever fired is freed through pointers that nothing has set: one fires at the start."""
    script = """
    for _ in range(50):
        ruleset = _Ruleset(GENERIC_RULES)
        try:
            ruleset.tell([("open", (1,))])
        except InferenceError:
            ruleset.forget()
            ruleset.delete()
    print("alive")
    """
    assert in_a_process_of_its_own(CASE + textwrap.dedent(script), project, MALLOC_PERTURB_="165") == "alive\n"


def test_after_closing_nothing_is_concluded() -> None:
    inference = Inference(DENIALS)
    inference.conclude(BOTH)
    inference.close()
    with pytest.raises(ValueError, match="closed"):
        inference.conclude(BOTH)


def test_a_batch_of_which_nothing_arrives_is_refused(project: Path) -> None:
    """The engine reports success and an offset that it never set; to use that one is a crash."""
    script = """
    for text in ("[]", '[{"id":1,"kind":1e16}]', "nothing"):
        ruleset = _Ruleset(GENERIC_RULES)
        ruleset.tell([("waiver", (1, 1))])
        try:
            ruleset._send(text)
        except InferenceError as error:
            print("refused")
    """
    assert in_a_process_of_its_own(CASE + textwrap.dedent(script), project) == "refused\n" * 3


def test_a_batch_that_is_cut_short_is_refused() -> None:
    """The engine stops at the first fact that its scanner rejects and reports success for all."""
    ruleset = _Ruleset(GENERIC_RULES)
    good, rejected, end = ("waiver", (1, 1)), ("waiver", (7, 7)), ("end", (ruleset._batches,))
    whole = batch_json([good, rejected, end], 1)
    with pytest.raises(InferenceError, match="cut short"):
        ruleset._send(whole.replace("7", "1e16"))
    assert len(_Ruleset(GENERIC_RULES)._send(whole)) == 1


def test_a_fact_that_no_rule_hears_is_refused() -> None:
    ruleset = _Ruleset(GENERIC_RULES)
    with pytest.raises(InferenceError, match="code 1"):
        ruleset.tell([("open", (1,))])


def test_an_id_told_twice_is_refused() -> None:
    ruleset = _Ruleset(GENERIC_RULES)
    ruleset.tell([("waiver", (1, 1))])
    ruleset._told = 0
    with pytest.raises(InferenceError, match="code 2"):
        ruleset.tell([("waiver", (2, 1))])


def test_ids_and_the_engines_own_names_never_share_a_hash() -> None:
    ids = {fnv_1a(str(n)) for n in range(MAX_FACTS + 1)}
    assert len(ids | {fnv_1a("sid-0"), fnv_1a("$pulse")}) == MAX_FACTS + 3


@pytest.mark.parametrize("value", [1.5, 1e16, None, True, "a b", '"', "1", ""])
def test_only_whole_numbers_and_plain_words_reach_the_engine(value: object) -> None:
    """A float, a null, a truth value or any text of a person has a meaning of the engine's own."""
    with pytest.raises(TypeError, match="not a fact"):
        batch_json([("waived", (1, value))], 1)  # type: ignore[list-item]  # the wrong type is the point


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("ACC-112789", "ACC-349192"),
        ("attr49199", "attr108832"),
        ("Acme", "Acme Corp"),
        ("5", "5.0"),
        ("true", "True"),
        ("1e-05", "0.00001"),
        ("", " "),
        ("f.rule", "$s"),
        ('"', "\\"),
        ("sid", "id"),
        ("\u0000", "\ud7ff"),
    ],
)
def test_names_that_the_engine_confuses_stay_apart(one: str, two: str) -> None:
    """As rules, effects, roles, waivers, questions and answers, groups and acts: no name ever reaches the engine."""
    logic = Logic(
        effects={one: one, two: two, one + "!": "hit", two + "!": "hit", "c1": two, "c2": two},
        ladders=(Ladder(one, ("none", one, two), strict=False), Ladder(two, ("none", two), strict=True)),
        means=frozenset({(one, TRUE, one, one), (two, TRUE, one, two)}),
        needs_role=frozenset({(one, one, one, one), (two, two, two, two)}),
        quorums=frozenset({(one, 1), (two, 1)}),
        says=frozenset({(one, one, one), (two, one, two)}),
        counts=frozenset({("c1", one, 1), ("c2", two, 1)}),
        indicators=frozenset({(one + "!", one), (two + "!", two)}),
        starts=frozenset({(one, TRUE, one)}),
        leads=frozenset({(one, two, one), (two, "end", two)}),
    )
    found = frozenset({(one, TRUE), (two, TRUE), (two + "!", TRUE)})
    with Inference(logic) as inference:
        conclusion = inference.conclude(Pattern(found, approved=frozenset({one}), answered=frozenset({two})))
        assert [rule for rule, _ in conclusion.effective] == sorted([one, two, "c2"])
        assert conclusion.level == {one: two, two: two}
        assert conclusion.missing == ((two, two),)
        assert conclusion.conflicts == ((one, *sorted([one, two])),)
        assert conclusion.acts == tuple(sorted([one, two]))
        waived = inference.conclude(Pattern(found, waived=frozenset({(one, one), (two, two)})))
        assert [(d.of, d.by) for d in waived.defeated] == sorted([(one, one), (two, two)])


def test_the_most_counting_rules_with_a_group_each_are_concluded() -> None:
    """513 first conditions in one ruleset hang the engine, 256 rules on one condition are refused: 120 are neither."""
    many = range(120)
    logic = Logic(
        effects={**{f"T{n}": "deny" for n in many}, **{f"I{n}": "hit" for n in many}},
        ladders=(VERDICT,),
        means=MEANS,
        counts=frozenset((f"T{n}", f"G{n}", 1) for n in many),
        indicators=frozenset((f"I{n}", f"G{n}") for n in many),
    )
    with Inference(logic) as inference:
        conclusion = inference.conclude(Pattern(frozenset((f"I{n}", TRUE if n % 2 else UNKNOWN) for n in many)))
    assert dict(conclusion.effective) == {f"T{n}": TRUE if n % 2 else UNKNOWN for n in many}


def test_the_most_quorums_are_concluded_each_for_itself() -> None:
    many = range(MAX_QUORUMS)
    logic = Logic(
        effects={f"R{n}": "approve" for n in many},
        ladders=(VERDICT,),
        means=MEANS,
        needs_role=frozenset((f"R{n}", role, "verdict", "hold") for n in many for role in ("a", "b", f"c{n}")),
        quorums=frozenset((f"R{n}", 1 + n % 3) for n in many),
    )
    found = frozenset((f"R{n}", TRUE) for n in many)
    with Inference(logic) as inference:
        conclusion = inference.conclude(Pattern(found, approved=frozenset({"a", *(f"c{n}" for n in range(0, 240, 2))})))
    missing = {rule for rule, _ in conclusion.missing}
    assert missing == {f"R{n}" for n in many if 1 + n % 3 > (2 if n % 2 == 0 else 1)}


def test_a_count_to_the_highest_threshold_is_exact() -> None:
    logic = Logic(
        effects={"T": "deny", **{f"I{n:04}": "hit" for n in range(1_000)}},
        ladders=(VERDICT,),
        means=MEANS,
        counts=frozenset({("T", "G", 1_000)}),
        indicators=frozenset((f"I{n:04}", "G") for n in range(1_000)),
    )
    with Inference(logic) as inference:
        for true, answer in ((1_000, (("T", TRUE),)), (999, ())):
            hits = frozenset((f"I{n:04}", TRUE) for n in range(true))
            assert inference.conclude(Pattern(hits)).effective == answer


def test_the_rules_use_nothing_of_the_engine_but_equality_two_orders_and_denial() -> None:
    """No arithmetic (a division by zero ends the process), no `not exists` of a field, no order of text, no regex."""
    definitions = json.loads(_ruleset_json([*GENERIC_RULES, *counting_rules(1, 1, 3), quorum_rule(1, 2)]))
    words: set[str] = set()

    def collect(node: object) -> None:
        if isinstance(node, dict):
            words.update(key for key in node if "$" in key)
        for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            collect(inner)

    for definition in definitions.values():
        assert set(definition) in ({"all", "cap"}, {"all", "count"})
        for antecedent in definition["all"]:
            collect(list(antecedent.values()))
    assert words == {"$and", "$neq", "$gt", "$gte"}
    ordered = {
        (m.kind, x.field) for rule in GENERIC_RULES for m in rule.matches for x in m.leaves if "$gt" in x.operator
    }
    assert ordered == {("said", "rule"), ("level", "level")}


def test_a_pattern_with_too_many_facts_is_refused_and_leaves_nothing_behind() -> None:
    with Inference(DENIALS) as inference:
        crowd = frozenset((f"W{n}", "R1") for n in range(MAX_FACTS))
        with pytest.raises(InferenceError, match="more than 20,000 facts"):
            inference.conclude(replace(BOTH, waived=crowd))
        assert len(inference.conclude(BOTH).defeated) == 1


def test_when_the_engine_fails_the_next_conclusion_comes_from_a_new_ruleset() -> None:
    with Inference(DENIALS) as inference:
        assert inference._ruleset is not None
        durable.delete_ruleset(inference._ruleset._handle)
        with pytest.raises(InferenceError, match="error code: 111"):
            inference.conclude(BOTH)
        assert len(inference.conclude(BOTH).defeated) == 1


def test_a_conclusion_that_was_interrupted_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    with Inference(DENIALS) as inference:
        alone = inference.conclude(Pattern(frozenset({("R1", TRUE)})), steps=True)
        with monkeypatch.context() as broken:
            broken.delitem(inference._concludes, "defeat")
            with pytest.raises(KeyError):
                inference.conclude(BOTH)
        again = inference.conclude(Pattern(frozenset({("R1", TRUE)})), steps=True)
        assert again == alone
        assert again.steps == alone.steps


def test_a_policy_with_rules_the_engine_cannot_be_trusted_with_never_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    hasty = tuple(replace(r, matches=r.matches[1:]) if r.name == "top" else r for r in GENERIC_RULES)
    monkeypatch.setattr(stratification, "GENERIC_RULES", hasty)
    # What is remembered of the rules as they are must neither answer here nor be overwritten.
    monkeypatch.setattr(stratification, "_own_stage_problems", stratification._own_stage_problems.__wrapped__)
    with pytest.raises(InferenceError, match="rule `top` denies a `level` that may still arrive"):
        Inference(DENIALS)


def test_a_pattern_is_inferred_once_and_remembered_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.inference.inference, "_REMEMBERED", 3)
    patterns = [replace(BOTH, waived=frozenset({(f"W{n}", "R1")})) for n in range(5)]
    with Inference(DENIALS) as inference:
        for pattern in patterns:
            assert inference.conclude(pattern) is inference.conclude(pattern)
        assert list(inference._remembered) == patterns[2:]


def test_the_same_words_follow_whatever_the_hash_seed(project: Path) -> None:
    """Sets are walked in another order in every process, so whatever is not sorted would show."""
    script = """
    from random import Random
    for seed in range(20):
        random = Random(seed)
        logic = Logic({f"R{n}": "deny" for n in range(12)}, logic.ladders, logic.means,
                      defeats=frozenset((f"R{n}", f"R{n + 6}") for n in range(6)))
        found = frozenset((f"R{random.randrange(12)}", Truth.TRUE) for _ in range(9))
        with Inference(logic) as inference:
            print(inference.conclude(Pattern(found, waived=frozenset({("w", "R1"), ("v", "R1")})), steps=True))
    """
    printed = {
        in_a_process_of_its_own(CASE + textwrap.dedent(script), project, PYTHONHASHSEED=seed) for seed in ("1", "2")
    }
    assert len(printed) == 1


GROWTH = """
import resource
from dataclasses import replace
import engine.inference.inference as adapter

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

def patterns(start, end):
    for n in range(start, end):
        assert inference.conclude(replace(both, waived=frozenset({(f"W{n}", "R1")}))).level["verdict"] == "deny"

def failures(times):
    for _ in range(times):
        heads = inference._concludes.pop("defeat")
        try:
            inference.conclude(both)
        except KeyError:
            inference._concludes["defeat"] = heads

def policies(times):
    for _ in range(times):
        with Inference(logic) as inference:
            inference.conclude(both)

adapter._REMEMBERED = 1
with Inference(logic) as inference:
    WARM
    before = peak()
    RUN
print(peak() - before)
"""


def kilobytes_grown(warm: str, run: str, project: Path, seconds: int = 300) -> int:
    """By how much the most memory of a process of its own grew while `run` ran, after `warm`: one that had needed
    much before would hide what it needs now.
    """
    return int(
        in_a_process_of_its_own(CASE + GROWTH.replace("WARM", warm).replace("RUN", run), project, seconds=seconds)
    )


def test_memory_does_not_grow_over_10000_patterns(project: Path) -> None:
    """A state takes 300 KB and a fact 8: a hundredth of one fact for each pattern would show."""
    assert kilobytes_grown("patterns(0, 500)", "patterns(500, 10_500)", project) < 500


@pytest.mark.exhaustive
def test_memory_does_not_grow_over_a_million_patterns(project: Path) -> None:
    assert kilobytes_grown("patterns(0, 500)", "patterns(500, 1_000_500)", project, 7_200) < 2_000


def test_memory_does_not_grow_over_200_conclusions_that_fail(project: Path) -> None:
    """A ruleset that goes with facts in it leaves 340 KB behind: its state goes first."""
    assert kilobytes_grown("failures(20)", "failures(200)", project) < 500


def test_memory_does_not_grow_over_200_policies(project: Path) -> None:
    assert kilobytes_grown("policies(20)", "policies(200)", project) < 500


def test_the_adapter_only_drives() -> None:
    """It names no generic rule, and no kind of fact but the two that tell the rules how far the facts have come."""
    tree = ast.parse(Path(engine.inference.inference.__file__).read_text("utf-8"))
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert words & {rule.name for rule in GENERIC_RULES} == set()
    assert words & set(KINDS) == {"stage", "end"}


@pytest.mark.parametrize("seed", range(40))
def test_no_pattern_needs_more_facts_than_were_estimated(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the stages, and what people said, which a policy cannot know beforehand."""
    random = seeded(seed)
    logic = some_logic(random)
    counted = {rule for rule, _, _ in logic.counts}
    everything = Pattern(
        frozenset((rule, random.choice((TRUE, TRUE, UNKNOWN))) for rule in logic.effects if rule not in counted),
        approved=frozenset({"vp"}),
    )
    told: list[Fact] = []
    with Inference(logic) as inference:
        ruleset = inference._ruleset
        assert ruleset is not None
        tell = ruleset.tell

        def listening(facts: Sequence[Fact]) -> object:
            told.extend(facts)
            return tell(facts)

        monkeypatch.setattr(ruleset, "tell", listening)
        inference.conclude(everything)
    assert len([fact for fact in told if fact[0] not in ("stage", "approved")]) <= most_facts(logic)
