"""Small policies with declarations of every sort: sections as YAML text, and what is told of them."""

import pytest

from rules.model.definition import Definition
from rules.model.policy import PolicySet
from rules.problem import BadInput
from rules.reading.load import load_policies

HEAD = "policy: p\ntitle: t\nowner: sales-operations\n"


def loaded(*sections: str) -> PolicySet:
    """The policy set of one file for each text of sections."""
    return load_policies(files_of(sections))


def files_of(sections: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(f"{i}.yaml", HEAD.replace("policy: p", f"policy: p{i}") + text) for i, text in enumerate(sections)]


def told(*sections: str) -> list[str]:
    """The problems of policies that do not load."""
    with pytest.raises(BadInput) as refused:
        loaded(*sections)
    return [str(problem) for problem in refused.value.problems]


def definition_of(*sections: str, name: str = "") -> Definition:
    """The one definition of that name, or the only one."""
    return next(d for d in loaded(*sections).definitions() if not name or d.name == name)


def rule(lines: str, *, id: str = "R") -> str:  # noqa: A002 -- as the key is called
    """One rule as a flow mapping, without what every rule needs and no test is about."""
    return f"  - {{id: {id}, title: t, effective: {{from: 2026-01-01}}, message: m, source: s, {lines}}}\n"
