"""Who keeps the credit? Every deal of a moving account: exempt, ineligible, or held by the original rep.

Where the policies declare a schedule (engine.credit_split), a held deal shows what holder and new owner get of each
type of credit: of a deal that closed, on its day; of an open one, month by month. Where parameter `hold_cap_per_rep` is
set, held deals beyond it are ineligible (engine.credit_caps). Without either, the holder keeps all through `hold_days`.

A deal holds once. Where `opportunity.held_from` says that an earlier move holds it already, days and months are counted
from that day: a later move neither restarts nor extends the hold.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from engine.credit_caps import LARGEST, Cap, Claim, beyond, cap_of
from engine.credit_split import Months, Split, by_month, kept_until, split
from engine.database import Database
from engine.evaluate import Evaluation, Question, evaluate, question_of
from engine.explain import outcomes_and_cases
from engine.facts import opportunity_facts
from engine.intake.snapshot import Manifest
from engine.outcome import Outcome
from rules.kinds import Value
from rules.model.policy import PolicySet
from rules.model.rule_kind import RuleKind
from rules.model.schedule import Schedule
from rules.problem import BadInput, Place, Problem
from rules.reading.load import single_in_force
from rules.vocabulary import Subject

HOLD_DAYS = "hold_days"
EFFECTIVE = "move.effective"
Case = Mapping[str, Value | None]


@dataclass(frozen=True, slots=True)
class Credit:
    """The answer for one deal. `share` is what the original rep keeps, in percent; None where it is undecided, the
    schedule says it month by month, or the policy does not say: credit for an exempt deal follows its owner at close.
    """

    outcome: Outcome
    holder: str
    amount: int | None
    """Minor units."""
    held_until: date | None
    share: int | None
    splits: tuple[Split, ...] = ()
    """By credit type, of a held deal that closed, where there is a schedule."""
    months: tuple[Months, ...] = ()
    """The shares from the schedule's anchor on, of a held deal."""
    reason: str = ""
    """Why the rules' answer does not stand: the cap that the deal lies beyond, or may."""


def check_credit(db: Database, manifest: Manifest, policies: PolicySet, as_of: date) -> Evaluation:
    """Evaluate the grandfathering rules on the deals of the accounts in table `moves`."""
    parameters = single_in_force(policies, as_of)
    rules = policies.rules(RuleKind.GRANDFATHERING, as_of)
    question = question_of(
        policies, rules, policies.fields(Subject.OPPORTUNITY), as_of, minor_digits=manifest.minor_digits
    )
    return evaluate(db, question, opportunity_facts(db, manifest, parameters, as_of))


def credit_rows(evaluation: Evaluation, schedule: Schedule | None) -> tuple[Credit, ...]:
    """Every deal with its holder and the day until which a hold runs, in order of id.

    The schedule is that of `credit_split.credit_schedule`. Raises BadInput where a parameter of the hold or of the cap
    has no value that it can have: what is missing is never taken for 0.
    """
    hold_days, cap = _hold_days(evaluation.question), cap_of(evaluation.question.values, evaluation.question.day)
    found = [(outcome, case) for outcome, case in outcomes_and_cases(evaluation)]
    answers = beyond(_claims(found, cap), cap) if cap is not None else {}
    rows = []
    for outcome, case in found:
        settled, reason = _capped(outcome, answers, cap) if cap is not None else (outcome, "")
        rows.append(_credit(settled, reason, case, hold_days, schedule))
    return tuple(rows)


def _hold_days(question: Question) -> int | None:
    """The length of a hold in days; None where the policies have no such parameter."""
    if HOLD_DAYS not in question.units:
        return None
    days = question.values.get(HOLD_DAYS)
    if not isinstance(days, int) or isinstance(days, bool):
        message = f"parameter `{HOLD_DAYS}` has no value on {question.day.isoformat()}"
        if days is not None:
            message = f"parameter `{HOLD_DAYS}` is not a number of days on {question.day.isoformat()}"
        raise BadInput([Problem(Place("policies"), message, "" if days is None else str(days))])
    return days


def _claims(found: Iterable[tuple[Outcome, Case]], cap: Cap) -> list[Claim]:
    """The deals that take part in a cap: held ones, and those that may turn out to be."""
    return [
        Claim(outcome.id, _text(case["holder.rep"]), outcome.level == "held", _key(case, cap))
        for outcome, case in found
        if outcome.level in ("held", None)
    ]


def _key(case: Case, cap: Cap) -> int | None:
    if cap.order == LARGEST:
        amount = case["opportunity.amount"]
        return -amount if isinstance(amount, int) else None
    closes = case["opportunity.closed_on"] or case.get("opportunity.closes_on")
    return closes.toordinal() if isinstance(closes, date) else None


def _capped(outcome: Outcome, is_beyond: Mapping[str, bool | None], cap: Cap) -> tuple[Outcome, str]:
    """The outcome under the cap, and the reason where the cap changes it."""
    if outcome.level != "held" or is_beyond[outcome.id] is False:
        return outcome, ""
    if is_beyond[outcome.id]:
        return replace(outcome, level="ineligible"), f"beyond the cap of {cap.words}"
    return replace(outcome, level=None), f"nobody can say whether it is within the cap of {cap.words}"


def _credit(outcome: Outcome, reason: str, case: Case, hold_days: int | None, schedule: Schedule | None) -> Credit:
    holder, amount = _text(case["holder.rep"]) or "unknown", case["opportunity.amount"]
    known = amount if isinstance(amount, int) else None
    if outcome.level != "held":
        share = 0 if outcome.level == "ineligible" else None
        return Credit(outcome, holder, known, None, share, reason=reason)
    until = _last_day(_counted_from(case, EFFECTIVE), hold_days)
    if schedule is None:
        return Credit(outcome, holder, known, until, 100)
    anchor, closed = _counted_from(case, schedule.anchor), case["opportunity.closed_on"]
    ends = [day for day in (until, kept_until(schedule, anchor)) if day is not None]
    splits: tuple[Split, ...] = ()
    if isinstance(anchor, date) and isinstance(closed, date) and anchor <= closed:
        splits = tuple(split(schedule, credit_type, known, closed, anchor) for credit_type, _ in schedule.shares)
    own = next((s.original for s in splits if s.credit_type == "rep"), None)
    return Credit(outcome, holder, known, min(ends, default=None), own, splits, by_month(schedule, anchor))


def _counted_from(case: Case, anchor: str) -> Value | None:
    """The day that an anchor stands for: of the move's own day, the first move's that holds the deal."""
    earlier = case.get("opportunity.held_from") if anchor == EFFECTIVE else None
    return earlier if isinstance(earlier, date) else case[anchor]


def _last_day(effective: Value | None, hold_days: int | None) -> date | None:
    if hold_days is None or not isinstance(effective, date):
        return None
    last = effective.toordinal() + hold_days
    return date.fromordinal(last) if date.min.toordinal() <= last <= date.max.toordinal() else None


def _text(value: Value | None) -> str | None:
    return value if isinstance(value, str) else None
