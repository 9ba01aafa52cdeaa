"""What rests on what: each name is found where it is used, and a verdict depends on all that it was made of."""

from pathlib import Path

import pytest

from rules.model.policy import PolicySet
from rules.reading.load import load_policies
from rules.versions.uses import rules_on, uses_in

PACK = """\
policy: p
title: t
owner: o
parameters:
  rest: {unit: days, values: {2026-01-01: {value: 5, source: s}}, overrides: [
    {region: [EMEA], values: {2026-01-01: {value: 3, source: s}}}]}
  told: {unit: count, values: {2026-01-01: {value: 5, source: s}}}
  idle: {unit: count, values: {2026-01-01: {value: 5, source: s}}}
conditions:
  - {name: resting, subject: move, when: move.day_of_period < rest, source: s}
  - {name: quiet, subject: move, when: resting && account.named, source: s}
deadlines:
  soon: {subject: move, from: move.effective, within: 3 days, source: s}
rules:
  - {id: A, title: t, kind: engagement, subject: move, effective: {from: 2026-01-01}, when: quiet, effect: deny,
     message: "since {told}", source: s}
  - {id: B, title: t, kind: engagement, subject: move, effective: {from: 2026-01-01}, when: account.named,
     effect: allow, defeats: [A], message: m, source: s}
  - {id: C, title: t, kind: engagement, subject: move, effective: {from: 2026-01-01}, when: resting, effect: require,
     obligation: o, deadline: soon, mode: report, message: m, source: s}
"""


@pytest.fixture(scope="module")
def pack() -> PolicySet:
    return load_policies([("p.yaml", PACK)])


def used(policies: PolicySet, name: str) -> list[tuple[str, str, str]]:
    return [(u.what, u.name, u.how) for u in uses_in(policies).get(name, ())]


@pytest.mark.parametrize(
    ("name", "uses"),
    [
        ("rest", [("condition", "resting", "means")]),
        ("resting", [("rule", "C", "when"), ("condition", "quiet", "means")]),
        ("quiet", [("rule", "A", "when")]),
        ("told", [("rule", "A", "message")]),
        ("soon", [("rule", "C", "deadline")]),
        ("A", [("rule", "B", "defeats")]),
        ("idle", []),
    ],
)
def test_a_name_is_used_where_it_is_written_and_nowhere_else(
    name: str, uses: list[tuple[str, str, str]], pack: PolicySet
) -> None:
    assert used(pack, name) == uses


@pytest.mark.parametrize(
    ("name", "rules"), [("rest", ("A", "B")), ("quiet", ("A", "B")), ("A", ("A", "B")), ("told", ()), ("idle", ())]
)
def test_verdicts_depend_on_what_their_conditions_were_made_of_but_on_no_message_and_no_report(
    name: str, rules: tuple[str, ...], pack: PolicySet
) -> None:
    assert rules_on(pack, uses_in(pack), name) == rules


def test_a_parameter_is_used_by_a_fact_that_is_defined_with_it(project: Path) -> None:
    shipped = load_policies([(p.name, p.read_text("utf-8")) for p in sorted((project / "policies").glob("*.yaml"))])
    uses = uses_in(shipped)
    facts = {u.name for found in uses.values() for u in found if u.what == "fact"}
    assert facts
    assert any(rules_on(shipped, uses, name) for name, found in uses.items() if found[0].what == "fact")
