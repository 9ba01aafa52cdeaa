"""May these accounts move? One verdict per proposed move, all judged on the state after every move of the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from engine.bulk.verdicts import Verdicts
from engine.database import Database
from engine.evaluate import NOTHING_SAID, Evaluation, Question, Standing, evaluate, question_of
from engine.facts import Facts, move_facts
from engine.inference.logic import Conclusion
from engine.intake.snapshot import Manifest
from rules.model.policy import PolicySet
from rules.model.rule_kind import RuleKind
from rules.reading.load import single_in_force
from rules.vocabulary import Subject

VERDICTS = ("deny", "hold", "approval", "allow")


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of a batch. `unknown` counts verdicts in which an unknown rule had a say, whichever they are."""

    verdicts: Mapping[str, int]
    unknown: int

    @property
    def total(self) -> int:
        return sum(self.verdicts.values())


def check_moves(
    db: Database, manifest: Manifest, policies: PolicySet, as_of: date, *, standing: Standing = NOTHING_SAID
) -> Evaluation:
    """Verdicts on the moves in table `moves`, by the rules in force on the as-of date."""
    question, facts = asked_of_moves(db, manifest, policies, as_of)
    return evaluate(db, question, facts, standing=standing)


def asked_of_moves(db: Database, manifest: Manifest, policies: PolicySet, as_of: date) -> tuple[Question, Facts]:
    """The rules in force on the as-of date, and the facts of the moves in table `moves`."""
    parameters = single_in_force(policies, as_of)
    question = question_of(
        policies,
        policies.rules(RuleKind.ENGAGEMENT, as_of),
        policies.fields(Subject.MOVE),
        as_of,
        minor_digits=manifest.minor_digits,
    )
    facts = move_facts(db, manifest, parameters, as_of, policies.metrics(Subject.MOVE), policies.calendar)
    return question, facts


def tally(evaluation: Evaluation) -> Tally:
    """How many moves got which verdict."""
    counts = dict.fromkeys(VERDICTS, 0)
    unknown = 0
    for conclusion in evaluation.by_subject().values():
        counts[verdict_of(conclusion)] += 1
        unknown += bool(conclusion.open)
    return Tally(counts, unknown)


def tally_of(verdicts: Verdicts) -> Tally:
    """The same of moves judged in bulk."""
    return Tally({verdict: verdicts.counts.get(verdict, 0) for verdict in VERDICTS}, verdicts.unknown)


def verdict_of(conclusion: Conclusion) -> str:
    """The verdict of one move. The ladder of verdicts is not strict, so there always is one."""
    return conclusion.level["verdict"] or "hold"
