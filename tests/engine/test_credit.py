"""Who keeps the credit? Exempt, then ineligible, then held; day 90 counts; every deal agrees with a plain reading."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from engine.credit import Credit, check_credit, credit_rows
from engine.credit_split import credit_schedule
from engine.database import Database
from engine.intake.snapshot import Manifest
from rules.kinds import Value
from rules.model.policy import PolicySet
from rules.problem import BadInput
from rules.reading.load import load_policies
from tests.engine.asking import DAY, asked, policy
from tests.engine.conftest import Loaded

JUNE = date(2026, 6, 30)
ANNOUNCED, EFFECTIVE = date(2026, 7, 6), date(2026, 8, 3)
DAY_90 = date(2026, 11, 1)
HOLD_DAYS = 90
Day = date | None


def credits_on(db: Database, manifest: Manifest, policies: PolicySet, as_of: date) -> dict[str, Credit]:
    found = credit_rows(check_credit(db, manifest, policies, as_of), None)
    assert [c.outcome.id for c in found] == sorted(c.outcome.id for c in found)
    return {c.outcome.id: c for c in found}


def read_plainly(facts: tuple[Day, Day, str, Day, date, Day], as_of: date) -> str:
    """The policy read aloud, one sentence after the other."""
    created, closed, status, announced, effective, left = facts
    if closed is not None and closed < effective:
        return "exempt"
    if created is not None and announced is not None and created > announced:
        return "exempt"
    last_day = effective + timedelta(days=HOLD_DAYS)
    until = closed or as_of
    if created == announced or until > last_day or (left is not None and left <= until):
        return "ineligible"
    return "ineligible" if closed is not None and status == "lost" else "held"


def put_deal(db: Database, name: str, created: date, closed: Day, status: str, rep: str = "E-32") -> None:
    """A deal of A-2065, which moves from E-32 to E-31."""
    db.run(
        "INSERT INTO opportunities (opportunity, account, rep, status, created_on, closed_on, amount) "
        "VALUES (?, 'A-2065', ?, ?, ?, ?, 12345)",
        [name, rep, status, created, closed],
    )


@pytest.mark.parametrize("as_of", [ANNOUNCED, DAY_90, DAY_90 + timedelta(days=1), date(2027, 3, 31)])
def test_every_deal_of_a_moving_account_is_answered_as_the_policy_reads(
    june: Loaded, shipped: PolicySet, as_of: date
) -> None:
    """Beside the sample company's own deals, one for each way around each boundary."""
    db, manifest = june
    day = timedelta(days=1)
    created = (ANNOUNCED - day, ANNOUNCED, ANNOUNCED + day)
    closings: tuple[tuple[Day, str], ...] = (
        (None, "open"),
        *((d, s) for d in (EFFECTIVE - day, EFFECTIVE, DAY_90, DAY_90 + day) for s in ("won", "lost")),
    )
    for i, made in enumerate(created):
        for j, (closed, status) in enumerate(closings):
            for rep in ("E-32", "E-34"):  # the second left on 2025-07-01
                put_deal(db, f"X-{i}-{j}-{rep}", made, closed, status, rep)
    rows = db.rows(
        """SELECT o.opportunity, o.created_on, o.closed_on, o.status, m.announced_on, m.effective, r.left_on
        FROM opportunities o JOIN moves m USING (account) LEFT JOIN reps r ON r.rep = o.rep
        WHERE o.created_on <= ?""",
        [as_of],
    )
    wanted = {row[0]: read_plainly((row[1], row[2], row[3], row[4], row[5], row[6]), as_of) for row in rows}
    found = credits_on(db, manifest, shipped, as_of)
    assert {name: c.outcome.level for name, c in found.items()} == wanted
    assert len(wanted) >= 45
    assert set(wanted.values()) == {"exempt", "ineligible", "held"}


@pytest.mark.parametrize(
    ("as_of", "level", "until"),
    [(DAY_90, "held", DAY_90), (DAY_90 + timedelta(days=1), "ineligible", None)],
)
def test_an_open_deal_is_held_through_day_90(
    june: Loaded, shipped: PolicySet, as_of: date, level: str, until: Day
) -> None:
    db, manifest = june
    put_deal(db, "X", date(2026, 6, 1), None, "open")
    found = credits_on(db, manifest, shipped, as_of)["X"]
    assert (found.outcome.level, found.held_until) == (level, until)
    assert date(2026, 8, 3) + timedelta(days=90) == DAY_90


def test_a_held_deal_names_its_holder_its_amount_and_its_share(june: Loaded, shipped: PolicySet) -> None:
    db, manifest = june
    put_deal(db, "held", date(2026, 6, 1), None, "open")
    put_deal(db, "late", ANNOUNCED, None, "open")
    put_deal(db, "gone", date(2026, 6, 1), date(2026, 6, 20), "won")
    found = credits_on(db, manifest, shipped, ANNOUNCED)
    mine = {name: found[name] for name in ("held", "late", "gone")}
    assert {name: (c.holder, c.amount, c.share, c.held_until) for name, c in mine.items()} == {
        "held": ("E-32", 12345, 100, DAY_90),
        "late": ("E-32", 12345, 0, None),
        "gone": ("E-32", 12345, None, None),
    }


def test_a_deal_of_an_account_that_stays_is_not_asked_about(june: Loaded, shipped: PolicySet) -> None:
    db, manifest = june
    moving = {account for (account,) in db.rows("SELECT account FROM moves")}
    wanted = {o for o, a in db.rows("SELECT opportunity, account FROM opportunities") if a in moving}
    assert set(credits_on(db, manifest, shipped, JUNE)) == wanted


def test_a_move_that_is_not_announced_leaves_credit_undecided(june: Loaded, shipped: PolicySet) -> None:
    db, manifest = june
    put_deal(db, "X", date(2026, 6, 1), None, "open")
    db.run("UPDATE moves SET announced_on = NULL WHERE account = 'A-2065'")
    found = credits_on(db, manifest, shipped, JUNE)["X"]
    assert (found.outcome.level, found.share, found.held_until) == (None, None, None)
    assert {m for f in found.outcome.fired for m in f.missing} == {
        "no value for move.announced_on",
        "no gaming upheld: nothing produces it yet",
    }


SCHEDULED = """\
policy: handbook
title: t
owner: o
parameters:
  hold_days: {unit: days, values: {2026-01-01: {value: 300, source: s}}}
schedules:
  open_deals:
    from: move.effective
    shares:
      rep: [{through: 3, original: 100}, {through: 6, original: 75}]
      manager: [{through: 3, original: 50}]
    source: s
rules:
  - {id: E, title: t, kind: grandfathering, subject: opportunity, effective: {from: 2026-01-01}, effect: exempt,
     when: has(opportunity.closed_on) && opportunity.closed_on < move.effective, message: m, source: s}
  - {id: L, title: t, kind: grandfathering, subject: opportunity, effective: {from: 2026-01-01}, effect: ineligible,
     when: "!opportunity.won && has(opportunity.closed_on)", message: m, source: s}
"""


def scheduled(case: Mapping[str, Value | None], policies: str = SCHEDULED) -> Credit:
    """The answer for one deal of 100.01 whose account moved on 2026-08-03, under the handbook's schedule."""
    full: Mapping[str, Value | None] = {
        "move.effective": EFFECTIVE,
        "opportunity.amount": 10001,
        "opportunity.won": True,
        "holder.rep": "E-1",
    }
    loaded = load_policies([("handbook.yaml", policies)])
    with asked(loaded, {"X": {**full, **case}}) as evaluation:
        (found,) = credit_rows(evaluation, credit_schedule(loaded, DAY))
    return found


@pytest.mark.parametrize(
    ("closed", "share", "splits"),
    [
        (EFFECTIVE, 100, [("rep", 1, 10001, 0), ("manager", 1, 5001, 5000)]),
        (date(2026, 11, 2), 100, [("rep", 3, 10001, 0), ("manager", 3, 5001, 5000)]),
        (date(2026, 11, 3), 75, [("rep", 4, 7501, 2500), ("manager", 4, 0, 10001)]),
        (date(2027, 2, 3), 0, [("rep", 7, 0, 10001), ("manager", 7, 0, 10001)]),
    ],
)
def test_a_deal_that_closed_is_shared_by_the_month_of_its_close(
    closed: date, share: int, splits: list[tuple[str, int, int, int]]
) -> None:
    found = scheduled({"opportunity.closed_on": closed})
    assert (found.outcome.level, found.share, found.held_until) == ("held", share, date(2027, 2, 2))
    assert [(s.credit_type, s.month, s.original_amount, s.new_amount) for s in found.splits] == splits


def test_an_open_deal_shows_its_shares_month_by_month_and_no_share_of_its_own() -> None:
    found = scheduled({})
    assert (found.outcome.level, found.share, found.splits) == ("held", None, ())
    assert [(m.start, m.end, m.original) for m in found.months] == [
        (EFFECTIVE, date(2026, 11, 2), (("rep", 100), ("manager", 50))),
        (date(2026, 11, 3), date(2027, 2, 2), (("rep", 75), ("manager", 0))),
        (date(2027, 2, 3), None, (("rep", 0), ("manager", 0))),
    ]


def test_a_hold_ends_with_its_days_or_with_the_schedule_whichever_is_first() -> None:
    short = scheduled({}, SCHEDULED.replace("value: 300", "value: 30"))
    assert short.held_until == EFFECTIVE + timedelta(days=30)
    without = "\n".join(line for line in SCHEDULED.splitlines() if "hold_days" not in line and "parameters" not in line)
    assert scheduled({}, without).held_until == date(2027, 2, 2)


def test_a_later_move_neither_restarts_nor_extends_a_hold() -> None:
    first = date(2026, 5, 3)
    later = scheduled({"opportunity.held_from": first, "opportunity.closed_on": date(2026, 8, 3)})
    assert (later.share, later.months[0].start, later.held_until) == (75, first, date(2026, 11, 2))
    assert {s.month for s in later.splits} == {4}
    short = scheduled({"opportunity.held_from": first}, SCHEDULED.replace("value: 300", "value: 30"))
    assert short.held_until == first + timedelta(days=30)


def test_a_deal_that_is_not_held_is_shared_by_no_schedule() -> None:
    lost = scheduled({"opportunity.closed_on": EFFECTIVE, "opportunity.won": False})
    assert (lost.outcome.level, lost.share, lost.splits, lost.months) == ("ineligible", 0, (), ())
    early = scheduled({"opportunity.closed_on": EFFECTIVE - timedelta(days=1)})
    assert (early.outcome.level, early.share, early.splits, early.months) == ("exempt", None, (), ())


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ("2026-07-01: {value: 90", "parameter `hold_days` has no value on 2026-06-30"),
        ("2026-01-01: {value: [90, 91]", "parameter `hold_days` is not a number of days on 2026-06-30"),
    ],
)
def test_a_hold_without_its_length_is_refused_and_not_taken_for_none(parameter: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        scheduled({}, SCHEDULED.replace("2026-01-01: {value: 300", parameter))


CAPPED = (
    "{hold_cap_per_rep: {unit: count, values: {2026-01-01: {value: %s, source: s}}}, "
    "hold_cap_order: {unit: text, values: {2026-01-01: {value: %s, source: s}}}}"
)


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ("largest", {"a": "ineligible", "b": "held", "c": "held", "d": "exempt", "e": "held"}),
        ("earliest", {"a": "held", "b": "ineligible", "c": "held", "d": "exempt", "e": "held"}),
    ],
)
def test_held_deals_beyond_a_rep_s_cap_are_ineligible_and_say_why(order: str, words: dict[str, str]) -> None:
    policies = policy(
        "id: E, kind: grandfathering, subject: opportunity, effect: exempt, when: opportunity.won",
        parameters=CAPPED % (2, order),
    )
    deals = {"a": ("E-1", 1, 1), "b": ("E-1", 9, 9), "c": ("E-1", 5, 5), "d": ("E-1", 99, 0), "e": ("E-2", 1, 1)}
    cases: dict[str, dict[str, Value | None]] = {
        name: {
            "holder.rep": holder,
            "opportunity.amount": amount,
            "opportunity.closes_on": EFFECTIVE + timedelta(days=days),
            "opportunity.won": name == "d",
            "move.effective": EFFECTIVE,
        }
        for name, (holder, amount, days) in deals.items()
    }
    with asked(policies, cases) as evaluation:
        found = {c.outcome.id: c for c in credit_rows(evaluation, None)}
    assert {name: c.outcome.word for name, c in found.items()} == words
    reason = f"beyond the cap of 2 held deals per rep, {order} first"
    assert {c.reason for c in found.values() if c.outcome.word == "ineligible"} == {reason}
    assert {c.share for c in found.values() if c.outcome.word == "ineligible"} == {0}


def test_a_deal_that_may_lie_beyond_the_cap_is_undecided() -> None:
    policies = policy(
        "id: E, kind: grandfathering, subject: opportunity, effect: exempt, when: opportunity.won",
        parameters=CAPPED % (1, "largest"),
    )
    case: Mapping[str, Value | None] = {"holder.rep": "E-1", "opportunity.won": False, "move.effective": EFFECTIVE}
    with asked(policies, {"a": {**case, "opportunity.amount": 5}, "b": case}) as evaluation:
        found = credit_rows(evaluation, None)
    assert [(c.outcome.level, c.share, c.held_until) for c in found] == [(None, None, None)] * 2
    words = "nobody can say whether it is within the cap of 1 held deal per rep, largest first"
    assert {c.reason for c in found} == {words}


@pytest.mark.parametrize(("days", "until"), [("1", None), ("0", date(9999, 12, 31))])
def test_a_hold_beyond_the_calendar_has_no_last_day_and_an_unknown_holder_is_called_so(days: str, until: Day) -> None:
    policies = policy(
        "id: E, kind: grandfathering, subject: opportunity, effect: exempt, when: opportunity.won",
        parameters=f"{{hold_days: {{unit: days, values: {{2026-01-01: {{value: {days}, source: s}}}}}}}}",
    )
    case: dict[str, Value | None] = {"opportunity.won": False, "move.effective": date(9999, 12, 31)}
    with asked(policies, {"X": case}) as evaluation:
        (found,) = credit_rows(evaluation, None)
    assert (found.outcome.level, found.held_until, found.holder, found.amount) == ("held", until, "unknown", None)
