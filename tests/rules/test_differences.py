"""What changed between two versions of the policies is said thing by thing, exactly, and nothing is left out."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.kinds import Kind, Unit
from rules.model.calendar import Calendar, Window
from rules.model.deadline import Deadline
from rules.model.definition import (
    DecisionTable,
    Definition,
    Formula,
    FormulaExample,
    HitPolicy,
    Line,
    Origin,
    Rounding,
    TableRow,
)
from rules.model.metric import Aggregate, Metric, State
from rules.model.parameter import Extent, Override, Parameter, ParameterValue
from rules.model.policy import Binding, Count, Policy, PolicySet
from rules.model.rule_kind import Effect, Mode, RuleKind, Severity
from rules.model.schedule import Schedule, Slice
from rules.problem import Place
from rules.reading.load import load_policies
from rules.versions.differences import Change, differences
from rules.versions.statements import exact, statements
from rules.vocabulary import Subject

TEXT = """
policy: rest
title: How long an account rests
owner: sales-operations
parameters:
  rest_days:
    title: days between two moves
    unit: days
    values:
      2025-01-01: {value: 120, source: handbook}
rules:
  - id: REST
    title: an account rests
    kind: engagement
    subject: move
    effective: {from: 2025-01-01}
    when: has(account.last_moved_on) && move.effective < account.last_moved_on + rest_days
    effect: deny
    message: "it rests for {rest_days}"
    source: handbook
    examples:
      - name: never moved
        given: {move.effective: 2026-08-27}
        expect: allow
"""
PLACE = Place("here")
DAY = date(2026, 1, 1)
WIDE, NARROW = Extent(), Extent(("North",), ("SMB",))
FREE = ("place",)
"""Fields that say nothing: where a thing stands."""


def loaded(text: str = TEXT, name: str = "policies/rest.yaml") -> PolicySet:
    return load_policies([(name, text)])


def said(old: PolicySet, new: PolicySet) -> list[str]:
    return [str(d) for d in differences(old, new)]


def changed(old: str, new: str) -> list[str]:
    assert old in TEXT
    return said(loaded(), loaded(TEXT.replace(old, new)))


def test_a_version_does_not_differ_from_itself() -> None:
    assert differences(loaded(), loaded()) == ()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("effect: deny", "effect: hold", "changed rule REST: effect: deny → hold"),
        ("{from: 2025-01-01}", "{from: 2025-01-01, to: 2027-01-01}", "changed rule REST: to: 2027-01-01"),
        ("it rests", "it sleeps", "changed rule REST: message: it rests for {rest_days} → it sleeps for {rest_days}"),
        ("value: 120", "value: 90", "changed parameter rest_days: value from 2025-01-01: 120 days → 90 days"),
        (
            "value: 120, source: handbook}",
            "value: 120, assumption: house}",
            "changed parameter rest_days: assumption of 2025-01-01: house; source of 2025-01-01: handbook → nothing",
        ),
        (
            "title: How long an",
            "title: How an",
            "changed policy rest: title: How long an account rests → How an account rests",
        ),
        (
            " + rest_days",
            " + rest_days + days(1)",
            (
                "changed rule REST: when: has(account.last_moved_on)"
                " && move.effective < account.last_moved_on + rest_days"
                " → has(account.last_moved_on) && move.effective < account.last_moved_on + rest_days + days(1)"
            ),
        ),
        (
            "expect: allow",
            "expect: silent",
            (
                "changed rule REST: example “never moved”: given move.effective = 2026-08-27: allow"
                " → given move.effective = 2026-08-27: silent"
            ),
        ),
    ],
)
def test_a_change_is_said_with_what_stood_before_and_after(old: str, new: str, words: str) -> None:
    assert changed(old, new) == [words]


def test_a_rule_that_gets_another_id_is_removed_and_added() -> None:
    assert changed("id: REST", "id: REST2") == ["added rule REST2", "removed rule REST"]


def test_what_is_added_and_removed_is_told_with_all_that_it_says() -> None:
    other = loaded(TEXT.replace("id: REST", "id: REST2"))
    added, removed = differences(loaded(), other)
    assert (added.change, removed.change) == (Change.ADDED, Change.REMOVED)
    assert {d.label: d.after for d in added.details} == {d.label: d.before for d in removed.details}
    assert {d.before for d in added.details} == {d.after for d in removed.details} == {""}


def test_a_rule_that_moves_between_policies_says_from_where_to_where() -> None:
    start = TEXT.index("rules:")
    empty = TEXT[:start]
    other = "policy: other\ntitle: Another\nowner: vp\n"
    old = load_policies([("a.yaml", TEXT), ("b.yaml", other)])
    new = load_policies([("a.yaml", empty), ("b.yaml", other + TEXT[start:])])
    (moved,) = said(old, new)
    assert moved.startswith("changed rule REST: policy: rest → other")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    source: handbook\n", "    source: handbook  # page 4\n"),
        ("when: has(account.last_moved_on) &&", "when: >-\n      has(account.last_moved_on)\n      &&"),
        ("rest_days\n    effect", "(rest_days)\n    effect"),
    ],
)
def test_comments_blanks_and_needless_parentheses_are_no_difference(old: str, new: str) -> None:
    assert changed(old, new) == []


def test_the_name_of_a_file_is_no_difference() -> None:
    assert differences(loaded(), loaded(name="elsewhere/moved.yaml")) == ()


@given(
    value=st.fractions(max_denominator=10**9),
    other=st.fractions(max_denominator=10**9),
    unit=st.sampled_from((Unit.PERCENT, Unit.POINTS, Unit.RATIO)),
)
def test_two_shares_read_alike_only_if_they_are_equal(value: Fraction, other: Fraction, unit: Unit) -> None:
    assert (exact(value, unit) == exact(other, unit)) == (value == other)


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (Fraction(30001, 100000), Unit.PERCENT, "30.001 %"),
        (Fraction(1, 3), Unit.RATIO, "1/3"),
        (Fraction(-1, 20), Unit.POINTS, "-5 points"),
        (Fraction(-1, 200), Unit.RATIO, "-0.005"),
        (5_000_05, Unit.MONEY, "5000.05"),
        ((Fraction(1, 2), Fraction(3, 4)), Unit.RATIO, "0.5, 0.75"),
        (True, Unit.BOOL, "yes"),
        (None, Unit.TEXT, "unknown"),
    ],
)
def test_values_are_written_exactly(value: Any, unit: Unit, words: str) -> None:
    assert exact(value, unit) == words


def only(**parts: Any) -> PolicySet:
    """A policy set that holds nothing but these parts."""
    calendar = parts.pop("calendar", Calendar())
    return PolicySet((replace(Policy("p", "title", "owner", (), (), PLACE, ""), **parts),), "", calendar)


RULE = loaded().policies[0].rules[0]
assert RULE.when is not None
WHEN = RULE.when
OTHER = replace(WHEN, text="move.effective < account.last_moved_on")
EXAMPLE = FormulaExample("an example", {}, {}, None, {"x": True}, PLACE)
VALUE = ParameterValue(DAY, 3, "handbook", "", PLACE)
TABLE = DecisionTable((WHEN,), HitPolicy.FIRST, (TableRow((None,), ("-",), "a", PLACE),), (), "b")
DEFINITION = Definition("named", "t", Subject.MOVE, Origin.CONDITION, WHEN, "s", "", (EXAMPLE,), PLACE)

CHANGES: Mapping[str, tuple[Any, Callable[[Any], PolicySet], Mapping[str, Any]]] = {
    "rule": (
        RULE,
        lambda x: only(rules=(x,)),
        {
            "id": "OTHER",
            "kind": RuleKind.GOVERNANCE,
            "subject": Subject.REP,
            "effect": Effect.HOLD,
            "when": OTHER,
            "count": Count("g", 2),
            "group": "g",
            "title": "x",
            "message": "x",
            "defeats": ("X",),
            "roles": ("vp",),
            "obligation": "x",
            "waivable_by": "vp",
            "on_unknown": Effect.DENY,
            "until": WHEN,
            "start": DAY,
            "end": DAY,
            "source": "x",
            "assumption": "x",
            "lines": (Line("x", WHEN, "x"),),
            "examples": (),
            "severity": Severity.HIGH,
            "owner": "x",
            "tags": ("x",),
            "mode": Mode.REPORT,
            "deadline": "x",
            "to": "x",
            "lasts": "x",
            "scopes": (NARROW,),
        },
    ),
    "parameter": (
        Parameter("p", Unit.COUNT, (VALUE,), PLACE, "t", ()),
        lambda x: only(parameters=(x,)),
        {
            "name": "q",
            "unit": Unit.DAYS,
            "values": (VALUE, replace(VALUE, start=date(2027, 1, 1))),
            "title": "x",
            "overrides": (Override("p[North]", NARROW, (VALUE,), PLACE),),
        },
    ),
    "override": (
        Override("p[North]", NARROW, (VALUE,), PLACE),
        lambda x: only(parameters=(Parameter("p", Unit.COUNT, (VALUE,), PLACE, "t", (x,)),)),
        {"name": "p[South]", "scope": Extent(("South",)), "values": (replace(VALUE, value=4),)},
    ),
    "value": (
        VALUE,
        lambda x: only(parameters=(Parameter("p", Unit.COUNT, (x,), PLACE),)),
        {"start": date(2027, 1, 1), "value": (3, 4), "source": "x", "assumption": "x"},
    ),
    "definition": (
        DEFINITION,
        lambda x: only(definitions=(x,)),
        {
            "name": "q",
            "title": "x",
            "subject": Subject.REP,
            "origin": Origin.DERIVE,
            "checked": OTHER,
            "source": "x",
            "assumption": "x",
            "examples": (),
            "table": TABLE,
        },
    ),
    "table": (
        TABLE,
        lambda x: only(definitions=(replace(DEFINITION, origin=Origin.TABLE, table=x),)),
        {
            "inputs": (OTHER,),
            "hit": HitPolicy.ANY,
            "rows": (TableRow((None,), ("-",), "c", PLACE),),
            "priority": ("a",),
            "otherwise": None,
        },
    ),
    "formula": (
        Formula("f", "t", Subject.REP, (Line("x", WHEN, "x"),), (EXAMPLE,), "s", "", PLACE),
        lambda x: only(formulas=(x,)),
        {
            "name": "q",
            "title": "x",
            "subject": Subject.MOVE,
            "lines": (Line("y", WHEN, "x"),),
            "examples": (),
            "source": "x",
            "assumption": "x",
        },
    ),
    "line": (
        Line("x", WHEN, "x"),
        lambda x: only(formulas=(Formula("f", "t", Subject.REP, (x,), (), "s", "", PLACE),)),
        {"name": "y", "formula": OTHER, "text": "y", "rounding": Rounding.UP},
    ),
    "metric": (
        Metric(
            "rep.m",
            "t",
            Subject.REP,
            Aggregate.SUM,
            "a",
            "b",
            None,
            State.AS_OF,
            Kind.COUNT,
            Unit.COUNT,
            "s",
            "",
            PLACE,
        ),
        lambda x: only(metrics=(x,)),
        {
            "name": "rep.n",
            "title": "x",
            "subject": Subject.TERRITORY,
            "aggregate": Aggregate.MAX,
            "table": "x",
            "column": "x",
            "where": WHEN,
            "state": State.AFTER,
            "unit": Unit.MONEY,
            "source": "x",
            "assumption": "x",
        },
    ),
    "deadline": (
        Deadline("d", "t", Subject.MOVE, "move.effective", 5, True, 3, "vp", "s", "", PLACE),
        lambda x: only(deadlines=(x,)),
        {
            "name": "q",
            "title": "x",
            "subject": Subject.REP,
            "anchor": "x",
            "days": 6,
            "business": False,
            "extension_days": 4,
            "extended_by": "x",
            "source": "x",
            "assumption": "x",
        },
    ),
    "schedule": (
        Schedule("s", "t", "move.effective", (("rep", (Slice(3, 100),)),), "s", "", PLACE),
        lambda x: only(schedules=(x,)),
        {
            "name": "q",
            "title": "x",
            "anchor": "x",
            "shares": (("rep", (Slice(None, 100),)),),
            "source": "x",
            "assumption": "x",
        },
    ),
    "binding": (
        Binding(("R1",), WIDE, None, PLACE),
        lambda x: only(bindings=(x,)),
        {"rules": ("R2",), "scope": NARROW, "mode": Mode.REPORT},
    ),
    "calendar": (
        Calendar(),
        lambda x: only(calendar=x),
        {
            "fiscal_start_month": 2,
            "holidays": "DE-BY",
            "weekend": (4, 5),
            "closed": ("2026-12-24",),
            "windows": (Window((1,), 1, 45),),
        },
    ),
    "policy": (
        Policy("p", "title", "owner", (), (), PLACE, ""),
        lambda x: PolicySet((x,), ""),
        {"name": "q", "title": "x", "owner": "x"},
    ),
}
DERIVED = {"metric": {"kind"}, "rule": {"approvals_needed", "policy"}}
"""Fields said only with another: a kind with its unit, a number of approvals with roles; a rule's policy holds it."""
PARTS = {"sha256", "parameters", "rules", "definitions", "formulas", "metrics", "deadlines", "schedules", "bindings"}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_of_any_field_is_a_difference(what: str) -> None:
    thing, within, changes = CHANGES[what]
    said_nowhere = {*FREE, *DERIVED.get(what, ()), *(PARTS if what == "policy" else ())}
    assert {f.name for f in fields(thing)} - said_nowhere == set(changes)
    silent = [
        name for name, value in changes.items() if not said(within(thing), within(replace(thing, **{name: value})))
    ]
    assert silent == []


def test_how_many_of_the_roles_must_approve_is_said() -> None:
    rule = replace(RULE, roles=("a", "b"))
    assert said(only(rules=(rule,)), only(rules=(replace(rule, approvals_needed=1),))) == [
        "changed rule REST: approvals: all → 1"
    ]


def test_two_examples_of_one_name_are_both_said() -> None:
    twice = replace(RULE, examples=RULE.examples * 2)
    says = statements(only(rules=(twice,)))["rule", "REST"].says
    assert [label for label in says if label.startswith("example")] == [
        "example “never moved”",
        "example “never moved” again",
    ]
