"""What is wrong with the policies, whatever the facts? Every question of the analysis, in order, within a budget.

The analysis looks at the rules and definitions in force on one day, with the parameters of that day. It takes facts to
be independent of each other and people to be free to waive and approve whatever the rules let them. A finding that
shows a case is borne out by evaluating that case; a claim that is proven holds for every subject; what was not settled
is listed as left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from engine.analysis.claims import claim_problems, condition_of, judged, ladder_of_claim, scope_on
from engine.analysis.definitions import definition_findings
from engine.analysis.finding import Analysis, Finding, LeftOut, Proof, Summary, summary_of
from engine.analysis.inquiry import Inquiry
from engine.analysis.ladder import RuledLadder, ladders_of, ruled
from engine.analysis.rules import rule_findings
from engine.analysis.versions import version_findings
from engine.inference.ladders import relation_problems
from rules.model.policy import PolicySet, Rule
from rules.model.rule_kind import Mode
from rules.problem import BadInput, Problem
from rules.proof.claim import Claim
from rules.proof.solver import Budget, Solver
from rules.proof.solver_facts import Facts
from rules.reading.load import in_force
from rules.vocabulary import Field, Subject


@dataclass(slots=True)
class _Gathered:
    """What has been found so far."""

    findings: list[Finding]
    left_out: list[LeftOut]
    proven: list[Proof]
    settled: int = 0

    def take(self, findings: Iterator[Finding], inquiry: Inquiry) -> None:
        self.findings.extend(findings)
        self.left_out.extend(inquiry.left_out)
        self.settled += inquiry.settled


def analyse(
    policies: PolicySet,
    day: date,
    budget: Budget,
    *,
    earlier: PolicySet | None = None,
    claims: Sequence[Claim] = (),
) -> Analysis:
    """Findings on the policies in force on a day, on what changed since an `earlier` version, and on claims.

    Raises BadInput where a claim names what is not there, and where rules defeat each other in a circle. Claims come
    first, then versions: they were asked for by name, and the budget may not last for everything.
    """
    problems = [p for version in (policies, earlier) if version is not None for p in relation_problems(version)]
    if problems:
        raise BadInput(problems)
    gathered = _Gathered([], [], [])
    on_day = ladders_of(policies, day)
    _judge_claims(policies, on_day, day, budget, claims, gathered)
    if earlier is not None:
        _compare(earlier, policies, day, budget, gathered)
    for (subject, _), rules in on_day.items():
        inquiry = _inquiry(subject, rules, [policies], day, budget)
        on = ruled(inquiry.facts, rules, policies, day)
        gathered.take(rule_findings(on, inquiry, policies.minor_digits), inquiry)
        gathered.left_out.extend(_unmodelled(on))
    for subject in Subject:
        definitions = policies.definitions(subject)
        if definitions:
            inquiry = _inquiry(subject, (), [policies], day, budget)
            gathered.take(definition_findings(definitions, in_force(policies, day), inquiry), inquiry)
    gathered.left_out.extend(
        LeftOut(f"rule `{rule.id}`", "in `report` mode: it changes no answer")
        for rule in policies.rules(day=day)
        if rule.mode is Mode.REPORT
    )
    later = len(policies.rules()) - len(policies.rules(day=day))
    if later:
        gathered.left_out.append(
            LeftOut(f"{later} rule{'' if later == 1 else 's'}", f"not in force on {day.isoformat()}")
        )
    return Analysis(
        policies.sha256,
        day,
        tuple(gathered.findings),
        tuple(dict.fromkeys(gathered.left_out)),
        tuple(gathered.proven),
        gathered.settled,
    )


def analysis_summary(policies: PolicySet, day: date) -> Summary:
    """What a publication says of the analysis: the same on every machine, for no clock limits it."""
    return summary_of(analyse(policies, day, Budget()))


def fields_by_subject(*versions: PolicySet) -> Mapping[str, Mapping[str, Field]]:
    """Subject to the facts that its cases may name."""
    return {
        subject.value: {name: field for policies in versions for name, field in policies.fields(subject).items()}
        for subject in Subject
    }


def _inquiry(
    subject: Subject, rules: Sequence[Rule], versions: Sequence[PolicySet], day: date, budget: Budget
) -> Inquiry:
    """A conversation about one subject, in which nothing is assumed yet."""
    fields = fields_by_subject(*versions)[subject.value]
    facts = Facts(Solver(budget), frozenset(n for n, f in fields.items() if f.optional), day)
    waivers = frozenset(rule.id for rule in rules if rule.waivable_by)
    return Inquiry(facts, waivers, frozenset(role for rule in rules for role in rule.roles))


def _judge_claims(
    policies: PolicySet,
    on_day: Mapping[tuple[Subject, str], tuple[Rule, ...]],
    day: date,
    budget: Budget,
    claims: Sequence[Claim],
    gathered: _Gathered,
) -> None:
    problems: list[Problem] = []
    todo = []
    known = []
    for (subject, _), rules in on_day.items() if claims else ():
        inquiry = _inquiry(subject, rules, [policies], day, budget)
        known.append((ruled(inquiry.facts, rules, policies, day), inquiry))
    for claim in claims:
        on = ladder_of_claim(claim, [ladder for ladder, _ in known])
        problems += claim_problems(claim, on, [ladder for ladder, _ in known])
        if on is not None:
            try:
                when = condition_of(claim, scope_on(policies, on.subject))
                todo.append((claim, when, on, next(inquiry for ladder, inquiry in known if ladder is on)))
            except BadInput as refused:
                problems += refused.problems
    if problems:
        raise BadInput(problems)
    for claim, when, on, inquiry in todo:
        found = judged(claim, when, on, inquiry)
        if isinstance(found, Proof):
            gathered.proven.append(found)
        else:
            gathered.findings.append(found)
    for _, inquiry in known:
        gathered.take(iter(()), inquiry)


def _compare(earlier: PolicySet, later: PolicySet, day: date, budget: Budget, gathered: _Gathered) -> None:
    before, now = ladders_of(earlier, day), ladders_of(later, day)
    for key in dict.fromkeys((*before, *now)):
        rules = (*before.get(key, ()), *now.get(key, ()))
        inquiry = _inquiry(key[0], rules, [earlier, later], day, budget)
        old = ruled(inquiry.facts, before[key], earlier, day) if key in before else None
        new = ruled(inquiry.facts, now[key], later, day) if key in now else None
        gathered.take(version_findings(old, new, inquiry), inquiry)


def _unmodelled(on: RuledLadder) -> Iterator[LeftOut]:
    """Parts of conditions that the analysis takes to be possible in any way."""
    for rule in on.rules:
        for text in on.reading.left_out(rule.when.node) if rule.when else ():
            yield LeftOut(f"`{text}` in `{rule.id}`", "taken as possible in any way")
