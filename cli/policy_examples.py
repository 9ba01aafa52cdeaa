"""`policy test`: do the policies' own examples hold, and what do they show of every clause?"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text
from rich.tree import Tree

from cli.answer import NO, YES, answer, as_json, table, working
from cli.named_policies import completed, require_known
from cli.options import here
from cli.values_beneath import values_beneath, words_of
from cli.wording import clause_tree
from engine.conditions.condition_case import clauses_of
from engine.conditions.formulas import evaluate_formula
from engine.coverage import Coverage, coverage_of, percent_of
from engine.examples import Tried, try_examples
from rules.expression.check import Checked
from rules.expression.meaning import Judge, Judged
from rules.expression.term import Op
from rules.kinds import shown
from rules.model.definition import Definition, Formula, Origin
from rules.model.policy import PolicySet, Rule
from rules.versions.uses import uses_in

INDENT = 2
_CONDITION = Origin.CONDITION


@click.command()
@click.argument("names", nargs=-1, metavar="[RULE]...", shell_complete=completed)
@click.option("--min-coverage", type=click.IntRange(0, 100), default=0, metavar="PERCENT", help="Exit 1 below this.")
@as_json
def test(names: tuple[str, ...], min_coverage: int) -> None:
    """Run every example of every rule, in SQL and case by case, and say what no example shows.

    Of all rules, definitions and formulas, or of those named. Coverage counts, of every rule, that it was seen to fire
    and not to; of every clause, that it was seen true, false, and to decide.

    Exit code 1: an example does not hold, or less is covered than --min-coverage asks.

    Example: merestone policy test R02 R07 --min-coverage 90
    """
    policies = here().policies()
    only = _meant(policies, names) if names else None
    with working("trying the examples"):
        tried = try_examples(policies, only=only)
        covered = [c for c in coverage_of(policies, tried) if not names or c.name in names]
    failed = [t for t in tried if not t.holds]
    percent = percent_of(covered)
    document = {
        "examples": [_tried_document(t, policies) for t in tried],
        "failed": len(failed),
        "coverage": {"percent": percent, "wanted": min_coverage, "of": [_coverage_document(c) for c in covered]},
    }

    def words(out: Console) -> None:
        for t in failed:
            _show_failed(out, t, policies)
        _show_uncovered(out, covered)
        _show_counts(out, tried, len(failed))
        low = percent < min_coverage
        line = f"coverage {percent} %: {_counted(covered)}"
        if covered:
            out.print(Text(f"{line}; wanted {min_coverage} %", style="red") if low else line)

    answer("policy-test", document, words, NO if failed or percent < min_coverage else YES)


def _meant(policies: PolicySet, names: Collection[str]) -> frozenset[str]:
    """What is named, and the rules that ask a named condition: they try it. Raises BadInput for unknown names."""
    able = [
        *(r.id for r in policies.rules()),
        *(d.name for p in policies.policies for d in p.definitions),
        *(f.name for p in policies.policies for f in p.formulas),
    ]
    require_known(names, able, "rule, definition or formula")
    conditions = {d.name for d in policies.definitions() if d.origin is _CONDITION}
    uses = uses_in(policies)
    asking = [u.name for name in names if name in conditions for u in uses.get(name, ()) if u.how != "message"]
    return frozenset((*names, *asking))


def _tried_document(tried: Tried, policies: PolicySet) -> dict[str, Any]:
    return {
        "rule": tried.name,
        "name": tried.example.name,
        "place": str(tried.example.place),
        "expected": tried.expected,
        "answer": tried.answer,
        "agrees": tried.agrees,
        "holds": tried.holds,
        **({} if tried.holds else {"values": _values(tried, policies)}),
    }


def _values(tried: Tried, policies: PolicySet) -> list[dict[str, str]]:
    """Every part of what was tried with its value, in order."""
    judge = Judge(tried.case, tried.parameters)
    found: dict[tuple[str, str], None] = {}
    for checked in _conditions(tried, policies):
        waiting: list[Judged] = [judge.judged(checked.node)]
        while waiting:
            judged = waiting.pop()
            if judged.term.op is not Op.LITERAL:
                found[judged.term.text, words_of(judged, policies.minor_digits)] = None
            waiting.extend(reversed(judged.parts))
    return [{"text": text, "value": value} for text, value in found]


def _coverage_document(covered: Coverage) -> dict[str, Any]:
    return {
        "what": covered.what,
        "name": covered.name,
        "place": str(covered.place),
        "examples": covered.examples,
        "percent": covered.percent,
        "fires": covered.fires,
        "silent": covered.silent,
        "clauses": [{"text": c.text, "true": c.true, "false": c.false, "decided": c.decided} for c in covered.clauses],
    }


def _conditions(tried: Tried, policies: PolicySet) -> tuple[Checked, ...]:
    """The expressions that made the answer of a rule or definition; of a count, those of its indicators."""
    of = tried.of
    if isinstance(of, Definition):
        return (of.checked,)
    if isinstance(of, Formula):
        return ()
    if of.count is None:
        return (of.when,) if of.when else ()
    return tuple(r.when for r in policies.rules() if r.group == of.count.group and r.subject is of.subject and r.when)


def _show_failed(out: Console, tried: Tried, policies: PolicySet) -> None:
    why = "" if tried.agrees else "; SQL and case disagree"
    out.print(Text.assemble((tried.name, "bold"), f" {tried.example.name}"))
    out.print(
        Text.assemble(
            f"  {tried.example.place}: expected ",
            (tried.expected, "green"),
            ", the answer is ",
            (tried.answer, "red"),
            why,
        )
    )
    drawn: dict[str, None] = {}
    for checked in _conditions(tried, policies):
        _draw(out, checked, tried, policies, drawn)
    if isinstance(tried.of, Formula):
        for line in evaluate_formula(tried.of, tried.case, tried.parameters):
            value = shown(line.value, line.kind, line.unit, minor_digits=policies.minor_digits, of=line.clause.of)
            out.print(Text.assemble(f"  {line.name} = {line.formula} = ", (value, "cyan")))
    out.print()


def _draw(out: Console, checked: Checked, tried: Tried, policies: PolicySet, drawn: dict[str, None]) -> None:
    """An expression with its values beneath, then each condition that it names; a tree where its text is another's."""
    of = tried.of
    put_together = (isinstance(of, Rule) and of.scopes) or (isinstance(of, Definition) and of.origin is not _CONDITION)
    lines = (
        ()
        if put_together and checked is _conditions(tried, policies)[0]
        else values_beneath(
            checked, Judge(tried.case, tried.parameters), out.width - INDENT - 12, policies.minor_digits
        )
    )
    if not lines:
        tree = Tree("", guide_style="dim", hide_root=True)
        clause_tree(tree, clauses_of(checked, tried.case, tried.parameters), policies.minor_digits)
        out.print(Padding(tree, (0, 0, 0, INDENT)))
        return
    for line in lines:
        out.print(Text(" " * INDENT).append_text(line), no_wrap=True, overflow="ellipsis")
    named = {t.name for t in checked.node.walk() if t.op is Op.DEFINITION}
    for definition in policies.definitions(tried.of.subject):
        if definition.name in named and definition.name not in drawn and definition.origin is _CONDITION:
            drawn[definition.name] = None
            out.print(Text.assemble("  where ", (definition.name, "bold"), " is"))
            _draw(out, definition.checked, tried, policies, drawn)


def _show_uncovered(out: Console, covered: Sequence[Coverage]) -> None:
    rows: list[tuple[str | Text, ...]] = []
    for c in covered:
        whole = [word for word, seen in (("never true", c.fires), ("never false", c.silent)) if not seen]
        lacking = [("as a whole", whole)] if whole else []
        lacking += [(clause.text, list(clause.unseen)) for clause in c.clauses if clause.unseen]
        for i, (text, what) in enumerate(lacking):
            head = (c.name, f"{c.percent} %") if not i else ("", "")
            rows.append((*head, text, Text(", ".join(what), style="yellow")))
    if rows:
        out.print(
            table("Not shown by any example", ("what", "shown", "clause", "which is"), rows, right=(1,), whole=(0,))
        )
        out.print()


def _show_counts(out: Console, tried: Sequence[Tried], failed: int) -> None:
    named: Mapping[str, Collection[str]] = {
        word: {t.name for t in tried if isinstance(t.of, kind)}
        for word, kind in (("rule", Rule), ("definition", Definition), ("formula", Formula))
    }
    of = ", ".join(f"{len(names)} {word}{'' if len(names) == 1 else 's'}" for word, names in named.items() if names)
    line = f"{len(tried)} example{'' if len(tried) == 1 else 's'} of {of or 'nothing'}"
    out.print(f"{line}: {len(tried) - failed} hold, {failed} do not")


def _counted(covered: Sequence[Coverage]) -> str:
    rules = sum(c.what == "rule" for c in covered)
    clauses = sum(len(c.clauses) for c in covered)
    return f"{rules} rule{'' if rules == 1 else 's'} and {clauses} clause{'' if clauses == 1 else 's'}"
