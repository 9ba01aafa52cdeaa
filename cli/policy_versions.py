"""Which policies are meant: the files here, a published version, or those in force on a day? Are they in force?"""

import re
from datetime import UTC, date, datetime, time
from pathlib import Path

import click
from rich.text import Text

from cli.answer import console
from cli.books import reading
from cli.options import here
from cli.workspace import (
    CONFIG,
    MINOR_DIGITS,
    Workspace,
    enclosing_workspace,
    now,
    open_workspace,
    policy_texts,
)
from governance.publication import (
    PUBLISHED,
    Version,
    in_force,
    published,
    standing_problems,
    standing_words,
    versions_with,
)
from rules.model.policy import PolicySet
from rules.problem import BadInput, Place, Problem
from rules.reading.load import load_policies

EXPECTED = "a folder, `draft`, `published`, a date, or the beginning of a version's hash"
_HASH = re.compile("[0-9a-f]{4,64}")


def versions(workspace: Workspace) -> tuple[Version, ...]:
    """Every published version, as the ledger tells it."""
    with reading(workspace) as ledger:
        return published(ledger.entries(PUBLISHED))


def version_in_force(workspace: Workspace) -> Version | None:
    """The version in force today."""
    return in_force(versions(workspace), now().date())


def governed(workspace: Workspace) -> tuple[PolicySet, dict[str, str]]:
    """The workspace's policies, and for the answer whether they are in force; a draft is also told to people."""
    policies = workspace.policies()
    version = version_in_force(workspace)
    standing = _standing(policies, version)
    if standing_problems(policies, version):
        words = f"policies: {standing['standing']}; `merestone policy publish` puts them in force"
        console(err=True).print(Text(words, style="yellow"))
    return policies, standing


def policies_at(workspace: Workspace, at: date | None, known: date | None) -> tuple[PolicySet, dict[str, str]]:
    """The policies in force on a day as known at the end of another, and which they are; without both, the files here.

    A workspace that never published has but its draft. Raises BadInput where nothing was in force.
    """
    made = versions(workspace) if at or known else ()
    if not made:
        policies = workspace.policies()
        return policies, _standing(policies, version_in_force(workspace))
    day = at or known or now().date()
    version = in_force(made, day, _end_of(known) if known else None)
    if version is None:
        first = f"since {made[0].effective.isoformat()}, published {made[0].published:%Y-%m-%d}"
        what = f"no version was in force on {day.isoformat()}"
        as_known = f", as known on {known.isoformat()}" if known else ""
        raise BadInput([Problem(Place("policies"), f"{what}{as_known}", expected=first)])
    policies = version.policies()
    return policies, _standing(policies, version)


def _standing(policies: PolicySet, version: Version | None) -> dict[str, str]:
    return {"sha256": policies.sha256, "standing": standing_words(policies, version)}


def wanted_policies(word: str) -> PolicySet:
    """The policies that a word names: see EXPECTED. A folder may also be a workspace. Raises BadInput."""
    if word == "draft":
        return here().policies()
    folder = Path(word)
    if word != "published" and folder.is_dir():
        # Places of problems name the folder, which is one of two.
        if (folder / CONFIG).is_file():
            return _of_folder(folder / "policies", open_workspace(folder).minor_digits)
        return _of_folder(folder, minor_digits_here())
    workspace = here()
    made = versions(workspace)
    if word == "published":
        found = made[-1:]
    elif (day := _day(word)) is not None:
        version = in_force(made, day)
        found = (version,) if version else ()
    elif _HASH.fullmatch(word):
        found = versions_with(made, word)
    else:
        raise BadInput([Problem(Place(word), "names no policies", expected=EXPECTED)])
    if len(found) != 1:
        known = ", ".join(f"`{v.sha256[:12]}`" for v in versions_with(made, "")) or "none is published"
        several = "several versions begin so" if found else "there is no such version"
        raise BadInput([Problem(Place(word), several, expected=known)])
    return found[0].policies()


def _of_folder(folder: Path, minor_digits: int) -> PolicySet:
    named = ((str(folder / Path(name).name), text) for name, text in policy_texts(folder))
    return load_policies(named, minor_digits=minor_digits)


def minor_digits_here() -> int:
    """Decimals of the currency of the workspace around us; without a workspace, those of most currencies."""
    workspace = enclosing_workspace(click.get_current_context().find_root().params["folder"])
    return workspace.minor_digits if workspace else MINOR_DIGITS


def require_same_unit(old: PolicySet, new: PolicySet) -> None:
    """Raises BadInput where amounts of two versions are in different minor units: 1,000 yen are not 10.00 euros."""
    if old.minor_digits != new.minor_digits:
        expected = f"{new.minor_digits} decimals, as in the other"
        message = "amounts of the two versions are in different minor units"
        raise BadInput([Problem(Place("policies"), message, f"{old.minor_digits} decimals", expected)])


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word) if "-" in word else None
    except ValueError:
        return None


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, UTC)
