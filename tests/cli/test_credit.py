"""Who keeps the credit, under a schedule and under a cap, word for word."""

from collections.abc import Callable

import pytest

from tests.cli.conftest import Desk

SCHEDULE = """\
policy: credit
title: How credit passes over
owner: sales-operations
parameters:
  credit_schedule: {title: which one counts, unit: text, values: {2000-01-01: {value: open_deals, assumption: a}}}
schedules:
  open_deals:
    from: move.effective
    shares:
      rep: [{through: 3, original: 100}, {through: 6, original: 75}, {through: 9, original: 50}]
      manager: [{through: 6, original: 50}]
    assumption: "credit passes over in quarters"
"""
CAP = """\
policy: credit
title: How many deals a rep may hold
owner: sales-operations
parameters:
  hold_cap_per_rep: {title: held deals of one rep, unit: count, values: {2000-01-01: {value: 1, assumption: a}}}
  hold_cap_order: {title: which deals come first, unit: text, values: {2000-01-01: {value: largest, assumption: a}}}
"""


def with_policy(desk: Desk, added: str) -> Desk:
    (desk.root / "policies" / "credit.yaml").write_text(added, "utf-8")
    return desk


@pytest.mark.parametrize("kind", ["txt", "json"])
def test_an_open_deal_under_a_schedule_shows_its_shares_month_by_month(
    kind: str, desk_at: Callable[[str], Desk], golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = with_policy(desk_at("imported"), SCHEDULE)
    monkeypatch.chdir(desk.root)
    words = ("credit", "show", "OP-5273", "--moves", "moves.csv")
    golden(f"credit-scheduled.{kind}", desk.run(*(words if kind == "txt" else ("--json", *words))).stdout)


def test_a_list_under_a_schedule_says_the_shares_one_after_the_other(
    desk_at: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = with_policy(desk_at("imported"), SCHEDULE)
    monkeypatch.chdir(desk.root)
    held = [line for line in desk.run("credit", "list", "--moves", "moves.csv").stdout.splitlines() if " held " in line]
    assert held
    assert all("100, 75, 50, 0 %" in line for line in held)


def test_deals_beyond_the_cap_are_listed_with_the_reason(
    desk_at: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = with_policy(desk_at("imported"), CAP)
    monkeypatch.chdir(desk.root)
    deals = desk.ask("credit", "list", "--moves", "moves.csv")["deals"]
    held = [d for d in deals if d["outcome"] == "held"]
    beyond = [d for d in deals if d["reason"]]
    assert len({d["holder"] for d in held}) == len(held) == 3
    assert {d["reason"] for d in beyond} == {"beyond the cap of 1 held deal per rep, largest first"}
    assert {d["outcome"] for d in beyond} == {"ineligible"}
    for lesser in beyond:
        (kept,) = (d for d in held if d["holder"] == lesser["holder"])
        assert int(kept["amount_minor"]) >= int(lesser["amount_minor"])


def test_a_hold_that_has_no_length_yet_is_bad_input(
    desk_at: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_at("imported")
    desk.edit("policies/grandfathering.yaml", "{2000-01-01: {value: 90,", "{2030-01-01: {value: 90,")
    monkeypatch.chdir(desk.root)
    said = desk.refused("credit", "list", "--moves", "moves.csv", "--as-of", "2026-06-30")
    assert said == ["policies: parameter `hold_days` has no value on 2026-06-30"]
