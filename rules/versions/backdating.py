"""Which changes of the policies reach back before a day? Those that say of an earlier day what nobody said on it.

A rule counts from its `from`, a value of a parameter from its date. To add one that counts earlier, to change one that
counted already, or to take it away, rewrites days that are over. What does no such thing: ending a rule on a later day,
a value from a later day, and words that change no verdict (title, message, source, examples). Definitions, tables,
metrics, schedules, the calendar, scope and mode have no date: they count with the version that says them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from rules.model.parameter import Parameter, ParameterValue
from rules.model.policy import PolicySet, Rule
from rules.problem import Place
from rules.versions.statements import Statement, statements

WORDS = frozenset({"title", "message", "source", "assumption", "severity", "owner", "tags", "policy"})
"""Labels of a rule that change no verdict; examples, besides, are known by how their labels begin."""
UNDATED = frozenset({"mode", "applies"})
DATES = frozenset({"from", "to"})


@dataclass(frozen=True, slots=True)
class Backdated:
    """A change that counts from `start`, in words: `is new`, `is changed`, `is taken away`."""

    what: str
    name: str
    start: date
    words: str
    place: Place


def backdated(old: PolicySet, new: PolicySet, day: date) -> tuple[Backdated, ...]:
    """Every change from the old version to the new one that counts from before `day`, by place."""
    found = [*_rules(old, new), *_parameters(old.parameters(), new.parameters())]
    return tuple(change for change in found if change.start < day)


def _rules(old: PolicySet, new: PolicySet) -> Iterator[Backdated]:
    before, after = statements(old), statements(new)
    earlier = {rule.id: rule for rule in old.rules()}
    for rule in new.rules():
        was = earlier.pop(rule.id, None)
        if was is None:
            yield Backdated("rule", rule.id, rule.start, "is new", rule.place)
            continue
        start = _changed_from(was, before["rule", rule.id], rule, after["rule", rule.id])
        if start is not None:
            yield Backdated("rule", rule.id, start, "is changed", rule.place)
    for rule in earlier.values():
        yield Backdated("rule", rule.id, rule.start, "is taken away", rule.place)


def _changed_from(was: Rule, before: Statement, now: Rule, after: Statement) -> date | None:
    """The first day on which the changed rule says something else; `None` if there is no such day."""
    if _decisive(before.says) != _decisive(after.says):
        return min(was.start, now.start)
    days = [min(was.start, now.start)] if was.start != now.start else []
    if was.end != now.end:
        days.append(min(end for end in (was.end, now.end) if end is not None))
    return min(days, default=None)


def _decisive(says: Mapping[str, str]) -> dict[str, str]:
    left_out = WORDS | UNDATED | DATES
    return {k: v for k, v in says.items() if k not in left_out and not k.startswith("example ")}


def _parameters(old: Mapping[str, Parameter], new: Mapping[str, Parameter]) -> Iterator[Backdated]:
    for name in dict.fromkeys((*new, *old)):
        before, after = _series(old.get(name)), _series(new.get(name))
        for key in dict.fromkeys((*after, *before)):
            earlier, later = before.get(key, {}), after.get(key, {})
            for day in dict.fromkeys((*later, *earlier)):
                said = [v for v in (later.get(day), earlier.get(day)) if v is not None]
                if day in earlier and day in later and said[0].value == said[1].value:
                    continue
                words = "is new" if day not in earlier else "is changed" if day in later else "is taken away"
                yield Backdated("value of parameter", key[0], day, words, said[0].place)


def _series(parameter: Parameter | None) -> dict[tuple[str, ...], dict[date, ParameterValue]]:
    """Values by day: of the parameter, and of each override, told apart by unit, extent and what comes before it."""
    if parameter is None:
        return {}
    found: dict[tuple[str, ...], dict[date, ParameterValue]] = {
        (parameter.name, parameter.unit.value): {v.start: v for v in parameter.values}
    }
    before = ""
    for override in parameter.overrides:
        before += f"{override.scope} "
        found[override.name, parameter.unit.value, before] = {v.start: v for v in override.values}
    return found
