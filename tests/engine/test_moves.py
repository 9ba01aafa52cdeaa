"""A table of verdicts says what each move's own outcome says, and what is written is whole, exact and harmless."""

import csv
import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.bulk.columns import WORDS
from engine.bulk.verdicts import Verdicts, verdicts
from engine.bulk.writing import verdict_rows, write_verdicts
from engine.database import Database
from engine.engines.embedded import Embedded
from engine.evaluate import Evaluation, Standing
from engine.explain import outcome_of, outcomes
from engine.inference.logic import Truth
from engine.moves import VERDICTS, check_moves, tally, tally_of, verdict_of
from rules.kinds import Value
from rules.model.policy import PolicySet
from rules.problem import BadInput
from tests.engine.asking import asked, policy
from tests.engine.conftest import Loaded

JUNE = date(2026, 6, 30)
SAID = Standing(
    {
        "A-2079": frozenset({("W-1", "R02")}),  # denied for its cooldown
        "A-1008": frozenset({("W-2", "R09")}),  # denied for its family, and part of a large book
        "A-2142": frozenset({("W-3", "R17")}),  # requester and approver are one: no waiver helps
        "A-1274": frozenset({("W-4", "R99")}),  # a rule that nobody knows
    },
    {
        "A-1001": frozenset({"vp-sales", "sales-ops"}),
        "A-1071": frozenset({"sales-ops"}),
        "A-1078": frozenset({"vp-sales"}),
        "A-1008": frozenset({"sales-ops"}),
    },
)


def in_bulk(evaluation: Evaluation) -> Verdicts:
    return verdicts(evaluation.db, evaluation.question, evaluation.facts, standing=evaluation.standing)


def write(evaluation: Evaluation, path: Path) -> None:
    write_verdicts(in_bulk(evaluation), path, key="account", own="moves", words=WORDS, about={"input": "moves.csv"})


def table_of(evaluation: Evaluation) -> dict[str, dict[str, Any]]:
    rows = evaluation.db.records(verdict_rows(in_bulk(evaluation), key="account", own="moves", words=WORDS))
    assert [r["account"] for r in rows] == sorted(r["account"] for r in rows)
    return {row["account"]: row for row in rows}


@pytest.mark.parametrize("standing", [Standing({}, {}), SAID])
def test_the_table_of_verdicts_is_every_outcome_one_by_one(
    june: Loaded, shipped: PolicySet, standing: Standing
) -> None:
    db, manifest = june
    evaluation = check_moves(db, manifest, shipped, JUNE, standing=standing)
    table = table_of(evaluation)
    assert len(table) == 26
    for account, row in table.items():
        outcome = outcome_of(evaluation, account)
        assert outcome is not None
        counting = [f for f in outcome.fired if f.standing == "counts"]
        assert row["verdict"] == outcome.level == verdict_of(outcome.conclusion)
        assert sorted(row["rules"].split()) == sorted(f.rule.id for f in counting)
        assert sorted(row["open"].split()) == sorted(f.rule.id for f in counting if f.truth is Truth.UNKNOWN)
        required = {f.rule.obligation for f in counting if f.rule.effect.value == "require"}
        advised = {f.rule.obligation for f in counting if f.rule.effect.value == "advise" and f.truth is Truth.TRUE}
        owed = required | advised
        assert set(filter(None, row["owed"].split("; "))) == owed
    moves = db.records("SELECT * FROM moves ORDER BY account")
    assert [{k: row[k] for k in moves[0]} for row in table.values()] == moves


def test_waivers_and_approvals_change_the_verdicts_of_their_own_moves_only(june: Loaded, shipped: PolicySet) -> None:
    db, manifest = june
    before = {a: r["verdict"] for a, r in table_of(check_moves(db, manifest, shipped, JUNE)).items()}
    after = {a: r["verdict"] for a, r in table_of(check_moves(db, manifest, shipped, JUNE, standing=SAID)).items()}
    assert {a: (before[a], after[a]) for a in before if before[a] != after[a]} == {
        "A-2079": ("deny", "allow"),
        "A-1008": ("deny", "hold"),  # an A account without a plan
        "A-1001": ("approval", "allow"),
        "A-1071": ("approval", "allow"),
    }
    assert (after["A-2142"], after["A-1274"], after["A-1078"]) == ("deny", "hold", "approval")


def test_the_table_names_rules_that_contradict_each_other_and_rules_that_only_report() -> None:
    move = "kind: engagement, subject: move"
    policies = policy(
        f"id: M, {move}, effect: mandate, obligation: move it, when: account.named",
        f"id: D, {move}, effect: deny, when: account.strategic_anchor",
        f"id: T, {move}, effect: deny, mode: report, waivable: by vp, when: account.named",
    )
    cases: dict[str, dict[str, Value | None]] = {
        "both": {"account.named": True, "account.strategic_anchor": True},
        "mandated": {"account.named": True, "account.strategic_anchor": False},
        "maybe": {"account.named": None, "account.strategic_anchor": False},
        "none": {"account.named": False, "account.strategic_anchor": False},
        "waived": {"account.named": True, "account.strategic_anchor": False},
    }
    said = Standing({"waived": frozenset({("W-1", "T")})}, {})
    with asked(policies, cases, standing=said) as evaluation:
        evaluation.db.run("CREATE TABLE moves AS SELECT unnest($1::VARCHAR[]) AS account", [sorted(cases)])
        rows = table_of(evaluation)
    assert {a: (r["verdict"], r["conflicts"], r["reported"], r["owed"]) for a, r in rows.items()} == {
        "both": ("deny", "D against M", "T", "move it"),
        "mandated": ("allow", "", "T", "move it"),
        "maybe": ("allow", "", "T", ""),
        "none": ("allow", "", "", ""),
        "waived": ("allow", "", "", "move it"),
    }


def test_the_tally_counts_every_outcome_once(june: Loaded, shipped: PolicySet) -> None:
    db, manifest = june
    evaluation = check_moves(db, manifest, shipped, JUNE)
    found = list(outcomes(evaluation))
    counted = tally(evaluation)
    assert dict(counted.verdicts) == {v: sum(o.level == v for o in found) for v in VERDICTS}
    assert counted.unknown == sum(o.is_unknown for o in found) == 2
    assert counted.total == len(found) == 26
    assert tally_of(in_bulk(evaluation)) == counted


def test_the_order_of_moves_does_not_matter(june: Loaded, shipped: PolicySet) -> None:
    db, manifest = june
    before = table_of(check_moves(db, manifest, shipped, JUNE))
    db.run("CREATE OR REPLACE TABLE moves AS SELECT * FROM moves ORDER BY hash(account)")
    assert table_of(check_moves(db, manifest, shipped, JUNE)) == before


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_three_kinds_of_file_hold_the_same_verdicts(june: Loaded, shipped: PolicySet, tmp_path: Path) -> None:
    db, manifest = june
    evaluation = check_moves(db, manifest, shipped, JUNE)
    for name in ("v.csv", "v.parquet", "v.JSON"):
        write(evaluation, tmp_path / name)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        each for name in ("v.JSON", "v.csv", "v.parquet") for each in (name, f"{name}.manifest.json")
    )
    wanted = [
        {k: "" if v is None else str(v) for k, v in row.items()} for row in table_of(evaluation).values()
    ]  # fmt: skip
    assert read_csv(tmp_path / "v.csv") == wanted
    told = json.loads((tmp_path / "v.JSON").read_text("utf-8"))
    assert [{k: "" if v is None else v for k, v in row.items()} for row in told] == wanted
    with Embedded() as other:
        other.read_parquet("v", tmp_path / "v.parquet")
        assert other.records("SELECT * FROM v") == list(table_of(evaluation).values())


SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
DANGEROUS = (*(f"{sign}1" for sign in SIGNS), "\t=1", "\r=1", "\n=1", " =1", "'quoted", "''twice", "'=1")
HARMLESS = ("plain", "a=b", 'say "yes"', "a,b", "two\nlines", "1-2", "ü", "=".join(["x"] * 3), "", None, "R-7")


def test_no_cell_of_a_csv_begins_like_a_formula_and_every_text_can_be_had_back(
    june: Loaded, shipped: PolicySet, tmp_path: Path
) -> None:
    db, manifest = june
    accounts = [account for (account,) in db.rows("SELECT account FROM moves ORDER BY account")]
    texts = dict(zip(accounts, (*DANGEROUS, *HARMLESS), strict=True))
    for account, text in texts.items():
        db.run("UPDATE moves SET evidence = ? WHERE account = ?", [text, account])
    evaluation = check_moves(db, manifest, shipped, JUNE)
    write(evaluation, tmp_path / "v.csv")
    cells = {row["account"]: row["evidence"] for row in read_csv(tmp_path / "v.csv")}
    assert not [c for c in cells.values() if c[:1] in {*SIGNS, "\t", "\r", "\n", " "}]
    assert {a: cell.removeprefix("'") for a, cell in cells.items()} == {a: t or "" for a, t in texts.items()}
    assert [cells[a] for a, t in texts.items() if t in HARMLESS] == [t or "" for t in HARMLESS]
    write(evaluation, tmp_path / "v.json")
    told = {row["account"]: row["evidence"] for row in json.loads((tmp_path / "v.json").read_text("utf-8"))}
    assert told == texts


def test_an_account_that_is_called_like_a_formula_is_made_harmless_too(
    june: Loaded, shipped: PolicySet, tmp_path: Path
) -> None:
    db, manifest = june
    db.run("UPDATE moves SET account = '=' || account WHERE account = 'A-1001'")
    write(check_moves(db, manifest, shipped, JUNE), tmp_path / "v.csv")
    assert [r["account"] for r in read_csv(tmp_path / "v.csv") if "A-1001" in r["account"]] == ["'=A-1001"]


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """A disk that is full after so many bytes of a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("name", ["v.csv", "v.json", "v.parquet"])
def test_a_write_that_fails_half_way_leaves_the_old_file_and_nothing_beside_it(
    june: Loaded, shipped: PolicySet, tmp_path: Path, name: str
) -> None:
    evaluation = check_moves(*june, shipped, JUNE)
    (tmp_path / name).write_text("old", encoding="utf-8")
    with pytest.raises(Exception, match=r"(?i)too large"), files_of_at_most(1_000):
        write(evaluation, tmp_path / name)
    assert (tmp_path / name).read_text("utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == [name]
    write(evaluation, tmp_path / name)
    assert (tmp_path / name).stat().st_size > 1_000


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("v.xlsx", "unknown kind of file; found `.xlsx`; expected .csv, .parquet or .json"),
        ("v", "unknown kind of file; found `none`; expected .csv, .parquet or .json"),
        ("no/such/v.csv", "cannot be written"),
        ("folder.csv", "cannot be written"),
    ],
)
def test_a_file_that_cannot_be_is_refused(
    june: Loaded, shipped: PolicySet, tmp_path: Path, name: str, told: str
) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(BadInput) as refused:
        write(check_moves(*june, shipped, JUNE), tmp_path / name)
    assert told in str(refused.value)
    assert [p.name for p in tmp_path.iterdir()] == ["folder.csv"]


def enlarge(db: Database, times: int) -> None:
    """Every moving account and its move `times` over, under names of their own."""
    copies = f"range({times}) AS copies(n)"
    moving = "SELECT account FROM moves"
    for table in ("accounts", "ownership", "potential"):
        parent = ", CASE WHEN parent IS NOT NULL THEN parent || '#' || n END AS parent" if table == "accounts" else ""
        db.run(f"CREATE TABLE more AS SELECT t.* REPLACE (t.account || '#' || n AS account{parent}) "
               f"FROM {table} t, {copies} WHERE t.account IN ({moving})")  # fmt: skip
        db.run(f"INSERT INTO {table} SELECT * FROM more")
        db.run("DROP TABLE more")
    db.run("CREATE TABLE booked AS SELECT any_value(booking) AS booking, max(booked_on) AS booked_on, "
           "sum(amount)::BIGINT AS amount, account, any_value(rep) AS rep, any_value(territory) AS territory "
           f"FROM revenue WHERE account IN ({moving}) GROUP BY account")  # fmt: skip
    db.run("INSERT INTO revenue BY NAME SELECT booking || '#' || n AS booking, booked_on, amount, "
           f"account || '#' || n AS account, rep, territory FROM booked, {copies}")  # fmt: skip
    db.run("CREATE OR REPLACE TABLE moves AS SELECT m.* REPLACE (m.account || '#' || n AS account) "
           f"FROM moves m, {copies} ORDER BY account")  # fmt: skip


def test_two_hundred_thousand_moves_are_judged_counted_and_written(
    june: Loaded, shipped: PolicySet, tmp_path: Path
) -> None:
    """With something said about every tenth of them. A row-by-row join took two minutes here."""
    db, manifest = june
    enlarge(db, 7_700)
    accounts = [account for (account,) in db.rows("SELECT account FROM moves ORDER BY account")]
    assert len(accounts) == 200_200
    said = Standing(
        dict.fromkeys(accounts[::10], frozenset({("W-1", "R02")})),
        dict.fromkeys(accounts[::20], frozenset({"sales-ops"})),
    )
    evaluation = check_moves(db, manifest, shipped, JUNE, standing=said)
    counted = tally(evaluation)
    assert counted.total == 200_200
    assert len(evaluation.conclusions) < 200
    write(evaluation, tmp_path / "v.csv")
    rows = read_csv(tmp_path / "v.csv")
    assert [row["account"] for row in rows] == accounts
    assert {v: sum(row["verdict"] == v for row in rows) for v in VERDICTS} == dict(counted.verdicts)
    for row in rows[:: len(rows) // 50]:
        outcome = outcome_of(evaluation, row["account"])
        assert outcome is not None
        assert outcome.word == row["verdict"]
