"""Would this run go too far? Shares that stop a run before anything is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

DENIED, MOVED = "deny", "move"
LIMITED = (DENIED, MOVED)
"""What a share is of: denied moves of all in the file; accounts that would move of all in the snapshot."""
_MOVING = ("allow", "approval")


@dataclass(frozen=True, slots=True)
class Limit:
    """A run goes too far with more than `percent` of what it is a share of."""

    what: str
    percent: Fraction
    least: int = 0
    """A file of fewer moves is never stopped: of three moves one may well be denied."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A limit that a run is over."""

    limit: Limit
    part: int
    whole: int

    @property
    def words(self) -> str:
        """`would deny 60 of 104 moves, 57.6 %; the limit is 20 %`, the share cut off, so that it is never too high."""
        share = Fraction(100 * self.part, self.whole)
        verb, of = ("deny", "moves") if self.limit.what == DENIED else ("move", "accounts")
        limit = _shown(self.limit.percent)
        return f"would {verb} {self.part:,} of {self.whole:,} {of}, {_shown(share)} %; the limit is {limit} %"


def _shown(percent: Fraction) -> str:
    tenths = percent * 10 // 1
    return str(tenths // 10) if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}"


def stops(verdicts: Mapping[str, int], accounts: int, limits: Iterable[Limit]) -> tuple[Stop, ...]:
    """The limits that a run with these counts of verdicts is over, of so many accounts in the snapshot."""
    moves = sum(verdicts.values())
    found = []
    for limit in limits:
        part, whole = (
            (verdicts.get(DENIED, 0), moves)
            if limit.what == DENIED
            else (sum(verdicts.get(each, 0) for each in _MOVING), accounts)
        )
        if moves >= limit.least and part * 100 > limit.percent * whole:
            found.append(Stop(limit, part, whole))
    return tuple(found)
