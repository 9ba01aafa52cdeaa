"""The metrics of a real company agree with its own totals, and its realignment of 2012 replays as a proposal."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from engine.database import Database
from engine.engines.embedded import Embedded
from engine.facts import company_facts, left_out, lowest_rep, move_facts, protection_facts, territory_facts
from engine.intake.intake import import_snapshot
from engine.intake.mapping import load_mapping
from engine.intake.snapshot import Manifest
from engine.metrics.attainment import attainment_by_rep
from rules.kinds import decimal_of
from tests.engine.metrics_tables import NUMBERS, day, declared, facts_of

Snapshot = tuple[Database, Manifest]
LAST = "2014-05-30"


@pytest.fixture(scope="module")
def expected(data: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((data / "adventureworks" / "expected.json").read_text(), parse_float=Decimal)
    return found


@pytest.fixture(scope="module")
def snapshot(data: Path, project: Path) -> Iterator[Callable[[str], Snapshot]]:
    """The company as of a day, imported once for all tests."""
    file = project / "policies" / "mappings" / "adventureworks.yaml"
    mapping = load_mapping(file.read_text(encoding="utf-8"), file.name)
    opened: dict[str, Snapshot] = {}

    def as_of(text: str) -> Snapshot:
        if text not in opened:
            db = Embedded()
            opened[text] = db, import_snapshot(db, mapping, data / "adventureworks", day(text))
        return opened[text]

    yield as_of
    for db, _ in opened.values():
        db.close()


def sold_by(db: Database, column: str, window: tuple[date, date]) -> dict[str, int]:
    """Revenue in [start, end) of each rep or territory, at the source's money scale; what is nobody's is left out."""
    query = f"SELECT {column}, sum(amount) FROM revenue WHERE booked_on >= ? AND booked_on < ? GROUP BY 1"
    return {whose: amount for whose, amount in db.rows(query, window) if whose is not None}


def points(value: Fraction) -> str:
    return str(decimal_of(value * 100, 2))


@pytest.mark.parametrize(
    ("as_of", "reps", "spreads"),
    [
        ("2012-11-29", 9, ("42.15", "36.52", "41.56")),
        ("2013-02-27", 9, ("31.06", "82.92", "42.15")),
        ("2013-05-29", 11, ("10.62", "58.35", "31.06")),
        (LAST, 14, ("16.57", "17.04", "17.81")),
    ],
)
def test_spreads_over_the_years(
    snapshot: Callable[[str], Snapshot], as_of: str, reps: int, spreads: tuple[str, str, str]
) -> None:
    """T4Q, the latest quarter alone, and T4Q one quarter earlier, in points."""
    db, manifest = snapshot(as_of)
    found = facts_of(db, company_facts(db, manifest, NUMBERS, day(as_of)))["company"]
    names = ("attainment_spread", "attainment_spread_quarter", "attainment_spread_earlier")
    assert tuple(points(found[f"company.{name}"]) for name in names) == spreads
    assert found["company.reps_in_spread"] == reps


def test_every_rep_s_attainment_and_quota_agree(snapshot: Callable[[str], Snapshot], expected: dict[str, Any]) -> None:
    db, manifest = snapshot(LAST)
    reps = attainment_by_rep(db, manifest, day(LAST))
    assert {r.rep: r.attainment and decimal_of(r.attainment * 100, 2) for r in reps} == expected["T4Q_attainment_pct"]
    assert {r.rep: Decimal(r.quota or 0).scaleb(-4) for r in reps} == expected["T4Q_quota"]
    assert {int(r.rep) for r in reps if r.why_not == "manages others"} == set(expected["managers_without_territory"])
    assert lowest_rep(db, manifest, day(LAST)) == "290"


def test_revenue_agrees_with_the_company_s_own_totals_to_the_last_digit(
    snapshot: Callable[[str], Snapshot], expected: dict[str, Any]
) -> None:
    db, manifest = snapshot(LAST)
    by_rep = sold_by(db, "rep", manifest.windows["oracle"])
    by_territory = sold_by(db, "territory", manifest.windows["oracle"])
    rep_oracle = expected["T12M_revenue_by_rep_equals_SalesPerson.SalesYTD"]
    territory_oracle = expected["T12M_all_orders_by_territory_equals_SalesTerritory.SalesYTD"]
    assert {rep: Decimal(amount).scaleb(-4) for rep, amount in by_rep.items()} == rep_oracle
    assert {t: Decimal(amount).scaleb(-4) for t, amount in by_territory.items()} == territory_oracle


def test_territories_add_up_to_the_company(snapshot: Callable[[str], Snapshot]) -> None:
    """Indexes have a mean of one, and T12 is everything booked from May 2013 to April 2014."""
    db, manifest = snapshot(LAST)
    found = facts_of(db, territory_facts(db, manifest, NUMBERS, day(LAST)))
    assert len(found) == 10
    for index in ("territory.workload_index", "territory.potential_index"):
        assert sum((f[index] for f in found.values()), Fraction(0)) == 10
    everything = sum(sold_by(db, "territory", (day("2013-05-01"), day("2014-05-01"))).values())
    assert abs(sum(f["territory.t12"] for f in found.values()) - Fraction(everything, 100)) <= 5
    assert {f["territory.utilisation"] for f in found.values()} == {None}


def test_a_declared_sum_of_twelve_months_is_that_of_the_vocabulary(snapshot: Callable[[str], Snapshot]) -> None:
    [metric] = declared(
        "name: territory.sold, subject: territory, sum: revenue.amount, "
        'where: "revenue.booked_on >= as_of.t12_start && revenue.booked_on < as_of.t12_end"'
    )
    db, manifest = snapshot(LAST)
    found = facts_of(db, territory_facts(db, manifest, NUMBERS, day(LAST), [metric]))
    assert len(found) == 10
    assert all(f["territory.sold"] == f["territory.t12"] > 0 for f in found.values())


def tabbed(data: Path, name: str) -> list[list[str]]:
    return [line.split("\t") for line in (data / "adventureworks" / name).read_text("utf-8-sig").splitlines()]


def test_attainment_of_a_territory_is_what_its_own_two_sellers_made_of_their_quotas(
    snapshot: Callable[[str], Snapshot], data: Path
) -> None:
    """Territory 4 is worked by 276 and 281 alone and all the time, so that each gives it all of the quota.

    By hand from the files: the four quota rows from 2013-05-30 on, and orders sold in the territory on the days up to
    2014-05-30 by sales people other than the three managers (274, 285, 287), whose customer is a store.
    """
    rows = tabbed(data, "SalesPersonQuotaHistory.csv")
    quotas = [Decimal(q) for rep, on, q, *_ in rows if rep in {"276", "281"} and on[:10] >= "2013-05-30"]
    assert len(quotas) == 8
    sellers = {rep for rep, *_ in rows} - {"274", "285", "287"}
    sold = sum(
        Decimal(order[19])
        for order in tabbed(data, "SalesOrderHeader.csv")
        if "2013-05-30" <= order[2][:10] <= LAST and order[12] == "4" and order[11] in sellers
    )
    db, manifest = snapshot(LAST)
    facts = territory_facts(db, manifest, NUMBERS, day(LAST))
    assert facts_of(db, facts)["4"]["territory.attainment"] == Fraction(sold) / Fraction(sum(quotas))
    assert all(found["territory.attainment"] is not None for found in facts_of(db, facts).values())
    assert facts.proxies["territory.attainment"] == "share by TAM (assignments.share is absent), reps graded estimate"
    assert facts.proxies["territory.potential_index"] == "accounts graded estimate, potential graded estimate"


def test_territories_that_nobody_worked_yet_are_left_out_and_named(snapshot: Callable[[str], Snapshot]) -> None:
    db, manifest = snapshot("2012-11-29")
    assert [territory for territory, _ in left_out(db, manifest, day("2012-11-29"))] == ["8", "9"]


def test_the_realignment_of_2012_replays_as_a_proposal(
    snapshot: Callable[[str], Snapshot], expected: dict[str, Any]
) -> None:
    """An account moved if its first order within six months after has another seller than the last one before."""
    later, _ = snapshot(LAST)
    orders = later.rows(
        "SELECT account, booked_on, rep, amount FROM revenue WHERE account IS NOT NULL ORDER BY booked_on, booking"
    )
    before = {account: rep for account, on, rep, _ in orders if on < day("2012-11-30")}
    after: dict[str, str] = {}
    for account, on, rep, _ in orders:
        if day("2012-11-30") <= on < day("2013-05-30"):
            after.setdefault(account, rep)
    moved = {a: (before[a], after[a]) for a in after if a in before and before[a] != after[a]}
    db, manifest = snapshot("2012-11-29")
    db.run("CREATE OR REPLACE TABLE moves (account VARCHAR, from_rep VARCHAR, to_rep VARCHAR, effective DATE)")
    db.run_many("INSERT INTO moves VALUES (?, ?, ?, ?)", [(a, f, t, day("2012-11-30")) for a, (f, t) in moved.items()])
    facts = facts_of(db, move_facts(db, manifest, NUMBERS, day("2012-11-29")))

    known = expected["observed_account_moves_first_order_within_6_months"]["2012-11-30"]
    assert len(facts) == known["accounts_moved"]
    flows = Counter((int(f["move.from_rep"]), int(f["move.to_rep"])) for f in facts.values())
    assert [[*pair, count] for pair, count in flows.most_common(2)] == [flow[:3] for flow in known["largest_flows"][:2]]
    assert all(f["from_rep.owns_account"] for f in facts.values())
    assert {f["move.day_of_period"] for f in facts.values()} == {0}

    def t12_of(rep: str, owners: dict[str, str]) -> int:
        """Revenue from November 2011 to October 2012 of the accounts that a rep owns."""
        return sum(n for a, on, _, n in orders if day("2011-11-01") <= on < day("2012-11-01") and owners.get(a) == rep)

    given = {f["move.from_rep"]: f["from_rep.accounts_given"] for f in facts.values()}
    assert given == Counter(f for f, _ in moved.values())
    reps = facts_of(db, protection_facts(db, manifest, NUMBERS, day("2012-11-29")))
    owned_after = {**before, **{a: to for a, (_, to) in moved.items()}}
    for rep, found in reps.items():
        base = t12_of(rep, before)
        reduction = Fraction(base - t12_of(rep, owned_after), base) if base else None
        assert found["rep.t12_reduction"] == reduction, rep
