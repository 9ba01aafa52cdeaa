"""How is credit shared over time? Shares by month since an anchor and by credit type, as data."""

from dataclasses import dataclass

from rules.problem import Place


@dataclass(frozen=True, slots=True)
class Slice:
    """Through month `through` since the anchor, counted from 1, the original holder keeps `original` percent.

    The rest is the new owner's. `through` None is every month after.
    """

    through: int | None
    original: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """Shares per credit type (`rep`, `manager`, `overlay`); the shares of a month sum to 100 % within each type.

    A month is counted from the anchor by calendar months, clamped to the month's end; a close on the anchor day is in
    month 1. After the last slice with a `through` the original holder keeps nothing.
    """

    name: str
    title: str
    anchor: str
    """The date fact that months are counted from, such as `move.effective`."""
    shares: tuple[tuple[str, tuple[Slice, ...]], ...]
    """(credit type, slices in order)."""
    source: str
    assumption: str
    place: Place
