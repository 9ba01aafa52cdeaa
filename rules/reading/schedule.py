"""Credit schedules as written, to values: slices in order, none that says nothing, and a share for every month.

schedules:
  open_deals:
    from: move.effective
    shares:
      rep: [{through: 3, original: 100}, {through: 6, original: 50}]
      manager: [{original: 0}]
    source: "Sales compensation handbook, split credit"
"""

import re
from collections.abc import Sequence

from rules.kinds import Kind
from rules.model.schedule import Schedule, Slice
from rules.problem import nearest
from rules.reading.declaration_shapes import NAME, ScheduleShape, SliceShape
from rules.reading.reader import Reader
from rules.reading.shapes import PolicyShape
from rules.reading.yaml_source import Path
from rules.vocabulary import Subject


def read_schedules(reader: Reader, shape: PolicyShape) -> tuple[Schedule, ...]:
    """Every schedule of a file that makes sense, in order; the reader gathers what is wrong with the others."""
    found = (_schedule(reader, name, s, ("schedules", name)) for name, s in shape.schedules.items())
    return tuple(schedule for schedule in found if schedule is not None)


def _schedule(reader: Reader, name: str, shape: ScheduleShape, path: Path) -> Schedule | None:
    before = len(reader.problems)
    _refuse_no_name(reader, name, path)
    # Credit is decided deal by deal, so that the anchor is a date which every deal's facts hold.
    fields = reader.scope(Subject.OPPORTUNITY).fields.values()
    dates = tuple(f.name for f in fields if f.kind is Kind.DATE and not f.optional)
    if shape.anchor not in dates:
        reader.refuse(
            (*path, "from"),
            f"`{shape.anchor}` is no date that every opportunity has",
            expected=", ".join(f"`{d}`" for d in dates),
            hint=nearest(shape.anchor, dates),
        )
    reader.refuse_groundless(f"schedule `{name}`", shape.source, shape.assumption, path)
    for credit_type, slices in shape.shares.items():
        here: Path = (*path, "shares", credit_type)
        _refuse_no_name(reader, credit_type, here)
        _refuse_disorder(reader, slices, here)
    if len(reader.problems) > before:
        return None
    shares = ((kind, tuple(Slice(s.through, s.original) for s in slices)) for kind, slices in shape.shares.items())
    return Schedule(
        name=name,
        title=shape.title,
        anchor=shape.anchor,
        shares=tuple(shares),
        source=shape.source,
        assumption=shape.assumption,
        place=reader.document.place(path),
    )


def _refuse_no_name(reader: Reader, name: str, path: Path) -> None:
    if not re.fullmatch(NAME, name):
        reader.refuse_key(path, "not a name", found=name, expected="small letters, digits and `_`")


def _refuse_disorder(reader: Reader, slices: Sequence[SliceShape], path: Path) -> None:
    if not slices:
        reader.refuse(path, "a credit type needs at least one slice", expected="such as `{through: 3, original: 100}`")
    reached = 0
    for i, part in enumerate(slices):
        here: Path = (*path, i)
        if part.through is None:
            if i + 1 < len(slices):
                reader.refuse(here, "only the last slice may leave out `through`", hint="nothing could come after it")
            continue
        if part.through <= reached:
            reader.refuse(
                (*here, "through"),
                "slices stand in order of their months",
                found=str(part.through),
                expected=f"more than {reached}",
            )
        reached = max(reached, part.through)
