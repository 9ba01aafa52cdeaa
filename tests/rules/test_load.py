"""A policy set loads whole or not at all, and says everything that is wrong with it at once, each at its place."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.kinds import Unit
from rules.model.policy import PolicySet, Rule
from rules.model.rule_kind import Effect
from rules.problem import BadInput
from rules.reading.load import example_problems, in_force, load_policies

SHARED = """\
policy: shared
title: Numbers that other policies use
owner: sales-operations
parameters:
  limit: {unit: percent, values: {2026-01-01: {value: 30, source: "handbook"}}}
"""

MISTAKEN = """\
policy: moves
title: Twenty mistakes and more
owner: sales-operations
parameters:
  limit: {unit: percent, values: {2026-01-01: {value: 40, source: "a second home"}}}
  rest: {unit: days, values: {2026-01-01: {value: 1.5, source: "handbook"}}}
  silent: {unit: days, values: {2026-01-01: {value: 1, source: " "}}}
  empty: {unit: text, values: {2026-01-01: {value: [], source: "handbook"}}}
  mixed:
    unit: text
    values:
      2026-01-01: {value: a, source: "handbook"}
      2027-01-01: {value: [a, b], source: "handbook"}
rules:
  - id: R1
    title: names
    kind: engagement
    subject: move
    effective: {from: 2026-01-01}
    when: acount.t12 > 5 && account.t12 > limits
    effect: deny
    message: "{acount.t12} is above {limit}"
    source: "handbook"
    examples:
      - {name: n, given: {acount.t12: 5, account.t12: 0.001}, parameters: {lmit: 3, rest: x}, expect: maybe}
      - {name: a denial is not held credit, given: {account.t12: null}, expect: held}
  - id: R2
    title: kinds
    kind: engagement
    subject: company
    effective: {from: 2026-01-01, to: 2026-01-01}
    when: company.open_mergers
    effect: rebalance
    message: "m"
    assumption: " "
  - id: R3
    title: nothing asked and something left over
    kind: engagement
    subject: move
    effective: {from: 2026-01-01}
    effect: require_approval
    obligation: dance
    until: account.t12
    on_unknown: none
    message: "m"
    source: "handbook"
  - id: R4
    title: both asked
    kind: indicator
    subject: territory
    effective: {from: 2026-01-01}
    when: territory.t12 > money("5.001")
    count: {group: g, at_least: 1}
    message: "m"
    source: "handbook"
  - id: R5
    title: an optional fact read unasked
    kind: protection
    subject: rep
    effective: {from: 2026-01-01}
    when: rep.left_on > date("2026-02-30")
    lines:
      - {name: limit, formula: rep.base_earnings, text: a name that is taken}
      - {name: twice, formula: rep.base_earnings * 2, text: fine}
      - {name: twice, formula: thrice * 3, text: again}
    message: "m"
    source: "handbook"
  - id: R5
    title: an id that is taken, and relations to nobody
    kind: non_trigger
    subject: company
    effective: {from: 2026-01-01}
    when: company.open_requests > 0 && company.open_requests > money("5")
    defeats: [R6x, R4]
    on_unknown: defeat
    message: "m"
    source: "handbook"
  - id: R6
    title: counts nobody
    kind: trigger
    subject: company
    effective: {from: 2026-01-01}
    count: {group: h, at_least: 2}
    effect: watch
    message: "m"
    source: "handbook"
"""

TOLD = """\
bad.yaml:6:51: not a whole number of days; found `1.5`
bad.yaml:7:45: parameter `silent` does not say where its value comes from; expected `source:` or `assumption:`
bad.yaml:8:52: parameter `empty` lists nothing
bad.yaml:10:5: parameter `mixed` is a list on some dates only
bad.yaml:20:11: unknown fact `acount.t12`
  hint: did you mean `account.t12`?
bad.yaml:20:43: unknown parameter `limits`
  hint: did you mean `limit`?
bad.yaml:22:16: unknown name `acount.t12` in the message
  hint: did you mean `account.t12`?
bad.yaml:25:27: unknown fact `acount.t12`
  hint: did you mean `account.t12`?
bad.yaml:25:55: not an amount such as 50000 or 1250.50; found `0.001`
bad.yaml:25:76: unknown parameter `lmit`
  hint: did you mean `limit`?
bad.yaml:25:91: not a whole number of days; found `x`
bad.yaml:25:103: not an expectation here; found `maybe`; expected `fires`, `silent`, `unknown`, `deny`, `hold`, `approval`, `allow`
bad.yaml:26:81: not an expectation here; found `held`; expected `fires`, `silent`, `unknown`, `deny`, `hold`, `approval`, `allow`
bad.yaml:27:5: rule `R2` does not say where it comes from; expected `source:` or `assumption:`
bad.yaml:30:14: not a subject of an engagement rule; found `company`; expected `move`
bad.yaml:31:16: a rule must end after it starts; found `2026-01-01 to 2026-01-01`
bad.yaml:32:11: a condition must be true or false; found `count`
bad.yaml:33:13: not an effect of an engagement rule; found `rebalance`; expected `deny`, `hold`, `require_approval`, `require`, `advise`, `allow`, `mandate`
bad.yaml:36:5: rule `R3` needs `roles:`
  hint: its effect is `require_approval`
bad.yaml:36:5: rule `R3` needs a condition; expected either `when:` or `count:`
bad.yaml:42:17: `obligation` has no meaning here
  hint: its effect is `require_approval`
bad.yaml:43:12: `until` has no meaning here
  hint: its effect is `require_approval`
bad.yaml:43:12: `until` must be a date; found `money`
bad.yaml:44:17: not a choice here; found `none`; expected `require_approval`
bad.yaml:47:5: rule `R4` needs `group:`
  hint: its effect is `hit`
bad.yaml:47:5: rule `R4` needs a condition; expected either `when:` or `count:`
bad.yaml:52:27: `5.001` has more decimals than the currency, 2; expected for example `money("50000.00")`
bad.yaml:53:20: rule `R4` counts group `g`, which has no indicators on a territory
bad.yaml:61:11: `rep.left_on` may be none, and nothing before it asks
  hint: write `has(rep.left_on) && …`, or `!has(rep.left_on) || …`
bad.yaml:61:25: `2026-02-30` is not a date; expected for example `date("2026-01-31")`
bad.yaml:63:16: `limit` has a meaning already
bad.yaml:65:16: `twice` has a meaning already
bad.yaml:65:32: unknown parameter `thrice`
  hint: did you mean `twice`?
bad.yaml:68:9: rule `R5` stands twice
  hint: first at bad.yaml:56:9
bad.yaml:73:62: cannot compare `company.open_requests` (count) with `money("5")` (money)
bad.yaml:74:15: rule `R5` defeats `R6x`, which is not a rule on a company
  hint: did you mean `R6`?
bad.yaml:74:20: rule `R5` defeats `R4`, which is not a rule on a company
  hint: a rule defeats rules on its own subject
bad.yaml:75:17: not a choice here; found `defeat`; expected `none`
bad.yaml:83:20: rule `R6` counts group `h`, which has no indicators on a company
good.yaml:5:3: parameter `limit` stands twice
  hint: first at bad.yaml:5:3"""  # noqa: E501 -- a message is one line


def loaded(*texts: str) -> PolicySet:
    return load_policies((f"{i}.yaml", text) for i, text in enumerate(texts))


def problems_of(*texts: str) -> list[str]:
    with pytest.raises(BadInput) as refused:
        loaded(*texts)
    return [str(problem) for problem in refused.value.problems]


def rule_of(lines: str, *, parameters: str = "{}") -> Rule:
    """The one rule of a policy: `lines` beside id, title, effective, message and source."""
    return loaded(policy_of(lines, parameters=parameters)).rules()[0]


def policy_of(lines: str, *, parameters: str = "{}") -> str:
    head = f"policy: p\ntitle: t\nowner: o\nparameters: {parameters}\nrules:\n"
    return f"{head}  - {{id: R, title: t, effective: {{from: 2026-01-01}}, message: m, source: s, {lines}}}\n"


def test_every_mistake_is_told_at_once_with_its_place_and_a_hint() -> None:
    with pytest.raises(BadInput) as refused:
        load_policies([("good.yaml", SHARED), ("bad.yaml", MISTAKEN)])
    assert str(refused.value).splitlines() == TOLD.splitlines()


def test_what_is_told_is_one_line_without_a_final_stop_and_without_a_class_name() -> None:
    for line in TOLD.splitlines():
        message = line.partition(": ")[2] if not line.startswith("  hint: ") else line.removeprefix("  hint: ")
        assert not message.endswith(".")
        assert message[0].islower() or message[0] == "`"
        assert "Shape" not in line


def test_a_file_that_is_no_policy_is_told_beside_the_mistakes_of_the_others() -> None:
    assert problems_of("- 1", SHARED.replace("unit: percent", "unit: parsecs"), "a: [") == [
        "0.yaml:1:1: input should be a set of keys",
        (
            "1.yaml:5:17: `unit`: input should be '', 'days', 'count', 'money', 'percent', 'points', 'ratio', 'date',"
            " 'text' or 'bool'; found `parsecs`"
        ),
        "2.yaml:1:5: not valid YAML: while parsing a flow node, did not find expected node content",
    ]


def test_relations_are_not_judged_while_a_file_is_missing_that_may_hold_the_other_rule() -> None:
    lonely = policy_of("kind: non_trigger, subject: company, when: company.open_requests > 0, defeats: [T9]")
    assert problems_of(lonely, "- 1") == ["1.yaml:1:1: input should be a set of keys"]
    assert problems_of(lonely) == [
        "0.yaml:6:157: rule `R` defeats `T9`, which is not a rule on a company\n  hint: a rule defeats rules on its own subject"  # noqa: E501 -- a message is one line
    ]


def test_a_parameter_without_a_unit_is_refused() -> None:
    assert problems_of(SHARED.replace("unit: percent", "unit: ''")) == ["0.yaml:5:17: `unit`: a parameter needs a unit"]


def test_one_name_has_one_meaning_across_all_files() -> None:
    assert problems_of(SHARED, SHARED) == [
        "1.yaml:1:9: policy `shared` stands twice\n  hint: first at 0.yaml:1:9",
        "1.yaml:5:3: parameter `limit` stands twice\n  hint: first at 0.yaml:5:3",
    ]


def test_a_rule_may_use_a_parameter_of_another_file_whichever_comes_first() -> None:
    text = policy_of("kind: trigger, subject: company, effect: review, when: company.headcount_turnover > limit")
    for files in ([text, SHARED], [SHARED, text]):
        (rule,) = loaded(*files).rules()
        assert rule.when is not None
        assert rule.when.parameters == ("limit",)


DATED = """\
policy: p
title: t
owner: o
parameters:
  rest:
    unit: days
    values:
      2026-02-01: {value: 180, assumption: "two quarters"}
      2025-02-01: {value: 120, source: "handbook"}
  share: {unit: percent, values: {2025-02-01: {value: 12.34, source: "handbook"}}}
  gap: {unit: points, values: {2025-02-01: {value: 30, source: "handbook"}}}
  amount: {unit: money, values: {2025-02-01: {value: 50000.01, source: "handbook"}}}
  reasons: {unit: text, values: {2025-02-01: {value: [leaver, no], source: "handbook"}}}
"""


def test_a_dated_parameter_has_the_value_of_the_day_and_none_before_its_first() -> None:
    policies = loaded(DATED)
    days = (date(2025, 1, 31), date(2025, 2, 1), date(2026, 1, 31), date(2026, 2, 1), date(2030, 1, 1))
    assert [in_force(policies, day).get("rest") for day in days] == [None, 120, 120, 180, 180]
    assert in_force(policies, days[0]) == {}


def test_a_parameter_is_exact_in_its_unit_and_keeps_its_source_and_its_place() -> None:
    policies = loaded(DATED)
    assert in_force(policies, date(2026, 2, 1)) == {
        "rest": 180,
        "share": Fraction(617, 5000),
        "gap": Fraction(3, 10),
        "amount": 5_000_001,
        "reasons": ("leaver", "no"),
    }
    value = policies.parameters()["rest"].at(date(2026, 2, 1))
    assert value is not None
    assert (value.source, value.assumption, str(value.place)) == ("", "two quarters", "0.yaml:8:19")
    assert policies.parameters()["rest"].unit is Unit.DAYS


def test_a_currency_without_cents_is_read_without_cents() -> None:
    text = DATED.replace("50000.01", "50000")
    assert in_force(load_policies([("p.yaml", text)], minor_digits=0), date(2026, 1, 1))["amount"] == 50_000
    with pytest.raises(BadInput, match=r"not an amount such as 50000 or 1250\.50; found `50000\.01`"):
        load_policies([("p.yaml", DATED)], minor_digits=0)


def test_a_rule_is_in_force_from_its_first_day_to_the_day_before_its_end() -> None:
    text = policy_of("kind: engagement, subject: move, effect: deny, when: account.named")
    (rule,) = loaded(text.replace("{from: 2026-01-01}", "{from: 2026-01-01, to: 2026-07-01}")).rules()
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1))
    assert [rule.in_force(day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("lines", "on_unknown"),
    [
        ("kind: engagement, subject: move, effect: deny, when: account.named", Effect.HOLD),
        ("kind: engagement, subject: move, effect: hold, when: account.named", Effect.HOLD),
        ("kind: engagement, subject: move, effect: require_approval, roles: [a], when: account.named",
         Effect.REQUIRE_APPROVAL),
        ("kind: engagement, subject: move, effect: require, obligation: o, when: account.named", Effect.REQUIRE),
        ("kind: engagement, subject: move, effect: advise, obligation: o, when: account.named", None),
        ("kind: trigger, subject: company, effect: rebalance, when: company.open_mergers > 0", None),
        ("kind: non_trigger, subject: company, when: company.open_mergers > 0, defeats: [R]", None),
        ("kind: grandfathering, subject: opportunity, effect: exempt, when: opportunity.won", None),
        ("kind: engagement, subject: move, effect: deny, on_unknown: none, when: account.named", None),
        ("kind: engagement, subject: move, effect: deny, on_unknown: deny, when: account.named", Effect.DENY),
        ("kind: engagement, subject: move, effect: hold, on_unknown: none, when: account.named", None),
        ("kind: trigger, subject: company, effect: review, on_unknown: review, when: company.open_mergers > 0",
         Effect.REVIEW),
    ],
)  # fmt: skip
def test_an_unknown_condition_does_what_the_domain_says_unless_the_rule_says_otherwise(
    lines: str, on_unknown: Effect | None
) -> None:
    assert rule_of(lines).on_unknown is on_unknown


@pytest.mark.parametrize(
    ("lines", "choice", "choices"),
    [
        ("kind: engagement, subject: move, effect: require_approval, roles: [a]", "none", "`require_approval`"),
        ("kind: engagement, subject: move, effect: require, obligation: o", "none", "`require`"),
        ("kind: engagement, subject: move, effect: advise, obligation: o", "advise", "`none`"),
        ("kind: engagement, subject: move, effect: hold", "deny", "`none`, `hold`"),
        ("kind: engagement, subject: move, effect: deny", "approval", "`none`, `hold`, `deny`"),
    ],
)
def test_a_choice_for_the_unknown_that_would_be_ignored_is_refused(lines: str, choice: str, choices: str) -> None:
    (told,) = problems_of(policy_of(f"{lines}, when: account.named, on_unknown: {choice}"))
    assert told.endswith(f"not a choice here; found `{choice}`; expected {choices}")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("kind: engagement, subject: rep, effect: deny, when: rep.asked_for_it",
         "not a subject of an engagement rule; found `rep`; expected `move`"),
        ("kind: protection, subject: move, when: account.named, lines: [{name: a, formula: account.t12, text: t}]",
         "not a subject of a protection rule; found `move`; expected `rep`"),
        ("kind: trigger, subject: company, effect: deny, when: company.open_mergers > 0",
         "not an effect of a trigger rule; found `deny`; expected `watch`, `review`, `rebalance`"),
        ("kind: engagement, subject: move, when: account.named",
         ("not an effect of an engagement rule; expected `deny`, `hold`, `require_approval`, `require`, `advise`,"
          " `allow`, `mandate`")),
        ("kind: engagement, subject: move, effect: deny, when: account.named, until: move.effective",
         "`until` has no meaning here\n  hint: its effect is `deny`"),
        ("kind: engagement, subject: move, effect: deny, when: account.named, roles: [a]",
         "`roles` has no meaning here\n  hint: its effect is `deny`"),
        ("kind: engagement, subject: move, effect: hold, when: account.named, until: account.t12",
         "`until` must be a date; found `money`"),
        ("kind: engagement, subject: move, effect: deny, when: account.named, message: '{accont.name} stays'",
         "key `message` stands twice"),
        (("kind: engagement, subject: move, effect: require, obligation: o, when: account.named, "
         "examples: [{name: n, expect: allow}]"),
         "not an expectation here; found `allow`; expected `fires`, `silent`, `unknown`"),
    ],
)  # fmt: skip
def test_a_combination_that_means_nothing_is_refused(lines: str, told: str) -> None:
    (problem,) = problems_of(policy_of(lines))
    assert problem.endswith(told)


def test_a_rule_without_an_example_on_each_side_is_named() -> None:
    lines = "kind: engagement, subject: move, effect: deny, when: account.named"

    def told(examples: str) -> list[str]:
        return [p.expected for p in example_problems(loaded(policy_of(f"{lines}, examples: [{examples}]")))]

    def example(expect: str) -> str:
        return f"{{name: n, expect: {expect}}}"

    assert told("") == ["one that fires", "one that does not fire"]
    assert told(example("fires")) == told(example("deny")) == ["one that does not fire"]
    assert told(example("silent")) == told(example("allow")) == ["one that fires"]
    # A denial that ends as a hold was unknown, and shows neither side.
    assert told(example("hold")) == told(example("unknown")) == ["one that fires", "one that does not fire"]
    assert told(f"{example('deny')}, {example('allow')}") == []


@given(st.integers(0, len(DATED) - 1), st.characters(codec="utf-8"))
def test_any_other_character_of_a_file_is_another_content(at: int, character: str) -> None:
    text = DATED[:at] + character + DATED[at + 1 :]
    try:
        changed = loaded(text)
    except BadInput:
        return
    assert (changed.sha256 == loaded(DATED).sha256) == (text == DATED)
    assert (changed.policies[0].sha256 == loaded(DATED).policies[0].sha256) == (text == DATED)


def test_a_remark_and_a_blank_at_the_end_of_a_line_are_content_too() -> None:
    hashes = {loaded(text).sha256 for text in (DATED, DATED + "#", DATED + "\n", DATED.replace("o\n", "o \n", 1))}
    assert len(hashes) == 4


def test_the_content_does_not_depend_on_the_order_or_the_names_of_files() -> None:
    one, other = loaded(DATED, SHARED), load_policies([("z.yaml", DATED), ("a.yaml", SHARED)])
    assert one.sha256 == other.sha256
    assert one.sha256 != loaded(DATED).sha256
