"""How a decision is framed: the file its owner writes, and what is refused before anybody evaluates it.

    decision: Swap the Northeast and Central books
    question: Should reps 275 and 277 swap territories 2 and 3?
    owner: {name: …, role: …}
    requester: …
    effective: 2012-11-30
    horizon: two quarters
    objective: …
    evidence: [minutes of 2012-11-12]
    options:
      - {id: status-quo, name: Keep the books, summary: …}
      - {id: swap, name: Swap both books, summary: …, moves: moves.csv}
    recommendation: swap
    stop_conditions: [...]

Refused without an owner, without evidence, or without a real choice (docs/domain.md, 7).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from rules.model.policy import PolicySet, Rule
from rules.problem import BadInput, Problem
from rules.reading.declaration_shapes import ID
from rules.reading.review_rules import review_rules
from rules.reading.shapes import ReviewRuleShape
from rules.reading.yaml_source import Document, YamlShape, read_yaml, shaped
from rules.vocabulary import Subject


class Person(YamlShape):
    name: str = Field(min_length=1)
    role: str = Field(min_length=1)


class OptionShape(YamlShape):
    id: str = Field(pattern=ID)
    name: str = Field(min_length=1)
    summary: str = ""
    moves: str = ""
    """File of proposed moves, beside the decision file; none for the status quo."""


class AssumptionShape(YamlShape):
    text: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    update: str = Field(min_length=1)


class RiskShape(YamlShape):
    risk: str = Field(min_length=1)
    mitigation: str = Field(min_length=1)


class StepShape(YamlShape):
    what: str = Field(min_length=1)
    who: str = Field(min_length=1)
    when: Annotated[str, BeforeValidator(lambda v: v.isoformat() if isinstance(v, date) else v)] = Field(min_length=1)


class ObjectionShape(YamlShape):
    reviewer: str = Field(min_length=1)
    objection: str = Field(min_length=1)
    change: str = Field(min_length=1)


class FrameShape(YamlShape):
    decision: str = Field(min_length=1)
    question: str = Field(min_length=1)
    owner: Person | None = None
    requester: str = Field(min_length=1)
    effective: date
    horizon: str = Field(min_length=1)
    objective: str = Field(min_length=1)
    scope: str = Field(min_length=1)
    evidence: list[str] = Field(default_factory=list)
    success_metrics: list[str] = Field(default_factory=list)
    known_facts: list[str] = Field(default_factory=list)
    open_questions: list[str] = Field(default_factory=list)
    unwilling_to_act: bool = False
    """The team says that it will not act, whatever comes out."""
    options: list[OptionShape] = Field(default_factory=list)
    recommendation: str = ""
    trade_off: str = ""
    criteria: list[str] = Field(default_factory=list)
    constraints: list[str] = Field(default_factory=list)
    risks: list[RiskShape] = Field(default_factory=list)
    assumptions: list[AssumptionShape] = Field(default_factory=list)
    objections: list[ObjectionShape] = Field(default_factory=list)
    next_steps: list[StepShape] = Field(default_factory=list)
    reviews: list[StepShape] = Field(default_factory=list)
    communication: str = ""
    review_triggers: list[ReviewRuleShape] = Field(default_factory=list)
    stop_conditions: list[ReviewRuleShape] = Field(default_factory=list)
    escalation_triggers: list[ReviewRuleShape] = Field(default_factory=list)
    reversal_signals: list[ReviewRuleShape] = Field(default_factory=list)


RULE_LISTS = ("review_triggers", "stop_conditions", "escalation_triggers", "reversal_signals")


@dataclass(frozen=True, slots=True)
class Frame:
    """A decision file that may be evaluated, with the rules that it brings."""

    written: FrameShape
    owner: Person
    text: str
    rules: tuple[Rule, ...]

    def option(self, option_id: str) -> OptionShape | None:
        return next((o for o in self.written.options if o.id == option_id), None)


def read_frame(
    text: str,
    file: str,
    policies: PolicySet,
    *,
    is_there: Callable[[str], bool] = lambda _: True,
    minor_digits: int = 2,
) -> Frame:
    """The frame in a decision file; its rules may name what the policies declare on the company.

    `is_there` says whether the moves that an option names can be read. Raises BadInput with every reason to refuse it.
    """
    document = read_yaml(text, file)
    written = shaped(document, FrameShape)
    problems = _refusals(document, written)
    problems += [
        Problem(document.place(("options", i, "moves")), f"the moves of option `{o.id}` are not there", found=o.moves)
        for i, o in enumerate(written.options)
        if o.moves and not is_there(o.moves)
    ]
    listed = [
        (rule, document.locator((name, i, "when")))
        for name in RULE_LISTS
        for i, rule in enumerate(getattr(written, name))
    ]
    rules: tuple[Rule, ...] = ()
    try:
        rules = review_rules(
            listed,
            policies.parameters(),
            definitions=policies.definitions(Subject.COMPANY),
            company=policies.fields(Subject.COMPANY),
            minor_digits=minor_digits,
        )
    except BadInput as refused:
        problems.extend(refused.problems)
    if problems or written.owner is None:
        raise BadInput(problems)
    return Frame(written, written.owner, text, rules)


def _refusals(document: Document, frame: FrameShape) -> list[Problem]:
    top = document.place(())
    problems = []
    if frame.owner is None:
        problems.append(
            Problem(document.place(("owner",)), "a decision without an owner is not evaluated", expected="`owner:`")
        )
    if not any(e.strip() for e in frame.evidence):
        hint = "name the minutes, audit or report that it rests on"
        problems.append(
            Problem(
                document.place(("evidence",)),
                "a decision without evidence is not evaluated",
                expected="`evidence:`",
                hint=hint,
            )
        )
    ids = [o.id for o in frame.options]
    if len(set(ids)) < len(ids):
        problems.append(Problem(document.place(("options",)), "two options have the same id", found=", ".join(ids)))
    if not any(not o.moves for o in frame.options):
        problems.append(
            Problem(
                document.place(("options",)),
                "the status quo is always an option",
                hint="add an option without `moves:`",
            )
        )
    if not any(o.moves for o in frame.options):
        hint = "add an option with `moves:`"
        problems.append(Problem(document.place(("options",)), "there is no choice besides the status quo", hint=hint))
    if frame.recommendation not in ids:
        problems.append(
            Problem(
                document.place(("recommendation",)),
                "recommends no option",
                found=frame.recommendation,
                expected=", ".join(f"`{i}`" for i in ids),
            )
        )
    if not (frame.review_triggers or frame.stop_conditions):
        problems.append(
            Problem(top, "nothing would bring this decision back", expected="`review_triggers:` or `stop_conditions:`")
        )
    return problems
