"""What does one ledger entry say? Every fact stands in the hashed body, none beside it.

{"actor":"ana@example.com","at":"2026-11-21T09:00:00.000000Z","data":{"option":"B"},"event_id":"0193…",
 "kind":"decision.committed","subject":"DR-2026-014","v":1}          (RFC 8785, on one line, keys sorted)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from governance.canonical_json import canonical, read_canonical
from governance.refusal import Refused
from rules.problem import BadInput, Place, Problem

VERSION = 1
_TEXTS = ("event_id", "kind", "subject", "actor")
_KEYS = frozenset({*_TEXTS, "at", "data", "v"})


class BodyRefused(Refused):
    """Bytes in the ledger are not the body of an entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event to record. The same `event_id` with the same content is recorded once, however often it is sent."""

    kind: str
    """`decision.committed`, `record.issued`, …"""
    subject: str
    """What it is about: the decision, the policy, the task."""
    actor: str
    """Who did it."""
    at: datetime
    """When, in UTC, as the actor's clock claims; the order of entries is their index."""
    event_id: str
    data: Mapping[str, Any]
    """JSON without numbers with a point."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry in its place. `raw` are the bytes that `leaf` hashes, and what a proof is checked against."""

    index: int
    body: Mapping[str, Any]
    leaf: bytes
    raw: bytes

    @property
    def entry(self) -> Entry:
        """The entry as it was appended."""
        said = self.body
        return Entry(
            said["kind"], said["subject"], said["actor"], read_stamp(said["at"]), said["event_id"], said["data"]
        )


def bodies_of(entries: Sequence[Entry]) -> tuple[bytes, ...]:
    """The body of every entry. Raises BadInput with all problems of all entries."""
    bodies: list[bytes] = []
    problems: list[Problem] = []
    for number, entry in enumerate(entries, 1):
        place = f"entry {number}"
        found = [
            Problem(Place(f"{place} {name}"), "must be text that is not empty", found=repr(getattr(entry, name)))
            for name in _TEXTS
            if not isinstance(getattr(entry, name), str) or not getattr(entry, name)
        ]
        if entry.at.utcoffset() != timedelta(0):
            found.append(Problem(Place(f"{place} at"), "not a time in UTC", found=entry.at.isoformat()))
        data: object = entry.data
        if not isinstance(data, Mapping):
            found.append(Problem(Place(f"{place} data"), "must be a mapping", found=type(data).__name__))
        if not found:
            try:
                bodies.append(body_of(entry))
            except BadInput as error:
                found = [
                    Problem(Place(f"{place} {p.where}"), p.message, p.found, p.expected, p.hint) for p in error.problems
                ]
        problems.extend(found)
    if problems:
        raise BadInput(problems)
    return tuple(bodies)


def body_of(entry: Entry) -> bytes:
    """The canonical body of a well-formed entry. Raises BadInput for data that JSON cannot hold exactly."""
    texts = {name: getattr(entry, name) for name in _TEXTS}
    return canonical({**texts, "at": write_stamp(entry.at), "data": entry.data, "v": VERSION})


def read_body(raw: bytes) -> Mapping[str, Any]:
    """What a body says. Raises BodyRefused unless `raw` is exactly what `body_of` writes for some entry."""
    try:
        body = read_canonical(raw)
    except BadInput as error:
        raise BodyRefused(f"body is {error.problems[0].message}") from None
    if not isinstance(body, dict) or body.keys() != _KEYS or type(body["v"]) is not int or body["v"] != VERSION:
        raise BodyRefused("body has not the keys of an entry", f"expected {', '.join(sorted(_KEYS))} and v = {VERSION}")
    if not all(isinstance(body[name], str) and body[name] for name in _TEXTS) or not isinstance(body["data"], dict):
        raise BodyRefused("body has a value of the wrong kind")
    read_stamp(body["at"])
    return body


def write_stamp(at: datetime) -> str:
    """A time in UTC, always to the microsecond, so that text sorts as time does."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def read_stamp(text: object) -> datetime:
    """The time that `write_stamp` wrote. Raises BodyRefused for any other spelling."""
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or write_stamp(at) != text:
        raise BodyRefused(f"`{text}` is not a time", "expected the form 2026-11-21T09:00:00.000000Z")
    return at
