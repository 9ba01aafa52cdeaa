"""What changed between two versions of the policies? By rule, parameter and definition, in words.

    changed rule R02: effect: deny → hold; message: … → …
    added   parameter notice_days: value from 2027-01-01: 14 days; source of 2027-01-01: handbook, section 4

Versions that differ in bytes and in nothing they say (comments, layout, order) have no difference here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from rules.model.policy import PolicySet
from rules.problem import Place
from rules.versions.statements import Statement, statements


class Change(Enum):
    """What became of a thing."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing said, before and after; empty where nothing was, or is, said."""

    label: str
    before: str
    after: str

    def __str__(self) -> str:
        if not self.before:
            return f"{self.label}: {self.after}"
        return f"{self.label}: {self.before} → {self.after or 'nothing'}"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is new, gone, or says something else. `place` is in the new version unless the thing is gone."""

    change: Change
    what: str
    name: str
    details: tuple[Detail, ...]
    place: Place

    def __str__(self) -> str:
        head = f"{self.change.value} {self.what} {self.name}"
        return f"{head}: {'; '.join(map(str, self.details))}" if self.change is Change.CHANGED else head


def differences(old: PolicySet, new: PolicySet) -> tuple[Difference, ...]:
    """Everything that one version says and the other does not: in order of the new one, then what is gone."""
    before, after = statements(old), statements(new)
    found = []
    for key, statement in after.items():
        earlier = before.get(key)
        details = _details(earlier.says if earlier else {}, statement.says)
        if earlier is None:
            found.append(_difference(Change.ADDED, statement, details))
        elif details:
            found.append(_difference(Change.CHANGED, statement, details))
    gone = [statement for key, statement in before.items() if key not in after]
    return (*found, *(_difference(Change.REMOVED, statement, _details(statement.says, {})) for statement in gone))


def _difference(change: Change, statement: Statement, details: tuple[Detail, ...]) -> Difference:
    return Difference(change, statement.what, statement.name, details, statement.place)


def _details(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Detail, ...]:
    labels = dict.fromkeys((*after, *before))
    said = [Detail(label, before.get(label, ""), after.get(label, "")) for label in labels]
    return tuple(detail for detail in said if detail.before != detail.after)
