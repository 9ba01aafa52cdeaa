"""How much quota moves with an account? The donor's, in proportion to what the account is worth in the book.

A quota line is split over the whole book of the donor by TAM, cents by largest remainder in order of account; what
belongs to an account that moves goes unchanged to its receiver. The sum of all quotas stays the same to the cent.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from engine.metrics.apportionment import apportioned


@dataclass(frozen=True, slots=True)
class Worth:
    """What an account counts for in its owner's book, in minor units; None is unknown."""

    tam: int | None
    t12: int | None


@dataclass(frozen=True, slots=True)
class AccountMove:
    """One account from its owner to another."""

    account: str
    donor: str
    receiver: str


def quota_moved(quota: int, book: Mapping[str, Worth], leaving: Collection[str]) -> Mapping[str, int] | None:
    """Minor units of a donor's quota that go with each leaving account; the donor keeps the rest.

    By TAM, and by T12 where the TAM of an account of the book is unknown or nothing in it has any. None, unknown, where
    neither serves, or where an account that leaves is not in the book.
    """
    if not set(leaving) <= book.keys():
        return None
    accounts = sorted(book)
    weights = _weights([book[a].tam for a in accounts]) or _weights([book[a].t12 for a in accounts])
    if weights is None:
        return None
    parts = dict(zip(accounts, apportioned(quota, weights), strict=True))
    return {account: parts[account] for account in sorted(leaving)}


def quotas_after(
    quotas: Mapping[str, int | None], books: Mapping[str, Mapping[str, Worth]], moves: Sequence[AccountMove]
) -> Mapping[str, int | None]:
    """Every rep's quota after the moves; None, unknown, for whoever gives or receives an amount that nobody knows.

    Raises ValueError where an account moves twice.
    """
    if len({m.account for m in moves}) < len(moves):
        raise ValueError("an account moves twice")
    after = dict(quotas)
    for donor in sorted({m.donor for m in moves}):
        mine = [m for m in moves if m.donor == donor]
        quota = quotas.get(donor)
        moved = None if quota is None else quota_moved(quota, books.get(donor, {}), {m.account for m in mine})
        for move in mine:
            amount = None if moved is None else moved[move.account]
            after[donor] = _sum(after.get(donor), amount, -1)
            after[move.receiver] = _sum(after.get(move.receiver), amount, 1)
    return after


def _weights(values: Sequence[int | None]) -> tuple[int, ...] | None:
    """The values as weights; None where one is unknown or below 0, or all are 0."""
    known = tuple(v for v in values if v is not None and v >= 0)
    return known if len(known) == len(values) and any(known) else None


def _sum(quota: int | None, amount: int | None, sign: int) -> int | None:
    return None if quota is None or amount is None else quota + sign * amount
