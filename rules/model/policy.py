"""What a company has decided, as values: policies with dated parameters, rules and their examples.

A `PolicySet` is every policy of a workspace with a content hash. Nothing here reads files (`load`) or draws a
conclusion (engine). Rules and parameters carry the place they were written at and the source or the assumption they
rest on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from rules.expression.check import Checked
from rules.kinds import Unit, Value
from rules.model.calendar import Calendar
from rules.model.deadline import Deadline
from rules.model.definition import Definition, Formula, Line
from rules.model.metric import Metric
from rules.model.parameter import Extent, Parameter, ParameterValue
from rules.model.rule_kind import Effect, Mode, RuleKind, Severity
from rules.model.schedule import Schedule
from rules.problem import Place
from rules.vocabulary import Field, Subject, fields_of


@dataclass(frozen=True, slots=True)
class Example:
    """A case in the policy's own words: given facts, the rule is expected to answer `expect`.

    `given` maps fact names to values, `None` meaning unknown; `at` is the verdict date, else the latest parameter date.
    `expect` is `fires`, `silent` or `unknown`; for engagement rules also the verdict (`deny`, `allow`, …).
    """

    name: str
    given: Mapping[str, Value | tuple[Value, ...] | None]
    expect: str
    at: date | None
    parameters: Mapping[str, Value]
    place: Place


@dataclass(frozen=True, slots=True)
class Binding:
    """Rules, by id, that apply only within a scope, or in another mode. Apart from the rules' own definition."""

    rules: tuple[str, ...]
    scope: Extent
    mode: Mode | None
    place: Place


@dataclass(frozen=True, slots=True)
class Count:
    """`at_least` of the indicators in `group`."""

    group: str
    at_least: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Exactly one of `when` and `count` is set."""

    id: str
    policy: str
    kind: RuleKind
    subject: Subject
    effect: Effect
    when: Checked | None
    count: Count | None
    group: str
    """Indicator group this rule counts in; empty for others."""
    title: str
    message: str
    """Shown when the rule is effective; `{fact}` and `{parameter}` are filled in."""
    defeats: tuple[str, ...]
    roles: tuple[str, ...]
    """Who must approve (`require_approval`)."""
    obligation: str
    waivable_by: str
    on_unknown: Effect | None
    """What an unknown condition does; `None`: it is reported as open and concludes nothing (docs/domain.md, 0)."""
    until: Checked | None
    """For holds: a date expression; `None`: open."""
    start: date
    end: date | None
    """In force on [start, end)."""
    source: str
    assumption: str
    lines: tuple[Line, ...]
    examples: tuple[Example, ...]
    place: Place
    severity: Severity = Severity.MEDIUM
    owner: str = ""
    """Who answers for the rule; the policy's owner where it names none."""
    tags: tuple[str, ...] = ()
    mode: Mode = Mode.ENFORCE
    approvals_needed: int = 0
    """Of the roles, how many must approve; 0 means all."""
    deadline: str = ""
    """Name of the deadline by which an obligation or a mandate is due."""
    to: str = ""
    """For a mandate: the fact that names who must receive the account, such as `account.affinity_best_rep`."""
    lasts: str = ""
    """For a protection: the parameter with the whole months that it lasts."""
    scopes: tuple[Extent, ...] = ()
    """Where the rule applies, any of them; `when` holds the same as a condition in front. Empty: everywhere."""

    def in_force(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Policy:
    name: str
    title: str
    owner: str
    parameters: tuple[Parameter, ...]
    rules: tuple[Rule, ...]
    place: Place
    sha256: str
    """Of the file's bytes."""
    definitions: tuple[Definition, ...] = ()
    formulas: tuple[Formula, ...] = ()
    metrics: tuple[Metric, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    bindings: tuple[Binding, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicySet:
    """Every policy of a workspace. Rule ids, and names of parameters and of all else, are unique across it."""

    policies: tuple[Policy, ...]
    sha256: str
    """Over the sorted list of policy names and file hashes."""
    calendar: Calendar = field(default_factory=Calendar)
    minor_digits: int = 2
    """Decimals of the currency that its amounts were read in."""

    def fields(self, subject: Subject) -> Mapping[str, Field]:
        """The facts of a subject: those of the vocabulary, and those that metrics of the policies declare."""
        declared = {m.name: m.as_field() for p in self.policies for m in p.metrics if m.subject is subject}
        return {**fields_of(subject), **declared}

    def metrics(self, subject: Subject) -> tuple[Metric, ...]:
        return tuple(m for p in self.policies for m in p.metrics if m.subject is subject)

    def definitions(self, subject: Subject | None = None) -> tuple[Definition, ...]:
        return tuple(d for p in self.policies for d in p.definitions if subject is None or d.subject is subject)

    def schedule(self, name: str) -> Schedule | None:
        return next((s for p in self.policies for s in p.schedules if s.name == name), None)

    def deadlines(self) -> Mapping[str, Deadline]:
        return {d.name: d for p in self.policies for d in p.deadlines}

    def rules(self, kind: RuleKind | None = None, day: date | None = None) -> tuple[Rule, ...]:
        """Rules in order of file and place, of one kind and in force on a day where asked."""
        return tuple(
            rule
            for policy in self.policies
            for rule in policy.rules
            if (kind is None or rule.kind is kind) and (day is None or rule.in_force(day))
        )

    def rule(self, rule_id: str) -> Rule | None:
        return next((r for r in self.rules() if r.id == rule_id), None)

    def parameters(self) -> Mapping[str, Parameter]:
        return {p.name: p for policy in self.policies for p in policy.parameters}

    def values_at(self, day: date) -> Mapping[str, ParameterValue]:
        """The values in force on a day: of parameters, and of their overrides by name, `cooldown[EMEA]`.

        An override before its first day is as if it were not there: the general value stands under its name.
        """
        found: dict[str, ParameterValue] = {}
        for parameter in self.parameters().values():
            general = parameter.at(day)
            values = [(o.name, o.at(day) or general) for o in parameter.overrides]
            found.update({name: v for name, v in ((parameter.name, general), *values) if v is not None})
        return found

    def units(self) -> Mapping[str, Unit]:
        """The units of parameters, and of their overrides by name."""
        return {n: p.unit for p in self.parameters().values() for n in (p.name, *(o.name for o in p.overrides))}
