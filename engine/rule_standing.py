"""Does a rule that fired count? Defeated, waived, counted in a group, or in report mode, where it never does."""

from collections.abc import Iterable

from engine.evaluate import TRUTH_OF, Evaluation, Question
from engine.inference.logic import Conclusion, Truth
from rules.model.policy import Rule
from rules.model.rule_kind import Mode

Waived = Iterable[tuple[str, str]]
"""(waiver id, rule id) of one subject."""
REPORT_ONLY = "report only"


def truths_of(question: Question, letters: str) -> dict[str, Truth]:
    """Rules that are true or unknown, defeated ones among them: a conclusion does not say what a defeated count was.

    A rule that counts counts what is enforced; one in report mode also what only reports.
    """
    found = {
        rule.id: TRUTH_OF[letter]
        for rule, letter in zip(question.conditional, letters, strict=True)
        if letter in TRUTH_OF
    }
    for rule in question.rules:
        if rule.count:
            hits = [found[r.id] for r in counted_by(question, rule) if r.id in found]
            if len(hits) >= rule.count.at_least:
                enough = hits.count(Truth.TRUE) >= rule.count.at_least
                found[rule.id] = Truth.TRUE if enough else Truth.UNKNOWN
    return found


def counted_by(question: Question, rule: Rule) -> tuple[Rule, ...]:
    """The indicators that a rule counts, in order of the policies; none for a rule with a condition."""
    group = rule.count.group if rule.count else None
    return tuple(r for r in question.rules if r.group == group and (r.mode is Mode.ENFORCE or r.mode is rule.mode))


def standing_of(question: Question, rule: Rule, conclusion: Conclusion, waived: Waived) -> str:
    """`counts`, `defeated by N1`, `waived by W-3`, `counted in balance`, or `report only`.

    What would beat a rule in report mode is said behind it: `report only, defeated by N1`.
    """
    if rule.mode is Mode.REPORT:
        beaten = _would_be_beaten(question, rule, conclusion, waived)
        return f"{REPORT_ONLY}, {beaten}" if beaten else REPORT_ONLY
    if rule.group:
        return f"counted in {rule.group}"
    defeat = next((d for d in conclusion.defeated if d.of == rule.id), None)
    if defeat is None:
        return "counts"
    return f"{'waived' if defeat.how == 'waiver' else 'defeated'} by {defeat.by}"


def _would_be_beaten(question: Question, rule: Rule, conclusion: Conclusion, waived: Waived) -> str:
    waivers = sorted(waiver for waiver, of in waived if of == rule.id and rule.waivable_by)
    if waivers:
        return f"waived by {waivers[0]}"
    true = {name for name, truth in conclusion.effective if truth is Truth.TRUE}
    by = sorted(other.id for other in question.rules if other.id in true and rule.id in other.defeats)
    return f"defeated by {by[0]}" if by else ""


def reported(evaluation: Evaluation, subject_id: str, letters: str) -> tuple[str, ...]:
    """Rules in report mode that would count if they were enforced, true or unknown, in order of the policies."""
    question = evaluation.question
    if all(rule.mode is Mode.ENFORCE for rule in question.rules):
        return ()
    truths = truths_of(question, letters)
    conclusion = evaluation.conclusion(subject_id, letters)
    waived = evaluation.standing.waived.get(subject_id, frozenset())
    return tuple(
        rule.id
        for rule in question.rules
        if rule.id in truths
        and rule.mode is Mode.REPORT
        and standing_of(question, rule, conclusion, waived) == REPORT_ONLY
    )
