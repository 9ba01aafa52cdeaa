"""A policy with one of everything loads; broken anywhere it is told at a place, and nothing else happens."""

import re

import pytest

from rules.problem import BadInput
from rules.reading.load import load_policies
from rules.reading.shapes import PolicyShape

PACK = """\
policy: p
title: t
owner: sales-operations
parameters:
  limit:
    unit: count
    values: {2026-01-01: {value: 5, source: s}}
    overrides:
      - {region: [EMEA, UK], segment: [SMB], values: {2026-01-01: {value: 1, source: s}}}
      - {region: [EMEA], values: {2026-01-01: {value: 3, source: s}}}
  kept: {unit: text, values: {2026-01-01: {value: [A, B], source: s}}}
  much: {unit: money, values: {2026-01-01: {value: 1000.50, source: s}}}
  low_water: {unit: percent, values: {2026-01-01: {value: 80, source: s}}}
calendar: {fiscal_year_starts: 2, holidays: US, source: s, windows: [{quarters: [1, 3], from: 1, to: 45}]}
conditions:
  - name: renewing
    subject: move
    when: has(account.contract_end) && account.contract_end < move.effective
    source: s
derive:
  - name: account.care
    subject: move
    cases:
      - {when: account.named || renewing, value: high}
      - {when: 'account.tier in kept', value: high}
    otherwise: plain
    source: s
    examples: [{name: n, given: {account.named: true}, expect: high}]
bands:
  - {name: attainment_band, of: territory.attainment, low: low_water, high: 'percent(120)', source: s}
tables:
  - name: notice
    subject: move
    hit: priority
    inputs: [account.size_segment, account.t12, account.contract_end, account.care]
    unit: days
    priority: [56, 28, 14]
    otherwise: 7
    source: s
    rows:
      - {if: ['"SMB"', '-', '> date("2026-01-01")', '"high"'], then: 14}
      - {if: ['"enterprise", "mid-market"', '[money("5")..much)', '-', '-'], then: 28}
      - {if: ['-', 'not(<= much, money("7"))', '-', 'not("high")'], then: 56}
formulas:
  - name: pay
    title: t
    subject: rep
    source: s
    lines:
      - {name: half, formula: 'divide(rep.base_earnings, 2)', text: t, round: down}
      - {name: keep, formula: 'max(half, much)', text: t}
    examples: [{name: n, given: {rep.base_earnings: 5}, expect: {half: 2.5}}]
metrics:
  - name: territory.open_pipeline
    title: open pipeline
    subject: territory
    sum: opportunities.amount
    where: opportunities.status == "open"
    unit: money
    source: s
deadlines:
  introduction:
    subject: move
    from: move.effective
    within: 5 business days
    extension: 5 business days by vp-sales
    source: s
schedules:
  open_deals: {from: move.effective, source: s, shares: {rep: [{through: 3, original: 100}], manager: [{original: 0}]}}
rules:
  - id: R1
    title: t
    kind: engagement
    subject: move
    effective: {from: 2026-01-01, to: 2027-01-01}
    when: account.care == "high" && account.late_deals > limit && notice > days(14)
    effect: require_approval
    roles: [a, b]
    approvals: any
    message: "m {account.name} {limit}"
    source: s
    tags: [pilot]
    examples:
      - name: n
        given: {to_rep.licences: [x], account.region: EMEA}
        parameters: {'limit[EMEA]': 2}
        expect: unknown
  - {id: R2, title: t, kind: engagement, subject: move, effective: {from: 2026-01-01}, when: account.named,
     effect: allow, defeats: [R1], message: m, source: s}
  - {id: R3, title: t, kind: engagement, subject: move, effective: {from: 2026-01-01}, when: renewing,
     effect: mandate, obligation: o, deadline: introduction, to: account.name, message: m, source: s}
  - {id: T1, title: t, kind: trigger, subject: territory, effective: {from: 2026-01-01},
     count: {group: g, at_least: 1}, effect: watch, message: m, source: s}
  - {id: I1, title: t, kind: indicator, subject: territory, effective: {from: 2026-01-01},
     when: 'attainment_band == "low" && territory.open_pipeline < much', group: g, message: m, source: s}
bindings:
  - {rules: [R1], region: [EMEA], mode: report}
  - {tags: [pilot], segment: [SMB]}
"""


def told(text: str) -> list[str]:
    """The problems of a text, none where it loads. Every problem names the file and a line of it."""
    try:
        load_policies([("p.yaml", text)])
    except BadInput as refused:
        lines = text.count("\n") + 1
        for problem in refused.problems:
            assert problem.where.file == "p.yaml"
            assert problem.where.line is not None
            assert 1 <= problem.where.line <= lines
            assert problem.message[0].islower() or problem.message[0] == "`"
            assert not problem.message.endswith(".")
        return [str(problem) for problem in refused.problems]
    return []


def test_the_pack_loads_and_has_every_section() -> None:
    assert told(PACK) == []
    sections = set(re.findall(r"^([a-z]+):", PACK, re.MULTILINE))
    assert sections == set(PolicyShape.model_fields)


@pytest.mark.parametrize("number", range(PACK.count("\n")))
def test_without_one_of_its_lines_it_loads_or_is_told_at_a_place(number: int) -> None:
    lines = PACK.splitlines(keepends=True)
    told("".join(lines[:number] + lines[number + 1 :]))


WORDS = sorted(set(re.findall(r"[A-Za-z_.]+", PACK)))


@pytest.mark.parametrize("word", WORDS)
def test_with_one_of_its_words_misspelt_it_loads_or_is_told_at_a_place(word: str) -> None:
    misspelt = re.sub(rf"(?<![A-Za-z_.]){re.escape(word)}(?![A-Za-z_.])", f"{word}x", PACK, count=1)
    assert misspelt != PACK
    told(misspelt)


@pytest.mark.exhaustive
def test_without_any_one_of_its_characters_it_loads_or_is_told_at_a_place() -> None:
    for at in range(len(PACK)):
        told(PACK[:at] + PACK[at + 1 :])
