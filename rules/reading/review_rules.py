"""Review triggers, stop conditions, reversal and escalation signals: rules that one decision brings with it.

They are written in the decision file in the language of the policies, on the facts of the company, and may compare with
`baseline.…`: the same fact as it stood when the decision was committed. They may name the parameters of the policies,
and their conditions, derived values, bands and tables on the company.

    stop_conditions:
      - {id: S1, text: "latest quarter's spread above 50 points",
         when: company.attainment_spread_quarter > points("50"), effect: stop}
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from rules.expression.check import compile_text
from rules.kinds import Kind
from rules.model.definition import Definition
from rules.model.parameter import Parameter
from rules.model.policy import Rule
from rules.model.rule_kind import EFFECTS, RuleKind
from rules.problem import BadInput, Place, Problem
from rules.reading.reader import scope_of, with_definitions
from rules.reading.shapes import ReviewRuleShape
from rules.vocabulary import Field, Subject, baseline_fields, fields_of

REVIEW_KINDS = {
    effects[0]: kind
    for kind, effects in EFFECTS.items()
    if kind
    in (
        RuleKind.REVIEW_TRIGGER,
        RuleKind.ESCALATION_TRIGGER,
        RuleKind.STOP_CONDITION,
        RuleKind.REVERSAL_SIGNAL,
    )
}
"""Effect of a review rule to its kind; a decision file names the effect."""


def review_fields(company: Mapping[str, Field] | None = None) -> Mapping[str, Field]:
    """What a review rule may name: the company's facts, and the same at commit.

    `company` are the facts of the company with the metrics that policies declare; without it, those of the vocabulary.
    """
    known = fields_of(Subject.COMPANY) if company is None else company
    return {**known, **{f.name: f for f in baseline_fields(known.values())}}


def review_rules(
    written: Sequence[tuple[ReviewRuleShape, Callable[[int], Place]]],
    parameters: Mapping[str, Parameter],
    *,
    definitions: Iterable[Definition] = (),
    company: Mapping[str, Field] | None = None,
    minor_digits: int = 2,
) -> tuple[Rule, ...]:
    """Compiled rules, which may name the `definitions` on the company. `company` is as for `review_fields`.

    Raises BadInput with all problems, including ids that stand twice.
    """
    extra = tuple(review_fields(company).values())
    named = {d.name: d.checked.node for d in definitions if d.subject is Subject.COMPANY}
    scope = scope_of(Subject.COMPANY, parameters, extra=extra, minor_digits=minor_digits)
    scope = with_definitions(scope, named)
    problems: list[Problem] = []
    rules: list[Rule] = []
    ids: set[str] = set()
    for shape, locate in written:
        place = locate(0)
        if shape.effect not in REVIEW_KINDS:
            names = ", ".join(f"`{e.value}`" for e in REVIEW_KINDS)
            problems.append(Problem(place, "not an effect of a review rule", found=shape.effect.value, expected=names))
        if shape.id in ids:
            problems.append(Problem(place, f"`{shape.id}` stands twice"))
        ids.add(shape.id)
        try:
            when = compile_text(shape.when, place, scope, locate)
        except BadInput as refused:
            problems.extend(refused.problems)
            continue
        if when.kind is not Kind.BOOL:
            problems.append(Problem(place, "a condition must be true or false", found=when.kind.value))
        rules.append(
            Rule(
                id=shape.id,
                policy="decision",
                kind=REVIEW_KINDS.get(shape.effect, RuleKind.REVIEW_TRIGGER),
                subject=Subject.COMPANY,
                effect=shape.effect,
                when=when,
                count=None,
                group="",
                title=shape.text,
                message=shape.text,
                defeats=(),
                roles=(),
                obligation="",
                waivable_by="",
                on_unknown=None,
                until=None,
                start=date.min,
                end=None,
                source="the decision itself",
                assumption="",
                lines=(),
                examples=(),
                place=place,
            )
        )
    if problems:
        raise BadInput(problems)
    return tuple(rules)
