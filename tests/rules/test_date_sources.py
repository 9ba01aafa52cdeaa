"""Calendars, deadlines and schedules are read as they are written, and every slip is told at its place."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.model.calendar import Calendar, Window, business_days_after
from rules.model.deadline import Deadline, due
from rules.model.schedule import Schedule, Slice
from rules.problem import BadInput, Place
from rules.reading.calendar import read_calendar
from rules.reading.deadline import read_deadlines
from rules.reading.reader import Reader
from rules.reading.schedule import read_schedules
from rules.reading.shapes import PolicyShape
from rules.reading.yaml_source import read_yaml, shaped
from rules.vocabulary import Subject

HEAD = "policy: p\ntitle: t\nowner: o\n"


def reader_of(body: str) -> tuple[Reader, PolicyShape]:
    document = read_yaml(HEAD + body, "p.yaml")
    return Reader(document, {}, 2), shaped(document, PolicyShape)


def calendar_of(body: str) -> tuple[Calendar, list[str]]:
    reader, shape = reader_of(body)
    assert shape.calendar is not None
    return read_calendar(reader, shape.calendar), [str(p) for p in reader.problems]


def deadlines_of(body: str) -> tuple[tuple[Deadline, ...], list[str]]:
    reader, shape = reader_of(body)
    return read_deadlines(reader, shape), [str(p) for p in reader.problems]


def schedules_of(body: str) -> tuple[tuple[Schedule, ...], list[str]]:
    reader, shape = reader_of(body)
    return read_schedules(reader, shape), [str(p) for p in reader.problems]


def test_a_calendar_is_what_it_says() -> None:
    found, problems = calendar_of("""\
calendar:
  fiscal_year_starts: 2
  holidays: DE-BY
  weekend: [sunday, friday]
  closed: [2026-12-29, 2026-12-28, 2026-12-29]
  windows: [{quarters: [3, 1], from: 1, to: 45}, {from: 80, to: 92}]
  source: "employee handbook"
""")
    windows = (Window((1, 3), 1, 45), Window((1, 2, 3, 4), 80, 92))
    assert problems == []
    assert found == Calendar(2, "DE-BY", (4, 6), ("2026-12-28", "2026-12-29"), windows)


def test_a_calendar_that_says_little_has_a_plain_week_and_no_windows() -> None:
    found, problems = calendar_of('calendar: {assumption: "as everywhere"}\n')
    assert (found, problems) == (Calendar(), [])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{holidays: US}", "p.yaml:4:11: the calendar does not say where it comes from; expected `source:` or"),
        ("{holidays: XX-1, source: s}", "p.yaml:4:22: no public holidays are known for country `XX`"),
        ("{holidays: US-XX, source: s}", "p.yaml:4:22: `US` has no subdivision `XX`"),
        ("{weekend: [sonday], source: s}", "did you mean `sunday`?"),
        ("{weekend: [friday, friday], source: s}", "p.yaml:4:30: `friday` stands twice"),
        (
            "{weekend: [monday, tuesday, wednesday, thursday, friday, saturday, sunday], source: s}",
            "the weekend leaves no business day",
        ),
        ("{windows: [{from: 9, to: 8}], source: s}", "a window ends after it begins; found `8`; expected at least 9"),
        ("{windows: [{quarters: [5], from: 1, to: 9}], source: s}", "not a quarter; found `5`; expected 1, 2, 3 or 4"),
        ("{windows: [{quarters: [2, 2], from: 1, to: 9}], source: s}", "quarter 2 stands twice"),
        (
            "{windows: [{quarters: [1], from: 92, to: 92}], source: s}",
            "the window never opens in quarter 1; found `92`",
        ),
    ],
)
def test_a_slip_in_a_calendar_is_told_at_its_place(body: str, said: str) -> None:
    _, problems = calendar_of(f"calendar: {body}\n")
    assert len(problems) == 1
    assert said in problems[0]


INTRODUCTION = """\
deadlines:
  introduction:
    title: introduction call
    subject: move
    from: move.announced_on
    within: 5 business days
    extension: 5 business days by vp-sales
    source: "Territory Management Plan"
"""


def test_a_deadline_is_what_it_says() -> None:
    (found,), problems = deadlines_of(INTRODUCTION)
    assert problems == []
    assert found == Deadline(
        name="introduction",
        title="introduction call",
        subject=Subject.MOVE,
        anchor="move.announced_on",
        days=5,
        business=True,
        extension_days=5,
        extended_by="vp-sales",
        source="Territory Management Plan",
        assumption="",
        place=Place("p.yaml", 6, 5),
    )


def test_the_introduction_call_is_due_on_the_fifth_business_day_after_the_announcement() -> None:
    (introduction,), _ = deadlines_of(INTRODUCTION)
    us, announced = Calendar(holidays="US"), date(2026, 6, 30)
    # Thursday 2 July is day 2; the third is off, the fifth day is the Wednesday after.
    assert due(introduction, announced, us) == date(2026, 7, 8)
    assert due(introduction, announced, Calendar()) == date(2026, 7, 7)
    assert due(introduction, announced, us, extended=True) == date(2026, 7, 15)


@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.integers(1, 500), st.integers(1, 60))
def test_within_n_days_includes_day_n_and_an_extension_only_ever_adds(anchor: date, days: int, more: int) -> None:
    body = "deadlines: {d: {subject: move, from: move.effective, within: %s, extension: %s by boss, source: s}}\n"
    (plain,), _ = deadlines_of(body % (f"{days} days", f"{more} days"))
    assert (due(plain, anchor, Calendar()) - anchor).days == days
    assert (due(plain, anchor, Calendar(), extended=True) - anchor).days == days + more
    (business,), _ = deadlines_of(body % (f"{days} business days", f"{more} business days"))
    us = Calendar(holidays="US")
    assert due(business, anchor, us) == business_days_after(us, anchor, days)
    assert due(business, anchor, us) < due(business, anchor, us, extended=True)


def test_a_deadline_beyond_the_calendar_is_refused() -> None:
    (plain,), _ = deadlines_of("deadlines: {d: {subject: move, from: move.effective, within: 2 days, source: s}}\n")
    with pytest.raises(BadInput, match="deadline `d` would end after the calendar; found `9999-12-30`"):
        due(plain, date(9999, 12, 30), Calendar())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{subject: move, from: move.anounced_on, within: 5 days, source: s}", "did you mean `move.announced_on`?"),
        ("{subject: move, from: move.reason, within: 5 days, source: s}", "`move.reason` is no date of a move"),
        ("{subject: company, from: company.t, within: 5 days, source: s}", "expected a subject that has dates"),
        ("{subject: move, from: move.effective, within: 5 days}", "deadline `d` does not say where it comes from"),
        (
            "{subject: move, from: move.effective, within: 5 days, extension: 2 business days by boss, source: s}",
            "an extension counts the same days as its deadline; found `2 business days`; expected days",
        ),
    ],
)
def test_a_slip_in_a_deadline_is_told(body: str, said: str) -> None:
    found, problems = deadlines_of(f"deadlines: {{d: {body}}}\n")
    assert found == ()
    assert len(problems) == 1
    assert said in problems[0]


def test_a_schedule_is_what_it_says() -> None:
    (found,), problems = schedules_of("""\
schedules:
  open_deals:
    title: credit for open deals
    from: move.effective
    shares:
      rep: [{through: 3, original: 100}, {through: 6, original: 50}, {original: 10}]
      manager: [{original: 0}]
    assumption: "as the handbook has it"
""")
    assert problems == []
    assert found == Schedule(
        name="open_deals",
        title="credit for open deals",
        anchor="move.effective",
        shares=(("rep", (Slice(3, 100), Slice(6, 50), Slice(None, 10))), ("manager", (Slice(None, 0),))),
        source="",
        assumption="as the handbook has it",
        place=Place("p.yaml", 6, 5),
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("from: move.efective, shares: {rep: [{original: 1}]}, source: s", "did you mean `move.effective`?"),
        ("from: opportunity.closed_on, shares: {rep: [{original: 1}]}, source: s", "is no date that every opportunity"),
        ("from: move.effective, shares: {rep: [{original: 1}]}", "schedule `s` does not say where it comes from"),
        ("from: move.effective, shares: {rep: []}, source: s", "a credit type needs at least one slice"),
        ("from: move.effective, shares: {Rep: [{original: 1}]}, source: s", "not a name; found `Rep`"),
        (
            "from: move.effective, shares: {rep: [{through: 3, original: 9}, {through: 3, original: 1}]}, source: s",
            "p.yaml:4:91: slices stand in order of their months; found `3`; expected more than 3",
        ),
        (
            "from: move.effective, shares: {rep: [{original: 9}, {through: 3, original: 1}]}, source: s",
            "only the last slice may leave out `through`",
        ),
    ],
)
def test_a_slip_in_a_schedule_is_told(body: str, said: str) -> None:
    found, problems = schedules_of(f"schedules: {{s: {{{body}}}}}\n")
    assert found == ()
    assert len(problems) == 1
    assert said in problems[0]


@pytest.mark.parametrize("share", ["101", "-1", "50.5"])
def test_a_share_beyond_a_whole_percentage_is_refused(share: str) -> None:
    body = f"schedules: {{s: {{from: move.effective, shares: {{rep: [{{original: {share}}}]}}, source: s}}}}\n"
    with pytest.raises(BadInput, match=r"p\.yaml:4:.*original|p\.yaml:4:"):
        schedules_of(body)
