"""What must be looked at again: reviews on later snapshots, and the days on which they are due."""

from collections.abc import Callable

import pytest

from tests.cli.conftest import DECISION, LATER, Desk

Made = Callable[[str], Desk]


def test_the_stop_conditions_of_the_sample_company_fire_and_the_decision_is_stopped(shared: Made) -> None:
    desk = shared("reviewed")
    (held,) = desk.ask("decision", "show", DECISION)["reviews"]
    states = {c["id"]: c["state"] for c in held["conditions"]}
    assert (states["S1"], states["S2"]) == ("fired", "fired")
    assert held["outcome"] == "stop"
    stopped = desk.run("decision", "show", DECISION)
    assert stopped.exit_code == 1
    assert "Rebalance the North and the Far East: stopped" in stopped.stdout


def test_a_review_held_twice_on_one_snapshot_is_one_entry(desk_at: Made) -> None:
    desk = desk_at("reviewed")
    entries = len(desk.ask("ledger", "log")["entries"])
    again = desk.run("review", "run", now="2026-10-05T09:00:00Z")
    assert again.exit_code == 1
    assert not again.stderr
    assert len(desk.ask("ledger", "log")["entries"]) == entries


def test_a_snapshot_imported_twice_is_one_entry(desk_at: Made) -> None:
    desk = desk_at("imported")
    words = ("import", str(desk.root / "mapping.yaml"), str(desk.root / "exports"), "--as-of", "2026-06-30")
    again = desk.run(*words, now=LATER)
    assert again.exit_code == 1
    assert not again.stderr
    assert len(desk.ask("ledger", "log", "--kind", "snapshot.imported")["entries"]) == 1


def test_a_snapshot_that_is_not_later_is_refused(shared: Made) -> None:
    desk = shared("committed")
    assert desk.refused("review", "run", "--decision", DECISION) == [f"{DECISION}: a review needs a later snapshot"]
    (problem,) = desk.refused("review", "run")
    assert problem.endswith("no committed decision is older than this snapshot")


def test_what_is_not_committed_is_not_reviewed(shared: Made) -> None:
    assert shared("framed").refused("review", "run") == ["review: there is no committed decision to review"]
    assert shared("committed").refused("review", "run", "--decision", "DR-2026-009") == [
        "DR-2026-009: there is no committed decision to review"
    ]


def test_a_verdict_date_long_after_the_exports_makes_them_weak(desk_at: Made) -> None:
    desk = desk_at("reviewed")
    snapshot = desk.ask("snapshot", "list")["snapshots"][-1]["id"]
    (made,) = desk.ask("review", "run", "--snapshot", snapshot, "--as-of", "2027-06-30")["reviews"]
    assert any("stale, as of 2026-09-30" in w for w in made["weak_inputs"])
    assert made["outcome"] != "continue"


def test_a_softened_condition_in_the_stored_text_breaks_the_ledger(desk_at: Made) -> None:
    """The review compiles the committed text: to soften it is to alter an entry, and every check says so."""
    desk = desk_at("reviewed")
    ledger = desk.root / "ledger.sqlite"
    raw = ledger.read_bytes()
    # Written twice: in the frame, and among the conditions of the committed document.
    assert raw.count(rb"points(\"80\")") >= 2
    ledger.write_bytes(raw.replace(rb"points(\"80\")", rb"points(\"99\")"))
    assert desk.run("ledger", "verify").exit_code == 1
    refused = desk.run("review", "run", now=LATER)
    assert refused.exit_code == 3
    assert "was altered" in refused.stderr


SMALL = """policy: small
title: small
owner: somebody
rules:
  - id: SM1
    title: it is old
    kind: escalation_trigger
    subject: review
    effective: {from: 2000-01-01}
    when: review.day >= days(1)
    message: day {review.day}
    source: handbook
  - id: SM2
    title: it fires
    kind: governance
    subject: rule
    effective: {from: 2000-01-01}
    when: rule.firings > 0 && rule.id == "R05"
    effect: finding
    message: "{rule.id} fired {rule.firings} times"
    source: handbook
"""


def test_rules_of_the_policies_are_asked_beside_the_decisions_own_and_what_they_find_is_listed(desk_at: Made) -> None:
    desk = desk_at("reviewed")
    (desk.root / "policies" / "small.yaml").write_text(SMALL, "utf-8")
    entries = len(desk.ask("ledger", "log")["entries"])
    made = desk.ask("review", "run", now=LATER)
    (held,) = made["reviews"]
    (said,) = [c for c in held["conditions"] if c["by"] == "small"]
    assert (said["id"], said["state"], said["text"]) == ("SM1", "fired", "day 30 days")
    assert {c["id"] for c in held["conditions"] if c["by"] == "decision"} == {"V1", "S1", "S2", "E1", "X1"}
    fires = sum(
        f["rule"] == "R05" and f["truth"] == "true"
        for m in desk.ask("decision", "show", DECISION)["document"]["moves"]
        for f in m["fired"]
    )
    assert fires
    found = [f["message"] for f in made["findings"] if f["id"] == "SM2"]
    assert found == [f"R05 fired {fires} times"]
    # Other rules, another answer: it stands beside the one that was given before them.
    assert len(desk.ask("ledger", "log")["entries"]) == entries + 1
    shown = desk.run("review", "run", now=LATER).stdout
    assert "day 30 days" in shown
    assert found[0] in shown
    assert len(desk.ask("ledger", "log")["entries"]) == entries + 1


@pytest.mark.parametrize(
    ("on", "states", "code"),
    [
        ("2026-09-01", ["to come", "to come", "to come"], 0),
        ("2026-09-02", ["due today", "to come", "to come"], 1),
        ("2026-10-03", ["overdue", "overdue", "to come"], 1),
    ],
)
def test_reviews_fall_due_on_their_days(on: str, states: list[str], code: int, shared: Made) -> None:
    desk = shared("committed")
    assert [r["state"] for r in desk.ask("review", "due", "--on", on)["reviews"]] == states
    assert desk.run("review", "due", "--on", on).exit_code == code


def test_a_review_that_was_held_is_due_no_more(shared: Made) -> None:
    first, *rest = shared("reviewed").ask("review", "due", "--on", "2026-10-01")["reviews"]
    assert first["state"] == "held on data of 2026-09-30"
    assert [r["state"] for r in rest] == ["to come", "to come"]
