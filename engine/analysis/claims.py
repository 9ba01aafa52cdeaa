"""Does a claim hold for every subject? Proven, refuted by a subject that is shown, or not settled."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine.analysis.finding import Case, Finding, Proof, Sort
from engine.analysis.inquiry import Inquiry
from engine.analysis.ladder import UNDECIDED, RuledLadder
from engine.conditions.condition_case import value_of
from rules.expression.check import Checked, Scope, compile_text
from rules.kinds import Kind
from rules.model.policy import PolicySet
from rules.problem import BadInput, Place, Problem, nearest
from rules.proof.claim import Claim, Unless
from rules.proof.solver import Formula, Settled
from rules.reading.reader import scope_of
from rules.vocabulary import Subject


def scope_on(policies: PolicySet, subject: Subject) -> Scope:
    """What a condition of a claim may name: all that a rule on that subject may."""
    extra = [metric.as_field() for metric in policies.metrics(subject)]
    scope = scope_of(subject, policies.parameters(), extra=extra, minor_digits=policies.minor_digits)
    return replace(scope, definitions={d.name: d.checked.node for d in policies.definitions(subject)})


def claim_problems(claim: Claim, on: RuledLadder | None, ladders: Sequence[RuledLadder]) -> list[Problem]:
    """Names in a claim that stand for nothing: levels, rules and roles."""
    if on is None:
        known = sorted({level for ladder in ladders for level in _levels(ladder)})
        return [_unknown(claim.place, "level", level, known) for level in claim.levels if level not in known] or [
            Problem(claim.place, "these levels are not of one ladder", found=", ".join(claim.levels))
        ]
    rules = {rule.id: rule for rule in on.rules}
    roles = {role for _, role, _, _ in on.logic.needs_role}
    problems = []
    for exception in claim.unless.walk() if claim.unless else ():
        name = exception.name
        match exception.how:
            case "approved" if name not in roles:
                problems.append(_unknown(claim.place, "role that approves", name, sorted(roles)))
            case "waived by" if name not in {rule.waivable_by for rule in on.rules}:
                waiving = sorted({rule.waivable_by for rule in on.rules if rule.waivable_by})
                problems.append(_unknown(claim.place, "role that waives", name, waiving))
            case "fires" | "waived" if name and name not in rules:
                problems.append(_unknown(claim.place, "rule", name, sorted(rules)))
            case "waived" if name and not rules[name].waivable_by:
                problems.append(Problem(claim.place, f"nobody may waive rule `{name}`"))
    return problems


def _unknown(place: Place, what: str, name: str, known: Sequence[str]) -> Problem:
    return Problem(place, f"there is no {what} `{name}`", expected=", ".join(known), hint=nearest(name, known))


def ladder_of_claim(claim: Claim, ladders: Sequence[RuledLadder]) -> RuledLadder | None:
    """The ladder that a claim speaks of: the only one, on its subject if it names one, that has all its levels."""
    fitting = [
        on
        for on in ladders
        if claim.subject in (None, on.subject) and all(level in _levels(on) for level in claim.levels)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _levels(on: RuledLadder) -> tuple[str, ...]:
    return (*on.ladder.levels, UNDECIDED) if on.ladder.strict else on.ladder.levels


def condition_of(claim: Claim, scope: Scope) -> Checked | None:
    """The condition of a claim, `None` where it speaks of every subject. Raises BadInput with all that is wrong."""
    if not claim.when:
        return None
    checked = compile_text(claim.when, claim.place, scope, claim.at)
    if checked.kind is not Kind.BOOL:
        raise BadInput([Problem(claim.place, "a condition must be true or false", found=checked.kind.value)])
    return checked


def judged(claim: Claim, when: Checked | None, on: RuledLadder, inquiry: Inquiry) -> Finding | Proof:
    """What becomes of a claim on this ladder."""
    solver = inquiry.facts.solver
    answers = on.answers()
    named = solver.either(answers[level] for level in claim.levels)
    against = named if claim.negated else solver.negation(named)
    formulas = [against]
    if when is not None:
        truths = on.reading.truths(when.node)
        formulas.append(solver.negation(truths.no) if claim.possibly else truths.yes)
    if claim.unless is not None:
        formulas.append(solver.negation(_formula(claim.unless, on, inquiry)))

    def refutes(case: Case) -> bool:
        truth = value_of(when, case.facts, on.parameters, case.absent) if when is not None else True
        speaks = truth is True or (claim.possibly and truth is None)
        excused = claim.unless is not None and _holds(claim.unless, on, case)
        return speaks and not excused and (on.answer(case) in claim.levels) is claim.negated

    question = f"claim `{claim.id}`"
    settled = solver.ask(*formulas).settled
    if settled is Settled.IMPOSSIBLE:
        inquiry.settled += 1
        return Proof(claim.id, claim.text)
    case = inquiry.shown(question, formulas, refutes) if settled is Settled.POSSIBLE else None
    if case is None:
        message = "neither proven nor refuted within the limits"
        return Finding(Sort.UNPROVEN, on.subject.value, (claim.id,), claim.place, f"{message}: {claim.text}")
    message = f"false, this {on.subject.value} comes to {on.answer(case)}: {claim.text}"
    return Finding(Sort.REFUTED, on.subject.value, (claim.id,), claim.place, message, case)


def _formula(unless: Unless, on: RuledLadder, inquiry: Inquiry) -> Formula:
    solver = inquiry.facts.solver
    match unless.how:
        case "and":
            return solver.both(_formula(part, on, inquiry) for part in unless.parts)
        case "or":
            return solver.either(_formula(part, on, inquiry) for part in unless.parts)
        case "approved":
            return on.given.approved[unless.name]
        case "fires":
            return _found(on, inquiry, unless.name)[0]
        case _:
            waived = [
                solver.both((on.given.waived[rule], solver.either(_found(on, inquiry, rule))))
                for rule in _waivable(unless, on)
            ]
            return solver.either(waived)


def _found(on: RuledLadder, inquiry: Inquiry, rule: str) -> tuple[Formula, Formula]:
    false = inquiry.facts.solver.false
    counted = on.counted.get(rule, (false, false))
    return on.given.true.get(rule, counted[0]), on.given.unknown.get(rule, counted[1])


def _waivable(unless: Unless, on: RuledLadder) -> list[str]:
    """Rules whose waiver is meant."""
    by_role = unless.how == "waived by"
    return [
        rule.id
        for rule in on.rules
        if rule.waivable_by and (rule.waivable_by == unless.name if by_role else unless.name in ("", rule.id))
    ]


def _holds(unless: Unless, on: RuledLadder, case: Case) -> bool:
    match unless.how:
        case "and":
            return all(_holds(part, on, case) for part in unless.parts)
        case "or":
            return any(_holds(part, on, case) for part in unless.parts)
        case "approved":
            return unless.name in case.approved
        case "fires":
            return unless.name in _true(on, case)
        case _:
            return any(rule in case.waived and not on.is_false(rule, case) for rule in _waivable(unless, on))


def _true(on: RuledLadder, case: Case) -> Mapping[str, bool]:
    return {rule.id: True for rule in on.rules if on.is_true(rule.id, case)}
