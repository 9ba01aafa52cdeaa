"""What is acknowledged is on disk, numbered, signed and provable; and no second history is ever signed."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from governance.last_signed import GuardRefused
from governance.ledger import (
    Entry,
    EventConflict,
    Ledger,
    LedgerBroken,
    LedgerForked,
    LedgerRefused,
    LedgerRolledBack,
    Recorded,
)
from governance.ledger_check import check_ledger
from governance.log_key import LogKey, new_log_key
from governance.log_proof import verify_proof
from governance.merkle import extends
from governance.refusal import Refused
from governance.signed_note import open_checkpoint, read_checkpoint, read_vkey
from governance.store_reading import StoreRefused
from rules.problem import BadInput

KEY = new_log_key("example.com/ledger")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def event(number: int, kind: str = "decision.committed", **data: object) -> Entry:
    """The event `e<number>`, about one of three subjects."""
    at = NOON + timedelta(minutes=number)
    return Entry(kind, f"DR-{number % 3}", "ana@example.com", at, f"e{number}", {"n": number, **data})


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a fresh ledger `db` and its guard `guard`, closed."""
    Ledger.create(tmp_path / "db", KEY.name, KEY, tmp_path / "guard").close()
    return tmp_path


@pytest.fixture
def ledger(place: Path) -> Iterator[Ledger]:
    with Ledger.open(place / "db", KEY, place / "guard") as ledger:
        yield ledger


def test_a_new_ledger_is_empty_signed_and_sound(place: Path) -> None:
    with Ledger.open(place / "db") as ledger:
        assert (ledger.size, ledger.origin) == (0, "example.com/ledger")
        assert list(ledger.entries()) == []
        assert open_checkpoint(ledger.latest_checkpoint(), read_vkey(KEY.vkey)).size == 0
    assert check_ledger(place / "db", KEY.vkey) == ()


def test_appended_entries_are_numbered_and_read_back_in_order(place: Path, ledger: Ledger) -> None:
    assert ledger.append([event(0), event(1)]).size == 2
    assert ledger.append([event(2)]).size == 3
    with Ledger.open(place / "db") as reader:
        found = list(reader.entries())
        assert [r.index for r in found] == [0, 1, 2]
        assert [r.entry for r in found] == [event(0), event(1), event(2)]
        assert reader.entry(1) == found[1]
        assert reader.index_of("e2") == 2
        assert reader.index_of("e3") is None


def test_entries_are_found_by_kind_and_by_subject(ledger: Ledger) -> None:
    ledger.append([event(n, kind="a" if n < 5 else "b") for n in range(9)])

    def numbers(found: Iterator[Recorded]) -> list[int]:
        return [r.index for r in found]

    assert numbers(ledger.entries(kind="b")) == [5, 6, 7, 8]
    assert numbers(ledger.entries(subject="DR-1")) == [1, 4, 7]
    assert numbers(ledger.entries("a", "DR-1")) == [1, 4]
    assert numbers(ledger.entries(kind="c")) == []


def test_reading_goes_on_past_one_page(ledger: Ledger) -> None:
    ledger.append([event(n) for n in range(2_001)])
    assert [r.index for r in ledger.entries()] == list(range(2_001))


def test_every_entry_is_proved_under_the_latest_checkpoint(ledger: Ledger) -> None:
    for n in range(9):
        ledger.append([event(n)])
    for n in range(9):
        assert verify_proof(ledger.proof(n), ledger.entry(n).raw, KEY.vkey).note == ledger.latest_checkpoint()


def test_every_checkpoint_extends_every_earlier_one(ledger: Ledger) -> None:
    heads = [ledger.append([event(n)]) for n in range(9)]
    last = heads[-1]
    for head in heads:
        assert extends(head.root, head.size, last.root, last.size, ledger.consistency(head.size))


@pytest.mark.parametrize("index", [-1, 2, 99])
def test_there_is_neither_entry_nor_proof_beyond_the_last(ledger: Ledger, index: int) -> None:
    ledger.append([event(0), event(1)])
    for ask in (ledger.entry, ledger.proof):
        with pytest.raises(LedgerRefused, match=f"no entry {index}"):
            ask(index)
    with pytest.raises(LedgerRefused, match="no checkpoint"):
        ledger.consistency(3 if index > 0 else -1)


def test_an_event_sent_again_is_recorded_once(ledger: Ledger) -> None:
    """As after a crash between the commit and the answer."""
    first = ledger.append([event(0), event(1)])
    assert ledger.append([event(1), event(0)]) == first
    assert ledger.append([event(1), event(2), event(2)]).size == 3
    assert [r.entry.event_id for r in ledger.entries()] == ["e0", "e1", "e2"]


def test_an_event_id_with_other_content_is_refused_and_the_whole_batch_with_it(ledger: Ledger) -> None:
    before = ledger.append([event(0)])
    with pytest.raises(EventConflict, match="recorded as entry 0"):
        ledger.append([event(1), event(0, amended="yes")])
    with pytest.raises(EventConflict, match="twice in this batch"):
        ledger.append([event(1), event(1, amended="yes")])
    assert ledger.latest_checkpoint() == before.note


def test_entries_that_cannot_be_written_down_are_all_named_and_none_is_recorded(ledger: Ledger) -> None:
    with pytest.raises(BadInput) as refused:
        ledger.append([event(0), event(1, share=0.5), event(2, kind="")])
    assert [str(p.where) for p in refused.value.problems] == ["entry 2 $.data.share", "entry 3 kind"]
    assert ledger.size == 0


def test_nothing_to_append_changes_nothing(ledger: Ledger) -> None:
    assert ledger.append([]).note == ledger.latest_checkpoint()


def test_several_threads_may_share_a_ledger(ledger: Ledger) -> None:
    def append(start: int) -> list[int]:
        return [ledger.append([event(n)]).size for n in range(start, start + 5)]

    with ThreadPoolExecutor(4) as pool:
        sizes = [size for found in pool.map(append, (0, 5, 10, 15)) for size in found]
    assert sorted(sizes) == list(range(1, 21))
    assert sorted(r.entry.event_id for r in ledger.entries()) == sorted(f"e{n}" for n in range(20))


def test_a_create_that_crashed_is_begun_again(tmp_path: Path) -> None:
    """Before the guard was written: whatever lies under the working name is not looked at."""
    for name in ("db.new", "db.new-wal", "db.new-shm"):
        (tmp_path / name).write_bytes(b"half")
    with Ledger.create(tmp_path / "db", KEY.name, KEY, tmp_path / "guard") as ledger:
        assert ledger.append([event(0)]).size == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["db", "guard", "guard.lock"]


def test_without_the_key_nothing_is_appended(place: Path) -> None:
    with Ledger.open(place / "db") as reader, pytest.raises(LedgerRefused, match="reading only"):
        reader.append([event(0)])


def test_the_guard_says_what_was_signed_last(place: Path, ledger: Ledger) -> None:
    for n in range(3):
        assert (place / "guard").read_text() == ledger.latest_checkpoint()
        ledger.append([event(n)])


def test_a_ledger_is_not_begun_anew_where_one_or_its_guard_is(place: Path) -> None:
    with pytest.raises(LedgerRefused, match="exists already"):
        Ledger.create(place / "db", KEY.name, KEY, place / "other")
    with pytest.raises(LedgerRefused, match="exists already"):
        Ledger.create(place / "other", KEY.name, KEY, place / "guard")
    assert not (place / "other").exists()


def test_a_ledger_bears_the_name_of_its_key(tmp_path: Path) -> None:
    with pytest.raises(LedgerRefused, match="the key is of"):
        Ledger.create(tmp_path / "db", "example.com/other", KEY, tmp_path / "guard")
    assert list(tmp_path.iterdir()) == []


def test_another_key_does_not_open_it_for_writing(place: Path) -> None:
    for key in (new_log_key(KEY.name), new_log_key("example.com/other")):
        with pytest.raises(Refused, match="no signature by a trusted key"):
            Ledger.open(place / "db", key, place / "guard")


def test_a_key_without_a_guard_is_refused(place: Path) -> None:
    with pytest.raises(LedgerRefused, match="under its guard"):
        Ledger.open(place / "db", KEY)


def restored(place: Path, ledger: Ledger) -> None:
    """Two entries, a backup, a third entry, and the backup put back."""
    ledger.append([event(0), event(1)])
    ledger.close()
    shutil.copy(place / "db", place / "backup")
    with Ledger.open(place / "db", KEY, place / "guard") as again:
        again.append([event(2)])
    shutil.copy(place / "backup", place / "db")


def test_a_restored_old_backup_is_refused_before_it_signs(place: Path, ledger: Ledger) -> None:
    restored(place, ledger)
    with pytest.raises(LedgerRolledBack, match="holds 2 entries, but 3 were signed"):
        Ledger.open(place / "db", KEY, place / "guard")
    assert check_ledger(place / "db", KEY.vkey) == (), "alone it looks sound: only the guard knows"
    assert check_ledger(place / "db", KEY.vkey, [(place / "guard").read_text()])


def test_a_backup_restored_under_an_open_ledger_is_refused_at_the_next_append(place: Path, ledger: Ledger) -> None:
    ledger.append([event(0)])
    with closing(sqlite3.connect(place / "db")) as raw:
        raw.executescript("PRAGMA wal_checkpoint(TRUNCATE); VACUUM INTO '" + str(place / "backup") + "'")
    ledger.append([event(1)])
    with closing(sqlite3.connect(place / "backup")) as old, closing(sqlite3.connect(place / "db")) as raw:
        old.backup(raw)
    with pytest.raises(LedgerRolledBack):
        ledger.append([event(2)])


def test_a_copy_does_not_sign_a_second_history(place: Path, ledger: Ledger) -> None:
    """Two copies under one guard: whoever appends first goes on, the other is refused."""
    ledger.append([event(0)])
    ledger.close()
    shutil.copy(place / "db", place / "copy")
    with (
        Ledger.open(place / "db", KEY, place / "guard") as one,
        Ledger.open(place / "copy", KEY, place / "guard") as two,
    ):
        one.append([event(1)])
        with pytest.raises(LedgerRolledBack):
            two.append([event(2)])
        one.append([event(3)])


def test_another_ledger_of_the_same_key_is_refused(place: Path, ledger: Ledger) -> None:
    ledger.append([event(0)])
    with Ledger.create(place / "db2", KEY.name, KEY, place / "guard2") as other:
        other.append([event(1), event(2)])
    with pytest.raises(LedgerForked, match="the first 1 entries"):
        Ledger.open(place / "db2", KEY, place / "guard")


def test_a_lost_guard_is_refused_and_mended_with_any_checkpoint_that_somebody_has(place: Path, ledger: Ledger) -> None:
    kept = ledger.append([event(0)]).note
    ledger.append([event(1)])
    ledger.close()
    (place / "guard").unlink()
    with pytest.raises(GuardRefused, match="no last signed checkpoint"):
        Ledger.open(place / "db", KEY, place / "guard")
    (place / "guard").write_text(kept)
    with Ledger.open(place / "db", KEY, place / "guard") as again:
        again.append([event(2)])
    assert read_checkpoint((place / "guard").read_text()).size == 3


def test_a_guard_that_this_key_did_not_sign_is_refused(place: Path, ledger: Ledger) -> None:
    ledger.append([event(0)])
    (place / "guard").write_text("anything\n")
    with pytest.raises(GuardRefused, match="none of this key"):
        ledger.append([event(1)])
    assert ledger.size == 1


def test_a_crash_between_database_and_guard_is_made_good_by_the_next_append(place: Path, ledger: Ledger) -> None:
    ledger.append([event(0)])
    before = (place / "guard").read_text()
    ledger.append([event(1)])
    (place / "guard").write_text(before)
    assert ledger.append([event(1)]).size == 2
    assert (place / "guard").read_text() == ledger.latest_checkpoint()


def edit(place: Path, sql: str) -> None:
    """Change the file as somebody would who knows SQL: triggers away, change, triggers back."""
    with closing(sqlite3.connect(place / "db")) as raw:
        triggers = raw.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            raw.execute(f"DROP TRIGGER {name}")
        raw.executescript(sql)
        for _, again in triggers:
            raw.execute(again)
        raw.commit()


READS: list[Callable[[Ledger], object]] = [lambda ledger: ledger.entry(1), lambda ledger: list(ledger.entries())]


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize(
    "change", ["body = CAST(replace(body, 'ana', 'eva') AS BLOB)", "leaf = zeroblob(32)", "body = x'00'"]
)
def test_an_altered_entry_is_not_read(
    place: Path, ledger: Ledger, change: str, read: Callable[[Ledger], object]
) -> None:
    ledger.append([event(n) for n in range(3)])
    edit(place, f"UPDATE ledger_entry SET {change} WHERE idx = 1")
    with pytest.raises(LedgerBroken, match="entry 1"):
        read(ledger)


def test_no_proof_is_made_that_would_not_verify(place: Path, ledger: Ledger) -> None:
    ledger.append([event(n) for n in range(3)])
    edit(place, "UPDATE ledger_entry SET leaf = zeroblob(32) WHERE idx = 1")
    with pytest.raises(LedgerBroken, match="not those"):
        ledger.proof(0)
    with pytest.raises(LedgerBroken, match="not those"):
        ledger.consistency(1)


@pytest.mark.parametrize("column", ["body", "leaf", "event_id"])
def test_a_value_of_the_wrong_kind_is_refused_and_no_crash(place: Path, ledger: Ledger, column: str) -> None:
    """SQLite puts text where bytes belong, and bytes where text belongs."""
    ledger.append([event(n) for n in range(3)])
    other = "TEXT" if column != "event_id" else "BLOB"
    edit(place, f"UPDATE ledger_entry SET {column} = CAST(substr(hex(leaf), 1, 32) AS {other}) WHERE idx = 1")
    for read in READS:
        with pytest.raises(StoreRefused, match="wrong kind"):
            read(ledger)
    if column == "leaf":
        with pytest.raises(StoreRefused, match="wrong kind"):
            ledger.proof(0)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM ledger_entry WHERE idx = 2",
        "DELETE FROM ledger_checkpoint",
        "DELETE FROM ledger_checkpoint WHERE size = 3",
        "UPDATE ledger_checkpoint SET edge = zeroblob(64) WHERE size = 3",
        "UPDATE ledger_checkpoint SET edge = x'' WHERE size = 3",
        "INSERT INTO ledger_entry VALUES (3, 'x', zeroblob(32), x'00')",
    ],
)
def test_a_ledger_whose_head_does_not_hold_together_is_neither_opened_nor_continued(
    place: Path, ledger: Ledger, sql: str
) -> None:
    ledger.append([event(n) for n in range(3)])
    edit(place, sql)
    with pytest.raises(LedgerBroken):
        ledger.append([event(3)])
    with pytest.raises(LedgerBroken):
        Ledger.open(place / "db")


def test_without_its_triggers_it_is_not_opened(place: Path) -> None:
    with closing(sqlite3.connect(place / "db")) as raw:
        raw.execute("DROP TRIGGER ledger_entry_is_kept")
    with pytest.raises(StoreRefused, match="ledger_entry_is_kept"):
        Ledger.open(place / "db", KEY, place / "guard")


class LedgerAgainstList(RuleBasedStateMachine):
    """Whatever is appended, repeated, crashed and reopened: the ledger is the list of the events it acknowledged."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.key: LogKey = KEY
        self.model: list[Entry] = []
        self.notes: list[str] = []
        self.ledger = Ledger.create(self.folder / "db", KEY.name, self.key, self.folder / "guard")

    @initialize()
    def keep_the_first_checkpoint(self) -> None:
        self.notes.append(self.ledger.latest_checkpoint())

    @rule(count=st.integers(0, 3), word=st.text(max_size=5).filter(lambda w: w.isprintable()))
    def append(self, count: int, word: str) -> None:
        fresh = [event(len(self.model) + n, word=word) for n in range(count)]
        self.notes.append(self.ledger.append(fresh).note)
        self.model += fresh

    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        again = data.draw(st.lists(st.sampled_from(self.model), max_size=3)) if self.model else []
        self.notes.append(self.ledger.append(again).note)

    @rule(data=st.data())
    def contradict(self, data: st.DataObject) -> None:
        if self.model:
            known = data.draw(st.integers(0, len(self.model) - 1))
            with pytest.raises(EventConflict):
                self.ledger.append([event(len(self.model)), event(known, other="content")])

    @rule()
    def close_and_reopen(self) -> None:
        self.ledger.close()
        self.ledger = Ledger.open(self.folder / "db", self.key, self.folder / "guard")

    @rule()
    def crash_before_the_guard_and_reopen(self) -> None:
        """The file as it lies on disk, with its write-ahead log, and the guard one append behind."""
        crashed = Path(tempfile.mkdtemp(dir=self.folder))
        for file in self.folder.glob("db*"):
            shutil.copy(file, crashed / file.name)
        self.ledger.close()
        for file in self.folder.glob("db*"):
            file.unlink()
        for file in crashed.glob("db*"):
            if not file.name.endswith("-shm"):
                shutil.copy(file, self.folder / file.name)
        (self.folder / "guard").write_text(self.notes[max(0, len(self.notes) - 2)])
        self.ledger = Ledger.open(self.folder / "db", self.key, self.folder / "guard")

    @invariant()
    def it_is_the_list(self) -> None:
        assert [r.entry for r in self.ledger.entries()] == self.model
        assert self.ledger.size == len(self.model)

    @invariant()
    def it_is_sound_against_every_checkpoint_it_ever_gave(self) -> None:
        assert check_ledger(self.folder / "db", KEY.vkey, self.notes) == ()

    @invariant()
    def its_last_entry_is_proved(self) -> None:
        if self.model:
            last = len(self.model) - 1
            assert verify_proof(self.ledger.proof(last), self.ledger.entry(last).raw, KEY.vkey).size == last + 1

    def teardown(self) -> None:
        self.ledger.close()
        shutil.rmtree(self.folder)


TestLedgerAgainstList = LedgerAgainstList.TestCase
TestLedgerAgainstList.settings = settings(max_examples=12, stateful_step_count=12, deadline=None)
