"""Which engines have passed the battery, and may one carry out a bulk run?

A pass counts for one engine and version, one battery with the SQL that is written for it, and one version of Merestone.
The embedded engine of the version that Merestone is locked to has passed before it is shipped: the tests see to it.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from engine.database import Database
from engine.engines.battery import Verdict, fingerprint
from engine.spelling import Spelling
from rules.problem import BadInput, Place, Problem

SCHEMA = "merestone/engines/1"
SHIPPED = (Spelling.ENGINE, "2.0.0")
"""Engine and version that passed before they were shipped."""


@dataclass(frozen=True, slots=True, order=True)
class Passed:
    """One pass, as it is kept."""

    engine: str
    version: str
    battery: str
    merestone: str


def passed(verdict: Verdict, merestone: str) -> Passed:
    """What is kept of a verdict. Raises ValueError where the engine has not passed."""
    if not verdict.passed:
        raise ValueError(f"{verdict.engine} {verdict.version} has not passed")
    return Passed(verdict.engine, verdict.version, verdict.battery, merestone)


def written(passes: Iterable[Passed]) -> str:
    """Passes as the text of a file, each once, in order."""
    document = {"schema": SCHEMA, "passed": [asdict(one) for one in sorted(set(passes))]}
    return json.dumps(document, indent=2) + "\n"


def read(text: str, file: str) -> tuple[Passed, ...]:
    """The passes in such a text. Raises BadInput where it is another."""
    try:
        document = json.loads(text)
        if document["schema"] != SCHEMA:
            raise KeyError("schema")
        found = [{str(name): value for name, value in one.items()} for one in document["passed"]]
        names = {field.name for field in fields(Passed)}
        if any(set(one) != names or not all(isinstance(value, str) for value in one.values()) for one in found):
            raise KeyError("passed")
    except (ValueError, LookupError, TypeError, AttributeError):
        hint = "remove it, and run `merestone engine verify` for each engine"
        raise BadInput([Problem(Place(file), "this is no list of engines that passed", "", SCHEMA, hint)]) from None
    return tuple(Passed(**one) for one in found)


def is_verified(db: Database, passes: Iterable[Passed], merestone: str) -> bool:
    """Whether the engine at hand has passed the battery of this version."""
    engine, version = db.spelling.ENGINE, db.version
    if (engine, version) == SHIPPED:
        return True
    alike = [one for one in passes if (one.engine, one.version, one.merestone) == (engine, version, merestone)]
    # Last, since the battery must be written for it.
    return bool(alike) and any(one.battery == fingerprint(db.spelling) for one in alike)


def require_verified(db: Database, passes: Iterable[Passed], merestone: str) -> None:
    """Raises BadInput, naming the command that mends it, where the engine at hand has not passed."""
    if not is_verified(db, passes, merestone):
        engine = db.spelling.ENGINE
        chosen = "" if engine == Spelling.ENGINE else " --engine URL"
        message = f"{engine} {db.version} has not passed the battery of Merestone {merestone}"
        hint = f"merestone engine verify{chosen}"
        raise BadInput([Problem(Place("--engine"), message, expected="an engine that agrees", hint=hint)])
