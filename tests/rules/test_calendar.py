"""Business days, fiscal quarters, windows and months keep their laws, and known days are as the world has them."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rules.model.calendar import (
    Calendar,
    Window,
    business_days_after,
    fiscal_quarter,
    fiscal_quarter_start,
    in_window,
    is_business_day,
    longest_quarter,
    month_since,
    months_after,
    next_window,
    quarter_length,
    unknown_holidays,
)
from rules.problem import BadInput

US = Calendar(holidays="US")
DAY = timedelta(days=1)
DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
CALENDARS = st.builds(
    Calendar,
    fiscal_start_month=st.integers(1, 12),
    holidays=st.sampled_from(["", "US", "DE-BY", "GB-ENG"]),
    weekend=st.sampled_from([(5, 6), (4, 5), (), (6,)]),
    closed=st.lists(DAYS.map(date.isoformat), max_size=4).map(tuple),
    windows=st.lists(
        st.builds(
            lambda quarters, days: Window(tuple(sorted(quarters)), min(days), max(days)),
            st.sets(st.integers(1, 4), min_size=1),
            st.tuples(st.integers(1, 89), st.integers(1, 92)),
        ),
        max_size=3,
    ).map(tuple),
)


@pytest.mark.parametrize(
    ("calendar", "day", "works"),
    [
        ("US", date(2026, 7, 2), True),
        ("US", date(2026, 7, 3), False),  # Independence Day is a Saturday: the Friday is off
        ("US", date(2021, 12, 31), False),  # New Year's Day of the next year is a Saturday
        ("US", date(2026, 11, 26), False),
        ("US", date(2026, 11, 27), True),
        ("GB-ENG", date(2026, 12, 28), False),  # Boxing Day is a Saturday: the Monday is off
        ("GB-ENG", date(2026, 8, 31), False),
        ("GB-SCT", date(2026, 8, 31), True),
        ("DE-BY", date(2026, 6, 4), False),  # Corpus Christi, which Berlin works through
        ("DE-BE", date(2026, 6, 4), True),
        ("", date(2026, 12, 25), True),
    ],
)
def test_public_holidays_and_the_days_off_in_their_stead_are_no_business_days(
    calendar: str, day: date, works: bool
) -> None:
    assert is_business_day(Calendar(holidays=calendar), day) is works


def test_weekends_and_closed_days_are_those_of_the_company() -> None:
    friday, saturday, sunday = (date(2026, 6, 5) + n * DAY for n in range(3))
    emirates = Calendar(weekend=(4, 5), closed=("2026-06-07",))
    assert [is_business_day(emirates, d) for d in (friday, saturday, sunday, sunday + DAY)] == [
        False,
        False,
        False,
        True,
    ]
    assert [is_business_day(Calendar(), d) for d in (friday, saturday, sunday)] == [True, False, False]


def test_business_days_are_counted_past_weekends_and_holidays() -> None:
    assert business_days_after(US, date(2026, 7, 1), 1) == date(2026, 7, 2)
    assert business_days_after(US, date(2026, 7, 1), 2) == date(2026, 7, 6)
    assert business_days_after(US, date(2026, 7, 4), 0) == date(2026, 7, 4)


@given(CALENDARS, DAYS, st.integers(1, 40))
def test_so_many_business_days_lie_between_and_the_last_is_one(calendar: Calendar, day: date, count: int) -> None:
    end = business_days_after(calendar, day, count)
    assert is_business_day(calendar, end)
    assert sum(is_business_day(calendar, day + n * DAY) for n in range(1, (end - day).days + 1)) == count
    assert end >= day + count * DAY
    assert business_days_after(calendar, day, count + 1) > end


@given(CALENDARS, DAYS, st.integers(0, 10), st.integers(0, 10))
def test_business_days_add_up_and_never_go_back(calendar: Calendar, day: date, some: int, more: int) -> None:
    there = business_days_after(calendar, day, some)
    assert business_days_after(calendar, there, more) == business_days_after(calendar, day, some + more)
    assert business_days_after(calendar, day + DAY, some) >= there


@pytest.mark.parametrize(
    ("calendar", "day", "said"),
    [
        ("US", date(2101, 1, 3), "the public holidays of `US` in 2101 are not known"),
        ("US", date(1776, 7, 4), "the public holidays of `US` in 1776 are not known"),
        ("IN", date(2036, 1, 3), "the public holidays of `IN` in 2036 are not known"),  # some are known, not all
        ("ZZ", date(2026, 1, 5), "the public holidays of `ZZ` in 2026 are not known"),
    ],
)
def test_a_year_whose_holidays_are_not_all_known_is_refused(calendar: str, day: date, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        is_business_day(Calendar(holidays=calendar, weekend=()), day)


def test_counting_stops_where_the_calendar_ends() -> None:
    with pytest.raises(BadInput, match="the calendar has no day 1 days after 9999-12-31"):
        business_days_after(Calendar(), date.max, 1)
    with pytest.raises(ValueError, match="forwards"):
        business_days_after(Calendar(), date(2026, 1, 1), -1)
    with pytest.raises(BadInput, match="-1 months after 0001-01-01"):
        fiscal_quarter_start(Calendar(fiscal_start_month=12), date.min)
    with pytest.raises(BadInput, match="2 months after 9999-11-30"):
        months_after(date(9999, 11, 30), 2)


@pytest.mark.parametrize(
    ("code", "message", "hint"),
    [
        ("UK", "no public holidays are known for country `UK`", "did you mean `GB` (united kingdom) or"),
        ("US-QQ", "`US` has no subdivision `QQ`", ""),
        ("DE-BX", "`DE` has no subdivision `BX`", "did you mean `DE-BB` or `DE-BE` or `DE-BW`?"),
        ("IS-1", "`IS` has no subdivision `1`", "`IS` has the same holidays everywhere"),
    ],
)
def test_a_country_that_nobody_knows_is_told_with_its_neighbours(code: str, message: str, hint: str) -> None:
    unknown = unknown_holidays(code)
    assert unknown is not None
    assert unknown[0] == message
    assert hint in unknown[1]


@pytest.mark.parametrize("code", ["US", "US-CA", "DE-BY", "GB-ENG", "JP", "IN"])
def test_countries_and_their_parts_are_known(code: str) -> None:
    assert unknown_holidays(code) is None


@pytest.mark.parametrize(
    ("day", "start_month", "start", "quarter"),
    [
        (date(2026, 1, 31), 2, date(2025, 11, 1), 4),
        (date(2026, 2, 1), 2, date(2026, 2, 1), 1),
        (date(2026, 12, 31), 1, date(2026, 10, 1), 4),
        (date(2026, 3, 31), 4, date(2026, 1, 1), 4),
        (date(2026, 4, 1), 4, date(2026, 4, 1), 1),
    ],
)
def test_a_fiscal_quarter_is_counted_from_the_month_in_which_the_year_starts(
    day: date, start_month: int, start: date, quarter: int
) -> None:
    calendar = Calendar(fiscal_start_month=start_month)
    found = (fiscal_quarter_start(calendar, day), fiscal_quarter(calendar, day))
    assert found == (start, quarter)


@given(CALENDARS, DAYS)
def test_every_day_lies_in_its_fiscal_quarter_and_the_next_day_goes_on(calendar: Calendar, day: date) -> None:
    start, quarter = fiscal_quarter_start(calendar, day), fiscal_quarter(calendar, day)
    length = quarter_length(start)
    assert start <= day < start + length * DAY
    assert start.day == 1
    assert 89 <= length <= longest_quarter(calendar.fiscal_start_month, quarter) <= 92
    after = day + DAY
    if fiscal_quarter_start(calendar, after) == start:
        assert fiscal_quarter(calendar, after) == quarter
    else:
        assert fiscal_quarter_start(calendar, after) == after == months_after(start, 3)
        assert fiscal_quarter(calendar, after) == quarter % 4 + 1


def test_windows_open_on_days_of_the_quarter_and_both_ends_belong_to_them() -> None:
    calendar = Calendar(fiscal_start_month=2, windows=(Window((1, 3), 1, 45),))
    opened, closed = date(2026, 2, 1), date(2026, 3, 17)
    assert [in_window(calendar, d) for d in (opened - DAY, opened, closed, closed + DAY)] == [False, True, True, False]
    assert next_window(calendar, closed) == closed
    assert next_window(calendar, closed + DAY) == date(2026, 8, 1)


def test_a_window_on_a_day_that_only_leap_years_have_waits_for_one() -> None:
    calendar = Calendar(windows=(Window((1,), 91, 92),))
    assert next_window(calendar, date(2025, 1, 1)) == date(2028, 3, 31)
    assert next_window(calendar, date(1897, 1, 1)) == date(1904, 3, 31)
    assert next_window(calendar, date(9997, 1, 1)) is None
    assert next_window(Calendar(windows=(Window((4,), 92, 92),)), date(9999, 10, 1)) == date.max


def test_without_windows_accounts_always_move_and_nothing_is_waited_for() -> None:
    assert in_window(Calendar(), date(2026, 5, 5))
    assert next_window(Calendar(), date(2026, 5, 5)) is None


@given(CALENDARS, DAYS)
def test_the_next_window_is_the_first_open_day_from_a_day_on(calendar: Calendar, day: date) -> None:
    assume(calendar.windows)
    following = next_window(calendar, day)
    open_days = (d for d in (day + n * DAY for n in range(400)) if in_window(calendar, d))
    assert following == next(open_days)
    assert (following == day) is in_window(calendar, day)


@pytest.mark.parametrize(
    ("day", "months", "there"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 8, 31), -2, date(2026, 6, 30)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(9999, 11, 30), 1, date(9999, 12, 30)),
    ],
)
def test_months_are_clamped_to_the_end_of_the_month(day: date, months: int, there: date) -> None:
    assert months_after(day, months) == there


@given(DAYS, st.integers(0, 60))
def test_months_count_up_from_their_anchor_and_every_day_lies_in_one(anchor: date, months: int) -> None:
    starts = [months_after(anchor, n) for n in range(months + 2)]
    assert all(a < b for a, b in pairwise(starts))
    assert month_since(anchor, starts[months]) == months + 1
    assert month_since(anchor, starts[months + 1] - DAY) == months + 1
    assert month_since(anchor, anchor - DAY) == 0
