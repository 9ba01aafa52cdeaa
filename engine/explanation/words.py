"""How is a change told to a person? `move.effective 2026-08-03 → 2026-08-29, 26 days later`; `R05 waived by vp`."""

from datetime import date
from fractions import Fraction

from engine.evaluate import Question
from engine.explanation.changes import ApprovalChange, Change, FactChange, Hand, Nearest, WaiverChange, Way
from rules.expression.meaning import Given
from rules.kinds import Kind, shown
from rules.vocabulary import Field

ALONE = "a fact is changed alone: others that come from the same source stay as they are"
_UNKNOWN, _NONE, _UNNAMED = "unknown", "none", "another text"
_HAND = {Hand.PAST: " (in the past)"}


def way_words(question: Question, way: Way) -> str:
    """Every change of a way, in one line."""
    return ", and ".join(change_words(question, change) for change in way.changes)


def change_words(question: Question, change: Change) -> str:
    """One change, with how far it is where that can be said."""
    match change:
        case WaiverChange():
            return f"{change.rule} waived by {change.by}"
        case ApprovalChange():
            return f"approved by {_listed(change.roles)}"
        case FactChange():
            before, after = value_words(question, change)
            far = distance_words(question, change)
            return f"{change.fact} {before} → {after}{far and ', '}{far}{_HAND.get(change.hand, '')}"


def value_words(question: Question, change: FactChange) -> tuple[str, str]:
    """The value before and after, as a person reads them; exactly where rounding would hide the change."""
    field = question.fields[change.fact]
    before = _UNKNOWN if change.unknown else _value(question, field, change.before)
    after = _UNNAMED if change.unnamed else _value(question, field, change.after)
    if before == after:
        before, after = (f"{said} ({value})" for said, value in ((before, change.before), (after, change.after)))
    return before, after


def distance_words(question: Question, change: FactChange) -> str:
    """`26 days later`, `1 more`; empty where there is no distance, or none that rounding leaves."""
    field, before, after = question.fields[change.fact], change.before, change.after
    if isinstance(before, date) and isinstance(after, date):
        days = (after - before).days
        return f"{shown(abs(days), Kind.DAYS)} {'later' if days > 0 else 'earlier'}"
    if field.kind not in (Kind.COUNT, Kind.MONEY, Kind.DAYS, Kind.RATIO):
        return ""
    if not isinstance(before, int | Fraction) or not isinstance(after, int | Fraction):
        return ""
    far = Fraction(after) - Fraction(before)
    size = abs(far) if field.kind is Kind.RATIO else int(abs(far))
    said = _value(question, field, size)
    return "" if said == _value(question, field, 0) else f"{said} {'more' if far > 0 else 'less'}"


def search_words(nearest: Nearest) -> list[str]:
    """How far the search went, and what it does not say."""
    said = [f"{nearest.tried:,} changes supposed, of {nearest.facts} facts, waivers and approvals; {ALONE}"]
    if nearest.partly:
        said.append(f"not every value was looked at of {_listed(nearest.partly)}")
    if nearest.cut:
        said.append("not every pair of changes was looked at")
    return said


def missed_words(nearest: Nearest) -> str:
    """What is said of a level that nothing was found to lead to."""
    return "no single change leads there, and no pair of those looked at" if nearest.cut else "no change of one or two"


def _value(question: Question, field: Field, value: Given | None) -> str:
    if value is None:
        return _NONE
    return shown(value, field.kind, field.unit, minor_digits=question.minor_digits, of=field.of)


def _listed(names: tuple[str, ...]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
