"""What is a dated parameter? Values from their day on, each with its source, and other values within an extent."""

from dataclasses import dataclass
from datetime import date

from rules.kinds import Unit, Value
from rules.problem import Place


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a rule or an override applies: any of the regions, and any of the size segments; empty is everywhere."""

    regions: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """A value from its date on, with where it comes from: `source`, or `assumption` for a house decision."""

    start: date
    value: Value | tuple[Value, ...]
    source: str
    assumption: str
    place: Place


@dataclass(frozen=True, slots=True)
class Override:
    """Other values of a parameter within a scope. `name` is what the override is called in explanations and in the
    mapping of parameters in force: `cooldown[EMEA]`.
    """

    name: str
    scope: Extent
    values: tuple[ParameterValue, ...]
    place: Place

    def at(self, day: date) -> ParameterValue | None:
        """The value in force on a day; `None` before the first."""
        return _latest(self.values, day)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named, dated number of a policy. `values` are in order of date, latest last.

    Where several overrides fit, the first written counts.
    """

    name: str
    unit: Unit
    values: tuple[ParameterValue, ...]
    place: Place
    title: str = ""
    overrides: tuple[Override, ...] = ()

    def at(self, day: date) -> ParameterValue | None:
        """The value in force on a day; `None` before the first."""
        return _latest(self.values, day)


def _latest(values: tuple[ParameterValue, ...], day: date) -> ParameterValue | None:
    return next((v for v in reversed(values) if v.start <= day), None)
