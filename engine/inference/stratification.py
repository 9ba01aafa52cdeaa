"""Whether a set of generic rules may be given to the engine: its negation is sound and its limits are kept.

The engine answers "no such fact" rightly only when no such fact can arrive later. Facts arrive in stages, so this is
decided beforehand: every fact is reduced to its kind, the ranks of the rules it names and, for a stage, its name; the
earliest and the latest stage at which each such form can be there is worked out; a rule that denies a form which may
still arrive when the rule can already match is refused. The same for every policy, because all a policy may decide is
who has which rank.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

from engine.inference.fact_kinds import KINDS, Sort
from engine.inference.generic_rule import GenericRule, Match, Term, referred
from engine.inference.generic_rules import GENERIC_RULES, counting_rules, quorum_rule, stages

RANKS = 3
"""Ranks tried. The rules speak of a rank only by equality, so three show every case: below, same, above."""

MAX_MATCHES, MAX_LEAVES, MAX_COUNT = 16, 30, 1_000
"""Matches of a rule, comparisons in one match, what it may count to. The engine's own, but for the count: 65,535."""

ORDER = stages(range(1, RANKS + 1), counted=True)

_Value = int | str
_Form = tuple[str, tuple[tuple[str, _Value], ...]]
"""A kind and its tracked fields; a rule is written as its rank."""
_Binding = Mapping[tuple[str, str], _Value]


@dataclass(frozen=True, slots=True)
class _Span:
    """The earliest and latest stage, as a number from 0."""

    earliest: int
    latest: int


def ruleset_problems(rules: Sequence[GenericRule]) -> list[str]:
    """Everything that makes these rules unfit for the engine, in words; empty when they may be used."""
    found = [f"rule `{rule.name}` {problem}" for rule in rules for problem in _shape_problems(rule)]
    found += _name_problems(rules)
    return found or list(_own_stage_problems())


@cache
def _own_stage_problems() -> tuple[str, ...]:
    """Of the rules that every policy shares: the answer is always the same."""
    return tuple(stage_problems(GENERIC_RULES, ORDER))


def stage_problems(rules: Sequence[GenericRule], order: Sequence[tuple[str, int]]) -> list[str]:
    """Every denial of a fact that may still arrive, in words.

    `order` lists the stages as (name, rank), the first one together with all given facts. One counting rule and one
    quorum of each rank are added to the rules.
    """
    ranks = range(1, RANKS + 1)
    all_rules = (*rules, *(r for n in ranks for r in (*counting_rules(n, 1, 1), quorum_rule(n, 1))))
    spans = _given(order)
    while derived := _derived(all_rules, spans):
        spans.update(derived)
    return sorted({problem for rule in all_rules for problem in _early_denials(rule, spans)})


def _given(order: Sequence[tuple[str, int]]) -> dict[_Form, _Span]:
    """The forms that come from a policy, a pattern or the adapter."""
    spans: dict[_Form, _Span] = {}
    for at, (name, rank) in enumerate(order):
        spans["stage", (("stage", name), ("rank", rank))] = _Span(at, at)
    for name, kind in KINDS.items():
        fields = _tracked(name)
        for ranks in product(range(1, RANKS + 1), repeat=len(fields)) if kind.given else ():
            form = dict(zip(fields, ranks, strict=True))
            if _is_admitted(name, form):
                spans[name, tuple(form.items())] = _Span(0, 0)
    return spans


def _tracked(kind: str) -> tuple[str, ...]:
    return tuple(f for f, sort in KINDS[kind].fields.items() if sort in (Sort.RULE, Sort.RANK, Sort.STAGE))


def _is_admitted(kind: str, ranks: Mapping[str, int]) -> bool:
    """Whether such a fact can be given at all: a rule has its own rank, and (INVARIANT) ranks above all that defeat it.

    engine.inference.logic_problems refuses a policy without such ranks.
    """
    if kind == "defeats":
        return ranks["by"] < ranks["of"]
    return "rank" not in ranks or ranks["rank"] == ranks["rule"]


def _derived(rules: Iterable[GenericRule], spans: Mapping[_Form, _Span]) -> dict[_Form, _Span]:
    """New forms, and known ones whose span became wider, by one application of every rule."""
    changed: dict[_Form, _Span] = {}
    for rule in rules:
        for binding, span in _matches(rule, spans):
            for head in rule.heads:
                values = ((f, _value(head.fields[f], binding)) for f in _tracked(head.kind))
                form = (head.kind, tuple((f, v) for f, v in values if v is not None))
                old = changed.get(form) or spans.get(form) or span
                new = _Span(min(old.earliest, span.earliest), max(old.latest, span.latest))
                if spans.get(form) != new:
                    changed[form] = new
    return changed


def _matches(rule: GenericRule, spans: Mapping[_Form, _Span]) -> Iterator[tuple[_Binding, _Span]]:
    """Every way the positive matches of a rule can be met, with the stages at which they can be met together."""
    ways: list[tuple[_Binding, _Span]] = [({}, _Span(0, 0))]
    for match in rule.matches:
        if not match.negated:
            ways = [
                (
                    {**binding, **{(match.alias, f): v for f, v in form[1]}},
                    _Span(max(span.earliest, other.earliest), max(span.latest, other.latest)),
                )
                for binding, span in ways
                for form, other in spans.items()
                if _fits(match, form, binding)
            ]
    yield from ways


def _early_denials(rule: GenericRule, spans: Mapping[_Form, _Span]) -> Iterator[str]:
    for binding, span in _matches(rule, spans):
        for match in rule.matches:
            if match.negated:
                for form, other in spans.items():
                    if _fits(match, form, binding) and other.latest >= span.earliest:
                        yield f"rule `{rule.name}` denies a `{match.kind}` that may still arrive"


def _fits(match: Match, form: _Form, binding: _Binding) -> bool:
    """Whether a fact of that form can satisfy a match; what is not tracked is taken to fit."""
    if form[0] != match.kind:
        return False
    values = dict(form[1])
    for leaf in match.leaves:
        wanted = _value(leaf.term, binding)
        if leaf.field in values and wanted is not None and not leaf.operator and values[leaf.field] != wanted:
            return False
    return True


def _value(term: Term, binding: _Binding) -> _Value | None:
    reference = referred(term)
    return binding.get(reference) if reference else term


def _shape_problems(rule: GenericRule) -> Iterator[str]:
    """What the engine would refuse late, answer wrongly or never answer (its own limits, each a little tightened)."""
    if not rule.matches or rule.matches[0].negated:
        yield "does not start with a fact that must be there"
    if len(rule.matches) > MAX_MATCHES:
        yield f"has {len(rule.matches)} matches, the engine takes {MAX_MATCHES}"
    if rule.count is not None and not 1 <= rule.count <= MAX_COUNT:
        yield f"counts to {rule.count}, which is not from 1 to {MAX_COUNT:,}"
    seen: dict[str, str] = {}
    for match in rule.matches:
        if len(match.leaves) + 1 > MAX_LEAVES:
            yield f"compares {len(match.leaves) + 1} times in one match, the engine takes {MAX_LEAVES}"
        if match.alias in seen:
            yield f"uses the alias `{match.alias}` twice"
        yield from (f"tests `{p}`" for p in _unknown_terms(match.kind, {x.field: x.term for x in match.leaves}, seen))
        if not match.negated:
            seen[match.alias] = match.kind
    yield from _head_problems(rule, seen)


def _head_problems(rule: GenericRule, aliases: Mapping[str, str]) -> Iterator[str]:
    """What would be concluded by halves, or of nothing. `aliases`: the kind that each stands for."""
    if rule.count is not None and any(referred(term) for head in rule.heads for term in head.fields.values()):
        yield "counts, and copies from one of the facts that it counted"
    for head in rule.heads:
        yield from (f"concludes `{p}`" for p in _unknown_terms(head.kind, head.fields, aliases))
        if head.kind in KINDS and set(head.fields) != set(KINDS[head.kind].fields):
            # A join on a field that a fact lacks is silence in some joins and an error in others.
            yield f"does not conclude every field of `{head.kind}`"


def _unknown_terms(kind: str, terms: Mapping[str, Term], aliases: Mapping[str, str]) -> Iterator[str]:
    """Fields that the kind does not have, and references to nothing."""
    if kind not in KINDS:
        yield kind
        return
    for field, term in terms.items():
        if field not in KINDS[kind].fields:
            yield f"{kind}.{field}"
        reference = referred(term)
        if reference and reference[1] not in KINDS.get(aliases.get(reference[0], ""), KINDS["end"]).fields:
            yield str(term)


def _name_problems(rules: Iterable[GenericRule]) -> list[str]:
    """Names that the engine could not tell apart: it knows a name only by a hash of 32 bits."""
    names = {"id", "sid", "kind", "0", "sid-0", "$pulse", "$s", "$m", "$time_left", "$mid"} | set(KINDS)
    for kind in KINDS.values():
        names |= set(kind.fields)
    for rule in rules:
        names |= {rule.name} | {m.alias for m in rule.matches}
        names |= {x.term for m in rule.matches for x in m.leaves if isinstance(x.term, str) and not referred(x.term)}
    by_hash: dict[int, str] = {}
    found = []
    for name in sorted(names):
        other = by_hash.setdefault(fnv_1a(name), name)
        if other != name:
            found.append(f"the engine cannot tell `{name}` from `{other}`")
    return found


def fnv_1a(name: str) -> int:
    """The 32-bit FNV-1a hash of a name's UTF-8 bytes (Fowler, Noll, Vo), by which the engine knows names."""
    value = 0x811C9DC5
    for byte in name.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value
