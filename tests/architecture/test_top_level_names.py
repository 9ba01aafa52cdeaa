"""Our packages have short names; nobody else in the environment may claim one of them.

An installer would let two distributions write into one folder without a word, so the clash has to be looked for.
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import packages_distributions
from typing import Any


def claims(names: Sequence[str], owners: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    """Those of `names` that a distribution other than ours provides, with who does."""
    found = {name: set(owners.get(name, ())) - {"merestone"} for name in names}
    return {name: others for name, others in found.items() if others}


def top_level(pyproject: Mapping[str, Any]) -> list[str]:
    return list(pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])


def test_no_other_distribution_claims_a_name_of_ours(pyproject: dict[str, Any]) -> None:
    assert claims(top_level(pyproject), packages_distributions()) == {}


def test_a_distribution_that_claims_one_is_named(pyproject: dict[str, Any]) -> None:
    owners = {"rules": ["merestone", "django-rules"], "click": ["click"]}
    assert claims(top_level(pyproject), owners) == {"rules": {"django-rules"}}


def test_every_folder_that_code_reads_from_ships(pyproject: dict[str, Any]) -> None:
    """`tests`, `docs` and `bench` stay at home."""
    assert sorted(top_level(pyproject)) == ["cli", "engine", "examples", "governance", "policies", "rules", "templates"]
