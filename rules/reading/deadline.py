"""Deadlines as written, to values: an anchor that is a date, days of one sort, and who may grant more of them.

deadlines:
  introduction:
    subject: move
    from: move.announced_on
    within: 5 business days
    extension: 5 business days by vp-sales
    source: "Territory Management Plan, introductions"
"""

import re

from rules.kinds import Kind
from rules.model.deadline import Deadline
from rules.problem import nearest
from rules.reading.declaration_shapes import NAME, DeadlineShape
from rules.reading.reader import Reader
from rules.reading.shapes import PolicyShape
from rules.reading.yaml_source import Path


def read_deadlines(reader: Reader, shape: PolicyShape) -> tuple[Deadline, ...]:
    """Every deadline of a file that makes sense, in order; the reader gathers what is wrong with the others."""
    found = (_deadline(reader, name, d, ("deadlines", name)) for name, d in shape.deadlines.items())
    return tuple(deadline for deadline in found if deadline is not None)


def _deadline(reader: Reader, name: str, shape: DeadlineShape, path: Path) -> Deadline | None:
    before = len(reader.problems)
    if not re.fullmatch(NAME, name):
        reader.refuse_key(path, "not a name", found=name, expected="small letters, digits and `_`")
    dates = tuple(f.name for f in reader.scope(shape.subject).fields.values() if f.kind is Kind.DATE)
    if shape.anchor not in dates:
        reader.refuse(
            (*path, "from"),
            f"`{shape.anchor}` is no date of a {shape.subject.value}",
            expected=", ".join(f"`{d}`" for d in dates) or "a subject that has dates",
            hint=nearest(shape.anchor, dates),
        )
    reader.refuse_groundless(f"deadline `{name}`", shape.source, shape.assumption, path)
    days, business = _length(shape.within)
    further, _, extended_by = shape.extension.partition(" by ")
    extension_days, extended_in_business = _length(further) if further else (0, business)
    if extended_in_business is not business:
        sort = "business days" if business else "days"
        reader.refuse(
            (*path, "extension"), "an extension counts the same days as its deadline", found=further, expected=sort
        )
    if len(reader.problems) > before:
        return None
    return Deadline(
        name=name,
        title=shape.title,
        subject=shape.subject,
        anchor=shape.anchor,
        days=days,
        business=business,
        extension_days=extension_days,
        extended_by=extended_by,
        source=shape.source,
        assumption=shape.assumption,
        place=reader.document.place(path),
    )


def _length(text: str) -> tuple[int, bool]:
    """`5 business days` as how many, and whether of business days."""
    number, _, unit = text.partition(" ")
    return int(number), unit.startswith("business")
