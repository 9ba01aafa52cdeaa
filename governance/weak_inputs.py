"""Which inputs may no verdict rest on? Stale ones, those that nobody owns, and guesses (Sales Territory Rebalance
Framework). Freshness is judged against the day of the verdict, not against today.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from engine.intake.snapshot import DataSet, Grade, Manifest

CADENCE_DAYS: Mapping[str, int] = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}


def is_stale(data_set: DataSet, day: date) -> bool:
    """Whether a data set is older on that day than its cadence allows; one that is never refreshed is not."""
    days = CADENCE_DAYS.get(data_set.cadence)
    return days is not None and data_set.as_of + timedelta(days) < day


def weak_inputs(manifest: Manifest, day: date) -> tuple[str, ...]:
    """Data sets that no verdict of that day may rest on, in words."""
    weak = []
    for data_set in manifest.data_sets:
        if is_stale(data_set, day):
            weak.append(
                f"{data_set.table}: stale, as of {data_set.as_of.isoformat()}, refreshed every {data_set.cadence}"
            )
        if not data_set.owner:
            weak.append(f"{data_set.table}: nobody owns it")
        if data_set.grade is Grade.GUESS:
            weak.append(f"{data_set.table}: a guess")
    return tuple(weak)
