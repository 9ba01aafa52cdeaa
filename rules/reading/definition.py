"""What do the names of the policies stand for? Conditions, derived values, bands and tables as written, to expressions.

They may use each other in any order and over all files, on one subject; a circle is refused by its names. A definition
that is refused still has its kind, so that nobody is told again wherever it is used.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rules.expression.check import Checked, Scope
from rules.expression.lowering import compared, either, first_true, is_too_large, literal, literal_or_unknown, unknown
from rules.expression.operands import Refused, require_comparable
from rules.expression.term import Op, Term, present_if
from rules.kinds import KIND_OF_UNIT, Kind, Unit, Value
from rules.model.definition import DecisionTable, Definition, Origin
from rules.reading.declaration_shapes import BandShape, ConditionShape, DeriveShape, TableShape
from rules.reading.example import read_example
from rules.reading.reader import Reader, with_definitions
from rules.reading.shapes import PolicyShape
from rules.reading.table import read_table, unit_of_table
from rules.reading.yaml_source import Path
from rules.vocabulary import Subject

_TEXTS = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""")
_NAMES = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")

Written = ConditionShape | DeriveShape | BandShape | TableShape


@dataclass(frozen=True, slots=True)
class Declared:
    """A definition as written, with where it stands and what it needs."""

    reader: Reader
    shape: Written
    subject: Subject
    path: Path
    origin: Origin
    unit: Unit
    texts: tuple[str, ...]
    """Every expression in it."""


def declared_in(reader: Reader, shape: PolicyShape) -> tuple[Declared, ...]:
    """The definitions of one file, in the order of their sections."""
    return (
        *(
            Declared(reader, c, c.subject, ("conditions", i), Origin.CONDITION, Unit.BOOL, (c.when,))
            for i, c in enumerate(shape.conditions)
        ),
        *(
            Declared(reader, d, d.subject, ("derive", i), Origin.DERIVE, d.unit, _texts_of(d))
            for i, d in enumerate(shape.derive)
        ),
        *(
            Declared(reader, t, t.subject, ("tables", i), Origin.TABLE, unit_of_table(t), _texts_of(t))
            for i, t in enumerate(shape.tables)
        ),
        *(
            Declared(
                reader, b, _subject_of(reader, b, ("bands", i)), ("bands", i), Origin.BAND, Unit.TEXT, _texts_of(b)
            )
            for i, b in enumerate(shape.bands)
        ),
    )


def read_definitions(
    declared: Sequence[Declared], scopes: Mapping[Subject, Scope]
) -> tuple[Mapping[str, Definition], Mapping[Subject, Scope]]:
    """Definitions by name, those that make sense, and the scopes in which every name declared stands for something.

    The readers gather what is wrong with the others.
    """
    by_name = {d.shape.name: d for d in declared}
    terms: dict[Subject, dict[str, Term]] = {subject: {} for subject in scopes}
    found: dict[str, Definition] = {}
    order, circles = _in_order(by_name)
    for circle in circles:
        for name in circle:
            d = by_name[name]
            way = " → ".join(f"`{n}`" for n in (*circle[circle.index(name) :], *circle[: circle.index(name)], name))
            d.reader.refuse((*d.path, "name"), f"`{name}` is defined by itself", hint=way)
            terms[d.subject][name] = unknown(d.unit)
    for name in order:
        d = by_name[name]
        definition = _definition(d, with_definitions(scopes[d.subject], terms[d.subject]))
        terms[d.subject][name] = definition.checked.node if definition else unknown(d.unit)
        if definition:
            found[name] = definition
    return found, {subject: with_definitions(scope, terms[subject]) for subject, scope in scopes.items()}


def _in_order(by_name: Mapping[str, Declared]) -> tuple[list[str], list[tuple[str, ...]]]:
    """Names so that each stands behind those that it uses, and the circles, whose names are left out of the order."""
    uses = {name: _used(d, by_name) for name, d in by_name.items()}
    order: list[str] = []
    circles: list[tuple[str, ...]] = []
    settled: set[str] = set()
    for start in by_name:
        way: list[str] = []
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            name, done = stack.pop()
            if done:
                way.pop()
                if name not in settled:
                    settled.add(name)
                    order.append(name)
            elif name in way:
                circle = tuple(way[way.index(name) :])
                if not any(set(circle) & set(c) for c in circles):
                    circles.append(circle)
                    settled.update(circle)
            elif name not in settled:
                way.append(name)
                stack.append((name, True))
                stack.extend((other, False) for other in reversed(uses[name]))
    return [name for name in order if not any(name in circle for circle in circles)], circles


def _used(d: Declared, by_name: Mapping[str, Declared]) -> tuple[str, ...]:
    """Definitions on the same subject that an expression names; `account.care.startsWith(…)` names `account.care`."""
    words = (match for text in d.texts for match in _NAMES.findall(_TEXTS.sub("", text)))
    parts = (word.split(".") for word in words)
    named = (".".join(p[: i + 1]) for p in parts for i in range(len(p)))
    return tuple(dict.fromkeys(n for n in named if n in by_name and by_name[n].subject is d.subject))


def _texts_of(shape: DeriveShape | BandShape | TableShape) -> tuple[str, ...]:
    if isinstance(shape, BandShape):
        return (shape.of, shape.low, shape.high)
    if isinstance(shape, DeriveShape):
        return tuple(text for case in shape.cases for text in (case.when, case.formula or ""))
    return (*shape.inputs, *(cell for row in shape.rows for cell in row.cells))


def _subject_of(reader: Reader, band: BandShape, path: Path) -> Subject:
    """The subject of a band: as given, or the one that has its fact, the fact's own where several do.

    A fact that nothing has is refused when the band is read, on a subject with facts of the same sort.
    """
    if band.subject is not None:
        return band.subject
    sort, _, _ = band.of.partition(".")
    having = [s for s in Subject if band.of in reader.scope(s).fields]
    own = [s for s in having if s.value == sort]
    if len(having) > 1 and not own:
        names = " or ".join(f"`{s.value}`" for s in having)
        reader.refuse(path, f"band `{band.name}` needs `subject:`", expected=names)
    alike = (s for s in Subject if any(name.startswith(f"{sort}.") for name in reader.scope(s).fields))
    return next(iter((*own, *having, *alike)), Subject.MOVE)


def _definition(d: Declared, scope: Scope) -> Definition | None:
    before = len(d.reader.problems)
    shape = d.shape
    d.reader.refuse_groundless(f"`{shape.name}`", shape.source, shape.assumption, d.path)
    table: DecisionTable | None = None
    node: Term | None
    if isinstance(shape, TableShape):
        read = read_table(d.reader, scope, shape, d.path)
        table, node = read or (None, None)
    elif isinstance(shape, DeriveShape):
        node = _derived(d, shape, scope)
    elif isinstance(shape, BandShape):
        node = _banded(d, shape, scope)
    else:
        checked = _condition(d.reader, shape.when, (*d.path, "when"), scope)
        node = checked.node if checked else None
    if node is not None and is_too_large(node):
        hint = "split it, and let rules ask for its parts"
        d.reader.refuse((*d.path, "name"), f"`{shape.name}` is too large with all that it names", hint=hint)
    examples = tuple(
        read_example(d.reader, scope, shape.name, d.unit, e, (*d.path, "examples", i))
        for i, e in enumerate(shape.examples)
    )
    if node is None or len(d.reader.problems) > before:
        return None
    return Definition(
        name=shape.name,
        title=shape.title,
        subject=d.subject,
        origin=d.origin,
        checked=_checked(node, shape.when if isinstance(shape, ConditionShape) else node.text),
        source=shape.source,
        assumption=shape.assumption,
        examples=examples,
        place=d.reader.document.place((*d.path, "name")),
        table=table,
    )


def _condition(reader: Reader, text: str, path: Path, scope: Scope) -> Checked | None:
    checked = reader.compiled(text, path, scope)
    if checked is not None and checked.kind is not Kind.BOOL:
        reader.refuse(path, "a condition must be true or false", found=checked.kind.value)
        return None
    return checked


def _derived(d: Declared, shape: DeriveShape, scope: Scope) -> Term | None:
    cases: list[tuple[Term, Term]] = []
    known = scope.known
    for i, case in enumerate(shape.cases):
        here: Path = (*d.path, "cases", i)
        if ("value" in case.model_fields_set) == ("formula" in case.model_fields_set):
            d.reader.refuse(here, "a case answers one thing", expected="either `value:` or `formula:`")
        when = _condition(d.reader, case.when, (*here, "when"), replace(scope, known=known))
        answer: Term | None = literal_or_unknown(None, shape.unit, 0)
        if case.formula is not None:
            present = known | (when.present if when else frozenset())
            answer = _answer(d.reader, case.formula, shape.unit, (*here, "formula"), replace(scope, known=present))
        elif case.value is not None:
            value = d.reader.value(case.value, shape.unit, (*here, "value"))
            answer = None if value is None else literal(value, shape.unit, d.reader.minor_digits)
        if when is not None:
            known |= present_if(when.node, holds=False)
            if answer is not None:
                cases.append((when.node, answer))
    otherwise: Value | None = None
    if shape.otherwise is not None:
        otherwise = d.reader.value(shape.otherwise, shape.unit, (*d.path, "otherwise"))
    if len(cases) < len(shape.cases):
        return None
    return first_true(cases, literal_or_unknown(otherwise, shape.unit, d.reader.minor_digits))


def _answer(reader: Reader, text: str, unit: Unit, path: Path, scope: Scope) -> Term | None:
    checked = reader.compiled(text, path, scope)
    if checked is not None and checked.kind is not KIND_OF_UNIT[unit]:
        reader.refuse(path, "not of the unit of the answer", found=checked.kind.value, expected=f"`{unit.value}`")
        return None
    return checked.node if checked else None


def _banded(d: Declared, shape: BandShape, scope: Scope) -> Term | None:
    """Below `low`, above `high`, or in the band with both its ends. A fact that is none is in no band: unknown."""
    if not (shape.low or shape.high):
        d.reader.refuse(d.path, f"band `{shape.name}` has no end", expected="`low:`, `high:` or both")
    whole = d.reader.compiled(shape.of, (*d.path, "of"), replace(scope, known=scope.known | {shape.of}))
    cases: list[tuple[Term, Term]] = []
    for key, text, op in (("low", shape.low, Op.LESS), ("high", shape.high, Op.GREATER)):
        if not text:
            continue
        end = d.reader.compiled(text, (*d.path, key), scope)
        if whole is None or end is None:
            continue
        try:
            require_comparable(op, whole.node, end.node)
        except Refused as refused:
            d.reader.refuse((*d.path, key), refused.message, hint=refused.hint)
            continue
        cases.append((compared(op, whole.node, end.node), literal(key, Unit.TEXT, 0)))
    if whole is None or len(cases) < bool(shape.low) + bool(shape.high):
        return None
    answer = first_true(cases, literal("in", Unit.TEXT, 0))
    fact = scope.fields.get(shape.of)
    if fact is not None and fact.optional:
        asked = Term(Op.HAS, Kind.BOOL, Unit.BOOL, f"has({fact.name})", 0, (whole.node,), fact.name)
        answer = either(asked, answer, unknown(Unit.TEXT))
    return answer


def _checked(node: Term, text: str) -> Checked:
    return Checked(
        node=node,
        kind=node.kind,
        unit=node.unit,
        text=text,
        fields=tuple(dict.fromkeys(t.name for t in node.walk() if t.op is Op.FACT)),
        parameters=tuple(dict.fromkeys(t.name for t in node.walk() if t.op is Op.PARAMETER)),
        present=present_if(node, holds=True) if node.kind is Kind.BOOL else frozenset(),
    )
