"""What is claimed of the policies? A sentence that holds for every subject, or is refuted by one.

    if account.strategic_anchor then not allow unless approved(vp-sales) or waived by vp-sales
    if possibly account.named then approval or hold or deny
    on rep: if rep.t12_reduction > percent(25) then protected

The condition is a condition of the policy language: `if` speaks of subjects for which it is true, `if possibly` also of
those for which it is unknown; without it, of every subject. Levels are those of one ladder. `unless` takes cases away,
with `and`, `or` and parentheses: `approved(ROLE)`; `waived`, `waived(RULE)` and `waived by ROLE`, a waiver of a rule
that would count; `fires(RULE)`, a condition that is true. In a file:

    claims:
      - id: anchored-accounts
        claim: if account.strategic_anchor then not allow unless approved(vp-sales)
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field

from pydantic import Field

from rules.problem import BadInput, Place, Problem, nearest
from rules.reading.yaml_source import YamlShape, read_yaml, shaped
from rules.vocabulary import Subject

_TEXT = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^"'])*?"""
_SENTENCE = re.compile(
    rf"\s*(?:on\s+(?P<subject>\w+)\s*:)?\s*(?:if\s+(?P<possibly>possibly\s+)?(?P<when>{_TEXT})\s+then|always)\s+"
    r"(?P<not>not\s+)?(?P<levels>\w+(?:\s+or\s+\w+)*?)(?:\s+unless\s+(?P<unless>.+?))?\s*",
    re.DOTALL,
)
_EXCEPTIONS = "`approved(ROLE)`, `waived`, `waived by ROLE` or `fires(RULE)`"
_NAME = re.compile("[A-Za-z0-9_-]+")
_DEEPEST = 50
_WORD = re.compile(r"\s*([A-Za-z0-9_-]+|[(),]|\S)")


@dataclass(frozen=True, slots=True)
class Unless:
    """What takes a case away. `how` is `approved`, `waived`, `waived by`, `fires`, or joins parts: `and`, `or`."""

    how: str
    name: str = ""
    """Role or rule; empty: any."""
    parts: "tuple[Unless, ...]" = ()

    def walk(self) -> "Iterator[Unless]":
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim as written; names in it are looked up where it is judged."""

    id: str
    text: str
    subject: Subject | None
    """`None`: the subject is the one whose ladder has the levels."""
    when: str
    """Condition; empty: always."""
    offset: int
    """Where the condition stands in the text."""
    possibly: bool
    negated: bool
    levels: tuple[str, ...]
    unless: Unless | None
    place: Place
    locate: Callable[[int], Place] | None = dataclass_field(default=None, compare=False)
    """Where each character of the text as written stands, in a file."""

    def at(self, offset: int) -> Place:
        """Where a character of the condition stands; on the command line, its column."""
        if self.locate is not None:
            return self.locate(self.offset + offset)
        return replace(self.place, line=1, column=self.offset + offset + 1)


class ClaimShape(YamlShape):
    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$")
    claim: str = Field(min_length=1)


class ClaimsShape(YamlShape):
    claims: list[ClaimShape] = Field(min_length=1)


def read_claims(text: str, name: str) -> tuple[Claim, ...]:
    """The claims of a YAML file. Raises BadInput with everything wrong in it."""
    document = read_yaml(text, name)
    shape = shaped(document, ClaimsShape)
    claims: list[Claim] = []
    problems: list[Problem] = []
    for n, written in enumerate(shape.claims):
        place = document.place(("claims", n, "claim"))
        if written.id in {claim.id for claim in claims}:
            problems.append(Problem(document.place(("claims", n, "id")), f"claim `{written.id}` stands twice"))
        try:
            locate = document.locator(("claims", n, "claim"))
            claims.append(replace(read_claim(written.claim, written.id, place), locate=locate))
        except BadInput as refused:
            problems.extend(refused.problems)
    if problems:
        raise BadInput(problems)
    return tuple(claims)


def read_claim(text: str, name: str, place: Place) -> Claim:
    """One claim. Raises BadInput where it is no such sentence."""
    found = _SENTENCE.fullmatch(text)
    if found is None:
        expected = "`if CONDITION then [not] LEVEL [unless EXCEPTION]`"
        raise BadInput([Problem(place, "this is not a claim", text, expected)])
    subject = next((s for s in Subject if s.value == found["subject"]), None)
    if found["subject"] and subject is None:
        names = [s.value for s in Subject]
        hint = nearest(found["subject"], names)
        message = f"there is no subject `{found['subject']}`"
        raise BadInput([Problem(place, message, expected=", ".join(names), hint=hint)])
    return Claim(
        id=name,
        text=" ".join(text.split()),
        subject=subject,
        when=found["when"] or "",
        offset=max(0, found.start("when")),
        possibly=bool(found["possibly"]),
        negated=bool(found["not"]),
        levels=tuple(found["levels"].replace(" or ", " ").split()),
        unless=_Exceptions(_WORD.findall(found["unless"]), place).read() if found["unless"] else None,
        place=place,
    )


class _Exceptions:
    """Reads what stands after `unless`."""

    def __init__(self, words: Sequence[str], place: Place) -> None:
        self._words = list(words)
        self._place = place
        self._depth = 0

    def read(self) -> Unless:
        found = self._joined("or")
        if self._words:
            raise self._wrong(self._words[0])
        return found

    def _joined(self, how: str) -> Unless:
        parts = [self._joined("and") if how == "or" else self._one()]
        while self._words[:1] == [how]:
            self._words.pop(0)
            parts.append(self._joined("and") if how == "or" else self._one())
        return Unless(how, parts=tuple(parts)) if len(parts) > 1 else parts[0]

    def _one(self) -> Unless:
        word = self._next()
        if word == "(":
            self._depth += 1
            if self._depth > _DEEPEST:
                raise self._wrong(word, f"at most {_DEEPEST} parentheses")
            found = self._joined("or")
            self._expect(")")
            return found
        if word not in ("approved", "waived", "fires"):
            raise self._wrong(word)
        if word == "waived" and self._words[:1] == ["by"]:
            self._next()
            return Unless("waived by", self._name())
        if word == "waived" and self._words[:1] != ["("]:
            return Unless("waived")
        self._expect("(")
        name = self._name()
        self._expect(")")
        return Unless(word, name)

    def _name(self) -> str:
        word = self._next()
        if not _NAME.fullmatch(word):
            raise self._wrong(word, "a name")
        return word

    def _next(self) -> str:
        return self._words.pop(0) if self._words else ""

    def _expect(self, wanted: str) -> None:
        word = self._next()
        if word != wanted:
            raise self._wrong(word, f"`{wanted}`")

    def _wrong(self, found: str, expected: str = _EXCEPTIONS) -> BadInput:
        return BadInput([Problem(self._place, "this exception of a claim is not understood", found, expected)])
