"""What does a constant say in another kind, and which part of a time? Exact, or refused; as CEL's standard functions.

Times are whole microseconds: a timestamp since 1970-01-01T00:00:00Z, a duration from one moment to another.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction

from rules.expression.term import DURATION_REACH, INT64, SECOND, TIMESTAMP_REACH
from rules.kinds import Kind, Value, duration_text, timestamp_text

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?([Zz]|[-+][0-9]{2}:[0-9]{2})"
)
_DURATION = re.compile(r"([-+]?)((?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:h|ms|m|s|us|µs|μs|ns))+|0)")
_PART = re.compile(r"([0-9]*)\.?([0-9]*)(h|ms|m|s|us|µs|μs|ns)")
_MICROSECONDS = {
    "h": Fraction(3600 * SECOND),
    "m": Fraction(60 * SECOND),
    "s": Fraction(SECOND),
    "ms": Fraction(1000),
    "us": Fraction(1),
    "µs": Fraction(1),
    "μs": Fraction(1),
    "ns": Fraction(1, 1000),
}
_LONGEST = 60
"""Signs of a number or duration; reading takes time in the square of its length."""
_MINUTES = 60
_ZONE = re.compile(r"([-+]?)([0-9]{2}):([0-9]{2})")
_BOOL = {"1": True, "t": True, "true": True, "TRUE": True, "True": True} | dict.fromkeys(
    ("0", "f", "false", "FALSE", "False"), False
)


class TooFine(ValueError):  # noqa: N818 -- named for the situation, as BadInput is
    """A time that whole microseconds cannot tell."""


class NamedZone(ValueError):  # noqa: N818 -- as above
    """A time zone that is no fixed offset."""


def timestamp_of(text: str) -> int:
    """`2026-02-01T09:30:00Z`, RFC 3339. Raises ValueError; TooFine for more than microseconds."""
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        raise ValueError(f"`{text}` is not a timestamp")
    fraction = (found[7] or "").ljust(9, "0")
    if fraction[6:] != "000":
        raise TooFine(f"`{text}` is finer than a microsecond")
    try:
        zone = UTC if found[8] in "Zz" else _zone(found[8])
        moment = datetime(*(int(n) for n in found.groups()[:6]), int(fraction[:6]), tzinfo=zone)  # type: ignore[misc,arg-type] # six numbers and a fraction
    except ValueError:
        raise ValueError(f"`{text}` is not a timestamp") from None
    return _within((moment - _EPOCH) // _MICROSECOND, TIMESTAMP_REACH, "timestamp")


def duration_of(text: str) -> int:
    """`1h30m`, `-0.5s`, `90m`: units h, m, s, ms, us, ns. Raises ValueError; TooFine for more than microseconds."""
    found = _DURATION.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise ValueError(f"`{text}` is not a duration")
    total = sum(
        (
            Fraction(f"{whole or '0'}.{part or '0'}") * _MICROSECONDS[unit]
            for whole, part, unit in _PART.findall(found[2])
        ),
        Fraction(0),
    )
    if total.denominator != 1:
        raise TooFine(f"`{text}` is finer than a microsecond")
    return _within(-int(total) if found[1] == "-" else int(total), DURATION_REACH, "duration")


def _within(number: int, limits: tuple[int, int], what: str) -> int:
    if not limits[0] <= number <= limits[1]:
        raise ValueError(f"{what} is out of range")
    return number


def _zone(text: str) -> timezone:
    found = _ZONE.fullmatch(text)
    if text in ("UTC", "Z"):
        return UTC
    if found is None:
        raise NamedZone(f"`{text}` is no fixed offset")
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    if int(found[3]) >= _MINUTES or offset >= timedelta(days=1):
        raise ValueError(f"`{text}` is no offset")
    return timezone(-offset if found[1] == "-" else offset)


def _whole(text: str) -> int:
    if len(text) > _LONGEST or not re.fullmatch(r"[-+]?[0-9]+", text):
        raise ValueError(f"`{text}` is not a whole number")
    return _within(int(text), INT64, "count")


def _seconds(time: int) -> int:
    """Whole seconds: CEL's engines write parts of a second each in its own way, and drop them in numbers."""
    if time % SECOND:
        raise ValueError("a time with parts of a second is not converted")
    return time // SECOND


def _truth(text: str) -> bool:
    if text not in _BOOL:
        raise ValueError(f"`{text}` is not `true` or `false`")
    return _BOOL[text]


def _moment(seconds: int) -> int:
    return _within(seconds * SECOND, TIMESTAMP_REACH, "timestamp")


def _encoded(text: str) -> str:
    """Its UTF-8, as bytes are kept: each a sign."""
    return text.encode().decode("latin-1")


def _decoded(kept: str) -> str:
    try:
        return kept.encode("latin-1").decode()
    except UnicodeDecodeError:
        raise ValueError("these bytes are not UTF-8") from None


def _same(value: Value) -> Value:
    return value


CONVERSIONS: Mapping[str, tuple[Kind, Mapping[Kind, Callable[..., Value]]]] = {
    "int": (Kind.COUNT, {Kind.COUNT: _same, Kind.TEXT: _whole, Kind.TIMESTAMP: _seconds}),
    "bool": (Kind.BOOL, {Kind.BOOL: _same, Kind.TEXT: _truth}),
    "string": (
        Kind.TEXT,
        {
            Kind.TEXT: _same,
            Kind.COUNT: str,
            Kind.BYTES: _decoded,
            Kind.BOOL: lambda value: "true" if value else "false",
            Kind.TIMESTAMP: lambda moment: timestamp_text(_seconds(moment) * SECOND),
            Kind.DURATION: lambda length: duration_text(_seconds(length) * SECOND),
        },
    ),
    "bytes": (Kind.BYTES, {Kind.BYTES: _same, Kind.TEXT: _encoded}),
    "timestamp": (Kind.TIMESTAMP, {Kind.TIMESTAMP: _same, Kind.TEXT: timestamp_of, Kind.COUNT: _moment}),
    "duration": (Kind.DURATION, {Kind.DURATION: _same, Kind.TEXT: duration_of}),
}
"""Function to the kind it answers, and from which kinds how; ValueError has the sentence a person reads."""

_OF_MOMENT: Mapping[str, Callable[[datetime], int]] = {
    "getFullYear": lambda at: at.year,
    "getMonth": lambda at: at.month - 1,
    "getDate": lambda at: at.day,
    "getDayOfMonth": lambda at: at.day - 1,
    "getDayOfWeek": lambda at: at.isoweekday() % 7,
    "getDayOfYear": lambda at: at.toordinal() - date(at.year, 1, 1).toordinal(),
    "getHours": lambda at: at.hour,
    "getMinutes": lambda at: at.minute,
    "getSeconds": lambda at: at.second,
    "getMilliseconds": lambda at: at.microsecond // 1000,
}
_OF_DURATION: Mapping[str, Callable[[int], int]] = {
    "getHours": lambda length: length // (3600 * SECOND),
    "getMinutes": lambda length: length // (60 * SECOND),
    "getSeconds": lambda length: length // SECOND,
    "getMilliseconds": lambda length: length // 1000 % 1000,
}
ACCESSORS = frozenset(_OF_MOMENT)
"""Methods that tell a part of a time; month and day of month, week and year count from 0, `getDate` from 1."""


def part_of_timestamp(name: str, timestamp: int, zone: str = "UTC") -> int:
    """Raises NamedZone for a zone that is no fixed offset, ValueError for a moment beyond the calendar there."""
    try:
        return _OF_MOMENT[name]((_EPOCH + timestamp * _MICROSECOND).astimezone(_zone(zone)))
    except OverflowError:
        raise ValueError("timestamp is out of range") from None


def part_of_duration(name: str, duration: int) -> int:
    """Whole hours, minutes or seconds of all of it, towards 0; milliseconds beyond the last second."""
    if name not in _OF_DURATION:
        raise ValueError(f"a duration has no `{name}`")
    part = _OF_DURATION[name](abs(duration))
    return -part if duration < 0 else part
