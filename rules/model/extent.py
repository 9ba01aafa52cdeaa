"""Where does a rule or an override apply? The condition that a subject lies in one of the regions and size segments.

Regions and segments are written as names, and each kind of subject has facts of its own that say where it lies. A
subject whose region is none lies in no region; of one whose region is unknown it is unknown.
"""

from collections.abc import Mapping

from rules.expression.check import Checked, Scope, compile_text
from rules.model.parameter import Extent
from rules.problem import Place
from rules.vocabulary import Field, Subject

EXTENT_FACTS: Mapping[Subject, tuple[str, str]] = {
    Subject.MOVE: ("account.region", "account.size_segment"),
    Subject.TERRITORY: ("territory.region", ""),
    Subject.REP: ("rep.region", "rep.size_segment"),
    Subject.OPPORTUNITY: ("account.region", "account.size_segment"),
}
"""Subject to the facts that hold its region and its size segment; empty where it has none."""


def lacking(extent: Extent, subject: Subject, fields: Mapping[str, Field]) -> str:
    """What the extent asks and the subject does not have: `region`, `segment`, or nothing."""
    asked = (("region", extent.regions), ("segment", extent.segments))
    facts = EXTENT_FACTS.get(subject, ("", ""))
    return next((what for (what, names), fact in zip(asked, facts, strict=True) if names and fact not in fields), "")


def lies_in(extent: Extent, subject: Subject, fields: Mapping[str, Field], place: Place) -> Checked | None:
    """The condition that a subject lies in the extent; None where the subject does not have what it asks.

    Raises BadInput where a name cannot be written in an expression, such as one with a control character.
    """
    if not (extent.regions or extent.segments) or lacking(extent, subject, fields):
        return None
    pairs = zip(EXTENT_FACTS[subject], (extent.regions, extent.segments), strict=True)
    text = " && ".join(_among(fields[fact], names) for fact, names in pairs if names)
    return compile_text(text, place, Scope(fields, {}), lambda _: place)


def extent_words(extent: Extent) -> str:
    """The names in one line: `EMEA, SMB`."""
    return ", ".join((*extent.regions, *extent.segments))


def _among(fact: Field, names: tuple[str, ...]) -> str:
    listed = ", ".join('"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' for name in names)
    asked = f"has({fact.name}) && " if fact.optional else ""
    return f"{asked}{fact.name} in [{listed}]"
