"""Every name means one thing over all files, and rules name what exists."""

import pytest

from engine.inference.ladders import LADDER_OF
from rules.kinds import Kind
from rules.model.extent import EXTENT_FACTS
from rules.model.rule_kind import QUESTION, Effect, RuleKind
from rules.vocabulary import Subject, fields_of
from tests.rules.declaring import loaded, rule, told

PARAMETER = "parameters: {{{name}: {{unit: count, values: {{2026-01-01: {{value: 2, source: s}}}}}}}}\n"
DECLARED = {
    "parameter": PARAMETER,
    "condition": "conditions: [{{name: {name}, subject: move, when: account.named, source: s}}]\n",
    "derived value": "derive: [{{name: {name}, subject: move, source: s, cases: [{{when: 'true', value: x}}]}}]\n",
    "band": "bands: [{{name: {name}, of: territory.t12, low: 'money(\"5\")', source: s}}]\n",
    "table": "tables: [{{name: {name}, subject: move, hit: first, inputs: [account.named], source: s, "
             "rows: [{{if: ['-'], then: x}}]}}]\n",
    "formula": "formulas: [{{name: {name}, title: t, subject: rep, source: s, "
               "lines: [{{name: zz, formula: rep.base_earnings, text: t}}]}}]\n",
    "deadline": "deadlines: {{{name}: {{subject: move, from: move.effective, within: 5 days, source: s}}}}\n",
    "schedule": "schedules: {{{name}: {{from: move.effective, source: s, shares: {{rep: [{{original: 0}}]}}}}}}\n",
}  # fmt: skip


@pytest.mark.parametrize("other", DECLARED)
@pytest.mark.parametrize("what", DECLARED)
def test_a_name_is_given_once_whatever_it_names(what: str, other: str) -> None:
    first, second = (DECLARED[w].format(name="x") for w in (what, other))
    loaded(first)
    (problem,) = told(first, second)
    if what == other:
        assert f"{what} `x` stands twice\n  hint: first at 0.yaml:" in problem
    else:
        assert f"`x` names two things\n  hint: it is a {what} at 0.yaml:" in problem
    assert problem.startswith("1.yaml:")


@pytest.mark.parametrize("what", ["condition", "derived value", "band", "table"])
def test_no_name_hides_a_fact(what: str) -> None:
    problems = told(DECLARED[what].format(name="account.t12"))
    assert problems == [
        f"{problems[0].partition(': ')[0]}: `account.t12` is a fact already\n  hint: give the {what} a name of its own"
    ]


def test_a_parameter_is_named_as_an_expression_can_name_it() -> None:
    assert "not a name; found `two words`; expected small letters" in told(PARAMETER.format(name="two words"))[0]


@pytest.mark.parametrize("name", ["true", "in", "if", "null"])
def test_what_an_expression_reads_as_something_else_is_no_name(name: str) -> None:
    for what in ("parameter", "condition"):
        assert f"`{name}` means something else in every expression" in told(DECLARED[what].format(name=f"'{name}'"))[0]


def test_a_set_of_policies_has_one_calendar() -> None:
    calendar = "calendar: {fiscal_year_starts: 2, source: s}\n"
    assert loaded(calendar).calendar.fiscal_start_month == 2
    assert loaded(PARAMETER.format(name="x")).calendar.fiscal_start_month == 1
    assert told(calendar, calendar) == ["1.yaml:4:11: a company has one calendar\n  hint: first at 0.yaml:4:11"]


def test_rules_defeat_rules_on_the_same_question_alone() -> None:
    texts = [
        rule("kind: trigger, subject: company, effect: watch, when: company.open_mergers > 0, defeats: [S]", id="T"),
        rule("kind: stop_condition, subject: company, when: company.open_mergers > 0", id="S"),
    ]
    assert told("rules:\n" + "".join(texts)) == [
        (
            "0.yaml:5:167: rule `T` defeats `S`, which answers another question\n"
            "  hint: one is about rebalance, the other about review"
        )
    ]
    both = rule("kind: reversal_signal, subject: company, when: company.open_mergers > 0, defeats: [S]", id="T")
    assert loaded("rules:\n" + both + texts[1]).rules()[0].defeats == ("S",)


def test_a_kind_of_rule_answers_the_question_whose_ladder_it_climbs() -> None:
    assert {kind: ladder.name for kind, ladder in LADDER_OF.items()} == dict(QUESTION)
    assert set(QUESTION) == set(RuleKind)


def test_the_facts_that_say_where_a_subject_lies_are_texts_of_that_subject() -> None:
    for subject, facts in EXTENT_FACTS.items():
        assert {fields_of(subject)[fact].kind for fact in facts if fact} == {Kind.TEXT}


MOVE = "kind: engagement, subject: move, when: account.named"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (f"{MOVE}, effect: allow", "rule `R` needs `defeats:`\n  hint: its effect is `allow`"),
        (f"{MOVE}, effect: mandate", "rule `R` needs `obligation:`\n  hint: its effect is `mandate`"),
        (f"{MOVE}, effect: deny, to: account.name", "`to` has no meaning here\n  hint: its effect is `deny`"),
        (f"{MOVE}, effect: deny, approvals: any", "`approvals` has no meaning here"),
        (f"{MOVE}, effect: deny, deadline: soon", "`deadline` has no meaning here"),
        (f"{MOVE}, effect: require_approval, roles: [a, b], approvals: 3", "more approvals than roles; found `3`"),
        (f"{MOVE}, effect: require_approval, roles: [a, a]", "`a` stands twice in `roles`"),
        (f"{MOVE}, effect: require_approval, roles: [a], approvals: most", "`approvals`: input should be a whole"),
        (f"{MOVE}, effect: deny, tags: [a, '']", "`tags`: is empty"),
        (f"{MOVE}, effect: mandate, obligation: o, to: account.nme", "unknown fact `account.nme`\n  hint: did you"),
        (f"{MOVE}, effect: mandate, obligation: o, to: account.t12", "`to` names who receives the account; found `mon"),
        (f"{MOVE}, effect: mandate, obligation: o, deadline: soon", "is due by `soon`, which is no deadline on a move"),
        (f"{MOVE}, effect: mandate, obligation: o, deadline: introductions", "hint: did you mean `introduction`?"),
        (f"{MOVE}, effect: advise, obligation: o, deadline: pay_out", "which is no deadline on a move"),
        (f"{MOVE}, effect: mandate, obligation: o, on_unknown: mandate", "not a choice here; found `mandate`; expe"),
        (f"{MOVE}, effect: mandate, obligation: o, examples: [{{name: n, expect: mandate}}]", "not an expectation"),
        ("kind: governance, subject: move, effect: fail, when: account.named", "not a subject of a governance rule"),
        ("kind: governance, subject: rule, effect: deny, when: 'true'", "expected `finding`, `fail`"),
    ],
)  # fmt: skip
def test_a_rule_whose_keys_do_not_fit_its_effect_is_refused(lines: str, words: str) -> None:
    deadlines = """\
deadlines:
  introduction: {subject: move, from: move.effective, within: 5 days, source: s}
  pay_out: {subject: opportunity, from: move.effective, within: 5 days, source: s}
"""
    assert any(words in problem for problem in told(deadlines + "rules:\n" + rule(lines)))


def test_a_rule_says_how_severe_it_is_who_owns_it_and_by_when_it_is_owed() -> None:
    text = "deadlines:\n  soon: {subject: move, from: move.effective, within: 5 days, source: s}\nrules:\n"
    mandate = (
        f"{MOVE}, effect: mandate, obligation: move it, deadline: soon, to: account.name, severity: high, owner: vp"
    )
    (found,) = loaded(text + rule(f"{mandate}, tags: [a, b], mode: report")).rules()
    assert (found.effect, found.deadline, found.to, found.on_unknown) == (Effect.MANDATE, "soon", "account.name", None)
    assert (found.severity.value, found.owner, found.tags, found.mode.value) == ("high", "vp", ("a", "b"), "report")
    (plain,) = loaded("rules:\n" + rule(f"{MOVE}, effect: deny")).rules()
    assert (plain.severity.value, plain.owner, plain.tags) == ("medium", "sales-operations", ())


@pytest.mark.parametrize(("written", "needed"), [("all", 0), ("any", 1), ("2", 2)])
def test_all_any_or_some_of_the_roles_must_approve(written: str, needed: int) -> None:
    lines = f"{MOVE}, effect: require_approval, roles: [a, b], approvals: {written}"
    (found,) = loaded("rules:\n" + rule(lines)).rules()
    assert found.approvals_needed == needed


@pytest.mark.parametrize(("written", "effect"), [("", Effect.FAIL), (", on_unknown: finding", Effect.FINDING)])
def test_a_governance_check_that_cannot_be_made_fails_unless_the_rule_says_otherwise(
    written: str, effect: Effect
) -> None:
    (fact,) = [f.name for f in fields_of(Subject.DECISION).values() if f.kind is Kind.BOOL and not f.optional][:1]
    lines = f"kind: governance, subject: decision, effect: fail, when: {fact}{written}"
    (found,) = loaded("rules:\n" + rule(lines)).rules()
    assert found.on_unknown is effect
