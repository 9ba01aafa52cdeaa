"""Which days are business days, when does a fiscal quarter begin, and when may accounts move?

Dates of a company, not of the world: holidays, weekends, the fiscal year and the windows for moves are written in the
policies under `calendar:`. Everything is computed on dates; nothing here knows the time of day.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """Days of every fiscal quarter on which accounts may move, both included, 1 being its first day."""

    quarters: tuple[int, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """A company's calendar. `holidays` names a country and, after a hyphen, a subdivision: `US`, `DE-BY`."""

    fiscal_start_month: int = 1
    holidays: str = ""
    weekend: tuple[int, ...] = (5, 6)
    """Days of the week that are no business days, Monday being 0."""
    closed: tuple[str, ...] = ()
    """Further days, ISO dates."""
    windows: tuple[Window, ...] = ()
