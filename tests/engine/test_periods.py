"""Windows of months and quarters end where the calendar says, to the day."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.database import Database
from engine.metrics.known import create_known
from engine.metrics.periods import Window, full_months, full_quarters, months_later, windows_sql
from tests.engine.metrics_tables import day, load, rows

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))


@pytest.fixture
def db() -> Iterator[Database]:
    with Database() as opened:
        yield opened


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-01-31", 1, "2025-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", -12, "2023-02-28"),
        ("2024-12-31", 2, "2025-02-28"),
        ("2025-03-15", -3, "2024-12-15"),
        ("2025-12-01", 0, "2025-12-01"),
    ],
)
def test_a_month_shift_keeps_the_day_or_takes_the_last_one(start: str, months: int, expected: str) -> None:
    assert months_later(day(start), months) == day(expected)


@given(DAYS, st.integers(-50, 50))
@settings(deadline=None)
def test_a_shift_there_and_back_returns_to_the_month(start: date, months: int) -> None:
    back = months_later(months_later(start, months), -months)
    assert (back.year, back.month) == (start.year, start.month)


@pytest.mark.parametrize(
    ("as_of", "start", "end"),
    [
        ("2026-06-30", "2025-07-01", "2026-07-01"),
        ("2026-06-29", "2025-06-01", "2026-06-01"),
        ("2024-02-29", "2023-03-01", "2024-03-01"),
        ("2024-02-28", "2023-02-01", "2024-02-01"),
        ("2025-12-31", "2025-01-01", "2026-01-01"),
    ],
)
def test_a_month_is_full_on_its_last_day(as_of: str, start: str, end: str) -> None:
    assert full_months(day(as_of), 12) == Window(day(start), day(end))


@given(DAYS)
@settings(deadline=None)
def test_the_next_month_is_never_full(as_of: date) -> None:
    window = full_months(as_of, 1)
    assert window.end - timedelta(days=1) <= as_of < months_later(window.end, 1) - timedelta(days=1)


def test_a_period_is_full_when_it_ends_with_the_as_of_day_and_not_a_day_before(db: Database) -> None:
    periods = rows("start end", "2025-01-01 2025-04-01", "2025-04-01 2025-07-01", "2024-10-01 2025-01-01")
    manifest = load(db, {"periods": periods}, as_of=day("2025-06-30"))
    create_known(db, manifest, day("2025-06-30"))
    second = Window(day("2025-04-01"), day("2025-07-01"))
    first = Window(day("2025-01-01"), day("2025-04-01"))
    assert full_quarters(db, day("2025-06-30"), 2) == (first, second)
    assert full_quarters(db, day("2025-06-29"), 1) == (first,)
    assert len(full_quarters(db, day("2025-06-29"), 4)) == 2


def test_no_windows_are_an_empty_relation(db: Database) -> None:
    assert db.rows(f"SELECT * FROM {windows_sql(())}") == []
    window = Window(day("2025-01-01"), day("2025-04-01"))
    assert db.rows(f"SELECT * FROM {windows_sql((window,))}") == [(0, window.start, window.end)]
