"""A policy's own examples are tried in earnest: a false one is caught, and so is an engine that disagrees."""

from dataclasses import replace
from datetime import date

import pytest

from engine.examples import Tried, try_examples
from rules.expression.check import Checked
from rules.expression.term import Op, Term
from rules.kinds import Kind
from rules.model.policy import PolicySet, Rule
from tests.engine.asking import policy

COUNTED = (
    "id: B, kind: trigger, subject: territory, effect: rebalance, count: {group: g, at_least: 2}, examples: [EXAMPLE]",
    "id: I1, kind: indicator, subject: territory, group: g, when: territory.named",
    "id: I2, kind: indicator, subject: territory, group: g, when: territory.driving_hours > 30",
)


def tried(lines: str, example: str, *, parameters: str = "{}") -> Tried:
    (one,) = try_examples(policy(f"{lines}, examples: [{{name: n, {example}}}]", parameters=parameters))
    return one


DENIAL = "id: R, kind: engagement, subject: move, effect: deny, when: account.named"


@pytest.mark.parametrize(
    ("given", "expect", "answer", "holds"),
    [
        ("{account.named: true}", "deny", "deny", True),
        ("{account.named: true}", "fires", "fires", True),
        ("{account.named: true}", "allow", "deny", False),
        ("{account.named: false}", "allow", "allow", True),
        ("{account.named: false}", "fires", "silent", False),
        ("{}", "unknown", "unknown", True),
        ("{account.named: null}", "hold", "hold", True),
        ("{}", "silent", "unknown", False),
    ],
)
def test_an_example_holds_when_the_rule_answers_as_it_says(given: str, expect: str, answer: str, holds: bool) -> None:
    found = tried(DENIAL, f"given: {given}, expect: {expect}")
    assert (found.answer, found.holds, found.agrees) == (answer, holds, True)


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ("{territory.named: true, territory.driving_hours: 31}", "fires"),
        ("{territory.named: true, territory.driving_hours: 30}", "silent"),
        ("{territory.named: true}", "unknown"),
        ("{territory.named: false}", "silent"),
    ],
)
def test_a_count_is_tried_with_its_indicators(given: str, answer: str) -> None:
    rules = (COUNTED[0].replace("EXAMPLE", f"{{name: n, given: {given}, expect: fires}}"), *COUNTED[1:])
    (found,) = try_examples(policy(*rules))
    assert (found.answer, found.holds) == (answer, answer == "fires")


def test_a_rule_is_tried_alone_so_that_no_other_rule_helps_or_hides_it() -> None:
    policies = policy(
        f"{DENIAL}, examples: [{{name: n, given: {{account.named: true}}, expect: deny}}]",
        "id: X, kind: engagement, subject: move, effect: advise, obligation: o, defeats: [R], when: account.named",
        "id: H, kind: engagement, subject: move, effect: hold, when: account.named, "
        "examples: [{name: n, given: {account.named: true}, expect: hold}]",
    )
    assert [t.holds for t in try_examples(policies)] == [True, True]


RESTING = "id: R, kind: engagement, subject: move, effect: deny, when: account.late_deals > few"
DATED = "{few: {unit: count, values: {2025-01-01: {value: 2, source: s}, 2026-03-01: {value: 5, source: s}}}}"


@pytest.mark.parametrize(
    ("when", "answer"),
    [
        ("", "silent"),  # the latest value
        ("at: 2026-02-28, ", "fires"),
        ("at: 2026-03-01, ", "silent"),
        ("at: 2024-12-31, ", "unknown"),  # before the first value
        ("parameters: {few: 2}, ", "fires"),
    ],
)
def test_an_example_reads_the_latest_parameters_unless_it_says_otherwise(when: str, answer: str) -> None:
    found = tried(RESTING, f"{when}given: {{account.late_deals: 3}}, expect: fires", parameters=DATED)
    assert found.answer == answer


def test_a_rule_that_ended_is_tried_with_the_parameters_of_its_time() -> None:
    policies = policy(f"{RESTING}, examples: [{{name: n, given: {{account.late_deals: 3}}, expect: fires}}]",
                      parameters=DATED)  # fmt: skip
    (found,) = try_examples(policies)
    assert found.answer == "silent"
    assert isinstance(found.of, Rule)
    rule = replace(found.of, end=date(2026, 2, 1))
    (ended,) = try_examples(replace(policies, policies=(replace(policies.policies[0], rules=(rule,)),)))
    assert ended.answer == "fires"


def test_an_example_holds_only_where_the_set_and_the_case_agree() -> None:
    """A condition that no checker lets pass: the number 1 against the text `1`, equal for SQL and not for Python."""
    one = Term(Op.LITERAL, Kind.TEXT, policy(DENIAL).rules()[0].when.unit, "1", 0, value="1")  # type: ignore[union-attr]  # it has a condition
    fact = Term(Op.FACT, Kind.COUNT, one.unit, "account.late_deals", 0, name="account.late_deals")
    torn = Term(Op.EQUAL, Kind.BOOL, one.unit, "account.late_deals == 1", 0, (fact, one))
    condition = Checked(torn, Kind.BOOL, one.unit, torn.text, ("account.late_deals",), ())
    policies = policy(f"{DENIAL}, examples: [{{name: n, given: {{account.late_deals: 1}}, expect: fires}}]")
    rule = replace(policies.rules()[0], when=condition)
    (found,) = try_examples(replace(policies, policies=(replace(policies.policies[0], rules=(rule,)),)))
    assert (found.answer, found.agrees, found.holds) == ("fires", False, False)


def test_a_false_example_among_the_shipped_ones_is_found(shipped: PolicySet) -> None:
    first = shipped.rules()[0]
    lying = replace(first, examples=tuple(replace(e, expect="unknown") for e in first.examples))
    changed = replace(shipped.policies[0], rules=(lying, *shipped.policies[0].rules[1:]))
    found = try_examples(replace(shipped, policies=(changed, *shipped.policies[1:])))
    assert {t.name for t in found if not t.holds} == {first.id}
    assert sum(not t.holds for t in found) == len(first.examples)


def test_examples_that_are_asked_together_keep_their_own_parameters_and_cases() -> None:
    """Some agree on every parameter, and some have a value of their own for one that another example reads too."""
    cases = [(deals, few) for deals in (1, 3, 7) for few in (None, 0, 3, 6)]
    examples = ", ".join(
        f"{{name: n{i}, given: {{account.late_deals: {deals}}}, "
        + (f"parameters: {{few: {few}}}, " if few is not None else "")
        + f"expect: {'fires' if deals > (2 if few is None else few) else 'silent'}}}"
        for i, (deals, few) in enumerate(cases)
    )
    policies = policy(
        f"{RESTING}, examples: [{examples}]",
        "id: S, kind: engagement, subject: move, effect: hold, when: account.late_deals <= few, "
        "examples: [{name: n, given: {account.late_deals: 3}, parameters: {few: 3}, expect: fires}]",
        parameters="{few: {unit: count, values: {2025-01-01: {value: 2, source: s}}}}",
    )
    tried = try_examples(policies)
    assert [t.holds for t in tried] == [True] * (len(cases) + 1)
    assert [t.parameters["few"] for t in tried] == [*(2 if few is None else few for _, few in cases), 3]
