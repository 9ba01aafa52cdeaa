"""Which version is in force is what the ledger says, and a version is published by two people for a reason."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.analysis.finding import Summary
from governance.ledger_entry import Entry, Recorded, bodies_of, read_body
from governance.merkle import leaf_hash
from governance.publication import (
    PUBLISHED,
    SUBJECT,
    PolicyFile,
    Version,
    VersionAltered,
    analysis_words,
    draft_problems,
    event_of,
    in_force,
    publication_data,
    publication_problems,
    published,
    standing_problems,
    standing_words,
    versions_with,
)
from rules.model.policy import PolicySet
from rules.reading.load import load_policies

AT = datetime(2026, 7, 3, 9, tzinfo=UTC)
TODAY = AT.date()
TEXT = """policy: rest
title: How long an account rests
owner: sales-operations
parameters:
  rest_days: {title: days, unit: days, values: {2025-01-01: {value: 120, source: handbook}}}
rules:
  - id: REST
    title: an account rests
    kind: engagement
    subject: move
    effective: {from: 2025-03-01}
    when: has(account.last_moved_on) && move.effective < account.last_moved_on + rest_days
    effect: deny
    message: it rests
    source: handbook
    examples:
      - {name: never moved, given: {move.effective: 2026-08-27}, expect: allow}
      - {name: moved just now, given: {move.effective: 2026-08-27, account.last_moved_on: 2026-08-26}, expect: deny}
"""
LATER = TEXT.replace("source: handbook}}", "source: handbook}, 2026-08-01: {value: 90, source: handbook}}")
PAST = TEXT.replace("value: 120", "value: 90")
PEOPLE: dict[str, Any] = {"author": "Brida Vollenhaar", "approver": "Oskar Tellmarch", "reason": "the first version"}


SUMMARY = Summary("0" * 64, TODAY, (("gap", 2), ("idle", 1)), ("T1: too large",))


def files(text: str = TEXT) -> list[PolicyFile]:
    return [PolicyFile("policies/rest.yaml", text)]


def loaded(text: str = TEXT) -> PolicySet:
    return load_policies((f.name, f.text) for f in files(text))


def recorded(index: int, data: dict[str, Any], at: datetime = AT) -> Recorded:
    (raw,) = bodies_of([Entry(PUBLISHED, SUBJECT, data["author"], at, f"policies/version-{index}", data)])
    return Recorded(index, read_body(raw), leaf_hash(raw), raw)


def version(text: str = TEXT, previous: Version | None = None, at: datetime = AT, **changes: Any) -> Version:
    correction = changes.pop("correction", False)
    said = {**PEOPLE, "at": at, "correction": correction, "analysis": SUMMARY}
    data = publication_data(loaded(text), files(text), previous, **said)
    (made,) = published([recorded(4, data, at)])
    return replace(made, **changes)


def problems(text: str = LATER, previous: Version | None = None, **changes: Any) -> list[str]:
    said = {**PEOPLE, "at": AT, "correction": False, **changes}
    return [f"{p.where}: {p.message}" for p in publication_problems(loaded(text), previous, **said)]


def test_the_entry_alone_restores_what_was_in_force() -> None:
    assert version().policies() == loaded()


@pytest.mark.parametrize("digits", [0, 2, 4])
def test_a_version_keeps_the_decimals_that_its_amounts_were_published_in(digits: int) -> None:
    worth = TEXT.replace("unit: days", "unit: money")
    worth = worth.replace(" && move.effective < account.last_moved_on + rest_days", ' && rest_days > money("1")')
    draft = load_policies([("policies/rest.yaml", worth)], minor_digits=digits)
    said = {**PEOPLE, "at": AT, "correction": False, "analysis": SUMMARY}
    (made,) = published([recorded(4, publication_data(draft, files(worth), None, **said))])
    assert made.minor_digits == digits
    assert made.policies() == draft
    assert made.policies().parameters()["rest_days"].values[0].value == 120 * 10**digits


def test_the_same_text_in_another_minor_unit_is_not_in_force_and_is_not_published() -> None:
    yen = load_policies([("policies/rest.yaml", TEXT)], minor_digits=0)
    assert standing_words(yen, version()) == "draft, not in force"
    assert [p.message for p in standing_problems(yen, version())] == ["are a draft, not in force"]
    said = {**PEOPLE, "at": AT, "correction": True}
    (problem,) = publication_problems(yen, version(), **said)
    assert str(problem.where) == "merestone.toml"
    assert (problem.found, problem.expected) == ("minor_digits = 0", "`2`")


def test_a_version_whose_text_is_not_what_its_hash_says_is_refused() -> None:
    altered = version(files=tuple(files(TEXT.replace("120", "12"))))
    with pytest.raises(VersionAltered):
        altered.policies()


def test_the_entry_says_what_the_analysis_found_and_left_out() -> None:
    assert version().analysis == {"findings": {"gap": 2, "idle": 1}, "left_out": ["T1: too large"]}
    assert analysis_words(version().analysis) == "2 gap, 1 idle; 1 questions left out"
    assert analysis_words({"findings": {}, "left_out": []}) == "no findings"


def test_the_first_version_takes_over_the_dates_that_are_written_in_it() -> None:
    first = version()
    assert first.effective == date(2025, 1, 1)
    assert first.previous == ""
    assert first.changes == (
        "first version: 1 policies, 1 rules, 1 parameters, with the dates that are written in them",
    )


def test_a_later_version_counts_from_the_day_of_its_publication() -> None:
    first = version()
    second = version(LATER, first)
    assert (second.effective, second.previous) == (TODAY, first.sha256)
    assert second.changes == (
        "changed parameter rest_days: value from 2026-08-01: 90 days; source of 2026-08-01: handbook",
    )


def test_a_correction_counts_from_the_earliest_day_that_it_corrects() -> None:
    assert version(PAST, version(), correction=True).effective == date(2025, 1, 1)


def test_only_comments_changed_is_said_as_such() -> None:
    assert version(TEXT + "# checked\n", version()).changes == (
        "nothing that the policies say: comments, layout or order",
    )


def test_a_good_publication_is_not_refused() -> None:
    assert problems(TEXT) == []
    assert problems(LATER, version()) == []
    assert problems(PAST, version(), correction=True) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"approver": "brida  VOLLENHAAR "}, "--approver: is the author"),
        ({"approver": "Ｂｒｉｄａ Vollenhaar"}, "--approver: is the author"),
        ({"author": " "}, "--author: names nobody"),
        ({"approver": ""}, "--approver: names nobody"),
        ({"author": "A" * 201}, "--author: names nobody"),
        ({"reason": " \n"}, "--reason: is empty"),
        ({"reason": "fine\x1b[2J"}, "--reason: holds characters that nobody sees"),
        ({"at": AT - timedelta(seconds=1)}, "clock: stands before the version published last"),
        ({"correction": True}, "--correction: nothing counts from before today"),
    ],
)
def test_a_publication_is_refused(changes: dict[str, Any], words: str) -> None:
    assert problems(LATER, version(), **changes) == [words]


@pytest.mark.parametrize(
    "hidden",
    ["\u202e", "\u2066", "\x1b", "\x00", "\n", "\u200b", "\u00ad", "\ufeff", "\u2028", "\u3164", "\ufe0f", "\u034f"],
)
@pytest.mark.parametrize("who", ["author", "approver"])
def test_a_name_with_characters_that_nobody_sees_is_refused(who: str, hidden: str) -> None:
    (problem,) = publication_problems(
        loaded(LATER), version(), **{**PEOPLE, who: f"Brida{hidden} Vollenhaar"}, at=AT, correction=False
    )
    assert str(problem.where) == f"--{who}"
    assert problem.message == "holds characters that nobody sees"
    assert problem.found.isascii()


@given(name=st.text(min_size=1, max_size=30))
def test_nobody_approves_under_another_spelling_of_blanks_and_capitals(name: str) -> None:
    found = problems(LATER, version(), author=name, approver=f"  {name.upper().lower()} ")
    assert found or name.upper().lower().casefold() != name.casefold()


def test_a_reason_may_have_lines() -> None:
    assert problems(LATER, version(), reason="first\nsecond") == []


def test_the_same_policies_are_not_published_twice() -> None:
    assert problems(TEXT, version()) == ["policies: nothing changed since they were published"]


def test_the_first_version_corrects_nothing() -> None:
    assert problems(TEXT, None, correction=True) == [
        "--correction: there is nothing to correct: no version is published"
    ]


def test_a_change_of_days_that_are_over_is_refused_at_its_place_unless_it_is_a_correction() -> None:
    (problem,) = publication_problems(loaded(PAST), version(), **PEOPLE, at=AT, correction=False)
    assert (str(problem.where)[:20], problem.where.line) == ("policies/rest.yaml:5", 5)
    assert problem.message == "value of parameter `rest_days` is changed from before its publication"
    assert (problem.found, problem.expected) == ("2025-01-01", "from 2026-07-03 on")
    assert "--correction" in problem.hint


def test_everything_wrong_is_said_at_once() -> None:
    found = problems(PAST, version(), author="", reason="")
    assert [p.split(":")[0] for p in found] == ["--author", "--reason", "policies/rest.yaml"]


def test_an_example_that_does_not_hold_and_one_that_is_missing_are_refused() -> None:
    assert draft_problems(loaded()) == []
    (failing,) = draft_problems(loaded(TEXT.replace("last_moved_on: 2026-08-26}", "last_moved_on: 2020-08-26}")))
    assert failing.message == "example “moved just now” does not hold"
    assert (failing.found, failing.expected) == ("allow", "`deny`")
    (missing,) = draft_problems(loaded(TEXT[: TEXT.index("      - {name: moved just")]))
    assert missing.expected == "one that fires"


def test_only_the_version_in_force_is_no_draft() -> None:
    first = version()
    assert standing_problems(loaded(), first) == []
    assert standing_words(loaded(), first) == "published 2026-07-03"
    for known in (None, first):
        (problem,) = standing_problems(loaded(LATER), known)
        assert "merestone policy publish" in problem.hint
        assert standing_words(loaded(LATER), known) == "draft, not in force"


def test_every_publication_is_another_event_and_two_at_once_are_the_same() -> None:
    assert event_of(()) == event_of(())
    assert len({event_of([version()] * n) for n in range(4)}) == 4


def test_a_version_is_found_by_the_beginning_of_its_hash() -> None:
    first = version()
    second = version(LATER, first)
    again = version(TEXT, second, index=9)
    assert versions_with((first, second, again), first.sha256[:8]) == (again,)
    assert versions_with((first, second, again), "") == (again, second)
    assert versions_with((first,), "zz") == ()


def dated(*pairs: tuple[int, int]) -> list[Version]:
    """Versions by (day of publication, day from which they count)."""
    base = version()
    return [
        replace(base, index=i, published=AT + timedelta(days=p), effective=TODAY + timedelta(days=e))
        for i, (p, e) in enumerate(pairs)
    ]


def test_what_was_in_force_depends_on_the_day_and_on_what_was_known() -> None:
    first, second, correction = made = dated((0, -400), (30, 30), (60, -10))
    now = AT + timedelta(days=61)
    assert in_force(made, TODAY, now) is correction
    assert in_force(made, TODAY, AT + timedelta(days=59)) is first
    assert in_force(made, TODAY - timedelta(days=11), now) is first
    assert in_force(made, TODAY + timedelta(days=40), AT + timedelta(days=59)) is second
    assert in_force(made, TODAY + timedelta(days=40)) is correction
    assert in_force(made, TODAY - timedelta(days=500)) is None
    assert in_force(made, TODAY, AT - timedelta(seconds=1)) is None


HISTORY = st.lists(st.tuples(st.integers(0, 30), st.integers(-30, 30)), max_size=6).map(
    lambda pairs: [(p, min(p, e)) for (p, _), (_, e) in zip(sorted(pairs), pairs, strict=True)]
)


@given(
    pairs=HISTORY,
    at=st.integers(-40, 40),
    known=st.integers(-1, 40),
    more=st.tuples(st.integers(1, 9), st.integers(-40, 0)),
)
def test_what_was_known_on_a_day_is_changed_by_nothing_published_later(
    pairs: list[tuple[int, int]], at: int, known: int, more: tuple[int, int]
) -> None:
    made = dated(*pairs)
    later = dated(*pairs, (40 + more[0], more[1]))

    def found(versions: Sequence[Version]) -> int | None:
        version = in_force(versions, TODAY + timedelta(days=at), AT + timedelta(days=known))
        return version.index if version else None

    assert found(later) == found(made)


@given(pairs=HISTORY, at=st.integers(-40, 40))
def test_the_version_in_force_is_the_latest_that_counts(pairs: list[tuple[int, int]], at: int) -> None:
    day = TODAY + timedelta(days=at)
    counting = [v.index for v in dated(*pairs) if v.effective <= day]
    version = in_force(dated(*pairs), day)
    assert (version.index if version else None) == max(counting, default=None)
