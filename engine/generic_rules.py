"""The rules of inference themselves, as data: what follows from findings, whatever the policy says.

A policy adds no rule here. It is a set of relations (`engine.logic.Logic`) that become facts; these rules join them
with the findings of one pattern. Only a counting rule adds two of its own, because a threshold is part of a rule's
shape. A rule has matches in order (a negated one says that there is no such fact) and heads, the facts it concludes.
Negation is sound because facts arrive in stages: `facts`, `counted`, one `rank` after the other, `answer`.
engine.stratification checks that they do.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Term = int | str
"""A constant, or with a point in it a field of an earlier match: `f.rule`. Constant words never hold a point."""

TRUE, UNKNOWN, POSSIBLE = "true", "unknown", "possible"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison of a field with a term. `operator` is empty for equality, else the engine's own word for it."""

    field: str
    operator: str
    term: Term


@dataclass(frozen=True, slots=True)
class Match:
    """A fact of a kind that must be there or, negated, must not; later matches speak of it by its alias."""

    alias: str
    kind: str
    leaves: tuple[Leaf, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """A fact to conclude: each field a constant or copied from the match."""

    kind: str
    fields: Mapping[str, Term]


@dataclass(frozen=True, slots=True)
class GenericRule:
    """`count` is the number of matches that make it fire once; `None`: each match is a firing."""

    name: str
    """Unique; of a counting rule with its number after a slash."""
    meaning: str
    matches: tuple[Match, ...]
    heads: tuple[Head, ...] = ()
    count: int | None = None


def _some(alias: str, kind: str, *leaves: Leaf, **equal: Term) -> Match:
    return Match(alias, kind, (*(Leaf(f, "", t) for f, t in equal.items()), *leaves))


def _none(alias: str, kind: str, *leaves: Leaf, **equal: Term) -> Match:
    return Match(alias, kind, (*(Leaf(f, "", t) for f, t in equal.items()), *leaves), negated=True)


def _then(kind: str, **fields: Term) -> Head:
    return Head(kind, fields)


_AT_TOP = _some("p", "stage", stage="answer")

GENERIC_RULES: tuple[GenericRule, ...] = (
    GenericRule("echo", "the whole batch arrived", (_some("p", "end"),)),
    GenericRule("begun", "a stage began", (_some("p", "stage"),)),
    GenericRule(
        "waived",
        "a waiver defeats the rule it names, be its condition true or unknown",
        (_some("w", "waiver"), _some("f", "finding", rule="w.of")),
        (_then("waived", of="w.of", by="w.waiver"),),
    ),
    GenericRule(
        "effective",
        "a rule that is found and that neither a waiver nor a rule defeats is effective",
        (
            _some("p", "stage", stage="rank"),
            _some("f", "finding", rank="p.rank"),
            _none("w", "waived", of="f.rule"),
            _none("d", "defeated", of="f.rule"),
        ),
        (_then("effective", rule="f.rule", truth="f.truth", effect="f.effect"),),
    ),
    GenericRule(
        "defeat",
        "an effective rule that is true defeats the rules it names",
        (_some("e", "effective", truth=TRUE), _some("d", "defeats", by="e.rule"), _some("f", "finding", rule="d.of")),
        (_then("defeated", of="d.of", by="d.by"),),
    ),
    GenericRule(
        "contested",
        "an effective rule that is unknown contests the effective rules it names",
        (
            _some("e", "effective", truth=UNKNOWN),
            _some("d", "defeats", by="e.rule"),
            _some("t", "effective", rule="d.of"),
        ),
        (_then("contested", of="d.of", by="d.by"),),
    ),
    GenericRule(
        "veto",
        "a defeat by a rule whose defeats are vetoes is one",
        (_some("d", "defeated"), _some("v", "vetoes", rule="d.by")),
        (_then("veto", by="d.by", of="d.of"),),
    ),
    GenericRule(
        "counted_true",
        "a counting rule is true when enough indicators are true",
        (
            _some("p", "stage", stage="counted"),
            _some("n", "reached", truth=TRUE),
            _some("c", "counter", rule="n.rule"),
        ),
        (_then("finding", rule="c.rule", truth=TRUE, effect="c.effect", rank="c.rank"),),
    ),
    GenericRule(
        "counted_unknown",
        "a counting rule is unknown when only true and unknown indicators together are enough",
        (
            _some("p", "stage", stage="counted"),
            _some("n", "reached", truth=POSSIBLE),
            _some("c", "counter", rule="n.rule"),
            _none("t", "reached", rule="n.rule", truth=TRUE),
        ),
        (_then("finding", rule="c.rule", truth=UNKNOWN, effect="c.effect", rank="c.rank"),),
    ),
    GenericRule(
        "level",
        "an effective rule reaches the levels that its effect means",
        (_some("e", "effective"), _some("m", "means", effect="e.effect", truth="e.truth")),
        (
            _then("level", ladder="m.ladder", level="m.level"),
            _then("support", ladder="m.ladder", level="m.level", rule="e.rule"),
        ),
    ),
    GenericRule(
        "missing",
        "a role that an effective rule needs, and that has not approved, is missing",
        (_some("e", "effective"), _some("n", "needs_role", rule="e.rule"), _none("a", "approved", role="n.role")),
        (_then("missing", rule="n.rule", role="n.role", ladder="n.ladder", level="n.level"),),
    ),
    GenericRule(
        "missing_level",
        "while a role is missing its rule reaches the level of the need",
        (_some("m", "missing"),),
        (
            _then("level", ladder="m.ladder", level="m.level"),
            _then("support", ladder="m.ladder", level="m.level", rule="m.rule"),
        ),
    ),
    GenericRule(
        "owed",
        "an effective rule that is true makes owed what it carries",
        (_some("e", "effective", truth=TRUE), _some("o", "carries", rule="e.rule")),
        (_then("owed", rule="o.rule", obligation="o.obligation", how="o.how"),),
    ),
    GenericRule(
        "owed_unknown",
        "an effective rule that is unknown makes owed what it requires, not what it advises",
        (_some("e", "effective", truth=UNKNOWN), _some("o", "carries", rule="e.rule", how="require")),
        (_then("owed", rule="o.rule", obligation="o.obligation", how="o.how"),),
    ),
    GenericRule(
        "open",
        "an effective rule that is unknown is open",
        (_some("e", "effective", truth=UNKNOWN),),
        (_then("open", rule="e.rule"),),
    ),
    GenericRule(
        "may",
        "an effective rule that is unknown may turn out true and reach what its effect then means",
        (_some("e", "effective", truth=UNKNOWN), _some("m", "means", effect="e.effect", truth=TRUE)),
        (_then("may", ladder="m.ladder", level="m.level", rule="e.rule"),),
    ),
    GenericRule(
        "said",
        "an effective rule that is true says what it says",
        (_some("e", "effective", truth=TRUE), _some("s", "says", rule="e.rule")),
        (_then("said", question="s.question", value="s.value", rule="s.rule"),),
    ),
    GenericRule(
        "conflict",
        "two rules that say different things about one question are in conflict",
        (
            _some("a", "said"),
            _some("b", "said", Leaf("value", "$neq", "a.value"), Leaf("rule", "$gt", "a.rule"), question="a.question"),
        ),
        (_then("conflict", question="a.question", rule="a.rule", other="b.rule"),),
    ),
    GenericRule(
        "start",
        "an effective rule starts its acts",
        (_some("e", "effective"), _some("s", "starts", rule="e.rule", truth="e.truth")),
        (_then("act", act="s.act"),),
    ),
    GenericRule(
        "step",
        "an act leads to the next unless it was answered",
        (_some("a", "act"), _some("l", "leads", act="a.act"), _none("n", "answered", condition="l.unless")),
        (_then("act", act="l.to"),),
    ),
    GenericRule(
        "top",
        "the highest level reached is a ladder's answer",
        (_AT_TOP, _some("l", "level"), _none("h", "level", Leaf("level", "$gt", "l.level"), ladder="l.ladder")),
        (_then("top", ladder="l.ladder", level="l.level"),),
    ),
    GenericRule(
        "default",
        "a ladder that is not strict answers level 0 when nothing is reached",
        (_AT_TOP, _some("g", "ladder", strict=0), _none("l", "level", ladder="g.ladder")),
        (_then("top", ladder="g.ladder", level=0),),
    ),
    GenericRule(
        "default_strict",
        "a strict ladder answers level 0 when nothing is reached and nothing may be",
        (
            _AT_TOP,
            _some("g", "ladder", strict=1),
            _none("l", "level", ladder="g.ladder"),
            _none("m", "may", ladder="g.ladder"),
        ),
        (_then("top", ladder="g.ladder", level=0),),
    ),
    GenericRule(
        "undecided",
        "a strict ladder is undecided when nothing is reached but an unknown rule may reach a level",
        (
            _AT_TOP,
            _some("g", "ladder", strict=1),
            _some("m", "may", ladder="g.ladder"),
            _none("l", "level", ladder="g.ladder"),
        ),
        (_then("top", ladder="g.ladder", level=-1),),
    ),
    GenericRule(
        "may_rise",
        "an unknown rule may raise the answer to a level above all that are reached",
        (_AT_TOP, _some("m", "may"), _none("l", "level", Leaf("level", "$gte", "m.level"), ladder="m.ladder")),
        (_then("may_rise", ladder="m.ladder", level="m.level", rule="m.rule"),),
    ),
    GenericRule(
        "reason",
        "the rules that reach the answered level are its reasons",
        (_some("t", "top"), _some("s", "support", ladder="t.ladder", level="t.level")),
        (_then("reason", ladder="s.ladder", rule="s.rule"),),
    ),
)


def counting_rules(rule: int, group: int, at_least: int) -> tuple[GenericRule, GenericRule]:
    """The two rules of a counting rule: enough indicators of the group are true; enough are true or unknown."""
    start = _some("p", "stage", stage="facts")
    return (
        GenericRule(
            f"count_true/{rule}",
            f"at least {at_least} indicators of its group are true",
            (start, _some("h", "hit", group=group, truth=TRUE)),
            (_then("reached", rule=rule, truth=TRUE),),
            at_least,
        ),
        GenericRule(
            f"count_possible/{rule}",
            f"at least {at_least} indicators of its group are true or unknown",
            (start, _some("h", "hit", group=group)),
            (_then("reached", rule=rule, truth=POSSIBLE),),
            at_least,
        ),
    )


def stages(ranks: Iterable[int], *, counted: bool) -> tuple[tuple[str, int], ...]:
    """The stages in which facts arrive, as (name, rank), each asserted when nothing more follows from those before.

    All given facts come with the first. `ranks` are those of the rules that may be found; `counted`: with hits.
    """
    return (("facts", 0), *([("counted", 0)] if counted else []), *(("rank", n) for n in sorted(ranks)), ("answer", 0))


def referred(term: Term) -> tuple[str, str] | None:
    """The alias and field that a term refers to; `None` for a constant."""
    if isinstance(term, str) and "." in term:
        alias, _, field = term.partition(".")
        return alias, field
    return None
