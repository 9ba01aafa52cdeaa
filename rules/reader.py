"""What collects the problems of one file while its parts are read, and what may a condition of it name?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rules.check import Checked, Scope, compile_text
from rules.kinds import Unit, Value
from rules.parameter import Parameter
from rules.problem import BadInput, Problem
from rules.vocabulary import Field, Subject, fields_of
from rules.written import read_value
from rules.yaml_source import Document, Path


@dataclass(slots=True)
class Reader:
    """Collects the problems of one file while its parts are read."""

    document: Document
    scope_parameters: Mapping[str, Parameter]
    minor_digits: int
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, path: Path, message: str, *, found: str = "", expected: str = "", hint: str = "") -> None:
        self.problems.append(Problem(self.document.place(path), message, found=found, expected=expected, hint=hint))

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
    """What a condition on that subject may name: its facts, every parameter, and `extra` facts."""
    return Scope(
        fields={**fields_of(subject), **{f.name: f for f in extra}},
        parameters={n: p.unit for n, p in parameters.items()},
        listed=frozenset(n for n, p in parameters.items() if any(isinstance(v.value, tuple) for v in p.values)),
        minor_digits=minor_digits,
    )
