"""Every fact of an entry stands in its body, and a body reads back in one way only."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.canonical_json import canonical
from governance.ledger_entry import BodyRefused, Entry, Recorded, bodies_of, body_of, read_body, read_stamp, write_stamp
from governance.merkle import leaf_hash
from rules.problem import BadInput

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ENTRY = Entry("decision.committed", "DR-2026-014", "ana@example.com", AT, "e1", {"option": "B", "moves": 12})
BODY = (
    b'{"actor":"ana@example.com","at":"2026-11-21T09:30:00.000000Z","data":{"moves":12,"option":"B"},'
    b'"event_id":"e1","kind":"decision.committed","subject":"DR-2026-014","v":1}'
)


def test_the_body_holds_every_field() -> None:
    assert body_of(ENTRY) == BODY
    assert set(json.loads(BODY)) == {*Entry.__slots__, "v"}


def test_a_body_reads_back_as_the_entry() -> None:
    assert Recorded(7, read_body(BODY), leaf_hash(BODY), BODY).entry == ENTRY


def test_all_that_is_wrong_with_all_entries_is_told_at_once() -> None:
    naive = datetime(2026, 11, 21)  # noqa: DTZ001 -- the fault under test
    berlin = datetime(2026, 11, 21, tzinfo=timezone(timedelta(hours=1)))
    entries = [
        Entry("", "s", "a", naive, "e1", {}),
        ENTRY,
        Entry("k", "s", "a", berlin, "", {}),
        Entry("k", "s", "a", AT, "e3", {"share": 0.5, "sum": [1.5]}),
    ]
    with pytest.raises(BadInput) as refused:
        bodies_of(entries)
    assert [p.where.file for p in refused.value.problems] == [
        "entry 1 kind",
        "entry 1 at",
        "entry 3 event_id",
        "entry 3 at",
        "entry 4 $.data.share",
        "entry 4 $.data.sum[0]",
    ]


def changed(**said: Any) -> bytes:
    return canonical({**json.loads(BODY), **said})


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        BODY + b"\n",
        BODY.replace(b'"v":1', b'"v":1.0'),
        changed(v=2),
        changed(v=True),
        changed(v="1"),
        changed(more=1),
        changed(kind=""),
        changed(actor=None),
        changed(data=[]),
        changed(at="2026-11-21T09:30:00Z"),
        changed(at="2026-11-21T09:30:00.000000+00:00"),
        changed(at="2026-11-21T10:30:00.000000+01:00"),
        changed(at="2026-13-21T09:30:00.000000Z"),
        changed(at="2026-11-21"),
        changed(at=20261121),
        canonical({k: v for k, v in json.loads(BODY).items() if k != "actor"}),
    ],
)
def test_bytes_that_no_entry_writes_are_no_body(raw: bytes) -> None:
    with pytest.raises(BodyRefused):
        read_body(raw)


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_reads_back_to_the_microsecond(at: datetime) -> None:
    assert read_stamp(write_stamp(at)) == at


@given(st.lists(st.datetimes(timezones=st.just(UTC)), max_size=5))
def test_times_sort_as_their_text_does(times: list[datetime]) -> None:
    assert [write_stamp(t) for t in sorted(times)] == sorted(write_stamp(t) for t in times)
