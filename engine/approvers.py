"""Who is the giving manager of this move? Roles relative to its two sides, as people, by whom reps report to.

`giving-manager` is the person to whom the giving rep reports, `giving-manager-2` that manager's own, and so on to 9;
`receiving-manager` the same for the receiving rep; `common-manager` the first person above both. Other roles come from
no table and stay roles. Where the table does not say, or reporting goes round in a circle, the person is unknown, and
why is said: nobody is ever guessed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from engine.database import Database

_ABOVE = re.compile(r"(giving|receiving)-manager(?:-([2-9]))?")
_COMMON = "common-manager"


@dataclass(frozen=True, slots=True)
class Reports:
    """A rep's name, and the id or the name of the person they report to; empty where nobody says."""

    name: str
    to: str


@dataclass(frozen=True, slots=True)
class Org:
    """Whom every rep reports to, by rep id."""

    reps: Mapping[str, Reports]

    def above(self, rep: str) -> str:
        """Whom a rep reports to: a rep's id where it is one (or the name of one alone), else as written; or empty."""
        said = self.reps[rep].to if rep in self.reps else ""
        if not said or said in self.reps:
            return said
        named = [other for other, reports in self.reps.items() if reports.name == said]
        return named[0] if len(named) == 1 else said

    def name(self, person: str) -> str:
        return (self.reps[person].name if person in self.reps else "") or person


@dataclass(frozen=True, slots=True)
class Approver:
    """A role with the person who has it. Of a role that no table knows, both texts are empty."""

    role: str
    person: str = ""
    """Name, with the id behind it where they differ."""
    unknown: str = ""
    """Why nobody can say who it is."""

    @property
    def shown(self) -> str:
        """`giving-manager (Ana Ruiz, P-03)`, `giving-manager (unknown: P-07 reports to nobody)`, `vp-sales`."""
        inside = f"unknown: {self.unknown}" if self.unknown else self.person
        return f"{self.role} ({inside})" if inside else self.role


NOBODY = Org({})


def org_of(db: Database) -> Org:
    """Whom reps report to, as known on the day of the facts; nobody where there is no table of reps."""
    if not db.has("known_reps"):
        return NOBODY
    rows = db.rows("SELECT rep, name, reports_to FROM known_reps WHERE rep IS NOT NULL ORDER BY rep")
    return Org({rep: Reports(name or "", reports_to or "") for rep, name, reports_to in rows})


def approver(role: str, giving: str, receiving: str, org: Org) -> Approver:
    """The person who has a role in the move from one rep to another."""
    if role == _COMMON:
        return _common(giving, receiving, org)
    relative = _ABOVE.fullmatch(role)
    if relative is None:
        return Approver(role)
    side = giving if relative.group(1) == "giving" else receiving
    if not side:
        return Approver(role, unknown=f"the move names no {relative.group(1)} rep")
    chain, end, _ = _chain(side, org)
    steps = int(relative.group(2) or 1)
    return _named(role, chain[steps - 1], org) if len(chain) >= steps else Approver(role, unknown=end)


def _common(giving: str, receiving: str, org: Org) -> Approver:
    if not giving or not receiving:
        return Approver(_COMMON, unknown="the move does not name both reps")
    mine, my_end, round_mine = _chain(giving, org)
    theirs, their_end, round_theirs = _chain(receiving, org)
    both = [person for person in mine if person in theirs]
    if both and not (round_mine or round_theirs):
        return _named(_COMMON, both[0], org)
    return Approver(_COMMON, unknown=", ".join(dict.fromkeys((my_end, their_end))))


def _chain(rep: str, org: Org) -> tuple[list[str], str, bool]:
    """Everybody above a rep, the nearest first, why there is nobody further up, and whether that is a circle."""
    chain: list[str] = []
    here = rep
    while above := org.above(here):
        if above in (rep, *chain):
            return chain, f"above {rep}, reporting goes round at {above}", True
        chain.append(above)
        here = above
    return chain, f"{here} reports to nobody" if here in org.reps else f"nobody says whom {here} reports to", False


def _named(role: str, person: str, org: Org) -> Approver:
    name = org.name(person)
    return Approver(role, name if name == person else f"{name}, {person}")
