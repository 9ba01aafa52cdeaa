"""What would have to change: the nearest value of each fact, a waiver, approvals, or two changes together."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

import pytest

from engine.evaluate import NOTHING_SAID, Standing
from engine.explanation import nearest as nearest_module
from engine.explanation.changes import FactChange, Hand, Nearest
from engine.explanation.nearest import nearest_changes
from engine.explanation.words import missed_words, search_words, way_words
from engine.inference.inference import InferenceError
from engine.moves import check_moves
from rules.kinds import Value
from rules.model.policy import PolicySet
from tests.engine.asking import asked, policy
from tests.engine.conftest import Loaded

Case = Mapping[str, Value | None]


def move(name: str, when: str, effect: str, rest: str = "") -> str:
    return f"id: {name}, kind: engagement, subject: move, effect: {effect}, when: '{when}'{rest and ', '}{rest}"


def searched(
    policies: PolicySet,
    case: Case,
    *,
    standing: Standing = NOTHING_SAID,
    missing: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[Nearest, dict[str, list[str]]]:
    """What was found for one subject, and the ways in words by level."""
    with asked(policies, {"S": case}, standing=standing, missing=missing) as evaluation:
        found = nearest_changes(evaluation, "S")
        return found, {e.level: [way_words(evaluation.question, way) for way in e.ways] for e in found.others}


def ways(policies: PolicySet, case: Case, level: str) -> list[str]:
    return searched(policies, case)[1][level]


LATE = move("R4", "account.late_deals > 2", "hold")


def test_a_count_moves_to_its_boundary_and_no_farther() -> None:
    assert ways(policy(LATE), {"account.late_deals": 7}, "allow") == ["account.late_deals 7 → 2, 5 less"]
    assert ways(policy(LATE), {"account.late_deals": 0}, "hold") == ["account.late_deals 0 → 3, 3 more"]


def test_a_count_does_not_fall_below_nothing() -> None:
    below = policy(move("R", "account.late_deals < 0", "hold"))
    assert ways(below, {"account.late_deals": 4}, "hold") == []


def test_a_date_moves_to_the_day_on_which_the_sum_beside_it_is_reached() -> None:
    rest = policy(
        move("R2", "has(account.last_moved_on) && move.effective < account.last_moved_on + rest", "deny"),
        parameters="{rest: {unit: days, values: {2026-01-01: {value: 180, source: s}}}}",
    )
    case: Case = {"move.effective": date(2026, 8, 3), "account.last_moved_on": date(2026, 3, 2)}
    assert ways(rest, case, "allow") == [
        "move.effective 2026-08-03 → 2026-08-29, 26 days later",
        "account.last_moved_on 2026-03-02 → 2026-02-04, 26 days earlier (in the past)",
    ]


def test_a_ratio_moves_to_its_boundary_exactly_or_by_the_last_digit_that_is_shown() -> None:
    book = policy(move("R7", 'to_rep.utilisation_after > ratio("1.2")', "deny"))
    assert ways(book, {"to_rep.utilisation_after": Fraction(4, 3)}, "allow") == [
        "to_rep.utilisation_after 1.333 → 1.200, 0.133 less"
    ]
    assert ways(book, {"to_rep.utilisation_after": Fraction(1)}, "deny") == [
        "to_rep.utilisation_after 1.000 → 1.201, 0.201 more"
    ]


def test_a_change_that_rounding_would_hide_is_told_exactly() -> None:
    book = policy(move("R7", 'to_rep.utilisation_after > ratio("1.2")', "deny"))
    assert ways(book, {"to_rep.utilisation_after": Fraction(12001, 10000)}, "allow") == [
        "to_rep.utilisation_after 1.200 (12001/10000) → 1.200 (6/5)"
    ]


def test_between_two_boundaries_closer_than_a_digit_there_is_still_a_value() -> None:
    narrow = 'to_rep.utilisation_after > ratio("1.2") && to_rep.utilisation_after < ratio("1.2002")'
    found, _ = searched(policy(move("R7", narrow, "deny")), {"to_rep.utilisation_after": Fraction(1)})
    ((change,),) = (way.changes for each in found.others for way in each.ways)
    assert isinstance(change, FactChange)
    assert change.after == Fraction(12001, 10000)


def test_yes_becomes_no_and_a_text_one_that_the_policies_name_or_do_not() -> None:
    tier = policy(move("R", 'account.named && account.tier == "A"', "deny"))
    assert ways(tier, {"account.named": True, "account.tier": "A"}, "allow") == [
        "account.named yes → no",
        "account.tier A → another text",
    ]
    assert ways(tier, {"account.named": True, "account.tier": "C"}, "deny") == ["account.tier C → A"]


def test_what_there_is_none_of_may_come_to_be_and_the_other_way_round() -> None:
    evidence = policy(move("R", "!has(move.evidence)", "hold"))
    assert ways(evidence, {}, "allow") == ["move.evidence none → another text"]
    assert ways(evidence, {"move.evidence": "a note"}, "hold") == ["move.evidence a note → none"]


def test_what_is_unknown_may_become_known() -> None:
    unknown = policy(move("R", "account.late_deals > 2", "deny", "on_unknown: hold"))
    assert searched(unknown, {})[1] == {
        "allow": ["account.late_deals unknown → 0"],
        "approval": [],
        "deny": ["account.late_deals unknown → 3"],
    }
    absent = {"account.contract_end": ("accounts.contract_end",)}
    contract = policy(move("R", "has(account.contract_end)", "deny", "on_unknown: hold"))
    assert searched(contract, {}, missing=absent)[1] == {
        "allow": ["account.contract_end unknown → none"],
        "approval": [],
        "deny": ["account.contract_end unknown → 2026-06-30"],
    }


def test_a_list_gains_or_loses_what_is_asked_for_and_not_every_list_is_looked_at() -> None:
    licence = policy(move("R", '!("lab" in to_rep.licences)', "deny"))
    found, words = searched(licence, {"to_rep.licences": ("food",)})  # type: ignore[dict-item]  # lists are facts too
    assert words["allow"] == ["to_rep.licences food → food, lab"]
    assert found.partly == ("to_rep.licences",)
    assert "not every value was looked at of to_rep.licences" in search_words(found)


@pytest.mark.parametrize(
    ("when", "case", "fact"),
    [
        ("account.late_deals % 3 == 1", {"account.late_deals": 3}, "account.late_deals"),
        ("account.late_deals * account.late_deals > 4", {"account.late_deals": 1}, "account.late_deals"),
        ('account.tier.startsWith("A")', {"account.tier": "B"}, "account.tier"),
        ("account.tier.size() > 3", {"account.tier": "B"}, "account.tier"),
    ],
)
def test_a_fact_that_is_read_in_another_way_than_by_comparing_it_is_said_to_be_searched_in_part(
    when: str, case: Case, fact: str
) -> None:
    found, _ = searched(policy(move("R", when, "deny")), case)
    assert found.partly == (fact,)


def test_a_waiver_counts_before_any_fact_and_only_where_the_rule_allows_it() -> None:
    waivable = policy(move("R", "account.late_deals > 2", "deny", "waivable: by vp-sales"))
    assert ways(waivable, {"account.late_deals": 3}, "allow") == [
        "R waived by vp-sales",
        "account.late_deals 3 → 2, 1 less",
    ]
    assert ways(policy(LATE), {"account.late_deals": 3}, "allow") == ["account.late_deals 3 → 2, 1 less"]


def test_the_fewest_approvals_that_are_enough_for_every_rule_are_one_change() -> None:
    both = policy(
        move("R1", "account.named", "require_approval", "roles: [a, b, c], approvals: 2"),
        move("R2", "account.named", "require_approval", "roles: [c, d]"),
    )
    assert ways(both, {"account.named": True}, "allow")[0] == "approved by a, c and d"
    given = Standing({}, {"S": frozenset({"b", "d"})})
    assert searched(both, {"account.named": True}, standing=given)[1]["allow"][0] == "approved by c"


def test_what_the_proposal_says_comes_before_the_records_and_those_before_the_past() -> None:
    any_of_four = (
        "account.named && account.late_deals > 2 && move.effective > date('2026-07-01')".replace("'", '"')
        + ' && has(account.last_moved_on) && account.last_moved_on > date("2026-01-31")'
    )
    case: Case = {
        "account.named": True,
        "account.late_deals": 3,
        "move.effective": date(2026, 8, 3),
        "account.last_moved_on": date(2026, 2, 2),
    }
    found, _ = searched(policy(move("R", any_of_four, "deny")), case)
    hands = [way.changes[0].hand for way in found.others[0].ways]
    assert hands == [Hand.PROPOSAL, Hand.RECORD, Hand.RECORD, Hand.PAST]


def test_a_rule_that_beats_the_other_is_a_way_and_so_is_the_loss_of_its_effect() -> None:
    beaten = policy(
        move("R", "account.named", "deny"),
        move("X", "account.late_deals > 2", "allow", "defeats: [R]"),
    )
    case: Case = {"account.named": True, "account.late_deals": 1}
    assert ways(beaten, case, "allow") == ["account.late_deals 1 → 3, 2 more", "account.named yes → no"]
    assert ways(beaten, {**case, "account.late_deals": 9}, "deny") == ["account.late_deals 9 → 2, 7 less"]


def test_a_conflict_ends_where_one_of_the_two_does() -> None:
    both = policy(
        move("M", "account.named", "mandate", "obligation: it moves"),
        move("D", "account.late_deals > 2", "deny"),
    )
    case: Case = {"account.named": True, "account.late_deals": 3}
    assert ways(both, case, "allow") == ["account.late_deals 3 → 2, 1 less"]


def test_an_indicator_changes_what_is_counted() -> None:
    counted = policy(
        "id: B, kind: trigger, subject: territory, effect: rebalance, count: {group: g, at_least: 2}",
        "id: I1, kind: indicator, subject: territory, group: g, when: territory.named",
        "id: I2, kind: indicator, subject: territory, group: g, when: territory.driving_hours > 30",
    )
    case: Case = {"territory.named": True, "territory.driving_hours": None}
    found, words = searched(counted, case)
    assert found.level is None
    assert words == {
        "none": ["territory.driving_hours unknown → 0", "territory.named yes → no"],
        "watch": [],
        "review": [],
        "rebalance": ["territory.driving_hours unknown → 31"],
    }


TWO = policy(
    move("R1", "account.late_deals > 2", "deny"),
    move("R2", "account.named", "deny", "waivable: by vp"),
    move("R3", "to_rep.accounts_after > 10", "require_approval", "roles: [ops]"),
)


def test_where_no_single_change_is_enough_two_are_looked_for() -> None:
    case: Case = {"account.late_deals": 4, "account.named": True, "to_rep.accounts_after": 8}
    found, words = searched(TWO, case)
    assert words["allow"] == ["R2 waived by vp, and account.late_deals 4 → 2, 2 less"]
    assert not found.cut


def test_where_two_are_not_enough_it_is_said() -> None:
    case: Case = {"account.late_deals": 4, "account.named": True, "to_rep.accounts_after": 11}
    found, words = searched(TWO, case)
    assert words["allow"] == []
    assert missed_words(found) == "no change of one or two"
    assert words["approval"] == ["R2 waived by vp, and account.late_deals 4 → 2, 2 less"]


def test_work_is_bounded_and_what_was_left_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest_module, "MOST_TRIED", 1)
    case: Case = {"account.late_deals": 4, "account.named": True, "to_rep.accounts_after": 11}
    found, words = searched(TWO, case)
    assert found.cut
    assert words["allow"] == []
    assert missed_words(found) == "no single change leads there, and no pair of those looked at"
    assert "not every pair of changes was looked at" in search_words(found)


def test_facts_of_a_pair_that_one_rule_reads_move_together() -> None:
    total = policy(
        move("R1", "account.late_deals + to_rep.accounts_after > 10", "deny"),
        move("R2", "account.late_deals > 3 && account.late_deals < 12", "deny"),
        move("R3", "account.late_deals > 20", "deny"),
    )
    case: Case = {"account.late_deals": 5, "to_rep.accounts_after": 12}
    assert ways(total, case, "allow") == ["account.late_deals 5 → 3, 2 less, and to_rep.accounts_after 12 → 7, 5 less"]


def test_a_rule_in_report_mode_is_no_way_to_anything() -> None:
    reported = policy(move("R", "account.late_deals > 2", "deny", "mode: report"), LATE)
    assert searched(reported, {"account.late_deals": 5})[1]["deny"] == []


def test_what_resolution_finds_and_the_rules_engine_does_not_bear_out_is_told_to_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def always(*_: object) -> dict[str, str]:
        return {"verdict": "deny"}

    monkeypatch.setattr("engine.explanation.supposing.level_of", always)
    with pytest.raises(InferenceError, match="does not conclude what resolution says"):
        searched(policy(LATE), {"account.late_deals": 0})


def test_the_same_is_found_whatever_the_order_of_the_rules() -> None:
    rules = [
        move("R1", "account.late_deals > 2 || account.named", "deny", "waivable: by vp"),
        move("R2", "account.named && to_rep.accounts_after > 3", "hold"),
        move("R3", "to_rep.accounts_after > 10", "require_approval", "roles: [ops]"),
    ]
    case: Case = {"account.late_deals": 4, "account.named": True, "to_rep.accounts_after": 11}
    assert searched(policy(*rules), case) == searched(policy(*rules[::-1]), case)


def test_every_move_of_the_sample_company_finds_its_way_to_another_verdict(june: Loaded, shipped: PolicySet) -> None:
    db, manifest = june
    evaluation = check_moves(db, manifest, shipped, date(2026, 6, 30))
    for subject, _ in evaluation.letters()[::5]:
        found = nearest_changes(evaluation, subject)
        assert found.level in ("allow", "approval", "hold", "deny")
        assert [each.level for each in found.others] == [
            level for level in ("allow", "approval", "hold", "deny") if level != found.level
        ]
        assert all(len(way.changes) <= 2 for each in found.others for way in each.ways)
        assert any(each.ways for each in found.others)
        assert found == nearest_changes(evaluation, subject)
