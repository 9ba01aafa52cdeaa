"""Who keeps the credit? Exempt, then ineligible, then held; day 90 counts; every deal agrees with a plain reading."""

from datetime import date, timedelta

import pytest

from engine.credit import Credit, check_credit, credit_rows
from engine.database import Database
from engine.snapshot import Manifest
from rules.kinds import Value
from rules.policy import PolicySet
from tests.engine.asking import asked, policy
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
    assert {m for f in found.outcome.fired for m in f.missing} == {"no value for move.announced_on"}


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
