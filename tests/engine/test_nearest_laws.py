"""Laws of the nearest change, on small policies made at random: it does what it says, and nothing nearer does.

What was found is judged by the tables and the rules engine, and not by what searched; that there is nothing nearer, by
trying every value near the present one.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.conditions.condition_case import value_of
from engine.evaluate import Standing
from engine.explanation import nearest
from engine.explanation.boundaries import step_of
from engine.explanation.changes import ApprovalChange, Change, FactChange, Nearest, WaiverChange
from engine.explanation.nearest import nearest_changes
from engine.inference.inference import Inference
from engine.inference.ladders import logic_of
from engine.inference.logic import Pattern, Truth
from rules.expression.meaning import Given
from rules.kinds import Kind, Value
from rules.model.policy import PolicySet
from rules.model.rule_kind import Mode
from rules.reading.load import in_force
from rules.vocabulary import Field, Subject, fields_of
from tests.engine.asking import DAY as TODAY
from tests.engine.asking import asked, policy

Case = Mapping[str, Value | None]

FIELDS = fields_of(Subject.MOVE)
OPERATOR = st.sampled_from(["<", "<=", "==", "!=", ">=", ">"])
SMALL = st.integers(-1, 9)


def compared(left: str, right: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda operator, limit: f"{left} {operator} {limit}", OPERATOR, right)


NUMBER = SMALL.map(str)
LEAF = st.one_of(
    compared("account.late_deals", NUMBER),
    compared("account.late_deals + to_rep.accounts_after", NUMBER),
    compared("account.late_deals * 2", st.just("to_rep.accounts_after")),
    compared("account.late_deals / 3", NUMBER),
    compared("-account.late_deals", NUMBER),
    compared("(account.named ? account.late_deals : 4)", NUMBER),
    compared("account.late_deals - to_rep.accounts_after * 3", NUMBER),
    compared("account.late_deals", st.just("middling")),
    compared("to_rep.tenure", st.just("rest")),
    compared("move.effective", st.integers(1, 9).map(lambda day: f'date("2026-08-0{day}")')),
    compared("to_rep.utilisation_after", st.integers(8, 13).map(lambda tenth: f'ratio("{tenth / 10}")')),
    compared("to_rep.utilisation_after", st.just("from_rep.utilisation_after")),
    compared("account.tier", st.just('"A"')).filter(lambda text: "==" in text or "!=" in text),
    st.just('account.tier in ["A", "B"]'),
    st.just("account.late_deals in [2, 5, 7]"),
    st.just("account.named"),
    st.just("has(account.contract_end) && account.contract_end <= move.effective + rest"),
    st.just("!has(account.contract_end)"),
)
CONDITION = st.recursive(
    LEAF,
    lambda below: st.one_of(
        st.builds(lambda one, other: f"({one}) && ({other})", below, below),
        st.builds(lambda one, other: f"({one}) || ({other})", below, below),
        below.map(lambda one: f"!({one})"),
    ),
    max_leaves=3,
)
EFFECT = st.sampled_from(
    [
        "deny, waivable: by vp",
        "deny, on_unknown: none",
        "hold, on_unknown: hold",
        "hold, waivable: by ops",
        "require_approval, roles: [a, b], approvals: 1",
        "require_approval, roles: [b, c]",
        "allow, defeats: [R0]",
        "mandate, obligation: it moves",
        "advise, obligation: think",
        "deny, mode: report",
    ]
)
PARAMETERS = """{
  rest: {unit: days, values: {2026-01-01: {value: 4, source: s}}},
  middling: {unit: count, values: {2026-01-01: {value: 5, source: s}}},
}""".replace("\n", " ")


@st.composite
def rules(draw: st.DrawFn) -> tuple[str, ...]:
    count = draw(st.integers(1, 4))
    effects = [draw(EFFECT) for _ in range(count)]
    if effects[0].startswith("allow"):
        effects[0] = "deny, waivable: by vp"
    return tuple(
        f"id: R{n}, kind: engagement, subject: move, effect: {effect}, when: '{draw(CONDITION)}'"
        for n, effect in enumerate(effects)
    )


def policies_of(written: tuple[str, ...]) -> PolicySet:
    return policy(*written, parameters=PARAMETERS)


CASES = st.fixed_dictionaries(
    {
        "account.late_deals": st.none() | st.integers(0, 9),
        "to_rep.accounts_after": st.integers(0, 9),
        "to_rep.tenure": st.none() | st.integers(0, 8),
        "move.effective": st.dates(date(2026, 8, 1), date(2026, 8, 9)),
        "account.contract_end": st.none() | st.dates(date(2026, 8, 1), date(2026, 8, 9)),
        "to_rep.utilisation_after": st.none() | st.fractions(Fraction(4, 5), Fraction(7, 5), max_denominator=20),
        "from_rep.utilisation_after": st.fractions(Fraction(4, 5), Fraction(7, 5), max_denominator=20),
        "account.tier": st.sampled_from(["A", "B", "C"]),
        "account.named": st.booleans(),
    }
)


def answers(policies: PolicySet, changed: Mapping[str, tuple[Case, tuple[Change, ...]]]) -> Mapping[str, str | None]:
    """The verdict of every changed case, from the tables and the rules engine."""
    said = {name: changes for name, (_, changes) in changed.items()}
    standing = Standing(
        {n: frozenset((f"W-{c.rule}", c.rule) for c in cs if isinstance(c, WaiverChange)) for n, cs in said.items()},
        {n: frozenset(r for c in cs if isinstance(c, ApprovalChange) for r in c.roles) for n, cs in said.items()},
    )
    with asked(policies, {name: case for name, (case, _) in changed.items()}, standing=standing) as evaluation:
        return {name: c.level["verdict"] for name, c in evaluation.by_subject().items()}


def judged(policies: PolicySet, cases: Sequence[Case]) -> list[str | None]:
    """The verdict of every case, one by one."""
    counting = [rule for rule in policies.rules() if rule.mode is Mode.ENFORCE and rule.when is not None]
    parameters = in_force(policies, TODAY)
    with Inference(logic_of(policies.rules())) as inference:
        found = []
        for case in cases:
            values = [(rule.id, value_of(rule.when, case, parameters)) for rule in counting if rule.when is not None]
            truths = ((rule, Truth.TRUE if value else Truth.UNKNOWN) for rule, value in values if value is not False)
            found.append(inference.conclude(Pattern(frozenset(truths))).level["verdict"])
        return found


def after(case: Case, changes: tuple[Change, ...]) -> dict[str, Value | None]:
    facts = {change.fact: change.after for change in changes if isinstance(change, FactChange)}
    return {**case, **facts}  # type: ignore[dict-item]  # no fact here is a list


def law_of_what_is_told(policies: PolicySet, case: Case) -> None:
    """Every way leads where it says, and of a pair neither change leads there alone."""
    found = search(policies, case)
    ways = [(each.level, way.changes) for each in found.others for way in each.ways]
    alone = [(level, (change,)) for level, changes in ways if len(changes) > 1 for change in changes]
    tried = [changes for _, changes in (*ways, *alone)]
    told = answers(policies, {f"{n:03}": (after(case, changes), changes) for n, changes in enumerate(tried)})
    for n, (level, changes) in enumerate((*ways, *alone)):
        assert (told[f"{n:03}"] == level) is (n < len(ways)), (level, changes)


@settings(max_examples=12)
@given(rules(), CASES)
def test_every_way_leads_where_it_says_and_half_a_pair_does_not(written: tuple[str, ...], case: Case) -> None:
    law_of_what_is_told(policies_of(written), case)


@pytest.mark.exhaustive
@settings(max_examples=200)
@given(rules(), CASES)
def test_every_way_of_many_policies_leads_where_it_says(written: tuple[str, ...], case: Case) -> None:
    law_of_what_is_told(policies_of(written), case)


def law_of_the_nearest(policies: PolicySet, case: Case) -> None:
    """Every value near the present one is tried: none nearer than the one told leads to its level, and where no value
    is told none does.
    """
    found = search(policies, case)
    facts = sorted({name for rule in policies.rules() if rule.when is not None for name in rule.when.fields})
    near = [(name, value) for name in facts for value in around(FIELDS[name], case[name])]
    told = judged(policies, [{**case, name: value} for name, value in near])
    single = {
        (change.fact, each.level): change
        for each in found.others
        for way in each.ways
        for change in way.changes
        if len(way.changes) == 1 and isinstance(change, FactChange)
    }
    assert found.partly == ()
    for (name, value), level in zip(near, told, strict=True):
        if level == found.level:
            continue
        change = single.get((name, level or ""))
        assert change is not None, f"{name} {case[name]} → {value} leads to {level}"
        field = FIELDS[name]
        slack = step_of(field) if field.kind is Kind.RATIO else 0
        assert distance(field, case[name], change.after) <= distance(field, case[name], value) + slack


@settings(max_examples=15)
@given(rules(), CASES)
def test_nothing_nearer_leads_there(written: tuple[str, ...], case: Case) -> None:
    law_of_the_nearest(policies_of(written), case)


@pytest.mark.exhaustive
@settings(max_examples=600)
@given(rules(), CASES)
def test_nothing_nearer_leads_there_on_many_policies(written: tuple[str, ...], case: Case) -> None:
    law_of_the_nearest(policies_of(written), case)


def law_of_concern(policies: PolicySet, case: Case) -> None:
    """Whatever level two changes of any facts lead to, two changes of the facts that are looked at lead to."""
    found = search(policies, case)
    with pytest.MonkeyPatch.context() as everything:
        everything.setattr(nearest, "concerned_facts", lambda supposing, *_: frozenset(supposing.readers))
        everything.setattr(nearest, "MOST_TRIED", 100_000)
        widest = search(policies, case)
    assert not found.cut
    assert [(e.level, bool(e.ways)) for e in found.others] == [(e.level, bool(e.ways)) for e in widest.others]


@settings(max_examples=8)
@given(rules(), CASES)
def test_no_fact_that_is_passed_over_would_lead_anywhere(written: tuple[str, ...], case: Case) -> None:
    law_of_concern(policies_of(written), case)


@pytest.mark.exhaustive
@settings(max_examples=200)
@given(rules(), CASES)
def test_no_fact_that_is_passed_over_would_lead_anywhere_on_many_policies(written: tuple[str, ...], case: Case) -> None:
    law_of_concern(policies_of(written), case)


def search(policies: PolicySet, case: Case) -> Nearest:
    with asked(policies, {"S": case}) as evaluation:
        return nearest_changes(evaluation, "S")


def around(field: Field, present: Value | None) -> Iterator[Value | None]:
    """Every value of a small domain around the present one, or around where a missing one is looked at from."""
    match field.kind:
        case Kind.BOOL:
            yield from (value for value in (True, False) if value != present)
        case Kind.TEXT:
            yield from (value for value in ("A", "B", "C", "") if value != present)
        case Kind.RATIO:
            start = Fraction(present or 0)  # type: ignore[arg-type]  # a ratio
            yield from (start + Fraction(n, 200) for n in range(-150, 301) if n or present is None)
        case Kind.DATE:
            begin = present if isinstance(present, date) else TODAY
            yield from (begin + timedelta(n) for n in range(-20, 60) if n or present is None)
        case _:
            begin_number = int(present or 0)  # type: ignore[arg-type]  # a whole number
            least = 0 if field.kind is Kind.COUNT else -30
            yield from (v for v in range(begin_number - 30, begin_number + 31) if v >= least and v != present)
    if field.optional and present is not None:
        yield None


def distance(field: Field, present: Value | None, value: Given | None) -> Fraction:
    """How far a value lies from the present one; all texts, and no value at all, lie beyond every number."""
    if value is None:
        return Fraction(10**9)
    if field.kind in (Kind.BOOL, Kind.TEXT):
        return Fraction(1)
    start = present if present is not None else TODAY if field.kind is Kind.DATE else 0
    if isinstance(start, date) and isinstance(value, date):
        return Fraction(abs((value - start).days))
    return abs(Fraction(value) - Fraction(start))  # type: ignore[arg-type]  # numbers both
