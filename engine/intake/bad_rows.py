"""Which rows were refused, and why? Problems by kind: the first thousand of each kind whole, the rest by number."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

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
        """Everything gathered, by file and row, then for each shortened kind the number left out."""
        listed = sorted(chain.from_iterable(self._listed.values()), key=lambda p: (p.where.file, p.where.row or 0))
        for kind, more in sorted(self._more.items()):
            if more:
                last = self._listed[kind][-1]
                place = Place(last.where.file, field=last.where.field)
                listed.append(Problem(place, f"{last.message}: {more:,} more rows"))
        return tuple(listed)
