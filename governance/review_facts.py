"""What is true of a committed decision on one of its review days? The facts that rules on a review name.

They come from the committed document, from what was found on the later snapshot, and from earlier reviews in the
ledger, for the whole scenario and for each territory. What happened is compared with what was expected: what the
decision projects, where its document has projections, and otherwise what stood at commit. What nobody can say stays
unknown.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from engine.facts import Facts
from engine.intake.snapshot import Manifest
from engine.metrics.fact_needs import missing_of, weak_evidence
from engine.metrics.periods import MONTHS_A_YEAR, months_later
from engine.metrics.progress import Progress, Reached
from governance.decision import Decision
from governance.exact_json import decoded
from governance.weak_inputs import is_stale
from rules.kinds import Value
from rules.vocabulary import Field, Subject

"""Operating reviews after the effective date (docs/domain.md, 8): the framework's own days, scheduled with every
decision.
"""
SCENARIO = ""
"""Stands where a territory is named otherwise."""
OF_A_SCOPE = frozenset(
    f"review.{name}"
    for name in (
        "territory",
        "attainment_shortfall",
        "pipeline_shortfall",
        "quota_progress_shortfall",
        "quota_attainment",
        "quarter_attainment",
    )
)
"""Facts that differ from territory to territory; the others are the decision's own and the same everywhere."""
_ANSWERED = ("continue", "review")
"""Answers of a review below an escalation."""


def review_days(document: Mapping[str, Any]) -> tuple[tuple[int, date], ...]:
    """The operating reviews that a committed decision owes: (day number, date)."""
    effective = date.fromisoformat(document["effective"])
    return tuple((n, effective + timedelta(n)) for n in document["review_days"])


def scenario_facts(decision: Decision, as_of: date, manifest: Manifest) -> dict[str, Value | None]:
    """The facts that are the decision's own on a review day. Only reviews on earlier days count as held."""
    assert decision.document is not None, "a review looks back at a committed decision"  # noqa: S101
    effective = date.fromisoformat(decision.document["effective"])
    earlier = sorted((date.fromisoformat(r["as_of"]), str(r["outcome"])) for r in decision.reviews)
    earlier = [(day, outcome) for day, outcome in earlier if day < as_of]
    return {
        "review.day": _day(decision.document, as_of, [day for day, _ in earlier]),
        "review.month": full_months_since(effective, as_of),
        "review.stale_inputs": sum(is_stale(d, as_of) for d in manifest.data_sets),
        "review.overdue_days": _overdue(decision.document, as_of, [day for day, _ in earlier]),
        "review.unanswered_escalation_days": _unanswered(as_of, earlier),
        "review.expired_waivers": sum(not w.in_force(as_of) for w in decision.waivers),
    }


def full_months_since(start: date, day: date) -> int:
    """Months that are over on `day`, 0 before the first; the last days of a month count as its end.

    >>> full_months_since(date(2026, 8, 31), date(2026, 9, 30))
    1
    """
    months = (day.year - start.year) * MONTHS_A_YEAR + day.month - start.month
    return max(0, months if months_later(start, months) <= day else months - 1)


def _day(document: Mapping[str, Any], as_of: date, held: Sequence[date]) -> int:
    """The review day that is answered, also by a review that comes late; on no such day, the days that went by."""
    last = max(held, default=date.min)
    come = [number for number, when in review_days(document) if last < when <= as_of]
    return come[-1] if come else (as_of - date.fromisoformat(document["effective"])).days


def _overdue(document: Mapping[str, Any], as_of: date, held: Sequence[date]) -> int:
    last = max(held, default=date.min)
    due = [when for _, when in review_days(document) if last < when < as_of]
    return (as_of - due[0]).days if due else 0


def _unanswered(as_of: date, earlier: Sequence[tuple[date, str]]) -> int | None:
    """Days since the first escalation after which no review answered less; None where there is none."""
    since: date | None = None
    for day, outcome in earlier:
        if outcome in _ANSWERED:
            since = None
        elif outcome == "escalate":
            since = since or day
    return (as_of - since).days if since else None


def cases_of(
    document: Mapping[str, Any], own: Mapping[str, Value | None], now: Progress
) -> list[tuple[str, Mapping[str, Value | None]]]:
    """(territory, its facts), the whole scenario first; `own` are the facts that are the decision's."""
    cases: list[tuple[str, Mapping[str, Value | None]]] = []
    cases.append((SCENARIO, {**own, "review.territory": None, **_measured(_expected(document, SCENARIO), now.company)}))
    for name, reached in sorted(now.territories.items()):
        cases.append((name, {**own, "review.territory": name, **_measured(_expected(document, name), reached)}))
    return cases


def _expected(document: Mapping[str, Any], scope: str) -> dict[str, Value | None]:
    """What was to be reached, measure by measure: as projected, or as it was at commit."""
    found: dict[str, Value | None] = {}
    for part in ("progress", "projected"):
        said = document.get(part, {})
        raw = said.get("territories", {}).get(scope, {}) if scope else said.get("company", {})
        found |= {name: decoded(value) for name, value in raw.items() if value is not None}
    return found


def _measured(expected: Mapping[str, Value | None], reached: Reached) -> dict[str, Value | None]:
    return {
        "review.attainment_shortfall": shortfall(expected.get("attainment"), reached.attainment),
        "review.pipeline_shortfall": shortfall(expected.get("pipeline"), reached.pipeline),
        "review.quota_progress_shortfall": shortfall(expected.get("quota_progress"), reached.quota_progress),
        "review.quota_attainment": reached.since,
        "review.quarter_attainment": reached.quarter_attainment,
    }


def shortfall(expected: Value | None, actual: Value | None) -> Fraction | None:
    """Expected less actual, by expected; below zero where more was reached. Unknown without something to expect.

    >>> shortfall(200, 170)
    Fraction(3, 20)
    """
    if not isinstance(expected, int | Fraction) or not isinstance(actual, int | Fraction) or expected <= 0:
        return None
    return 1 - Fraction(actual) / Fraction(expected)


def facts_in(relation: str, manifest: Manifest, fields: Mapping[str, Field]) -> Facts:
    """Which facts of a review nobody can know from this snapshot, and which rest on less than measured evidence."""
    missing = missing_of(fields.values(), manifest.present())
    proxies = {name: words for name, words in weak_evidence(manifest, fields.values()).items() if name not in missing}
    return Facts(Subject.REVIEW, relation, frozenset(missing), missing, proxies)
