"""Whom does a new version of the policies answer differently? For each pair of answers, one subject that shows it."""

from collections.abc import Iterator, Sequence

from engine.analysis.finding import Case, Finding, Sort
from engine.analysis.inquiry import Inquiry
from engine.analysis.ladder import UNDECIDED, RuledLadder
from rules.model.policy import Rule
from rules.problem import Place


def version_findings(old: RuledLadder | None, new: RuledLadder | None, inquiry: Inquiry) -> Iterator[Finding]:
    """Every way in which the answers on one ladder may differ, the most severe new answer first.

    A ladder without rules in one of the versions answers its lowest level there.
    """
    there = new or old
    if there is None:
        return
    levels = (*reversed(there.ladder.levels), *((UNDECIDED,) if there.ladder.strict else ()))
    for now in levels:
        for before in levels:
            if now != before:
                yield from _changed(old, new, before, now, there, inquiry)


def _changed(
    old: RuledLadder | None, new: RuledLadder | None, before: str, now: str, there: RuledLadder, inquiry: Inquiry
) -> Iterator[Finding]:
    solver = inquiry.facts.solver
    lowest = there.ladder.levels[0]

    def worlds(on: RuledLadder | None, level: str) -> object:
        return on.answers()[level] if on else solver.true if level == lowest else solver.false

    def holds(case: Case) -> bool:
        return _answer(old, case, lowest) == before and _answer(new, case, lowest) == now

    question = f"whether a {there.subject.value} is newly `{now}` and was `{before}`"
    formulas = [worlds(old, before), worlds(new, now)]
    case = inquiry.shown(question, formulas, holds)  # type: ignore[arg-type]  # both are formulas
    if case is None:
        return
    rules = _deciding(old, new, case)
    names = ", ".join(f"`{rule.id}`" for rule in rules)
    message = f"newly {now}, was {before}" + (f": {names}" if names else "")
    place = rules[0].place if rules else Place("policies")
    yield Finding(Sort.CHANGED, there.subject.value, tuple(rule.id for rule in rules), place, message, case)


def _answer(on: RuledLadder | None, case: Case, lowest: str) -> str:
    return on.answer(case) if on else lowest


def _deciding(old: RuledLadder | None, new: RuledLadder | None, case: Case) -> Sequence[Rule]:
    """Rules that are found in one version and not, or otherwise, in the other; those of the new version first."""
    sides = [(on, dict(on.pattern(case).found) if on else {}) for on in (new, old)]
    (_, now), (_, before) = sides
    changed = [name for name in (*now, *before) if now.get(name) is not before.get(name)]
    known = {rule.id: rule for on in (old, new) if on for rule in on.rules}
    if not changed:
        # The same conditions hold, so what they lead to is other.
        changed = [name for name in now if old and new and _logic_differs(old, new, name)]
    return [known[name] for name in sorted(dict.fromkeys(changed))]


def _logic_differs(old: RuledLadder, new: RuledLadder, name: str) -> bool:
    return old.logic.effects.get(name) != new.logic.effects.get(name) or any(
        {row for row in getattr(old.logic, relation) if name in row}
        != {row for row in getattr(new.logic, relation) if name in row}
        for relation in ("defeats", "needs_role", "quorums", "counts")
    )
