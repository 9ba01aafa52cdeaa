"""Who keeps the credit? Every deal of a moving account: exempt, ineligible, or held by the original rep."""

from dataclasses import dataclass
from datetime import date

from engine.database import Database
from engine.evaluate import Evaluation, evaluate, question_of
from engine.explain import outcomes_and_cases
from engine.facts import opportunity_facts
from engine.outcome import Outcome
from engine.snapshot import Manifest
from rules.kinds import Value
from rules.load import single_in_force
from rules.policy import PolicySet
from rules.rule_kind import RuleKind
from rules.vocabulary import Subject, fields_of


@dataclass(frozen=True, slots=True)
class Credit:
    """The answer for one deal. `share` is what the original rep keeps, in percent; None where it is undecided, or the
    policy does not say: credit for an exempt deal follows its owner at close.
    """

    outcome: Outcome
    holder: str
    amount: int | None
    """Minor units."""
    held_until: date | None
    share: int | None


def check_credit(db: Database, manifest: Manifest, policies: PolicySet, as_of: date) -> Evaluation:
    """Evaluate the grandfathering rules on the deals of the accounts in table `moves`."""
    parameters = single_in_force(policies, as_of)
    rules = policies.rules(RuleKind.GRANDFATHERING, as_of)
    question = question_of(policies, rules, fields_of(Subject.OPPORTUNITY), as_of, minor_digits=manifest.minor_digits)
    return evaluate(db, question, opportunity_facts(db, manifest, parameters, as_of))


def credit_rows(evaluation: Evaluation, *, hold_days: int) -> tuple[Credit, ...]:
    """Every deal with its holder and the day until which a hold runs, in order of id."""
    return tuple(_credit(outcome, case, hold_days) for outcome, case in outcomes_and_cases(evaluation))


def _credit(outcome: Outcome, case: dict[str, Value | None], hold_days: int) -> Credit:
    effective, holder, amount = case["move.effective"], case["holder.rep"], case["opportunity.amount"]
    last = effective.toordinal() + hold_days if isinstance(effective, date) else None
    until = date.fromordinal(last) if last is not None and last <= date.max.toordinal() else None
    shares = {"held": 100, "ineligible": 0}
    return Credit(
        outcome,
        holder if isinstance(holder, str) else "unknown",
        amount if isinstance(amount, int) else None,
        until if outcome.level == "held" else None,
        shares.get(outcome.level or ""),
    )
