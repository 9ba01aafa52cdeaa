"""Any changed byte of the past is found, given the log key and one checkpoint kept elsewhere; and what is not, is said.

The attacker here holds the file and knows SQL: triggers are dropped before the change and put back after it.
"""

import random
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from governance.ledger import Entry, Ledger
from governance.ledger_check import Flaw, check_ledger, examine_ledger
from governance.ledger_entry import body_of
from governance.log_key import LogKey, new_log_key
from governance.merkle import edge_of, leaf_hash
from governance.signed_note import sign_checkpoint

KEY = new_log_key("example.com/ledger")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
BATCHES = (3, 1, 4, 1)
"""Nine entries under checkpoints 0, 3, 4, 8 and 9."""
COUNT = sum(BATCHES)


def event(number: int, **data: object) -> Entry:
    at = NOON + timedelta(minutes=number)
    return Entry("decision.committed", f"DR-{number}", "ana@example.com", at, f"e{number}", {"n": number, **data})


@dataclass(frozen=True, slots=True)
class Case:
    """A sound ledger file, and the checkpoint over 8 entries that somebody keeps elsewhere."""

    path: Path
    kept: str

    def flaws(self, outside: Sequence[str] = ()) -> set[Flaw]:
        return {f.flaw for f in check_ledger(self.path, KEY.vkey, outside)}

    def told(self, outside: Sequence[str] = ()) -> str:
        return "\n".join(f.message for f in check_ledger(self.path, KEY.vkey, outside))

    def raw(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, isolation_level=None)

    def attack(self, *changes: str | tuple[str, tuple[object, ...]]) -> None:
        """Triggers away, changes, triggers back."""
        with closing(self.raw()) as raw:
            triggers = raw.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
            raw.execute("PRAGMA ignore_check_constraints = ON")
            raw.execute("PRAGMA synchronous = OFF")
            raw.execute("BEGIN")
            for name, _ in triggers:
                raw.execute(f"DROP TRIGGER {name}")
            for change in changes:
                raw.execute(change) if isinstance(change, str) else raw.execute(*change)
            for _, sql in triggers:
                raw.execute(sql)
            raw.execute("COMMIT")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("sound")
    kept, number = "", 0
    with Ledger.create(folder / "db", KEY.name, KEY, folder / "guard") as ledger:
        for batch in BATCHES:
            head = ledger.append([event(number + n) for n in range(batch)])
            number += batch
            kept = head.note if number == 8 else kept
    return Case(folder / "db", kept)


@pytest.fixture
def case(sound: Case, tmp_path: Path) -> Case:
    shutil.copy(sound.path, tmp_path / "db")
    return Case(tmp_path / "db", sound.kept)


def rewrite(case: Case, bodies: Sequence[bytes], key: LogKey, sizes: Sequence[int]) -> None:
    """The whole history anew, consistent in itself, with checkpoints by `key` at `sizes`."""
    leaves = [leaf_hash(body) for body in bodies]
    changes: list[str | tuple[str, tuple[object, ...]]] = ["DELETE FROM ledger_entry", "DELETE FROM ledger_checkpoint"]
    for n, (leaf, body) in enumerate(zip(leaves, bodies, strict=True)):
        changes.append(("INSERT INTO ledger_entry VALUES (?, ?, ?, ?)", (n, f"e{n}", leaf, body)))
    for size in sizes:
        edge = edge_of(leaves[:size])
        note = sign_checkpoint(size, edge.root(), key).note
        changes.append(("INSERT INTO ledger_checkpoint VALUES (?, ?, ?)", (size, edge.to_bytes(), note)))
    case.attack(*changes)


def forged(changed: int = 4) -> list[bytes]:
    """The bodies of the history, but for one that says something else."""
    return [body_of(event(n, forged="yes") if n == changed else event(n)) for n in range(COUNT)]


def test_a_ledger_that_nobody_touched_is_sound(case: Case) -> None:
    assert check_ledger(case.path, KEY.vkey) == ()
    assert check_ledger(case.path, KEY.vkey, [case.kept]) == ()


def test_dropping_the_triggers_and_putting_them_back_is_no_finding_in_itself(case: Case) -> None:
    """Else the tests below would find that, and not what they are about."""
    case.attack()
    assert check_ledger(case.path, KEY.vkey, [case.kept]) == ()


def test_row_2_missing_triggers_are_a_finding(case: Case) -> None:
    with closing(case.raw()) as raw:
        raw.execute("DROP TRIGGER ledger_entry_stays")
    assert case.flaws() == {Flaw.SCHEMA}


def test_row_3_an_edited_body_is_named_and_the_root_differs(case: Case) -> None:
    case.attack("UPDATE ledger_entry SET body = CAST(replace(body, 'ana@', 'eva@') AS BLOB) WHERE idx = 4")
    findings = check_ledger(case.path, KEY.vkey)
    assert (findings[0].flaw, findings[0].index) == (Flaw.ENTRY, 4)
    assert findings[0].message == "entry 4: body and leaf hash disagree"
    assert [(f.flaw, f.index) for f in findings[1:]] == [(Flaw.CHECKPOINT, 8), (Flaw.CHECKPOINT, 9)]


def test_row_4_an_edited_body_with_its_leaf_makes_the_root_differ(case: Case) -> None:
    body = forged()[4]
    case.attack(("UPDATE ledger_entry SET body = ?, leaf = ? WHERE idx = 4", (body, leaf_hash(body))))
    assert "the first 8 entries are not those that checkpoint 8 signs" in case.told()
    assert case.flaws() == {Flaw.CHECKPOINT}


def test_row_5_a_deleted_row_is_a_gap(case: Case) -> None:
    case.attack("DELETE FROM ledger_entry WHERE idx = 4")
    assert "entry 5 stands where entry 4 belongs" in case.told()


def test_row_6_a_deleted_row_with_the_rest_renumbered_makes_the_root_differ(case: Case) -> None:
    case.attack(
        "DELETE FROM ledger_entry WHERE idx = 4",
        "UPDATE ledger_entry SET idx = -idx WHERE idx > 4",
        "UPDATE ledger_entry SET idx = -idx - 1 WHERE idx < 0",
    )
    assert "the first 8 entries are not those" in case.told()
    assert "checkpoint was signed for 9 entries, only 8 are present" in case.told()


def test_row_7_two_swapped_rows_make_the_root_differ(case: Case) -> None:
    case.attack(
        "UPDATE ledger_entry SET idx = -1 WHERE idx = 4",
        "UPDATE ledger_entry SET idx = 4 WHERE idx = 6",
        "UPDATE ledger_entry SET idx = 6 WHERE idx = -1",
    )
    assert case.flaws() == {Flaw.CHECKPOINT}


def test_row_8_cut_entries_are_missed_by_their_checkpoint(case: Case) -> None:
    case.attack("DELETE FROM ledger_entry WHERE idx >= 5")
    assert "checkpoint was signed for 9 entries, only 5 are present" in case.told()


def test_row_9_entries_cut_together_with_their_checkpoints_are_found_only_from_outside(case: Case) -> None:
    case.attack("DELETE FROM ledger_entry WHERE idx >= 4", "DELETE FROM ledger_checkpoint WHERE size > 4")
    assert check_ledger(case.path, KEY.vkey) == ()
    assert case.told([case.kept]) == (
        "a checkpoint kept elsewhere covers 8 entries, only 4 are present: the ledger was cut"
    )


def test_row_10_a_history_rewritten_without_checkpoints_is_unsound(case: Case) -> None:
    rewrite(case, forged(), KEY, sizes=())
    assert case.flaws() == {Flaw.CHECKPOINT, Flaw.UNSIGNED}
    assert Flaw.OUTSIDE in case.flaws([case.kept])


def test_row_11_a_history_rewritten_with_another_key_is_not_signed(case: Case) -> None:
    for key in (new_log_key(KEY.name), new_log_key("example.com/other")):
        rewrite(case, forged(), key, sizes=(0, 3, 4, 8, 9))
        assert "no signature by a trusted key" in case.told()
        assert "no checkpoint signed by the log key" in case.told()


@pytest.mark.parametrize("sizes", [(0, 3, 4, 8, 9), (9,)])
def test_row_12_a_history_rewritten_with_the_stolen_key_is_found_only_from_outside(
    case: Case, sizes: tuple[int, ...]
) -> None:
    rewrite(case, forged(), KEY, sizes)
    assert check_ledger(case.path, KEY.vkey) == ()
    assert case.told([case.kept]) == (
        "the first 8 entries are not those of a checkpoint kept elsewhere: the ledger was rewritten or exchanged"
    )


def test_row_13_a_fork_of_the_same_length_is_found_by_whoever_was_shown_the_other(case: Case) -> None:
    shown = examine_ledger(case.path, KEY.vkey).latest
    rewrite(case, forged(8), KEY, sizes=(0, 3, 4, 8, 9))
    assert check_ledger(case.path, KEY.vkey) == ()
    assert check_ledger(case.path, KEY.vkey, [case.kept]) == (), "entry 8 is after the checkpoint over 8 entries"
    assert shown is not None
    assert case.flaws([shown.note]) == {Flaw.OUTSIDE}


def test_row_14_an_entry_appended_without_a_signature_is_told(case: Case) -> None:
    body = body_of(event(9))
    with closing(case.raw()) as raw:
        raw.execute("INSERT INTO ledger_entry VALUES (9, 'e9', ?, ?)", (leaf_hash(body), body))
    assert case.told() == "entries 9 to 9 stand after the last checkpoint"


def test_row_15_16_what_triggers_block_is_found_when_they_are_gone(case: Case) -> None:
    case.attack("UPDATE ledger_entry SET idx = 20 WHERE idx = 8")
    assert "entry 20 stands where entry 8 belongs" in case.told()
    case.attack("UPDATE ledger_checkpoint SET size = 5 WHERE size = 4")
    assert "checkpoint 5 was signed for 4 entries" in case.told()


def content(path: Path) -> list[tuple[object, ...]]:
    """Every cell with its kind, text also where it is not valid."""
    with closing(sqlite3.connect(path)) as raw:
        raw.text_factory = lambda data: ("text", data)
        return [*raw.execute("SELECT * FROM ledger_entry"), *raw.execute("SELECT * FROM ledger_checkpoint")]


OTHERS = ["NULL", "0", "-1", "1.5", "''", "'x'", "x''", "x'00'", "x'ff'", "zeroblob(32)", "CAST(x'ff' AS TEXT)", "9e18"]


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_checkpoint"])
def test_every_change_of_every_column_is_found(case: Case, table: str) -> None:
    """Each cell replaced by values of every kind, or its text or bytes changed, lengthened and shortened."""
    with closing(case.raw()) as raw:
        columns = [row[1] for row in raw.execute(f"PRAGMA table_info({table})")]
        keys = [row[0] for row in raw.execute(f"SELECT {columns[0]} FROM {table}")]
    assert len(keys) > 4
    changes = [*OTHERS, "{c} || 'x'", "CAST({c} || 'x' AS BLOB)", "substr({c}, 2)", "CAST({c} AS TEXT)", "upper({c})"]
    before, true = case.path.read_bytes(), content(case.path)
    tried = 0
    for key in (keys[0], keys[len(keys) // 2], keys[-1]):
        for column in columns:
            for change in changes:
                value = change.format(c=column)
                case.path.write_bytes(before)
                try:
                    case.attack((f"UPDATE {table} SET {column} = {value} WHERE {columns[0]} = ?", (key,)))
                except sqlite3.IntegrityError:
                    continue  # SQLite itself cannot be brought to hold this
                if content(case.path) != true:
                    tried += 1
                    assert check_ledger(case.path, KEY.vkey), f"{table}.{column} = {value} at {key}"
    assert tried > 60


@pytest.mark.parametrize("size", [0, 3, 4, 8, 9])
def test_a_checkpoint_left_out_is_found_if_it_is_the_last(case: Case, size: int) -> None:
    """An earlier one is implied by the last: without it, nothing that was promised is lost."""
    case.attack(f"DELETE FROM ledger_checkpoint WHERE size = {size}")
    assert (case.flaws() == {Flaw.UNSIGNED}) == (size == 9)


def test_an_event_recorded_twice_is_told(case: Case) -> None:
    bodies = [*(body_of(event(n)) for n in range(COUNT - 1)), body_of(event(2))]
    rewrite(case, bodies, KEY, sizes=(9,))
    assert "entry 8: event `e2` is recorded before" in case.told()


def test_a_signed_body_that_is_no_entry_is_told(case: Case) -> None:
    bodies = [*(body_of(event(n)) for n in range(COUNT - 1)), b'{"hidden": "fact"}']
    rewrite(case, bodies, KEY, sizes=(9,))
    assert "entry 8: body is not in canonical form" in case.told()


def test_a_clock_set_back_is_told_but_the_order_stands(case: Case) -> None:
    minutes = (0, 1, 5, 3, 4, 2, 6)
    claimed = [replace(event(n), at=NOON + timedelta(minutes=m)) for n, m in enumerate(minutes)]
    rewrite(case, [body_of(entry) for entry in claimed], KEY, sizes=(7,))
    report = examine_ledger(case.path, KEY.vkey)
    assert (report.findings, report.backward) == ((), (3, 5))


def test_the_anchoring_window_is_what_no_outside_checkpoint_covers(case: Case) -> None:
    def seen(*outside: str) -> tuple[int, int | None, int]:
        report = examine_ledger(case.path, KEY.vkey, outside)
        return report.size, report.anchored, report.window

    latest = examine_ledger(case.path, KEY.vkey).latest
    assert latest is not None
    assert seen() == (9, None, 9)
    assert seen(case.kept) == (9, 8, 1)
    assert seen(case.kept, latest.note) == (9, 9, 0)


def test_an_outside_checkpoint_that_does_not_fit_anchors_nothing(case: Case) -> None:
    rewrite(case, forged(), KEY, sizes=(9,))
    report = examine_ledger(case.path, KEY.vkey, [case.kept])
    assert (report.anchored, report.window) == (None, 9)


def test_an_outside_checkpoint_by_another_key_is_told_and_not_passed_over(case: Case) -> None:
    strange = sign_checkpoint(8, leaf_hash(b"x"), new_log_key(KEY.name)).note
    assert case.told([case.kept, strange]) == "outside checkpoint 2: no signature by a trusted key"
    assert case.flaws(["not a note"]) == {Flaw.OUTSIDE}


def test_a_bad_verifier_key_makes_no_ledger_sound(case: Case) -> None:
    for vkey in ("", "example.com/ledger", KEY.vkey[:-1]):
        assert [f.flaw for f in check_ledger(case.path, vkey)] == [Flaw.UNREADABLE]


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("this is no database\n" * 1000)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def other_tables(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE ledger_entry (idx, event_id, leaf, body)")


def endless_view(path: Path) -> None:
    """A view in place of the table that would never stop giving rows."""
    with closing(sqlite3.connect(path)) as raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute("DROP TABLE ledger_entry")
        raw.execute(
            "CREATE VIEW ledger_entry AS WITH RECURSIVE t(idx) AS (SELECT 0 UNION ALL SELECT idx + 1 FROM t) "
            "SELECT idx, 'e' AS event_id, x'' AS leaf, x'' AS body FROM t"
        )


@pytest.mark.parametrize("hostile", [empty, text, Path.unlink, folder, other_tables, endless_view])
def test_a_file_that_is_no_ledger_is_a_finding_and_no_crash(case: Case, hostile: Callable[[Path], None]) -> None:
    hostile(case.path)
    assert case.flaws()
    assert case.flaws() <= {Flaw.UNREADABLE, Flaw.SCHEMA}


def test_more_than_a_thousand_findings_are_counted(case: Case) -> None:
    bodies = [b"x%d" % n for n in range(1_100)]
    rewrite(case, bodies, KEY, sizes=(1_100,))
    findings = check_ledger(case.path, KEY.vkey)
    assert (len(findings), findings[-1].message) == (1_001, "and 100 more findings")


def flips(path: Path, before: bytes, count: int, seed: int) -> int:
    """Flip bits at random places, one at a time; the number of those that were found. None may raise."""
    draw = random.Random(seed)  # noqa: S311 -- places to hit, not secrets
    found = 0
    for _ in range(count):
        damaged = bytearray(before)
        damaged[draw.randrange(len(damaged))] ^= 1 << draw.randrange(8)
        path.write_bytes(damaged)
        for rest in path.parent.glob("db-*"):
            rest.unlink()
        found += bool(check_ledger(path, KEY.vkey))
    return found


def test_a_flipped_bit_anywhere_in_the_file_is_found_or_harmless_and_never_a_crash(case: Case) -> None:
    before = case.path.read_bytes()
    assert 10 < flips(case.path, before, count=150, seed=1) < 150


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(2, 12))
def test_a_thousand_flipped_bits_are_found_or_harmless(case: Case, seed: int) -> None:
    assert flips(case.path, case.path.read_bytes(), count=1_000, seed=seed) > 50


def test_a_flipped_bit_that_is_not_found_changed_no_fact(case: Case) -> None:
    before, true = case.path.read_bytes(), content(case.path)
    for at in range(0, len(before), 173):
        damaged = bytearray(before)
        damaged[at] ^= 4
        case.path.write_bytes(damaged)
        for rest in case.path.parent.glob("db-*"):
            rest.unlink()
        if not check_ledger(case.path, KEY.vkey):
            assert content(case.path) == true, at


def test_a_damaged_index_is_found_though_the_rows_are_whole(case: Case) -> None:
    """The id of an event stands in its body, in its row and in an index: a letter changed in any of them is found."""
    before = case.path.read_bytes()
    at, places = before.find(b"e4"), []
    while at >= 0:
        places.append(at)
        at = before.find(b"e4", at + 1)
    told = ""
    for place in places:
        case.path.write_bytes(before[:place] + b"f" + before[place + 1 :])
        assert check_ledger(case.path, KEY.vkey), place
        told += case.told()
    assert all(word in told for word in ("is damaged", "4: body and leaf", "4: event id beside"))


def test_a_truncated_file_is_found_or_harmless_and_never_a_crash(case: Case) -> None:
    before = case.path.read_bytes()
    for size in range(0, len(before), 997):
        case.path.write_bytes(before[:size])
        assert check_ledger(case.path, KEY.vkey), size


def test_looking_at_a_ledger_does_not_change_it(case: Case) -> None:
    before = case.path.read_bytes()
    check_ledger(case.path, KEY.vkey, [case.kept])
    assert case.path.read_bytes() == before


def test_a_ledger_is_examined_while_somebody_else_writes(tmp_path: Path) -> None:
    with Ledger.create(tmp_path / "db", KEY.name, KEY, tmp_path / "guard") as ledger:
        for n in range(5):
            ledger.append([event(n)])
            assert check_ledger(tmp_path / "db", KEY.vkey, [ledger.latest_checkpoint()]) == ()
