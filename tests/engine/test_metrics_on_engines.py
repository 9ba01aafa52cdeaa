"""Metrics, facts, verdicts and the audit are the same on every engine, bit for bit, and agree with the slow loops."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from engine.database import Database
from engine.engines.embedded import Embedded
from engine.engines.opening import opened
from engine.facts import company_facts, protection_facts
from tests.engine import metrics_reference as reference
from tests.engine.metrics_cases import AS_OF, books, companies, known_on
from tests.engine.metrics_tables import NUMBERS, Tables, facts_of, load
from tests.engine.whole_companies import MAKERS, company_of, everything


@pytest.fixture(scope="module")
def db() -> Iterator[Database]:
    with Embedded() as embedded:
        yield embedded


@pytest.fixture(scope="module")
def other(postgresql_url: str) -> Iterator[Database]:
    """The same questions go to a company's own server."""
    with closing(opened(postgresql_url)) as server:
        yield server


COMPANIES = [(1, 2), (2, 4), *(pytest.param(seed, 2, marks=pytest.mark.exhaustive) for seed in range(3, 9))]
"""Seed and money scale."""


@pytest.fixture(scope="module")
def told(db: Database) -> Callable[[int, int], dict[str, Any]]:
    """What the embedded engine says of a company, asked once."""
    return cache(lambda seed, scale: everything(db, company_of(seed), scale=scale))


@pytest.mark.parametrize(("seed", "scale"), COMPANIES)
def test_every_fact_of_a_company_is_the_same_on_both(
    told: Callable[[int, int], dict[str, Any]], other: Database, seed: int, scale: int
) -> None:
    ours, theirs = told(seed, scale), everything(other, company_of(seed), scale=scale)
    for name, found in ours.items():
        assert theirs[name] == found, name


def test_the_companies_tried_have_something_to_say(told: Callable[[int, int], dict[str, Any]]) -> None:
    """Of the facts that are not absent half are known of somebody, or the test above would prove little."""
    for subject in MAKERS:
        asked: set[str] = set()
        known: set[str] = set()
        for cases, absent, _, _ in (told(seed, scale)[subject.value] for seed, scale in ((1, 2), (2, 4))):
            for case in cases.values():
                asked.update(set(case) - absent)
                known.update(name for name, value in case.items() if value is not None)
        assert asked
        assert 2 * len(known) > len(asked), (subject, sorted(asked - known))


@given(companies(), AS_OF)
@settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow])
def test_spreads_agree_with_the_loops(other: Database, tables: Tables, as_of: date) -> None:
    known = known_on(tables, as_of)
    [found] = facts_of(other, company_facts(other, load(other, known, as_of=as_of), NUMBERS, as_of)).values()
    for name, value in reference.spreads(known, as_of).items():
        assert found[name] == value, name


@given(books())
@settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow])
def test_reductions_agree_with_the_loops(other: Database, tables: Tables) -> None:
    as_of = date(2025, 6, 30)
    known = known_on(tables, as_of)
    found: dict[str, dict[str, Any]] = facts_of(
        other, protection_facts(other, load(other, known, as_of=as_of), NUMBERS, as_of)
    )
    assert set(found) == {rep for move in known["moves"] for rep in (move["from_rep"], move["to_rep"])}
    for rep, facts in found.items():
        assert facts["rep.t12_reduction"] == reference.t12_reduction(known, rep, as_of)
