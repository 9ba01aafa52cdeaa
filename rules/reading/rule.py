"""One rule as written, to a value: looked up, compiled, and every problem with its place.

A `Reader` gathers the problems of one file, so that its owner sees all of them at once.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from rules.expression.check import Scope
from rules.kinds import Kind, Unit
from rules.model.policy import Count, Example, Rule
from rules.model.rule_kind import EFFECTS, Effect, RuleKind
from rules.problem import Problem, nearest
from rules.reading.example import read_given, read_parameters
from rules.reading.formula import read_lines
from rules.reading.reader import Reader
from rules.reading.shapes import ExampleShape, RuleShape
from rules.reading.yaml_source import Path
from rules.vocabulary import Subject

ON_UNKNOWN: Mapping[Effect, Effect | None] = {
    Effect.DENY: Effect.HOLD,
    Effect.HOLD: Effect.HOLD,
    Effect.REQUIRE_APPROVAL: Effect.REQUIRE_APPROVAL,
    Effect.REQUIRE: Effect.REQUIRE,
    Effect.FAIL: Effect.FAIL,
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
    # An unknown exception excepts nothing, and nobody is told to move what may not have to move.
    Effect.ALLOW: (None,),
    Effect.MANDATE: (None,),
    Effect.FAIL: (None, Effect.FINDING, Effect.FAIL),
}
"""Choices that mean something to the rules engine; of other effects, nothing or the effect itself."""
_OWING = (Effect.REQUIRE, Effect.ADVISE, Effect.MANDATE)
"""Effects that owe something, by a deadline where the rule names one."""
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


def read_rule(reader: Reader, policy: str, owner: str, shape: RuleShape, path: Path) -> Rule | None:
    """A rule of the policy `policy`, whose owner answers for it where it names none. The reader holds what is wrong."""
    before = len(reader.problems)
    scope = reader.scope(shape.subject)
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
    reader.refuse_groundless(f"rule `{shape.id}`", shape.source, shape.assumption, path)
    end = shape.effective.end
    if end is not None and end <= shape.effective.start:
        reader.refuse(
            (*path, "effective"), "a rule must end after it starts", found=f"{shape.effective.start} to {end}"
        )
    _placeholders(reader, shape, scope, path)
    _refuse_unfit(reader, shape, scope, path)
    _refuse_unfit_months(reader, shape.lasts, scope, path)
    lines = read_lines(reader, shape.lines, scope, (*path, "lines")) if shape.lines else ()
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
        severity=shape.severity,
        owner=shape.owner or owner,
        tags=tuple(shape.tags),
        mode=shape.mode,
        approvals_needed=_approvals(shape),
        deadline=shape.deadline,
        to=shape.to,
        lasts=shape.lasts,
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
        "obligation": effect in _OWING,
        "group": effect is Effect.HIT,
        "defeats": effect in (Effect.DEFEAT, Effect.ALLOW),
        "lines": effect is Effect.PROTECT,
    }
    for key, want in wanted.items():
        given = bool(getattr(shape, key))
        if want and not given:
            reader.refuse(path, f"rule `{shape.id}` needs `{key}:`", hint=f"its effect is `{effect.value}`")
        if given and not want and key != "defeats":
            reader.refuse((*path, key), f"`{key}` has no meaning here", hint=f"its effect is `{effect.value}`")
    possible = {
        "until": effect is Effect.HOLD,
        "approvals": effect is Effect.REQUIRE_APPROVAL,
        "deadline": effect in _OWING,
        "to": effect is Effect.MANDATE,
        "lasts": effect is Effect.PROTECT,
    }
    for key, may in possible.items():
        if key in shape.model_fields_set and getattr(shape, key) not in (None, "") and not may:
            reader.refuse((*path, key), f"`{key}` has no meaning here", hint=f"its effect is `{effect.value}`")
    return effect


def _approvals(shape: RuleShape) -> int:
    """Of the roles, how many must approve; 0 is all."""
    return {"all": 0, "any": 1}[shape.approvals] if isinstance(shape.approvals, str) else shape.approvals


def _refuse_unfit(reader: Reader, shape: RuleShape, scope: Scope, path: Path) -> None:
    """Keys whose values do not fit the rest of the rule."""
    if shape.roles and _approvals(shape) > len(shape.roles):
        most = f"at most {len(shape.roles)}, as many as there are roles"
        reader.refuse((*path, "approvals"), "more approvals than roles", found=str(shape.approvals), expected=most)
    for key, words in (("roles", shape.roles), ("tags", shape.tags), ("defeats", shape.defeats)):
        for i, word in enumerate(words):
            if not word.strip():
                reader.refuse((*path, key, i), f"`{key}`: is empty")
            elif word in words[:i]:
                reader.refuse((*path, key, i), f"`{word}` stands twice in `{key}`")
    fact = scope.fields.get(shape.to)
    if shape.to and fact is None:
        hint = nearest(shape.to, tuple(n for n, f in scope.fields.items() if f.kind is Kind.TEXT))
        reader.refuse((*path, "to"), f"unknown fact `{shape.to}`", hint=hint)
    elif fact is not None and fact.kind is not Kind.TEXT:
        reader.refuse((*path, "to"), "`to` names who receives the account", found=fact.kind.value, expected="a text")


def _refuse_unfit_months(reader: Reader, name: str, scope: Scope, path: Path) -> None:
    """`lasts` names one whole number."""
    unit = scope.parameters.get(name)
    if name and unit is None:
        hint = nearest(name, scope.parameters)
        reader.refuse((*path, "lasts"), f"unknown parameter `{name}`", hint=hint)
    elif unit is not None and (unit is not Unit.COUNT or name in scope.listed):
        found = f"a list of {unit.value}" if name in scope.listed else unit.value
        reader.refuse((*path, "lasts"), "`lasts` names how many months", found=found, expected="one `count`")


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


def _placeholders(reader: Reader, shape: RuleShape, scope: Scope, path: Path) -> None:
    for found in PLACEHOLDER.finditer(shape.message):
        name = found[1]
        if not any(name in known for known in (scope.fields, scope.definitions, scope.parameters)):
            hint = nearest(name, (*scope.fields, *scope.definitions, *scope.parameters))
            place = reader.document.locator((*path, "message"))(found.start(1))
            reader.problems.append(Problem(place, f"unknown name `{name}` in the message", hint=hint))


def _example(reader: Reader, effect: Effect | None, scope: Scope, example: ExampleShape, path: Path) -> Example:
    given = read_given(reader, example.given, scope.fields, (*path, "given"))
    values = read_parameters(reader, example.parameters, scope, (*path, "parameters"))
    answers = (*TRUTHS, *(_ANSWERS.get(effect, ()) if effect else (*_VERDICTS, *_CREDITS)))
    if example.expect not in answers:
        names = ", ".join(f"`{e}`" for e in answers)
        reader.refuse((*path, "expect"), "not an expectation here", found=example.expect, expected=names)
    return Example(example.name, given, example.expect, example.at, values, reader.document.place(path))
