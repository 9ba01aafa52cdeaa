"""What collects the problems of one file while its parts are read, and what may a condition of it name?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from rules.expression.check import Checked, Scope, compile_text
from rules.expression.term import Term
from rules.kinds import Unit, Value
from rules.model.extent import lies_in
from rules.model.parameter import Parameter
from rules.problem import BadInput, Problem
from rules.reading.written import read_value
from rules.reading.yaml_source import Document, Path
from rules.vocabulary import Field, Subject, fields_of


@dataclass(slots=True)
class Reader:
    """Collects the problems of one file while its parts are read."""

    document: Document
    scope_parameters: Mapping[str, Parameter]
    minor_digits: int
    problems: list[Problem] = field(default_factory=list)
    scopes: Mapping[Subject, Scope] = field(default_factory=dict)
    """What a condition on each subject may name, with what the policies declare."""

    def refuse(self, path: Path, message: str, *, found: str = "", expected: str = "", hint: str = "") -> None:
        self.problems.append(Problem(self.document.place(path), message, found=found, expected=expected, hint=hint))

    def refuse_key(self, path: Path, message: str, *, found: str = "", expected: str = "", hint: str = "") -> None:
        """As `refuse`, where the key of the value is what is wrong."""
        place = self.document.key_place(path)
        self.problems.append(Problem(place, message, found=found, expected=expected, hint=hint))

    def refuse_groundless(self, what: str, source: str, assumption: str, path: Path) -> None:
        """Refuses what says neither where it comes from nor that it is the company's own assumption."""
        if not (source.strip() or assumption.strip()):
            self.refuse(path, f"{what} does not say where it comes from", expected="`source:` or `assumption:`")

    def scope(self, subject: Subject) -> Scope:
        """What a condition on that subject may name."""
        if subject in self.scopes:
            return self.scopes[subject]
        return scope_of(subject, self.scope_parameters, minor_digits=self.minor_digits)

    def value(self, raw: object, unit: Unit, path: Path) -> Value | None:
        read = read_value(raw, unit, self.document.place(path), minor_digits=self.minor_digits)
        if isinstance(read, Problem):
            self.problems.append(read)
            return None
        return read

    def compiled(self, text: str, path: Path, scope: Scope) -> Checked | None:
        try:
            return compile_text(text, self.document.place(path), scope, self.document.locator(path))
        except BadInput as refused:
            self.problems.extend(refused.problems)
            return None


def scope_of(
    subject: Subject, parameters: Mapping[str, Parameter], *, extra: Sequence[Field] = (), minor_digits: int = 2
) -> Scope:
    """What a condition on that subject may name: its facts, every parameter, and `extra` facts.

    A parameter has its other values where the subject lies in the extent of an override; a subject that has no region
    or segment to ask for keeps to the general value.
    """
    fields = {**fields_of(subject), **{f.name: f for f in extra}}
    return Scope(
        fields=fields,
        parameters={n: p.unit for n, p in parameters.items()},
        listed=frozenset(n for n, p in parameters.items() if any(isinstance(v.value, tuple) for v in p.values)),
        minor_digits=minor_digits,
        overrides={n: guards for n, p in parameters.items() if (guards := _guards(p, subject, fields))},
    )


def with_definitions(scope: Scope, definitions: Mapping[str, Term]) -> Scope:
    """The scope in which these names stand for these terms as well."""
    return replace(scope, definitions={**scope.definitions, **definitions})


def _guards(parameter: Parameter, subject: Subject, fields: Mapping[str, Field]) -> tuple[tuple[Term, str], ...]:
    guards = ((lies_in(o.scope, subject, fields, o.place), o.name) for o in parameter.overrides)
    return tuple((guard.node, name) for guard, name in guards if guard is not None)
