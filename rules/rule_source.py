"""One rule and one parameter as written, to values: looked up, compiled, and every problem with its place.

A `Reader` gathers the problems of one file, so that its owner sees all of them at once.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import replace

from rules.check import Scope
from rules.definition import Line
from rules.kinds import Kind, Value
from rules.policy import Count, Example, Rule
from rules.reader import Reader, scope_of
from rules.rule_kind import EFFECTS, Effect, RuleKind
from rules.shapes import ExampleShape, RuleShape
from rules.vocabulary import Subject
from rules.written import unit_of
from rules.yaml_source import Path

ON_UNKNOWN: Mapping[Effect, Effect | None] = {
    Effect.DENY: Effect.HOLD,
    Effect.HOLD: Effect.HOLD,
    Effect.REQUIRE_APPROVAL: Effect.REQUIRE_APPROVAL,
    Effect.REQUIRE: Effect.REQUIRE,
}
"""What an unknown condition does where the rule does not say; other effects conclude nothing and stay open."""

TRUTHS = ("fires", "silent", "unknown")
"""What every rule's example may expect; one of a rule that reaches a level by itself may also name the answer."""
_VERDICTS = ("deny", "hold", "approval", "allow")
_CREDITS = ("exempt", "ineligible", "held")
_ANSWERS: Mapping[Effect, tuple[str, ...]] = {
    Effect.DENY: _VERDICTS,
    Effect.HOLD: _VERDICTS,
    Effect.REQUIRE_APPROVAL: _VERDICTS,
    Effect.EXEMPT: _CREDITS,
    Effect.INELIGIBLE: _CREDITS,
}
_ON_UNKNOWN_CHOICES: Mapping[Effect, tuple[Effect | None, ...]] = {
    Effect.DENY: (None, Effect.HOLD, Effect.DENY),
    Effect.HOLD: (None, Effect.HOLD),
    Effect.REQUIRE_APPROVAL: (Effect.REQUIRE_APPROVAL,),
    Effect.REQUIRE: (Effect.REQUIRE,),
    # An unknown non-trigger defeats nothing, an unknown indicator is counted as unknown, unknown advice is none.
    Effect.DEFEAT: (None,),
    Effect.HIT: (None,),
    Effect.ADVISE: (None,),
}
"""Choices that mean something to the rules engine; of other effects, nothing or the effect itself."""
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


SUBJECTS: Mapping[RuleKind, tuple[Subject, ...]] = {
    RuleKind.TRIGGER: (Subject.COMPANY, Subject.TERRITORY),
    RuleKind.NON_TRIGGER: (Subject.COMPANY, Subject.TERRITORY),
    RuleKind.INDICATOR: (Subject.COMPANY, Subject.TERRITORY),
    RuleKind.ENGAGEMENT: (Subject.MOVE,),
    RuleKind.GRANDFATHERING: (Subject.OPPORTUNITY,),
    RuleKind.PROTECTION: (Subject.REP,),
    RuleKind.GOVERNANCE: (Subject.DECISION, Subject.RULE),
    RuleKind.REVIEW_TRIGGER: (Subject.COMPANY, Subject.REVIEW),
    RuleKind.ESCALATION_TRIGGER: (Subject.COMPANY, Subject.REVIEW),
    RuleKind.STOP_CONDITION: (Subject.COMPANY, Subject.REVIEW),
    RuleKind.REVERSAL_SIGNAL: (Subject.COMPANY, Subject.REVIEW),
}


def read_rule(reader: Reader, policy: str, shape: RuleShape, path: Path) -> Rule | None:
    before = len(reader.problems)
    scope = scope_of(shape.subject, reader.scope_parameters, minor_digits=reader.minor_digits)
    effect = _effect(reader, shape, path)
    if shape.subject not in SUBJECTS[shape.kind]:
        names = ", ".join(f"`{s.value}`" for s in SUBJECTS[shape.kind])
        reader.refuse(
            (*path, "subject"), f"not a subject of {_a(shape.kind)} rule", found=shape.subject.value, expected=names
        )
    if (shape.when is None) == (shape.count is None):
        reader.refuse(path, f"rule `{shape.id}` needs a condition", expected="either `when:` or `count:`")
    when = reader.compiled(shape.when, (*path, "when"), scope) if shape.when is not None else None
    if when is not None and when.kind is not Kind.BOOL:
        reader.refuse((*path, "when"), "a condition must be true or false", found=when.kind.value)
    until = reader.compiled(shape.until, (*path, "until"), _assured(scope)) if shape.until is not None else None
    if until is not None and until.kind is not Kind.DATE:
        reader.refuse((*path, "until"), "`until` must be a date", found=until.kind.value)
    if not (shape.source.strip() or shape.assumption.strip()):
        reader.refuse(
            path, f"rule `{shape.id}` does not say where it comes from", expected="`source:` or `assumption:`"
        )
    end = shape.effective.end
    if end is not None and end <= shape.effective.start:
        reader.refuse(
            (*path, "effective"), "a rule must end after it starts", found=f"{shape.effective.start} to {end}"
        )
    _placeholders(reader, shape, scope, path)
    lines = _lines(reader, shape, scope, path)
    examples = tuple(_example(reader, effect, scope, e, (*path, "examples", i)) for i, e in enumerate(shape.examples))
    on_unknown = _on_unknown(reader, shape, effect, path)
    if len(reader.problems) > before or effect is None:
        return None
    return Rule(
        id=shape.id,
        policy=policy,
        kind=shape.kind,
        subject=shape.subject,
        effect=effect,
        when=when,
        count=Count(shape.count.group, shape.count.at_least) if shape.count else None,
        group=shape.group,
        title=shape.title,
        message=shape.message,
        defeats=tuple(shape.defeats),
        roles=tuple(shape.roles),
        obligation=shape.obligation,
        waivable_by=shape.waivable.removeprefix("by "),
        on_unknown=on_unknown,
        until=until,
        start=shape.effective.start,
        end=end,
        source=shape.source,
        assumption=shape.assumption,
        lines=lines,
        examples=examples,
        place=reader.document.place((*path, "id")),
    )


def _assured(scope: Scope) -> Scope:
    """The scope of `until`: it is read only where the condition holds, and without a value the hold is open."""
    return replace(scope, fields={name: replace(f, optional=False) for name, f in scope.fields.items()})


def _effect(reader: Reader, shape: RuleShape, path: Path) -> Effect | None:
    allowed = EFFECTS[shape.kind]
    effect = shape.effect or (allowed[0] if len(allowed) == 1 else None)
    names = ", ".join(f"`{e.value}`" for e in allowed)
    if effect not in allowed:
        reader.refuse(
            (*path, "effect"),
            f"not an effect of {_a(shape.kind)} rule",
            found=effect.value if effect else "",
            expected=names,
        )
        return None
    wanted = {
        "roles": effect is Effect.REQUIRE_APPROVAL,
        "obligation": effect in (Effect.REQUIRE, Effect.ADVISE),
        "group": effect is Effect.HIT,
        "defeats": effect is Effect.DEFEAT,
        "lines": effect is Effect.PROTECT,
    }
    for key, want in wanted.items():
        given = bool(getattr(shape, key))
        if want and not given:
            reader.refuse(path, f"rule `{shape.id}` needs `{key}:`", hint=f"its effect is `{effect.value}`")
        if given and not want and key != "defeats":
            reader.refuse((*path, key), f"`{key}` has no meaning here", hint=f"its effect is `{effect.value}`")
    if shape.until is not None and effect is not Effect.HOLD:
        reader.refuse((*path, "until"), "`until` has no meaning here", hint=f"its effect is `{effect.value}`")
    return effect


def _a(kind: RuleKind) -> str:
    return f"{'an' if kind.value[0] in 'aeiou' else 'a'} {kind.value}"


def _on_unknown(reader: Reader, shape: RuleShape, effect: Effect | None, path: Path) -> Effect | None:
    if effect is None or not shape.on_unknown:
        return ON_UNKNOWN.get(effect) if effect else None
    choices = {c.value if c else "none": c for c in _ON_UNKNOWN_CHOICES.get(effect, (None, effect))}
    if shape.on_unknown not in choices:
        names = ", ".join(f"`{c}`" for c in choices)
        reader.refuse((*path, "on_unknown"), "not a choice here", found=shape.on_unknown, expected=names)
        return None
    return choices[shape.on_unknown]


def _lines(reader: Reader, shape: RuleShape, scope: Scope, path: Path) -> tuple[Line, ...]:
    lines: list[Line] = []
    kinds: dict[str, Kind] = {}
    for i, line in enumerate(shape.lines):
        here: Path = (*path, "lines", i)
        if line.name in kinds or line.name in scope.parameters:
            reader.refuse((*here, "name"), f"`{line.name}` has a meaning already")
        formula = Scope(
            scope.fields, scope.parameters, scope.listed, dict(kinds), formulas=True, minor_digits=scope.minor_digits
        )
        checked = reader.compiled(line.formula, (*here, "formula"), formula)
        if checked is not None:
            kinds[line.name] = checked.kind
            lines.append(Line(line.name, checked, line.text))
    return tuple(lines)


def _placeholders(reader: Reader, shape: RuleShape, scope: Scope, path: Path) -> None:
    names = {*scope.fields, *scope.parameters}
    for name in PLACEHOLDER.findall(shape.message):
        if name not in names:
            close = difflib.get_close_matches(name, names, 1)
            hint = f"did you mean `{close[0]}`?" if close else ""
            reader.refuse((*path, "message"), f"unknown name `{name}` in the message", hint=hint)


def _example(reader: Reader, effect: Effect | None, scope: Scope, example: ExampleShape, path: Path) -> Example:
    given: dict[str, Value | None] = {}
    for name, raw in example.given.items():
        fact = scope.fields.get(name)
        if fact is None:
            close = difflib.get_close_matches(name, scope.fields, 1)
            reader.refuse(
                (*path, "given", name), f"unknown fact `{name}`", hint=f"did you mean `{close[0]}`?" if close else ""
            )
        else:
            given[name] = (
                None if raw is None else reader.value(raw, unit_of(fact.kind, fact.unit), (*path, "given", name))
            )
    values: dict[str, Value] = {}
    for name, raw in example.parameters.items():
        unit = scope.parameters.get(name)
        if unit is None:
            reader.refuse((*path, "parameters", name), f"unknown parameter `{name}`")
        elif (value := reader.value(raw, unit, (*path, "parameters", name))) is not None:
            values[name] = value
    answers = (*TRUTHS, *(_ANSWERS.get(effect, ()) if effect else (*_VERDICTS, *_CREDITS)))
    if example.expect not in answers:
        names = ", ".join(f"`{e}`" for e in answers)
        reader.refuse((*path, "expect"), "not an expectation here", found=example.expect, expected=names)
    return Example(example.name, given, example.expect, example.at, values, reader.document.place(path))
