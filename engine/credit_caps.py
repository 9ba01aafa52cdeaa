"""How many deals may one rep hold? Held deals in an order, of which the first few count (docs/domain.md, 5).

A deal that is not decided may turn out to be held, and one without its key may stand anywhere in the order; a deal is
within or beyond the cap only if it is so however that turns out.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rules.kinds import Value
from rules.problem import BadInput, Place, Problem

CAP, ORDER = "hold_cap_per_rep", "hold_cap_order"
LARGEST, EARLIEST = "largest", "earliest"
"""Values of `hold_cap_order`: by amount, or by the day of the close, expected or real."""


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most` held deals per rep."""

    most: int
    order: str

    @property
    def words(self) -> str:
        """The cap as a person reads it: `3 held deals per rep, largest first`."""
        return f"{self.most} held deal{'' if self.most == 1 else 's'} per rep, {self.order} first"


@dataclass(frozen=True, slots=True)
class Claim:
    """A deal that takes part in the cap: `key` orders, lowest first; None where nobody knows it."""

    deal: str
    holder: str | None
    is_held: bool
    """False: not decided, and perhaps held."""
    key: int | None


def cap_of(values: Mapping[str, Value | tuple[Value, ...]], day: date) -> Cap | None:
    """The cap in force, None where there is none. Raises BadInput for a cap below 0 or without a known order."""
    most, order = values.get(CAP), values.get(ORDER)
    if most is None:
        return None
    problems = []
    if not isinstance(most, int) or isinstance(most, bool) or most < 0:
        problems.append(_problem(CAP, "is no number of deals", day, most, "a whole number, 0 or more"))
    if order not in (LARGEST, EARLIEST):
        problems.append(_problem(ORDER, "is no order of deals", day, order, f"`{LARGEST}` or `{EARLIEST}`"))
    if problems or not isinstance(most, int):
        raise BadInput(problems)
    return Cap(most, str(order))


def beyond(claims: Sequence[Claim], cap: Cap) -> Mapping[str, bool | None]:
    """Deal to whether it lies beyond the cap of its holder; None where nobody can say."""
    anybody = [c for c in claims if c.holder is None]
    books: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.holder is not None:
            books.setdefault(claim.holder, []).append(claim)
    found: dict[str, bool | None] = {c.deal: None for c in anybody}
    for mine in books.values():
        found |= _beyond_in(mine, anybody, cap.most)
    return found


def _beyond_in(mine: Sequence[Claim], anybody: Sequence[Claim], most: int) -> dict[str, bool | None]:
    """The same for the deals of one holder, `anybody` being deals of unknown holders."""
    # Deals with the same key come in order of their id.
    held = sorted((c.key, c.deal) for c in mine if c.is_held and c.key is not None)
    maybe = sorted((c.key, c.deal) for c in (*(c for c in mine if not c.is_held), *anybody) if c.key is not None)
    anywhere = sum(c.key is None for c in (*mine, *anybody))
    found: dict[str, bool | None] = {}
    for claim in mine:
        if claim.key is None:
            surely, perhaps = 0, len(mine) + len(anybody) - 1
        else:
            place = (claim.key, claim.deal)
            surely, perhaps = bisect_left(held, place), bisect_left(maybe, place) + anywhere
        found[claim.deal] = True if surely >= most else None if surely + perhaps >= most else False
    return found


def _problem(name: str, wrong: str, day: date, found: object, expected: str) -> Problem:
    message = f"parameter `{name}` {wrong} on {day.isoformat()}"
    return Problem(Place("policies"), message, "" if found is None else str(found), expected)
