"""What the ledger says of a decision, and which next step is refused."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from governance.decision import (
    APPROVED,
    COMMITTED,
    FRAMED,
    ISSUED,
    REVIEWED,
    WAIVED,
    Approval,
    Waiver,
    approval_problems,
    commit_problems,
    decisions,
    is_same_person,
    next_id,
    roles_named,
    waiver_problems,
)
from governance.ledger_entry import Entry, Recorded, bodies_of, read_body
from governance.merkle import leaf_hash
from tests.governance.sample_decision import committed_decision, framed_decision, policies

DAY = date(2026, 7, 3)
ROLES = ("giving-manager", "receiving-manager", "sales-ops", "vp-sales")
THREE = (
    Approval("Ida Lind", "vp-sales", (), "2026-07-03"),
    Approval("Marta Okoye", "giving-manager", (), "2026-07-03"),
    Approval("Jonas Weck", "receiving-manager", (), "2026-07-03"),
)
FRAME_DATA: dict[str, Any] = {"title": "Rebalance the North", "requester": "P-07", "snapshot": "ab12"}


def told(*entries: tuple[str, str, str, dict[str, Any]]) -> list[Recorded]:
    """Ledger entries as (kind, subject, actor, data), in order."""
    found = []
    for index, (kind, subject, actor, data) in enumerate(entries):
        at = datetime(2026, 7, 3, 9, index, tzinfo=UTC)
        (raw,) = bodies_of([Entry(kind, subject, actor, at, f"{subject}/{index}", data)])
        found.append(Recorded(index, read_body(raw), leaf_hash(raw), raw))
    return found


def test_a_decision_is_what_its_entries_say() -> None:
    waived = {
        "id": "W-1",
        "rule": "R02",
        "accounts": ["A-1"],
        "role": "vp-sales",
        "reason": "asked",
        "until": "2026-12-31",
    }
    reviewed = {"outcome": "continue", "as_of": "2026-09-30"}
    known = decisions(
        told(
            ("snapshot.imported", "snapshot ab12", "Ostrevale", {}),
            (FRAMED, "DR-1", "Ana Ruiz", FRAME_DATA),
            (APPROVED, "DR-1", "Ida Lind", {"role": "vp-sales", "accounts": []}),
            (WAIVED, "DR-1", "Ida Lind", waived),
            (COMMITTED, "DR-1", "Ida Lind", {"chosen": "moderate"}),
            (REVIEWED, "DR-1", "Ostrevale", reviewed),
            (ISSUED, "DR-1", "Ostrevale", {"file": "DR-1.pdf"}),
            (FRAMED, "DR-2", "Ana Ruiz", FRAME_DATA),
        )
    )
    assert list(known) == ["DR-1", "DR-2"]
    first = known["DR-1"]
    assert first.approvals == (Approval("Ida Lind", "vp-sales", (), "2026-07-03"),)
    assert first.waivers == (
        Waiver("W-1", "R02", ("A-1",), "Ida Lind", "vp-sales", "asked", date(2026, 12, 31), "2026-07-03"),
    )
    assert (first.committed_index, first.document) == (4, {"chosen": "moderate"})
    assert first.reviews == (reviewed,)
    assert first.issued == ({"file": "DR-1.pdf"},)
    assert known["DR-2"].document is None


def test_a_decision_is_framed_then_committed_then_perhaps_stopped() -> None:
    entries = [
        (FRAMED, "DR-1", "Ana Ruiz", FRAME_DATA),
        (COMMITTED, "DR-1", "Ida Lind", {"chosen": "moderate"}),
        (REVIEWED, "DR-1", "Ostrevale", {"outcome": "stop"}),
        (REVIEWED, "DR-1", "Ostrevale", {"outcome": "continue"}),
    ]
    states = [decisions(told(*entries[:n]))["DR-1"].status for n in range(1, 5)]
    assert states == ["framed", "committed", "stopped", "stopped"]


def test_an_entry_about_a_decision_that_was_never_framed_makes_none() -> None:
    assert decisions(told((APPROVED, "DR-9", "Ida Lind", {"role": "vp-sales", "accounts": []}))) == {}


def test_decisions_are_numbered_by_year_without_gaps_at_the_end() -> None:
    assert next_id([], 2026) == "DR-2026-001"
    assert next_id(["DR-2025-007", "DR-2026-009", "DR-2026-002"], 2026) == "DR-2026-010"
    assert next_id(["DR-2026-999"], 2026) == "DR-2026-1000"


def test_the_last_day_of_a_waiver_counts_and_the_next_does_not() -> None:
    waiver = Waiver("W-1", "R02", ("A-1",), "Ida Lind", "vp-sales", "asked", date(2026, 8, 3), "2026-07-03")
    known = framed_decision(
        waivers=(waiver,), approvals=(THREE[0], Approval("Jo", "sales-ops", ("A-2",), "2026-07-03"))
    )
    assert known.standing(["A-1", "A-2"], date(2026, 8, 3)).waived == {"A-1": frozenset({("W-1", "R02")})}
    assert known.standing(["A-1", "A-2"], date(2026, 8, 4)).waived == {}
    assert known.standing(["A-1", "A-2"], DAY).approved == {
        "A-1": frozenset({"vp-sales"}),
        "A-2": frozenset({"vp-sales", "sales-ops"}),
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ida Lind", "ida  lind "), ("Søren Ås", "Søren A\u030as"), ("佐藤 翔", "佐藤\u3000翔"), ("STRASSE", "straße")],
)
def test_one_person_is_one_person_however_the_name_is_typed(one: str, other: str) -> None:
    assert is_same_person(one, other)
    assert not is_same_person(one, other + " jr")


def test_roles_are_those_that_a_policy_asks_for() -> None:
    assert set(roles_named(policies(), DAY)) == set(ROLES)


def approval(by: str, role: str, *accounts: str, given: tuple[Approval, ...] = ()) -> list[str]:
    return [p.message for p in approval_problems(framed_decision(approvals=given), by, role, accounts, ROLES)]


def test_an_approval_is_accepted() -> None:
    assert approval("Ida Lind", "vp-sales") == []
    assert approval("Marta Okoye", "giving-manager", given=THREE[:1]) == []


def test_the_requester_cannot_approve() -> None:
    assert approval(" p-07", "vp-sales") == ["its requester cannot approve it"]


def test_nobody_cannot_approve() -> None:
    assert approval("  ", "vp-sales") == ["names nobody"]


def test_one_person_approves_in_one_role() -> None:
    assert approval("IDA LIND", "giving-manager", given=THREE[:1]) == ["`IDA LIND` approved already as `vp-sales`"]


def test_one_person_approves_once() -> None:
    assert approval("Ida Lind", "vp-sales", given=THREE[:1]) == ["`Ida Lind` approved this already, on 2026-07-03"]
    assert approval("Ida Lind", "vp-sales", "A-1", given=THREE[:1]) == [
        "`Ida Lind` approved this already, on 2026-07-03"
    ]


def test_who_approved_one_account_may_approve_another_and_then_all() -> None:
    one = (Approval("Ida Lind", "vp-sales", ("A-1",), "2026-07-03"),)
    assert approval("Ida Lind", "vp-sales", "A-1", given=one) != []
    assert approval("Ida Lind", "vp-sales", "A-1", "A-2", given=one) == []
    assert approval("Ida Lind", "vp-sales", given=one) == []


def test_a_role_that_no_policy_asks_for_is_refused_with_those_that_are() -> None:
    (problem,) = approval_problems(framed_decision(), "Ida Lind", "vp-saels", (), ROLES)
    assert problem.found == "vp-saels"
    assert problem.expected == "`giving-manager`, `receiving-manager`, `sales-ops`, `vp-sales`"


def test_after_the_commit_nothing_is_approved_or_waived() -> None:
    done = committed_decision({"chosen": "moderate"})
    assert [p.message for p in approval_problems(done, "Ida Lind", "vp-sales", (), ROLES)] == [
        "is committed; an approval comes before"
    ]
    assert waiver("R02", decision=done) == ["is committed; a waiver comes before"]


def waiver(rule_id: str, **changes: Any) -> list[str]:
    said: dict[str, Any] = {
        "decision": framed_decision(),
        "rule": policies().rule(rule_id),
        "rule_id": rule_id,
        "by": "Ida Lind",
        "role": "vp-sales",
        "reason": "the customer asked",
        "until": date(2026, 12, 31),
        "day": DAY,
    }
    return [p.message for p in waiver_problems(**{**said, **changes})]


def test_a_waiver_is_accepted() -> None:
    assert waiver("R02") == []
    assert waiver("R02", until=DAY) == []


@pytest.mark.parametrize(
    ("rule_id", "changes", "message"),
    [
        ("R99", {}, "there is no rule `R99`"),
        ("R17", {}, "rule `R17` cannot be waived"),
        ("R02", {"role": "sales-ops"}, "rule `R02` is waived by another role"),
        ("R02", {"by": "P-07"}, "its requester cannot waive a rule"),
        ("R02", {"by": ""}, "names nobody"),
        ("R02", {"reason": " "}, "is empty"),
        ("R02", {"until": date(2026, 7, 2)}, "lies in the past"),
    ],
)
def test_a_waiver_is_refused(rule_id: str, changes: dict[str, Any], message: str) -> None:
    assert waiver(rule_id, **changes) == [message]


def test_everything_wrong_with_a_waiver_is_said_at_once() -> None:
    assert len(waiver("R02", role="sales-ops", by="P-07", reason="", until=date(2020, 1, 1))) == 4


def commit(approvals: tuple[Approval, ...] = THREE, **changes: Any) -> list[str]:
    said: dict[str, Any] = {
        "decision": framed_decision(approvals=approvals),
        "policies": policies(),
        "day": DAY,
        "chosen": "moderate",
        "by": "Ida Lind",
        "rationale": "the spread lasts",
        "deviation": "",
    }
    return [p.message for p in commit_problems(**{**said, **changes})]


def test_with_three_people_and_a_reason_it_is_committed() -> None:
    assert commit() == []
    assert commit(chosen="status-quo", deviation="the market turned") == []


def test_every_missing_approval_is_named_with_the_command_that_mends_it() -> None:
    found = commit_problems(framed_decision(), policies(), DAY, "moderate", "Ida Lind", "why", "")
    assert [p.hint for p in found] == [
        f"merestone decision approve DR-2026-001 --role {role} --by NAME"
        for role in ("vp-sales", "giving-manager", "receiving-manager")
    ]


def test_an_approval_of_some_accounts_is_none_of_the_decision() -> None:
    some = Approval("Ida Lind", "vp-sales", ("A-1",), "2026-07-03")
    assert commit((some, *THREE[1:])) == ["nobody has approved it as `vp-sales`"]


def test_one_person_in_two_roles_counts_once_however_it_came_into_the_ledger() -> None:
    twice = (*THREE[:2], Approval("ida lind", "receiving-manager", (), "2026-07-03"))
    assert commit(twice) == ["nobody has approved it as `receiving-manager`"]


def test_an_approval_of_the_requester_never_counts() -> None:
    assert commit((Approval("P-07", "vp-sales", (), "2026-07-03"), *THREE[1:])) == [
        "nobody has approved it as `vp-sales`"
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"chosen": "redesign"}, "there is no option `redesign`"),
        ({"chosen": "status-quo"}, "leaving the recommendation needs a reason"),
        ({"chosen": "status-quo", "deviation": "  "}, "leaving the recommendation needs a reason"),
        ({"rationale": ""}, "is empty"),
        ({"by": " "}, "names nobody"),
        ({"decision": committed_decision({"chosen": "moderate"})}, "is committed already"),
    ],
)
def test_a_commit_is_refused(changes: dict[str, Any], message: str) -> None:
    assert message in commit(**changes)


def test_what_was_approved_under_other_policies_is_not_committed() -> None:
    data = {**framed_decision().framed, "policy_set": "0" * 64}
    assert commit(decision=framed_decision(framed=data, approvals=THREE)) == [
        "the policies have changed since it was framed"
    ]
