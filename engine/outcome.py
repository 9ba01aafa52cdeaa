"""What came out for one subject, with every rule that fired, its inputs and values, and what stands in its way."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from engine.approvers import Approver
from engine.inference.logic import Conclusion, Truth
from rules.model.policy import Rule
from rules.model.rule_kind import Effect, Mode
from rules.vocabulary import Subject


@dataclass(frozen=True, slots=True)
class Input:
    """A fact or parameter as the rule saw it, ready to read."""

    name: str
    shown: str
    meaning: str
    source: str = ""
    """For a parameter: where its value comes from; `assumption: …` for a house decision."""


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that is true or unknown for a subject."""

    rule: Rule
    truth: Truth
    message: str
    facts: tuple[Input, ...]
    parameters: tuple[Input, ...]
    missing: tuple[str, ...]
    """Inputs that made it unknown: an absent data set, or a cell that is empty."""
    standing: str
    """`counts`, `defeated by N1`, `waived by W-3`, `counted in balance` for an indicator, or `report only`."""
    until: date | None = None
    """For a hold with a date."""

    @property
    def would(self) -> str:
        """What a rule in report mode would do: `would deny`, `would be exempt`; empty for a rule that is enforced."""
        if self.rule.mode is Mode.ENFORCE:
            return ""
        effect = self.rule.effect if self.truth is Truth.TRUE else self.rule.on_unknown
        return f"would {_would(effect)}" if effect else "may fire, nobody can say"

    @property
    def is_idle(self) -> bool:
        """Reported only, and unknown: it changes no answer and has no number to tell."""
        return self.rule.mode is Mode.REPORT and self.truth is Truth.UNKNOWN


def _would(effect: Effect) -> str:
    """An effect as a verb in the infinitive; what is no verb in the language of policies says what its subject is."""
    word = str(effect.value).replace("_", " ")
    match effect:
        case Effect.EXEMPT | Effect.INELIGIBLE:
            return f"be {word}"
        case Effect.FINDING | Effect.HIT:
            return f"be a {word}"
        case _:
            return word


@dataclass(frozen=True, slots=True)
class Consent:
    """The approvals that one effective rule asks for: `needed` of `roles`."""

    rule: str
    needed: int
    roles: tuple[Approver, ...]
    given: tuple[str, ...]
    """Roles that approved."""
    missing: tuple[str, ...]
    """Roles that could still approve; none once enough have."""

    @property
    def words(self) -> str:
        """`2 of giving-manager (Ana Ruiz, P-03), receiving-manager (Bo Dahl, P-04), vp-sales`; no number means all.

        Whoever has several of the roles is named once, behind all of them.
        """
        by_person: dict[str, list[Approver]] = {}
        for role in self.roles:
            by_person.setdefault(role.person or role.role, []).append(role)
        return self._counted(
            replace(roles[0], role=" and ".join(role.role for role in roles)).shown for roles in by_person.values()
        )

    @property
    def role_words(self) -> str:
        """The same without people, who differ from move to move."""
        return self._counted(role.role for role in self.roles)

    def _counted(self, words: Iterable[str]) -> str:
        named = tuple(words)
        roles = ", ".join(named)
        if self.needed == len(self.roles):
            return roles
        # Where somebody has several roles there are fewer names than roles, and it is roles that are counted.
        counted = "" if len(named) == len(self.roles) else f"{len(self.roles)} roles: "
        return f"{self.needed} of {counted}{roles}"


@dataclass(frozen=True, slots=True)
class Owed:
    """Something to be done because of a rule."""

    rule: str
    obligation: str
    how: str
    """`require`, `advise` or `mandate`."""
    owner: str
    """Who answers for the rule."""
    due: date | None
    """Last day in time; None without a deadline, or while its anchor has no date."""
    waiting: str
    """The date that the deadline still lacks; empty for none."""
    to: str
    """Who must receive the account, for a mandate that names a fact for it; `unknown` where that has no value."""

    @property
    def words(self) -> str:
        """`joint call, by 2026-08-05`."""
        by = (
            f", by {self.due.isoformat()}"
            if self.due
            else f", due once {self.waiting} is known"
            if self.waiting
            else ""
        )
        return f"{self.obligation}{f', to {self.to}' if self.to else ''}{by}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer for one subject. `level` is None where the answer is undecided."""

    subject: Subject
    id: str
    level: str | None
    fired: tuple[Fired, ...]
    conclusion: Conclusion
    consents: tuple[Consent, ...] = ()
    owed: tuple[Owed, ...] = ()

    @property
    def word(self) -> str:
        return self.level or "unknown"

    @property
    def is_unknown(self) -> bool:
        """Whether an unknown condition had a say: undecided, or a rule that counts is unknown."""
        return self.level is None or any(f.truth is Truth.UNKNOWN and f.standing == "counts" for f in self.fired)
