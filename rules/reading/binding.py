"""Which rules apply only in some regions or segments, or in another mode? Bindings as written, put onto the rules.

bindings:
  - {rules: [R11], region: [EMEA], mode: report}
  - {tags: [pilot], mode: report}

A rule bound to several scopes applies in each of them; one that is never bound to a scope applies everywhere. Where a
subject's region is unknown, so is the condition of a rule that is bound to a region.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rules.expression.check import Checked
from rules.expression.lowering import all_of, any_of
from rules.expression.term import Op, present_if
from rules.model.extent import EXTENT_FACTS, lacking, lies_in
from rules.model.parameter import Extent
from rules.model.policy import Binding, Rule
from rules.model.rule_kind import Mode
from rules.problem import BadInput, Place, Problem, nearest
from rules.reading.declaration_shapes import BindingShape
from rules.reading.parameter import read_extent
from rules.reading.reader import Reader
from rules.reading.shapes import RuleShape
from rules.reading.yaml_source import Path


def read_binding(reader: Reader, shape: BindingShape, rules: Mapping[str, RuleShape], path: Path) -> Binding | None:
    """One binding with the ids of its rules, `rules` being those of all files. The reader holds what is wrong."""
    before = len(reader.problems)
    extent = read_extent(reader, shape.region, shape.segment, path)
    if not (shape.rules or shape.tags):
        reader.refuse(path, "a binding names no rule", expected="`rules:`, `tags:` or both")
    if not (shape.region or shape.segment or shape.mode):
        reader.refuse(path, "a binding says nothing", expected="`region:`, `segment:` or `mode:`")
    for i, name in enumerate(shape.rules):
        if name not in rules:
            reader.refuse((*path, "rules", i), f"there is no rule `{name}`", hint=nearest(name, rules))
        elif name in shape.rules[:i]:
            reader.refuse((*path, "rules", i), f"rule `{name}` stands twice")
    tags = {tag for rule in rules.values() for tag in rule.tags}
    for i, tag in enumerate(shape.tags):
        if tag not in tags:
            reader.refuse((*path, "tags", i), f"no rule has the tag `{tag}`", hint=nearest(tag, tuple(sorted(tags))))
    tagged = [name for name, rule in rules.items() if set(rule.tags) & set(shape.tags)]
    bound = tuple(dict.fromkeys((*(n for n in shape.rules if n in rules), *tagged)))
    for name in bound:
        _refuse_unboundable(reader, name, rules[name], extent, path)
    if len(reader.problems) > before:
        return None
    return Binding(bound, extent, shape.mode, reader.document.place(path))


def _refuse_unboundable(reader: Reader, name: str, rule: RuleShape, extent: Extent, path: Path) -> None:
    lacks = lacking(extent, rule.subject, reader.scope(rule.subject).fields)
    if lacks:
        able = [s.value for s in EXTENT_FACTS if not lacking(extent, s, reader.scope(s).fields)]
        hint = f"only rules on {', '.join(able)} can be bound so" if able else ""
        reader.refuse(path, f"rule `{name}` is on a {rule.subject.value}, which has no {lacks}", hint=hint)
    elif rule.count is not None and (extent.regions or extent.segments):
        group = rule.count.group
        hint = f"bind the indicators of `{group}`: what they do not find is not counted"
        reader.refuse(path, f"rule `{name}` only counts, and has no condition to bind", hint=hint)


@dataclass(frozen=True, slots=True)
class Bound:
    """A binding with the reader of its file."""

    reader: Reader
    binding: Binding


def with_bindings(rules: Sequence[Rule], bound: Sequence[Bound]) -> tuple[Rule, ...]:
    """The rules with their scopes in front of their conditions, and their modes. Bindings that disagree on the mode of
    a rule are refused at the later one.
    """
    by_rule: dict[str, list[Bound]] = {}
    for each in bound:
        for name in each.binding.rules:
            by_rule.setdefault(name, []).append(each)
    return tuple(_with(rule, by_rule[rule.id]) if rule.id in by_rule else rule for rule in rules)


def _with(rule: Rule, bound: Sequence[Bound]) -> Rule:
    mode: Mode | None = None
    for each in bound:
        said = each.binding.mode
        if said is not None and mode is not None and said is not mode:
            first = next(b.binding.place for b in bound if b.binding.mode is mode)
            each.reader.problems.append(_disagreement(each.binding, rule, mode, first))
        mode = mode or said
    scopes = tuple(dict.fromkeys(e.binding.scope for e in bound if e.binding.scope != Extent()))
    when = rule.when
    if when is not None and scopes:
        when = _guarded(rule, when, scopes, bound[0].reader)
    return replace(rule, scopes=scopes, when=when, mode=mode or rule.mode)


def _disagreement(binding: Binding, rule: Rule, mode: Mode, first: Place) -> Problem:
    message = f"rule `{rule.id}` is bound to two modes"
    said = binding.mode.value if binding.mode else ""
    return Problem(binding.place, message, found=said, hint=f"`{mode.value}` at {first}")


def _guarded(rule: Rule, when: Checked, scopes: Sequence[Extent], reader: Reader) -> Checked:
    """The condition behind one that the subject lies in any of the scopes."""
    fields = reader.scope(rule.subject).fields
    places: list[Checked] = []
    try:
        places = [c for s in scopes if (c := lies_in(s, rule.subject, fields, rule.place)) is not None]
    except BadInput as refused:
        reader.problems.extend(refused.problems)
    node = all_of((any_of(c.node for c in places), when.node))
    return replace(
        when,
        node=node,
        text=node.text,
        fields=tuple(dict.fromkeys(t.name for t in node.walk() if t.op is Op.FACT)),
        present=present_if(node, holds=True),
    )
