"""Judged in bulk, every subject has the verdict, and the rules that count, that it has when it is judged alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bulk.masks import WORD, Masks, masks_of, words_of
from engine.bulk.verdicts import Answer, Verdicts, verdicts
from engine.engines.embedded import Embedded
from engine.evaluate import NOTHING_SAID, Evaluation, Standing, evaluate, question_of
from engine.fact_frames import frame_of
from engine.facts import Facts
from engine.inference.logic import Truth
from engine.moves import check_moves
from rules.kinds import Value
from rules.model.policy import PolicySet
from rules.vocabulary import fields_of
from tests.engine.asking import DAY, Cases, policy
from tests.engine.conftest import Loaded
from tests.engine.inference_oracle import seeded

MOVE = "kind: engagement, subject: move"
FLAGS = ("account.named", "account.strategic_anchor", "account.family_split", "account.has_plan")
EFFECTS = (
    "effect: deny, waivable: by vp",
    "effect: hold, waivable: by vp",
    "effect: require_approval, roles: [giving, ops]",
    "effect: require_approval, roles: [ops, vp, giving], approvals: 2",
    "effect: require, obligation: call",
    "effect: advise, obligation: look",
    "effect: mandate, obligation: move it",
    "effect: mandate, obligation: to the other, to: move.to_rep",
)


@contextmanager
def judged(
    policies: PolicySet, cases: Cases, standing: Standing = NOTHING_SAID
) -> Iterator[tuple[Verdicts, Evaluation]]:
    """The same cases in bulk, and one by one."""
    rules = policies.rules(day=DAY)
    fields = fields_of(rules[0].subject)
    with Embedded() as db:
        frame_of(db, "cases", fields, list(cases.items()))
        facts = Facts(rules[0].subject, "cases", frozenset(), {})
        question = question_of(policies, rules, fields, DAY)
        yield verdicts(db, question, facts, standing=standing), evaluate(db, question, facts, standing=standing)


def assert_alike(bulk: Verdicts, evaluation: Evaluation) -> None:
    """Verdict, masks, rules that count and what is open, of every subject; and the counts of all."""
    answers = {answer.marks: answer for answer in bulk.answers}
    masks, words = bulk.masks, bulk.masks.words
    seen: dict[str, list[tuple[str, ...]]] = {}
    told: dict[str, Answer] = {}
    for subject, *cells in bulk.db.rows(f"SELECT * FROM ({bulk.query}) ORDER BY 1"):
        seen[subject] = [masks.rules_in(cells[n * words : (n + 1) * words]) for n in (0, 1, 3, 4)]
        told[subject] = answers[tuple(cells[5 * words :])]
    letters = dict(evaluation.letters())
    assert list(seen) == sorted(letters)
    for subject, conclusion in evaluation.by_subject().items():
        truths = dict(zip((rule.id for rule in evaluation.question.conditional), letters[subject], strict=True))
        fired, unknown, counts, opened = seen[subject]
        answer = told[subject]
        assert set(fired) == {rule for rule, letter in truths.items() if letter == "t"}
        assert set(unknown) == {rule for rule, letter in truths.items() if letter == "u"}
        assert counts == tuple(rule for rule, truth in conclusion.effective if truth is Truth.TRUE)
        assert opened == conclusion.open
        assert answer.verdict == (conclusion.level[evaluation.ladder] or "unknown")
        assert answer.open == bool(conclusion.open)
        assert bool(answer.contradicted) == bool(conclusion.conflicts)
    found = list(evaluation.by_subject().values())
    assert bulk.total == len(found)
    assert bulk.unknown == sum(bool(c.open) for c in found)
    assert dict(bulk.counts) == {
        level: n
        for level in {c.level[evaluation.ladder] or "unknown" for c in found}
        if (n := sum((c.level[evaluation.ladder] or "unknown") == level for c in found))
    }


def some_rules(random: Random, size: int, defeats_of: float = 0.2) -> list[str]:
    rules = []
    for n in range(size):
        defeats = [f"R{k:02}" for k in range(n + 1, size) if random.random() < defeats_of]
        effect = random.choice(EFFECTS)
        mode = ", mode: report" if random.random() < 0.15 else ""
        when = f" {random.choice(('&&', '||'))} ".join(
            random.choice(("", "!")) + flag for flag in random.sample(FLAGS, random.randint(1, 2))
        )
        rules.append(f'id: R{n:02}, {MOVE}, {effect}{mode}, defeats: [{", ".join(defeats)}], when: "{when}"')
    return rules


def some_cases(random: Random) -> Cases:
    def value() -> Value | None:
        return random.choice((True, False, None))

    return {f"A-{n:03}": {flag: value() for flag in FLAGS} for n in range(60)}


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32), st.booleans())
def test_what_is_judged_in_bulk_is_what_is_judged_one_by_one(seed: int, something_said: bool) -> None:
    random = seeded(seed)
    policies = policy(*some_rules(random, random.choice((1, 2, 5, 9))))
    cases = some_cases(random)
    said = {s: frozenset({(f"W-{s}", f"R{random.randrange(9):02}")}) for s in (*cases, "gone") if random.random() < 0.2}
    approved = {
        s: frozenset(r for r in ("giving", "ops", "vp", "clown") if random.random() < 0.6)
        for s in cases
        if random.random() < 0.3
    }
    standing = Standing(said, approved) if something_said else NOTHING_SAID
    with judged(policies, cases, standing) as (bulk, evaluation):
        assert_alike(bulk, evaluation)


def test_more_rules_than_a_word_has_bits_have_words_of_their_own() -> None:
    random = seeded(3)
    policies = policy(*some_rules(random, WORD + 9, 0.01))
    with judged(policies, some_cases(random)) as (bulk, evaluation):
        assert bulk.masks.columns("fired") == ("fired_0", "fired_1")
        assert_alike(bulk, evaluation)


def test_a_component_of_many_states_is_joined_and_one_of_few_is_chosen() -> None:
    """Five rules that defeat one: more than 64 states of four flags are seen, and subjects are no longer in order."""
    random = seeded(4)
    flags = ("account.named", "account.strategic_anchor", "account.family_split", "account.has_plan")
    rules = [
        f"id: X{n}, {MOVE}, effect: advise, obligation: o{n}, defeats: [D], when: {flag}"
        for n, flag in enumerate(flags)
    ]
    policies = policy(*rules, f"id: D, {MOVE}, effect: deny, when: account.named || account.has_plan")
    cases = {f"A-{n:03}": {flag: random.choice((True, False, None)) for flag in flags} for n in range(600)}
    with judged(policies, cases) as (bulk, evaluation):
        assert not bulk.ordered
        assert_alike(bulk, evaluation)
    with judged(policies, dict(list(cases.items())[:20])) as (bulk, evaluation):
        assert bulk.ordered
        assert_alike(bulk, evaluation)


def test_bits_are_in_order_of_rule_ids_whatever_the_order_of_rules() -> None:
    rules = [f"id: {name}, {MOVE}, effect: hold, when: account.named" for name in ("b", "a", "c")]
    policies = policy(*rules)
    question = question_of(policies, policies.rules(day=DAY), fields_of(policies.rules()[0].subject), DAY)
    assert masks_of(question).rules == ("a", "b", "c")


@given(st.sets(st.integers(0, 150)))
def test_words_hold_just_the_bits_that_are_set(bits: set[int]) -> None:
    masks = Masks(tuple(f"{n:03}" for n in range(151)))
    words = words_of(bits, masks.words)
    assert masks.rules_in(words) == tuple(f"{n:03}" for n in sorted(bits))
    assert masks.of(masks.rules_in(words)) == words
    assert all(0 <= word < 2**WORD for word in words)


SAID = Standing(
    {"A-2079": frozenset({("W-1", "R02")}), "A-1008": frozenset({("W-2", "R09")})},
    {"A-1001": frozenset({"vp-sales", "sales-ops"}), "A-1078": frozenset({"vp-sales"})},
)


@pytest.mark.parametrize("standing", [NOTHING_SAID, SAID])
def test_the_moves_of_a_company_have_the_verdicts_in_bulk_that_they_have_one_by_one(
    june: Loaded, shipped: PolicySet, standing: Standing
) -> None:
    evaluation = check_moves(*june, shipped, date(2026, 6, 30), standing=standing)
    assert_alike(verdicts(june[0], evaluation.question, evaluation.facts, standing=standing), evaluation)
