"""How the rules engine is driven: which of its functions, in which order, with what text, and within which limits.

A listener stands between the adapter and the engine, or the rules are counted as the engine would count them.
"""

import ast
import json
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any

import durable_rules_engine as durable  # type: ignore[import-not-found]  # a C module without stubs
import pytest

import engine.inference.inference
from engine.inference.fact_encoding import Encoded, Fact, batch_json
from engine.inference.fact_kinds import KINDS, Sort
from engine.inference.generic_rule import GenericRule, Match, Term, referred
from engine.inference.generic_rules import GENERIC_RULES, counting_rules, quorum_rule
from engine.inference.inference import _CAP, Inference, InferenceError, _Ruleset
from engine.inference.logic import Logic, Pattern, Truth
from engine.inference.logic_problems import MAX_COUNTING_RULES, MAX_QUORUMS
from tests.engine.inference_oracle import expected, seeded, some_logic, some_pattern
from tests.engine.test_inference_hazards import BOTH, DENIALS, MEANS, VERDICT, in_a_process_of_its_own

TRUE, UNKNOWN = Truth.TRUE, Truth.UNKNOWN
USED = {
    "create_ruleset",
    "assert_facts",
    "start_action_for_state",
    "complete_and_start_action",
    "delete_state",
    "delete_ruleset",
}
"""What is called of the engine: never an event, a timer, a callback, a retraction or a lease."""


@dataclass
class Listener:
    """Stands before the engine and writes down every call and its answer."""

    calls: list[tuple[str, tuple[Any, ...], Any]] = field(default_factory=list)
    error: type[Exception] = durable.error

    def __getattr__(self, name: str) -> Any:
        """That function of the engine, listened to."""

        def called(*given: Any) -> Any:
            answer = getattr(durable, name)(*given)
            self.calls.append((name, given, answer))
            return answer

        return called

    @property
    def told(self) -> list[list[dict[str, Any]]]:
        """Every batch of facts."""
        return [json.loads(given[1]) for name, given, _ in self.calls if name == "assert_facts"]


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Listener:
    """A listener before every inference that is made from now on."""
    listening = Listener()
    monkeypatch.setattr(engine.inference.inference, "durable", listening)
    return listening


def test_the_engine_comes_without_its_python_layers_and_without_a_thread(project: Path) -> None:
    """Its host starts timers that cannot be stopped, its language keeps half of a condition, and both warn."""
    script = """
    import sys, threading
    from engine.inference.inference import Inference
    from engine.inference.logic import Ladder, Logic, Pattern, Truth
    logic = Logic({"R1": "deny"}, (Ladder("verdict", ("allow", "deny"), False),), frozenset())
    with Inference(logic) as inference:
        inference.conclude(Pattern(frozenset({("R1", Truth.TRUE)})))
        print(sorted(n for n in sys.modules if n.split(".")[0].startswith("durable")), threading.active_count())
    """
    assert in_a_process_of_its_own(script, project) == "['durable_rules_engine'] 1\n"


def test_an_engine_that_does_not_load_says_how_to_install_it_again(project: Path) -> None:
    """Its source calls a function that Python 3.13 removed, and only fails once it is loaded."""
    script = """
    import sys
    sys.modules["durable_rules_engine"] = None
    try:
        import engine.inference.inference
    except ImportError as error:
        print(error)
    """
    said = in_a_process_of_its_own(script, project)
    assert said.startswith("durable_rules does not load (")
    assert said.endswith("install again with CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject\n")


def test_six_functions_of_the_engine_are_called_and_no_other(listener: Listener) -> None:
    """Nothing is retracted (with a denial in the rules that takes an innocent fact's match away), nothing is an event
    (the first rule that matches would consume it), nothing has an action (an error in one would be swallowed).
    """
    tree = ast.parse(Path(engine.inference.inference.__file__).read_text("utf-8"))
    named = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "durable"
    }
    assert named == {*USED, "error"}
    with Inference(DENIALS) as inference:
        inference.conclude(BOTH)
    assert {name for name, _, _ in listener.calls} == USED


def test_no_facts_are_told_and_nothing_is_deleted_while_an_action_is_open(listener: Listener) -> None:
    for seed in range(5):
        random = seeded(seed)
        logic = some_logic(random)
        with Inference(logic) as inference:
            for _ in range(3):
                inference.conclude(some_pattern(random, logic))
    is_open = 0
    for name, _, answer in listener.calls:
        if name in ("start_action_for_state", "complete_and_start_action"):
            is_open = answer is not None
        else:
            assert not is_open, f"{name} with an action open"


def test_every_pattern_has_a_state_of_its_own_and_every_ruleset_an_end(listener: Listener) -> None:
    """Between one deletion of the state and the next come the facts of one pattern, and each has a new name."""
    with Inference(DENIALS) as inference:
        for n in range(3):
            inference.conclude(replace(BOTH, waived=frozenset({(f"W{n}", "R1")})))
    names = [name for name, _, _ in listener.calls]
    assert [n for n, _ in Counter(names).most_common() if names.count(n) == 4] == ["delete_state"]
    assert (names[0], names[-1], names[-2]) == ("create_ruleset", "delete_ruleset", "delete_state")
    told: list[int] = []
    for name, given, _ in listener.calls:
        if name == "assert_facts":
            told += [each["id"] for each in json.loads(given[1])]
        elif name == "delete_state":
            assert told == list(range(1, len(told) + 1))
            told = []
    assert told == []


def test_after_a_failure_the_state_is_deleted_and_then_the_ruleset(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this order: a ruleset that goes with facts in it leaves them behind."""
    with Inference(DENIALS) as inference:
        monkeypatch.delitem(inference._concludes, "defeat")
        listener.calls.clear()
        with pytest.raises(KeyError):
            inference.conclude(BOTH)
    assert [name for name, _, _ in listener.calls if name.startswith("delete")] == ["delete_state", "delete_ruleset"]


def test_the_end_of_another_batch_is_not_the_end_of_this_one() -> None:
    ruleset = _Ruleset(GENERIC_RULES)
    with pytest.raises(InferenceError, match="cut short"):
        ruleset._send(batch_json([("end", (ruleset._batches + 1,))], 1))
    ruleset.forget()
    ruleset.delete()


def test_no_batch_is_empty_and_no_fact_is_told_twice(listener: Listener) -> None:
    for seed in range(8):
        random = seeded(seed)
        logic = some_logic(random)
        with Inference(logic) as inference:
            listener.calls.clear()
            inference.conclude(some_pattern(random, logic))
        assert all(listener.told)
        facts = [json.dumps({k: v for k, v in fact.items() if k != "id"}) for batch in listener.told for fact in batch]
        assert len(facts) == len(set(facts))


def sample(kind: str) -> Fact:
    """A fact of that kind."""
    return kind, tuple("true" if is_word(sort) else 1 for sort in KINDS[kind].fields.values())


def is_word(sort: Sort) -> bool:
    return sort in (Sort.WORD, Sort.STAGE)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fact_is_its_id_its_kind_and_every_field_of_it_and_nothing_else(kind: str) -> None:
    """A field that a join lacks is silence in some joins and an error in others; `sid` would open another state."""
    told = json.loads(batch_json([sample(kind)], 7))
    assert [list(fact) for fact in told] == [["id", "kind", *KINDS[kind].fields]]
    assert told[0]["id"] == 7
    for values in (sample(kind)[1][1:], (*sample(kind)[1], 1)):
        with pytest.raises(ValueError, match="zip"):
            batch_json([(kind, values)], 1)


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 10**30])
def test_a_number_beyond_64_bits_is_refused(value: int) -> None:
    """The engine would take the largest that it knows, and say nothing."""
    with pytest.raises(TypeError, match="not a fact"):
        batch_json([("waived", (1, value))], 1)
    assert str(2**63 - 1) in batch_json([("waived", (1, 2**63 - 1))], 1)


def test_a_field_is_always_a_number_or_always_a_word_and_no_fact_lacks_one(listener: Listener) -> None:
    for seed in range(20):
        random = seeded(seed)
        logic = some_logic(random)
        with Inference(logic) as inference:
            inference.conclude(some_pattern(random, logic))
    for fact in (fact for batch in listener.told for fact in batch):
        fields = KINDS[fact["kind"]].fields
        assert list(fact) == ["id", "kind", *fields]
        assert all(type(fact[name]) is (str if is_word(sort) else int) for name, sort in fields.items()), fact


def rules_of_the_largest_policy() -> tuple[GenericRule, ...]:
    """With as many counts and quorums as a policy may have, each count in a group of its own."""
    counts = [each for n in range(MAX_COUNTING_RULES) for each in counting_rules(n, n, 3)]
    return (*GENERIC_RULES, *counts, *(quorum_rule(n, 2) for n in range(MAX_QUORUMS)))


def sort_of(term: Term, kinds: dict[str, str]) -> Sort | None:
    """What a term stands for; None for a constant."""
    reference = referred(term)
    return KINDS[kinds[reference[0]]].fields[reference[1]] if reference else None


@pytest.mark.parametrize("rule", [*GENERIC_RULES, *counting_rules(1, 1, 3), quorum_rule(1, 2)], ids=lambda r: r.name)
def test_a_rule_compares_only_what_is_of_one_sort(rule: GenericRule) -> None:
    """`5 == "5"` is true for the engine and `"5" == 5` what lay in memory: numbers meet numbers, and words words."""
    kinds: dict[str, str] = {}
    for match in rule.matches:
        for leaf in match.leaves:
            fields = KINDS[match.kind].fields
            other = sort_of(leaf.term, kinds)
            if other is None:
                assert isinstance(leaf.term, str) is is_word(fields[leaf.field])
            else:
                assert other is fields[leaf.field]
            assert not (leaf.operator and is_word(fields[leaf.field])), "words have no order"
        kinds[match.alias] = match.kind
    for head in rule.heads:
        for name, term in head.fields.items():
            sort, other = KINDS[head.kind].fields[name], sort_of(term, kinds)
            assert other is sort if other else isinstance(term, str) is is_word(sort)


def constant_leaves(match: Match) -> list[tuple[str, str, Term]]:
    """Its conditions on one fact alone: the engine's alpha nodes, one inside the other."""
    leaves = [(leaf.field, leaf.operator, leaf.term) for leaf in match.leaves if not referred(leaf.term)]
    return [("kind", "", match.kind), *leaves]


def test_the_largest_policy_stays_far_from_the_limits_of_the_engine() -> None:
    """512 conditions after one another hang it. 64 that hold at once for one fact, 252 fields and 4,096 rules are
    refused. The matches of one answer are counted in 16 bits.
    """
    rules = rules_of_the_largest_policy()
    assert len(rules) < 4_096 / 4
    assert max(len(kind.fields) for kind in KINDS.values()) < 252 / 8
    after: dict[tuple[tuple[str, str, Term], ...], set[tuple[str, str, Term]]] = {}
    for rule in rules:
        for match in rule.matches:
            leaves = constant_leaves(match)
            for depth, leaf in enumerate(leaves):
                after.setdefault(tuple(leaves[:depth]), set()).add(leaf)
    assert max(len(each) for each in after.values()) <= 512 / 2
    assert all(len(constant_leaves(m)) <= 3 for rule in rules for m in rule.matches)
    # However many counts and quorums there are, one hit is in one group and one approval of one rule.
    ways = Counter(match.kind for rule in GENERIC_RULES for match in rule.matches)
    assert max(3 * n for n in ways.values()) < 64
    assert max(len(rule.matches) for rule in rules) <= 16
    assert 1 <= _CAP <= 65_535
    assert all(rule.count is None or rule.count <= 65_535 for rule in rules)


def test_the_most_counts_of_one_group_and_the_most_quorums_are_concluded_together() -> None:
    """Two of the 255 rules that one condition may have go to each count, and a quorum is one."""
    counting, needing, hits = range(MAX_COUNTING_RULES), range(MAX_QUORUMS), range(130)
    logic = Logic(
        effects={
            **{f"T{n:03}": "deny" for n in counting},
            **{f"Q{n:03}": "approve" for n in needing},
            **{f"I{n:03}": "hit" for n in hits},
        },
        ladders=(VERDICT,),
        means=MEANS,
        counts=frozenset((f"T{n:03}", "G", n + 1) for n in counting),
        indicators=frozenset((f"I{n:03}", "G") for n in hits),
        needs_role=frozenset((f"Q{n:03}", role, "verdict", "hold") for n in needing for role in "abc"),
        quorums=frozenset((f"Q{n:03}", 1 + n % 3) for n in needing),
    )
    found = {(f"I{n:03}", TRUE if n < 50 else UNKNOWN) for n in range(90)} | {(f"Q{n:03}", TRUE) for n in needing}
    pattern = Pattern(frozenset(found), approved=frozenset("ab"))
    with Inference(logic) as inference:
        assert inference.conclude(pattern) == expected(logic, pattern)


def test_a_ruleset_that_the_engine_refuses_is_an_error_at_once() -> None:
    """More rules on one condition than its list holds: `error code: 108`."""
    rules = [*GENERIC_RULES, *(each for n in range(129) for each in counting_rules(n, 1, 3))]
    with pytest.raises(InferenceError, match="error code: 108"):
        _Ruleset(rules)


@pytest.mark.parametrize("cap", [1, 2, 7])
def test_however_many_matches_an_answer_of_the_engine_may_hold_all_come(
    cap: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.inference.inference, "_CAP", cap)
    for seed in range(15):
        random = seeded(seed)
        logic, pattern = (made := some_logic(random)), some_pattern(random, made)
        with Inference(logic) as inference:
            assert inference.conclude(pattern) == expected(logic, pattern)


def chain(many: int) -> tuple[Logic, Pattern]:
    """Each rule defeats the next: every second one is left."""
    rules = [f"R{n:04}" for n in range(many)]
    logic = Logic(dict.fromkeys(rules, "deny"), (VERDICT,), MEANS, defeats=frozenset(pairwise(rules)))
    return logic, Pattern(frozenset((rule, TRUE) for rule in rules))


def denials(many: int) -> tuple[Logic, Pattern]:
    rules = [f"R{n:04}" for n in range(many)]
    found = frozenset((rule, UNKNOWN if n % 3 == 0 else TRUE) for n, rule in enumerate(rules))
    return Logic(dict.fromkeys(rules, "deny"), (VERDICT,), MEANS), Pattern(found)


def contradictions(many: int) -> tuple[Logic, Pattern]:
    rules = [f"R{n:04}" for n in range(many)]
    says, disputed = frozenset((rule, "who", rule) for rule in rules), frozenset({("who", "verdict", "hold")})
    logic = Logic(dict.fromkeys(rules, "say"), (VERDICT,), MEANS, says=says, disputed=disputed)
    return logic, Pattern(frozenset((rule, TRUE) for rule in rules))


def every_pair_ordered(many: int) -> tuple[Logic, Pattern]:
    logic, pattern = chain(many)
    rules = sorted(logic.effects)
    pairs = frozenset((by, of) for n, by in enumerate(rules) for of in rules[n + 1 :])
    return replace(logic, defeats=pairs), pattern


def approvals(many: int) -> tuple[Logic, Pattern]:
    logic, pattern = denials(many)
    needs = frozenset((rule, f"role{n}", "verdict", "hold") for rule in logic.effects for n in range(20))
    return replace(logic, needs_role=needs), replace(pattern, approved=frozenset({"role1", "role7"}))


def one_count(many: int) -> tuple[Logic, Pattern]:
    hits = [f"I{n:04}" for n in range(many)]
    logic = Logic(
        {"T": "deny", **dict.fromkeys(hits, "hit")},
        (VERDICT,),
        MEANS,
        counts=frozenset({("T", "G", 3)}),
        indicators=frozenset((hit, "G") for hit in hits),
    )
    return logic, Pattern(frozenset((hit, TRUE) for hit in hits))


def escalation(many: int) -> tuple[Logic, Pattern]:
    acts = [f"A{n:04}" for n in range(many)]
    logic = Logic(
        {"R": "deny"}, (VERDICT,), MEANS, starts=frozenset({("R", TRUE, acts[0])}),
        leads=frozenset((one, two, "answer") for one, two in pairwise(acts)),
    )  # fmt: skip
    return logic, Pattern(frozenset({("R", TRUE)}))


@pytest.mark.parametrize(
    ("logic", "pattern"),
    [
        pytest.param(*shape(many), id=f"{shape.__name__} {many}")
        for shape, many in (
            (denials, 1_000),
            (chain, 200),
            (every_pair_ordered, 60),
            (contradictions, 60),
            (approvals, 60),
            (one_count, 1_000),
            (escalation, 300),
        )
    ],
)
def test_a_large_pattern_is_concluded_like_a_small_one(logic: Logic, pattern: Pattern) -> None:
    with Inference(logic) as inference:
        assert inference.conclude(pattern) == expected(logic, pattern)


def test_policies_that_are_inferred_at_the_same_time_do_not_mix() -> None:
    """The engine's own language keeps one list of rulesets, by name and for good; ours all have one name."""
    random = seeded(7)
    logics = [some_logic(random) for _ in range(6)]
    inferences = [Inference(logic) for logic in logics]
    for _ in range(4):
        for logic, inference in zip(logics, inferences, strict=True):
            pattern = some_pattern(random, logic)
            assert inference.conclude(pattern) == expected(logic, pattern)
    for inference in inferences:
        inference.close()


def test_closing_waits_for_the_conclusion_that_is_being_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ruleset that goes while it is used is a crash."""
    inference, begun, go_on, done = Inference(DENIALS), Event(), Event(), list[str]()
    derive = inference._derive

    def slowly(ruleset: _Ruleset, given: Encoded) -> object:
        begun.set()
        assert go_on.wait(60)
        firings = derive(ruleset, given)
        done.append("concluded")
        return firings

    def close() -> None:
        inference.close()
        done.append("closed")

    monkeypatch.setattr(inference, "_derive", slowly)
    with ThreadPoolExecutor(2) as threads:
        conclusion = threads.submit(inference.conclude, BOTH)
        assert begun.wait(60)
        closing = threads.submit(close)
        wait([closing], timeout=0.1)  # long enough for a close that does not wait
        go_on.set()
        assert conclusion.result().level == {"verdict": "deny"}
    assert done == ["concluded", "closed"]


def test_no_name_of_a_policy_reaches_the_engine(listener: Listener) -> None:
    """Every text that it is given is of its own small alphabet, and of words that this program chose."""
    for seed in range(12):
        random = seeded(seed)
        logic = some_logic(random)
        with Inference(logic) as inference:
            inference.conclude(some_pattern(random, logic))
    words = {word for kind in KINDS.values() for word in kind.fields} | set(KINDS)
    constants = {x.term for rule in GENERIC_RULES for m in rule.matches for x in m.leaves if isinstance(x.term, str)}
    known = words | constants | {"id", "kind", "possible", "unknown", "require", "advise", "mandate"}
    given = {w for batch in listener.told for fact in batch for w in (*fact, *fact.values()) if isinstance(w, str)}
    assert given - known == {"facts"}


def test_a_conclusion_without_an_answer_or_with_two_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the engine is never a conclusion: of the levels of a ladder exactly one is the answer."""
    pattern = Pattern(frozenset({("R1", TRUE)}))
    for lost in ("top", "default"):
        with Inference(DENIALS) as inference:
            monkeypatch.setitem(inference._concludes, lost, ())
            with pytest.raises(InferenceError, match="the ladders' answers are"):
                inference.conclude(pattern if lost == "top" else Pattern(frozenset()))
    with Inference(DENIALS) as inference:
        also_the_lowest = ("top", (("l", "ladder"), 0))
        monkeypatch.setitem(inference._concludes, "top", (*inference._concludes["top"], also_the_lowest))
        with pytest.raises(InferenceError, match="the ladders' answers are"):
            inference.conclude(pattern)


@pytest.mark.parametrize("text", ["[]", '[{"id":1,"kind":1e16}]', "nothing", '{"id":1}'])
def test_a_batch_that_the_engine_does_not_read_is_an_error_and_the_next_conclusion_stands(
    text: str, project: Path
) -> None:
    script = f"""
    import engine.inference.inference as adapter
    from engine.inference.inference import Inference, InferenceError
    from engine.inference.logic import Ladder, Logic, Pattern, Truth
    logic = Logic({{"R1": "deny"}}, (Ladder("verdict", ("allow", "deny"), False),),
                  frozenset({{("deny", Truth.TRUE, "verdict", "deny")}}))
    pattern = Pattern(frozenset({{("R1", Truth.TRUE)}}))
    whole = adapter.batch_json
    with Inference(logic) as inference:
        for _ in range(3):
            adapter.batch_json = lambda batch, first: {text!r}
            try:
                inference.conclude(pattern, steps=True)
            except InferenceError:
                print("refused")
            adapter.batch_json = whole
            print(inference.conclude(pattern, steps=True).level["verdict"])
    """
    assert in_a_process_of_its_own(script, project, MALLOC_PERTURB_="165") == "refused\ndeny\n" * 3


def test_an_interruption_while_an_action_is_open_leaves_nothing_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A state whose action is never completed answers nothing for half a minute: it goes, and its ruleset too."""
    with Inference(DENIALS) as inference:
        before = inference._ruleset

        def interrupted(_: str) -> object:
            raise KeyboardInterrupt

        with monkeypatch.context() as broken:
            broken.setattr("engine.inference.inference.json.loads", interrupted)
            with pytest.raises(KeyboardInterrupt):
                inference.conclude(BOTH)
        assert inference._ruleset is None
        assert inference.conclude(BOTH).level == {"verdict": "deny"}
        assert inference._ruleset is not before


def told_by(inference: Inference, monkeypatch: pytest.MonkeyPatch) -> list[Sequence[Fact]]:
    """Every batch that this inference tells from now on."""
    ruleset = inference._ruleset
    assert ruleset is not None
    tell, batches = ruleset.tell, []

    def listening(facts: Sequence[Fact]) -> object:
        batches.append(facts)
        return tell(facts)

    monkeypatch.setattr(ruleset, "tell", listening)
    return batches


def test_a_stage_is_the_last_fact_of_its_batch_and_begins_when_nothing_more_follows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for seed in range(10):
        random = seeded(seed)
        logic = some_logic(random)
        with Inference(logic) as inference:
            batches = told_by(inference, monkeypatch)
            inference.conclude(some_pattern(random, logic))
        begun = [n for n, batch in enumerate(batches) if any(kind == "stage" for kind, _ in batch)]
        assert begun[0] == 0
        for batch in batches:
            assert all(kind != "stage" for kind, _ in batch[:-1])
        # A batch that begins a stage brings nothing else but, in the first one, what was given.
        assert all(len(batches[n]) == 1 for n in begun[1:])


def test_the_shape_of_a_level_is_free_of_the_rule_that_reached_it() -> None:
    """With the rule in it the highest level would be sought among all pairs of rules: a thousand denials, a million."""
    assert list(KINDS["level"].fields) == ["ladder", "level"]
