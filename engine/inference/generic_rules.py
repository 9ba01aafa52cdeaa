"""The rules of inference themselves, as data: what follows from findings, whatever the policy says.

A policy adds no rule here. It is a set of relations (`logic.Logic`) that become facts; these rules join them
with the findings of one pattern. Only a counting rule adds two of its own, and a quorum of roles one, because a
threshold is part of a rule's shape. Negation is sound because facts arrive in stages: `facts`, `counted`, one `rank`
after the other, `answer`. engine.inference.stratification checks that they do.
"""

from collections.abc import Iterable

from engine.inference.generic_rule import GenericRule, Leaf, none, some, then

TRUE, UNKNOWN, POSSIBLE = "true", "unknown", "possible"

_AT_TOP = some("p", "stage", stage="answer")

GENERIC_RULES: tuple[GenericRule, ...] = (
    GenericRule("echo", "the whole batch arrived", (some("p", "end"),)),
    GenericRule("begun", "a stage began", (some("p", "stage"),)),
    GenericRule(
        "waived",
        "a waiver defeats the rule it names, be its condition true or unknown",
        (some("w", "waiver"), some("f", "finding", rule="w.of")),
        (then("waived", of="w.of", by="w.waiver"),),
    ),
    GenericRule(
        "effective",
        "a rule that is found and that neither a waiver nor a rule defeats is effective",
        (
            some("p", "stage", stage="rank"),
            some("f", "finding", rank="p.rank"),
            none("w", "waived", of="f.rule"),
            none("d", "defeated", of="f.rule"),
        ),
        (then("effective", rule="f.rule", truth="f.truth", effect="f.effect"),),
    ),
    GenericRule(
        "defeat",
        "an effective rule that is true defeats the rules it names",
        (some("e", "effective", truth=TRUE), some("d", "defeats", by="e.rule"), some("f", "finding", rule="d.of")),
        (then("defeated", of="d.of", by="d.by"),),
    ),
    GenericRule(
        "contested",
        "an effective rule that is unknown contests the effective rules it names",
        (
            some("e", "effective", truth=UNKNOWN),
            some("d", "defeats", by="e.rule"),
            some("t", "effective", rule="d.of"),
        ),
        (then("contested", of="d.of", by="d.by"),),
    ),
    GenericRule(
        "veto",
        "a defeat by a rule whose defeats are vetoes is one",
        (some("d", "defeated"), some("v", "vetoes", rule="d.by")),
        (then("veto", by="d.by", of="d.of"),),
    ),
    GenericRule(
        "counted_true",
        "a counting rule is true when enough indicators are true",
        (
            some("p", "stage", stage="counted"),
            some("n", "reached", truth=TRUE),
            some("c", "counter", rule="n.rule"),
        ),
        (then("finding", rule="c.rule", truth=TRUE, effect="c.effect", rank="c.rank"),),
    ),
    GenericRule(
        "counted_unknown",
        "a counting rule is unknown when only true and unknown indicators together are enough",
        (
            some("p", "stage", stage="counted"),
            some("n", "reached", truth=POSSIBLE),
            some("c", "counter", rule="n.rule"),
            none("t", "reached", rule="n.rule", truth=TRUE),
        ),
        (then("finding", rule="c.rule", truth=UNKNOWN, effect="c.effect", rank="c.rank"),),
    ),
    GenericRule(
        "level",
        "an effective rule reaches the levels that its effect means",
        (some("e", "effective"), some("m", "means", effect="e.effect", truth="e.truth")),
        (
            then("level", ladder="m.ladder", level="m.level"),
            then("support", ladder="m.ladder", level="m.level", rule="e.rule"),
        ),
    ),
    GenericRule(
        "granted",
        "a role that approved has approved every rule that needs it and has a quorum",
        (some("q", "quorum"), some("n", "needs_role", rule="q.rule"), some("a", "approved", role="n.role")),
        (then("granted", rule="n.rule", role="n.role"),),
    ),
    GenericRule(
        "missing",
        "a role that an effective rule needs, and that has not approved, is missing unless enough others have",
        (
            some("e", "effective"),
            some("n", "needs_role", rule="e.rule"),
            none("a", "approved", role="n.role"),
            none("g", "agreed", rule="n.rule"),
        ),
        (then("missing", rule="n.rule", role="n.role", ladder="n.ladder", level="n.level"),),
    ),
    GenericRule(
        "missing_level",
        "while a role is missing its rule reaches the level of the need",
        (some("m", "missing"),),
        (
            then("level", ladder="m.ladder", level="m.level"),
            then("support", ladder="m.ladder", level="m.level", rule="m.rule"),
        ),
    ),
    GenericRule(
        "owed",
        "an effective rule that is true makes owed what it carries",
        (some("e", "effective", truth=TRUE), some("o", "carries", rule="e.rule")),
        (then("owed", rule="o.rule", obligation="o.obligation", how="o.how"),),
    ),
    GenericRule(
        "owed_unknown",
        "an effective rule that is unknown makes owed what it requires, not what it advises",
        (some("e", "effective", truth=UNKNOWN), some("o", "carries", rule="e.rule", how="require")),
        (then("owed", rule="o.rule", obligation="o.obligation", how="o.how"),),
    ),
    GenericRule(
        "open",
        "an effective rule that is unknown is open",
        (some("e", "effective", truth=UNKNOWN),),
        (then("open", rule="e.rule"),),
    ),
    GenericRule(
        "may",
        "an effective rule that is unknown may turn out true and reach what its effect then means",
        (some("e", "effective", truth=UNKNOWN), some("m", "means", effect="e.effect", truth=TRUE)),
        (then("may", ladder="m.ladder", level="m.level", rule="e.rule"),),
    ),
    GenericRule(
        "said",
        "an effective rule that is true says what it says",
        (some("e", "effective", truth=TRUE), some("s", "says", rule="e.rule")),
        (then("said", question="s.question", value="s.value", rule="s.rule"),),
    ),
    GenericRule(
        "conflict",
        "two rules that say different things about one question are in conflict",
        (
            some("a", "said"),
            some("b", "said", Leaf("value", "$neq", "a.value"), Leaf("rule", "$gt", "a.rule"), question="a.question"),
        ),
        (then("conflict", question="a.question", rule="a.rule", other="b.rule"),),
    ),
    GenericRule(
        "conflict_level",
        "a conflict on a question reaches the levels of its dispute, because of both rules",
        (some("c", "conflict"), some("d", "disputed", question="c.question")),
        (
            then("level", ladder="d.ladder", level="d.level"),
            then("support", ladder="d.ladder", level="d.level", rule="c.rule"),
            then("support", ladder="d.ladder", level="d.level", rule="c.other"),
        ),
    ),
    GenericRule(
        "start",
        "an effective rule starts its acts",
        (some("e", "effective"), some("s", "starts", rule="e.rule", truth="e.truth")),
        (then("act", act="s.act"),),
    ),
    GenericRule(
        "step",
        "an act leads to the next unless it was answered",
        (some("a", "act"), some("l", "leads", act="a.act"), none("n", "answered", condition="l.unless")),
        (then("act", act="l.to"),),
    ),
    GenericRule(
        "top",
        "the highest level reached is a ladder's answer",
        (_AT_TOP, some("l", "level"), none("h", "level", Leaf("level", "$gt", "l.level"), ladder="l.ladder")),
        (then("top", ladder="l.ladder", level="l.level"),),
    ),
    GenericRule(
        "default",
        "a ladder that is not strict answers level 0 when nothing is reached",
        (_AT_TOP, some("g", "ladder", strict=0), none("l", "level", ladder="g.ladder")),
        (then("top", ladder="g.ladder", level=0),),
    ),
    GenericRule(
        "default_strict",
        "a strict ladder answers level 0 when nothing is reached and nothing may be",
        (
            _AT_TOP,
            some("g", "ladder", strict=1),
            none("l", "level", ladder="g.ladder"),
            none("m", "may", ladder="g.ladder"),
        ),
        (then("top", ladder="g.ladder", level=0),),
    ),
    GenericRule(
        "undecided",
        "a strict ladder is undecided when nothing is reached but an unknown rule may reach a level",
        (
            _AT_TOP,
            some("g", "ladder", strict=1),
            some("m", "may", ladder="g.ladder"),
            none("l", "level", ladder="g.ladder"),
        ),
        (then("top", ladder="g.ladder", level=-1),),
    ),
    GenericRule(
        "may_rise",
        "an unknown rule may raise the answer to a level above all that are reached",
        (_AT_TOP, some("m", "may"), none("l", "level", Leaf("level", "$gte", "m.level"), ladder="m.ladder")),
        (then("may_rise", ladder="m.ladder", level="m.level", rule="m.rule"),),
    ),
    GenericRule(
        "reason",
        "the rules that reach the answered level are its reasons",
        (some("t", "top"), some("s", "support", ladder="t.ladder", level="t.level")),
        (then("reason", ladder="s.ladder", rule="s.rule"),),
    ),
)


def counting_rules(rule: int, group: int, at_least: int) -> tuple[GenericRule, GenericRule]:
    """The two rules of a counting rule: enough indicators of the group are true; enough are true or unknown."""
    start = some("p", "stage", stage="facts")
    return (
        GenericRule(
            f"count_true/{rule}",
            f"at least {at_least} indicators of its group are true",
            (start, some("h", "hit", group=group, truth=TRUE)),
            (then("reached", rule=rule, truth=TRUE),),
            at_least,
        ),
        GenericRule(
            f"count_possible/{rule}",
            f"at least {at_least} indicators of its group are true or unknown",
            (start, some("h", "hit", group=group)),
            (then("reached", rule=rule, truth=POSSIBLE),),
            at_least,
        ),
    )


def quorum_rule(rule: int, needed: int) -> GenericRule:
    """The rule of a quorum: enough of a rule's roles approved it."""
    return GenericRule(
        f"quorum/{rule}",
        f"{needed} of its roles approved it",
        (some("p", "granted", rule=rule),),
        (then("agreed", rule=rule),),
        needed,
    )


def stages(ranks: Iterable[int], *, counted: bool) -> tuple[tuple[str, int], ...]:
    """The stages in which facts arrive, as (name, rank), each asserted when nothing more follows from those before.

    All given facts come with the first. `ranks` are those of the rules that may be found; `counted`: with hits.
    """
    return (("facts", 0), *([("counted", 0)] if counted else []), *(("rank", n) for n in sorted(ranks)), ("answer", 0))
