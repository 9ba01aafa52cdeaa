"""Which rows were refused, and why? Problems by kind: the first thousand of each kind whole, the rest by number."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from rules.problem import Place, Problem

LISTED = 1000
"""Problems listed per kind; how many more there are is always said."""


@dataclass(slots=True)
class BadRows:
    """Problems of one import, by kind. A kind is a file and what is wrong, `orders.csv: amount`."""

    _listed: dict[str, list[Problem]] = field(default_factory=dict)
    _more: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, problem: Problem) -> None:
        """One more problem of a kind."""
        listed = self._listed.setdefault(kind, [])
        if len(listed) < LISTED:
            listed.append(problem)
        else:
            self._more[kind] = self._more.get(kind, 0) + 1

    def add_all(self, kind: str, first: Iterable[Problem], total: int) -> None:
        """All of a kind, of which the `first` (up to LISTED) are at hand."""
        listed = self._listed.setdefault(kind, [])
        before = len(listed)
        listed += list(first)[: LISTED - before]
        self._more[kind] = self._more.get(kind, 0) + total - (len(listed) - before)

    def problems(self) -> tuple[Problem, ...]:
        """Everything gathered, by kind and in order of arrival, each shortened kind with the number left out."""
        found: list[Problem] = []
        for kind, listed in sorted(self._listed.items()):
            found += listed
            if more := self._more.get(kind):
                place = Place(listed[-1].where.file, field=listed[-1].where.field)
                found.append(Problem(place, f"{more:,} more rows have the same kind of problem"))
        return tuple(found)
