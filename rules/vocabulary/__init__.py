"""The facts that a condition may name: per subject, with kind, unit, and the inputs that they need.

`needs` names data sets (`revenue`) or single columns (`accounts.parent`) of the snapshot. Where one of them is absent
the fact is unknown, also under `has()`, and the verdict names what was missing. A required fact without a value is
unknown; an optional one without a value means that there is none, and may be read only under `has()`. `uses` names
the policy parameters that the fact's own definition reads (`policies/definitions.yaml`).

A fact that no module produces yet is unknown for every subject: rules on it can be written and tried on examples.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from rules.vocabulary.company import COMPANY
from rules.vocabulary.decision import DECISION, REVIEW
from rules.vocabulary.fact import Field, Subject
from rules.vocabulary.move import MOVE
from rules.vocabulary.opportunity import OPPORTUNITY, RULE
from rules.vocabulary.rep import REP
from rules.vocabulary.territory import TERRITORY

__all__ = ["FIELDS", "Field", "Subject", "baseline_fields", "fields_of", "unproduced"]

FIELDS: Mapping[Subject, tuple[Field, ...]] = {
    Subject.COMPANY: COMPANY,
    Subject.TERRITORY: TERRITORY,
    Subject.REP: REP,
    Subject.MOVE: MOVE,
    Subject.OPPORTUNITY: OPPORTUNITY,
    Subject.DECISION: DECISION,
    Subject.REVIEW: REVIEW,
    Subject.RULE: RULE,
}


def fields_of(subject: Subject) -> Mapping[str, Field]:
    """The facts of one subject by name."""
    return {field.name: field for field in FIELDS[subject]}


def unproduced(subject: Subject) -> tuple[Field, ...]:
    """Facts that nothing computes yet, so that every rule on them is unknown."""
    return tuple(field for field in FIELDS[subject] if not field.produced_by)


def baseline_fields(fields: Iterable[Field]) -> tuple[Field, ...]:
    """The same facts as they stood at commit, under `baseline.`: `baseline.attainment_spread` for a review rule."""
    return tuple(
        replace(f, name=f"baseline.{f.name.partition('.')[2]}", meaning=f"{f.meaning}, at commit", needs=(), uses=())
        for f in fields
    )
