"""The life of a decision, as its ledger entries tell it: framed, approved, waived, committed, reviewed, recorded.

Nothing about a decision is stored outside the ledger: this module folds its entries into one value, and says which next
entry is refused and why. An approval or a waiver names a person, a role and a reason, and stands from its entry on.
"""

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from engine.evaluate import Standing
from governance.ledger_entry import Recorded
from rules.model.policy import PolicySet, Rule
from rules.problem import Place, Problem
from rules.vocabulary import Subject

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
    on: str

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
                date.fromisoformat(data["until"]), entry.at.date().isoformat(),
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


def approved_moves(known: Iterable[Decision]) -> list[tuple[str, str, str, date]]:
    """(account, giving rep, receiving rep, effective) of every move that a committed decision allows and did not stop.

    Where two decisions move one account on one day, the later one counts.
    """
    rows = {
        (move["account"], move["effective"]): move
        for decision in known
        if decision.document is not None and decision.status == "committed"
        for move in decision.document["moves"]
        if move["verdict"] == "allow"
    }
    return [(m["account"], m["from_rep"], m["to_rep"], date.fromisoformat(m["effective"])) for m in rows.values()]


def next_id(known: Iterable[str], year: int) -> str:
    """`DR-2026-001` and on, counted by year."""
    prefix = f"DR-{year}-"
    numbers = [int(i.removeprefix(prefix)) for i in known if i.startswith(prefix)]
    return f"{prefix}{max(numbers, default=0) + 1:03d}"


def is_same_person(name: str, other: str) -> bool:
    """Whether two names are one person's: spaces, capitals and ways of writing an accent tell nobody apart."""
    return _plain(name) == _plain(other)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def roles_named(policies: PolicySet, day: date) -> tuple[str, ...]:
    """Every role that a policy asks for: to commit, to approve a move, to waive a rule."""
    asked = {role for rule in policies.rules() for role in (*rule.roles, rule.waivable_by) if role}
    return tuple(sorted(asked | set(_commit_roles(policies, day))))


def approval_problems(
    decision: Decision, by: str, role: str, accounts: Collection[str], roles: Sequence[str]
) -> list[Problem]:
    """Why this approval is refused: after commit, by nobody, by the requester, in a role that nobody asks for, by
    somebody who approved in another role, or once more.
    """
    place = Place(decision.id)
    problems = _speaker_problems(decision, by, "approve it", "an approval")
    if role not in roles:
        expected = ", ".join(f"`{r}`" for r in roles)
        problems.append(Problem(place, "no policy asks for the approval of this role", role, expected))
    for given in decision.approvals:
        if not is_same_person(given.by, by):
            continue
        if given.role != role:
            problems.append(Problem(place, f"`{by}` approved already as `{given.role}`", expected="distinct people"))
        elif not given.accounts or (accounts and set(accounts) <= set(given.accounts)):
            problems.append(Problem(place, f"`{by}` approved this already, on {given.on}"))
    return problems


def _speaker_problems(decision: Decision, by: str, verb: str, what: str) -> list[Problem]:
    place = Place(decision.id)
    problems = []
    if decision.document is not None:
        problems.append(Problem(place, f"is committed; {what} comes before", hint="frame a new decision"))
    if not _plain(by):
        problems.append(Problem(Place("--by"), "names nobody", expected="a person"))
    if is_same_person(by, decision.requester):
        problems.append(Problem(place, f"its requester cannot {verb}", found=by, expected="another person"))
    return problems


def waiver_problems(
    decision: Decision,
    rule: Rule | None,
    rule_id: str,
    by: str,
    role: str,
    reason: str,
    until: date,
    day: date,
    accounts: Collection[str] | None = None,
) -> list[Problem]:
    """Why this waiver is refused: no such rule, not waivable, by another role, by nobody or the requester, without a
    reason, expired on `day`, or after commit. A rule on moves is waived for accounts, one on the decision for itself.
    """
    place = Place(decision.id)
    problems = _speaker_problems(decision, by, "waive a rule", "a waiver")
    if until < day:
        problems.append(
            Problem(Place("--until"), "lies in the past", until.isoformat(), expected=f"from {day.isoformat()} on")
        )
    if not reason.strip():
        problems.append(Problem(Place("--reason"), "is empty", expected="why the rule is waived"))
    if rule is None:
        problems.append(Problem(place, f"there is no rule `{rule_id}`"))
    elif not rule.waivable_by:
        problems.append(Problem(place, f"rule `{rule_id}` cannot be waived"))
    elif rule.waivable_by != role:
        problems.append(
            Problem(place, f"rule `{rule_id}` is waived by another role", found=role, expected=f"`{rule.waivable_by}`")
        )
    if rule is not None and accounts is not None and bool(accounts) is (rule.subject is Subject.DECISION):
        found, expected = ", ".join(accounts), "none: the rule is about the decision itself"
        problems.append(Problem(Place("--account"), f"rule `{rule_id}`", found, expected if accounts else "an account"))
    return problems


def commit_problems(
    decision: Decision, policies: PolicySet, day: date, chosen: str, by: str, rationale: str, deviation: str
) -> list[Problem]:
    """Why this commit is refused: committed before, no such option, no reason given for it or for leaving the
    recommendation, other policies than those it was framed under, or approvals missing.
    """
    place = Place(decision.id)
    options, recommended = decision.framed["options"], decision.framed["recommendation"]
    problems = []
    if decision.document is not None:
        problems.append(
            Problem(place, "is committed already", hint="a correction is a new decision that names this one")
        )
    if chosen not in options:
        expected = ", ".join(f"`{o}`" for o in options)
        problems.append(Problem(place, f"there is no option `{chosen}`", expected=expected))
    elif chosen != recommended and not deviation.strip():
        problems.append(
            Problem(
                Place("--deviation"),
                "leaving the recommendation needs a reason",
                chosen,
                f"`{recommended}`, or a reason",
            )
        )
    if decision.framed["policy_set"] != policies.sha256:
        hint = "frame a new decision, so that people approve what is committed"
        problems.append(Problem(place, "the policies have changed since it was framed", hint=hint))
    if not _plain(by):
        problems.append(Problem(Place("--by"), "names nobody", expected="a person"))
    if not rationale.strip():
        problems.append(Problem(Place("--rationale"), "is empty", expected="why this option"))
    return problems + _approvals_missing(decision, _commit_roles(policies, day))


def _approvals_missing(decision: Decision, roles: Sequence[str]) -> list[Problem]:
    """Roles that have not approved. Counted anew, and not as they were let in: two people may have approved at once."""
    place = Place(decision.id)
    seen: list[str] = []
    given: set[str] = set()
    for approval in decision.approvals:
        spoke = any(is_same_person(approval.by, other) for other in (*seen, decision.requester))
        if not approval.accounts and not spoke and approval.role in roles:
            given.add(approval.role)
            seen.append(approval.by)
    return [
        Problem(
            place,
            f"nobody has approved it as `{role}`",
            hint=f"merestone decision approve {decision.id} --role {role} --by NAME",
        )
        for role in roles
        if role not in given
    ]


def _commit_roles(policies: PolicySet, day: date) -> tuple[str, ...]:
    wanted = policies.parameters().get(COMMIT_ROLES)
    value = wanted.at(day) if wanted else None
    return tuple(str(r) for r in value.value) if value and isinstance(value.value, tuple) else ()
