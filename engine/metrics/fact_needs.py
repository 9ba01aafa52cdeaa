"""What does each fact need, and how good is the evidence that it rests on?

A fact whose inputs are not there is absent: unknown for every subject. One that rests on a data set graded below
`measured` is a proxy, and is called so wherever its number appears (docs/domain.md, 1).
"""

from collections.abc import Iterable, Mapping, Set
from datetime import date

from engine.intake.snapshot import Grade, Manifest
from rules.kinds import Value
from rules.problem import BadInput, Place, Problem
from rules.vocabulary import FIELDS, Field, Subject

SHARE_BY_TAM = "share by TAM (assignments.share is absent)"
SPLIT_NEEDS = ("potential", "accounts.territory")
"""What a share by TAM rests on."""

_ROLES = ("reps.manager", "reps.quota_carrying", "reps.hired_on")
_ALSO_NEEDS: Mapping[str, tuple[str, ...]] = {
    "company.headcount_turnover": ("reps.quota_carrying",),
    "territory.utilisation": ("assignments.share",),
    "rep.t12_reduction": ("ownership",),
    "rep.tam_reduction": ("ownership",),
    "rep.base_months": ("compensation.leave_days",),
    "rep.base_commission": ("compensation.commission", "compensation.leave_days"),
    "rep.base_earnings": ("compensation.earnings", "compensation.one_offs", "compensation.leave_days"),
    "to_rep.active": ("reps.hired_on",),
}
"""Columns that a fact's definition reads besides what the vocabulary names, because a table may be filled in part."""


def needs_of(field: Field) -> tuple[str, ...]:
    """Every table and column without which the fact is unknown, in order."""
    roles = _ROLES if {"quotas", "reps"} <= set(field.needs) else ()
    return tuple(dict.fromkeys((*field.needs, *roles, *_ALSO_NEEDS.get(field.name, ()))))


def missing_of(fields: Iterable[Field], here: Set[str]) -> dict[str, tuple[str, ...]]:
    """Fact to those of its inputs that are not among the tables and columns `here`, for facts that lack any.

    Of a fact that no module produces, what is missing is that: `driving hours: nothing produces it yet`.
    """
    found = {
        field.name: lacking(needs_of(field), here) if field.produced_by else (_unproduced(field),) for field in fields
    }
    return {name: gone for name, gone in found.items() if gone}


def lacking(needs: tuple[str, ...], here: Set[str]) -> tuple[str, ...]:
    """Those of `needs` that are not here; of a table that is not there at all, only the table."""
    gone = [n for n in needs if n not in here]
    return tuple(n for n in gone if "." not in n or n.partition(".")[0] not in gone)


def weak_evidence(manifest: Manifest, fields: Iterable[Field]) -> dict[str, str]:
    """Fact to the data sets below `measured` that it rests on, in words: `potential graded proxy`."""
    return {f.name: words for f in fields if (words := weak_among(manifest, _rests_on(f)))}


def weak_among(manifest: Manifest, needs: tuple[str, ...]) -> str:
    """Those of these tables and columns whose data set is graded below `measured`, in words; empty for none."""
    grades = {d.table: d.grade for d in manifest.data_sets if d.grade is not Grade.MEASURED}
    tables = dict.fromkeys(n.partition(".")[0] for n in needs)
    return ", ".join(f"{t} graded {grades[t].value}" for t in tables if t in grades)


def _rests_on(field: Field) -> tuple[str, ...]:
    if field.produced_by == "engine.audit" and not field.needs:
        # What is counted over territories needs nothing, because a lower bound always exists; it rests on theirs.
        return tuple(need for f in FIELDS[Subject.TERRITORY] for need in needs_of(f))
    return needs_of(field)


def _unproduced(field: Field) -> str:
    words = field.name.partition(".")[2].replace("_", " ")
    return f"{words}: nothing produces it yet"


def whole_numbers(
    parameters: Mapping[str, Value],
    subject: Subject,
    absent: frozenset[str],
    as_of: date,
    names: tuple[str, ...] = (),
) -> dict[str, int]:
    """The parameters that the definitions of the facts (all known ones, or `names`) read; BadInput with every fault."""
    wanted: dict[str, str] = {}
    for fact in FIELDS[subject]:
        if fact.name not in absent and (not names or fact.name in names):
            for name in fact.uses:
                wanted.setdefault(name, fact.name)
    numbers, problems = {}, []
    for name, defined in wanted.items():
        value = parameters.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            numbers[name] = value
        else:
            wrong = "has no value" if value is None else "is not a whole number"
            message = f"parameter `{name}` {wrong} on {as_of.isoformat()}"
            found = "" if value is None else str(value)
            problems.append(Problem(Place("policies"), message, found, hint=f"`{defined}` is defined with it"))
    if problems:
        raise BadInput(problems)
    return numbers
