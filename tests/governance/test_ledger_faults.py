"""What was acknowledged survives: crowding, kill -9, a torn write-ahead log, a full disk, failing system calls."""

import random
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from governance.ledger import Entry, Ledger
from governance.ledger_check import check_ledger
from governance.log_key import LogKey, load_log_key, new_log_key, save_log_key

NAME = "example.com/ledger"

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from governance.ledger import Entry, Ledger
from governance.log_key import load_log_key
from governance.refusal import Refused

folder, who, first, last = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
key = load_log_key(folder / "key.pem", "example.com/ledger")
at = datetime(2026, 11, 21, tzinfo=UTC)
with Ledger.open(folder / "db", key, folder / "guard") as ledger:
    print("open", flush=True)
    for n in range(first, last):
        entry = Entry("kind", "subject", who, at, f"{who}-{n}", {"n": n, "padding": "x" * 500})
        try:
            head = ledger.append([entry])
        except Refused as refused:
            print("refused", refused.message, flush=True)
            break
        print("ack", f"{who}-{n}", head.size, flush=True)
"""


def writer(
    place: Path, who: str, numbers: range, before: Sequence[str] = (), limit: int | None = None
) -> subprocess.Popen[str]:
    """A process that appends one entry after the other and says so; it cannot write a file beyond `limit` bytes."""

    def limited() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    script = [sys.executable, "-c", WRITER, str(place), who, str(numbers.start), str(numbers.stop)]
    return subprocess.Popen(
        [*before, *script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limited,  # noqa: PLW1509 -- no threads here
    )


def acknowledged(said: str) -> list[str]:
    """Event ids of whole `ack` lines."""
    words = [line.split() for line in said.splitlines(keepends=True) if line.endswith("\n")]
    return [w[1] for w in words if w[0] == "ack"]


def recorded(place: Path) -> list[str]:
    with Ledger.open(place / "db") as ledger:
        return [r.body["event_id"] for r in ledger.entries()]


def key_of(place: Path) -> LogKey:
    return load_log_key(place / "key.pem", NAME)


def findings(place: Path) -> object:
    """What is wrong, also against what was signed last."""
    return check_ledger(place / "db", key_of(place).vkey, [(place / "guard").read_text()])


def append_one(place: Path, event_id: str) -> int:
    """Open with the key and append, as the next user would; the size thereafter."""
    entry = Entry("kind", "subject", "next", datetime(2026, 11, 22, tzinfo=UTC), event_id, {})
    with Ledger.open(place / "db", key_of(place), place / "guard") as ledger:
        return ledger.append([entry]).size


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with key, ledger and guard."""
    key = new_log_key(NAME)
    save_log_key(key, tmp_path / "key.pem")
    Ledger.create(tmp_path / "db", NAME, key, tmp_path / "guard").close()
    return tmp_path


def test_four_processes_append_25_entries_each_and_none_is_lost_or_doubled(place: Path) -> None:
    crowd = [writer(place, who, range(25)) for who in "abcd"]
    said = [process.communicate(timeout=300) for process in crowd]
    assert [process.returncode for process in crowd] == [0, 0, 0, 0], said
    wanted = [f"{who}-{n}" for who in "abcd" for n in range(25)]
    assert sorted(i for out, _ in said for i in acknowledged(out)) == sorted(wanted) == sorted(recorded(place))
    assert findings(place) == ()
    sizes = [int(line.split()[2]) for out, _ in said for line in out.splitlines() if line.startswith("ack")]
    assert sorted(sizes) == list(range(1, 101)), "every append had a checkpoint of its own"


def kill_at_random(place: Path, rounds: int, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 -- when to kill
    acks: list[str] = []
    killed = 0
    for number in range(rounds):
        process = writer(place, f"r{number}", range(10_000))
        assert process.stdout
        heard = [process.stdout.readline() for _ in range(draw.randrange(1, 25))]
        process.send_signal(signal.SIGKILL)
        rest, error = process.communicate(timeout=60)
        killed += process.returncode == -signal.SIGKILL
        acks += acknowledged("".join(heard) + rest)
        present = recorded(place)
        assert set(acks) <= set(present), "acknowledged and lost"
        assert len(set(present)) == len(present) <= len(acks) + number + 1, error
        # The guard may be one append behind, never ahead.
        assert findings(place) == ()
    assert killed == rounds
    assert len(acks) > rounds
    assert append_one(place, "afterwards") == len(recorded(place))
    assert findings(place) == ()


def test_kill_9_at_any_moment_loses_nothing_acknowledged(place: Path) -> None:
    kill_at_random(place, rounds=4, seed=1)


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", [2, 3])
def test_kill_9_loses_nothing_25_times(place: Path, seed: int) -> None:
    kill_at_random(place, rounds=25, seed=seed)


def logged(place: Path) -> bytes:
    """Append twelve entries, leave them in the write-ahead log `db-wal` as a crash would, and return it."""
    key = key_of(place)
    at = datetime(2026, 11, 21, tzinfo=UTC)
    with Ledger.open(place / "db", key, place / "guard") as ledger:
        for n in range(12):
            ledger.append([Entry("kind", "subject", "a", at, f"a-{n}", {"n": n})])
        for name in ("db", "db-wal"):
            shutil.copy(place / name, place / f"crashed-{name}")
    return (place / "crashed-db-wal").read_bytes()


def crashed_with(place: Path, log: bytes) -> Path:
    """A folder in which the ledger lies with `log` as its write-ahead log."""
    there = place / "crash"
    shutil.rmtree(there, ignore_errors=True)
    there.mkdir()
    shutil.copy(place / "crashed-db", there / "db")
    for name in ("guard", "key.pem"):
        shutil.copy(place / name, there / name)
    (there / "db-wal").write_bytes(log)
    return there


def test_a_torn_or_damaged_write_ahead_log_leaves_a_sound_beginning(place: Path) -> None:
    """Never half an append, never an entry without its checkpoint; and the guard knows that something is missing."""
    log = logged(place)
    vkey = key_of(place).vkey
    everything = [f"a-{n}" for n in range(12)]
    draw = random.Random(4)  # noqa: S311 -- where to tear
    lengths = set()
    for _ in range(20):
        at = draw.randrange(len(log))
        damaged = bytearray(log)
        damaged[at] ^= 0xFF
        for torn in (log[:at], bytes(damaged)):
            there = crashed_with(place, torn)
            assert check_ledger(there / "db", vkey) == ()
            present = recorded(there)
            assert present == everything[: len(present)]
            assert bool(check_ledger(there / "db", vkey, [(there / "guard").read_text()])) == (present != everything)
            lengths.add(len(present))
    assert len(lengths) > 4
    assert recorded(crashed_with(place, log)) == everything


def test_a_full_disk_refuses_the_append_and_leaves_the_ledger_readable_and_to_be_continued(place: Path) -> None:
    """The write-ahead log may not grow beyond 200,000 bytes: the system refuses the write."""
    process = writer(place, "full", range(10_000), limit=200_000)
    said, error = process.communicate(timeout=300)
    assert process.returncode == 0, error
    assert said.splitlines()[-1].startswith("refused `")
    acks = acknowledged(said)
    assert len(acks) > 5
    assert recorded(place) == acks
    assert findings(place) == ()
    assert append_one(place, "afterwards") == len(acks) + 1
    assert findings(place) == ()


CALLS = ("pwrite64", "write", "fdatasync", "fsync", "rename,renameat,renameat2", "ftruncate")
FAULTS = ("error=EIO", "error=ENOSPC", "signal=SIGKILL")


@pytest.mark.exhaustive
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("fault", FAULTS)
def test_an_append_in_which_any_one_system_call_fails_is_done_or_undone(place: Path, fault: str) -> None:
    """Every write, sync and rename on database, log and guard, one after the other; each must really have fired."""
    fired = 0
    for call in CALLS:
        for when in range(1, 30):
            there = place / f"{call[:6]}-{when}"
            there.mkdir()
            for name in ("db", "guard", "key.pem"):
                shutil.copy(place / name, there / name)
            files = [part for name in ("db", "db-wal", "guard", "guard.new") for part in ("-P", str(there / name))]
            inject = f"inject={call}:{fault}:when={when}"
            trace = ["strace", "-f", "-o", str(there / "trace"), *files, "-e", f"trace={call}", "-e", inject]
            process = writer(there, "s", range(1), before=trace)
            said, error = process.communicate(timeout=120)
            if "(INJECTED)" not in (there / "trace").read_text() and process.returncode == 0:
                assert acknowledged(said) == ["s-0"], error
                break
            fired += 1
            assert set(acknowledged(said)) <= set(recorded(there)), "acknowledged and lost"
            assert findings(there) == (), (call, when)
            again = writer(there, "s", range(1))
            said, error = again.communicate(timeout=60)
            assert acknowledged(said) == ["s-0"], error
            assert recorded(there) == ["s-0"]
            assert findings(there) == ()
    assert fired > 8
