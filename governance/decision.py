"""The life of a decision, as its ledger entries tell it: framed, approved, waived, committed, reviewed, recorded.

Nothing about a decision is stored outside the ledger: this module folds its entries into one value, and says which next
entry is refused and why. An approval or a waiver names a person, a role and a reason, and stands from its entry on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from engine.evaluate import Standing
from governance.ledger_entry import Recorded
from rules.policy import PolicySet, Rule
from rules.problem import Place, Problem

FRAMED = "decision.framed"
APPROVED = "decision.approved"
WAIVED = "decision.waived"
COMMITTED = "decision.committed"
REVIEWED = "decision.reviewed"
ISSUED = "record.issued"
COMMIT_ROLES = "commit_roles"
"""Parameter that lists the roles whose approval a commit needs."""


@dataclass(frozen=True, slots=True)
class Approval:
    by: str
    role: str
    accounts: tuple[str, ...]
    """Accounts whose moves it covers; empty: every move of the decision."""
    on: str


@dataclass(frozen=True, slots=True)
class Waiver:
    id: str
    rule: str
    accounts: tuple[str, ...]
    by: str
    role: str
    reason: str
    until: date

    def in_force(self, day: date) -> bool:
        """The one place that decides whether a waiver counts on a day; its last day counts."""
        return day <= self.until


@dataclass(frozen=True, slots=True)
class Decision:
    """What the ledger says of one decision. `document` is set once it is committed."""

    id: str
    title: str
    requester: str
    snapshot: str
    framed: Mapping[str, Any]
    approvals: tuple[Approval, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    committed_index: int | None = None
    document: Mapping[str, Any] | None = None
    reviews: tuple[Mapping[str, Any], ...] = ()
    issued: tuple[Mapping[str, Any], ...] = ()

    @property
    def status(self) -> str:
        """`framed`, `committed`, or `stopped` after a review that fired a stop condition."""
        if self.document is None:
            return "framed"
        return "stopped" if any(r["outcome"] == "stop" for r in self.reviews) else "committed"

    def standing(self, accounts: Iterable[str], day: date) -> Standing:
        """Waivers in force and approvals by account."""
        waived: dict[str, frozenset[tuple[str, str]]] = {}
        approved: dict[str, frozenset[str]] = {}
        for account in accounts:
            mine = frozenset((w.id, w.rule) for w in self.waivers if account in w.accounts and w.in_force(day))
            roles = frozenset(a.role for a in self.approvals if not a.accounts or account in a.accounts)
            if mine:
                waived[account] = mine
            if roles:
                approved[account] = roles
        return Standing(waived, approved)


def decisions(entries: Iterable[Recorded]) -> Mapping[str, Decision]:
    """Every decision by id, in order of framing."""
    found: dict[str, Decision] = {}
    for recorded in entries:
        entry = recorded.entry
        if entry.kind == FRAMED:
            data = entry.data
            found[entry.subject] = Decision(entry.subject, data["title"], data["requester"], data["snapshot"], data)
        elif entry.subject in found:
            found[entry.subject] = _after(found[entry.subject], recorded)
    return found


def _after(decision: Decision, recorded: Recorded) -> Decision:
    entry, data = recorded.entry, recorded.entry.data
    match entry.kind:
        case "decision.approved":
            approval = Approval(entry.actor, data["role"], tuple(data["accounts"]), entry.at.date().isoformat())
            return replace(decision, approvals=(*decision.approvals, approval))
        case "decision.waived":
            waiver = Waiver(
                data["id"], data["rule"], tuple(data["accounts"]), entry.actor, data["role"], data["reason"],
                date.fromisoformat(data["until"]),
            )  # fmt: skip
            return replace(decision, waivers=(*decision.waivers, waiver))
        case "decision.committed":
            return replace(decision, committed_index=recorded.index, document=data)
        case "decision.reviewed":
            return replace(decision, reviews=(*decision.reviews, data))
        case "record.issued":
            return replace(decision, issued=(*decision.issued, data))
        case _:
            return decision


def next_id(known: Iterable[str], year: int) -> str:
    """`DR-2026-001` and on, counted by year."""
    prefix = f"DR-{year}-"
    numbers = [int(i.removeprefix(prefix)) for i in known if i.startswith(prefix)]
    return f"{prefix}{max(numbers, default=0) + 1:03d}"


def approval_problems(decision: Decision, by: str, role: str) -> list[Problem]:
    """Why this approval is refused: after commit, by the requester, or by somebody who approved in another role."""
    place = Place(decision.id)
    problems = []
    if decision.document is not None:
        problems.append(Problem(place, "is committed; an approval comes before", hint="frame a new decision"))
    if by == decision.requester:
        problems.append(Problem(place, "its requester cannot approve it", found=by, expected="another person"))
    problems += [
        Problem(place, f"`{by}` approved already as `{given.role}`", expected="distinct people")
        for given in decision.approvals
        if given.by == by and given.role != role
    ]
    return problems


def waiver_problems(decision: Decision, rule: Rule | None, rule_id: str, by: str, role: str) -> list[Problem]:
    """Why this waiver is refused: no such rule, not waivable, by another role, by the requester, or after commit."""
    place = Place(decision.id)
    problems = []
    if decision.document is not None:
        problems.append(Problem(place, "is committed; a waiver comes before", hint="frame a new decision"))
    if rule is None:
        problems.append(Problem(place, f"there is no rule `{rule_id}`"))
    elif not rule.waivable_by:
        problems.append(Problem(place, f"rule `{rule_id}` cannot be waived"))
    elif rule.waivable_by != role:
        problems.append(
            Problem(place, f"rule `{rule_id}` is waived by another role", found=role, expected=f"`{rule.waivable_by}`")
        )
    if by == decision.requester:
        problems.append(Problem(place, "its requester cannot waive a rule", found=by, expected="another person"))
    return problems


def commit_problems(
    decision: Decision, policies: PolicySet, day: date, chosen: str, options: Sequence[str]
) -> list[Problem]:
    """Why this commit is refused: committed before, no such option, or approvals missing."""
    place = Place(decision.id)
    problems = []
    if decision.document is not None:
        problems.append(
            Problem(place, "is committed already", hint="a correction is a new decision that names this one")
        )
    if chosen not in options:
        problems.append(Problem(place, f"there is no option `{chosen}`", expected=", ".join(f"`{o}`" for o in options)))
    wanted = policies.parameters().get(COMMIT_ROLES)
    value = wanted.at(day) if wanted else None
    roles = value.value if value and isinstance(value.value, tuple) else ()
    given = {a.role for a in decision.approvals if not a.accounts}
    for role in roles:
        if role not in given:
            hint = f"merestone decision approve {decision.id} --role {role} --by NAME"
            problems.append(Problem(place, f"nobody has approved it as `{role}`", hint=hint))
    return problems
