"""Does a text say what it seems to say? What a person cannot see, or sees in another order, is refused."""

import re

from rules.problem import Place, Problem

MOST_TOLD = 20
"""Characters of one file that are told."""

_BIDIRECTIONAL = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Marks that reorder what a person sees (Unicode Standard Annex 9)."""
_UNREADABLE = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff{_BIDIRECTIONAL}]")


def unreadable(text: str, file: str) -> list[Problem]:
    """The first characters that no file may hold: controls, lone halves of a pair, and marks of direction."""
    problems: list[Problem] = []
    for match in _UNREADABLE.finditer(text):
        before = text[: match.start()]
        where = Place(file, before.count("\n") + 1, match.start() - before.rfind("\n"))
        hint = "it makes text look like another; leave it out" if match[0] in _BIDIRECTIONAL else ""
        problems.append(Problem(where, "a character is not accepted", found=f"U+{ord(match[0]):04X}", hint=hint))
        if len(problems) == MOST_TOLD:
            break
    return problems
