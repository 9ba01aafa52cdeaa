"""Which version of the policies is in force? One that was published: an entry of the ledger that holds it whole.

    {"actor": author, "kind": "policy.published", "subject": "policies", "data": {
      "policy_set": sha-256, "minor_digits": decimals of the currency, "previous": sha-256 or "",
      "files": [{"name", "sha256", "text"}, …],
      "author", "approver", "reason", "effective": date, "correction": bool, "changes": [words, …],
      "analysis": {"findings": {sort: number}, "left_out": [words, …]}}}

Files in a folder are a draft. Publishing takes two people and a reason. A version counts from the day of its
publication; a correction counts from the earliest day that it corrects, and the first version takes over the dates that
are written in it. Nobody's verdict changes by that: a verdict names the version that it was judged by.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.analysis.finding import Summary
from engine.examples import try_examples
from engine.inference.ladders import relation_problems
from governance.decision import is_same_person
from governance.ledger_entry import Recorded
from governance.refusal import Refused
from rules.model.policy import PolicySet
from rules.problem import Place, Problem
from rules.reading.load import example_problems, load_policies
from rules.versions.backdating import Backdated, backdated
from rules.versions.differences import differences

PUBLISHED = "policy.published"
SUBJECT = "policies"
LONGEST = 200
"""Characters in a name."""
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters and marks that show nothing, so that two names with and without them look the same."""


class VersionAltered(Refused):
    """What the ledger keeps of a version is not what its hash says."""


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """One file as it was published."""

    name: str
    text: str

    @property
    def sha256(self) -> str:
        """Of its bytes in UTF-8."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Version:
    """One published version of all policies."""

    index: int
    """The ledger entry."""
    sha256: str
    """Of the policy set."""
    minor_digits: int
    """Decimals of the currency that its amounts are in."""
    files: tuple[PolicyFile, ...]
    author: str
    approver: str
    reason: str
    published: datetime
    effective: date
    """Verdicts from this day on are judged by it, until a later version."""
    correction: bool
    changes: tuple[str, ...]
    analysis: Mapping[str, Any]
    """How many findings of each sort static analysis had, and what it left out."""
    previous: str
    """The hash of the version before; empty for the first."""

    def policies(self) -> PolicySet:
        """The policies as they were. Raises VersionAltered if they do not have the hash they were published under."""
        restored = load_policies(((f.name, f.text) for f in self.files), minor_digits=self.minor_digits)
        if restored.sha256 != self.sha256:
            raise VersionAltered(f"the policies of entry {self.index} are not those that were published")
        return restored


def published(entries: Iterable[Recorded]) -> tuple[Version, ...]:
    """Every version that was published, in order."""
    return tuple(_version(recorded) for recorded in entries if recorded.entry.kind == PUBLISHED)


def _version(recorded: Recorded) -> Version:
    entry, data = recorded.entry, recorded.entry.data
    return Version(
        index=recorded.index,
        sha256=data["policy_set"],
        minor_digits=data["minor_digits"],
        files=tuple(PolicyFile(f["name"], f["text"]) for f in data["files"]),
        author=data["author"],
        approver=data["approver"],
        reason=data["reason"],
        published=entry.at,
        effective=date.fromisoformat(data["effective"]),
        correction=data["correction"],
        changes=tuple(data["changes"]),
        analysis=data["analysis"],
        previous=data["previous"],
    )


def in_force(versions: Sequence[Version], at: date, known: datetime | None = None) -> Version | None:
    """The version that verdicts of the day `at` are judged by, as it was known at a time (`None`: by now).

    The latest one published by then that counts on the day; `None` before the first.
    """
    fitting = [v for v in versions if v.effective <= at and (known is None or v.published <= known)]
    return fitting[-1] if fitting else None


def analysis_words(analysis: Mapping[str, Any]) -> str:
    """`no findings`, or how many of each sort; and how many questions were left out."""
    findings = ", ".join(f"{number} {sort}" for sort, number in analysis["findings"].items()) or "no findings"
    return f"{findings}; {len(analysis['left_out'])} questions left out" if analysis["left_out"] else findings


def draft_problems(policies: PolicySet) -> list[Problem]:
    """Why nobody can publish these policies: rules without examples, relations, examples that do not hold."""
    failing = [
        Problem(t.example.place, f"example “{t.example.name}” does not hold", t.answer, f"`{t.expected}`")
        for t in try_examples(policies)
        if not t.holds
    ]
    return [*example_problems(policies), *relation_problems(policies), *failing]


def publication_problems(
    draft: PolicySet,
    previous: Version | None,
    *,
    author: str,
    approver: str,
    reason: str,
    at: datetime,
    correction: bool,
) -> list[Problem]:
    """Why this publication is refused: names, reason, nothing new, or changes that count from before today."""
    problems = [*_name_problems("--author", author), *_name_problems("--approver", approver)]
    if not problems and is_same_person(author, approver):
        hint = "somebody else reads the changes first: merestone policy diff published draft"
        problems.append(Problem(Place("--approver"), "is the author", approver, "another person", hint))
    if not reason.strip():
        problems.append(Problem(Place("--reason"), "is empty", expected="why the policies change"))
    elif _hidden(reason.replace("\n", " ")):
        problems.append(Problem(Place("--reason"), "holds characters that nobody sees", _escaped(reason)))
    if previous is None:
        if correction:
            problems.append(Problem(Place("--correction"), "there is nothing to correct: no version is published"))
        return problems
    if draft.minor_digits != previous.minor_digits:
        message = "amounts would be in another minor unit than they were published in"
        found, expected = f"minor_digits = {draft.minor_digits}", f"`{previous.minor_digits}`"
        hint = "a company keeps its currency; for another, make another workspace"
        return [*problems, Problem(Place("merestone.toml"), message, found, expected, hint)]
    if draft.sha256 == previous.sha256:
        when = f"{previous.published:%Y-%m-%d}, ledger entry {previous.index}"
        return [*problems, Problem(Place("policies"), "nothing changed since they were published", when)]
    if at < previous.published:
        expected = f"from {previous.published:%Y-%m-%dT%H:%M:%SZ} on"
        found = f"{at:%Y-%m-%dT%H:%M:%SZ}"
        problems.append(Problem(Place("clock"), "stands before the version published last", found, expected))
    late = backdated(previous.policies(), draft, at.date())
    if correction and not late:
        message = "nothing counts from before today"
        problems.append(Problem(Place("--correction"), message, hint="publish it without --correction"))
    return problems if correction else problems + [_backdated_problem(change, at.date()) for change in late]


def _backdated_problem(change: Backdated, day: date) -> Problem:
    today = day.isoformat()
    hint = {
        "is new": f"let it count from {today}",
        "is changed": f"let the old one stand until {today}, and write a new one from then on",
        "is taken away": f"let it end on {today}",
    }[change.words]
    return Problem(
        change.place,
        f"{change.what} `{change.name}` {change.words} from before its publication",
        change.start.isoformat(),
        f"from {today} on",
        f"{hint}; --correction corrects the past, and no verdict that was given",
    )


def publication_data(
    draft: PolicySet,
    files: Sequence[PolicyFile],
    previous: Version | None,
    *,
    author: str,
    approver: str,
    reason: str,
    at: datetime,
    correction: bool,
    analysis: Summary,
) -> dict[str, Any]:
    """What the entry says. `files` are those that `draft` was loaded from, read once."""
    old = previous.policies() if previous else None
    late = backdated(old, draft, at.date()) if old else ()
    first = at.date() if old else min((at.date(), *_dates(draft)))
    return {
        "policy_set": draft.sha256,
        "minor_digits": draft.minor_digits,
        "previous": previous.sha256 if previous else "",
        "files": [{"name": f.name, "sha256": f.sha256, "text": f.text} for f in files],
        "author": author.strip(),
        "approver": approver.strip(),
        "reason": reason.strip(),
        "effective": min((first, *(change.start for change in late))).isoformat(),
        "correction": correction,
        "changes": _changes(old, draft),
        "analysis": {"findings": dict(analysis.counts), "left_out": list(analysis.left_out)},
    }


def _dates(policies: PolicySet) -> list[date]:
    values = [v.start for p in policies.parameters().values() for v in p.values]
    return [*values, *(rule.start for rule in policies.rules())]


def _changes(old: PolicySet | None, new: PolicySet) -> list[str]:
    if old is None:
        counts = f"{len(new.policies)} policies, {len(new.rules())} rules, {len(new.parameters())} parameters"
        return [f"first version: {counts}, with the dates that are written in them"]
    found = [str(difference) for difference in differences(old, new)]
    return found or ["nothing that the policies say: comments, layout or order"]


def event_of(versions: Sequence[Version]) -> str:
    """The event of the next publication: two people who publish at once publish the same event, and one is refused."""
    return f"policies/version-{len(versions) + 1}"


def standing_problems(policies: PolicySet, version: Version | None) -> list[Problem]:
    """Why nothing is decided by these policies: they are a draft. `version` is the one in force."""
    if version is not None and _is(policies, version):
        return []
    message = "are a draft, not in force" if version else "are a draft: no version is published"
    found = policies.sha256[:12]
    expected = f"`{version.sha256[:12]}`, published {version.published:%Y-%m-%d}" if version else ""
    hint = 'merestone policy publish --author NAME --approver NAME --reason "…"'
    return [Problem(Place("policies"), message, found, expected, hint)]


def _is(policies: PolicySet, version: Version) -> bool:
    """Whether they say the same: the same text is about other amounts in another minor unit."""
    return (policies.sha256, policies.minor_digits) == (version.sha256, version.minor_digits)


def standing_words(policies: PolicySet, version: Version | None) -> str:
    """`published 2026-07-03`, or `draft, not in force`."""
    if version is None or not _is(policies, version):
        return "draft, not in force"
    return f"published {version.published:%Y-%m-%d}"


def _name_problems(place: str, name: str) -> list[Problem]:
    hidden = _hidden(name)
    if hidden:
        return [Problem(Place(place), "holds characters that nobody sees", _escaped(name), "a person's name")]
    if not name.strip() or len(name) > LONGEST:
        return [Problem(Place(place), "names nobody", expected=f"a person's name, at most {LONGEST} characters")]
    return []


def _hidden(text: str) -> bool:
    """Whether the text holds what turns it around, moves a cursor, or shows nothing: two texts must look different."""
    return bool(_INVISIBLE.search(text)) or any(
        unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for letter in text
    )


def _escaped(text: str) -> str:
    return text.encode("unicode_escape").decode()[:LONGEST]


def versions_with(versions: Sequence[Version], prefix: str) -> tuple[Version, ...]:
    """Versions whose hash begins so; of several with one hash, which say the same, the latest."""
    return tuple({v.sha256: v for v in versions if v.sha256.startswith(prefix)}.values())
